"""How does a ledger go into a paper? As CSV, as Markdown and as LaTeX."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

from reservoir._files import FilePath, replace_file
from reservoir.experiments.paper_tables import latex_table, markdown_table
from reservoir.ledger import Ledger

NAMES = ("section", "name", "value", "unit", "formula", "inputs", "source", "standing")
TOTALLED = ("time", "energy")


def write_ledger(path: FilePath, ledger: Ledger) -> None:
    """Write a ledger as a table; the suffix chooses the format.

    Parameters
    ----------
    path : str or path-like
        Ends in .csv, .md or .tex.
    ledger : Ledger

    Raises
    ------
    OSError
        If the file cannot be written; an earlier file is then as it was.
    """
    replace_file(path, WRITERS[Path(path).suffix.lower()](ledger).encode())


def _csv(ledger: Ledger) -> str:
    """Values in SI units, with all digits; an unknown one is the word."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, NAMES, lineterminator="\n")
    writer.writeheader()
    for line in ledger:
        fields = line.as_dict()
        value = "unknown" if line.value is None else repr(line.value)
        inputs = json.dumps(fields["inputs"])
        writer.writerow({**fields, "value": value, "inputs": inputs})
    return stream.getvalue()


def _columns(ledger: Ledger) -> dict[str, list[str]]:
    """Texts for readers, by the heads of the columns."""
    rows = []
    for section in dict.fromkeys(line.section for line in ledger):
        lines = ledger.section(section)
        rows += [
            (section, line.name, line.written(), line.standing, line.formula)
            for line in lines
        ]
        if section in TOTALLED:
            rows.append((section, "in all", str(ledger.total(section)), "", ""))
    heads = ("section", "line", "value", "standing", "formula")
    return dict(zip(heads, map(list, zip(*rows, strict=True)), strict=True))


def _markdown(ledger: Ledger) -> str:
    return f"{markdown_table(_columns(ledger))}\n\n{ledger.title}.\n"


def _latex(ledger: Ledger) -> str:
    return latex_table(_columns(ledger), f"{ledger.title}.")


WRITERS: Mapping[str, Callable[[Ledger], str]] = {
    ".csv": _csv,
    ".md": _markdown,
    ".tex": _latex,
}
