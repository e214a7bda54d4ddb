"""Faults of networks for sequences: recurrent chains, filters that serve all positions."""

import dataclasses

import numpy as np
import pytest

from reservoir import load, save
from reservoir.faults import (
    DeadInputs,
    DeadNeurons,
    DeadSynapses,
    DetuningBits,
    LineOffset,
    NeuronGainSpread,
    PowerNoise,
    ResonanceDrift,
    ResonanceOffset,
    SynapseGainSpread,
    ThresholdSpread,
    WeightLevels,
    with_faults,
)
from reservoir.layers import (
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    control,
)

GENERATOR = np.random.default_rng(0)
Y = np.arange(60) % 2
X = [
    GENERATOR.uniform(0, 0.6, (length, 3)) + np.array([0.4, 0.0, 0.0]) * label
    for length, label in zip([2, 5, 3, 4, 2, 6] * 10, Y, strict=True)
]
FAULTS = [
    ResonanceOffset(half_linewidths=0.1),
    ResonanceDrift(half_linewidths=-0.2),
    LineOffset(half_linewidths=0.1),
    LineOffset(half_linewidths=0.1, lines="inputs"),
    LineOffset(half_linewidths=0.1, lines="neurons"),
    SynapseGainSpread(share=0.1),
    NeuronGainSpread(share=0.1),
    ThresholdSpread(share=0.1),
    DeadSynapses(share=0.1),
    DeadNeurons(share=0.3),
    DeadInputs(share=0.4),
    DetuningBits(bits=2),
    WeightLevels(n_levels=3),
    PowerNoise(rms=0.1),
]
OF_RESONANCES = (ResonanceOffset, ResonanceDrift, LineOffset, DetuningBits)
OPTIONS = {"max_iter": 20, "batch_size": 8, "random_state": 0}
RECURRENT = SpintronicRecurrentClassifier((7, 4), recurrent_weight=0.5, **OPTIONS).fit(X, Y)
FILTERS = SpintronicConvolutionalClassifier(
    6, kernel=(2, 2), segments=(2, 2), hidden_layer_sizes=(5,), **OPTIONS
).fit(X, Y)
BOTH = pytest.mark.parametrize("network", [RECURRENT, FILTERS], ids=["recurrent", "filters"])
EVERY = pytest.mark.parametrize("fault", FAULTS, ids=repr)


def bits(network):
    """All that the layers hold, as bytes, and the noise."""
    found = {"noise": repr(getattr(network, "read_noise_", 0))}
    for index, layer in enumerate(network._all_layers()):
        for name, value in vars(layer).items():
            found[index, name] = value.tobytes() if isinstance(value, np.ndarray) else value
    return found


def changed(before, after):
    """Layers and fields that are others."""
    old, new = bits(before), bits(after)
    return {name for name in old if old[name] != new[name]}


def moved(network, place, **fields):
    """Replace fields in one of all layers."""
    layers = network._all_layers()
    layers[place] = dataclasses.replace(layers[place], **fields)
    network._keep_layers(layers)


@BOTH
@EVERY
def test_the_original_stays_as_it_was_and_the_same_seed_gives_the_same_bits(network, fault):
    before, answer = bits(network), network.predict_proba(X)
    first, again = (with_faults(network, fault, random_state=3) for _ in range(2))
    assert bits(network) == before
    assert bits(first) == bits(again) != before
    assert first.faults_ == [repr(fault)]
    assert first.predict_proba(X).tobytes() == again.predict_proba(X).tobytes()
    assert not np.array_equal(first.predict_proba(X), answer)


@pytest.mark.slow
@BOTH
@EVERY
def test_a_faulty_network_is_saved_with_its_faults_and_learns_with_them(
    network, fault, tmp_path
):
    worse = with_faults(network, [fault, PowerNoise(0.05)])
    save(worse, tmp_path / "network.h5")
    again = load(tmp_path / "network.h5")
    assert again.faults_ == worse.faults_ and bits(again) == bits(worse)
    assert np.array_equal(again.predict_proba(X), worse.predict_proba(X))
    learned = worse.retrain(X, Y, max_iter=1)
    assert learned.faults_ == worse.faults_
    for old, new in zip(worse._all_layers(), learned._all_layers(), strict=True):
        for name in ("strengths", "line_gains", "line_offsets", "thresholds"):
            assert np.array_equal(getattr(old, name), getattr(new, name))
        assert np.abs(new.settings).max() <= 1
    assert not hasattr(learned.fit(X, Y), "faults_")
    assert bits(learned) == bits(network)


