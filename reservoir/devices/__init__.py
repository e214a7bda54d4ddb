"""Frozen descriptions of devices, in SI units."""

from reservoir.devices.presets import Preset, preset_names
from reservoir.devices.spin_torque import (
    AmplitudeFit,
    RateCoefficients,
    SpinTorqueOscillator,
)
from reservoir.devices.wire import Wire

__all__ = [
    "AmplitudeFit",
    "Preset",
    "RateCoefficients",
    "SpinTorqueOscillator",
    "Wire",
    "preset_names",
]
