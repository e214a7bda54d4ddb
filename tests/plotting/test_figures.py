"""Do the figures of the commands say what was measured, in the right direction, with bars?"""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

from reservoir.experiments.sweeps import BASE_PROTOCOL
from reservoir.plotting import (
    AmplitudeResponseDisplay,
    MaskedDriveDisplay,
    RobustnessDisplay,
    plot_abreu_araujo,
    plot_binding,
    plot_capacity,
    plot_cost,
    plot_coupled,
    plot_digits,
    plot_robustness,
    plot_series,
    plot_torrejon,
)
from reservoir.plotting.binding import BindingFigure, BindingPanel
from reservoir.plotting.capacity import RANKS, TITLES, CapacityFigure
from reservoir.plotting.cost import CostBar, CostFigure
from reservoir.plotting.coupled import CoupledCurve, CoupledFigure
from reservoir.plotting.digits import DigitsFigure
from reservoir.plotting.robustness import FaultCurve, RobustnessFigure
from reservoir.plotting.series import SeriesFigure
from reservoir.plotting.sweeps import Curve, SweepFigure


def words(figure):
    texts = figure.findobj(mpl.text.Text)
    return " | ".join(text.get_text() for text in texts if text.get_text())


def letters(figure):
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    return [title[:3] for title in titles if title.startswith("(")]


def bars_of(container):
    """Lower and upper end of each error bar, in the direction of the bars."""
    return np.array(container.lines[2][0].get_segments())


def sweep(axis, frontend, method, accuracies, values=(1, 9), spread=0.02):
    values, accuracies = np.array(values, float), np.array(accuracies, float)
    return Curve(axis, frontend, method, values, accuracies, np.full(len(values), spread))


# ---------------------------------------------------------------- gains and losses


@pytest.fixture
def gains():
    """The oscillator loses five points behind one front end and gains ten behind another."""
    curves = [
        sweep(axis, frontend, method, accuracies)
        for axis in ("utterances", "snr")
        for frontend, method, accuracies in (
            ("mfcc", "control", (0.8, 0.95)),
            ("mfcc", "oscillator", (0.7, 0.90)),
            ("cochleagram", "control", (0.5, 0.80)),
            ("cochleagram", "oscillator", (0.6, 0.90)),
        )
    ]
    return SweepFigure(tuple(curves), {})


def test_a_loss_is_a_bar_to_the_left_of_zero_and_a_gain_to_the_right(gains):
    ax = plot_abreu_araujo(gains).axes[-1]
    loss, gain = ax.patches
    assert loss.get_width() == pytest.approx(-5) and gain.get_width() == pytest.approx(10)
    assert loss.get_x() == gain.get_x() == 0
    assert loss.get_facecolor() != gain.get_facecolor()
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[0] == "mfcc: 95.0 ± 2.0 → 90.0 ± 2.0 %"
    assert "−5.0" in words(ax.figure) and "+10.0" in words(ax.figure)


def test_curves_of_front_ends_have_error_bars_and_tell_alone_from_helped(gains):
    figure = plot_abreu_araujo(gains)
    first = figure.axes[0].containers[0]
    np.testing.assert_allclose(bars_of(first)[:, :, 1], [[78, 82], [93, 97]])
    assert {"front end alone", "with the oscillator"} <= set(words(figure).split(" | "))
    assert "spread over draws" in words(figure)
    assert letters(figure) == ["(a)", "(b)", "(c)"]


def test_a_quick_run_of_one_value_has_no_panel_of_single_dots():
    curves = [
        sweep("utterances", "mfcc", method, (0.9,), values=(9,), spread=0.0)
        for method in ("control", "oscillator")
    ]
    figure = plot_abreu_araujo(SweepFigure(tuple(curves), {}))
    assert len(figure.axes) == 1 and letters(figure) == []


# ---------------------------------------------------------------- settings of one oscillator


@pytest.fixture
def settings():
    curves = (
        sweep("utterances", "cochleagram", "oscillator", (0.8, 0.97)),
        sweep("nodes", "cochleagram", "oscillator", (0.9, 0.98), values=(50, 800)),
    )
    return SweepFigure(
        curves, {"nodes": 400.0}, {("cochleagram", "oscillator"): (0.97, 0.01)}
    )


def test_the_base_setting_is_a_point_of_each_curve_and_is_ringed(settings):
    figure = plot_torrejon(settings)
    curve = figure.axes[1].containers[0].lines[0]
    np.testing.assert_allclose(curve.get_xdata(), [50, 400, 800])
    np.testing.assert_allclose(curve.get_ydata(), [90, 97, 98])
    ring = figure.axes[1].lines[-1]
    assert ring.get_xydata().tolist() == [[400, 97]] and ring.get_markerfacecolor() == "none"
    assert "base setting" in words(figure)


