"""
One node and a delay line: how does memory depend on the strength of the loop?
==============================================================================

The Mackey-Glass node of Appeltant et al. (2011) and an optoelectronic node recall a random
input some steps later. Below a loop strength of one the memory fades. It reaches further back
the closer the strength is to one, until the nonlinearity takes over.
"""

# %%
import dataclasses

import matplotlib.pyplot as plt
import numpy as np

from reservoir import TimeMultiplexedReservoir, datasets
from reservoir.capacity import memory_capacity
from reservoir.devices import MackeyGlassNode, OptoelectronicNode

recall = datasets.make_memory(1500, delays=range(1, 31), random_state=0)
nodes = {
    "Mackey-Glass": MackeyGlassNode(exponent=7.0, delay=51.0),
    "optoelectronic": OptoelectronicNode(phase=0.3, delay=51.0, response_time=0.5),
}
strengths = np.array([0.3, 0.5, 0.7, 0.8, 0.9, 0.99])

figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
for (name, node), color, mark in zip(
    nodes.items(), ("#0072B2", "#D55E00"), ("o-", "s--"), strict=True
):
    capacities = []
    for strength in strengths:
        reservoir = TimeMultiplexedReservoir(
            dataclasses.replace(node, strength=strength),
            n_nodes=50,  # the default node time is the delay over 51: nodes are connected
            drive_range=(-0.05, 0.05),
            random_state=0,
        )
        states = reservoir.fit_transform([recall.data])[0]
        capacities.append(memory_capacity(states, recall.data[:, 0], range(1, 31)).total)
    found = [f"{c:.1f} at {s}" for s, c in zip(strengths, capacities, strict=True)]
    print(f"{name}: {', '.join(found)}")
    axes.plot(strengths, capacities, mark, color=color, label=name)
axes.set(xlabel="strength of the loop", ylabel="memory capacity, delays 1 to 30")
axes.legend()
plt.show()
