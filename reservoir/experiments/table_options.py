"""How do tables of one's own take the place of the data of an experiment?"""

import argparse
import os
from collections.abc import Callable
from typing import Any

from reservoir.datasets import DatasetError
from reservoir.exceptions import StorageError
from reservoir.experiments.contract import Experiment
from reservoir.experiments.options import OneLineParser
from reservoir.experiments.own_tables import Source


def add_tables(command: OneLineParser, x: str, y: str) -> None:
    """Tables of one's own in the place of the data of the experiment."""
    where = "FILE.csv[:COLUMN,...], FILE.h5[:DATASET] or FILE.npy"
    command.add_argument("--X", metavar="TABLE", help=f"{x}, a row each: {where}.")
    command.add_argument("--y", metavar="TABLE", help=f"{y}, in the same order: {where}.")


def check_tables(options: argparse.Namespace, parser: argparse.ArgumentParser) -> bool:
    """Whether there are tables; refuse one without the other, or beside other data."""
    if options.X is None and options.y is None:
        if getattr(options, "groups", None) is not None:
            parser.error("--groups belongs to --X and --y; give all three")
        return False
    if options.X is None or options.y is None:
        missing = "--X" if options.X is None else "--y"
        parser.error(f"--X and --y belong together; give {missing}")
    for name in ("dataset", "task", "protocol"):
        if getattr(options, name, None) != options.parser.get_default(name):
            parser.error(f"--{name} chooses other data than --X and --y; leave it out")
    return True


def made_of_tables(
    kind: Any,
    read: Callable[[], dict[str, Any]],
    options: argparse.Namespace,
    parser: argparse.ArgumentParser,
) -> Experiment:
    """The experiment on tables; what is wrong with them is told before the work."""
    outputs = [options.out, options.json, options.plot, *options.table]
    try:
        for text in filter(None, (options.X, options.y, getattr(options, "groups", None))):
            read_path = os.path.realpath(Source.of(text).path)
            for path in filter(None, outputs):
                if os.path.realpath(path) == read_path:
                    parser.error(
                        f"{path} is to be read, so it cannot be written; name another"
                    )
        tables = read()
    except (OSError, StorageError, DatasetError, ValueError) as error:
        parser.error(str(error).rstrip("."))
    return made(
        kind,
        parser,
        **tables,
        oscillator=options.device,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )


def made(kind: Any, parser: argparse.ArgumentParser, **parameters: Any) -> Experiment:
    """The experiment; a parameter that it refuses is a bad argument."""
    try:
        experiment: Experiment = kind(**parameters)
    except ValueError as error:
        parser.error(str(error).rstrip("."))
    return experiment
