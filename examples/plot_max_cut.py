"""
Into which two groups does a pump divide oscillators that repel each other?
===========================================================================

Twenty oscillators stand for the nodes of a random graph, and repel each other along its
edges. A pump at twice their frequency grows in strength. At its end each oscillator keeps
one of two phases, half a turn apart: the two groups. Most of the edges run between them.
The number of cut edges is compared with that of all 2^19 divisions of the graph, and with
random ones.
"""

# %%
import matplotlib.pyplot as plt
import numpy as np

from reservoir.networks import maximum_cut
from reservoir.plotting import figure_style
from reservoir.plotting.colors import BLUE, ORANGE

n_nodes, duration, n_stages = 20, 4e-6, 40
graph = np.triu(np.random.default_rng(0).random((n_nodes, n_nodes)) < 0.5, 1)
cut = maximum_cut(
    graph | graph.T, duration=duration, n_stages=n_stages, n_starts=16, random_state=0
)

divisions = np.arange(2 ** (n_nodes - 1), dtype=np.uint32)
edges = np.zeros(len(divisions), np.uint8)
for first, second in zip(*np.nonzero(graph), strict=True):
    edges += (divisions >> first ^ divisions >> second).astype(np.uint8) & 1
found = (cut.history[:, -1] == edges.max()).sum()
print(f"cut by the oscillators: {cut.value:.0f} of {graph.sum()} edges")
print(f"maximum: {edges.max()}, found by {found} of 16 starts; mean cut: {edges.mean():.1f}")

# %%
best = cut.history[:, -1].argmax()
time = duration * np.arange(1, n_stages + 1) / n_stages * 1e6
turns = np.unwrap(cut.phases[best], axis=0) / (2 * np.pi)
turns -= np.floor(turns[-1] - turns[-1, 0] + 0.25) + turns[-1, 0]
with figure_style():
    figure, axes = plt.subplots(2, 1, figsize=(4, 4.5), sharex=True, layout="constrained")
    for group, color in ((0, BLUE), (1, ORANGE)):
        axes[0].plot(time, turns[:, cut.groups == group], color=color, lw=1)
    axes[0].set(ylabel="phase (turns)", title="(a) Phases in the best start")
    axes[1].plot(time, cut.history.T, color="0.75", lw=0.8)
    axes[1].plot(time, cut.history[best], color=BLUE)
    axes[1].axhline(edges.max(), color=ORANGE, ls="--", label="maximum of all cuts")
    axes[1].set(xlabel="time (µs)", ylabel="edges that are cut", title="(b) 16 starts")
    axes[1].legend()
    plt.show()
