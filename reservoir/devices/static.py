"""Nodes without memory: what would the same experiment give with a fixed curve alone?"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reservoir._checks import Choice, Rule
from reservoir._types import Floats
from reservoir.devices.device import Device


@dataclass(frozen=True)
class StaticNode(Device):
    """A control: each node answers at once, by a fixed curve, and remembers nothing.

    A result that an oscillator shares with a static node does not need the oscillator's
    memory. "rectifier" is max(0, J - 1) of the drive J. It is the amplitude curve of an
    oscillator without its square root, and 1 is the threshold, so an oscillator's
    `drive_range` can stay. "tanh" is the unit of most software networks; a `drive_range` such
    as (-2, 2) covers its curve.

    Parameters
    ----------
    function : {"rectifier", "tanh"}, default="rectifier"

    Raises
    ------
    ValueError
        If there is no such function.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.devices import StaticNode
    >>> StaticNode().respond(np.array([[0.5, 1.0, 1.5]]), 1.0).tolist()
    [[0.0, 0.0, 0.5]]
    """

    function: str = "rectifier"

    silent_below_threshold = False
    drive_unit = 1.0
    damping_rate = 1.0  # Nothing depends on how long a drive is held.
    _parameter_ranges: ClassVar[dict[str, Rule]] = {
        "function": Choice(("rectifier", "tanh")),
    }

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """The curve at every drive.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            The drive J, without unit.
        hold_time : float
            Not used.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)
        """
        answer: Floats = (
            np.tanh(current) if self.function == "tanh" else np.maximum(current - 1.0, 0.0)
        )
        return answer
