"""Faults of networks that lock to sources, and of their classifier."""

import copy

import numpy as np
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError

from reservoir import OscillatorNetwork, SynchronizationClassifier, datasets, load, save
from reservoir.faults import (
    ByzantineOscillators,
    CurrentDrift,
    DeadNodes,
    DeadOscillators,
    FrequencyDrift,
    FrequencySpread,
    StuckOscillators,
    refit_readout,
    retune_frequencies,
    with_faults,
)
from reservoir.networks.misreading import Misreading
from reservoir.storage.whole import check_whole

pytestmark = pytest.mark.kernel
SOURCES = np.array([[341e6, 362e6], [350e6, 372e6], [345e6, 355e6]])
FAULTS = [
    FrequencyDrift(hz=3e6),
    FrequencySpread(hz=2e6),
    CurrentDrift(share=0.02),
    DeadOscillators(share=0.25),
    StuckOscillators(share=0.25, source=0),
    ByzantineOscillators(share=0.5),
]
NETWORK = OscillatorNetwork(coupling=1e6 + 5e5j).fit(SOURCES)
VOWELS = datasets.make_vowels(10, ("ae", "er", "iy", "uw"), random_state=0)


@pytest.fixture(scope="module")
def classifier():
    return SynchronizationClassifier(learning="search", n_starts=2, random_state=0).fit(
        VOWELS.data, VOWELS.target
    )


def response(network):
    found = network.measure(SOURCES)
    return np.concatenate(
        [found.frequency, found.power, found.locked, found.coherence.reshape(3, -1)], axis=1
    )


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_the_original_stays_and_the_same_seed_gives_the_same_answers(fault, classifier):
    expected = response(NETWORK)
    first, again = (with_faults(NETWORK, fault, random_state=3) for _ in range(2))
    assert first.faults_ == [repr(fault)]
    assert np.array_equal(response(first), response(again))
    assert np.array_equal(response(NETWORK), expected)
    assert not np.array_equal(response(first), expected)
    before = classifier.decision_function(VOWELS.data)
    worse = with_faults(classifier, fault, random_state=3)
    assert not np.array_equal(worse.decision_function(VOWELS.data), before)
    assert np.array_equal(classifier.decision_function(VOWELS.data), before)
    assert worse.network is classifier.network or worse.network is None


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_networks_and_classifiers_are_saved_with_their_faults(fault, classifier, tmp_path):
    worse = with_faults(NETWORK, [fault, FrequencySpread(1e5)])
    save(worse, tmp_path / "network.h5")
    again = load(tmp_path / "network.h5")
    assert again.faults_ == worse.faults_
    assert np.array_equal(response(again), response(worse))
    worse = with_faults(classifier, fault)
    save(worse, tmp_path / "classifier.h5")
    again = load(tmp_path / "classifier.h5")
    assert again.faults_ == [repr(fault)]
    expected = worse.decision_function(VOWELS.data)
    assert np.array_equal(again.decision_function(VOWELS.data), expected)


@pytest.mark.parametrize(
    "fault",
    [
        kind(0.0)
        for kind in (
            FrequencyDrift,
            FrequencySpread,
            DeadOscillators,
            StuckOscillators,
            ByzantineOscillators,
        )
    ],
)
def test_a_fault_of_size_0_and_no_fault_change_no_bit(fault, classifier):
    assert np.array_equal(response(with_faults(NETWORK, fault)), response(NETWORK))
    for faults in ([], fault):
        same = with_faults(classifier, faults)
        expected = classifier.decision_function(VOWELS.data)
        assert np.array_equal(same.decision_function(VOWELS.data), expected)


def test_a_drift_shifts_all_natural_frequencies_and_keeps_the_currents():
    tuned = NETWORK.tune([340e6, 350e6, 360e6, 371e6])
    drifted = with_faults(tuned, FrequencyDrift(-2e6))
    shifts = drifted.natural_frequencies() - tuned.natural_frequencies()
    assert shifts == pytest.approx(-2e6, abs=1)
    assert np.array_equal(drifted.currents, tuned.currents)
    back = with_faults(drifted, FrequencyDrift(2e6))
    assert back.natural_frequencies() == pytest.approx(tuned.natural_frequencies(), abs=1)


