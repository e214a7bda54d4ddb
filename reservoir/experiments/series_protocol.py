"""How is a readout fitted to a time series, and judged?

The oscillator and all controls go the same way: states of a training series, readout noise,
a ridge strength that is chosen on the last steps of the training series, a readout fitted to
all of them, and test series, block by block.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations_with_replacement
from typing import Any, TypeAlias

import numpy as np
from scipy.linalg import LinAlgError

from reservoir._types import Array, Floats
from reservoir.devices import Device
from reservoir.experiments.echo_state import EchoStateNetwork
from reservoir.experiments.operation import CURRENT_LIMITS
from reservoir.experiments.own_device import chosen_device, hold_of, with_floor
from reservoir.experiments.series_settings import EchoStateSetting, OscillatorSetting
from reservoir.experiments.series_tasks import TASKS, WASHOUT, Series, Task
from reservoir.metrics import nmse
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.readout import Gram, LinearReadout, Ridge

# From series of shape (n_series, n_steps) to states of shape (n_series, n_steps, n_features).
StatesOf: TypeAlias = Callable[[Floats], Floats]
# From the training inputs to the function above.
Prepare: TypeAlias = Callable[[Floats], StatesOf]

ALPHAS = 10.0 ** np.arange(-15, 0.5, 1.0)
NOISE = 0.01  # rms readout noise over the mean spread of the states
N_JUDGES = 10  # free runs over the last training steps that choose a ridge strength
START_SPACING = 40  # steps between the starts of free runs
N_SERIES, SERIES_LENGTH = 32, 1000  # a long test has blocks of so many series


def make_reservoir(
    setting: OscillatorSetting,
    n_nodes: int,
    seed: int,
    oscillator: Device | str | None = None,
) -> TimeMultiplexedReservoir:
    """The time-multiplexed oscillator that a setting describes.

    Parameters
    ----------
    setting : OscillatorSetting
    n_nodes : int
    seed : int
        Seed of mask and node bias.
    oscillator : device, preset name or None, default=None
        None: the preset "torrejon2017".

    Returns
    -------
    TimeMultiplexedReservoir
    """
    device = with_floor(chosen_device(oscillator))
    return TimeMultiplexedReservoir(
        device,
        n_nodes=n_nodes,
        node_time=hold_of(device, n_nodes, setting.hold),
        mask=setting.mask,
        drive_range=(setting.bias - setting.depth, setting.bias + setting.depth),
        current_limits=CURRENT_LIMITS,
        node_bias=setting.node_bias,
        loop_gain=setting.loop_gain,
        feedback_delay=n_nodes + setting.shift,
        random_state=seed,
    )


def reservoir_states(reservoir: TimeMultiplexedReservoir, inputs: Floats) -> StatesOf:
    """Fit a reservoir's drive to inputs; the function from series to its states."""
    reservoir.fit([inputs[:, None]])
    return lambda series: np.stack(list(reservoir.transform(list(series[:, :, None]))))


def tap_states(task: Task, n_taps: int, degree: int) -> StatesOf:
    """The function from series to their last inputs and, for degree 2, products of two."""

    def states(series: Floats) -> Floats:
        series = (series - task.center) / task.unit
        padded = np.pad(series, ((0, 0), (n_taps - 1, 0)))
        taps = np.stack(
            [padded[:, n_taps - 1 - d : padded.shape[1] - d] for d in range(n_taps)], axis=-1
        )
        if degree == 1:
            return taps
        pairs = [
            taps[..., i] * taps[..., j]
            for i, j in combinations_with_replacement(range(n_taps), 2)
        ]
        return np.concatenate([taps, np.stack(pairs, axis=-1)], axis=-1)

    return states


def echo_states(task: Task, setting: EchoStateSetting, n_units: int, seed: int) -> StatesOf:
    """The function from series to the states of an echo-state network."""
    network = EchoStateNetwork(n_units, **dataclasses.asdict(setting), seed=seed)
    return lambda series: network.states((series - task.center) / task.unit)


def training_data(name: str, seed: int) -> Series:
    """Inputs (n_steps,) and targets (n_steps, n_targets), the washout included."""
    task = TASKS[name]
    n_steps = WASHOUT + task.n_train
    inputs, targets = task.make(n_steps, [seed, 0])
    return inputs[:n_steps], targets[:n_steps]


