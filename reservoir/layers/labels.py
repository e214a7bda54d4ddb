"""How does a layered network tell classes apart?"""

from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import log_softmax, softmax
from sklearn.utils.multiclass import check_classification_targets

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import refuse_masked
from reservoir._classes import classes_of, refuse_one_class
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats
from reservoir.layers.base import BaseSpintronic
from reservoir.layers.training import cross_entropy


class LayeredClassifier(CheckedClassifier, BaseSpintronic):
    """A layered network whose outputs are the logits of classes."""

    classes_: Array
    _loss = staticmethod(cross_entropy)
    _target_checks: ClassVar[dict[str, Any]] = {}

    @all_or_nothing
    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None
    ) -> Self:
        """Learn from one pass over some data, with steps of constant length.

        The first call draws and calibrates the network on its data.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or sequences
        y : array-like of shape (n_samples,)
        classes : array-like of shape (n_classes,), optional
            All labels that will ever come; needed in the first call.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data are not as described, or `classes` is missing or not that of the
            first call.
        """
        first = not hasattr(self, "layers_")
        if classes is not None:
            refuse_masked("classes", classes, ("class",))
            given = np.asarray(classes)
            found = classes_of("classes", given.ravel())[0]
            if given.ndim != 1 or len(found) < 2:
                raise ValueError(
                    f"classes is {classes!r:.60}; it must be a list of at least two classes."
                )
            if not first and not np.array_equal(found, self.classes_):
                raise ValueError(
                    f"classes is {found!s:.60}, but the first call of partial_fit had "
                    f"{self.classes_!s:.60}."
                )
            self.classes_ = found
        elif first:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        self._classes_given = True
        try:
            return self._partial_fit(X, y)
        finally:
            del self._classes_given

    def predict(self, X: ArrayLike) -> Array:
        """Label of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or sequences

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        outputs = self._outputs(X)
        labels: Array = self.classes_[np.argmax(outputs, axis=1)]
        return labels

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probability of each class: the softmax of the outputs.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or sequences

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
        """
        return softmax(self._outputs(X), axis=1)  # type: ignore[no-any-return]

    def predict_log_proba(self, X: ArrayLike) -> Floats:
        """Logarithm of `predict_proba`."""
        logarithms: Floats = log_softmax(self._outputs(X), axis=1)
        return logarithms

    def _check_target(self, y: Any, again: bool) -> Array:
        check_classification_targets(y)
        seen, codes = classes_of("y", y)
        given = hasattr(self, "_classes_given")
        if again or given:
            places = np.searchsorted(self.classes_, seen)
            places = np.minimum(places, len(self.classes_) - 1)
            strange = seen[self.classes_[places] != seen]
            if len(strange):
                raise ValueError(
                    f"y holds {strange.tolist()[0]!r:.40}, which is not among the classes "
                    f"{self.classes_!s:.60} that the network has chains for."
                )
            known: Array = places[codes]
            return known
        refuse_one_class(seen)
        self.classes_ = seen
        return codes

    def _is_constant(self, outputs: Floats) -> bool:
        return len(np.unique(np.argmax(outputs, axis=1))) == 1

    def _n_outputs(self) -> int:
        return len(self.classes_)

    def _score_of(self, outputs: Floats, target: Array) -> float:
        return float(np.mean(np.argmax(outputs, axis=1) == target))

    def _chance(self, target: Array) -> float:
        return float(np.bincount(target).max() / len(target))
