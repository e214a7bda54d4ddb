"""A device whose class stands in this file takes the place of any oscillator."""

import dataclasses
import math
import pickle
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SimulationError,
    SpinTorqueOscillator,
    StorageError,
    TimeMultiplexedReservoir,
    load,
    save,
    simulate,
)
from reservoir.devices import Ability, Device, LogisticOscillator, Preset, RateCoefficients
from reservoir.experiments import control


@dataclass(frozen=True)
class SquareLawNode(Device):
    """A capacitor under a held current, discharged by a transistor: C dV/dt = I - K V^2.

    With R = sqrt(I/K) and t = tanh(h sqrt(I K)/C), a hold h makes V to R (V + R t)/(R + V t).
    """

    capacitance: float = 1e-9
    steepness: float = 1e-3
    bias: float = 1e-3

    silent_below_threshold = False
    presets: ClassVar[dict] = {"slow": Preset({"capacitance": 1e-6}, "A test's own.")}

    @property
    def drive_unit(self):
        return self.bias

    @property
    def damping_rate(self):
        return 2 * math.sqrt(self.bias * self.steepness) / self.capacitance

    def respond(self, current, hold_time):
        rest = np.sqrt(current / self.steepness)
        turn = np.tanh(hold_time * rest * self.steepness / self.capacitance)
        voltage = np.empty_like(current)
        now = np.full(len(current), math.sqrt(self.bias / self.steepness))
        for k in range(current.shape[1]):
            r, t = rest[:, k], turn[:, k]
            voltage[:, k] = now = r * (now + r * t) / (r + now * t)
        return voltage


NODE = SquareLawNode()
GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(n, 2)) for n in (5, 9, 7, 6) * 5]
Y = np.array(["low", "high"] * 10)
OPTIONS = {"n_nodes": 10, "drive_range": (0.2, 1.8), "random_state": 0}
FITTED = {
    TimeMultiplexedReservoir: lambda **change: TimeMultiplexedReservoir(
        **{"oscillator": NODE, **OPTIONS, **change}
    ).fit(X),
    ReservoirClassifier: lambda **change: ReservoirClassifier(
        **{"oscillator": NODE, **OPTIONS, **change}
    ).fit(X, Y),
    ReservoirRegressor: lambda **change: ReservoirRegressor(
        **{"oscillator": NODE, **OPTIONS, **change}
    ).fit(X, [x[:, 0] for x in X]),
}


def answers(model):
    """All that a fitted estimator answers to the training data, in one row."""
    ask = model.transform if hasattr(model, "transform") else model.predict
    if hasattr(model, "decision_function"):
        ask = model.decision_function
    return np.concatenate([np.ravel(answer) for answer in ask(X)])


def test_the_closed_form_is_what_an_adaptive_integrator_finds():
    current = 1e-3 * np.random.default_rng(1).uniform(0.05, 3, 8)
    hold = 0.7 / NODE.damping_rate
    voltage = math.sqrt(NODE.bias / NODE.steepness)
    for held, found in zip(current, simulate(NODE, current, hold), strict=True):
        path = solve_ivp(
            lambda _, v, held=held: (held - NODE.steepness * v**2) / NODE.capacitance,
            (0, hold),
            [voltage],
            rtol=1e-10,
            atol=1e-12,
        )
        voltage = path.y[0, -1]
        # The integrator's own error over eight holds of about 1 V.
        assert found == pytest.approx(voltage, rel=0, abs=1e-8)


def test_a_held_current_leads_to_rest_at_the_rate_that_the_device_states():
    # A small step of the current: the distance from rest falls by exp(-1) in 1/damping_rate.
    start = np.full(3, 1.0001 * NODE.bias)
    voltage = simulate(NODE, np.r_[start, start], 1 / NODE.damping_rate)
    distance = math.sqrt(1.0001 * NODE.bias / NODE.steepness) - voltage
    # The rate changes with V by a ten-thousandth, the size of the step.
    np.testing.assert_allclose(distance[1:] / distance[:-1], math.exp(-1), rtol=3e-4)


