"""How much accuracy do faults of devices cost, and do other networks lose less?

A sweep over kinds of fault and their severities. Each method is fitted once a fold. Faults
are drawn several times and put into copies, which are asked the test samples of the fold.
"""

import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar

import numpy as np
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir._checks import Choice, Integer, OrNone, Real, Rule, check_value
from reservoir._progress import Progress, no_progress
from reservoir._types import Array
from reservoir.datasets.recordings import PATTERN
from reservoir.devices import Device
from reservoir.experiments.own_device import heading_of, settings_of
from reservoir.experiments.own_recordings import check_corpus, corpus_title
from reservoir.experiments.provenance import DataUsed, digest_of
from reservoir.experiments.results import Row
from reservoir.experiments.resumable import Point, ResumableExperiment, key_of
from reservoir.experiments.robustness_bench import (
    MITIGATIONS,
    N_TRAINED,
    PROTOCOLS,
    Bench,
    Clean,
    Trial,
)
from reservoir.experiments.robustness_faults import Kind
from reservoir.experiments.robustness_loss import lost_at
from reservoir.experiments.robustness_notes import (
    ERROR_NOTE,
    NOTES,
    PROTOCOL_NOTES,
    TRAINED_NOTE,
)
from reservoir.experiments.robustness_tasks import BENCHES, QUICK_NODES
from reservoir.experiments.titles import title_of
from reservoir.plotting.robustness import FaultCurve, RobustnessDisplay, RobustnessFigure

CLEAN = "none"
LOST_POINTS = (1, 5)  # per cent of the test samples
N_DRAWS, QUICK_DRAWS = 10, 3


@dataclass(frozen=True)
class FaultPoint(Point):
    """The accuracy of one method with one fault of one severity.

    Attributes
    ----------
    kind : str
        Of the fault, or "none".
    severity : float
    """

    kind: str = CLEAN
    severity: float = 0.0


