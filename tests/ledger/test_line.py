"""Does a ledger say what it knows, and never take what it does not know for zero?"""

import json

import h5py
import numpy as np
import pytest

from reservoir.ledger import STANDINGS, Figure, Figures, Ledger, Line, compare, cost
from reservoir.ledger.line import counted, evaluate, reckoned
from reservoir.ledger.units import written
from reservoir.networks.network import OscillatorNetwork

POWER = Figure(2.0, "W", "a sheet", "published")
TIME = Figure(3.0, "s", "a clock", "measured")
UNKNOWN = Figure(None, "W", "nobody", "unknown")


def energy(name, power, time=TIME):
    return reckoned("energy", name, "J", "power * time", {"power": power, "time": time})


BOTH = Ledger("both", (energy("known", POWER), energy("dark", UNKNOWN)))


def test_a_line_is_what_its_formula_makes_of_its_inputs():
    found = energy("lamp", POWER)
    assert found.value == 6.0
    assert found.inputs == {"power": (2.0, "W"), "time": (3.0, "s")}
    assert found.source == "a sheet a clock"


def test_a_line_is_as_sure_as_its_least_sure_input_and_not_surer_than_derived():
    assert energy("lamp", POWER).standing == "derived"
    assert energy("lamp", Figure(2.0, "W", "", "assumed")).standing == "assumed"
    assert energy("lamp", UNKNOWN).standing == "unknown"
    alone = reckoned("beside", "time", "s", "time", {"time": TIME})
    assert alone.standing == "measured"


def test_what_is_unknown_is_no_zero():
    dark = BOTH["dark"]
    assert dark.value is None and "unknown" in str(dark)
    total = BOTH.total("energy")
    assert total.value == 6.0 and total.n_unknown == 1
    assert str(total) == "at least 6 J (1 line unknown)"
    none = Ledger("none", (dark,)).total("energy")
    assert none.value is None and str(none) == "unknown (1 line unknown)"
    assert str(Ledger("all", (BOTH["known"],)).total("energy")) == "6 J"
    assert np.isnan(BOTH.arrays()["value"][1])
    assert json.loads(BOTH.to_json())["lines"][1]["value"] is None


def test_lines_beside_and_in_place_of_others_are_in_no_total():
    other = reckoned("beside", "other", "J", "power * time", {"power": POWER, "time": TIME})
    assert Ledger("x", (*BOTH.lines, other)).total("energy") == BOTH.total("energy")
    with pytest.raises(ValueError, match="only time and energy"):
        BOTH.total("beside")


def test_a_ledger_outlives_text_arrays_and_repr(tmp_path):
    assert Ledger.from_json(BOTH.to_json()) == BOTH
    for found in BOTH:
        assert eval(repr(found)) == found
    assert eval(repr(POWER)) == POWER
    with h5py.File(tmp_path / "ledger.h5", "w") as file:
        for name, column in BOTH.arrays().items():
            file[name] = column
        assert file["name"].asstr()[:].tolist() == ["known", "dark"]
        assert json.loads(file["inputs"].asstr()[0]) == {"power": [2, "W"], "time": [3, "s"]}
    with pytest.raises(ValueError, match="is no ledger"):
        Ledger.from_json('{"lines": [{}]}')


def test_the_table_names_each_line_its_standing_and_formula():
    text = BOTH.table()
    assert "known           6 J  derived    power * time" in text
    assert "dark        unknown  unknown    power * time" in text
    assert "in all  at least 6 J (1 line unknown)" in text
    assert "power = 2 W, time = 3 s" in BOTH.table(details=True)


