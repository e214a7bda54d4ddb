"""Which device does an experiment play, and can it play the one that it is given?"""

import dataclasses
from typing import Any

from reservoir.devices import Ability, Device, SpinTorqueOscillator
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.devices.device import NODE_TIME
from reservoir.experiments.operation import POWER_FLOOR, default_device


def chosen_device(oscillator: Device | str | None) -> Device:
    """The device that a parameter stands for; None for that of the published protocol."""
    return default_device() if oscillator is None else resolve_oscillator(oscillator)


def require_spin_torque(owner: str, oscillator: Device | str | None, why: str) -> None:
    """Refuse a device that is not of the class that an experiment needs.

    Parameters
    ----------
    owner : str
    oscillator : device, str or None
    why : str
        What needs it, as the beginning of a sentence.

    Raises
    ------
    ValueError
    """
    device = chosen_device(oscillator)
    if not isinstance(device, SpinTorqueOscillator):
        raise ValueError(
            f"{owner}.oscillator is a {type(device).__name__}. {why} a SpinTorqueOscillator, "
            "because it needs frequency, damping and their shifts; fit one to a bench table "
            "with reservoir.bench.fit_bench_table, or give another device."
        )


def require_feedback(owner: str, oscillator: Device | str | None, why: str) -> None:
    """Refuse a device that cannot hear its own delayed answer; raises ValueError."""
    device = chosen_device(oscillator)
    if Ability.RATES not in device.abilities():
        raise ValueError(
            f"{owner}.oscillator is a {type(device).__name__}. {why}, and delayed feedback "
            "can be simulated only for devices with Ability.RATES, such as a "
            "SpinTorqueOscillator."
        )


def with_floor(device: Device) -> Device:
    """The device with the power floor of the time series, if it has one that can be set."""
    names = {field.name for field in dataclasses.fields(device)}  # type: ignore[arg-type]
    if "power_floor" not in names:
        return device
    changed: Device = dataclasses.replace(device, power_floor=POWER_FLOOR)  # type: ignore[type-var]
    return changed


def hold_of(device: Device, n_nodes: int, hold: float) -> float:
    """Node time in s of a hold time that is counted in the device's own time.

    Parameters
    ----------
    device : device
    n_nodes : int
    hold : float
        Times the damping rate, for devices that have one.
    """
    return hold * device.default_node_time(n_nodes) / NODE_TIME


def heading_of(oscillator: Device | str | None) -> str:
    """A line for the head of a table; empty for the device of the protocol."""
    return "" if oscillator is None else f"\nDevice: {chosen_device(oscillator)!r:.200}"


def settings_of(oscillator: Device | str | None) -> dict[str, Any]:
    """What a file of results says of the device; nothing for that of the protocol."""
    return {} if oscillator is None else {"oscillator": repr(chosen_device(oscillator))}
