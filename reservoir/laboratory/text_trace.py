"""Which trace does a text file hold, and what does the preamble of a scope say of it?"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reservoir._dialects import (
    COMMA_FOR_POINT,
    Layout,
    TableError,
    read_layout,
    read_words,
)
from reservoir._number_rows import blocks, most_rows
from reservoir._types import Floats
from reservoir._units import prefixed_units
from reservoir.exceptions import RecordingError
from reservoir.laboratory.clock import Clock
from reservoir.laboratory.scope_words import (
    INTERVALS,
    LENGTHS,
    RATE_UNITS,
    RATES,
    Title,
    quantity_of,
    title_of,
    unit_of,
)
from reservoir.laboratory.trace import VOLTS_PER_UNIT, Trace, chosen

Entries = dict[str, tuple[str, tuple[str, ...]]]
RTO_LENGTH = "signalhardwarerecordlength"
DECIBELS = re.compile(r"(?<![^\W_])dB(?:[munp]?[VWA]|m)?(?![^\W_])")  # dB, dBm, dBmV
PARTNER = ".wfm"  # before the suffix of the samples that Rohde & Schwarz's RTO writes


class _Plan(NamedTuple):
    """What is read of a file.

    Attributes
    ----------
    layout : Layout
    titles : list of Title
        Of the columns of numbers.
    time : int or None
        Which of them holds the times.
    said : dict
        What the preamble says.
    interval : float or None
        Time between samples that the preamble says, in s.
    """

    layout: Layout
    titles: list[Title]
    time: int | None
    said: Entries
    interval: float | None


def read_text(path: Path, channel: str | int | None) -> Trace:
    """Read one channel of a text file.

    Parameters
    ----------
    path : Path
        Of the samples, or of the preamble that an RTO scope writes beside them.
    channel : str, int or None
        As `reservoir.laboratory.trace.chosen`.

    Returns
    -------
    Trace
        In V, if the file says its unit.

    Raises
    ------
    RecordingError
        If the file holds no such trace, if samples were lost, or if it ends before the last
        sample that its preamble promises.
    """
    try:
        return _read(path, channel)
    except TableError as error:
        raise RecordingError(str(error)) from None


def _read(path: Path, channel: str | int | None) -> Trace:
    plan = _plan(path)
    _refuse_segments(plan)
    places = [
        place
        for place, title in enumerate(plan.titles)
        if place != plan.time and not title.is_marker
    ]
    names = [plan.titles[place].name or f"column {place + 1}" for place in places]
    place = places[chosen(plan.layout.path, names, channel)]
    _refuse_decibels(plan, place)
    clock = Clock(plan.layout.path, plan.interval)
    voltage = _samples(plan, place, clock)
    rate = 1 / plan.interval if plan.interval else None
    if plan.time is not None:
        rate = clock.rate()
    _refuse_other_length(plan, len(voltage))
    written = quantity_of(_first(plan.said, VOLTS_PER_UNIT), {})
    voltage *= plan.titles[place].factor * (1.0 if written is None else written)
    return Trace(voltage, rate)


def _refuse_decibels(plan: _Plan, place: int) -> None:
    """Refuse levels, of which the voltage is no multiple."""
    names: Sequence[str] = plan.layout.names or []
    above = [plan.titles[place].name, *names[place : place + 1]]
    level = next((found for text in above if (found := DECIBELS.search(text))), None)
    if level is not None:
        raise RecordingError(
            f"{plan.layout.path} gives {above[0]!r} in {level[0]}, which is a level and no "
            "voltage. Record the voltage, or convert the levels to V."
        )


def _samples(plan: _Plan, place: int, clock: Clock) -> Floats:
    """One column, and its times for the clock, a block at a time."""
    layout, time = plan.layout, plan.time
    # Without times nothing says whether a comment stands in the place of a sample.
    wanted = [place] if time is None else [time, place]
    found, n_read = np.empty(most_rows(layout)), 0
    for block in blocks(layout, wanted, comments=time is not None):
        n_next = n_read + len(block)
        if n_next > len(found):  # where some lines end otherwise than the others
            found = np.resize(found, 2 * n_next)
        found[n_read:n_next] = block[:, -1]
        n_read = n_next
        if time is not None:
            clock.add(block[:, 0] * _time_factor(plan))
    return found[:n_read]


def _time_factor(plan: _Plan) -> float:
    """What the times are multiplied with to be in s."""
    title = plan.titles[plan.time or 0]
    if _counts_samples(plan.layout) and plan.interval:
        return plan.interval
    if not title.unit and "horizontal units" in plan.said:
        unit, factor = unit_of(_first(plan.said, "horizontal units"))
        return factor if unit == "s" else 1.0
    return title.factor


def _plan(path: Path) -> _Plan:
    """What is to be read of a file, from its preamble and names."""
    samples, partner = _pair(path)
    layout = read_layout(samples)
    said = layout.entries()
    if partner is not None:
        said = {**read_words(partner).entries(), **said}
    interval = _interval(layout, said)
    titles = _titles(layout, said)
    time = _place_of_time(layout, titles, said)
    return _Plan(layout, titles, time, said, interval)


def _pair(path: Path) -> tuple[Path, Path | None]:
    """The file of samples, and that of their preamble if it is another one."""
    suffix, stem = path.suffix, path.stem
    if stem.lower().endswith(PARTNER):
        preamble = path.with_name(stem[: -len(PARTNER)] + suffix)
        return path, preamble if preamble.is_file() else None
    if not suffix:  # Beside "trace", a "trace.wfm" is another format.
        return path, None
    for spelling in (PARTNER.title(), PARTNER, PARTNER.upper()):
        samples = path.with_name(stem + spelling + suffix)
        if samples.is_file():
            return samples, path
    return path, None


def _titles(layout: Layout, said: Entries) -> list[Title]:
    """Names and units of all columns of numbers."""
    n_columns, above = len(layout.columns), layout.preamble
    if _counts_samples(layout):
        names, units = above[-2].cells, above[-1].cells
        named = zip(("sequence", *names[1:]), units, strict=False)
        return [Title(name, *unit_of(unit)) for name, unit in named][:n_columns]
    if layout.names is None:
        titles = [Title("")] * n_columns
    else:
        titles = [title_of(name) for name in layout.names]
    if not any(title.name for title in titles) and layout.names and len(above) > 1:
        names = above[-2].cells  # Above a line of units there is one of names.
        if len(names) == n_columns:
            titles = [
                title._replace(name=name) for title, name in zip(titles, names, strict=True)
            ]
    if layout.beside and "source" in said:
        titles[-1] = Title(_first(said, "source"))
    return _with_units(titles, said)


def _with_units(titles: list[Title], said: Entries) -> list[Title]:
    """Titles with the units that the preamble says, for each channel or for all."""
    units = said.get("vertical units", said.get("y units", ("", ())))[1]
    if not units:
        return titles
    n_times = len(titles) > 1 and (not titles[0].is_channel)
    if len(units) == 1:  # It is that of all channels.
        units = units * (len(titles) - n_times)
    n_first = max(len(titles) - len(units), 0)
    completed = titles[:n_first]
    for title, unit in zip(titles[n_first:], units, strict=False):
        completed.append(title if title.unit else Title(title.name, *unit_of(unit)))
    return completed


def _counts_samples(layout: Layout) -> bool:
    """Whether the first column counts samples, and names say the increment, as Rigol's do."""
    above, n_columns = layout.preamble, len(layout.columns)
    if len(above) < 2 or layout.beside or "Increment" not in above[-2].cells:
        return False
    place = above[-2].cells.index("Increment")
    return n_columns <= place < len(above[-1].cells)


