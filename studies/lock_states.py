"""Are lock states those of a direct integration, from no source at all to strong ones?

The edges of locking are printed first, measured and by the formula for a weak source.

    python studies/lock_states.py [--networks 225] [--seed 0]     (five minutes, one thread)

Networks are drawn: one to four oscillators, one or two sources near their frequencies, no
coupling or one up to half of the injection, and an injection of 0 (every tenth) or between
2e5/s and 4e7/s, which is four times the rate at which the amplitude relaxes. Each is
integrated by another method (`scipy.integrate.DOP853`, tolerance 1e-8, in the equation's own
form), for 360 over the pull of a source, which is four times as long as the package takes. An
oscillator is locked to a source if its phase relative to the source makes less than 1.5 turns
in the last 300. The distribution of turns is printed: between 0.5 and 8 there is hardly any
state, so it does not matter that it is 1.5.

A state is near an edge if it changes when a source moves by 2 % or 4 % of a half-width to
either side, which is 1 % or 2 % of a band, or if two sources are within 2 % of a band of each
other. These are counted apart. `docs/networks.md` holds what it gave.
"""

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.integrate import DOP853

from reservoir import OscillatorNetwork, SpinTorqueOscillator

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * VORTEX.threshold_current
OWN = float(VORTEX.stationary_frequency(BIAS))
GROWTH, SATURATION = float(VORTEX.growth_rate(BIAS)), float(VORTEX.saturation_rate(BIAS))
REST = GROWTH / SATURATION
SHIFT = 2 * np.pi * VORTEX.nonlinear_frequency_shift
ENHANCEMENT = float(np.hypot(1, 2 * SHIFT / SATURATION))  # sqrt(1 + nu^2)
WEAKEST, STRONGEST = 2e5, 4e7  # injection in 1/s
MOVES = (0.0, -0.04, -0.02, 0.02, 0.04)  # of a source, in half-widths
SETTLING, WATCHED = 60, 300  # over the pull
MAX_TURNS = 1.5
START = (
    0.381966  # turns from the phase of one oscillator to that of the next, as in the package
)
MAX_ANGLE = (
    1.0  # rad in a step; where a phase turns faster, the step is looked at more finely
)
N_MOST = {"oscillators": 4, "sources": 2}


@dataclass
class Drawn:
    """A network, and its sources, in Hz and 1/s."""

    frequencies: np.ndarray
    sources: np.ndarray
    injection: float
    coupling: complex

    @property
    def half_width(self):
        return ENHANCEMENT * max(self.injection, WEAKEST) / (2 * np.pi)

    def moved_sources(self):
        """Sources as they are, and each of them moved."""
        rows = [self.sources]
        for source in range(len(self.sources)):
            for move in MOVES[1:]:
                rows.append(self.sources.copy())
                rows[-1][source] += move * self.half_width
        return np.array(rows)

    def has_close_sources(self):
        return bool((np.diff(np.sort(self.sources)) < 0.04 * self.half_width).any())

    def measured(self):
        """Lock states of the package."""
        network = OscillatorNetwork(
            n_oscillators=len(self.frequencies),
            frequencies=self.frequencies,
            coupling=self.coupling,
            injection=self.injection,
        )
        return network.measure([self.sources]).locked[0]


def draw(n_networks, seed):
    generator = np.random.default_rng(seed)
    drawn = []
    for number in range(n_networks):
        n_oscillators = generator.integers(1, 1 + N_MOST["oscillators"])
        n_sources = generator.integers(1, 1 + N_MOST["sources"])
        injection = 10 ** generator.uniform(*np.log10([WEAKEST, STRONGEST]))
        injection = 0.0 if number % 10 == 0 else injection
        half_width = ENHANCEMENT * max(injection, WEAKEST) / (2 * np.pi)
        spacing = np.clip(1.6 * half_width, 1e6, 8e6) * generator.uniform(0.7, 1.5)
        slots = np.arange(n_oscillators) - (n_oscillators - 1) / 2
        frequencies = OWN + spacing * (slots + generator.uniform(-0.2, 0.2, n_oscillators))
        near = frequencies[generator.integers(n_oscillators, size=n_sources)]
        sources = near + half_width * generator.uniform(-1.6, 1.6, n_sources)
        coupling = generator.uniform(0.1, 0.5) * np.exp(2j * np.pi * generator.random())
        coupling *= max(injection, WEAKEST) * (generator.random() < 0.5)
        drawn.append(Drawn(frequencies, sources, injection, complex(coupling)))
    return drawn


