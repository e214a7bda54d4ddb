"""Are several coupled oscillators under one masked drive what their equations say?"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sklearn.base import clone

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SimulationError,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    load,
    save,
)
from reservoir.couplings import GOLDEN_TURN
from reservoir.experiments import control
from reservoir.multiplexing import playing
from reservoir.multiplexing.ensemble import Ensemble

pytestmark = pytest.mark.kernel

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
G = VORTEX.damping_rate
COUPLED = {"n_oscillators": 3, "coupling": 0.3 * G * np.exp(0.5j), "detuning": 2e5}


def frames(*lengths, n_channels=2):
    generator = np.random.default_rng(0)
    return [generator.uniform(-1, 1, (length, n_channels)) for length in lengths]


def reservoir(**changes):
    settings = {"n_nodes": 6, "random_state": 0} | changes
    return TimeMultiplexedReservoir(**settings)


def reference(fitted, sequence):
    """The states by scipy's adaptive solver, one hold after the other."""
    return np.abs(solved(fitted, sequence)).reshape(len(sequence), -1)


def solved(fitted, sequence, begin=None):
    """Complex amplitudes by the solver, of shape (n_frames, n_oscillators, n_nodes)."""
    ensemble, n = fitted.ensemble_, len(fitted.ensemble_)
    shift = 2 * np.pi * VORTEX.nonlinear_frequency_shift

    def slope(time, c, current):
        power = np.abs(c) ** 2
        rate = VORTEX.growth_rate(current) - VORTEX.saturation_rate(current) * power
        own = rate / 2 - 1j * shift * power - 1j * ensemble.detuning
        return own * c + ensemble.coupling @ c

    phases = 2 * np.pi * GOLDEN_TURN * np.arange(n)
    c = np.sqrt(fitted.drive_.initial_power) * np.exp(1j * phases) if begin is None else begin
    states = []
    for currents in fitted.drive_.currents(sequence):
        row = []
        for current in currents.reshape(ensemble.n_drives, -1).T:
            solution = solve_ivp(
                slope,
                (0, fitted.node_time_),
                c,
                "DOP853",
                args=(current,),
                rtol=1e-10,
                atol=1e-12,
            )
            c = solution.y[:, -1]
            row.append(c)
        states.append(np.array(row).T)
    return np.array(states)


@pytest.mark.parametrize(
    "coupling",
    [0.3 * G * np.exp(0.5j), -0.2 * G, G * np.array([[0, 1, 0], [0.5j, 0, -1], [0, 0, 0]])],
    ids=["alike", "opposed", "matrix"],
)
def test_the_states_are_those_of_an_adaptive_solver(coupling):
    X = frames(3)
    fitted = reservoir(**COUPLED | {"coupling": coupling}).fit(X)
    np.testing.assert_allclose(fitted.transform(X)[0], reference(fitted, X[0]), rtol=5e-5)


def test_the_states_under_drives_of_their_own_are_those_of_an_adaptive_solver():
    X = frames(3)
    biased = {"node_bias": 0.2, "current_limits": (0.3, 1.9)}
    fitted = reservoir(**COUPLED, **biased, own_masks=True).fit(X)
    assert fitted.drive_.mask.shape == (2, 18)
    np.testing.assert_allclose(fitted.transform(X)[0], reference(fitted, X[0]), rtol=5e-5)


def test_masks_of_their_own_that_are_equal_are_one_mask_to_the_last_bit():
    X, settings = frames(*range(3, 40)), COUPLED | {"n_nodes": 70, "dtype": "float32"}
    shared = reservoir(**settings).fit(X)
    mask = np.tile(shared.drive_.mask, 3)
    own = reservoir(**settings, own_masks=True, mask=mask).fit(X)
    for one, other in zip(shared.transform(X), own.transform(X), strict=True):
        np.testing.assert_array_equal(one, other)
    short = frames(9)[0] * 30  # beyond the range: as many of three times as many currents
    with pytest.warns(UserWarning, match="clipped") as said:
        shared.transform([short])
        own.transform([short])
    assert str(said[0].message) == str(said[1].message)


@pytest.mark.parametrize("mask", ["binary", "uniform"])
@pytest.mark.parametrize("pooling", [None, "mean"])
def test_drives_of_their_own_without_coupling_are_single_oscillators(mask, pooling):
    X = frames(4, 9, 6)
    settings = {"n_nodes": 70, "pooling": pooling, "drive_range": (-3.0, 3.0)}
    own = reservoir(**settings, n_oscillators=3, own_masks=True, mask=mask, node_bias=0.1)
    own.set_params(current_limits=(-3.2, 3.2)).fit(X)
    together = own.transform(X)
    drives = zip(
        np.split(own.drive_.mask, 3, axis=1), np.split(own.drive_.bias, 3), strict=True
    )
    for k, (columns, bias) in enumerate(drives):
        alone = reservoir(**settings, mask=columns).fit(X)
        alone.drive_ = replace(own.drive_, mask=columns, bias=bias)
        for one, all_of_them in zip(alone.transform(X), together, strict=True):
            part = all_of_them[..., 70 * k : 70 * (k + 1)]
            np.testing.assert_array_equal(part, one)


