"""From raw recordings to labels in one estimator: the whole recipe for spoken words."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import (
    Integer,
    OrNone,
    Real,
    Rule,
    as_array,
    check_parameters,
    real_array,
    refuse_masked,
)
from reservoir._classes import check_groups
from reservoir._scoring import CheckedClassifier
from reservoir._types import Array, ArrayLike, Floats, Objects, RandomState
from reservoir._warnings import warn_user
from reservoir.audio.alterations import Speed, Trim
from reservoir.audio.cochleagram import Cochleagram
from reservoir.audio.copies import average_decision, fit_to_copies
from reservoir.audio.waveforms import Clips, FrontEnd, check_waveforms
from reservoir.devices import Ability, Device
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.masks import Ripple, resolve_mask
from reservoir.multiplexing.block_learning import AfterFirstPass, BlockLearner
from reservoir.multiplexing.classifier import ReservoirClassifier, labels_of
from reservoir.multiplexing.first_pass import FirstPass
from reservoir.multiplexing.mask_ensemble import MaskEnsembleClassifier

N_CHANNELS = 20  # of the default ear
MEAN_SUBTRACTION = 0.5  # of the default ear
NODE_TIME = 5.0  # of the default, in relaxation times of the amplitude's damping
SPEED_RANGE = Speed._parameter_ranges["factor"]


class SpeechClassifier(CheckedClassifier, BlockLearner, BaseEstimator):
    r"""Recognise spoken words with one oscillator, from raw waveforms to labels.

    The clips are trimmed and copied at other speeds. An ear turns each copy into channels
    over time. The oscillator plays them through a few random masks, one after the other. A
    linear readout for each mask sees the mean states of a few parts of the word, and the
    mean power of each node over all of it. The decisions of all copies and all masks are
    averaged.

    Everything that is learned, also the ridge strength, is learned inside `fit`. A clip and
    its copies are never on two sides of an inner fold.

    Parameters
    ----------
    sample_rate : float
        Sampling rate of the clips, in Hz.

    *What is heard*

    front_end : transformer or None, default=None
        What turns a waveform into frames: a Cochleagram, MFCC or Spectrogram, or a pipeline
        that ends in one. None stands for
        ``Cochleagram(sample_rate, n_channels=20, mean_subtraction=0.5)``. A clone is used.
    trim : float or None, default=40.0
        Both ends of a clip are cut where they are this many decibels or more below its
        loudest part. None: no cut.
    speeds : tuple of float, default=(0.85, 1.15)
        Speeds of the copies that are made of each clip, to learn from and to ask. Pitch,
        formants and pace change with them as if another voice had spoken. An empty tuple
        stands for no copies: three times as fast, one or two points less on new voices.

    *What is played*

    oscillator : device, preset name or None, default=None
        None stands for `SpinTorqueOscillator.from_preset("torrejon2017")`.
    n_nodes : int, default=400
        Number of virtual nodes.
    n_masks : int, default=3
        Random masks whose decisions are averaged.
    mask : str, Ripple or array, or None, default=None
        See `ReservoirClassifier`. None stands for "ripple" if the channels of the front end
        are in the order of frequency, else for "binary".
    context : tuple of int, default=(4, 8)
        Delays of the input taps, in frames.
    drive_range : tuple of two floats, default=(0.6, 2.0)
        Lowest and highest current, in units of the threshold current.
    node_time : float or None, default=None
        Time for which each current is held, in s. None stands for ``5 / damping_rate`` of an
        oscillator, and for the default of any other device.

    *What is read*

    pooling : {"change", "segments", "mean", "last", "vote"}, default="change"
    n_segments : int, default=3
    pool_squares : bool, default=True
    alpha : float or None, default=None
        See `ReservoirClassifier`. None: the ridge strength is chosen on decisions that are
        averaged over the copies of a clip, by inner folds that leave groups out together, or
        clips if no groups are given.
    dtype : {"float32", "float64"}, default="float32"
        Precision of the simulation.
    random_state : None, int, RandomState or Generator, default=None
        Seed of the masks.
    n_jobs : int or None, default=None
        Threads. The answers do not depend on it.

    Attributes
    ----------
    front_end_ : transformer
        The ear that was used.
    classifier_ : MaskEnsembleClassifier
        Fitted to the frames of all copies.
    classes_ : ndarray of shape (n_classes,)

    Notes
    -----
    A decision takes ``n_masks * (1 + len(speeds))`` plays of a clip, nine with the defaults,
    which `n_plays` says. Time and energy of the device grow with it.

    The difference to what the front end does alone is found with `oscillator` set to
    `reservoir.devices.Wire()`, which hands on the masked drive.

    `reservoir.save` writes one file that holds the front end and the sampling rate as well.

    Examples
    --------
    >>> from reservoir import datasets
    >>> from reservoir.audio import SpeechClassifier
    >>> digits = datasets.load_spoken_digits()
    >>> few = range(0, len(digits.data), 5)
    >>> model = SpeechClassifier(digits.sample_rate, n_nodes=50, n_masks=1, random_state=0)
    >>> model = model.fit([digits.data[i] for i in few], digits.target[few])
    >>> model.predict(digits.data[1:3]).shape, model.n_plays
    ((2,), 3)
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "sample_rate": Real(at_least=100, what="rate in Hz"),
        "trim": OrNone(Real(above=0, what="number of decibels")),
        "n_masks": Integer(1),
    }

    def __init__(
        self,
        sample_rate: float,
        *,
        front_end: FrontEnd | Pipeline | None = None,
        trim: float | None = 40.0,
        speeds: Sequence[float] = (0.85, 1.15),
        oscillator: Device | str | None = None,
        n_nodes: int = 400,
        n_masks: int = 3,
        mask: str | Ripple | ArrayLike | None = None,
        context: Sequence[int] = (4, 8),
        drive_range: tuple[float, float] = (0.6, 2.0),
        node_time: float | None = None,
        pooling: str = "change",
        n_segments: int = 3,
        pool_squares: bool = True,
        alpha: float | None = None,
        dtype: Any = "float32",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.sample_rate = sample_rate
        self.front_end = front_end
        self.trim = trim
        self.speeds = speeds
        self.oscillator = oscillator
        self.n_nodes = n_nodes
        self.n_masks = n_masks
        self.mask = mask
        self.context = context
        self.drive_range = drive_range
        self.node_time = node_time
        self.pooling = pooling
        self.n_segments = n_segments
        self.pool_squares = pool_squares
        self.alpha = alpha
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    @property
    def n_plays(self) -> int:
        """How often a clip is played to the oscillator for one decision."""
        return int(self.n_masks) * (1 + len(self.speeds))

    @all_or_nothing
    def fit(self, X: Clips, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Learn from labelled clips.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms
            At `sample_rate`; an array does not know its rate, so a clip of another rate is
            not noticed.
        y : array-like of shape (n_clips,)
            The label of each clip.
        groups : array-like of shape (n_clips,), default=None
            Speakers, who are left out together when the ridge strength is chosen. Give them
            when new voices are to be recognised. With scikit-learn's metadata routing, ask
            for them by ``set_fit_request(groups=True)``.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter or the data are not as described, a clip is silent, or groups
            holds one group only.
        """
        self._check_parameters()
        clips = self._check_clips(X, y, groups)
        self.__dict__.pop("faults_", None)  # A new fit has none.
        self.front_end_ = self.make_front_end().fit(clips)
        self.classifier_ = fit_to_copies(self._ensemble(), self._copies(clips), y, groups)
        self.classes_ = self.classifier_.classes_
        return self

    def _check_clips(self, X: Clips, y: ArrayLike, groups: ArrayLike | None) -> list[Floats]:
        """Clips to learn from, with a label each."""
        if y is None:
            raise ValueError(
                "SpeechClassifier requires y to be passed, but the target y is None; give "
                "the label of each clip."
            )
        check_consistent_length(X, y, groups)
        clips = check_waveforms(X)
        silent = _silent(clips)
        if silent:
            raise ValueError(
                f"Clip {silent[0]} is silent, so there is nothing to learn from it; leave "
                "silent clips out."
            )
        return clips

    def _ensemble(self) -> MaskEnsembleClassifier:
        """The classifier of frames, unfitted."""
        return MaskEnsembleClassifier(
            self.make_classifier(), int(self.n_masks), random_state=self.random_state
        )

    # ------------------------------------------------------------------ block by block

    @AfterFirstPass
    def partial_fit(
        self,
        X: Clips,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        *,
        block: int | None = None,
    ) -> Self:
        """Add a block of labelled clips to the sums that the readouts follow from.

        It can be called after `fit_drive`. The order of the blocks changes no bit of the
        readouts. Without `alpha` the ridge strength is chosen by folds of blocks, or of
        groups if the first pass saw groups; all copies of a clip are in one fold. It is
        judged by the error of single copies, where `fit` judges by that of their average.

        Parameters
        ----------
        X, y, groups
            As for `fit`.
        classes, block
            As for `ReservoirClassifier.partial_fit`.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data are not as described, a class or group is unknown, the block was
            learned from already, or a parameter was changed since the first pass.
        """
        frames = self._frames_of_block(X, y, groups)
        self.classifier_.partial_fit(frames[0], frames[1], classes, frames[2], block=block)
        self.classes_ = self.classifier_.classes_
        return self

    def without_blocks(self) -> Self:
        """A copy with the same drives that has learned from no block, to send to a worker.

        Returns
        -------
        estimator
        """
        other = copy.copy(self)
        other.classifier_ = self.classifier_.without_blocks()
        return other

    @property
    def _is_prepared(self) -> bool:
        return hasattr(self, "classifier_") and self.classifier_._is_prepared

    def _look(self, number: int, X: Any, y: Any, groups: Any = None) -> FirstPass:
        self._make_ear()
        return self._ensemble()._look(number, *self._frames_of_block(X, y, groups))

    def _take_first_pass(self, first: FirstPass) -> None:
        self.__dict__.pop("faults_", None)  # A new fit has none.
        self._make_ear()
        self.classifier_ = self._ensemble()
        self.classifier_._take_first_pass(first)
        self.classes_ = self.classifier_.classes_

    def _learn_block(self, number: int | None, X: Any, y: Any, groups: Any = None) -> None:
        self.partial_fit(X, y, None, groups, block=number)

    def _learned_blocks(self) -> dict[int, str]:
        learned: dict[int, str] = self.classifier_._learned_blocks()
        return learned

    def _merge(self, other: Any) -> None:
        self.classifier_._merge(other.classifier_)

    def _make_ear(self) -> None:
        """The ear, which must learn nothing, because it would have to hear all clips."""
        self._check_parameters()
        ear = self.make_front_end()
        if get_tags(ear).requires_fit:
            raise ValueError(
                f"SpeechClassifier.front_end is {ear!r:.60}, which learns from the clips, so "
                "it would have to hear all of them at once. Take a front end that learns "
                "nothing, or use fit."
            )
        self.front_end_ = ear.fit()

    def _frames_of_block(
        self, X: Clips, y: ArrayLike, groups: ArrayLike | None
    ) -> tuple[list[Array], Array, Array | None]:
        """The frames of all copies of a block of clips, with labels and groups."""
        copies = self._copies(self._check_clips(X, y, groups))
        frames = [clip for copied in copies for clip in copied]
        refuse_masked("y", y, ("clip", "column"))
        labels = np.tile(as_array("y", y).ravel(), len(copies))
        if groups is not None:
            groups = np.tile(check_groups(groups, len(copies[0]), "clip")[0], len(copies))
        return frames, labels, groups

    def decision_function(self, X: Clips) -> Floats:
        """Decision values, averaged over the copies of each clip and the masks.

        Parameters
        ----------
        X : list, tuple or array of 1-D waveforms

        Returns
        -------
        ndarray of shape (n_clips, n_classes), or (n_clips,) for two classes

        Warns
        -----
        UserWarning
            If a clip is silent. It gets the label that silence happens to get.
        """
        check_is_fitted(self)
        self._check_parameters()
        heard = getattr(_ear_of(self.front_end_), "sample_rate", self.sample_rate)
        if heard != self.sample_rate or len(self.classifier_.classifiers_) != self.n_masks:
            raise ValueError(
                "sample_rate or n_masks of this SpeechClassifier were changed after fit: it "
                f"has an ear for {heard} Hz and {len(self.classifier_.classifiers_)} masks. "
                "Fit again."
            )
        clips = check_waveforms(X)
        silent = _silent(clips)
        if silent:
            warn_user(
                f"{len(silent)} of {len(clips)} clips are silent (the first is clip "
                f"{silent[0]}), so their labels mean nothing.",
            )
        return average_decision(self.classifier_, self._copies(clips))

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

    # ------------------------------------------------------------------ the parts

    def _check_parameters(self) -> None:
        check_parameters(self, self._parameter_ranges)
        speeds = real_array("SpeechClassifier.speeds", self.speeds)
        if speeds.ndim != 1 or not all(map(SPEED_RANGE.admits, speeds.tolist())):
            raise ValueError(
                f"SpeechClassifier.speeds is {self.speeds!r:.80}; it must be a tuple, each "
                f"entry {SPEED_RANGE}."
            )
        if self.front_end is not None and not hasattr(self.front_end, "transform"):
            raise TypeError(
                f"SpeechClassifier.front_end is {self.front_end!r:.60}; it must be None or "
                "an ear for the rate of the clips, such as MFCC(8000) or Cochleagram(8000)."
            )
        ear = _ear_of(self.front_end)
        rate = getattr(ear, "sample_rate", self.sample_rate)
        if rate != self.sample_rate:
            raise ValueError(
                f"SpeechClassifier.sample_rate is {self.sample_rate} Hz, but its front_end "
                f"was made for {rate} Hz; give both the rate of the clips."
            )
        ripples = self.mask is not None and isinstance(resolve_mask(self.mask), Ripple)
        if ripples and not getattr(ear, "channels_are_ordered", True):
            raise ValueError(
                f"SpeechClassifier.mask is {self.mask!r}, which needs channels in the order "
                f"of frequency, but those of {type(ear).__name__} have no order. "
                "Leave mask at None, or take a Cochleagram."
            )

    def make_front_end(self) -> Any:
        """The ear, unfitted."""
        if self.front_end is not None:
            return clone(self.front_end)
        return Cochleagram(
            self.sample_rate,
            n_channels=N_CHANNELS,
            mean_subtraction=MEAN_SUBTRACTION,
            n_jobs=self.n_jobs,
        )

    def make_classifier(self) -> ReservoirClassifier:
        """The classifier of frames for one mask, unfitted."""
        ordered = getattr(_ear_of(self.front_end), "channels_are_ordered", True)
        oscillator = resolve_oscillator(self.oscillator)
        node_time = self.node_time
        if node_time is None and Ability.RATES in oscillator.abilities():
            node_time = NODE_TIME / oscillator.damping_rate
        return ReservoirClassifier(
            self.oscillator,
            self.n_nodes,
            node_time=node_time,
            mask=("ripple" if ordered else "binary") if self.mask is None else self.mask,
            context=self.context,
            drive_range=self.drive_range,
            pooling=self.pooling,
            n_segments=self.n_segments,
            pool_squares=self.pool_squares,
            alpha=self.alpha,
            dtype=self.dtype,
            n_jobs=self.n_jobs,
        )

    def _copies(self, clips: Sequence[Floats]) -> list[Objects]:
        """The frames of all clips at each speed, first as they are."""
        heard: Clips = clips
        if self.trim is not None:
            heard = Trim(self.sample_rate, decibels=self.trim).transform(clips)
        return [
            self.front_end_.transform(Speed(float(speed)).transform(heard))
            for speed in dict.fromkeys((1.0, *map(float, self.speeds)))
        ]

    def __sklearn_tags__(self) -> Any:
        """Say that the input is a list of waveforms."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        return tags


def _ear_of(front_end: Any) -> Any:
    """What makes the frames: the front end itself, or the last step of a pipeline."""
    return front_end.steps[-1][1] if isinstance(front_end, Pipeline) else front_end


def _silent(clips: Sequence[Floats]) -> list[int]:
    """Numbers of the clips that hold nothing but zeros."""
    return [index for index, clip in enumerate(clips) if not np.any(clip)]
