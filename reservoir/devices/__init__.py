"""Frozen descriptions of devices, in SI units."""

from reservoir.devices.presets import Preset, preset_names
from reservoir.devices.spin_torque import (
    AmplitudeFit,
    RateCoefficients,
    SpinTorqueOscillator,
)
from reservoir.devices.thermal import (
    amplitude_noise,
    linewidth,
    noise_from_linewidth,
    noise_from_temperature,
)
from reservoir.devices.variability import vary
from reservoir.devices.wire import Wire

__all__ = [
    "AmplitudeFit",
    "Preset",
    "RateCoefficients",
    "SpinTorqueOscillator",
    "Wire",
    "amplitude_noise",
    "linewidth",
    "noise_from_linewidth",
    "noise_from_temperature",
    "preset_names",
    "vary",
]
