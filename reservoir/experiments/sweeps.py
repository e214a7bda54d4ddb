"""Accuracy of spoken digits along one setting after another."""

import time
from dataclasses import dataclass, field

import numpy as np

from reservoir.experiments.controls import control
from reservoir.experiments.digits import DATASETS, FRONT_ENDS
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import ResumableExperiment, key_of
from reservoir.multiplexing.classifier import ReservoirClassifier

N_TENTHS = 10  # recordings fall into ten parts by their number
BASE_PROTOCOL = "utterances-9"


@dataclass(frozen=True)
class Point:
    """One row to measure.

    Attributes
    ----------
    axis : str
        What is varied.
    value : float
        To which value.
    frontend : str
        Key of `FRONT_ENDS`.
    method : {"oscillator", "control"}
    settings : dict
        Parameters of the classifier that differ from the base.
    n_training : int
        Tenths of the recordings of every speaker and digit that train; the rest tests.
    snr : float or None
        Ratio of speech to white noise that is added to every clip, in dB; None: none.
    """

    axis: str
    value: float
    frontend: str
    method: str
    settings: dict = field(default_factory=dict)
    n_training: int = 9
    snr: float | None = None

    @property
    def protocol(self):
        """Name in the result rows, such as ``noise-0.03``."""
        return f"{self.axis}-{self.value:g}"


@dataclass
class SpeechSweep(ResumableExperiment):
    """Spoken digits by the published per-frame protocol, along one setting after another.

    Every frame is trained to its digit, the outputs are averaged over the clip, and the
    largest wins. Training clips are n tenths of the recordings of every digit and speaker,
    drawn anew `N_DRAWS` times; speakers are on both sides, as in the papers.

    Parameters
    ----------
    dataset : {"synthetic", "fsdd", "ti46"}
    seed, n_jobs, quick, store
        As for `reservoir.experiments.resumable.ResumableExperiment`.
    """

    dataset: str = "synthetic"

    datasets = tuple(DATASETS)
    N_DRAWS = 3
    N_NODES = 400

    def settings(self):
        """What results must share to stand in one file."""
        return super().settings() | {"dataset": self.dataset}

    def _prepare(self, left):
        """One front end after the other, so that its frames are made once."""
        self._load()
        left.sort(key=lambda point: (point.frontend, point.snr is not None, point.snr or 0.0))
        for point in left:
            self._frames(point)

    def curve(self, axis, frontend, method):
        """Values of an axis and the accuracies measured there, for the figure.

        Parameters
        ----------
        axis, frontend, method : str

        Returns
        -------
        values, accuracies, spreads : ndarray
        """
        rows = {key_of(row): row for row in self.rows_}
        chosen = [
            (point.value, rows[key_of(point)])
            for point in self.points()
            if (point.axis, point.frontend, point.method) == (axis, frontend, method)
        ]
        chosen.sort(key=lambda pair: pair[0])
        return tuple(
            np.array(column)
            for column in zip(
                *((value, row.value, row.spread) for value, row in chosen), strict=True
            )
        )

    def heading(self):
        """Line above the table."""
        kind = {
            "synthetic": "SYNTHETIC voices (not people), shipped with the package",
            "fsdd": "Free Spoken Digit Dataset",
            "ti46": "TI-46, digits of five women",
        }[self.dataset]
        quick = "\nQUICK: few clips and points; not the protocol." if self.quick else ""
        return f"{self.summary}\n{kind}{quick}\n"

    def arrays(self):
        """Curves of the figure, for the result file."""
        return {
            f"{axis}/{frontend}/{method}": np.stack(self.curve(axis, frontend, method))
            for axis, frontend, method in sorted(
                {(point.axis, point.frontend, point.method) for point in self.points()}
            )
        }

    def _load(self):
        bunch = DATASETS[self.dataset]()
        keep = np.ones(len(bunch.data), dtype=bool)
        if self.quick:
            keep = np.isin(bunch.speakers, np.unique(bunch.speakers)[:2])
            keep &= bunch.indices < N_TENTHS
        chosen = np.flatnonzero(keep)
        self.sample_rate_ = bunch.sample_rate
        self.clips_ = [bunch.data[i] for i in chosen]
        self.target_ = bunch.target[chosen]
        self.tenths_ = bunch.indices[chosen] % N_TENTHS
        self._cache = {}

    def _frames(self, point):
        """Frames of all clips, made once for each front end and noise."""
        key = point.frontend, point.snr
        if key not in self._cache:
            clips = self.clips_
            if point.snr is not None:
                generator = np.random.default_rng(self.seed)
                clips = [_with_noise(clip, point.snr, generator) for clip in clips]
            front_end = FRONT_ENDS[point.frontend](self.sample_rate_)
            front_end.set_params(n_jobs=self.n_jobs)
            frames = np.empty(len(clips), dtype=object)
            frames[:] = front_end.fit_transform(clips)
            self._cache[key] = frames
        return self._cache[key]

    def _measure(self, point):
        start = time.perf_counter()
        frames = self._frames(point)
        accuracies = []
        for draw in range(1 if self.quick else self.N_DRAWS):
            training = np.isin(self.tenths_, self._training_tenths(point.n_training, draw))
            settings = {"n_nodes": 50 if self.quick else self.N_NODES} | point.settings
            model = ReservoirClassifier(
                pooling="vote", random_state=self.seed + draw, **settings
            )
            model = control(model) if point.method == "control" else model
            model.fit(frames[training], self.target_[training])
            accuracies.append(model.score(frames[~training], self.target_[~training]))
        row = Row(
            task="digits",
            protocol=point.protocol,
            frontend=point.frontend,
            method=point.method,
            metric="accuracy",
            value=float(np.mean(accuracies)),
            spread=float(np.std(accuracies)),
            n_folds=len(accuracies),
            seconds=time.perf_counter() - start,
            n_parameters=model.readout_.n_parameters,
        )
        return row, {}

    def _training_tenths(self, n_training, draw):
        """The same in every point; with nine, each draw tests another tenth."""
        order = np.random.default_rng(self.seed).permutation(N_TENTHS)
        return np.roll(order, draw)[:n_training]


def _with_noise(clip, snr, generator):
    """A clip with white noise of a given ratio of powers, in dB."""
    clip = np.asarray(clip, dtype=float)
    size = np.sqrt(np.mean(clip**2) / 10 ** (snr / 10))
    return clip + size * generator.standard_normal(len(clip))


def describe_gains(rows, protocol):
    """What the oscillator adds to each front end, as lines of text.

    Parameters
    ----------
    rows : list of Row
    protocol : str

    Returns
    -------
    str
    """
    values = {
        (row.frontend, row.method): row.value for row in rows if row.protocol == protocol
    }
    lines = [
        f"{frontend}: {100 * value:.2f} % with the oscillator, "
        f"{100 * values[frontend, 'control']:.2f} % front end alone, gain "
        f"{100 * (value - values[frontend, 'control']):+.2f} points"
        for (frontend, method), value in values.items()
        if method == "oscillator"
    ]
    return "\n".join(lines)
