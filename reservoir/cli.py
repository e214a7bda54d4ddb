"""The command `reservoir`: run a published protocol and print its table."""

import argparse
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from reservoir._version import __version__


class _NotWritten(Exception):
    """A result file could not be written."""


@contextmanager
def _writing():
    try:
        yield
    except OSError as error:
        raise _NotWritten(error) from error


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose complaints take one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments=None):
    """Entry point of the command line.

    Parameters
    ----------
    arguments : list of str, default=None
        None: those of the process.

    Returns
    -------
    int
        Exit status: 0 done, 1 a data set or file was not to be had, 2 bad arguments.
    """
    parser = _build_parser()
    options = parser.parse_args(arguments)
    try:
        return options.run(options, parser)
    except KeyboardInterrupt:
        print("reservoir: interrupted; what can be resumed is kept in --out", file=sys.stderr)
        return 130
    except _NotWritten as error:
        print(f"reservoir: the results could not be written: {error}", file=sys.stderr)
        return 1


def _build_parser():
    from reservoir.experiments.digits import DATASETS, FRONT_ENDS, PROTOCOLS, READOUTS

    parser = _OneLineParser(
        prog="reservoir", description="Compute with simulated nano-oscillators."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    digits = commands.add_parser(
        "digits",
        help="recognise spoken digits with one oscillator",
        description="Spoken digits by one oscillator, next to its control (front end "
        "alone), the majority class, and classical classifiers.",
    )
    digits.add_argument("--dataset", choices=DATASETS, default="synthetic")
    digits.add_argument("--protocol", choices=PROTOCOLS, default="index")
    digits.add_argument("--readout", choices=READOUTS, default="segments")
    digits.add_argument("--frontend", choices=FRONT_ENDS, default="cochleagram")
    digits.add_argument("--nodes", type=_positive, default=400, help="virtual nodes (400)")
    digits.add_argument(
        "--segments",
        type=_positive,
        default=4,
        metavar="N",
        help="equal parts of a clip whose means are read (4)",
    )
    digits.add_argument(
        "--oscillators",
        type=_positive,
        default=1,
        metavar="N",
        help="add rows for N coupled oscillators that share the nodes among them (1)",
    )
    digits.add_argument(
        "--trim",
        type=_decibels,
        metavar="DB",
        help="cut both ends of a clip where they are so far below its loudest part (no)",
    )
    digits.add_argument(
        "--speeds",
        type=_factor,
        nargs="+",
        default=[],
        metavar="F",
        help="add rows with copies of every clip, played so many times as fast (none)",
    )
    digits.add_argument("--jobs", type=_positive, default=2, metavar="N", help="threads (2)")
    digits.add_argument(
        "--seed",
        type=_seed,
        nargs="+",
        default=[0],
        metavar="S",
        help="seeds of the mask to average over (0)",
    )
    _add_methods(digits)
    _add_outputs(digits)
    digits.set_defaults(run=_run_digits)
    _add_vowels(commands)
    _add_series(commands)
    _add_capacity(commands)
    _add_experiments(commands)
    return parser


def _add_vowels(commands):
    from reservoir.experiments.vowels import DATASETS, PROTOCOLS, TASKS

    vowels = commands.add_parser(
        "vowels",
        help="recognise vowels with a network of oscillators",
        description="Vowels by the pattern in which oscillators synchronise to two "
        "microwave sources, trained and untrained, next to classical classifiers.",
    )
    vowels.add_argument("--dataset", choices=DATASETS, default="synthetic")
    vowels.add_argument(
        "--task",
        choices=TASKS,
        default="seven",
        help="seven vowels of women, or all twelve of everybody (seven)",
    )
    vowels.add_argument(
        "--protocol",
        choices=PROTOCOLS,
        help="folds of tokens or of speakers (5x5 for seven vowels, speaker for twelve)",
    )
    vowels.add_argument(
        "--jobs", type=_positive, default=2, metavar="N", help="processes (2)"
    )
    vowels.add_argument(
        "--seed", type=_seed, default=0, metavar="S", help="of the first repeat (0)"
    )
    _add_methods(vowels)
    _add_outputs(vowels)
    vowels.add_argument("--animate", type=_new_animation, metavar="FILE.gif")
    vowels.set_defaults(run=_run_vowels)


def _add_series(commands):
    from reservoir.experiments.series_tasks import TASKS

    series = commands.add_parser(
        "series",
        help="compute from a time series with one oscillator",
        description="A time-series task by one oscillator with delayed feedback, with and "
        "without readout noise, next to taps, an echo-state network and other controls. "
        "With --out an interrupted run goes on where it stopped.",
    )
    series.add_argument("--task", choices=TASKS, default="narma10")
    _add_jobs_and_seed(series)
    _add_methods(series)
    _add_outputs(series)
    series.set_defaults(run=_run_series)


def _add_capacity(commands):
    capacity = commands.add_parser(
        "capacity",
        help="map what one oscillator remembers and computes",
        description="Memory, parity and information processing capacity, kernel and "
        "generalisation rank over a map of operating points. With --out an interrupted run "
        "goes on where it stopped.",
    )
    capacity.add_argument(
        "--along",
        choices=("depth", "field"),
        default="depth",
        help="the map's other axis, beside the current: half width of the range, or the "
        "field of a vortex (depth)",
    )
    capacity.add_argument("--nodes", type=_positive, default=50, help="virtual nodes (50)")
    capacity.add_argument(
        "--loop-gain",
        type=_gain,
        default=0.0,
        metavar="G",
        help="of delayed feedback, between -1 and 1 (0: none)",
    )
    capacity.add_argument(
        "--readout-noise", type=_noise, default=0.0, metavar="X", help="readout noise (0)"
    )
    _add_jobs_and_seed(capacity)
    _add_outputs(capacity)
    capacity.set_defaults(run=_run_capacity)


def _add_jobs_and_seed(command):
    command.add_argument("--jobs", type=_positive, default=2, metavar="N", help="threads (2)")
    command.add_argument(
        "--seed", type=_seed, default=0, metavar="S", help="of the first repeat (0)"
    )


def _add_experiments(commands):
    from reservoir.experiments import EXPERIMENTS

    experiment = commands.add_parser(
        "experiment",
        help="run another published experiment",
        description="A published experiment next to its controls.",
    )
    names = experiment.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, kind in EXPERIMENTS.items():
        command = names.add_parser(name, help=kind.summary, description=kind.summary)
        command.add_argument("--dataset", choices=kind.datasets, default=kind.datasets[0])
        command.add_argument(
            "--jobs", type=_positive, default=2, metavar="N", help="processes (2)"
        )
        command.add_argument(
            "--seed", type=_seed, default=0, metavar="S", help="of the first repeat (0)"
        )
        _add_outputs(command)
        command.set_defaults(run=_run_experiment)


def _add_methods(command):
    command.add_argument(
        "--methods",
        nargs="+",
        metavar="ROW",
        help="rows of the table to run; a wrong name lists them (all)",
    )


def _add_outputs(command):
    command.add_argument("--out", type=_new_file, metavar="FILE.h5")
    command.add_argument("--plot", type=_new_figure, metavar="FILE.png")
    command.add_argument(
        "--json", type=_new_file_or_output, metavar="FILE", help="'-': standard output"
    )
    command.add_argument(
        "--quick", action="store_true", help="under 30 s; not the full protocol"
    )


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def _factor(text):
    value = float(text)
    if not 0.1 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.1 and 10")
    return value


def _gain(text):
    value = float(text)
    if not -1 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between -1 and 1")
    return value


def _noise(text):
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not finite or below 0")
    return value


def _decibels(text):
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _seed(text):
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 2**32 - 1")
    return value


def _new_file(text):
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {path.parent}")
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder")
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{path.parent} is not writeable")
    return text


def _new_file_or_output(text):
    return text if text == "-" else _new_file(text)


def _new_figure(text):
    if Path(text).suffix.lower() not in (".png", ".pdf", ".svg"):
        raise argparse.ArgumentTypeError(f"{text} does not end in .png, .pdf or .svg")
    return _new_file(text)


def _new_animation(text):
    if Path(text).suffix.lower() != ".gif":
        raise argparse.ArgumentTypeError(f"{text} does not end in .gif")
    return _new_file(text)


def _run_digits(options, parser):
    from reservoir.experiments import DigitsExperiment

    _check_matplotlib(options, parser)
    if options.nodes % options.oscillators:
        parser.error(f"--nodes {options.nodes} cannot be shared by {options.oscillators}")
    experiment = DigitsExperiment(
        dataset=options.dataset,
        protocol=options.protocol,
        readout=options.readout,
        frontend=options.frontend,
        n_nodes=options.nodes,
        n_segments=options.segments,
        n_oscillators=options.oscillators,
        seeds=tuple(dict.fromkeys(options.seed)),
        trim=options.trim,
        speeds=tuple(dict.fromkeys(options.speeds)),
        n_jobs=options.jobs,
        quick=options.quick,
    )
    _choose_methods(experiment, options, parser)
    rows = _run(experiment, options, _heading, _footnotes)
    if rows is None:
        return 1
    arrays = {f"predictions/{k}": v for k, v in experiment.predictions_.items()}
    arrays |= {"target": experiment.target_, "speakers": experiment.speakers_}
    if experiment.confusion_ is not None:
        arrays["confusion"] = experiment.confusion_
    with _writing():
        _write(options, rows, arrays)
        if options.plot:
            from reservoir.plotting import plot_digits

            plot_digits(experiment, options.plot)
    return 0


def _run_vowels(options, parser):
    from reservoir.experiments import VowelsExperiment

    _check_matplotlib(options, parser)
    if options.task == "twelve" and (options.plot or options.animate):
        parser.error("--plot and --animate show the seven vowels; leave out --task twelve")
    experiment = VowelsExperiment(
        dataset=options.dataset,
        task=options.task,
        protocol=options.protocol,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )
    _choose_methods(experiment, options, parser)
    rows = _run(experiment, options, _vowels_heading, _vowels_footnotes)
    if rows is None:
        return 1
    arrays = {f"predictions/{k}": v for k, v in experiment.predictions_.items()}
    arrays |= {f"accuracies/{k}": v for k, v in experiment.repeats_.items()}
    arrays |= {"target": experiment.target_, "talkers": experiment.talkers_}
    with _writing():
        _write(options, rows, arrays)
        if options.plot:
            from reservoir.plotting import plot_vowels

            plot_vowels(experiment, options.plot)
        if options.animate:
            from reservoir.plotting import animate_learning

            animate_learning(experiment, options.animate)
    return 0


def _run_series(options, parser):
    from reservoir.experiments import SeriesExperiment

    _check_matplotlib(options, parser)
    experiment = SeriesExperiment(
        task=options.task, seed=options.seed, n_jobs=options.jobs, quick=options.quick
    )
    _choose_methods(experiment, options, parser)
    return _run_and_write(experiment, options, "series")


def _run_capacity(options, parser):
    from reservoir.experiments import CapacityExperiment

    _check_matplotlib(options, parser)
    if not abs(options.loop_gain) < 1:
        parser.error(f"--loop-gain {options.loop_gain:g} is unstable; keep between -1 and 1")
    if not options.readout_noise >= 0:
        parser.error(f"--readout-noise {options.readout_noise:g} is negative")
    experiment = CapacityExperiment(
        along=options.along,
        n_nodes=20 if options.quick else options.nodes,
        loop_gain=options.loop_gain,
        readout_noise=options.readout_noise,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )
    return _run_and_write(experiment, options, "capacity")


def _run_experiment(options, parser):
    from reservoir.experiments import EXPERIMENTS

    _check_matplotlib(options, parser)
    experiment = EXPERIMENTS[options.name](
        dataset=options.dataset,
        seed=options.seed,
        n_jobs=options.jobs,
        quick=options.quick,
    )
    return _run_and_write(experiment, options, options.name)


def _run_and_write(experiment, options, name):
    """Run an experiment that describes itself, resuming where it can; the exit status."""
    resumable = hasattr(experiment, "store")
    if resumable:
        experiment.store = options.out
    rows = _run(
        experiment,
        options,
        lambda experiment: experiment.heading(),
        lambda experiment, rows, seconds: (
            f"{experiment.footnotes()}\n{seconds:.0f} s in all."
        ),
    )
    if rows is None:
        return 1
    with _writing():
        if resumable:
            stored = experiment.stored_
            _write(options, rows, experiment.arrays(), experiment.settings(), stored)
        else:
            _write(options, rows, experiment.arrays())
        if options.plot:
            from reservoir.plotting import FIGURES

            FIGURES[name](experiment, options.plot)
    return 0


def _choose_methods(experiment, options, parser):
    known = experiment.method_names()
    unknown = [name for name in options.methods or () if name not in known]
    if unknown:
        parser.error(f"--methods {unknown[0]}: choose from {', '.join(known)}")
    if options.methods:
        experiment.methods = tuple(dict.fromkeys(options.methods))


def _check_matplotlib(options, parser):
    wanted = next(
        (name for name in ("plot", "animate") if getattr(options, name, None)), None
    )
    if wanted:
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            parser.error(
                f"--{wanted} needs matplotlib: pip install 'oscillator-reservoir[plot]'"
            )


def _run(experiment, options, heading, footnotes):
    """Run and print; the rows, or None if the data were not to be had."""
    from reservoir.datasets import DatasetError
    from reservoir.exceptions import StorageError
    from reservoir.experiments import format_table

    start = time.perf_counter()
    try:
        rows = experiment.run(_progress)
    except (DatasetError, StorageError) as error:
        print(f"reservoir: {error}", file=sys.stderr)
        return None
    table = sys.stderr if options.json == "-" else sys.stdout
    print(heading(experiment), file=table)
    print(format_table(rows), file=table)
    print(footnotes(experiment, rows, time.perf_counter() - start), file=table)
    return rows


def _write(options, rows, arrays, more_settings=None, stored=None):
    from reservoir.experiments import save_results
    from reservoir.experiments.results import rows_to_json

    settings = {
        key: value for key, value in vars(options).items() if key not in ("run", "command")
    } | (more_settings or {})
    if options.out:
        save_results(options.out, stored or rows, arrays, settings)
    if options.json == "-":
        print(rows_to_json(rows))
    elif options.json:
        Path(options.json).write_text(rows_to_json(rows) + "\n")


def _progress(tasks, total):
    from tqdm import tqdm

    return tqdm(tasks, total=total, unit="fit", leave=False, file=sys.stderr)


def _heading(experiment):
    kind = {
        "synthetic": "SYNTHETIC voices (not people), shipped with the package",
        "fsdd": "Free Spoken Digit Dataset",
        "ti46": "TI-46, digits of five women",
    }[experiment.dataset]
    folds = {
        "official": "official split",
        "index": "ten folds by recording number",
        "speaker": "a speaker left out",
    }[experiment.protocol]
    trimmed = "" if experiment.trim is None else f" (trimmed at {experiment.trim:g} dB)"
    readout = experiment.readout
    if readout == "segments":
        readout = f"{experiment.n_segments} segments"
    lines = [
        f"Spoken digits: {kind}",
        f"{len(experiment.target_)} clips, {folds}, {experiment.frontend}{trimmed}, readout "
        f"'{readout}', {experiment.n_nodes} virtual nodes, seeds "
        f"{' '.join(map(str, experiment.seeds))}",
    ]
    if experiment.quick:
        lines.append(
            "QUICK: three speakers, two folds at most, some methods; not the protocol."
        )
    return "\n".join(lines) + "\n"


def _footnotes(experiment, results, seconds):
    from reservoir.experiments.results import wilson_interval

    interval = ""
    if experiment.protocol == "official":
        n_clips = len(experiment.folds_[0][1])
        value = next(
            (row.value for row in results if row.method == "oscillator"), results[0].value
        )
        low, high = wilson_interval(value, n_clips)
        interval = (
            f"\n{n_clips} test clips: one is {100 / n_clips:.2f} points; the 95 % interval "
            f"of {100 * value:.1f} % is {100 * low:.1f} to {100 * high:.1f} %."
        )
    coupled = ""
    if experiment.n_oscillators > 1:
        coupled = (
            f"\ncoupled-X: {experiment.n_oscillators} oscillators share the drive, with "
            f"{experiment.n_nodes // experiment.n_oscillators} nodes each; X is their "
            "coupling over\nthe damping rate. own: each has a mask, and so a drive, of its "
            "own."
        )
    copied = ""
    if experiment.speeds:
        speeds = ", ".join(f"{speed:g}" for speed in experiment.speeds)
        copied = (
            f"\ncopies: trained on every clip and its copies at speeds {speeds}, decision "
            "values\naveraged over the same copies of a test clip (once: the clip itself)."
        )
    rows = (
        "\ncontrol: same front end, mask and readout without the oscillator. noise: 1 % "
        "readout noise.\nsparse: each node hears 15 % of the channels, each in units of its "
        "own spread. taps: each frame\njoined by those 4 and 8 frames earlier. ridge to mlp: "
        "on the means of the segments of the\nfront end. spread: standard deviation over "
        f"folds.\n{seconds:.0f} s in all."
    )
    return interval + coupled + copied + rows


def _vowels_heading(experiment):
    kind = {
        "synthetic": "SYNTHETIC tokens around measured means, not recordings",
        "hillenbrand": "Hillenbrand et al. (1995)",
    }[experiment.dataset]
    folds = {
        "5x5": "five folds of tokens",
        "speaker": "five folds of speakers",
    }[experiment.protocol]
    n_repeats = len(experiment.folds_)
    lines = [
        f"Vowels: {kind}",
        f"{len(experiment.target_)} tokens of {len(set(experiment.talkers_))} speakers, "
        f"{len(set(experiment.target_))} vowels, {folds}, drawn {n_repeats} times"
        if n_repeats > 1
        else f"{len(experiment.target_)} tokens, {folds}",
    ]
    if experiment.quick:
        lines.append("QUICK: folds drawn once, some methods; not the protocol.")
    return "\n".join(lines) + "\n"


def _vowels_footnotes(experiment, rows, seconds):
    if experiment.task == "twelve":
        networks = """
network-search-16: 16 oscillators, 6 sources, logistic regression on lock states and
coherences. lda-sources-16: linear discriminant analysis of the six frequencies that this
network is told, and lda of the formants. centroid-2: two linear combinations, nearest
centroid. mlp-same-16: about as many parameters as the network."""
    else:
        networks = """
network: two linear combinations of 12 formants are the frequencies of two sources; the
pattern in which four oscillators lock to them is the answer. search: tuned to equal
distances. online: made wrong by 3 MHz rms, then tuned one presentation after the other;
untrained: not tuned. A pattern means the class that shows it most in training; -pattern:
one pattern for each class. -coupled: 1/us between all; -stiff: currents move frequencies
a seventh as much; -noise: 0.3 MHz linewidth; -linear: logistic regression on lock states
and coherences; -10: the same with ten oscillators and four sources. lda-sources: linear
discriminant analysis of the frequencies that the network is told, and lda of the formants.
centroid-2: two linear combinations, nearest centroid. mlp-same: one hidden unit, about
as many parameters as the network; mlp-two: two, as many combinations as the network."""
    return f"{networks}\nspread: standard deviation over all folds.\n{seconds:.0f} s in all."
