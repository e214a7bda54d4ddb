"""Which units are known, and how is a value with a unit read and written?"""

import math

# SI units of the ledger. Those in PREFIXED may have a prefix in a user's table.
PREFIXED = ("s", "J", "W", "ohm", "A", "1/s")
UNITS = (*PREFIXED, "A2 s", "A2", "bit", "byte", "1")
PREFIXES = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
}
MICRO_SIGNS = ("\u00b5", "\u03bc")  # the micro sign and the Greek letter
DIGITS = 4  # of a value in a table


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
    return {prefix + unit: factor for prefix, factor in PREFIXES.items()}


def plain_unit(text: str) -> str:
    """A unit as a user writes it, with one way to write micro."""
    text = text.strip()
    for sign in MICRO_SIGNS:
        text = text.replace(sign, "u")
    return text


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
    # Rounded first, so that 999.96 nJ is 1 uJ and not 1000 nJ.
    rounded = float(f"{value:.{DIGITS - 1}e}")
    prefix = "f"
    for name, factor in PREFIXES.items():
        if abs(rounded) >= factor * (1 - 1e-9):
            prefix = name
    return f"{rounded / PREFIXES[prefix]:.{DIGITS}g} {prefix}{unit}"


def _number(value: float) -> str:
    if value == round(value) and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.{DIGITS}g}"