@dataclass
class RobustnessExperiment(ResumableExperiment):
    """Accuracy against the severity of faults, beside a control and other networks.

    Parameters
    ----------
    task : {"digits", "vowels", "layers", "series"}
    dataset : str or None
        A data set of the task, or for digits a folder of recordings. None: the first of the
        task, which needs no download.
    faults : tuple of str or None
        Kinds of fault that the task knows. None: its default ones.
    severities : tuple of float or None
        For all faults alike. None: those of each fault.
    protocol : {"after", "before", "repaired", "refitted"}
        "after": fault after training, frozen. "before": fault, then training. "repaired":
        fault after training, then what a laboratory can do about it. "refitted": fault after
        training, then a readout that is learned again from labelled examples.
    draws : int or None
        How often a fault is drawn. None: 10, or 3 for a try.
    n_examples : int
        Training samples that a repair may use.
    pattern : str
        What the names of the clips in a folder mean, as for
        `reservoir.datasets.load_recordings`.
    oscillator : device, preset name or None
        What is played by the reservoir, or of which the networks of the vowels are made.
        None: that of the experiment.
    mitigation : {"none", "drawn-faults"}
        "drawn-faults": the readout of each reservoir was trained over drawn faults of the
        same kind (`reservoir.faults.train_over_faults`), for the protocol "after".
    trained_severity : float or None
        Of those faults, for all points alike. None: the severity of each point.
    methods : tuple of str or None
        Rows of the table. None: all of `method_names()`.
    seed, n_jobs, quick, store
        As for `reservoir.experiments.resumable.ResumableExperiment`.

    Raises
    ------
    ValueError
        If a fault is unknown, the protocol has no meaning for it, or it cannot have a
        severity.

    Examples
    --------
    >>> from reservoir.experiments import RobustnessExperiment
    >>> experiment = RobustnessExperiment(faults=("threshold",), severities=(0.01, 0.05))
    >>> [(point.protocol, point.method) for point in experiment.points()]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('none', 'oscillator'), ('after:threshold=0.01', 'oscillator'),
     ('after:threshold=0.05', 'oscillator')]
    """

    task: str = "digits"
    dataset: str | None = None
    _: KW_ONLY
    faults: tuple[str, ...] | None = None
    severities: tuple[float, ...] | None = None
    protocol: str = "after"
    draws: int | None = None
    n_examples: int = 100
    pattern: str = PATTERN
    oscillator: Device | str | None = None
    mitigation: str = "none"
    trained_severity: float | None = None
    methods: tuple[str, ...] | None = None

    spread_over = "draws of a fault, or over folds without a fault"
    summary = "Measure what faults of devices cost, and what other networks lose"
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "task": Choice(tuple(BENCHES)),
        "protocol": Choice(PROTOCOLS),
        "draws": OrNone(Integer(1)),
        "n_examples": Integer(1),
        "mitigation": Choice(MITIGATIONS),
        "trained_severity": OrNone(Real(above=0)),
        **ResumableExperiment._parameter_ranges,
    }

    def __post_init__(self) -> None:
        """Check the parameters, and each severity of each fault."""
        super().__post_init__()
        kind = BENCHES[self.task]
        self.dataset = next(iter(kind.datasets)) if self.dataset is None else self.dataset
        owner = type(self).__name__
        if kind.takes_folders:
            check_corpus(owner, self.dataset, self.pattern, "index")
        else:
            choice = Choice(tuple(kind.datasets))
            check_value(f"{owner}.dataset", self.dataset, choice)
        self.n_draws = self.draws or (QUICK_DRAWS if self.quick else N_DRAWS)
        self.bench: Bench = kind(
            self.dataset, self.seed, self.quick, self.pattern, self.oscillator
        )
        named = self.faults is not None
        chosen = kind.default_kinds if self.faults is None else self.faults
        self.faults = tuple(dict.fromkeys(chosen))
        self._check_faults(named)
        for fault in self.faults:
            for severity in self._severities(fault):
                check_value(f"A severity of {fault}", severity, Real(at_least=0))
                self.bench.check(fault, severity)
            if self.trained_severity is not None:
                self.bench.check(fault, self.trained_severity)

    def _check_faults(self, named: bool) -> None:
        """Refuse unknown faults, and leave out or refuse those without this protocol."""
        assert self.faults is not None
        kinds = self.bench.kinds
        for fault in self.faults:
            if fault not in kinds:
                raise ValueError(
                    f"{fault!r} is no fault of the task {self.task}; choose from "
                    f"{', '.join(kinds)}."
                )
        fitting = tuple(f for f in self.faults if self.protocol in kinds[f].protocols)
        refused = [f for f in self.faults if f not in fitting]
        if refused and (named or not fitting):
            raise ValueError(
                f"The protocol {self.protocol!r} has no meaning for {refused[0]} in the task "
                f"{self.task}, which is measured with "
                f"{' or '.join(kinds[refused[0]].protocols)}."
            )
        self.faults = fitting
        if self.trained_severity is not None and self.mitigation == "none":
            raise ValueError(
                "trained_severity is that of the faults that are trained over; it needs the "
                "mitigation 'drawn-faults'."
            )
        if self.mitigation != "none":
            self._check_mitigation(named)

    def _check_mitigation(self, named: bool) -> None:
        """Refuse faults over which nothing can be trained, or leave them out."""
        assert self.faults is not None
        if self.protocol != "after":
            raise ValueError(
                f"The mitigation 'drawn-faults' is done before the faults come, and measured "
                f"with the protocol 'after'; the protocol is {self.protocol!r}."
            )
        fitting = tuple(f for f in self.faults if self._methods_of(f))
        refused = [f for f in self.faults if f not in fitting]
        if refused and (named or not fitting):
            raise ValueError(
                f"No readout can be trained over {refused[0]} in the task {self.task}. It "
                "needs a fault that changes the states of a time-multiplexed reservoir."
            )
        self.faults = fitting

    def method_names(self) -> tuple[str, ...]:
        """Rows of the table that at least one of the faults has a meaning for."""
        if self.methods is not None:
            return tuple(self.methods)
        named = [name for fault in self._kinds() for name in self._methods_of(fault)]
        order = dict.fromkeys(
            name for kind in self.bench.kinds.values() for name in kind.methods
        )
        return tuple(name for name in order if name in named)

    def points(self) -> list[FaultPoint]:
        """Each method without a fault, then every fault and severity."""
        chosen = self.method_names()
        frontend = self.bench.frontend
        points = [FaultPoint(CLEAN, method, frontend) for method in chosen]
        return points + [
            FaultPoint(
                f"{self._protocol_name()}:{fault}={severity:g}",
                method,
                frontend,
                fault,
                severity,
            )
            for fault in self._kinds()
            for method in chosen
            if method in self._methods_of(fault)
            for severity in self._severities(fault)
        ]

    def settings(self) -> dict[str, Any]:
        """The settings in which the results of one file must agree."""
        return super().settings() | {
            "task": self.task,
            "dataset": self.dataset,
            **({} if self.dataset in self.bench.datasets else {"pattern": self.pattern}),
            "draws": self.n_draws,
            "n_examples": self.n_examples,
            **settings_of(self.oscillator),
        }

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Measure every point that the store does not hold; raises as the class above.

        Parameters
        ----------
        progress : callable
            Wraps the iterator of finished points, e.g. in a tqdm bar.

        Returns
        -------
        list of Row
            Accuracies, or errors of a series. Then, for every method and fault, the
            severities at which 1 and 5 points are lost, if they are.
        """
        return super().run(progress) + self.loss_rows()

    def loss_rows(self) -> list[Row]:
        """Severities at which points are lost, as rows of the table; after `run`."""
        rows = []
        for fault in self._kinds():
            for curve in self._panel(fault).curves:
                like = next(row for row in self.rows_ if row.method == curve.method)
                rows += [
                    replace(
                        like,
                        protocol=f"{self._protocol_name()}:{fault}:{points}-lost",
                        metric="severity",
                        value=severity,
                        spread=0.0,
                        seconds=0.0,
                    )
                    for points, severity in curve.lost.items()
                ]
        return rows

    def heading(self) -> str:
        """Lines above the table."""
        size = f", {self.bench.n_nodes} nodes" if self.bench.n_nodes else ""
        text = (
            f"Faults of devices: {self.bench.title}{size}. "
            f"{self._data_title()}. "
            f"Protocol '{self._protocol_name()}', "
            f"{self.n_draws} draws of each fault, seed {self.seed}."
        )
        quick = f"\nQUICK: few samples and folds, {QUICK_NODES} nodes at most; a try."
        own = heading_of(self.oscillator)
        return textwrap.fill(text, 90) + quick * self.quick + own + "\n"

    def _data_title(self) -> str:
        title = self.bench.datasets.get(str(self.dataset)) or corpus_title(self.dataset)
        return title[0].upper() + title[1:]

    def footnotes(self) -> str:
        """What was done, and what the columns are."""
        kinds = [f"{name}: {kind.label}." for name, kind in self._kinds().items()]
        methods = [NOTES[name] for name in self.method_names()]
        ends = [
            "none: no fault. N-lost: the severity at which the mean accuracy has fallen by N "
            "points, between two severities on the straight line. It is the first severity "
            "of the sweep if that costs so much already, and of bits and junctions the first "
            "one that does. A fault without such a row costs less at every severity.",
            "spread: the standard deviation over the draws of a fault, each of them a mean "
            "over folds; without a fault, over folds. A repair may use "
            f"{self.n_examples} examples.",
        ]
        notes = [PROTOCOL_NOTES[self.protocol], *kinds, *methods, *ends]
        if self.bench.metric == "nrmse":
            notes.append(ERROR_NOTE)
        if self.mitigation != "none":
            severity = self.trained_severity
            what = "that of each row" if severity is None else f"{severity:g}"
            notes.insert(1, TRAINED_NOTE.format(n=N_TRAINED, severity=what))
        return "\n" + "\n".join(textwrap.fill(note, 90) for note in notes)

    def data_used(self) -> DataUsed:
        """From which samples and seed the rows come."""
        if not self.bench.folds:
            self.bench.load()
        samples = next(iter(self.bench.samples.values()))
        digest = digest_of(samples, self.bench.target)
        return DataUsed(str(self.dataset), digest, (self.seed,))

    def arrays(self) -> dict[str, Array]:
        """Accuracies of all draws and folds, by protocol, fault and method."""
        return dict(self.traces_)

    def figure_data(self) -> RobustnessFigure:
        """The curves of all faults."""
        panels = tuple(self._panel(fault) for fault in self._kinds())
        return RobustnessFigure(self.heading(), panels)

    def _kinds(self) -> dict[str, Kind]:
        return {name: self.bench.kinds[name] for name in self.faults or ()}

    def _protocol_name(self) -> str:
        """Of the rows: the protocol, and the mitigation if there is one."""
        if self.mitigation == "none":
            return self.protocol
        severity = self.trained_severity
        return f"{self.protocol}+{self.mitigation}" + (f"-{severity:g}" if severity else "")

    def _methods_of(self, fault: str) -> tuple[str, ...]:
        """Methods with a meaning."""
        kind = self.bench.kinds[fault]
        if self.mitigation != "none":
            may = self.bench.trainable if not kind.is_of_weights else ()
            return tuple(name for name in kind.methods if name in may)
        after = self.protocol == "after"
        return tuple(name for name in kind.methods if after or self.bench.is_mended(name))

    def _severities(self, fault: str) -> Sequence[float]:
        """From mild to severe."""
        kind = self.bench.kinds[fault]
        if self.severities is None:
            return kind.severities[::2] if self.quick else kind.severities
        return sorted(set(self.severities), reverse=kind.is_falling)

    def _panel(self, fault: str) -> RobustnessDisplay:
        """What was measured of one fault."""
        kind = self.bench.kinds[fault]
        rows = {key_of(row): row for row in self.rows_}
        sign = 1 if self.bench.metric == "accuracy" else -1  # of an error less is better
        curves = []
        for method in self.method_names():
            mine = [
                (point.severity, rows[key_of(point)])
                for point in self.points()
                if (point.kind, point.method) == (fault, method)
            ]
            if not mine:
                continue
            clean = rows[key_of(Point(CLEAN, method, self.bench.frontend))].value
            severities = np.array([severity for severity, _ in mine])
            values = np.array([row.value for _, row in mine])
            lost = {
                points: found
                for points in LOST_POINTS
                for found in [
                    lost_at(
                        severities,
                        sign * values,
                        sign * clean,
                        points / 100,
                        stepwise=kind.is_whole,
                    )
                ]
                if found is not None
            }
            spreads = np.array([row.spread for _, row in mine])
            title = title_of(method, self.task)
            curves.append(FaultCurve(method, severities, values, spreads, clean, lost, title))
        return RobustnessDisplay(
            curves,
            kind.label,
            title=fault.replace("-", " "),
            scale=kind.scale,
            is_falling=kind.is_falling,
            is_error=self.bench.metric != "accuracy",
        )

    def _prepare(self, left: list[FaultPoint], progress: Progress) -> None:
        """Load the data, and fit each method that is left to each fold."""
        self.bench.load()
        folds = range(len(self.bench.folds))
        methods = dict.fromkeys(point.method for point in left)
        self._clean: dict[Any, Clean] = {}
        self._fit(
            self.bench.fit, [(method, fold) for method in methods for fold in folds], progress
        )
        if self.mitigation != "none":
            trained = dict.fromkeys(
                (*self._trained(point), fold)
                for point in left
                for fold in folds
                if point.kind != CLEAN
            )
            self._fit(self._train_over, list(trained), progress)

    def _fit(
        self, fit: Callable[..., Clean], keys: Sequence[tuple[Any, ...]], progress: Progress
    ) -> None:
        """Fit what the keys stand for, and keep it by them."""
        with threadpool_limits(1, user_api="blas"):
            fits = Parallel(
                n_jobs=self.n_jobs, prefer="threads", return_as="generator_unordered"
            )(delayed(lambda key: (key, fit(*key)))(key) for key in keys)
            self._clean |= dict(progress(fits, len(keys)))

    def _trained(self, point: FaultPoint) -> tuple[str, float, str]:
        """Which faults a method was trained over for a point: kind, severity, method."""
        severity = self.trained_severity
        return point.kind, point.severity if severity is None else severity, point.method

    def _train_over(self, kind: str, severity: float, method: str, fold: int) -> Clean:
        clean = self._clean[method, fold]
        return self.bench.trained_over(self.bench.kinds[kind], severity, method, fold, clean)

    def _measure(self, point: FaultPoint) -> tuple[Row, dict[str, Array]]:
        start = time.perf_counter()
        clean = [self._clean[point.method, fold] for fold in range(len(self.bench.folds))]
        if point.kind == CLEAN:
            accuracies = np.array([[fold.accuracy for fold in clean]])
            spread = accuracies.std()
        else:
            accuracies = np.array(
                [
                    [self._accuracy(point, draw, fold) for fold in range(len(clean))]
                    for draw in range(self.n_draws)
                ]
            )
            spread = accuracies.mean(axis=1).std()
        row = Row(
            task=f"robustness-{self.task}",
            protocol=point.protocol,
            frontend=point.frontend,
            method=point.method,
            metric=self.bench.metric,
            value=float(accuracies.mean()),
            spread=float(spread),
            n_folds=len(clean),
            seconds=time.perf_counter() - start,
            n_parameters=max(fold.n_parameters for fold in clean),
        )
        return row, {f"accuracies/{point.protocol}/{point.method}": accuracies}

    def _accuracy(self, point: FaultPoint, draw: int, fold: int) -> float:
        """Of one draw on one fold; all methods and severities of a draw have one seed."""
        kind = self.bench.kinds[point.kind]
        seed = int(np.random.default_rng((self.seed, draw, fold)).integers(2**31))
        sign = -1 if draw % 2 else 1
        fault = self.bench.fault(kind, point.severity, sign, point.method)
        trial = Trial(kind, self.protocol, point.method, fold, fault, seed, self.n_examples)
        key = (point.method,) if self.mitigation == "none" else self._trained(point)
        return self.bench.accuracy(trial, self._clean[*key, fold])
