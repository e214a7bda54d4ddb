"""Which time series are computed, how long, and by which measure are they judged?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reservoir import datasets
from reservoir.metrics import nmse, nrmse, squared_correlations, symbol_error_rate

WASHOUT = 200  # first steps of every series that are neither fitted nor judged
HORIZON = 84  # of the Mackey-Glass series


@dataclass(frozen=True)
class Task:
    """A task on one scalar input.

    Attributes
    ----------
    make : callable
        ``make(n_steps, seed)`` gives inputs (n_steps,) and targets (n_steps, n_targets).
    metric : str
        Name in the result rows.
    score : callable
        ``score(targets, outputs)``, both of shape (n_steps, n_targets).
    center, unit : float
        Inputs of the echo-state network and of the taps are (u - center) / unit.
    n_train, n_test : int
        Steps after the washout.
    n_validation : int
        Last training steps, on which ridge strength and settings are chosen.
    description : str
    """

    make: Callable
    metric: str
    score: Callable
    center: float
    unit: float
    n_train: int
    n_test: int
    description: str
    n_validation: int = 1000

    @property
    def better_high(self):
        """Whether a larger value is better."""
        return self.metric in ("accuracy", "capacity")


def _accuracy(targets, outputs):
    return float(np.mean((outputs > 0.5) == (targets > 0.5)))


def _capacity(targets, outputs):
    return float(squared_correlations(targets, outputs).sum())


def _columns(bunch):
    target = np.asarray(bunch.target, dtype=float)
    return bunch.data[:, 0], target.reshape(len(target), -1)


def _sine_square(n_steps, seed):
    inputs, targets = _columns(datasets.make_sine_square(-(-n_steps // 8), 0.0, seed))
    return inputs[:n_steps], targets[:n_steps]


TASKS = {
    "narma10": Task(
        lambda n_steps, seed: _columns(datasets.make_narma10(n_steps, seed)),
        "nmse",
        nmse,
        center=0.25,
        unit=0.25,
        n_train=4000,
        n_test=2000,
        description="NARMA-10, output of the same step",
    ),
    "mackey_glass": Task(
        lambda n_steps, seed: _columns(
            datasets.make_mackey_glass(n_steps, 17.0, seed, horizon=HORIZON)
        ),
        "nrmse",
        nrmse,
        center=0.93,
        unit=0.23,
        n_train=4000,
        n_test=2000,
        description="Mackey-Glass series, tau = 17, read 84 steps ahead at once",
    ),
    "channel": Task(
        lambda n_steps, seed: _columns(datasets.make_channel(n_steps, 28.0, seed)),
        "ser",
        symbol_error_rate,
        center=0.0,
        unit=2.2,
        n_train=6000,
        n_test=1_000_000,
        n_validation=2000,
        description="nonlinear channel at 28 dB, symbol sent two steps ago",
    ),
    "santa_fe": Task(
        lambda n_steps, seed: _columns(datasets.fetch_santa_fe()),
        "nmse",
        nmse,
        center=60.0,
        unit=47.0,
        n_train=4000,
        n_test=1000,
        description="Santa Fe laser, one step ahead",
    ),
    "sine_square": Task(
        _sine_square,
        "accuracy",
        _accuracy,
        center=0.0,
        unit=1.0,
        n_train=4000,
        n_test=4000,
        description="sine or square, phase 0, every point",
    ),
    "memory": Task(
        lambda n_steps, seed: _columns(datasets.make_memory(n_steps, range(1, 120), seed)),
        "capacity",
        _capacity,
        center=0.0,
        unit=1.0,
        n_train=4000,
        n_test=4000,
        description="short-term memory, delays 1 to 119",
    ),
    "parity": Task(
        lambda n_steps, seed: _columns(datasets.make_parity(n_steps, range(1, 12), seed)),
        "capacity",
        _capacity,
        center=0.0,
        unit=1.0,
        n_train=4000,
        n_test=4000,
        description="parity, delays 1 to 11",
    ),
}
