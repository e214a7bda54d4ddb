"""Layered networks come back with their defects, and learn on as if they had never left."""

import dataclasses
import warnings

import numpy as np
import pytest

from reservoir import StorageError, load, save
from reservoir.devices import IdealSynapse, SpinDiode, SpinTorqueOscillator
from reservoir.layers import (
    ChainLayer,
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
    control,
)

GENERATOR = np.random.default_rng(0)
X = GENERATOR.uniform(size=(90, 5))
Y = np.where(X[:, 0] > X[:, 1], "high", "low")
TARGETS = np.stack([X[:, 0] + X[:, 1], X[:, 2]], axis=1)
MEASURED = SpinDiode(8840.0, half_linewidth=((1e8, 1e6), (2e8, 1.5e6)), angle=0.3)
SMALL = {"max_iter": 20, "random_state": 0}
FITTED = {
    "default": lambda: SpintronicClassifier((7,), **SMALL).fit(X, Y),
    "no neurons": lambda: SpintronicClassifier((), **SMALL).fit(X, Y),
    "three layers, some buses": lambda: SpintronicClassifier(
        [4, np.int64(3)], lines_per_bus=3, dtype="float64", **SMALL
    ).fit(X, Y),
    "measured diode, moving lines": lambda: SpintronicClassifier(
        (4,),
        neuron=SpinTorqueOscillator(
            1e-5, 6e6, 2.0, frequency=1e8, nonlinear_frequency_shift=1e6
        ),
        synapse=MEASURED,
        **SMALL,
    ).fit(X, Y),
    "control": lambda: control(SpintronicClassifier((7,), **SMALL)).fit(X, Y),
    "levels": lambda: SpintronicClassifier((7,), weight_levels=9, **SMALL).fit(X, Y),
    "early stopping": lambda: SpintronicClassifier((7,), early_stopping=True, **SMALL).fit(
        X, Y
    ),
    "retrained": lambda: (
        SpintronicClassifier((7,), **SMALL).fit(X, Y).retrain(X, Y, max_iter=np.int64(2))
    ),
    "regressor": lambda: SpintronicRegressor((7,), **SMALL).fit(X, TARGETS[:, 0]),
    "regressor of two": lambda: SpintronicRegressor((7,), **SMALL).fit(X, TARGETS),
}

SEQUENCES = [GENERATOR.normal(size=(length, 3)) for length in [2, 5, 3, 4, 2, 6] * 10]
LABELS = np.where(np.arange(60) % 3 == 0, "one", "other")
STILL = SpinTorqueOscillator(1e-5, 6e6, 3.0, frequency=1e8, nonlinear_frequency_shift=0.0)
IN_TIME = {"max_iter": 3, "random_state": 0}
OF_SEQUENCES = {
    "recurrent": lambda **o: SpintronicRecurrentClassifier((5, 4), **IN_TIME | o),
    "one layer in time": lambda **o: SpintronicRecurrentClassifier(
        np.int64(4), hold=np.float64(2.5), neuron=STILL, **IN_TIME | o
    ),
    "without recurrent chains": lambda **o: SpintronicRecurrentClassifier(
        [3, 2], recurrent=False, synapse=MEASURED, **IN_TIME | o
    ),
    "its control": lambda **o: control(SpintronicRecurrentClassifier((4,), **IN_TIME | o)),
    "convolution": lambda **o: SpintronicConvolutionalClassifier(
        3, kernel=(2, 2), segments=(2, 1), **IN_TIME | o
    ),
    "hidden layers, lists": lambda **o: SpintronicConvolutionalClassifier(
        np.int64(3),
        kernel=[1, np.int64(2)],
        strides=[2, 1],
        segments=[2, 2],
        hidden_layer_sizes=(5,),
        dtype="float64",
        **IN_TIME | o,
    ),
    "control of it": lambda **o: control(
        SpintronicConvolutionalClassifier(3, kernel=(2, 2), **IN_TIME | o)
    ),
}


def there_and_back(network, tmp_path):
    """The network as it comes out of its file."""
    save(network, tmp_path / "network.h5")
    return load(tmp_path / "network.h5")


def assert_same(first, second):
    """Two values have the same types and bits, down to their parts."""
    assert type(first) is type(second)
    if isinstance(first, np.ndarray):
        assert first.dtype == second.dtype and first.tobytes() == second.tobytes()
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_same(first[key], second[key])
    elif isinstance(first, list | tuple):
        for pair in zip(first, second, strict=True):
            assert_same(*pair)
    elif isinstance(first, ChainLayer):
        assert_same(vars(first), vars(second))
    else:
        assert repr(first) == repr(second)


