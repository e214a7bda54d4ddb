"""Devices as frozen descriptions in SI units; `device` says what a device must offer."""

from reservoir.devices.catalogue import find_device, preset_names
from reservoir.devices.device import Ability, Device
from reservoir.devices.logistic import LogisticOscillator, RateCoefficients
from reservoir.devices.mackey_glass import MackeyGlassNode
from reservoir.devices.macrospin import MacrospinOscillator
from reservoir.devices.measured import MeasuredOscillator
from reservoir.devices.optoelectronic import OptoelectronicNode
from reservoir.devices.phase_locked import PhaseLockedOscillator
from reservoir.devices.presets import Preset
from reservoir.devices.spin_diode import IdealSynapse, SpinDiode
from reservoir.devices.spin_torque import AmplitudeFit, SpinTorqueOscillator
from reservoir.devices.static import StaticNode
from reservoir.devices.thermal import (
    amplitude_noise,
    linewidth,
    noise_from_linewidth,
    noise_from_temperature,
)
from reservoir.devices.variability import vary
from reservoir.devices.vortex import ThieleCoefficients, VortexOscillator
from reservoir.devices.wire import Wire

__all__ = [
    "Ability",
    "AmplitudeFit",
    "Device",
    "IdealSynapse",
    "LogisticOscillator",
    "MackeyGlassNode",
    "MacrospinOscillator",
    "MeasuredOscillator",
    "OptoelectronicNode",
    "PhaseLockedOscillator",
    "Preset",
    "RateCoefficients",
    "SpinDiode",
    "SpinTorqueOscillator",
    "StaticNode",
    "ThieleCoefficients",
    "VortexOscillator",
    "Wire",
    "find_device",
    "amplitude_noise",
    "linewidth",
    "noise_from_linewidth",
    "noise_from_temperature",
    "preset_names",
    "vary",
]
