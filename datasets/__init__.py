"""Data to compute with: shipped (`load_*`), fetched (`fetch_*`) or drawn (`make_*`)."""

from .cache import DatasetError, DatasetWarning, data_home
from .fsdd import fetch_fsdd
from .hillenbrand import fetch_hillenbrand
from .recordings import load_recordings
from .spoken_digits import load_spoken_digits
from .ti46 import load_ti46
from .vowels import make_vowels

__all__ = [
    "DatasetError",
    "DatasetWarning",
    "data_home",
    "fetch_fsdd",
    "fetch_hillenbrand",
    "load_recordings",
    "load_spoken_digits",
    "load_ti46",
    "make_vowels",
]
