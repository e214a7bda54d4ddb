"""How well do networks of oscillators, and others, tell the classes of a table apart?"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from reservoir._checks import Flag, Integer, Rule
from reservoir._types import Array, ArrayLike
from reservoir.datasets import DatasetError
from reservoir.experiments.own_device import heading_of
from reservoir.experiments.own_tables import Source, check_rows, read_features, read_labels
from reservoir.experiments.resumable import SEED_RANGE
from reservoir.experiments.vowels import QUICK_METHODS, VowelsExperiment

N_FOLDS = 5
METHODS = (
    "majority",
    "network-online-untrained",
    "network-online",
    "network-search",
    "network-search-linear",
    "network-search-10",
    "lda-sources",
    "lda-sources-10",
    "centroid-2",
    "lda",
    "mlp-same",
    "mlp-two",
    "mlp-large",
    "svm-rbf",
)
FOOTNOTES = """
network: two linear combinations of the features are the frequencies of two sources. Four
oscillators lock to the sources, and the pattern of locking is the answer. search: the
oscillators are tuned to equal distances. online: the frequencies start with errors of 3 MHz
rms and are tuned after each sample. untrained: the frequencies keep their errors. -linear: a
logistic regression reads lock states and coherences. -10: ten oscillators and four sources.
lda-sources: a linear discriminant analysis reads the frequencies that the network is told.
lda, svm-rbf: these classifiers read the features. centroid-2: the nearest centroid is found
in two linear combinations. mlp-same, -two, -large: one, two, 64 hidden units."""


@dataclass
class OwnFeaturesExperiment(VowelsExperiment):
    """The classes of a table by the pattern of synchronisation, and by classical classifiers.

    Parameters
    ----------
    dataset : str
        What the table is called in the results.
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,)
        Labels: texts or integers.
    groups : array-like of shape (n_samples,) or None
        Who or what a sample comes from. If given, folds leave groups out.
    oscillator, seed, n_repeats, n_jobs, quick, methods
        As for `VowelsExperiment`. Its `task` and `protocol` are not used here.

    Raises
    ------
    DatasetError
        From `run`, if the tables do not fit each other, or a class or group is too small.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.experiments.own_features import OwnFeaturesExperiment
    >>> X, y = load_iris(return_X_y=True)
    >>> experiment = OwnFeaturesExperiment("iris", X=X, y=y, methods=("majority", "lda"))
    >>> [(row.method, round(row.value, 2)) for row in experiment.run()]
    [('majority', 0.33), ('lda', 0.98)]
    """

    dataset: str = "table"
    _: KW_ONLY
    X: ArrayLike = field(default=(), repr=False)
    y: ArrayLike = field(default=(), repr=False)
    groups: ArrayLike | None = field(default=None, repr=False)

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "seed": SEED_RANGE,
        "n_repeats": Integer(1),
        "quick": Flag(),
    }
    row_task = "classes"
    frontend = "features"

    def method_names(self) -> tuple[str, ...]:
        """Methods of the table in its order."""
        if self.methods is not None:
            return tuple(self.methods)
        names = QUICK_METHODS if self.quick else METHODS
        few = len(np.unique(np.asarray(self.y))) < 3 or np.shape(self.X)[-1] < 2
        return tuple(name for name in names if name != "centroid-2" or not few)

    def load(self) -> None:
        """Check the table and draw the folds."""
        self.data_ = np.asarray(self.X, dtype=float)
        self.target_ = np.asarray(self.y)
        smallest, counts = self._smallest(self.target_)
        if len(counts) < 2:
            raise DatasetError(
                f"All samples of {self.dataset} have the label {smallest}, so there is "
                "nothing to tell apart."
            )
        n_folds = min(N_FOLDS, int(counts.min()))
        if n_folds < 2:
            raise DatasetError(
                f"The label {smallest} of {self.dataset} stands at one sample only, which "
                "cannot be learned and tested; leave it out, or measure more."
            )
        kind = StratifiedKFold
        self.protocol = "5x5"
        self.talkers_ = np.arange(len(self.target_))
        if self.groups is not None:
            self.talkers_, self.protocol = np.asarray(self.groups), "speaker"
            kind, n_groups = StratifiedGroupKFold, len(np.unique(self.talkers_))
            if n_groups < 2:
                raise DatasetError(
                    f"All samples of {self.dataset} are of one group, so none can be left "
                    "out; leave the groups out."
                )
            n_folds = min(N_FOLDS, n_groups)
        self.folds_ = [
            list(
                kind(n_folds, shuffle=True, random_state=self.seed + repeat).split(
                    self.data_, self.target_, self.groups
                )
            )
            for repeat in range(1 if self.quick else self.n_repeats)
        ]
        self._trained = None

    @staticmethod
    def _smallest(labels: Array) -> tuple[str, Array]:
        """The rarest label, and how often each stands there."""
        names, counts = np.unique(labels, return_counts=True)
        return str(names[counts.argmin()]), counts

    def protocol_name(self) -> str:
        """For the result rows: folds times repeats, or those of groups that are left out."""
        name = f"{len(self.folds_[0])}x{len(self.folds_)}"
        return f"groups-{name}" if self.groups is not None else name

    def heading(self) -> str:
        """What was run, to stand above the table."""
        n_samples, n_features = self.data_.shape
        kind = "of groups" if self.groups is not None else "of samples"
        lines = [
            f"Classes of a table: {self.dataset}{heading_of(self.oscillator)}",
            f"{n_samples} samples, {n_features} features, {len(np.unique(self.target_))} "
            f"classes, {len(self.folds_[0])} folds {kind}, drawn {len(self.folds_)} times",
        ]
        if self.quick:
            lines.append("QUICK: folds drawn once, some methods; not the protocol.")
        return "\n".join(lines) + "\n"

    def footnotes(self) -> str:
        """What the methods are."""
        return f"{FOOTNOTES}\nspread: the standard deviation over {self.spread_over}."


def features_of(X: str, y: str, groups: str | None) -> dict[str, Array | str | None]:
    """The parameters of an `OwnFeaturesExperiment` that stand in files.

    Parameters
    ----------
    X, y : str
        As for `reservoir.experiments.own_tables.Source.of`.
    groups : str or None

    Returns
    -------
    dict
        dataset, X, y and groups.

    Raises
    ------
    ValueError
        If there is no such file.
    DatasetError
        If a table cannot be read, or the tables do not fit each other.
    """
    features, labels = Source.of(X), Source.of(y)
    voices = None if groups is None else Source.of(groups)
    target = read_labels(labels)
    table = read_features(features, labels, voices)
    check_rows(features, table.shape, labels, len(target))
    members = None if voices is None else read_labels(voices)
    if voices is not None and members is not None:
        check_rows(features, table.shape, voices, len(members))
    return {"dataset": X, "X": table, "y": target, "groups": members}
