"""Which prefixes have units, and how is a value with a prefix read and written?"""

import math

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


def plain_unit(text: str) -> str:
    """A unit as a user writes it, with one way to write micro.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
    """
    text = text.strip()
    for sign in MICRO_SIGNS:
        text = text.replace(sign, "u")
    return text


def prefixed_units(unit: str) -> dict[str, float]:
    """A unit with every prefix, and what each is in the unit.

    Parameters
    ----------
    unit : str

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> from reservoir._units import prefixed_units
    >>> prefixed_units("A")["mA"]
    0.001
    """
    return {prefix + unit: factor for prefix, factor in PREFIXES.items()}


def prefix_of(value: float, digits: int = DIGITS) -> str:
    """The prefix that leaves one to three digits before the point.

    Parameters
    ----------
    value : float
    digits : int, default=4
        To which it is rounded first, so that 999.96 nJ is 1 uJ and not 1000 nJ.

    Returns
    -------
    str
        One of `PREFIXES`.
    """
    if value == 0 or not math.isfinite(value):
        return ""
    rounded = abs(float(f"{value:.{digits - 1}e}"))
    prefix = "f"
    for name, factor in PREFIXES.items():
        if rounded >= factor * (1 - 1e-9):
            prefix = name
    return prefix


def with_prefix(value: float, unit: str, digits: int = DIGITS) -> str:
    """A value for a reader, with the prefix that leaves one to three digits before the point.

    Parameters
    ----------
    value : float
        In the unit.
    unit : str
    digits : int, default=4
        That are significant.

    Returns
    -------
    str

    Examples
    --------
    >>> from reservoir._units import with_prefix
    >>> with_prefix(3.5e-3, "A"), with_prefix(999.96e-9, "s")
    ('3.5 mA', '1 us')
    """
    prefix = prefix_of(value, digits)
    return f"{value / PREFIXES[prefix]:.{digits}g} {prefix}{unit}"
