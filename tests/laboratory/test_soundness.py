"""Recordings whose samples are all there, but are not what the device answered."""

import numpy as np
import pytest

from reservoir import SpinTorqueOscillator, TimeMultiplexedReservoir
from reservoir.devices import MeasuredOscillator
from reservoir.exceptions import RecordingError
from reservoir.laboratory import Recording, Waveform, rehearse
from reservoir.laboratory.soundness import Played, check_whole

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
NODE = 1e-6
PER_NODE = 20  # samples, of the generator and of the recorder


def waveform(drive_range, kind="uniform", node_time=NODE):
    generator = np.random.default_rng(0)
    data = generator.uniform(-1, 1, (90, 1))
    if kind == "two values":
        data = np.sign(data)
    model = TimeMultiplexedReservoir(
        VORTEX, n_nodes=20, node_time=node_time, random_state=0, drive_range=drive_range
    )
    parts = [data[:50], data[50:]]
    wave = Waveform.from_estimator(model.fit(parts), parts, sample_rate=PER_NODE / node_time)
    return wave, rehearse(
        wave,
        VORTEX,
        sample_rate=PER_NODE / node_time,
        delay=5 * node_time,
        gain=0.02,
        offset=0.3,
        readout_noise=0.0,
    )


WAVE, CLEAN = waveform((0.6, 1.6))
INSIDE = int(WAVE.starts[0] + (5 + 300) * PER_NODE)  # a sample in the first sequence


def heard(change, noise=0.0, bits=None):
    """The recording with noise, a change and a converter."""
    trace = CLEAN.voltage.copy()
    trace += noise * trace.std() * np.random.default_rng(1).normal(size=len(trace))
    trace = change(trace)
    if bits is not None:
        step = np.ptp(trace) / 2**bits
        trace = np.round(trace / step) * step
    return Recording(trace, CLEAN.sample_rate)


def clipped_above(trace):
    nodes = WAVE.nodes(CLEAN)
    return np.minimum(trace, np.quantile(nodes, 0.9))


def clipped_below(trace):
    nodes = WAVE.nodes(CLEAN)
    return np.maximum(trace, np.quantile(nodes, 0.2))


def held(trace):
    trace[INSIDE : INSIDE + 12 * PER_NODE] = trace[INSIDE]
    return trace


def dark(trace):
    trace[INSIDE : INSIDE + 12 * PER_NODE] = trace.min() - 0.3 * np.ptp(trace)
    return trace


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
@pytest.mark.parametrize(
    ("change", "bits", "words"),
    [
        (clipped_above, None, "saturated: .* highest value"),
        (clipped_above, 8, "saturated: .* highest value"),
        (clipped_above, 12, "saturated: .* highest value"),
        (clipped_below, None, "saturated: .* lowest value"),
        (held, None, f"stands still .* from sample {INSIDE} on"),
        (held, 8, "stands still"),
        (dark, None, f"stands still .* for {12 * PER_NODE} samples"),
        (dark, 8, "stands still"),
    ],
)
def test_a_recorder_that_saturates_or_drops_out_is_found(change, bits, words, noise):
    with pytest.raises(RecordingError, match=words):
        WAVE.nodes(heard(change, noise, bits))


def test_a_recording_in_which_saturation_hides_the_bursts_says_so():
    with pytest.raises(RecordingError, match="of its samples are exactly its highest"):
        WAVE.nodes(heard(lambda trace: np.minimum(trace, np.quantile(trace, 0.6))))


@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("height", [-1e3, 10, 1e3])
def test_a_spike_is_found_and_placed(height, noise):
    at = INSIDE + PER_NODE - 1  # the last sample of a node, which is read
    far = height * np.ptp(CLEAN.voltage)

    def struck(trace):
        trace[[at, at + 2 * PER_NODE]] += [far, 0.9 * far]  # neither hides the other
        return trace

    with pytest.raises(RecordingError, match=f"^Sample {at} of the recording .* a spike"):
        WAVE.nodes(heard(struck, noise))


