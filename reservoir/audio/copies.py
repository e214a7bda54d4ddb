"""A classifier that learns from altered copies of each clip, and asks all of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    has_fit_parameter,
)

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import as_array, refuse_masked
from reservoir._classes import check_groups
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats
from reservoir.audio.waveforms import Clips
from reservoir.multiplexing.classifier import labels_of


class AugmentedClassifier(CheckedClassifier, BaseEstimator):
    """Learn from several copies of each clip, one made by each front end.

    All copies of a clip have its label. To predict, the decision values of the copies of a
    clip are averaged.

    Parameters
    ----------
    classifier : classifier of frames
        A clone of it is fitted to the copies of all front ends together.
    front_ends : list of transformers
        Each turns waveforms into what `classifier` takes: the front end alone, or a pipeline
        of it with alterations (`Speed`, `Noise`, `Warp`). `at_speeds` makes the usual list.
        Clones of them are fitted to the clips.
    test_front_ends : list of transformers or None, default=None
        The front ends whose copies are asked to predict; None stands for `front_ends`.
        Clones of them are fitted to the clips as well. A list that is set after `fit` is
        used as it is.

    Attributes
    ----------
    classifier_ : classifier
        Fitted.
    front_ends_, test_front_ends_ : list of transformers
        Fitted.
    classes_ : ndarray of shape (n_classes,)

    Notes
    -----
    The copies of a clip stay together when the classifier chooses its settings by groups:
    its `fit` gets each copy in the group of the clip, or, if no groups are given, in one
    group for each clip. Otherwise a copy of the very clip that is left out would be learned
    from. Of a pipeline, the last step gets them; of a search, the splitter and the pipeline
    that is searched. A classifier that chooses settings and cannot get them is refused. It is
    always possible to search from outside, over
    ``GridSearchCV(AugmentedClassifier(...), {"classifier__alpha": ...})``.

    Examples
    --------
    >>> from reservoir import ReservoirClassifier, datasets
    >>> from reservoir.audio import AugmentedClassifier, Cochleagram, at_speeds
    >>> digits = datasets.load_spoken_digits()
    >>> ear = Cochleagram(digits.sample_rate)
    >>> model = AugmentedClassifier(
    ...     ReservoirClassifier(n_nodes=50, random_state=0), at_speeds(ear, (1.0, 0.9, 1.1)))
    >>> known = digits.speakers != "adam"
    >>> clips = [digits.data[i] for i in known.nonzero()[0][::5]]
    >>> model = model.fit(clips, digits.target[known][::5], digits.speakers[known][::5])
    >>> new = [digits.data[i] for i in (~known).nonzero()[0]]
    >>> model.score(new, digits.target[~known]) > 0.6
    True
    """

    def __init__(
        self,
        classifier: Any,
        front_ends: Sequence[Any],
        *,
        test_front_ends: Sequence[Any] | None = None,
    ) -> None:
        self.classifier = classifier
        self.front_ends = front_ends
        self.test_front_ends = test_front_ends

    @all_or_nothing
    def fit(self, X: Clips, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit the front ends to all clips and the classifier to their copies.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms
        y : array-like of shape (n_clips,)
        groups : array-like of shape (n_clips,), default=None
            Groups, such as speakers, that are left out together where the classifier
            chooses its settings.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If there is no front end, or clips, labels and groups are not equally many, or
            one of them is masked or a group is missing, or the classifier chooses settings
            and takes no groups.
        """
        for name in ("front_ends", "test_front_ends"):
            value = getattr(self, name)
            allowed = isinstance(value, (list, tuple)) and len(value) > 0
            if not allowed and (name == "front_ends" or value is not None):
                raise ValueError(
                    f"AugmentedClassifier.{name} is {value!r}; it must be a list of at least "
                    "one transformer."
                )
        if y is None:
            raise ValueError(
                "AugmentedClassifier requires y to be passed, but the target y is None; give "
                "the label of each clip."
            )
        check_consistent_length(X, y, groups)
        self.front_ends_ = _fitted_clones(self.front_ends, X)
        self.test_front_ends_ = self.front_ends_
        if self.test_front_ends is not None:
            self.test_front_ends_ = _fitted_clones(self.test_front_ends, X)
        self._test_front_ends_at_fit = self.test_front_ends
        copies = [front_end.transform(X) for front_end in self.front_ends_]
        self.classifier_ = fit_to_copies(clone(self.classifier), copies, y, groups)
        self.classes_ = self.classifier_.classes_
        return self

    def decision_function(self, X: Clips) -> Floats:
        """Decision values, averaged over the copies of each clip.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        ndarray of shape (n_clips, n_classes), or (n_clips,) for two classes
        """
        check_is_fitted(self)
        copies = [front_end.transform(X) for front_end in self._asked_front_ends()]
        return average_decision(self.classifier_, copies)

    def _asked_front_ends(self) -> Sequence[Any]:
        if self.test_front_ends is self._test_front_ends_at_fit:
            return self.test_front_ends_
        return self.test_front_ends or self.front_ends_

    def predict(self, X: Clips) -> Array:
        """Label of each clip.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        ndarray of shape (n_clips,)
        """
        decision = self.decision_function(X)
        return labels_of(self.classes_, decision)

    def __sklearn_tags__(self) -> Any:
        """Say that the input is a list of waveforms."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags


def _fitted_clones(front_ends: Sequence[Any], X: Clips) -> list[Any]:
    """A clone of each front end, fitted: one that learns must not share what it learned."""
    return [clone(front_end, safe=False).fit(X) for front_end in front_ends]


def fit_to_copies(
    classifier: Any, copies: Sequence[Clips], y: ArrayLike, groups: ArrayLike | None = None
) -> Any:
    """Fit a classifier to several copies of each clip.

    Parameters
    ----------
    classifier : classifier
    copies : list of sequences of n_clips clips
        One entry for each alteration, with the clips in the same order.
    y : array-like of shape (n_clips,)
    groups : array-like of shape (n_clips,), default=None
        Groups of the clips, for a `fit` that takes them. None puts each clip with its
        copies into a group of its own.

    Returns
    -------
    classifier
        Fitted.

    Raises
    ------
    ValueError
        If the classifier chooses settings and takes no groups.
    """
    n_copies = len(copies)
    refuse_masked("y", y, ("clip", "column"))
    labels = np.concatenate([as_array("y", y)] * n_copies)  # also of a column
    if groups is None and n_copies > 1:
        groups = np.arange(len(copies[0]))
    if groups is None:
        return classifier.fit(_joined(copies), labels)
    groups, _ = check_groups(groups, len(copies[0]), "clip")
    options = {name: np.tile(groups, n_copies) for name in _names_of_groups(classifier)}
    if has_fit_parameter(classifier, "copies_of"):
        options["copies_of"] = np.tile(np.arange(len(copies[0])), n_copies)
    return classifier.fit(_joined(copies), labels, **options)


def _names_of_groups(classifier: Any) -> list[str]:
    """The options of `fit` by which groups reach whatever chooses settings.

    None for a classifier that chooses nothing.
    """
    if has_fit_parameter(classifier, "groups"):
        return ["groups"]
    routed = get_config()["enable_metadata_routing"]
    settings = classifier.get_params(deep=False) if hasattr(classifier, "get_params") else {}
    if isinstance(classifier, Pipeline):
        name, step = classifier.steps[-1]
        inner = _names_of_groups(step)
        # If scikit-learn routes, each step has said what it wants.
        return ["groups"] if inner and routed else [f"{name}__{option}" for option in inner]
    if _splits_by_groups(settings.get("cv")) and "estimator" in settings:
        inner = _names_of_groups(settings["estimator"])
        if routed:
            return ["groups"]
        if "groups" not in inner:  # which goes to the splitter alone
            return ["groups", *inner]
    elif not _chooses(settings):
        return []
    raise ValueError(
        f"{type(classifier).__name__} chooses settings, but its fit hands no groups to all "
        "that choose: a copy of the very clip that is left out would be learned from. "
        "Search from outside, over GridSearchCV(AugmentedClassifier(...), "
        "{'classifier__...': ...}), or give a classifier whose fit takes groups."
    )


def _splits_by_groups(splitter: Any) -> bool:
    if not hasattr(splitter, "split"):
        return False
    return bool(get_routing_for_object(splitter).consumes("split", {"groups"}))


def _chooses(settings: Mapping[str, Any]) -> bool:
    """Whether a classifier with these settings holds out clips, or one within it does."""
    parts = [part for part in settings.values() if isinstance(part, (list, tuple))]
    named = [entry for part in parts for entry in part if isinstance(entry, (list, tuple))]
    inner = [*settings.values(), *(value for entry in named for value in entry)]
    return "cv" in settings or any(
        has_fit_parameter(value, "groups") or _chooses(value.get_params(deep=False))
        for value in inner
        if hasattr(value, "fit") and hasattr(value, "get_params")
    )


def _joined(copies: Sequence[Clips]) -> Clips:
    """The clips of all copies, one copy after the other."""
    arrays = [copy for copy in copies if isinstance(copy, np.ndarray)]
    if len(arrays) == len(copies) and len({array.shape[1:] for array in arrays}) == 1:
        return np.concatenate(arrays)
    return [clip for copy in copies for clip in copy]


def average_decision(classifier: Any, copies: Sequence[Clips]) -> Floats:
    """Decision values, averaged over the copies of each clip.

    Parameters
    ----------
    classifier : classifier
        Fitted.
    copies : list of sequences of n_clips clips
        One entry for each alteration, with the clips in the same order.

    Returns
    -------
    ndarray of shape (n_clips, n_classes), or (n_clips,) for two classes
    """
    decision: Floats = np.mean([classifier.decision_function(c) for c in copies], axis=0)
    return decision
