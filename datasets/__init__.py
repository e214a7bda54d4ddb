"""Data to compute with: shipped (`load_*`), fetched (`fetch_*`) or drawn (`make_*`)."""

from .cache import DatasetError, DatasetWarning, data_home
from .channel import make_channel
from .delayed_inputs import make_memory, make_parity
from .fsdd import fetch_fsdd
from .hillenbrand import fetch_hillenbrand
from .mackey_glass import make_mackey_glass
from .narma import make_narma10
from .opened import open_recordings
from .recordings import load_recordings
from .santa_fe import fetch_santa_fe
from .sine_square import make_sine_square
from .spoken_digits import load_spoken_digits
from .ti46 import load_ti46
from .vowels import make_vowels

__all__ = [
    "DatasetError",
    "DatasetWarning",
    "data_home",
    "fetch_fsdd",
    "fetch_hillenbrand",
    "fetch_santa_fe",
    "load_recordings",
    "load_spoken_digits",
    "load_ti46",
    "make_channel",
    "make_mackey_glass",
    "make_memory",
    "make_narma10",
    "make_parity",
    "make_sine_square",
    "make_vowels",
    "open_recordings",
]
