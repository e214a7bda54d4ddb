"""A Dask cluster of two workers, one of which is killed in the middle: the same bits."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config

from reservoir import ReservoirClassifier, load, save

distributed = pytest.importorskip(
    "distributed", reason="learning on a cluster needs the extra 'dask'"
)
pytestmark = pytest.mark.slow


class DrawnBlocks:
    """Blocks that a worker draws itself. The first to read block 3 again dies."""

    def __init__(self, folder=None):
        self.folder = folder

    def __len__(self):
        return 8

    def __getitem__(self, number):
        if self.folder is not None and number == 3:
            for name in ("first pass", "second pass", "again"):
                path = Path(self.folder) / name
                if not path.exists():
                    path.touch()
                    if name == "second pass":
                        os.kill(os.getpid(), signal.SIGKILL)
                    break
        generator = np.random.default_rng(number)
        y = np.arange(30) % 3
        return list(generator.normal(size=(30, 8, 2)) + y[:, None, None]), y


def learn_on_a_cluster(folder):
    """Learn on two workers, one of which dies, and save the model."""
    with (
        distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=":0"),
        parallel_config("dask"),
    ):
        model = ReservoirClassifier(n_nodes=10, random_state=0).fit_blocks(
            DrawnBlocks(folder)
        )
    save(model, Path(folder) / "model.h5")


def test_a_cluster_that_loses_a_worker_learns_the_bits_of_one_process(tmp_path):
    # Workers cannot import a module of tests, but they can read the script that started them.
    subprocess.run([sys.executable, __file__, str(tmp_path)], check=True, timeout=200)
    names = ["again", "first pass", "model.h5", "second pass"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    cluster = load(tmp_path / "model.h5").readout_
    alone = ReservoirClassifier(n_nodes=10, random_state=0).fit_blocks(DrawnBlocks()).readout_
    assert np.array_equal(cluster.coefficients, alone.coefficients)
    assert np.array_equal(cluster.intercept, alone.intercept)
    assert cluster.alpha == alone.alpha


def test_a_bag_of_blocks_merges_to_the_same_bits():
    bag = pytest.importorskip("dask.bag", reason="a bag needs the extra 'dask'")
    blocks = DrawnBlocks()
    model = ReservoirClassifier(n_nodes=10, random_state=0).fit_drive(blocks)

    def learned(number):
        return model.without_blocks().partial_fit(*blocks[number], block=number)

    parts = bag.from_sequence(range(len(blocks)), npartitions=3).map(learned)
    merged = parts.fold(lambda one, other: one.without_blocks().merge(one).merge(other))
    found = merged.compute(scheduler="synchronous").readout_
    expected = ReservoirClassifier(n_nodes=10, random_state=0).fit_blocks(blocks).readout_
    assert np.array_equal(found.coefficients, expected.coefficients)


if __name__ == "__main__":
    learn_on_a_cluster(sys.argv[1])
