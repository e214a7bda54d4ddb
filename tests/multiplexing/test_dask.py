"""A Dask cluster of two workers, one of which is killed in the middle: the same bits."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from joblib import parallel_config

from reservoir import ReservoirClassifier

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


# The scheduler says that it lost a worker, and its tasks, which is what happens here.
@pytest.mark.filterwarnings("default")
def test_a_cluster_that_loses_a_worker_learns_the_bits_of_one_process(tmp_path):
    model = ReservoirClassifier(n_nodes=10, random_state=0)
    with (
        distributed.Client(
            n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
        ),
        parallel_config("dask"),
    ):
        cluster = model.fit_blocks(DrawnBlocks(tmp_path)).readout_
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "again",
        "first pass",
        "second pass",
    ]
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