@pytest.mark.parametrize(
    ("fault", "fields", "places"),
    [
        (ResonanceOffset(0.1), {"settings"}, {0, 1, 2, 3, 4}),
        (ResonanceDrift(0.1), {"settings"}, {0, 1, 2, 3, 4}),
        (SynapseGainSpread(0.1), {"strengths"}, {0, 1, 2, 3, 4}),
        (DeadSynapses(0.3), {"strengths"}, {0, 1, 2, 3, 4}),
        (LineOffset(0.1), {"line_offsets"}, {0, 1, 2, 3, 4}),
        (LineOffset(0.1, "inputs"), {"line_offsets"}, {0}),
        (LineOffset(0.1, "neurons"), {"line_offsets"}, {1, 2, 3, 4}),
        (NeuronGainSpread(0.1), {"line_gains"}, {1, 2, 3, 4}),
        (DeadNeurons(0.5), {"line_gains"}, {1, 2, 3, 4}),
        (DeadInputs(0.5), {"line_gains"}, {0}),
        (ThresholdSpread(0.1), {"thresholds"}, {0, 1}),
        (DetuningBits(2), {"settings"}, {0, 1, 2, 3, 4}),
        (WeightLevels(3), {"settings"}, {0, 1, 2, 3, 4}),
    ],
    ids=repr,
)
def test_recurrent_chains_have_the_faults_of_synapses_and_hear_those_of_neurons(
    fault, fields, places
):
    # Places 0 to 2 are the layers, 3 and 4 the recurrent chains of the first two.
    worse = with_faults(RECURRENT, fault)
    assert changed(RECURRENT, worse) == {(p, field) for p in places for field in fields}
    layers = worse._all_layers()
    for above, ring in ((1, 3), (2, 4)):
        for name in ("line_gains", "line_offsets"):
            assert np.array_equal(getattr(layers[above], name), getattr(layers[ring], name))


def test_a_network_without_recurrent_chains_can_have_all_faults():
    network = SpintronicRecurrentClassifier((7, 4), recurrent=False, **OPTIONS).fit(X, Y)
    worse = with_faults(network, FAULTS)
    assert worse.recurrent_layers_ == [] and worse.predict(X).shape == (60,)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 1.0])
def test_exactly_the_stated_share_of_neurons_is_dead(share):
    worse = with_faults(RECURRENT, DeadNeurons(share))
    dead = [layer.line_gains == 0 for layer in worse._all_layers()]
    assert sum(each.sum() for each in dead[1:3]) == round(share * 11)
    assert np.array_equal(dead[1], dead[3]) and np.array_equal(dead[2], dead[4])
    worse = with_faults(FILTERS, DeadNeurons(share))
    dead = [layer.line_gains == 0 for layer in worse.layers_]
    of_filters = dead[1].reshape(4, 6)  # segments, filters
    assert (of_filters == of_filters[0]).all()
    assert of_filters[0].sum() + dead[2].sum() == round(share * 11)
    assert not dead[0].any()


def test_what_a_dead_neuron_would_have_said_does_not_matter_in_time():
    worse = with_faults(RECURRENT, DeadNeurons(0.4))
    expected = worse.predict_proba(X)
    for index in range(2):
        layers = worse._all_layers()
        dead = np.flatnonzero(layers[index + 1].line_gains == 0)
        assert len(dead) > 0
        settings, biases = layers[index].settings.copy(), layers[index].biases.copy()
        settings[dead], biases[dead] = 0.7, 3.0
        moved(worse, index, settings=settings, biases=biases)
        settings = layers[3 + index].settings.copy()
        settings[dead] = -0.7  # chains that drive the dead ones
        moved(worse, 3 + index, settings=settings)
    assert np.array_equal(worse.predict_proba(X), expected)
    # A neuron that lives is heard.
    alive = np.flatnonzero(worse.layers_[1].line_gains)
    biases = worse.layers_[0].biases.copy()
    biases[alive] += 0.1
    moved(worse, 0, biases=biases)
    assert not np.isclose(worse.predict_proba(X), expected, rtol=1e-6).any()


