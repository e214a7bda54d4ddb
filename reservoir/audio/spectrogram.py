"""Short-time Fourier transforms: which frequencies sound when?"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Choice, Flag, Integer, Rule
from reservoir._types import Array, Floats
from reservoir.audio.waveforms import SHARE, FrontEnd, at_unit_level

MAX_WINDOWS = 1024  # transformed at once: all windows of a long clip would take much memory


class Spectrogram(FrontEnd):
    """Short-time Fourier transform.

    Parameters
    ----------
    kind : {"signed", "magnitude", "power", "log-power"}, default="signed"
        What is kept of each bin: its real part, its modulus, its squared modulus, or the
        logarithm of the squared modulus plus 1e-10. The real part is linear in the
        waveform, so that a linear readout alone stays at chance.
    window_length : int, default=128
        Samples in a window. There are ``window_length // 2 + 1`` channels (65).
    hop_length : int, default=64
        Samples from one window to the next.
    window : str, default="hann"
        Any name that `scipy.signal.get_window` knows.
    normalize : bool, default=True
        Whether each clip is first divided by its own root mean square.
    mean_subtraction : float, default=0.0
        Share, from 0 to 1, of each channel's mean over the clip that is taken from its
        frames. The mean carries the voice and the microphone, but also a long vowel, so a
        half often serves speakers that were not heard before better than 0 or 1.
    n_jobs : int or None, default=None
        Anything but None or 1 makes a warning: one job hears all clips, because neither
        threads nor processes are faster.

    Notes
    -----
    A clip of n samples gives ``1 + (n - window_length) // hop_length`` frames. A clip that
    is shorter than a window is padded with zeros to one frame. A silent clip gives zeros
    (for "log-power", the logarithm of 1e-10).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Spectrogram
    >>> tone = np.sin(2 * np.pi * np.arange(1000) / 8)
    >>> frames = Spectrogram("magnitude").fit_transform([tone])[0]
    >>> frames.shape, int(frames[3].argmax())      # 1/8 of the rate: bin 16 of 128
    ((14, 65), 16)
    """

    _KINDS: ClassVar[Mapping[str, Callable[[Array], Floats]]] = {
        "signed": np.real,
        "magnitude": np.abs,
        "power": lambda spectrum: np.abs(spectrum) ** 2,
        "log-power": lambda spectrum: np.log(np.abs(spectrum) ** 2 + 1e-10),
    }
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "kind": Choice(tuple(_KINDS)),
        "window_length": Integer(2),
        "hop_length": Integer(1),
        "normalize": Flag(),
        "mean_subtraction": SHARE,
    }

    def __init__(
        self,
        kind: str = "signed",
        *,
        window_length: int = 128,
        hop_length: int = 64,
        window: str = "hann",
        normalize: bool = True,
        mean_subtraction: float = 0.0,
        n_jobs: int | None = None,
    ) -> None:
        self.kind = kind
        self.window_length = window_length
        self.hop_length = hop_length
        self.window = window
        self.normalize = normalize
        self.mean_subtraction = mean_subtraction
        self.n_jobs = n_jobs

    def _check_parameters(self) -> None:
        super()._check_parameters()
        window_of(self, int(self.window_length))

    def _prepare(self) -> Callable[[Floats], Floats]:
        n_window, hop = int(self.window_length), int(self.hop_length)
        window = window_of(self, n_window)
        keep = self._KINDS[self.kind]

        def frames(clip: Floats) -> Floats:
            if self.normalize:
                clip = at_unit_level(clip)
            if len(clip) < n_window:
                clip = np.pad(clip, (0, n_window - len(clip)))
            return map_spectra(keep, clip, window, hop, n_window)

        return frames


def window_of(front_end: Any, window_length: int) -> Floats:
    """The window that a front end's parameter names.

    Parameters
    ----------
    front_end : Spectrogram or MFCC
    window_length : int

    Returns
    -------
    ndarray of shape (window_length,)

    Raises
    ------
    ValueError
        If `scipy.signal.get_window` does not know the name.
    """
    from scipy.signal import get_window

    try:
        window: Floats = get_window(front_end.window, window_length)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{type(front_end).__name__}.window is {front_end.window!r}; it must be a name "
            f"that scipy.signal.get_window knows, such as 'hann' ({error})."
        ) from error
    return window


def map_spectra(
    function: Callable[[Array], Floats],
    clip: Floats,
    window: Floats,
    hop_length: int,
    n_transform: int,
) -> Floats:
    """Apply a function to the Fourier transforms of all windows, some of them at a time.

    Parameters
    ----------
    function : callable
        Takes an array of shape (n_windows, n_transform // 2 + 1) and gives an array of as
        many rows.
    clip : ndarray of shape (n_samples,)
        At least as long as the window.
    window : ndarray of shape (window_length,)
    hop_length : int
        Samples from one window to the next.
    n_transform : int
        Points of the transform, at least the length of the window; zeros fill the rest.

    Returns
    -------
    ndarray of 1 + (n_samples - window_length) // hop_length rows
    """
    views = np.lib.stride_tricks.sliding_window_view(clip, len(window))[::hop_length]
    return np.concatenate(
        [
            function(
                np.fft.rfft(views[begin : begin + MAX_WINDOWS] * window, n_transform, axis=1)
            )
            for begin in range(0, len(views), MAX_WINDOWS)
        ]
    )
