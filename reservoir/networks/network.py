"""Coupled oscillators that answer by the sources they lock to."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import (
    Integer,
    OrNone,
    Real,
    Rule,
    Threads,
    check_parameters,
    check_value,
    real_array,
)
from reservoir._columns import checked_table
from reservoir._randomness import seed_of, stream_of
from reservoir._types import (
    Array,
    ArrayLike,
    Complexes,
    Floats,
    Integers,
    Objects,
    RandomState,
)
from reservoir._warnings import warn_user
from reservoir.couplings import Links, complex_numbers, spread_phases
from reservoir.devices import Ability, Device, SpinTorqueOscillator
from reservoir.networks.integration import Response, Run, integrate
from reservoir.networks.locking import (
    farthest,
    groups_locked,
    pull_of,
    resolution,
    sources_followed,
    times_for,
)
from reservoir.networks.misreading import Misreading
from reservoir.networks.rates import Pump, Tones
from reservoir.networks.spectra import Emission
from reservoir.networks.tuning import (
    DEFAULT_SPACING,
    Tuning,
    check_above_threshold,
    check_each,
    spaced_frequencies,
)

DEFAULT_OSCILLATOR = "romera2018"
MAX_STEPS = 10**12  # of a run, which would take weeks
MAX_TURN_PER_STEP = 1.5  # rad
REACH = 2.0  # half-widths from an oscillator within which the edges of locking are looked for
EDGE_WIDTH = 1e-3  # half-widths to which they are bisected
EDGE_TIME = 300.0  # to settle and to measure there, over 1 / pull: two turns at the width
MAX_EDGE_STEPS = 1e7  # for one detuning, of which some dozens are tried
FEATURES = ("locked", "coherence", "amplitude", "frequency")
TIME = Real(above=0, what="time in s")
FREQUENCY = Real(above=0, what="frequency in Hz")


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
        How steadily each oscillator follows each source, from 0 to 1. It is the size of the
        mean of c times the conjugate of the source, over the rms amplitude.
    locked : ndarray of int of shape (n_inputs, n_oscillators)
        The source each oscillator is locked to, or -1. An oscillator is locked to a source if
        its phase relative to the source makes less than one turn while measuring.

    Examples
    --------
    >>> from reservoir import OscillatorNetwork
    >>> response = OscillatorNetwork().measure([[341e6, 362e6]])
    >>> response.locked, response.frequency.shape, response.coherence.shape
    (array([[ 0, -1,  1, -1]]), (1, 4), (1, 4, 2))
    """

    frequency: Floats
    power: Floats
    coherence: Floats
    locked: Integers


