"""How often do oscillators under a pump find the maximum cut of a random graph?

    python studies/maximum_cut.py [--choose] [--plot max-cut.png]

Prints the tables of `docs/max-cut.md`. The graphs are random (Erdos and Renyi): each pair of
nodes is an edge with probability 0.5. The budget of every graph was fixed before: 16 starts
of 4 us. Up to 22 nodes all cuts are tried, so that the optimum is known. Larger graphs have a
best known cut: the best of 64 tabu searches of 100 moves per node. A line of a table says if
another method surpassed it.

Beside the oscillators stand as many random cuts, and as many starts of a greedy search, which
moves the node that gains most until none gains. `--choose` prints the grid from which the
strength of the coupling and of the pump were chosen, on other graphs.
"""

import argparse
from dataclasses import replace
from functools import partial

import numpy as np

from reservoir import SpinTorqueOscillator
from reservoir.networks import cut_network, maximum_cut

EDGE_PROBABILITY = 0.5
N_STARTS, DURATION = 16, 4e-6  # the budget of every graph
N_GRAPHS = 20
FIRST_CHOSEN_ON, FIRST_REPORTED = 1000, 2000  # seeds of graphs
N_DRAWS, DRAW_APART = 6, 100_000  # draws of starts, and the distance of their seeds
SIZES = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
N_GRAPHS_PER_SIZE = 10
STRENGTHS, RATIOS = (4e6, 6e6, 9e6), (0.15, 0.3, 0.5)  # 1/s; pump over strength
CHOICE_SIZES = (20, 50)
SHIFTS = (0.0, 3e6, 6e6, 12e6, 24e6, 48e6)  # Hz; the default oscillator has 12e6
LINEWIDTHS = (1e4, 1e5, 3e5, 1e6)  # Hz
SPREADS = (1e5, 3e5, 5e5, 1e6)  # Hz
PHASE_ERRORS = (-0.4, -0.2, 0.2, 0.4)  # rad, of the coupling
REAL_LINEWIDTH, REAL_SPREAD = 1e5, 1e5  # Hz, together with the sizes
MOST_TRIED_NODES = 22  # 2^21 cuts


def random_graph(n_nodes, seed, probability=EDGE_PROBABILITY):
    """Adjacency matrix of a random graph."""
    drawn = np.random.default_rng(seed).random((n_nodes, n_nodes)) < probability
    return np.triu(drawn, 1).astype(float) + np.triu(drawn, 1).T


def signed_graph(n_nodes, seed):
    """Edges between all nodes, of weight +1 or -1 (Sherrington and Kirkpatrick)."""
    signs = np.triu(np.random.default_rng(seed).choice([-1.0, 1.0], (n_nodes, n_nodes)), 1)
    return signs + signs.T


def signed_torus(n_nodes, seed):
    """A square lattice, 4 nodes wide and closed both ways, with weights +1 or -1."""
    generator = np.random.default_rng(seed)
    numbers = np.arange(n_nodes).reshape(4, -1)
    graph = np.zeros((n_nodes, n_nodes))
    for axis in (0, 1):
        ends = numbers.ravel(), np.roll(numbers, 1, axis).ravel()
        graph[ends] = generator.choice([-1.0, 1.0], n_nodes)
    return graph + graph.T


KINDS = {
    "edges with probability 0.2": partial(random_graph, probability=0.2),
    "edges with probability 0.8": partial(random_graph, probability=0.8),
    "all edges, weights +1 or -1": signed_graph,
    "square lattice on a torus, weights +1 or -1": signed_torus,
}


def values(graph, sides):
    """Weight of the cut edges for every row of +1 and -1."""
    return (graph.sum() - np.einsum("ri,ij,rj->r", sides, graph, sides)) / 4


def optimum(graph):
    """The largest value of all 2^(n - 1) cuts; weights are whole numbers."""
    n_nodes = len(graph)
    cuts = np.arange(2 ** (n_nodes - 1), dtype=np.uint32)
    sides = [(cuts >> node & 1).astype(np.int16) for node in range(n_nodes)]
    value = np.zeros(len(cuts), np.int16)
    for first, second in zip(*np.nonzero(np.triu(graph)), strict=True):
        value += np.int16(graph[first, second]) * (sides[first] ^ sides[second])
    return int(value.max())


def random_sides(n_nodes, n_starts, seed):
    """Groups drawn at random, as +1 and -1."""
    return np.random.default_rng(seed).choice([-1, 1], (n_starts, n_nodes))


def greedy(graph, sides):
    """Move the node that gains most, until no node gains."""
    sides, rows = sides.copy(), np.arange(len(sides))
    while True:
        gains = sides * (sides @ graph)
        best = gains.argmax(axis=1)
        moving = gains[rows, best] > 0
        if not moving.any():
            return sides
        sides[rows[moving], best[moving]] *= -1


