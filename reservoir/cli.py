"""The command `reservoir`: run a published protocol and print its table."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reservoir._version import __version__

if TYPE_CHECKING:
    from reservoir.experiments.contract import Experiment
    from reservoir.experiments.results import Row

# What the parser keeps for the runner, and the result file does not record.
RUNNER_OPTIONS = ("command", "experiment", "make", "parser")


class ResultsNotWrittenError(Exception):
    """A result file could not be written."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command line.

    Parameters
    ----------
    arguments : list of str, default=None
        None: the arguments of the process.

    Returns
    -------
    int
        Exit status: 0 done, 1 a data set or file was not to be had, 2 bad arguments, 130
        interrupted.
    """
    from reservoir.experiments.commands import OneLineParser, add_commands

    parser = OneLineParser(
        prog="reservoir", description="Compute with simulated nano-oscillators."
    )
    parser.add_argument("--version", action="version", version=__version__)
    add_commands(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    options = parser.parse_args(arguments)
    try:
        return _run(options, options.parser)
    except KeyboardInterrupt:
        print("reservoir: interrupted; what can be resumed is kept in --out", file=sys.stderr)
        return 130
    except ResultsNotWrittenError as error:
        print(f"reservoir: the results could not be written: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run any experiment: make it, measure, print, write and draw; the exit status."""
    from reservoir.datasets import DatasetError
    from reservoir.exceptions import StorageError
    from reservoir.experiments import EXPERIMENTS
    from reservoir.experiments.resumable import ResumableExperiment

    _check_matplotlib(options, parser)
    experiment: Experiment = options.make(options, parser)
    if "methods" in options:
        _choose_methods(experiment, options, parser)
    if isinstance(experiment, ResumableExperiment):
        experiment.store = options.out
    start = time.perf_counter()
    try:
        rows = experiment.run(_progress)
    except (DatasetError, StorageError) as error:
        print(f"reservoir: {error}", file=sys.stderr)
        return 1
    _print(experiment, rows, time.perf_counter() - start, options)
    with _writing():
        _write(experiment, rows, options)
    figure = EXPERIMENTS[options.experiment].figure
    if figure is not None and options.plot:
        data = experiment.figure_data()
        with _writing():
            figure(data, options.plot)
    if getattr(options, "animate", None):
        _animate(experiment, options.animate)
    return 0


def _check_matplotlib(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    wanted = next(
        (name for name in ("plot", "animate") if getattr(options, name, None)), None
    )
    if wanted:
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            parser.error(
                f"--{wanted} needs matplotlib: pip install 'oscillator-reservoir[plot]'"
            )


def _choose_methods(
    experiment: Any, options: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    known = experiment.method_names()
    unknown = [name for name in options.methods or () if name not in known]
    if unknown:
        parser.error(
            f"argument --methods: {unknown[0]!r} is not a row of this table; choose from "
            f"{', '.join(known)}"
        )
    if options.methods:
        experiment.methods = tuple(dict.fromkeys(options.methods))


def _progress(tasks: Iterable[Any], total: int) -> Iterable[Any]:
    from tqdm import tqdm

    bar: Iterable[Any] = tqdm(tasks, total=total, unit="fit", leave=False, file=sys.stderr)
    return bar


def _print(
    experiment: "Experiment",
    rows: "Sequence[Row]",
    seconds: float,
    options: argparse.Namespace,
) -> None:
    from reservoir.experiments import format_table

    table = sys.stderr if options.json == "-" else sys.stdout
    print(experiment.heading(), file=table)
    print(format_table(rows), file=table)
    print(f"{experiment.footnotes()}\n{seconds:.0f} s in all.", file=table)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResultsNotWrittenError(error) from error


def _write(
    experiment: "Experiment", rows: "Sequence[Row]", options: argparse.Namespace
) -> None:
    from reservoir.experiments import save_results
    from reservoir.experiments.results import rows_to_json
    from reservoir.experiments.resumable import ResumableExperiment

    settings: Mapping[str, Any] = {
        key: value for key, value in vars(options).items() if key not in RUNNER_OPTIONS
    }
    if options.out and isinstance(experiment, ResumableExperiment):
        experiment.write(settings)
    elif options.out:
        save_results(options.out, rows, experiment.arrays(), settings)
    if options.json == "-":
        print(rows_to_json(rows))
    elif options.json:
        Path(options.json).write_text(rows_to_json(rows) + "\n")


def _animate(experiment: Any, path: str) -> None:
    from reservoir.plotting import animate_learning

    maps = experiment.animation_data()
    with _writing():
        animate_learning(maps, path)


if __name__ == "__main__":
    sys.exit(main())
