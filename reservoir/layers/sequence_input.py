"""How does a layered network take sequences and images of unequal length?"""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from reservoir._columns import check_columns_of_sequences, checked_table
from reservoir._randomness import stream_of
from reservoir._types import Array, ArrayLike, Floats
from reservoir.layers.base import BaseSpintronic
from reservoir.layers.grids import Padded, pad
from reservoir.multiplexing.sequences import Sequences, check_sequences, is_table

BLOCK = 256  # sequences that are answered at a time, which bounds the memory


class SequenceInput(BaseSpintronic):
    """A network whose samples are arrays of shape (n_frames, n_channels).

    The rows of a table are sequences of one frame. The numbers may be negative, because
    `input_range` turns them into powers.
    """

    emission = "power"
    frequency_shift = False

    def powers(self, X: ArrayLike) -> list[Floats]:
        """Powers on the lines of each layer behind the first, averaged over each sequence.

        Parameters
        ----------
        X : sequences

        Returns
        -------
        list of ndarray of shape (n_samples, n_lines)
            In W.
        """
        check_is_fitted(self)
        emitted = self._answer(self._powers(X))[2]
        return [self.line_power * power.astype(float) for power in emitted]

    def _answer(self, powers: Padded) -> tuple[Floats, list[Array], list[Array]]:
        """Answers block by block."""
        block = 1 if getattr(self, "read_noise_", 0.0) > 0 else BLOCK
        parts = [
            super(SequenceInput, self)._answer(powers[start : start + block])
            for start in range(0, len(powers), block)
        ]
        emitted = [np.concatenate(each) for each in zip(*(p[2] for p in parts), strict=True)]
        return np.concatenate([part[0] for part in parts]), [], emitted

    def _sequences(self, X: Any, reset: bool) -> Sequences:
        """Checked sequences; a table has its columns as frames of one channel."""
        if is_table(X):
            table = checked_table(self, X, reset=reset, dtype=np.float64)
            sequences = Sequences(table[:, None, :])
        else:
            known = None if reset else self.n_features_in_
            sequences = check_sequences(X, known, type(self).__name__)
            if reset:
                self.n_features_in_ = sequences.n_channels
                self.__dict__.pop("feature_names_in_", None)
            check_columns_of_sequences(self, X, reset)
        self._check_lengths(sequences)
        return sequences

    def _check_lengths(self, sequences: Sequences) -> None:
        """Refuse sequences that are too short for the network."""

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        if is_table(X):
            table, labels = checked_table(
                self, X, y, reset=reset, dtype=np.float64, **self._target_checks
            )
            return self._sequences(table, reset=False), labels
        sequences = self._sequences(X, reset)
        labels = column_or_1d(y, warn=True)
        check_consistent_length(sequences.arrays, labels)
        return sequences, labels

    def _range_of(self, features: Any) -> tuple[float, float]:
        lowest = min(float(array.min()) for array in features.arrays)
        highest = max(float(array.max()) for array in features.arrays)
        return lowest, highest

    def _in_units(self, features: Any) -> Any:
        return pad(features, *self.input_range_, self.dtype)

    def _powers(self, X: ArrayLike, warn: bool = False) -> Any:
        sequences = self._sequences(X, reset=False)
        if warn:
            self._warn_of_clipping(np.concatenate([np.ravel(a) for a in sequences.arrays]))
        return self._in_units(sequences)

    def _read_noise(self, powers: Any) -> list[Array] | None:
        rms = getattr(self, "read_noise_", 0.0)
        if rms == 0:
            return None
        layers = self._all_layers()
        draw = stream_of(
            getattr(self, "read_noise_seed_", self.seed_), np.ascontiguousarray(powers.frames)
        )
        return [
            (1 + rms * draw.standard_normal(shape)).astype(self.dtype)
            for shape in self._stack(layers).noise_shapes(layers, powers)
        ]

    def __sklearn_tags__(self) -> Any:
        """Say that samples are sequences of any numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = False
        tags.input_tags.three_d_array = True
        return tags