def test_the_axis_of_accuracies_shows_where_the_curves_are(settings):
    low, high = plot_torrejon(settings).axes[1].get_ylim()
    assert low > 80 and high <= 102


def test_no_panel_is_empty_when_few_settings_are_measured(settings):
    figure = plot_torrejon(settings)
    assert len(figure.axes) == 2 and all(ax.has_data() for ax in figure.axes)


def test_the_base_of_the_figure_is_the_base_of_the_experiment():
    assert BASE_PROTOCOL == "utterances-9"


# ---------------------------------------------------------------- coupling


@pytest.fixture
def coupled():
    strengths = np.array([0.0, 0.1, 1.0])
    digits = CoupledCurve(
        strengths, np.array([0.98, 0.985, 0.982]), np.full(3, 0.008), 0.986, 0.005
    )
    memory = CoupledCurve(strengths, np.array([0.91, 0.95, 1.05]), np.zeros(3), 0.9, 0.0)
    curves = {"digits": digits, "memory": memory, "parity": memory}
    return CoupledFigure(curves, (0.1, 1.0))


def test_spreads_over_folds_are_drawn_even_where_they_exceed_the_differences(coupled):
    ax = plot_coupled(coupled).axes[0]
    bars = bars_of(ax.containers[0])
    np.testing.assert_allclose(bars[:, :, 1], [[97.2, 98.8], [97.7, 99.3], [97.4, 99.0]])
    low, high = ax.get_ylim()
    assert low < 97.2 and high > 99.3


def test_what_was_measured_once_says_so_and_starts_at_zero(coupled):
    ax = plot_coupled(coupled).axes[1]
    assert "(one run)" in ax.get_title(loc="left") and ax.get_ylim()[0] == 0


def test_the_axis_of_couplings_is_logarithmic_and_broken_before_zero(coupled):
    ax = plot_coupled(coupled).axes[0]
    places = ax.get_xticks()
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "0.1", "1"]
    np.testing.assert_allclose(places[1:], [-1, 0])
    (stroke,) = [text for text in ax.texts if text.get_text() == "//"]
    assert places[0] < stroke.get_position()[0] < places[1]
    assert "all at one frequency" in words(ax.figure)


# ---------------------------------------------------------------- the others


def series(metric="nmse", outputs=("oscillator-4", "oscillator-4-noise")):
    target = np.array([1.0, 2.0, 3.0])
    found = {"target": target} | {name: target + 0.5 for name in outputs}
    return SeriesFigure(
        "Santa Fe laser",
        metric,
        ("mean", *outputs),
        np.array([1.0, *[0.1] * len(outputs)]),
        np.array([0.0, *[0.02] * len(outputs)]),
        found,
        np.array([9.0, 8.0, 7.0]),
        "next intensity (0 to 255)",
        {"oscillator-4": "one oscillator, 4 nodes", "mean": "mean of the target"},
    )


def test_a_series_shows_input_target_output_and_residual():
    figure = plot_series(series())
    given, both, residual, values = figure.axes
    np.testing.assert_array_equal(given.lines[0].get_ydata(), [9, 8, 7])
    np.testing.assert_array_equal(both.lines[0].get_ydata(), [1, 2, 3])
    np.testing.assert_allclose(residual.lines[-1].get_ydata(), 0.5)
    assert both.get_ylabel() == "next intensity (0 to 255)"
    assert both.lines[1].get_label() == "one oscillator, 4 nodes"
    ticks = [text.get_text() for text in values.get_yticklabels()]
    assert ticks == ["mean of the target", "one oscillator, 4 nodes", "oscillator-4-noise"]
    assert "lower is better" in values.get_xlabel()
    np.testing.assert_allclose(bars_of(values.containers[1])[0][:, 0], [0.08, 0.12])
    assert letters(figure) == ["(a)", "(b)", "(c)", "(d)"]


def test_the_legend_of_a_series_stays_beside_the_names_of_the_methods():
    shown = replace(series("accuracy"), titles={"oscillator-4": "one oscillator, 24 nodes"})
    figure = plot_series(shown)
    figure.canvas.draw()
    both = figure.axes[1]
    assert len(both.get_legend().get_texts()) == 3
    # The names of the methods begin behind the right end of the panel.
    assert both.get_legend().get_window_extent().x1 <= both.get_window_extent().x1


def test_a_series_without_an_oscillator_is_a_column_of_values():
    figure = plot_series(series(outputs=()))
    assert len(figure.axes) == 1 and 25.4 * figure.get_figwidth() == pytest.approx(86)


