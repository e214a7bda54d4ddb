"""Which settings suit a task? A local search on sequences that no result uses.

    python studies/tune_series.py narma10 400 [--noise] [--echo-state] [--trials 60]

The search starts from the settings in `reservoir/experiments/series_tasks.py` (or from those
for another number of nodes), changes some of them at random and keeps what is better. It
judges a setting by the geometric mean of the loss over two sequences with masks of their own,
seeds 1000 and 1001, and tests on further sequences of these seeds. There is only one Santa Fe
series, so there it tests on the validation stretch inside the training part. It prints every
improvement. `docs/series.md` says what was chosen with it.
"""

import argparse
import dataclasses

import numpy as np

from reservoir.experiments import series_protocol as series
from reservoir.experiments.series_tasks import TASKS

SEEDS = (1000, 1001)
LARGEST = {"spectral_radius": 1.5, "leak": 1.0, "depth": 3.5, "node_bias": 4.0}


def changed(setting, generator, width):
    """The setting with about half of its numbers changed."""
    values = dataclasses.asdict(setting)
    for name, value in values.items():
        if generator.random() < 0.5:
            continue
        if name == "mask":
            values[name] = str(generator.choice(["binary", "uniform"]))
        elif name == "shift":
            values[name] = int(generator.choice([-7, -3, -1, 1, 1, 3, 7, 13]))
        elif name == "bias":
            values[name] = float(np.clip(value + width * generator.normal(), -0.5, 4.0))
        elif name == "loop_gain":
            closer = (1 - abs(value)) * np.exp(width * generator.normal())
            values[name] = float(np.sign(value) * np.clip(1 - closer, 0.0, 0.995))
        else:
            grown = value * np.exp(2 * width * generator.normal())
            values[name] = float(np.clip(grown, 1e-3, LARGEST.get(name, 100.0)))
    values = {k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}
    return type(setting)(**values)


def loss(name, setting, n_nodes, level, echo):
    losses = []
    task = TASKS[name]
    for seed in SEEDS:
        if echo:

            def prepare(inputs, seed=seed):
                return series.echo_states(task, setting, n_nodes, seed)
        else:
            reservoir = series.make_reservoir(setting, n_nodes, seed)

            def prepare(inputs, reservoir=reservoir):
                return series.reservoir_states(reservoir, inputs)

        states_of, noise, readout, validation = series.train(name, prepare, seed, level)
        if name == "santa_fe":
            losses.append(validation)
            continue
        n_test = min(task.n_test, 8000)
        found = series.judge(name, states_of, noise, readout, seed, n_test)
        losses.append(series.loss_of(task)(*found))
    losses = np.array(losses)
    return losses.mean() if (losses <= 0).any() else np.exp(np.log(losses).mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("nodes", type=int)
    parser.add_argument("--noise", action="store_true")
    parser.add_argument("--echo-state", action="store_true")
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    settings = TASKS[options.task].settings
    known = settings.echo_state if options.echo_state else settings.oscillator
    best = next(
        known[key]
        for key in sorted(known, key=lambda key: (key[1] != options.nodes, key[1]))
        if key[0] == options.noise
    )
    level = series.NOISE * options.noise
    arguments = options.nodes, level, options.echo_state
    lowest = loss(options.task, best, *arguments)
    print(f"{lowest:.5g} {best}", flush=True)
    generator = np.random.default_rng(options.seed)
    for trial in range(options.trials):
        width = 0.3 if trial % 3 else 0.1
        candidate = changed(best, generator, width)
        try:
            value = loss(options.task, candidate, *arguments)
        except ValueError:  # a range below the threshold, say
            continue
        if value < lowest:
            lowest, best = value, candidate
            print(f"{lowest:.5g} {trial} {best}", flush=True)


if __name__ == "__main__":
    main()
