"""How is a readout fitted to a time series, and judged?

The oscillator and all controls go the same way: states of a training series, readout noise,
a ridge strength that is chosen on the last steps of the training series, a readout fitted to
all of them, and test series, block by block.
"""

import dataclasses
from itertools import combinations_with_replacement

import numpy as np
from scipy.linalg import LinAlgError

from reservoir.devices import SpinTorqueOscillator
from reservoir.experiments.echo_state import EchoStateNetwork
from reservoir.experiments.series_tasks import HORIZON, TASKS, WASHOUT
from reservoir.metrics import nmse
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.readout import Gram, Ridge

ALPHAS = 10.0 ** np.arange(-15, 0.5, 1.0)
LIMITS = (-5.0, 8.0)  # of the current, in units of the threshold
THERMAL_POWER = 1e-3
NOISE = 0.01  # rms readout noise over the mean spread of the states
N_JUDGES = 10  # free runs over the last training steps that choose a ridge strength
N_STREAMS, STREAM = 32, 1000  # a long test is made of so many series of this length


def make_reservoir(setting, n_nodes, seed):
    """The time-multiplexed oscillator that a setting describes.

    Parameters
    ----------
    setting : OscillatorSetting
    n_nodes : int
    seed : int
        Of mask and node bias.

    Returns
    -------
    TimeMultiplexedReservoir
    """
    device = SpinTorqueOscillator.from_preset("torrejon2017")
    device = dataclasses.replace(device, power_floor=THERMAL_POWER)
    return TimeMultiplexedReservoir(
        device,
        n_nodes=n_nodes,
        node_time=setting.hold / device.damping_rate,
        mask=setting.mask,
        drive_range=(setting.bias - setting.depth, setting.bias + setting.depth),
        current_limits=LIMITS,
        node_bias=setting.node_bias,
        loop_gain=setting.loop_gain,
        feedback_delay=n_nodes + setting.shift,
        random_state=seed,
    )


def reservoir_states(reservoir, inputs):
    """Fit a reservoir's drive to inputs; the function from series to its states."""
    reservoir.fit([inputs[:, None]])
    return lambda series: np.stack(reservoir.transform(list(series[:, :, None])))


def tap_states(task, n_taps, degree):
    """The function from series to their last inputs, and products of two of them."""

    def states(series):
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


def echo_states(task, setting, n_units, seed):
    """The function from series to the states of an echo-state network."""
    network = EchoStateNetwork(n_units, *dataclasses.astuple(setting), seed)
    return lambda series: network.states((series - task.center) / task.unit)


def training_data(name, seed):
    """Inputs (n_steps,) and targets (n_steps, n_targets), the washout included."""
    task = TASKS[name]
    n_steps = WASHOUT + task.n_train
    inputs, targets = task.make(n_steps, [seed, 0])
    return inputs[:n_steps], targets[:n_steps]


