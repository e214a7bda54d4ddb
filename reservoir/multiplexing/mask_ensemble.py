"""The same oscillator, played through several masks: their decisions are averaged."""

import copy
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import Integer, Rule, check_parameters
from reservoir._randomness import seed_of
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats, RandomState
from reservoir.multiplexing.block_learning import AfterFirstPass, BlockLearner
from reservoir.multiplexing.classifier import ReservoirClassifier, labels_of
from reservoir.multiplexing.first_pass import FirstPass


class MaskEnsembleClassifier(CheckedClassifier, BlockLearner, BaseEstimator):
    """Average the decisions of one oscillator over several random masks.

    A random mask is one draw of many, and two masks err on different sequences. The
    oscillator plays each sequence once through each mask. Each mask has a readout of its own.
    The decision values are averaged. One device is enough, but it takes `n_masks` times as
    long and as much energy as with one mask.

    Parameters
    ----------
    classifier : ReservoirClassifier or None, default=None
        What is cloned for each mask; None stands for ``ReservoirClassifier()``. Its
        `random_state` is replaced.
    n_masks : int, default=3
        Number of masks.
    random_state : None, int, RandomState or Generator, default=None
        Seed of the masks. `fit` stores it as `seed_`.

    Attributes
    ----------
    classifiers_ : list of ReservoirClassifier
        Fitted, one for each mask.
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
        Channels of each frame.
    seed_ : int

    Raises
    ------
    ValueError
        From `fit`, if a mask is given as an array: all members would be the same.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from reservoir import MaskEnsembleClassifier, ReservoirClassifier
    >>> X, y = load_wine(return_X_y=True)
    >>> one = ReservoirClassifier(n_nodes=50, standardize=True)
    >>> three = MaskEnsembleClassifier(one, n_masks=3, random_state=0).fit(X[::2], y[::2])
    >>> len(three.classifiers_), three.score(X[1::2], y[1::2]) > 0.9
    (3, True)
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"n_masks": Integer(1)}

    def __init__(
        self,
        classifier: ReservoirClassifier | None = None,
        n_masks: int = 3,
        *,
        random_state: RandomState = None,
    ) -> None:
        self.classifier = classifier
        self.n_masks = n_masks
        self.random_state = random_state

    @all_or_nothing
    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        copies_of: ArrayLike | None = None,
    ) -> Self:
        """Fit a classifier for each mask; parameters as for `ReservoirClassifier.fit`.

        Parameters
        ----------
        X : sequences or table
        y : array-like of shape (n_sequences,)
        groups, copies_of : array-like of shape (n_sequences,), default=None

        Returns
        -------
        self
        """
        self.classifiers_ = [
            member.fit(X, y, groups, copies_of) for member in self._members()
        ]
        self._take_over()
        return self

    def _members(self) -> list[ReservoirClassifier]:
        """An unfitted classifier for each mask."""
        check_parameters(self, self._parameter_ranges)
        base = ReservoirClassifier() if self.classifier is None else self.classifier
        if not isinstance(base, ReservoirClassifier):
            raise TypeError(
                f"MaskEnsembleClassifier.classifier is a {type(base).__name__}; it must be a "
                "ReservoirClassifier, whose mask is drawn, or None."
            )
        if self.n_masks > 1 and np.ndim(np.asarray(base.mask, dtype=object)) > 0:
            raise ValueError(
                f"MaskEnsembleClassifier.n_masks is {self.n_masks}, but the mask of the "
                "classifier is an array, which is the same for each member. Name a kind of "
                "mask, or set n_masks to 1."
            )
        self.__dict__.pop("faults_", None)  # A new fit has none.
        self.seed_ = seed_of(self.random_state)
        seeds = np.random.SeedSequence(self.seed_).generate_state(int(self.n_masks))
        return [clone(base).set_params(random_state=seed) for seed in map(int, seeds)]

    def _take_over(self) -> None:
        """Say of the whole what the members have learned."""
        self.classes_ = self.classifiers_[0].classes_
        self.n_features_in_ = self.classifiers_[0].n_features_in_
        self.__dict__.pop("feature_names_in_", None)
        if hasattr(self.classifiers_[0], "feature_names_in_"):
            self.feature_names_in_ = self.classifiers_[0].feature_names_in_

    # ------------------------------------------------------------------ block by block

    @AfterFirstPass
    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        block: int | None = None,
    ) -> Self:
        """Add a block of sequences; parameters as for `ReservoirClassifier.partial_fit`.

        Parameters
        ----------
        X : sequences or table
        y : array-like of shape (n_sequences,)
        classes : array-like of shape (n_classes,), default=None
        groups : array-like of shape (n_sequences,), default=None
        block : int, default=None

        Returns
        -------
        self
        """
        self.classifiers_ = [  # copies, because a later member may refuse the block
            copy.copy(member).partial_fit(X, y, classes, groups, block=block)
            for member in self.classifiers_
        ]
        self._take_over()
        return self

    def without_blocks(self) -> Self:
        """A copy with the same drives that has learned from no block, to send to a worker.

        Returns
        -------
        estimator
        """
        return self._copied([member.without_blocks() for member in self.classifiers_])

    def _copied(self, members: list[ReservoirClassifier]) -> Self:
        other = copy.copy(self)
        other.classifiers_ = members
        return other

    @property
    def _is_prepared(self) -> bool:
        members = getattr(self, "classifiers_", [])
        return bool(members) and all(member._is_prepared for member in members)

    def _look(self, number: int, X: Any, y: Any, groups: Any = None) -> FirstPass:
        return self._members()[0]._look(number, X, y, groups)

    def _take_first_pass(self, first: FirstPass) -> None:
        self.classifiers_ = self._members()
        for member in self.classifiers_:
            member._take_first_pass(first)
        self._take_over()

    def _learn_block(self, number: int | None, X: Any, y: Any, groups: Any = None) -> None:
        self.partial_fit(X, y, None, groups, block=number)

    def _learned_blocks(self) -> dict[int, str]:
        return self.classifiers_[0]._learned_blocks()

    def _merge(self, other: Any) -> None:
        merged = [copy.copy(member) for member in self.classifiers_]
        for mine, theirs in zip(merged, other.classifiers_, strict=True):
            mine._merge(theirs)
        self.classifiers_ = merged

    def decision_function(self, X: ArrayLike) -> Floats:
        """Outputs of the readouts, averaged over the masks.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        ndarray of shape (n_sequences, n_classes), or (n_sequences,) for two classes
        """
        check_is_fitted(self)
        check_parameters(self, self._parameter_ranges)
        if len(self.classifiers_) != self.n_masks:
            raise ValueError(
                f"MaskEnsembleClassifier.n_masks is {self.n_masks}, but it was fitted with "
                f"{len(self.classifiers_)} masks. Fit again."
            )
        decisions = [member.decision_function(X) for member in self.classifiers_]
        mean: Floats = np.mean(decisions, axis=0)
        return mean

    def predict(self, X: ArrayLike) -> Array:
        """Label of each sequence.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        ndarray of shape (n_sequences,)
        """
        decision = self.decision_function(X)
        return labels_of(self.classes_, decision)

    def __sklearn_tags__(self) -> Any:
        """Say that containers of sequences are welcome next to tables."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
