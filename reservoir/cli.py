"""The command `reservoir`: run a published protocol, or recognise the words of a folder."""

import argparse
import contextlib
import functools
import os
import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from reservoir._signals import Received, signals_as_interrupts, status_of, stop_if_asked
from reservoir._terminal import BROKEN_PIPE, print_to, say
from reservoir._version import __version__

if TYPE_CHECKING:
    from reservoir._work import Work
    from reservoir.experiments.contract import Experiment
    from reservoir.experiments.options import OneLineParser
    from reservoir.experiments.results import Row

# What the parser keeps for the runner, and the result file does not record.
RUNNER_OPTIONS = ("command", "device_text", "experiment", "line", "make", "parser")
OUTPUTS = ("out", "json", "table", "plot", "animate")


def make_parser() -> "OneLineParser":
    """The parser of all commands, from which the reference of the site is made, too.

    Returns
    -------
    argparse.ArgumentParser

    Examples
    --------
    >>> from reservoir.cli import make_parser
    >>> make_parser().parse_args(["capacity", "--quick"]).quick
    True
    """
    from reservoir import cost_command, device_command, speech_commands
    from reservoir.experiments.commands import add_commands
    from reservoir.experiments.options import OneLineParser

    parser = OneLineParser(
        prog="reservoir", description="Compute with simulated nano-oscillators."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add_commands(commands)
    speech_commands.add_commands(commands)
    cost_command.add_commands(commands)
    device_command.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the command line.

    Parameters
    ----------
    arguments : list of str, default=None
        None: the arguments of the process.

    Returns
    -------
    int
        Exit status: 0 done; 1 a data set or file was not to be had, could not be written, or
        serves no purpose;
        2 bad arguments; 130 interrupted; 141 nobody reads the table any more; 143 ended by
        another program. Files are written before the table is printed.
    """
    _prepare_streams()
    try:
        with signals_as_interrupts() as received, _warnings_in_one_line():
            parser = make_parser()
            stop_if_asked(received)
            options = parser.parse_args(arguments)
            options.line = shlex.join(
                ["reservoir", *(sys.argv[1:] if arguments is None else arguments)]
            )
            _check_outputs(options, options.parser)
            if "work" in options:
                return _status_of_work(options.work(options), received)
            return _Run(options, received).status()
    except KeyboardInterrupt as stop:
        say("interrupted before anything was measured.")
        return status_of(stop)


class _Run:
    """One run of an experiment: measure, write, print and draw.

    Parameters
    ----------
    options : argparse.Namespace
    received : Received
        Signals that ask the program to end, as they come.
    """

    def __init__(self, options: argparse.Namespace, received: Received) -> None:
        self.options = options
        self.received = received
        self.experiment: Any = None
        self.written: list[str] = []
        self.before: tuple[int, int, int] | None = None
        self.failed = 0
        self.announced: list[int] = []  # exit statuses of what was printed while it ran

    def status(self) -> int:
        """Run, and give the exit status."""
        try:
            return self._work()
        except KeyboardInterrupt as stop:
            say(f"interrupted; {self._what_is_kept()}")
            return status_of(stop)

    def _work(self) -> int:
        from reservoir.datasets import DatasetError
        from reservoir.exceptions import StorageError
        from reservoir.experiments import EXPERIMENTS
        from reservoir.experiments.output_checks import require_matplotlib
        from reservoir.experiments.resumable import ResumableExperiment

        options = self.options
        require_matplotlib(options)
        self.experiment = experiment = options.make(options, options.parser)
        if "methods" in options:
            _choose_methods(experiment, options, options.parser)
        if isinstance(experiment, ResumableExperiment):
            experiment.store = options.out
        if hasattr(experiment, "announce"):
            experiment.announce = self._announce
        start = time.perf_counter()
        try:
            self._look_at_old_results()
            rows = self._traced(experiment.run(self._progress))
        except (DatasetError, StorageError, OSError) as error:
            say(str(error))
            return 1
        except ValueError as error:
            # A device of one's own may refuse a current; of ours it would be our mistake.
            if getattr(options, "device", None) is None:
                raise
            say(f"the device of --device cannot play this: {error}")
            return 1
        seconds = time.perf_counter() - start
        if options.out:
            self._write(options.out, lambda: self._write_results(rows))
        if options.json and options.json != "-":
            self._write(options.json, lambda: _write_json(rows, options.json))
        self._write_tables(rows)
        printed = max(
            [
                *self.announced,
                _print(experiment, rows, seconds, options, bool(self.announced)),
            ]
        )
        if printed == BROKEN_PIPE and self.written:
            say(
                f"nobody reads the table any more; written before: {', '.join(self.written)}."
            )
        entry = EXPERIMENTS[options.experiment]
        if entry.figure is not None and getattr(options, "plot", None):
            self._draw(entry.figure, experiment.figure_data(), options.plot)
        if getattr(options, "animate", None):
            video = experiment.animation_data(functools.partial(self._progress, unit="step"))
            in_frames = functools.partial(self._progress, unit="frame")
            self._write(
                options.animate, lambda: video.save(options.animate, progress=in_frames)
            )
        self._stop_if_asked()
        return 1 if self.failed else printed

    def _traced(self, rows: "list[Row]") -> "list[Row]":
        """The rows with their titles, data and command; a sweep keeps them so."""
        from reservoir.experiments.provenance import traced
        from reservoir.experiments.resumable import ResumableExperiment

        rows = traced(self.experiment, rows, self.options.line)
        if isinstance(self.experiment, ResumableExperiment):
            # Behind its points a sweep may have rows that are computed from them.
            self.experiment.rows_ = rows[: len(self.experiment.rows_)]
        return rows

    def _write_tables(self, rows: "list[Row]") -> None:
        from reservoir.experiments.paper_tables import write_table

        for path in self.options.table:
            over = self.experiment.spread_over
            self._write(path, functools.partial(write_table, path, rows, over))

    def _progress(self, tasks: Iterable[Any], total: int, unit: str = "fit") -> Iterator[Any]:
        """A bar in a terminal, and nothing elsewhere.

        Python drops an interrupt that comes while it clears up objects of HDF5. After each
        task, and at the end, such an interrupt is found.
        """
        from tqdm import tqdm

        bar = tqdm(tasks, total=total, unit=unit, leave=False, file=sys.stderr, disable=None)
        for task in bar:
            yield task
            self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        stop_if_asked(self.received)

    def _announce(self, text: str) -> None:
        """Print a part of the table while the rest is measured, as long as it is read."""
        stream = sys.stderr if self.options.json == "-" else sys.stdout
        if not any(self.announced):
            self.announced.append(print_to(stream, text))

    def _draw(self, draw: Callable[[Any, str], None], data: Any, path: str) -> None:
        """Draw a figure into a file."""
        self._write(path, lambda: draw(data, path))

    def _write(self, path: str, write: Callable[[], None]) -> None:
        """Write one file, or say why it could not be written and go on."""
        from reservoir.exceptions import StorageError

        try:
            write()
        except (OSError, StorageError) as error:
            self.failed += 1
            say(f"the results could not be written: {error}")
        else:
            self.written.append(path)

    def _look_at_old_results(self) -> None:
        """Remember the results that will be replaced; refuse a file of something else."""
        from reservoir._files import mark_of
        from reservoir.experiments.results import load_results

        out = self.options.out
        self.before = mark_of(out) if out else None
        if self.before is not None:
            load_results(out)

    def _write_results(self, rows: "Sequence[Row]") -> None:
        """Write results that no other run has written meanwhile, or join them to those."""
        from reservoir._files import locked, mark_of
        from reservoir.experiments import save_results
        from reservoir.experiments.resumable import ResumableExperiment

        options, experiment = self.options, self.experiment
        settings = {
            key: repr(value) if key == "device" and value is not None else value
            for key, value in vars(options).items()
            if key not in RUNNER_OPTIONS
        }
        if isinstance(experiment, ResumableExperiment):
            experiment.write(settings)
            return
        with locked(options.out):
            if mark_of(options.out) != self.before:
                raise FileExistsError(
                    f"another run has written {options.out} meanwhile, and its results stay. "
                    "Run this command again with another --out."
                )
            save_results(options.out, rows, experiment.arrays(), settings)

    def _what_is_kept(self) -> str:
        from reservoir.exceptions import StorageError
        from reservoir.experiments.resumable import ResumableExperiment

        if self.written:
            return f"{', '.join(self.written)} was written before."
        store = getattr(self.experiment, "store", None)
        if isinstance(self.experiment, ResumableExperiment) and store:
            n_rows = 0
            with contextlib.suppress(StorageError, OSError):
                n_rows = self.experiment.count_kept()
            if n_rows:
                return (
                    f"{n_rows} finished points are in {store}, and the same command goes on "
                    "from there."
                )
            return f"no point was finished, and {store} holds nothing new."
        if self.experiment is None:
            return "nothing was measured yet."
        return "nothing was kept, because this run writes its results when it ends."


def _status_of_work(work: "Work", received: Received) -> int:
    """Run a command that is no experiment, and give the exit status."""
    from reservoir.datasets import DatasetError
    from reservoir.exceptions import StorageError

    try:
        status = work.run(lambda: stop_if_asked(received))
        stop_if_asked(received)
        return status
    except (DatasetError, StorageError, OSError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt as stop:
        say(f"interrupted; {work.what_is_kept()}")
        return status_of(stop)


# ---------------------------------------------------------------------- the terminal


def _prepare_streams() -> None:
    """Let no sign of a message, and no closed stream, end a run."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # as after `>&-`
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    def show(message: Warning | str, *place: Any, **more: Any) -> None:
        say(str(message))

    def pass_over(found: Any) -> None:
        if not isinstance(found.exc_value, KeyboardInterrupt):  # It is found later.
            usual(found)

    usual = sys.unraisablehook
    with warnings.catch_warnings():
        # joblib says after an interrupt which tasks are not used, and which were cancelled.
        warnings.filterwarnings("ignore", ".*have been successfully executed but")
        warnings.filterwarnings("ignore", ".*still being processed by the workers")
        warnings.showwarning = show
        sys.unraisablehook = pass_over
        try:
            yield
        finally:
            sys.unraisablehook = usual


# ---------------------------------------------------------------------- before the run


def _check_outputs(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse two outputs into one file, and one that would replace the device's file."""
    from reservoir.experiments.output_checks import outputs_of, refuse_replacing

    refuse_replacing(options, OUTPUTS, [getattr(options, "device_text", None)])
    seen: dict[str, str] = {}
    for name, path, place in outputs_of(options, OUTPUTS):
        if place in seen:
            parser.error(
                f"--{seen[place]} and --{name} are both {path}; give each its own file"
            )
        seen[place] = name


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


# ---------------------------------------------------------------------- after the run


def _print(
    experiment: "Experiment",
    rows: "Sequence[Row]",
    seconds: float,
    options: argparse.Namespace,
    announced: bool,
) -> int:
    """Print the table, and the rows as JSON if they are wanted there; the exit status.

    Of a table that was announced row by row, only the end is printed.
    """
    from reservoir.experiments import format_table
    from reservoir.experiments.results import rows_to_json

    text = f"{experiment.footnotes()}\n{seconds:.0f} s in all."
    if options.out and os.path.exists(options.out):
        text += (
            "\nThe rows in pandas: import pandas, reservoir.experiments; pandas.DataFrame("
            f"reservoir.experiments.load_results({options.out!r}).rows)"
        )
    if not announced:
        text = f"{experiment.heading()}\n{format_table(rows)}\n{text}"
    if options.json != "-":
        return print_to(sys.stdout, text)
    print_to(sys.stderr, text)
    return print_to(sys.stdout, rows_to_json(rows))


def _write_json(rows: "Sequence[Row]", path: str) -> None:
    from reservoir._files import replace_file
    from reservoir.experiments.results import rows_to_json

    replace_file(path, (rows_to_json(rows) + "\n").encode())


if __name__ == "__main__":
    sys.exit(main())
