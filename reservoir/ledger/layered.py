"""What do layers of spin diodes and oscillators take? So much a synapse and a neuron."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._types import ArrayLike
from reservoir.devices.logistic import has_rates
from reservoir.devices.spin_diode import SpinDiode
from reservoir.layers import (
    ChainLayer,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
)
from reservoir.ledger.figures import Figures
from reservoir.ledger.line import Figure, Line, counted
from reservoir.ledger.shared import (
    MAC,
    Supplies,
    beside_lines,
    count_lines,
    line,
    supply_lines,
)


@dataclass(frozen=True)
class Counts:
    """What one inference of a layered network takes, as the mean over some samples.

    Attributes
    ----------
    n_inputs : float
        Input lines.
    n_synapses : float or None
        Synaptic operations; None if they depend on data that were not given.
    n_neurons : float or None
        Operations of neurons.
    n_waits : float or None
        Layers of neurons that settle one after the other, if all filters are built.
    n_shared_waits : float or None
        The same with one set of filters that hears the patches one after the other.
    n_effective : float or None
        Synaptic operations of which neither power nor weight is 0.
    n_states, n_silent : float or None
        Powers that enter layers, and how many of them are 0.
    n_frames : float or None
        Of a recurrent network.
    squared_currents : float or None
        Sum over the neurons of the squared current, in A2.
    """

    n_inputs: float
    n_synapses: float | None
    n_neurons: float | None
    n_waits: float | None
    n_shared_waits: float | None = None
    n_effective: float | None = None
    n_states: float | None = None
    n_silent: float | None = None
    n_frames: float | None = None
    squared_currents: float | None = None


def layered_lines(
    estimator: Any,
    X: ArrayLike | None,
    figures: Figures,
    n_trained: int | None,
    seconds: float | None,
) -> list[Line]:
    """The ledger of a layered network.

    Parameters
    ----------
    estimator : estimator of `reservoir.layers`
        Fitted.
    X : array-like or None
        Samples of which the mean is taken. Without them a convolution does not know its
        positions, a recurrent network its frames, and nobody the currents.
    figures : Figures
    n_trained : int or None
        Samples that were learned from.
    seconds : float or None
        Measured time of one inference here.

    Returns
    -------
    list of Line
    """
    counts = _counts_of(estimator, X)
    design = estimator._design()
    found = _time_lines(estimator, design, counts, figures)
    time = found[0].as_figure()
    physical = isinstance(design.synapse, SpinDiode)
    n_synapses, n_neurons = counted(counts.n_synapses), counted(counts.n_neurons)
    per_synapse = "n_synapses * synapse_energy" if physical else f"n_synapses * {MAC}"
    found += [
        line(figures, "energy", "synapses", per_synapse, n_synapses=n_synapses),
        line(figures, "energy", "neurons", "n_neurons * neuron_energy", n_neurons=n_neurons),
    ]
    n_chains = sum(len(layer.settings) for layer in estimator._all_layers())
    supplies = Supplies(
        n_chains,
        n_sources=int(counts.n_inputs),
        n_amplifiers=n_chains,
        n_detectors=len(estimator.layers_[-1].settings),
        generators=False,
    )
    found += supply_lines(figures, time, supplies)
    found += _instead_lines(design, counts, figures, time)
    found += _training_lines(estimator, figures, found, n_trained)
    found += _count_lines(estimator, X, counts, figures)
    found.append(
        line(
            figures,
            "beside",
            "the same network in digital",
            f"n_synapses * {MAC}",
            n_synapses=n_synapses,
        )
    )
    operations = None if counts.n_synapses is None else 2 * counts.n_synapses
    return found + beside_lines(
        figures, operations=operations, events=counts.n_synapses, seconds=seconds
    )


# ---------------------------------------------------------------------- counting


def _counts_of(estimator: Any, X: ArrayLike | None) -> Counts:
    if isinstance(estimator, SpintronicConvolutionalClassifier):
        return _counts_of_convolution(estimator, X)
    if isinstance(estimator, SpintronicRecurrentClassifier):
        return _counts_of_recurrent(estimator, X)
    return _counts_of_table(estimator, X)


def _counts_of_table(estimator: Any, X: ArrayLike | None) -> Counts:
    layers = estimator.layers_
    sizes = [len(layer.settings) for layer in layers[:-1]]
    counts: dict[str, float | None] = {
        "n_inputs": float(layers[0].settings.shape[1]),
        "n_synapses": float(sum(layer.settings.size for layer in layers)),
        "n_neurons": float(sum(sizes)),
        "n_waits": float(len(sizes)),
    }
    if X is None:
        return Counts(**counts)  # type: ignore[arg-type]
    design = estimator._design()
    powers = estimator.powers(X)
    squared = 0.0
    for current, layer in zip(estimator.currents(X), layers, strict=False):
        # The clamp holds the overdrive of each neuron over its own threshold.
        unit = design.drive_unit * layer.thresholds
        held = np.clip(current / unit, design.curve.lowest, design.curve.highest) * unit
        squared += float(np.square(held, dtype=float).sum())
    samples = ([each[row : row + 1] for each in powers] for row in range(len(powers[0])))
    counts |= _activity(layers, samples) | {"squared_currents": squared / len(powers[0])}
    return Counts(**counts)  # type: ignore[arg-type]


def _lengths(estimator: Any, X: ArrayLike) -> Any:
    return estimator._sequences(X, reset=False).lengths


def _counts_of_convolution(estimator: Any, X: ArrayLike | None) -> Counts:
    filters, *above = estimator.layers_
    n_inputs = float(estimator.n_features_in_)
    if X is None:
        return Counts(n_inputs, None, None, float(len(above)))
    lengths = _lengths(estimator, X)
    geometry = estimator._geometry()
    across = int(geometry.positions(np.array(estimator.n_features_in_), 1))
    n_positions = float((geometry.positions(lengths, 0) * across).mean())
    n_above = float(sum(layer.settings.size for layer in above))
    n_hidden = float(sum(len(layer.settings) for layer in above[:-1]))
    return Counts(
        n_inputs=n_inputs * float(lengths.mean()),
        n_synapses=n_positions * filters.settings.size + n_above,
        n_neurons=n_positions * len(filters.settings) + n_hidden,
        n_waits=float(len(above)),
        n_shared_waits=n_positions + len(above) - 1,
        **_activity(estimator.layers_, estimator._heard(X)),
    )


def _counts_of_recurrent(estimator: Any, X: ArrayLike | None) -> Counts:
    *hidden, last = estimator.layers_
    n_inputs = float(hidden[0].settings.shape[1])
    if X is None:
        return Counts(n_inputs, None, None, None)
    n_frames = float(_lengths(estimator, X).mean())
    chains = [*hidden, *estimator.recurrent_layers_]
    n_each = float(sum(layer.settings.size for layer in chains))
    return Counts(
        n_inputs=n_inputs,
        n_synapses=n_frames * n_each + last.settings.size,
        n_neurons=n_frames * sum(len(layer.settings) for layer in hidden),
        n_waits=None,
        n_frames=n_frames,
        **_activity(estimator._all_layers(), estimator._heard(X)),
    )


def _activity(layers: Sequence[ChainLayer], samples: Iterable[Any]) -> dict[str, float]:
    """Powers that enter layers, those that are 0, and synapses that work, in the mean.

    `samples` holds for each sample the powers on the lines of each layer, with a row for each
    time that the layer hears them.
    """
    listeners = [np.count_nonzero(layer.strengths, axis=0) for layer in layers]
    n_samples = n_states = n_silent = n_effective = 0
    for powers in samples:
        n_samples += 1
        for rows, of_each_line in zip(powers, listeners, strict=True):
            n_states += rows.size
            n_silent += int(np.count_nonzero(rows == 0))
            n_effective += int(((rows != 0).sum(axis=0) * of_each_line).sum())
    counted_ones = {"n_states": n_states, "n_silent": n_silent, "n_effective": n_effective}
    return {name: number / n_samples for name, number in counted_ones.items()}


# ---------------------------------------------------------------------- lines


def _time_lines(estimator: Any, design: Any, counts: Counts, figures: Figures) -> list[Line]:
    """How long the neurons take, at the speed of their device."""
    neuron = design.neuron
    if isinstance(estimator, SpintronicRecurrentClassifier):
        hold = counted(float(estimator.hold) / (2 * neuron.damping_rate), "s")
        return [
            line(
                figures,
                "time",
                "frames, held one after the other",
                "n_frames * hold_time",
                "s",
                n_frames=counts.n_frames,
                hold_time=hold,
            )
        ]
    relaxation = counted(None, "s")
    if has_rates(neuron):
        current = design.overdrive * design.drive_unit
        relaxation = counted(float(neuron.relaxation_time(current)), "s")
    found = [
        line(
            figures,
            "time",
            "neurons settle, layer after layer",
            "n_layers * settling_times * relaxation_time",
            "s",
            n_layers=counts.n_waits,
            relaxation_time=relaxation,
        )
    ]
    if isinstance(estimator, SpintronicConvolutionalClassifier):
        found.append(
            line(
                figures,
                "instead",
                "time, if one set of filters hears all patches",
                "n_waits * settling_times * relaxation_time",
                "s",
                n_waits=counts.n_shared_waits,
                relaxation_time=relaxation,
            )
        )
    return found


def _instead_lines(design: Any, counts: Counts, figures: Figures, time: Figure) -> list[Line]:
    """The direct current of the neurons at their own speed, and inputs that oscillate."""
    squared = counted(counts.squared_currents, "A2")
    if counts.squared_currents is None and counts.n_neurons is not None:
        n_at_once = counts.n_neurons / (counts.n_frames or 1.0)
        working = design.overdrive * design.drive_unit
        squared = Figure(
            n_at_once * working**2, "A2", "All neurons at their working point.", "assumed"
        )
    return [
        line(
            figures,
            "instead",
            "neurons, direct current at their own speed",
            "device_resistance * squared_currents * time",
            device_resistance=figures.resistance_of(design.neuron),
            squared_currents=squared,
            time=time,
        ),
        line(
            figures,
            "instead",
            "inputs, if they are oscillators too",
            "n_inputs * neuron_energy",
            n_inputs=counts.n_inputs,
        ),
    ]


def _training_lines(
    estimator: Any, figures: Figures, lines: list[Line], n_trained: int | None
) -> list[Line]:
    """Passes forward on the chip, and the derivatives beside it."""
    named = {each.name: each for each in lines}
    n_presented = None if n_trained is None else float(n_trained) * estimator.n_iter_
    return [
        line(
            figures,
            "training",
            "passes forward, synapses and neurons",
            "n_presented * (synapses + neurons)",
            n_presented=n_presented,
            synapses=named["synapses"].as_figure(),
            neurons=named["neurons"].as_figure(),
        ),
        line(
            figures,
            "training",
            "derivatives, digital",
            f"2 * n_presented * n_synapses * {MAC}",
            n_presented=n_presented,
            n_synapses=named["synapses"].inputs["n_synapses"][0],
        ),
    ]


def _count_lines(
    estimator: Any, X: ArrayLike | None, counts: Counts, figures: Figures
) -> list[Line]:
    layers = estimator._all_layers()
    n_synapses = sum(layer.settings.size for layer in layers)
    n_dead = sum(np.count_nonzero(layer.strengths == 0) for layer in layers)
    arrays = [array for layer in layers for array in (layer.settings, layer.biases)]
    found = count_lines(
        figures,
        {
            "Parameter Count": ("n_parameters", float(sum(each.size for each in arrays))),
            "Footprint": ("n_bytes", float(sum(each.nbytes for each in arrays))),
            "Synaptic Operations, Dense": ("n_synapses", counts.n_synapses),
            "Synaptic Operations, Effective_MACs": ("n_effective", counts.n_effective),
        },
    )
    found += [
        line(
            figures,
            "counts",
            "Connection Sparsity",
            "n_dead / n_connections",
            "1",
            n_dead=float(n_dead),
            n_connections=float(n_synapses),
        ),
        line(
            figures,
            "counts",
            "Activation Sparsity",
            "n_zero / n_states",
            "1",
            n_zero=counts.n_silent,
            n_states=counts.n_states,
        ),
    ]
    if X is not None and isinstance(estimator, SpintronicConvolutionalClassifier):
        longest = int(_lengths(estimator, X).max())
        built = estimator.n_devices((longest, int(estimator.n_features_in_)))
        for how, what in built.items():
            for kind, number in what.items():
                found += count_lines(
                    figures, {f"{kind}, filters {how}": (f"n_{kind}", float(number))}
                )
    return found
