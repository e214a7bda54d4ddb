"""From the parameters of an estimator to devices, frequencies and chains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._types import Floats
from reservoir._warnings import warn_user
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.devices.device import Device
from reservoir.devices.logistic import has_rates
from reservoir.devices.spin_diode import IdealSynapse, SpinDiode, Synapse
from reservoir.devices.spin_torque import SpinTorqueOscillator
from reservoir.exceptions import FrequencyShiftWarning
from reservoir.layers.chains import DiodeChains, IdealChains
from reservoir.layers.hearing import FollowedLines, Hearing, InterpolatedLines, StillLines
from reservoir.layers.lines import Band, line_frequencies, moving_band, still_band
from reservoir.layers.neuron import NeuronCurve, neuron_curve
from reservoir.layers.stack import ChainLayer, Stack

PRESET = "ross2023"  # of neuron and synapse, if the user names none
THERMAL_NOISE = 1e-2  # of an oscillator, likewise
# Error of an interpolated weight of order one, for lines that move.
BAND_ERRORS = {"float32": 1e-4, "float64": 1e-10}


@dataclass(frozen=True, eq=False)
class Design:
    """The devices of a network, and the frequencies at which they are meant to be.

    Attributes
    ----------
    neuron : Device
    synapse : Synapse
    curve : NeuronCurve
    frequencies : ndarray of shape (lines_per_bus,)
        Of the lines of a bus, in Hz; empty for ideal synapses.
    band : Band
        Over which the lines of neurons move.
    overdrive : float
        Working point of the neurons, in thresholds.
    crosstalk : bool
        Whether a diode hears all lines of its bus.
    """

    neuron: Device
    synapse: Synapse
    curve: NeuronCurve
    frequencies: Floats
    band: Band
    overdrive: float
    crosstalk: bool

    @property
    def drive_unit(self) -> float:
        """Threshold current of the neurons, in A."""
        return float(self.neuron.drive_unit)

    def stack(self, layers: Sequence[ChainLayer], dtype: str, n_threads: int) -> Stack:
        """The chains of these layers, with neurons between them."""
        hearings = [
            self._hearing(layer, self.band if index > 0 else still_band(), dtype, n_threads)
            for index, layer in enumerate(layers)
        ]
        return Stack(hearings, self.curve, self.overdrive, dtype)

    def still_lines(self, layer: ChainLayer, dtype: str, n_threads: int) -> StillLines:
        """How the chains of a layer hear lines whose frequencies do not move."""
        hearing = self._hearing(layer, still_band(), dtype, n_threads)
        assert isinstance(hearing, StillLines)
        return hearing

    def _hearing(self, layer: ChainLayer, band: Band, dtype: str, n_threads: int) -> Hearing:
        if not isinstance(self.synapse, SpinDiode):
            return StillLines(IdealChains())
        chains = DiodeChains(
            self.synapse,
            self.frequencies,
            layer.line_offsets,
            band.nodes,
            dtype,
            n_threads,
            self.crosstalk,
        )
        if not band.moves:
            return StillLines(chains)
        if len(band.nodes) > 1:
            return InterpolatedLines(chains, band, dtype)
        return FollowedLines(chains, band)

    def draw(
        self,
        n_chains: int,
        n_lines: int,
        estimator: Any,
        generator: np.random.Generator,
        initial_weight: float | None = None,
    ) -> ChainLayer:
        """A layer whose synapses have random weights for their own lines."""
        if initial_weight is None:
            initial_weight = estimator.initial_weight
        low, high = self.synapse.weight_range()
        draws = generator.uniform(-1, 1, (n_chains, n_lines))
        weights = (low + high) / 2 + initial_weight * (high - low) / 2 * draws
        signs = np.ones(n_lines)
        if estimator.alternate:
            signs[np.arange(n_lines) % int(estimator.lines_per_bus) % 2 == 1] = -1
        dtype = estimator.dtype
        return ChainLayer(
            settings=np.asarray(self.synapse.detuning(weights), dtype),
            strengths=np.tile(signs, (n_chains, 1)).astype(dtype),
            biases=np.zeros(n_chains, dtype),
            gain=1.0,
            line_gains=np.ones(n_lines, dtype),
            line_offsets=np.zeros(n_lines),
            thresholds=np.ones(n_chains, dtype),
        )

    def lines_of(self, n_lines: int) -> Floats:
        """Frequencies of the lines of a layer, bus after bus, in Hz."""
        return np.resize(self.frequencies, n_lines)


def make_design(estimator: Any, n_lines: int) -> Design:
    """The devices that an estimator's parameters stand for.

    Parameters
    ----------
    estimator : BaseSpintronic
        Its parameters are checked against each other.
    n_lines : int
        Lines of the widest layer.

    Returns
    -------
    Design

    Raises
    ------
    TypeError or ValueError
        If a device is none, or parameters do not agree.

    Warns
    -----
    FrequencyShiftWarning
        If the neurons' frequencies move, and the estimator ignores it.
    """
    neuron = _neuron_of(estimator.neuron)
    synapse = synapse_of(estimator.synapse)
    curve = _curve_of(estimator, neuron)
    per_bus = min(int(estimator.lines_per_bus), n_lines)
    frequencies, band = np.empty(0), still_band()
    if isinstance(synapse, SpinDiode):
        frequencies = line_frequencies(
            synapse,
            per_bus,
            estimator.spacing,
            estimator.lowest_frequency,
            estimator.highest_frequency,
        )
        width = float(np.min(synapse.half_linewidth_at(frequencies)))
        low, high = curve.shift_range
        _check_positive(synapse, frequencies[0], low if estimator.frequency_shift else 0.0)
        if estimator.frequency_shift:
            band = moving_band(low, high, width, BAND_ERRORS[str(estimator.dtype)])
        elif high - low > width:
            cure = (
                "set frequency_shift=True"
                if "frequency_shift" in estimator._parameter_ranges
                else "take a neuron whose frequency moves less, or wider diodes"
            )
            warn_user(
                f"The frequency of a neuron moves by {high - low:.3g} Hz with its power and "
                f"current, which is {(high - low) / width:.3g} half linewidths of a synapse, "
                "and the network does not know it: it takes frequencies that stand still. A "
                f"real one would fail; {cure}.",
                FrequencyShiftWarning,
            )
    overdrive, crosstalk = float(estimator.overdrive), bool(estimator.crosstalk)
    return Design(neuron, synapse, curve, frequencies, band, overdrive, crosstalk)


def _check_positive(synapse: SpinDiode, lowest: float, shift: float) -> None:
    """Refuse lines or resonances that would have no positive frequency."""
    resonance = float(np.min(synapse.resonance(lowest, synapse.tuning)))
    if resonance <= 0 or lowest + shift <= 0:
        what = "neuron" if lowest + shift <= 0 else "resonance"
        raise ValueError(
            f"lowest_frequency is {lowest:.4g} Hz, but a {what} would stand at "
            f"{min(resonance, lowest + shift):.4g} Hz: neurons move by {shift:.4g} Hz at "
            f"least, and diodes are tuned by {synapse.tuning:g} half linewidths of "
            f"{float(np.min(synapse.half_linewidth_at(lowest))):.4g} Hz. Raise "
            "lowest_frequency, and highest_frequency with it."
        )


def _neuron_of(neuron: Any) -> Device:
    if neuron is None:
        return SpinTorqueOscillator.from_preset(PRESET)
    return resolve_oscillator(neuron, "neuron")


def synapse_of(synapse: Any) -> Synapse:
    """The synapse that a parameter stands for.

    Parameters
    ----------
    synapse : SpinDiode, IdealSynapse, name of a preset, or None

    Returns
    -------
    SpinDiode or IdealSynapse

    Raises
    ------
    TypeError
        If it is none of them.
    """
    if synapse is None:
        synapse = PRESET
    if isinstance(synapse, str):
        return SpinDiode.from_preset(synapse)
    if not isinstance(synapse, SpinDiode | IdealSynapse):
        raise TypeError(
            f"synapse is of type {type(synapse).__name__}; it must be a SpinDiode, an "
            "IdealSynapse, the name of a preset of SpinDiode, or None."
        )
    return synapse


def _curve_of(estimator: Any, neuron: Device) -> NeuronCurve:
    noise, z = estimator.thermal_noise, estimator.overdrive
    rounded = has_rates(neuron)
    if noise is None:
        noise = THERMAL_NOISE if rounded else 0.0
    if noise > 0 and not rounded:
        raise ValueError(
            f"thermal_noise is {noise:g}, but the rounding by noise is known for oscillators "
            f"with a logistic power only, and the neuron is a {type(neuron).__name__}; set "
            "thermal_noise to None or 0."
        )
    if noise == 0 and rounded and z <= 1:
        raise ValueError(
            f"overdrive is {z:g}, which is not above the threshold, and thermal_noise is 0: "
            "the neurons would be silent, and silent neurons do not learn. Set overdrive "
            "above 1, for instance 1.5, or thermal_noise to 1e-2."
        )
    curve = neuron_curve(
        neuron,
        thermal_noise=float(noise),
        overdrive=float(z),
        max_overdrive=float(estimator.max_overdrive),
        emission=estimator.emission,
    )
    if not curve.lowest < z < curve.highest:
        raise ValueError(
            f"overdrive is {z:g}; it must lie between {curve.lowest:.3g}, the least current "
            f"of the neuron, and max_overdrive = {curve.highest:g}."
        )
    return curve
