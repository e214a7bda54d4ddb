"""How does a signal end the command, so that what was computed is kept?"""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

from reservoir._terminal import SIGNAL_STATUS

POLL = 0.02  # s between looks at an import


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


class Received(list[int]):
    """Numbers of the signals that have come."""

    obeyed = False  # whether `Stopped` was raised since

    def obey(self) -> NoReturn:
        """End."""
        self.obeyed = True
        raise Stopped(self[0])


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[Received]:
    """End after SIGTERM and SIGHUP as after Ctrl-C, unless they are ignored (`nohup`).

    A signal that comes while a library is imported waits until that is done, since an
    exception in the middle of a library that is written in C++ ends the process (status 134),
    or comes back as an ImportError. A second signal does not wait.

    Yields
    ------
    Received
    """
    received = Received()
    usual = (signal.SIG_DFL, signal.default_int_handler)
    handlers = {}
    if threading.current_thread() is threading.main_thread():
        numbers = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        handlers = {n: h for n in numbers if n and (h := signal.getsignal(n)) in usual}
    caller = sys._getframe(2)  # beyond this generator and the method that enters it
    main, ended = threading.get_ident(), threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1 or not _is_importing(frame, caller):
            received.obey()
        threading.Thread(target=send_again, daemon=True).start()

    def send_again() -> None:
        while not ended.wait(POLL) and not received.obeyed:
            if not _is_importing(sys._current_frames().get(main), caller):
                signal.raise_signal(received[0])
                return

    for number in handlers:
        signal.signal(number, stop)
    try:
        yield received
    finally:
        ended.set()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _is_importing(frame: FrameType | None, caller: FrameType) -> bool:
    """Whether an import is under way that began after the caller was called."""
    while frame is not None and frame is not caller:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def stop_if_asked(received: Received) -> None:
    """End if a signal has come, also one whose interrupt Python dropped."""
    if received:
        received.obey()


def status_of(stop: KeyboardInterrupt) -> int:
    """The exit status after a signal, as shells count it."""
    return SIGNAL_STATUS + int(getattr(stop, "number", signal.SIGINT))