def test_the_figure_of_digits_names_the_method_and_the_nodes_that_are_shown():
    current = np.linspace(1e-3, 5e-3, 5)
    data = DigitsFigure(
        AmplitudeResponseDisplay(current, current, threshold=2e-3),
        MaskedDriveDisplay(current, current, 1e-7, title="Frame 10: 5 of 400 nodes"),
        np.eye(2, dtype=int),
        "oscillator-taps, fsdd: 100 %",
        ("alpha", "beta"),
    )
    found = words(plot_digits(data))
    for text in ("oscillator-taps", "5 of 400 nodes", "steady", "mA", "alpha", "(c)"):
        assert text in found
    assert "rest" not in found


def test_ranks_share_one_scale_and_each_map_has_a_bar():
    maps = {name: np.array([[1.0, 2.0]]) for name in TITLES} | {
        RANKS[0]: np.array([[40.0, np.nan]])
    }
    controls = dict.fromkeys(TITLES, 0.5)
    data = CapacityFigure(
        "50 nodes",
        ("current", "width"),
        np.array([1.0, 2.0]),
        np.array([3.0]),
        maps,
        controls,
    )
    displays = data.displays()
    assert {displays[name].highest for name in RANKS} == {40.0}
    figure = plot_capacity(data)
    bars = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
    assert len(bars) == len(TITLES) and all(ax.get_ylabel() for ax in bars)
    found = words(figure)
    assert "Without the oscillator" in found and "low is good" in found
    assert "–: not an operating point" in found


@pytest.mark.slow
def test_faults_have_error_bars_letters_and_a_line_without_a_fault():
    curve = FaultCurve(
        "oscillator",
        np.array([0.1, 0.2]),
        np.array([0.9, 0.5]),
        np.array([0.05, 0.1]),
        0.95,
        {1: 0.02, 5: 0.1},
        "one oscillator",
    )
    panels = tuple(RobustnessDisplay([curve], "share", title=name) for name in "xyz")
    figure = plot_robustness(RobustnessFigure("three faults", panels))
    ax = figure.axes[0]
    np.testing.assert_allclose(bars_of(ax.containers[0])[:, :, 1], [[85, 95], [40, 60]])
    assert any(set(line.get_ydata()) == {95.0} for line in ax.lines)
    assert letters(figure) == ["(a)", "(b)", "(c)"]
    assert {"one oscillator", "1 point lost", "5 points lost"} <= set(
        words(figure).split(" | ")
    )


def test_severities_that_lie_close_have_one_label():
    steps = np.array([0.001, 0.002, 0.02, 0.03, 0.1])
    curve = FaultCurve("oscillator", steps, np.ones(5), np.zeros(5), 1.0)
    display = RobustnessDisplay([curve], "share", scale="log").plot()
    labels = [text.get_text() for text in display.ax_.get_xticklabels()]
    assert labels == ["0.001", "0.002", "", "0.03", "0.1"]
    assert display.ax_.get_xticks() == pytest.approx(steps)


def test_an_error_grows_with_a_fault_and_its_rings_lie_above_the_error_without_one():
    steps, errors = np.array([0.1, 0.2]), np.array([0.25, 0.6])
    curve = FaultCurve("oscillator", steps, errors, np.full(2, 0.05), 0.2, {5: 0.1})
    display = RobustnessDisplay([curve], "share", is_error=True).plot()
    assert display.ax_.get_ylabel() == "NRMSE of the test series"
    ring = display.ax_.lines[-1]
    np.testing.assert_allclose(ring.get_xydata(), [[0.1, 0.25]])
    drawn = display.errorbars_["oscillator"].lines[0]
    np.testing.assert_allclose(drawn.get_ydata(), errors)


def test_an_unknown_cost_is_hatched_over_the_whole_axis_and_not_a_bar_of_nothing():
    bars = [
        CostBar("device", 2e-6, "2 uJ", "assumed", "Parts"),
        CostBar("magnet", None, "unknown", "unknown", "Parts"),
    ]
    figure = plot_cost(CostFigure("A reservoir", "at least 2 uJ", bars))
    ax = figure.axes[0]
    known, unknown = ax.patches
    assert unknown.get_hatch() and unknown.get_width() > 10 * known.get_width()
    assert "2 µJ" in words(figure) and "uJ" not in words(figure)


def test_the_legend_of_the_binding_tells_training_tokens_from_test_tokens():
    axis = np.linspace(2e-3, 5e-3, 4)
    panel = BindingPanel("'ae'", np.full((4, 2), 3e-3), np.array([True, False, True, False]))
    groups = np.zeros((4, 4, 3), dtype=int)
    data = BindingFigure(axis, groups, np.array([0, 1]), np.array([2, 3]), (panel,) * 4)
    figure = plot_binding(data)
    found = words(figure)
    assert "the vowel, training" in found and "another vowel, test" in found
    assert letters(figure) == ["(a)", "(b)", "(c)", "(d)"]
    low, high = figure.axes[0].get_xlim()
    assert low < 2 and high > 5
