"""Models of the inner ear: what does the auditory nerve say?"""

from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np

from reservoir._checks import POSITIVE, Choice, Flag, Integer, OrNone, Real, Rule
from reservoir._types import Floats
from reservoir.audio.gammatone import erb_spaced, gammatone_ear
from reservoir.audio.lyon import SPEECH_LEVEL, lyon_center_frequencies, lyon_ear
from reservoir.audio.waveforms import SHARE, FrontEnd, at_unit_level


class Cochleagram(FrontEnd):
    """Model of the inner ear: filters, rectified, smoothed and compressed.

    Parameters
    ----------
    sample_rate : float
        Sampling rate of the waveforms, in Hz.
    model : {"gammatone", "lyon"}, default="gammatone"
        "gammatone" is a bank of gammatone filters in parallel, compressed by a power law.
        "lyon" is Lyon's passive ear, a cascade of filters with coupled automatic gain
        control.

    *The gammatone bank*

    n_channels : int or None, default=None
        Gammatone filters, equally spaced on the ERB-rate scale; None stands for 78. It must
        be None for Lyon's ear, whose number of channels follows from its `step`.
    low_frequency : float, default=80.0
        Centre of the lowest gammatone filter, in Hz.
    high_frequency : float or None, default=None
        Centre of the highest gammatone filter, in Hz; None stands for 0.45 `sample_rate`,
        but at most 3600 Hz.

    *Lyon's ear*

    quality : float, default=8.0
        Frequency over bandwidth of the places far above 1 kHz. It is above 1/2.
    step : float, default=0.25
        Distance from one place to the next, in bandwidths. The default gives 64 channels at
        8 kHz, 78 at 12.5 kHz, 86 at 16 kHz.

    *The frames of both models*

    frame_rate : float, default=100.0
        Frames per second.
    smoothing_frequency : float or None, default=None
        Corner of the low-pass after rectification, in Hz. The gammatone bank has a
        second-order Butterworth filter, and None stands for 50 Hz. Lyon's ear has two
        running means after the gain control, and None stands for ``frame_rate / (6 pi)``, a
        time constant of three frames.
    compression : float or None, default=None
        Exponent applied to the output. None stands for 1/3 for the gammatone bank, and for
        1 for Lyon's ear, whose gain control compresses.
    normalize : bool, default=True
        Whether each clip is first divided by its own root mean square. For Lyon's ear, whose
        targets are absolute, it is then multiplied by 0.05, the level of speech in many
        recordings.
    mean_subtraction : float, default=0.0
        Share, from 0 to 1, of each channel's mean over the clip that is taken from its
        frames. The mean carries the voice and the microphone, but also a long vowel, so a
        half often serves speakers that were not heard before better than 0 or 1.
    n_jobs : int or None, default=None
        Threads that share the clips. The frames do not depend on it.

    Notes
    -----
    Each gammatone filter of order four is a cascade of four second-order sections [1]_, with
    bandwidth 1.019 ERB(f), ERB(f) = 24.7 (1 + 4.37 f / 1 kHz) Hz [2]_, and unit gain at its
    centre. Lyon's ear [3]_ is the one that Slaney implemented [4]_, see
    `reservoir.audio.lyon`; its output is of the order of the last target, 4e-4.

    Channels go from low to high frequencies. A clip of n samples gives
    ``ceil(n * frame_rate / sample_rate)`` frames; each frame is the smoothed output at the
    last sample of its interval. A silent clip gives zeros.

    References
    ----------
    .. [1] M. Slaney, "An efficient implementation of the Patterson-Holdsworth auditory
       filter bank", Apple Computer Technical Report 35 (1993).
    .. [2] B. R. Glasberg and B. C. J. Moore, Hearing Research 47, 103 (1990).
    .. [3] R. F. Lyon, "A computational model of filtering, detection, and compression in
       the cochlea", ICASSP 1982, 1282.
    .. [4] M. Slaney, "Lyon's cochlear model", Apple Computer Technical Report 13 (1988).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Cochleagram
    >>> ear = Cochleagram(8000)
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(3520) / 8000)
    >>> frames = ear.fit_transform([tone])[0]
    >>> frames.shape
    (44, 78)
    >>> float(ear.center_frequencies()[frames[30].argmax()].round())
    990.0
    >>> Cochleagram(8000, model="lyon").fit_transform([tone])[0].shape
    (44, 64)
    """

    works_in_kernel = True
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "sample_rate": Real(above=0, what="rate in Hz"),
        "model": Choice(("gammatone", "lyon")),
        "n_channels": OrNone(Integer(1)),
        "low_frequency": Real(above=0, what="frequency in Hz"),
        "high_frequency": OrNone(Real(above=0, what="frequency in Hz")),
        "quality": Real(above=0.5, what="ratio of frequency and bandwidth"),
        "step": Real(above=0, what="number of bandwidths"),
        "frame_rate": Real(above=0, what="rate in Hz"),
        "smoothing_frequency": OrNone(Real(above=0, what="frequency in Hz")),
        "compression": OrNone(POSITIVE),
        "normalize": Flag(),
        "mean_subtraction": SHARE,
    }

    def __init__(
        self,
        sample_rate: float,
        *,
        model: str = "gammatone",
        n_channels: int | None = None,
        low_frequency: float = 80.0,
        high_frequency: float | None = None,
        quality: float = 8.0,
        step: float = 0.25,
        frame_rate: float = 100.0,
        smoothing_frequency: float | None = None,
        compression: float | None = None,
        normalize: bool = True,
        mean_subtraction: float = 0.0,
        n_jobs: int | None = None,
    ) -> None:
        self.sample_rate = sample_rate
        self.model = model
        self.n_channels = n_channels
        self.low_frequency = low_frequency
        self.high_frequency = high_frequency
        self.quality = quality
        self.step = step
        self.frame_rate = frame_rate
        self.smoothing_frequency = smoothing_frequency
        self.compression = compression
        self.normalize = normalize
        self.mean_subtraction = mean_subtraction
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.model == "gammatone":
            self._check_gammatone()
        else:
            self._check_lyon()
        for name, value in (
            ("frame_rate", self.frame_rate),
            ("smoothing_frequency", self._smoothing_frequency()),
        ):
            if not value < self.sample_rate / 2:
                raise ValueError(
                    f"Cochleagram.{name} is {value} Hz; it must be below half the sampling "
                    f"rate ({self.sample_rate / 2} Hz)."
                )

    def _check_gammatone(self) -> None:
        high = self._highest_center()
        if not self.low_frequency <= high < self.sample_rate / 2:
            raise ValueError(
                f"Cochleagram.high_frequency is {high} Hz; it must lie between "
                f"low_frequency ({self.low_frequency} Hz) and half the sampling rate "
                f"({self.sample_rate / 2} Hz). Is sample_rate right?"
            )

    def _check_lyon(self) -> None:
        if self.n_channels is not None:
            raise ValueError(
                f"Cochleagram.n_channels is {self.n_channels!r}; Lyon's ear has as many as "
                "its step gives. Leave n_channels at None and change step."
            )
        if len(self.center_frequencies()) == 0:
            raise ValueError(
                f"Cochleagram.sample_rate is {self.sample_rate} Hz; Lyon's ear with step "
                f"{self.step} has no place below half of it. Is it right? If so, take a "
                "smaller step."
            )

    def highest_frequency(self, sample_rate: float) -> float:
        """Up to which frequency waveforms are heard.

        Parameters
        ----------
        sample_rate : float
            Sampling rate of the waveforms, in Hz.

        Returns
        -------
        float
            Centre of the highest gammatone filter, in Hz, or half of `sample_rate` for Lyon's
            ear.
        """
        return self._highest_center() if self.model == "gammatone" else sample_rate / 2

    def _highest_center(self) -> float:
        if self.high_frequency is None:
            return min(3600.0, 0.45 * self.sample_rate)
        return self.high_frequency

    def _smoothing_frequency(self) -> float:
        if self.smoothing_frequency is not None:
            return self.smoothing_frequency
        return 50.0 if self.model == "gammatone" else self.frame_rate / (6 * np.pi)

    def center_frequencies(self) -> Floats:
        """Centres of the channels in Hz, lowest first.

        Returns
        -------
        ndarray of shape (n_channels,)
        """
        if self.model == "lyon":
            return lyon_center_frequencies(self.sample_rate, self.quality, self.step)[::-1]
        n_channels = 78 if self.n_channels is None else self.n_channels
        return erb_spaced(self.low_frequency, self._highest_center(), n_channels)

    def _prepare(self) -> Callable[[Floats], Floats]:
        smoothing = self._smoothing_frequency()
        if self.model == "lyon":
            ear = lyon_ear(self.sample_rate, self.quality, self.step, smoothing)
            exponent, loudness = 1.0, SPEECH_LEVEL
        else:
            ear = gammatone_ear(self.center_frequencies(), self.sample_rate, smoothing)
            exponent, loudness = 1 / 3, 1.0
        if self.compression is not None:
            exponent = self.compression
        interval = self.sample_rate / self.frame_rate

        def frames(clip: Floats) -> Floats:
            if self.normalize:
                clip = at_unit_level(clip) * loudness
            n_frames = int(np.ceil(len(clip) / interval - 1e-9))
            ends = np.ceil(np.arange(1, n_frames + 1) * interval - 1e-9)
            output = ear(clip, np.minimum(ends.astype(np.intp), len(clip)) - 1)
            # A tiny signal keeps the filters from denormals; in the output it is silence.
            output[output < 1e-30] = 0.0
            return output**exponent

        return frames