@pytest.mark.parametrize("estimator", FITTED)
def test_every_estimator_takes_it_and_rows_do_not_depend_on_each_other(estimator):
    model = FITTED[estimator]()
    assert model.oscillator_ is NODE and model.node_time_ == 1.67 / NODE.damping_rate
    ask = model.transform if hasattr(model, "transform") else model.predict
    for one, together in zip(X[:4], ask(X)[:4], strict=True):
        np.testing.assert_array_equal(ask([one])[0], together)


def test_the_states_are_what_the_device_answers_to_the_drive():
    model = FITTED[TimeMultiplexedReservoir]()
    current = model.drive_.currents(X[3]).ravel()
    expected = simulate(NODE, current, model.node_time_)
    np.testing.assert_array_equal(model.transform(X)[3].ravel(), expected)


def test_it_remembers_and_bends_where_the_control_does_not():
    u = np.random.default_rng(2).choice([-1.0, 1.0], (900, 1))
    alike = np.r_[0.0, u[1:, 0] * u[:-1, 0]]
    model = ReservoirRegressor(
        NODE,
        n_nodes=12,
        node_time=0.1 / NODE.damping_rate,
        mask="uniform",
        drive_range=(0.05, 3.0),
        washout=10,
        random_state=0,
    )
    scores = [
        one.fit(u[:600], alike[:600]).score(u[610:], alike[610:])
        for one in (model, control(model))
    ]
    assert scores[0] > 0.8 > 0.1 > scores[1]


@pytest.mark.parametrize("estimator", FITTED)
def test_fields_are_parameters_and_clone_and_pickle_keep_them(estimator):
    model = FITTED[estimator]()
    assert model.get_params()["oscillator__capacitance"] == 1e-9
    twin = clone(model).set_params(oscillator__capacitance=2e-9)
    assert twin.oscillator == SquareLawNode(2e-9) and model.oscillator == NODE
    again = pickle.loads(pickle.dumps(model))
    assert again.oscillator == NODE
    np.testing.assert_array_equal(answers(again), answers(model))


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
def test_a_grid_search_goes_over_its_fields():
    model = ReservoirClassifier(NODE, **OPTIONS)
    search = GridSearchCV(model, {"oscillator__bias": [5e-4, 1e-3]}, cv=2)
    table = np.array([x[-1] for x in X])
    assert search.fit(table, Y).best_params_["oscillator__bias"] in (5e-4, 1e-3)


def test_a_fitted_estimator_is_played_on_another_of_its_kind_only():
    model = FITTED[ReservoirClassifier]()
    same = model.on_device(SquareLawNode())
    np.testing.assert_array_equal(answers(same), answers(model))
    other = model.on_device(dataclasses.replace(NODE, steepness=1.1e-3))
    assert not np.array_equal(answers(other), answers(model))
    with pytest.raises(ValueError, match="fitted on a SquareLawNode"):
        model.on_device(SpinTorqueOscillator.from_preset("uniform"))


def test_it_may_have_presets():
    assert SquareLawNode.from_preset("slow") == SquareLawNode(1e-6)
    assert SquareLawNode.provenance("slow") == "A test's own."
    with pytest.raises(ValueError, match="SquareLawNode has no preset 'fast'.*slow"):
        SquareLawNode.from_preset("fast")


@pytest.mark.parametrize("estimator", FITTED)
def test_a_model_with_it_is_saved_and_loaded_with_every_bit(estimator, tmp_path):
    device = SquareLawNode(capacitance=3e-9, bias=0.7e-3)
    model = FITTED[estimator](oscillator=device)
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5", devices=(SquareLawNode,))
    assert again.oscillator == again.oscillator_ == device
    np.testing.assert_array_equal(answers(again), answers(model))


def test_a_class_that_is_not_given_is_named_with_the_call_that_gives_it(tmp_path):
    path = tmp_path / "model.h5"
    save(FITTED[ReservoirClassifier](), path)
    call = r"of the class SquareLawNode, .* load\(path, devices=\(SquareLawNode,\)\)"
    for devices in ((), (SpinTorqueOscillator,)):
        with pytest.raises(StorageError, match=call):
            load(path, devices=devices)
    with pytest.raises(TypeError, match=r"devices=\(SquareLawNode,\)"):
        load(path, devices=SquareLawNode)
    with pytest.raises(TypeError, match="must hold classes that derive from"):
        load(path, devices=(NODE,))
    twin = dataclass(frozen=True)(type("SquareLawNode", (Device,), {}))
    with pytest.raises(ValueError, match="two classes of the name SquareLawNode"):
        load(path, devices=(SquareLawNode, twin))
    with pytest.raises(StorageError, match="with the fields .* refuses them .TypeError"):
        load(path, devices=(twin,))


