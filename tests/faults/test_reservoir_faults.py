"""Faults of time-multiplexed reservoirs: their laws, what they leave, what they refuse."""

import dataclasses

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from reservoir import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirRegressor,
    TimeMultiplexedReservoir,
    load,
    save,
)
from reservoir.audio import SpeechClassifier
from reservoir.devices import StaticNode, VortexOscillator
from reservoir.faults import (
    BinaryJunctions,
    ByzantineNodes,
    ConverterBits,
    CurrentDrift,
    DampingDrift,
    DeadChannels,
    DeadNeurons,
    DeadNodes,
    DeadOscillators,
    GainDrift,
    Memristors,
    ReadNoise,
    ReadoutBits,
    StuckCells,
    StuckNodes,
    ThermalNoise,
    ThresholdDrift,
    refit_readout,
    with_faults,
)
from reservoir.readout import LinearReadout

pytestmark = pytest.mark.kernel
GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(length, 3)) for length in GENERATOR.integers(4, 9, 40)]
Y = np.arange(40) % 3
SERIES = GENERATOR.normal(size=(60, 3))
OF_READOUTS = [
    ReadoutBits(bits=3),
    BinaryJunctions(n_per_weight=3, spread_share=0.1),
    Memristors(n_levels=8, programming_error_share=0.05, drift_exponent=0.05, time_s=100.0),
    Memristors(n_levels=64, read_noise_share=0.02),
    StuckCells(share_low=0.1, share_high=0.05),
]
FAULTS = [
    DeadNodes(share=0.2),
    StuckNodes(share=0.2),
    StuckNodes(share=0.2, reading=0.3),
    ByzantineNodes(share=0.2),
    DeadChannels(share=0.4),
    ThresholdDrift(share=0.05),
    DampingDrift(share=-0.2),
    CurrentDrift(share=0.05),
    GainDrift(share=0.1),
    ReadNoise(share=0.05),
    ThermalNoise(power=1e-3),
    ConverterBits(bits=3),
    *OF_READOUTS,
]
WITHOUT_DRAWS = (
    ThresholdDrift,
    DampingDrift,
    CurrentDrift,
    GainDrift,
    ConverterBits,
    ReadoutBits,
)


def fitted(**options):
    settings = {"n_nodes": 20, "random_state": 0, **options}
    return ReservoirClassifier(**settings).fit(X, Y)


MODEL = fitted()
MEMBERS = MaskEnsembleClassifier(ReservoirClassifier(n_nodes=10), 2, random_state=0).fit(X, Y)


