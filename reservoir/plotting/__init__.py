"""Figures of results: what an experiment has measured and kept is drawn, nothing else.

`plot_NAME` draws the figure of the experiment NAME from what `figure_data()` of the
experiment x
"""

from reservoir.plotting.abreu_araujo import plot_abreu_araujo
from reservoir.plotting.binding import plot_binding
from reservoir.plotting.capacity import plot_capacity
from reservoir.plotting.cost import plot_cost
from reservoir.plotting.coupled import plot_coupled
from reservoir.plotting.device import plot_device
from reservoir.plotting.digits import plot_digits
from reservoir.plotting.layers import animate_layers, plot_layers
from reservoir.plotting.robustness import plot_robustness
from reservoir.plotting.series import plot_series
from reservoir.plotting.torrejon import plot_torrejon
from reservoir.plotting.vowels import animate_learning, plot_vowels

__all__ = [
    "animate_layers",
    "animate_learning",
    "plot_abreu_araujo",
    "plot_binding",
    "plot_capacity",
    "plot_cost",
    "plot_coupled",
    "plot_device",
    "plot_digits",
    "plot_layers",
    "plot_robustness",
    "plot_series",
    "plot_torrejon",
    "plot_vowels",
]
