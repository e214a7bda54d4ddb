"""What in a recording cannot be the answer of the device that was played?

A recorder that saturates repeats its extreme value while the currents change; one that drops
out repeats some value. What stands still for other reasons is no fault: a device is silent
below its threshold, comes to rest under a constant current, and moves by less than a step of
the converter. So these tests look at the currents that were played as well.

A node lasts for two samples at least, so what a device answers shows in more than one. A
single sample that lies far from both its neighbours is a disturbance of the recorder.
"""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Array, Floats
from reservoir.exceptions import RecordingError

MAX_LEVELS = 2**16  # of a converter; a trace with finer differences was not rounded
MAX_STEP = 1 / 40  # of a converter, over the range; a coarser one stands still often
MIN_SLOPE = 1e-4  # of the range, from one sample to the next
MIN_SHARE = 0.005  # of all nodes that must be at the extreme value to call it saturated
MIN_NODES = 4
MIN_SLOWING = 1.5  # by which a device is slower in the last step to its plateau than before
MIN_STEP_TIME = 1.5  # samples that it stays in that step; a recorder cuts off faster
MIN_RUN = 1.5  # nodes for which a value must stand still to be looked at
MIN_ROUNDED_RUN = 4.0  # the same for a rounded trace, and ...
MIN_EXCESS = 3.0  # ... times the length of ...
N_USUAL = 5  # ... this one of the longest runs
MIN_SPREAD = 1e-3  # of the currents, in their range, that must show in an exact trace ...
MIN_ROUNDED_SPREAD = 0.3  # ... or in a long run of a rounded one
MIN_SPIKE = 2.0  # of a single sample, over the range of all that lasts for longer


@dataclass(frozen=True, eq=False)
class Played:
    """Nodes of all sequences, in a recording.

    Attributes
    ----------
    begins : ndarray of shape (n_holds,)
        Sample at which each node begins, with a fraction.
    node : float
        Samples of a node.
    current : ndarray of shape (n_holds,)
        In A.
    lengths : ndarray of int of shape (n_sequences,)
        Nodes of each sequence.
    silent : float
        Current up to which the device may be silent, in A.
    """

    begins: Floats
    node: float
    current: Floats
    lengths: Array
    silent: float

    def spread(self, which: Array) -> float:
        """Range of the currents of some nodes, over that of all."""
        whole = float(np.ptp(self.current))
        return float(np.ptp(self.current[which])) / whole if whole > 0 and len(which) else 0.0


def check_whole(trace: Floats, played: Played) -> None:
    """Refuse a recording that has spikes, is saturated, or in which a value stands still.

    Parameters
    ----------
    trace : ndarray of shape (n_samples,)
    played : Played

    Raises
    ------
    RecordingError
        The message says where, and what to do.
    """
    first, last = played.begins[0], played.begins[-1] + played.node
    heard = trace[int(first) : int(last) + 1]
    _check_spikes(heard, int(first))
    step = _step(heard)
    _check_saturation(trace, heard, step, played)
    if step < MAX_STEP:
        _check_standstill(trace, heard, step, played)


def _check_spikes(heard: Floats, first: int) -> None:
    """Refuse samples that lie far from both their neighbours; `first` is that of `heard`."""
    left, middle, right = heard[:-2], heard[1:-1], heard[2:]
    # The median of three neighbours keeps all that lasts for two samples.
    lasting = np.maximum(np.minimum(left, right), np.minimum(np.maximum(left, right), middle))
    height, reach = np.abs(middle - lasting), float(np.ptp(lasting))
    if reach > 0 and height.max() > MIN_SPIKE * reach:
        worst = int(np.argmax(height))
        raise RecordingError(
            f"Sample {first + 1 + worst} of the recording is {middle[worst]:.6g}, a spike: "
            f"its neighbours are {left[worst]:.6g} and {right[worst]:.6g}, and what lasts "
            f"for more than one sample has a range of {reach:.3g}. Find what disturbs the "
            "recorder, and record again."
        )


def _step(heard: Floats) -> float:
    """Step of the converter over the range of the trace; 0 if it was not rounded."""
    values = np.unique(heard)
    if len(values) < 2:
        return 1.0
    step = float(np.diff(values).min() / (values[-1] - values[0]))
    return step if step * MAX_LEVELS > 1 else 0.0


def _silence(heard: Floats, step: float) -> float:
    """The value that a silent device may have: the lowest, unless it lies apart."""
    values = np.unique(heard)
    apart = 3 * max(step, 1e-3) * np.ptp(values)
    return float(values[0]) if len(values) > 1 and values[1] - values[0] <= apart else -np.inf