class OscillatorNetwork(TransformerMixin, BaseEstimator):
    r"""Spin-torque oscillators under microwave sources, coupled to each other.

    Each complex amplitude follows Slavin and Tiberkevich [1]_, with the rates of its
    device (`SpinTorqueOscillator`), the couplings K and sources of frequencies f_s:

    .. math:: \dot c_i = -2\pi i f_i(|c_i|^2, I_i) c_i + \tfrac12 (a_i - b_i |c_i|^2) c_i
        + \sum_j K_{ij} c_j + F \sum_s e^{-2\pi i f_s t}
        + V e^{-2\pi i f_p t} c_i^* + \text{noise}

    An oscillator is locked to a source if its phase relative to the source makes less than
    one turn in the measuring time, which is long enough for any other phase to turn (see
    `measuring_time`). A source of no strength locks no oscillator. As a transformer the
    network takes the frequencies of the sources, one row for each input, and
    gives the source to which each oscillator is locked, and how steadily it follows [2]_.

    The pump V is a source at about twice the frequency of the oscillators, which modulates
    them (parametric pumping [3]_). An oscillator locks to half of the frequency of the pump,
    with one of two phases that are half a turn apart.

    Parameters
    ----------
    oscillator : SpinTorqueOscillator, preset name or None, default=None
        None stands for `SpinTorqueOscillator.from_preset("romera2018")`. The oscillators are
        this device but for a constant shift of their frequencies.
    n_oscillators : int, default=4

    *The oscillators*

    frequencies : array-like of shape (n_oscillators,), default=None
        Frequency of each oscillator at rest at the current `bias`, in Hz. None stands for
        frequencies 11 MHz apart around the frequency of the device.
    currents : array-like of shape (n_oscillators,), default=None
        Currents that tune the frequencies, in A, above the threshold. None stands for the
        current `bias` in every oscillator.
    bias : float, default=2.0
        Current at which `frequencies` hold, in units of the threshold current; above 1.

    *What acts on them*

    coupling : complex, or matrix of shape (n_oscillators, n_oscillators), default=0
        K_ij in 1/s, dense or sparse. A number couples all pairs alike, as a common current
        does, at a cost that grows only with the number of oscillators. The diagonal of a
        matrix must be 0. `reservoir.couplings` makes matrices of neighbours and dipoles.
    injection : float, default=2e7
        Strength of every source: F over the amplitude at rest at `bias`, in 1/s.
    pumping : float, default=0.0
        V: strength of the pump, in 1/s.
    pumping_frequency : float, default=None
        f_p: frequency of the pump, in Hz. None stands for twice the mean natural frequency.
    linewidth : float, default=0.0
        Full width at half maximum of every free oscillator's line, in Hz. It sets the
        strength D of the thermal noise: (1 + nu^2) D / p0 = 2 pi linewidth.

    *How they are followed and measured*

    step : float, default=4e-9
        In s. Without noise the step is of fourth order. After 6 us the median deviation of
        the amplitudes from a converged run is 1e-3, but near the edges of locking it is
        larger. With noise the step is of weak order two. It then shifts phases by 0.1 rad,
        but does not change which oscillators are locked.
    settling_time : float, default=None
        In s. None stands for 30 over the pull of a source, but at least 1.5 us and at most
        0.5 ms. The pull is 2 pi `locking_half_width()`. Without sources it is that of the
        strongest coupling.
    measuring_time : float, default=None
        In s. None stands for 60 over the pull, but at least 3 us and at most 1 ms. In
        60 / pull the phase of an oscillator turns twice if the source is farther away than
        1.02 half-widths. In a shorter time a locked phase must move less by as much.
    tolerance : float
        Deprecated, without effect: locked means that the phase makes no turn.
    features : sequence of str, default=("locked", "coherence")
        What `transform` gives: "locked" (1 for the source it is locked to, else 0),
        "coherence", "amplitude" (rms), "frequency" (mean, less the mean natural frequency,
        in units of 11 MHz). The mean frequency of a locked oscillator is the input itself.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation.
    random_state : None, int, RandomState or Generator, default=None
        Seed of the noise. The noise of an input depends on the seed, on the input and on
        `dtype`, but not on the order of the inputs. `fit` stores it as `seed_`.
    n_jobs : int or None, default=None
        Number of threads. The answers do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        Number of sources.
    seed_ : int

    Raises
    ------
    ValueError
        If a parameter is not as described, or the step is too coarse for the frequencies.
    SimulationError
        If an amplitude changes too fast for the step, through damping, coupling, sources or
        noise. The message names the oscillator, and a step that would do.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).
    .. [2] M. Romera et al., Nature 563, 230 (2018).
    .. [3] S. Urazhdin, V. Tiberkevich and A. Slavin, Phys. Rev. Lett. 105, 237204 (2010);
       recalled, not checked. The limits of locking to a pump are derived here.

    Examples
    --------
    >>> from reservoir import OscillatorNetwork
    >>> network = OscillatorNetwork()
    >>> network.natural_frequencies() / 1e6
    array([339.5, 350.5, 361.5, 372.5])
    >>> network.measure([[341e6, 362e6]]).locked
    array([[ 0, -1,  1, -1]])
    """

    # What `reservoir.faults` says: which oscillators are dead, and which answer falsely.
    dead_: Array
    misreading_: Misreading

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_oscillators": Integer(1),
        "bias": Real(above=1, what="multiple of the threshold current"),
        "injection": Real(at_least=0, what="rate in 1/s"),
        "pumping": Real(at_least=0, what="rate in 1/s"),
        "pumping_frequency": OrNone(FREQUENCY),
        "linewidth": Real(at_least=0, what="width in Hz"),
        "step": TIME,
        "settling_time": OrNone(Real(at_least=0, what="time in s")),
        "measuring_time": OrNone(TIME),
        "n_jobs": Threads(),
    }

    def __init__(
        self,
        oscillator: SpinTorqueOscillator | str | None = None,
        n_oscillators: int = 4,
        *,
        frequencies: ArrayLike | None = None,
        currents: ArrayLike | None = None,
        bias: float = 2.0,
        coupling: Any = 0.0,
        injection: float = 2e7,
        pumping: float = 0.0,
        pumping_frequency: float | None = None,
        linewidth: float = 0.0,
        step: float = 4e-9,
        settling_time: float | None = None,
        measuring_time: float | None = None,
        tolerance: float | str = "deprecated",
        features: Sequence[str] = ("locked", "coherence"),
        dtype: Any = "float64",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.oscillator = oscillator
        self.n_oscillators = n_oscillators
        self.frequencies = frequencies
        self.currents = currents
        self.bias = bias
        self.coupling = coupling
        self.injection = injection
        self.pumping = pumping
        self.pumping_frequency = pumping_frequency
        self.linewidth = linewidth
        self.step = step
        self.settling_time = settling_time
        self.measuring_time = measuring_time
        self.tolerance = tolerance
        self.features = features
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    # ------------------------------------------------------------------ the oscillators

    def natural_frequencies(self) -> Floats:
        """Frequency of every oscillator alone, at its current, in Hz.

        Returns
        -------
        ndarray of shape (n_oscillators,)
        """
        tuning = self._tuning()
        return tuning.frequencies_at(self._currents(tuning))

    def tuning_ranges(self) -> Floats:
        """Lowest and highest frequency that `tune` can give each oscillator, in Hz.

        Returns
        -------
        ndarray of shape (n_oscillators, 2)
        """
        return self._tuning().ranges()

    def locking_half_width(self) -> float:
        r"""Detuning up to which one weak source locks an oscillator at `bias`, in Hz.

        .. math:: \Delta f = \sqrt{1 + \nu^2} F / (2 \pi \sqrt{p_0})

        Returns
        -------
        float

        Notes
        -----
        The formula is the limit of a weak source, whose injection is small against Gamma_p,
        half the rate at which the amplitude relaxes (1e7/s for the default oscillator). At an
        injection of Gamma_p / 20 both edges are within 3 % of it. The default injection is
        2 Gamma_p: the formula says 6.8 MHz on each side, and a source locks from -6.6 to
        +4.6 MHz. `locking_range` measures this.
        """
        return self._tuning().locking_half_width(float(self.injection))

    def pumping_half_width(self) -> float:
        r"""Detuning up to which the pump holds an oscillator at `bias`, in Hz.

        The detuning is the frequency at rest less half of that of the pump. With the phase
        phi against half of the pump, dp/dt = (a - b p) p + 2 V p cos(2 phi), and dphi/dt =
        -2 pi detuning - N (p - p0) - V sin(2 phi). Where both are 0, the detuning is
        -V sqrt(1 + nu^2) sin(2 phi + arctan nu) / (2 pi) with nu = 2 N / b. A pump that is
        weak against the relaxation of the power also catches an oscillator up to there.

        .. math:: \Delta f = \sqrt{1 + \nu^2} V / (2 \pi)

        Returns
        -------
        float
        """
        return self._tuning().locking_half_width(float(self.pumping))

    def nonlinear_shift(self) -> float:
        """How strongly the frequency of an oscillator at `bias` depends on its power.

        Returns
        -------
        float
            The slope nu of Slavin and Tiberkevich, without unit.
        """
        tuning = self._tuning()
        return float(tuning.device.nonlinear_shift(tuning.bias_current))

    def coupling_matrix(self) -> Complexes:
        """K_ij in 1/s, for every pair of oscillators.

        Returns
        -------
        ndarray of complex of shape (n_oscillators, n_oscillators)
            Row i holds what oscillator i hears. The diagonal is 0.
        """
        links, n_oscillators = self._links(), int(self.n_oscillators)
        matrix: Complexes = links.mean * (1 - np.eye(n_oscillators)).astype(complex)
        hearer = np.repeat(np.arange(n_oscillators), np.diff(links.first))
        matrix[hearer, links.source] += links.strength
        return matrix

    def locking_range(self) -> tuple[float, float]:
        """Detunings between which one source locks an oscillator at `bias`, measured.

        The oscillator is simulated alone: without coupling, other sources and noise. The
        source is moved away from the frequency of the oscillator until this is no longer
        locked, and the edge is bisected to 1/1000 of `locking_half_width`. Each detuning is
        simulated for 600 over the pull of the source, so a weak source takes long.

        Returns
        -------
        lower, upper : float
            Frequency of the source less that of the oscillator, in Hz. Both are 0 if the
            injection is 0.

        Raises
        ------
        ValueError
            If the source is so weak that one detuning takes more than ten million steps.

        Examples
        --------
        >>> from reservoir import OscillatorNetwork
        >>> lower, upper = OscillatorNetwork().locking_range()
        >>> f"{lower / 1e6:.2f} to {upper / 1e6:.2f} MHz"
        '-6.60 to 4.63 MHz'
        """
        half_width = self.locking_half_width()
        if half_width == 0:
            return 0.0, 0.0
        pull, reach = 2 * np.pi * half_width, REACH * half_width
        alone = OscillatorNetwork(
            self.oscillator,
            1,
            bias=self.bias,
            injection=self.injection,
            step=min(float(self.step), MAX_TURN_PER_STEP / (2 * np.pi * reach) / 2),
        )
        n_steps = 2 * EDGE_TIME / pull / alone.step
        if n_steps > MAX_EDGE_STEPS:
            weakest = float(self.injection) * n_steps / MAX_EDGE_STEPS
            raise ValueError(
                f"OscillatorNetwork.injection is {self.injection:.3g}/s, so weak that each "
                f"detuning would take {n_steps:.1g} steps of {alone.step:.2g} s. Take at "
                f"least {weakest:.2g}/s, or the formula of locking_half_width, which holds "
                "for weak sources."
            )
        run, tuning = alone._run(EDGE_TIME / pull, EDGE_TIME / pull), alone._tuning()

        def is_locked(detunings: Floats) -> Array:
            sources = tuning.bias_frequencies + detunings[:, None]
            reference, response = alone._follow(sources, run, tuning)
            tones = 2 * np.pi * (sources - reference)
            followed = sources_followed(response.turn, tones, pull, run.time_measured)
            is_first: Array = followed[:, 0] == 0
            return is_first

        lower, upper = (
            farthest(is_locked, side * reach, EDGE_WIDTH * half_width) for side in (-1, 1)
        )
        return lower, upper

    def times(self, with_sources: bool = True) -> tuple[float, float]:
        """How long the network settles, and how long it is measured.

        Parameters
        ----------
        with_sources : bool, default=True
            Whether sources are on. Without them the coupling decides how long it takes to
            tell which oscillators are locked.

        Returns
        -------
        settling_time, measuring_time : float
            In s: those of the parameters, and what None stands for.
        """
        tuning = self._tuning()
        if with_sources:
            pull = 2 * np.pi * tuning.locking_half_width(float(self.injection))
        else:
            pull = pull_of(self._links(), tuning.slope)
        given = self.settling_time, self.measuring_time
        settling_time, measuring_time = (
            chosen if time is None else float(time)
            for time, chosen in zip(given, times_for(pull), strict=True)
        )
        return settling_time, measuring_time

    def source_limits(self) -> tuple[float, float]:
        """Lowest and highest frequency of a source that an oscillator can be tuned to.

        Returns
        -------
        tuple of two floats
            In Hz.
        """
        return self._source_limits(self._tuning())

    def tune(self, frequencies: ArrayLike) -> Self:
        """The same network with the currents that give these natural frequencies.

        Parameters
        ----------
        frequencies : array-like of shape (n_oscillators,)
            In Hz.

        Returns
        -------
        OscillatorNetwork
            A copy. This network stays as it is.

        Raises
        ------
        ValueError
            If a frequency is outside the tuning range of its oscillator.

        Examples
        --------
        >>> from reservoir import OscillatorNetwork
        >>> tuned = OscillatorNetwork().tune([340e6, 350e6, 360e6, 370e6])
        >>> tuned.natural_frequencies() / 1e6
        array([340., 350., 360., 370.])
        """
        tuning = self._tuning()
        wanted = check_each("frequencies", frequencies, len(tuning))
        tuned = copy.copy(self)
        tuned.currents = tuning.currents_for(wanted)
        return tuned

    # ------------------------------------------------------------------ experiments

    def measure(
        self, X: ArrayLike | None = None, *, currents: ArrayLike | None = None
    ) -> NetworkResponse:
        """Let the network settle under every input, then measure.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
            Frequencies of the sources, in Hz. None stands for one input without sources.
        currents : array-like of shape (n_inputs, n_oscillators), default=None
            Currents under every input, in A. None stands for those of the network.

        Returns
        -------
        NetworkResponse

        Raises
        ------
        ValueError
            If X is not finite, if a source is too far away from every oscillator, or if a
            current is at or below the threshold.
        """
        tuning = self._tuning()
        given = None if currents is None else self._check_currents(currents, tuning)
        sources = self._check_sources(X, tuning, 1 if given is None else len(given))
        if given is not None and len(given) != len(sources):
            raise ValueError(
                f"currents has {len(given)} rows and X has {len(sources)}; give one row for "
                "every input."
            )
        run = self._run(*self.times(sources.shape[1] > 0))
        reference, response = self._follow(sources, run, tuning, given)
        amplitude = np.sqrt(response.power)[:, :, None]
        found = NetworkResponse(
            frequency=reference + response.turn / (2 * np.pi),
            power=response.power,
            coherence=np.abs(response.overlap) / np.maximum(amplitude, 1e-300),
            locked=sources_followed(
                response.turn,
                2 * np.pi * (sources - reference),
                2 * np.pi * tuning.locking_half_width(float(self.injection)),
                run.time_measured,
            ),
        )
        if hasattr(self, "dead_"):
            for values, of_the_dead in (
                (found.frequency, 0.0),
                (found.power, 0.0),
                (found.coherence, 0.0),
                (found.locked, -1),
            ):
                values[:, self.dead_] = of_the_dead
        if hasattr(self, "misreading_"):
            used = self._currents(tuning) if given is None else given
            is_false, answers = self.misreading_.answers(
                sources if given is None else np.hstack([sources, given]),
                sources,
                tuning.frequencies_at(used),
                tuning.device.stationary_power(used),
            )
            for name, values in answers.items():
                getattr(found, name)[is_false] = values[is_false]
        return found

    def simulate(
        self,
        X: ArrayLike | None = None,
        *,
        duration: float,
        steps_per_record: int = 1,
        start: ArrayLike | None = None,
    ) -> tuple[Floats, Complexes, float]:
        """Amplitudes in time, from rest.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
            Frequencies of the sources, in Hz. None stands for one input without sources.
        duration : float
            In s.
        steps_per_record : int, default=1
            Steps from one recorded amplitude to the next.
        start : array-like of complex of shape (n_inputs, n_oscillators), default=None
            Amplitudes at the start, in the turning frame. None stands for the power at rest,
            with phases spread over the circle.

        Returns
        -------
        time : ndarray of shape (n_records,)
            In s.
        amplitude : ndarray of complex of shape (n_inputs, n_records, n_oscillators)
            In the frame that turns at the reference frequency. Multiply by
            exp(-2 pi i reference time) for the amplitude in the laboratory.
        reference : float
            In Hz.

        Raises
        ------
        ValueError
            If a source is too far away from every oscillator, if the duration holds no
            record, or if `start` is not as described.
        """
        check_value("duration", duration, TIME)
        check_value("steps_per_record", steps_per_record, Integer(1))
        duration, steps_per_record = float(duration), int(steps_per_record)
        tuning = self._tuning()
        run = self._run(0.0, duration, steps_per_record)
        if not run.n_records:
            raise ValueError(
                f"duration is {duration:.3g} s, shorter than one record: {steps_per_record} "
                f"steps of {self.step:.3g} s."
            )
        begin = None if start is None else self._check_start(start)
        sources = self._check_sources(X, tuning, 1 if begin is None else len(begin))
        if begin is not None and len(begin) != len(sources):
            raise ValueError(
                f"start has {len(begin)} rows and X has {len(sources)}; give one row for "
                "every input."
            )
        reference, response = self._follow(sources, run, tuning, start=begin)
        time = (
            float(self.step) * steps_per_record * np.arange(1, run.n_records + 1, dtype=float)
        )
        if hasattr(self, "dead_"):
            response.record[:, :, self.dead_] = 0
        return time, response.record, reference

    def emitted_signal(
        self, X: ArrayLike | None = None, *, duration: float, sampling_rate: float
    ) -> tuple[Floats, Floats]:
        """What all oscillators emit together: the sum of their real amplitudes.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
            Frequencies of the sources, in Hz. None stands for one input without sources.
        duration : float
            In s, after settling.
        sampling_rate : float
            In Hz. It must be above twice the highest frequency, or the signal folds.

        Returns
        -------
        time : ndarray of shape (n_times,)
            In s.
        signal : ndarray of shape (n_inputs, n_times)
            In units of an amplitude sqrt(p).

        Raises
        ------
        ValueError
            If a source is too far away from every oscillator, or if the duration holds fewer
            than six steps.
        """
        check_value("sampling_rate", sampling_rate, FREQUENCY)
        return self._emission(X, duration).sampled(float(sampling_rate))

    def power_spectrum(
        self,
        X: ArrayLike | None = None,
        *,
        duration: float = 20e-6,
        resolution: float = 0.2e6,
    ) -> tuple[Floats, Floats]:
        """The emitted power as a spectrum analyser shows it.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources), default=None
            Frequencies of the sources, in Hz. None stands for one input without sources.
        duration : float, default=20e-6
            In s, after settling. The spectra of its parts are averaged (Welch).
        resolution : float, default=0.2e6
            Resolution bandwidth in Hz; at least 1.5 / duration.

        Returns
        -------
        frequency : ndarray of shape (n_frequencies,)
            In Hz.
        power : ndarray of shape (n_inputs, n_frequencies)
            In dB; 0 dB is a line of power 1. Six points lie in a resolution
            bandwidth, so no line loses more than 0.1 dB between two points.

        Raises
        ------
        ValueError
            If the duration is too short for the resolution.
        """
        check_value("resolution", resolution, FREQUENCY)
        return self._emission(X, duration).spectrum(float(resolution))

    def synchronization_map(self, first: ArrayLike, second: ArrayLike) -> Integers:
        """Which oscillator locks to which of two sources, over a grid of their frequencies.

        Parameters
        ----------
        first, second : array-like of shape (n_first,) and (n_second,)
            In Hz.

        Returns
        -------
        ndarray of int of shape (n_first, n_second, n_oscillators)
            The source each oscillator is locked to, or -1.

        Raises
        ------
        ValueError
            If a source is too far away from every oscillator, or if the frequencies are not
            lists of numbers.

        Examples
        --------
        >>> from reservoir import OscillatorNetwork
        >>> OscillatorNetwork().synchronization_map([341e6, 351e6], [362e6])
        array([[[ 0, -1,  1, -1]],
               [[-1,  0,  1, -1]]])
        """
        rows = real_array("first", first).astype(float)
        columns = real_array("second", second).astype(float)
        if rows.ndim != 1 or columns.ndim != 1:
            raise ValueError(
                f"The grid's frequencies have shapes {rows.shape} and {columns.shape}; each "
                "must be a list of numbers."
            )
        grid = np.stack(np.meshgrid(rows, columns, indexing="ij"), axis=-1)
        locked = self.measure(grid.reshape(-1, 2)).locked
        return locked.reshape(len(rows), len(columns), -1)

    def mutual_synchronization(
        self, currents: ArrayLike | None = None
    ) -> tuple[Integers, Floats]:
        """Which oscillators are locked to each other when no source is on.

        Two oscillators are locked if they are coupled to each other and the difference of
        their phases makes less than one turn while measuring.

        Parameters
        ----------
        currents : array-like of shape (n_inputs, n_oscillators), default=None
            In A: inputs that are currents. None stands for those of the network.

        Returns
        -------
        groups : ndarray of int of shape (n_oscillators,), or of the shape of `currents`
            Equal numbers for oscillators that are locked, directly or through others; 0 for
            the group with the lowest frequency.
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
        links, tuning = self._links(), self._tuning()
        time = self._run(*self.times(False)).time_measured
        drift = resolution(pull_of(links, tuning.slope), time)
        groups = groups_locked(2 * np.pi * frequency, links, drift)
        return (groups[0], frequency[0]) if currents is None else (groups, frequency)

    # ------------------------------------------------------------------ transformer

    @all_or_nothing
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
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
        checked_table(self, X, reset=True, dtype=np.float64)
        listed = np.iterable(self.features) and not isinstance(self.features, str)
        if not (listed and len(self.features) and set(self.features) <= set(FEATURES)):
            raise ValueError(
                f"OscillatorNetwork.features is {self.features!r}; choose from "
                f"{', '.join(FEATURES)}."
            )
        self._check_sources(X, self._tuning())
        self.seed_ = seed_of(self.random_state)
        return self

    def transform(self, X: ArrayLike) -> Floats:
        """What the oscillators do under every input.

        Parameters
        ----------
        X : array-like of shape (n_inputs, n_sources)
            Frequencies of the sources, in Hz.

        Returns
        -------
        ndarray of shape (n_inputs, n_features)
        """
        check_is_fitted(self)
        sources: Floats = checked_table(self, X, reset=False, dtype=np.float64)
        response = self.measure(sources)
        n_sources = sources.shape[1]
        center = self.natural_frequencies().mean()
        columns: dict[str, Array] = {
            "locked": response.locked[:, :, None] == np.arange(n_sources),
            "coherence": response.coherence,
            "amplitude": np.sqrt(response.power),
            "frequency": (response.frequency - center) / DEFAULT_SPACING,
        }
        return np.concatenate(
            [columns[name].reshape(len(sources), -1).astype(float) for name in self.features],
            axis=1,
        )

    def get_feature_names_out(self, input_features: Any = None) -> Objects:
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

    def _tuning(self) -> Tuning:
        """The oscillators and their tuning, after a check of the parameters."""
        check_parameters(self, self._parameter_ranges)
        if self.dtype not in ("float64", "float32", np.float64, np.float32):
            raise ValueError(
                f"OscillatorNetwork.dtype is {self.dtype!r}; it must be float64 or float32."
            )
        if not (isinstance(self.tolerance, str) and self.tolerance == "deprecated"):
            warn_user(
                f"OscillatorNetwork.tolerance is {self.tolerance!r}, which has no effect: an "
                "oscillator is locked if its phase makes no turn in `measuring_time`. The "
                "parameter will be removed in version 0.2; leave it out.",
                FutureWarning,
            )
        device = self._device()
        bias_current = float(self.bias) * device.threshold_current
        if self.frequencies is None:
            center = device.stationary_frequency(bias_current)
            frequencies = spaced_frequencies(center, int(self.n_oscillators))
        else:
            frequencies = check_each(
                "OscillatorNetwork.frequencies", self.frequencies, self.n_oscillators
            )
        return Tuning(device, bias_current, frequencies)

    def _device(self) -> SpinTorqueOscillator:
        device = DEFAULT_OSCILLATOR if self.oscillator is None else self.oscillator
        if isinstance(device, str):
            return SpinTorqueOscillator.from_preset(device)
        if not isinstance(device, Device) or Ability.NOISE not in device.abilities():
            raise TypeError(
                f"OscillatorNetwork.oscillator is of type {type(device).__name__}; it must "
                "be a SpinTorqueOscillator, such as reservoir.bench.fit_bench_table makes of "
                "a table, another device with Ability.NOISE, the name of a preset, or None."
            )
        return device

    def _links(self) -> Links:
        """Who feels whom, checked."""
        return Links.from_coupling(
            "OscillatorNetwork.coupling", self.coupling, int(self.n_oscillators)
        )

    def _currents(self, tuning: Tuning) -> Floats:
        """Currents of the network, checked."""
        if self.currents is None:
            return np.full(self.n_oscillators, tuning.bias_current)
        currents = check_each("OscillatorNetwork.currents", self.currents, self.n_oscillators)
        return check_above_threshold(currents, tuning.device.threshold_current)

    def _check_currents(self, currents: ArrayLike, tuning: Tuning) -> Floats:
        """Currents of every input, checked."""
        checked: Floats = check_array(real_array("currents", currents), dtype=np.float64)
        if checked.shape[1] != self.n_oscillators:
            raise ValueError(
                f"currents has shape {checked.shape}; it must hold {self.n_oscillators} "
                "numbers for every input, one for each oscillator."
            )
        return check_above_threshold(checked, tuning.device.threshold_current)

    def _source_limits(self, tuning: Tuning) -> tuple[float, float]:
        width = tuning.locking_half_width(float(self.injection))
        natural = tuning.frequencies_at(self._currents(tuning))
        known = np.append(tuning.ranges().ravel(), natural)
        return float(known.min() - width), float(known.max() + width)

    def _check_sources(
        self, X: ArrayLike | None, tuning: Tuning, n_inputs: int = 1
    ) -> Floats:
        """Frequencies of the sources, checked."""
        if X is None:
            return np.zeros((n_inputs, 0))
        sources: Floats = check_array(real_array("X", X), dtype=np.float64)
        low, high = self._source_limits(tuning)
        outside = np.argwhere((sources < low) | (sources > high))
        if len(outside):
            row, column = outside[0]
            raise ValueError(
                f"Source {column} of input {row} is at {sources[row, column] / 1e6:.4g} MHz; "
                f"no oscillator can be tuned to it: stay within {low / 1e6:.1f} to "
                f"{high / 1e6:.1f} MHz."
            )
        return sources

    def _check_start(self, start: ArrayLike) -> Complexes:
        """Amplitudes at the start of every input, checked."""
        begin = complex_numbers("start", start, "an array of numbers")
        if begin.ndim != 2 or begin.shape[1] != self.n_oscillators or not len(begin):
            raise ValueError(
                f"start has shape {begin.shape}; it must hold {self.n_oscillators} "
                "amplitudes for every input, one for each oscillator."
            )
        if not np.isfinite(begin).all():
            raise ValueError("start holds NaN or infinity; it must be finite.")
        return begin

    def _emission(self, X: ArrayLike | None, duration: float) -> Emission:
        """Sum of all amplitudes after settling."""
        if hasattr(self, "dead_"):
            raise ValueError(
                f"{self.dead_.sum()} of the {self.n_oscillators} oscillators are dead, and "
                "what the others emit together is not simulated; sum what simulate gives."
            )
        check_value("duration", duration, TIME)
        duration, step = float(duration), float(self.step)
        tuning = self._tuning()
        sources = self._check_sources(X, tuning)
        settling_time, _ = self.times(sources.shape[1] > 0)
        run = self._run(settling_time, duration, 1, record_sum=True)
        reference, response = self._follow(sources, run, tuning)
        return Emission(duration, step, reference, response.record[:, :, 0])

    def _run(
        self,
        settling_time: float,
        measuring_time: float,
        steps_per_record: int = 0,
        record_sum: bool = False,
    ) -> Run:
        step = float(self.step)
        if max(settling_time, measuring_time) / step > MAX_STEPS:
            raise ValueError(
                f"A time of {max(settling_time, measuring_time):.3g} s holds more steps of "
                f"{step:.3g} s than can be followed ({MAX_STEPS:.0e}); shorten it."
            )
        n_measured = round(measuring_time / step)
        if n_measured == 0:
            raise ValueError(
                f"A measuring time or duration of {measuring_time:.3g} s holds no step of "
                f"{self.step:.3g} s."
            )
        n_settling = round(settling_time / step)
        return Run(
            step, n_settling, n_measured, steps_per_record, record_sum, dtype=self.dtype
        )

    def _follow(
        self,
        sources: Floats,
        run: Run,
        tuning: Tuning,
        currents: Floats | None = None,
        start: Complexes | None = None,
    ) -> tuple[float, Response]:
        """Reference frequency in Hz, and the response.

        `currents` and `start` hold a row for every input. None stands for those at rest.
        """
        n_oscillators = int(self.n_oscillators)
        own = self._currents(tuning)
        # The same for all inputs, or the answer to one would depend on the others.
        reference = float(tuning.frequencies_at(own).mean())
        given = sources, currents, None if start is None else start.view(float)
        streams = self._streams(np.hstack([part for part in given if part is not None]))
        currents = own if currents is None else currents
        offsets = tuning.frequencies_at(currents) - reference
        pump_offset = self._pump_offset(tuning, reference)
        self._check_step(offsets, sources - reference, np.array(pump_offset))
        if start is None:
            rest = np.sqrt(tuning.device.stationary_power(currents))
            start = rest * spread_phases(n_oscillators)
        response = integrate(
            tuning.rates(currents, offsets, float(self.linewidth)),
            self._links(),
            start,
            Tones(
                2 * np.pi * (sources - reference),
                float(self.injection)
                * tuning.device.stationary_amplitude(tuning.bias_current),
            ),
            run,
            pump=Pump(float(self.pumping), 2 * np.pi * pump_offset),
            streams=streams,
            n_jobs=self.n_jobs,
        )
        return reference, response

    def _pump_offset(self, tuning: Tuning, reference: float) -> float:
        """Frequency of the pump less twice the reference, in Hz."""
        if self.pumping_frequency is None or self.pumping == 0:
            return 0.0
        half = float(self.pumping_frequency) / 2
        low, high = self._source_limits(tuning)
        width = tuning.locking_half_width(float(self.pumping))
        if not low - width <= half <= high + width:
            raise ValueError(
                f"OscillatorNetwork.pumping_frequency is {2 * half / 1e6:.4g} MHz. "
                "Oscillators lock to half of it, and none can be tuned to that: stay within "
                f"{2 * (low - width) / 1e6:.1f} to {2 * (high + width) / 1e6:.1f} MHz."
            )
        return 2 * (half - reference)

    def _check_step(self, *offsets: Floats) -> None:
        """Refuse a step in which a tone turns too far."""
        farthest = np.abs(np.concatenate([part.ravel() for part in offsets])).max()
        step = float(self.step)
        turn = 2 * np.pi * farthest * step
        if turn > MAX_TURN_PER_STEP:
            raise ValueError(
                f"OscillatorNetwork.step is {step:.3g} s, too coarse: a tone "
                f"{farthest / 1e6:.1f} MHz off the mean frequency would turn by {turn:.2f} "
                f"rad in one step; {0.95 * MAX_TURN_PER_STEP / turn * step:.2g} s would "
                "do."
            )

    def _streams(self, inputs: Array) -> list[np.random.Generator] | None:
        """Generators of the noise, one for each input; None without noise."""
        if self.linewidth == 0:
            return None
        seed = getattr(self, "seed_", None)
        if seed is None:
            seed = seed_of(self.random_state)
        return [stream_of(seed, row) for row in inputs]
