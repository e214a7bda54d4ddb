"""What a laboratory does about faults: refit, leave out, calibrate anew from one curve."""

import dataclasses
import warnings

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from reservoir import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirRegressor,
    datasets,
    load,
    save,
)
from reservoir.audio import MFCC
from reservoir.devices import VortexOscillator
from reservoir.faults import (
    CurrentDrift,
    DampingDrift,
    DeadNodes,
    GainDrift,
    ReadoutBits,
    StuckNodes,
    ThresholdDrift,
    leave_out_dead_nodes,
    recalibrate_drive,
    refit_readout,
    with_faults,
)

pytestmark = pytest.mark.kernel
GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(length, 3)) for length in GENERATOR.integers(4, 9, 60)]
Y = np.array([int(frames.mean() > 0) for frames in X])
MODEL = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, Y)
CURRENTS = np.linspace(0.4, 2, 60) * MODEL.oscillator_.threshold_current


def curve_of(model, noise=0.0, seed=0, currents=CURRENTS):
    """Amplitudes at rest of the device as it is, read by its own amplifier."""
    clean = model.oscillator_.stationary_amplitude(currents)
    gain = model.wear_.amplification if hasattr(model, "wear_") else 1.0
    errors = np.random.default_rng(seed).standard_normal(len(currents))
    return gain * (clean + noise * clean.max() * errors)


# ---------------------------------------------------------------------- the readout


@pytest.mark.parametrize("options", [{}, {"pooling": "vote"}, {"alpha": 1e-3}], ids=repr)
def test_a_refit_of_what_has_no_fault_is_the_fit(options):
    model = ReservoirClassifier(n_nodes=20, random_state=0, **options).fit(X, Y)
    again = refit_readout(model, X, Y)
    assert np.array_equal(again.decision_function(X), model.decision_function(X))
    series = GENERATOR.normal(size=(80, 2))
    regressor = ReservoirRegressor(n_nodes=20, random_state=0).fit(series, series[:, 0])
    again = refit_readout(regressor, series, series[:, 0])
    assert np.array_equal(again.predict(series), regressor.predict(series))


def test_a_refit_is_the_fit_of_a_reservoir_with_the_device_as_it_is():
    # A drive that was learned for the moved device at currents that the first one had.
    share = 0.04
    worse = refit_readout(with_faults(MODEL, ThresholdDrift(share)), X, Y)
    low, high = MODEL.drive_range
    moved = ReservoirClassifier(
        dataclasses.replace(
            MODEL.oscillator_,
            threshold_current=MODEL.oscillator_.threshold_current * (1 + share),
        ),
        n_nodes=20,
        drive_range=(low / (1 + share), high / (1 + share)),
        node_time=MODEL.node_time_,
        random_state=0,
    ).fit(X, Y)
    # What differs is the power at the start of each sequence alone.
    worse.drive_ = dataclasses.replace(worse.drive_, initial_power=moved.drive_.initial_power)
    worse = refit_readout(worse, X, Y)
    expected = moved.decision_function(X)
    assert worse.decision_function(X) == pytest.approx(expected, abs=1e-6)


def test_a_refit_keeps_faults_and_the_original(tmp_path):
    worse = with_faults(MODEL, [DeadNodes(0.3), ThresholdDrift(0.05), ReadoutBits(3)])
    before = worse.decision_function(X)
    again = refit_readout(worse, X, Y)
    assert again.faults_ == worse.faults_ and again.wear_ is not worse.wear_
    assert again.oscillator_ == worse.oscillator_
    assert np.array_equal(worse.decision_function(X), before)
    dead = np.tile(again.wear_.gains == 0, 4)
    assert not again.readout_.coefficients[dead].any()
    loss = {
        name: np.mean((model.decision_function(X) - (2 * Y - 1)) ** 2)
        for name, model in {"as is": worse, "again": again}.items()
    }
    assert loss["again"] < loss["as is"]
    save(again, tmp_path / "model.h5")
    found = load(tmp_path / "model.h5").decision_function(X)
    assert np.array_equal(found, again.decision_function(X))


