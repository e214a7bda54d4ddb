"""What does a command say to the terminal, and what if nobody listens there?"""

import contextlib
import os
import sys
from typing import TextIO

SIGNAL_STATUS = 128  # added to the number of a signal: the exit status that shells use
BROKEN_PIPE = SIGNAL_STATUS + 13


def say(message: str) -> None:
    """Print one line to standard error, if anybody listens there.

    Parameters
    ----------
    message : str
    """
    with contextlib.suppress(OSError):
        print(f"reservoir: {message}", file=sys.stderr, flush=True)


def print_to(stream: TextIO, text: str) -> int:
    """Print all of a text.

    Parameters
    ----------
    stream : text stream
    text : str

    Returns
    -------
    int
        The exit status: 0, `BROKEN_PIPE`, or 1 after another failure, which is told.
    """
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        # What is left in the buffer would fail once more when the program ends.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError):
            return BROKEN_PIPE
        say(f"the table could not be printed ({error.strerror}).")
        return 1
    return 0
