"""Which time series are computed, how long, and by which measure are they judged?

A new task is one more `Task`, here or in a file of its own, and one line in `TASKS`. The
command ``reservoir series --task NAME`` and `SeriesExperiment` then know it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from reservoir import datasets
from reservoir._types import Array, Floats
from reservoir.experiments.series_settings import (
    EchoStateSetting,
    OscillatorSetting,
    Settings,
)
from reservoir.metrics import nmse, nrmse, squared_correlations, symbol_error_rate

# Inputs of shape (n_steps,) and targets of shape (n_steps, n_targets).
Series: TypeAlias = tuple[Floats, Floats]

WASHOUT = 200  # first steps of every series that are neither fitted nor judged
HORIZON = 84  # steps by which the Mackey-Glass series is predicted


@dataclass(frozen=True)
class FreeRun:
    """A readout that is fitted one step ahead and then feeds on its own predictions.

    Attributes
    ----------
    horizon : int
        Steps that are predicted.
    settings : Settings
        For one step ahead.
    """

    horizon: int
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task on one scalar input.

    Attributes
    ----------
    make : callable
        ``make(n_steps, seed)`` gives inputs (n_steps,) and targets (n_steps, n_targets). If
        there is one measured series only, it gives all of it, and the test part follows the
        training part.
    metric : str
        Name in the result rows: "nmse", "nrmse", "ser", "accuracy" or "capacity".
    score : callable
        ``score(targets, outputs)``, both of shape (n_steps, n_targets).
    center, unit : float
        Inputs of the echo-state network and of the taps are (u - center) / unit.
    n_train, n_test : int
        Steps after the washout.
    n_validation : int
        Last training steps, on which ridge strength and settings are chosen.
    description : str
    settings : Settings
        Settings of the oscillator and the echo-state network.
    free_run : FreeRun or None
        Settings of the rows in which the series goes on from its own predictions. None:
        there are no such rows.
    memoryless : bool
        Whether a row shows what the last input alone tells.
    condition : str
        Begins the protocol of the rows, before the lengths.
    footnote : str
        One more sentence below the table.
    target_label : str
        What the first target is, with its unit; at the axis of the figure.
    """

    make: Callable[[int, Any], Series]
    metric: str
    score: Callable[[Array, Array], float]
    center: float
    unit: float
    n_train: int
    n_test: int
    n_validation: int = 1000
    description: str
    settings: Settings
    free_run: FreeRun | None = None
    memoryless: bool = False
    condition: str = ""
    footnote: str = ""
    target_label: str = "target"

    @property
    def better_high(self) -> bool:
        """Whether a larger value is better."""
        return self.metric in ("accuracy", "capacity")


def _accuracy(targets: Array, outputs: Array) -> float:
    return float(np.mean((outputs > 0.5) == (targets > 0.5)))


def _capacity(targets: Array, outputs: Array) -> float:
    return float(squared_correlations(targets, outputs).sum())


def _columns(bunch: Any) -> Series:
    target = np.asarray(bunch.target, dtype=float)
    return bunch.data[:, 0], target.reshape(len(target), -1)


