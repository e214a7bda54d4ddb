"""A label for each frame: against the regressor of its outputs, and the task of waves."""

import copy

import numpy as np
import pytest
from sklearn.base import is_classifier
from sklearn.utils.estimator_checks import parametrize_with_checks

from reservoir import (
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    datasets,
    load,
    save,
)
from reservoir.experiments import control
from reservoir.faults import DeadNodes, ReadoutBits, refit_readout, with_faults
from reservoir.laboratory import RecordedOscillator, Waveform, rehearse
from reservoir.ledger import cost

pytestmark = pytest.mark.kernel
SEQUENCE_MATTERS = "a table is one time series: the order of its rows matters"
EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": SEQUENCE_MATTERS,
    "check_methods_subset_invariance": SEQUENCE_MATTERS,
}
WAVES = datasets.make_sine_square(150, random_state=0)
X = WAVES.data.reshape(-1, 1)
CODES = WAVES.target.ravel().astype(int)
Y = np.array(["sine", "square"])[CODES]
KNOWN, NEW = slice(0, 800), slice(800, None)


def fitted(**options):
    return ReservoirFrameClassifier(n_nodes=60, random_state=0, **options).fit(
        X[KNOWN], Y[KNOWN]
    )


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@parametrize_with_checks(
    [ReservoirFrameClassifier(n_nodes=10, random_state=0)],
    expected_failed_checks=lambda estimator: EXPECTED_FAILURES,
)
def test_it_passes_all_checks_of_scikit_learn_but_those_of_row_order(estimator, check):
    check(estimator)


def test_points_of_waves_are_told_apart_that_no_memory_could_not():
    """Of eight points a period two have one value in both waves: at most 7 of 8 are right."""
    remembering = fitted(washout=8)
    forgetting = fitted(washout=8, context=())
    assert remembering.score(X[NEW], Y[NEW]) == 1.0
    # The same device that is asked after it has forgotten: longer holds, no taps.
    slow = forgetting.set_params(node_time=1e-5).fit(X[KNOWN], Y[KNOWN])
    assert slow.score(X[NEW], Y[NEW]) < 0.9


@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("alpha", [None, 1e-3])
def test_it_is_the_regressor_of_one_output_a_class(n_classes, alpha):
    generator = np.random.default_rng(1)
    series = [generator.uniform(-1, 1, (n, 2)) for n in (90, 60, 120)]
    codes = [np.digitize(x[:, 0], np.linspace(-1, 1, n_classes + 1)[1:-1]) for x in series]
    names = np.array(list("edcba"))[:n_classes]  # in another order than the codes
    labels = [names[code] for code in codes]
    options = dict(n_nodes=30, washout=4, alpha=alpha, random_state=0)
    classifier = ReservoirFrameClassifier(**options).fit(series, labels)
    assert classifier.classes_.tolist() == sorted(names)
    targets = [np.eye(n_classes)[np.searchsorted(sorted(names), each)] for each in labels]
    regressor = ReservoirRegressor(**options).fit(series, targets)
    assert classifier.alpha_ == regressor.alpha_
    decisions, outputs = classifier.decision_function(series), regressor.predict(series)
    for decision, output, predicted in zip(
        decisions, outputs, classifier.predict(series), strict=True
    ):
        if n_classes == 2:
            output = output[:, 1] - output[:, 0]
            assert (predicted == np.where(output > 0, *classifier.classes_[::-1])).all()
        else:
            assert (predicted == classifier.classes_[output.argmax(axis=1)]).all()
        assert np.array_equal(decision, output)


def test_a_table_is_one_series_and_a_list_holds_several():
    model = fitted()
    whole = model.predict(X[NEW])
    assert whole.shape == Y[NEW].shape and whole.dtype == Y.dtype
    (alone,) = model.predict([X[NEW]])
    assert np.array_equal(alone, whole)
    assert model.score([X[NEW]], [Y[NEW]]) == model.score(X[NEW], Y[NEW])
    other = ReservoirFrameClassifier(n_nodes=60, random_state=0).fit([X[KNOWN]], [Y[KNOWN]])
    assert np.array_equal(other.decision_function(X), model.decision_function(X))
    column = ReservoirFrameClassifier(n_nodes=60, random_state=0)
    column.fit([X[KNOWN]], [Y[KNOWN][:, None]])
    assert np.array_equal(column.decision_function(X), model.decision_function(X))
    halves = [X[:600], X[600:]], [Y[:600], Y[600:]]
    several = ReservoirFrameClassifier(n_nodes=60, random_state=0).fit(*halves)
    assert [len(labels) for labels in several.predict(halves[0])] == [600, 600]
    assert is_classifier(several) and several.classes_.tolist() == ["sine", "square"]


def test_the_washout_is_left_out_of_the_fit_and_weights_count_frames():
    spoiled = Y.copy()
    spoiled[:20] = "square"
    clean = fitted(washout=20, alpha=1e-6)
    again = ReservoirFrameClassifier(n_nodes=60, washout=20, alpha=1e-6, random_state=0)
    again.fit(X[KNOWN], spoiled[KNOWN])
    assert np.array_equal(clean.decision_function(X), again.decision_function(X))
    wrong = np.where(np.arange(len(Y)) < 300, "sine", Y)
    right = clean.predict(X) == wrong
    weights = np.where(np.arange(len(Y)) < 300, 0.0, 2.0)
    assert clean.score(X, wrong, sample_weight=weights) == right[300:].mean()
    assert clean.score([X], [wrong]) == right.mean()


