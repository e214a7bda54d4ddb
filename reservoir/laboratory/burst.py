"""Where in a recording does a synchronisation burst begin?"""

import numpy as np

BURST_BITS = 6  # a burst has 2^6 - 1 values ...
RELAXATION = (0.1, 0.3, 1.0, 3.0)  # first guesses, in values of a burst
ALIKE = 0.75  # least correlation of a burst with what it should look like


def burst_signs():
    from scipy.signal import max_len_seq

    return 2.0 * max_len_seq(BURST_BITS)[0] - 1.0


def burst_template(hold, up, down, shift=0.0):
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
    return signs[index] + before[index] * np.exp((index - position) / times[index])


def likeness_everywhere(trace, template):
    """Correlation coefficient of a template with a trace, at every place."""
    from scipy.signal import fftconvolve

    n = len(template)
    template = (template - template.mean()) / (template.std() * n)
    trace = trace - trace.mean()
    sums, squares = (np.r_[0.0, np.cumsum(values)] for values in (trace, trace**2))
    mean = (sums[n:] - sums[:-n]) / n
    variance = (squares[n:] - squares[:-n]) / n - mean**2
    spread = np.sqrt(np.maximum(variance, 1e-12 * max(trace.var(), 1e-300)))
    return fftconvolve(trace, template[::-1], mode="valid") / spread


def best_match(trace, template, first=False):
    """Place (with a fraction) and likeness of the best, or the first good, match."""
    if len(trace) < len(template):
        return 0.0, 0.0
    likeness = likeness_everywhere(trace, template)
    best = int(np.argmax(likeness))
    if first:
        early = int(np.argmax(likeness > 0.95 * likeness[best]))
        best = early + int(np.argmax(likeness[early : early + len(template) // 4]))
    place = float(best)
    if 0 < best < len(likeness) - 1:
        left, middle, right = likeness[best - 1 : best + 2]
        curvature = left - 2 * middle + right
        place += 0.5 * (left - right) / curvature if curvature < 0 else 0.0
    return place, float(likeness[best])


def first_burst(trace, hold):
    """Find the first burst: template that suits the device, place, likeness."""
    from scipy.optimize import minimize

    place, likeness, start = max(
        (
            (*best_match(trace, burst_template(hold, time, time), first=True), time)
            for time in RELAXATION
        ),
        key=lambda match: match[1],
    )
    if likeness < ALIKE:
        return None, place, likeness
    # Times to rise and to fall pull the place either way, so all three are fitted.
    begin = int(place + hold / 2)
    piece = trace[begin : begin + int(hold * (2**BURST_BITS - 3))]

    def template(parameters):
        shift, up, down = parameters
        return burst_template(hold, np.exp(up), np.exp(down), np.clip(shift, 0.0, hold))

    def unlikeness(parameters):
        return 1.0 - np.corrcoef(piece, template(parameters)[: len(piece)])[0, 1]

    guess = np.array([begin - place, np.log(start), np.log(start)])
    simplex = guess + np.vstack([np.zeros(3), np.diag([hold / 4, 0.7, 0.7])])
    fit = minimize(
        unlikeness,
        guess,
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": 1e-9},
    )
    return template([0.0, *fit.x[1:]]), begin - fit.x[0], 1.0 - fit.fun
