"""What do nodes that feed themselves through a delay line have in common?"""

import math
from collections.abc import Mapping

import numpy as np

from reservoir._core import delay_node as kernel
from reservoir._types import Floats
from reservoir.devices.device import Device

MAX_HOLDS = 2.0**53  # of a delay; a float no longer tells whole numbers apart beyond


class DelayNode(Device):
    r"""A nonlinear node whose own past comes back through a delay line.

    .. math:: T\,\dot x = -x + \eta\,f(x(t - \tau) + J(t))

    The input J and the delay line hold one value for every virtual node, as a digital line
    does, so a hold is solved exactly: with :math:`y = x_{k-d} + J_k`,

    .. math:: x_k = e^{-h/T} x_{k-1} + (1 - e^{-h/T})\,\eta f(y)

    where d, the delay in holds, must be a whole number. J has no unit and no threshold: the
    estimators' `drive_range` is the range of J itself.
    """

    silent_below_threshold = False
    drive_unit = 1.0
    # Fields of the subclasses.
    strength: float
    response_time: float
    delay: float
    start: float

    def default_node_time(self, n_nodes: int) -> float:
        """The delay over n_nodes + 1, which connects each node to its neighbour, in s."""
        return self.delay / (n_nodes + 1)

    def holds_of_delay(self, hold_time: float) -> int:
        """Delay in holds.

        Parameters
        ----------
        hold_time : float
            In s.

        Raises
        ------
        ValueError
            If the delay is not a whole number of holds.
        """
        exact = self.delay / hold_time
        holds = round(min(exact, MAX_HOLDS))
        if holds < 1 or abs(exact - holds) > 1e-6 * holds:
            near = max(holds, 1)
            raise ValueError(
                f"The delay of this {type(self).__name__} is {self.delay:g} s, which is "
                f"{exact:.6g} holds of {hold_time:g} s; the line holds whole values. Set "
                f"node_time to {self.delay / near:.12g} s for {near}, or change the delay."
            )
        return holds

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """State of the node at the end of every hold, for rows of held inputs J.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            J, without unit.
        hold_time : float
            In s.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)
        """
        response = np.empty_like(current)
        node = {
            "strength": self.strength,
            "exponent": 0.0,
            "phase": 0.0,
            "optoelectronic": False,
            "decay": math.exp(-hold_time / self.response_time),
            "start": self.start,
            **self.nonlinearity(),
        }
        kernel.respond(current, node, self.holds_of_delay(hold_time), response)
        return response

    def nonlinearity(self) -> Mapping[str, float]:
        """The function f, as fields of `Node` in `_core/delay_node.pyx`."""
        raise NotImplementedError
