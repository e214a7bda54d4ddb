"""A classifier that learns from altered copies of each clip, and asks all of them."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import (
    check_consistent_length,
    check_is_fitted,
    has_fit_parameter,
)


class AugmentedClassifier(ClassifierMixin, BaseEstimator):
    """What several front ends make of a clip, as so many clips of the same label.

    Parameters
    ----------
    classifier : classifier of frames
        Fitted to the copies of all front ends together.
    front_ends : list of transformers
        From waveforms to what `classifier` takes: the front end itself, and behind or
        before alterations (`Speed`, `Noise`, `Warp`). `at_speeds` makes the usual list.
    test_front_ends : list of transformers or None, default=None
        Whose decision values are averaged to predict; None stands for `front_ends`.

    Attributes
    ----------
    classifier_ : classifier
        Fitted.
    classes_ : ndarray of shape (n_classes,)

    Notes
    -----
    The copies of a clip stay together when the classifier chooses its settings by groups:
    they are handed to its `fit` in the group of the clip, or, if no groups are given, in a
    group of their own. Otherwise a copy of the very clip that is left out would judge.

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

    def __init__(self, classifier, front_ends, test_front_ends=None):
        self.classifier = classifier
        self.front_ends = front_ends
        self.test_front_ends = test_front_ends

    def fit(self, X, y, groups=None):
        """Fit the classifier to the copies of all clips.

        Parameters
        ----------
        X : list of 1-D waveforms
        y : array-like of shape (n_clips,)
        groups : array-like of shape (n_clips,), default=None
            Groups (speakers, say) that are left out together where the classifier
            chooses its settings.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If there is no front end, or clips, labels and groups are not equally many.
        """
        for name in ("front_ends", "test_front_ends"):
            value = getattr(self, name)
            allowed = isinstance(value, (list, tuple)) and len(value) > 0
            if not allowed and (name == "front_ends" or value is not None):
                raise ValueError(
                    f"AugmentedClassifier.{name} is {value!r}; it must be a list of at least "
                    "one transformer."
                )
        check_consistent_length(X, y, groups)
        copies = [front_end.fit(X).transform(X) for front_end in self.front_ends]
        self.classifier_ = fit_to_copies(clone(self.classifier), copies, y, groups)
        self.classes_ = self.classifier_.classes_
        return self

    def decision_function(self, X):
        """Decision values, averaged over the copies of each clip.

        Parameters
        ----------
        X : list of 1-D waveforms

        Returns
        -------
        ndarray of shape (n_clips, n_classes), or (n_clips,) for two classes
        """
        check_is_fitted(self)
        front_ends = self.test_front_ends or self.front_ends
        return average_decision(self.classifier_, [hear.transform(X) for hear in front_ends])

    def predict(self, X):
        """Label of each clip.

        Parameters
        ----------
        X : list of 1-D waveforms

        Returns
        -------
        ndarray of shape (n_clips,)
        """
        return labels_of(self.classes_, self.decision_function(X))

    def __sklearn_tags__(self):
        """Say that the input is a list of waveforms."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags


def fit_to_copies(classifier, copies, y, groups=None):
    """Fit a classifier to several copies of each clip.

    Parameters
    ----------
    classifier : classifier
    copies : list of sequences of n_clips clips
        One entry for each alteration, clips in the same order.
    y : array-like of shape (n_clips,)
    groups : array-like of shape (n_clips,), default=None
        Groups of the clips; None: every clip is one, with its copies. Handed on to a
        `fit` that takes them.

    Returns
    -------
    classifier
        Fitted.
    """
    n_copies = len(copies)
    X = np.concatenate(copies) if isinstance(copies[0], np.ndarray) else sum(copies, [])
    y = np.tile(np.asarray(y), n_copies)
    if not has_fit_parameter(classifier, "groups"):
        return classifier.fit(X, y)
    if groups is None and n_copies > 1:
        groups = np.arange(len(copies[0]))
    return classifier.fit(X, y, groups=None if groups is None else np.tile(groups, n_copies))


def average_decision(classifier, copies):
    """Decision values averaged over the copies of each clip; parameters as above."""
    return np.mean([classifier.decision_function(clips) for clips in copies], axis=0)


def labels_of(classes, decision):
    """Labels with the largest decision values, or on the right side of 0 of two."""
    if decision.ndim == 1:
        return classes[(decision > 0).astype(int)]
    return classes[decision.argmax(axis=1)]
