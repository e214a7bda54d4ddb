"""Coupled oscillators that answer by whom they lock to."""

import copy
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from reservoir._checks import (
    check_integer,
    check_integer_value,
    check_number,
    check_positive,
    check_positive_value,
)
from reservoir._randomness import stream_of
from reservoir.couplings import Links, spread_phases
from reservoir.devices import SpinTorqueOscillator
from reservoir.networks.integration import Oscillators, integrate

DEFAULT_OSCILLATOR = "romera2018"
SPACING = 11e6  # Hz between the default frequencies
TUNING = (1.1, 3.5)  # currents that `tune` may choose, in units of the threshold
COARSEST = 1.5  # rad that anything may turn in one step
FEATURES = ("locked", "coherence", "amplitude", "frequency")


@dataclass(frozen=True)
class NetworkResponse:
    """What a spectrum analyser tells about every oscillator under every input.

    Attributes
    ----------
    frequency : ndarray of shape (n_inputs, n_oscillators)
        Mean frequency while measuring, in Hz.
    power : ndarray of shape (n_inputs, n_oscillators)
        Mean power, without unit.
    coherence : ndarray of shape (n_inputs, n_oscillators, n_sources)
        How steadily each oscillator follows each source, 0 to 1: the size of the mean of
        c times the conjugate of the source, over the rms amplitude.
    locked : ndarray of int of shape (n_inputs, n_oscillators)
        The source each oscillator is locked to, or -1.
    """

    frequency: np.ndarray
    power: np.ndarray
    coherence: np.ndarray
    locked: np.ndarray


