"""Figures of results: what was computed or measured is drawn, nothing else.

A ``...Display`` draws one panel, in scikit-learn's dialect: ``from_estimator``,
``from_device`` or ``from_network`` computes it and draws it, ``plot(ax)`` draws it again into
axes of your own, and the attributes `ax_` and `figure_` are what was drawn into.

`plot_NAME` draws the figure of the experiment NAME from what `figure_data()` of the
experiment gives, composes it of these displays, and returns the figure.

`OnlineLearningVideo` and `LayersLearningVideo` show networks while they learn, as GIF, MP4,
or a page for a browser.

All of them look as `figure_style` says. docs/figures.md shows each with its picture.
"""

from reservoir.plotting.abreu_araujo import plot_abreu_araujo
from reservoir.plotting.binding import plot_binding
from reservoir.plotting.capacity import CapacityMapDisplay, plot_capacity
from reservoir.plotting.cost import plot_cost
from reservoir.plotting.coupled import plot_coupled
from reservoir.plotting.device import plot_device
from reservoir.plotting.digits import plot_digits
from reservoir.plotting.drive import MaskedDriveDisplay
from reservoir.plotting.layers import plot_layers
from reservoir.plotting.layers_video import LayersLearningVideo
from reservoir.plotting.learning import OnlineLearningDisplay
from reservoir.plotting.learning_video import OnlineLearningVideo
from reservoir.plotting.locking import LockingMapDisplay
from reservoir.plotting.response import AmplitudeResponseDisplay
from reservoir.plotting.robustness import RobustnessDisplay, plot_robustness
from reservoir.plotting.series import plot_series
from reservoir.plotting.spectrum import EmissionSpectrumDisplay
from reservoir.plotting.style import figure_style, letter_panels
from reservoir.plotting.tongue import ArnoldTongueDisplay
from reservoir.plotting.torrejon import plot_torrejon
from reservoir.plotting.transient import TransientDisplay
from reservoir.plotting.vowels import plot_vowels

__all__ = [
    "AmplitudeResponseDisplay",
    "ArnoldTongueDisplay",
    "CapacityMapDisplay",
    "EmissionSpectrumDisplay",
    "LayersLearningVideo",
    "LockingMapDisplay",
    "MaskedDriveDisplay",
    "OnlineLearningDisplay",
    "OnlineLearningVideo",
    "RobustnessDisplay",
    "TransientDisplay",
    "figure_style",
    "letter_panels",
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
