"""Figures are drawn without a window, and closed after each test."""

import matplotlib
import pytest


@pytest.fixture(autouse=True)
def no_window():
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield
    plt.close("all")