class OscillatorNetwork(TransformerMixin, BaseEstimator):
    r"""Spin-torque oscillators that hear each other and microwave sources.

    Each complex amplitude follows Slavin and Tiberkevich [1]_, with the rates of its
    device (`SpinTorqueOscillator`), the couplings K and sources of frequencies f_s:

    .. math:: \dot c_i = -2\pi i f_i(|c_i|^2, I_i) c_i + \tfrac12 (a_i - b_i |c_i|^2) c_i
        + \sum_j K_{ij} c_j + F \sum_s e^{-2\pi i f_s t} + \text{noise}

    As a transformer it takes the frequencies of the sources, one row an input, and gives
    what the oscillators do: whom they are locked to, and how steadily.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator, preset name or None, default=None
        None stands for `SpinTorqueOscillator.from_preset("romera2018")`. The oscillators are
        this device up to their frequencies.
    n_oscillators : int, default=4
    frequencies : array-like of shape (n_oscillators,), default=None
        Frequency of each device at rest at the current `bias`, in Hz. None: 11 MHz apart
        around the device's own.
    currents : array-like of shape (n_oscillators,), default=None
        In A, above the threshold; they tune the frequencies. None: all at `bias`.
    bias : float, default=2.0
        Current at which `frequencies` hold, in units of the threshold; above 1.
    coupling : complex, or matrix of shape (n_oscillators, n_oscillators), default=0
        K_ij in 1/s, dense or sparse; a number couples every pair alike (through the
        common current), at a cost that grows with the number of oscillators only. The
        diagonal must be 0. `reservoir.couplings` makes matrices of neighbours and dipoles.
    injection : float, default=2e7
        Strength of every source, F over the amplitude at rest at `bias`, in 1/s.
    linewidth : float, default=0.0
        Full width at half maximum of every free oscillator's line, in Hz, from thermal
        noise of the strength that makes it: (1 + nu^2) D / p0 = 2 pi linewidth.
    step : float, default=4e-9
        In s. Without noise the step is of fourth order: amplitudes after 6 us are within
        1e-3 of a converged run's (median over sources; near the edges of locking they are
        not). With noise it is of weak order two: phases are off by 0.1 rad, who is locked
        stays.
    settling_time, measuring_time : float, default=1.5e-6 and 3e-6
        In s.
    tolerance : float, default=0.3e6
        An oscillator is locked to a source if its mean frequency is that close, in Hz.
    features : sequence of str, default=("locked", "coherence")
        What `transform` gives: "locked" (1 for the source it is locked to), "coherence",
        "amplitude" (rms), "frequency" (mean, in units of the spacing of the network). The
        mean frequency of a locked oscillator is the input itself.
    dtype : {"float64", "float32"}, default="float64"
    random_state : int, RandomState instance or None, default=None
        Seed of the noise, which depends on it, on the input and on `dtype`, not on the
        order.
    n_jobs : int or None, default=None
        Threads.

    Raises
    ------
    ValueError
        If a parameter is not as described: a current at or below the threshold, a coupling
        of the wrong shape or not finite, a step too coarse for the frequencies.
    SimulationError
        If an amplitude changes too fast for the step: through damping, coupling, sources or
        noise. The message says which oscillator, and a step that would do.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).
    .. [2] M. Romera et al., Nature 563, 230 (2018).

    Examples
    --------
    >>> from reservoir import OscillatorNetwork
    >>> network = OscillatorNetwork()
    >>> network.natural_frequencies() / 1e6
    array([339.5, 350.5, 361.5, 372.5])
    >>> network.measure([[341e6, 362e6]]).locked
    array([[ 0, -1,  1, -1]])
    """

    def __init__(
        self,
        oscillator=None,
        n_oscillators=4,
        *,
        frequencies=None,
        currents=None,
        bias=2.0,
        coupling=0.0,
        injection=2e7,
        linewidth=0.0,
        step=4e-9,
        settling_time=1.5e-6,
        measuring_time=3e-6,
        tolerance=0.3e6,
        features=("locked", "coherence"),
        dtype="float64",
        random_state=None,
        n_jobs=None,
    ):
        self.oscillator = oscillator
        self.n_oscillators = n_oscillators
        self.frequencies = frequencies
        self.currents = currents
        self.bias = bias
        self.coupling = coupling
        self.injection = injection
        self.linewidth = linewidth
        self.step = step
        self.settling_time = settling_time
        self.measuring_time = measuring_time
        self.tolerance = tolerance
        self.features = features
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    # ------------------------------------------------------------------ the devices

    def natural_frequencies(self):
        """Frequency of every oscillator alone, at its current, in Hz.

        Returns
        -------
        ndarray of shape (n_oscillators,)
        """
        device = self._device()
        return self._frequencies_at(self._currents(device), device)

    def tuning_ranges(self):
        """Lowest and highest frequency that `tune` can give each oscillator, in Hz.

        Returns
        -------
        ndarray of shape (n_oscillators, 2)
        """
        device = self._device()
        limits = device.stationary_frequency(
            np.append(
                self._bias_current(device), np.multiply(TUNING, device.threshold_current)
            )
        )
        return self._device_frequencies(device)[:, None] + np.sort(limits[1:] - limits[0])

    def locking_half_width(self):
        r"""Detuning up to which one weak source locks an oscillator at `bias`, in Hz.

        .. math:: \Delta f = \sqrt{1 + \nu^2} F / (2 \pi \sqrt{p_0})

        Returns
        -------
        float
        """
        device = self._device()
        check_number(self, "injection", 0.0, "finite and not negative")
        slope = device.nonlinear_shift(self._bias_current(device))
        return float(np.sqrt(1 + slope**2) * self.injection / (2 * np.pi))

    def source_limits(self):
        """Lowest and highest frequency of a source that an oscillator can be tuned to hear.

        Returns
        -------
        tuple of two floats
            In Hz.
        """
        width = self.locking_half_width()
        known = np.append(self.tuning_ranges().ravel(), self.natural_frequencies())
        return float(known.min() - width), float(known.max() + width)

    def tune(self, frequencies):
        """The same network with the currents that give these natural frequencies.

        Parameters
        ----------
        frequencies : array-like of shape (n_oscillators,)
            In Hz.

        Returns
        -------
        OscillatorNetwork
            A copy; this one stays as it is.

        Raises
        ------
        ValueError
            If a frequency is outside the tuning range of its oscillator.
        """
        device = self._device()
        wanted = self._per_oscillator("frequencies", frequencies)
        ranges = self.tuning_ranges()
        outside = np.flatnonzero((wanted < ranges[:, 0]) | (wanted > ranges[:, 1]))
        if outside.size:
            first = outside[0]
            raise ValueError(
                f"Oscillator {first} cannot be tuned to {wanted[first] / 1e6:.2f} MHz; its "
                f"range is {ranges[first, 0] / 1e6:.2f} to {ranges[first, 1] / 1e6:.2f} MHz "
                f"({TUNING[0]} to {TUNING[1]} times the threshold current)."
            )
        bias = device.stationary_frequency(self._bias_current(device))
        target = bias + wanted - self._device_frequencies(device)
        tuned = copy.copy(self)
        limits = (limit * device.threshold_current for limit in TUNING)
        tuned.currents = device.current_at(target, *limits)
        return tuned

    # ------------------------------------------------------------------ experiments

    def measure(self, X=None, *, currents=None):
        """Let the network settle under every input, then measure.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
            Frequencies of the sources, in Hz. None: no source, one row.
        currents : array-like of shape (n_inputs, n_oscillators), default=None
            Currents under every input, in A. None: those of the network.

        Returns
        -------
        NetworkResponse

        Raises
        ------
        ValueError
            If X is not finite, or a source is too far away from every oscillator; if a
            current is at or below the threshold.
        """
        if currents is not None:
            currents = self._check_currents(currents)
        X = self._check_sources(X, 1 if currents is None else len(currents))
        if currents is not None and len(currents) != len(X):
            raise ValueError(
                f"currents has {len(currents)} rows and X has {len(X)}; give one row for "
                "every input."
            )
        reference, response = self._run(
            X, self.settling_time, self.measuring_time, currents=currents
        )
        frequency = reference + response.turn / (2 * np.pi)
        amplitude = np.sqrt(response.power)[:, :, None]
        return NetworkResponse(
            frequency=frequency,
            power=response.power,
            coherence=np.abs(response.overlap) / np.maximum(amplitude, 1e-300),
            locked=self._locked(frequency, X),
        )

    def simulate(self, X=None, *, duration, steps_per_record=1):
        """Amplitudes in time, from rest.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
            Frequencies of the sources, in Hz. None: no source, one row.
        duration : float
            In s.
        steps_per_record : int, default=1
            Steps from one recorded amplitude to the next.

        Returns
        -------
        time : ndarray of shape (n_records,)
            In s.
        amplitude : ndarray of complex of shape (n_inputs, n_records, n_oscillators)
            In the frame that turns at the reference frequency: times
            exp(-2 pi i reference time) it is the one in the laboratory.
        reference : float
            In Hz.
        """
        check_positive_value("duration", duration)
        check_integer_value("steps_per_record", steps_per_record, 1)
        X = self._check_sources(X)
        reference, response = self._run(X, 0.0, duration, steps_per_record)
        record = response.record
        if not record.shape[1]:
            raise ValueError(
                f"duration is {duration:.3g} s, shorter than one record: {steps_per_record} "
                f"steps of {self.step:.3g} s."
            )
        time = self.step * steps_per_record * np.arange(1, record.shape[1] + 1)
        return time, record, reference

    def emitted_signal(self, X=None, *, duration, sampling_rate):
        """What all oscillators emit together, the sum of their real amplitudes.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
        duration : float
            In s, after settling.
        sampling_rate : float
            In Hz; above twice the highest frequency, or the signal folds.

        Returns
        -------
        time : ndarray of shape (n_times,)
            In s.
        signal : ndarray of shape (n_inputs, n_times)
            In units of an amplitude sqrt(p).
        """
        from scipy.interpolate import make_interp_spline

        check_positive_value("sampling_rate", sampling_rate)
        steps, signal, reference = self._emit(X, duration)
        if len(steps) < 6:
            raise ValueError(
                f"duration is {duration:.3g} s; it must hold at least 6 steps of "
                f"{self.step:.3g} s."
            )
        time = np.arange(steps[0], steps[-1], 1 / sampling_rate)
        slow = make_interp_spline(steps, signal, k=5, axis=1)(time)
        return time, (slow * np.exp(-2j * np.pi * reference * time)).real

    def power_spectrum(self, X=None, *, duration=20e-6, resolution=0.2e6):
        """The emitted power as a spectrum analyser shows it.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
        duration : float, default=20e-6
            In s, after settling; spectra of its parts are averaged (Welch).
        resolution : float, default=0.2e6
            Resolution bandwidth in Hz; at least 1.5 / duration.

        Returns
        -------
        frequency : ndarray of shape (n_frequencies,)
            In Hz.
        power : ndarray of shape (n_inputs, n_frequencies)
            In dB; 0 dB is a line of power |c|^2 = 1. Points lie six to a resolution
            bandwidth, so that no line loses more than 0.1 dB between them.

        Raises
        ------
        ValueError
            If the duration is too short for the resolution.
        """
        from scipy.signal import welch

        check_positive_value("resolution", resolution)
        steps, signal, reference = self._emit(X, duration)
        length = round(1.5 / (resolution * self.step))  # of a Hann window
        if not 4 <= length <= len(steps):
            raise ValueError(
                f"resolution is {resolution:.3g} Hz; a duration of {duration:.3g} s at a "
                f"step of {self.step:.3g} s allows {1.5 / (len(steps) * self.step):.3g} to "
                f"{1.5 / (4 * self.step):.3g} Hz."
            )
        offset, power = welch(
            signal,
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
        return reference - offset[order], 10 * np.log10(power[:, order] + floor)

    def synchronization_map(self, first, second):
        """Who is locked to which of two sources, over a grid of their frequencies.

        Parameters
        ----------
        first, second : array-like of shape (n_first,) and (n_second,)
            In Hz.

        Returns
        -------
        ndarray of int of shape (n_first, n_second, n_oscillators)
            The source each oscillator is locked to, or -1.
        """
        first, second = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
        if first.ndim != 1 or second.ndim != 1:
            raise ValueError(
                f"The grid's frequencies have shapes {first.shape} and {second.shape}; each "
                "must be a list of numbers."
            )
        grid = np.stack(np.meshgrid(first, second, indexing="ij"), axis=-1)
        locked = self.measure(grid.reshape(-1, 2)).locked
        return locked.reshape(len(first), len(second), -1)

    def mutual_synchronization(self, currents=None):
        """Who runs at one frequency with whom when no source is on.

        Parameters
        ----------
        currents : array-like of shape (n_inputs, n_oscillators), default=None
            In A: inputs that are currents. None: those of the network.

        Returns
        -------
        groups : ndarray of int of shape (n_oscillators,), or that of `currents`
            Equal numbers for oscillators whose mean frequencies agree within `tolerance`,
            directly or through others; 0 for the lowest.
        frequencies : ndarray of the same shape
            In Hz.

        Examples
        --------
        >>> from reservoir import OscillatorNetwork
        >>> pair = OscillatorNetwork(
        ...     n_oscillators=2, frequencies=[356e6, 356e6], coupling=1.4e6 + 2.6e6j
        ... )
        >>> groups, _ = pair.mutual_synchronization([[4e-3, 4.1e-3], [4e-3, 4.4e-3]])
        >>> groups
        array([[0, 0],
               [0, 1]])
        """
        frequency = self.measure(currents=currents).frequency
        order = np.argsort(frequency, axis=1)
        breaks = np.diff(np.take_along_axis(frequency, order, axis=1)) > self.tolerance
        ranks = np.pad(np.cumsum(breaks, axis=1), ((0, 0), (1, 0)))
        groups = np.empty_like(ranks)
        np.put_along_axis(groups, order, ranks, axis=1)
        return (groups[0], frequency[0]) if currents is None else (groups, frequency)

    # ------------------------------------------------------------------ transformer

    def fit(self, X, y=None):
        """Check parameters and inputs; nothing is learned.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources)
            Frequencies of the sources, in Hz.
        y : ignored

        Returns
        -------
        self
        """
        validate_data(self, X, dtype=np.float64)
        listed = np.iterable(self.features) and not isinstance(self.features, str)
        if not (listed and len(self.features) and set(self.features) <= set(FEATURES)):
            raise ValueError(
                f"OscillatorNetwork.features is {self.features!r}; choose from "
                f"{', '.join(FEATURES)}."
            )
        self._check_sources(X)
        self.seed_ = int(check_random_state(self.random_state).randint(2**31))
        return self

    def transform(self, X):
        """What the oscillators do under every input.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources)

        Returns
        -------
        ndarray of shape (n_inputs, n_features)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        response = self.measure(X)
        n_sources = X.shape[1]
        center = self.natural_frequencies().mean()
        columns = {
            "locked": lambda: response.locked[:, :, None] == np.arange(n_sources),
            "coherence": lambda: response.coherence,
            "amplitude": lambda: np.sqrt(response.power),
            "frequency": lambda: (response.frequency - center) / SPACING,
        }
        return np.concatenate(
            [columns[name]().reshape(len(X), -1).astype(float) for name in self.features],
            axis=1,
        )

    def get_feature_names_out(self, input_features=None):
        """Names such as ``locked_2_to_0`` (oscillator 2, source 0) or ``amplitude_3``."""
        check_is_fitted(self)
        names = []
        for kind in self.features:
            for oscillator in range(self.n_oscillators):
                if kind in ("locked", "coherence"):
                    names += [
                        f"{kind}_{oscillator}_to_{source}"
                        for source in range(self.n_features_in_)
                    ]
                else:
                    names.append(f"{kind}_{oscillator}")
        return np.array(names, dtype=object)

    # ------------------------------------------------------------------ inside

    def _device(self):
        device = DEFAULT_OSCILLATOR if self.oscillator is None else self.oscillator
        if isinstance(device, str):
            return SpinTorqueOscillator.from_preset(device)
        if not isinstance(device, SpinTorqueOscillator):
            raise TypeError(
                f"OscillatorNetwork.oscillator is a {type(device).__name__}; it must be a "
                "SpinTorqueOscillator, the name of a preset, or None."
            )
        return device

    def _bias_current(self, device):
        check_number(
            self, "bias", np.nextafter(1, 2), "above 1 (the threshold), or nothing oscillates"
        )
        return self.bias * device.threshold_current

    def _per_oscillator(self, name, values):
        check_integer(self, "n_oscillators", 1)
        try:
            numbers = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            found = f"is {values!r:.60}"
        else:
            found = f"has shape {numbers.shape}"
            if numbers.shape == (self.n_oscillators,):
                wrong = numbers[~(np.isfinite(numbers) & (numbers > 0))]
                if not wrong.size:
                    return numbers
                found = f"holds {wrong[0]:g}"
        raise ValueError(
            f"{name} {found}; it must hold {self.n_oscillators} positive, finite numbers, "
            "one for each oscillator."
        )

    def _device_frequencies(self, device):
        if self.frequencies is not None:
            return self._per_oscillator("OscillatorNetwork.frequencies", self.frequencies)
        check_integer(self, "n_oscillators", 1)
        center = device.stationary_frequency(self._bias_current(device))
        return center + SPACING * (
            np.arange(self.n_oscillators) - (self.n_oscillators - 1) / 2
        )

    def _frequencies_at(self, currents, device):
        """Natural frequencies at these currents, of the same shape."""
        start = device.stationary_frequency(self._bias_current(device))
        return self._device_frequencies(device) + (
            device.stationary_frequency(currents) - start
        )

    def _currents(self, device):
        threshold = device.threshold_current
        if self.currents is None:
            check_integer(self, "n_oscillators", 1)
            return np.full(self.n_oscillators, self._bias_current(device))
        currents = self._per_oscillator("OscillatorNetwork.currents", self.currents)
        return self._above_threshold(currents, threshold)

    def _check_currents(self, currents):
        """Checked currents of every input."""
        currents = check_array(currents, dtype=np.float64)
        check_integer(self, "n_oscillators", 1)
        if currents.shape[1] != self.n_oscillators:
            raise ValueError(
                f"currents has shape {currents.shape}; it must hold {self.n_oscillators} "
                "numbers for every input, one for each oscillator."
            )
        return self._above_threshold(currents, self._device().threshold_current)

    @staticmethod
    def _above_threshold(currents, threshold):
        low = np.argwhere(currents <= threshold)
        if len(low):
            *row, oscillator = low[0]
            under = f" under input {row[0]}" if row else ""
            raise ValueError(
                f"The current of oscillator {oscillator}{under} is "
                f"{currents[tuple(low[0])]:.4g} A; it must be above the threshold of "
                f"{threshold:.4g} A, or the oscillator is silent."
            )
        return currents

    def _check_parameters(self):
        for name in ("step", "measuring_time", "tolerance"):
            check_positive(self, name)
        for name in ("linewidth", "settling_time"):
            check_number(self, name, 0.0, "finite and not negative")
        if self.dtype not in ("float64", "float32", np.float64, np.float32):
            raise ValueError(
                f"OscillatorNetwork.dtype is {self.dtype!r}; it must be float64 or float32."
            )

    def _check_sources(self, X, n_inputs=1):
        if X is None:
            return np.zeros((n_inputs, 0))
        X = check_array(X, dtype=np.float64)
        low, high = self.source_limits()
        row, column = np.nonzero((X < low) | (X > high)) if X.size else ((), ())
        if len(row):
            raise ValueError(
                f"Source {column[0]} of input {row[0]} is at "
                f"{X[row[0], column[0]] / 1e6:.4g} MHz; no oscillator can be tuned to hear "
                f"it: stay within {low / 1e6:.1f} to {high / 1e6:.1f} MHz."
            )
        return X

    def _emit(self, X, duration):
        """Times, the sum of all amplitudes after settling, and its reference frequency."""
        check_positive_value("duration", duration)
        X = self._check_sources(X)
        reference, response = self._run(X, self.settling_time, duration, 1, record_sum=True)
        signal = response.record[:, :, 0]
        return self.step * np.arange(1, signal.shape[1] + 1), signal, reference

    def _run(
        self,
        X,
        settling_time,
        measuring_time,
        steps_per_record=0,
        record_sum=False,
        currents=None,
    ):
        """Reference frequency and the kernel's response."""
        self._check_parameters()
        device = self._device()
        # The same for all inputs, or the answer to one would depend on the others.
        reference = float(self.natural_frequencies().mean())
        streams = self._streams(X if currents is None else np.hstack([X, currents]))
        if currents is None:
            currents = self._currents(device)
        natural = self._frequencies_at(currents, device)
        links = Links.from_coupling(
            "OscillatorNetwork.coupling", self.coupling, self.n_oscillators
        )
        offsets = np.concatenate([(natural - reference).ravel(), (X - reference).ravel()])
        fastest = 2 * np.pi * np.abs(offsets).max() * self.step
        if fastest > COARSEST:
            raise ValueError(
                f"OscillatorNetwork.step is {self.step:.3g} s, too coarse: a tone "
                f"{np.abs(offsets).max() / 1e6:.1f} MHz off the mean frequency would turn "
                f"by {fastest:.2f} rad in one step; "
                f"{0.95 * COARSEST / fastest * self.step:.2g} s would do."
            )
        n_measured = round(measuring_time / self.step)
        if n_measured == 0:
            raise ValueError(
                f"A measuring time or duration of {measuring_time:.3g} s holds no step of "
                f"{self.step:.3g} s."
            )
        power = device.stationary_power(currents)
        rest = device.stationary_amplitude(self._bias_current(device))
        shift = np.full(currents.shape, 2 * np.pi * device.nonlinear_frequency_shift)
        slope = device.nonlinear_shift(currents)
        oscillators = Oscillators(
            growth=np.asarray(device.growth_rate(currents)) / 2,
            saturation=np.asarray(device.saturation_rate(currents)) / 2,
            power=power,
            turn=2 * np.pi * (natural - reference),
            shift=shift,
            diffusion=2 * np.pi * self.linewidth * power / (1 + slope**2),
        )
        start = np.sqrt(power) * spread_phases(self.n_oscillators)
        response = integrate(
            oscillators,
            links,
            start,
            2 * np.pi * (X - reference),
            self.injection * rest,
            self.step,
            round(settling_time / self.step),
            n_measured,
            steps_per_record=steps_per_record,
            record_sum=record_sum,
            streams=streams,
            dtype=self.dtype,
            n_jobs=self.n_jobs,
        )
        return reference, response

    def _streams(self, X):
        if self.linewidth == 0:
            return None
        seed = getattr(self, "seed_", None)
        if seed is None:
            seed = int(check_random_state(self.random_state).randint(2**31))
        return [stream_of(seed, row) for row in X]

    def _locked(self, frequency, X):
        distance = np.abs(frequency[:, :, None] - X[:, None, :])
        if X.shape[1] == 0:
            return np.full(frequency.shape, -1)
        nearest = distance.argmin(axis=2)
        return np.where(distance.min(axis=2) < self.tolerance, nearest, -1)
