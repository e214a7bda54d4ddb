"""A device in the loop, rehearsed: shifted, scaled, noisy and resampled recordings."""

import re

import h5py
import numpy as np
import pytest

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    save,
)
from reservoir.devices import MeasuredOscillator
from reservoir.exceptions import RecordingError, StorageError, StorageWarning
from reservoir.laboratory import RecordedOscillator, Recording, Waveform, rehearse
from reservoir.laboratory.node_samples import samples_in_node

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
NODE = 0.3e-6
RATE = 10 / NODE  # of the generator: 10 samples a node
DATA = np.random.default_rng(0).uniform(-1, 1, (90, 1))
MODEL = TimeMultiplexedReservoir(VORTEX, n_nodes=20, node_time=NODE, random_state=0)
PARTS = [DATA[:40], DATA[40:60], DATA[60:]]
MODEL.fit([PARTS[0]])
WAVEFORM = Waveform.from_estimator(MODEL, PARTS, sample_rate=RATE)
SHORT = Waveform.from_estimator(MODEL, PARTS[0][None, :10], sample_rate=RATE)
TRUTH = np.concatenate([states.ravel() for states in MODEL.transform(PARTS)])


def recording(sample_rate=25 / NODE, delay=7.4 * NODE, **change):
    return rehearse(WAVEFORM, VORTEX, sample_rate=sample_rate, delay=delay, **change)


def test_the_waveform_plays_every_current_of_every_node_for_its_time():
    played = WAVEFORM.bias_current + WAVEFORM.voltage / WAVEFORM.volts_per_ampere
    first = 0
    for frames, start, length in zip(PARTS, WAVEFORM.starts, WAVEFORM.lengths, strict=True):
        wanted = MODEL.drive_.currents(frames).ravel()
        assert len(wanted) == length == 20 * len(frames)
        found = played[start : start + 10 * length].reshape(length, 10)
        # Milliamperes, from volts and back: some 1e-18 of rounding.
        assert np.abs(found - wanted[:, None]).max() < 1e-15
        assert (WAVEFORM.current[first : first + length] == wanted).all()
        assert (WAVEFORM.marker[start : start + 10] == 1).all()
        first += length
    assert WAVEFORM.marker.sum() == 10 * len(PARTS)
    assert WAVEFORM.node_time == pytest.approx(NODE)
    low, high = VORTEX.threshold_current * np.array(MODEL.drive_range)
    assert played.min() >= low - 1e-15 and played.max() <= high + 1e-15


@pytest.mark.parametrize(("per_node", "delay"), [(50, 7.4), (31.7, 0.0), (7.3, 55.1)])
def test_a_shifted_scaled_and_resampled_recording_gives_the_nodes_back(per_node, delay):
    trace = recording(per_node / NODE, delay * NODE, gain=-0.02, offset=0.3)
    found = (WAVEFORM.nodes(Recording(-trace.voltage, trace.sample_rate)) + 0.3) / 0.02
    assert np.corrcoef(found, TRUTH)[0, 1] > 0.9995
    assert np.sqrt(np.mean((found - TRUTH) ** 2)) < 0.03 * TRUTH.std()


def test_the_end_of_each_hold_is_what_the_simulation_calls_the_node():
    found = WAVEFORM.nodes(recording(), window=0.0)
    # What is left: the rest before a sequence does not quite reach the stationary power.
    assert np.sqrt(np.mean((found - TRUTH) ** 2)) < 0.01 * TRUTH.std()


def test_noise_is_averaged_over_the_window():
    spread = {}
    for window in (0.0, 0.4):
        quiet = WAVEFORM.nodes(recording(), window=window)
        noisy = WAVEFORM.nodes(recording(readout_noise=0.1, random_state=0), window=window)
        spread[window] = np.std(noisy - quiet)
    # 10 samples in the window, less what interpolation averages between two of them.
    assert spread[0.4] < 0.5 * spread[0.0]


