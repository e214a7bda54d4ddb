"""The command `reservoir`: run a published protocol and print its table."""

import argparse
import sys
import time
from pathlib import Path

from reservoir._version import __version__


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
        print("reservoir: interrupted; nothing was written", file=sys.stderr)
        return 130


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
    digits.add_argument("--jobs", type=_positive, default=2, metavar="N", help="threads (2)")
    digits.add_argument(
        "--seed",
        type=_seed,
        nargs="+",
        default=[0],
        metavar="S",
        help="seeds of the mask to average over (0)",
    )
    digits.add_argument("--out", type=_new_file, metavar="FILE.h5")
    digits.add_argument("--plot", type=_new_figure, metavar="FILE.png")
    digits.add_argument("--json", type=_new_file, metavar="FILE", help="'-': standard output")
    digits.add_argument(
        "--quick", action="store_true", help="under 30 s; not the full protocol"
    )
    digits.set_defaults(run=_run_digits)
    return parser


def _positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value


def _seed(text):
    value = int(text)
    if not 0 <= value < 2**32:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 2**32 - 1")
    return value


def _new_file(text):
    if text != "-" and not Path(text).absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {Path(text).absolute().parent}")
    return text


def _new_figure(text):
    if Path(text).suffix.lower() not in (".png", ".pdf", ".svg"):
        raise argparse.ArgumentTypeError(f"{text} does not end in .png, .pdf or .svg")
    return _new_file(text)


def _run_digits(options, parser):
    from reservoir.datasets import DatasetError
    from reservoir.experiments import DigitsExperiment, format_table, save_results
    from reservoir.experiments.results import rows_to_json

    if options.plot:
        try:
            import matplotlib  # noqa: F401
        except ImportError:
            parser.error("--plot needs matplotlib: pip install 'oscillator-reservoir[plot]'")
    experiment = DigitsExperiment(
        dataset=options.dataset,
        protocol=options.protocol,
        readout=options.readout,
        frontend=options.frontend,
        n_nodes=options.nodes,
        seeds=tuple(dict.fromkeys(options.seed)),
        n_jobs=options.jobs,
        quick=options.quick,
    )
    start = time.perf_counter()
    try:
        rows = experiment.run(_progress)
    except DatasetError as error:
        print(f"reservoir: {error}", file=sys.stderr)
        return 1
    table = sys.stderr if options.json == "-" else sys.stdout
    print(_heading(experiment), file=table)
    print(format_table(rows), file=table)
    print(_footnotes(experiment, rows, time.perf_counter() - start), file=table)
    settings = {
        key: value for key, value in vars(options).items() if key not in ("run", "command")
    }
    if options.out:
        arrays = {f"predictions/{k}": v for k, v in experiment.predictions_.items()}
        arrays |= {"target": experiment.target_, "speakers": experiment.speakers_}
        if experiment.confusion_ is not None:
            arrays["confusion"] = experiment.confusion_
        save_results(options.out, rows, arrays, settings)
    if options.json == "-":
        print(rows_to_json(rows))
    elif options.json:
        Path(options.json).write_text(rows_to_json(rows) + "\n")
    if options.plot:
        from reservoir.plotting import plot_digits

        plot_digits(experiment, options.plot)
    return 0


def _progress(tasks, total):
    from tqdm import tqdm

    return tqdm(tasks, total=total, unit="fit", leave=False, file=sys.stderr)


def _heading(experiment):
    kind = {
        "synthetic": "SYNTHETIC voices (not people), shipped with the package",
        "fsdd": "Free Spoken Digit Dataset",
    }[experiment.dataset]
    folds = {
        "official": "official split",
        "index": "ten folds by recording number",
        "speaker": "a speaker left out",
    }[experiment.protocol]
    lines = [
        f"Spoken digits: {kind}",
        f"{len(experiment.target_)} clips, {folds}, {experiment.frontend}, readout "
        f"'{experiment.readout}', {experiment.n_nodes} virtual nodes, seeds "
        f"{' '.join(map(str, experiment.seeds))}",
    ]
    if experiment.quick:
        lines.append(
            "QUICK: three speakers, two folds at most, some methods; not the protocol."
        )
    return "\n".join(lines) + "\n"


def _footnotes(experiment, rows, seconds):
    from reservoir.experiments.results import wilson_interval

    interval = ""
    if experiment.protocol == "official":
        n_clips = len(experiment.folds_[0][1])
        value = next((r.value for r in rows if r.method == "oscillator"), rows[0].value)
        low, high = wilson_interval(value, n_clips)
        interval = (
            f"\n{n_clips} test clips: one is {100 / n_clips:.2f} points; the 95 % interval "
            f"of {100 * value:.1f} % is {100 * low:.1f} to {100 * high:.1f} %."
        )
    return interval + (
        "\ncontrol: same front end, mask and readout without the oscillator. noise: 1 % "
        "readout noise.\nsparse: each node hears 15 % of the channels, each in units of its "
        "own spread. taps: each frame\njoined by those 4 and 8 frames earlier. ridge to mlp: "
        "on the means of four segments of the\nfront end. spread: standard deviation over "
        f"folds.\n{seconds:.0f} s in all."
    )
