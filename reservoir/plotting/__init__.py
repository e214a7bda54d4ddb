"""Figures of results; every function that draws one panel is given its axes."""

from reservoir.plotting.binding import plot_binding
from reservoir.plotting.capacity import plot_capacity
from reservoir.plotting.coupled import plot_coupled
from reservoir.plotting.digits import plot_digits
from reservoir.plotting.series import plot_series
from reservoir.plotting.sweeps import plot_abreu_araujo, plot_torrejon
from reservoir.plotting.vowels import animate_learning, plot_vowels

# Of `reservoir experiment NAME` and `reservoir series`, `reservoir capacity`.
FIGURES = {
    "torrejon2017": plot_torrejon,
    "abreu_araujo2020": plot_abreu_araujo,
    "kanao2019": plot_coupled,
    "romera2022": plot_binding,
    "capacity": plot_capacity,
    "series": plot_series,
}

__all__ = [
    "FIGURES",
    "animate_learning",
    "plot_abreu_araujo",
    "plot_binding",
    "plot_capacity",
    "plot_coupled",
    "plot_digits",
    "plot_series",
    "plot_torrejon",
    "plot_vowels",
]
