"""What does every reader of recordings hand on, and which channel is meant?"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from reservoir._checks import Integer
from reservoir._types import Floats
from reservoir.exceptions import RecordingError

# How files of generators call the voltage that one unit of their numbers stands for.
VOLTS_PER_UNIT = "volts_per_unit"


class Trace(NamedTuple):
    """One channel of a file.

    Attributes
    ----------
    voltage : ndarray
    sample_rate : float or None
        In Hz, if the file says it.
    """

    voltage: Floats
    sample_rate: float | None


def chosen(
    path: str | os.PathLike[str], names: Sequence[str], channel: str | int | None
) -> int:
    """Index of the channel that is meant.

    Parameters
    ----------
    path : str or path-like
        For messages.
    names : sequence of str
        Of the channels in the file.
    channel : str, int or None
        A name, or a number from 1 on. None stands for the only one.

    Returns
    -------
    int

    Raises
    ------
    RecordingError
        If there is no such channel, or if there are several and none is named.
    """
    listed = ", ".join(repr(name) for name in names)
    if channel is None:
        if len(names) == 1:
            return 0
        raise RecordingError(
            f"{os.fsdecode(path)} holds {len(names)} channels ({listed:.300}); choose one "
            f"with channel={names[0]!r}, or by its number, channel=1."
            if names
            else f"{os.fsdecode(path)} holds no channel."
        )
    if isinstance(channel, str):
        wanted = channel.strip().lower()
        places = [place for place, name in enumerate(names) if name.lower() == wanted]
        if len(places) == 1:
            return places[0]
    elif Integer(1).admits(channel) and channel <= len(names):
        return channel - 1
    raise RecordingError(
        f"{os.fsdecode(path)} has no channel {channel!r:.60}; it holds {listed:.300}. Give a "
        f"name, or a number from 1 to {len(names)}."
    )
