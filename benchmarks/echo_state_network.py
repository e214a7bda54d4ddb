"""What does an echo-state network reach with the same front end and the same readout?

    python benchmarks/echo_state_network.py [speaker|index]    (needs: pip install ".[bench]")

ReservoirPy, 400 tanh units (spectral radius 0.9, leak 0.3, input scaling 1, not tuned
further), reset before each clip; mean states of four segments; ridge strength by inner folds
that leave speakers out, or by leave-one-out; seeds 0 to 2.
"""

import sys

import numpy as np
from reservoirpy.nodes import Reservoir

from reservoir.experiments import DigitsExperiment
from reservoir.multiplexing import frame_ranges
from reservoir.readout import fit_folds, fit_leave_one_out


def segment_means(frames, seed):
    node = Reservoir(units=400, sr=0.9, lr=0.3, input_scaling=1.0, seed=seed)
    first, last = frame_ranges([len(clip) for clip in frames], "segments", 4)
    pooled = np.empty((len(frames), 1600))
    node.run(frames[0])
    for i, clip in enumerate(frames):
        node.reset()
        states = node.run(clip)
        pooled[i] = np.concatenate(
            [states[a:b].mean(axis=0) for a, b in zip(first[i], last[i], strict=True)]
        )
    return pooled


def main(protocol="speaker"):
    experiment = DigitsExperiment(dataset="fsdd", protocol=protocol)
    experiment.load()
    target, speakers = experiment.target_, experiment.speakers_
    one_hot = np.eye(10)[target]
    scores = np.empty((3, len(experiment.folds_)))
    for seed in range(3):
        pooled = segment_means(experiment.frames_, seed)
        for fold, (train, test) in enumerate(experiment.folds_):
            groups = np.unique(speakers[train], return_inverse=True)[1]

            def rows(train=train, groups=groups, pooled=pooled):
                yield pooled[train], one_hot[train], groups

            grouped = protocol == "speaker"
            readout = fit_folds(rows, rows) if grouped else fit_leave_one_out(rows)
            found = readout(pooled[test]).argmax(axis=1)
            scores[seed, fold] = np.mean(found == target[test])
        print(f"seed {seed}: {100 * scores[seed].mean():.2f} %", flush=True)
    spread = scores.mean(axis=0).std()
    print(f"{protocol}: {100 * scores.mean():.2f} % +- {100 * spread:.2f} over folds")


if __name__ == "__main__":
    main(*sys.argv[1:])
