"""Is the energy of the direct current that of the very currents that were played?"""

import numpy as np
import pytest
from scipy.integrate import quad

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    simulate,
)
from reservoir.devices import MackeyGlassNode, PhaseLockedOscillator, Wire
from reservoir.laboratory import Waveform
from reservoir.ledger import Figures, cost
from reservoir.ledger.plays import squared_currents
from reservoir.multiplexing.played import played_currents

pytestmark = pytest.mark.kernel
DEVICE = "device, direct current"
GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(n, 3)) for n in (7, 12, 9)]
R = 55.0
ROMERA = SpinTorqueOscillator.from_preset("romera2018")


def model(**parameters):
    return TimeMultiplexedReservoir(n_nodes=20, node_time=1e-7, random_state=0, **parameters)


def test_the_energy_is_that_of_the_generators_waveform_integrated_by_quadrature():
    reservoir = model(context=(2,), node_bias=0.1).fit(X)
    waveform = Waveform.from_estimator(reservoir, X, sample_rate=5e7)
    current = waveform.voltage / waveform.volts_per_ampere + waveform.bias_current
    per_node = waveform.samples_per_node
    joules = 0.0
    for start, length in zip(waveform.starts, waveform.lengths, strict=True):
        played = current[start : start + length * per_node]

        def power(time, played=played):
            return R * played[min(int(time * waveform.sample_rate), len(played) - 1)] ** 2

        for hold in range(length):  # smooth within each hold
            begin = hold * waveform.node_time
            joules += quad(power, begin, begin + waveform.node_time, epsabs=0)[0]
    ledger = cost(reservoir, X, figures=Figures(device_resistance=R))
    assert ledger[DEVICE].value == pytest.approx(joules / len(X), rel=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"feedback_gain": 0.3},
        {"feedback_gain": 0.3, "feedback_delay": (3, 21)},
        {"loop_gain": 0.5},
        {"drift": 0.1},
        {"drift": 0.1, "feedback_gain": 0.2, "node_bias": 0.05},
    ],
)
def test_the_currents_that_are_told_replay_to_the_states_that_were_read(parameters, dtype):
    reservoir = model(dtype=dtype, **parameters).fit(X)
    tolerance = 1e-10 if dtype == "float64" else 2e-3
    for states, currents in zip(
        reservoir.node_states(X), played_currents(reservoir, X), strict=True
    ):
        replayed = simulate(
            reservoir.oscillator_,
            currents[:, 0],
            hold_time=reservoir.node_time_,
            initial_power=reservoir.drive_.initial_power,
        )
        np.testing.assert_allclose(
            np.ravel(replayed), states.ravel(), rtol=tolerance, atol=tolerance / 10
        )


def test_without_feedback_the_currents_are_those_of_the_drive():
    reservoir = model().fit(X)
    for one, two in zip(
        played_currents(reservoir, X), reservoir.drive_currents(X), strict=True
    ):
        np.testing.assert_array_equal(one[:, 0], two)


def test_oscillators_with_masks_of_their_own_are_paid_one_by_one():
    reservoir = model(n_oscillators=3, own_masks=True).fit(X)
    frames = [
        row.reshape(len(x), -1) for row, x in zip(reservoir.drive_currents(X), X, strict=True)
    ]
    for played, columns in zip(played_currents(reservoir, X), frames, strict=True):
        assert played.shape == (len(columns) * 20, 3)
        for number in range(3):
            mine = columns[:, 20 * number : 20 * (number + 1)].ravel()
            np.testing.assert_array_equal(played[:, number], mine)
    total = sum(float((row**2).sum()) for row in reservoir.drive_currents(X)) * 1e-7
    assert squared_currents(reservoir, X).sum() == pytest.approx(total, rel=1e-12)


def test_oscillators_with_one_drive_take_so_many_times_as_much():
    one, three = model().fit(X), model(n_oscillators=3).fit(X)
    np.testing.assert_allclose(
        squared_currents(three, X), 3 * squared_currents(one, X), rtol=1e-14
    )


def test_the_integral_is_not_that_of_the_mean_current():
    reservoir = model().fit(X)
    current = np.concatenate(reservoir.drive_currents(X))
    exact = squared_currents(reservoir, X).sum()
    assert exact > 1.01 * current.mean() ** 2 * len(current) * 1e-7


def test_a_frame_of_a_regressor_takes_a_share_of_its_series():
    series = GENERATOR.normal(size=(60, 2))
    regressor = ReservoirRegressor(n_nodes=20, node_time=1e-7, random_state=0)
    regressor.fit(series, series[:, 0])
    ledger = cost(regressor, series, figures=Figures(device_resistance=R))
    assert ledger["nodes, one after the other"].value == pytest.approx(20e-7)
    whole = R * squared_currents(regressor, series)
    assert ledger[DEVICE].value == pytest.approx(whole[0] / 60, rel=1e-12)


def test_a_drive_that_is_no_current_has_an_unknown_energy():
    for device in (
        MackeyGlassNode(),
        PhaseLockedOscillator.from_oscillator(ROMERA, 4e-3, 1e6),
    ):
        reservoir = TimeMultiplexedReservoir(device, n_nodes=10, random_state=0).fit(X)
        line = cost(reservoir, X, figures=Figures(device_resistance=R))[DEVICE]
        assert line.value is None and line.standing == "unknown"


def test_a_wire_is_no_device_and_has_no_line_of_one():
    classifier = ReservoirClassifier(Wire(), n_nodes=10, node_time=1e-7, random_state=0)
    ledger = cost(classifier.fit(X, [0, 1, 0]), X)
    assert {line.name for line in ledger.section("energy")} == {"mask", "readout, digital"}
    assert ledger.total("energy").n_unknown == 0


def test_feedback_of_what_is_not_kept_leaves_the_energy_unknown():
    reservoir = model(feedback_gain=0.3, read="power").fit(X)
    assert cost(reservoir, X, figures=Figures(device_resistance=R))[DEVICE].value is None
    with pytest.raises(ValueError, match="read='power'"):
        played_currents(reservoir, X)


def test_a_preset_brings_its_resistance_and_another_device_has_none():
    known = cost(model().fit(X), X)[DEVICE]
    assert known.inputs["device_resistance"] == (40.0, "ohm")
    assert known.standing == "assumed" and "recalled" in known.source
    other = model(oscillator=ROMERA).fit(X)
    assert cost(other, X)[DEVICE].value is None
