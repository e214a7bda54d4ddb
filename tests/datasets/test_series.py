"""Drawn time series: definitions, published controls, what may go wrong."""

import os
from itertools import combinations_with_replacement

import numpy as np
import pytest
from reservoir.datasets import (
    DatasetError,
    cache,
    fetch_santa_fe,
    mackey_glass,
    make_channel,
    make_mackey_glass,
    make_memory,
    make_narma10,
    make_parity,
    make_sine_square,
    narma,
)
from scipy.integrate import quad

from reservoir.metrics import nmse, symbol_error_rate


def taps(series, n_taps):
    """Each value with those before it, 0 before the start."""
    padded = np.concatenate([np.zeros(n_taps - 1), series])
    return np.lib.stride_tricks.sliding_window_view(padded, n_taps)[:, ::-1]


def powers(columns, degree):
    """All products of up to `degree` columns."""
    return np.stack(
        [
            columns[:, list(chosen)].prod(axis=1)
            for d in range(1, degree + 1)
            for chosen in combinations_with_replacement(range(columns.shape[1]), d)
        ],
        axis=1,
    )


def linear_outputs(features, target, train, test):
    features = np.column_stack([np.ones(len(features)), features])
    return features[test] @ np.linalg.lstsq(features[train], target[train], rcond=None)[0]


SERIES = [
    lambda seed: make_sine_square(50, 0.0, seed),
    lambda seed: make_narma10(400, seed),
    lambda seed: make_mackey_glass(400, random_state=seed),
    lambda seed: make_channel(400, 20, seed),
    lambda seed: make_memory(400, [1, 5], seed),
    lambda seed: make_parity(400, [0, 3], seed),
]


@pytest.mark.parametrize("make", SERIES)
def test_every_task_has_one_column_one_target_a_row_and_a_seed(make):
    one, same, other = make(0), make(0), make(1)
    assert one.data.shape == (400, 1) and len(one.target) == 400
    assert one.data.dtype == np.float64 and one.data.flags.c_contiguous
    assert np.isfinite(one.data).all() and np.isfinite(one.target).all()
    assert np.array_equal(one.data, same.data) and np.array_equal(one.target, same.target)
    assert not np.array_equal(one.data, other.data)
    assert len(one.DESCR) > 300 and "{" not in one.DESCR
    drawn = make(np.random.default_rng(0))
    assert np.array_equal(one.data, drawn.data)


@pytest.mark.parametrize("make", SERIES)
def test_a_random_state_draws_the_seed_of_a_task_and_none_is_fresh(make):
    state, same = np.random.RandomState(0), np.random.RandomState(0)
    first, second = make(state), make(state)
    assert np.array_equal(first.data, make(same).data)
    assert not np.array_equal(first.data, second.data)
    assert not np.array_equal(make(None).data, make(None).data)


# --- sine and square -----------------------------------------------------------------


def test_samples_lie_where_the_phase_says():
    waves = make_sine_square(40, 0.25, random_state=3, n_samples=6)
    time = (np.arange(6) + 0.25) / 6
    for period in range(40):
        rows = waves.periods == period
        is_square = waves.target[rows][0]
        shape = np.sign(np.sin(2 * np.pi * time)) if is_square else np.sin(2 * np.pi * time)
        assert np.allclose(waves.data[rows, 0], shape, atol=1e-15)
        assert (waves.target[rows] == is_square).all()
    assert 0.2 < waves.target.mean() < 0.8


@pytest.mark.parametrize("phase, ceiling", [(0.0, 0.875), (0.5, 1.0)])
def test_the_phase_sets_the_ceiling_of_whoever_sees_one_sample(phase, ceiling):
    waves = make_sine_square(4000, phase, random_state=0)
    _, value = np.unique(waves.data[:, 0], return_inverse=True)
    squares = np.bincount(value, waves.target) / np.bincount(value)
    best = np.mean((squares[value] > 0.5) == waves.target)
    assert best == pytest.approx(ceiling, abs=0.01)


