"""Which options does the command ``reservoir robustness`` take?"""

import argparse

from reservoir.datasets.recordings import PATTERN
from reservoir.experiments import RobustnessExperiment, option_types
from reservoir.experiments.contract import Experiment
from reservoir.experiments.options import (
    Commands,
    add_command,
    add_device,
    add_jobs,
    add_methods,
    add_outputs,
    add_pattern,
    add_seed,
)
from reservoir.experiments.robustness_bench import MITIGATIONS, PROTOCOLS
from reservoir.experiments.robustness_tasks import BENCHES


def add_robustness(commands: Commands) -> None:
    """Add the command to a parser.

    Parameters
    ----------
    commands : what `argparse.ArgumentParser.add_subparsers` gives
    """
    command = add_command(
        commands,
        "robustness",
        "Accuracy against the severity of faults: dead nodes, stored weights, drift and "
        "others, next to the control, an echo-state network and a perceptron with the same "
        "faults. With --out an interrupted run goes on where it stopped.",
    )
    command.add_argument(
        "--task", choices=BENCHES, default="digits", help="The task (default: digits)."
    )
    sets = "; ".join(f"{name}: {', '.join(kind.datasets)}" for name, kind in BENCHES.items())
    command.add_argument(
        "--dataset",
        metavar="NAME",
        help="The data of the task, or for digits a folder of recordings (default: the "
        f"first). {sets}.",
    )
    add_pattern(command)
    add_device(command)
    kinds = "; ".join(f"{name}: {', '.join(kind.kinds)}" for name, kind in BENCHES.items())
    command.add_argument(
        "--faults",
        nargs="+",
        metavar="NAME",
        help=f"The kinds of fault (default: all, of digits five). {kinds}.",
    )
    command.add_argument(
        "--severities",
        type=option_types.real,
        nargs="+",
        metavar="X",
        help="The severities of all faults alike (default: those of each fault).",
    )
    _add_conditions(command)
    add_jobs(command, "threads")
    add_seed(command)
    swept = (kind for bench in BENCHES.values() for kind in bench.kinds.values())
    add_methods(command, (name for kind in swept for name in kind.methods))
    add_outputs(command)
    command.set_defaults(make=_make_robustness)


def _add_conditions(command: argparse.ArgumentParser) -> None:
    """Add when faults come, how often, and what is done about them."""
    command.add_argument(
        "--protocol",
        choices=PROTOCOLS,
        default="after",
        help="after: the fault comes after training. before: it comes first. repaired: it "
        "comes after training, and something is done about it. refitted: it comes after "
        "training, and the readout is learned again from examples (default: after).",
    )
    command.add_argument(
        "--draws",
        type=option_types.positive,
        metavar="N",
        help="How often each fault is drawn (default: 10, with --quick 3).",
    )
    command.add_argument(
        "--examples",
        type=option_types.positive,
        default=100,
        metavar="N",
        help="The number of training samples that a repair may use (default: 100).",
    )
    command.add_argument(
        "--mitigation",
        choices=MITIGATIONS,
        default="none",
        help="drawn-faults: the readouts of reservoirs were trained over drawn faults of the "
        "same kind before the faults came (default: none).",
    )
    command.add_argument(
        "--trained-severity",
        type=option_types.real,
        metavar="X",
        help="The severity of the faults that are trained over (default: that of each row).",
    )


def _make_robustness(
    options: argparse.Namespace, parser: argparse.ArgumentParser
) -> Experiment:
    if options.pattern is not None and options.dataset in (
        None,
        *BENCHES[options.task].datasets,
    ):
        parser.error("--pattern says what the names in a folder mean; give --dataset FOLDER")
    try:
        return RobustnessExperiment(
            task=options.task,
            dataset=options.dataset,
            pattern=options.pattern or PATTERN,
            oscillator=options.device,
            faults=options.faults and tuple(options.faults),
            severities=options.severities and tuple(options.severities),
            protocol=options.protocol,
            draws=options.draws,
            n_examples=options.examples,
            mitigation=options.mitigation,
            trained_severity=options.trained_severity,
            seed=options.seed,
            n_jobs=options.jobs,
            quick=options.quick,
        )
    except ValueError as error:
        parser.error(str(error).rstrip("."))
