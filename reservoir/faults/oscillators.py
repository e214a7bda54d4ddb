"""What if oscillators run at other frequencies or currents, or not at all?"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from reservoir._checks import Integer, OrNone, Real, Rule
from reservoir._types import Array, Floats, Integers
from reservoir.couplings import check_coupling
from reservoir.faults.device import CHANGE, DeviceFault
from reservoir.faults.fault import Fault
from reservoir.faults.nodes import SHARE, stick
from reservoir.faults.worn import ReservoirFault, chosen, wear_of
from reservoir.networks import OscillatorNetwork, SynchronizationClassifier
from reservoir.networks.misreading import AS_IT_IS, AT_RANDOM, Misreading


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
        self.change(_network_of(estimator), generator)

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """Give a network this fault, in place."""
        raise NotImplementedError


class OscillatorFault(ReservoirFault):
    """A fault of oscillators, be they nodes of a reservoir or those of a network.

    A subclass says in `change` and `change_network` what its fault makes of either.
    """

    hosts = (*ReservoirFault.hosts, *NetworkFault.hosts)

    def check_parts(self, estimator: Any) -> None:
        """Refuse a reservoir that cannot have this fault.

        Raises
        ------
        ValueError
        """
        if not isinstance(estimator, NetworkFault.hosts):
            super().check_parts(estimator)

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give a reservoir or a network this fault."""
        if isinstance(estimator, NetworkFault.hosts):
            self.change_network(_network_of(estimator), generator)
        else:
            super().put_into(estimator, generator)

    def change_network(
        self, network: OscillatorNetwork, generator: np.random.Generator
    ) -> None:
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
class CurrentDrift(OscillatorFault, DeviceFault):
    """All currents are larger or smaller than they should be, by the same factor.

    Parameters
    ----------
    share : float
        Relative change of the currents.

    Raises
    ------
    TypeError or ValueError
        If it is no number above -1. `with_faults` refuses a network in which an oscillator
        would get no more than its threshold, where it is silent.

    Notes
    -----
    An oscillator that gets (1 + share) times a current answers as one whose threshold is
    lower by that factor, and whose frequency follows the current more steeply by it. The
    copy of a reservoir has that device, so its currents are those that the source is told to
    play. The copy of a network has other `currents`.
    """

    share: float

    fields = ("threshold_current", "current_tuning")
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": CHANGE}

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        device, factor = member.oscillator_, 1 + self.share
        member.oscillator_ = replace(
            device,
            threshold_current=device.threshold_current / factor,
            current_tuning=device.current_tuning * factor,
        )

    def change_network(
        self, network: OscillatorNetwork, generator: np.random.Generator
    ) -> None:
        """As for `OscillatorFault`."""
        network.set_params(currents=network._currents(network._tuning()) * (1 + self.share))
        network.natural_frequencies()  # It refuses what is silent.


@dataclass(frozen=True)
class DeadOscillators(OscillatorFault):
    """Some of several oscillators do not oscillate, and no other one hears them.

    Parameters
    ----------
    share : float
        Of the n oscillators. Exactly ``round(share * n)`` are chosen, the same for all masks.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1. `with_faults` refuses one that leaves no oscillator, a
        reservoir of one oscillator, and delayed feedback of several oscillators. Feedback
        carries their mean, to which a dead one would still add.

    Notes
    -----
    The readout of a reservoir sees 0 of all nodes of a dead oscillator. In a network it is
    locked to no source. Its power and its coherence are 0, and so is its frequency. The
    spectrum of such a network is refused.
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def check_member(self, member: Any) -> None:
        """Refuse a single oscillator, and feedback that joins several.

        Raises
        ------
        ValueError
        """
        name = type(member).__name__
        if len(member.ensemble_) == 1:
            raise ValueError(
                f"DeadOscillators needs several oscillators, and this {name} has "
                "n_oscillators=1; use DeadNodes."
            )
        if member.drive_.delays:
            raise ValueError(
                f"This {name} has feedback of the mean of all {len(member.ensemble_)} "
                "oscillators, to which a dead one would still add; DeadOscillators needs "
                "feedback_gain=0 and no loop_gain."
            )

    def change(self, member: Any, generator: np.random.Generator) -> None:
        """As for `ReservoirFault`."""
        ensemble = member.ensemble_
        dead = chosen(len(ensemble), self.share, generator)
        coupling = _without(ensemble.coupling, dead)
        member.ensemble_ = replace(ensemble, coupling=coupling)
        nodes = np.repeat(dead, len(wear_of(member).gains) // len(dead))
        stick(self, member, nodes, np.zeros(len(nodes)))

    def change_network(
        self, network: OscillatorNetwork, generator: np.random.Generator
    ) -> None:
        """As for `OscillatorFault`."""
        n_oscillators = int(network.n_oscillators)
        dead = chosen(n_oscillators, self.share, generator)
        dead |= getattr(network, "dead_", np.zeros(n_oscillators, bool))
        if dead.any():
            network.dead_ = dead
            _check_answers(self, network)
            network.set_params(coupling=_without(network.coupling, dead))


@dataclass(frozen=True)
class StuckOscillators(NetworkFault):
    """Some oscillators of a network seem to be locked to one source, whatever they do.

    Parameters
    ----------
    share : float
        Of the n oscillators. Exactly ``round(share * n)`` are chosen.
    source : int or None, default=None
        The source; -1 for none. None stands for a state of its own for each stuck oscillator:
        any of the sources or none, with equal probabilities.

    Raises
    ------
    TypeError or ValueError
        If they are no such numbers. `with_faults` refuses a share that leaves no oscillator
        whose answer is true, and a source that the network does not have.

    Notes
    -----
    What is false is the answer: `measure` says the same state for all inputs, with a
    coherence of 1 or 0. The oscillator itself goes on, so the others hear it as before.
    """

    share: float
    source: int | None = None

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "share": SHARE,
        "source": OrNone(Integer(-1)),
    }

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give the network of an estimator this fault."""
        n_sources = _n_sources(estimator)
        if self.source is not None and self.source >= n_sources:
            raise ValueError(
                f"StuckOscillators.source is {self.source}, and this "
                f"{type(estimator).__name__} has {n_sources} sources, numbered from 0; -1 "
                "stands for none of them."
            )
        network = _network_of(estimator)
        n_oscillators = int(network.n_oscillators)
        stuck = chosen(n_oscillators, self.share, generator)
        if self.source is None:
            states = generator.integers(-1, n_sources, size=n_oscillators)
        else:
            states = np.full(n_oscillators, int(self.source))
        _misread(self, network, stuck, states)


