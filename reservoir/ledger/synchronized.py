"""What do networks take whose oscillators lock to sources? A dwell time under currents."""

from typing import Any

import numpy as np

from reservoir._types import Floats
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.ledger.figures import Figures
from reservoir.ledger.line import Line, counted
from reservoir.ledger.shared import (
    MAC,
    Supplies,
    beside_lines,
    count_lines,
    line,
    supply_lines,
)
from reservoir.networks.network import DEFAULT_OSCILLATOR, OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier


def network_currents(network: OscillatorNetwork) -> Floats:
    """Direct currents of the oscillators of a network, in A, shape (n_oscillators,)."""
    network.natural_frequencies()  # checks the parameters
    if network.currents is None:
        device = resolve_oscillator(network.oscillator or DEFAULT_OSCILLATOR)
        return np.full(network.n_oscillators, network.bias * device.threshold_current)
    return np.asarray(network.currents, dtype=float)


def network_lines(estimator: Any, figures: Figures, seconds: float | None) -> list[Line]:
    """The ledger of an `OscillatorNetwork` or a `SynchronizationClassifier`.

    Parameters
    ----------
    estimator : OscillatorNetwork or SynchronizationClassifier
        Fitted.
    figures : Figures
    seconds : float or None
        Measured time of one inference here.

    Returns
    -------
    list of Line
        Every input takes as long as the others, so no data are needed.
    """
    classifier = estimator if isinstance(estimator, SynchronizationClassifier) else None
    network = estimator if classifier is None else classifier.network_
    n_sources = network.n_features_in_ if classifier is None else len(classifier.coef_)
    n = int(network.n_oscillators)
    settling_time, measuring_time = network.times()
    found = [
        line(
            figures,
            "time",
            "dwell: settling and measuring",
            "settling_time + measuring_time",
            "s",
            settling_time=counted(settling_time, "s"),
            measuring_time=counted(measuring_time, "s"),
        )
    ]
    time = counted(found[0].value, "s")
    currents = network_currents(network)
    device = resolve_oscillator(network.oscillator or DEFAULT_OSCILLATOR)
    found.append(
        line(
            figures,
            "energy",
            "devices, direct current",
            "device_resistance * squared_currents * time",
            device_resistance=figures.resistance_of(device),
            squared_currents=counted(float(np.square(currents).sum()), "A2"),
            time=time,
        )
    )
    supplies = Supplies(
        n, n_sources=n_sources, n_amplifiers=1, n_detectors=1, generators=False
    )
    found += supply_lines(figures, time, supplies)
    products = _products(classifier)
    for name, number in products.items():
        found.append(line(figures, "energy", name, f"n_products * {MAC}", n_products=number))
    if classifier is not None:
        found += _training_lines(classifier, figures, found)
    found += _count_lines(classifier, network, figures, sum(products.values()))
    if classifier is not None:
        found.append(
            line(
                figures,
                "beside",
                "linear classifier of the same features, digital",
                f"n_features * n_classes * {MAC}",
                n_features=float(classifier.n_features_in_),
                n_classes=float(len(classifier.classes_)),
            )
        )
    events = float(n * n_sources) + sum(products.values())
    return found + beside_lines(
        figures, operations=2 * sum(products.values()), events=events, seconds=seconds
    )


def _products(classifier: SynchronizationClassifier | None) -> dict[str, float]:
    """Products that a digital circuit makes around the network, by line."""
    if classifier is None:
        return {}
    if classifier._kind_of_readout() == "linear":
        readout: Any = classifier.readout_coef_
    else:  # each pattern is compared oscillator by oscillator
        readout = classifier.patterns_
    return {
        "sums of the features, digital": float(classifier.coef_.size),
        "readout, digital": float(np.size(readout)),
    }


def _training_lines(
    classifier: SynchronizationClassifier, figures: Figures, lines: list[Line]
) -> list[Line]:
    """What presenting tokens takes; a search presents none to the devices."""
    online = classifier.learning == "online"
    n_tokens = float(int(classifier.n_presentations) * len(classifier.classes_))
    found = []
    if not online:
        unknown = counted(None, "J", "A search is made in simulation, on a computer.")
        found.append(
            line(
                figures,
                "training",
                "searching, simulated",
                "simulation",
                simulation=unknown,
            )
        )
    for name, source in (("presenting, time", lines[0]), ("presenting, devices", lines[1])):
        found.append(
            line(
                figures,
                "training",
                name,
                "n_tokens * one_inference",
                source.unit,
                n_tokens=n_tokens if online else 0.0,
                one_inference=source.as_figure(),
            )
        )
    return found


def _count_lines(
    classifier: SynchronizationClassifier | None,
    network: OscillatorNetwork,
    figures: Figures,
    n_products: float,
) -> list[Line]:
    arrays: list[Any] = [network_currents(network)]
    if classifier is not None:
        arrays += [classifier.coef_, classifier.intercept_]
        linear = classifier._kind_of_readout() == "linear"
        names = ("readout_coef_", "readout_intercept_") if linear else ("patterns_",)
        arrays += [np.asarray(getattr(classifier, name)) for name in names]
    return count_lines(
        figures,
        {
            "oscillators": ("n_oscillators", float(network.n_oscillators)),
            "Parameter Count": ("n_parameters", float(sum(each.size for each in arrays))),
            "Footprint": ("n_bytes", float(sum(each.nbytes for each in arrays))),
            "Synaptic Operations, Dense": ("n_products", n_products),
        },
    )
