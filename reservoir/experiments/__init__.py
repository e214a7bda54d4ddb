"""Published protocols, each with its control beside the result.

One word names an experiment everywhere: its module here, its class, its line in the catalogue
`EXPERIMENTS`, its command, its figure and its test. The word ``coupled``, for example, names
``coupled.py``, `CoupledExperiment`, ``reservoir experiment coupled``, `plot_coupled` and
``test_coupled.py``.

**A new experiment** is one new file with its class, its test, and its line in `EXPERIMENTS`;
``reservoir experiment WORD`` then runs it. The class

- takes `dataset`, `seed`, `n_jobs` and `quick`;
- has the attributes `summary`, the help of its command, and `datasets`, a tuple whose first
  name is the default;
- has the methods of `reservoir.experiments.contract.Experiment`: ``run(progress)`` gives the
  rows of the table, ``heading()`` and ``footnotes()`` the lines around it, ``arrays()``
  what goes into the result file beside the rows, ``data_used()`` the data and seeds, and
  ``spread_over`` what the spread counts.

An experiment that resumes from its result file derives from
`reservoir.experiments.resumable.ResumableExperiment`, which has ``run`` and asks for
``points()`` and ``_measure(point)``.

If its line names a figure, the command offers ``--plot``. A figure is a function
``plot_WORD(data, path=None)``, usually in a file of its own in `reservoir.plotting`. It draws
what ``figure_data()`` of the experiment gives, which is called for ``--plot`` only: the
experiment fits and simulates whatever its figure needs, and the figure draws arrays. It
composes displays of `reservoir.plotting` in the style of the package, and returns the figure.

A command that offers ``--animate`` writes what ``animation_data(progress)`` of its experiment
gives, with ``save(path, progress=...)``, as the videos of `reservoir.plotting` have it.

An experiment whose command has more options also has its options in
`reservoir.experiments.commands`, among them ``--animate``.

**A new task** of ``reservoir series`` is one `reservoir.experiments.series_tasks.Task` with
its settings, in that file or in one of its own, and its line in ``TASKS`` there. A new task
of ``reservoir layers`` is likewise one `reservoir.experiments.layers_tasks.Task`, and its
line.
"""

from reservoir.experiments.abreu_araujo import AbreuAraujoExperiment
from reservoir.experiments.binding import BindingExperiment
from reservoir.experiments.capacity import CapacityExperiment
from reservoir.experiments.contract import Entry
from reservoir.experiments.controls import control
from reservoir.experiments.coupled import CoupledExperiment
from reservoir.experiments.digits import DigitsExperiment
from reservoir.experiments.layers import LayersExperiment
from reservoir.experiments.results import Row, format_table, load_results, save_results
from reservoir.experiments.robustness import RobustnessExperiment
from reservoir.experiments.series import SeriesExperiment
from reservoir.experiments.torrejon import TorrejonExperiment
from reservoir.experiments.vowels import VowelsExperiment
from reservoir.plotting import (
    plot_abreu_araujo,
    plot_binding,
    plot_capacity,
    plot_coupled,
    plot_digits,
    plot_layers,
    plot_robustness,
    plot_series,
    plot_torrejon,
    plot_vowels,
)

EXPERIMENTS = {
    "digits": Entry(DigitsExperiment, plot_digits),
    "vowels": Entry(VowelsExperiment, plot_vowels),
    "series": Entry(SeriesExperiment, plot_series),
    "capacity": Entry(CapacityExperiment, plot_capacity),
    "torrejon": Entry(TorrejonExperiment, plot_torrejon),
    "abreu_araujo": Entry(AbreuAraujoExperiment, plot_abreu_araujo),
    "coupled": Entry(CoupledExperiment, plot_coupled),
    "binding": Entry(BindingExperiment, plot_binding),
    "layers": Entry(LayersExperiment, plot_layers),
    "robustness": Entry(RobustnessExperiment, plot_robustness),
}

__all__ = [
    "EXPERIMENTS",
    "AbreuAraujoExperiment",
    "BindingExperiment",
    "CapacityExperiment",
    "CoupledExperiment",
    "DigitsExperiment",
    "Entry",
    "LayersExperiment",
    "RobustnessExperiment",
    "Row",
    "SeriesExperiment",
    "TorrejonExperiment",
    "VowelsExperiment",
    "control",
    "format_table",
    "load_results",
    "save_results",
]
