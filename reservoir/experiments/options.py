"""Which options do the commands of several experiments share?"""

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn, TypeAlias

from reservoir.datasets.recordings import PATTERN
from reservoir.experiments import EXPERIMENTS, option_types
from reservoir.experiments.own_recordings import is_named


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaints take one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message with its cure, and leave with status 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


# What `add_subparsers` gives, which has no public name.
Commands: TypeAlias = "argparse._SubParsersAction[OneLineParser]"


def add_command(commands: Commands, name: str, description: str) -> OneLineParser:
    """A command that runs an experiment of the catalogue under its own name."""
    summary = EXPERIMENTS[name].kind.summary
    command = commands.add_parser(name, help=summary, description=description)
    command.set_defaults(experiment=name, parser=command)
    return command


def add_jobs(command: OneLineParser, workers: str) -> None:
    """How many threads or processes share the work."""
    command.add_argument(
        "--jobs",
        type=option_types.positive,
        default=2,
        metavar="N",
        help=f"The number of {workers} that share the work (default: 2).",
    )


def add_device(command: OneLineParser, what: str = "What is played") -> None:
    """Which device computes."""
    command.add_argument(
        "--device",
        type=option_types.device,
        action=_StoreDevice,
        metavar="PRESET|TABLE.csv|FILE.h5",
        help=f"{what}: a preset, a bench table to which an oscillator is fitted, or a file "
        "of a device (default: that of the published experiment).",
    )


class _StoreDevice(argparse.Action):
    """Keep the device, and the text that names it: no output may replace its file."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        namespace.device, namespace.device_text = values.device, values.text


def add_pattern(command: OneLineParser) -> None:
    """What the names of recordings mean."""
    command.add_argument(
        "--pattern",
        type=option_types.pattern,
        help="What the names of the clips in a folder mean: parts in braces, or a regular "
        "expression with the groups (?P<label>...), (?P<speaker>...) and (?P<index>...), of "
        f"the whole path below the folder (default: {PATTERN}).",
    )


def refuse_pattern_without_folder(
    options: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    """Refuse a pattern for names that the package knows itself."""
    if options.pattern is not None and is_named(options.dataset):
        parser.error(
            "--pattern says what the names in a folder mean; give --dataset FOLDER, or leave "
            f"it out for the data set {options.dataset}"
        )


def add_seed(command: OneLineParser) -> None:
    """One seed."""
    command.add_argument(
        "--seed",
        type=option_types.seed,
        default=0,
        metavar="S",
        help="The seed of the first repeat (default: 0).",
    )


def add_methods(command: OneLineParser, names: Iterable[str]) -> None:
    """Which rows of the table are run; a command may have more than one table."""
    listed = ", ".join(dict.fromkeys(names))
    command.add_argument(
        "--methods",
        nargs="+",
        metavar="ROW",
        help="Only these rows of the table are run (default: all rows). The rows, of which "
        f"some belong to some options only: {listed}.",
    )


def add_animation(command: OneLineParser, what: str) -> None:
    """Where an animation goes, and of what it is."""
    command.add_argument(
        "--animate",
        type=option_types.new_animation,
        metavar="FILE",
        help=f"A video of {what} is written to this file: .gif, .mp4 with ffmpeg, or "
        ".html, a page with play, pause and a slider.",
    )


def add_table(command: argparse.ArgumentParser) -> None:
    """Where the table goes for programs and for papers."""
    command.add_argument(
        "--table",
        type=option_types.new_table,
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="The table is written to these files: .csv for programs, .md for Markdown, .tex "
        "for LaTeX with booktabs and siunitx.",
    )


def add_outputs(command: OneLineParser, with_figure: bool = True) -> None:
    """Where results, figure and rows go, and whether it is a try."""
    command.add_argument(
        "--out",
        type=option_types.new_results,
        metavar="FILE.h5",
        help="Rows, arrays and settings are written to this HDF5 file.",
    )
    if with_figure:
        command.add_argument(
            "--plot",
            type=option_types.new_figure,
            metavar="FILE.png",
            help="The figure is drawn into this PNG, PDF or SVG file.",
        )
    add_table(command)
    command.add_argument(
        "--json",
        type=option_types.new_file_or_output,
        metavar="FILE",
        help="The rows are written to this file as JSON. A '-' means standard output; the "
        "table then goes to standard error.",
    )
    command.add_argument(
        "--quick",
        action="store_true",
        help="A small part of the work is done, in less than 30 s; this is not the protocol.",
    )
