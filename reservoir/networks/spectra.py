"""What does a network emit? Its signal and its spectrum, from the sum of its amplitudes."""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Complexes, Floats

N_SIGNAL_STEPS = 6  # needed by the spline of fifth order
RESOLUTION_BINS = 1.5  # resolution bandwidth of a Hann window, over 1 / its length
MIN_WINDOW_STEPS = 4


@dataclass(frozen=True)
class Emission:
    """Sum of all amplitudes in time, in the frame that turns at a reference frequency.

    Attributes
    ----------
    duration, step : float
        In s.
    reference : float
        In Hz.
    amplitude : ndarray of complex of shape (n_inputs, n_steps)
        After the first step, the second, and so on.
    """

    duration: float
    step: float
    reference: float
    amplitude: Complexes

    def sampled(self, sampling_rate: float) -> tuple[Floats, Floats]:
        """Times and the real signal in the laboratory's frame.

        Parameters
        ----------
        sampling_rate : float
            In Hz.

        Returns
        -------
        time : ndarray of shape (n_times,)
            In s.
        signal : ndarray of shape (n_inputs, n_times)

        Raises
        ------
        ValueError
            If there are too few steps.
        """
        from scipy.interpolate import make_interp_spline

        n_steps = self.amplitude.shape[1]
        if n_steps < N_SIGNAL_STEPS:
            raise ValueError(
                f"duration is {self.duration:.3g} s; it must hold at least {N_SIGNAL_STEPS} "
                f"steps of {self.step:.3g} s."
            )
        steps = self.step * np.arange(1, n_steps + 1)
        time = np.arange(steps[0], steps[-1], 1 / sampling_rate)
        slow = make_interp_spline(steps, self.amplitude, k=5, axis=1)(time)
        return time, (slow * np.exp(-2j * np.pi * self.reference * time)).real

    def spectrum(self, resolution: float) -> tuple[Floats, Floats]:
        """Frequencies and power, averaged over overlapping windows (Welch).

        Parameters
        ----------
        resolution : float
            Resolution bandwidth in Hz.

        Returns
        -------
        frequency : ndarray of shape (n_frequencies,)
            In Hz.
        power : ndarray of shape (n_inputs, n_frequencies)
            In dB; 0 dB is a line of power |c|^2 = 1.

        Raises
        ------
        ValueError
            If the duration is too short for the resolution, or the step too coarse.
        """
        from scipy.signal import welch

        n_steps, bins = self.amplitude.shape[1], RESOLUTION_BINS
        length = round(bins / (resolution * self.step))
        if not MIN_WINDOW_STEPS <= length <= n_steps:
            raise ValueError(
                f"resolution is {resolution:.3g} Hz; a duration of {self.duration:.3g} s at "
                f"a step of {self.step:.3g} s allows {bins / (n_steps * self.step):.3g} to "
                f"{bins / (MIN_WINDOW_STEPS * self.step):.3g} Hz."
            )
        offset, power = welch(
            self.amplitude,
            fs=1 / self.step,
            nperseg=length,
            nfft=4 * length,
            detrend=False,
            return_onesided=False,
            scaling="spectrum",
        )
        # exp(-i w t) turns clockwise: a positive frequency stands at a negative offset.
        order = np.argsort(-offset)
        floor = np.finfo(float).tiny
        return self.reference - offset[order], 10 * np.log10(power[:, order] + floor)
