"""By what may numbers be divided, so that their squares are numbers and no digit changes?"""

import numpy as np

from reservoir._types import ArrayLike, Floats

MAX_EXPONENT = 400  # of 2, up to which sums of squares are far from the ends of the numbers
LAST_EXPONENT = 1000  # of a power of two that is a number, and whose inverse is


def units_of(sizes: ArrayLike, max_exponent: int = MAX_EXPONENT) -> Floats:
    """Powers of two to divide numbers by; 1 for those of an ordinary size.

    Parameters
    ----------
    sizes : array-like of floats
        Largest sizes of the numbers. 0 has the unit 1.
    max_exponent : int
        Of 2, up to which a size is ordinary. 400 is made for sums of squares.

    Returns
    -------
    ndarray
        Of the shape of `sizes`.
    """
    exponents = np.frexp(sizes)[1]
    bounded = np.clip(exponents, -LAST_EXPONENT, LAST_EXPONENT)
    units: Floats = np.ldexp(1.0, np.where(np.abs(exponents) < max_exponent, 0, bounded))
    return units
