"""Against which labels may a classifier be scored? Those that no mask hides."""

from typing import Any

from sklearn.base import ClassifierMixin

from reservoir._checks import refuse_masked


class CheckedClassifier(ClassifierMixin):
    """A classifier whose `score` refuses masked labels and weights."""

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Share of the labels that are predicted.

        Parameters
        ----------
        X : as for `predict`
        y : array-like of shape (n_samples,)
            True labels.
        sample_weight : array-like of shape (n_samples,), default=None
            What each label counts. None counts all alike.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If labels or weights are masked, or are not one for each sample.
        """
        refuse_masked("y", y, ("label",))
        refuse_masked("sample_weight", sample_weight, ("weight",))
        return float(super().score(X, y, sample_weight))