def test_the_same_estimator_is_fitted_to_the_recording_in_place_of_the_simulation():
    u = DATA[:, 0]
    target = np.r_[0, u[:-1]]
    model = ReservoirRegressor(
        VORTEX, n_nodes=15, node_time=NODE, context=(1,), alpha=1e-5, random_state=3
    ).fit(DATA[:60], target[:60])
    simulated = model.score(DATA[60:], target[60:])
    waveform = Waveform.from_estimator(model, DATA[:60], DATA[60:], sample_rate=RATE)
    trace = rehearse(
        waveform,
        VORTEX,
        sample_rate=40 / NODE,
        delay=3e-6,
        gain=0.01,
        readout_noise=1e-3,
        random_state=0,
    )
    device = RecordedOscillator(waveform, waveform.nodes(trace))
    model.set_params(oscillator=device).fit(DATA[:60], target[:60])
    recorded = model.score(DATA[60:], target[60:])
    assert simulated > 0.9 and recorded > simulated - 0.02


def test_a_classifier_of_ragged_sequences_takes_the_recording_too():
    generator = np.random.default_rng(1)
    y = np.arange(16) % 2
    X = [
        np.linspace(0, 2 * k - 1, n)[:, None] + 0.2 * generator.normal(size=(n, 1))
        for k, n in zip(y, generator.integers(4, 9, 16), strict=True)
    ]
    model = ReservoirClassifier(
        VORTEX, n_nodes=10, node_time=NODE, alpha=1e-3, random_state=0
    )
    expected = model.fit(X[:10], y[:10]).predict(X[10:])
    waveform = Waveform.from_estimator(model, X[:10], X[10:], sample_rate=RATE)
    device = RecordedOscillator(
        waveform, waveform.nodes(rehearse(waveform, VORTEX, sample_rate=RATE))
    )
    model.set_params(oscillator=device).fit(X[:10], y[:10])
    assert (model.predict(X[10:]) == expected).all()
    with pytest.raises(ValueError, match="was not played"):
        model.predict([X[0] + 0.3])


def lose(trace, where, count):
    keep = np.ones(len(trace.voltage), dtype=bool)
    keep[where : where + count] = False
    return Recording(trace.voltage[keep], trace.sample_rate)


@pytest.mark.parametrize(("sequence", "count"), [(0, 12), (1, 40), (2, 12)])
def test_lost_samples_are_found_counted_and_placed(sequence, count):
    trace = recording()
    where = WAVEFORM.starts[sequence] + 5 * WAVEFORM.lengths[sequence]
    damaged = lose(trace, int((where / RATE + 7.4 * NODE) * trace.sample_rate), count)
    with pytest.raises(RecordingError, match=f"{count} lost in sequence {sequence}[.]"):
        WAVEFORM.nodes(damaged)


@pytest.mark.parametrize("stated", [0.5, 2.0, 1.25])
def test_a_grossly_wrong_rate_is_found_and_the_true_one_named(stated):
    trace = recording()
    wrong = Recording(trace.voltage, trace.sample_rate * stated)
    with pytest.raises(
        RecordingError, match=re.escape(f"at {trace.sample_rate:.6g} Hz the first")
    ):
        WAVEFORM.nodes(wrong)


def test_a_slightly_wrong_rate_is_measured():
    trace = recording()
    wrong = Recording(trace.voltage, trace.sample_rate * 1.003)
    with pytest.raises(RecordingError, match="runs at 8.3") as error:
        WAVEFORM.nodes(wrong)
    found = float(str(error.value).split("runs at ")[1].split(" ")[0])
    assert found == pytest.approx(trace.sample_rate, rel=2e-4)


