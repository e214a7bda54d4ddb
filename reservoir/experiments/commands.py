"""Which options do the commands of the experiments take, and what do they make of them?

`reservoir.cli` runs what the functions `_make_...` here give it. Experiments with options of
their own have a command of their own, listed in `COMMANDS`; `reservoir experiment NAME` runs
all others of the catalogue.
"""

import argparse
from itertools import chain
from typing import Any

from reservoir.datasets.recordings import PATTERN
from reservoir.experiments import (
    EXPERIMENTS,
    CapacityExperiment,
    DigitsExperiment,
    LayersExperiment,
    SeriesExperiment,
    VowelsExperiment,
    option_types,
    vowels,
)
from reservoir.experiments.contract import Experiment
from reservoir.experiments.digits_methods import POOLINGS, PROTOCOLS
from reservoir.experiments.layers_methods import method_names as rows_of_layers
from reservoir.experiments.layers_tasks import TASKS as LAYERS_TASKS
from reservoir.experiments.new_voices import VOICES, NewVoicesExperiment
from reservoir.experiments.options import (
    Commands,
    OneLineParser,
    add_animation,
    add_command,
    add_device,
    add_jobs,
    add_methods,
    add_outputs,
    add_pattern,
    add_seed,
    refuse_pattern_without_folder,
)
from reservoir.experiments.own_features import OwnFeaturesExperiment, features_of
from reservoir.experiments.own_series import OwnSeriesExperiment, series_of
from reservoir.experiments.robustness_command import add_robustness
from reservoir.experiments.series_tasks import TASKS
from reservoir.experiments.speech import DATASETS, FRONT_ENDS
from reservoir.experiments.table_options import add_tables, check_tables, made, made_of_tables


def add_commands(commands: Commands) -> None:
    """Add the commands of all experiments to a parser.

    A parsed command leaves `experiment`, the name in the catalogue, and `make`, a function of
    the options and the parser that gives the experiment.

    Parameters
    ----------
    commands : what `argparse.ArgumentParser.add_subparsers` gives
    """
    for add in COMMANDS.values():
        add(commands)
    _add_experiments(commands)


def _add_digits(commands: Commands) -> None:
    command = add_command(
        commands,
        "digits",
        "Spoken digits by one oscillator, next to its control (front end alone), the "
        "majority class, and classical classifiers.",
    )
    _add_protocol(command)
    _add_sizes(command)
    _add_alterations(command)
    add_jobs(command, "threads")
    command.add_argument(
        "--seed",
        type=option_types.seed,
        nargs="+",
        default=[0],
        metavar="S",
        help="The seeds of the masks over which results are averaged (default: 0).",
    )
    plain, voices = DigitsExperiment(speeds=(1.1,)), NewVoicesExperiment()
    add_methods(command, (*voices.method_names(), *plain.method_names()))
    add_outputs(command)
    command.set_defaults(make=_make_digits)


def _add_protocol(command: OneLineParser) -> None:
    command.add_argument(
        "--dataset",
        type=option_types.corpus,
        default="synthetic",
        metavar="NAME|FOLDER",
        help="The recordings: synthetic voices that come with the package, or people "
        f"({', '.join(DATASETS)}); or a folder of your own (default: synthetic).",
    )
    add_pattern(command)
    command.add_argument(
        "--protocol",
        choices=(VOICES, *PROTOCOLS),
        default=VOICES,
        help="voices: new voices with the recipe of SpeechClassifier, and the published "
        "protocol. The others measure a plain oscillator, with all options of this command: "
        "official: the lowest tenth of the recording numbers is the test set. index: ten "
        "folds by the recording number modulo ten. speaker: one speaker after the other is "
        "left out (default: voices).",
    )
    command.add_argument(
        "--pooling",
        choices=POOLINGS,
        default="segments",
        help="What is read of a clip: the means of its segments, its mean, its last frame, "
        "or the vote of its frames (default: segments).",
    )
    command.add_argument(
        "--frontend",
        choices=FRONT_ENDS,
        default="cochleagram",
        help="The front end that makes frames of a clip (default: cochleagram).",
    )
    add_device(command)


def _add_sizes(command: OneLineParser) -> None:
    command.add_argument(
        "--nodes",
        type=option_types.positive,
        default=400,
        help="The number of virtual nodes (default: 400).",
    )
    command.add_argument(
        "--segments",
        type=option_types.positive,
        default=4,
        metavar="N",
        help="The number of equal parts of a clip whose means are read (default: 4).",
    )
    command.add_argument(
        "--oscillators",
        type=option_types.positive,
        default=1,
        metavar="N",
        help="If N is more than 1, rows are added for N coupled oscillators that share the "
        "nodes (default: 1).",
    )


