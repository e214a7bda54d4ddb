"""Do coupled oscillators settle where their equations say, and are cuts what they claim?

The equations of `PhaseOscillators` and `AutoOscillators` are written down here once more, as
sums over pairs. A settled state must be at rest in them, and must hold against small
deviations. Slopes of the loss are those of central differences. A cut has the value of its
groups, which no cut of a small graph exceeds.
"""

import itertools

import numpy as np
from harness import OK, Outcome, Part, as_bytes, generator, judged, main, pick
from scipy import sparse

from reservoir.networks import AutoOscillators, PhaseOscillators, cut_network, maximum_cut
from reservoir.networks.circuit import Circuit
from reservoir.networks.equilibrium_propagation import implicit_slopes, loss, settle

AT_REST = 1e-9  # of the fastest rate
DIFFERENCE = 1e-5  # of a parameter's unit, for central differences
MIN_DECAY = 0.05  # of the unit; slower states are too near an edge for differences
MAX_ERROR = 1e-4  # of slopes, over the largest one
MAX_TRIED_NODES = 9


def circuit(rng, rate: float) -> Circuit:
    """Free and held oscillators with couplings of one size, under some inputs."""
    n_free, n_held = int(rng.integers(1, 6)), int(rng.integers(1, 4))
    n_inputs = int(rng.integers(1, 5))
    among = rng.normal(size=(n_free, n_free)) * (rng.random() < 0.8)
    among = np.triu(among, 1) + np.triu(among, 1).T
    outside = rng.normal(size=(n_free, n_held)) + np.eye(n_free, n_held)
    outside[:, 0] += 1.5
    frequencies = rng.normal(size=(pick(rng, 1, n_inputs), n_free)) * pick(rng, 0, 0.2, 1)
    held = np.exp(1j * rng.uniform(-1.5, 1.5, (n_inputs, n_held)))
    held[:, 0] = 1.0
    couplings = np.concatenate([among, outside], axis=1)[None]
    return Circuit(rate * couplings, rate * frequencies, held)


def oscillators(rng, rate: float):
    """Phases, or amplitudes that relax faster than they are coupled."""
    shift = float(rng.normal() * pick(rng, 0.0, 1.0, 3.0))
    phase = pick(rng, 0.0, float(np.arctan(shift)), float(rng.normal()))
    if rng.random() < 0.5:
        return PhaseOscillators(shift, phase)
    return AutoOscillators(rate * float(10 ** rng.uniform(0.3, 3)), shift, phase)


def rates_of(one, here: Circuit, z: np.ndarray, number: int) -> np.ndarray:
    """dz/dt of every free oscillator under one input, pair by pair."""
    known = np.concatenate([z, here.held[number]])
    frequencies = here.frequencies[number % len(here.frequencies)]
    moved = np.empty(len(z), complex)
    for i, own in enumerate(z):
        felt = sum(k * other for k, other in zip(here.couplings[0, i], known, strict=True))
        if isinstance(one, PhaseOscillators):
            turn = np.arctan(one.nonlinear_shift) - one.coupling_phase
            pulled = abs(felt) * np.sin(np.angle(felt) - np.angle(own) + turn)
            moved[i] = 1j * own * (frequencies[i] + pulled)
        else:
            growth = one.relaxation_rate * (1 - abs(own) ** 2)
            factor = np.exp(-1j * one.coupling_phase) / np.hypot(1, one.nonlinear_shift)
            moved[i] = own * (1j * frequencies[i] + growth * (1 - 1j * one.nonlinear_shift))
            moved[i] += factor * felt
    return moved


def deviations_decay(one, here: Circuit, z: np.ndarray, number: int) -> float:
    """How fast the slowest small deviation decays, from differences; in 1/s."""
    ways = (1j * z,) if isinstance(one, PhaseOscillators) else (1j * z, z)
    small = 1e-6
    columns = []
    for way in ways:
        for i in range(len(z)):
            step = np.zeros(len(z), complex)
            step[i] = small * way[i]
            slope = rates_of(one, here, z + step, number) - rates_of(
                one, here, z - step, number
            )
            slope /= 2 * small * z
            columns.append(np.concatenate([slope.imag, slope.real][: len(ways)]))
    return float(-np.linalg.eigvals(np.array(columns).T).real.max())


def settled(seed: int, number: int) -> Outcome:
    """A state that is called settled is at rest and stable, and needs no company."""
    rng = generator(seed, "settled", number)
    rate = float(10 ** rng.uniform(-3, 12))
    here, one = circuit(rng, rate), oscillators(rng, rate)
    payload = f"{one}, {here}".encode()
    try:
        found = settle(one, here)
    except Exception as error:
        return judged(error, "settle", payload)
    fastest = max(here.fastest, one.fastest)
    for i in np.flatnonzero(found.at_rest):
        if np.abs(rates_of(one, here, found.z[i], i)).max() > AT_REST * fastest:
            return Outcome("wrong", "a settled state moves", "", payload)
        if deviations_decay(one, here, found.z[i], i) < -1e-6 * fastest:
            return Outcome("wrong", "a settled state is not stable", "", payload)
    # Amplitudes are followed in steps for the fastest input, so that inputs with frequencies
    # of their own are followed otherwise in other company.
    for i in range(len(here) if len(here.frequencies) == 1 else 0):
        alone = settle(one, here.under(np.array([i])))
        if (
            as_bytes(alone.z[0]) != as_bytes(found.z[i])
            or alone.at_rest[0] != found.at_rest[i]
        ):
            return Outcome("wrong", "alone an input settles elsewhere", "", payload)
    return OK


