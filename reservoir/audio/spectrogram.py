"""Short-time Fourier transforms: which frequencies sound when?"""

import numpy as np

from reservoir._checks import check_integer
from reservoir.audio.waveforms import FrontEnd, level

TOGETHER = 1024  # windows: a long clip shall not need its own size times their length


class Spectrogram(FrontEnd):
    """Short-time Fourier transform.

    Parameters
    ----------
    kind : {"signed", "magnitude", "power", "log-power"}, default="signed"
        What is kept of each bin: its real part (linear in the waveform, so that a linear
        readout alone stays at chance), modulus, squared modulus, or the logarithm of the
        latter plus 1e-10.
    window_length : int, default=128
        Samples in a window; gives ``window_length // 2 + 1`` channels (65).
    hop_length : int, default=64
        Samples from one window to the next.
    window : str, default="hann"
        Any name that `scipy.signal.get_window` knows.
    normalize : bool, default=True
        Divide each clip by its own root mean square first.
    n_jobs : int or None, default=None
        Threads that share the clips. The frames do not depend on it.

    Notes
    -----
    A clip of n samples gives ``1 + (n - window_length) // hop_length`` frames; a clip
    shorter than a window is padded with zeros to one frame. A silent clip gives zeros
    (for "log-power" the logarithm of 1e-10).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.audio import Spectrogram
    >>> tone = np.sin(2 * np.pi * np.arange(1000) / 8)
    >>> frames = Spectrogram("magnitude").fit_transform([tone])[0]
    >>> frames.shape, int(frames[3].argmax())      # 1/8 of the rate: bin 16 of 128
    ((14, 65), 16)
    """

    def __init__(
        self,
        kind="signed",
        window_length=128,
        hop_length=64,
        window="hann",
        normalize=True,
        n_jobs=None,
    ):
        self.kind = kind
        self.window_length = window_length
        self.hop_length = hop_length
        self.window = window
        self.normalize = normalize
        self.n_jobs = n_jobs

    _KINDS = {
        "signed": np.real,
        "magnitude": np.abs,
        "power": lambda spectrum: np.abs(spectrum) ** 2,
        "log-power": lambda spectrum: np.log(np.abs(spectrum) ** 2 + 1e-10),
    }

    def _check_parameters(self):
        if self.kind not in self._KINDS:
            raise ValueError(
                f"Spectrogram.kind is {self.kind!r}; it must be one of "
                f"{', '.join(self._KINDS)}."
            )
        check_integer(self, "window_length", 2)
        check_integer(self, "hop_length", 1)

    def _prepare(self):
        from scipy.signal import get_window

        window = get_window(self.window, self.window_length)
        keep = self._KINDS[self.kind]

        def frames(clip):
            if self.normalize:
                clip = clip / level(clip)
            if len(clip) < self.window_length:
                clip = np.pad(clip, (0, self.window_length - len(clip)))
            return map_spectra(keep, clip, window, self.hop_length, self.window_length)

        return frames


def map_spectra(function, clip, window, hop_length, n_transform):
    """Apply a function to the Fourier transforms of all windows, some of them at a time.

    Parameters
    ----------
    function : callable
        Takes an array of shape (n, n_transform // 2 + 1), gives one of n rows.
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
                np.fft.rfft(views[begin : begin + TOGETHER] * window, n_transform, axis=1)
            )
            for begin in range(0, len(views), TOGETHER)
        ]
    )
