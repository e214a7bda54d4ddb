"""Make the coefficients of the polynomials in `_core/elementary.pxd`.

    python tools/fit_elementary.py        (needs: pip install mpmath)

For exp(r) - 1 = r + r^2 P(r), P is a Chebyshev fit on |r| <= (ln 2)/2. For each degree the
script prints the worst relative error of exp(r) - 1 and the coefficients, lowest power first.
Degree 8 serves double precision, degree 4 single precision.

For 1/sqrt(q), y is what the bits of q give as an estimate, and y Q(t) with t = q y^2 is the
next. Q is a Chebyshev fit of 1/sqrt(t) on the range of t, which the script finds by trying
every leading bit of q; its relative error follows.
"""

import struct

from mpmath import chebyfit, expm1, log, mp, nstr, polyval, sqrt

mp.dps = 60
HALF = log(2) / 2 * mp.mpf("1.0001")
ROOT_BITS = 0x5FE4000000000000


def remainder(r):
    if abs(r) < mp.mpf("1e-15"):
        return mp.mpf(1) / 2 + r / 6 + r * r / 24
    return (expm1(r) - r) / r**2


def show(polynomial, name, worst):
    print(f"{name}: relative error {nstr(worst, 3)}")
    print("   ", [nstr(c, 20) for c in reversed(polynomial)])


def exponential(degree):
    polynomial = chebyfit(remainder, [-HALF, HALF], degree + 1)
    points = [HALF * i / 500 - HALF / 997 for i in range(-498, 500)]
    worst = max(abs((r + r * r * polyval(polynomial, r)) / expm1(r) - 1) for r in points if r)
    show(polynomial, f"exponential, degree {degree}", worst)


def root():
    def product(q):
        bits = ROOT_BITS - (struct.unpack("<q", struct.pack("<d", q))[0] >> 1)
        return q * struct.unpack("<d", struct.pack("<q", bits))[0] ** 2

    products = [product(1 + 3 * i / 2**16) for i in range(2**16)]
    low, high = min(products), max(products)
    print(f"root: t from {low:.6f} to {high:.6f}")
    # The range in whole 32nds, which holds what lies between the numbers that were tried.
    low, high = mp.mpf(3) / 4, mp.mpf(27) / 32
    polynomial = chebyfit(lambda t: 1 / sqrt(t), [low, high], 3)
    points = [low + (high - low) * i / 1000 for i in range(1001)]
    worst = max(abs(polyval(polynomial, t) * sqrt(t) - 1) for t in points)
    show(polynomial, "root, degree 2", worst)


for degree in (4, 8):
    exponential(degree)
root()
