"""The optoelectronic node: a modulator's sin^2 in a loop of fibre."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from reservoir._checks import Real, Rule
from reservoir.devices.delay_node import DelayNode
from reservoir.devices.presets import Preset


@dataclass(frozen=True)
class OptoelectronicNode(DelayNode):
    r"""An intensity modulator, a fibre and a low-pass filter in a loop.

    .. math:: T\,\dot x = -x + \beta \sin^2(x(t - \tau) + J(t) + \Phi)

    Parameters
    ----------
    strength : float, default=0.9
        beta. The slope of the sine squared is at most 1, so memory fades if beta is below 1.
    phase : float, default=pi/4
        Phi, the bias of the modulator, in rad.
    delay : float, default=8.5e-6
        tau, in s.
    response_time : float, default=16e-9
        T of the low-pass filter, in s.
    start : float, default=0.0
        x before the first input.

    Raises
    ------
    TypeError
        If a parameter is no number.
    ValueError
        If a parameter is outside its range.

    See Also
    --------
    reservoir.devices.delay_node.DelayNode : The exact step; the delay in whole holds.

    References
    ----------
    .. [1] Y. Paquot et al., Sci. Rep. 2, 287 (2012).
    .. [2] L. Larger et al., Opt. Express 20, 3241 (2012).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import simulate
    >>> from reservoir.devices import OptoelectronicNode
    >>> node = OptoelectronicNode(strength=0.5, delay=1e-6)
    >>> x = simulate(node, np.full(400, 0.1), hold_time=1e-7)
    >>> bool(abs(x[-1] - 0.5 * np.sin(x[-1] + 0.1 + np.pi / 4) ** 2) < 1e-12)
    True
    """

    strength: float = 0.9
    phase: float = math.pi / 4
    delay: float = 8.5e-6
    _: KW_ONLY
    response_time: float = 16e-9
    start: float = 0.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "strength": Real(what="strength"),
        "phase": Real(what="angle in rad"),
        "delay": Real(above=0, what="time in s"),
        "response_time": Real(above=0, what="time in s"),
        "start": Real(what="state"),
    }
    presets = {
        "paquot2012": Preset(
            {"strength": 0.9, "phase": 0.3, "delay": 8.5e-6, "response_time": 16e-9},
            "Optoelectronic loop of Paquot et al., Sci. Rep. 2, 287 (2012). delay 8.5 us "
            "(about 1.7 km of fibre) with 50 nodes and delay = (n_nodes + 1) holds, which "
            "is the default here: recalled, not checked. response_time 16 ns (a filter of "
            "10 MHz, a tenth of a node, so that nodes are coupled by the extra hold of the "
            "delay alone): assumed. strength 0.9 and phase 0.3: chosen here; the paper "
            "scans both.",
        ),
    }

    def nonlinearity(self) -> Mapping[str, float]:
        """f(y) = sin(y + phase)^2."""
        return {"phase": float(self.phase), "optoelectronic": True}