def test_a_file_cannot_name_a_class_that_was_not_given(tmp_path, edited):
    path = tmp_path / "model.h5"
    save(FITTED[ReservoirClassifier](), path)
    for name in ("os.system", "SpinTorqueOscillator", "Drive", "Device"):
        with edited(path) as file:
            file["params/oscillator"].attrs["class"] = name
        with pytest.raises(StorageError, match=f"of the class {name}"):
            load(path, devices=(SquareLawNode,))


def test_a_class_with_a_name_of_ours_stays_the_users(tmp_path):
    class SpinTorqueOscillator(SquareLawNode):
        """Another class of the same name."""

    model = FITTED[ReservoirClassifier](oscillator=SpinTorqueOscillator())
    save(model, tmp_path / "model.h5")
    with pytest.raises(StorageError, match="which is not one of this package"):
        load(tmp_path / "model.h5")
    again = load(tmp_path / "model.h5", devices=(SpinTorqueOscillator,))
    assert type(again.oscillator_) is SpinTorqueOscillator


class Plain(Device):
    """No dataclass, as a beginner writes it."""

    drive_unit = 1.0
    silent_below_threshold = False

    def __init__(self, gain):
        self.gain = gain

    def default_node_time(self, n_nodes):
        return 1.0

    def respond(self, current, hold_time):
        return np.tanh(self.gain * current)