def slopes(seed: int, number: int) -> Outcome:
    """Exact slopes of the loss against central differences."""
    rng = generator(seed, "slopes", number)
    rate = float(10 ** rng.uniform(0, 9))
    here, one = circuit(rng, rate), oscillators(rng, rate)
    payload = f"{one}, {here}".encode()
    targets = np.exp(1j * rng.normal(size=(len(here), here.n_free)))
    try:
        free = settle(one, here)
        exact = implicit_slopes(one, here, free, targets)
        decays = [deviations_decay(one, here, z, i) for i, z in enumerate(free.z)]
        used = free.at_rest & (np.array(decays) > MIN_DECAY * rate)
        if not used.any():
            return OK
        i, j = int(rng.integers(here.n_free)), int(rng.integers(here.couplings.shape[2]))
        ends, away = [], DIFFERENCE * rate
        for step in (away, -away):
            couplings, frequencies = here.couplings.copy(), here.frequencies.copy()
            if i == j:
                frequencies[:, i] += step
            else:
                couplings[:, i, j] += step
                if j < here.n_free:
                    couplings[:, j, i] += step
            moved = settle(one, Circuit(couplings, frequencies, here.held), free.z)
            used &= moved.at_rest
            ends.append(loss(moved.z, targets))
    except Exception as error:
        return judged(error, "slopes", payload)
    slope = (ends[0] - ends[1]) / (2 * away)
    given = exact.frequencies[:, i] if i == j else exact.couplings[:, i, j]
    size = np.abs(exact.couplings).max() + np.abs(exact.frequencies).max()
    error = np.abs(slope - given)[used].max(initial=0.0)
    if not error <= MAX_ERROR * size:
        return Outcome("wrong", "slopes", f"off by {error * rate:.3g}", payload)
    return OK


def graph_of(rng) -> np.ndarray:
    """A symmetric matrix with an empty diagonal, of any scale and filling."""
    n = int(rng.integers(1, MAX_TRIED_NODES + 1))
    weights = pick(rng, np.ones((n, n)), rng.normal(size=(n, n)), rng.integers(-2, 3, (n, n)))
    kept = rng.random((n, n)) < pick(rng, 0.0, 0.3, 0.7, 1.0)
    scale = pick(rng, 1.0, 1.0, 1.0, 1e-150, 1e-300, 1e150, 1e300)
    upper = np.triu(weights * kept, 1) * scale
    return upper + upper.T


def cuts(seed: int, number: int) -> Outcome:
    """The best cut of some starts of a small graph."""
    rng = generator(seed, "cuts", number)
    graph = graph_of(rng)
    given = pick(rng, graph, graph.tolist(), sparse.csr_array(graph), sparse.coo_array(graph))
    options = {
        "n_starts": int(rng.integers(1, 4)),
        "n_stages": int(rng.integers(1, 5)),
        "duration": float(10 ** rng.uniform(-7, -6)),
        "random_state": int(rng.integers(1000)),
    }
    payload = f"{graph.tolist()}, {options}".encode()
    try:
        network = None
        if rng.random() < 0.6:
            strength = float(10 ** rng.uniform(4, 7.3))
            network = cut_network(
                given,
                strength=strength,
                pumping=strength * float(rng.uniform(0, 1)),
                coupling_phase=pick(rng, None, float(rng.normal())),
            ).set_params(linewidth=pick(rng, 0.0, 1e5), random_state=0)
        cut = maximum_cut(given, network, **options)
        again = maximum_cut(given, network, **options)
    except Exception as error:
        return judged(error, "maximum_cut", payload)
    for name in ("groups", "value", "history", "phases"):
        if as_bytes(getattr(cut, name)) != as_bytes(getattr(again, name)):
            return Outcome("wrong", f"{name} differs when it is asked again", "", payload)
    unit = max(np.abs(graph).max(), 1e-305)
    pairs = list(itertools.combinations(range(len(graph)), 2))

    def value(groups):
        return sum(graph[i, j] / unit for i, j in pairs if groups[i] != groups[j])

    best = max(map(value, itertools.product((0, 1), repeat=len(graph))))
    rounding = 1e-12 * len(pairs)
    if abs(value(cut.groups) - cut.value / unit) > rounding:
        return Outcome("wrong", "the value is not that of the groups", "", payload)
    if cut.groups[0] != 0 or not np.isin(cut.groups, (0, 1)).all():
        return Outcome("wrong", "the groups are not 0 and 1", "", payload)
    if not cut.value == cut.history.max() or cut.value / unit > best + rounding:
        return Outcome("wrong", "a value that no cut has", "", payload)
    return OK


if __name__ == "__main__":
    main(__file__, {"settled": Part(settled), "slopes": Part(slopes), "cuts": Part(cuts)})
