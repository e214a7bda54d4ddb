"""Which class is taken for which?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from reservoir._types import ArrayLike
from reservoir.plotting.style import plain, small_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from sklearn.metrics import ConfusionMatrixDisplay


def plot_confusion(
    ax: "Axes", confusion: ArrayLike, names: Sequence[Any], title: str
) -> "ConfusionMatrixDisplay":
    """Draw scikit-learn's confusion matrix in the style of the package.

    To draw predictions of your own, use ``ConfusionMatrixDisplay.from_predictions`` inside
    ``with reservoir.plotting.figure_style():``.

    Parameters
    ----------
    ax : matplotlib axes
    confusion : array-like of int of shape (n_classes, n_classes)
        Counts; first axis: the true class.
    names : sequence
        Of the classes.
    title : str
        Names the method.

    Returns
    -------
    sklearn.metrics.ConfusionMatrixDisplay
        Its attribute `ax_` is `ax`.

    Examples
    --------
    >>> from reservoir.plotting.confusion import plot_confusion
    >>> from reservoir.plotting.style import figure_style, new_figure
    >>> with figure_style():
    ...     ax = new_figure(86, 80).subplots()
    ...     display = plot_confusion(ax, [[9, 1], [0, 10]], ("no", "yes"), "oscillator")
    >>> [text.get_text() for text in display.text_.flat]
    ['9', '1', '', '10']
    """
    from sklearn.metrics import ConfusionMatrixDisplay

    counts = np.asarray(confusion)
    display = ConfusionMatrixDisplay(
        counts, display_labels=[plain(str(name)) for name in names]
    )
    display.plot(
        ax=ax,
        cmap="Blues",
        colorbar=False,
        xticks_rotation="vertical" if max(len(str(name)) for name in names) > 2 else 0,
        im_kw={"vmin": 0, "vmax": max(counts.sum(axis=1).max(), 1)},
        text_kw={"fontsize": small_text()},
    )
    for text, count in zip(display.text_.flat, counts.flat, strict=True):
        if not count:  # what is rare stands out when what never happens is blank
            text.set_text("")
    ax.set(xlabel="predicted", ylabel="true", title=title)
    return display
