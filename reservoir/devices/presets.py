"""Which parameters stand for which published device, and how well is each one known?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    """Parameters of a device together with where they come from.

    Attributes
    ----------
    parameters : dict
        Arguments of the device, in SI units.
    provenance : str
        The source of every value. "Recalled" marks a value that was not checked against the
        paper, "derived" one that follows from others by a formula given there.

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> preset = SpinTorqueOscillator.presets["torrejon2017"]
    >>> preset.parameters["threshold_current"]
    0.0035
    >>> "recalled" in preset.provenance
    True
    """

    parameters: Mapping[str, Any]
    provenance: str


def _damping_rate(relaxation_time: float, overdrive: float) -> float:
    """G from T = 1 / (2 (z - 1) G), the relaxation time at overdrive z (derived)."""
    return 1.0 / (2.0 * (overdrive - 1.0) * relaxation_time)


# Of `reservoir.SpinTorqueOscillator`; other devices keep theirs beside their equations.
PRESETS = {
    "torrejon2017": Preset(
        {
            "threshold_current": 3.5e-3,
            "damping_rate": _damping_rate(410e-9, 7.0 / 3.5),
            "nonlinear_damping": 1.0,
            "frequency": 300e6,
            "nonlinear_frequency_shift": 2e6,
            "current_tuning": 7e9,
        },
        "Vortex magnetic tunnel junction of Torrejon et al., Nature 547, 428 (2017). "
        "threshold_current 3.5 mA: read in a thesis table that quotes the paper. "
        "damping_rate 1.22e6 1/s: derived from T = 1/(2 (z - 1) G) with T = 410 ns "
        "(the value Abreu Araujo et al., Sci. Rep. 10, 328 (2020) use for the same "
        "family; the thesis table says 500 ns) at 7 mA, z = 2 (bias recalled, not "
        "checked). frequency 300 MHz: recalled, not checked (250 to 400 MHz). "
        "nonlinear_damping 1: assumed. nonlinear_frequency_shift 2 MHz: assumed, so that nu "
        "is about 3 at the bias (0 to 5 is recalled for vortices, not checked). "
        "current_tuning 7 MHz/mA: measured on a coupled-vortex "
        "pillar (arXiv:1310.4913), not on this device.",
    ),
    "riou2017": Preset(
        {
            "threshold_current": 3.0e-3,
            "damping_rate": _damping_rate(200e-9, 6.0 / 3.0),
            "nonlinear_damping": 1.0,
            "frequency": 300e6,
            "nonlinear_frequency_shift": 2e6,
            "current_tuning": 7e9,
        },
        "Vortex oscillator of Riou et al., IEDM 2017. threshold_current 3 mA and "
        "relaxation time 200 ns: read in a thesis table that quotes the paper. "
        "damping_rate 2.5e6 1/s: derived from T = 1/(2 (z - 1) G) at 6 mA, z = 2 (the "
        "paper explores 1 to 9 mA; this bias is our choice). The other values: as "
        "for torrejon2017, recalled or assumed, not checked.",
    ),
    "romera2018": Preset(
        {
            "threshold_current": 2.0e-3,
            "damping_rate": 10e6,
            "nonlinear_damping": 2.0,
            "frequency": 339e6,
            "nonlinear_frequency_shift": 12e6,
            "current_tuning": 7e9,
        },
        "A vortex oscillator that locks over several megahertz, as the four of Romera et "
        "al., Nature 563, 230 (2018) do. No value is read in that paper: bias of a few mA "
        "and emission between 325 and 380 MHz are recalled; damping_rate and "
        "nonlinear_frequency_shift are chosen so that at twice the threshold the amplitude "
        "relaxes in 50 ns and nu is 1.9, with which a source locks an oscillator within "
        "0.34 MHz for every 1/us of its strength; current_tuning 7 MHz/mA: measured on a "
        "coupled-vortex pillar (arXiv:1310.4913).",
    ),
    "uniform": Preset(
        {
            "threshold_current": 1.0e-3,
            "damping_rate": 1.0e9,
            "nonlinear_damping": 2.0,
            "frequency": 10e9,
            "nonlinear_frequency_shift": 10e9,
        },
        "Illustrative nanosecond device, not a published one: a uniformly magnetised "
        "free layer with Gilbert damping 0.016 at 10 GHz, so that G = 2 pi 0.016 x 10 "
        "GHz = 1e9 1/s; Q = 2 as in the public code of the CNRS/Thales group, nu about "
        "20. Use it to see how everything scales with the relaxation time.",
    ),
    "ross2023": Preset(
        {
            "threshold_current": 10e-6,
            "damping_rate": 2 * math.pi * 0.01 * 100e6,
            "nonlinear_damping": 2.0,
            "frequency": 100e6,
            "nonlinear_frequency_shift": 0.0,
        },
        "The neuron of the published simulation of layers, Ross et al., Nat. Nanotechnol. "
        "18, 1273 (2023). threshold_current 10 uA: read in the public code. frequency 100 "
        "MHz: of the order of the lines there (20 to 120 MHz). damping_rate 6.3e6 1/s: "
        "derived from a Gilbert damping of 0.01 (read in the code) as G = 2 pi 0.01 f. "
        "nonlinear_damping 2: assumed, as in the public code of the CNRS/Thales group. "
        "nonlinear_frequency_shift 0: the published simulation lets the frequency of a "
        "neuron stand still. A real vortex shifts by megahertz; take another preset to "
        "see what that does.",
    ),
}