@pytest.mark.slow
def test_what_else_is_wrong_with_a_recording_is_named():
    trace = recording()
    with pytest.raises(RecordingError, match="are needed from its beginning"):
        WAVEFORM.nodes(Recording(trace.voltage[: len(trace.voltage) // 2], trace.sample_rate))
    noise = np.random.default_rng(0).normal(size=len(trace.voltage))
    with pytest.raises(RecordingError, match="No synchronisation burst"):
        WAVEFORM.nodes(Recording(noise, trace.sample_rate))
    with pytest.raises(RecordingError, match="samples a node"):
        WAVEFORM.nodes(Recording(trace.voltage, 1.5 / NODE))
    broken = trace.voltage.copy()
    broken[77] = np.nan
    with pytest.raises(RecordingError, match="Sample 77"):
        Recording(broken, 1.0)
    with pytest.raises(RecordingError, match="one trace"):
        Recording(np.ones((2, 3)), 1.0)


@pytest.mark.slow
def test_the_envelope_of_an_oscillating_trace_gives_the_nodes_back():
    trace = rehearse(SHORT, VORTEX, sample_rate=300 / NODE)
    time = np.arange(len(trace.voltage)) / trace.sample_rate
    carrier = np.sin(2 * np.pi * 300e6 * time + 0.3)
    oscillating = Recording(trace.voltage * carrier, trace.sample_rate)
    found = SHORT.nodes(oscillating.envelope(cutoff=30e6))
    assert np.corrcoef(found, SHORT.nodes(trace))[0, 1] > 0.999


@pytest.mark.slow
def test_waveforms_and_recordings_survive_their_files(tmp_path):
    SHORT.write(tmp_path / "play.h5")
    again = Waveform.from_file(tmp_path / "play.h5")
    for name, value in vars(SHORT).items():
        assert np.array_equal(getattr(again, name), value), name
    SHORT.write(tmp_path / "play.csv")
    lines = (tmp_path / "play.csv").read_text().splitlines()
    assert lines[4] == "voltage_V,marker" and float(lines[0].split("=")[1]) == RATE
    table = np.loadtxt(tmp_path / "play.csv", delimiter=",", skiprows=5)
    # Nine digits are written; 0 V in the middle of the range is rounding of 1e-17.
    assert table[:, 0] == pytest.approx(SHORT.voltage, rel=1e-8, abs=1e-12)
    assert (table[:, 1] == SHORT.marker).all()

    trace = rehearse(SHORT, VORTEX, sample_rate=25 / NODE)
    expected = SHORT.nodes(trace)
    with h5py.File(tmp_path / "trace.h5", "w") as file:
        file["voltage"] = trace.voltage
        file["voltage"].attrs["sample_rate"] = trace.sample_rate
    assert (again.nodes(Recording.from_file(tmp_path / "trace.h5")) == expected).all()
    time = np.arange(len(trace.voltage)) / trace.sample_rate
    columns = np.column_stack([time, trace.voltage])
    np.savetxt(tmp_path / "trace.csv", columns, delimiter=",", header="s,V", comments="")
    from_text = SHORT.nodes(Recording.from_file(tmp_path / "trace.csv"))
    # The rate comes from times of 18 digits, which moves places by less than 1e-6 samples.
    assert from_text == pytest.approx(expected, abs=1e-6)
    np.savetxt(tmp_path / "gap.csv", np.delete(columns, slice(50, 62), axis=0), delimiter=",")
    with pytest.raises(RecordingError, match="about 12 samples were lost "):
        Recording.from_file(tmp_path / "gap.csv")
    np.savetxt(tmp_path / "bare.csv", trace.voltage)
    with pytest.raises(RecordingError, match="does not say its sampling rate"):
        Recording.from_file(tmp_path / "bare.csv")
    with pytest.raises(RecordingError, match="leave it out"):
        Recording.from_file(tmp_path / "trace.csv", sample_rate=1e6)
    with pytest.raises(StorageError, match="no waveform that Waveform.write wrote"):
        Waveform.from_file(tmp_path / "trace.h5")
    (tmp_path / "text.h5").write_text("no")
    with pytest.raises(StorageError, match="damaged"):
        Waveform.from_file(tmp_path / "text.h5")


@pytest.mark.parametrize("rate", [0.3e6, 20e6, 65e6, 201.3e6])
@pytest.mark.parametrize("node_time", [2.075e-7, 6.847e-7, 1.367213e-6])
def test_the_rate_and_the_node_time_that_are_proposed_are_round_and_work(node_time, rate):
    with pytest.raises(ValueError, match="whole number") as refused:
        samples_in_node(node_time, rate)
    found = re.findall(r"(?:rate|time)=([\d.e+-]+\d)", str(refused.value))
    proposed, node = map(float, found)
    assert samples_in_node(node_time, proposed) >= 1
    assert samples_in_node(node, rate) >= 1
    # Of one sample a node there is only one rate to choose; of many a rounder one is near.
    n_digits = 5 if node_time * rate > 25 else 7
    assert proposed == float(f"{proposed:.{n_digits}g}")
    assert 0.49 * rate < proposed < max(2.01 * rate, 1.01 / node_time)


def test_what_cannot_be_played_is_named():
    with pytest.raises(ValueError, match="whole number. Use sample_rate="):
        Waveform.from_estimator(MODEL, PARTS, sample_rate=10.3 / NODE)
    with pytest.raises(ValueError, match="plays at most"):
        Waveform.from_estimator(MODEL, PARTS, sample_rate=RATE, largest_voltage=0.01)
    with pytest.raises(TypeError, match="fit it with a simulated device first"):
        Waveform.from_estimator(TimeMultiplexedReservoir(), PARTS, sample_rate=RATE)
    with pytest.raises(ValueError, match="nothing to play"):
        Waveform.from_estimator(MODEL, sample_rate=RATE)
    looped = TimeMultiplexedReservoir(
        VORTEX, 20, node_time=NODE, loop_gain=0.3, random_state=0
    )
    with pytest.raises(ValueError, match="feeds amplitudes back"):
        Waveform.from_estimator(looped.fit(PARTS), PARTS, sample_rate=RATE)
    with pytest.raises(ValueError, match="read it with Waveform.nodes"):
        RecordedOscillator(WAVEFORM, TRUTH[:-1])
    device = RecordedOscillator(WAVEFORM, TRUTH)
    with pytest.raises(ValueError, match="the recording was made with"):
        device.respond(WAVEFORM.current[None, :10], 2 * NODE)


@pytest.mark.parametrize("n_nodes", [1, 12])
def test_a_series_that_goes_on_after_what_was_played_is_refused(n_nodes):
    y = DATA[:, 0] ** 2
    model = ReservoirRegressor(
        VORTEX, n_nodes=n_nodes, node_time=NODE, alpha=1e-5, random_state=3
    ).fit(DATA[:40], y[:40])
    waveform = Waveform.from_estimator(model, DATA[:40], DATA[40:60], sample_rate=RATE)
    device = RecordedOscillator(waveform, 1.0 + np.arange(len(waveform.current)))
    model.set_params(oscillator=device).fit(DATA[:40], y[:40])
    assert np.isfinite(model.predict(DATA[40:60])).all()
    for end in (61, 90):
        with pytest.raises(ValueError, match="was not played"):
            model.predict(DATA[40:end])


def test_single_precision_data_far_from_zero_are_found_as_they_were_played():
    data = 1000 + DATA
    model = TimeMultiplexedReservoir(
        VORTEX, n_nodes=20, node_time=NODE, random_state=0, dtype="float32"
    ).fit([data])
    waveform = Waveform.from_estimator(model, [data], sample_rate=RATE)
    answers = np.linspace(1, 2, len(waveform.current))
    model.set_params(oscillator=RecordedOscillator(waveform, answers))
    (states,) = model.fit([data]).transform([data])
    assert states.ravel() == pytest.approx(answers, rel=1e-6)  # single precision: 6e-8


def test_what_is_wrong_with_a_file_is_named(tmp_path, edited):
    path = tmp_path / "trace.h5"
    with h5py.File(path, "w") as file:
        file["voltage"] = np.ones(5)
        file["voltage"].attrs["sample_rate"] = 1e6
    assert Recording.from_file(path, sample_rate=1e6).sample_rate == 1e6
    with pytest.raises(RecordingError, match="leave it out"):
        Recording.from_file(path, sample_rate=5e6)
    SHORT.write(path)
    with edited(path) as file:
        del file["bursts"]
    with pytest.raises(StorageError, match="has no bursts"):
        Waveform.from_file(path)
    save(MODEL, path)
    with pytest.raises(StorageError, match="no waveform that Waveform.write wrote"):
        Waveform.from_file(path)
    path.write_text("junk")
    for cls in (Recording, MeasuredOscillator):
        with pytest.raises(StorageError, match="damaged or not an HDF5 file"):
            cls.from_file(path)


def test_a_waveform_of_the_first_version_is_read_with_its_old_name(tmp_path, edited):
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs["format"], file.attrs["version"] = "oscillator-reservoir waveform", 1
        file["voltage"] = np.array([0.0, 0.0, 0.1, 0.1, -0.1, -0.1])
        file["marker"] = np.array([0, 0, 1, 1, 0, 0], dtype=np.uint8)
        file["current"] = np.array([6e-3, 2e-3])
        file["lengths"], file["starts"], file["bursts"] = np.array([2]), [2], [0, 6]
        file.attrs["burst_holds"], file.attrs["gap"] = 3, 32
        file.attrs["samples_per_node"], file.attrs["sample_rate"] = 2, 1e6
        file.attrs["volts_per_ampere"], file.attrs["bias_current"] = 50.0, 4e-3
        file.attrs["threshold_current"] = 3.5e-3
    with pytest.warns(StorageWarning, match="version 1, which had no digest"):
        waveform = Waveform.from_file(path)
    assert waveform.drive_unit == 3.5e-3 and not hasattr(waveform, "threshold_current")
    assert waveform.node_time == 2e-6 and waveform.gap == 32
    assert waveform.current.tolist() == [6e-3, 2e-3] and waveform.bursts.tolist() == [0, 6]
    waveform.write(path)
    with h5py.File(path) as file:
        assert file.attrs["version"] == 3 and file.attrs["drive_unit"] == 3.5e-3
    with edited(path) as file:  # a new file with an old name is not whole
        del file.attrs["drive_unit"]
        file.attrs["threshold_current"] = 3.5e-3
    with pytest.raises(StorageError, match="has no drive_unit"):
        Waveform.from_file(path)
    with edited(path) as file:
        file.attrs["version"] = 4
    with pytest.raises(
        StorageError, match="format version 4; this package reads versions 1 to 3"
    ):
        Waveform.from_file(path)


def test_numbers_that_cannot_be_are_refused_in_a_file_too(tmp_path, edited):
    SHORT.write(tmp_path / "play.h5")
    with edited(tmp_path / "play.h5") as file:
        file.attrs["sample_rate"] = np.nan
    with pytest.raises(StorageError, match="Waveform.sample_rate is nan; it must be"):
        Waveform.from_file(tmp_path / "play.h5")


@pytest.mark.parametrize(
    ("name", "value"),
    [("volts_per_ampere", np.nan), ("volts_per_ampere", 0.0), ("bias_current", np.nan)],
)
def test_a_scale_that_is_no_number_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value}"):
        Waveform.from_estimator(MODEL, PARTS, sample_rate=RATE, **{name: value})


def test_a_negative_delay_and_a_window_beyond_the_hold_are_refused_by_name():
    with pytest.raises(ValueError, match="delay is -1e-06"):
        rehearse(SHORT, VORTEX, sample_rate=RATE, delay=-1e-6)
    with pytest.raises(ValueError, match="readout_noise is -0.1; it must be"):
        rehearse(SHORT, VORTEX, sample_rate=RATE, readout_noise=-0.1)
    trace = rehearse(SHORT, VORTEX, sample_rate=RATE)
    for window in (2.0, -0.1, np.nan, True):
        with pytest.raises(ValueError, match="window is"):
            SHORT.nodes(trace, window=window)