def bits_of(value):
    """All that an object holds, as bytes and texts."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, list | tuple):
        return [bits_of(entry) for entry in value]
    if dataclasses.is_dataclass(value):
        return {f.name: bits_of(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if hasattr(value, "get_params"):
        return {name: bits_of(entry) for name, entry in vars(value).items()}
    return repr(value)


def readings(model, sequences=X):
    return np.concatenate(model.node_states(sequences))


# ---------------------------------------------------------------------- the copy


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
@pytest.mark.parametrize("model", [MODEL, MEMBERS], ids=["one", "masks"])
def test_the_original_stays_and_the_same_seed_gives_the_same_bits(fault, model):
    before, expected = bits_of(model), model.decision_function(X)
    first, again = (with_faults(model, fault, random_state=3) for _ in range(2))
    assert bits_of(model) == before
    assert bits_of(first) == bits_of(again) != before
    assert first.faults_ == [repr(fault)]
    found = first.decision_function(X)
    assert np.array_equal(found, again.decision_function(X))
    assert np.isfinite(found).all() and not np.array_equal(found, expected)
    assert np.array_equal(model.decision_function(X), expected)
    other = with_faults(model, fault, random_state=4)
    assert (bits_of(other) != bits_of(first)) == (not isinstance(fault, WITHOUT_DRAWS))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("pooling", ["change", "segments", "mean", "last", "vote"])
def test_without_faults_the_copy_answers_the_same_bits(pooling, dtype):
    model = fitted(pooling=pooling, dtype=dtype)
    same = with_faults(model, [])
    assert same.faults_ == []
    assert np.array_equal(same.decision_function(X), model.decision_function(X))


@pytest.mark.parametrize(
    "fault",
    [
        *(kind(0.0) for kind in (DeadNodes, StuckNodes, DeadChannels, ThresholdDrift)),
        *(kind(0.0) for kind in (DampingDrift, CurrentDrift, GainDrift, ReadNoise)),
        *(kind(0.0) for kind in (ByzantineNodes, StuckCells, ThermalNoise)),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bits": 4, "dtype": "float32"},
        {"dtype": "float32"},
        {"readout_noise": 0.1},
        {"thermal_noise": 1e-3},
    ],
    ids=repr,
)
def test_a_fault_of_size_0_changes_no_bit(fault, options):
    model = fitted(**options)
    same = with_faults(model, fault)
    assert np.array_equal(same.decision_function(X), model.decision_function(X))


def test_faults_at_once_are_the_faults_one_after_the_other():
    at_once, one_by_one = with_faults(MODEL, FAULTS, random_state=2), MODEL
    for fault in FAULTS:
        one_by_one = with_faults(one_by_one, fault, random_state=2)
    assert bits_of(one_by_one) == bits_of(at_once)


@pytest.mark.parametrize(
    "fault", [ByzantineNodes(0.3), ReadNoise(0.1), ThermalNoise(1e-3)], ids=repr
)
def test_a_noise_at_the_end_leaves_the_draws_of_the_others(fault):
    others = {
        kind: each
        for kind, each in {"noise": ReadNoise(0.05), "thermal": ThermalNoise(2e-3)}.items()
        if type(each) is not type(fault)
    }
    for name, other in others.items():
        alone, both = (
            with_faults(MODEL, faults, random_state=1) for faults in (other, [other, fault])
        )
        assert getattr(alone.wear_, f"{name}_seed") == getattr(both.wear_, f"{name}_seed")
    # Nodes that are read as noise leave the noise of the others.
    if isinstance(fault, ByzantineNodes):
        stray = both.wear_.strays > 0
        assert np.array_equal(readings(alone)[:, ~stray], readings(both)[:, ~stray])


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=repr)
@pytest.mark.parametrize("model", [MODEL, MEMBERS], ids=["one", "masks"])
def test_an_estimator_is_saved_with_its_faults(fault, model, tmp_path):
    worse = with_faults(model, [fault, DeadNodes(0.1)])
    save(worse, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert again.faults_ == [repr(fault), "DeadNodes(share=0.1)"]
    assert bits_of(again) == bits_of(worse)
    assert np.array_equal(again.decision_function(X), worse.decision_function(X))


def test_a_new_fit_has_no_faults():
    for model in (MODEL, MEMBERS):
        again = with_faults(model, FAULTS).fit(X, Y)
        assert bits_of(again) == bits_of(model)


def test_the_other_estimators_can_have_them(tmp_path):
    regressor = ReservoirRegressor(n_nodes=20, random_state=0).fit(SERIES, SERIES[:, 0])
    worse = with_faults(regressor, FAULTS)
    assert np.isfinite(worse.predict(SERIES)).all() and len(worse.faults_) == len(FAULTS)
    reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0).fit(X)
    worse = with_faults(reservoir, [f for f in FAULTS if f not in OF_READOUTS])
    assert np.concatenate(worse.transform(X)).shape == (sum(map(len, X)), 20)
    clips = [GENERATOR.normal(size=4000) for _ in range(6)]
    speech = SpeechClassifier(8000, n_nodes=20, n_masks=2, random_state=0)
    speech = speech.fit(clips, [0, 1] * 3)
    worse = with_faults(speech, FAULTS)
    save(worse, tmp_path / "speech.h5")
    again = load(tmp_path / "speech.h5")
    assert again.faults_ == [repr(fault) for fault in FAULTS]
    assert np.array_equal(again.decision_function(clips), worse.decision_function(clips))
    assert not hasattr(worse.fit(clips, [0, 1] * 3), "faults_")


# ---------------------------------------------------------------------- nodes and channels


@pytest.mark.parametrize("share", [0.0, 0.03, 0.25, 0.9])
def test_exactly_the_stated_share_is_read_as_zero_and_no_other_changes(share):
    states = readings(MODEL)
    worse = readings(with_faults(MODEL, DeadNodes(share)))
    dead = (worse == 0).all(axis=0)
    assert dead.sum() == round(20 * share)
    assert np.array_equal(worse[:, ~dead], states[:, ~dead])


@pytest.mark.parametrize("pooling", ["change", "segments", "mean", "last", "vote"])
@pytest.mark.parametrize("fault", [DeadNodes(0.3), StuckNodes(0.3), GainDrift(0.2)], ids=repr)
def test_pooled_states_are_those_of_the_readings_that_the_readout_sees(pooling, fault):
    squares = pooling != "vote"
    worse = with_faults(fitted(pooling=pooling, pool_squares=squares), fault, random_state=1)
    packed = worse._pack(worse._series(X), slice(0, len(X)))
    pooled = worse._noisy_pooled(packed, pooling)[0]
    states = worse.node_states(X)
    if squares:  # The mean squares over the whole sequence come last.
        expected = [np.mean(rows**2, axis=0) for rows in states]
        assert pooled[:, -20:] == pytest.approx(np.array(expected), rel=1e-12, abs=1e-15)
    if pooling in ("mean", "vote", "last"):
        chosen = slice(-1, None) if pooling == "last" else slice(None)
        expected = [rows[chosen].mean(axis=0) for rows in states]
        assert pooled[:, :20] == pytest.approx(np.array(expected), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("own_masks", [False, True])
def test_nodes_of_several_oscillators_are_pooled_as_they_are_read(own_masks):
    model = fitted(n_oscillators=2, own_masks=own_masks, pooling="mean", pool_squares=False)
    worse = with_faults(model, [GainDrift(0.2), DeadNodes(0.3)])
    packed = worse._pack(worse._series(X), slice(0, len(X)))
    pooled = worse._noisy_pooled(packed, "mean")[0]
    expected = [rows.mean(axis=0) for rows in worse.node_states(X)]
    assert pooled == pytest.approx(np.array(expected), rel=1e-12)
    assert (pooled == 0).all(axis=0).sum() == 12


def test_a_dead_node_in_the_kernel_and_behind_a_converter_is_0():
    for model in (MODEL, fitted(bits=4), fitted(readout_noise=0.1)):
        worse = with_faults(model, DeadNodes(0.5), random_state=1)
        packed = worse._pack(worse._series(X), slice(0, len(X)))
        pooled = worse._noisy_pooled(packed, "change")[0].reshape(len(X), -1, 20)
        dead = worse.wear_.gains == 0
        assert (pooled[:, :, dead] == 0).all() and pooled[:, :, ~dead].all()


def test_random_stuck_readings_are_uniform_up_to_the_largest_at_rest():
    big = ReservoirClassifier(n_nodes=4000, random_state=0, pooling="mean").fit(X, Y)
    worse = [with_faults(big, StuckNodes(0.9), random_state=seed) for seed in range(28)]
    drawn = np.concatenate([each.wear_.offsets[each.wear_.gains == 0] for each in worse])
    assert len(drawn) == 28 * 3600  # 1e5 draws
    top = big.oscillator_.stationary_amplitude(big.drive_.highest)
    assert drawn.min() >= 0 and drawn.max() <= top
    assert drawn.mean() / top == pytest.approx(1 / 2, abs=4 / np.sqrt(12 * len(drawn)))
    assert drawn.std() / top == pytest.approx(1 / np.sqrt(12), rel=0.01)
    shares = np.mean([each.wear_.gains == 0 for each in worse], axis=0)
    assert shares.mean() == pytest.approx(0.9) and 0.5 < shares.min() and shares.std() < 0.07


def test_every_node_may_be_the_dead_one():
    draws = [with_faults(MODEL, DeadNodes(0.25), random_state=s) for s in range(200)]
    counts = np.sum([each.wear_.gains == 0 for each in draws], axis=0)
    assert np.abs(counts - 50).max() < 4.5 * np.sqrt(200 * 0.25 * 0.75)


def test_stuck_nodes_read_the_stated_value():
    worse = readings(with_faults(MODEL, StuckNodes(0.2, reading=-0.7)))
    assert (worse == -0.7).all(axis=0).sum() == 4


def test_what_comes_on_a_dead_channel_does_not_matter():
    worse = with_faults(MODEL, DeadChannels(0.34))
    dead = worse.drive_.scale == 0
    assert dead.sum() == 1
    other = [np.where(dead, 1e3 * frames, frames) for frames in X]
    assert np.array_equal(worse.decision_function(other), worse.decision_function(X))
    means = np.where(dead, worse.drive_.center, np.concatenate(X))
    kept = np.split(means, np.cumsum([len(each) for each in X])[:-1])
    assert readings(MODEL, kept) == pytest.approx(readings(worse), rel=1e-12)


def test_masks_lose_the_same_channels_and_different_nodes():
    members = with_faults(MEMBERS, [DeadChannels(0.34), DeadNodes(0.5)]).classifiers_
    assert np.array_equal(members[0].drive_.scale, members[1].drive_.scale)
    assert not np.array_equal(members[0].wear_.gains, members[1].wear_.gains)


def test_an_oscillator_whose_only_neighbour_is_dead_is_alone():
    options = {"n_oscillators": 2, "own_masks": True, "n_nodes": 8, "detuning": 1e5}
    worse = with_faults(fitted(coupling=2e5 + 1e5j, **options), DeadOscillators(0.5))
    dead = ~worse.wear_.gains.astype(bool)
    assert dead.reshape(2, 8).all(axis=1).sum() == 1 and dead.sum() == 8
    found, alone = readings(worse), readings(fitted(**options))
    assert (found[:, dead] == 0).all()
    assert np.array_equal(found[:, ~dead], alone[:, ~dead])


def test_nobody_hears_a_dead_oscillator():
    pairs = np.array([[0, 1, 4], [2, 0, 5], [3, 6, 0]]) * 1e5 * (1 + 1j)
    model = fitted(coupling=pairs, n_oscillators=3, own_masks=True, n_nodes=8)
    worse = with_faults(model, DeadOscillators(0.4))
    dead = np.flatnonzero(~worse.wear_.gains.reshape(3, 8).any(axis=1))
    assert len(dead) == 1
    left = np.delete(np.arange(3), dead)
    found = worse.ensemble_.coupling
    assert np.array_equal(found[np.ix_(left, left)], pairs[np.ix_(left, left)])
    assert not found[dead].any() and not found[:, dead].any()


# ---------------------------------------------------------------------- the device


@pytest.mark.parametrize("share", [-0.05, 0.02])
def test_a_drift_is_the_same_estimator_on_the_moved_device(share):
    device = MODEL.oscillator_
    moved = {
        ThresholdDrift: {"threshold_current": device.threshold_current * (1 + share)},
        DampingDrift: {"damping_rate": device.damping_rate * (1 + share)},
    }
    for kind, fields in moved.items():
        expected = MODEL.on_device(dataclasses.replace(device, **fields))
        worse = with_faults(MODEL, kind(share))
        assert np.array_equal(worse.decision_function(X), expected.decision_function(X))


@pytest.mark.parametrize("read", ["amplitude", "frequency"])
def test_a_drift_of_the_current_is_that_of_all_currents_of_the_drive(read):
    device = dataclasses.replace(fitted().oscillator_, current_tuning=2e9)
    model = fitted(oscillator=device, read=read)
    worse = with_faults(model, CurrentDrift(0.03))
    scaled = with_faults(model, [])
    names = ("gain", "offset", "lowest", "highest")
    scaled.drive_ = dataclasses.replace(
        model.drive_, **{name: 1.03 * getattr(model.drive_, name) for name in names}
    )
    difference = readings(worse) - readings(scaled)
    if read == "frequency":  # It counts from rest in the middle of the drive's range.
        difference = difference - difference.mean()
    assert np.abs(difference).max() <= 1e-9 * np.abs(readings(scaled)).max()


def test_a_gain_acts_on_readings_before_the_converter():
    assert readings(with_faults(MODEL, GainDrift(0.25))) == pytest.approx(
        1.25 * readings(MODEL), rel=1e-15
    )
    model = fitted(bits=3)
    assert readings(with_faults(model, GainDrift(0.25))).max() == readings(model).max()


def test_the_largest_reading_is_that_behind_the_amplifier():
    top = 2 * MODEL.oscillator_.stationary_amplitude(MODEL.drive_.highest)
    gained = GainDrift(1.0)
    assert with_faults(MODEL, [gained, ConverterBits(3)]).levels_ == pytest.approx((0, top))
    noisy = with_faults(MODEL, [gained, ReadNoise(0.05)])
    assert noisy.readout_noise_ == pytest.approx(0.05 * top)
    stray = with_faults(MODEL, [gained, ByzantineNodes(0.5)]).wear_.strays
    assert stray[stray > 0] == pytest.approx(top)
    stuck = [with_faults(MODEL, [gained, StuckNodes(0.9)], s).wear_.offsets for s in range(9)]
    assert 0.9 * top < np.max(stuck) <= top
    # A converter that was there before keeps its range, and clips.
    clipped = readings(with_faults(MODEL, [ConverterBits(3), gained]))
    assert clipped.max() == pytest.approx(top / 2)


# ---------------------------------------------------------------------- noise, converter


def test_read_noise_has_the_stated_rms_and_is_normal():
    sequences = [GENERATOR.normal(size=(1000, 3)) for _ in range(5)]
    top = MODEL.oscillator_.stationary_amplitude(MODEL.drive_.highest)
    noisy = readings(with_faults(MODEL, ReadNoise(0.02)), sequences)
    errors = (noisy - readings(MODEL, sequences)).ravel() / top
    assert errors.size == 100_000
    assert errors.std() == pytest.approx(0.02, rel=4 / np.sqrt(2e5))
    assert errors.mean() == pytest.approx(0, abs=4 * 0.02 / np.sqrt(1e5))
    within = np.mean(np.abs(errors) < 0.02)
    assert within == pytest.approx(0.6827, abs=4 * 0.4655 / np.sqrt(1e5))


@pytest.mark.parametrize("fault", [ReadNoise(0.1), ThermalNoise(1e-3)], ids=repr)
def test_the_noise_of_a_sequence_does_not_depend_on_its_neighbours(fault):
    noisy = with_faults(MODEL, fault, random_state=5)
    expected = noisy.decision_function(X)
    assert np.array_equal(noisy.decision_function(X[::-1])[::-1], expected)
    assert np.array_equal(noisy.decision_function([X[7], X[7]]), expected[[7, 7]])
    other = with_faults(MODEL, fault, random_state=6)
    assert not np.array_equal(other.decision_function(X), expected)


def test_noises_add_up():
    both = with_faults(MODEL, [ReadNoise(0.3), ReadNoise(0.4), ThermalNoise(1e-3)])
    one = with_faults(MODEL, ReadNoise(0.5))
    assert both.readout_noise_ == pytest.approx(one.readout_noise_)
    twice = with_faults(both, ThermalNoise(2e-3))
    assert twice.wear_.thermal_noise == pytest.approx(3e-3)


def test_thermal_noise_is_that_of_the_parameter():
    worse = with_faults(MODEL, ThermalNoise(1e-3), random_state=0)
    stated = with_faults(MODEL, []).set_params(thermal_noise=1e-3)
    stated.seed_ = worse.wear_.thermal_seed
    assert np.array_equal(readings(worse), readings(stated))


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_readings_are_the_nearest_of_the_levels_of_the_converter(bits):
    top = MODEL.oscillator_.stationary_amplitude(MODEL.drive_.highest)
    levels = np.linspace(0, top, 2**bits)
    states = readings(MODEL)
    nearest = levels[np.argmin(np.abs(states[..., None] - levels), axis=-1)]
    assert readings(with_faults(MODEL, ConverterBits(bits))) == pytest.approx(nearest)


def test_a_converter_keeps_its_range_and_the_fewer_bits_count():
    model = fitted(bits=8)
    found = np.unique(readings(with_faults(model, [ConverterBits(2), ConverterBits(5)])))
    levels = np.linspace(*model.levels_, 4)
    assert np.abs(found[:, None] - levels).min(axis=1) == pytest.approx(0, abs=1e-12)


# ---------------------------------------------------------------------- stored weights


LARGEST = np.abs(MODEL.readout_.spreads[:, None] * MODEL.readout_.coefficients).max(axis=0)


def weights_of(model):
    """Weights of standardised features, over the largest one of each output of MODEL."""
    readout = model.readout_
    return readout.spreads[:, None] * readout.coefficients / LARGEST


def test_means_and_spreads_of_a_readout_are_those_of_its_features():
    packed = MODEL._pack(MODEL._series(X), slice(0, len(X)))
    pooled = MODEL._noisy_pooled(packed, "change")[0]
    assert MODEL.readout_.means == pytest.approx(pooled.mean(axis=0))
    assert MODEL.readout_.spreads == pytest.approx(pooled.std(axis=0))
    short = fitted(alpha=1e-3, pooling="mean", pool_squares=False, n_nodes=10)
    packed = short._pack(short._series(X), slice(0, len(X)))
    pooled = short._noisy_pooled(packed, "mean")[0]
    assert short.readout_.spreads == pytest.approx(pooled.std(axis=0))


@pytest.mark.parametrize("fault", OF_READOUTS, ids=repr)
def test_the_mean_output_does_not_move(fault):
    # Features are centred before they meet the cells, so mean features give the constants.
    worse = with_faults(MODEL, fault)
    means = MODEL.readout_.means[None]
    assert worse.readout_(means) == pytest.approx(MODEL.readout_(means), abs=1e-9)


@pytest.mark.parametrize(
    ("fault", "levels"),
    [
        (ReadoutBits(2), np.linspace(-1, 1, 3)),
        (ReadoutBits(4), np.linspace(-1, 1, 15)),
        (BinaryJunctions(1), np.array([-1, 1])),
        (BinaryJunctions(4), np.linspace(-1, 1, 5)),
        (BinaryJunctions(np.uint8(255)), np.linspace(-1, 1, 256)),
        (Memristors(2), np.linspace(-1, 1, 3)),
        (Memristors(5), np.linspace(-1, 1, 9)),
    ],
    ids=repr,
)
def test_weights_are_the_nearest_of_the_levels(fault, levels):
    before, after = weights_of(MODEL), weights_of(with_faults(MODEL, fault))
    nearest = levels[np.argmin(np.abs(before[..., None] - levels), axis=-1)]
    assert after == pytest.approx(nearest, abs=1e-9)


DRAWS = np.random.default_rng(3).uniform(-1, 1, (50_000, 2))


def test_the_sum_of_junctions_has_the_spread_of_their_sum():
    ideal = BinaryJunctions(4).stored(DRAWS, np.random.default_rng(0))
    drawn = BinaryJunctions(4, 0.1).stored(DRAWS, np.random.default_rng(0))
    errors = (drawn - ideal).ravel()
    assert errors.std() == pytest.approx(0.1 / 2, rel=4 / np.sqrt(2e5))
    assert errors.mean() == pytest.approx(0, abs=4 * 0.05 / np.sqrt(1e5))


def test_conductances_are_set_with_the_stated_error():
    # Weights of half the range: G+ is far from 0, and G- is the positive part of its error.
    half = np.full((50_000, 2), 0.5)
    drawn = Memristors(3, 0.1).stored(half, np.random.default_rng(0)).ravel()
    # Mean and variance of the positive part of a normal error.
    mean, variance = 0.1 / np.sqrt(2 * np.pi), 0.01 * (1 / 2 - 1 / (2 * np.pi))
    spread = np.sqrt(0.01 + variance)
    assert drawn.mean() == pytest.approx(0.5 - mean, abs=4 * spread / np.sqrt(1e5))
    assert drawn.std() == pytest.approx(spread, rel=0.015)


@pytest.mark.slow
def test_conductances_drift_by_their_power_law():
    fault = Memristors(101, drift_exponent=0.05, time_s=1e6)
    before = Memristors(101).stored(DRAWS, np.random.default_rng(0))
    after = fault.stored(DRAWS, np.random.default_rng(0))
    assert after == pytest.approx(before * 1e6**-0.05)
    later = dataclasses.replace(fault, time_s=20e6, set_time_s=20.0)
    assert later.stored(DRAWS, np.random.default_rng(0)) == pytest.approx(after)
    spread = dataclasses.replace(fault, drift_exponent_rms=0.01)
    ratio = spread.stored(DRAWS, np.random.default_rng(0))[before != 0] / before[before != 0]
    exponents = -np.log(ratio) / np.log(1e6)
    assert exponents.mean() == pytest.approx(0.05, abs=4 * 0.01 / np.sqrt(exponents.size))
    assert exponents.std() == pytest.approx(0.01, rel=4 / np.sqrt(2 * exponents.size))


def test_exactly_the_stated_cells_are_stuck():
    quarter = np.full((25_000, 2), 0.25)  # 1e5 cells: G+ = 1/4, G- = 0
    drawn = StuckCells(0.1, 0.2).stored(quarter, np.random.default_rng(0))
    values, counts = np.unique(np.round(drawn, 12), return_counts=True)
    chances = {
        -1.0: 0.1 * 0.2,  # low, high
        -0.75: 0.7 * 0.2,
        0.0: 0.1 * 0.8 + 0.2 * 0.2,
        0.25: 0.7 * 0.8,
        1.0: 0.2 * 0.8,
    }
    assert values.tolist() == list(chances)
    assert counts / 50_000 == pytest.approx(np.array(list(chances.values())), abs=0.009)
    everything = StuckCells(0.5, 0.5).stored(quarter, np.random.default_rng(0))
    assert set(everything.ravel()) == {-1.0, 0.0, 1.0}
    zero = np.zeros((50_000, 1))
    high = StuckCells(share_high=0.3).stored(zero, np.random.default_rng(0))
    # Of 1e5 cells exactly 30000 are stuck: one of a pair shows, both together cancel.
    shown = np.count_nonzero(high)
    assert shown / 50_000 == pytest.approx(2 * 0.3 * 0.7, abs=0.009)
    assert (30_000 - shown) % 2 == 0


def test_a_feature_that_does_not_vary_keeps_no_weight():
    constant = [np.hstack([frames, np.ones((len(frames), 1))]) for frames in X]
    model = ReservoirClassifier(n_nodes=10, random_state=0).fit(constant, Y)
    readout = model.readout_
    spreads = np.where(np.arange(len(readout.spreads)) == 2, 0.0, readout.spreads)
    coefficients = np.where(spreads[:, None] > 0, readout.coefficients, 0.0)
    model.readout_ = dataclasses.replace(readout, spreads=spreads, coefficients=coefficients)
    for fault in OF_READOUTS:
        assert not with_faults(model, fault).readout_.coefficients[2].any()


# ---------------------------------------------------------------------- refusals


def test_all_nodes_dead_is_refused_in_a_sentence():
    for fault in (DeadNodes(1.0), DeadNodes(0.99), StuckNodes(1.0)):
        with pytest.raises(ValueError, match=r"leaves none of the 20 nodes of a Res.*\.$"):
            with_faults(MODEL, fault)
    nearly = with_faults(MODEL, DeadNodes(0.95))
    assert np.isfinite(nearly.decision_function(X)).all()
    with pytest.raises(ValueError, match="leaves none"):
        for seed in range(100):
            nearly = with_faults(nearly, DeadNodes(0.5), random_state=seed)


@pytest.mark.parametrize(
    ("options", "fault", "message"),
    [
        ({"oscillator": "vortex"}, ThresholdDrift(0.1), "VortexOscillator does not have"),
        ({"oscillator": "vortex"}, DampingDrift(0.1), "must be a SpinTorqueOscillator"),
        ({"oscillator": "vortex"}, ThermalNoise(0.1), "n_oscillators=1 and a Vortex"),
        ({"n_oscillators": 2}, ThermalNoise(0.1), "n_oscillators=2 and a SpinTorque"),
        ({"read": "phase"}, GainDrift(0.1), "read='phase', which no amplifier changes"),
        ({"read": "phase"}, ReadNoise(0.1), "readout_noise instead"),
        ({"read": "phase"}, ConverterBits(3), "parameter bits instead"),
        ({"oscillator": "static"}, StuckNodes(0.1), "Give StuckNodes a reading"),
        ({}, DeadOscillators(0.5), "n_oscillators=1; use DeadNodes"),
        ({"n_oscillators": 2}, DeadOscillators(1.0), "leaves none of the 40 nodes"),
        ({"n_oscillators": 2, "feedback_gain": 0.1}, DeadOscillators(0.5), "feedback"),
    ],
)
def test_a_fault_that_a_reservoir_cannot_have_is_refused(options, fault, message):
    devices = {
        "vortex": VortexOscillator.from_preset(next(iter(VortexOscillator.presets))),
        "static": StaticNode(),
    }
    if "oscillator" in options:
        options = {**options, "oscillator": devices[options["oscillator"]]}
    with pytest.raises(ValueError, match=message):
        with_faults(fitted(**options), fault)


def test_what_is_no_such_estimator_is_refused():
    with pytest.raises(TypeError, match=r"A LogisticRegression cannot have a DeadNodes"):
        with_faults(LogisticRegression().fit([[0], [1]], [0, 1]), DeadNodes(0.1))
    with pytest.raises(TypeError, match=r"A ReservoirClassifier cannot have a DeadNeurons"):
        with_faults(MODEL, DeadNeurons(0.1))
    with pytest.raises(
        TypeError, match=r"TimeMultiplexedReservoir cannot have a ReadoutBits"
    ):
        with_faults(TimeMultiplexedReservoir(n_nodes=5).fit(X), ReadoutBits(4))
    with pytest.raises(NotFittedError):
        with_faults(ReservoirClassifier(), DeadNodes(0.1))


def test_a_readout_that_does_not_know_its_features_is_refused():
    model = with_faults(MODEL, [])
    readout = model.readout_
    model.readout_ = LinearReadout(readout.coefficients, readout.intercept, readout.alpha)
    with pytest.raises(ValueError, match="earlier version"):
        with_faults(model, ReadoutBits(4))


BAD = [
    *((kind, -0.1) for kind in (DeadNodes, StuckNodes, DeadChannels, DeadOscillators)),
    *((kind, 1.1) for kind in (DeadNodes, StuckNodes, DeadChannels, StuckCells)),
    *((kind, -1.0) for kind in (ThresholdDrift, DampingDrift, CurrentDrift, GainDrift)),
    *((kind, np.nan) for kind in (DeadNodes, ThresholdDrift, ReadNoise, ThermalNoise)),
    *((kind, -0.1) for kind in (ReadNoise, ThermalNoise, StuckCells)),
    *((kind, 0) for kind in (ConverterBits, ReadoutBits, BinaryJunctions, Memristors)),
    *((kind, 25) for kind in (ConverterBits, ReadoutBits)),
]


@pytest.mark.parametrize(("kind", "value"), BAD)
def test_a_fault_outside_its_range_is_refused(kind, value):
    name = dataclasses.fields(kind)[0].name
    with pytest.raises((TypeError, ValueError), match=rf"^{kind.__name__}\.{name} is .*\.$"):
        kind(value)


def test_a_gain_beyond_what_numbers_hold_is_refused():
    for faults in (GainDrift(1e300), [GainDrift(1e4), GainDrift(1e3)]):
        with pytest.raises(ValueError, match=r"GainDrift\(.* by 1e\+.*at most 1e\+06\.$"):
            with_faults(MODEL, faults)


def test_cells_that_are_not_stuck_keep_all_bits_of_their_weights():
    before = MODEL.readout_.coefficients
    after = with_faults(MODEL, StuckCells(share_low=0.2), random_state=0)
    same = before == after.readout_.coefficients
    # Of the two cells of a weight one is at 0 already, and stays.
    assert same.mean() == pytest.approx(0.8, abs=4 * np.sqrt(0.16 / same.size))
    assert (after.readout_.coefficients[~same] == 0).all()


def test_fields_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match=r"StuckCells.share_high is 0.6; .*exceeds 1\.$"):
        StuckCells(0.5, 0.6)
    with pytest.raises(ValueError, match=r"Memristors.time_s is 1.0; it must be at least"):
        Memristors(4, set_time_s=20.0)


# ---------------------------------------------------------------------- Byzantine faults


def test_byzantine_nodes_are_read_as_even_noise_anew_each_time():
    many = TimeMultiplexedReservoir(n_nodes=400, context=(), random_state=0)
    frames = GENERATOR.normal(size=(1000, 3))
    many.fit([frames])
    worse = with_faults(many, ByzantineNodes(0.25), random_state=2)
    stray = worse.wear_.strays > 0
    assert stray.sum() == 100 and (worse.wear_.gains[stray] == 0).all()
    before, after = readings(many, [frames]), readings(worse, [frames])
    assert np.array_equal(after[:, ~stray], before[:, ~stray])
    drawn = after[:, stray]
    assert drawn.size == 100_000
    currents = np.linspace(many.drive_.lowest, many.drive_.highest, 101)
    largest = many.oscillator_.stationary_amplitude(currents).max()
    assert drawn.mean() / largest == pytest.approx(0.5, abs=4 / np.sqrt(12e5))
    assert drawn.std() / largest == pytest.approx(
        1 / np.sqrt(12), rel=4 * 0.45 / np.sqrt(1e5)
    )
    assert 0 <= drawn.min() < 1e-3 * largest and 0.999 * largest < drawn.max() <= largest
    # Neither a node nor a frame tells anything of its neighbour.
    for one, next_one in ((drawn[1:], drawn[:-1]), (drawn[:, 1:], drawn[:, :-1])):
        assert abs(np.corrcoef(one.ravel(), next_one.ravel())[0, 1]) < 4 / np.sqrt(9.9e4)


def test_byzantine_readings_depend_on_the_sequence_and_on_no_other_one():
    worse = with_faults(MODEL, ByzantineNodes(0.3), random_state=1)
    alone = [worse.node_states([frames])[0] for frames in X[:4]]
    for one, together in zip(alone, worse.node_states(X[:4][::-1])[::-1], strict=True):
        assert np.array_equal(one, together)
    stray = worse.wear_.strays > 0
    assert not np.array_equal(alone[0][0, stray], alone[1][0, stray])
    frozen = with_faults(MODEL, StuckNodes(0.3), random_state=1)
    stuck = frozen.wear_.offsets > 0
    assert (np.ptp(readings(frozen)[:, stuck], axis=0) == 0).all()
    pooled = worse.decision_function(X)
    assert np.array_equal(worse.decision_function(X[::-1])[::-1], pooled)


def test_pooled_readings_of_byzantine_nodes_are_means_of_the_readings():
    model = fitted(pooling="mean", pool_squares=False, context=())
    worse = with_faults(model, ByzantineNodes(0.3), random_state=1)
    means = np.array([states.mean(axis=0) for states in worse.node_states(X)])
    expected = model.readout_(means)
    assert worse.decision_function(X) == pytest.approx(expected, abs=1e-9)


def test_the_later_fault_of_a_node_counts():
    both = with_faults(MODEL, [ByzantineNodes(0.5), DeadNodes(0.4)], random_state=0)
    wear = both.wear_
    assert 2 <= (wear.strays > 0).sum() < 10 and wear.gains.any()
    dead = (wear.gains == 0) & (wear.strays == 0)
    assert dead.sum() == 8 and (readings(both)[:, dead] == 0).all()
    again = with_faults(MODEL, [DeadNodes(0.5), ByzantineNodes(0.5)], random_state=0)
    assert (again.wear_.strays > 0).sum() == 10


def test_what_byzantine_nodes_need_is_asked_for():
    phase = fitted(read="frequency")
    with pytest.raises(ValueError, match="ByzantineNodes needs the largest reading"):
        with_faults(phase, ByzantineNodes(0.1))
    with pytest.raises(
        ValueError, match=r"ByzantineNodes\(share=1.0\) leaves none of the 20"
    ):
        with_faults(MODEL, ByzantineNodes(1.0))


# ---------------------------------------------------------------------- cells that are read


@pytest.mark.slow
def test_each_reading_of_memristors_has_the_noise_of_all_its_cells():
    # Two cells a weight, each with errors of 3 % of the largest weight of its output.
    generator = np.random.default_rng(1)
    n_rows, n_features = 50_000, 6
    weights = generator.normal(size=(n_features, 2))
    spreads, means = generator.uniform(0.5, 2, n_features), generator.normal(size=n_features)
    rows = means + spreads * generator.normal(size=(n_rows, n_features))
    model = fitted()
    model.readout_ = LinearReadout(
        weights / spreads[:, np.newaxis], np.array([0.3, -1.0]), 0.0, means, spreads
    )
    quiet = with_faults(model, Memristors(n_levels=2**20)).readout_(rows)
    worse = with_faults(model, Memristors(n_levels=2**20, read_noise_share=0.03)).readout_
    errors = (worse(rows) - quiet) / np.abs(weights).max(axis=0)
    errors /= 0.03 * np.sqrt(2) * np.linalg.norm((rows - means) / spreads, axis=1)[:, None]
    assert errors.size == 100_000
    assert errors.mean() == pytest.approx(0, abs=4 / np.sqrt(1e5))
    assert errors.std() == pytest.approx(1, rel=4 / np.sqrt(2e5))
    within = np.mean(np.abs(errors) < 1)
    assert within == pytest.approx(0.6827, abs=4 * 0.4655 / np.sqrt(1e5))
    assert abs(np.corrcoef(errors.T)[0, 1]) < 4 / np.sqrt(5e4)
    # The sum over cells, drawn one by one, has the same spread.
    cells = 0.03 * generator.standard_normal((2, 20_000, n_features))
    one = ((rows[0] - means) / spreads) @ (cells[0] - cells[1]).T
    length = np.linalg.norm((rows[0] - means) / spreads)
    assert one.std() == pytest.approx(0.03 * np.sqrt(2) * length, rel=4 / np.sqrt(4e4))


def test_noises_of_cells_add_their_squares_and_a_refit_has_none(tmp_path):
    twice = [Memristors(2**20, read_noise_share=share) for share in (0.03, 0.04)]
    one, both = (with_faults(MODEL, faults) for faults in (twice[0], twice))
    ratio = both.readout_.read_noise / one.readout_.read_noise
    assert ratio == pytest.approx(5 / 3, rel=1e-4)
    expected = both.decision_function(X)
    assert np.array_equal(both.decision_function(X[::-1])[::-1], expected)
    save(both, tmp_path / "model.h5")
    assert np.array_equal(load(tmp_path / "model.h5").decision_function(X), expected)
    assert refit_readout(both, X, Y).readout_.read_noise is None