@pytest.mark.parametrize("fault", [FrequencyDrift(1e6), CurrentDrift(0.03)])
def test_a_pump_stays_where_it_is_while_oscillators_drift(fault):
    """A pump of 0.5 MHz on each side holds them, and lets them go after a drift of 1 MHz."""
    held = OscillatorNetwork(n_oscillators=1, pumping=1.5e6, measuring_time=1e-4)
    held = held.fit([[350e6]])
    half = held.measure().frequency
    drifted = with_faults(held, fault)
    pulled = abs(drifted.measure().frequency - half)
    assert held.pumping_half_width() == pytest.approx(0.5e6, rel=0.03)
    shift = abs(drifted.natural_frequencies() - held.natural_frequencies())
    # Beyond the band the mean beat frequency is that of Adler, for a pump that is weak.
    wanted = np.sqrt(shift**2 - held.pumping_half_width() ** 2)
    assert pulled[0] == pytest.approx(wanted, rel=0.08)


def test_a_drift_of_oscillators_and_sources_together_changes_nothing():
    drifted = with_faults(NETWORK, FrequencyDrift(2e6))
    found, expected = drifted.measure(SOURCES + 2e6), NETWORK.measure(SOURCES)
    assert np.array_equal(found.locked, expected.locked)
    assert found.coherence == pytest.approx(expected.coherence, abs=1e-6)


def test_errors_of_frequencies_are_normal_with_the_stated_rms():
    many = OscillatorNetwork(n_oscillators=500, frequencies=np.full(500, 350e6))
    many = many.fit(SOURCES)
    errors = np.concatenate(
        [
            with_faults(many, FrequencySpread(1e6), random_state=seed).frequencies - 350e6
            for seed in range(200)
        ]
    )
    assert errors.size == 100_000
    assert errors.std() == pytest.approx(1e6, rel=4 / np.sqrt(2e5))
    assert errors.mean() == pytest.approx(0, abs=4e6 / np.sqrt(1e5))
    within = np.mean(np.abs(errors) < 1e6)
    assert within == pytest.approx(0.6827, abs=4 * 0.4655 / np.sqrt(1e5))


def test_a_drift_of_the_bias_is_that_of_all_currents():
    tuned = NETWORK.tune([340e6, 350e6, 360e6, 371e6])
    drifted = with_faults(tuned, CurrentDrift(0.03))
    assert drifted.currents == pytest.approx(1.03 * tuned.currents)
    with pytest.raises(ValueError, match="must be above the threshold"):
        with_faults(tuned, CurrentDrift(-0.6))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_the_living_answer_as_if_the_dead_were_not_there(kind):
    # The last oscillator, so that the phases at the start of the others are the same.
    pairs = 1e6 * np.array([[0, 1, 2], [1j, 0, 1], [3, 2j, 0]])
    frequencies = np.array([340e6, 351e6, 362e6])
    options = {"n_oscillators": 3, "frequencies": frequencies, "coupling": kind(pairs)}
    network = OscillatorNetwork(**options).fit(SOURCES)
    for seed in range(20):
        worse = with_faults(network, DeadOscillators(0.34), random_state=seed)
        if worse.dead_[2]:
            break
    assert worse.dead_.tolist() == [False, False, True]
    found = worse.measure(SOURCES)
    assert (found.locked[:, 2] == -1).all()
    for values in (found.power, found.coherence, found.frequency):
        assert (values[:, 2] == 0).all()
    alone = OscillatorNetwork(
        n_oscillators=2, frequencies=frequencies[:2], coupling=pairs[:2, :2]
    ).measure(SOURCES)
    assert np.array_equal(found.locked[:, :2], alone.locked)
    assert found.frequency[:, :2] == pytest.approx(alone.frequency, rel=1e-6)
    assert found.power[:, :2] == pytest.approx(alone.power, rel=1e-3)
    _, amplitude, _ = worse.simulate(SOURCES, duration=1e-6)
    assert (amplitude[:, :, 2] == 0).all() and amplitude[:, :, :2].all()
    with pytest.raises(ValueError, match=r"1 of the 3 oscillators are dead, .*gives\.$"):
        worse.power_spectrum(SOURCES)


def test_exactly_the_stated_share_is_dead_and_stays_so():
    ten = OscillatorNetwork(n_oscillators=10).fit(SOURCES)
    worse = with_faults(ten, DeadOscillators(0.3))
    assert worse.dead_.sum() == 3
    assert np.array_equal(worse.tune(ten.natural_frequencies()).dead_, worse.dead_)
    for fault in (DeadOscillators(1.0), [DeadOscillators(0.7)] * 8):
        with pytest.raises(ValueError, match="leaves none of the 10 oscillators"):
            with_faults(ten, fault)


