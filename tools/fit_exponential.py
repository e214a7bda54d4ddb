"""Make the coefficients of P in `_core/elementary.pxd`: exp(r) - 1 = r + r^2 P(r).

    python tools/fit_exponential.py        (needs: pip install mpmath)

P is a Chebyshev fit on |r| <= (ln 2)/2. For each degree the script prints the worst relative
error of exp(r) - 1 and the coefficients, lowest power first. Degree 8 serves double
precision, degree 4 single precision.
"""

from mpmath import chebyfit, expm1, log, mp, nstr, polyval

mp.dps = 60
HALF = log(2) / 2 * mp.mpf("1.0001")


def remainder(r):
    if abs(r) < mp.mpf("1e-15"):
        return mp.mpf(1) / 2 + r / 6 + r * r / 24
    return (expm1(r) - r) / r**2


for degree in (4, 8):
    polynomial = chebyfit(remainder, [-HALF, HALF], degree + 1)
    points = [HALF * i / 500 - HALF / 997 for i in range(-498, 500)]
    worst = max(abs((r + r * r * polyval(polynomial, r)) / expm1(r) - 1) for r in points if r)
    print(f"degree {degree}: relative error {nstr(worst, 3)}")
    print("   ", [nstr(c, 20) for c in reversed(polynomial)])