def test_data(name, seed, n_test=None):
    """Blocks of test series: inputs (n_series, n_steps) and targets, with the washout.

    Long tests are many series, each with a washout of its own, so that they stream.
    """
    task = TASKS[name]
    n_test = n_test or task.n_test
    if n_test <= N_STREAMS * STREAM:
        n_steps = WASHOUT + n_test
        inputs, targets = task.make(n_steps, [seed, 1])
        # Of the only series there is, what follows the training part.
        first = task.n_train if len(inputs) > n_steps else 0
        part = slice(first, first + n_steps)
        yield inputs[None, part], targets[None, part]
        return
    for block in range(-(-n_test // (N_STREAMS * STREAM))):
        series = [task.make(WASHOUT + STREAM, [seed, 1, block, i]) for i in range(N_STREAMS)]
        yield tuple(np.stack(part) for part in zip(*series, strict=True))


def loss_of(task):
    """What is minimised on the validation stretch."""
    if task.metric == "capacity":
        return lambda targets, outputs: -task.score(targets, outputs)
    return nmse


def fit_readout(task, states, targets):
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
        On the validation stretch, of the fit to the steps before it.
    """
    cut, loss_function = len(states) - task.n_validation, loss_of(task)

    def losses(models):
        return [loss_function(targets[cut:], model(states[cut:])) for model in models]

    return choose_readout(states, targets, cut, losses)


def choose_readout(states, targets, cut, losses):
    """Fit to the steps before `cut` with every ridge strength, and to all with the best.

    Parameters
    ----------
    states : ndarray of shape (n_steps, n_features)
    targets : ndarray of shape (n_steps, n_targets)
    cut : int
    losses : callable
        Takes a list of readouts, gives the loss of each on what follows the cut.

    Returns
    -------
    readout : LinearReadout
    loss : float
        Of the same strength, fitted to the steps before the cut.
    """
    gram = Gram()
    gram.add(states[:cut], targets[:cut])
    models = list(readouts(Ridge(gram), ALPHAS))
    found = {m.alpha: loss for m, loss in zip(models, losses(models), strict=True)}
    gram.add(states[cut:], targets[cut:])
    readout = next(readouts(Ridge(gram), sorted(found, key=found.get)))
    return readout, float(found[readout.alpha])


def readouts(ridge, alphas):
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
        raise LinAlgError("No ridge strength gives a readout; the states hold no number.")


class Noise:
    """Readout noise, 1 % of the mean spread of the training states."""

    def __init__(self, level, states, seed):
        self.size = level * float(states.std(axis=0).mean())
        self.generator = np.random.default_rng(seed)

    def __call__(self, states):
        """The states with noise, in place."""
        if self.size:
            states += self.size * self.generator.standard_normal(states.shape)
        return states


def train(name, prepare, seed, level=0.0):
    """Fit a readout to the states of one training series.

    Parameters
    ----------
    name : str
        Of the task.
    prepare : callable
        Takes the training inputs, gives the function from series to states.
    seed : int
    level : float
        Of the readout noise.

    Returns
    -------
    states_of : callable
    noise : Noise
    readout : LinearReadout
    loss : float
        On the validation stretch.
    """
    inputs, targets = training_data(name, seed)
    states_of = prepare(inputs)
    states = states_of(inputs[None])[0, WASHOUT:]
    noise = Noise(level, states, [seed, 2])
    readout, loss = fit_readout(TASKS[name], noise(states), targets[WASHOUT:])
    return states_of, noise, readout, loss


def judge(name, states_of, noise, readout, seed, n_test=None):
    """Targets and outputs on test data, the washout left out.

    Returns
    -------
    targets, outputs : ndarray of shape (n_steps, n_targets)
    """
    targets, outputs = [], []
    for inputs, wanted in test_data(name, seed, n_test):
        states = noise(states_of(inputs)[:, WASHOUT:])
        outputs.append(readout(states.reshape(-1, states.shape[-1])))
        targets.append(wanted[:, WASHOUT:].reshape(len(outputs[-1]), -1))
    return np.concatenate(targets), np.concatenate(outputs)


def run_freely(prepare, seed, n_starts=50, n_history=200):
    """Mackey-Glass series that goes on from its own predictions.

    A readout is fitted one step ahead; from `n_starts` places of the test series its output
    becomes the next input, `HORIZON` times. The ridge strength is the one that runs best on
    the last training steps, by the fit to the steps before them: the smallest error of one
    step belongs to a loop that does not hold.

    Parameters
    ----------
    prepare : callable
        As for `train`.
    seed : int
    n_starts : int
    n_history : int
        True values before each start.

    Returns
    -------
    nrmse : float
        Of the last prediction, over the starts, relative to the spread of the series.
    n_parameters : int
    """
    task = TASKS["mackey_glass"]
    inputs, _ = task.make(WASHOUT + task.n_train + 1, [seed, 0])
    series, _ = task.make(n_history + 40 * n_starts + HORIZON, [seed, 1])
    states_of = prepare(inputs[:-1])
    states, targets = states_of(inputs[None, :-1])[0, WASHOUT:], inputs[WASHOUT + 1 :, None]
    limits = inputs.min(), inputs.max()  # a polynomial that leaves them never returns

    def errors(models, series, n_starts):
        """Of the last prediction of each model; all of them run side by side."""
        starts = 40 * np.arange(n_starts)
        known = np.stack([series[start : start + n_history] for start in starts])
        known = np.tile(known, (len(models), 1))
        for _ in range(HORIZON):
            parts = np.split(states_of(known)[:, -1], len(models))
            after = [model(part) for model, part in zip(models, parts, strict=True)]
            known = np.concatenate([known, np.clip(np.concatenate(after), *limits)], axis=1)
        last = known[:, -1].reshape(len(models), n_starts)
        misses = last - series[starts + n_history + HORIZON - 1]
        return np.sqrt(np.mean(misses**2, axis=1)) / series.std()

    cut = len(states) - task.n_validation
    readout, _ = choose_readout(
        states,
        targets,
        cut,
        lambda models: errors(models, inputs[WASHOUT + cut :], N_JUDGES),
    )
    return float(errors([readout], series, n_starts)[0]), readout.n_parameters
