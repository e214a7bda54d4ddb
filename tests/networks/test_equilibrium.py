"""Settled states against closed forms, and their slopes against exact ones."""

import dataclasses

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import SimulationError, SpinTorqueOscillator, StorageError, load, save
from reservoir.exceptions import UnlockedWarning
from reservoir.networks import AutoOscillators, EquilibriumClassifier, PhaseOscillators
from reservoir.networks.circuit import Circuit
from reservoir.networks.equilibrium_propagation import (
    implicit_slopes,
    loss,
    settle,
    two_state_slopes,
)
from reservoir.networks.layered_circuit import LayeredCircuit

RATE = 5e5  # 1/s, unit of the couplings
SHIFT = 1.9
CANCELLED = np.arctan(SHIFT)
SMALL, LARGE = LayeredCircuit(2, 2, 1), LayeredCircuit(4, 6, 3)
EXCLUSIVE_OR = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([0, 1, 1, 0])


def problem(wiring, seed=3, n_inputs=5, detuned=True):
    """A random circuit, and random targets of its outputs."""
    generator = np.random.default_rng(seed)
    parameters = wiring.start(generator)
    if not detuned:
        parameters[wiring.n_couplings :] = 0
    phases = generator.uniform(-np.pi / 2, np.pi / 2, (n_inputs, wiring.n_inputs))
    wanted = generator.choice([-1.0, 1.0], (n_inputs, wiring.n_outputs))
    return wiring.circuit(parameters, phases, RATE), wiring.targets(wanted)


def one(coupling, frequency):
    """One oscillator that feels a reference."""
    return Circuit(np.array([[[0.0, coupling]]]), np.array([[frequency]]), np.ones((1, 1)))


def cosine(first, second):
    return np.sum(first * second) / np.sqrt(np.sum(first**2) * np.sum(second**2))


def joined(slopes):
    assert slopes.at_rest.all()
    return np.concatenate([slopes.couplings.ravel(), slopes.frequencies.ravel()])


@pytest.mark.parametrize("wiring", [SMALL, LARGE])
def test_couplings_are_counted_pair_by_pair(wiring):
    assert wiring.n_couplings == len(wiring.pairs[0])


# ---------------------------------------------------------------------- settled states


@pytest.mark.parametrize("shift, phase", [(0.0, 0.0), (0.7, 0.0), (0.7, 0.3)])
def test_a_phase_settles_where_adler_says(shift, phase):
    settled = settle(PhaseOscillators(shift, phase), one(2 * RATE, RATE))
    turn = np.arctan(shift) - phase
    assert settled.at_rest.all()
    assert np.angle(settled.z[0, 0]) == pytest.approx(turn + np.arcsin(0.5), abs=1e-9)


def test_an_oscillator_outside_its_locking_range_does_not_settle():
    assert settle(PhaseOscillators(), one(RATE, 0.99 * RATE)).at_rest.all()
    assert not settle(PhaseOscillators(), one(RATE, 1.01 * RATE)).at_rest.any()


def test_a_state_that_no_deviation_leaves_in_peace_does_not_count_as_settled():
    """A phase that is repelled by the reference rests beside it, until it is touched."""
    assert not settle(PhaseOscillators(), one(-RATE, 0.0)).at_rest.any()


def test_a_cancelled_amplitude_is_the_root_of_its_cubic():
    """Gamma (1 - r^2) r + k/(1 + nu^2) = 0, whatever the phase of the coupling was."""
    oscillators = AutoOscillators(20 * RATE, SHIFT, CANCELLED)
    settled = settle(oscillators, one(RATE, 0.0))
    roots = np.roots([-20 * RATE, 0, 20 * RATE, RATE / (1 + SHIFT**2)])
    assert settled.z[0, 0] == pytest.approx(roots.real.max(), abs=1e-10)


@pytest.mark.parametrize("phase", [0.0, CANCELLED])
def test_the_core_follows_the_equation_that_the_slopes_use(phase):
    """Against an adaptive solver of `force`; the core's steps are half an e-fold long."""
    oscillators = AutoOscillators(20 * RATE, 0.4, phase)
    circuit, targets = problem(SMALL, n_inputs=1)
    push = 0.3 * RATE * targets
    start = np.exp(1j * np.array([[0.4, -0.3, 0.2]]))
    ended = oscillators.flow(circuit, start, push)

    def rates(_, parts):
        z = (parts[:3] + 1j * parts[3:])[None]
        return oscillators.force(circuit, z, push)[0]

    parts = np.concatenate([start.real, start.imag], axis=1)[0]
    weakest = np.abs(circuit.couplings[0]).sum(axis=1).min()
    times = 0, 12 / weakest
    solved = solve_ivp(rates, times, parts, rtol=1e-10, atol=1e-12, method="LSODA").y[:, -1]
    np.testing.assert_allclose(ended[0], solved[:3] + 1j * solved[3:], atol=5e-4)