def test_the_control_without_oscillator_and_the_recording_take_its_place():
    model = fitted(node_time=0.3e-6, context=(1,))
    assert control(model).fit(X[KNOWN], Y[KNOWN]).score(X[NEW], Y[NEW]) < 0.95
    waveform = Waveform.from_estimator(model, X[:200], sample_rate=20e6)
    vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    trace = rehearse(waveform, vortex, sample_rate=60e6)
    device = RecordedOscillator(waveform, waveform.nodes(trace))
    played = copy.deepcopy(model).set_params(oscillator=device, alpha=1e-4)
    assert played.fit(X[:200], Y[:200]).score(X[:200], Y[:200]) > 0.97


def test_faults_repair_ledger_and_files_know_it(tmp_path):
    model = fitted()
    dead = with_faults(model, DeadNodes(share=0.3), random_state=0)
    rounded = with_faults(model, ReadoutBits(bits=4), random_state=0)
    scores = [each.score(X[NEW], Y[NEW]) for each in (dead, rounded)]
    assert max(scores) < 1.0
    assert refit_readout(dead, X[KNOWN], Y[KNOWN]).score(X[NEW], Y[NEW]) > scores[0]
    with pytest.raises(ValueError, match="holds the label 'noise', which this Res"):
        refit_readout(dead, X[KNOWN], np.where(np.arange(800) < 400, "noise", "sine"))
    ledger = cost(model, X[NEW])
    regressor = ReservoirRegressor(n_nodes=60, random_state=0).fit(X[KNOWN], CODES[KNOWN])
    time = "nodes, one after the other"
    assert ledger[time].value == cost(regressor, X[NEW])[time].value
    save(dead, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert np.array_equal(again.decision_function(X), dead.decision_function(X))
    assert again.classes_.tolist() == ["sine", "square"] and again.faults_ == dead.faults_


SERIES = [X[:40], X[40:100]]
LABELS = [Y[:40], Y[40:100]]


@pytest.mark.parametrize(
    ("data", "labels", "words"),
    [
        (SERIES, ["sine", "square"], "one label a series.*use ReservoirClassifier"),
        (SERIES, LABELS[:1], "X holds 2 series and y 1; give one array of labels a series"),
        (SERIES, Y[:100], "X holds 2 series and y 100"),
        (SERIES, None, "X holds 2 series and y None"),
        (
            SERIES,
            [Y[:40], Y[:50]],
            r"series 1 has shape \(50,\); its 60 frames need",
        ),
        (SERIES, [Y[:40], "square"], r"labels of series 1 has shape \(\); its 60 frames"),
        (SERIES, [Y[:40], CODES[40:100]], "mixes labels that are texts with others"),
        (SERIES, [CODES[:40] + 0.5, CODES[40:100]], "Unknown label type"),
        (SERIES, [np.ma.masked_equal(CODES[:40], 1), CODES[40:100]], "y has masked values"),
        (SERIES, [["sine"] * 40, ["sine"] * 60], "one class only"),
        (SERIES, [np.full(40, "2020-01-01", "M8[D]"), LABELS[1]], "dates|mixes"),
        (X, Y[:50], "inconsistent numbers of samples"),
        (X[:50], np.full(50, "2020-01-01", "M8[D]"), "holds dates or durations"),
        (X[:1], Y[:1], "one series of 1 sample"),
        (X, None, "y is None"),
        (X[:50], np.tile(Y[:50, None], 2), "should be a 1d array"),
    ],
)
def test_labels_that_are_not_one_a_frame_are_refused(data, labels, words):
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        ReservoirFrameClassifier(n_nodes=10).fit(data, labels)
    assert "\n" not in str(caught.value)


def test_a_series_shorter_than_the_washout_is_refused():
    with pytest.raises(ValueError, match="washout is 100, but the longest series has 60"):
        ReservoirFrameClassifier(n_nodes=10, washout=100).fit(SERIES, LABELS)
    with pytest.raises(ValueError, match="washout is -1; it must be"):
        ReservoirFrameClassifier(n_nodes=10, washout=-1).fit(SERIES, LABELS)


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        (SERIES, LABELS),
        (SERIES, [list(labels) for labels in LABELS]),
        (np.stack([X[:40], X[40:80]]), np.stack([Y[:40], Y[40:80]])),
        ([X[:100]], Y[:100]),
        (SERIES, Y[:100]),
    ],
)
def test_the_classifier_of_sequences_names_this_class_for_labels_a_frame(data, labels):
    with pytest.raises(ValueError, match="For a label a frame, use ReservoirFrameClassifier"):
        ReservoirClassifier(n_nodes=10).fit(data, labels)


def test_the_classifier_of_sequences_warns_of_a_series_given_as_a_table():
    with pytest.warns(UserWarning, match="by their past, use ReservoirFrameClassifier"):
        ReservoirClassifier(n_nodes=10, random_state=0).fit(X, Y)
