"""Faults of layered networks: what they change, what they leave, and what they refuse."""

import dataclasses
import warnings

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from reservoir import load, save
from reservoir.devices import IdealSynapse, SpinDiode
from reservoir.faults import (
    DeadInputs,
    DeadNeurons,
    DeadSynapses,
    DetuningBits,
    Fault,
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
from reservoir.layers import SpintronicClassifier, SpintronicRegressor, control

pytestmark = pytest.mark.kernel
GENERATOR = np.random.default_rng(0)
X = GENERATOR.uniform(size=(120, 6))
Y = (X[:, 0] > X[:, 1]).astype(int)
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
    DeadNeurons(share=0.2),
    DeadInputs(share=0.2),
    DetuningBits(bits=2),
    WeightLevels(n_levels=3),
    PowerNoise(rms=0.1),
]
OF_RESONANCES = (ResonanceOffset, ResonanceDrift, LineOffset, DetuningBits)
OF_NEURONS = (NeuronGainSpread, ThresholdSpread, DeadNeurons)


def fitted(sizes=(8,), **options):
    """A small network that has learned something."""
    settings = {"random_state": 0, "max_iter": 15, "lines_per_bus": 4, **options}
    return SpintronicClassifier(sizes, **settings).fit(X, Y)


NETWORK = fitted()


