"""How does a layered network take sequences and images of unequal length?"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted, column_or_1d

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
    n_features_in_: int
    read_noise_: float

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
        return [
            self.line_power * power.astype(float) * layer.line_gains
            for power, layer in zip(emitted, self.layers_[1:], strict=True)
        ]

    def _heard(self, X: ArrayLike) -> Iterator[list[Array]]:
        """Powers on the lines of each set of chains, a sequence at a time."""
        layers, powers = self._all_layers(), self._powers(X)
        stack = self._stack(layers)
        weights = stack.weights(layers)
        for row in range(len(powers)):
            yield stack.heard(layers, weights, powers[row : row + 1])

    def _answer(self, powers: Padded) -> tuple[Floats, list[Array], list[Array]]:
        """Answers block by block."""
        layers = self._all_layers()
        stack = self._stack(layers)
        weights = stack.weights(layers)
        noisy = getattr(self, "read_noise_", 0.0) > 0
        block = 1 if noisy else BLOCK
        outputs, emitted = [], []
        for start in range(0, len(powers), block):
            part = powers[start : start + block]
            noise = self._noise_of(part, stack.noise_shapes(layers, part)) if noisy else None
            answer = stack.predict(layers, weights, part, noise)
            outputs.append(answer[0])
            emitted.append(answer[2])
        means = [np.concatenate(each) for each in zip(*emitted, strict=True)]
        return np.concatenate(outputs), [], means

    def _sequences(self, X: Any, reset: bool) -> Sequences:
        """Checked sequences; the rows of a table are sequences of one frame."""
        if is_table(X):
            return self._rows(checked_table(self, X, reset=reset, dtype=np.float64))
        known = None if reset else self.n_features_in_
        sequences = check_sequences(X, known, type(self).__name__)
        if reset:
            self.n_features_in_ = sequences.n_channels
            self.__dict__.pop("feature_names_in_", None)
        check_columns_of_sequences(self, X, reset)
        self._check_lengths(sequences)
        return sequences

    def _rows(self, table: Floats) -> Sequences:
        """The rows of a checked table as sequences."""
        sequences = Sequences(table[:, None, :])
        self._check_lengths(sequences)
        return sequences

    def _check_lengths(self, sequences: Sequences) -> None:
        """Refuse sequences that are too short for the network."""

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, Any]:
        if is_table(X):
            table, labels = checked_table(
                self, X, y, reset=reset, dtype=np.float64, **self._target_checks
            )
            return self._rows(table), labels
        sequences = self._sequences(X, reset)
        if y is None:
            raise ValueError(
                "y is None, but a classifier needs y: give one label a sequence."
            )
        labels = column_or_1d(y, warn=True)
        if len(labels) != len(sequences):
            raise ValueError(
                "Found input variables with inconsistent numbers of samples: X holds "
                f"{len(sequences)} sequences and y {len(labels)} labels; give one label a "
                "sequence."
            )
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

    def _noise_of(self, sequence: Padded, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
        """Factors of the powers, from the seed and the numbers of one sequence."""
        seed = getattr(self, "read_noise_seed_", self.seed_)
        draw = stream_of(seed, np.ascontiguousarray(sequence.frames))
        return [
            np.maximum(1 + self.read_noise_ * draw.standard_normal(shape), 0).astype(
                self.dtype
            )
            for shape in shapes
        ]

    def __sklearn_tags__(self) -> Any:
        """Say that samples are sequences of any numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = False
        tags.input_tags.three_d_array = True
        return tags
