"""Published protocols, each with its control beside the result.

`EXPERIMENTS` lists those that `reservoir experiment NAME` runs. Such a class takes `dataset`,
`seed`, `n_jobs` and `quick`; has the attributes `summary` and `datasets` (the first is the
default) and the methods `run(progress)` (rows), `heading()`, `footnotes()` and `arrays()`;
`reservoir.plotting.FIGURES` holds its figure. If it has a `store`, that is set to the result
file, from which it resumes.
"""

from reservoir.experiments.abreu_araujo2020 import AbreuAraujoExperiment
from reservoir.experiments.binding import BindingExperiment
from reservoir.experiments.capacity import CapacityExperiment
from reservoir.experiments.controls import control
from reservoir.experiments.coupled import CoupledReservoirExperiment
from reservoir.experiments.digits import DigitsExperiment
from reservoir.experiments.results import Row, format_table, save_results
from reservoir.experiments.series import SeriesExperiment
from reservoir.experiments.torrejon2017 import TorrejonExperiment
from reservoir.experiments.vowels import VowelsExperiment

EXPERIMENTS = {
    "torrejon2017": TorrejonExperiment,
    "abreu_araujo2020": AbreuAraujoExperiment,
    "kanao2019": CoupledReservoirExperiment,
    "romera2022": BindingExperiment,
}

__all__ = [
    "EXPERIMENTS",
    "AbreuAraujoExperiment",
    "BindingExperiment",
    "CapacityExperiment",
    "CoupledReservoirExperiment",
    "DigitsExperiment",
    "Row",
    "SeriesExperiment",
    "TorrejonExperiment",
    "VowelsExperiment",
    "control",
    "format_table",
    "save_results",
]