def _sine_square(n_steps: int, seed: Any) -> Series:
    n_periods = -(-n_steps // 8)
    inputs, targets = _columns(datasets.make_sine_square(n_periods, random_state=seed))
    return inputs[:n_steps], targets[:n_steps]


TASKS: dict[str, Task] = {
    "narma10": Task(
        make=lambda n_steps, seed: _columns(
            datasets.make_narma10(n_steps, random_state=seed)
        ),
        metric="nmse",
        score=nmse,
        center=0.25,
        unit=0.25,
        n_train=4000,
        n_test=2000,
        description="NARMA-10, output of the same step",
        target_label="output y(t)",
        settings=Settings(
            oscillator={
                (False, 100): OscillatorSetting(
                    2.9, 0.007, node_bias=0.09, hold=1.02, loop_gain=-0.57
                ),
                (False, 400): OscillatorSetting(
                    2.648, 0.0012, node_bias=0.11, hold=4.893, loop_gain=-0.713
                ),
                (True, 400): OscillatorSetting(
                    2.647, 0.34, node_bias=0.127, hold=15.48, loop_gain=-0.833, shift=13
                ),
            },
            echo_state={
                (False, 400): EchoStateSetting(
                    0.0015, 0.323, spectral_radius=1.05, leak=0.958
                ),
                (True, 400): EchoStateSetting(0.1, 0.39, spectral_radius=0.9, leak=0.94),
            },
        ),
    ),
    "mackey_glass": Task(
        make=lambda n_steps, seed: _columns(
            datasets.make_mackey_glass(n_steps, 17.0, random_state=seed, horizon=HORIZON)
        ),
        metric="nrmse",
        score=nrmse,
        center=0.93,
        unit=0.23,
        n_train=4000,
        n_test=2000,
        description="Mackey-Glass series, tau = 17, read 84 steps ahead at once",
        target_label="series, 84 steps on",
        settings=Settings(
            oscillator={
                (False, 400): OscillatorSetting(
                    2.078, 0.367, node_bias=0.003, hold=7.1, loop_gain=-0.909, shift=-1
                ),
                (True, 400): OscillatorSetting(
                    2.12, 0.6, node_bias=0.3, hold=7.1, loop_gain=-0.8
                ),
            },
            echo_state={
                (False, 400): EchoStateSetting(1.36, 0.12, spectral_radius=1.05, leak=0.2),
                (True, 400): EchoStateSetting(1.36, 0.12, spectral_radius=1.05, leak=0.2),
            },
        ),
        free_run=FreeRun(
            HORIZON,
            Settings(
                oscillator={
                    (False, 400): OscillatorSetting(
                        2.078, 0.367, node_bias=0.003, hold=2.0, loop_gain=-0.909, shift=-1
                    ),
                },
                echo_state={
                    (False, 400): EchoStateSetting(0.5, 0.2, spectral_radius=0.9, leak=0.7),
                },
            ),
        ),
    ),
    "channel": Task(
        make=lambda n_steps, seed: _columns(
            datasets.make_channel(n_steps, 28.0, random_state=seed)
        ),
        metric="ser",
        score=symbol_error_rate,
        center=0.0,
        unit=2.2,
        n_train=6000,
        n_test=1_000_000,
        n_validation=2000,
        description="nonlinear channel at 28 dB, symbol sent two steps ago",
        target_label="symbol sent",
        settings=Settings(
            oscillator={
                (False, 400): OscillatorSetting(
                    2.82,
                    0.33,
                    node_bias=1.84,
                    hold=9.3,
                    mask="uniform",
                    loop_gain=-0.29,
                    shift=7,
                ),
                (True, 400): OscillatorSetting(
                    2.807,
                    0.741,
                    node_bias=1.947,
                    hold=5.75,
                    mask="uniform",
                    loop_gain=-0.4125,
                    shift=3,
                ),
            },
            echo_state={
                (False, 400): EchoStateSetting(0.2, 0.05, spectral_radius=0.3, leak=1.0),
                (True, 400): EchoStateSetting(0.4, 0.05, spectral_radius=0.3, leak=1.0),
            },
        ),
        condition="28dB-",
        footnote="If n symbols have no error, the rate is below 3/n with 95 % confidence.",
    ),
    "santa_fe": Task(
        make=lambda n_steps, seed: _columns(datasets.fetch_santa_fe()),
        metric="nmse",
        score=nmse,
        center=60.0,
        unit=47.0,
        n_train=4000,
        n_test=1000,
        description="Santa Fe laser, one step ahead",
        target_label="next intensity\n(0 to 255)",
        settings=Settings(
            oscillator={
                (False, 400): OscillatorSetting(
                    2.69,
                    0.45,
                    node_bias=0.006,
                    hold=0.58,
                    mask="uniform",
                    loop_gain=-0.65,
                    shift=7,
                ),
                (True, 400): OscillatorSetting(
                    1.487, 0.841, node_bias=1.479, hold=1.007, loop_gain=0.651, shift=-7
                ),
            },
            echo_state={
                (False, 400): EchoStateSetting(0.153, 1.03, spectral_radius=1.2, leak=0.652),
                (True, 400): EchoStateSetting(0.494, 1.28, spectral_radius=1.5, leak=0.881),
            },
        ),
    ),
    "sine_square": Task(
        make=_sine_square,
        metric="accuracy",
        score=_accuracy,
        center=0.0,
        unit=1.0,
        n_train=4000,
        n_test=4000,
        description="sine or square, phase 0, every point",
        target_label="square: 1, sine: 0",
        settings=Settings(
            oscillator={
                (False, 24): OscillatorSetting(
                    1.12, 3.5, node_bias=0.22, hold=0.2, loop_gain=0.0
                ),
                (True, 24): OscillatorSetting(
                    1.12, 3.5, node_bias=0.22, hold=0.2, loop_gain=0.0
                ),
            },
            echo_state={
                (False, 24): EchoStateSetting(1.0, 0.5, spectral_radius=0.7, leak=1.0),
                (True, 24): EchoStateSetting(1.0, 0.5, spectral_radius=0.7, leak=1.0),
            },
        ),
        memoryless=True,
    ),
    "memory": Task(
        make=lambda n_steps, seed: _columns(
            datasets.make_memory(n_steps, range(1, 120), random_state=seed)
        ),
        metric="capacity",
        score=_capacity,
        center=0.0,
        unit=1.0,
        n_train=4000,
        n_test=4000,
        description="short-term memory, delays 1 to 119",
        target_label="input one step ago",
        settings=Settings(
            oscillator={
                (False, 100): OscillatorSetting(
                    1.95, 0.007, node_bias=0.003, hold=4.1, mask="uniform", loop_gain=-0.97
                ),
                (True, 400): OscillatorSetting(
                    1.95, 0.3, node_bias=0.003, hold=4.1, mask="uniform", loop_gain=-0.97
                ),
            },
            echo_state={
                (False, 100): EchoStateSetting(0.003, 0.01, spectral_radius=0.98, leak=1.0),
                (True, 400): EchoStateSetting(0.1, 0.01, spectral_radius=0.98, leak=1.0),
            },
        ),
    ),
    "parity": Task(
        make=lambda n_steps, seed: _columns(
            datasets.make_parity(n_steps, range(1, 12), random_state=seed)
        ),
        metric="capacity",
        score=_capacity,
        center=0.0,
        unit=1.0,
        n_train=4000,
        n_test=4000,
        description="parity, delays 1 to 11",
        target_label="parity of the\nlast two inputs",
        settings=Settings(
            oscillator={
                (False, 400): OscillatorSetting(
                    0.67, 3.0, node_bias=0.21, hold=6.1, loop_gain=0.48, shift=-1
                ),
                (True, 400): OscillatorSetting(
                    0.67, 3.0, node_bias=0.21, hold=6.1, loop_gain=0.48, shift=-1
                ),
            },
            echo_state={
                (False, 400): EchoStateSetting(0.8, 0.3, spectral_radius=0.8, leak=1.0),
                (True, 400): EchoStateSetting(0.8, 0.3, spectral_radius=0.8, leak=1.0),
            },
        ),
    ),
}
