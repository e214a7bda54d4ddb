"""Lyon's passive ear: a cascade of filters along the cochlea, and coupled gain control.

R. F. Lyon, "A computational model of filtering, detection, and compression in the cochlea",
ICASSP 1982, 1282; with the constants of M. Slaney, "Lyon's cochlear model", Apple Computer
Technical Report 13 (1988). Sound passes the outer and middle ear (a high-pass and a
compensator), then place after place of the basilar membrane, from high to low frequencies.
Every place is a resonator with a notch a little above it,

    bandwidth(f) = sqrt(f^2 + f_b^2) / quality,

so that the sound that reaches a place has lost what the places before it took. The output
of a place is rectified and compressed by four stages of gain control. The output of the next
place is then subtracted from it, which sharpens the tuning, and the difference is smoothed
and sampled.

One stage of gain control turns x into y and keeps a state s at every place i,

    y_i = x_i (1 - s_i),
    s_i <- min(e y_i / target + (1 - e) (s_{i-1} + s_i + s_{i+1}) / 3, 0.9),

e = 1 - exp(-1 / (time constant * sampling rate)): a loud sound turns the gain down around
its place, first quickly and a little, then slowly and more.
"""

from collections.abc import Callable

import numpy as np

from reservoir._aligned import aligned_zeros
from reservoir._core import cochlea
from reservoir._types import FloatOrArray, Floats, Integers

BREAK_FREQUENCY = 1000.0  # f_b in Hz: bandwidths are nearly equal below it
ZERO_OFFSET = 1.5  # distance of the notch above the resonance, in steps
SHARPNESS = 5.0  # quality of the notch, in qualities of the resonance
HIGH_PASS_FREQUENCY = 300.0  # corner of the outer and middle ear, in Hz
TARGETS = np.array([0.0032, 0.0016, 0.0008, 0.0004])  # one for each stage of gain control
TIME_CONSTANTS = np.array([0.64, 0.16, 0.04, 0.01])  # of the same stages, in s
MAX_STATE = 0.9  # of a stage of gain control
N_FRONT_PLACES = 2  # sections before the cochlea: high-pass and compensator
SPEECH_LEVEL = 0.05  # root mean square of speech that was recorded with care for full scale


def lyon_center_frequencies(
    sample_rate: float, quality: float = 8.0, step: float = 0.25
) -> Floats:
    """Places of the cascade, highest first.

    Each place is `step` bandwidths below the one before it. The first place leaves room for
    its notch below half the sampling rate. The last place is where the resonance ends, at a
    quality of 1/2.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    quality : float, default=8.0
        Frequency over bandwidth of places far above 1 kHz. It is above 1/2.
    step : float, default=0.25
        Distance of two places in bandwidths.

    Returns
    -------
    ndarray of shape (n_channels,)
        In Hz; empty if the sampling rate is too low.
    """
    # With f = f_b sinh(x), a step of one bandwidth in f is a step of 1 / quality in x.
    top = np.arcsinh(_top_frequency(sample_rate, quality, step) / BREAK_FREQUENCY)
    lowest = np.arcsinh(1 / np.sqrt(4 * quality**2 - 1))
    n_channels = max(int((top - lowest) * quality / step), 0)
    steps = np.arange(1, n_channels + 1)
    centers: Floats = BREAK_FREQUENCY * np.sinh(top - steps * step / quality)
    return centers


