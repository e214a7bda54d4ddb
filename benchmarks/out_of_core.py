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
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from memory import memory
from reservoir.datasets import load_spoken_digits
from reservoir.datasets.make_spoken_digits import N_BANDS, colour, noise, unevenly

from reservoir.audio import SpeechClassifier

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
        first = number * self.block_size
        return self.clips(range(first, min(first + self.block_size, self.n_clips)))

    def clips(self, numbers):
        """Clips and labels, by the numbers of the clips."""
        if self.voiced is None:
            self.voiced = load_spoken_digits()
        origins = [self._origin(number) for number in numbers]
        clips = [self._clip(*pair) for pair in zip(numbers, origins, strict=True)]
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


def learn(options, folder=None):
    """The readout, and the model, after both passes; prints the time."""
    source = DrawnClips(options.clips, options.block_size, folder)
    start = time.perf_counter()
    model = SpeechClassifier(8000, n_nodes=options.nodes, **OPTIONS).fit_blocks(source)
    readout = model.classifier_.classifiers_[0].readout_
    print(f"  {time.perf_counter() - start:.0f} s", flush=True)
    return model, readout


def learn_on_cluster(options):
    """Learn on two workers, of which one is killed; the readout."""
    from dask.distributed import Client
    from joblib import parallel_config

    print(f"{options.clips} clips on two workers, one of which is killed:", flush=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Client(
            n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="1GB"
        ) as client,
    ):
        before = set(client.run(os.getpid).values())
        with parallel_config("dask"):
            readout = learn(options, folder)[1]
        after = set(client.run(os.getpid).values())
        peaks = client.run(memory, "VmHWM").values()
    print(f"  workers that were killed: {len(before - after)}")
    print(f"  peak of each worker that is left: {', '.join(f'{x:.0f} MB' for x in peaks)}")
    print(f"  peak of the process that merges: {memory('VmHWM'):.0f} MB", flush=True)
    return readout


def learn_alone(options):
    """Learn in this process, which does nothing else, and write the model to a file."""
    print("the same in one process:", flush=True)
    model, readout = learn(options)
    print(f"  peak: {memory('VmHWM'):.0f} MB; ridge strength {readout.alpha:g}")
    test = DrawnClips(options.clips + 500, 500)
    clips, labels = test.clips(range(options.clips, options.clips + 500))
    print(f"  accuracy on 500 new draws of the same voices: {model.score(clips, labels):.3f}")
    np.savez(options.alone, coefficients=readout.coefficients, intercept=readout.intercept)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clips", type=int, default=2000)
    parser.add_argument("--block-size", type=int, default=500)
    parser.add_argument("--nodes", type=int, default=400)
    parser.add_argument("--alone", metavar="FILE.npz", help="one process only")
    options = parser.parse_args()
    if options.alone is not None:
        learn_alone(options)
        return
    readout = learn_on_cluster(options)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "alone.npz"
        subprocess.run([sys.executable, *sys.argv, "--alone", path], check=True)
        alone = np.load(path)
        same = np.array_equal(alone["coefficients"], readout.coefficients)
        same &= np.array_equal(alone["intercept"], readout.intercept)
    print(f"the same bits: {same}")


if __name__ == "__main__":
    main()