def test_what_a_dead_filter_would_have_said_does_not_matter():
    worse = with_faults(FILTERS, DeadNeurons(0.4))
    expected = worse.predict_proba(X)
    dead = np.flatnonzero(worse.layers_[1].line_gains[:6] == 0)
    assert len(dead) > 0
    settings, biases = worse.layers_[0].settings.copy(), worse.layers_[0].biases.copy()
    settings[dead], biases[dead] = 0.7, 3.0
    moved(worse, 0, settings=settings, biases=biases)
    assert np.array_equal(worse.predict_proba(X), expected)
    assert not worse.powers(X)[0].reshape(60, 4, 6)[:, :, dead].any()


def test_without_all_its_neurons_a_network_has_one_answer_for_all():
    for network in (RECURRENT, FILTERS):
        shares = with_faults(network, DeadNeurons(1.0)).predict_proba(X)
        assert (shares == shares[0]).all()


def test_a_filter_that_emits_more_does_so_in_all_segments():
    worse = with_faults(FILTERS, NeuronGainSpread(0.2))
    gains = worse.layers_[1].line_gains.reshape(4, 6)
    assert (gains == gains[0]).all() and len(set(gains[0])) == 6
    assert worse.powers(X)[0] == pytest.approx(FILTERS.powers(X)[0] * gains.ravel())


def test_one_place_of_a_patch_that_is_dead_is_dead_at_all_positions():
    worse = with_faults(FILTERS, DeadInputs(0.25))
    (dead,) = np.flatnonzero(worse.layers_[0].line_gains == 0)
    alone = SpintronicConvolutionalClassifier(2, kernel=(1, 1), segments=(2, 2), **OPTIONS)
    silent = with_faults(alone.fit(X, Y), DeadInputs(1.0)).predict_proba(X)
    assert (silent == silent[0]).all()
    assert 0 <= dead < 4


@BOTH
def test_noise_of_a_sequence_does_not_depend_on_its_neighbours(network):
    noisy = with_faults(network, PowerNoise(0.2))
    expected = noisy.predict_proba(X)
    assert np.array_equal(noisy.predict_proba(X[::-1]), expected[::-1])
    assert np.array_equal(noisy.predict_proba([X[7], X[7]]), expected[[7, 7]])


@BOTH
def test_faults_at_once_are_the_faults_one_after_the_other(network):
    one_by_one = network
    for fault in FAULTS:
        one_by_one = with_faults(one_by_one, fault, random_state=2)
    assert bits(one_by_one) == bits(with_faults(network, FAULTS, random_state=2))


@pytest.mark.slow
@BOTH
@EVERY
def test_controls_have_no_faults_of_resonances(network, fault):
    ideal = control(network).fit(X, Y)
    if isinstance(fault, OF_RESONANCES):
        with pytest.raises(ValueError, match=r"IdealSynapse, which has none; .*\.$"):
            with_faults(ideal, fault)
    else:
        worse = with_faults(ideal, fault)
        assert not np.array_equal(worse.predict_proba(X), ideal.predict_proba(X))


@pytest.mark.parametrize("fault", [ResonanceOffset(0.1), DetuningBits(3), WeightLevels(4)])
def test_weights_before_rounding_are_forgotten_when_settings_move(fault):
    network = SpintronicRecurrentClassifier((5,), weight_levels=5, **OPTIONS).fit(X, Y)
    worse = with_faults(network, fault)
    assert hasattr(network, "latent_weights_") and not hasattr(worse, "latent_weights_")
    assert len(worse.retrain(X, Y, max_iter=1).latent_weights_) == 3
