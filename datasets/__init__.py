"""Data to compute with: shipped (`load_*`) or downloaded once and checked (`fetch_*`)."""

from .cache import DatasetError, data_home
from .fsdd import fetch_fsdd
from .spoken_digits import load_spoken_digits

__all__ = ["DatasetError", "data_home", "fetch_fsdd", "load_spoken_digits"]
