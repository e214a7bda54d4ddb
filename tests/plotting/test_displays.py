"""Does a display show what was computed, with units, and in the axes it was given?"""

import copy

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    SpinTorqueOscillator,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
    datasets,
    simulate,
)
from reservoir.capacity import memory_capacity
from reservoir.devices import MackeyGlassNode
from reservoir.faults import ReadoutBits, ThresholdDrift, with_faults
from reservoir.plotting import (
    AmplitudeResponseDisplay,
    ArnoldTongueDisplay,
    CapacityMapDisplay,
    EmissionSpectrumDisplay,
    LockingMapDisplay,
    MaskedDriveDisplay,
    OnlineLearningDisplay,
    RobustnessDisplay,
    TransientDisplay,
)
from reservoir.plotting.confusion import plot_confusion

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
FRAMES = np.random.default_rng(0).normal(size=(20, 3))


@pytest.fixture(scope="module")
def reservoir():
    return TimeMultiplexedReservoir(n_nodes=30, random_state=0).fit([FRAMES])


@pytest.fixture(scope="module")
def vowels():
    return datasets.make_vowels(8, ("ae", "er", "iy", "uw"), random_state=0)


@pytest.fixture(scope="module")
def classifier(vowels):
    estimator = SynchronizationClassifier(
        learning="online", n_starts=2, n_presentations=6, random_state=0
    )
    return estimator.fit(vowels.data, vowels.target)


@pytest.fixture(scope="module")
def waves():
    bunch = datasets.make_sine_square(60, random_state=0)
    X, y = bunch.data.reshape(60, 8, 1), bunch.target[::8]
    return ReservoirClassifier(n_nodes=20, random_state=0).fit(X, y), X, y


def words(figure):
    texts = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return " | ".join(text.get_text() for text in texts)


# ---------------------------------------------------------------- response and transient


def test_the_response_of_a_device_is_its_steady_amplitude_in_milliamperes():
    current = np.linspace(2e-3, 7e-3, 11)
    display = AmplitudeResponseDisplay.from_device(VORTEX, current)
    x, y = display.line_.get_data()
    np.testing.assert_allclose(x, 1e3 * current, rtol=1e-15)
    # Closed form: p = (z - 1)/(z + Q).
    z = current / VORTEX.threshold_current
    power = np.clip((z - 1) / (z + VORTEX.nonlinear_damping), VORTEX.power_floor, None)
    np.testing.assert_allclose(y, np.sqrt(power), rtol=1e-9)
    assert "current (mA)" in words(display.figure_) and "at rest" not in words(
        display.figure_
    )


def test_the_response_after_a_hold_is_what_simulate_answers():
    current = np.linspace(2e-3, 7e-3, 11)
    display = AmplitudeResponseDisplay.from_device(VORTEX, current, hold_time=2e-7)
    expected = simulate(VORTEX, current[:, None], 2e-7)[:, 0]
    np.testing.assert_array_equal(display.amplitude, expected)
    assert "hold of 200 ns" in display.ax_.get_title(loc="left")


def test_the_response_of_an_estimator_marks_threshold_and_drive_range(reservoir):
    display = AmplitudeResponseDisplay.from_estimator(reservoir)
    unit = reservoir.oscillator_.threshold_current
    assert display.drive_range == pytest.approx(np.multiply(reservoir.drive_range, unit))
    np.testing.assert_array_equal(
        display.amplitude, reservoir.oscillator_.stationary_amplitude(display.current)
    )
    assert {"threshold", "drive range"} <= set(words(display.figure_).split(" | "))


def test_a_device_without_a_threshold_is_drawn_without_milliamperes():
    node = TimeMultiplexedReservoir(MackeyGlassNode(), n_nodes=10, random_state=0)
    display = AmplitudeResponseDisplay.from_estimator(node.fit([FRAMES]))
    assert display.ax_.get_xlabel() == "drive (no unit)"
    assert "mA" not in words(display.figure_)


def test_the_transient_of_a_device_is_what_simulate_answers():
    display = TransientDisplay.from_device(
        VORTEX, [5e-3, 7e-3], duration=1e-6, n_times=50, initial_power=1e-3
    )
    held = np.repeat([[5e-3], [7e-3]], 50, axis=1)
    expected = simulate(VORTEX, held, 2e-8, initial_power=1e-3)
    for line, row in zip(display.lines_, expected, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), row)
    np.testing.assert_allclose(display.lines_[0].get_xdata()[-1], 1.0)  # µs
    assert display.ax_.get_xlabel() == "time (µs)"
    assert [line.get_label() for line in display.lines_] == ["5 mA", "7 mA"]