def test_a_device_that_is_no_dataclass_computes_but_is_not_saved(tmp_path):
    model = FITTED[ReservoirClassifier](oscillator=Plain(2.0))
    assert model.score(X, Y) > 0.4
    assert clone(model).oscillator.gain == 2.0
    with pytest.raises(
        TypeError, match=r"oscillator is a Plain, .* @dataclass\(frozen=True\)"
    ):
        save(model, tmp_path / "model.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ({"damping_rate": 1.0}, TypeError, "neither a drive_unit nor a threshold_current"),
        ({"drive_unit": 1.0}, ValueError, "has no damping.*set node_time"),
        ({"drive_unit": 1.0, "damping_rate": 1.0}, NotImplementedError, "method respond"),
        (
            {"drive_unit": 1.0, "damping_rate": 1.0, "respond": lambda self, i, h: i[:, -1]},
            ValueError,
            "Sketch answered .* currents with an array of shape",
        ),
        (
            {"drive_unit": 1.0, "damping_rate": 1.0, "respond": lambda self, i, h: i / 0.0},
            SimulationError,
            "respond of Sketch returned inf",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_a_class_does_not_say_yet_is_named(body, error, message):
    device = type("Sketch", (Device,), body)()
    with pytest.raises(error, match=message):
        FITTED[ReservoirClassifier](oscillator=device, drive_range=(0.5, 1.5))


def test_something_that_is_no_device_is_refused_with_the_base_class():
    with pytest.raises(TypeError, match="derives from reservoir.devices.Device"):
        FITTED[ReservoirClassifier](oscillator=3)
    with pytest.raises(TypeError, match="the class SquareLawNode; give an instance"):
        FITTED[ReservoirClassifier](oscillator=SquareLawNode)


@dataclass(frozen=True)
class QuarterPower(LogisticOscillator):
    """An oscillator of one's own for the exact kernel: power (z - 1)/4 at rest."""

    threshold_current: float = 1e-3
    damping_rate: float = 1e6
    frequency: float = 1e8
    nonlinear_frequency_shift: float = 0.0
    current_tuning: float = 0.0
    power_floor: float = 1e-9

    def rate_coefficients(self):
        slope = 2 * self.damping_rate / self.threshold_current
        return RateCoefficients(slope, -2 * self.damping_rate, 0.0, 8 * self.damping_rate)


def test_an_oscillator_of_ones_own_runs_in_the_exact_kernel(tmp_path):
    device = QuarterPower()
    assert device.abilities() == {Ability.RATES}
    end = simulate(device, np.full(60, 2.2e-3), 1e-6, initial_power=0.01)[-1]
    # A fixed point of the exact step, reached to the last digits.
    assert end**2 == pytest.approx(1.2 / 4, rel=1e-12)
    model = ReservoirRegressor(
        device, n_nodes=10, feedback_gain=0.2, n_oscillators=2, coupling=1e5, random_state=0
    ).fit(X, [x[:, 0] for x in X])
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5", devices=[QuarterPower])
    np.testing.assert_array_equal(answers(again), answers(model))
    with pytest.raises(ValueError, match="Use a SpinTorqueOscillator"):
        model.set_params(n_oscillators=1, coupling=0.0, thermal_noise=1e-6).fit(
            X, [x[:, 0] for x in X]
        )


class RatesOfAnyKind(QuarterPower):
    """Its rates are what `kind` makes of them."""

    kind = np.asarray

    def rate_coefficients(self):
        return RateCoefficients(*map(self.kind, super().rate_coefficients()))


@pytest.mark.parametrize("kind", [np.asarray, np.float32, np.float64])
def test_rates_may_be_numbers_of_numpy(kind):
    device = RatesOfAnyKind()
    object.__setattr__(device, "kind", kind)
    currents = np.linspace(0, 3e-3, 7)
    np.testing.assert_array_equal(
        simulate(device, currents, 1e-6), simulate(QuarterPower(), currents, 1e-6)
    )


def test_rates_that_change_between_two_calls_are_seen():
    device, currents = QuarterPower(), np.full(5, 2e-3)
    before = simulate(device, currents, 1e-6)
    object.__setattr__(device, "damping_rate", 2e6)
    np.testing.assert_array_equal(
        simulate(device, currents, 1e-6),
        simulate(QuarterPower(damping_rate=2e6), currents, 1e-6),
    )
    assert (simulate(device, currents, 1e-6) != before).any()


class Scribbler(SquareLawNode):
    """A node that writes into its rows."""

    def respond(self, current, hold_time):
        current *= 2
        return current


def test_a_device_that_writes_into_its_rows_changes_nothing_of_the_caller():
    current = np.full((2, 3), 1e-3)
    simulate(Scribbler(), current, 1e-6)
    assert (current == 1e-3).all()


class ComplexNode(SquareLawNode):
    """A node that answers with complex numbers."""

    def respond(self, current, hold_time):
        return current * 1j


def test_complex_answers_are_refused():
    with pytest.raises(ValueError, match="ComplexNode returned complex numbers"):
        simulate(ComplexNode(), np.full((2, 3), 1e-3), 1e-6)


def with_entry(name, value, base=SquareLawNode):
    """A class of its own with one entry of the protocol changed."""
    return type("Mistaken", (base,), {name: value})()


@pytest.mark.parametrize(
    ("device", "message"),
    [
        (with_entry("drive_unit", 0.0), "Mistaken.drive_unit is 0.0; it must be .* above 0"),
        (with_entry("drive_unit", "1"), "Mistaken.drive_unit is '1'"),
        (with_entry("abilities", lambda self: ["rates"]), "must return a frozenset"),
        (with_entry("abilities", lambda self: {"rates"}), "must return a frozenset"),
        (
            with_entry("abilities", lambda self: {Ability.RATES}),
            "does not derive from reservoir.devices.LogisticOscillator",
        ),
        (
            with_entry(
                "damping_rate",
                1e6,
                type("Bare", (LogisticOscillator,), {"threshold_current": 1e-3}),
            ),
            "Mistaken has no power_floor",
        ),
    ],
)
def test_a_mistake_in_the_protocol_is_named(device, message):
    X = np.random.default_rng(0).normal(size=(4, 5, 2))
    with pytest.raises(ValueError, match=message):
        TimeMultiplexedReservoir(device, 10).fit(X)


def test_what_is_no_device_is_not_simulated():
    with pytest.raises(TypeError, match="oscillator is of type str; it must be a device"):
        simulate("torrejon2017", np.full(3, 5e-3), 1e-6)
