"""Which classical learners stand beside the oscillators, and how large do they become?"""

from collections.abc import Callable
from typing import Any, Self, TypeAlias

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier, RidgeClassifierCV
from sklearn.model_selection import GridSearchCV, GroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from reservoir._all_or_nothing import all_or_nothing
from reservoir._classes import check_groups
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
)
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.networks.synchronization import SynchronizationClassifier

# An estimator of scikit-learn, which has no types.
Classifier: TypeAlias = Any
# From a seed to an unfitted classifier.
Maker: TypeAlias = Callable[[int], Classifier]


class GroupedSearch(CheckedClassifier, BaseEstimator):
    """A grid search whose inner folds keep each group in one fold, if groups are given.

    Parameters
    ----------
    model : classifier
    grid : dict of str to sequence
        Values of the parameters, as for `sklearn.model_selection.GridSearchCV`.
    n_folds : int
    plain : classifier or None, default=None
        What is fitted in place of the search if no groups are given. None: the search.
    """

    def __init__(
        self,
        model: Classifier,
        grid: dict[str, Any],
        *,
        n_folds: int,
        plain: Classifier | None = None,
    ) -> None:
        self.model = model
        self.grid = grid
        self.n_folds = n_folds
        self.plain = plain

    @all_or_nothing
    def fit(self, X: ArrayLike, y: Array, groups: Array | None = None) -> Self:
        """Search, and fit the best model to all data."""
        if groups is None and self.plain is not None:
            self.fitted_ = clone(self.plain).fit(X, y)
        else:
            folds, more = StratifiedKFold(self.n_folds), {}
            if groups is not None:
                codes = check_groups(groups, len(y), "row of X")[1]
                folds = GroupKFold(min(self.n_folds, int(codes.max()) + 1))
                # With metadata routing, what nobody takes must not be handed on.
                more = {"groups": groups}
            search = GridSearchCV(self.model, self.grid, cv=folds).fit(X, y, **more)
            self.fitted_ = search.best_estimator_
        self.classes_ = self.fitted_.classes_
        return self

    def predict(self, X: ArrayLike) -> Array:
        """Labels that the best model gives."""
        labels: Array = self.fitted_.predict(X)
        return labels

    def decision_function(self, X: ArrayLike) -> Array:
        """Decision values of the best model."""
        values: Array = self.fitted_.decision_function(X)
        return values


def scaled(classifier: Classifier) -> Classifier:
    """The classifier behind a standardisation of its features."""
    return make_pipeline(StandardScaler(), classifier)


def perceptron(n_hidden: int, seed: int) -> Classifier:
    """A multilayer perceptron with one hidden layer, for vowels."""
    small = {"solver": "lbfgs", "max_iter": 3000} if n_hidden < 10 else {"max_iter": 1000}
    return scaled(MLPClassifier((n_hidden,), alpha=0.1, random_state=seed, **small))


def _ridge(seed: int) -> Classifier:
    """Ridge classifier; inner folds leave out clips, or groups of them."""
    alphas = np.logspace(-1, 5, 13)
    return GroupedSearch(
        scaled(RidgeClassifier()),
        {"ridgeclassifier__alpha": alphas},
        n_folds=5,
        plain=scaled(RidgeClassifierCV(alphas)),
    )


def _support_vectors(seed: int) -> Classifier:
    """RBF support-vector machine with an inner grid over C."""
    return GroupedSearch(scaled(SVC()), {"svc__C": [1.0, 10.0, 100.0]}, n_folds=3)


# On the means of the segments of a clip.
DIGITS_LEARNERS: dict[str, Maker] = {
    "ridge": _ridge,
    "logistic": lambda seed: scaled(LogisticRegression(C=0.1, max_iter=1000)),
    "svm-rbf": _support_vectors,
    "random-forest": lambda seed: RandomForestClassifier(500, random_state=seed),
    "k-neighbors": lambda seed: scaled(KNeighborsClassifier(3)),
    "mlp": lambda seed: scaled(MLPClassifier((100,), max_iter=300, random_state=seed)),
}
# On the twelve formants of a vowel.
VOWELS_LEARNERS: dict[str, Maker] = {
    "centroid-2": lambda seed: make_pipeline(
        LinearDiscriminantAnalysis(n_components=2), NearestCentroid()
    ),
    "lda": lambda seed: LinearDiscriminantAnalysis(),
    "mlp-same": lambda seed: perceptron(1, seed),
    "mlp-two": lambda seed: perceptron(2, seed),
    "mlp-large": lambda seed: perceptron(64, seed),
    "svm-rbf": lambda seed: GridSearchCV(
        scaled(SVC()), {"svc__C": [0.3, 1.0, 10.0], "svc__gamma": [0.01, 0.03, 0.1]}, cv=3
    ),
}
TWELVE_VOWELS_LEARNERS: dict[str, Maker] = {
    "mlp-same-16": lambda seed: perceptron(96, seed),
}
# On the two delays of a vowel.
BINDING_LEARNERS: dict[str, Callable[[], Classifier]] = {
    "logistic": lambda: LogisticRegression(C=np.inf, max_iter=1000),
    "lda": LinearDiscriminantAnalysis,
    "qda": lambda: scaled(QuadraticDiscriminantAnalysis()),
}


def count_parameters(model: Classifier) -> int:
    """Numbers that fitting set.

    Of neighbours, support vectors and trees these are the numbers that the model keeps. What
    standardises features, and the majority class, count nothing.

    Parameters
    ----------
    model : fitted classifier

    Returns
    -------
    int

    Examples
    --------
    >>> from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    >>> from reservoir.experiments.classical import count_parameters
    >>> lda = LinearDiscriminantAnalysis().fit([[0.0], [1.0], [2.0], [5.0]], [0, 0, 1, 1])
    >>> count_parameters(lda)
    2
    """
    for wrapper in ("fitted_", "best_estimator_"):
        model = getattr(model, wrapper, model)
    if hasattr(model, "steps"):
        return sum(count_parameters(step) for _, step in model.steps)
    count: int = _count_own_parameters(model)
    return count


def _count_own_parameters(model: Classifier) -> Any:
    if isinstance(model, ReservoirClassifier | ReservoirRegressor):
        return model.readout_.n_parameters
    if isinstance(model, SpintronicClassifier | SpintronicConvolutionalClassifier):
        return sum(layer.settings.size + layer.biases.size for layer in model.layers_)
    if isinstance(model, SpintronicRecurrentClassifier):
        # Recurrent chains end in the amplifiers of their layer, so they have no own biases.
        forward = sum(layer.settings.size + layer.biases.size for layer in model.layers_)
        return forward + sum(layer.settings.size for layer in model.recurrent_layers_)
    if isinstance(model, SynchronizationClassifier):
        count = model.coef_.size + model.intercept_.size + model.network_.n_oscillators
        if hasattr(model, "readout_coef_"):
            count += model.readout_coef_.size + model.readout_intercept_.size
        return count
    if isinstance(model, SVC):
        return model.support_vectors_.size + model.dual_coef_.size
    if isinstance(model, RandomForestClassifier):
        return sum(tree.tree_.node_count for tree in model.estimators_)
    if isinstance(model, KNeighborsClassifier):
        return model._fit_X.size
    if isinstance(model, MLPClassifier):
        return sum(w.size for w in (*model.coefs_, *model.intercepts_))
    if isinstance(model, NearestCentroid):
        return model.centroids_.size
    if hasattr(model, "coef_"):
        return model.coef_.size + np.size(model.intercept_)
    return 0
