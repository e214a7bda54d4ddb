"""How does a signal end the command, so that what was computed is kept?"""

import builtins
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reservoir._terminal import SIGNAL_STATUS


class Stopped(KeyboardInterrupt):
    """A signal asks the program to end; it ends as after Ctrl-C.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[list[int]]:
    """End after SIGTERM and SIGHUP as after Ctrl-C, unless they are ignored (`nohup`).

    Yields
    ------
    list of int
        Numbers of the signals that have come.
    """
    received: list[int] = []
    usual = (signal.SIG_DFL, signal.default_int_handler)
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        numbers = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        handlers = {n: h for n in numbers if n and (h := signal.getsignal(n)) in usual}
    imports = _WholeImports(builtins.__import__)

    def stop(number: int, frame: Any) -> None:
        received.append(number)
        if imports.depth:
            imports.waiting = number
        else:
            raise Stopped(number)

    for number in handlers:
        signal.signal(number, stop)
    if handlers:
        builtins.__import__ = imports
    try:
        yield received
    finally:
        builtins.__import__ = imports.usual
        for number, handler in handlers.items():
            signal.signal(number, handler)


class _WholeImports:
    """Imports of the main thread that no signal cuts in two.

    An exception in the middle of a library that is written in C++ ends the process (scipy's
    linear programs: status 134), or comes back as an ImportError. So a signal waits until
    the outermost import is done.

    Parameters
    ----------
    usual : callable
        What `import` calls.
    """

    def __init__(self, usual: Callable[..., Any]) -> None:
        self.usual = usual
        self.depth = 0  # of imports inside of imports
        self.waiting: int | None = None  # number of a signal that came meanwhile

    def __call__(self, *request: Any, **more: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return self.usual(*request, **more)
        self.depth += 1
        try:
            module = self.usual(*request, **more)
        finally:
            self.depth -= 1
        if self.waiting is not None and not self.depth:
            number, self.waiting = self.waiting, None
            raise Stopped(number)
        return module


def stop_if_asked(received: Sequence[int]) -> None:
    """End if a signal has come, also one whose interrupt Python dropped."""
    if received:
        raise Stopped(received[0])


def status_of(stop: KeyboardInterrupt) -> int:
    """The exit status after a signal, as shells count it."""
    return SIGNAL_STATUS + int(getattr(stop, "number", signal.SIGINT))
