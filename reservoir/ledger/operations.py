"""How many operations does a front end take? Counted by formula, step by step.

A division counts as a multiplication, a subtraction as an addition. Comparisons, copies and
what keeps filters from tiny numbers are not counted. Coefficients are known beforehand. A
sum of n numbers takes n additions, because it begins at 0.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from reservoir.audio import MFCC, Cochleagram, Spectrogram, Speed, Trim
from reservoir.audio.resampling import HALF_LENGTH
from reservoir.audio.waveforms import Clips, check_waveforms

SECTIONS_OF_GAMMATONE = 4
STAGES_OF_LYON = 4
FRONT_PLACES_OF_LYON = 2  # sections before the cochlea


@dataclass(frozen=True)
class Operations:
    """A number of operations.

    Attributes
    ----------
    multiplications, additions : float
    functions : float
        Logarithms, roots and powers.

    Examples
    --------
    >>> from reservoir.ledger import Operations
    >>> 3 * Operations(multiplications=2, additions=1) + Operations(functions=1)
    Operations(multiplications=6.0, additions=3.0, functions=1.0)
    """

    multiplications: float = 0.0
    additions: float = 0.0
    functions: float = 0.0

    def __add__(self, other: "Operations") -> "Operations":
        """The operations of both."""
        return Operations(
            self.multiplications + other.multiplications,
            self.additions + other.additions,
            self.functions + other.functions,
        )

    def __mul__(self, number: float) -> "Operations":
        """The operations of so many times."""
        return Operations(
            self.multiplications * number, self.additions * number, self.functions * number
        )

    __rmul__ = __mul__

    @property
    def total(self) -> float:
        """Operations of all kinds."""
        return self.multiplications + self.additions + self.functions


NONE = Operations()
PRODUCT = Operations(1, 1)  # a multiplication whose result is added to a sum


def hear(front_end: Any, X: Clips) -> tuple[Any, Operations | None]:
    """What a front end makes of clips, and the operations that it takes for all of them.

    Parameters
    ----------
    front_end : transformer, or pipeline of them
        A `Cochleagram`, `MFCC`, `Spectrogram`, `Trim` or `Speed` can be counted.
    X : list, tuple or array of 1-D waveforms

    Returns
    -------
    frames : ndarray of object of shape (n_clips,)
    operations : Operations or None
        None if nobody has counted a step.
    """
    steps = [step for _, step in front_end.steps] if isinstance(front_end, Pipeline) else None
    total: Operations | None = NONE
    for step in [front_end] if steps is None else steps:
        if step is None or step == "passthrough":
            continue
        heard = X
        X = step.transform(heard)
        if total is None or type(step) not in COUNTS:
            total = None
            continue
        for clip in check_waveforms(heard):
            total += operations_of(step, len(clip))
    return X, total


def operations_of(step: Any, n_samples: int) -> Operations:
    """Operations of one step of a front end for one clip.

    Parameters
    ----------
    step : Cochleagram, MFCC, Spectrogram, Trim or Speed
    n_samples : int
        Of the clip.

    Returns
    -------
    Operations

    Raises
    ------
    TypeError
        If nobody has counted such a step.

    Examples
    --------
    >>> from reservoir.audio import Spectrogram
    >>> from reservoir.ledger import operations_of
    >>> operations_of(Spectrogram(normalize=False), 128)
    Operations(multiplications=1286.0, additions=1672.0, functions=0.0)
    """
    if type(step) not in COUNTS:
        names = ", ".join(kind.__name__ for kind in COUNTS)
        raise TypeError(
            f"The operations of a {type(step).__name__} are not counted; those of {names} "
            "are."
        )
    return COUNTS[type(step)](step, int(n_samples))


def fourier(n_points: int) -> Operations:
    """A real Fourier transform of n points by a complex one of half as many, of radix 2.

    A number of points that is no power of two is counted as if the formula held.
    """
    half = n_points / 2
    stages = math.log2(half) if half > 1 else 0.0
    butterflies = half / 2 * stages
    return Operations(4, 6) * butterflies + Operations(6, 8) * (half + 1)


def _unit_level(n_samples: int) -> Operations:
    """A clip divided by its root mean square."""
    return PRODUCT * n_samples + Operations(1, 0, 1) + Operations(1) * n_samples


def _mean_subtraction(step: Any, n_frames: int, n_channels: int) -> Operations:
    if step.mean_subtraction == 0:
        return NONE
    return Operations(0, 2) * (n_frames * n_channels) + Operations(2) * n_channels


# Of each bin of a spectrum.
KINDS: Mapping[str, Operations] = {
    "signed": NONE,
    "magnitude": Operations(2, 1, 1),
    "power": Operations(2, 1),
    "log-power": Operations(2, 2, 1),
}


def _of_spectrogram(step: Spectrogram, n_samples: int) -> Operations:
    n_window, hop = int(step.window_length), int(step.hop_length)
    n_bins = n_window // 2 + 1
    n_frames = 1 + max(n_samples - n_window, 0) // hop
    frame = Operations(1) * n_window + fourier(n_window) + KINDS[step.kind] * n_bins
    level = _unit_level(n_samples) if step.normalize else NONE
    return level + frame * n_frames + _mean_subtraction(step, n_frames, n_bins)


def _of_mfcc(step: MFCC, n_samples: int) -> Operations:
    n_window, hop = step._lengths()
    n_transform = step._transform_length()
    bands = step._mel_bands()
    n_frames = 1 + n_samples // hop
    n_mels, n_coefficients = len(bands), int(step.n_coefficients)
    frame = Operations(1) * n_window + fourier(n_transform)
    frame += KINDS["power"] * bands.shape[1]
    frame += PRODUCT * float(np.count_nonzero(bands))
    frame += Operations(1, 0, 1) * n_mels + PRODUCT * (n_mels * n_coefficients)
    frame += Operations(2, 3) * (n_coefficients * int(step.n_deltas))
    n_channels = n_coefficients * (1 + int(step.n_deltas))
    # One more for the floor below the loudest power.
    total: Operations = frame * n_frames + Operations(0, 1)
    if step.normalize:
        total += _unit_level(n_samples)
    if step.standardize:
        total += Operations(2, 3) * (n_frames * n_channels) + Operations(2, 0, 1) * n_channels
    return total + _mean_subtraction(step, n_frames, n_channels)


def _of_cochleagram(step: Cochleagram, n_samples: int) -> Operations:
    n_channels = len(step.center_frequencies())
    n_frames = math.ceil(n_samples * step.frame_rate / step.sample_rate - 1e-9)
    total = _unit_level(n_samples) if step.normalize else NONE
    if step.model == "gammatone":
        # The gain, the sections, and the smoothing of what is rectified.
        sample = Operations(1) + Operations(3, 3) * SECTIONS_OF_GAMMATONE + Operations(5, 4)
        total += sample * (n_samples * n_channels)
        exponent = 1 / 3
    else:
        if step.normalize:
            total += Operations(1) * n_samples  # the level of speech
        # A section, its stages of gain control, and the smoothing of differences.
        sample = Operations(5, 4) + Operations(3, 4) * STAGES_OF_LYON + Operations(2, 5)
        total += sample * (n_samples * (n_channels + FRONT_PLACES_OF_LYON))
        exponent = 1.0
    if step.compression is not None:
        exponent = float(step.compression)
    if exponent != 1:
        total += Operations(0, 0, 1) * (n_frames * n_channels)
    return total + _mean_subtraction(step, n_frames, n_channels)


def _of_trim(step: Trim, n_samples: int) -> Operations:
    window, hop = round(0.025 * step.sample_rate), round(0.01 * step.sample_rate)
    n_windows = len(range(0, max(n_samples - window, 0) + hop, hop))
    return PRODUCT * n_samples + Operations(0, 1) * n_windows + Operations(1)


def _of_speed(step: Speed, n_samples: int) -> Operations:
    ratio = Fraction(float(step.factor)).limit_denominator(100)
    if ratio == 1:
        return NONE
    up, down = ratio.denominator, ratio.numerator
    n_taps = math.ceil((2 * HALF_LENGTH * max(up, down) + 1) / up)
    return PRODUCT * (n_taps * math.ceil(n_samples * up / down))


COUNTS: Mapping[type, Callable[[Any, int], Operations]] = {
    Spectrogram: _of_spectrogram,
    MFCC: _of_mfcc,
    Cochleagram: _of_cochleagram,
    Trim: _of_trim,
    Speed: _of_speed,
}