@pytest.mark.parametrize("kind", FITTED)
def test_a_network_comes_back_to_the_bit_and_learns_on_as_before(kind, tmp_path):
    network = FITTED[kind]()
    again = there_and_back(network, tmp_path)
    assert_same(vars(again), vars(network))
    assert again.predict(X).tobytes() == network.predict(X).tobytes()
    y = TARGETS if "two" in kind else TARGETS[:, 0] if "regressor" in kind else Y
    for first, second in [
        (network.retrain(X, y), again.retrain(X, y)),
        (network.recalibrate(X[:40]), again.recalibrate(X[:40])),
        (network.partial_fit(X, y), again.partial_fit(X, y)),
    ]:
        assert_same(vars(second), vars(first))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("options", [{}, {"weight_levels": 3}, {"early_stopping": True}])
@pytest.mark.parametrize("kind", OF_SEQUENCES)
def test_a_network_for_sequences_comes_back_to_the_bit_and_learns_on(kind, options, tmp_path):
    network = OF_SEQUENCES[kind](**options).fit(SEQUENCES, LABELS)
    again = there_and_back(network, tmp_path)
    assert_same(vars(again), vars(network))
    answer = network.predict_proba(SEQUENCES)
    assert again.predict_proba(SEQUENCES).tobytes() == answer.tobytes()
    for learn in ("retrain", "partial_fit", "partial_fit"):
        first, second = (getattr(each, learn)(SEQUENCES, LABELS) for each in (network, again))
        assert_same(vars(second), vars(first))
        again = there_and_back(again, tmp_path)  # with the steps of Adam
        assert_same(vars(again), vars(network))


@pytest.mark.parametrize("kind", OF_SEQUENCES)
def test_a_network_for_sequences_that_was_not_fitted_comes_back(kind, tmp_path):
    network = OF_SEQUENCES[kind]()
    assert_same(vars(there_and_back(network, tmp_path)), vars(network))


@pytest.mark.parametrize("levels", [None, 2])
def test_learning_part_by_part_goes_on_after_a_file_as_without_one(levels, tmp_path):
    networks = [SpintronicClassifier((7,), weight_levels=levels, **SMALL) for _ in range(2)]
    for number, part in enumerate(np.split(np.arange(90), 3)):
        for network in networks:
            network.partial_fit(X[part], Y[part], classes=["high", "low"])
        if number == 0:
            networks[1] = there_and_back(networks[1], tmp_path)
    assert hasattr(networks[1], "adam_")
    assert_same(vars(networks[1]), vars(networks[0]))


def test_a_network_that_was_not_fitted_comes_back(tmp_path):
    network = SpintronicClassifier((7, 3), synapse=IdealSynapse(tuning=0.5), weight_levels=2)
    assert_same(vars(there_and_back(network, tmp_path)), vars(network))


def changed(network, number, **fields):
    """The network with other fields in one of its layers."""
    layers = list(network.layers_)
    layers[number] = dataclasses.replace(layers[number], **fields)
    network.layers_ = layers


def set_to(**attributes):
    """What sets attributes of a network."""
    return lambda network: vars(network).update(attributes)


