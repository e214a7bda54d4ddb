"""What does an estimator keep of the blocks that it has learned from?

Sums over the rows of features and targets, apart for each fold, and which blocks they are of.
A readout of any ridge strength follows from them. The sums of two workers may be merged if
both belong to the same model, as their plan says.
"""

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from reservoir._exact_sums import MAX_ROWS, MAX_SIZE, ExactSums
from reservoir._types import Array, Floats, Integers
from reservoir.devices import Device
from reservoir.multiplexing.first_pass import refuse_twice
from reservoir.readout import Gram, LinearReadout, Ridge, strength_of_sums

MIN_SPREAD = 1e-9  # of a feature, over its size, below which it counts as constant


@dataclass(frozen=True)
class BlockSums:
    """Sums over blocks of rows, from which readouts follow.

    Attributes
    ----------
    plan : dict of str to str
        What the rows depend on, by its name, and a digest of it.
    blocks : dict of int to str
        Digest of each block that the sums are of, by its number.
    origin, units : ndarray of shape (n_features,)
        A feature enters the sums as ``(feature - origin) / unit``; units are powers of two.
    target_units : ndarray of shape (n_targets,)
        A target enters them as ``target / unit``.
    folds : dict of int to ExactSums
        The sums of each fold. All rows are in fold 0 if the ridge strength is given.
    """

    plan: dict[str, str]
    blocks: dict[int, str]
    origin: Floats
    units: Floats
    target_units: Floats
    folds: dict[int, ExactSums]

    def emptied(self) -> "BlockSums":
        """Sums for the same plan, over no block."""
        return dataclasses.replace(self, blocks={}, folds={})

    def add(self, features: Array, targets: Array, fold: Integers) -> None:
        """Add rows, in place.

        Parameters
        ----------
        features : ndarray of shape (n_rows, n_features)
        targets : ndarray of shape (n_rows, n_targets)
        fold : ndarray of int of shape (n_rows,)

        Raises
        ------
        ValueError
            If features or targets are far beyond those of the first pass, or there are more
            rows than can be counted.
        """
        standard = np.ones((len(features), len(self.units) + len(self.target_units) + 1))
        inputs = standard[:, : len(self.units)]
        np.subtract(features, self.origin, out=inputs)
        inputs /= self.units
        np.divide(targets, self.target_units, out=standard[:, len(self.units) : -1])
        largest = float(np.abs(standard).max(initial=0.0))
        if not largest <= MAX_SIZE:
            raise ValueError(
                f"The states or targets of this block are {largest:.3g} times as large as "
                f"those of the first pass; at most {MAX_SIZE:g} times can be added to the "
                "same sums. Let the first pass see data of this size, or rescale them."
            )
        for number in np.unique(fold).tolist():
            sums = self.folds.setdefault(number, ExactSums.empty(standard.shape[1]))
            chosen = fold == number
            _refuse_more_rows(sums.n_rows, int(chosen.sum()))
            sums.add(standard if chosen.all() else standard[chosen])

    def merge(self, other: "BlockSums") -> "BlockSums":
        """Both sums together, in whatever order.

        Raises
        ------
        ValueError
            If they belong to different models, both hold a block, or there are more rows
            than can be counted.
        """
        apart = differing(self.plan, other.plan)
        if apart:
            raise ValueError(
                "These sums belong to another model, so they cannot be merged: "
                f"{', '.join(apart)} differ. Send the workers the model after fit_drive, and "
                "merge what they return."
            )
        refuse_twice(self.blocks, other.blocks)
        folds = dict(self.folds)
        for number, sums in other.folds.items():
            mine = folds.get(number)
            if mine is not None:
                _refuse_more_rows(mine.n_rows, sums.n_rows)
            folds[number] = sums if mine is None else ExactSums.joined([mine, sums])
        blocks = {**self.blocks, **other.blocks}
        return dataclasses.replace(
            self,
            blocks={number: blocks[number] for number in sorted(blocks)},
            folds={number: folds[number] for number in sorted(folds)},
        )

    def readout(self, alpha: float | None) -> LinearReadout:
        """The ridge readout of all rows.

        Parameters
        ----------
        alpha : float or None
            Ridge strength. None chooses the one with the least squared error on the folds,
            each left out of the sums.

        Raises
        ------
        ValueError
            If there is no row, or a strength is to be chosen and there is one fold only.
        """
        if not self.folds:
            raise ValueError("No block was learned from yet; call partial_fit.")
        if alpha is None and len(self.folds) < 2:
            raise ValueError(
                "All rows are in one fold, so no ridge strength can be chosen. Give alpha, "
                "or learn from at least two blocks, or from two groups."
            )
        whole = ExactSums.joined(self.folds.values())
        with threadpool_limits(1):  # whose number would change bits
            if alpha is None:
                alpha = strength_of_sums(self._left_out(whole))
            found = Ridge(self._gram(whole)[0]).rounded_readout(alpha)
        coefficients = found.coefficients / self.units[:, np.newaxis] * self.target_units
        assert found.means is not None and found.spreads is not None
        return LinearReadout(
            np.ascontiguousarray(coefficients),
            found.intercept * self.target_units,
            found.alpha,
            found.means * self.units,
            found.spreads * self.units,
        )

    def _left_out(self, whole: ExactSums) -> Iterator[tuple[Gram, Gram, Floats]]:
        """For each fold the sums of all others, and its own, with the squared targets."""
        for sums in self.folds.values():
            if sums.n_rows < whole.n_rows:
                yield self._gram(whole.less(sums))[0], *self._gram(sums)

    def _gram(self, sums: ExactSums) -> tuple[Gram, Floats]:
        """Sums as a regression takes them, and those of the squared targets.

        Features and targets are in their units.
        """
        products, n_features = sums.products(), len(self.units)
        gram = Gram()
        gram.n_rows, gram.units = sums.n_rows, self.units
        gram.origin = self.origin / self.units
        gram.sums = products[-1, :n_features]
        gram.products = products[:n_features, :n_features]
        gram.target_sums = products[-1, n_features:-1]
        gram.target_products = products[:n_features, n_features:-1]
        return gram, products.diagonal()[n_features:-1]


