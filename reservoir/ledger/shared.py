"""Which lines do the ledgers of all kinds of estimators share?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reservoir.ledger.figures import Figures
from reservoir.ledger.line import Figure, Line, counted, reckoned
from reservoir.ledger.operations import Operations

MAC = "(multiply_energy + add_energy)"


@dataclass(frozen=True)
class Supplies:
    """How many of each supply run while an inference lasts.

    Attributes
    ----------
    n_devices : int
        They need a field and a temperature; with 0 there is no physical part at all.
    n_sources, n_amplifiers, n_detectors : int
    generators : bool
        Whether a generator plays a drive.
    """

    n_devices: int
    n_sources: int = 0
    n_amplifiers: int = 0
    n_detectors: int = 0
    generators: bool = True


def line(
    figures: Figures,
    section: str,
    name: str,
    formula: str,
    unit: str = "J",
    /,
    **inputs: Figure | float | None,
) -> Line:
    """The line of a formula over counts and over figures.

    Parameters
    ----------
    figures : Figures
        Give the values of all names in the formula that are not among the inputs.
    section, name, formula, unit : str
        As for `Line`.
    **inputs : Figure, or number without unit, or None if it is unknown

    Returns
    -------
    Line
    """
    known: dict[str, Figure] = {}
    for word in dict.fromkeys(re.findall(r"[A-Za-z_]\w*", formula)):
        given = inputs[word] if word in inputs else figures[word]
        known[word] = given if isinstance(given, Figure) else counted(given)
    return reckoned(section, name, unit, formula, known)


def supply_lines(figures: Figures, time: Figure, supplies: Supplies) -> list[Line]:
    """What runs as long as an inference lasts, whatever it computes."""
    if supplies.n_devices == 0:
        return []
    found = [
        line(figures, "energy", "magnetic field", "magnet_power * time", time=time),
        line(
            figures,
            "energy",
            "temperature control",
            "temperature_control_power * time",
            time=time,
        ),
    ]
    if supplies.generators:
        found.append(
            line(figures, "energy", "generator", "generator_power * time", time=time)
        )
    for name, kind, number in (
        ("microwave sources", "source", supplies.n_sources),
        ("amplifiers", "amplifier", supplies.n_amplifiers),
        ("detectors", "detector", supplies.n_detectors),
    ):
        if number:
            formula = f"n_{kind}s * {kind}_power * time"
            count = {f"n_{kind}s": float(number)}
            found.append(line(figures, "energy", name, formula, time=time, **count))
    return found


def front_end_lines(hearing: Operations | None, figures: Figures) -> list[Line]:
    """What the operations of a front end take for one inference; None is not counted."""
    found = [
        line(
            figures,
            "energy",
            "front end",
            "n_multiplications * multiply_energy + n_additions * add_energy",
            n_multiplications=None if hearing is None else hearing.multiplications,
            n_additions=None if hearing is None else hearing.additions,
        )
    ]
    if hearing is not None and hearing.functions:
        found.append(
            line(
                figures,
                "energy",
                "front end, logarithms and roots",
                "n_functions * function_energy",
                n_functions=hearing.functions,
            )
        )
    return found


def beside_lines(
    figures: Figures,
    *,
    operations: float | None,
    events: float | None,
    seconds: float | None,
) -> list[Line]:
    """The same task elsewhere: on this processor, on a GPU at its peak, in a brain.

    Parameters
    ----------
    figures : Figures
    operations : float or None
        Additions and multiplications of one inference in software.
    events : float or None
        Synaptic operations of one inference.
    seconds : float or None
        Measured time of one inference here; None if it was not measured.

    Returns
    -------
    list of Line
    """
    found = []
    if seconds is not None:
        time = Figure(seconds, "s", "Wall time of the simulation, measured here.", "measured")
        found += [
            line(
                figures, "beside", "time on this processor", "wall_time", "s", wall_time=time
            ),
            line(
                figures,
                "beside",
                "this processor",
                "wall_time * processor_power",
                wall_time=time,
            ),
        ]
    for name, rate in (("half", "gpu_half_rate"), ("single", "gpu_single_rate")):
        found.append(
            line(
                figures,
                "beside",
                f"GPU at its peak, {name} precision",
                f"operations * gpu_power / {rate}",
                operations=operations,
            )
        )
    found.append(
        line(
            figures,
            "beside",
            "brain, as many synaptic events",
            "events * brain_power / brain_event_rate",
            events=events,
        )
    )
    return found


def count_lines(
    figures: Figures, counts: Mapping[str, tuple[str, float | None]]
) -> list[Line]:
    """Counts of one inference or of the network, by NeuroBench's names.

    Parameters
    ----------
    counts : mapping of str to tuple of (str, float or None)
        Name of the line, then the name of what is counted with its value. A name that ends
        in "bytes" has the unit byte.
    """
    return [
        line(
            figures,
            "counts",
            name,
            what,
            "byte" if what.endswith("bytes") else "1",
            **{what: counted(value, "byte" if what.endswith("bytes") else "1")},
        )
        for name, (what, value) in counts.items()
    ]
