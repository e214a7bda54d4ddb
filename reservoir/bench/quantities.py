"""Which quantity and which unit does the name of a column stand for?"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reservoir._units import plain_unit, prefixed_units

LOAD = 50.0  # ohm, into which a power is measured
DBM = "dBm"  # a power over 1 mW, in decibels
SIZELESS = ("a.u.", "arb", "arb.", "arb.u.", "au", "1")  # units of an amplitude in any unit


@dataclass(frozen=True)
class Quantity:
    """What a column may hold.

    Attributes
    ----------
    name : str
    unit : str
        The SI unit.
    usual : str
        The unit in which it is mostly given.
    words : str
        Names that laboratories give it, without spaces and signs.
    any_unit : bool, default=False
        Whether the unit may be missing.
    """

    name: str
    unit: str
    usual: str
    words: str
    any_unit: bool = False

    def factors(self) -> dict[str, float]:
        """Its units, and what each is in the SI unit."""
        factors = prefixed_units(self.unit)
        if self.any_unit:
            factors.update(dict.fromkeys(SIZELESS, 1.0))
        if self.unit == "W":
            factors[DBM] = 1.0
        return factors


CURRENT = Quantity(
    "current",
    "A",
    "mA",
    "current i idc ibias biascurrent dccurrent bias strom gleichstrom courant corriente "
    "corrente",
)
AMPLITUDE = Quantity(
    "amplitude",
    "V",
    "mV",
    # Not "voltage": in a table of currents that is mostly the voltage of the source.
    "amplitude amp amplitud ampiezza a vosc vrms urms emission emittedvoltage",
    any_unit=True,
)
POWER = Quantity(
    "power",
    "W",
    "dBm",
    "power p pout poweroutput outputpower integratedpower leistung puissance",
)
FREQUENCY = Quantity(
    "frequency",
    "Hz",
    "MHz",
    "frequency freq f f0 fpeak peakfrequency centerfrequency centrefrequency frequenz "
    "frequence frecuencia frequenza",
)
LINEWIDTH = Quantity(
    "linewidth",
    "Hz",
    "kHz",
    "linewidth width fwhm deltaf df linienbreite halbwertsbreite largeur largeurderaie "
    "fullwidth fullwidthathalfmaximum",
)
RELAXATION_TIME = Quantity(
    "relaxation_time",
    "s",
    "ns",
    "relaxationtime relaxation trelax trel tau relaxationszeit tempsderelaxation",
)
# Of a trace in time.
VOLTAGE = Quantity(
    "voltage",
    "V",
    "mV",
    "voltage v amplitude amp a envelope vosc vrms signal spannung tension ch1 channel1",
    any_unit=True,
)
TIME = Quantity("time", "s", "ns", "time t zeit temps tiempo tempo")
# Of a sweep of a source across the oscillator's line.
INJECTED_POWER = Quantity(
    "injected_power", "W", "dBm", "injectedpower sourcepower psource pinj rfpower power p"
)
INJECTED_CURRENT = Quantity(
    "injected_current", "A", "mA", "injectedcurrent sourcecurrent irf iinj rfcurrent"
)
LOWER_EDGE = Quantity("lower_edge", "Hz", "MHz", "loweredge lower flow fmin lockedfrom")
UPPER_EDGE = Quantity("upper_edge", "Hz", "MHz", "upperedge upper fhigh fmax lockedto")
# Of the spectra of such a sweep.
SOURCE = Quantity(
    "source",
    "Hz",
    "MHz",
    "source sourcefrequency fsource fs finj rffrequency injectedfrequency",
)
BENCH_QUANTITIES = (CURRENT, AMPLITUDE, POWER, FREQUENCY, LINEWIDTH, RELAXATION_TIME)


@dataclass(frozen=True)
class Column:
    """A column whose name is understood.

    Attributes
    ----------
    quantity : Quantity
    unit : str
        As it stands there; '' where none does.
    """

    quantity: Quantity
    unit: str


def column_of(cell: str, quantities: Sequence[Quantity]) -> Column | None:
    """The quantity and the unit of a column.

    Parameters
    ----------
    cell : str
        Its name: ``current_mA``, ``Current (mA)``, ``I [mA]``, ``I / mA``, ``current``.
    quantities : sequence of Quantity
        Those that are looked for.

    Returns
    -------
    Column or None
        None if the name is that of none of them.

    Examples
    --------
    >>> from reservoir.bench.quantities import BENCH_QUANTITIES, column_of
    >>> column = column_of("Linewidth [kHz]", BENCH_QUANTITIES)
    >>> column.quantity.name, column.unit
    ('linewidth', 'kHz')
    """
    text = plain_unit(cell)
    bracketed = re.fullmatch(r"(.*?)[\s_]*[(\[{]([^)\]}]*)[)\]}]", text)
    if bracketed is not None:
        return _named(bracketed[1], bracketed[2].strip(), quantities)
    tail = re.fullmatch(r"(.+?)(?:\s*[/,_:]\s*|\s+(?:in\s+)?)([^\s/,_:]+)", text)
    if tail is not None and _is_like_a_unit(tail[2], quantities):
        return _named(tail[1], tail[2], quantities)
    return _named(text, "", quantities)


def is_unit(cell: str, quantities: Sequence[Quantity]) -> bool:
    """Whether a cell is a unit of one of the quantities, perhaps in brackets."""
    return any(bare_unit(cell) in quantity.factors() for quantity in quantities)


def _is_like_a_unit(cell: str, quantities: Sequence[Quantity]) -> bool:
    """Whether a cell is a unit but for small and capital letters, as 'ma' is."""
    units = (unit.lower() for quantity in quantities for unit in quantity.factors())
    return len(cell) > 1 and cell.lower() in units or is_unit(cell, quantities)


def bare_unit(cell: str) -> str:
    """A unit without the brackets around it."""
    return plain_unit(cell).strip("()[]{}").strip()


def factor_of(quantity: Quantity, unit: str) -> float:
    """What a unit is in the quantity's SI unit.

    Parameters
    ----------
    quantity : Quantity
    unit : str

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is no unit of the quantity, or if there is none; the message begins with the
        unit.
    """
    factors = quantity.factors()
    if unit in factors:
        return factors[unit]
    if not unit and quantity.any_unit:
        return 1.0
    alike = [known for known in factors if known.lower() == unit.lower()]
    meant = " or ".join(alike) or quantity.usual
    found = f"the unit {unit!r}, which is none of a {quantity.name}" if unit else "no unit"
    raise ValueError(
        f"{found}; write {quantity.name}_{meant.split()[0]} there, or give the unit as "
        f"{quantity.name}={meant.split()[0]}"
    )


def checked_units(
    units: Mapping[str, str], quantities: Sequence[Quantity]
) -> Mapping[str, str]:
    """Units that a user gives by keyword; refuses names that are no quantity."""
    known = {quantity.name: quantity for quantity in quantities}
    for name, unit in units.items():
        if name not in known:
            raise ValueError(
                f"units names {name!r}; the quantities of this table are {', '.join(known)}."
            )
        if not isinstance(unit, str) or plain_unit(unit) not in known[name].factors():
            allowed = ", ".join(known[name].factors())
            raise ValueError(f"units gives {name} in {unit!r:.40}; allowed are {allowed}.")
    return {name: plain_unit(unit) for name, unit in units.items()}


def _named(name: str, unit: str, quantities: Sequence[Quantity]) -> Column | None:
    """The quantity of a name without its unit."""
    plain = unicodedata.normalize("NFKD", name.replace("\u0394", "delta"))
    plain = plain.replace("\u03b4", "delta").replace("\u03c4", "tau").lower()
    word = "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
    for quantity in quantities:
        if word in quantity.words.split():
            return Column(quantity, unit)
    return None
