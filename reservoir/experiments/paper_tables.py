"""How does a table go into a paper? As CSV for programs, as Markdown and LaTeX for readers.

CSV holds every key of the rows, with all digits. Markdown and LaTeX show the digits that the
command prints. LaTeX needs the packages booktabs and siunitx.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from reservoir._files import FilePath, replace_file
from reservoir.experiments.results import Row, number_texts

METRICS = {
    "accuracy": "accuracy (%)",
    "capacity": "capacity",
    "nmse": "NMSE",
    "nrmse": "NRMSE",
    "ser": "symbol error rate",
    "severity": "severity",
}
TEXT_COLUMNS = {"method": "p{0.4\\linewidth}"}  # Long titles are broken into lines.
VARIED = {"task": "task", "protocol": "protocol", "frontend": "front end"}
LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
PLAIN = re.compile(r"-?(\d+)(?:\.(\d+))?")


def write_table(path: FilePath, rows: Sequence[Row], spread_over: str) -> None:
    """Write rows as a table; the suffix chooses the format.

    Parameters
    ----------
    path : str or path-like
        Ends in .csv, .md or .tex.
    rows : list of Row
        As `reservoir.experiments.provenance.traced` gives them.
    spread_over : str
        What the spread of the rows is taken over, such as "folds".

    Raises
    ------
    ValueError
        If the suffix is another one.
    OSError
        If the file cannot be written; an earlier file is then as it was.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in WRITERS:
        raise ValueError(
            f"{path} ends in {suffix!r}; a table is written to {', '.join(WRITERS)}."
        )
    replace_file(path, WRITERS[suffix](rows, spread_over).encode())


def caption_of(rows: Sequence[Row], spread_over: str) -> str:
    """The sentences that a table needs to be understood.

    Parameters
    ----------
    rows : list of Row
    spread_over : str

    Returns
    -------
    str
    """
    first = rows[0]
    data = ", ".join(
        f"{dataset} (SHA-256 {digest})"
        for dataset, digest in dict.fromkeys((row.dataset, row.digest) for row in rows)
    )
    seeds = " ".join(map(str, first.seeds))
    numbers = sorted({row.n_folds for row in rows})
    counted = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    constant = "".join(
        f"{head} {getattr(first, name)}; "
        for name, head in VARIED.items()
        if len({getattr(row, name) for row in rows}) == 1
    )
    quick = "A try with --quick, not the protocol. " * ("--quick" in first.command.split())
    return (
        f"{quick}{constant}data {data}; seeds {seeds}. Each value is a mean, with "
        f"n_folds = {counted}; the spread is the population standard deviation over "
        f"{spread_over}. "
        f"{', '.join(' '.join(pair) for pair in first.versions.items())}."
    )


def columns_of(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Texts of a table for readers, by the heads of the columns.

    Parameters
    ----------
    rows : list of Row

    Returns
    -------
    dict of str to list of str
        Task, protocol and front end get a column each if the rows differ in them.
    """
    columns = {
        head: [getattr(row, name) for row in rows]
        for name, head in VARIED.items()
        if len({getattr(row, name) for row in rows}) > 1
    }
    columns["method"] = [row.title or row.method for row in rows]
    metrics = [METRICS.get(row.metric, row.metric) for row in rows]
    if len(set(metrics)) > 1:
        columns["measure"] = metrics
    values = metrics[0] if len(set(metrics)) == 1 else "value"
    columns[values], columns["spread"] = map(
        list, zip(*(number_texts(row) for row in rows), strict=True)
    )
    if len({row.n_folds for row in rows}) > 1:
        columns["n_folds"] = [str(row.n_folds) for row in rows]
    columns["trained numbers"] = [str(row.n_parameters) for row in rows]
    return columns


def _csv(rows: Sequence[Row], spread_over: str) -> str:
    stream = io.StringIO()
    names = [field.name for field in fields(Row)]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*names, "spread_kind"])
    kind = f"population standard deviation over {spread_over}"
    for row in rows:
        writer.writerow([*(_cell(value) for value in asdict(row).values()), kind])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return "; ".join(" ".join(pair) for pair in value.items())
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return value


def markdown_table(columns: Mapping[str, Sequence[str]]) -> str:
    """A table in Markdown.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Texts by the heads of the columns, equally many in each.

    Returns
    -------
    str
        Without a line end behind it.
    """
    lines = [
        [*columns],
        ["---"] * len(columns),
        *map(list, zip(*columns.values(), strict=True)),
    ]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def _markdown(rows: Sequence[Row], spread_over: str) -> str:
    table = markdown_table(columns_of(rows))
    return f"{table}\n\n{caption_of(rows, spread_over)}\n\nCommand: `{_one_line(rows)}`\n"


def _one_line(rows: Sequence[Row]) -> str:
    commands = dict.fromkeys(row.command for row in rows)
    return "; ".join(commands).replace("\n", " ").replace("\r", " ")


def latex_table(columns: Mapping[str, Sequence[str]], caption: str, remark: str = "") -> str:
    """A table in LaTeX, for booktabs and siunitx.

    Parameters
    ----------
    columns : mapping of str to sequence of str
        Texts by the heads of the columns, equally many in each.
    caption : str
    remark : str, default=""
        A comment of one line above the table.

    Returns
    -------
    str
    """
    numeric = [all(map(_is_number, texts)) for texts in columns.values()]
    kinds = [
        _number_column(texts) if number else TEXT_COLUMNS.get(head, "l")
        for (head, texts), number in zip(columns.items(), numeric, strict=True)
    ]
    heads = [
        f"{{{_escaped(head)}}}" if number else _escaped(head)
        for head, number in zip(columns, numeric, strict=True)
    ]
    comment = f"% {remark}\n" if remark else ""
    body = "".join(
        f"    {' & '.join(map(_escaped, line))} \\\\\n"
        for line in zip(*columns.values(), strict=True)
    )
    return (
        "% Needs \\usepackage{booktabs} and \\usepackage{siunitx}.\n"
        f"{comment}"
        "\\begin{table}\n  \\centering\n"
        f"  \\caption{{{_escaped(caption)}}}\n"
        f"  \\begin{{tabular}}{{{' '.join(kinds)}}}\n"
        f"    \\toprule\n    {' & '.join(heads)} \\\\\n    \\midrule\n{body}"
        "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n"
    )


def _latex(rows: Sequence[Row], spread_over: str) -> str:
    return latex_table(columns_of(rows), caption_of(rows, spread_over), _one_line(rows))


def _is_number(text: str) -> bool:
    """Whether siunitx aligns a cell; an empty one may stand among numbers."""
    return text == "" or re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", text) is not None


def _number_column(texts: Sequence[str]) -> str:
    """A column of siunitx with room for the digits that are there."""
    plain = [PLAIN.fullmatch(text) for text in texts if text]
    if not plain or not all(plain):  # Powers of ten are aligned by their points.
        return "S"
    before = max(len(match.group(1)) for match in plain if match)
    behind = max(len(match.group(2) or "") for match in plain if match)
    sign = "-" if any(text.startswith("-") for text in texts) else ""
    return f"S[table-format={sign}{before}.{behind}]"


def _escaped(text: str) -> str:
    return "".join(LATEX.get(letter, letter) for letter in text)


WRITERS: dict[str, Callable[[Sequence[Row], str], str]] = {
    ".csv": _csv,
    ".md": _markdown,
    ".tex": _latex,
}
