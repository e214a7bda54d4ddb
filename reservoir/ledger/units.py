"""Which units are known, and how is a value with a unit read and written?"""

import math

from reservoir._units import DIGITS, prefixed_units, with_prefix

# SI units of the ledger. Those in PREFIXED may have a prefix in a user's table.
PREFIXED = ("s", "J", "W", "ohm", "A", "1/s")
UNITS = (*PREFIXED, "A2 s", "A2", "bit", "byte", "1")


def allowed_units(unit: str) -> dict[str, float]:
    """Ways to state a quantity, and what each is in the SI unit.

    Parameters
    ----------
    unit : str
        The SI unit.

    Returns
    -------
    dict of str to float
    """
    if unit not in PREFIXED or unit == "1/s":
        return {unit: 1.0}
    return prefixed_units(unit)


def written(value: float | None, unit: str) -> str:
    """A value for a reader: with a prefix where the unit has one; None is unknown.

    Parameters
    ----------
    value : float or None
        In the SI unit.
    unit : str
        One of `UNITS`.

    Returns
    -------
    str

    Examples
    --------
    >>> from reservoir.ledger.units import written
    >>> written(2.84e-6, "J"), written(None, "J"), written(31200, "1")
    ('2.84 uJ', 'unknown', '31200')
    """
    if value is None:
        return "unknown"
    if unit == "1":
        return _number(value)
    if unit not in PREFIXED or unit == "1/s" or value == 0 or not math.isfinite(value):
        return f"{_number(value)} {unit}"
    return with_prefix(value, unit)


def _number(value: float) -> str:
    if value == round(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.{DIGITS}g}"