@pytest.mark.parametrize("shift", [-4.7, 12.0])
def test_oscillators_with_a_large_shift_settle_on_their_cubic_as_well(shift):
    oscillators = AutoOscillators(20 * RATE, shift, np.arctan(shift))
    settled = settle(oscillators, one(RATE, 0.0), np.array([[0.9 + 0.3j]]))
    roots = np.roots([-20 * RATE, 0, 20 * RATE, RATE / (1 + shift**2)])
    assert settled.at_rest.all()
    assert settled.z[0, 0] == pytest.approx(roots.real.max(), abs=1e-10)


def test_amplitudes_that_relax_thousands_of_times_faster_settle_as_phases():
    """Their rates are rounded by more than the couplings that the phases feel."""
    circuit, _ = problem(SMALL, n_inputs=2)
    settled = settle(AutoOscillators(5000 * RATE), circuit)
    assert settled.at_rest.all()
    expected = settle(PhaseOscillators(), circuit).z
    np.testing.assert_allclose(np.angle(settled.z / expected), 0, atol=2e-3)


@pytest.mark.parametrize("weak", [0.0, 1e-5, 1e-4])
def test_couplings_too_weak_to_wait_for_are_refused_and_phases_are_offered(weak):
    with pytest.raises(SimulationError, match=r"Raise the couplings, or take PhaseOsc"):
        settle(AutoOscillators(20 * RATE), one(weak * RATE, 0.0))
    assert settle(PhaseOscillators(), one(1e-4 * RATE, 0.0)).at_rest.all()


def test_weakly_coupled_auto_oscillators_are_phases():
    """Their phases differ in proportion to the coupling over the relaxation."""
    circuit, _ = problem(SMALL)
    expected = settle(PhaseOscillators(0.4), circuit).z
    errors = [
        np.abs(
            np.angle(settle(AutoOscillators(ratio * RATE, 0.4), circuit).z / expected)
        ).max()
        for ratio in (100, 200)
    ]
    assert errors[1] < 0.02
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)


def test_a_coupling_phase_that_cancels_the_shift_lets_an_energy_fall():
    oscillators = AutoOscillators(20 * RATE, SHIFT, CANCELLED)
    circuit, _ = problem(LARGE, n_inputs=1, detuned=False)
    z = np.exp(1j * np.random.default_rng(0).uniform(-2, 2, (1, 9)))
    n_free, none = circuit.n_free, np.zeros((1, 9), complex)
    energies = []
    for _ in range(400):
        among, held = circuit.couplings[0, :, :n_free], circuit.couplings[0, :, n_free:]
        power = np.abs(z[0]) ** 2
        pulls = np.real(z[0].conj() @ (among @ z[0] / 2 + held @ circuit.held[0]))
        own = oscillators.relaxation_rate * (power**2 / 4 - power / 2).sum()
        energies.append((1 + SHIFT**2) * own - pulls)
        z = oscillators.moved(z, 2e-9 * oscillators.force(circuit, z, none))
    assert (np.diff(energies) < 0).all()


# ---------------------------------------------------------------------- slopes


@pytest.mark.parametrize("wiring", [SMALL, LARGE])
@pytest.mark.parametrize(
    "oscillators",
    [PhaseOscillators(0.3), AutoOscillators(20 * RATE, SHIFT, CANCELLED - 0.2)],
    ids=["phases", "auto"],
)
def test_exact_slopes_agree_with_central_differences(wiring, oscillators):
    """Of the mean loss, to 1e-8 of the largest slope."""
    generator = np.random.default_rng(4)
    parameters = wiring.start(generator)
    phases = generator.uniform(-1, 1, (2, wiring.n_inputs))
    targets = wiring.targets(np.ones((2, wiring.n_outputs)))
    circuit = wiring.circuit(parameters, phases, RATE)
    free = settle(oscillators, circuit)
    assert free.at_rest.all()
    exact = wiring.mean_slopes(
        implicit_slopes(oscillators, circuit, free, targets), parameters, RATE
    )

    def mean_loss(moved):
        settled = settle(oscillators, wiring.circuit(moved, phases, RATE), free.z)
        return loss(settled.z, targets).mean()

    some = generator.choice(len(parameters), 6, replace=False)
    for place in (*some, len(parameters) - 1):
        step = np.zeros(len(parameters))
        step[place] = 3e-4
        # Richardson: the error of both differences is of fourth order.
        fine, coarse = (
            (mean_loss(parameters + n * step) - mean_loss(parameters - n * step)) / (6e-4 * n)
            for n in (1, 2)
        )
        difference = (4 * fine - coarse) / 3
        assert exact[place] == pytest.approx(difference, abs=1e-8 * np.abs(exact).max())


