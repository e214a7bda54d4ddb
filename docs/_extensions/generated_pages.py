"""Pages that are made of the package itself: its names, its commands, its presets.

They are written into `docs/reference/` before Sphinx looks for sources, so they never say
anything but what the package says. A page whose text has not changed is left alone.
"""

import argparse
import importlib
import inspect
import pkgutil
from pathlib import Path
from types import ModuleType

from numpydoc.docscrape import NumpyDocString
from sphinx.application import Sphinx
from sphinx.config import Config

# What each room is for, in the order in which one meets them.
MODULES = (
    "reservoir",
    "reservoir.audio",
    "reservoir.datasets",
    "reservoir.devices",
    "reservoir.bench",
    "reservoir.masks",
    "reservoir.simulation",
    "reservoir.observation",
    "reservoir.multiplexing",
    "reservoir.readout",
    "reservoir.capacity",
    "reservoir.metrics",
    "reservoir.networks",
    "reservoir.couplings",
    "reservoir.layers",
    "reservoir.faults",
    "reservoir.ledger",
    "reservoir.laboratory",
    "reservoir.experiments",
    "reservoir.plotting",
    "reservoir.storage",
    "reservoir.exceptions",
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages before any source is read, and before autosummary looks for names."""
    app.connect("config-inited", _write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx, config: Config) -> None:
    folder = Path(app.srcdir) / "reference"
    _write(folder / "api.rst", _api_page())
    shown = {path.lstrip("~") for module in public_modules() for path in _paths(module)}
    for page in folder.glob("api/*.rst"):  # those that autosummary wrote in an earlier build
        if page.stem not in shown:
            page.unlink()
    _write(folder / "commands.md", _commands_page())
    _write(folder / "presets.md", _presets_page())


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def public_modules() -> list[ModuleType]:
    """The modules of `MODULES`; another one with public names is an error."""
    import reservoir

    for found in pkgutil.iter_modules(reservoir.__path__, "reservoir."):
        if found.name.rpartition(".")[2].startswith("_") or found.name in MODULES:
            continue
        if hasattr(importlib.import_module(found.name), "__all__"):
            raise ValueError(
                f"{found.name} has public names, which the reference does not show; add it "
                "to MODULES in docs/_extensions/generated_pages.py."
            )
    return [importlib.import_module(name) for name in MODULES]


def _api_page() -> str:
    lines = [
        "API",
        "===",
        "",
        "Every public name, room by room. Each page has the signature, the parameters with",
        "units and shapes, what is refused, and an example that runs.",
        "",
    ]
    for module in public_modules():
        name = module.__name__
        lines += [
            name,
            "-" * len(name),
            "",
            (inspect.getdoc(module) or "").split("\n\n")[0],
            "",
        ]
        lines += [".. autosummary::", "   :toctree: api", "   :nosignatures:", ""]
        lines += [f"   {path}" for path in _paths(module)] + [""]
    return "\n".join(lines)


def _paths(module: ModuleType) -> list[str]:
    """Where the names of a module are documented: in the first room that offers them."""
    name = module.__name__
    earlier = MODULES[: MODULES.index(name)]
    paths = []
    for public in sorted(module.__all__, key=str.casefold):
        member = getattr(module, public)
        if public.startswith("_") or inspect.ismodule(member):
            continue
        room = next(
            (
                room
                for room in earlier
                if public in importlib.import_module(room).__all__
                and getattr(importlib.import_module(room), public) is member
            ),
            name,
        )
        paths.append(f"~{room}.{public}")
    return paths


def _commands_page() -> str:
    from reservoir.cli import make_parser

    parser = make_parser()
    lines = [
        "# Command line",
        "",
        "`reservoir COMMAND --help` prints the same. Every command that measures something",
        "takes `--quick`, for a try, and `--out`, which keeps the results in an HDF5 file.",
        "",
    ]
    for name, command in _commands(parser):
        lines += [f"## {name}", "", "```text", _help(command), "```", ""]
    return "\n".join(lines)


def _commands(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    """A parser and those of its commands, all the way down, by their full names."""
    found = [(parser.prog, parser)]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found += _commands(command)
    return found


def _help(command: argparse.ArgumentParser) -> str:
    command.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=88)
    return command.format_help().rstrip()


def _presets_page() -> str:
    from reservoir.devices import find_device, preset_names

    lines = [
        "# Presets",
        "",
        "A {term}`preset` is a device by its name, as in",
        '`SpinTorqueOscillator.from_preset("torrejon2017")`, or in an estimator such as',
        '`ReservoirClassifier("torrejon2017")`.',
        "No preset is a fit to a published measurement. Each value is one of these:",
        "",
        "- **read**: it stands in a source that was read;",
        "- **derived**: it follows from other values by a formula that is given;",
        "- **recalled**: it is remembered of the literature, and was not checked;",
        "- **assumed** or **chosen**: nobody measured it.",
        "",
    ]
    for name in preset_names():
        device = find_device(name)
        preset = type(device).presets[name]
        kind, meanings = type(device).__name__, _meanings(type(device))
        lines += [f"## {name}", "", f"{{class}}`~reservoir.devices.{kind}`", ""]
        lines += ["| parameter | value | meaning, and unit |", "| --- | --- | --- |"]
        lines += [
            f"| `{key}` | {_value(given)} | {meanings[key]} |"
            for key, given in preset.parameters.items()
        ]
        lines += ["", preset.provenance.replace("*", "\\*"), ""]
    return "\n".join(lines)


def _meanings(device: type) -> dict[str, str]:
    """What a class says of each of its parameters, in one line."""
    meanings = {}
    for parameter in NumpyDocString(inspect.getdoc(device))["Parameters"]:
        for name in parameter.name.split(", "):
            meanings[name] = " ".join(parameter.desc).replace("|", "\\|").replace("*", "\\*")
    return meanings


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_value, value))})"
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"
