"""What if the oscillators of a network run at other frequencies, or not at all?"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from reservoir._checks import Real, Rule
from reservoir._types import Array, Floats
from reservoir.couplings import check_coupling
from reservoir.faults.fault import Fault
from reservoir.faults.nodes import SHARE
from reservoir.faults.worn import chosen
from reservoir.networks import OscillatorNetwork, SynchronizationClassifier


class NetworkFault(Fault):
    """A fault of oscillators that lock to sources.

    Notes
    -----
    A subclass says in `change` what its fault makes of the network. What a network is, its
    parameters say, so it is parameters of the copy that change. A `SynchronizationClassifier`
    keeps its own parameters, and its `network_` changes.
    """

    hosts = (OscillatorNetwork, SynchronizationClassifier)

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give the network of an estimator this fault."""
        if isinstance(estimator, SynchronizationClassifier):
            network = copy.deepcopy(estimator.network_)
            self.change(network, generator)
            estimator.network_ = network
        else:
            self.change(estimator, generator)

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """Give a network this fault, in place."""
        raise NotImplementedError


@dataclass(frozen=True)
class FrequencyDrift(NetworkFault):
    """All oscillators run at a frequency that is off by the same.

    Parameters
    ----------
    hz : float
        Shift in Hz, up if positive. Currents and sources stay.

    Raises
    ------
    TypeError or ValueError
        If it is no finite number. `with_faults` refuses a shift to below 0.
    """

    hz: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"hz": Real(what="frequency in Hz")}

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """As for `NetworkFault`."""
        _shift(self, network, np.full(int(network.n_oscillators), self.hz))


@dataclass(frozen=True)
class FrequencySpread(NetworkFault):
    """Each oscillator runs at a frequency that is off by an error of its own.

    Parameters
    ----------
    hz : float
        Rms of the normal errors, in Hz. Currents and sources stay.

    Raises
    ------
    TypeError or ValueError
        If it is no number, or negative. `with_faults` refuses a shift to below 0.
    """

    hz: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "hz": Real(at_least=0, what="frequency in Hz")
    }

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """As for `NetworkFault`."""
        errors = generator.standard_normal(int(network.n_oscillators))
        _shift(self, network, self.hz * errors)


@dataclass(frozen=True)
class BiasDrift(NetworkFault):
    """The currents of all oscillators are larger or smaller by the same factor.

    Parameters
    ----------
    share : float
        Relative change of the currents.

    Raises
    ------
    TypeError or ValueError
        If it is no number above -1. `with_faults` refuses currents at or below the threshold,
        where an oscillator is silent.
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": Real(above=-1, what="share")}

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """As for `NetworkFault`."""
        currents = network._currents(network._tuning()) * (1 + self.share)
        network.set_params(currents=currents)
        network.natural_frequencies()  # refuses what is silent


@dataclass(frozen=True)
class SilentOscillators(NetworkFault):
    """Some oscillators of a network are dead: they emit nothing, and nobody hears them.

    Parameters
    ----------
    share : float
        Of the n oscillators. Exactly ``round(share * n)`` are chosen.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1. `with_faults` refuses one that leaves no oscillator.

    Notes
    -----
    A dead oscillator is locked to no source. Its power and its coherence are 0, and so is its
    frequency. The spectrum of such a network is refused.
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """As for `NetworkFault`."""
        n_oscillators = int(network.n_oscillators)
        dead = chosen(n_oscillators, self.share, generator)
        dead |= getattr(network, "dead_", np.zeros(n_oscillators, bool))
        if dead.all():
            raise ValueError(
                f"{self!r} leaves none of the {n_oscillators} oscillators of a "
                "OscillatorNetwork alive; lower the share."
            )
        if dead.any():
            network.dead_ = dead
            network.set_params(coupling=_without(network.coupling, dead))


def _shift(fault: NetworkFault, network: OscillatorNetwork, shifts: Floats) -> None:
    """Move the frequencies at the bias, and with them those at the currents."""
    moved = network._tuning().bias_frequencies + shifts
    if not (moved > 0).all():
        raise ValueError(
            f"{fault!r} moves an oscillator to {moved.min():.4g} Hz; its frequency must stay "
            "positive."
        )
    network.set_params(frequencies=moved)


def _without(coupling: Any, dead: Array) -> Any:
    """A coupling in which nobody hears the dead, nor do they hear anybody."""
    found = check_coupling("OscillatorNetwork.coupling", coupling, len(dead))
    if isinstance(found, complex):
        if found == 0:
            return coupling
        found = found * (1 - np.eye(len(dead)))
    alive = (~dead).astype(float)
    if sparse.issparse(found):
        return sparse.csr_array(sparse.diags_array(alive) @ found @ sparse.diags_array(alive))
    return found * np.outer(alive, alive)
