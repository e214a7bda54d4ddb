"""What may stand behind an option of a command?

Each function gives the value of a text, or raises what argparse turns into a message.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

from reservoir._files import check_place
from reservoir._hdf5 import check_suffix
from reservoir.datasets.patterns import NamePattern
from reservoir.devices import Device
from reservoir.exceptions import StorageError
from reservoir.experiments.paper_tables import WRITERS
from reservoir.experiments.speech import DATASETS
from reservoir.plotting.video import check_video

FIGURE_SUFFIXES = (".png", ".pdf", ".svg")


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def real(text: str) -> float:
    """A number."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def positive(text: str) -> int:
    """A whole number of at least 1."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def factor(text: str) -> float:
    """A factor from 0.1 to 10."""
    value = real(text)
    if not 0.1 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.1 and 10")
    return value


def gain(text: str) -> float:
    """A number between -1 and 1."""
    value = real(text)
    if not -1 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between -1 and 1")
    return value


def noise(text: str) -> float:
    """A finite number of at least 0."""
    value = real(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a finite number of at least 0")
    return value


def decibels(text: str) -> float:
    """A finite number above 0."""
    value = real(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def seed(text: str) -> int:
    """A seed: a whole number below 2**32."""
    value = whole(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"{text} must be from 0 to 4294967295")
    return value


def corpus(text: str) -> str:
    """The name of a corpus of words, or a folder of recordings."""
    if text not in DATASETS and not Path(text).is_dir():
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a data set ({', '.join(DATASETS)}) nor a folder of "
            "recordings"
        )
    return text


class NamedDevice(NamedTuple):
    """A device, and the text by which the user names it."""

    text: str
    device: Device


def device(text: str) -> NamedDevice:
    """A preset, a bench table, or a file of a device."""
    from reservoir.bench import load_device

    try:
        return NamedDevice(text, load_device(text))
    except (OSError, StorageError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def pattern(text: str) -> str:
    """What the names of recordings mean."""
    try:
        NamePattern.of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    return text


def new_file(text: str) -> str:
    """A file that can be written."""
    try:
        check_place(text)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    return text


def new_results(text: str) -> str:
    """An HDF5 file that can be written."""
    try:
        check_suffix(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    return new_file(text)


def new_file_or_output(text: str) -> str:
    """A file that can be written, or '-' for standard output."""
    return text if text == "-" else new_file(text)


def new_table(text: str) -> str:
    """A CSV, Markdown or LaTeX file that can be written."""
    if Path(text).suffix.lower() not in WRITERS:
        *first, last = WRITERS
        raise argparse.ArgumentTypeError(
            f"{text} does not end in {', '.join(first)} or {last}"
        )
    return new_file(text)


def new_figure(text: str) -> str:
    """A PNG, PDF or SVG file that can be written."""
    if Path(text).suffix.lower() not in FIGURE_SUFFIXES:
        raise argparse.ArgumentTypeError(f"{text} does not end in .png, .pdf or .svg")
    return new_file(text)


def new_animation(text: str) -> str:
    """A video that can be written: GIF, MP4 or a page."""
    try:
        check_video(text)
    except ImportError:  # of matplotlib, which the command asks for later
        return text
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None
    return text
