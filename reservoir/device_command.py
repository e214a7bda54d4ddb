"""The command that prints and draws what a device is: a preset, a bench table, or a file."""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from reservoir._plausibility import warn_of_current
from reservoir._terminal import say
from reservoir._units import plain_unit, prefixed_units
from reservoir._work import Work
from reservoir.bench import (
    BenchFit,
    Transient,
    device_sheet,
    is_bench_table,
    load_device,
    read_bench_table,
    read_locking,
    read_transient,
)
from reservoir.bench.loading import fit_of_file
from reservoir.bench.sheet import SheetLine
from reservoir.devices import Device, LogisticOscillator, SpinTorqueOscillator
from reservoir.experiments import option_types
from reservoir.experiments.options import Commands
from reservoir.experiments.output_checks import refuse_replacing, require_matplotlib
from reservoir.storage import save

UNITS_OF_KNOWN = {
    "threshold_current": ("A",),
    "damping_rate": ("1/s",),
    "frequency": ("Hz",),
    "nonlinear_frequency_shift": ("Hz",),
    "current_tuning": ("Hz/A",),
}
OUTPUTS = ("json", "plot", "out")
HEADINGS = ("", "value", "95 % interval", "standing")


def add_commands(commands: Commands) -> None:
    """Add `device` to a parser.

    A parsed command leaves `work`, which makes a `DeviceCommand` of the options.

    Parameters
    ----------
    commands : what `argparse.ArgumentParser.add_subparsers` gives
    """
    command = commands.add_parser(
        "device",
        help="what a device is: a preset, your bench table with its fit, or a file",
        description="What is a device? Threshold, damping, frequency, tuning and noise, and "
        "what follows from them at a bias, each with its error and where it comes from. A "
        "bench table is fitted.",
    )
    command.add_argument(
        "device",
        metavar="TABLE.csv|PRESET|FILE.h5",
        help="A bench table, the name of a preset, or a file that --out wrote.",
    )
    command.add_argument(
        "--units",
        nargs="+",
        default=[],
        metavar="COLUMN=UNIT",
        help="Units of columns whose names say none, as in current=mA time=ns.",
    )
    command.add_argument(
        "--known",
        nargs="+",
        default=[],
        type=_known,
        metavar="NAME=VALUE",
        help="Numbers that are known already and are not fitted, as in damping_rate=1.2e6 "
        "threshold_current=3.5mA.",
    )
    command.add_argument(
        "--like",
        default="torrejon2017",
        choices=sorted(SpinTorqueOscillator.presets),
        help="The preset from which numbers are assumed that nothing tells (default: "
        "torrejon2017).",
    )
    _add_measurements(command)
    _add_outputs(command)
    command.set_defaults(work=DeviceCommand, parser=command)


def _add_measurements(command: argparse.ArgumentParser) -> None:
    """Options of what was measured at one current."""
    command.add_argument(
        "--bias",
        type=_current,
        metavar="CURRENT",
        help="The current at which relaxation time, frequency, linewidth and locking are "
        "given, as in 7mA; without a unit in A (default: twice the threshold).",
    )
    command.add_argument(
        "--transient",
        metavar="TRACE.csv",
        help="The trace of a step of the current to the bias, with columns time and voltage. "
        "It tells the damping rate.",
    )
    command.add_argument(
        "--locking",
        metavar="EDGES.csv",
        help="A table of locking edges at the bias, with the columns injected_power_dBm (or "
        "injected_current_mA), lower_edge_MHz and upper_edge_MHz. It tells what the source "
        "does to the oscillator.",
    )


def _add_outputs(command: argparse.ArgumentParser) -> None:
    """Options of files that are written."""
    command.add_argument(
        "--out",
        type=option_types.new_results,
        metavar="FILE.h5",
        help="The device is written to this file, which reservoir.load and --device read.",
    )
    command.add_argument(
        "--json",
        type=option_types.new_file_or_output,
        metavar="FILE",
        help="The lines are written to this file as JSON, in SI units. A '-' means standard "
        "output; the table then goes to standard error.",
    )
    command.add_argument(
        "--plot",
        type=option_types.new_figure,
        metavar="FILE.png",
        help="The device is drawn into this file (PNG, PDF or SVG).",
    )


def _quantity(text: str, units: Sequence[str]) -> float:
    """A number in SI units from a text with a unit, or without one."""
    text = plain_unit(text)
    for unit in units:
        for name, factor in sorted(prefixed_units(unit).items(), key=lambda p: -len(p[0])):
            if text.endswith(name):
                try:
                    return float(text[: -len(name)]) * factor
                except ValueError:
                    continue
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number, nor one with a unit like 7mA"
        ) from None


def _current(text: str) -> float:
    """A positive current, in A."""
    value = _quantity(text, ("A",))
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a finite current above 0")
    return value


def _known(text: str) -> tuple[str, float]:
    """A name and a number."""
    name, sign, value = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    units = UNITS_OF_KNOWN.get(name.strip(), ())
    try:
        return name.strip(), _quantity(value, units)
    except argparse.ArgumentTypeError:
        unit = f", without a unit or in {units[0]}" if units else ""
        raise argparse.ArgumentTypeError(
            f"{text!r}: behind the sign there must be a number{unit}"
        ) from None


