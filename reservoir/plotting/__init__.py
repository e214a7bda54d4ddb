"""Figures of results; every function that draws one panel is given its axes."""

from reservoir.plotting.binding import plot_binding
from reservoir.plotting.digits import plot_digits
from reservoir.plotting.vowels import animate_learning, plot_vowels

FIGURES = {"romera2022": plot_binding}  # of `reservoir experiment NAME`

__all__ = ["FIGURES", "animate_learning", "plot_binding", "plot_digits", "plot_vowels"]