def test_a_few_examples_of_a_few_labels_do():
    three = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, np.arange(60) % 3)
    again = refit_readout(with_faults(three, DeadNodes(0.1)), X[:4], [0, 2, 0, 2])
    assert again.decision_function(X).shape == (60, 3)
    assert set(again.predict(X)) <= {0, 2}


def test_labels_and_targets_that_were_not_learned_are_refused():
    with pytest.raises(ValueError, match=r"y holds the label 7, which .* classes_\."):
        refit_readout(MODEL, X[:2], [0, 7])
    series = GENERATOR.normal(size=(80, 2))
    regressor = ReservoirRegressor(n_nodes=20, random_state=0).fit(series, series)
    with pytest.raises(ValueError, match=r"y has 1 targets, but this .* learned 2;"):
        refit_readout(regressor, series, series[:, 0])
    with pytest.raises(TypeError, match="readout of a LogisticRegression cannot be repaired"):
        refit_readout(LogisticRegression(), X, Y)
    with pytest.raises(NotFittedError):
        refit_readout(ReservoirClassifier(), X, Y)


@pytest.mark.parametrize("fault", [DeadNodes(0.3), StuckNodes(0.3)], ids=repr)
def test_what_is_left_out_counts_as_its_mean(fault):
    worse = with_faults(MODEL, fault)
    packed = MODEL._pack(MODEL._series(X), slice(0, len(X)))
    pooled = MODEL._noisy_pooled(packed, "change")[0]
    dead = np.tile(worse.wear_.gains == 0, pooled.shape[1] // 20)
    outputs = MODEL.readout_(np.where(dead, MODEL.readout_.means, pooled))
    found = leave_out_dead_nodes(worse).decision_function(X)
    assert found == pytest.approx(outputs[:, 1] - outputs[:, 0], abs=1e-9)
    same = leave_out_dead_nodes(MODEL)
    assert np.array_equal(same.decision_function(X), MODEL.decision_function(X))
    with pytest.raises(TypeError, match="readout of a LogisticRegression cannot be repaired"):
        leave_out_dead_nodes(LogisticRegression())


# ---------------------------------------------------------------------- the drive


@pytest.mark.parametrize(
    "faults",
    [
        [ThresholdDrift(0.05)],
        [ThresholdDrift(-0.05), GainDrift(0.2)],
        [CurrentDrift(0.04)],
        [GainDrift(-0.3)],
    ],
    ids=repr,
)
@pytest.mark.parametrize("read", ["amplitude", "power"])
def test_a_curve_without_noise_restores_every_answer(faults, read):
    model = ReservoirClassifier(n_nodes=20, random_state=0, read=read).fit(X, Y)
    if read == "power":  # The gain of a power is that of the amplitude squared.
        faults = [fault for fault in faults if not isinstance(fault, GainDrift)]
    worse = with_faults(model, faults)
    again = recalibrate_drive(worse, CURRENTS, curve_of(worse))
    expected = model.decision_function(X)
    assert again.decision_function(X) == pytest.approx(expected, abs=1e-4)
    twice = recalibrate_drive(again, CURRENTS, curve_of(worse))
    assert twice.decision_function(X) == pytest.approx(expected, abs=1e-4)
    assert again.faults_ == worse.faults_


def test_a_gain_of_a_power_is_the_square_of_that_of_the_measured_amplitude():
    model = ReservoirClassifier(n_nodes=20, random_state=0, read="power").fit(X, Y)
    worse = with_faults(model, GainDrift(0.44))
    amplitudes = 1.2 * model.oscillator_.stationary_amplitude(CURRENTS)
    again = recalibrate_drive(worse, CURRENTS, amplitudes)
    expected = model.decision_function(X)
    assert abs(worse.decision_function(X) - expected).max() > 1e-2
    assert again.decision_function(X) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("options", [{"feedback_gain": 0.3}, {"loop_gain": 0.4}], ids=repr)
def test_feedback_follows_the_threshold_like_all_currents(options):
    model = ReservoirClassifier(n_nodes=20, random_state=0, **options).fit(X, Y)
    plain = ReservoirClassifier(n_nodes=20, random_state=0).fit(X, Y)
    assert abs(plain.decision_function(X) - model.decision_function(X)).max() > 1e-3
    worse = with_faults(model, ThresholdDrift(0.2))
    again = recalibrate_drive(worse, CURRENTS, curve_of(worse))
    states = np.concatenate(model.node_states(X))
    assert np.concatenate(again.node_states(X)) == pytest.approx(states, abs=1e-5)


def test_a_curve_in_volts_moves_the_currents_alone():
    worse = with_faults(MODEL, ThresholdDrift(0.05))
    volts = 0.02 * curve_of(worse)
    again = recalibrate_drive(worse, CURRENTS, volts, rescale=False)
    assert again.drive_.highest / MODEL.drive_.highest == pytest.approx(1.05, rel=1e-6)
    expected = MODEL.decision_function(X)
    assert again.decision_function(X) == pytest.approx(expected, abs=1e-4)


def test_all_masks_get_the_same_drive():
    masks = MaskEnsembleClassifier(ReservoirClassifier(n_nodes=10), 2, random_state=0)
    masks = masks.fit(X, Y)
    worse = with_faults(masks, ThresholdDrift(0.05))
    again = recalibrate_drive(worse, CURRENTS, curve_of(worse.classifiers_[0]))
    expected = masks.decision_function(X)
    assert again.decision_function(X) == pytest.approx(expected, abs=1e-4)


def test_no_curve_makes_a_device_as_slow_as_it_was():
    worse = with_faults(MODEL, DampingDrift(0.5))
    again = recalibrate_drive(worse, CURRENTS, curve_of(worse))
    found = again.decision_function(X)
    assert found == pytest.approx(worse.decision_function(X), abs=1e-4)


def test_what_cannot_be_calibrated_is_refused():
    device = VortexOscillator.from_preset(next(iter(VortexOscillator.presets)))
    vortex = ReservoirClassifier(device, n_nodes=20, random_state=0).fit(X, Y)
    with pytest.raises(ValueError, match="SpinTorqueOscillator, and this .* VortexOscill"):
        recalibrate_drive(vortex, CURRENTS, curve_of(MODEL))
    with pytest.raises(ValueError, match="at least 6 points"):
        recalibrate_drive(MODEL, CURRENTS[:3], curve_of(MODEL)[:3])
    with pytest.raises(TypeError, match="drive of a LogisticRegression cannot be repaired"):
        recalibrate_drive(LogisticRegression(), CURRENTS, curve_of(MODEL))


@pytest.fixture(scope="module")
def digits():
    """Frames of the shipped corpus: a classifier of 100 nodes, and what it has not seen."""
    corpus = datasets.load_spoken_digits()
    frames = MFCC(sample_rate=corpus.sample_rate).fit_transform(corpus.data)
    order = np.random.default_rng(0).permutation(len(frames))
    train, test = order[:400], order[400:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ReservoirClassifier(n_nodes=100, random_state=0)
        model.fit([frames[k] for k in train], corpus.target[train])
    return model, [frames[k] for k in test], corpus.target[test]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::reservoir.exceptions.DriveClippingWarning")
@pytest.mark.parametrize("share", [-0.05, 0.05])
def test_one_noisy_curve_keeps_95_percent_of_the_accuracy_of_digits(digits, share):
    # Of 240 points. With 60 points a few draws in a hundred fall below, see the docstring.
    model, clips, labels = digits
    clean = model.score(clips, labels)
    worse = with_faults(model, ThresholdDrift(share))
    assert worse.score(clips, labels) < clean - 0.3
    for seed in range(10):
        currents = np.linspace(CURRENTS[0], CURRENTS[-1], 240)
        curve = curve_of(worse, noise=0.02, seed=seed, currents=currents)
        again = recalibrate_drive(worse, currents, curve)
        assert again.score(clips, labels) >= 0.95 * clean
