"""Figures of results; every function that draws one panel is given its axes."""

from reservoir.plotting.digits import plot_digits
from reservoir.plotting.vowels import animate_learning, plot_vowels

__all__ = ["animate_learning", "plot_digits", "plot_vowels"]
