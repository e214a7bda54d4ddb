"""What do scopes call times, channels, rates and units in the text files that they write?

The words are those of Tektronix (TDS, MSO, DPO), Keysight and Agilent (InfiniiVision,
Infiniium), Teledyne LeCroy, Rohde & Schwarz (RTO, RTB, RTM) and Rigol, and those that people
write above columns of their own.
"""

import re
from typing import NamedTuple

from reservoir._dialects import NUMBER
from reservoir._units import plain_unit, prefixed_units

TIME_NAMES = {"time", "times", "t", "x", "x-axis", "x axis", "zeit", "temps", "tempo"}
CHANNEL = re.compile(
    r"(?:ch(?:an(?:nel)?)?|c|y)[ _]?\d+|volt.*|ampl.*|spannung.*|envelope.*", re.IGNORECASE
)
MARKER = re.compile(r"(?:sample|sync)?[ _]?marker[ _]?\d*", re.IGNORECASE)
UNIT_WORDS = {
    "second": "s",
    "seconds": "s",
    "sec": "s",
    "volt": "V",
    "volts": "V",
    "ampere": "A",
    "amperes": "A",
    "amp": "A",
}
SCALED = {unit: base for base in "sVA" for unit in prefixed_units(base)}
INTERVALS = (
    "sample interval",
    "sampling interval",
    "sampling period",
    "xinc",
    "x increment",
    "signalresolution",
)
RATES = ("sample rate", "sampling rate", "samplerate", "sample_rate_hz", "sample_rate")
RATE_UNITS = {
    **prefixed_units("Hz"),
    **prefixed_units("Sa/s"),
    **prefixed_units("S/s"),
}
LENGTHS = ("record length", "signalhardwarerecordlength", "points")
TITLE = (
    re.compile(r"(.*?)\s*[(\[]\s*([^)\]]*?)\s*[)\]]"),  # CH1 (mV), CH1 [mV]
    re.compile(r"(.*?)\s*\bin\s+(\S+)"),  # C1 in V
    re.compile(r"(.+)_([^\W\d_]{1,2})"),  # voltage_mV
)


class Title(NamedTuple):
    """What stands above a column.

    Attributes
    ----------
    name : str
        Empty if nothing but a unit is there.
    unit : str
        "s", "V" or "A"; empty if it is another one, or none.
    factor : float
        What the numbers are multiplied with to have that unit.
    """

    name: str
    unit: str = ""
    factor: float = 1.0

    @property
    def is_time(self) -> bool:
        """Whether the column surely holds times."""
        return self.unit == "s" or self.name.lower() in TIME_NAMES

    @property
    def is_channel(self) -> bool:
        """Whether the column surely holds a channel."""
        return self.unit in ("V", "A") or CHANNEL.fullmatch(self.name) is not None

    @property
    def is_marker(self) -> bool:
        """Whether the column holds the marker of a generator."""
        return MARKER.fullmatch(self.name) is not None


def unit_of(text: str) -> tuple[str, float]:
    """The plain unit of a text, and the factor of its prefix.

    Parameters
    ----------
    text : str

    Returns
    -------
    unit : str
        "s", "V" or "A"; empty for any other.
    factor : float

    Examples
    --------
    >>> from reservoir.laboratory.scope_words import unit_of
    >>> unit_of("mV"), unit_of("Volts"), unit_of("dBm")
    (('V', 0.001), ('V', 1.0), ('', 1.0))
    """
    unit = plain_unit(text)
    unit = UNIT_WORDS.get(unit.lower(), unit)
    base = SCALED.get(unit, "")
    return base, prefixed_units(base)[unit] if base else 1.0


def title_of(text: str) -> Title:
    """Name and unit of a column.

    Parameters
    ----------
    text : str
        What stands above it.

    Returns
    -------
    Title

    Examples
    --------
    >>> from reservoir.laboratory.scope_words import title_of
    >>> title_of("C1 in mV"), title_of("time_us"), title_of("second")
    (Title(name='C1', unit='V', factor=0.001), Title(name='time', unit='s', factor=1e-06), \
Title(name='', unit='s', factor=1.0))
    """
    for form in TITLE:
        match = form.fullmatch(text.strip())
        if match and unit_of(match[2])[0]:
            return Title(match[1].strip(), *unit_of(match[2]))
    unit, factor = unit_of(text)
    return Title("" if unit else text.strip(), unit, factor)


def quantity_of(text: str, units: dict[str, float]) -> float | None:
    """A number with one of some units behind it, or with none; None if it is no such thing.

    Parameters
    ----------
    text : str
    units : dict of str to float
        What each of them is in the plain one.

    Returns
    -------
    float or None

    Examples
    --------
    >>> from reservoir.laboratory.scope_words import RATE_UNITS, quantity_of
    >>> quantity_of("2.5 GSa/s", RATE_UNITS), quantity_of("On", RATE_UNITS)
    (2500000000.0, None)
    """
    match = re.fullmatch(rf"({NUMBER.pattern.strip()})(\D.*)?", text.strip(), NUMBER.flags)
    if match is None:
        return None
    unit = plain_unit(match[2] or "")
    factor = units.get(unit) if unit else 1.0
    return None if factor is None else float(match[1]) * factor
