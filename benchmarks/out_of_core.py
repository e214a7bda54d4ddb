"""A corpus that fits into no memory, on a Dask cluster: time, memory, and the same bits.

    python benchmarks/out_of_core.py --clips 100000 --block-size 500

draws the clips as they are needed: each is one of the 800 synthetic clips that ship with the
package, with a tempo, a colour, noise and a loudness of its own. It learns from them in one
process and on a local cluster of two workers. In the middle of the second pass one worker is
killed. The script prints the time of each run, the peak of the memory of each process, and
whether both models agree to the bit.
"""

import argparse
import os
import resource
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from reservoir.audio import SpeechClassifier
from reservoir.datasets import load_spoken_digits
from reservoir.datasets.make_spoken_digits import N_BANDS, colour, noise, unevenly

N_VOICED = 800  # clips that ship
OPTIONS = {"speeds": (), "n_masks": 1, "random_state": 0}


class DrawnClips:
    """Blocks of clips that are drawn from their numbers, so that no disk is needed.

    If `folder` is given, the worker that reads block `deadly` for the second time kills
    itself, once.
    """

    def __init__(self, n_clips, block_size, folder=None):
        self.n_clips, self.block_size, self.folder = n_clips, block_size, folder
        self.deadly = len(self) // 2
        self.voiced = None

    def __len__(self):
        return -(-self.n_clips // self.block_size)

    def __getitem__(self, number):
        if self.folder is not None and number == self.deadly:
            self._die_once()
        if self.voiced is None:
            self.voiced = load_spoken_digits()
        first = number * self.block_size
        chosen = range(first, min(first + self.block_size, self.n_clips))
        origins = [self._origin(clip) for clip in chosen]
        clips = [self._clip(*pair) for pair in zip(chosen, origins, strict=True)]
        return clips, self.voiced.target[origins]

    def __getstate__(self):
        return {**vars(self), "voiced": None}  # A worker loads the voices itself.

    def _origin(self, clip):
        return int(np.random.default_rng([2026, clip]).integers(N_VOICED))

    def _clip(self, clip, origin):
        generator = np.random.default_rng([2027, clip])
        sound = self.voiced.data[origin]
        sound = unevenly(sound, float(np.exp(generator.normal(0, 0.05))), generator)
        sound = colour(sound, generator.normal(0, 2, size=N_BANDS))
        sound = sound / sound.std()
        sound = sound + noise(generator, len(sound), 1.0) * 10 ** (-generator.uniform(0.8, 2))
        return sound / np.abs(sound).max() * generator.uniform(0.2, 0.9)

    def _die_once(self):
        for name in ("first pass", "second pass", "second pass, again"):
            path = Path(self.folder) / name
            if not path.exists():
                path.touch()
                if name == "second pass":
                    os.kill(os.getpid(), signal.SIGKILL)
                return


def peak():
    """Largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--block-size", type=int, default=500)
    parser.add_argument("--nodes", type=int, default=400)
    options = parser.parse_args()

    from dask.distributed import Client
    from joblib import parallel_config

    def learn(folder=None):
        source = DrawnClips(options.clips, options.block_size, folder)
        start = time.perf_counter()
        model = SpeechClassifier(8000, n_nodes=options.nodes, **OPTIONS).fit_blocks(source)
        _ = model.classifier_.classifiers_[0].readout_
        print(f"  {time.perf_counter() - start:.0f} s", flush=True)
        return model

    with tempfile.TemporaryDirectory() as folder:
        print(f"{options.clips} clips on two workers, one of which is killed:", flush=True)
        with Client(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="1GB"
        ) as client:
            before = set(client.run(os.getpid).values())
            with parallel_config("dask"):
                cluster = learn(folder)
            after = client.run(os.getpid).values()
            peaks = client.run(peak).values()
        killed = (Path(folder) / "second pass").exists() and len(before - set(after))
        print(f"  workers that were killed: {killed}")
        print(f"  peak of the workers: {', '.join(f'{value:.0f} MB' for value in peaks)}")
        print(f"  peak of the process that merges: {peak():.0f} MB")
    print("the same in one process:", flush=True)
    alone = learn()
    print(f"  peak: {peak():.0f} MB")
    mine, theirs = (m.classifier_.classifiers_[0].readout_ for m in (alone, cluster))
    same = np.array_equal(mine.coefficients, theirs.coefficients)
    same &= np.array_equal(mine.intercept, theirs.intercept)
    print(f"the same bits: {same}; ridge strength {mine.alpha:g}")
    test = DrawnClips(options.clips + 500, 500)
    clips, labels = [], []
    for number in range(options.clips, options.clips + 500):
        test.voiced = test.voiced or load_spoken_digits()
        origin = test._origin(number)
        clips.append(test._clip(number, origin))
        labels.append(test.voiced.target[origin])
    print(f"accuracy on 500 new draws of the same voices: {alone.score(clips, labels):.3f}")


if __name__ == "__main__":
    main()
