"""Do figures look as a journal wants them, and leave the user's settings alone?"""

import contextlib

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from reservoir.plotting import AmplitudeResponseDisplay, figure_style
from reservoir.plotting.colors import CLASS_COLORS
from reservoir.plotting.confusion import plot_confusion
from reservoir.plotting.device import DeviceFigure, plot_device
from reservoir.plotting.saving import save_figure
from reservoir.plotting.style import (
    COLUMN_WIDTH,
    PAGE_WIDTH,
    RC_PARAMS,
    legend_above,
    letter_panels,
    new_figure,
)

CURRENT = np.linspace(1e-3, 5e-3, 9)


def a_display():
    return AmplitudeResponseDisplay(CURRENT, np.sqrt(CURRENT), threshold=2e-3)


@pytest.fixture
def of_the_user():
    """Settings that differ from matplotlib's and from the package's."""
    with mpl.rc_context({"font.size": 17.0, "axes.labelsize": 21.0, "pdf.fonttype": 3}):
        yield dict(mpl.rcParams)


@pytest.mark.slow
def test_the_settings_of_the_user_are_the_same_after_a_figure(of_the_user, tmp_path):
    with figure_style():
        assert mpl.rcParams["pdf.fonttype"] == 42
    save_figure(a_display().plot().figure_, tmp_path / "response.pdf")
    assert dict(mpl.rcParams) == of_the_user


@pytest.mark.parametrize("fails", [False, True])
def test_figures_that_a_notebook_has_begun_to_show_are_shown_after_the_style_too(fails):
    # The backend of notebooks does so when the first figure is made.
    before = mpl.is_interactive()
    try:
        mpl.interactive(False)
        with contextlib.suppress(KeyError), figure_style():
            mpl.interactive(True)
            if fails:
                raise KeyError
        assert mpl.is_interactive()
    finally:
        mpl.interactive(before)


def test_an_error_inside_the_style_leaves_the_settings_of_the_user(of_the_user):
    with pytest.raises(ZeroDivisionError), figure_style():
        _ = 1 / 0
    assert dict(mpl.rcParams) == of_the_user


def test_axes_of_the_user_keep_the_user_s_fonts_and_a_new_figure_has_the_package_s(
    of_the_user,
):
    own = plt.subplots()[1]
    assert a_display().plot(own).ax_ is own
    assert own.xaxis.label.get_size() == 21
    assert a_display().plot().ax_.xaxis.label.get_size() == RC_PARAMS["axes.labelsize"]


def test_no_letter_of_a_figure_is_smaller_than_seven_points():
    display = AmplitudeResponseDisplay(
        CURRENT, CURRENT, threshold=2e-3, drive_range=(2e-3, 4e-3)
    ).plot()
    display.figure_.canvas.draw()
    texts = [text for text in display.figure_.findobj(mpl.text.Text) if text.get_text()]
    assert len(texts) > 8
    assert min(text.get_size() for text in texts) >= 7


@pytest.mark.parametrize("width", [COLUMN_WIDTH, PAGE_WIDTH])
def test_a_saved_figure_is_as_wide_as_a_column_or_a_page(width, tmp_path):
    with figure_style():
        figure = new_figure(width, 60)
        a_display().plot(figure.subplots())
    save_figure(figure, tmp_path / "figure.png")
    height, n_pixels = plt.imread(tmp_path / "figure.png").shape[:2]
    assert n_pixels == pytest.approx(width / 25.4 * 200, abs=1)
    assert height == pytest.approx(60 / 25.4 * 200, abs=1)


@pytest.mark.slow
def test_letters_stay_text_in_pdf_and_svg(tmp_path):
    display = a_display().plot()
    save_figure(display.figure_, tmp_path / "figure.svg")
    save_figure(display.figure_, tmp_path / "figure.pdf")
    svg = (tmp_path / "figure.svg").read_text()
    assert "current (mA)</text>" in svg
    # Type 42 is TrueType, which PDF embeds as FontFile2; type 3 would be outlines.
    assert b"/FontFile2" in (tmp_path / "figure.pdf").read_bytes()
    assert b"/Type3" not in (tmp_path / "figure.pdf").read_bytes()


def test_panels_are_lettered_in_their_order_and_titles_keep_their_distance():
    with figure_style():
        axes = new_figure().subplots(1, 3)
        axes[0].plot([0, 1], label="a line")
        axes[0].set_title("First")
        legend_above(axes[0])
        axes[1].set_title("Second")
        letter_panels(axes)
        figure = axes[0].figure
        figure.canvas.draw()
        titles = [ax.get_title(loc="left") for ax in axes]
        assert titles == ["(a) First", "(b) Second", "(c)"]
        legend = axes[0].get_legend().get_window_extent()
        title = axes[0]._left_title.get_window_extent()
        panel = axes[0].get_window_extent()
        assert panel.y1 < legend.y0 and legend.y1 <= title.y0 + 1


def test_a_figure_of_one_panel_has_no_letter():
    with figure_style():
        ax = new_figure().subplots()
        ax.set_title("Alone")
        letter_panels([ax])
        assert ax.get_title(loc="left") == "Alone"


def luminance(color):
    """Relative luminance of the standard sRGB; 0 is black."""
    rgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def as_a_deuteranope_sees(color):
    """Machado, Oliveira and Fernandes 2009, severity 1."""
    matrix = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
    rgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(matrix @ linear, 0, 1)


def test_no_two_colours_of_classes_are_one_to_a_reader_without_green_cones():
    seen = np.array([as_a_deuteranope_sees(color) for color in CLASS_COLORS])
    distances = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
    assert distances[~np.eye(len(seen), dtype=bool)].min() > 0.1


def test_names_with_dollar_signs_are_drawn_as_they_are(tmp_path):
    names = (r"$\bad$", "$_$", "5$")
    with figure_style():
        figure = new_figure()
        display = plot_confusion(figure.subplots(), np.eye(3, dtype=int), names, "")
    figure.savefig(tmp_path / "figure.svg")  # a formula of these would be an error
    drawn = [text.get_text().replace(r"\$", "$") for text in display.ax_.get_xticklabels()]
    assert drawn == list(names)
    plot_device(DeviceFigure("$_$.csv: a device"), tmp_path / "device.svg")
    assert "$_$.csv: a device" in (tmp_path / "device.svg").read_text()
