"""A linear map from features to outputs, and the noise of the cells that hold it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from reservoir._checks import NOT_NEGATIVE, Rule, check_parameters, refuse_masked
from reservoir._core import readout as kernel
from reservoir._randomness import stream_of
from reservoir._types import Array, Floats


@dataclass(frozen=True)
class LinearReadout:
    """Outputs = features @ coefficients + intercept.

    Attributes
    ----------
    coefficients : ndarray of shape (n_features, n_outputs)
    intercept : ndarray of shape (n_outputs,)
    alpha : float
        The ridge strength that was used.
    means, spreads : ndarray of shape (n_features,) or None
        Of each feature in the training data: mean, and standard deviation or 0. Optional.
    read_noise : ndarray of shape (n_outputs,) or None
        Rms of an error that each coefficient of a standardised feature has anew for each row,
        as cells have that are read. None: no errors. The errors depend on `read_seed` and the
        bytes of the row.
    read_seed : int or None

    Raises
    ------
    ValueError
        If the shapes do not agree, numbers are masked, `alpha` is negative, or there is noise
        without a seed or without means and spreads.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.readout import LinearReadout
    >>> readout = LinearReadout(np.array([[1.0], [2.0]]), np.array([0.5]), 0.0)
    >>> readout(np.array([[1.0, 1.0], [0.0, 3.0]])).tolist()
    [[3.5], [6.5]]
    """

    coefficients: Floats
    intercept: Floats
    alpha: float
    means: Floats | None = None
    spreads: Floats | None = None
    read_noise: Floats | None = None
    read_seed: int | None = None

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"alpha": NOT_NEGATIVE}

    def __post_init__(self) -> None:
        """Check the strength, and that the shapes agree: the kernel does not."""
        check_parameters(self, self._parameter_ranges)
        refuse_masked("LinearReadout.coefficients", self.coefficients, ("feature", "output"))
        refuse_masked("LinearReadout.intercept", self.intercept, ("output",))
        if np.ndim(self.coefficients) != 2 or np.shape(self.intercept) != (
            self.coefficients.shape[1],
        ):
            raise ValueError(
                f"The readout has coefficients of shape {np.shape(self.coefficients)} and "
                f"an intercept of shape {np.shape(self.intercept)}; they must be "
                "(n_features, n_outputs) and (n_outputs,)."
            )
        for numbers in (self.means, self.spreads):
            if numbers is not None and np.shape(numbers) != self.coefficients.shape[:1]:
                raise ValueError("means and spreads of a readout must be (n_features,).")
        if self.read_noise is None:
            return
        if np.shape(self.read_noise) != np.shape(self.intercept) or None in (
            self.read_seed,
            *(None if each is None else 0 for each in (self.means, self.spreads)),
        ):
            raise ValueError(
                "read_noise of a readout must be (n_outputs,), with a read_seed, means and "
                "spreads."
            )

    def __call__(self, features: Array) -> Floats:
        """Outputs of every row of features, which depend on no other row.

        Parameters
        ----------
        features : ndarray of shape (n_rows, n_features)

        Returns
        -------
        ndarray of shape (n_rows, n_outputs)
        """
        if features.shape[1] != len(self.coefficients):
            raise ValueError(
                f"There are {features.shape[1]} features, but the readout was fitted to "
                f"{len(self.coefficients)}. Were n_nodes, pooling or its settings changed "
                "after fit? Fit again."
            )
        outputs = np.empty((len(features), len(self.intercept)))
        kernel.weighted_sums(
            np.ascontiguousarray(features), self.coefficients, self.intercept, outputs
        )
        if self.read_noise is not None:
            self._disturb(features, outputs)
        if not np.isfinite(outputs).all():
            row = int(np.argmin(np.isfinite(outputs).all(axis=1)))
            raise ValueError(
                f"The output of row {row} is not finite: its features are beyond what double "
                "precision can add up. Correct or rescale the data."
            )
        return outputs

    def _disturb(self, features: Array, outputs: Floats) -> None:
        """Add what errors of the coefficients make of each row, in place.

        A sum of independent normal errors, each times a feature, is one normal error, as
        large as the length of the row of standardised features says.
        """
        assert self.means is not None and self.spreads is not None
        assert self.read_noise is not None and self.read_seed is not None
        varies = self.spreads > 0
        centred = features[:, varies] - self.means[varies]
        lengths = np.linalg.norm(centred / self.spreads[varies], axis=1)
        for row, length, output in zip(features, lengths, outputs, strict=True):
            drawn = stream_of(self.read_seed, row).standard_normal(len(output))
            output += length * self.read_noise * drawn

    @property
    def n_parameters(self) -> int:
        """Number of trained numbers."""
        return self.coefficients.size + self.intercept.size