@pytest.mark.parametrize("delays", [1, 71, (3, 100)])
@pytest.mark.parametrize("coupling", [0.0, 0.3 * G])
def test_feedback_to_equal_drives_is_that_to_one_to_the_last_bit(delays, coupling):
    X = frames(5, 8)
    settings = COUPLED | {"coupling": coupling, "n_nodes": 70, "feedback_delay": delays}
    settings |= {"loop_gain": 0.3, "current_limits": (0.3, 1.9)}
    if coupling:
        shared = reservoir(**settings).fit(X)
    else:  # which is exact, where drives of their own are followed step by step
        shared = reservoir(**settings | {"n_oscillators": 1}).fit(X)
    mask = np.tile(shared.drive_.mask, 3)
    own = reservoir(**settings, own_masks=True, mask=mask).fit(X)
    for one, other in zip(shared.transform(X), own.transform(X), strict=True):
        if coupling:
            np.testing.assert_array_equal(one, other)
        else:
            np.testing.assert_allclose(np.tile(one, 3), other, atol=3e-4)


def test_whether_masks_are_their_own_is_true_or_false():
    with pytest.raises(ValueError, match="own_masks is 'no'; it must be True or False"):
        reservoir(own_masks="no").fit(frames(4))


def test_pooling_feedback_and_control_know_drives_of_their_own(tmp_path):
    X = frames(12, 20, 15)
    settings = COUPLED | {"n_nodes": 70, "own_masks": True, "loop_gain": 0.3}
    settings["current_limits"] = (0.2, 2.0)  # room for what is fed back
    states = reservoir(**settings).fit(X).transform(X)
    pooled = reservoir(**settings, pooling="mean").fit(X).transform(X)
    np.testing.assert_allclose(pooled, [s.mean(axis=0) for s in states], rtol=1e-12)
    without = reservoir(**settings | {"loop_gain": None}).fit(X).transform(X)
    assert np.abs(states[0][2:] - without[0][2:]).max() > 1e-3
    drives = control(reservoir(**settings | {"loop_gain": None})).fit(X)
    masked = drives.transform(X)[0]
    assert masked.shape == (12, 210)
    np.testing.assert_allclose(
        masked, drives.drive_.gain * drives.drive_.masked(X[0]) + drives.drive_.offset
    )
    model = ReservoirClassifier(**COUPLED, n_nodes=7, own_masks=True, random_state=0)
    model.fit(X, ["a", "b", "a"])
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    np.testing.assert_array_equal(again.decision_function(X), model.decision_function(X))


def test_the_error_falls_with_the_fourth_power_of_the_part(monkeypatch):
    X = frames(3)
    fitted = reservoir(**COUPLED).fit(X)
    expected = reference(fitted, X[0])
    parts, errors = [], []
    ends = fitted.drive_.lowest, fitted.drive_.highest
    for finest in (1.0, 0.7, 0.5, 0.35):
        monkeypatch.setattr(playing, "MAX_CHANGE", finest)
        n_parts = fitted.ensemble_.n_parts(VORTEX, fitted.node_time_, *ends, finest)
        parts.append(n_parts)
        errors.append(np.abs(fitted.transform(X)[0] - expected).max())
    order = -np.polyfit(np.log(parts), np.log(errors), 1)[0]
    assert 3.9 < order < 4.6


# Three oscillators that the coupling, in 1/s, makes chaotic for some nodes.
CHAOTIC = [
    [0, -141530 + 1057407j, -283853 + 457652j],
    [-542871 - 77317j, 0, 378795 + 100604j],
    [-324181 + 157927j, 34106 - 314103j, 0],
]


@dataclass(frozen=True)
class Begun(Ensemble):
    """Oscillators that begin with given amplitudes."""

    amplitudes: tuple[complex, ...] = ()

    def beginning(self, power):
        return np.array(self.amplitudes)


