"""A warning points at the line of the user's, through whatever the package calls itself."""

import warnings

import numpy as np
import pytest

from reservoir import (
    ReservoirClassifier,
    SpinTorqueOscillator,
    UnitsWarning,
    observe,
    simulate,
)
from reservoir.bench import locking_edges, read_locking
from reservoir.exceptions import UnlockedWarning
from reservoir.networks import EquilibriumClassifier, PhaseOscillators

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * VORTEX.threshold_current
X, Y = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 2


def fitted_unlocked():
    """A classifier whose oscillators are shifted so far that they find no frequency."""
    classifier = EquilibriumClassifier(2, n_epochs=0, random_state=0).fit(X, Y)
    return classifier.set_params(oscillators=PhaseOscillators(coupling_phase=np.pi))


def table_of_strong_sources(folder):
    edges = [(VORTEX.stationary_frequency(BIAS) + d) / 1e6 for d in (-2e6, 2e6, -4e6, 4e6)]
    path = folder / "edges.csv"
    rows = ["injected_power_dBm,lower_edge_MHz,upper_edge_MHz"]
    rows += [f"-30,{edges[0]},{edges[1]}", f"-24,{edges[2]},{edges[3]}"]
    path.write_text("\n".join(rows))
    return path


CALLS = {
    "a device": (UnitsWarning, lambda _: simulate(VORTEX, [3.0, 7.0], 1e-7)),
    "a fit": (
        UnitsWarning,
        lambda _: ReservoirClassifier(n_nodes=4, node_time=200).fit(X, Y),
    ),
    "a function": (UserWarning, lambda _: locking_edges(VORTEX, BIAS, 1e7)),
    "a table": (
        UserWarning,
        lambda folder: read_locking(table_of_strong_sources(folder), VORTEX, BIAS),
    ),
    "an answer": (UnlockedWarning, lambda _: fitted_unlocked().decision_function(X)),
    "an answer of labels": (UnlockedWarning, lambda _: fitted_unlocked().predict(X)),
    "an observation": (UnitsWarning, lambda _: observe(VORTEX, [3.0, 7.0], 1e-7)),
}


@pytest.mark.parametrize("kind", sorted(CALLS))
def test_a_warning_names_the_file_that_called_the_package(kind, tmp_path):
    category, call = CALLS[kind]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(tmp_path)
    found = [each for each in caught if each.category is category]
    assert found and {each.filename for each in found} == {__file__}
