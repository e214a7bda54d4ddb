"""The Mackey-Glass node of the first delay-line reservoir."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

from reservoir._checks import Real, Rule
from reservoir.devices.delay_node import DelayNode
from reservoir.devices.presets import Preset


@dataclass(frozen=True)
class MackeyGlassNode(DelayNode):
    r"""An electronic Mackey-Glass oscillator with its delay line.

    .. math:: T\,\dot x = -x + \eta\,\frac{y}{1 + |y|^p},\quad y = x(t - \tau) + J(t)

    Parameters
    ----------
    strength : float, default=0.8
        eta. Without input, memory fades as long as eta lies below 1.
    exponent : float, default=1.0
        p, positive. It was 1 in the speech experiment of [1]_, and 7 for its time series.
    delay : float, default=80.0
        tau, in s.
    response_time : float, default=1.0
        T, in s.
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
    .. [1] L. Appeltant et al., Nat. Commun. 2, 468 (2011).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import simulate
    >>> from reservoir.devices import MackeyGlassNode
    >>> node = MackeyGlassNode(strength=0.5, exponent=1.0, delay=2.0)
    >>> x = simulate(node, np.full(400, 0.3), hold_time=0.2)  # x = 0.5 y/(1 + y), y = x + 0.3
    >>> round(float(x[-1]), 6), bool(abs(x[-1] - 0.5 * (x[-1] + 0.3) / (x[-1] + 1.3)) < 1e-12)
    (0.156776, True)
    """

    strength: float = 0.8
    exponent: float = 1.0
    delay: float = 80.0
    _: KW_ONLY
    response_time: float = 1.0
    start: float = 0.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "strength": Real(what="strength"),
        "exponent": Real(above=0, what="exponent"),
        "delay": Real(above=0, what="time in s"),
        "response_time": Real(above=0, what="time in s"),
        "start": Real(what="state"),
    }
    presets = {
        "appeltant2011": Preset(
            {"strength": 0.8, "exponent": 1.0, "delay": 80.0, "response_time": 1.0},
            "Electronic Mackey-Glass node of Appeltant et al., Nat. Commun. 2, 468 (2011), "
            "in units of its response time. delay 80 response times = 400 nodes of 0.2: "
            "node spacing 0.2 and 400 nodes read in texts that quote the paper. exponent 1 "
            "(speech; 7 for time series): read there too. strength 0.8, with an input range"
            " of about (-0.5, 0.5): recalled, not checked. The paper's delay is exactly "
            "n_nodes holds: give node_time=0.2; the default, delay/(n_nodes + 1), is a "
            "later idea.",
        ),
    }

    def nonlinearity(self) -> Mapping[str, float]:
        """``f(y) = y / (1 + |y|^exponent)``."""
        return {"exponent": float(self.exponent)}
