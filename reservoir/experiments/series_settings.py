"""How is an oscillator, or one of its controls, set up for a time series?

The settings themselves stand with the tasks, in `reservoir.experiments.series_tasks`. They
were found by `studies/tune_series.py`, on sequences and masks that no result uses.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TypeAlias

LINEAR_TAPS = (2, 8, 15, 25, 50, 100)
QUADRATIC_TAPS = (2, 6, 10, 15, 20, 25, 30)


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
    _: KW_ONLY
    node_bias: float
    hold: float
    mask: str = "binary"
    loop_gain: float
    shift: int = 1


@dataclass(frozen=True)
class EchoStateSetting:
    """Parameters of `EchoStateNetwork`."""

    input_scale: float
    bias_scale: float
    _: KW_ONLY
    spectral_radius: float
    leak: float


# Whether there is readout noise, and the number of nodes or units.
SettingKey: TypeAlias = tuple[bool, int]


@dataclass(frozen=True)
class Settings:
    """Settings of both reservoirs for a task.

    Attributes
    ----------
    oscillator : dict of (bool, int) to OscillatorSetting
        By whether there is readout noise, and by the number of nodes. At least one is
        without noise.
    echo_state : dict of (bool, int) to EchoStateSetting
        Likewise, by the number of units; may be empty.
    """

    oscillator: Mapping[SettingKey, OscillatorSetting]
    echo_state: Mapping[SettingKey, EchoStateSetting]