def tabu(graph, sides, n_moves, generator):
    """The best value of searches that always move, but not back for a while."""
    sides, rows = sides.copy(), np.arange(len(sides))
    free_from = np.zeros(sides.shape, int)
    value = values(graph, sides)
    record = value.copy()
    for move in range(n_moves):
        gains = sides * (sides @ graph)
        allowed = (free_from <= move) | (value[:, None] + gains > record[:, None])
        best = np.where(allowed, gains, -np.inf).argmax(axis=1)
        value = value + gains[rows, best]
        sides[rows, best] *= -1
        tenure = len(graph) // 10 + generator.integers(1, 10, len(rows))
        free_from[rows, best] = move + 1 + tenure
        record = np.maximum(record, value)
    return record.max()


def best_known(graph, seed):
    """The optimum of a small graph, else what long searches find."""
    if len(graph) <= MOST_TRIED_NODES:
        return optimum(graph)
    generator = np.random.default_rng(seed + 1)
    sides = random_sides(len(graph), 64, seed)
    return tabu(graph, sides, 100 * len(graph), generator)


class Graphs:
    """Random graphs of one size with their best known cuts."""

    def __init__(self, n_nodes, n_graphs, first_seed, kind=random_graph):
        self.seeds = range(first_seed, first_seed + n_graphs)
        self.graphs = [kind(n_nodes, seed) for seed in self.seeds]
        pairs = zip(self.graphs, self.seeds, strict=True)
        self.best = np.array([best_known(graph, seed) for graph, seed in pairs])

    def oscillators(
        self, oscillator=None, *, spread=0.0, linewidth=0.0, n_stages=8, draw=0, **options
    ):
        """Values of every start on every graph; another draw has other starts."""
        found = []
        for graph, seed in zip(self.graphs, self.seeds, strict=True):
            network = cut_network(graph, oscillator, **options)
            offsets = np.random.default_rng(seed).standard_normal(len(graph))
            network.set_params(
                frequencies=network.frequencies + spread * offsets,
                linewidth=linewidth,
                random_state=seed + DRAW_APART * draw,
            )
            cut = maximum_cut(
                graph,
                network,
                n_starts=N_STARTS,
                duration=DURATION,
                n_stages=n_stages,
                random_state=seed + DRAW_APART * draw,
            )
            found.append(cut.history[:, -1])
        return np.array(found)

    def searches(self, improve, draw=0):
        """Values of as many random groups, improved by a function."""
        found = []
        for graph, seed in zip(self.graphs, self.seeds, strict=True):
            sides = random_sides(len(graph), N_STARTS, seed + DRAW_APART * draw)
            found.append(values(graph, improve(graph, sides)))
        return np.array(found)

    def shares(self, found):
        """Graphs and starts at the best known cut; mean and best value over it."""
        over = found / self.best[:, None]
        return (
            (over.max(axis=1) >= 1).mean(),
            (over >= 1).mean(),
            over.mean(),
            over.max(axis=1).mean(),
        )

    def row(self, name, found):
        """One line of a table."""
        graphs, starts, mean, best = self.shares(found)
        beaten = (found.max(axis=1) > self.best).sum()
        note = f" {beaten} best known cuts were surpassed" if beaten else ""
        print(
            f"| {name} | {100 * graphs:.0f} | {100 * starts:.1f} | {100 * mean:.2f} "
            f"| {100 * best:.2f} |{note}",
            flush=True,
        )


def heading(first):
    """The head of a table."""
    print(f"\n| {first} | graphs at best, % | starts at best, % | mean, % | best of 16, % |")
    print("| --- | --- | --- | --- | --- |")


def choose():
    """The grid on graphs that are not reported."""
    for n_nodes in CHOICE_SIZES:
        graphs = Graphs(n_nodes, N_GRAPHS, FIRST_CHOSEN_ON)
        heading(f"{n_nodes} nodes: strength in 1/s, pump over strength")
        for strength in STRENGTHS:
            for ratio in RATIOS:
                found = graphs.oscillators(strength=strength, pumping=ratio * strength)
                graphs.row(f"{strength:.0e}, {ratio}", found)


def with_shift(shift):
    """The default oscillator with another nonlinear frequency shift, in Hz."""
    return replace(
        SpinTorqueOscillator.from_preset("romera2018"), nonlinear_frequency_shift=shift
    )


