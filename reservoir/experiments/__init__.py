"""Published protocols, each with its control beside the result."""

from reservoir.experiments.controls import control
from reservoir.experiments.digits import DigitsExperiment
from reservoir.experiments.results import Row, format_table, save_results
from reservoir.experiments.romera2018 import VowelsExperiment

__all__ = [
    "DigitsExperiment",
    "Row",
    "VowelsExperiment",
    "control",
    "format_table",
    "save_results",
]
