"""Has every public name a docstring with parameters, units and an example that runs?"""

import importlib
import inspect
import pkgutil
import re

import pytest

import reservoir

# Where a parameter of this name is described, its unit must stand.
UNITS = {
    "bandwidth": "Hz",
    "currents": "A",
    "damping_rate": "1/s",
    "duration": " s",
    "frequencies": "Hz",
    "frequency": "Hz",
    "hold_time": " s",
    "injection": "1/s",
    "linewidth": "Hz",
    "node_time": " s",
    "sample_rate": "Hz",
    "settling_time": " s",
    "threshold_current": "A",
}
# For the shell alone.
COMMANDS = {"cli", "cost_command", "cost_tables", "device_command", "speech_commands"}
BASES = {"Device", "LogisticOscillator", "Wire", "Ability"}  # They take nothing.


def public_names():
    """Each public function and class once, by its place."""
    places = {}
    names = [
        "reservoir",
        *(f"reservoir.{m.name}" for m in pkgutil.iter_modules(reservoir.__path__)),
    ]
    for name in names:
        if name.rpartition(".")[2].startswith("_"):
            continue
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            member = getattr(module, public)
            if inspect.isclass(member) or inspect.isfunction(member):
                places.setdefault(member, f"{name}.{public}")
    return [pytest.param(member, id=place) for member, place in places.items()]


def section(docstring, title):
    """The lines of one section, without its heading."""
    found = re.search(
        rf"^{title}\n-+\n(.*?)(?=^[A-Z][a-z ]+\n-+\n|\Z)", docstring, re.M | re.S
    )
    return found[1] if found else ""


def described(docstring):
    """Name and text of every parameter and attribute."""
    texts = {}
    for title in ("Parameters", "Attributes"):
        for part in re.split(r"^(?=\S)", section(docstring, title), flags=re.M):
            head, _, text = part.partition("\n")
            if head.endswith("*"):  # a heading between parameters
                continue
            for name in re.findall(r"\*{0,2}(\w+)", head.partition(" : ")[0]):
                texts.setdefault(name, head + text)
    return texts


@pytest.mark.parametrize("member", public_names())
def test_a_public_name_is_documented(member):
    docstring = inspect.getdoc(member) or ""
    assert docstring, "no docstring"
    assert ">>> " in section(docstring, "Examples"), "no example"
    if member.__name__ in BASES or (
        inspect.isclass(member) and issubclass(member, Exception)
    ):
        return
    signature = inspect.signature(member)
    texts = described(docstring)
    missing = {name for name in signature.parameters if name not in texts}
    assert not missing, f"not described: {sorted(missing)}"
    if inspect.isfunction(member) and signature.return_annotation not in (None, "None"):
        assert section(docstring, "Returns") or section(docstring, "Yields"), "no Returns"


@pytest.mark.parametrize("member", public_names())
def test_what_has_a_unit_says_it(member):
    texts = described(inspect.getdoc(member) or "")
    silent = {n: text for n, text in texts.items() if UNITS.get(n, "") not in text}
    assert not silent, silent


def test_every_public_module_lists_its_names():
    offered = {
        found.name
        for found in pkgutil.iter_modules(reservoir.__path__)
        if not found.name.startswith("_")
    }
    without = {
        name
        for name in offered
        if not hasattr(importlib.import_module(f"reservoir.{name}"), "__all__")
    }
    assert without == COMMANDS


def test_names_are_found():
    assert len(public_names()) > 150