@dataclass(frozen=True)
class ByzantineOscillators(NetworkFault):
    """Some oscillators of a network seem to be locked at random, anew for each input.

    Each is said to be locked to any of the sources or to none, with equal probabilities. What
    it says depends on the seed and on the bytes of the input, and not on what the oscillator
    does. So the same input gets the same answer.

    Parameters
    ----------
    share : float
        Of the n oscillators. Exactly ``round(share * n)`` are chosen.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1. `with_faults` refuses a share that leaves no
        oscillator whose answer is true.

    Notes
    -----
    What is false is the answer, as for `StuckOscillators`: `measure` says a coherence of 1
    with the source that was drawn. The oscillator itself goes on, so the others hear it as
    before.
    """

    share: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"share": SHARE}

    def change(self, network: OscillatorNetwork, generator: np.random.Generator) -> None:
        """As for `NetworkFault`."""
        n_oscillators = int(network.n_oscillators)
        stray = chosen(n_oscillators, self.share, generator)
        states, seed = np.full(n_oscillators, AT_RANDOM), int(generator.integers(2**31))
        _misread(self, network, stray, states, seed)


def _n_sources(estimator: Any) -> int:
    """How many sources a fitted network or classifier has."""
    if isinstance(estimator, SynchronizationClassifier):
        return len(estimator.coef_)
    return int(estimator.n_features_in_)


def _misread(
    fault: NetworkFault,
    network: OscillatorNetwork,
    wrong: Array,
    states: Integers,
    seed: int | None = None,
) -> None:
    """Let some oscillators seem to be in other states."""
    if not wrong.any():
        return
    earlier = getattr(network, "misreading_", Misreading(np.full(len(wrong), AS_IT_IS)))
    network.misreading_ = Misreading(
        np.where(wrong, states, earlier.states), earlier.seed if seed is None else seed
    )
    _check_answers(fault, network)


def _check_answers(fault: Fault, network: OscillatorNetwork) -> None:
    """Refuse a network without any oscillator that lives and whose answer is true."""
    answers = np.ones(int(network.n_oscillators), bool)
    if hasattr(network, "dead_"):
        answers &= ~network.dead_
    if hasattr(network, "misreading_"):
        answers &= network.misreading_.states == AS_IT_IS
    if not answers.any():
        raise ValueError(
            f"{fault!r} leaves none of the {len(answers)} oscillators of an "
            "OscillatorNetwork that lives and answers as it is; lower the share."
        )


def _network_of(estimator: Any) -> OscillatorNetwork:
    """The network of an estimator, which may be changed."""
    if not isinstance(estimator, SynchronizationClassifier):
        network: OscillatorNetwork = estimator
        return network
    # What `set_params` changes must not be the user's own network, which may be the same.
    estimator.network_ = copy.deepcopy(estimator.network_)
    return estimator.network_


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
    found = check_coupling("coupling", coupling, len(dead))
    if isinstance(found, complex):
        if found == 0:
            return coupling
        found = found * (1 - np.eye(len(dead)))
    alive = (~dead).astype(float)
    if sparse.issparse(found):
        return sparse.csr_array(sparse.diags_array(alive) @ found @ sparse.diags_array(alive))
    return found * np.outer(alive, alive)
