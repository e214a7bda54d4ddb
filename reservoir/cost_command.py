"""The command that prints the ledger of an example, or of a model of one's own."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._terminal import say
from reservoir._work import Work
from reservoir.audio import Cochleagram, SpeechClassifier, at_rate
from reservoir.cost_tables import write_ledger
from reservoir.experiments import option_types, save_results
from reservoir.experiments.options import Commands, add_table
from reservoir.experiments.output_checks import refuse_replacing, require_matplotlib
from reservoir.layers import SpintronicClassifier
from reservoir.ledger import Figures, Ledger, cost
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.networks.synchronization import SynchronizationClassifier

OUTPUTS = ("json", "out", "plot", "table")
N_ASKED = 50  # samples over which the ledger is a mean
N_ASKED_QUICK = 10
NODE_TIME = 1e-7  # of Torrejon et al., in s
N_NODES, N_NODES_QUICK = 400, 50
SETTINGS = ("task", "model", "figures", "quick")  # options that a file of results names


@dataclass(frozen=True)
class Example:
    """A fitted estimator with data to ask.

    Attributes
    ----------
    model : estimator
    X : data, or None
        What it is asked.
    n_trained : int or None
    score : float or None
        Share of the asked samples that are right, which were not learned from.
    """

    model: Any
    X: Any = None
    n_trained: int | None = None
    score: float | None = None


def add_commands(commands: Commands) -> None:
    """Add `cost` to a parser.

    A parsed command leaves `work`, which makes a `Cost` of the options.

    Parameters
    ----------
    commands : what `argparse.ArgumentParser.add_subparsers` gives
    """
    command = commands.add_parser(
        "cost",
        help="energy and time of one inference, line by line",
        description="What would a chip take? Energy and time of one inference and of "
        "training, line by line, with formula and standing. What nobody knows is unknown, "
        "and never 0.",
    )
    command.add_argument(
        "--task",
        choices=tuple(TASKS),
        default="digits",
        help="The example that is learned and asked. digits: spoken digits by one oscillator "
        "with the published geometry. vowels: four oscillators that lock. layers: images of "
        "digits by layers of spin diodes (default: digits).",
    )
    command.add_argument(
        "--model",
        metavar="FILE.h5",
        help="The ledger is that of a model that was saved, in place of an example. A model "
        "that hears waveforms is asked the spoken digits that come with the package; any "
        "other one is asked nothing, and what depends on the data is unknown.",
    )
    command.add_argument(
        "--figures",
        metavar="TABLE.csv",
        help="Your own physical figures, with the columns name, value and unit, and if you "
        "wish source and standing. The others keep their defaults.",
    )
    command.add_argument(
        "--details",
        action="store_true",
        help="Each line is followed by its inputs and their sources.",
    )
    _add_files(command)
    command.add_argument(
        "--quick",
        action="store_true",
        help="A smaller network learns from fewer samples, to see the table in a second.",
    )
    command.set_defaults(work=Cost, parser=command)


def _add_files(command: argparse.ArgumentParser) -> None:
    """Where the ledger goes."""
    command.add_argument(
        "--json",
        type=option_types.new_file_or_output,
        metavar="FILE",
        help="The ledger is written to this file as JSON. A '-' means standard output; the "
        "table then goes to standard error.",
    )
    command.add_argument(
        "--out",
        type=option_types.new_results,
        metavar="FILE.h5",
        help="The lines of the ledger and the settings are written to this HDF5 file. An "
        "unknown value is NaN there.",
    )
    add_table(command)
    command.add_argument(
        "--plot",
        type=option_types.new_figure,
        metavar="FILE.png",
        help="The energies are drawn into this file (PNG, PDF or SVG).",
    )


class Cost(Work):
    """Write the ledger, print it and draw it.

    Parameters
    ----------
    options : argparse.Namespace
    """

    if_nothing_is_written = "nothing was kept, because the ledger is written at the end."

    def run(self, go_on: Callable[[], None]) -> int:
        """Work, and give the exit status.

        Parameters
        ----------
        go_on : callable
            Raises if a signal asks to end.

        Returns
        -------
        int
        """
        options = self.options
        self._check()
        figures = self._figures()
        try:
            example = _example_of(options)
            go_on()
            ledger = cost(
                example.model,
                example.X,
                figures=figures,
                n_trained=example.n_trained,
                measure=example.X is not None,
            )
        except (TypeError, ValueError) as error:
            say(str(error))
            return 1
        go_on()
        return self._hand_out(ledger, example)

    def _check(self) -> None:
        options = self.options
        require_matplotlib(options)
        refuse_replacing(options, OUTPUTS, (options.model, options.figures))

    def _figures(self) -> Figures:
        options = self.options
        if options.figures is None:
            return Figures()
        try:
            figures = Figures.read(options.figures)
        except ValueError as error:
            options.parser.error(f"argument --figures: {str(error).rstrip('.')}")
        return figures

    def _hand_out(self, ledger: Ledger, example: Example) -> int:
        """Write the files, then print the table."""
        settings = {name: getattr(self.options, name) for name in SETTINGS}
        self.write("out", lambda path: save_results(path, [], ledger.arrays(), settings))
        self.write("plot", lambda path: _draw(ledger, path))
        self.write("table", lambda path: write_ledger(path, ledger))
        text = ledger.table(details=self.options.details)
        if example.score is not None:
            text += (
                f"\n\n{100 * example.score:.0f} % of {len(example.X)} samples that were not "
                "learned from are right."
            )
        return self.print_table(text, ledger.to_json())


def _draw(ledger: Ledger, path: str) -> None:
    from reservoir.plotting import plot_cost

    plot_cost(figure_of(ledger), path)


def figure_of(ledger: Ledger) -> Any:
    """What the figure of a ledger shows: its lines in J, without those of training.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    CostFigure
    """
    from reservoir.ledger.units import written
    from reservoir.plotting.cost import CostBar, CostFigure

    headings = {
        "energy": "Parts of one inference",
        "instead": "In the place of a part",
        "beside": "Beside it",
    }
    bars = [
        CostBar(line.name, line.value, written(line.value, "J"), line.standing, heading)
        for section, heading in headings.items()
        for line in ledger.section(section)
        if line.unit == "J"
    ]
    return CostFigure(ledger.title.split(":")[0], str(ledger.total("energy")), bars)


# ---------------------------------------------------------------------- examples


def _example_of(options: argparse.Namespace) -> Example:
    """The example, or the model of the user."""
    if options.model is None:
        return TASKS[options.task](options.quick)
    from reservoir.storage import load

    model = load(options.model)
    if not isinstance(model, SpeechClassifier):
        return Example(model)
    digits = _digits()
    n_asked = N_ASKED_QUICK if options.quick else N_ASKED
    clips = [at_rate(clip, digits.sample_rate, model.sample_rate) for clip in digits.data]
    return Example(model, clips[:: len(clips) // n_asked][:n_asked])


def _digits() -> Any:
    from reservoir import datasets

    return datasets.load_spoken_digits()


def _spoken_digits(quick: bool) -> Example:
    """Spoken digits, with the number of nodes, the hold and the vote of Torrejon et al."""
    from sklearn.pipeline import make_pipeline

    digits = _digits()
    asked = np.flatnonzero(digits.indices == 0)
    known = np.flatnonzero(digits.indices != 0)
    if quick:
        asked, known = asked[:: len(asked) // N_ASKED_QUICK][:N_ASKED_QUICK], known[::4]
    model = make_pipeline(
        Cochleagram(digits.sample_rate),
        ReservoirClassifier(
            n_nodes=N_NODES_QUICK if quick else N_NODES,
            node_time=NODE_TIME,
            context=(),
            pooling="vote",
            random_state=0,
        ),
    )
    model.fit([digits.data[i] for i in known], digits.target[known])
    clips = [digits.data[i] for i in asked]
    score = float(np.mean(model.predict(clips) == digits.target[asked]))
    return Example(model, clips, len(known), score)


def _vowels(quick: bool) -> Example:
    from reservoir import datasets

    names = ("ae", "er", "iy", "uw")
    n_speakers = N_ASKED_QUICK if quick else N_ASKED
    known = datasets.make_vowels(n_speakers, names, random_state=0)
    new = datasets.make_vowels(n_speakers, names, random_state=1)
    model = SynchronizationClassifier(
        learning="search", n_starts=3 if quick else 15, random_state=0
    )
    model.fit(known.data, known.target)
    score = float(model.score(new.data, new.target))
    return Example(model, new.data, len(known.data), score)


def _layers(quick: bool) -> Example:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images = load_digits()
    known, new, labels, new_labels = train_test_split(
        images.data, images.target, test_size=0.2, random_state=0, stratify=images.target
    )
    model = SpintronicClassifier((32,), max_iter=5 if quick else 40, random_state=0)
    model.fit(known, labels)
    return Example(model, new, len(known), float(model.score(new, new_labels)))


TASKS: dict[str, Callable[[bool], Example]] = {
    "digits": _spoken_digits,
    "vowels": _vowels,
    "layers": _layers,
}