def _check_saturation(trace: Floats, heard: Floats, step: float, played: Played) -> None:
    """Refuse nodes with other currents that meet at one extreme value."""
    ends = [("highest", 1.0, -np.inf)]
    # The lowest codes of a rounded trace may be silence, or a slow growth out of it.
    ends += [("lowest", -1.0, played.silent)] if step == 0 else []
    for name, sign, silent in ends:
        extreme = float(sign * (sign * heard).max())
        at = _nodes_at(trace, extreme, played)
        if step == 0:
            at = at | _nodes_that_hit(sign * trace, sign * extreme, np.ptp(heard), played)
        there = np.flatnonzero(at & (played.current > silent))
        wanted = MIN_SPREAD if step == 0 else 0.1 + 4 * step
        enough = max(MIN_NODES, MIN_SHARE * len(at))
        alarm = len(there) >= enough and played.spread(there) > wanted
        if alarm and not (step > 0 and _comes_to_rest(heard, extreme, played.node)):
            raise RecordingError(
                f"The recording is saturated: {len(there)} of {len(at)} nodes reach exactly "
                f"its {name} value, {extreme:.6g}, and stay there, though their currents "
                "differ. Record again with a wider range of the recorder."
            )


def _nodes_at(trace: Floats, extreme: float, played: Played) -> Array:
    """Whether each node ends at exactly a value."""
    last = len(trace) - 1
    begins, ends = (
        np.minimum(np.ceil(played.begins + share * played.node).astype(int), last)
        for share in (0.5, 0.85)
    )
    changes = np.r_[0, np.cumsum(trace[1:] != trace[:-1])]
    at: Array = (changes[ends] <= changes[begins]) & (trace[begins] == extreme)
    return at


def _comes_to_rest(heard: Floats, highest: float, node: float) -> bool:
    """Whether a rounded trace comes ever slower to its highest value, and then stays there.

    So does a device whose answer no longer depends on the current. A recorder cuts off a
    trace on its way to somewhere else, which takes about as long for each of the last steps.
    """
    begins = np.r_[0, np.flatnonzero(heard[1:] != heard[:-1]) + 1]
    sizes, values = np.diff(np.r_[begins, len(heard)]), heard[begins]
    stays = np.flatnonzero((values == highest) & (sizes >= node / 3))
    stays = stays[stays >= 2]
    codes = np.unique(values)
    if len(stays) == 0 or len(codes) < 3:
        return False
    last = np.where(values[stays - 1] == codes[-2], sizes[stays - 1], 0)
    both = (last > 0) & (values[stays - 2] == codes[-3])
    before = np.where(both, sizes[stays - 2], 0)
    slows = last.sum() >= MIN_SLOWING * before.sum()
    return bool(slows and np.mean(last) >= MIN_STEP_TIME)


def _nodes_that_hit(trace: Floats, highest: float, reach: float, played: Played) -> Array:
    """Whether a trace runs into its highest value during each node, and stays there.

    A device that comes to rest comes ever slower to its value.
    """
    hits = (trace[1:-1] == highest) & (trace[2:] == highest)
    hits &= trace[:-2] < highest - MIN_SLOPE * reach
    places = np.flatnonzero(hits) + 1
    nodes = np.searchsorted(played.begins, places, side="right") - 1
    inside = (nodes >= 0) & (places < played.begins[nodes] + played.node)
    at = np.zeros(len(played.begins), dtype=bool)
    at[nodes[inside]] = True
    return at


def _check_standstill(trace: Floats, heard: Floats, step: float, played: Played) -> None:
    """Refuse a value that stands still over nodes with other currents."""
    runs = _runs(trace, played)
    lowest = _silence(heard, step)
    if step > 0:
        # A rounded trace stands still often; a dropout is much longer than the usual runs.
        sizes = sorted((size for _, size, value, _ in runs if value != lowest), reverse=True)
        usual = sizes[N_USUAL - 1] if len(sizes) >= N_USUAL else 0.0
        least = max(MIN_ROUNDED_RUN * played.node, MIN_EXCESS * usual)
        spread = MIN_ROUNDED_SPREAD
        # No device answers with a value that lies apart from all others.
        apart = heard.min() if lowest == -np.inf else np.nan
        runs = [run for run in runs if run[1] > least or run[2] == apart]
        runs = [run for run in runs if run[2] != lowest]
    else:
        spread = MIN_SPREAD
    for begin, size, value, nodes in runs:
        silent = value == lowest and (played.current[nodes] <= played.silent).all()
        if not silent and played.spread(nodes) > spread:
            raise RecordingError(
                f"The recording stands still at {value:.6g} for {size} samples from sample "
                f"{begin} on, while {len(nodes)} nodes with other currents were played: the "
                "recorder dropped out. Record again."
            )


def _runs(trace: Floats, played: Played) -> list[tuple[int, int, float, Array]]:
    """First sample, length, value and nodes of every long run of equal samples."""
    found = []
    stops = np.cumsum(played.lengths)
    for start, stop in zip(stops - played.lengths, stops, strict=True):
        first = int(np.ceil(played.begins[start]))
        piece = trace[first : int(played.begins[stop - 1] + played.node) + 1]
        edges = np.flatnonzero(piece[1:] != piece[:-1]) + 1
        begins = np.r_[0, edges]
        sizes = np.diff(np.r_[begins, len(piece)])
        for place in np.flatnonzero(sizes >= max(MIN_RUN * played.node, 6)):
            begin, size = first + int(begins[place]), int(sizes[place])
            middles = played.begins[start:stop] + 0.75 * played.node
            nodes = start + np.flatnonzero((middles > begin) & (middles < begin + size))
            found.append((begin, size, float(piece[begins[place]]), nodes))
    return found