def judging_data(name: str, seed: int, n_test: int | None = None) -> Iterator[Series]:
    """Blocks of test series: inputs (n_series, n_steps) and targets, with the washout.

    A long test has many series, each with a washout of its own, and comes in blocks.
    """
    task = TASKS[name]
    n_test = n_test or task.n_test
    if n_test <= N_SERIES * SERIES_LENGTH:
        n_steps = WASHOUT + n_test
        inputs, targets = task.make(n_steps, [seed, 1])
        # If there is one series only, the test is what follows the training part.
        first = task.n_train if len(inputs) > n_steps else 0
        part = slice(first, first + n_steps)
        yield inputs[None, part], targets[None, part]
        return
    for block in range(-(-n_test // (N_SERIES * SERIES_LENGTH))):
        series = [
            task.make(WASHOUT + SERIES_LENGTH, [seed, 1, block, i]) for i in range(N_SERIES)
        ]
        inputs, targets = (np.stack(part) for part in zip(*series, strict=True))
        yield inputs, targets


def loss_of(task: Task) -> Callable[[Array, Array], float]:
    """What is minimised on the validation stretch."""
    if task.metric == "capacity":
        return lambda targets, outputs: -task.score(targets, outputs)
    return nmse


def fit_readout(task: Task, states: Floats, targets: Floats) -> tuple[LinearReadout, float]:
    """Linear readout whose ridge strength is chosen on the last training steps.

    Parameters
    ----------
    task : Task
    states : ndarray of shape (n_steps, n_features)
    targets : ndarray of shape (n_steps, n_targets)

    Returns
    -------
    readout : LinearReadout
        Fitted to all steps.
    loss : float
        Loss on the validation stretch of the fit to the steps before it.
    """
    cut, loss_function = len(states) - task.n_validation, loss_of(task)

    def losses(models: list[LinearReadout]) -> list[float]:
        return [loss_function(targets[cut:], model(states[cut:])) for model in models]

    return choose_readout(states, targets, cut, losses)


def choose_readout(
    states: Floats,
    targets: Floats,
    cut: int,
    losses: Callable[[list[LinearReadout]], Iterable[float]],
) -> tuple[LinearReadout, float]:
    """Fit to the steps before `cut` with every ridge strength, and to all with the best.

    Parameters
    ----------
    states : ndarray of shape (n_steps, n_features)
    targets : ndarray of shape (n_steps, n_targets)
    cut : int
    losses : callable
        Takes a list of readouts and gives the loss of each on what follows the cut.

    Returns
    -------
    readout : LinearReadout
    loss : float
        Loss with the same strength of the fit to the steps before the cut.
    """
    gram = Gram()
    gram.add(states[:cut], targets[:cut])
    models = list(readouts(Ridge(gram), ALPHAS))
    found = {m.alpha: loss for m, loss in zip(models, losses(models), strict=True)}
    gram.add(states[cut:], targets[cut:])
    readout = next(readouts(Ridge(gram), sorted(found, key=found.__getitem__)))
    return readout, float(found[readout.alpha])


def readouts(ridge: Ridge, alphas: Iterable[float]) -> Iterator[LinearReadout]:
    """Readouts of the strengths for which double precision finds one.

    Parameters
    ----------
    ridge : Ridge
    alphas : sequence of float

    Yields
    ------
    LinearReadout

    Raises
    ------
    LinAlgError
        If there is none.
    """
    found = False
    for alpha in alphas:
        try:
            yield ridge.readout(alpha)
            found = True
        except LinAlgError:  # not positive definite
            continue
    if not found:
        raise LinAlgError(
            "No ridge strength gives a readout. Do the states hold NaN or infinity?"
        )


class ReadoutNoise:
    """Normal noise on the states, whose rms is a share of the states' mean spread.

    Parameters
    ----------
    level : float
        The share; 0: no noise.
    states : ndarray of shape (n_steps, n_features)
        Training states.
    seed : int or sequence of int
    """

    def __init__(self, level: float, states: Floats, seed: Any) -> None:
        self.size = level * float(states.std(axis=0).mean())
        self.generator = np.random.default_rng(seed)

    def __call__(self, states: Floats) -> Floats:
        """The states with noise, in place."""
        if self.size:
            states += self.size * self.generator.standard_normal(states.shape)
        return states


def train(
    name: str, prepare: Prepare, seed: int, level: float = 0.0
) -> tuple[StatesOf, ReadoutNoise, LinearReadout, float]:
    """Fit a readout to the states of one training series.

    Parameters
    ----------
    name : str
        Name of the task.
    prepare : callable
        Takes the training inputs, gives the function from series to states.
    seed : int
    level : float
        Level of the readout noise.

    Returns
    -------
    states_of : callable
    noise : ReadoutNoise
    readout : LinearReadout
    loss : float
        On the validation stretch.
    """
    inputs, targets = training_data(name, seed)
    states_of = prepare(inputs)
    states = states_of(inputs[None])[0, WASHOUT:]
    noise = ReadoutNoise(level, states, [seed, 2])
    readout, loss = fit_readout(TASKS[name], noise(states), targets[WASHOUT:])
    return states_of, noise, readout, loss


def judge(
    name: str,
    states_of: StatesOf,
    noise: ReadoutNoise,
    readout: LinearReadout,
    seed: int,
    n_test: int | None = None,
) -> Series:
    """Targets and outputs on test data, the washout left out.

    Parameters
    ----------
    name : str
        Name of the task.
    states_of, noise, readout
        From `train`.
    seed : int
    n_test : int or None
        Number of test steps; None: the number that the task states.

    Returns
    -------
    targets, outputs : ndarray of shape (n_steps, n_targets)
    """
    targets, outputs = [], []
    for inputs, wanted in judging_data(name, seed, n_test):
        states = noise(states_of(inputs)[:, WASHOUT:])
        outputs.append(readout(states.reshape(-1, states.shape[-1])))
        targets.append(wanted[:, WASHOUT:].reshape(len(outputs[-1]), -1))
    return np.concatenate(targets), np.concatenate(outputs)


def run_freely(
    name: str, prepare: Prepare, seed: int, *, n_starts: int = 50, n_history: int = 200
) -> tuple[float, int]:
    """Let a series go on from its own predictions, and judge the last of them.

    A readout is fitted one step ahead. From `n_starts` places of the test series its output
    becomes the next input, as often as the horizon of the task says. The ridge strength is
    the one that runs best on the last training steps, by the fit to the steps before them:
    the strength with the smallest error of one step makes a loop that does not hold.

    Parameters
    ----------
    name : str
        Name of a task that runs freely.
    prepare : callable
        As for `train`.
    seed : int
    n_starts : int
    n_history : int
        True values before each start.

    Returns
    -------
    nrmse : float
        Error of the last prediction, over the starts, relative to the spread of the series.
    n_parameters : int
    """
    task = TASKS[name]
    if task.free_run is None:
        raise ValueError(f"The task {name!r} has no settings for a free run.")
    horizon = task.free_run.horizon
    inputs, _ = task.make(WASHOUT + task.n_train + 1, [seed, 0])
    series, _ = task.make(n_history + START_SPACING * n_starts + horizon, [seed, 1])
    states_of = prepare(inputs[:-1])
    states, targets = states_of(inputs[None, :-1])[0, WASHOUT:], inputs[WASHOUT + 1 :, None]
    limits = inputs.min(), inputs.max()  # a polynomial that leaves them never returns

    def errors(models: list[LinearReadout], series: Floats, n_starts: int) -> Floats:
        """Errors of the last prediction of each model; all models run side by side."""
        starts = START_SPACING * np.arange(n_starts)
        known = np.stack([series[start : start + n_history] for start in starts])
        known = np.tile(known, (len(models), 1))
        for _ in range(horizon):
            parts = np.split(states_of(known)[:, -1], len(models))
            after = [model(part) for model, part in zip(models, parts, strict=True)]
            known = np.concatenate([known, np.clip(np.concatenate(after), *limits)], axis=1)
        last = known[:, -1].reshape(len(models), n_starts)
        misses = last - series[starts + n_history + horizon - 1]
        rms: Floats = np.sqrt(np.mean(misses**2, axis=1)) / series.std()
        return rms

    cut = len(states) - task.n_validation
    readout, _ = choose_readout(
        states,
        targets,
        cut,
        lambda models: errors(models, inputs[WASHOUT + cut :], N_JUDGES),
    )
    return float(errors([readout], series, n_starts)[0]), readout.n_parameters
