"""What have the commands in common that do something else than an experiment?"""

import argparse
import sys
from collections.abc import Callable
from typing import Any

from reservoir._files import replace_file
from reservoir._terminal import print_to


class Work:
    """What a command does, and the files that it has written so far.

    Parameters
    ----------
    options : argparse.Namespace

    Attributes
    ----------
    written : list of str
        Paths of files.
    if_nothing_is_written : str
        What is said of an interruption before the first file.
    """

    if_nothing_is_written = "nothing was kept, because the files are written at the end."

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.written: list[str] = []

    def run(self, go_on: Callable[[], None]) -> int:
        """Work, and give the exit status.

        Parameters
        ----------
        go_on : callable
            Raises if a signal asks to end.

        Returns
        -------
        int
        """
        raise NotImplementedError

    def what_is_kept(self) -> str:
        """The end of the sentence that tells of an interruption."""
        if self.written:
            return f"{', '.join(self.written)} was written before."
        return self.if_nothing_is_written

    def write(self, option: str, writer: Callable[[str], Any]) -> None:
        """Write the files that an option names, if it names any.

        Parameters
        ----------
        option : str
        writer : callable
            Gets the path.
        """
        given = getattr(self.options, option)
        for path in given if isinstance(given, list) else [given]:
            if path and path != "-":
                writer(path)
                self.written.append(path)

    def print_table(self, table: str, rows: str) -> int:
        """Write JSON to the file of `--json`, and print a table.

        Parameters
        ----------
        table : str
        rows : str
            The same in JSON. With ``--json -`` it goes to standard output, and the table to
            standard error.

        Returns
        -------
        int
            The exit status.
        """
        self.write("json", lambda path: replace_file(path, (rows + "\n").encode()))
        if self.options.json != "-":
            return print_to(sys.stdout, table) if table else 0
        status = print_to(sys.stderr, table) if table else 0
        return print_to(sys.stdout, rows) or status