def _add_alterations(command: OneLineParser) -> None:
    command.add_argument(
        "--trim",
        type=option_types.decibels,
        metavar="DB",
        help="Both ends of a clip are cut where they are DB decibels or more below its "
        "loudest part (default: no cut).",
    )
    command.add_argument(
        "--speeds",
        type=option_types.factor,
        nargs="+",
        default=[],
        metavar="F",
        help="Rows are added that learn from copies of every clip, played F times as fast "
        "(default: no copies).",
    )


def _make_digits(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Experiment:
    if options.nodes % options.oscillators:
        parser.error(
            f"--nodes {options.nodes} is no multiple of --oscillators {options.oscillators}"
        )
    refuse_pattern_without_folder(options, parser)
    shared: dict[str, Any] = {
        "dataset": options.dataset,
        "pattern": options.pattern or PATTERN,
        "n_nodes": options.nodes,
        "oscillator": options.device,
        "seeds": tuple(dict.fromkeys(options.seed)),
        "n_jobs": options.jobs,
        "quick": options.quick,
    }
    if options.protocol == VOICES:
        _refuse_plain_options(options, parser)
        return made(NewVoicesExperiment, parser, **shared)
    return made(
        DigitsExperiment,
        parser,
        **shared,
        protocol=options.protocol,
        pooling=options.pooling,
        frontend=options.frontend,
        n_segments=options.segments,
        n_oscillators=options.oscillators,
        trim=options.trim,
        speeds=tuple(dict.fromkeys(options.speeds)),
    )


def _refuse_plain_options(
    options: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    """Refuse options that the protocol of new voices does not have."""
    for name in ("pooling", "frontend", "segments", "oscillators", "trim", "speeds"):
        if getattr(options, name) != options.parser.get_default(name):
            parser.error(
                f"--{name} belongs to a plain oscillator; the protocol 'voices' has a recipe "
                "of its own. Add --protocol index, official or speaker"
            )


def _add_vowels(commands: Commands) -> None:
    command = add_command(
        commands,
        "vowels",
        "Vowels by the pattern in which oscillators synchronise to two microwave sources, "
        "trained and untrained, next to classical classifiers.",
    )
    command.add_argument(
        "--dataset",
        choices=vowels.DATASETS,
        default="synthetic",
        help="The vowels: invented around measured means, or measured (default: synthetic).",
    )
    command.add_argument(
        "--task",
        choices=vowels.TASKS,
        default="seven",
        help="Seven vowels of women, or all twelve vowels of all speakers (default: seven).",
    )
    command.add_argument(
        "--protocol",
        choices=vowels.PROTOCOLS,
        help="Folds of tokens, or folds of speakers (default: 5x5 for seven vowels, speaker "
        "for twelve).",
    )
    add_tables(command, "The features of samples", "Their labels")
    command.add_argument(
        "--groups",
        metavar="TABLE",
        help="Who or what each row of --X comes from; the folds then leave groups out.",
    )
    add_device(command, "Of what the networks are made")
    add_jobs(command, "processes")
    add_seed(command)
    add_methods(command, VowelsExperiment().method_names())
    add_outputs(command)
    add_animation(command, "oscillators that learn")
    command.set_defaults(make=_make_vowels)


def _make_vowels(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Experiment:
    if check_tables(options, parser):
        if options.animate:
            parser.error(
                "--animate shows the seven vowels; for --X and --y, write "
                "reservoir.plotting.OnlineLearningVideo.from_estimator(classifier, X, y)"
                ".save(FILE) in Python"
            )
        return made_of_tables(
            OwnFeaturesExperiment,
            lambda: features_of(options.X, options.y, options.groups),
            options,
            parser,
        )
    if options.task == "twelve" and (options.plot or options.animate):
        parser.error("--plot and --animate show the seven vowels; leave out --task twelve")
    return made(
        VowelsExperiment,
        parser,
        dataset=options.dataset,
        task=options.task,
        protocol=options.protocol,
        oscillator=options.device,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )


def _add_series(commands: Commands) -> None:
    command = add_command(
        commands,
        "series",
        "A time-series task by one oscillator with delayed feedback, with and without "
        "readout noise, next to taps, an echo-state network and other controls. With --out "
        "an interrupted run goes on where it stopped.",
    )
    command.add_argument(
        "--task", choices=TASKS, default="narma10", help="The task (default: narma10)."
    )
    add_tables(command, "The inputs of steps in time", "Their targets")
    add_device(command)
    add_jobs(command, "threads")
    add_seed(command)
    rows = (SeriesExperiment(task).method_names() for task in TASKS)
    add_methods(command, (*chain.from_iterable(rows), *OwnSeriesExperiment().method_names()))
    add_outputs(command)
    command.set_defaults(make=_make_series)


def _make_series(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Experiment:
    if check_tables(options, parser):
        return made_of_tables(
            OwnSeriesExperiment, lambda: series_of(options.X, options.y), options, parser
        )
    return made(
        SeriesExperiment,
        parser,
        task=options.task,
        oscillator=options.device,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )


def _add_capacity(commands: Commands) -> None:
    command = add_command(
        commands,
        "capacity",
        "Memory, parity and information processing capacity, kernel and generalisation rank "
        "over a map of operating points. With --out an interrupted run goes on where it "
        "stopped.",
    )
    command.add_argument(
        "--along",
        choices=("depth", "field"),
        default="depth",
        help="The axis of the map beside the current: the half width of the range of "
        "currents, or the field of a vortex (default: depth).",
    )
    command.add_argument(
        "--nodes",
        type=option_types.positive,
        default=50,
        help="The number of virtual nodes (default: 50).",
    )
    command.add_argument(
        "--loop-gain",
        type=option_types.gain,
        default=0.0,
        metavar="G",
        help="The loop gain of delayed feedback, between -1 and 1 (default: 0, which is no "
        "feedback).",
    )
    command.add_argument(
        "--readout-noise",
        type=option_types.noise,
        default=0.0,
        metavar="X",
        help="The rms of the readout noise over the spread of the amplitudes (default: 0).",
    )
    add_device(command, "What is played, along depth")
    add_jobs(command, "threads")
    add_seed(command)
    add_outputs(command)
    command.set_defaults(make=_make_capacity)


def _make_capacity(
    options: argparse.Namespace, parser: argparse.ArgumentParser
) -> Experiment:
    return made(
        CapacityExperiment,
        parser,
        along=options.along,
        oscillator=options.device,
        n_nodes=20 if options.quick else options.nodes,
        loop_gain=options.loop_gain,
        readout_noise=options.readout_noise,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )


def _add_layers(commands: Commands) -> None:
    command = add_command(
        commands,
        "layers",
        "Layers of spin diodes and oscillators that learn by backpropagation, next to the "
        "same network in software, networks that learned something else, and classical "
        "classifiers.",
    )
    command.add_argument(
        "--task", choices=LAYERS_TASKS, default="digits", help="The task (default: digits)."
    )
    names = "; ".join(
        f"{name}: {', '.join(task.datasets) or 'FILE.h5, which you have'}"
        for name, task in LAYERS_TASKS.items()
    )
    command.add_argument(
        "--dataset",
        metavar="NAME",
        help=f"The data of the task (default: the first). {names}.",
    )
    add_jobs(command, "processes")
    add_seed(command)
    add_methods(command, chain.from_iterable(map(rows_of_layers, LAYERS_TASKS.values())))
    add_outputs(command)
    add_animation(command, "resonances that move while the network learns")
    command.set_defaults(make=_make_layers)


def _make_layers(options: argparse.Namespace, parser: argparse.ArgumentParser) -> Experiment:
    names = LAYERS_TASKS[options.task].datasets
    if names and options.dataset not in (None, *names):
        parser.error(
            f"argument --dataset: {options.dataset!r} is no data set of the task "
            f"{options.task}; choose from {', '.join(names)}"
        )
    if not names and options.dataset is None:
        parser.error(
            f"--task {options.task} needs --dataset FILE.h5, because its data are not part "
            "of this package; docs/layers.md says where they are"
        )
    return LayersExperiment(
        task=options.task,
        dataset=options.dataset,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )


# Experiments with a command of their own; the others are run by `reservoir experiment`.
COMMANDS = {
    "digits": _add_digits,
    "vowels": _add_vowels,
    "series": _add_series,
    "capacity": _add_capacity,
    "layers": _add_layers,
    "robustness": add_robustness,
}


def _add_experiments(commands: Commands) -> None:
    experiment = commands.add_parser(
        "experiment",
        help="run another published experiment",
        description="A published experiment next to its controls.",
    )
    names = experiment.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, entry in EXPERIMENTS.items():
        if name in COMMANDS:
            continue
        kind = entry.kind
        command = names.add_parser(name, help=kind.summary, description=kind.summary)
        command.add_argument(
            "--dataset",
            choices=kind.datasets,
            default=kind.datasets[0],
            help=f"The data (default: {kind.datasets[0]}).",
        )
        add_device(command, "What is played, by torrejon and abreu_araujo")
        add_jobs(command, "processes")
        add_seed(command)
        add_outputs(command, with_figure=entry.figure is not None)
        command.set_defaults(experiment=name, make=_make_experiment, parser=command)


def _make_experiment(
    options: argparse.Namespace, parser: argparse.ArgumentParser
) -> Experiment:
    kind = EXPERIMENTS[options.name].kind
    device = {} if options.device is None else {"oscillator": options.device}
    if device and not hasattr(kind, "oscillator"):
        parser.error(
            f"the experiment {options.name} couples oscillators of its own, which are chosen "
            "for each other; --device is for torrejon and abreu_araujo"
        )
    return made(
        kind,
        parser,
        dataset=options.dataset,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
        **device,
    )