# ---------------------------------------------------------------- masked drive


def test_the_masked_drive_is_what_the_estimator_plays_and_reads(reservoir):
    display = MaskedDriveDisplay.from_estimator(reservoir, FRAMES, first_frame=3, n_frames=2)
    shown = slice(3 * 30, 5 * 30)
    current = reservoir.drive_currents([FRAMES])[0][shown]
    states = reservoir.node_states([FRAMES])[0].ravel()[shown]
    upper, lower = display.axes_
    (stairs,) = upper.patches
    np.testing.assert_allclose(stairs.get_data().values, 1e3 * current, rtol=1e-15)
    np.testing.assert_array_equal(lower.lines[0].get_ydata(), states)
    assert stairs.get_data().edges[-1] == pytest.approx(60 * 1e6 * reservoir.node_time_)
    assert upper.get_ylabel() == "current (mA)" and lower.get_xlabel() == "time (µs)"


def test_the_masked_drive_says_how_many_nodes_are_shown(reservoir):
    some = MaskedDriveDisplay.of_estimator(reservoir, FRAMES, n_nodes=10)
    every = MaskedDriveDisplay.of_estimator(reservoir, FRAMES, first_frame=99)
    assert some.title == "Frame 0: 10 of 30 nodes" and len(some.current) == 10
    assert every.title == "Frame 19: all 30 nodes"


def test_several_oscillators_are_refused_by_the_masked_drive():
    several = TimeMultiplexedReservoir(n_nodes=10, n_oscillators=2, random_state=0)
    with pytest.raises(ValueError, match=r"has 2 oscillators.*n_oscillators=1"):
        MaskedDriveDisplay.from_estimator(several.fit([FRAMES]), FRAMES)


# ---------------------------------------------------------------- networks


def test_the_tongue_of_one_oscillator_is_what_measure_says_at_each_injection():
    network = OscillatorNetwork(n_oscillators=1)
    sources = network.natural_frequencies()[0] + np.linspace(-4e6, 4e6, 9)
    injections = [5e6, 1e7]
    display = ArnoldTongueDisplay.from_network(network, sources, injections)
    for injection, row in zip(injections, display.locked, strict=True):
        other = copy.copy(network).set_params(injection=injection)
        np.testing.assert_array_equal(row, other.measure(sources[:, None]).locked == 0)
    (image,) = display.images_
    drawn = image.get_array().reshape(2, 9)
    np.testing.assert_array_equal(~np.ma.getmaskarray(drawn), display.locked[..., 0])
    assert network.injection == OscillatorNetwork().injection  # the user's stays
    assert "MHz" in display.ax_.get_xlabel() and "/s" in display.ax_.get_ylabel()


@pytest.mark.slow
def test_the_locking_map_has_the_colour_of_a_class_where_its_pattern_is(classifier, vowels):
    display = LockingMapDisplay.from_estimator(
        classifier, vowels.data, vowels.target, n_grid=15
    )
    grid = np.linspace(*classifier.source_range_, 15)
    locked = classifier.network_.synchronization_map(grid, grid)
    image = np.asarray(display.image_.get_array()).transpose(1, 0, 2)
    means = np.zeros((15, 15), dtype=bool)
    for pattern in classifier.patterns_:
        means |= (locked == pattern).all(axis=2)
    np.testing.assert_array_equal((image < 1).any(axis=2), means)
    for name, line in display.points_.items():
        mine = classifier.input_frequencies(vowels.data[vowels.target == name])
        np.testing.assert_allclose(np.transpose(line.get_data()), mine / 1e6)
    share = 100 * classifier.score(vowels.data, vowels.target)
    assert f"{share:.0f} % of 32 tokens" in words(display.figure_)


def test_borders_of_a_locking_map_lie_between_the_frequencies_whose_patterns_differ():
    locked = np.full((3, 3, 1), -1)
    locked[2] = 0  # source A at its highest frequency locks the only oscillator
    display = LockingMapDisplay(locked, (1e6, 3e6), [[0]], [0], ("a",)).plot()
    (borders,) = display.ax_.collections
    ends = np.array(borders.get_segments())
    np.testing.assert_allclose(ends[:, :, 0], 2.5)
    np.testing.assert_allclose(sorted(ends[:, :, 1].ravel()), [0.5, 1.5, 1.5, 2.5, 2.5, 3.5])
    assert display.image_.get_extent() == [0.5, 3.5, 0.5, 3.5]


@pytest.mark.slow
def test_no_token_sits_on_the_frame_of_the_locking_map(classifier, vowels):
    display = LockingMapDisplay.from_estimator(
        classifier, vowels.data, vowels.target, n_grid=5
    )
    low, high = display.ax_.get_xlim()
    assert (
        low < classifier.source_range_[0] / 1e6 and high > classifier.source_range_[1] / 1e6
    )


