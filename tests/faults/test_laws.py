"""Mean, spread and count of what is random in each fault, of 1e5 draws each."""

import warnings

import numpy as np
import pytest
from scipy import stats

from reservoir import OscillatorNetwork, TimeMultiplexedReservoir
from reservoir.devices import SpinDiode
from reservoir.faults import (
    DeadChannels,
    DeadInputs,
    DeadNeurons,
    DeadNodes,
    DeadOscillators,
    DeadSynapses,
    LineOffset,
    NeuronGainSpread,
    PowerNoise,
    ResonanceOffset,
    StuckOscillators,
    SynapseGainSpread,
    ThermalNoise,
    ThresholdSpread,
    with_faults,
)
from reservoir.layers import SpintronicClassifier

pytestmark = pytest.mark.kernel
N_DRAWS = 100_000
GENERATOR = np.random.default_rng(0)
DIODE = SpinDiode.from_preset("ross2023")


def _fitted(n_inputs, hidden, **options):
    """A network for statistics; what it answers does not matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = SpintronicClassifier(hidden, max_iter=1, random_state=0, **options)
        return network.fit(GENERATOR.uniform(size=(64, n_inputs)), np.arange(64) % 2)


LARGE = _fitted(100, (90, 80), dtype="float64")


def _drawn(fault, error_of, model=LARGE):
    """Errors of copies with other seeds, until there are 1e5 of them."""
    found, seed = [], 0
    while sum(map(len, found)) < N_DRAWS:
        found.append(error_of(model, with_faults(model, fault, random_state=seed)))
        seed += 1
    return np.concatenate(found)[:N_DRAWS]


def _joined(network, name, layers=slice(None)):
    return np.concatenate([getattr(each, name).ravel() for each in network.layers_[layers]])


def _line_errors(clean, worse):
    pairs = zip(clean.line_frequencies_, worse.line_frequencies_, strict=True)
    return np.concatenate([(b - a) / DIODE.half_linewidth_at(a) for a, b in pairs])


def _ratios(name, layers=slice(None)):
    return lambda n, w: _joined(w, name, layers) / _joined(n, name, layers) - 1


LAWS = {
    LineOffset(0.2): _line_errors,
    NeuronGainSpread(0.1): _ratios("line_gains", slice(1, None)),
    ResonanceOffset(0.3): lambda n, w: _joined(w, "settings") - _joined(n, "settings"),
    SynapseGainSpread(0.1): _ratios("strengths"),
    ThresholdSpread(0.1): _ratios("thresholds", slice(0, -1)),
}


@pytest.mark.parametrize("fault", LAWS, ids=repr)
def test_errors_of_layers_are_normal_with_the_stated_rms(fault):
    stated = next(iter(vars(fault).values()))
    errors = _drawn(fault, LAWS[fault]) / stated
    assert errors.mean() == pytest.approx(0, abs=4 / np.sqrt(N_DRAWS))
    assert errors.std() == pytest.approx(1, rel=4 / np.sqrt(2 * N_DRAWS))
    assert stats.kstest(errors, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(errors[1:], errors[:-1])[0, 1]) < 4 / np.sqrt(N_DRAWS)


@pytest.mark.parametrize("kind", [NeuronGainSpread, SynapseGainSpread])
def test_gains_that_would_be_negative_are_dead(kind):
    """With an rms of 1 a share of Phi(-1) is dead, and the mean is that of the rest."""
    gains = 1 + _drawn(kind(1.0), LAWS[kind(0.1)])
    dead = stats.norm.cdf(-1)
    assert np.mean(gains == 0) == pytest.approx(
        dead, abs=4 * np.sqrt(dead * (1 - dead) / N_DRAWS)
    )
    mean = stats.norm.cdf(1) + stats.norm.pdf(1)
    assert gains.mean() == pytest.approx(mean, abs=4 * gains.std() / np.sqrt(N_DRAWS))


def test_thresholds_stop_at_a_tenth():
    ratios = 1 + _drawn(ThresholdSpread(1.0), LAWS[ThresholdSpread(0.1)])
    low = stats.norm.cdf(-0.9)
    assert ratios.min() == pytest.approx(0.1)
    assert np.mean(ratios == ratios.min()) == pytest.approx(
        low, abs=4 * np.sqrt(low / N_DRAWS)
    )


def test_factors_of_powers_are_normal_with_the_stated_rms():
    # Without neurons a voltage is a sum of powers times weights. Forty sums of twenty powers
    # tell by how much each power is off.
    labels, rows = np.arange(80) % 40, GENERATOR.uniform(0.2, 0.8, (N_DRAWS // 20, 20))
    network = SpintronicClassifier((), max_iter=1, crosstalk=False, random_state=0)
    network.set_params(dtype="float64").fit(rows[:80], labels)
    noisy = with_faults(network, PowerNoise(0.1), random_state=0)
    changes = noisy.voltages(rows)[0] - network.voltages(rows)[0]
    off = np.linalg.lstsq(network.weights_[0], changes.T)[0].T
    powers = network.powers(rows)[0]
    heard = powers > 0  # The scale ends at the least number that was learned from.
    errors = (off[heard] / powers[heard]) / 0.1
    assert errors.size > 0.9 * N_DRAWS
    assert errors.mean() == pytest.approx(0, abs=4 / np.sqrt(errors.size))
    assert errors.std() == pytest.approx(1, rel=4 / np.sqrt(2 * errors.size))
    assert stats.kstest(errors, "norm").pvalue > 1e-3


def test_the_mean_power_of_thermal_noise_is_the_stated_one():
    """Without a current the power is that of a normal amplitude: its spread is its mean."""
    frames = GENERATOR.normal(size=(500, 1))
    frames = np.concatenate([frames, -frames])
    model = TimeMultiplexedReservoir(
        n_nodes=100,
        node_time=1e-4,  # 244 relaxation times, so each reading is a new draw
        drive_range=(-1.1, 1.1),
        context=(),
        random_state=0,
    ).fit([frames])
    # Without its channel every current is the mean of the range, which is 0.
    worse = with_faults(model, [DeadChannels(1.0), ThermalNoise(1e-4)], random_state=1)
    assert np.abs(worse.drive_currents([frames])[0]).max() < 1e-12
    powers = worse.node_states([frames])[0].ravel() ** 2 / 1e-4
    assert powers.size == N_DRAWS
    assert powers.mean() == pytest.approx(1, abs=4 / np.sqrt(N_DRAWS) + 1e-3)
    assert powers.std() == pytest.approx(1, abs=0.02)
    assert np.mean(powers > 1) == pytest.approx(np.exp(-1), abs=0.01)


def _zeros(name, layers=slice(None)):
    return lambda worse: _joined(worse, name, layers) == 0


RESERVOIR = TimeMultiplexedReservoir(n_nodes=1000, context=(), random_state=0)
RESERVOIR.fit([GENERATOR.normal(size=(60, 200))])
NETWORK = OscillatorNetwork(n_oscillators=500, frequencies=np.full(500, 350e6))
NETWORK.fit([[341e6, 362e6]])
CHOSEN = {
    "channels": (RESERVOIR, DeadChannels(0.25), lambda w: w.drive_.scale == 0),
    "inputs": (LARGE, DeadInputs(0.25), _zeros("line_gains", slice(0, 1))),
    "neurons": (LARGE, DeadNeurons(0.25), _zeros("line_gains", slice(1, None))),
    "nodes": (RESERVOIR, DeadNodes(0.25), lambda w: w.wear_.gains == 0),
    "oscillators": (NETWORK, DeadOscillators(0.25), lambda w: w.dead_),
    "synapses": (LARGE, DeadSynapses(0.25), _zeros("strengths")),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", CHOSEN)
def test_each_part_is_as_likely_to_be_dead_as_any_other(what):
    model, fault, dead_of = CHOSEN[what]
    n_parts = len(dead_of(with_faults(model, fault)))
    n_copies = max(-(-N_DRAWS // n_parts), 40)
    copies = [dead_of(with_faults(model, fault, random_state=s)) for s in range(n_copies)]
    assert {each.sum() for each in copies} == {round(0.25 * n_parts)}
    # Each part is dead in a binomial number of copies.
    variance = n_copies * 0.25 * 0.75
    errors = np.sum(copies, axis=0) - 0.25 * n_copies
    assert np.mean(errors**2) / variance == pytest.approx(1, abs=5 * np.sqrt(2 / n_parts))
    assert np.abs(errors).max() < 6 * np.sqrt(variance)


def test_states_of_stuck_oscillators_are_drawn_with_equal_probabilities():
    many = OscillatorNetwork(n_oscillators=500, frequencies=np.full(500, 350e6))
    many.fit([[341e6, 362e6]])
    states = np.concatenate(
        [
            worse.misreading_.states[worse.misreading_.states != -2]
            for seed in range(250)
            for worse in [with_faults(many, StuckOscillators(0.8), random_state=seed)]
        ]
    )
    assert states.size == N_DRAWS
    shares = np.bincount(states + 1, minlength=3) / N_DRAWS
    assert shares == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / N_DRAWS))
