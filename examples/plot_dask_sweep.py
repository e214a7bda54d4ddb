"""A sweep on a cluster: the same experiment, unchanged, in two worker processes.

Every grid of this package goes through joblib, so a cluster needs one line around it: here a
local Dask cluster (``pip install "oscillator-reservoir[dask]"``), a remote one with another
address for ``Client``. Every finished point stands in the file at once; a run that was
interrupted goes on from there, and one that was not has nothing left to do.
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
    """What also runs without a cluster."""
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
            Client(n_workers=2, threads_per_worker=1, dashboard_address=None),
            parallel_config("dask"),
        ):
            experiment = sweep(store)
        sweep(store)  # finds everything done
    same = [row.value for row in sweep().rows_] == [row.value for row in experiment.rows_]
    print(f"the same numbers as without a cluster: {same}")

    names = sorted({row.method for row in experiment.rows_})
    places = sorted({row.protocol for row in experiment.rows_})
    figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for shift, (place, color) in enumerate(zip(places, ("#0072B2", "#D55E00"), strict=True)):
        bias, depth = place.split("-")
        values = [row.value for row in experiment.rows_ if row.protocol == place]
        methods = [row.method for row in experiment.rows_ if row.protocol == place]
        heights = [values[methods.index(name)] for name in names]
        label = f"middle {bias}, half width {depth} thresholds"
        ax.bar(np.arange(len(names)) + 0.4 * shift, heights, 0.36, color=color, label=label)
    ax.set_xticks(np.arange(len(names)) + 0.2, names)
    ax.set(ylabel="capacity or rank (of 20 nodes)")
    ax.legend(frameon=False, fontsize=8)
    plt.show()