WRONG = {
    "a layer of other chains": lambda n: changed(n, 0, settings=np.zeros((6, 5), "f4")),
    "strengths of another layer": lambda n: changed(n, 0, strengths=np.zeros((2, 7), "f4")),
    "biases that are missing": lambda n: changed(n, 1, biases=np.zeros(1, "f4")),
    "another precision": lambda n: changed(n, 1, biases=np.zeros(2)),
    "numbers that are none": lambda n: changed(n, 0, settings=np.full((7, 5), np.nan, "f4")),
    "a gain that is a text": lambda n: changed(n, 0, gain="high"),
    "a threshold of 0": lambda n: changed(n, 0, thresholds=np.zeros(7, "f4")),
    "lines of the layer before": lambda n: changed(n, 1, line_gains=np.ones(5, "f4")),
    "a layer too few": lambda n: set_to(layers_=n.layers_[:1])(n),
    "no layers": set_to(layers_=[]),
    "layers that are none": set_to(layers_=[1, 2]),
    "other sizes": set_to(hidden_layer_sizes=(8,)),
    "a precision that was changed": set_to(dtype="float64"),
    "classes for which there are no chains": set_to(classes_=np.array(["a", "b", "c"])),
    "classes that are none": set_to(classes_=3),
    "a mean too few": lambda n: set_to(chain_means_=n.chain_means_[1:])(n),
    "a range from high to low": set_to(input_range_=(1.0, 0.0)),
    "a seed below 0": set_to(seed_=-1),
    "a noise that is a text": set_to(read_noise_="much"),
    "faults that are none": set_to(faults_=[1]),
    "a curve that is none": set_to(loss_curve_=0.5),
    "weights of another network": set_to(latent_weights_=[np.zeros((2, 2), "f4")] * 2),
    "slopes of another network": set_to(adam_=(np.zeros(3, "f4"), np.zeros(3, "f4"), 1)),
    "steps that are none": set_to(adam_=(np.zeros(58, "f4"), np.zeros(58, "f4"), 0.5)),
    "a rate too large": set_to(learning_rate_init=5.0),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_network_whose_parts_do_not_belong_together_is_not_saved(kind, tmp_path):
    network = FITTED["default"]()
    WRONG[kind](network)
    with pytest.raises(TypeError, match=r"SpintronicClassifier cannot be saved: .*\.$"):
        save(network, tmp_path / "network.h5")
    assert list(tmp_path.iterdir()) == []


def ring(network, number, **fields):
    """The network with other fields in one of its sets of recurrent chains."""
    layers = list(network.recurrent_layers_)
    layers[number] = dataclasses.replace(layers[number], **fields)
    network.recurrent_layers_ = layers


WRONG_IN_TIME = {
    "recurrent chains too few": lambda n: set_to(recurrent_layers_=n.recurrent_layers_[1:])(
        n
    ),
    "no recurrent chains": set_to(recurrent_layers_=[]),
    "recurrent chains that are none": set_to(recurrent_layers_=[None, None]),
    "recurrent chains of another layer": lambda n: ring(n, 1, biases=np.zeros(5, "f4")),
    "recurrent lines of another layer": lambda n: ring(n, 0, line_gains=np.ones(4, "f4")),
    "recurrent numbers that are none": lambda n: ring(
        n, 0, settings=np.full((5, 5), np.inf, "f4")
    ),
    "a parameter that denies them": set_to(recurrent=False),
    "a layer of other lines": set_to(n_features_in_=4),
    "a mean of chains that it has not": set_to(chain_means_=[]),
    "slopes without those of recurrent chains": set_to(
        adam_=(np.zeros(59, "f4"), np.zeros(59, "f4"), 1)
    ),
    "weights without those of recurrent chains": lambda n: set_to(
        latent_weights_=[layer.settings for layer in n.layers_]
    )(n),
    "a hold of no time": set_to(hold=0.0),
}
WRONG_FILTERS = {
    "other filters": set_to(n_filters=4),
    "a kernel of other lines": set_to(kernel=(2, 3)),
    "a kernel that is none": set_to(kernel=2),
    "a kernel that is wider than the input": set_to(n_features_in_=1),
    "no columns": set_to(n_features_in_=0),
    "other segments": set_to(segments=(2, 2)),
    "strides that are none": set_to(strides=(0, 1)),
    "filters of other lines": lambda n: changed(n, 0, strengths=np.ones((3, 6), "f4")),
    "lines of the filters": lambda n: changed(n, 1, line_gains=np.ones(3, "f4")),
    "recurrent chains": set_to(recurrent_layers_=[]),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    ("kind", "wrong", "case"),
    [
        *(("recurrent", WRONG_IN_TIME, case) for case in WRONG_IN_TIME),
        *(("convolution", WRONG_FILTERS, case) for case in WRONG_FILTERS),
    ],
)
def test_a_network_for_sequences_whose_parts_disagree_is_not_saved(
    kind, wrong, case, tmp_path
):
    network = OF_SEQUENCES[kind]().fit(SEQUENCES, LABELS)
    save(network, tmp_path / "network.h5")
    (tmp_path / "network.h5").unlink()
    wrong[case](network)
    with pytest.raises((TypeError, ValueError), match=r"\.$"):
        save(network, tmp_path / "network.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["layers_/0/settings", "layers_/1/biases", "chain_means_/1"])
@pytest.mark.parametrize("shape", [(), (3,), (6, 5), (0, 5)])
def test_a_file_whose_sizes_disagree_is_refused(name, shape, tmp_path, edited):
    path = tmp_path / "network.h5"
    save(FITTED["default"](), path)
    with edited(path) as file:
        dtype = file[f"fitted/{name}"].dtype
        del file[f"fitted/{name}"]
        file.create_dataset(f"fitted/{name}", data=np.zeros(shape, dtype)).attrs["kind"] = (
            "array"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(StorageError, match=r"\.$"):
            load(path)