def _place_of_time(layout: Layout, titles: list[Title], said: Entries) -> int | None:
    """Which column holds the times; without a name it is the first of several."""
    stamped = _first(said, "timestampstate").lower()
    if len(titles) == 1 or stamped == "off" or (stamped != "on" and _is_bare(said)):
        return None
    if titles[0].is_time or layout.beside or layout.names is None:
        return 0
    alone = all(title.is_marker for title in titles[1:])
    if alone or titles[0].is_channel or titles[0].is_marker:
        return None
    return 0


def _is_bare(said: Entries) -> bool:
    """Whether the preamble is that of an RTO scope, whose samples come without times."""
    return RTO_LENGTH in said and "timestampstate" not in said


def _interval(layout: Layout, said: Entries) -> float | None:
    """Time between samples that the preamble says, in s."""
    texts = {word: values[0] for word, (_, values) in said.items() if values}
    if _counts_samples(layout):
        names, values = layout.preamble[-2].cells, layout.preamble[-1].cells
        texts["sample interval"] = values[names.index("Increment")]
    # Elsewhere a resolution may be that of a converter.
    intervals = (*INTERVALS, "resolution") if "xstart" in said else INTERVALS
    if layout.decimal == ",":
        texts = {word: text.translate(COMMA_FOR_POINT) for word, text in texts.items()}
    for words, units, power in (
        (intervals, prefixed_units("s"), 1),
        (RATES, RATE_UNITS, -1),
    ):
        for word in words:
            value = quantity_of(texts.get(word, ""), units)
            if value is not None and 0 < value < np.inf:
                return value**power
    return None


def _refuse_segments(plan: _Plan) -> None:
    where, values = plan.said.get("segments", ("", ()))
    if values and values[0].isdigit() and int(values[0]) > 1:
        raise RecordingError(
            f"{plan.layout.path}, {where}: the file holds {values[0]} segments, between "
            "which nothing was recorded. Record the waveform in one segment."
        )


def _refuse_other_length(plan: _Plan, n_samples: int) -> None:
    """Refuse a file with fewer samples than it promises, or with several acquisitions."""
    promised = {word: plan.said[word] for word in LENGTHS if word in plan.said}
    where, values = plan.said.get("segments", ("", ()))
    if len(values) == 3 and values[1].lower() == "segmentsize":
        promised["segmentsize"] = where, values[2:]
    if "gating" in plan.said:  # A part of the record was asked for.
        return
    for where, values in promised.values():
        count = quantity_of(values[0], {}) if values else None
        if count is not None and n_samples < count:
            raise RecordingError(
                f"{plan.layout.path} holds {n_samples} samples, but {where} of its preamble "
                f"promises {count:.0f}: the file was cut. Copy it again from the scope."
            )
    length = quantity_of(_first(plan.said, RTO_LENGTH), {})
    if length and n_samples >= 2 * length:
        raise RecordingError(
            f"{plan.layout.path} holds {n_samples} samples, but its preamble says "
            f"{length:.0f} for each acquisition: there are several, between which nothing "
            "was recorded. Export one."
        )


def _first(said: Entries, word: str) -> str:
    """The first cell behind a word of the preamble; '' if there is none."""
    values = said.get(word, ("", ()))[1]
    return values[0] if values else ""
