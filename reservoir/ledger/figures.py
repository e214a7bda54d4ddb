"""Which physical figures go into a ledger, where do they come from, and how sure are they?"""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from reservoir.devices import SpinTorqueOscillator
from reservoir.ledger.line import Figure
from reservoir.ledger.tables import read_figures
from reservoir.ledger.units import allowed_units

HOROWITZ = "M. Horowitz, ISSCC 2014, 45 nm, 32-bit floating point."
ROSS = "A. Ross, talk (underline.io 63213): a projection for junctions of 20 nm."
H100 = "NVIDIA H100 PCIe, peak of the data sheet."
BRAIN = "A usual estimate: 20 W for 1e15 synaptic events a second."
NOT_GIVEN = "Not published for these devices; give your own."


def _unknown(unit: str, source: str = NOT_GIVEN) -> Figure:
    return Figure(None, unit, source, "unknown")


# Name -> figure. Every figure that is not confirmed is unknown or assumed.
DEFAULTS: Mapping[str, Figure] = {
    "device_resistance": _unknown("ohm", "Of the device under its direct current."),
    "magnet_power": _unknown("W"),
    "temperature_control_power": _unknown("W"),
    "generator_power": _unknown("W"),
    "source_power": _unknown("W", "Of each microwave source, at the wall. " + NOT_GIVEN),
    "amplifier_power": _unknown("W", "Of each amplifier. " + NOT_GIVEN),
    "detector_power": _unknown("W", "Of each diode or analyser. " + NOT_GIVEN),
    "input_bits": Figure(8, "bit", "Of the converter that plays the drive."),
    "output_bits": Figure(8, "bit", "Of the converter that reads the nodes."),
    "converter_step_energy": Figure(
        100e-15,
        "J",
        "Walden's figure of merit: about 1 fJ at best, 10 to 170 fJ usual.",
    ),
    "multiply_energy": Figure(3.7e-12, "J", HOROWITZ, "published"),
    "add_energy": Figure(0.9e-12, "J", HOROWITZ, "published"),
    "function_energy": _unknown("J", "Of a logarithm, root or power. " + NOT_GIVEN),
    "memory_word_energy": Figure(
        640e-12, "J", "M. Horowitz, ISSCC 2014: a word of 32 bits from DRAM.", "published"
    ),
    "synapse_energy": Figure(10e-15, "J", ROSS, "published"),
    "neuron_energy": Figure(100e-15, "J", ROSS, "published"),
    "settling_times": Figure(5, "1", "Relaxation times that a layer waits."),
    "processor_power": Figure(15, "W", "Of one busy core with its share of the machine."),
    "gpu_power": Figure(350, "W", H100, "published"),
    "gpu_half_rate": Figure(756e12, "1/s", H100, "published"),
    "gpu_single_rate": Figure(51e12, "1/s", H100, "published"),
    "brain_power": Figure(20, "W", BRAIN),
    "brain_event_rate": Figure(1e15, "1/s", BRAIN),
}
# Of presets of `SpinTorqueOscillator`, by name.
RESISTANCES: Mapping[str, Figure] = {
    "torrejon2017": Figure(
        40, "ohm", "40 ohm of Torrejon's junction: recalled, not checked against the paper."
    ),
    "ross2023": Figure(
        1e3,
        "ohm",
        "1 kohm: read in the public code of Ross et al., Nat. Nanotechnol. 18, 1273 (2023).",
        "published",
    ),
}


class Figures(Mapping[str, Figure]):
    """The physical figures of a ledger: names to numbers with unit, source and standing.

    Parameters
    ----------
    **figures : float, Figure or None
        In place of the defaults, by name. A number is in the SI unit of the default and
        counts as assumed; None makes a figure unknown.

    Raises
    ------
    ValueError
        If there is no figure of a name, or a value is not allowed.

    Examples
    --------
    >>> from reservoir.ledger import Figures
    >>> figures = Figures(magnet_power=30)
    >>> str(figures["magnet_power"]), str(figures["amplifier_power"])
    ('30 W', 'unknown')
    """

    def __init__(self, **figures: Any) -> None:
        self._changed = {name: _checked(name, value) for name, value in figures.items()}

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> "Figures":
        """Figures of a CSV table, the defaults for all that it does not name.

        Parameters
        ----------
        path : str or path-like
            A table with the columns name, value and unit, and if one wishes source and
            standing. The value may be "unknown".

        Returns
        -------
        Figures

        Raises
        ------
        ValueError
            If a line is not as described; the message names the line, and what is allowed.
        OSError
            If the file cannot be read.
        """
        units = {name: figure.unit for name, figure in DEFAULTS.items()}
        return cls(**read_figures(path, units))

    def __getitem__(self, name: str) -> Figure:
        """The figure of a name."""
        if name not in DEFAULTS:
            raise KeyError(f"There is no figure {name!r}; there are {', '.join(DEFAULTS)}.")
        return self._changed.get(name, DEFAULTS[name])

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(DEFAULTS)

    def __len__(self) -> int:
        """Number of figures."""
        return len(DEFAULTS)

    def __repr__(self) -> str:
        """The call that makes these figures."""
        changed = [f"{name}={figure!r}" for name, figure in self._changed.items()]
        return f"Figures({', '.join(changed)})"

    def resistance_of(self, device: object) -> Figure:
        """Resistance of a device: the user's, or else that of the preset that it is.

        Parameters
        ----------
        device : device

        Returns
        -------
        Figure
            In ohm.
        """
        if "device_resistance" not in self._changed:
            for name, figure in RESISTANCES.items():
                if device == SpinTorqueOscillator.from_preset(name):
                    return figure
        return self["device_resistance"]


def _checked(name: str, value: Any) -> Figure:
    """A user's figure, whose unit must be that of the default."""
    if name not in DEFAULTS:
        raise ValueError(f"There is no figure {name!r}; there are {', '.join(DEFAULTS)}.")
    unit = DEFAULTS[name].unit
    if value is None:
        return Figure(None, unit, "Given as unknown.", "unknown")
    if not isinstance(value, Figure):
        try:
            return Figure(value, unit, "Given by the user.", "assumed")
        except ValueError as error:
            raise ValueError(f"The figure {name}: {error}") from None
    if value.unit != unit:
        raise ValueError(
            f"The figure {name} is in {value.unit!r}; it must be in {unit}, the SI unit. A "
            f"table may state it in {', '.join(allowed_units(unit))}."
        )
    return value