def test_chaotic_oscillators_are_followed_from_each_frame_to_the_next():
    generator = np.random.default_rng(8)
    X = [generator.normal(size=(3, 2)) for _ in range(4)]
    settings = {"n_nodes": 4, "drive_range": (1.05, 2.0), "detuning": 148614.0}
    fitted = reservoir(n_oscillators=3, coupling=np.array(CHAOTIC), **settings).fit(X)
    wanted = solved(fitted, X[0])
    begin = fitted.ensemble_.beginning(fitted.drive_.initial_power)
    # A start that is off by 1e-7 makes a later state that is off ten thousand times more, so
    # two ways of computing need not agree on it ...
    moved = solved(fitted, X[0], begin + 1e-7)
    assert np.abs(np.abs(moved) - np.abs(wanted)).max() > 1e-3
    # ... but every frame is what the equations make of the state before it.
    for frame, state, start in zip(X[0], wanted, [begin, *wanted[:-1, :, -1]], strict=True):
        ensemble = fitted.ensemble_
        fitted.ensemble_ = Begun(ensemble.coupling, ensemble.detuning, 1, tuple(start))
        answer = fitted.transform([frame[np.newaxis]])[0]
        np.testing.assert_allclose(answer, np.abs(state).reshape(1, -1), rtol=0, atol=3e-4)


def test_without_coupling_every_oscillator_is_the_single_one():
    X = frames(4, 9, 6)
    single = reservoir(n_nodes=70).fit(X).transform(X)
    several = reservoir(n_nodes=70, n_oscillators=3, detuning=1e6).fit(X).transform(X)
    for alone, together in zip(single, several, strict=True):
        np.testing.assert_allclose(together, np.tile(alone, 3), rtol=1e-11)


def test_one_oscillator_is_the_single_one_to_the_last_bit():
    X = frames(4, 9, 6)
    single = reservoir().fit(X).transform(X)
    alone = reservoir(n_oscillators=1, coupling=5e5j, detuning=1e6).fit(X).transform(X)
    assert all(np.array_equal(a, b) for a, b in zip(single, alone, strict=True))


@pytest.mark.parametrize("phase", [0.0, 0.8, np.pi / 2])
def test_two_oscillators_stop_beating_where_theory_locks_them(phase):
    """|w_1 - w_2| < 2 |K| sqrt(1 + nu^2) |cos(beta - arctan nu)| (Slavin, Tiberkevich)."""
    strength = 0.02 * G
    drive = {"drive_range": (1.2, 2.8), "node_time": 10 / G, "n_nodes": 4}
    X = [np.zeros((200, 1))]
    nu = VORTEX.nonlinear_shift(2 * VORTEX.threshold_current)
    edge = (
        2 * strength * np.sqrt(1 + nu**2) * abs(np.cos(phase - np.arctan(nu))) / (2 * np.pi)
    )
    beating = []
    for share in (0.95, 1.05):
        pair = reservoir(
            n_oscillators=2,
            coupling=strength * np.exp(1j * phase),
            detuning=share * edge,
            **drive,
        )
        states = pair.fit(X).transform(X)[0]
        beating.append(states[100:].std(axis=0).max())
    assert beating[0] < 1e-6 and beating[1] > 1e-3


def test_only_differences_of_frequency_matter():
    X = frames(5)
    spaced = reservoir(**COUPLED).fit(X).transform(X)[0]
    shifted = COUPLED | {"detuning": np.array([7e5, 9e5, 11e5])}
    np.testing.assert_allclose(reservoir(**shifted).fit(X).transform(X)[0], spaced, rtol=1e-9)


def test_order_neighbours_and_threads_change_no_bit():
    X = frames(*range(1, 60))
    fitted = reservoir(**COUPLED, readout_noise=0.01).fit(X)
    states = fitted.transform(X)
    alone = fitted.transform(X[7:8])[0]
    backwards = fitted.set_params(n_jobs=2).transform(X[::-1])
    assert np.array_equal(alone, states[7])
    assert all(np.array_equal(a, b) for a, b in zip(states, backwards[::-1], strict=True))


def test_pooling_in_the_kernel_is_the_mean_of_the_states():
    X = frames(4, 9, 6)
    states = reservoir(**COUPLED, n_nodes=70).fit(X).transform(X)
    pooled = reservoir(**COUPLED, n_nodes=70, pooling="mean").fit(X).transform(X)
    np.testing.assert_allclose(pooled, [s.mean(axis=0) for s in states], rtol=1e-12)
    assert pooled.shape == (3, 210)


def test_single_precision_agrees_with_double():
    X = frames(4, 9)
    double = reservoir(**COUPLED).fit(X).transform(X)
    single = reservoir(**COUPLED, dtype="float32").fit(X).transform(X)
    for a, b in zip(double, single, strict=True):
        assert b.dtype == np.float32
        np.testing.assert_allclose(b, a, rtol=1e-3)


