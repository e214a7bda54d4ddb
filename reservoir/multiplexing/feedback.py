"""How much of the amplitude comes back, and after how many nodes?"""

import numbers
from typing import Any, NamedTuple

import numpy as np

from reservoir._warnings import warn_user
from reservoir.devices import Device
from reservoir.exceptions import UncoupledNodesWarning


class Feedback(NamedTuple):
    """What an estimator's parameters amount to.

    Attributes
    ----------
    loop_gain : float
        Factor by which a slow change of the amplitude has grown after one turn of the loop.
    gain : float
        Current in units of the threshold current for each unit of amplitude.
    delays : tuple of int
        Delays in nodes. It is empty without feedback.
    """

    loop_gain: float
    gain: float
    delays: tuple[int, ...]


def learn_feedback(owner: Any, oscillator: Device, longest_series: int) -> Feedback:
    """Gain and delays, from an estimator's parameters and its device.

    Parameters
    ----------
    owner : estimator
        Its parameters have been checked.
    oscillator : device
    longest_series : int
        Frames of the longest series of the training data.

    Returns
    -------
    Feedback

    Raises
    ------
    ValueError
        If the loop would be unstable, or a delay is longer than every series.
    """
    name, n_nodes = type(owner).__name__, int(owner.n_nodes)
    slope = mean_slope(oscillator, owner.drive_range)
    gain = float(owner.feedback_gain)
    loop_gain = gain * slope
    if owner.loop_gain is not None:
        loop_gain = float(owner.loop_gain)
        gain = loop_gain / slope if slope > 0 else 0.0
    if gain == 0:
        return Feedback(loop_gain, 0.0, ())
    if not abs(loop_gain) < 1:
        raise ValueError(
            f"The loop gain of {name} is {loop_gain:.3g}: at -1 and below, or at 1 "
            "and above, what is fed back grows at every turn: the loop is unstable. "
            f"Choose a loop_gain between -1 and 1, or a feedback_gain between "
            f"{-1 / slope:.3g} and {1 / slope:.3g} for this drive_range."
        )
    delays = owner.feedback_delay
    if delays is None:
        delays = n_nodes + 1
    delays = (delays,) if isinstance(delays, numbers.Integral) else tuple(delays)
    delays = tuple(int(delay) for delay in delays)
    longest = longest_series * n_nodes
    if max(delays) >= longest:
        raise ValueError(
            f"{name}.feedback_delay is {max(delays)} nodes, but the longest series has "
            f"{longest} ({longest_series} frames of {n_nodes} nodes): "
            "nothing would ever be fed back. Shorten the delay or lengthen the series."
        )
    if n_nodes in delays and n_nodes > 1:
        warn_user(
            f"{name}.feedback_delay is {n_nodes}, which is n_nodes: each node hears "
            "its own past only, so the nodes are not coupled to each other by the "
            f"feedback. {n_nodes + 1} (the default) connects each to its neighbour.",
            UncoupledNodesWarning,
        )
    return Feedback(loop_gain, gain, delays)


def mean_slope(oscillator: Device, drive_range: tuple[float, float]) -> float:
    """Mean slope of the amplitude at rest over the range, per threshold current."""
    low, high = (float(limit) for limit in drive_range)
    unit = oscillator.drive_unit
    change = np.sqrt(oscillator.stationary_power(high * unit)) - np.sqrt(
        oscillator.stationary_power(low * unit)
    )
    return float(change) / (high - low)
