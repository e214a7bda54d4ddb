"""Lyon's passive ear: a cascade of filters along the cochlea, and coupled gain control.

R. F. Lyon, "A computational model of filtering, detection, and compression in the cochlea",
ICASSP 1982, 1282; with the constants of M. Slaney, "Lyon's cochlear model", Apple Computer
Technical Report 13 (1988). Sound passes the outer and middle ear (a high-pass and a
compensator), then place after place of the basilar membrane, from high to low frequencies.
Every place is a resonator with a notch a little above it,

    bandwidth(f) = sqrt(f^2 + f_b^2) / quality,

so that what reaches a place has lost what the places before it took. The output of a place
is rectified, compressed by four stages of gain control, and what the next place says is
taken away from it, which sharpens the tuning; then it is smoothed and sampled.

One stage of gain control turns x into y and keeps a state s at every place i,

    y_i = x_i (1 - s_i),
    s_i <- min(e y_i / target + (1 - e) (s_{i-1} + s_i + s_{i+1}) / 3, 0.9),

e = 1 - exp(-1 / (time constant * sampling rate)): a loud sound turns the gain down around
its place, first quickly and a little, then slowly and more.
"""

import numpy as np

from reservoir._aligned import aligned_zeros
from reservoir._core import cochlea

BREAK_FREQUENCY = 1000.0  # f_b in Hz: bandwidths are even below it
ZERO_OFFSET = 1.5  # of the notch above the resonance, in steps
SHARPNESS = 5.0  # quality of the notch, in qualities of the resonance
HIGH_PASS = 300.0  # corner of the outer and middle ear, in Hz
TARGETS = np.array([0.0032, 0.0016, 0.0008, 0.0004])  # of the stages of gain control
TIMES = np.array([0.64, 0.16, 0.04, 0.01])  # their time constants, in s
LARGEST_STATE = 0.9
FRONT = 2  # places before the cochlea
SPEECH_LEVEL = 0.05  # root mean square of speech that was recorded with care for full scale


def lyon_center_frequencies(sample_rate, quality=8.0, step=0.25):
    """Places of the cascade, highest first.

    Each is `step` bandwidths below the one before it. The first leaves room for its notch
    below half the sampling rate, the last is where the resonance ends (a quality of 1/2).

    Parameters
    ----------
    sample_rate : float
        In Hz.
    quality : float, default=8.0
        Frequency over bandwidth far above 1 kHz; above 1/2.
    step : float, default=0.25
        Distance of two places in bandwidths.

    Returns
    -------
    ndarray of shape (n_channels,)
        In Hz; empty if the sampling rate is too low.
    """
    # With f = f_b sinh(x), a step of one bandwidth is one of 1 / quality in x.
    top = np.arcsinh(_top_frequency(sample_rate, quality, step) / BREAK_FREQUENCY)
    lowest = np.arcsinh(1 / np.sqrt(4 * quality**2 - 1))
    n_channels = max(int((top - lowest) * quality / step), 0)
    return BREAK_FREQUENCY * np.sinh(top - np.arange(1, n_channels + 1) * step / quality)


def lyon_sections(sample_rate, quality=8.0, step=0.25):
    """The cascade as second-order sections.

    Parameters
    ----------
    sample_rate, quality, step : float
        As in `lyon_center_frequencies`.

    Returns
    -------
    ndarray of shape (2 + n_channels, 6)
        Rows b0, b1, b2, 1, a1, a2, as `scipy.signal.sosfilt` takes them: high-pass,
        compensator, then one row for each channel, highest first.
    """
    centers = lyon_center_frequencies(sample_rate, quality, step)
    bandwidths = _bandwidth(centers, quality)
    notches = centers + bandwidths * step * ZERO_OFFSET
    zeros = _resonance(notches, SHARPNESS * notches / bandwidths, sample_rate)
    poles = _resonance(centers, centers / bandwidths, sample_rate)
    # The gain of a place for slow sounds is the ratio of the place before it to its own.
    ratios = centers[:-1] / centers[1:]
    gains = np.concatenate([ratios[:1], ratios]) if len(ratios) else np.ones(len(centers))
    zeros *= (gains * poles.sum(axis=1) / zeros.sum(axis=1))[:, None]

    # The front has a gain of 1 at a quarter of the sampling rate, where 1/z is -i.
    powers = np.array([1, -1j, -1])
    high_pass = np.array([1, -np.exp(-2 * np.pi * HIGH_PASS / sample_rate), 0])
    high_pass /= abs(high_pass @ powers)
    top = _top_frequency(sample_rate, quality, step)
    top_poles = _resonance(top, centers[0] / bandwidths[0], sample_rate)
    compensator = np.array([1.0, 0.0, -1.0])
    compensator /= abs(compensator @ powers) / abs(top_poles @ powers)
    return np.block([[high_pass, 1, 0, 0], [compensator, top_poles], [zeros, poles]])


def lyon_ear(sample_rate, quality, step, smoothing_frequency):
    """A function from a waveform and instants to outputs of the ear there.

    Parameters
    ----------
    sample_rate, quality, step : float
        As in `lyon_center_frequencies`.
    smoothing_frequency : float
        Corner of each of two running means, in Hz.

    Returns
    -------
    callable
        ``ear(waveform, instants)`` gives an array of shape (n_instants, n_channels).
    """
    rows = lyon_sections(sample_rate, quality, step)
    n_places = len(rows)
    places, line = cochlea.layout["places"], cochlea.layout["line"]
    width = -(-n_places // places) * places
    sections = np.zeros((5, width))
    sections[:, :n_places] = np.delete(rows, 3, axis=1).T
    shares = -np.expm1(-1 / (TIMES * sample_rate))
    control = np.stack(
        [shares / TARGETS, (1 - shares) / 3, np.full_like(shares, LARGEST_STATE)], axis=1
    )
    smoothing_share = -np.expm1(-2 * np.pi * smoothing_frequency / sample_rate)
    scratch = [
        (cochlea.layout["steps"] + n_places - 1, line + width),
        (2, width),
        (2, len(control), line + width + line),
        (line + width,),
        (2, width),
    ]

    def ear(waveform, instants):
        output = np.empty((len(instants), n_places - FRONT))
        cochlea.lyon(
            waveform,
            sections,
            n_places,
            control,
            smoothing_share,
            instants,
            *(aligned_zeros(shape, np.float64) for shape in scratch),
            output,
        )
        return output

    return ear


def _bandwidth(frequency, quality):
    return np.hypot(frequency, BREAK_FREQUENCY) / quality


def _top_frequency(sample_rate, quality, step):
    """Half the sampling rate, less the room that the first notch needs."""
    half = sample_rate / 2
    return half - _bandwidth(half, quality) * step * (ZERO_OFFSET - 1)


def _resonance(frequency, quality, sample_rate):
    """Coefficients 1, a1, a2 of a damped oscillation, in the last axis."""
    radius = np.exp(-np.pi * frequency / (quality * sample_rate))
    # Rounding must not make it overdamped where the quality is 1/2.
    angle = (
        2 * np.pi * frequency / sample_rate * np.sqrt(np.maximum(1 - 0.25 / quality**2, 0))
    )
    return np.stack([np.ones_like(radius), -2 * radius * np.cos(angle), radius**2], axis=-1)
