"""What must an experiment offer, so that the command line can run, print and draw it?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reservoir._progress import Progress, no_progress
from reservoir._types import Array
from reservoir.experiments.provenance import DataUsed
from reservoir.experiments.results import Row


class Experiment(Protocol):
    """The methods that every experiment has.

    An experiment that resumes derives from
    `reservoir.experiments.resumable.ResumableExperiment`, which adds `store` and `settings`.
    """

    @property
    def spread_over(self) -> str:
        """What the spread of the rows is taken over, such as "folds"; after `run`."""

    def run(self, progress: Progress = no_progress) -> list[Row]:
        """Measure everything; the rows of the table in their order."""

    def heading(self) -> str:
        """Lines above the table; after `run`."""

    def footnotes(self) -> str:
        """Lines below the table; after `run`."""

    def data_used(self) -> DataUsed:
        """From which data and seeds the rows come; after `run`."""

    def arrays(self) -> Mapping[str, Array]:
        """What goes into the result file beside the rows, by name; after `run`."""

    def figure_data(self) -> Any:
        """Compute what the figure draws; after `run`, and only when a figure is wanted."""


@dataclass(frozen=True)
class Entry:
    """A line of the catalogue of experiments.

    An experiment whose command offers ``--animate`` has a method `animation_data`, too: it
    takes a `Progress`, and gives what ``save(path, progress=...)`` writes as a video.

    Attributes
    ----------
    kind : type
        The class of the experiment. Its attribute `summary` is the help of its command.
    figure : callable or None
        ``figure(experiment.figure_data(), path)`` draws the figure. None: the experiment has
        no figure, and its command does not offer ``--plot``.

    Examples
    --------
    >>> from reservoir.experiments import EXPERIMENTS
    >>> entry = EXPERIMENTS["vowels"]
    >>> entry.kind.__name__, entry.figure.__name__
    ('VowelsExperiment', 'plot_vowels')
    """

    kind: Any
    figure: Callable[[Any, str], Any] | None = None