@pytest.mark.filterwarnings("ignore::reservoir.exceptions.DriveClippingWarning")
def test_feedback_carries_the_mean_amplitude():
    """Uncoupled, equal oscillators: their mean is each of them."""
    X = frames(6)
    settings = {"feedback_gain": 0.5, "feedback_delay": 7}
    single = reservoir(**settings).fit(X).transform(X)[0]
    several = reservoir(n_oscillators=2, **settings).fit(X).transform(X)[0]
    np.testing.assert_allclose(several, np.tile(single, 2), rtol=1e-10)


def test_classifier_and_regressor_take_several_oscillators_and_are_saved(tmp_path):
    X = frames(*[5] * 20)
    y = np.array([x.mean() > 0 for x in X])
    classifier = ReservoirClassifier(n_nodes=5, random_state=0, **COUPLED).fit(X, y)
    assert classifier.readout_.coefficients.shape[0] == 3 * 5 * 4
    regressor = ReservoirRegressor(n_nodes=5, random_state=0, **COUPLED)
    regressor.fit(X, [x[:, 0] for x in X])
    for model in (classifier, regressor):
        save(model, tmp_path / "model.h5")
        again = load(tmp_path / "model.h5")
        assert all(
            np.array_equal(a, b)
            for a, b in zip(again.predict(X), model.predict(X), strict=True)
        )
        assert again.ensemble_.coupling.dtype == complex
        assert clone(again).get_params() == model.get_params()


def test_the_control_reads_the_drive_once():
    X = frames(5)
    states = control(reservoir(**COUPLED)).fit(X).transform(X)
    assert states[0].shape == (5, 6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"coupling": 1e9}, r"a hold of .* s would take \d+ steps, 1000 are allowed"),
        ({"detuning": 1e12}, "Weaken them, or shorten node_time"),
        ({"drive_range": (-4, 1.5)}, "nothing limits the power"),
    ],
)
def test_what_no_step_can_follow_is_refused_instead_of_answered(changes, message):
    X = frames(4)
    with pytest.raises(SimulationError, match=message):
        reservoir(**COUPLED | changes).fit(X).transform(X)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_oscillators": 0}, "n_oscillators is 0; it must be an integer of at least 1"),
        ({"n_oscillators": 65, "own_masks": True}, "at most 64 may have them"),
        ({"coupling": np.ones((2, 2))}, r"coupling has shape \(2, 2\); for 3 oscillators"),
        ({"coupling": np.ones((3, 3))}, "entries on its diagonal"),
        ({"coupling": "strong"}, "coupling is 'strong'; it must be a number, or a matrix"),
        ({"coupling": np.nan}, "coupling is .*nan.*finite"),
        ({"detuning": [1.0, 2.0]}, r"detuning is \[1.0, 2.0\].* 3 finite frequencies"),
        ({"detuning": np.inf}, "must be a finite distance"),
    ],
)
def test_bad_parameters_are_named_with_what_is_allowed(changes, message):
    with pytest.raises(ValueError, match=message):
        reservoir(**COUPLED | changes).fit(frames(4))


@pytest.mark.parametrize("n", [2, 3, 5])
def test_oscillators_that_are_all_coupled_alike_need_no_matrix(n):
    X = frames(4, 7, 2)
    strength = 0.2 * G * np.exp(0.4j)
    alike = strength * (1 - np.eye(n))
    nearly = alike.copy()
    nearly[0, 1] *= 1 + 1e-12  # now the kernel adds up all pairs
    by_number, by_matrix, by_pairs = (
        reservoir(n_oscillators=n, detuning=2e5, coupling=coupling).fit(X)
        for coupling in (strength, alike, nearly)
    )
    assert by_number.ensemble_.alike and by_matrix.ensemble_.alike
    assert by_pairs.ensemble_.alike == (n == 2 and nearly[0, 1] == nearly[1, 0])
    for one, same, other in zip(
        by_number.transform(X), by_matrix.transform(X), by_pairs.transform(X), strict=True
    ):
        np.testing.assert_array_equal(one, same)
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)
        assert (one != other).any()


def test_what_falls_below_the_floor_is_raised_and_the_rest_is_left_alone():
    X = frames(60)
    fitted = reservoir(
        n_oscillators=2, own_masks=True, coupling=1e-9 * G, node_time=20 / G,
        drive_range=(0.2, 3.0),
    ).fit(X)  # fmt: skip
    states = fitted.transform(X)[0]
    lowest = np.sqrt(VORTEX.power_floor)
    assert states.min() == pytest.approx(lowest, rel=1e-9)
    # Without the coupling each is exact; at a billionth of the damping it is nearly so.
    alone = clone(fitted).set_params(coupling=0.0).fit(X).transform(X)[0]
    assert (alone > 0.5).any() and (alone < 2 * lowest).any()
    np.testing.assert_allclose(states[alone > 0.5], alone[alone > 0.5], rtol=1e-3)
