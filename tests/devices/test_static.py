"""Static nodes: a curve, and no memory."""

import numpy as np
import pytest

from reservoir import ReservoirClassifier, load, save
from reservoir.devices import StaticNode


def test_each_answer_is_the_curve_at_its_own_drive():
    drive = np.random.default_rng(0).uniform(-1, 3, size=(2, 9))
    assert np.array_equal(StaticNode().respond(drive, 1.0), np.clip(drive - 1, 0, None))
    assert np.array_equal(StaticNode("tanh").respond(drive, 1.0), np.tanh(drive))


def test_an_unknown_curve_is_refused():
    with pytest.raises(ValueError, match="StaticNode.function is 'sign'"):
        StaticNode("sign")


def test_frames_in_another_order_give_the_same_mean(tmp_path):
    generator = np.random.default_rng(1)
    X = [generator.normal(size=(8, 3)) + k % 2 for k in range(20)]
    y = [k % 2 for k in range(20)]
    model = ReservoirClassifier(
        StaticNode(), 30, context=(), pooling="mean", random_state=0
    ).fit(X, y)
    turned = [frames[::-1] for frames in X]
    assert model.decision_function(turned) == pytest.approx(model.decision_function(X))
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert np.array_equal(again.decision_function(X), model.decision_function(X))
