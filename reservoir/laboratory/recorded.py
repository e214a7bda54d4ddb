"""A recorded device in the place of a simulated one, and a recording that is simulated."""

from typing import ClassVar

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Real, check_value, real_array
from reservoir._randomness import generator_of
from reservoir._types import ArrayLike, Floats, RandomState
from reservoir.devices import Ability, Device
from reservoir.laboratory.recording import RATE, Recording
from reservoir.laboratory.waveform import Waveform
from reservoir.simulation import simulate

MAX_DEVIATION = 1e-6  # relative, of a current or node time from what was played


class RecordedOscillator(Device):
    """A device that was recorded: it answers what it was played, and nothing else.

    Parameters
    ----------
    waveform : Waveform
        What was played.
    amplitude : array-like of shape (n_holds,)
        Amplitude of every node, as `Waveform.nodes` reads it, in any unit.

    Raises
    ------
    ValueError
        If there is not one amplitude for each node of the waveform.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import ReservoirRegressor
    >>> from reservoir.laboratory import RecordedOscillator, Waveform, rehearse
    >>> u = np.random.default_rng(0).uniform(-1, 1, (120, 1))
    >>> model = ReservoirRegressor(n_nodes=20, node_time=1e-6, alpha=1e-6, random_state=0)
    >>> model = model.fit(u[:80], u[:80, 0] ** 2)
    >>> waveform = Waveform.from_estimator(model, u[:80], u[80:], sample_rate=20e6)
    >>> recording = rehearse(waveform, model.oscillator_, sample_rate=50e6, delay=3.3e-6)
    >>> device = RecordedOscillator(waveform, waveform.nodes(recording))
    >>> model = model.set_params(oscillator=device).fit(u[:80], u[:80, 0] ** 2)
    >>> bool(model.score(u[80:], u[80:, 0] ** 2) > 0.9)
    True
    """

    silent_below_threshold: ClassVar[bool] = False
    takes_padding: ClassVar[bool] = False

    def __init__(self, waveform: Waveform, amplitude: ArrayLike) -> None:
        amplitude = np.ascontiguousarray(real_array("amplitude", amplitude), dtype=float)
        if amplitude.shape != waveform.current.shape:
            raise ValueError(
                f"amplitude has shape {amplitude.shape}, but the waveform holds "
                f"{len(waveform.current)} nodes; read it with Waveform.nodes."
            )
        self.waveform, self.amplitude = waveform, amplitude

    @property
    def drive_unit(self) -> float:
        """Drive unit of the device for which the waveform was laid out."""
        return self.waveform.drive_unit

    def default_node_time(self, n_nodes: int) -> float:
        """Node time of the waveform, in s."""
        return self.waveform.node_time

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """Recorded amplitudes of rows of currents that were played.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            In A; each row is a whole sequence that was played.
        hold_time : float
            In s; the node time of the waveform.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)

        Raises
        ------
        ValueError
            If a row was not played, or the node time was another one.
        """
        if abs(hold_time / self.waveform.node_time - 1) > MAX_DEVIATION:
            raise ValueError(
                f"node_time is {hold_time:.6g} s, but the recording was made with "
                f"{self.waveform.node_time:.6g} s; leave it at None, or use that."
            )
        return np.stack([self.amplitude[self._played(row)] for row in current])

    def _played(self, row: Floats) -> slice:
        """Where in `waveform.current` a row of currents stands."""
        waveform = self.waveform
        slack = MAX_DEVIATION * np.ptp(waveform.current)
        begins = np.cumsum(waveform.lengths) - waveform.lengths
        for begin in begins[waveform.lengths == len(row)]:
            played = slice(begin, begin + len(row))
            # The first current tells most sequences apart.
            if (
                abs(waveform.current[begin] - row[0]) <= slack
                and np.abs(waveform.current[played] - row).max() <= slack
            ):
                return played
        raise ValueError(
            f"A sequence of {len(row)} nodes whose first current is {row[0]:.6g} A was not "
            "played. Lay out the waveform with all data of the fit and of the prediction, "
            "as the same whole sequences, fit to the same data as then, and give the "
            "estimator the same integer random_state."
        )


def rehearse(
    waveform: Waveform,
    device: Device,
    *,
    sample_rate: float,
    delay: float = 0.0,
    gain: float = 1.0,
    offset: float = 0.0,
    readout_noise: float = 0.0,
    random_state: RandomState = None,
) -> Recording:
    """Simulate the recording that a device would give, to try all before the experiment.

    Parameters
    ----------
    waveform : Waveform
    device : device
        See `reservoir.devices.device`.
    sample_rate : float
        Of the recorder, in Hz.
    delay : float, default=0.0
        Time from the start of the recording to the start of the waveform, in s; not negative.
        The recording goes on for as long after its end.
    gain, offset : float
        Recorded voltage = gain * amplitude + offset.
    readout_noise : float, default=0.0
        Rms of added noise over the standard deviation of the trace; not negative.
    random_state : None, int, numpy.random.RandomState or numpy.random.Generator, default=None
        Seed of the noise.

    Returns
    -------
    Recording

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.laboratory import Waveform, rehearse
    >>> X = [np.random.default_rng(0).normal(size=(20, 2))]
    >>> model = TimeMultiplexedReservoir(n_nodes=20, node_time=0.3e-6, random_state=0).fit(X)
    >>> waveform = Waveform.from_estimator(model, X, sample_rate=20e6)
    >>> recording = rehearse(waveform, model.oscillator_, sample_rate=60e6, delay=2e-6)
    >>> len(waveform.nodes(recording))                           # 20 frames of 20 nodes
    400
    """
    check_value("sample_rate", sample_rate, RATE)
    check_value("delay", delay, Real(at_least=0, what="time in s"))
    check_value("gain", gain, Real())
    check_value("offset", offset, Real())
    check_value("readout_noise", readout_noise, NOT_NEGATIVE)
    current = waveform.bias_current + waveform.voltage / waveform.volts_per_ampere
    start = {}
    if Ability.RATES in device.abilities():
        start = {"initial_power": device.stationary_power(current[0])}
    amplitude = simulate(device, current, 1 / waveform.sample_rate, **start)
    # The amplitude at the end of a sample is that at the time at which the next one begins.
    amplitude = np.r_[amplitude[0], amplitude]
    duration = len(current) / waveform.sample_rate + 2 * delay
    time = np.arange(int(duration * sample_rate)) / sample_rate - delay
    trace = np.interp(time * waveform.sample_rate, np.arange(len(amplitude)), amplitude)
    trace = gain * trace + offset
    generator = generator_of(random_state)
    trace = trace + readout_noise * trace.std() * generator.standard_normal(len(trace))
    return Recording(trace, sample_rate)