def turns_of(networks):
    """Turns of each phase relative to each source while watched, by direct integration.

    All networks are followed together, with all moves of their sources: one array of shape
    (n_moves, n_oscillators, n_sources) for each network.
    """
    rows = [(network, sources) for network in networks for sources in network.moved_sources()]
    size = len(rows), N_MOST["oscillators"]
    turn, exists = np.zeros(size), np.zeros(size)
    force, tone = np.zeros((2, len(rows), N_MOST["sources"]))
    coupling = np.array([[network.coupling] for network, _ in rows])
    for row, (network, sources) in enumerate(rows):
        own = slice(len(network.frequencies))
        turn[row, own] = 2 * np.pi * (network.frequencies - OWN)
        exists[row, own] = 1
        force[row, : len(sources)] = network.injection * np.sqrt(REST)
        tone[row, : len(sources)] = 2 * np.pi * (sources - OWN)

    def change(time, state):
        real, imaginary = state.reshape(2, *size)
        c = real + 1j * imaginary
        power = real**2 + imaginary**2
        felt = (force * np.exp(-1j * tone * time)).sum(axis=1, keepdims=True)
        others = c * exists
        felt = felt + coupling * (others.sum(axis=1, keepdims=True) - others)
        rate = (GROWTH - SATURATION * power) / 2 - 1j * (turn + SHIFT * (power - REST))
        slope = rate * c + felt
        return np.concatenate([slope.real.ravel(), slope.imag.ravel()])

    def amplitudes(state):
        return state[: turn.size] + 1j * state[turn.size :]

    pull = min(2 * np.pi * network.half_width for network in networks)
    settled, end = SETTLING / pull, (SETTLING + WATCHED) / pull
    phases = np.exp(2j * np.pi * START * np.arange(size[1]))
    start = np.tile(np.sqrt(REST) * phases, len(rows))
    solver = DOP853(
        change, 0.0, np.concatenate([start.real, start.imag]), end, rtol=1e-8, atol=1e-8
    )
    angle, last, begin, began = np.zeros(turn.size), start, None, 0.0
    while solver.status == "running":
        solver.step()
        points = amplitudes(solver.y)[None]
        if np.abs(np.angle(points[0] / last)).max() > MAX_ANGLE:
            times = np.linspace(solver.t_old, solver.t, 9)[1:]
            points = amplitudes(solver.dense_output()(times)).T
        path = np.concatenate([last[None], points])
        angle -= np.angle(path[1:] * path[:-1].conj()).sum(axis=0)
        last = points[-1]
        if begin is None and solver.t >= settled:
            begin, began = angle.copy(), solver.t
    assert solver.status == "finished"
    advance = (angle - begin).reshape(size)[:, :, None] - tone[:, None] * (solver.t - began)
    found = np.abs(advance) / (2 * np.pi)
    parts = np.split(found, np.cumsum([len(n.moved_sources()) for n in networks])[:-1])
    return [
        part[:, : len(network.frequencies), : len(network.sources)]
        for network, part in zip(networks, parts, strict=True)
    ]


def states_of(network, turns):
    """The source that each oscillator is locked to, or -1, for each move of the sources."""
    if network.injection == 0:
        return np.full(turns.shape[:2], -1)
    return np.where(turns.min(axis=2) < MAX_TURNS, turns.argmin(axis=2), -1)


def print_ranges():
    """Edges of locking of one oscillator, measured, beside the formula for a weak source."""
    print("injection, 1/s   formula, MHz   measured edges, MHz   over the formula")
    for injection in (1e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 4e7, 8e7):
        network = OscillatorNetwork(injection=injection)
        formula = network.locking_half_width()
        edges = np.array(network.locking_range())
        print(
            f"{injection:14.0e} {formula / 1e6:14.4f} {edges[0] / 1e6:12.4f}"
            f"{edges[1] / 1e6:9.4f} {edges[0] / formula:11.3f}{edges[1] / formula:7.3f}"
        )


def main():
    """Draw, integrate, compare; print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", type=int, default=225)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print_ranges()
    networks = draw(options.networks, options.seed)
    order = sorted(range(len(networks)), key=lambda number: -networks[number].injection)
    turns = {}
    for first in range(0, len(order), 20):  # of similar injection, so that they take as long
        numbers = order[first : first + 20]
        turns |= dict(zip(numbers, turns_of([networks[n] for n in numbers]), strict=True))
    edges = [0, 0.1, 0.25, 0.5, 1, MAX_TURNS, 2, 4, 8, np.inf]
    every = np.concatenate([t.ravel() for n, t in turns.items() if networks[n].injection])
    print("turns while watched, and how many phases:")
    for low, high, count in zip(
        edges, edges[1:], np.histogram(every, edges)[0], strict=False
    ):
        print(f"  {low:5.2f} to {high:5.2f}: {count}")
    far, agree, near, near_agree, locked, oscillators = 0, 0, 0, 0, 0, 0
    for number, network in enumerate(networks):
        states = states_of(network, turns[number])
        same = bool((network.measured() == states[0]).all())
        if network.has_close_sources() or (states != states[0]).any():
            near, near_agree = near + 1, near_agree + same
            continue
        far, agree = far + 1, agree + same
        locked, oscillators = locked + (states[0] >= 0).sum(), oscillators + states.shape[1]
        if not same:
            print(f"  differs: {network}: {network.measured()}, integrated {states[0]}")
    print(f"away from the edges: {agree} of {far} networks agree")
    print(f"  ({oscillators} oscillators, {locked} of them locked)")
    print(f"near an edge: {near_agree} of {near} networks agree")


if __name__ == "__main__":
    main()