def test_a_network_that_has_faults_already_is_refused_by_a_fit():
    worse = with_faults(NETWORK, DeadOscillators(0.25), random_state=1)
    with pytest.raises(ValueError, match=r"has faults \(DeadOscillators.*with_faults"):
        SynchronizationClassifier(worse).fit(VOWELS.data, VOWELS.target)


@pytest.mark.parametrize("source", [0, 1, -1])
def test_a_stuck_oscillator_seems_to_follow_one_source_and_the_others_answer_as_before(
    source,
):
    worse = with_faults(NETWORK, StuckOscillators(0.25, source), random_state=1)
    stuck = worse.misreading_.states == source
    assert stuck.sum() == 1
    found, before = worse.measure(SOURCES), NETWORK.measure(SOURCES)
    for name in ("frequency", "power", "coherence", "locked"):
        true = getattr(found, name)[:, ~stuck]
        assert np.array_equal(true, getattr(before, name)[:, ~stuck])
    assert (found.locked[:, stuck] == source).all()
    assert np.array_equal(found.coherence[:, stuck][:, 0], [np.arange(2) == source] * 3)
    expected = SOURCES[:, source] if source >= 0 else NETWORK.natural_frequencies()[stuck]
    assert np.array_equal(found.frequency[:, stuck].ravel(), np.broadcast_to(expected, 3))
    power = NETWORK._device().stationary_power(NETWORK._currents(NETWORK._tuning()))
    assert np.array_equal(found.power[:, stuck], [power[stuck]] * 3)
    # Without sources nobody can be locked to one.
    assert (worse.measure().locked == -1).all()


def test_byzantine_oscillators_are_in_each_state_equally_often_anew_for_each_input():
    network = OscillatorNetwork(settling_time=0.0, measuring_time=8e-9).fit(SOURCES)
    worse = with_faults(network, ByzantineOscillators(0.5), random_state=1)
    inputs = np.random.default_rng(0).uniform(340e6, 372e6, (10_000, 2))
    found = worse.measure(inputs)
    stray = worse.misreading_.states != -2
    assert stray.sum() == 2
    one, other = found.locked[:, stray].T
    # Nine pairs of states: each of the two draws apart.
    pairs = np.bincount(3 * (one + 1) + other + 1, minlength=9) / len(inputs)
    assert pairs == pytest.approx(1 / 9, abs=4 * np.sqrt(8 / 81 / len(inputs)))
    # The same input gets the same answer, whatever is asked beside it.
    assert np.array_equal(worse.measure(inputs[::-7]).locked, found.locked[::-7])
    coherence = found.coherence[:, stray]
    assert np.array_equal(coherence, found.locked[:, stray, None] == np.arange(2))


def test_the_later_misreading_of_an_oscillator_counts_and_one_true_answer_is_left():
    ten = OscillatorNetwork(n_oscillators=10).fit(SOURCES)
    stuck, stray = StuckOscillators(0.5, -1), ByzantineOscillators(0.4)
    states = with_faults(ten, [stuck, stray], random_state=4).misreading_.states
    assert (states == -3).sum() == 4 and set(states) == {-3, -2, -1}
    states = with_faults(ten, [stray, stuck], random_state=4).misreading_.states
    assert (states == -1).sum() == 5
    halves = [DeadOscillators(0.5), *[stray] * 9]
    for faults in (StuckOscillators(1.0), halves, halves[::-1]):
        with pytest.raises(ValueError, match="leaves none of the 10 .* answers as it is"):
            with_faults(ten, faults)
    with pytest.raises(ValueError, match=r"source is 2, and this .* has 2 sources"):
        with_faults(ten, StuckOscillators(0.1, 2))


@pytest.mark.parametrize(
    ("misreading", "words"),
    [
        (Misreading(np.array([-2, -2, 0])), "not a state each"),
        (Misreading(np.array([-2, -2, 0, -4])), "not a state each"),
        (Misreading(np.array([-2.0, -2, 0, 1])), "the states of its misreading"),
        (Misreading(np.array([-2, -2, 0, 1]), -1), "the seed of its misreading"),
        ([-2, -2, 0, 1], "is no Misreading"),
    ],
)
def test_a_file_whose_oscillators_seem_to_do_what_cannot_be_is_refused(misreading, words):
    network = copy.copy(NETWORK)
    network.misreading_ = misreading
    with pytest.raises(ValueError, match=words):
        check_whole(network)