def test_a_line_that_another_ledger_lacks_is_a_dash_beside_it():
    text = compare({"one": BOTH, "two": Ledger("two", (BOTH["known"],))})
    rows = {row.split("  ")[0]: row for row in text.splitlines()}
    assert rows["dark"].split() == ["dark", "unknown", "-"]
    assert rows["energy in all"].split("  ")[-1] == "6 J"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": "furlong"}, "unit is 'furlong'"),
        ({"standing": "certain"}, "standing is 'certain'"),
        ({"standing": "unknown"}, "standing of None is 'unknown'"),
        ({"value": None}, "standing of None is 'unknown'"),
        ({"value": -1.0}, "value is -1.0"),
        ({"value": float("nan")}, "value is nan"),
        ({"value": True}, "value is True"),
        ({"section": "misc"}, "section is 'misc'"),
    ],
)
def test_a_line_with_a_wrong_field_is_refused(change, words):
    fields = {
        "section": "energy",
        "name": "x",
        "value": 1.0,
        "unit": "J",
        "formula": "x",
        "standing": "derived",
    }
    with pytest.raises(ValueError, match=words):
        Line(**{**fields, **change})


def test_inputs_of_a_line_cannot_be_changed():
    with pytest.raises(TypeError):
        BOTH["known"].inputs["power"] = (0.0, "W")


def test_a_ledger_refuses_two_lines_of_a_name_and_what_is_no_line():
    with pytest.raises(ValueError, match="'known' of 'energy' twice"):
        Ledger("x", (BOTH["known"], BOTH["known"]))
    with pytest.raises(TypeError, match="holds a str"):
        Ledger("x", ("line",))
    with pytest.raises(KeyError, match="known, dark"):
        BOTH["light"]


def test_a_formula_computes_and_holds_nothing_else():
    assert evaluate("2 * a ** b / (c - 1) + a", {"a": 3, "b": 2, "c": 4}) == 9.0
    for formula in ("__import__('os')", "a.real", "-a", "a if a else a", "d"):
        with pytest.raises(ValueError, match="has no value"):
            evaluate(formula, {"a": 1.0})


@pytest.mark.parametrize(
    ("formula", "number"),
    [("power / number", 0.0), ("power * 2 ** number", 5000.0), ("power * number", 1e308)],
)
def test_a_line_without_a_number_is_refused_with_its_inputs(formula, number):
    inputs = {"power": Figure(20.0, "W"), "number": counted(number)}
    with pytest.raises(ValueError, match=r"^The line 'lamp' has no number: .*power = 20 W, "):
        reckoned("energy", "lamp", "J", formula, inputs)


def test_values_are_written_with_the_prefix_that_fits():
    assert written(0.99996e-6, "J") == "1 uJ"
    assert written(4.2e-15, "J") == "4.2 fJ"
    assert written(3e-18, "J") == "0.003 fJ"
    assert written(0.0, "J") == "0 J"
    assert written(1.5e-7, "A2 s") == "1.5e-07 A2 s"
    assert written(64, "byte") == "64 byte"


def test_a_users_figure_takes_the_place_of_the_default():
    figures = Figures(magnet_power=30, amplifier_power=Figure(0.1, "W", "mine", "measured"))
    assert figures["magnet_power"].standing == "assumed"
    assert figures["amplifier_power"].standing == "measured"
    assert figures["brain_power"] == Figures()["brain_power"]
    assert Figures(brain_power=None)["brain_power"].value is None
    assert eval(repr(figures)) == figures
    assert set(figures) == set(Figures())


def test_every_default_says_where_it_is_from_and_none_unknown_has_a_number():
    for name, figure in Figures().items():
        assert figure.source, name
        assert figure.standing in STANDINGS


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"magnet": 3}, "no figure 'magnet'"),
        ({"magnet_power": -3}, "magnet_power: Figure.value is -3"),
        ({"magnet_power": "3 W"}, "value is '3 W'"),
        ({"magnet_power": Figure(1.0, "J")}, "in 'J'; it must be in W"),
    ],
)
def test_a_wrong_figure_is_refused(figures, words):
    with pytest.raises(ValueError, match=words):
        Figures(**figures)


def test_figures_must_be_figures():
    network = OscillatorNetwork().fit([[340e6, 360e6]])
    with pytest.raises(TypeError, match="figures is a dict"):
        cost(network, figures={"magnet_power": 3})


def test_a_count_without_a_number_is_unknown():
    assert counted(None).standing == "unknown"
    assert counted(3).value == 3.0
