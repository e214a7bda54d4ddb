"""Where in a recording are the synchronisation bursts, and what was lost between them?

A burst is a maximum-length sequence of two currents, so its correlation with a recording has
one peak. The recording is compared with the answer of a device that relaxes exponentially to
each of the two currents, with a time of its own for each. Both times are fitted to the first
burst, so a slow answer does not count as a shift. Every other burst is looked for at the
distance at which it was played. A distance that is too short tells how many samples are
missing; distances that are wrong by the same share tell the true sampling rate.
"""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Floats, Integers
from reservoir.exceptions import RecordingError
from reservoir.laboratory.recording import Recording

N_BURST_BITS = 6  # a burst has 2^6 - 1 values
RELAXATION_GUESSES = (0.1, 0.3, 1.0, 3.0)  # times, in values of a burst
MIN_LIKENESS = 0.75  # correlation of a burst with its template
MAX_DRIFT = 0.2  # nodes by which the distance of two bursts may be wrong
MANY_AT_TOP = 0.05  # share of samples at exactly the highest value
RATE_RATIOS = (0.25, 0.4, 0.5, 0.8, 1.25, 2.0, 2.5, 4.0)  # of rates that people mix up


@dataclass(frozen=True, eq=False)
class BurstPlan:
    """When the bursts are played.

    Attributes
    ----------
    begins : ndarray of int of shape (n_bursts,)
        Node with which each burst begins, from the beginning of the waveform.
    holds : int
        Nodes for which each value of a burst is held.
    gap : int
        Nodes of rest around each burst.
    node_time : float
        In s.
    """

    begins: Integers
    holds: int
    gap: int
    node_time: float


@dataclass(frozen=True, eq=False)
class Match:
    """Where a template fits a trace best.

    Attributes
    ----------
    place : float
        Sample at which it begins, with a fraction.
    likeness : float
        Correlation coefficient there; 0 if the trace is shorter than the template.
    template : ndarray of shape (n_samples,)
    """

    place: float
    likeness: float
    template: Floats


def burst_signs() -> Floats:
    """Values of a burst, 1 and -1."""
    from scipy.signal import max_len_seq

    signs: Floats = 2.0 * max_len_seq(N_BURST_BITS)[0] - 1.0
    return signs


def find_bursts(recording: Recording, plan: BurstPlan) -> Floats:
    """Place of every burst in a recording.

    Parameters
    ----------
    recording : Recording
    plan : BurstPlan

    Returns
    -------
    ndarray of shape (n_bursts,)
        In samples, with fractions.

    Raises
    ------
    RecordingError
        If a burst is not where it must be, or the distances show that samples were lost or
        that the rate is not the one that is stated.
    """
    trace, node = recording.voltage, plan.node_time * recording.sample_rate
    first = _first_burst(trace, plan.holds * node)
    if first.likeness < MIN_LIKENESS:
        raise RecordingError(
            f"No synchronisation burst is in the recording (likeness {first.likeness:.2f}, "
            f"{MIN_LIKENESS} is needed): it misses the beginning, the device does not "
            f"answer, or the rate is wrong. {_rate_hint(recording, plan)}"
            f"{_saturation_hint(trace)}"
        )
    distances = np.diff(plan.begins) * node
    n_needed = int(first.place + distances.sum() + len(first.template))
    if len(trace) < n_needed - plan.gap * node:
        raise RecordingError(
            f"The recording has {len(trace)} samples, but {n_needed} are needed from its "
            "beginning to the last burst. Record from before the waveform begins to "
            f"after its end. {_rate_hint(recording, plan)}"
        )
    zero = _offset_of_match(trace, first, node)
    places, drifts = [first.place], []
    for index, distance in enumerate(distances):
        expected = places[-1] + distance
        reach = plan.gap / 2 * node + 0.02 * distance
        begin = max(int(expected - reach), 0)
        piece = trace[begin : int(expected + reach) + len(first.template)]
        match = _best_match(piece, first.template)
        if match.likeness < MIN_LIKENESS:
            raise RecordingError(
                f"The burst after sequence {index} is not within {reach:.0f} samples of "
                f"where it should be (likeness {match.likeness:.2f}): many samples were lost "
                f"before it, or the rate is wrong. {_rate_hint(recording, plan)}"
            )
        places.append(begin + match.place + zero)
        drifts.append(places[-1] - expected)
    _check_drifts(np.array(drifts), distances, node, recording.sample_rate)
    return np.array(places)


def _first_burst(trace: Floats, hold: float) -> Match:
    """The first burst, with a template that is fitted to the device.

    `hold` is the number of samples for each value. If no template is like anything in the
    trace, the match is that of the best guess.
    """
    from scipy.optimize import minimize

    guesses = [
        (_best_match(trace, _burst_template(hold, time, time), first=True), time)
        for time in RELAXATION_GUESSES
    ]
    match, start = max(guesses, key=lambda guess: guess[0].likeness)
    if match.likeness < MIN_LIKENESS:
        return match
    # Times to rise and to fall pull the place either way, so all three are fitted.
    begin = int(match.place + hold / 2)
    piece = trace[begin : begin + int(hold * (2**N_BURST_BITS - 3))]

    def template(parameters: Floats) -> Floats:
        shift, up, down = parameters
        return _burst_template(hold, np.exp(up), np.exp(down), np.clip(shift, 0.0, hold))

    def unlikeness(parameters: Floats) -> float:
        return 1.0 - float(np.corrcoef(piece, template(parameters)[: len(piece)])[0, 1])

    guess = np.array([begin - match.place, np.log(start), np.log(start)])
    simplex = guess + np.vstack([np.zeros(3), np.diag([hold / 4, 0.7, 0.7])])
    fit = minimize(
        unlikeness,
        guess,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-9},
    )
    fitted = template(np.array([0.0, *fit.x[1:]]))
    return Match(begin - fit.x[0], 1.0 - fit.fun, fitted)