@pytest.mark.parametrize("wiring", [SMALL, LARGE])
def test_two_states_of_phases_give_the_exact_slopes_at_zero_shift(wiring):
    circuit, targets = problem(wiring)
    free = settle(PhaseOscillators(), circuit)
    two = two_state_slopes(PhaseOscillators(), circuit, free, targets, 1e-3 * RATE)
    exact = implicit_slopes(PhaseOscillators(), circuit, free, targets)
    np.testing.assert_allclose(
        joined(two), joined(exact), atol=1e-5 * np.abs(joined(exact)).max()
    )


def test_the_error_of_two_states_falls_with_the_square_of_the_nudge():
    circuit, targets = problem(LARGE)
    oscillators = PhaseOscillators()
    free = settle(oscillators, circuit)
    exact = joined(implicit_slopes(oscillators, circuit, free, targets))
    errors = [
        np.linalg.norm(
            joined(two_state_slopes(oscillators, circuit, free, targets, nudge * RATE))
            - exact
        )
        for nudge in (0.1, 0.05, 0.025)
    ]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders, 2, atol=0.1)


@pytest.mark.parametrize("ratio", [5, 20])
def test_a_cancelled_shift_is_exact_for_oscillators_that_are_not_detuned(ratio):
    """At any coupling: the factor 1 - i nu moves no state at rest."""
    oscillators = AutoOscillators(ratio * RATE * 2, SHIFT, CANCELLED)
    circuit, targets = problem(SMALL, detuned=False)
    free = settle(oscillators, circuit)
    two = two_state_slopes(oscillators, circuit, free, targets, 1e-2 * RATE)
    exact = implicit_slopes(oscillators, circuit, free, targets)
    np.testing.assert_allclose(
        two.couplings, exact.couplings, atol=1e-4 * np.abs(exact.couplings).max()
    )


def test_detuned_auto_oscillators_are_off_by_the_square_of_coupling_over_relaxation():
    circuit, targets = problem(LARGE)
    errors = []
    for ratio in (50, 100):
        oscillators = AutoOscillators(ratio * RATE)
        free = settle(oscillators, circuit)
        two = two_state_slopes(oscillators, circuit, free, targets, 1e-2 * RATE)
        exact = implicit_slopes(oscillators, circuit, free, targets)
        errors.append(1 - cosine(joined(two), joined(exact)))
    assert errors[0] < 1e-3  # the aim is a cosine of 0.99
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.2)


def test_with_a_shift_frequencies_move_the_power_as_well():
    """The phase alone leaves an error, which the power takes away."""
    oscillators = AutoOscillators(20 * RATE, 1.0, np.arctan(1.0))
    circuit, targets = problem(SMALL)
    free = settle(oscillators, circuit)
    push = 1e-2 * RATE * targets
    toward, away = (settle(oscillators, circuit, free.z, sign * push).z for sign in (1, -1))
    exact = implicit_slopes(oscillators, circuit, free, targets).frequencies
    by_phase = 1 - cosine(np.angle(away / toward), exact)
    by_both = 1 - cosine(oscillators.lead(away, toward), exact)
    assert by_phase > 5e-5
    assert by_both < 0.05 * by_phase


@pytest.mark.parametrize(
    "oscillators",
    [PhaseOscillators(1.0), AutoOscillators(20 * RATE, 1.0)],
    ids=["phases", "auto"],
)
def test_a_nonlinear_shift_turns_the_slopes_away_and_a_coupling_phase_turns_them_back(
    oscillators,
):
    circuit, targets = problem(SMALL)
    found = []
    for phase in (0.0, np.arctan(1.0)):
        kind = dataclasses.replace(oscillators, coupling_phase=phase)
        free = settle(kind, circuit)
        two = two_state_slopes(kind, circuit, free, targets, 1e-2 * RATE)
        exact = implicit_slopes(kind, circuit, free, targets)
        both = two.at_rest & exact.at_rest
        found.append(cosine(two.couplings[both], exact.couplings[both]))
    assert found[0] < 0.9
    assert found[1] > 0.999