def twenty_nodes():
    """The tables of graphs with known optimum, and successes against nu for the figure."""
    graphs = Graphs(20, N_GRAPHS, FIRST_REPORTED)
    heading("20 nodes")
    graphs.row("oscillators", graphs.oscillators())
    graphs.row("greedy", graphs.searches(greedy))
    graphs.row("random", graphs.searches(lambda graph, sides: sides))
    graphs.row("the pump at full strength at once", graphs.oscillators(n_stages=1))
    graphs.row("no pump", graphs.oscillators(pumping=0.0))
    graphs.row("real coupling", graphs.oscillators(coupling_phase=0.0))
    for linewidth in LINEWIDTHS:
        found = graphs.oscillators(linewidth=linewidth)
        graphs.row(f"linewidth {linewidth / 1e6:g} MHz", found)
    for spread in SPREADS:
        found = graphs.oscillators(spread=spread)
        graphs.row(f"frequencies spread by {spread / 1e6:g} MHz", found)
    print("\ngraphs at the optimum in each draw of starts, %")
    for name, found_in in (
        ("oscillators", lambda draw: graphs.oscillators(draw=draw)),
        ("greedy", lambda draw: graphs.searches(greedy, draw)),
    ):
        shares = [100 * graphs.shares(found_in(draw))[0] for draw in range(N_DRAWS)]
        print(name, [round(share) for share in shares], f"mean {np.mean(shares):.1f}")
    device = SpinTorqueOscillator.from_preset("romera2018")
    best_phase = np.arctan(device.nonlinear_shift(2 * device.threshold_current))
    heading("20 nodes, phase of the coupling")
    for error in PHASE_ERRORS:
        found = graphs.oscillators(coupling_phase=best_phase + error)
        graphs.row(f"arctan nu {error:+}", found)
    heading("nu, phase of the coupling")
    curves = []
    for shift in SHIFTS:
        device = with_shift(shift)
        nu = float(device.nonlinear_shift(2 * device.threshold_current))
        point = [nu]
        for name, phase in (("arctan nu", None), ("0", 0.0)):
            found = graphs.oscillators(device, coupling_phase=phase)
            graphs.row(f"{nu:.2f}, {name}", found)
            point.append(graphs.shares(found)[1])
        curves.append(point)
    return np.array(curves)


def kinds():
    """The table of other graphs of 20 nodes."""
    heading("20 nodes")
    for name, kind in KINDS.items():
        graphs = Graphs(20, N_GRAPHS, FIRST_REPORTED, kind)
        graphs.row(f"{name}: oscillators", graphs.oscillators())
        graphs.row(f"{name}: greedy", graphs.searches(greedy))


def sizes():
    """The table of sizes, and the best of 16 over the best known for the figure."""
    curves = []
    heading("nodes")
    for n_nodes in SIZES:
        graphs = Graphs(n_nodes, N_GRAPHS_PER_SIZE, FIRST_REPORTED)
        rows = {
            "oscillators": graphs.oscillators(),
            "with noise and spread": graphs.oscillators(
                spread=REAL_SPREAD, linewidth=REAL_LINEWIDTH
            ),
            "greedy": graphs.searches(greedy),
            "random": graphs.searches(lambda graph, sides: sides),
        }
        for name, found in rows.items():
            graphs.row(f"{n_nodes}, {name}", found)
        curves.append([graphs.shares(found)[3] for found in rows.values()])
    return np.array(curves)


def plot(path, by_nu, by_size):
    """Phases in one run, the cuts against size, the successes against nu."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from reservoir.plotting import figure_style
    from reservoir.plotting.colors import BLUE, GREEN, GREY, ORANGE

    graph = random_graph(20, FIRST_REPORTED)
    cut = maximum_cut(graph, n_starts=1, duration=DURATION, n_stages=100, random_state=1)
    time = np.arange(1, 101) * DURATION / 100 * 1e6
    turns = np.unwrap(cut.phases[0], axis=0) / (2 * np.pi)
    turns -= turns[-1, 0] + np.floor(turns[-1] - turns[-1, 0] + 0.25)  # node 0 ends at 0
    with figure_style():
        figure, axes = plt.subplots(1, 3, figsize=(7, 2.5), layout="constrained")
        for color, group in ((BLUE, 0), (ORANGE, 1)):
            axes[0].plot(time, turns[:, cut.groups == group], color=color, lw=0.9)
        axes[0].set(
            xlabel="time (µs)", ylabel="phase (turns)", title="(a) One start, 20 nodes"
        )
        labels = "oscillators", "with noise and spread", "greedy"
        styles = zip(labels, (BLUE, GREEN, GREY), ("o-", "s--", "^:"), strict=True)
        for column, (label, color, style) in enumerate(styles):
            axes[1].plot(SIZES, 100 * by_size[:, column], style, color=color, label=label)
        axes[1].set(
            xlabel="nodes", ylabel="best of 16 / best known (%)", title="(b) Larger graphs"
        )
        axes[1].set_ylim(98.9, 100.05)
        axes[1].legend(loc="lower left")
        axes[2].plot(by_nu[:, 0], 100 * by_nu[:, 1], "o-", color=BLUE, label="arctan nu")
        axes[2].plot(by_nu[:, 0], 100 * by_nu[:, 2], "s--", color=ORANGE, label="0 (real)")
        axes[2].set(
            xlabel="nonlinear frequency shift nu",
            ylabel="starts at the optimum (%)",
            title="(c) Phase of the coupling",
        )
        axes[2].legend()
        figure.savefig(path)


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--choose", action="store_true", help="the grid of settings alone")
    parser.add_argument("--plot", metavar="FILE", help="draw the figure")
    options = parser.parse_args()
    if options.choose:
        choose()
        return
    by_nu = twenty_nodes()
    kinds()
    by_size = sizes()
    if options.plot:
        plot(options.plot, by_nu, by_size)


if __name__ == "__main__":
    main()