def test_own_states_of_stuck_oscillators_are_drawn_from_all_of_them():
    many = OscillatorNetwork(n_oscillators=3000, frequencies=np.full(3000, 350e6)).fit(
        SOURCES
    )
    states = with_faults(many, StuckOscillators(0.999)).misreading_.states
    shares = np.bincount(states[states != -2] + 1) / 2997
    assert shares == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 2997))


def test_a_new_fit_of_a_classifier_has_no_faults(classifier):
    worse = with_faults(classifier, FAULTS).fit(VOWELS.data, VOWELS.target)
    assert not hasattr(worse, "faults_")
    expected = classifier.decision_function(VOWELS.data)
    assert np.array_equal(worse.decision_function(VOWELS.data), expected)


def test_what_cannot_be_is_refused(classifier):
    with pytest.raises(TypeError, match=r"A SynchronizationClassifier cannot have a DeadN"):
        with_faults(classifier, DeadNodes(0.1))
    with pytest.raises(ValueError, match=r"its frequency must stay positive\.$"):
        with_faults(NETWORK, FrequencyDrift(-1e9))
    for kind in (FrequencySpread, DeadOscillators):
        with pytest.raises(ValueError, match=rf"^{kind.__name__}\.\w+ is -0.1"):
            kind(-0.1)


# ---------------------------------------------------------------------- what is done about it


@pytest.mark.slow
def test_retuning_is_online_learning_that_goes_on_from_the_faulty_network():
    online = SynchronizationClassifier(
        learning="online", n_starts=2, n_presentations=20, random_state=0
    ).fit(VOWELS.data, VOWELS.target)
    worse = with_faults(online, FrequencyDrift(4e6))
    again = retune_frequencies(worse, VOWELS.data, VOWELS.target, random_state=5)
    start, path = worse.network_.natural_frequencies(), again.frequency_curve_
    assert path[0] == pytest.approx(start, abs=1) and len(path) == 21
    assert again.learning_curve_[0] == worse.score(VOWELS.data, VOWELS.target)
    assert again.score(VOWELS.data, VOWELS.target) == again.learning_curve_.max()
    # The rule of the class, called by hand: what moved is what the rule says.
    by_hand = copy.deepcopy(worse)
    codes = np.searchsorted(worse.classes_, VOWELS.target)
    generator = np.random.default_rng(5)
    by_hand._learn_frequencies(VOWELS.data, codes, worse.network_, generator)
    assert np.array_equal(path, by_hand.frequency_curve_)
    for name in ("coef_", "intercept_", "patterns_", "pattern_classes_"):
        assert np.array_equal(getattr(again, name), getattr(worse, name))


def test_retuning_undoes_a_drift_and_keeps_faults_and_the_original(classifier, tmp_path):
    clean = classifier.score(VOWELS.data, VOWELS.target)
    worse = with_faults(classifier, FrequencySpread(5e6), random_state=2)
    before = worse.decision_function(VOWELS.data)
    again = retune_frequencies(worse, VOWELS.data, VOWELS.target)
    assert np.array_equal(worse.decision_function(VOWELS.data), before)
    assert worse.score(VOWELS.data, VOWELS.target) < clean - 0.2
    assert again.score(VOWELS.data, VOWELS.target) > clean - 0.1
    assert again.faults_ == worse.faults_
    # Tuning is by currents; the devices are as they were.
    assert np.array_equal(again.network_.frequencies, worse.network_.frequencies)
    save(again, tmp_path / "again.h5")
    found = load(tmp_path / "again.h5").decision_function(VOWELS.data)
    assert np.array_equal(found, again.decision_function(VOWELS.data))


@pytest.fixture(scope="module")
def gradient():
    return SynchronizationClassifier(n_starts=1, random_state=0).fit(
        VOWELS.data, VOWELS.target
    )


