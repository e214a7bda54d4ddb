"""Which settings of the oscillator, and of its controls, go with each task?

Found by `benchmarks/tune_series.py` on sequences and masks that no result uses.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class OscillatorSetting:
    """How one oscillator is driven; currents in units of the threshold.

    Attributes
    ----------
    bias, depth : float
        Middle and half width of the range of currents.
    node_bias : float
        Half width of the law of constant currents of the nodes.
    hold : float
        Hold time times the damping rate.
    mask : str
    loop_gain : float
    shift : int
        Feedback delay less the number of nodes.
    """

    bias: float
    depth: float
    node_bias: float
    hold: float
    mask: str
    loop_gain: float
    shift: int = 1


@dataclass(frozen=True)
class EchoStateSetting:
    """Arguments of `EchoStateNetwork`."""

    input_scale: float
    bias_scale: float
    spectral_radius: float
    leak: float


Setting = OscillatorSetting

# (task, whether with readout noise, number of nodes).
OSCILLATOR = {
    ("narma10", False, 100): Setting(2.90, 0.007, 0.09, 1.02, "binary", -0.57),
    ("narma10", False, 400): Setting(2.648, 0.0012, 0.11, 4.893, "binary", -0.713),
    ("narma10", True, 400): Setting(2.647, 0.34, 0.127, 15.48, "binary", -0.833, 13),
    ("mackey_glass", False, 400): Setting(2.078, 0.367, 0.003, 7.1, "binary", -0.909, -1),
    ("mackey_glass", True, 400): Setting(2.12, 0.6, 0.3, 7.1, "binary", -0.8),
    ("mackey_glass_free", False, 400): Setting(
        2.078, 0.367, 0.003, 2.0, "binary", -0.909, -1
    ),
    ("channel", False, 400): Setting(2.82, 0.33, 1.84, 9.3, "uniform", -0.29, 7),
    ("channel", True, 400): Setting(2.807, 0.741, 1.947, 5.75, "uniform", -0.4125, 3),
    ("santa_fe", False, 400): Setting(2.69, 0.45, 0.006, 0.58, "uniform", -0.65, 7),
    ("santa_fe", True, 400): Setting(1.487, 0.841, 1.479, 1.007, "binary", 0.651, -7),
    ("sine_square", False, 24): Setting(1.12, 3.5, 0.22, 0.2, "binary", 0.0),
    ("sine_square", True, 24): Setting(1.12, 3.5, 0.22, 0.2, "binary", 0.0),
    ("memory", False, 100): Setting(1.95, 0.007, 0.003, 4.1, "uniform", -0.97),
    ("memory", True, 400): Setting(1.95, 0.3, 0.003, 4.1, "uniform", -0.97),
    ("parity", False, 400): Setting(0.67, 3.0, 0.21, 6.1, "binary", 0.48, -1),
    ("parity", True, 400): Setting(0.67, 3.0, 0.21, 6.1, "binary", 0.48, -1),
}
ECHO_STATE = {
    ("narma10", False, 400): EchoStateSetting(0.0015, 0.323, 1.05, 0.958),
    ("narma10", True, 400): EchoStateSetting(0.1, 0.39, 0.9, 0.94),
    ("mackey_glass", False, 400): EchoStateSetting(1.36, 0.12, 1.05, 0.2),
    ("mackey_glass", True, 400): EchoStateSetting(1.36, 0.12, 1.05, 0.2),
    ("mackey_glass_free", False, 400): EchoStateSetting(0.5, 0.2, 0.9, 0.7),
    ("channel", False, 400): EchoStateSetting(0.2, 0.05, 0.3, 1.0),
    ("channel", True, 400): EchoStateSetting(0.4, 0.05, 0.3, 1.0),
    ("santa_fe", False, 400): EchoStateSetting(0.153, 1.03, 1.2, 0.652),
    ("santa_fe", True, 400): EchoStateSetting(0.494, 1.28, 1.5, 0.881),
    ("sine_square", False, 24): EchoStateSetting(1.0, 0.5, 0.7, 1.0),
    ("sine_square", True, 24): EchoStateSetting(1.0, 0.5, 0.7, 1.0),
    ("memory", False, 100): EchoStateSetting(0.003, 0.01, 0.98, 1.0),
    ("memory", True, 400): EchoStateSetting(0.1, 0.01, 0.98, 1.0),
    ("parity", False, 400): EchoStateSetting(0.8, 0.3, 0.8, 1.0),
    ("parity", True, 400): EchoStateSetting(0.8, 0.3, 0.8, 1.0),
}
LINEAR_TAPS = (2, 8, 15, 25, 50, 100)
QUADRATIC_TAPS = (2, 6, 10, 15, 20, 25, 30)