def _burst_template(hold: float, up: float, down: float, shift: float = 0.0) -> Floats:
    """Answer to a burst of a device that relaxes exponentially to its two currents.

    Parameters
    ----------
    hold : float
        Samples for each value of the burst.
    up, down : float
        Relaxation times at the higher and the lower current, in values of the burst.
    shift : float
        Samples by which the burst begins earlier.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    signs = burst_signs()
    times = np.where(signs > 0, up, down)
    before = np.empty(len(signs))  # what is left at the beginning of each value
    state = -1.0
    for i, (sign, time) in enumerate(zip(signs, times, strict=True)):
        before[i] = state - sign
        state = sign + (state - sign) * np.exp(-1.0 / time)
    position = (np.arange(int(hold * len(signs)) - 1) + shift) / hold
    index = np.clip(position.astype(int), 0, len(signs) - 1)
    answer: Floats = signs[index] + before[index] * np.exp((index - position) / times[index])
    return answer


def _best_match(trace: Floats, template: Floats, first: bool = False) -> Match:
    """The best match of a template, or the first that is nearly as good."""
    if len(trace) < len(template):
        return Match(0.0, 0.0, template)
    likeness = _likeness_everywhere(trace, template)
    best = int(np.argmax(likeness))
    if first:
        early = int(np.argmax(likeness > 0.95 * likeness[best]))
        best = early + int(np.argmax(likeness[early : early + len(template) // 4]))
    place = float(best)
    if 0 < best < len(likeness) - 1:
        # The peak of a parabola through three points.
        left, middle, right = likeness[best - 1 : best + 2]
        curvature = left - 2 * middle + right
        place += 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    return Match(place, float(likeness[best]), template)


def _likeness_everywhere(trace: Floats, template: Floats) -> Floats:
    """Correlation coefficient of a template with a trace, at every place."""
    from scipy.signal import fftconvolve

    n = len(template)
    template = (template - template.mean()) / (template.std() * n)
    trace = trace - trace.mean()
    sums, squares = (np.r_[0.0, np.cumsum(values)] for values in (trace, trace**2))
    mean = (sums[n:] - sums[:-n]) / n
    variance = (squares[n:] - squares[:-n]) / n - mean**2
    spread = np.sqrt(np.maximum(variance, 1e-12 * max(trace.var(), 1e-300)))
    likeness: Floats = fftconvolve(trace, template[::-1], mode="valid") / spread
    return likeness


def _offset_of_match(trace: Floats, first: Match, node: float) -> float:
    """Samples from the place that a mere match finds to the fitted place of the first burst.

    The other bursts are matched without a fit; the same offset is added to each.
    """
    begin = max(int(first.place - node), 0)
    piece = trace[begin : int(first.place + node) + len(first.template)]
    return first.place - begin - _best_match(piece, first.template).place


def _check_drifts(drifts: Floats, distances: Floats, node: float, sample_rate: float) -> None:
    """Refuse distances between bursts that are wrong; all in samples but `sample_rate`."""
    wrong = np.abs(drifts) > max(MAX_DRIFT * node, 1.0)
    stretch = drifts / distances
    if wrong.sum() > 1 and np.ptp(stretch) < 0.1 * np.abs(stretch).min():
        true_rate = sample_rate * (1 + stretch.mean())
        raise RecordingError(
            f"The recording runs at {true_rate:.6g} Hz, not at {sample_rate:.6g} Hz: the "
            "distances between all bursts are wrong by the same share. State the true rate."
        )
    if wrong.any():
        found = ", ".join(
            f"{abs(drift):.0f} {'lost' if drift < 0 else 'too many'} in sequence {index}"
            for index, drift in enumerate(drifts)
            if wrong[index]
        )
        raise RecordingError(
            f"The recording does not hold all samples: {found}. Record again."
        )


def _saturation_hint(trace: Floats) -> str:
    """A sentence about samples at the end of the recorder's range, if there are many."""
    share = float(np.mean(trace == trace.max()))
    if share < MANY_AT_TOP:
        return ""
    return (
        f" {100 * share:.0f} % of its samples are exactly its highest value: the recorder "
        "may be saturated."
    )


def _rate_hint(recording: Recording, plan: BurstPlan) -> str:
    """A sentence that says whether the first burst fits better at another sampling rate."""
    hold = plan.holds * plan.node_time
    rates = recording.sample_rate * np.array([1.0, *RATE_RATIOS])
    likeness = [_first_burst(recording.voltage, hold * rate).likeness for rate in rates]
    best = int(np.argmax(likeness))
    if best == 0 or likeness[best] < MIN_LIKENESS:
        return f"It was read as sampled at {recording.sample_rate:.6g} Hz."
    return (
        f"It was read as sampled at {recording.sample_rate:.6g} Hz; at "
        f"{rates[best]:.6g} Hz the first burst would fit better (likeness "
        f"{likeness[best]:.2f})."
    )