# ---------------------------------------------------------------------- learning


@pytest.mark.filterwarnings("ignore::reservoir.exceptions.UnlockedWarning")  # random data
@parametrize_with_checks(
    [EquilibriumClassifier(3, n_epochs=5, batch_size=100, learning_rate=0.2, random_state=0)]
)
def test_the_classifier_passes_every_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.parametrize("rule", ["two states", "implicit"])
def test_a_network_learns_what_no_straight_line_parts(rule):
    X, y = EXCLUSIVE_OR
    classifier = EquilibriumClassifier(6, rule=rule, learning_rate=0.1, random_state=0)
    assert classifier.fit(X, y).score(X, y) == 1
    assert classifier.loss_curve_[-1] < 0.1 * classifier.loss_curve_[0]


def test_what_does_not_learn_keeps_its_start():
    X, y = EXCLUSIVE_OR
    settings = {"n_hidden": 3, "random_state": 0}
    start = EquilibriumClassifier(n_epochs=0, **settings).fit(X, y)
    moved = EquilibriumClassifier(n_epochs=2, learn=["frequencies"], **settings).fit(X, y)
    cut = start.wiring_.n_couplings
    np.testing.assert_array_equal(moved.parameters_[:cut], start.parameters_[:cut])
    assert (moved.parameters_[cut:] != start.parameters_[cut:]).all()


def test_the_steps_of_learning_fall_to_half_in_the_second_of_two_epochs():
    """Those of Adam have the length of the learning rate while the slopes stay alike."""
    X, y = EXCLUSIVE_OR
    settings = {"n_hidden": 3, "learning_rate": 1e-4, "random_state": 0}
    start, first, second = (
        EquilibriumClassifier(n_epochs=n, **settings).fit(X, y).parameters_ for n in (0, 1, 2)
    )
    assert np.abs(first - start).max() == pytest.approx(1e-4, rel=0.01)
    assert np.abs(second - first).max() == pytest.approx(0.5e-4, rel=0.01)