@pytest.mark.slow
def test_what_has_no_map_of_two_sources_is_refused(classifier, vowels):
    with pytest.raises(ValueError, match="X is given without y"):
        LockingMapDisplay.from_estimator(classifier, vowels.data)
    three = SynchronizationClassifier(n_sources=3, n_starts=1, random_state=0)
    with pytest.raises(NotFittedError):
        LockingMapDisplay.from_estimator(three)
    three.fit(vowels.data, vowels.target)
    with pytest.raises(ValueError, match="has 3 sources and a linear readout"):
        LockingMapDisplay.from_estimator(three)


def test_the_spectrum_is_that_of_the_network_with_its_reference_named():
    network, sources = OscillatorNetwork(), [341e6, 362e6]
    display = EmissionSpectrumDisplay.from_network(network, sources)
    alone, driven = display.ax_.lines[:2]
    frequency, power = network.power_spectrum([sources])
    np.testing.assert_allclose(driven.get_xdata(), frequency / 1e6)
    np.testing.assert_array_equal(driven.get_ydata(), power[0])
    np.testing.assert_array_equal(alone.get_ydata(), network.power_spectrum(None)[1][0])
    assert "dB of" in display.ax_.get_ylabel()


def test_the_learning_curve_marks_the_network_that_is_kept(classifier):
    display = OnlineLearningDisplay.from_estimator(classifier)
    curve = classifier.learning_curve_
    np.testing.assert_array_equal(display.line_.get_ydata(), 100 * curve)
    assert display.kept_ == int(curve.argmax())
    (x,), (y,) = display.ax_.lines[1].get_data()
    assert (x, y) == (display.kept_, 100 * curve.max())


def test_what_is_kept_never_falls_while_the_curve_may():
    display = OnlineLearningDisplay([0.5, 0.9, 0.7, 0.8]).plot()
    np.testing.assert_allclose(display.best_line_.get_ydata(), [50, 90, 90, 90])
    np.testing.assert_allclose(display.line_.get_ydata(), [50, 90, 70, 80])
    assert "best so far, which is kept" in words(display.figure_)
    assert OnlineLearningDisplay([0.5, 0.9], learning="search").plot().best_line_ is None


# ---------------------------------------------------------------- faults and capacities


def test_the_robustness_of_an_estimator_is_the_mean_score_with_faults(waves):
    estimator, X, y = waves
    display = RobustnessDisplay.from_estimator(
        estimator, X, y, ThresholdDrift, [0.02, 0.2], n_draws=2, label="drift (share)"
    )
    (curve,) = display.curves
    for severity, value in zip([0.02, 0.2], curve.accuracies, strict=True):
        scores = [
            with_faults(estimator, ThresholdDrift(severity), random_state=draw).score(X, y)
            for draw in range(2)
        ]
        assert value == np.mean(scores)
    line = display.errorbars_["ReservoirClassifier"].lines[0]
    np.testing.assert_allclose(line.get_ydata(), 100 * curve.accuracies)
    assert curve.clean == estimator.score(X, y)


def test_whole_numbers_stay_whole_so_that_bits_can_be_counted(waves):
    display = RobustnessDisplay.from_estimator(*waves, ReadoutBits, [8, 2], n_draws=1)
    assert display.curves[0].severities.tolist() == [8.0, 2.0]


def test_predictions_with_faults_give_accuracies_and_error_bars_of_their_spread():
    truth = np.array([0, 1, 1, 0])
    predicted = [[[0, 1, 1, 0], [0, 1, 0, 1]], [[1, 0, 0, 1], [1, 0, 0, 1]]]
    display = RobustnessDisplay.from_predictions(truth, predicted, [0.1, 0.3], clean=1.0)
    (curve,) = display.curves
    np.testing.assert_allclose(curve.accuracies, [0.75, 0.0])
    np.testing.assert_allclose(curve.spreads, [0.25, 0.0])
    bars = display.errorbars_["classifier"].lines[2][0].get_segments()
    np.testing.assert_allclose(bars[0][:, 1], [50, 100])


def test_predictions_without_an_axis_of_draws_are_refused():
    with pytest.raises(ValueError, match=r"shape \(2, 4\).*three axes: 2 severities"):
        RobustnessDisplay.from_predictions([0, 1, 1, 0], np.zeros((2, 4)), [1, 2], clean=1)


