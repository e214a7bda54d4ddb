"""What do the transformer and the estimators share? Checks, the drive, and playing."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import Rule, check_parameters
from reservoir._columns import check_columns_of_sequences, checked_table
from reservoir._randomness import seed_of
from reservoir._threads import in_threads, thread_count
from reservoir._types import Array, ArrayLike, Floats, Integers, RandomState
from reservoir._warnings import warn_user
from reservoir.devices import Device
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.exceptions import DriveClippingWarning, UnitsWarning
from reservoir.masks import Ripple, make_mask
from reservoir.multiplexing.drive import (
    DriveSettings,
    Seen,
    learn_drive,
    reach_of,
    variation_of,
)
from reservoir.multiplexing.ensemble import make_ensemble
from reservoir.multiplexing.feedback import learn_feedback
from reservoir.multiplexing.parameters import RANGES, check_abilities, check_relations
from reservoir.multiplexing.parts import WithParts
from reservoir.multiplexing.playing import node_time_of
from reservoir.multiplexing.reading import MAX_STATES_BYTES, WithReading
from reservoir.multiplexing.sequences import (
    BLOCK_SIZE,
    Packed,
    Sequences,
    check_lengths,
    check_sequences,
    is_table,
)

MAX_CLIPPED_SHARE = 0.02  # of the node values; more of them call for a warning
MIN_VARIATION = 0.01  # of node currents over new data, in units of their range
MIN_JUDGED_FRAMES = 100  # A few frames may be alike without being small.
MIN_LYING_FRAMES = 10  # channels of single frames that may be the frames of a series
OF_EARLIER_FITS = ("faults_", "wear_", "sums_")  # A new fit begins without.


class BaseReservoir(WithReading, WithParts):
    """Oscillators under a masked drive, with the parameters that all estimators share."""

    oscillator: Device | str | None
    n_nodes: int
    node_time: float | None
    mask: str | Ripple | ArrayLike
    drive_range: tuple[float, float]
    current_limits: tuple[float, float] | None
    node_bias: Any
    standardize: bool | None
    context: Sequence[int] | None
    feedback_gain: float
    loop_gain: float | None
    n_oscillators: int
    read: str
    thermal_noise: float
    drift: float
    bits: Any
    readout_noise: float
    dtype: Any
    random_state: RandomState
    n_jobs: int | None
    seed_: int

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = RANGES
    _target_checks: ClassVar[dict[str, bool]] = {}
    _table_is_series: ClassVar[bool] = False

    # ------------------------------------------------------------------ parameters

    def on_device(self, oscillator: Device | str | None) -> Self:
        """The same fitted estimator, played by another device.

        Mask, currents and readout stay as they were learned. The result shows what an
        estimator that was trained on one device does on another device, or on the same one
        after it has changed.

        Parameters
        ----------
        oscillator : device, preset name or None
            See `reservoir.devices.vary`.

        Returns
        -------
        estimator
            A fitted copy. This estimator does not change.

        Raises
        ------
        ValueError
            If the device is of another class, for which the learned currents mean nothing.
        """
        check_is_fitted(self)
        other = copy.copy(self)
        other.oscillator_ = resolve_oscillator(oscillator)
        if type(other.oscillator_) is not type(self.oscillator_):
            raise ValueError(
                f"oscillator is a {type(other.oscillator_).__name__}, but the estimator was "
                f"fitted on a {type(self.oscillator_).__name__}, whose currents it plays; "
                "take a device of this class, or fit anew."
            )
        return other

    def _check_parameters(self, device: Device | None = None) -> None:
        """Refuse parameters outside their ranges; None stands for the device of `fit`."""
        check_parameters(self, self._parameter_ranges)
        if device is None:
            device = resolve_oscillator(self.oscillator)
        check_relations(self, device)

    # ------------------------------------------------------------------ what is played

    def drive_currents(self, X: ArrayLike) -> list[Floats]:
        """Currents that a fitted estimator plays for every sequence, without feedback.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        list of ndarray of shape (n_frames * n_nodes,)
            In A, each held for `node_time_`.
        """
        check_is_fitted(self)
        # In the precision in which the kernel plays them.
        sequences, drive = self._series(X), self._entering()[1]
        currents = []
        with np.errstate(over="ignore", invalid="ignore"):
            for part in sequences.blocks():
                for frames in self._pack(sequences, part):
                    currents.append(drive.currents(frames.astype(float)).ravel())
                    self._check_finite("currents", len(currents) - 1, currents[-1])
        return currents

    def node_states(self, X: ArrayLike) -> list[Array]:
        """What the readout of a fitted estimator sees of every frame.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        list of ndarray of shape (n_frames, n_oscillators * n_nodes)
            Noise and rounding of the reading are included.
        """
        check_is_fitted(self)
        states: list[Array] = []
        for _, packed, block, _ in self._state_blocks(self._series(X)):
            states.extend(Packed(block, packed.starts, packed.lengths))
        return states

    def _series(self, X: ArrayLike) -> Sequences:
        """Checked sequences to predict, as the estimator plays them."""
        sequences: Sequences = self._validate(X, reset=False)
        return sequences

    def _validate(self, X: Any, y: Any = "no_validation", reset: bool = True) -> Any:
        """Checked sequences of X; a table's rows are sequences of one frame."""
        if not reset:  # What `predict` reads anew may have been set since the fit.
            self._check_parameters(self.oscillator_)
            check_abilities(self, self.oscillator_)
        alone = isinstance(y, str) and y == "no_validation"
        if is_table(X):
            if not alone:
                check_lengths(X, y)
            checked = checked_table(
                self,
                X,
                y,
                reset=reset,
                dtype=[np.float64, np.float32],
                **({} if alone else self._target_checks),
            )
            table = checked if alone else checked[0]
            rows = Sequences(np.ascontiguousarray(table)[:, None, :])
            if reset:
                self.longest_ = len(table) if self._table_is_series else 1
            elif not self._table_is_series:
                self._refuse_table(np.shape(table))
            return rows if alone else (rows, checked[1])
        if reset:
            sequences = check_sequences(X)
            self.n_features_in_ = sequences.n_channels
            self.longest_ = int(sequences.lengths.max())
            self.__dict__.pop("feature_names_in_", None)
            self._warn_of_single_frames()
        else:
            sequences = check_sequences(X, self.n_features_in_, type(self).__name__)
        check_columns_of_sequences(self, X, reset)
        return sequences if alone else (sequences, y)

    def _refuse_table(self, shape: tuple[int, ...]) -> None:
        """Refuse a table where sequences of several frames were learned."""
        longest = getattr(self, "longest_", 1)  # Models of older versions do not know it.
        if longest > 1:
            raise ValueError(
                f"This {type(self).__name__} was fitted to sequences of up to {longest} "
                f"frames, but X is one table of shape {shape}, whose rows would count as "
                f"{shape[0]} sequences of one frame. Give [sequence] for a single one."
            )

    def _warn_of_single_frames(self) -> None:
        """Say that sequences of one frame may be series that lie on their side."""
        if self.longest_ == 1 and self.n_features_in_ >= MIN_LYING_FRAMES:
            warn_user(
                f"Every sequence of X has one frame, of {self.n_features_in_} channels. If "
                "they are series of one channel, give sequence.T. If single frames are what "
                "you have, give them as the rows of a table.",
            )

    # ------------------------------------------------------------------ learning

    def _learn(self, sequences: Sequences, targets: Any = None) -> None:
        """Learn mask, range and amplitude spread from training sequences."""
        taps = (0, *(int(delay) for delay in self._delays_of_taps(sequences, targets)))
        self._learn_drive(Seen.of(sequences, taps), taps)
        self._learn_reading(sequences)

    def _learn_drive(self, seen: Seen, taps: tuple[int, ...]) -> None:
        """Learn mask and range from what was seen of the training sequences."""
        for of_earlier in OF_EARLIER_FITS:
            self.__dict__.pop(of_earlier, None)
        self.seed_ = seed_of(self.random_state)
        self.oscillator_ = resolve_oscillator(self.oscillator)
        check_abilities(self, self.oscillator_)
        self.node_time_ = node_time_of(self, self.oscillator_)
        self.ensemble_ = make_ensemble(self)
        n_drives = self.ensemble_.n_drives
        n_columns = n_drives * int(self.n_nodes)
        feedback = learn_feedback(self, self.oscillator_, seen.longest)
        self.loop_gain_ = feedback.loop_gain
        settings = DriveSettings(
            mask=make_mask(
                self.mask, len(seen.center), n_columns, self.seed_, n_taps=len(taps)
            ),
            taps=taps,
            drive_range=self.drive_range,
            standardize=self.standardize,
            bias=np.tile(self._node_bias(), n_drives),
            current_limits=self.current_limits,
            feedback_gain=feedback.gain,
            feedback_delays=feedback.delays,
        )
        self.drive_ = learn_drive(seen, self.oscillator_, settings)

    def _delays_of_taps(self, sequences: Sequences, targets: Any) -> Sequence[int]:
        """Those of `context`, or those of the class where they serve and nobody said so."""
        if self.context is not None:
            return self.context
        alone = self.longest_ == 1  # Such a frame has no earlier one.
        if alone or not self._takes_default_context:
            return ()
        return self._default_context(sequences, targets)

    @property
    def _takes_default_context(self) -> bool:
        """Whether taps that nobody asked for serve."""
        given = not isinstance(self.mask, str | Ripple)  # An array says what it is made for.
        remembers = bool(self.feedback_gain or self.loop_gain)
        return not (given or remembers)

    def _default_context(self, sequences: Sequences, targets: Any) -> Sequence[int]:
        """Delays of the taps that nobody asked for."""
        return ()

    def _node_bias(self) -> Floats:
        """Constant currents of the nodes in units of the threshold; empty without bias."""
        if np.ndim(self.node_bias) == 0:
            if self.node_bias == 0:
                return np.zeros(0)
            # Another stream than that of the mask, which has the seed itself.
            generator = np.random.default_rng([self.seed_, 1])
            drawn: Floats = generator.uniform(-1.0, 1.0, int(self.n_nodes))
            return float(self.node_bias) * drawn
        return np.array(self.node_bias, dtype=float)

    # ------------------------------------------------------------------ block by block

    def _state_blocks(
        self, sequences: Sequences
    ) -> Iterable[tuple[slice, Packed, Array, Integers]]:
        """Yield (slice, packed, noisy states, clipped) block by block."""

        def work(part: slice) -> tuple[slice, Packed, Array, Integers]:
            packed = self._pack(sequences, part)
            with np.errstate(over="ignore", invalid="ignore"):  # `_check_finite` refuses it.
                states, clipped = self._noisy_states(packed)
            if not np.isfinite(states).all():
                for index, view in enumerate(Packed(states, packed.starts, packed.lengths)):
                    self._check_finite("states", part.start + index, view)
            return part, packed, states, clipped

        parts = sequences.blocks(self._most_frames(MAX_STATES_BYTES))
        return in_threads(work, parts, self.n_jobs)

    def _pooled(self, sequences: Sequences, pooling: str) -> tuple[Array, int]:
        """Noisy pooled amplitudes of all sequences, and how many values were clipped."""
        # All of them are sorted together, because all rows are wanted at once.
        ((whole, parts),) = sequences.sorted_parts(thread_count(self.n_jobs), len(sequences))
        rows, clipped = _in_order(whole, self._pooled_parts(sequences, pooling, parts))
        return rows, int(clipped.sum())

    def _pooled_blocks(
        self, sequences: Sequences, pooling: str
    ) -> Iterator[tuple[slice, Array, Integers]]:
        """Yield (slice, noisy pooled amplitudes, clipped) block by block."""
        wholes = list(sequences.sorted_parts(thread_count(self.n_jobs)))
        every = [part for _, parts in wholes for part in parts]
        parts = self._pooled_parts(sequences, pooling, every)
        for whole, its_parts in wholes:
            rows, clipped = _in_order(whole, islice(parts, len(its_parts)))
            for begin in range(0, len(rows), BLOCK_SIZE):
                block = slice(begin, begin + BLOCK_SIZE)
                numbers = range(whole.start, whole.stop)[block]
                yield slice(numbers.start, numbers.stop), rows[block], clipped[block]

    def _pooled_parts(
        self, sequences: Sequences, pooling: str, parts: list[Integers]
    ) -> Iterator[tuple[Integers, Array, Integers]]:
        """Yield (indices, noisy pooled amplitudes, clipped) of each part."""

        def work(part: Integers) -> tuple[Integers, Array, Integers]:
            packed = self._pack(sequences, part)
            with np.errstate(over="ignore", invalid="ignore"):  # `_check_finite` refuses it.
                pooled, clipped = self._noisy_pooled(packed, pooling)
            if not np.isfinite(pooled).all():
                for index, row in zip(part, pooled, strict=True):
                    self._check_finite("states", index, row)
            return part, pooled, clipped

        return in_threads(work, parts, self.n_jobs)

    def _warn_of_range(self, sequences: Sequences, n_clipped: int) -> None:
        """Say that new data are far larger or smaller than those of the fit."""
        n_frames = int(sequences.lengths.sum())
        share = n_clipped / (n_frames * self.drive_.mask.shape[1])
        if share > MAX_CLIPPED_SHARE:
            reach = reach_of(sequences, self.drive_)
            larger = f" by a factor of {reach:.3g}" if reach > 1 else ""
            warn_user(
                f"{100 * share:.1f} % of the node currents were clipped to the range that "
                f"was learned from the training data; the new data are larger{larger}. Scale "
                "them alike, or train on data that cover them.",
                DriveClippingWarning,
            )
        elif n_frames >= MIN_JUDGED_FRAMES and self.current_limits is None:
            variation = variation_of(sequences, self.drive_)
            if 0 < variation < MIN_VARIATION:
                warn_user(
                    f"The new data are smaller by a factor of {1 / variation:.3g} or more "
                    "than those of the fit: over all of their frames no node current "
                    "changes by a larger share of its range. Scale them alike.",
                    UnitsWarning,
                )

    def __sklearn_tags__(self) -> Any:
        """Say that containers of sequences are welcome next to tables."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags


def _in_order(
    whole: slice, answers: Iterable[tuple[Integers, Array, Integers]]
) -> tuple[Array, Integers]:
    """Rows and counts of consecutive sequences, which were worked on in parts."""
    n_rows = whole.stop - whole.start
    rows, counts = np.empty((0, 0)), np.empty(n_rows, dtype=np.intp)
    for part, some, some_counts in answers:
        if not rows.size:
            rows = np.empty((n_rows, some.shape[1]), some.dtype)
        rows[part - whole.start] = some
        counts[part - whole.start] = some_counts
    return rows, counts