def lyon_sections(sample_rate: float, quality: float = 8.0, step: float = 0.25) -> Floats:
    """The cascade as second-order sections.

    Parameters
    ----------
    sample_rate : float
        In Hz.
    quality : float, default=8.0
        Frequency over bandwidth of places far above 1 kHz.
    step : float, default=0.25
        Distance of neighbouring places, in bandwidths.

    Returns
    -------
    ndarray of shape (2 + n_channels, 6)
        Rows b0, b1, b2, 1, a1, a2, as `scipy.signal.sosfilt` takes them: high-pass,
        compensator, then one row for each channel, highest first.

    Examples
    --------
    >>> from reservoir.audio import lyon_sections
    >>> lyon_sections(8000.0).shape[1]                       # b0, b1, b2, 1, a1, a2
    6
    """
    centers = lyon_center_frequencies(sample_rate, quality, step)
    bandwidths = _bandwidth(centers, quality)
    notches = centers + bandwidths * step * ZERO_OFFSET
    zeros = _resonance(notches, SHARPNESS * notches / bandwidths, sample_rate)
    poles = _resonance(centers, centers / bandwidths, sample_rate)
    # The gain of a place for slow sounds: the frequency of the place before it over its own.
    ratios = centers[:-1] / centers[1:]
    gains = np.concatenate([ratios[:1], ratios]) if len(ratios) else np.ones(len(centers))
    zeros *= (gains * poles.sum(axis=1) / zeros.sum(axis=1))[:, None]

    # The front has a gain of 1 at a quarter of the sampling rate, where 1/z is -i.
    powers = np.array([1, -1j, -1])
    high_pass = np.array([1, -np.exp(-2 * np.pi * HIGH_PASS_FREQUENCY / sample_rate), 0])
    high_pass /= abs(high_pass @ powers)
    top = _top_frequency(sample_rate, quality, step)
    top_poles = _resonance(top, centers[0] / bandwidths[0], sample_rate)
    compensator = np.array([1.0, 0.0, -1.0])
    compensator /= abs(compensator @ powers) / abs(top_poles @ powers)
    return np.block([[high_pass, 1, 0, 0], [compensator, top_poles], [zeros, poles]])


def lyon_ear(
    sample_rate: float, quality: float, step: float, smoothing_frequency: float
) -> Callable[[Floats, Integers], Floats]:
    """A function from a waveform and instants to the outputs of the ear there.

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
    shares = -np.expm1(-1 / (TIME_CONSTANTS * sample_rate))
    control = np.stack(
        [shares / TARGETS, (1 - shares) / 3, np.full_like(shares, MAX_STATE)], axis=1
    )
    smoothing_share = -np.expm1(-2 * np.pi * smoothing_frequency / sample_rate)
    scratch = {
        "wave": (cochlea.layout["steps"] + n_places - 1, line + width),
        "states": (2, width),
        "gains": (2, len(control), line + width + line),
        "sound": (line + width,),
        "means": (2, width),
    }

    def ear(waveform: Floats, instants: Integers) -> Floats:
        output = np.empty((len(instants), n_places - N_FRONT_PLACES))
        cochlea.lyon(
            waveform=waveform,
            sections=sections,
            n_places=n_places,
            control=control,
            share=smoothing_share,
            instants=instants,
            frames=output,
            **{name: aligned_zeros(shape, np.float64) for name, shape in scratch.items()},
        )
        return output

    return ear


def _bandwidth(frequency: FloatOrArray, quality: float) -> FloatOrArray:
    return np.hypot(frequency, BREAK_FREQUENCY) / quality


def _top_frequency(sample_rate: float, quality: float, step: float) -> float:
    """Half the sampling rate, less the room that the first notch needs."""
    half = sample_rate / 2
    top: float = half - _bandwidth(half, quality) * step * (ZERO_OFFSET - 1)
    return top


def _resonance(frequency: FloatOrArray, quality: FloatOrArray, sample_rate: float) -> Floats:
    """Coefficients 1, a1, a2 of a damped oscillation, in the last axis."""
    radius = np.exp(-np.pi * frequency / (quality * sample_rate))
    # Rounding must not make the resonance overdamped where the quality is 1/2.
    angle = (
        2 * np.pi * frequency / sample_rate * np.sqrt(np.maximum(1 - 0.25 / quality**2, 0))
    )
    return np.stack([np.ones_like(radius), -2 * radius * np.cos(angle), radius**2], axis=-1)