def test_a_capacity_map_is_the_capacity_of_each_range_of_currents():
    reservoir = TimeMultiplexedReservoir(n_nodes=10, random_state=0)
    display = CapacityMapDisplay.from_estimator(reservoir, [1.5, 2.0], [0.5], n_steps=300)
    inputs = np.random.default_rng(0).uniform(-1, 1, 300)
    narrow = TimeMultiplexedReservoir(n_nodes=10, drive_range=(1.5, 2.5), random_state=0)
    states = narrow.fit_transform([inputs[:, None]])[0]
    expected = memory_capacity(states, inputs, range(1, 21), washout=100).total
    assert display.values[0, 1] == pytest.approx(expected, rel=1e-12)


def test_equal_values_of_a_capacity_map_have_equal_colours_counted_from_zero():
    labels = "current (mA)", "field (T)"
    display = CapacityMapDisplay([[1.002, 1.0021]], [1, 2], [3], labels).plot()
    first, second = display.image_.to_rgba([[1.002, 1.0021]])[0]
    np.testing.assert_allclose(first, second, atol=1 / 64)
    assert display.image_.get_clim()[0] == 0
    assert display.bar_.ax.get_ylabel() == "capacity"


def test_a_place_without_a_point_is_a_dash_and_not_a_colour():
    display = CapacityMapDisplay([[1.0, np.nan]], [1, 2], [3], ("x", "y")).plot()
    assert [text.get_text() for text in display.ax_.texts] == ["1", "–"]


def test_a_capacity_map_refuses_a_measure_that_is_none():
    with pytest.raises(ValueError, match="measure is 'rank'"):
        CapacityMapDisplay.from_estimator(
            TimeMultiplexedReservoir(), [1.0], [0.5], measure="rank"
        )


def test_confusions_are_drawn_by_scikit_learn_with_true_classes_down():
    counts = np.array([[5, 1], [0, 6]])
    display = plot_confusion(plt.subplots()[1], counts, ("a", "b"), "ridge: 92 %")
    np.testing.assert_array_equal(display.im_.get_array(), counts)
    assert display.ax_.get_ylabel() == "true" and display.ax_.get_title() == "ridge: 92 %"


# ---------------------------------------------------------------- all of them


def every_display(reservoir, classifier, vowels):
    yield AmplitudeResponseDisplay.of_estimator(reservoir)
    yield TransientDisplay([1e-7, 2e-7], [[0.1, 0.2]], [5e-3])
    yield MaskedDriveDisplay.of_estimator(reservoir, FRAMES)
    yield ArnoldTongueDisplay([1e6, 2e6], [1e6, 2e6], np.eye(2, dtype=bool)[..., None], [1e6])
    yield LockingMapDisplay.of_estimator(classifier, vowels.data, vowels.target, n_grid=5)
    yield EmissionSpectrumDisplay.of_network(OscillatorNetwork(), [341e6])
    yield OnlineLearningDisplay(classifier.learning_curve_)
    yield CapacityMapDisplay([[1.0]], [1], [1], ("x", "y"))


@pytest.mark.slow
def test_every_display_draws_into_axes_that_it_is_given_and_into_its_own(
    reservoir, classifier, vowels
):
    for display in every_display(reservoir, classifier, vowels):
        given = plt.subplots()[1]
        assert display.plot(given) is display
        assert display.ax_ is given and display.figure_ is given.figure
        own = display.plot()
        assert own.ax_ is not given and own.figure_ in map(plt.figure, plt.get_fignums())
        own.figure_.canvas.draw()
        plt.close("all")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: AmplitudeResponseDisplay([1, 2], [1]), "amplitude has shape"),
        (lambda: AmplitudeResponseDisplay([[1, 2]], [[1, 2]]), "current has shape"),
        (lambda: AmplitudeResponseDisplay(["a"], [1]), "current"),
        (lambda: TransientDisplay([1, 2], [[1, 2]], [1, 2]), r"must have shape \(2, 2\)"),
        (lambda: MaskedDriveDisplay([1, 2], [1], 1e-7), "states has shape"),
        (lambda: ArnoldTongueDisplay([1, 2], [1], [[True, True]], [1]), "locked has shape"),
        (lambda: EmissionSpectrumDisplay([1, 2], [1, 2], [1], [1], [1]), "power_driven has"),
        (lambda: CapacityMapDisplay([[1, 2]], [1], [1, 2], ("x", "y")), "values has shape"),
        (lambda: OnlineLearningDisplay([[0.5]]), "shares has shape"),
        (lambda: OnlineLearningDisplay([0.5], learning="offline"), "learning is 'offline'"),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused_before_anything_is_drawn(make, said):
    with pytest.raises(ValueError, match=said):
        make()
    assert not plt.get_fignums()
