"""Labels in lists, masked rows, shares of votes and states that are no numbers."""

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SimulationError,
    TimeMultiplexedReservoir,
)
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
        with pytest.raises(
            ValueError, match="groups holds .* for sequence 7; name"
        ):
            ReservoirClassifier(**OPTIONS).fit(X, Y, groups=given)
        with pytest.raises(ValueError, match="groups holds .* for row of X 7"):
            search.fit(np.eye(40), Y, groups=given)


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