def _refuse_more_rows(n_there: int, n_more: int) -> None:
    """Refuse rows for which the words of the sums of a fold have no room."""
    if n_there + n_more > MAX_ROWS:
        raise ValueError(
            f"The sums of a fold hold {n_there} rows already; at most {MAX_ROWS} can be "
            f"added up, and here are {n_more} more."
        )


def units_for(features: Array) -> tuple[Floats, Floats]:
    """Origin and unit of each feature, from a sample of rows.

    Parameters
    ----------
    features : ndarray of shape (n_rows, n_features)

    Returns
    -------
    origin, units : ndarray of shape (n_features,)
        Units are powers of two.
    """
    features = np.asarray(features, dtype=float)
    origin = features.mean(axis=0)
    spread = np.abs(features - origin).max(axis=0)
    spread = np.maximum(spread, MIN_SPREAD * np.abs(features).max(axis=0))
    return origin, powers_of_two(np.maximum(spread, MIN_SPREAD * spread.max()))


def powers_of_two(sizes: Floats) -> Floats:
    """The power of two just above each size, and 1 for the size 0."""
    units: Floats = np.where(sizes > 0, np.ldexp(1.0, np.frexp(sizes)[1]), 1.0)
    return units


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Names of what two plans say differently."""
    names = sorted({*one, *other})
    return [name for name in names if one.get(name) != other.get(name)]


def digest_of(value: Any) -> str:
    """A digest of a value by what it holds, the same in every process.

    Parameters
    ----------
    value : object
        A number, a text, an array, a dataclass, or a list, tuple or dict of such.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in _parts_of(value):
        digest.update(part)
    return digest.hexdigest()


def _parts_of(value: Any) -> Iterator[bytes]:
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        yield repr((value.shape, value.dtype.str)).encode()
        yield np.ascontiguousarray(value).tobytes()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield type(value).__name__.encode()
        for field in dataclasses.fields(value):
            yield field.name.encode()
            yield from _parts_of(getattr(value, field.name))
    elif isinstance(value, list | tuple | np.ndarray):
        yield f"{len(value)} of".encode()
        for part in value:
            yield from _parts_of(part)
    elif isinstance(value, dict):
        yield from _parts_of([*value.items()])
    elif isinstance(value, type):
        yield value.__name__.encode()
    elif isinstance(value, Device):  # of the user's own, and no dataclass
        yield type(value).__name__.encode()
        yield from _parts_of(vars(value))
    else:
        yield repr(value).encode()