def test_features_beyond_the_training_data_are_clipped():
    X, y = EXCLUSIVE_OR
    classifier = EquilibriumClassifier(2, n_epochs=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(
        classifier.decision_function(7 * X), classifier.decision_function(X)
    )


def test_a_device_gives_its_relaxation_and_its_shift():
    device = SpinTorqueOscillator.from_preset("romera2018")
    current = 2 * device.threshold_current
    oscillators = AutoOscillators.from_device(device, current)
    assert oscillators.relaxation_rate == pytest.approx(device.damping_rate)
    assert oscillators.coupling_phase == np.arctan(device.nonlinear_shift(current))
    X, y = EXCLUSIVE_OR
    EquilibriumClassifier(2, oscillators, n_epochs=1, random_state=0).fit(X, y)


@pytest.mark.parametrize("oscillators", [None, AutoOscillators(20 * RATE, SHIFT, CANCELLED)])
def test_a_saved_network_answers_with_the_same_bits(tmp_path, oscillators):
    X, y = EXCLUSIVE_OR
    classifier = EquilibriumClassifier(2, oscillators, n_epochs=1, random_state=0).fit(X, y)
    save(classifier, tmp_path / "network.h5")
    loaded = load(tmp_path / "network.h5")
    np.testing.assert_array_equal(
        loaded.decision_function(X), classifier.decision_function(X)
    )


@pytest.mark.parametrize(
    "name, values",
    [
        ("fitted/parameters_", np.ones(3)),
        ("fitted/parameters_", np.full(15, np.nan)),
        ("fitted/center_", np.ones(1)),
        ("fitted/classes_", np.arange(3)),
        ("fitted/wiring_/n_hidden", np.frombuffer(b"99999999", np.uint8)),
        ("params/oscillators/relaxation_rate", np.frombuffer(b"-1.0", np.uint8)),
    ],
)
def test_a_file_whose_parts_do_not_belong_together_is_refused(tmp_path, edited, name, values):
    X, y = EXCLUSIVE_OR
    path, kind = tmp_path / "network.h5", AutoOscillators(20 * RATE)
    save(EquilibriumClassifier(2, kind, n_epochs=1, random_state=0).fit(X, y), path)
    with edited(path) as file:
        attributes = dict(file[name].attrs)
        del file[name]
        file.create_dataset(name, data=values).attrs.update(attributes)
    with pytest.raises(StorageError, match="damaged"):
        load(path)


def test_samples_that_find_no_common_frequency_are_named():
    X, y = EXCLUSIVE_OR
    classifier = EquilibriumClassifier(2, n_epochs=0, random_state=0).fit(X, y)
    classifier.parameters_[classifier.wiring_.n_couplings :] = 50
    with pytest.warns(UnlockedWarning, match="4 of 4 samples, the first of them sample 0"):
        classifier.predict(X)


# ---------------------------------------------------------------------- refusals


def test_couplings_that_differ_both_ways_are_refused():
    circuit, _ = problem(SMALL)
    matrix = circuit.couplings.copy()
    matrix[0, 0, 2] += 10.0
    with pytest.raises(ValueError, match="not symmetric: oscillators 0 and 2 .* by 10 1/s"):
        settle(PhaseOscillators(), dataclasses.replace(circuit, couplings=matrix))


@pytest.mark.parametrize(
    "place, value, words", [((0, 0, 0), 1.0, "diagonal"), ((0, 0, 3), np.nan, "NaN")]
)
def test_couplings_that_are_none_are_refused(place, value, words):
    circuit, _ = problem(SMALL)
    matrix = circuit.couplings.copy()
    matrix[place] = value
    with pytest.raises(ValueError, match=words):
        settle(PhaseOscillators(), dataclasses.replace(circuit, couplings=matrix))


def test_couplings_of_another_size_are_refused():
    circuit, _ = problem(SMALL)
    with pytest.raises(ValueError, match=r"must have shape \(n_inputs, 3, 7\)"):
        settle(
            PhaseOscillators(),
            dataclasses.replace(circuit, couplings=circuit.couplings[:, :, :-1]),
        )


def test_a_coupling_as_fast_as_the_amplitude_relaxes_is_refused():
    with pytest.raises(SimulationError, match="Oscillator 0 is coupled with 5e"):
        settle(AutoOscillators(0.9 * RATE), one(RATE, 0.0))


def test_auto_oscillators_share_one_matrix():
    circuit = one(RATE, 0.0)
    several = dataclasses.replace(circuit, couplings=np.repeat(circuit.couplings, 2, axis=0))
    with pytest.raises(ValueError, match="2 matrices"):
        settle(AutoOscillators(20 * RATE), several)


def test_learning_that_loses_the_common_frequency_is_refused():
    X, y = EXCLUSIVE_OR
    classifier = EquilibriumClassifier(
        3, learn=["frequencies"], learning_rate=30, n_epochs=3, random_state=0
    )
    with pytest.raises(SimulationError, match="Learning is unstable"):
        classifier.fit(X, y)


@pytest.mark.parametrize(
    "changes, error, words",
    [
        ({"learn": "couplings"}, ValueError, "as a list"),
        ({"learn": []}, ValueError, "choose from"),
        ({"learn": ["weights"]}, ValueError, "choose from"),
        ({"oscillators": "romera2018"}, TypeError, "is of type str"),
        ({"rule": "backpropagation"}, ValueError, "rule"),
        ({"nudge": 0}, ValueError, "nudge"),
    ],
)
def test_a_parameter_that_means_nothing_is_refused(changes, error, words):
    X, y = EXCLUSIVE_OR
    with pytest.raises(error, match=words):
        EquilibriumClassifier(**changes).fit(X, y)
    fitted = EquilibriumClassifier(2, n_epochs=0, random_state=0).fit(X, y)
    with pytest.raises(error, match=words):
        fitted.set_params(**changes).predict(X)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: PhaseOscillators(np.nan), "PhaseOscillators.nonlinear_shift is nan"),
        (lambda: PhaseOscillators(0.0, np.inf), "PhaseOscillators.coupling_phase is inf"),
        (lambda: PhaseOscillators("1"), "nonlinear_shift is '1'"),
        (lambda: AutoOscillators(0.0), "relaxation_rate is 0.0; it must be .* above 0"),
        (lambda: AutoOscillators(-1e7), "relaxation_rate is -10000000.0"),
        (lambda: AutoOscillators(1e7, np.nan), "AutoOscillators.nonlinear_shift is nan"),
    ],
)
def test_oscillators_that_cannot_be_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
