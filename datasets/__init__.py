"""Data to compute with: shipped (`load_*`), fetched (`fetch_*`) or drawn (`make_*`)."""

from .cache import DatasetError, data_home
from .fsdd import fetch_fsdd
from .hillenbrand import fetch_hillenbrand
from .spoken_digits import load_spoken_digits
from .vowels import make_vowels

__all__ = [
    "DatasetError",
    "data_home",
    "fetch_fsdd",
    "fetch_hillenbrand",
    "load_spoken_digits",
    "make_vowels",
]