def test_the_published_controls_of_sine_and_square_at_phase_0():
    # Measured before, 4000 points to train and to test: raw 52.4 %, u, u^2, |u| 88.1 %,
    # eight linear taps 71.5 %, four quadratic ones 100 %.
    waves = make_sine_square(1000, 0.0, random_state=0)
    u = waves.data[:, 0]
    train, test = slice(8, 4000), slice(4000, 8000)

    def accuracy(features):
        outputs = linear_outputs(features, waves.target, train, test)
        return np.mean((outputs > 0.5) == waves.target[test])

    assert accuracy(u[:, None]) == pytest.approx(0.524, abs=0.03)
    assert accuracy(np.stack([u, u**2, abs(u)], axis=1)) == pytest.approx(0.881, abs=0.02)
    assert accuracy(taps(u, 8)) == pytest.approx(0.715, abs=0.03)
    assert accuracy(powers(taps(u, 4), 2)) == 1.0


# --- NARMA-10 --------------------------------------------------------------------------


def test_narma_follows_its_recursion():
    series = make_narma10(300, random_state=5)
    u, y = series.data[:, 0], series.target
    assert 0 <= u.min() and u.max() < 0.5
    for t in range(10, 300):
        memory = y[t - 10 : t]
        expected = 0.3 * y[t - 1] + 0.05 * y[t - 1] * memory.sum() + 1.5 * u[t - 9] * u[t]
        assert y[t] == pytest.approx(expected + 0.1, abs=1e-14)


@pytest.mark.parametrize(
    "n_taps, published", [(10, 0.333), (11, 0.240), (15, 0.175), (20, 0.151)]
)
def test_linear_taps_leave_the_published_error_of_narma(n_taps, published):
    errors = []
    for seed in range(5):
        series = make_narma10(6000, seed)
        train, test = slice(20, 4000), slice(4010, 6000)
        outputs = linear_outputs(taps(series.data[:, 0], n_taps), series.target, train, test)
        errors.append(nmse(series.target[test], outputs))
    assert np.mean(errors) == pytest.approx(published, abs=0.012)


def test_a_narma_sequence_that_diverges_is_drawn_anew_and_said(monkeypatch):
    series = make_narma10(10_000, random_state=4)  # whose first draw diverges
    assert series.n_redrawn == 1 and "drawn anew:\n1." in series.DESCR
    assert series.target.max() < 1.5
    monkeypatch.setattr(narma, "MAX_OUTPUT", 0.2)
    with pytest.raises(ValueError, match="n_steps is 500; 100 sequences .* shorter ones"):
        make_narma10(500, 0)


# --- Mackey-Glass ----------------------------------------------------------------------


def test_over_the_first_delay_mackey_glass_has_a_closed_form():
    # A constant history gives a linear equation with constant forcing.
    values = mackey_glass.integrate(1.2, 170, 0.1, 170)
    time = 0.1 * np.arange(171)
    rest = 0.2 * 1.2 / (1 + 1.2**10) / 0.1
    assert np.allclose(values, rest + (1.2 - rest) * np.exp(-0.1 * time), rtol=1e-9)


def test_over_the_second_delay_mackey_glass_agrees_with_a_quadrature():
    def first(t):
        rest = 0.2 * 1.2 / (1 + 1.2**10) / 0.1
        return rest + (1.2 - rest) * np.exp(-0.1 * t)

    def forced(s, t):
        return np.exp(-0.1 * (t - s)) * 0.2 * first(s - 17) / (1 + first(s - 17) ** 10)

    values = mackey_glass.integrate(1.2, 170, 0.1, 340)
    for index in (171, 230, 300, 340):
        t = 0.1 * index
        expected = first(17) * np.exp(-0.1 * (t - 17)) + quad(forced, 17, t, args=(t,))[0]
        assert values[index] == pytest.approx(expected, rel=1e-8)


