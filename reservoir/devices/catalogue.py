"""Which devices have presets, and under which names?"""

from reservoir.devices.mackey_glass import MackeyGlassNode
from reservoir.devices.macrospin import MacrospinOscillator
from reservoir.devices.optoelectronic import OptoelectronicNode
from reservoir.devices.phase_locked import PhaseLockedOscillator
from reservoir.devices.spin_torque import SpinTorqueOscillator
from reservoir.devices.vortex import VortexOscillator

WITH_PRESETS = (
    MackeyGlassNode,
    MacrospinOscillator,
    OptoelectronicNode,
    PhaseLockedOscillator,
    SpinTorqueOscillator,
    VortexOscillator,
)


def preset_names():
    """Names of all presets, for the estimators' `oscillator` parameter.

    Examples
    --------
    >>> from reservoir.devices import preset_names
    >>> preset_names()
    ['akashi2020', 'appeltant2011', 'grimaldi2014', 'markovic2019', 'paquot2012',
     'perpendicular', 'riou2017', 'romera2018', 'torrejon2017', 'uniform']
    """
    return sorted(name for device in WITH_PRESETS for name in device.presets)


def find_device(name):
    """The device that a preset's name stands for.

    Raises
    ------
    ValueError
        If there is no such preset; the message lists the names.
    """
    for device in WITH_PRESETS:
        if name in device.presets:
            return device.preset(name)
    raise ValueError(
        f"There is no preset {name!r}; the presets are {', '.join(preset_names())}."
    )