class DeviceCommand(Work):
    """Read, fit, write, print and draw.

    Parameters
    ----------
    options : argparse.Namespace
    """

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
        try:
            device, fit, transient = self._device()
            if options.bias is not None and isinstance(device, LogisticOscillator):
                warn_of_current(options.bias, device.threshold_current)
            lines = device_sheet(device, options.bias, fit)
            if transient is not None:
                lines.append(_of_transient(transient))
            if options.locking:
                lines.append(self._of_locking(device))
            go_on()
            return self._hand_out(device, fit, transient, lines)
        except ValueError as error:
            say(str(error))
            return 1

    def _check(self) -> None:
        options = self.options
        table = is_bench_table(options.device)
        for name, needs in (("known", table), ("units", table or options.transient)):
            if getattr(options, name) and not needs:
                options.parser.error(f"--{name} goes with a bench table only")
        names = [name for name, _ in options.known]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            options.parser.error(f"--known gives {twice} twice; leave one of them out")
        if options.transient and options.bias is None:
            options.parser.error(
                "--transient needs --bias, the current to which the step leads"
            )
        if options.locking and options.bias is None:
            options.parser.error("--locking needs --bias, the current of the oscillator")
        if options.transient and not table:
            options.parser.error("--transient goes with a bench table only")
        require_matplotlib(options)
        refuse_replacing(
            options, OUTPUTS, (options.device, options.transient, options.locking)
        )

    def _device(self) -> tuple[Device, BenchFit | None, Transient | None]:
        options = self.options
        if not is_bench_table(options.device):
            return load_device(options.device), None, None
        units = dict(self._split(text) for text in options.units)
        of_trace: dict[str, str] = {}
        for name in ("time", "voltage"):
            if name in units:
                of_trace[name] = units.pop(name)
        table = read_bench_table(options.device, units)
        known = dict(options.known)
        fit = fit_of_file(options.device, table, like=options.like, given=known)
        if not options.transient:
            return fit.oscillator, fit, None
        transient = read_transient(options.transient, of_trace)
        threshold = fit.estimates["threshold_current"].error or 0.0
        rate = transient.damping_rate(options.bias, fit.oscillator, threshold)
        known["damping_rate"] = rate.value
        fit = fit_of_file(options.device, table, like=options.like, given=known)
        fit = replace(fit, estimates={**fit.estimates, "damping_rate": rate})
        return fit.oscillator, fit, transient

    def _of_locking(self, device: Device) -> SheetLine:
        """What the source does, from a table of edges."""
        if not isinstance(device, SpinTorqueOscillator):
            raise ValueError(
                f"A {type(device).__name__} has no line whose locking is known; leave out "
                "--locking."
            )
        scale = read_locking(self.options.locking, device, self.options.bias)
        found = scale.scale
        return SheetLine(
            "injection_scale",
            f"injection per {scale.per} of the source",
            found.value,
            "1/s",
            found.standing,
            found.error,
            found.interval,
        )

    def _split(self, text: str) -> tuple[str, str]:
        name, sign, unit = text.partition("=")
        if not sign:
            self.options.parser.error(
                f"argument --units: {text!r} is not of the form COLUMN=UNIT, as current=mA"
            )
        return name.strip(), unit.strip()

    def _hand_out(
        self,
        device: Device,
        fit: BenchFit | None,
        transient: Transient | None,
        lines: Sequence[SheetLine],
    ) -> int:
        """Write the files, then print the table."""
        options = self.options
        title = f"{options.device}: {type(device).__name__}"
        self.write("out", lambda path: save(device, path))
        self.write("plot", lambda path: self._draw(device, fit, transient, title, path))
        rows = json.dumps([asdict(line) for line in lines], indent=2)
        text = "\n".join([title, "", _table(lines), *_notes(options.device, device, fit)])
        return self.print_table(text, rows)

    def _draw(
        self,
        device: Device,
        fit: BenchFit | None,
        transient: Transient | None,
        title: str,
        path: str,
    ) -> None:
        from reservoir.bench.figure import device_figure
        from reservoir.plotting import plot_device

        if not isinstance(device, LogisticOscillator):
            raise ValueError(
                f"A {type(device).__name__} has no threshold and no line to draw; leave out "
                "--plot."
            )
        bias = self.options.bias or 2 * device.threshold_current
        plot_device(device_figure(device, bias, title, fit, transient), path)


def _of_transient(transient: Transient) -> SheetLine:
    """The relaxation time that the trace of a step shows."""
    found = transient.relaxation_time
    return SheetLine(
        "relaxation_time_of_transient",
        "relaxation time of the transient",
        found.value,
        "s",
        found.standing,
        found.error,
        found.interval,
    )


def _table(lines: Sequence[SheetLine]) -> str:
    """Lines in columns of equal width."""
    cells: list[tuple[str, ...]] = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def _notes(text: str, device: Device, fit: BenchFit | None) -> list[str]:
    """Sentences below the table."""
    if fit is not None:
        names = {"linewidth": "linewidth", "linewidth below": "linewidth below the threshold"}
        spreads = [
            f"{names.get(name, name)} {100 * spread:.2g} %"
            for name, spread in fit.solution.spreads.items()
            if name in fit.solution.problem.relative
        ]
        left = f"Rms of the fit: {', '.join(spreads)}." if spreads else ""
        return ["", *([left] if left else []), *fit.notes]
    if text in type(device).presets:
        return ["", type(device).provenance(text)]
    return ["", f"Read from {Path(text).name}."]