def test_mackey_glass_converges_at_order_four():
    def at_60(n):
        return mackey_glass.integrate(1.2, 17 * n, 1 / n, 60 * n)[-1]

    errors = [abs(at_60(n) - at_60(256)) for n in (4, 8, 16)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx([4, 4], abs=0.2)


@pytest.mark.parametrize("tau, kind", [(4, "rest"), (10, "cycle"), (17, "chaos")])
def test_mackey_glass_rests_cycles_or_is_chaotic_by_its_delay(tau, kind):
    x = make_mackey_glass(3000, tau, 0, burn_in=3000).data[:, 0]
    peaks = x[1:-1][(x[1:-1] > x[:-2]) & (x[1:-1] > x[2:])]
    if kind == "rest":  # x = 1 solves 0.2 x / (1 + x^10) = 0.1 x
        assert np.abs(x - 1).max() < 1e-6
    elif kind == "cycle":
        assert np.ptp(peaks) < 0.01 and np.ptp(x) > 0.3
    else:
        assert np.ptp(peaks) > 0.1 and x.mean() == pytest.approx(0.93, abs=0.01)


def test_the_target_is_the_series_itself_later():
    series = make_mackey_glass(500, random_state=0, horizon=84, interval=2.0, n_substeps=4)
    assert np.array_equal(series.target[:-84], series.data[84:, 0])


# --- channel ---------------------------------------------------------------------------


def test_the_channel_is_that_of_jaeger_and_haas():
    channel = make_channel(50, snr=np.inf, random_state=0)
    sent = {t - 2: d for t, d in enumerate(channel.target)}  # symbol by step
    for t in range(7, 45):
        q = 0.08 * sent[t + 2] - 0.12 * sent[t + 1] + sent[t] + 0.18 * sent[t - 1]
        q += -0.1 * sent[t - 2] + 0.091 * sent[t - 3] - 0.05 * sent[t - 4]
        q += 0.04 * sent[t - 5] + 0.03 * sent[t - 6] + 0.01 * sent[t - 7]
        expected = q + 0.036 * q**2 - 0.011 * q**3
        assert channel.data[t, 0] == pytest.approx(expected, abs=1e-14)


def test_the_noise_of_the_channel_is_as_weak_as_said():
    clean, noisy = (make_channel(100_000, snr, 0) for snr in (np.inf, 12))
    noise = noisy.data - clean.data
    assert np.array_equal(clean.target, noisy.target)
    assert 10 * np.log10(clean.data.var() / noise.var()) == pytest.approx(12, abs=0.05)


@pytest.mark.parametrize("snr, published", [(12, 8.6e-2), (16, 1.9e-2), (20, 4.9e-3)])
def test_linear_taps_leave_the_published_error_of_the_channel(snr, published):
    channel = make_channel(106_000, snr, random_state=1)
    train, test = slice(11, 6000), slice(6000, None)
    outputs = linear_outputs(taps(channel.data[:, 0], 11), channel.target, train, test)
    rate = symbol_error_rate(channel.target[test], outputs)
    assert rate == pytest.approx(published, rel=0.12)


@pytest.mark.slow
def test_eleven_taps_with_products_of_six_do_better_as_published():
    channel = make_channel(106_000, 20, random_state=1)
    train, test = slice(11, 6000), slice(6000, None)
    u = channel.data[:, 0]
    features = np.hstack([powers(taps(u, 6), 3), taps(u, 11)[:, 6:]])
    outputs = linear_outputs(features, channel.target, train, test)
    rate = symbol_error_rate(channel.target[test], outputs)
    assert rate == pytest.approx(1.3e-3, rel=0.25)


# --- memory and parity -----------------------------------------------------------------


def test_memory_and_parity_are_their_definitions_from_the_first_known_row():
    memory = make_memory(200, [0, 2, 7], 0, law="binary")
    parity = make_parity(200, [0, 1, 4], 0)
    s = memory.data[:, 0]
    bits = (1 - parity.data[:, 0]) / 2
    for t in range(7, 200):
        assert memory.target[t].tolist() == [s[t], s[t - 2], s[t - 7]]
        for column, delay in enumerate((0, 1, 4)):
            odd = bits[t - delay : t + 1].sum() % 2
            assert parity.target[t, column] == 1 - 2 * odd
    assert set(np.unique(s)) == set(np.unique(parity.data)) == {-1, 1}
    assert "Delay 0 is included" in memory.DESCR and memory.delays.tolist() == [0, 2, 7]
    assert "Delay 0 is not included" in make_memory(10).DESCR


def test_the_inputs_do_not_depend_on_the_delays():
    assert np.array_equal(make_memory(50, [1], 0).data, make_memory(50, [40, 2], 0).data)
    assert np.array_equal(make_parity(50, [1], 0).data, make_parity(50, [9], 0).data)


# --- Santa Fe ----------------------------------------------------------------------------


@pytest.fixture
def no_data_folder(monkeypatch):
    monkeypatch.delenv(cache.VARIABLE, raising=False)


def test_a_laser_series_that_is_not_here_is_missed_with_a_cure(no_data_folder, tmp_path):
    with pytest.raises(DatasetError, match="is not here: .* make_mackey_glass"):
        fetch_santa_fe(data_home=tmp_path)
    with pytest.raises(DatasetError, match="There is no file .*santafe_laser.txt"):
        fetch_santa_fe(tmp_path)


LASER = b" 86\r\n141\n" + b"  95\n" * 10091
BAD_LASERS = [
    (LASER, "at least one value was altered"),
    (LASER[:-5], "has 10092 values; it must have 10093"),
    (LASER + b"9\n", "has 10094 values|value 10094"),
    (LASER.replace(b"141", b"-41"), r"value 2 is b'-41'; it must be a whole number from 0"),
    (LASER.replace(b"141", b"1.5"), r"value 2 is b'1.5'"),
    (b"", "has 0 values"),
    (bytes(range(256)), "value 1 is b"),
]


@pytest.mark.parametrize("content, message", BAD_LASERS)
def test_another_laser_series_is_refused(content, message, tmp_path):
    path = tmp_path / "santafe_laser.txt"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match=f"{message}.*another copy"):
        fetch_santa_fe(path)


