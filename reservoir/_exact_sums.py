"""How are products of rows added up so that no order and no grouping changes a bit?

The sum of floating-point numbers depends on the order in which they are added. The sum of
whole numbers does not. So the products of each block of rows are rounded once, to whole
multiples of 2^-54, and are then added as whole numbers of 103 bits. Blocks may come in any
order and through any number of workers. A sum may also be taken away again without a trace.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from reservoir._types import Array, Floats

HIGH_BITS = 14  # after the point, of the upper word: multiples of 2^-14
LOW_BITS = 40  # more of them in the lower word
MAX_SIZE = 2.0**10  # of an entry of a row
MAX_ROWS = 2**28  # of that size, whose products the upper word holds


@dataclass(frozen=True)
class ExactSums:
    """Sums over rows z of the products z_i z_j, as whole numbers.

    A row ends with a 1, so the last row of the products holds the sums of the entries
    themselves, and the last product is the number of rows.

    Attributes
    ----------
    high, low : ndarray of int64 of shape (n_columns * (n_columns + 1) / 2,)
        The lower triangle of the products, row by row: ``high * 2**-14 + low * 2**-54``,
        where low is at least 0 and below ``2**40``.
    """

    high: NDArray[np.int64]
    low: NDArray[np.int64]

    @classmethod
    def empty(cls, n_columns: int) -> Self:
        """Sums over no rows of so many entries, the 1 included."""
        size = n_columns * (n_columns + 1) // 2
        return cls(np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64))

    @property
    def n_columns(self) -> int:
        """Entries of a row, the 1 at its end included."""
        return int(np.sqrt(2 * len(self.high)))

    @property
    def n_rows(self) -> int:
        """How many rows were added."""
        return int(self.high[-1] >> HIGH_BITS)

    def add(self, rows: Array) -> None:
        """Add the products of rows, in place.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_columns)
            Its last column is 1. All entries lie between -1024 and 1024.
        """
        # One thread, because the bits of a product depend on how many share it.
        with threadpool_limits(1):
            products = rows.T @ rows
        entries = products[np.tri(len(products), dtype=bool)]
        entries *= 2.0**HIGH_BITS
        whole = np.rint(entries)
        entries -= whole
        entries *= 2.0**LOW_BITS
        self.high[...] += whole.astype(np.int64)
        self.low[...] += np.rint(entries).astype(np.int64)
        self._carry()

    def add_sums(self, other: "ExactSums") -> None:
        """Add the sums over other rows, in place."""
        self.high[...] += other.high
        self.low[...] += other.low
        self._carry()

    def less(self, other: "ExactSums") -> "ExactSums":
        """The sums without those over some of the rows."""
        rest = ExactSums(self.high - other.high, self.low - other.low)
        rest._carry()
        return rest

    @classmethod
    def joined(cls, parts: Iterable["ExactSums"]) -> "ExactSums":
        """The sums over the rows of all parts, of which there is at least one."""
        first, *others = parts
        whole = ExactSums(first.high.copy(), first.low.copy())
        for part in others:
            whole.add_sums(part)
        return whole

    def products(self) -> Floats:
        """The symmetric matrix of the sums, of shape (n_columns, n_columns)."""
        entries = self.low * 2.0**-LOW_BITS
        entries += self.high
        entries *= 2.0**-HIGH_BITS
        below = np.tri(self.n_columns, dtype=bool)
        matrix = np.empty(below.shape)
        matrix[below] = entries
        matrix.T[below] = entries
        return matrix

    def _carry(self) -> None:
        """Bring the lower words between 0 and 2^40 again: one pair of words for each sum."""
        self.high[...] += self.low >> LOW_BITS
        self.low[...] &= (1 << LOW_BITS) - 1
