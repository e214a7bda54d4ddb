"""Labels in lists, masked rows, shares of votes and states that are no numbers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SimulationError,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
)
from reservoir.audio import AugmentedClassifier, Spectrogram
from reservoir.couplings import dipolar_coupling, neighbor_coupling
from reservoir.devices import VortexOscillator
from reservoir.experiments.classical import GroupedSearch

OPTIONS = {"n_nodes": 10, "random_state": 0}
Y = np.arange(40) % 2
X = [
    np.random.default_rng(i).normal(size=(5 + i % 7, 3)) + 2 * label
    for i, label in enumerate(Y)
]


@pytest.mark.filterwarnings("ignore:A column-vector")
@pytest.mark.parametrize("wrap", [lambda k: [k], lambda k: (k,), lambda k: np.array([k])])
@pytest.mark.parametrize("names", [[0, 1], ["a", "b"]])
def test_labels_in_lists_of_their_own_are_the_labels(wrap, names):
    flat = [names[k] for k in Y]
    listed = ReservoirClassifier(**OPTIONS).fit(X, [wrap(label) for label in flat])
    plain = ReservoirClassifier(**OPTIONS).fit(X, flat)
    assert listed.predict(X).tolist() == plain.predict(X).tolist()


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
@pytest.mark.parametrize("names", [[0.0, 1.0], ["a", "b"]])
def test_a_group_that_is_not_known_is_refused(missing, names):
    groups = [names[k] for k in Y]
    groups[7] = missing
    tried = [groups, np.array(groups, dtype=object), pd.Series(groups, dtype=object)]
    grid = {"n_neighbors": [1]}
    search = GroupedSearch(KNeighborsClassifier(), grid, n_folds=3)
    for given in tried:
        with pytest.raises(ValueError, match="groups holds .* for sequence 7; name"):
            ReservoirClassifier(**OPTIONS).fit(X, Y, groups=given)
        with pytest.raises(ValueError, match="groups holds .* for row of X 7"):
            search.fit(np.eye(40), Y, groups=given)


def test_masked_labels_and_weights_are_refused_by_every_score():
    table = np.random.default_rng(0).normal(size=(40, 2)) + 3 * Y[:, None]
    clips = np.random.default_rng(0).normal(size=(40, 2000)) * (1 + 3 * Y[:, None])
    augmented = AugmentedClassifier(ReservoirClassifier(**OPTIONS), [Spectrogram()])
    search = GroupedSearch(KNeighborsClassifier(), {"n_neighbors": [1]}, n_folds=3)
    for model, data, y in (
        (ReservoirClassifier(**OPTIONS), X, Y),
        (ReservoirRegressor(**OPTIONS), table, table[:, 0]),
        (SynchronizationClassifier(learning="search", n_starts=1, random_state=0), table, Y),
        (augmented, list(clips), Y),
        (search, table, Y),
    ):
        model.fit(data, y)
        gap = np.arange(40) == 4
        hidden, weights = np.ma.array(y, mask=gap), np.ma.array(np.ones(40), mask=gap)
        assert model.score(data, y, np.ones(40)) == model.score(data, y)
        for given in (hidden, list(hidden)):
            with pytest.raises(ValueError, match=r"y has masked values \(\w+ 4 is masked"):
                model.score(data, given)
        for given in (weights, list(weights)):
            with pytest.raises(ValueError, match=r"sample_weight has masked values \(\w+ 4"):
                model.score(data, y, given)


@pytest.mark.parametrize(
    "changed",
    [
        {"dtype": "int8"},
        {"dtype": "float16"},
        {"dtype": "nonsense"},
        {"read": "sound"},
        {"thermal_noise": "a"},
        {"thermal_noise": -1.0},
        {"drift": np.nan},
        {"bits": 0},
        {"n_jobs": 0},
        {"pooling": "all"},
        {"n_segments": 2.5},
        {"oscillator__threshold_current": -1.0},
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [ReservoirClassifier, TimeMultiplexedReservoir])
def test_parameters_that_are_set_after_the_fit_are_checked_too(kind, changed):
    model = kind(**OPTIONS).fit(X, Y)
    ask = getattr(model, "predict", None) or model.transform
    name = next(iter(changed))
    with pytest.raises(ValueError, match=name.removeprefix("oscillator__")):
        model.set_params(**changed)
        ask(X)


def test_noise_of_a_fitted_reservoir_has_the_nodes_that_were_learned():
    model = TimeMultiplexedReservoir(readout_noise=0.1, **OPTIONS).fit(X)
    states = model.node_states(X)
    for given, found in zip(states, model.set_params(n_nodes=12).node_states(X), strict=True):
        assert np.array_equal(given, found)


def test_a_readout_of_synchronization_that_was_not_learned_is_named():
    table = np.random.default_rng(0).normal(size=(40, 2)) + 3 * Y[:, None]
    for learned, asked in (("table", "linear"), ("linear", "pattern")):
        model = SynchronizationClassifier(
            learning="search", n_starts=1, random_state=0, readout=learned
        )
        model.fit(table, Y).set_params(readout=asked)
        with pytest.raises(ValueError, match=f"readout is '{asked}', which was not fitted"):
            model.predict(table)


def test_masked_rows_inside_lists_are_refused():
    model = ReservoirClassifier(**OPTIONS).fit(X, Y)
    hidden = [[np.ma.array(row, mask=[1, 0, 0]) for row in x] for x in X]
    for ask in (model.predict, model.node_states, model.drive_currents):
        with pytest.raises(ValueError, match="frame 0, channel 0 is masked"):
            ask(hidden)


def test_votes_of_frames_are_taken_of_sequences_too():
    frames, labels = np.concatenate(X), np.repeat(Y, [len(x) for x in X])
    model = ReservoirClassifier(pooling="vote", **OPTIONS).fit(frames, labels)
    assert model.predict(X).shape == (40,)


@pytest.mark.parametrize("dtype", ["float32"])
def test_states_that_are_no_numbers_are_refused(dtype):
    model = TimeMultiplexedReservoir(readout_noise=1e100, dtype=dtype, **OPTIONS).fit(X)
    for ask in (model.transform, model.node_states):
        with pytest.raises(SimulationError, match="states of sequence 0 are not finite"):
            ask(X)


@pytest.mark.parametrize("strength", ["1e6", b"1", True, None, np.nan, np.ma.masked])
def test_the_strength_of_a_coupling_is_a_number(strength):
    with pytest.raises(ValueError, match="strength"):
        neighbor_coupling(3, strength)
    with pytest.raises(ValueError, match="strength"):
        dipolar_coupling([[0.0], [1e-6]], strength, 1e-6)


def test_targets_without_a_column_are_refused():
    with pytest.raises(ValueError, match=r"targets of series 0 have shape \(5, 0\)"):
        ReservoirRegressor(**OPTIONS).fit(X, [np.zeros((len(x), 0)) for x in X])


def test_the_orbit_of_a_vortex_refuses_times_that_are_no_numbers():
    vortex = VortexOscillator.from_preset(next(iter(VortexOscillator.presets)))
    with pytest.raises(ValueError, match="not finite"):
        vortex.orbit(5e-3, [0.0, np.nan, 1e-9], 0.1)