def test_a_spike_outside_of_all_sequences_changes_no_node():
    def struck(trace):
        trace[2] = 1e3
        return trace

    np.testing.assert_allclose(WAVE.nodes(heard(struck)), WAVE.nodes(CLEAN), rtol=1e-9)


def test_one_node_far_from_all_others_is_no_spike_at_two_samples_a_node():
    current = np.random.default_rng(0).uniform(3e-3, 3.1e-3, 100)
    current[60] = 6e-3
    trace = 5 + np.repeat(current, 2)  # of a device that follows its current at once
    check_whole(trace, Played(2.0 * np.arange(100), 2.0, current, np.array([100]), 1e-3))
    trace[120] = trace[0]  # now the node shows in one sample
    with pytest.raises(RecordingError, match="Sample 121 of the recording"):
        check_whole(trace, Played(2.0 * np.arange(100), 2.0, current, np.array([100]), 1e-3))


@pytest.mark.parametrize("bits", [None, 4, 6, 8, 12, 16])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.1])
def test_a_sound_recording_raises_no_alarm(noise, bits):
    nodes = WAVE.nodes(heard(np.copy, noise, bits))
    assert nodes.shape == WAVE.current.shape


@pytest.mark.parametrize("bits", [None, 8])
@pytest.mark.parametrize(
    ("drive_range", "kind", "node_time"),
    [
        ((0.3, 1.8), "uniform", 5e-6),  # silent for many nodes
        ((0.6, 1.6), "two values", 5e-6),  # many nodes at the highest current
        ((1.1, 1.6), "uniform", 1e-7),  # many nodes in a relaxation time
        ((1.1, 1.6), "uniform", 5e-5),  # at rest in every node
    ],
)
def test_what_stands_still_for_other_reasons_raises_no_alarm(
    drive_range, kind, node_time, bits
):
    wave, trace = waveform(drive_range, kind, node_time)
    voltage = trace.voltage
    if bits is not None:
        step = np.ptp(voltage) / 2**bits
        voltage = np.round(voltage / step) * step
    assert len(wave.nodes(Recording(voltage, trace.sample_rate))) == len(wave.current)


PLATEAU = MeasuredOscillator(
    tuple(np.linspace(2e-3, 6e-3, 9)),
    (0.0, 0.0, 0.004, 0.008, 0.010, 0.010, 0.010, 0.010, 0.010),
    4e-7,
    threshold_current=3e-3,
)


def held_frames(seed):
    """A waveform whose frames are held, so that many nodes in a row lie on the plateau."""
    steps = np.random.default_rng(seed).normal(size=10)
    data = [np.repeat(steps, 12)[:, np.newaxis]]
    model = TimeMultiplexedReservoir(
        PLATEAU,
        n_nodes=20,
        node_time=NODE,
        random_state=seed,
        drive_range=(0.7, 1.6),
        mask="uniform",
    )
    wave = Waveform.from_estimator(model.fit(data), data, sample_rate=1e7)
    found = rehearse(wave, PLATEAU, sample_rate=1e7, delay=5e-6, gain=0.02, offset=0.3)
    return wave, found


def with_bits(trace, bits):
    step = np.ptp(trace) / 2**bits
    return Recording(np.round(trace / step) * step, 1e7)


@pytest.mark.parametrize("bits", [4, 6, 8, 10])
def test_the_plateau_of_a_device_is_not_called_saturation(bits):
    for seed in range(12):
        wave, found = held_frames(seed)
        nodes = wave.nodes(with_bits(found.voltage, bits))
        assert len(nodes) == len(wave.current)


@pytest.mark.slow
@pytest.mark.parametrize("bits", [6, 8])
def test_a_recorder_that_cuts_a_plateau_off_is_found(bits):
    alarms = 0
    for seed in range(12):
        wave, found = held_frames(seed)
        low, high = found.voltage.min(), found.voltage.max()
        trace = np.minimum(found.voltage, low + 0.7 * (high - low))
        try:
            wave.nodes(with_bits(trace, bits))
        except RecordingError as error:
            assert "saturated" in str(error)
            alarms += 1
    assert alarms >= 6