@pytest.fixture(scope="module")
def large():
    """A network of 100-90-80-2, for statistics; what it answers does not matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = SpintronicClassifier((90, 80), max_iter=1, random_state=0)
        return network.fit(GENERATOR.uniform(size=(64, 100)), np.arange(64) % 2)


def bits_of(network):
    """All that a network has learned, as bytes and texts."""
    found = {}
    for name, value in vars(network).items():
        if name == "layers_":
            for index, layer in enumerate(value):
                for field in dataclasses.fields(layer):
                    entry = getattr(layer, field.name)
                    found[index, field.name] = (
                        entry.tobytes() if isinstance(entry, np.ndarray) else entry
                    )
        elif isinstance(value, np.ndarray):
            found[name] = value.tobytes()
        else:
            found[name] = repr(value)
    return found


def arrays(network, name):
    """A field of all layers, one after the other."""
    return np.concatenate([getattr(layer, name).ravel() for layer in network.layers_])


# ---------------------------------------------------------------------- the copy


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_the_original_stays_as_it_was_and_the_same_seed_gives_the_same_bits(fault):
    before = bits_of(NETWORK)
    first, again = (with_faults(NETWORK, fault, random_state=3) for _ in range(2))
    assert bits_of(NETWORK) == before
    assert bits_of(first) == bits_of(again) != before
    assert first.faults_ == [repr(fault)]
    assert first.predict_proba(X).tobytes() == again.predict_proba(X).tobytes()
    assert not np.array_equal(first.predict_proba(X), NETWORK.predict_proba(X))
    drawn = not isinstance(fault, ResonanceDrift | DetuningBits | WeightLevels)
    other = with_faults(NETWORK, fault, random_state=4)
    assert (bits_of(other) != bits_of(first)) == drawn


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_fault_at_the_end_leaves_the_draws_of_the_earlier_ones(fault):
    earlier = [SynapseGainSpread(0.2), ThresholdSpread(0.2)]
    alone = with_faults(NETWORK, earlier, random_state=1)
    both = with_faults(NETWORK, [*earlier, fault], random_state=1)
    changed = {name for name, bits in bits_of(alone).items() if bits_of(both)[name] != bits}
    touched = {name for name, bits in bits_of(NETWORK).items() if bits_of(both)[name] != bits}
    if not isinstance(fault, SynapseGainSpread | ThresholdSpread | DeadSynapses):
        assert not changed & {(0, "strengths"), (1, "strengths"), (0, "thresholds")}
    assert {(0, "strengths"), (1, "strengths"), (0, "thresholds")} <= touched


def test_faults_at_once_are_the_faults_one_after_the_other():
    at_once = with_faults(NETWORK, FAULTS, random_state=2)
    one_by_one = NETWORK
    for fault in FAULTS:
        one_by_one = with_faults(one_by_one, fault, random_state=2)
    assert bits_of(one_by_one) == bits_of(at_once)
    assert at_once.faults_ == [repr(fault) for fault in FAULTS]


def test_two_equal_faults_draw_apart():
    one = arrays(with_faults(NETWORK, ResonanceOffset(0.1)), "settings")
    two = arrays(with_faults(NETWORK, [ResonanceOffset(0.1)] * 2), "settings")
    start = arrays(NETWORK, "settings")
    assert abs(np.corrcoef(one - start, two - one)[0, 1]) < 0.4


def test_without_faults_the_copy_answers_the_same():
    same = with_faults(NETWORK, [])
    assert same is not NETWORK and same.faults_ == []
    assert np.array_equal(same.predict_proba(X), NETWORK.predict_proba(X))


NOTHING = [
    *(kind(0.0) for kind in (ResonanceOffset, ResonanceDrift, LineOffset, PowerNoise)),
    *(kind(0.0) for kind in (SynapseGainSpread, NeuronGainSpread, ThresholdSpread)),
    *(kind(0.0) for kind in (DeadSynapses, DeadNeurons, DeadInputs)),
]


@pytest.mark.parametrize("fault", NOTHING, ids=repr)
def test_a_fault_of_size_0_changes_no_bit(fault):
    same = with_faults(NETWORK, fault)
    assert np.array_equal(same.predict_proba(X), NETWORK.predict_proba(X))


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_faulty_network_is_saved_with_its_faults(fault, tmp_path):
    network = with_faults(NETWORK, [fault, PowerNoise(0.05)])
    save(network, tmp_path / "network.h5")
    again = load(tmp_path / "network.h5")
    assert again.faults_ == [repr(fault), "PowerNoise(rms=0.05)"]
    assert bits_of(again) == bits_of(network)
    assert np.array_equal(again.predict_proba(X), network.predict_proba(X))
    further = [with_faults(each, DeadInputs(0.5)) for each in (network, again)]
    assert bits_of(further[0]) == bits_of(further[1])


def test_a_new_fit_has_no_faults():
    network = with_faults(NETWORK, FAULTS).fit(X, Y)
    assert not hasattr(network, "faults_")
    assert bits_of(network) == bits_of(NETWORK)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_both_precisions_draw_the_same_numbers(dtype):
    network = fitted(dtype=dtype)
    worse = with_faults(network, [ResonanceOffset(0.1), SynapseGainSpread(0.3)])
    assert {each.settings.dtype for each in worse.layers_} == {np.dtype(dtype)}
    assert {each.strengths.dtype for each in worse.layers_} == {np.dtype(dtype)}
    moved = arrays(worse, "settings") - arrays(network, "settings")
    stream = np.random.SeedSequence(np.random.RandomState(0).randint(2**31 - 1)).spawn(1)[0]
    drawn = np.random.default_rng(stream).standard_normal(moved.size)
    assert moved == pytest.approx(0.1 * drawn, abs=1e-6)


# ---------------------------------------------------------------------- what they change


def relative_rms(values):
    """Rms, and its standard error, of normal numbers of mean 0."""
    return np.sqrt(np.mean(values**2)), 1 / np.sqrt(2 * values.size)


LAWS = {
    ResonanceOffset(0.3): lambda n, w: arrays(w, "settings") - arrays(n, "settings"),
    SynapseGainSpread(0.1): lambda n, w: arrays(w, "strengths") / arrays(n, "strengths") - 1,
    NeuronGainSpread(0.1): lambda n, w: (
        np.concatenate([layer.line_gains for layer in w.layers_[1:]]) - 1
    ),
    ThresholdSpread(0.1): lambda n, w: (
        np.concatenate([layer.thresholds for layer in w.layers_[:-1]]) - 1
    ),
}


@pytest.mark.parametrize("fault", LAWS, ids=repr)
def test_errors_are_normal_with_the_stated_rms(fault, large):
    errors = LAWS[fault](large, with_faults(large, fault, random_state=0)).astype(float)
    rms, error = relative_rms(errors)
    stated = next(iter(vars(fault).values()))
    assert rms / stated == pytest.approx(1, abs=4 * error)
    assert errors.mean() / stated == pytest.approx(0, abs=4 / np.sqrt(errors.size))
    # The share of a normal law within one rms.
    within = np.mean(np.abs(errors) < stated)
    assert within == pytest.approx(0.6827, abs=4 * 0.4655 / np.sqrt(errors.size))


@pytest.mark.parametrize("lines", ["all", "inputs", "neurons"])
def test_lines_are_off_by_the_stated_half_linewidths_at_their_frequency(lines, large):
    worse = with_faults(large, LineOffset(0.2, lines), random_state=0)
    diode = SpinDiode.from_preset("ross2023")
    errors = [
        (after - before) / diode.half_linewidth_at(before)
        for before, after in zip(
            large.line_frequencies_, worse.line_frequencies_, strict=True
        )
    ]
    inputs, neurons = errors[0], np.concatenate(errors[1:])
    for group, is_off in [(inputs, lines != "neurons"), (neurons, lines != "inputs")]:
        rms, error = relative_rms(group)
        assert rms == pytest.approx(0.2 if is_off else 0, abs=4 * 0.2 * error)
    # Lines of two buses have one frequency, and errors of their own.
    assert inputs[0] != inputs[64] or lines == "neurons"
    assert np.array_equal(arrays(worse, "settings"), arrays(large, "settings"))


def test_inputs_are_off_by_the_same_whether_neurons_are_off_or_not(large):
    both, inputs = (
        with_faults(large, LineOffset(0.2, lines)).line_frequencies_[0]
        for lines in ("all", "inputs")
    )
    assert np.array_equal(both, inputs)


def test_a_drift_moves_every_resonance_up_by_its_half_linewidth():
    drifted = with_faults(NETWORK, ResonanceDrift(0.5))
    diode = SpinDiode.from_preset("ross2023")
    for before, after in zip(NETWORK.resonances_, drifted.resonances_, strict=True):
        shift = (after - before) / diode.half_linewidth_at(before)
        assert shift == pytest.approx(0.5, rel=0.02)  # the width grows by a percent


def test_a_drift_is_undone_by_its_opposite():
    back = with_faults(NETWORK, [ResonanceDrift(0.25), ResonanceDrift(-0.25)])
    assert arrays(back, "settings") == pytest.approx(arrays(NETWORK, "settings"), abs=1e-6)


@pytest.mark.parametrize("share", [0.0, 0.031, 0.1, 0.5, 1.0])
def test_exactly_the_stated_share_is_dead(share, large):
    n_synapses = 100 * 90 + 90 * 80 + 80 * 2
    synapses = arrays(with_faults(large, DeadSynapses(share)), "strengths")
    assert np.sum(synapses == 0) == round(share * n_synapses)
    neurons = with_faults(large, DeadNeurons(share))
    gains = [layer.line_gains for layer in neurons.layers_]
    assert gains[0].all() and np.sum(np.concatenate(gains[1:]) == 0) == round(share * 170)
    inputs = with_faults(large, DeadInputs(share))
    gains = [layer.line_gains for layer in inputs.layers_]
    assert np.sum(gains[0] == 0) == round(share * 100) and np.concatenate(gains[1:]).all()


def test_what_a_dead_neuron_would_have_said_does_not_matter():
    worse = with_faults(fitted((8, 5)), DeadNeurons(0.4))
    expected = worse.predict_proba(X)
    for index, layer in enumerate(worse.layers_[1:]):
        dead = np.flatnonzero(layer.line_gains == 0)
        before = worse.layers_[index]
        settings, biases = before.settings.copy(), before.biases.copy()
        settings[dead], biases[dead] = 0.7, 3.0
        worse.layers_[index] = dataclasses.replace(before, settings=settings, biases=biases)
    assert sum(np.sum(layer.line_gains == 0) for layer in worse.layers_) == 5
    assert np.array_equal(worse.predict_proba(X), expected)


def test_what_comes_on_a_dead_input_does_not_matter():
    worse = with_faults(NETWORK, DeadInputs(0.5))
    dead = np.flatnonzero(worse.layers_[0].line_gains == 0)
    other = X.copy()
    other[:, dead] = np.random.default_rng(1).uniform(0.1, 0.9, (len(X), 3))
    assert np.array_equal(worse.predict_proba(other), worse.predict_proba(X))


def test_dead_synapses_are_heard_by_nobody():
    worse = with_faults(NETWORK, DeadSynapses(1.0))
    assert all((weights == 0).all() for weights in worse.weights_)


def test_gains_and_thresholds_never_change_their_sign():
    worse = with_faults(
        NETWORK, [SynapseGainSpread(5.0), NeuronGainSpread(5.0), ThresholdSpread(5.0)]
    )
    signs = np.sign(arrays(worse, "strengths")) * np.sign(arrays(NETWORK, "strengths"))
    assert set(signs) == {0.0, 1.0}
    assert (arrays(worse, "line_gains") >= 0).all()
    assert arrays(worse, "thresholds").min() == pytest.approx(0.1)


@pytest.mark.parametrize("bits", [1, 2, 5])
def test_detunings_are_the_nearest_of_equidistant_levels(bits):
    levels = np.linspace(-1, 1, 2**bits)
    before = arrays(NETWORK, "settings").astype(float)
    nearest = levels[np.argmin(np.abs(before[:, None] - levels), axis=1)]
    after = arrays(with_faults(NETWORK, DetuningBits(bits)), "settings")
    assert after == pytest.approx(nearest, abs=1e-7)


def test_levels_cover_the_tuning_of_the_diode():
    diode = SpinDiode(8840.0, damping=0.01, tuning=0.5)
    worse = with_faults(fitted(synapse=diode), [ResonanceOffset(1.0), DetuningBits(1)])
    assert set(arrays(worse, "settings")) == {-0.5, 0.5}


@pytest.mark.parametrize("n_levels", [2, 3, 4])
@pytest.mark.parametrize("synapse", [None, IdealSynapse()])
def test_own_weights_are_the_nearest_of_equidistant_levels(n_levels, synapse):
    network = fitted(synapse=synapse)
    worse = with_faults(network, WeightLevels(n_levels))
    weight = network._design().synapse.weight
    levels = np.linspace(-1, 1, n_levels)
    before = weight(arrays(network, "settings"))
    nearest = levels[np.argmin(np.abs(before[:, None] - levels), axis=1)]
    assert weight(arrays(worse, "settings")) == pytest.approx(nearest, abs=1e-6)


def test_levels_that_were_learned_are_left_as_they_are():
    network = fitted(weight_levels=4, max_iter=40)
    same = with_faults(network, WeightLevels(4))
    assert arrays(same, "settings") == pytest.approx(arrays(network, "settings"), abs=1e-6)


# ---------------------------------------------------------------------- noise


def test_the_noise_of_a_row_does_not_depend_on_its_neighbours():
    noisy = with_faults(NETWORK, PowerNoise(0.2))
    expected = noisy.predict_proba(X)
    assert np.array_equal(noisy.predict_proba(X), expected)
    order = np.random.default_rng(1).permutation(len(X))
    assert np.array_equal(noisy.predict_proba(X[order]), expected[order])
    for rows in ([7], [7, 7], range(3, 11)):
        assert np.array_equal(noisy.predict_proba(X[rows]), expected[rows])


def test_noise_of_the_inputs_has_the_stated_rms():
    # Without neurons, an output is a sum of powers times weights, so its noise is known.
    network = fitted((), crosstalk=False)
    rows = np.random.default_rng(2).uniform(0.2, 0.8, (4000, 6))
    noisy = with_faults(network, PowerNoise(0.1))
    change = noisy.voltages(rows)[0] - network.voltages(rows)[0]
    terms = network.powers(rows)[0][:, None, :] * network.weights_[0]
    expected = 0.1 * np.sqrt(np.mean(np.sum(terms**2, axis=2), axis=0))
    assert np.sqrt(np.mean(change**2, axis=0)) == pytest.approx(expected, rel=0.05)


def test_noises_add_their_squares():
    both = with_faults(NETWORK, [PowerNoise(0.3), PowerNoise(0.4)])
    assert both.read_noise_ == pytest.approx(0.5)


# ---------------------------------------------------------------------- what helps


def test_a_resonance_beyond_the_tuning_stays_there_until_its_layer_learns():
    worse = with_faults(NETWORK, ResonanceOffset(1.0))
    start = [layer.settings for layer in worse.layers_]
    assert all(np.abs(settings).max() > 1 for settings in start)
    moved = worse.recalibrate(X)
    assert np.array_equal(arrays(moved, "settings"), arrays(worse, "settings"))
    last = worse.retrain(X, Y, layers="last", max_iter=1)
    assert np.array_equal(last.layers_[0].settings, start[0])
    assert np.abs(last.layers_[1].settings).max() <= 1
    everything = worse.retrain(X, Y, max_iter=1)
    assert np.abs(arrays(everything, "settings")).max() <= 1
    assert everything.faults_ == worse.faults_


def test_what_is_dead_stays_dead_when_the_network_learns():
    faults = [DeadSynapses(0.2), DeadNeurons(0.2), DeadInputs(0.2), SynapseGainSpread(0.1)]
    worse = with_faults(NETWORK, faults)
    again = worse.retrain(X, Y)
    for name in ("strengths", "line_gains", "line_offsets", "thresholds"):
        assert np.array_equal(arrays(again, name), arrays(worse, name))


def test_learning_with_its_faults_makes_a_network_better():
    loss = {}
    worse = with_faults(fitted(max_iter=40), [ResonanceOffset(0.5), DeadNeurons(0.25)])
    for name, network in {"as is": worse, "retrained": worse.retrain(X, Y)}.items():
        loss[name] = -np.log(network.predict_proba(X)[np.arange(len(X)), Y]).mean()
    assert loss["retrained"] < loss["as is"]


def test_recalibration_undoes_what_a_dead_input_takes_from_the_means():
    worse = with_faults(NETWORK, DeadInputs(0.5)).recalibrate(X)
    means = worse._means_of_chains(worse._powers(X))
    for found, designed in zip(means, NETWORK.chain_means_, strict=True):
        assert found == pytest.approx(designed, abs=1e-5)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_weights_before_rounding_are_kept_unless_the_settings_moved(fault):
    network = fitted(weight_levels=4, max_iter=40)
    worse = with_faults(network, fault)
    moved = not np.array_equal(arrays(worse, "settings"), arrays(network, "settings"))
    may_move = isinstance(
        fault, (ResonanceOffset, ResonanceDrift, DetuningBits, WeightLevels)
    )
    assert may_move or not moved
    assert hasattr(worse, "latent_weights_") != may_move
    worse.partial_fit(X, Y)
    assert hasattr(worse, "latent_weights_")


# ---------------------------------------------------------------------- refusals


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_network_without_resonances_can_have_the_other_faults(fault):
    network = control(SpintronicClassifier((8,), max_iter=15, random_state=0)).fit(X, Y)
    if isinstance(fault, OF_RESONANCES):
        with pytest.raises(ValueError, match=r"IdealSynapse, which has none; .*\.$"):
            with_faults(network, fault)
    else:
        worse = with_faults(network, fault)
        assert not np.array_equal(worse.predict_proba(X), network.predict_proba(X))
        assert worse.retrain(X, Y, max_iter=1).faults_ == [repr(fault)]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_a_network_without_neurons_can_have_the_other_faults(fault):
    network = fitted(())
    of_neurons = isinstance(fault, OF_NEURONS) or getattr(fault, "lines", "") == "neurons"
    if of_neurons:
        with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(\); it must .*\.$"):
            with_faults(network, fault)
    else:
        assert with_faults(network, fault).faults_ == [repr(fault)]


def test_a_regressor_can_have_faults():
    network = SpintronicRegressor((8,), max_iter=15, random_state=0).fit(X, X[:, :2])
    worse = with_faults(network, FAULTS)
    assert worse.predict(X).shape == (120, 2) and len(worse.faults_) == len(FAULTS)


def test_a_network_that_was_not_fitted_is_refused():
    for faults in ([], FAULTS):
        with pytest.raises(NotFittedError):
            with_faults(SpintronicClassifier(), faults)


def test_an_estimator_that_cannot_have_a_fault_is_refused():
    pipeline = make_pipeline(MinMaxScaler(), SpintronicClassifier((4,)))
    for estimator in (LogisticRegression().fit(X, Y), pipeline, "network"):
        with pytest.raises(TypeError, match=r"cannot have a DeadInputs; give a fitted Spin"):
            with_faults(estimator, DeadInputs(0.1))


@pytest.mark.parametrize("faults", [ResonanceOffset, [DeadInputs], "dead", 3, [None], None])
def test_what_is_no_fault_is_refused(faults):
    with pytest.raises(TypeError, match=r"^faults holds .*\.$"):
        with_faults(NETWORK, faults)


BAD = [
    *((kind, -0.1) for kind in (ResonanceOffset, LineOffset, SynapseGainSpread)),
    *((kind, -0.1) for kind in (NeuronGainSpread, ThresholdSpread, PowerNoise)),
    *((kind, 1001.0) for kind in (NeuronGainSpread, PowerNoise, SynapseGainSpread)),
    *((kind, 1.1) for kind in (DeadSynapses, DeadNeurons, DeadInputs)),
    *((kind, np.nan) for kind in (ResonanceOffset, ResonanceDrift, DeadInputs)),
    *((kind, "much") for kind in (ResonanceOffset, DeadNeurons, PowerNoise)),
    *((kind, True) for kind in (DeadNeurons, DetuningBits)),
    *((DetuningBits, 0), (DetuningBits, 25), (DetuningBits, 1.5), (WeightLevels, 1)),
]


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_a_fault_outside_its_range_is_refused(kind, value):
    name = dataclasses.fields(kind)[0].name
    with pytest.raises((TypeError, ValueError), match=rf"^{kind.__name__}\.{name} is .*\.$"):
        kind(value)


@pytest.mark.parametrize("kind", [NeuronGainSpread, PowerNoise, SynapseGainSpread])
def test_the_largest_spread_that_is_allowed_gives_numbers(kind):
    for network in (NETWORK, fitted(dtype="float64")):
        worse = with_faults(network, [kind(1000.0)] * 2)
        assert np.isfinite(worse.predict_proba(X)).all()


def test_unknown_lines_are_refused():
    with pytest.raises(ValueError, match=r"LineOffset.lines is 'some'; it must be one of"):
        LineOffset(0.1, lines="some")


def test_numbers_of_numpy_are_told_as_plain_ones():
    assert repr(DetuningBits(np.int64(3))) == "DetuningBits(bits=3)"
    assert repr(DeadNeurons(np.float32(0.5))) == "DeadNeurons(share=0.5)"


def test_a_device_without_a_positive_frequency_is_refused():
    wide = fitted(synapse=SpinDiode(8840.0, damping=0.5), lines_per_bus=2)
    for fault in (ResonanceDrift(5.0), LineOffset(20.0)):
        with pytest.raises(ValueError, match=r"without a positive frequency; .*\.$"):
            with_faults(wide, fault)


def test_a_fault_of_ones_own_joins_the_others():
    @dataclasses.dataclass(frozen=True)
    class Silence(Fault):
        hosts = (SpintronicClassifier,)

        def put_into(self, estimator, generator):
            estimator.layers_ = [
                dataclasses.replace(layer, biases=0 * layer.biases)
                for layer in estimator.layers_
            ]

    worse = with_faults(NETWORK, [Silence(), DeadInputs(0.5)])
    assert not arrays(worse, "biases").any() and arrays(NETWORK, "biases").any()
    assert worse.faults_[1] == "DeadInputs(share=0.5)"


def test_a_faulty_network_learns_on_with_moments_of_its_own():
    network = SpintronicClassifier((8,), random_state=0).partial_fit(X, Y, classes=[0, 1])
    worse = with_faults(network, DeadSynapses(0.1))
    assert hasattr(network, "adam_") and not hasattr(worse, "adam_")
    again = worse.partial_fit(X, Y)
    assert again.adam_[2] == network.adam_[2]  # steps since the fault