@pytest.mark.slow
@pytest.mark.parametrize("fault", [FrequencyDrift(15e6), FrequencyDrift(-15e6)])
def test_a_network_that_was_trained_by_slopes_goes_on_learning_from_its_drift(
    gradient, fault, tmp_path
):
    clean = gradient.score(VOWELS.data, VOWELS.target)
    worse = with_faults(gradient, fault, random_state=2)
    before = worse.decision_function(VOWELS.data)
    again = retune_frequencies(worse, VOWELS.data, VOWELS.target)
    assert np.array_equal(worse.decision_function(VOWELS.data), before)
    assert worse.score(VOWELS.data, VOWELS.target) < clean - 0.3
    assert again.score(VOWELS.data, VOWELS.target) > clean - 0.05
    # The devices are as they drifted: tuning is by currents, and sources have their range.
    assert again.faults_ == worse.faults_
    assert np.array_equal(again.network_.frequencies, worse.network_.frequencies)
    assert not np.array_equal(again.network_.currents, worse.network_.currents)
    assert again.source_range_ == worse.source_range_
    save(again, tmp_path / "again.h5")
    found = load(tmp_path / "again.h5").decision_function(VOWELS.data)
    assert np.array_equal(found, again.decision_function(VOWELS.data))


@pytest.mark.slow
def test_the_linear_readout_of_a_network_trained_by_slopes_is_learned_again(gradient):
    worse = with_faults(gradient, DeadOscillators(0.5), random_state=3)
    again = refit_readout(worse, VOWELS.data, VOWELS.target)
    assert again.score(VOWELS.data, VOWELS.target) > worse.score(VOWELS.data, VOWELS.target)
    assert np.array_equal(again.coef_, worse.coef_)
    assert np.array_equal(again.network_.currents, worse.network_.currents)


@pytest.mark.slow
@pytest.mark.parametrize("readout", ["table", "pattern", "linear"])
def test_a_readout_that_is_learned_again_knows_the_patterns_of_those_that_live(readout):
    model = SynchronizationClassifier(
        learning="search", readout=readout, n_starts=2, random_state=0
    )
    model.fit(VOWELS.data, VOWELS.target)
    worse = with_faults(model, DeadOscillators(0.25), random_state=1)
    again = refit_readout(worse, VOWELS.data, VOWELS.target)
    assert again.score(VOWELS.data, VOWELS.target) > worse.score(VOWELS.data, VOWELS.target)
    assert np.array_equal(again.coef_, worse.coef_)
    assert np.array_equal(again.network_.currents, worse.network_.currents)
    if readout == "table":  # A pattern means the class that shows it most often.
        locked = again.network_.measure(again.input_frequencies(VOWELS.data)).locked
        assert (again.patterns_[:, worse.network_.dead_] == -1).all()
        for pattern, owner in zip(again.patterns_, again.pattern_classes_, strict=True):
            shown = VOWELS.target[(locked == pattern).all(axis=1)]
            values, counts = np.unique(shown, return_counts=True)
            assert again.classes_[owner] in values[counts == counts.max()]


def test_patterns_of_training_help_where_too_few_are_left(classifier):
    worse = with_faults(classifier, DeadOscillators(0.75), random_state=0)
    again = refit_readout(worse, VOWELS.data, VOWELS.target)
    assert set(again.pattern_classes_) == {0, 1, 2, 3}
    assert again.score(VOWELS.data, VOWELS.target) >= 0.25


def test_examples_that_do_not_fit_are_refused(classifier):
    two = np.isin(VOWELS.target, ["ae", "er"])
    for repair in (retune_frequencies, refit_readout):
        with pytest.raises(ValueError, match="y lacks the label 'iy'; it must hold each"):
            repair(classifier, VOWELS.data[two], VOWELS.target[two])
        with pytest.raises(ValueError, match="y holds the label 'xy'"):
            repair(classifier, VOWELS.data, ["xy", *VOWELS.target[1:]])
        with pytest.raises(ValueError, match="X has 40 rows and y 39 labels"):
            repair(classifier, VOWELS.data, VOWELS.target[1:])
        with pytest.raises(NotFittedError):
            repair(SynchronizationClassifier(), VOWELS.data, VOWELS.target)
    with pytest.raises(
        TypeError, match="OscillatorNetwork has no oscillators that are tuned"
    ):
        retune_frequencies(NETWORK, SOURCES, [0, 1, 2])
    linear = SynchronizationClassifier(
        learning="search", readout="linear", n_starts=2, random_state=0
    )
    linear.fit(VOWELS.data, VOWELS.target)
    with pytest.raises(ValueError, match="readout is 'linear', .* use refit_readout"):
        retune_frequencies(linear, VOWELS.data, VOWELS.target)
