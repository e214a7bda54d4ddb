"""Which devices have presets, and under which names?"""

from reservoir._checks import Real, check_value
from reservoir.devices.device import Ability, Device
from reservoir.devices.logistic import (
    POWER_FLOOR_RANGE,
    LogisticOscillator,
    RateCoefficients,
)
from reservoir.devices.mackey_glass import MackeyGlassNode
from reservoir.devices.macrospin import MacrospinOscillator
from reservoir.devices.optoelectronic import OptoelectronicNode
from reservoir.devices.phase_locked import PhaseLockedOscillator
from reservoir.devices.spin_torque import SpinTorqueOscillator
from reservoir.devices.vortex import VortexOscillator

LOGISTIC_ENTRIES = (
    "threshold_current",
    "damping_rate",
    "power_floor",
    "frequency",
    "nonlinear_frequency_shift",
    "current_tuning",
)
DEFAULT_OSCILLATOR = "torrejon2017"
PRESET_CLASSES: tuple[type[Device], ...] = (
    MackeyGlassNode,
    MacrospinOscillator,
    OptoelectronicNode,
    PhaseLockedOscillator,
    SpinTorqueOscillator,
    VortexOscillator,
)


def preset_names() -> list[str]:
    """Names of all presets, for the estimators' `oscillator` parameter.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> from reservoir.devices import preset_names
    >>> preset_names()
    ['akashi2020', 'appeltant2011', 'grimaldi2014', 'markovic2019', 'paquot2012',
     'perpendicular', 'riou2017', 'romera2018', 'ross2023', 'torrejon2017', 'uniform']
    """
    return sorted(name for device in PRESET_CLASSES for name in device.presets)


def find_device(name: str) -> Device:
    """The device that a preset's name stands for.

    Parameters
    ----------
    name : str
        One of `preset_names`.

    Returns
    -------
    device

    Raises
    ------
    ValueError
        If there is no such preset; the message lists the names.

    Examples
    --------
    >>> from reservoir.devices import find_device
    >>> find_device("torrejon2017").threshold_current
    0.0035
    """
    for device in PRESET_CLASSES:
        if name in device.presets:
            return device.from_preset(name)
    raise ValueError(
        f"There is no preset {name!r}; the presets are {', '.join(preset_names())}."
    )


def check_protocol(device: Device) -> None:
    """Refuse a device that breaks the protocol of `reservoir.devices.device`.

    Parameters
    ----------
    device : device

    Raises
    ------
    ValueError
        If its `drive_unit` is no positive number, if its `abilities()` are no set of
        `Ability`, or if it misses what an ability needs.
    """
    name = type(device).__name__
    unit = device.drive_unit
    if not Real(above=0).admits(unit):
        raise ValueError(
            f"{name}.drive_unit is {unit!r:.80}; it must be {Real(above=0)}, because it is "
            "the unit of the drive_range. (An oscillator without damping has a threshold "
            "of 0.)"
        )
    abilities: object = device.abilities()
    if not isinstance(abilities, frozenset | set) or not all(
        isinstance(ability, Ability) for ability in abilities
    ):
        raise ValueError(
            f"{name}.abilities() returned {abilities!r:.80}; it must return a frozenset of "
            "reservoir.devices.Ability, such as frozenset({Ability.RATES}), or an empty one."
        )
    if Ability.RATES not in abilities:
        return
    if not isinstance(device, LogisticOscillator):
        raise ValueError(
            f"{name} has Ability.RATES, but does not derive from "
            "reservoir.devices.LogisticOscillator, which has what the exact kernel asks for."
        )
    for entry in LOGISTIC_ENTRIES:
        if not hasattr(device, entry):
            raise ValueError(
                f"{name} has no {entry}; a LogisticOscillator gives "
                f"{', '.join(LOGISTIC_ENTRIES)} and rate_coefficients()."
            )
    check_value(f"{name}.power_floor", device.power_floor, POWER_FLOOR_RANGE)
    if not isinstance(device.rate_coefficients(), RateCoefficients):
        raise ValueError(
            f"{name}.rate_coefficients() must return reservoir.devices.RateCoefficients."
        )


def resolve_oscillator(oscillator: Device | str | None, name: str = "oscillator") -> Device:
    """The device that an estimator's `oscillator` parameter stands for.

    Parameters
    ----------
    oscillator : device, str or None
        A device, the name of a preset, or None for ``"torrejon2017"``.
    name : str, default="oscillator"
        What the parameter is called, for messages.

    Returns
    -------
    device

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If there is no such preset.
    """
    if oscillator is None:
        oscillator = DEFAULT_OSCILLATOR
    if isinstance(oscillator, str):
        return find_device(oscillator)
    if isinstance(oscillator, type) and issubclass(oscillator, Device):
        kind = oscillator.__name__
        raise TypeError(f"{name} is the class {kind}; give an instance, {kind}(...).")
    if not isinstance(oscillator, Device):
        raise TypeError(
            f"{name} is of type {type(oscillator).__name__}; it must be a device such as "
            "SpinTorqueOscillator, the name of a preset, or None. The class of a device of "
            "one's own derives from reservoir.devices.Device."
        )
    check_protocol(oscillator)
    return oscillator
