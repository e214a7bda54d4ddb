"""What do experiments share that measure spoken digits along one setting after another?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Choice, Rule
from reservoir._progress import Progress
from reservoir._types import Array, Floats, Integers, Objects
from reservoir.devices import Device
from reservoir.experiments.controls import control
from reservoir.experiments.own_device import chosen_device, heading_of, settings_of
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import Point, ResumableExperiment, key_of
from reservoir.experiments.speech import DATASET_TITLES, DATASETS, FRONT_ENDS
from reservoir.experiments.titles import FRONT_END_TITLES
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.plotting.sweeps import Curve, SweepFigure

N_TENTHS = 10  # parts of the recordings, by the last digit of their number
BASE_PROTOCOL = "utterances-9"
QUICK_NODES = 50


@dataclass(frozen=True)
class SweepPoint(Point):
    """One accuracy to measure; `sweep_point` makes it.

    Attributes
    ----------
    axis : str
        What is varied.
    value : float
        The value on this axis.
    settings : dict
        Parameters of the classifier that differ from the base.
    n_training : int
        Tenths of the recordings of every speaker and digit that train; the rest tests.
    snr : float or None
        Ratio of speech to white noise that is added to every clip, in dB; None: no noise.
    """

    axis: str = ""
    value: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    n_training: int = 9
    snr: float | None = None


def sweep_point(
    axis: str,
    value: float,
    frontend: str,
    method: str,
    settings: Mapping[str, Any] | None = None,
    *,
    n_training: int = 9,
    snr: float | None = None,
) -> SweepPoint:
    """One accuracy to measure, whose protocol names its axis and value: ``noise-0.03``.

    Parameters
    ----------
    axis, value, settings, n_training, snr
        As for `SweepPoint`.
    frontend : str
        Key of `reservoir.experiments.speech.FRONT_ENDS`.
    method : {"oscillator", "control"}

    Returns
    -------
    SweepPoint
    """
    protocol = f"{axis}-{value:g}"
    rest = settings or {}
    return SweepPoint(protocol, method, frontend, axis, value, rest, n_training, snr)


@dataclass
class SpeechSweep(ResumableExperiment):
    """Spoken digits by the published per-frame protocol, along one setting after another.

    Every frame is trained to its digit, the outputs are averaged over the clip, and the
    largest wins. Training clips are n tenths of the recordings of every digit and speaker,
    drawn anew `N_DRAWS` times; speakers are on both sides, as in the papers.

    Parameters
    ----------
    dataset : {"synthetic", "fsdd", "ti46"}
    oscillator : device, preset name or None
        What is played. None: the preset "torrejon2017".
    seed, n_jobs, quick, store
        As for `reservoir.experiments.resumable.ResumableExperiment`.
    """

    dataset: str = "synthetic"
    oscillator: Device | str | None = None

    datasets = tuple(DATASETS)
    N_DRAWS: ClassVar[int] = 3
    N_NODES: ClassVar[int] = 400
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "dataset": Choice(tuple(DATASETS)),
        **ResumableExperiment._parameter_ranges,
    }
    summary: ClassVar[str]
    spread_over = "draws of training clips"

    def __post_init__(self) -> None:
        """Check the parameters."""
        super().__post_init__()
        chosen_device(self.oscillator)

    def points(self) -> list[SweepPoint]:
        """All points of the experiment, in the order of the table."""
        raise NotImplementedError

    def settings(self) -> dict[str, Any]:
        """The settings in which the results of one file must agree."""
        own = settings_of(self.oscillator)
        return super().settings() | {"dataset": self.dataset} | own

    def base_values(self) -> dict[str, float]:
        """Where the base setting lies on the axes of the figure, if it lies on them."""
        return {}

    def curve(self, axis: str, frontend: str, method: str) -> tuple[Floats, Floats, Floats]:
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
        return (
            np.array([value for value, _ in chosen]),
            np.array([row.value for _, row in chosen]),
            np.array([row.spread for _, row in chosen]),
        )

    def heading(self) -> str:
        """Line above the table."""
        quick = "\nQUICK: few clips and points; not the protocol." if self.quick else ""
        title = f"{DATASET_TITLES[self.dataset]}{heading_of(self.oscillator)}"
        return f"{self.summary}\n{title}{quick}\n"

    def data_used(self) -> DataUsed:
        """From which clips and seeds the rows come."""
        if not hasattr(self, "clips_"):
            self._load()
        n_draws = 1 if self.quick else self.N_DRAWS
        seeds = tuple(range(self.seed, self.seed + n_draws))
        digest = digest_of(self.clips_, self.target_, self.tenths_)
        return DataUsed(self.dataset, digest, seeds)

    def arrays(self) -> dict[str, Floats]:
        """Curves of the figure, for the result file."""
        return {
            f"{axis}/{frontend}/{method}": np.stack(self.curve(axis, frontend, method))
            for axis, frontend, method in sorted(self._curves())
        }

    def figure_data(self) -> SweepFigure:
        """All curves, in the order of the points."""
        curves = [Curve(*names, *self.curve(*names)) for names in self._curves()]
        bases = {
            (row.frontend, row.method): (row.value, row.spread)
            for row in self.rows_
            if row.protocol == BASE_PROTOCOL
        }
        return SweepFigure(
            tuple(curves), self.base_values(), bases, self.summary, FRONT_END_TITLES
        )

    def _curves(self) -> dict[tuple[str, str, str], None]:
        """Axis, front end and method of every curve, as the keys of an ordered set."""
        return dict.fromkeys((p.axis, p.frontend, p.method) for p in self.points())

    def _prepare(self, left: list[SweepPoint], progress: Progress) -> None:
        """One front end after the other, so that its frames are made once."""
        self._load()
        left.sort(key=lambda point: (point.frontend, point.snr is not None, point.snr or 0.0))
        for point in left:
            self._frames(point)

    def _load(self) -> None:
        bunch = DATASETS[self.dataset]()
        keep = np.ones(len(bunch.data), dtype=bool)
        if self.quick:
            keep = np.isin(bunch.speakers, np.unique(bunch.speakers)[:2])
            keep &= bunch.indices < N_TENTHS
        chosen = np.flatnonzero(keep)
        self.sample_rate_: float = bunch.sample_rate
        self.clips_: list[Floats] = [bunch.data[i] for i in chosen]
        self.target_: Array = bunch.target[chosen]
        self.tenths_: Integers = bunch.indices[chosen] % N_TENTHS
        self._cache: dict[tuple[str, float | None], Objects] = {}

    def _frames(self, point: SweepPoint) -> Objects:
        """Frames of all clips, made once for each front end and noise."""
        key = point.frontend, point.snr
        if key not in self._cache:
            clips = self.clips_
            if point.snr is not None:
                generator = np.random.default_rng(self.seed)
                clips = [_with_noise(clip, point.snr, generator) for clip in clips]
            front_end = FRONT_ENDS[point.frontend](self.sample_rate_)
            if front_end.works_in_kernel:
                front_end.set_params(n_jobs=self.n_jobs)
            self._cache[key] = front_end.fit_transform(clips)
        return self._cache[key]

    def _measure(self, point: SweepPoint) -> tuple[Row, dict[str, Array]]:
        start = time.perf_counter()
        frames = self._frames(point)
        accuracies = []
        for draw in range(1 if self.quick else self.N_DRAWS):
            training = np.isin(self.tenths_, self._training_tenths(point.n_training, draw))
            n_nodes = QUICK_NODES if self.quick else self.N_NODES
            model = ReservoirClassifier(
                self.oscillator,
                pooling="vote",
                context=(),
                standardize=False,
                random_state=self.seed + draw,
                **{"n_nodes": n_nodes, **point.settings},
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

    def _training_tenths(self, n_training: int, draw: int) -> Integers:
        """The same in every point; with nine, each draw tests another tenth."""
        order = np.random.default_rng(self.seed).permutation(N_TENTHS)
        return np.roll(order, draw)[:n_training]


def _with_noise(clip: Floats, snr: float, generator: np.random.Generator) -> Floats:
    """A clip with white noise of a given ratio of powers, in dB.

    `reservoir.audio.Noise` scales each piece of noise to the ratio exactly, and draws it from
    the clip's own bytes. Here the ratio holds on average, and all clips share one stream.
    """
    clip = np.asarray(clip, dtype=float)
    size = np.sqrt(np.mean(clip**2) / 10 ** (snr / 10))
    noisy: Floats = clip + size * generator.standard_normal(len(clip))
    return noisy


def describe_gains(rows: Sequence[Row], protocol: str) -> str:
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
