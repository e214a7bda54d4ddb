"""Is delayed feedback what its parameters say, and refused where it cannot work?"""

import numpy as np
import pytest

from reservoir import (
    ReservoirRegressor,
    TimeMultiplexedReservoir,
    UncoupledNodesWarning,
    simulate,
)

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning"),
]
X = [np.random.default_rng(0).uniform(-1, 1, (30, 1))]
OPTIONS = {"n_nodes": 9, "drive_range": (1.8, 2.2), "random_state": 0}


def test_the_loop_gain_is_the_gain_times_the_slope_of_the_amplitude():
    reservoir = TimeMultiplexedReservoir(loop_gain=-0.6, **OPTIONS).fit(X)
    device, drive = reservoir.oscillator_, reservoir.drive_
    threshold = device.threshold_current
    rise = device.stationary_amplitude(2.2 * threshold) - device.stationary_amplitude(
        1.8 * threshold
    )
    assert drive.feedback / threshold * rise / 0.4 == pytest.approx(-0.6)
    assert reservoir.loop_gain_ == pytest.approx(-0.6)
    same = TimeMultiplexedReservoir(feedback_gain=drive.feedback / threshold, **OPTIONS)
    assert np.allclose(same.fit(X).transform(X)[0], reservoir.transform(X)[0], rtol=1e-12)


def test_a_slow_disturbance_fades_by_the_loop_gain_at_every_turn():
    # One long step: nodes at rest see the amplitude of the turn before.
    step = np.concatenate([np.full(20, -1e-4), np.full(20, 1e-4), [1.0, -1.0]])[:, None]
    gain = 0.7
    reservoir = TimeMultiplexedReservoir(
        n_nodes=1,
        mask=np.ones((1, 1)),
        node_time=1e-4,
        drive_range=(1.99, 2.01),
        current_limits=(0.0, 4.0),
        loop_gain=gain,
        feedback_delay=1,
    ).fit([step])
    states = reservoir.transform([step])[0][20:40, 0]
    changes = np.diff(states[:8])
    np.testing.assert_allclose(changes[1:] / changes[:-1], gain, rtol=0.01)


@pytest.mark.parametrize("delays", [(10, 13), (2, 9, 20)])
@pytest.mark.filterwarnings("ignore::reservoir.UncoupledNodesWarning")
def test_several_delays_feed_back_their_mean_node_by_node(delays):
    bias = np.random.default_rng(1).uniform(-0.3, 0.3, 9)
    reservoir = TimeMultiplexedReservoir(
        feedback_gain=1.5,
        feedback_delay=delays,
        current_limits=(-1.0, 5.0),
        node_bias=bias,
        **OPTIONS,
    ).fit(X)
    drive, device = reservoir.drive_, reservoir.oscillator_
    threshold = device.threshold_current
    plain = drive.gain * drive.masked(X[0]) + drive.offset + bias * threshold
    amplitudes = [drive.reference] * max(delays)
    for value in plain.ravel():
        earlier = np.mean([amplitudes[-delay] for delay in delays])
        current = value + 1.5 * threshold * (earlier - drive.reference)
        assert -threshold < current < 5 * threshold
        power = amplitudes[-1] ** 2
        after = simulate(device, [current], reservoir.node_time_, initial_power=power)
        amplitudes.append(float(after[0]))
    found = reservoir.transform(X)[0].ravel()
    np.testing.assert_allclose(found, amplitudes[max(delays) :], rtol=1e-10)


def test_a_delay_of_as_many_nodes_warns_that_the_nodes_stay_apart():
    with pytest.warns(UncoupledNodesWarning, match="its own past only"):
        TimeMultiplexedReservoir(loop_gain=0.5, feedback_delay=9, **OPTIONS).fit(X)


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"loop_gain": 1.2}, "loop gain of .* is 1.2.*unstable"),
        ({"loop_gain": -1.0}, "loop gain of .* is -1"),
        ({"feedback_gain": 40.0}, r"loop gain of .* is \d.*feedback_gain between"),
        ({"loop_gain": 0.5, "feedback_gain": 0.5}, "give one of them"),
        ({"loop_gain": 0.5, "feedback_delay": 271}, "longest series has 270"),
        ({"loop_gain": 0.5, "feedback_delay": (3, 0)}, "feedback_delay is 0"),
        ({"loop_gain": np.nan}, "loop_gain is nan"),
        ({"current_limits": (1.9, 3.0)}, "hold the drive_range"),
        ({"current_limits": 3}, "two numbers"),
        ({"node_bias": np.ones(4)}, "one for each of the 9"),
        ({"node_bias": np.inf}, "must be finite"),
    ],
)
def test_feedback_that_cannot_work_is_refused_at_fit(parameters, message):
    with pytest.raises(ValueError, match=message):
        TimeMultiplexedReservoir(**OPTIONS, **parameters).fit(X)


def test_feedback_turns_one_step_of_memory_into_many():
    inputs = np.random.default_rng(2).uniform(-1, 1, (1500, 1))
    target = np.concatenate([np.zeros(6), inputs[:-6, 0]])
    options = {"drive_range": (1.9, 2.1), "current_limits": (-1, 5), "random_state": 0}
    options |= {"n_nodes": 40, "washout": 50, "mask": "uniform", "context": ()}
    scores = [
        ReservoirRegressor(loop_gain=gain, **options)
        .fit(inputs[:1000], target[:1000])
        .score(inputs[1000:], target[1000:])
        for gain in (0.0, -0.9)
    ]
    assert scores[0] < 0.1 and scores[1] > 0.95
