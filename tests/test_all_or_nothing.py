"""A fit that fails leaves an estimator as it was before."""

import copy
import inspect

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone

from reservoir import (
    MaskEnsembleClassifier,
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
)
from reservoir.audio import MFCC, AugmentedClassifier, SpeakerNormalizer, SpeechClassifier
from reservoir.audio.waveforms import Stateless
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
)
from reservoir.networks import EquilibriumClassifier

pytestmark = pytest.mark.kernel
GENERATOR = np.random.default_rng(0)
TABLE, WIDER = GENERATOR.uniform(size=(24, 3)), GENERATOR.uniform(size=(24, 5))
SEQUENCES = [GENERATOR.normal(size=(n, 3)) for n in [5, 9, 7, 6] * 3]
WIDER_SEQUENCES = [GENERATOR.normal(size=(n, 4)) for n in [5, 9, 7, 6] * 3]
CLIPS = [GENERATOR.normal(size=2000) for _ in range(12)]
LABELS = np.tile(["low", "high"], 12)
SMALL = {"n_nodes": 10, "random_state": 0}
SLOW_LAYERS = {"max_iter": 1, "random_state": 0}
# What is learned, and what is refused after `n_features_in_` or `classes_` may be known.
BAD_LABELS = LABELS[:11]
CASES = {
    "reservoir": (
        TimeMultiplexedReservoir(**SMALL),
        (SEQUENCES,),
        ([*WIDER_SEQUENCES, SEQUENCES[0]],),
    ),
    "classifier": (
        ReservoirClassifier(**SMALL),
        (SEQUENCES, LABELS[:12]),
        (WIDER_SEQUENCES, ["one"] * 12),
    ),
    "masks": (
        MaskEnsembleClassifier(ReservoirClassifier(**SMALL), 2, random_state=0),
        (SEQUENCES, LABELS[:12]),
        (WIDER_SEQUENCES, ["one"] * 12),
    ),
    "frames": (
        ReservoirFrameClassifier(**SMALL),
        (SEQUENCES, [np.where(x[:, 0] > 0, "up", "down") for x in SEQUENCES]),
        (WIDER_SEQUENCES, [np.full(len(x), "up") for x in WIDER_SEQUENCES]),
    ),
    "regressor": (
        ReservoirRegressor(**SMALL),
        (SEQUENCES, [x[:, 0] for x in SEQUENCES]),
        (WIDER_SEQUENCES, [x[1:, 0] for x in WIDER_SEQUENCES]),
    ),
    "network": (
        OscillatorNetwork(),
        (np.full((2, 2), 350e6),),
        (np.full((2, 3), 1e6),),
    ),
    "synchronization": (
        SynchronizationClassifier(learning="search", n_starts=1, random_state=0),
        (TABLE, LABELS),
        (WIDER, ["one"] * 24),
    ),
    "equilibrium": (
        EquilibriumClassifier(2, n_epochs=1, random_state=0),
        (TABLE, LABELS),
        (WIDER, ["one"] * 24),
    ),
    "layers": (
        SpintronicClassifier((4,), **SLOW_LAYERS),
        (TABLE, LABELS),
        (WIDER, ["one"] * 24),
    ),
    "layers-of-sequences": (
        SpintronicRecurrentClassifier((4,), **SLOW_LAYERS),
        (SEQUENCES, LABELS[:12]),
        (WIDER_SEQUENCES, BAD_LABELS),
    ),
    "layers-of-patches": (
        SpintronicConvolutionalClassifier(4, **SLOW_LAYERS),
        (SEQUENCES, LABELS[:12]),
        (WIDER_SEQUENCES, BAD_LABELS),
    ),
    "layers-of-numbers": (
        SpintronicRegressor((4,), **SLOW_LAYERS),
        (TABLE, TABLE[:, 0]),
        (WIDER, np.full(24, np.nan)),
    ),
    "speech": (
        SpeechClassifier(8000, n_masks=1, speeds=(), front_end=MFCC(8000), **SMALL),
        (CLIPS, LABELS[:12]),
        (CLIPS, ["one"] * 12),
    ),
    "copies": (
        AugmentedClassifier(ReservoirClassifier(**SMALL), [MFCC(8000)]),
        (CLIPS, LABELS[:12]),
        (CLIPS, ["one"] * 12),
    ),
    "normalizer": (
        SpeakerNormalizer([300.0, 900.0, 2700.0], n_components=2),
        ([abs(x) for x in SEQUENCES], None, LABELS[:12]),
        ([abs(x) for x in SEQUENCES], None, LABELS[:7]),
    ),
}


def state(estimator):
    return {
        name: copy.deepcopy(value)
        for name, value in vars(estimator).items()
        if name not in estimator.get_params(deep=False)
    }


def assert_same(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name in expected:
            assert_same(found[name], expected[name])
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, np.ndarray):
        assert np.array_equal(found, expected)
    elif hasattr(expected, "__dict__") and not callable(expected):
        assert_same(vars(found), vars(expected))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_a_fit_that_fails_leaves_a_fitted_estimator_as_it_was(name):
    estimator, learned, refused = CASES[name]
    fitted = clone(estimator).fit(*learned)
    before = state(fitted)
    with pytest.raises((ValueError, TypeError)):
        fitted.fit(*refused)
    assert_same(state(fitted), before)
    new = clone(estimator)
    with pytest.raises((ValueError, TypeError)):
        new.fit(*refused)
    assert state(new) == {}


@pytest.mark.filterwarnings("ignore")
def test_a_step_of_learning_that_fails_leaves_a_network_as_it_was():
    network = SpintronicClassifier((4,), **SLOW_LAYERS)
    network.partial_fit(TABLE, LABELS, classes=["high", "low"])
    before = state(network)
    for data in ((WIDER, LABELS), (TABLE, BAD_LABELS), (TABLE, ["one"] * 24)):
        with pytest.raises(ValueError):
            network.partial_fit(*data)
        assert_same(state(network), before)


@pytest.mark.filterwarnings("ignore")
def test_a_step_of_learning_that_diverges_leaves_a_network_as_it_was():
    network = SpintronicRegressor((4,), **SLOW_LAYERS).partial_fit(TABLE, TABLE[:, 0])
    before = state(network)
    with pytest.raises(ValueError, match="The loss became inf"):
        network.partial_fit(TABLE, np.full(len(TABLE), 1e200))
    assert_same(state(network), before)


def estimators(cls=BaseEstimator):
    for found in cls.__subclasses__():
        yield from estimators(found)
        if found.__module__.startswith("reservoir."):
            yield found


@pytest.mark.parametrize(
    "cls",
    sorted(set(estimators()), key=lambda cls: cls.__name__),
    ids=lambda cls: cls.__name__,
)
def test_each_estimator_that_learns_learns_all_or_nothing(cls):
    for name in ("fit", "fit_blocks", "fit_drive", "merge", "partial_fit"):
        method = inspect.getattr_static(cls, name, None)
        if method is None or not method.__module__.startswith("reservoir."):
            continue
        if issubclass(cls, Stateless):  # which only checks its parameters
            continue
        assert hasattr(method, "__wrapped__"), f"{cls.__name__}.{name} lacks all_or_nothing"
