"""
A sweep on a cluster: the same experiment, unchanged, in two worker processes.
==============================================================================

Every grid of this package goes through joblib, so a cluster needs one line around it. Here it
is a local Dask cluster (``pip install "oscillator-reservoir[dask]"``); another address for
``Client`` gives a remote one. Every finished point is written to the file at once. A run that
was interrupted goes on from there, and a finished run has nothing left to do.
"""

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from dask.distributed import Client
from joblib import parallel_config

from reservoir.experiments import CapacityExperiment


def sweep(store=None):
    """The sweep, which also runs without a cluster."""
    experiment = CapacityExperiment(n_nodes=20, quick=True, n_jobs=2, store=store)
    experiment.run(counted)
    return experiment


def counted(tasks, total):
    """Say how many points are left."""
    print(f"{total} points left")
    return tasks


# %%
if __name__ == "__main__":  # worker processes read this file, too
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "map.h5"
        with (
            Client(n_workers=2, threads_per_worker=1, dashboard_address=":0"),
            parallel_config("dask"),
        ):
            experiment = sweep(store)
        sweep(store)  # finds everything done
    same = [row.value for row in sweep().rows_] == [row.value for row in experiment.rows_]
    print(f"the same numbers as without a cluster: {same}")

    values = {(row.protocol, row.method): row.value for row in experiment.rows_}
    names = sorted({name for _, name in values})
    labels = {"control": "masked drive", "1.2-1": "0.2 to 2.2", "2-1": "1 to 3"}
    figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for k, (place, color) in enumerate(
        zip(labels, ("#999999", "#0072B2", "#D55E00"), strict=True)
    ):
        heights = [values[place, name] for name in names]
        ax.bar(
            np.arange(len(names)) + 0.3 * k, heights, 0.26, color=color, label=labels[place]
        )
    ax.set_xticks(np.arange(len(names)) + 0.3, names)
    ax.set(ylabel="capacity or rank (of 20 nodes)")
    ax.legend(title="currents (thresholds)", frameon=False, fontsize=8, title_fontsize=8)
    plt.show()
