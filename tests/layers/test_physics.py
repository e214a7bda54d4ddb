"""What is known of the physics: crosstalk, polarities, clamps, and shifts of frequencies."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import load_digits

from reservoir import SpinTorqueOscillator
from reservoir.devices import IdealSynapse, SpinDiode
from reservoir.layers import SpintronicClassifier, SpintronicRegressor
from reservoir.layers.neuron import rounded_power

DIGITS, LABELS = load_digits(return_X_y=True)
X, Y = DIGITS[:400] / 16, LABELS[:400]


def fit(hidden=(8,), **parameters):
    settings = {"max_iter": 4, "random_state": 0, "dtype": "float64", **parameters}
    return SpintronicClassifier(hidden, **settings).fit(X, Y)


def test_without_crosstalk_the_network_is_a_perceptron_with_bounded_weights():
    network = fit(crosstalk=False)
    first, last = network.layers_
    matrices = [
        layer.strengths * 2 * layer.settings / (1 + layer.settings**2)
        for layer in network.layers_
    ]
    overdrive = 1.5 + first.gain * (X @ matrices[0].T + first.biases)
    # ross2023: A = z - 1, B = z + Q.
    neuron = network._design().neuron
    damping = neuron.nonlinear_damping

    def power(z):
        return rounded_power(z - 1, z + damping, 1e-2)[0]

    hidden = power(np.clip(overdrive, -1, 4)) / power(np.array([4.0]))
    outputs = last.gain * (hidden @ matrices[1].T + last.biases)
    np.testing.assert_allclose(
        network.predict_proba(X), softmax(outputs, axis=1), rtol=0, atol=1e-7
    )


def test_without_crosstalk_diodes_and_ideal_synapses_answer_alike():
    network = fit(crosstalk=False)
    other = fit(crosstalk=False, synapse=IdealSynapse(), max_iter=1)
    other.layers_ = [
        replace(layer, settings=2 * layer.settings / (1 + layer.settings**2))
        for layer in network.layers_
    ]
    found = other.predict_proba(X)
    np.testing.assert_allclose(found, network.predict_proba(X), rtol=0, atol=1e-13)


def background(spacing, alternate, n_lines):
    """Weight of the last line of a bus whose diodes all stand on their lines."""
    network = SpintronicRegressor(
        (),
        synapse=SpinDiode(1.0, half_linewidth=1e6),
        spacing=spacing,
        alternate=alternate,
        lines_per_bus=n_lines,
        max_iter=1,
        random_state=0,
        dtype="float64",
    )
    powers = np.random.default_rng(0).uniform(size=(50, n_lines))
    network.fit(powers, powers.sum(axis=1))
    network.layers_ = [
        replace(layer, settings=np.zeros_like(layer.settings)) for layer in network.layers_
    ]
    return network.weights_[0][0, -1]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("spacing", [10.0, 40.0])
def test_tails_of_one_polarity_add_as_a_harmonic_sum(spacing):
    # A far line hears 2/(m D) of the m-th neighbour, D half linewidths apart.
    for n_lines in (4, 64):
        m = np.arange(1, n_lines)
        expected = np.sum(2 * m * spacing / (1 + (m * spacing) ** 2))
        found = background(spacing, False, n_lines)
        assert found == pytest.approx(expected, rel=1e-12)
        assert found == pytest.approx(2 / spacing * np.sum(1 / m), rel=2 / spacing**2)
    assert background(spacing, False, 64) > 2 * background(spacing, False, 4)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("spacing", [10.0, 40.0])
def test_tails_of_alternating_polarities_stay_below_a_bound(spacing):
    # The sum of (-1)^m 2/(m D) tends to 2 ln 2/D, and two more lines change it less and less.
    bound = 2 * np.log(2) / spacing
    found = [abs(background(spacing, True, n)) for n in (3, 5, 9, 33, 65)]
    assert (np.diff(found) > 0).all()
    assert found[-1] < bound
    assert found[-1] == pytest.approx(bound, rel=0.03)


def test_a_network_whose_shift_is_forgotten_answers_otherwise():
    romera = SpinTorqueOscillator.from_preset("romera2018")
    vortex = replace(romera, nonlinear_frequency_shift=16e6, current_tuning=0.0)
    network = fit(neuron=vortex, synapse="vortex", max_iter=10)
    known = network.score(X, Y)
    proba = network.predict_proba(X)
    network.frequency_shift = False
    assert known > 0.8
    assert network.score(X, Y) < known - 0.2
    assert abs(network.predict_proba(X) - proba).max() > 0.1


def test_a_neuron_whose_frequency_stands_still_needs_no_knowledge_of_it():
    network = fit()
    proba = network.predict_proba(X)
    network.frequency_shift = False
    assert np.array_equal(network.predict_proba(X), proba)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_clamp_holds_the_currents():
    network = fit(max_overdrive=1.8)
    emitted = network.powers(X)[1]
    overdrive = network.currents(X)[0] / network._design().drive_unit
    assert emitted.max() == pytest.approx(1e-6, rel=1e-9)
    above = overdrive > 1.8
    assert above.any()
    np.testing.assert_allclose(emitted[above], 1e-6, rtol=1e-9)


def test_emission_by_current_is_the_power_times_the_square_of_the_current():
    network = fit(emission="current")
    other = fit()
    other.layers_ = network.layers_
    ratio = network.powers(X)[1] / other.powers(X)[1]
    z = np.clip(network.currents(X)[0] / network._design().drive_unit, -1, 4)
    np.testing.assert_allclose(ratio, z**2 / 16, rtol=1e-5)


def test_power_noise_has_the_mean_one_and_the_spread_that_is_asked():
    network = fit(power_noise=0.3)
    trainer = network._trainer(0.03)
    factors = trainer._power_noise(np.zeros((20000, 1)), np.random.default_rng(0))
    assert [factor.shape for factor in factors] == [(20000, 64), (20000, 8)]
    for factor in factors:
        assert factor.mean() == pytest.approx(1, abs=5e-3)
        assert factor.std() == pytest.approx(0.3, rel=1e-2)
        assert factor.min() > 0