@pytest.mark.real
@pytest.mark.skipif(
    "RESERVOIR_DATA" not in os.environ,
    reason="RESERVOIR_DATA does not name a folder with the laser series",
)
def test_the_real_laser_series_is_that_of_the_competition(tmp_path):
    laser = fetch_santa_fe(horizon=2)
    assert laser.data.shape == (10091, 1)
    assert laser.data[:5, 0].tolist() == [86, 141, 95, 41, 22]
    assert np.array_equal(laser.target[:-2], laser.data[2:, 0])
    values = np.concatenate([laser.data[:, 0], laser.target[-2:]])
    assert values.mean() == pytest.approx(59.8316, abs=1e-4)
    assert values.min() == 0 and values.max() == 255
    # One value changed is noticed, wherever it is; blanks and line ends are not.
    words = [b"%d" % value for value in values]
    path = tmp_path / "copy.txt"
    path.write_bytes(b"\r\n".join(words))
    assert np.array_equal(fetch_santa_fe(path).target, values[1:])
    words[9000] = b"%d" % ((values[9000] + 1) % 256)
    path.write_bytes(b"\n".join(words))
    with pytest.raises(DatasetError, match="altered"):
        fetch_santa_fe(path)


# --- arguments ---------------------------------------------------------------------------

BAD_ARGUMENTS = [
    (make_sine_square, (0,), {}, "n_periods is 0; it must be an integer of at least 1"),
    (make_sine_square, (5, 1.0), {}, "phase is 1; it must be below 1"),
    (
        make_sine_square,
        (5, -0.1),
        {},
        "phase is -0.1; it must be a finite number from 0",
    ),
    (make_sine_square, (5,), {"n_samples": 1}, "n_samples is 1; .* at least 2"),
    (make_narma10, (10.0,), {}, "n_steps is 10.0; it must be an integer"),
    (make_narma10, (True,), {}, "n_steps is True"),
    (
        make_mackey_glass,
        (10, 17.05),
        {},
        "tau is 17.05; it must be a multiple of the step .* = 0.1",
    ),
    (make_mackey_glass, (10, 0), {}, "tau is 0 and interval 1.0; both must be above 0"),
    (make_mackey_glass, (10, np.nan), {}, "tau is nan; it must be a finite number from 0"),
    (make_mackey_glass, (10,), {"horizon": 0}, "horizon is 0"),
    (make_mackey_glass, (10,), {"burn_in": -1}, "burn_in is -1"),
    (make_channel, (10, "loud"), {}, "snr is 'loud'; it must be a finite number"),
    (make_channel, (10, np.nan), {}, "snr is nan"),
    (make_memory, (10, []), {}, r"delays is \[\]; it must hold different integers"),
    (make_memory, (10, [1, 1]), {}, "must hold different integers"),
    (make_memory, (10, 5), {}, "delays is 5; it must hold"),
    (make_memory, (10, [1]), {"law": "normal"}, "'normal'; it must be one of 'uniform', 'b"),
    (make_parity, (10, [-1]), {}, r"delays is \[-1\]; it must hold .* of at least 0"),
    (fetch_santa_fe, (), {"horizon": 10093}, "horizon is 10093; it must be below 10093"),
]


@pytest.mark.parametrize("make, arguments, named, message", BAD_ARGUMENTS)
def test_an_argument_that_makes_no_sense_is_named(make, arguments, named, message):
    with pytest.raises(ValueError, match=message):
        make(*arguments, **named)
