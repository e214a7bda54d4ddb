"""What voltage does a spin diode make of a microwave, and how does its resonance set it?"""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np

from reservoir._checks import OrNone, Real, Rule, real_array
from reservoir._types import ArrayLike, FloatOrArray, Floats
from reservoir.devices.description import Description
from reservoir.devices.presets import Preset


class Synapse(Description):
    """What the layers ask of a synapse: the weight that it makes of its setting.

    A synapse has one setting, which learning moves between -`tuning` and `tuning`. The weight
    is a number of the order of one; times `sensitivity` it is a voltage per power.
    """

    sensitivity: float
    tuning: float

    def weight(self, detuning: ArrayLike) -> FloatOrArray:
        """Weight of a setting."""
        raise NotImplementedError

    def detuning(self, weight: ArrayLike) -> FloatOrArray:
        """Setting that gives a weight; the inverse of `weight`."""
        raise NotImplementedError

    def weight_range(self) -> tuple[float, float]:
        """Least and largest weight that the tuning reaches."""
        return -self.tuning, self.tuning


@dataclass(frozen=True)
class SpinDiode(Synapse):
    r"""A magnetic tunnel junction below its threshold, which rectifies microwaves.

    A microwave of power P and frequency f near the resonance :math:`f_0` of the junction
    makes a dc voltage [1]_. With the half linewidth :math:`\Gamma` and
    :math:`u = (f - f_0)/\Gamma` it is

    .. math:: V = K P\, w(u),\quad w(u) = \frac{2 u \cos\theta + \sin\theta}{1 + u^2}

    with K = `sensitivity` and :math:`\theta` = `angle`. The antisymmetric line, angle 0, has
    weights from -1 to 1, which it reaches at :math:`u = \pm 1`. Moving the resonance by one
    half linewidth therefore sets any weight: the detuning is the weight of the synapse.

    Parameters
    ----------
    sensitivity : float
        K, voltage per power at a weight of 1, in V/W; positive.
    damping : float, optional
        Half linewidth over resonance, as for Gilbert damping of a uniform mode. Give either
        this or `half_linewidth`.
    half_linewidth : float or sequence of pairs of floats, optional
        Half width at half maximum of the symmetric line, in Hz. Pairs (frequency, half
        linewidth), both in Hz, are a measured table; between its frequencies it is
        interpolated linearly, and beyond them its last value holds. The width is taken at the
        line that the diode is to hear, because it hardly changes over the diode's tuning.
    angle : float, default=0.0
        From 0, the antisymmetric line, to pi/2, the symmetric one, in rad.
    tuning : float, default=1.0
        Largest detuning between diode and line, in half linewidths; positive.

    Raises
    ------
    TypeError
        If a parameter is no number.
    ValueError
        If a parameter is outside its range, or if not exactly one of `damping` and
        `half_linewidth` is given.

    References
    ----------
    .. [1] N. Leroux et al., Phys. Rev. Applied 15, 034067 (2021).

    Examples
    --------
    >>> from reservoir.devices import SpinDiode
    >>> diode = SpinDiode.from_preset("ross2023")
    >>> diode.weight(1.0), diode.weight(-1.0), diode.weight(0.0)
    (1.0, -1.0, 0.0)
    >>> resonance = diode.resonance(100e6, detuning=0.5)    # half a half linewidth below
    >>> round(resonance / 1e6, 3)
    99.502
    >>> round(diode.voltage(1e-6, 100e6, resonance), 6)     # of one microwatt, in V
    0.007072
    """

    sensitivity: float
    _: KW_ONLY
    damping: float | None = None
    half_linewidth: float | tuple[tuple[float, float], ...] | None = None
    angle: float = 0.0
    tuning: float = 1.0

    presets: ClassVar[Mapping[str, Preset]] = {
        "ross2023": Preset(
            {"sensitivity": 8840.0, "damping": 0.01},
            "The synapse of the published simulation of layers, Ross et al., Nat. "
            "Nanotechnol. 18, 1273 (2023). sensitivity 8.84e3 V/W: from its formula "
            "(dR/R)(1/I_th)(tan gamma_p)/(8 sqrt 2) beta, read in the public code, with dR/R "
            "= beta = 1, gamma_p = pi/4 and I_th = 10 uA. damping 0.01 and the antisymmetric "
            "line: read in the same code. tuning 1: ours; beyond it the weight falls again.",
        ),
        "vortex": Preset(
            {"sensitivity": 8840.0, "half_linewidth": 1.6e6},
            "Illustrative vortex diode, not a published one. half_linewidth 1.6 MHz: derived "
            "as G/(2 pi) of the oscillator preset romera2018, G = 1e7 1/s, as if the same "
            "junction stood below its threshold. sensitivity: as for ross2023.",
        ),
    }
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "sensitivity": Real(above=0, what="sensitivity in V/W"),
        "damping": OrNone(Real(above=0, below=1, what="damping")),
        "angle": Real(at_least=0, at_most=math.pi / 2, what="angle in rad"),
        "tuning": Real(above=0, what="detuning in half linewidths"),
    }

    def __post_init__(self) -> None:
        """Check the parameters, and that the width is stated once."""
        super().__post_init__()
        if (self.damping is None) == (self.half_linewidth is None):
            raise ValueError(
                f"SpinDiode has damping {self.damping!r} and half_linewidth "
                f"{self.half_linewidth!r:.60}; give one of the two, for instance "
                "damping=0.01 or half_linewidth=1e6."
            )
        if self.half_linewidth is not None:
            object.__setattr__(self, "half_linewidth", _checked_width(self.half_linewidth))
        if self.damping is not None and self.damping * self.tuning >= 1:
            raise ValueError(
                f"SpinDiode.damping is {self.damping:g} and tuning {self.tuning:g}; a diode "
                "detuned so far would have no positive resonance. Their product must be "
                "below 1."
            )

    @property
    def stretch(self) -> float:
        """Change of the half linewidth with the resonance: the damping, or 0."""
        return 0.0 if self.damping is None else self.damping

    def half_linewidth_at(self, frequency: ArrayLike) -> FloatOrArray:
        """Half linewidth of a diode whose resonance is at a frequency, both in Hz.

        Parameters
        ----------
        frequency : float or array-like
            In Hz.

        Returns
        -------
        float or ndarray
            In Hz, of the shape of `frequency`.
        """
        frequency = real_array("frequency", frequency).astype(float)
        if self.damping is not None:
            width = self.damping * frequency
        elif isinstance(self.half_linewidth, tuple):
            width = np.interp(frequency, *np.transpose(self.half_linewidth))
        else:
            width = np.full_like(frequency, self.half_linewidth)
        return _plain(width)

    def resonance(self, line: ArrayLike, detuning: ArrayLike) -> FloatOrArray:
        """Resonance of a diode that a detuning separates from its line.

        The detuning is (line - resonance)/half linewidth: where it is positive, the diode
        resonates below the line.

        Parameters
        ----------
        line : float or array-like
            Frequency of the line, in Hz.
        detuning : float or array-like
            In half linewidths.

        Returns
        -------
        float or ndarray
            In Hz.
        """
        line = real_array("line", line).astype(float)
        detuning = real_array("detuning", detuning).astype(float)
        if self.damping is not None:
            return _plain(line / (1 + self.damping * detuning))
        return _plain(line - detuning * self.half_linewidth_at(line))

    def detuning_between(self, line: ArrayLike, resonance: ArrayLike) -> FloatOrArray:
        """Detuning of a diode with a resonance from a line; the inverse of `resonance`.

        Parameters
        ----------
        line, resonance : float or array-like
            In Hz.

        Returns
        -------
        float or ndarray
            In half linewidths.
        """
        line = real_array("line", line).astype(float)
        resonance = real_array("resonance", resonance).astype(float)
        width = self.half_linewidth_at(resonance if self.damping is not None else line)
        return _plain((line - resonance) / width)

    def weight(self, detuning: ArrayLike) -> FloatOrArray:
        """Weight w of a detuning in half linewidths: the shape of the line."""
        detuning = real_array("detuning", detuning).astype(float)
        cosine, sine = line_shape(self.angle)
        return _plain((2 * detuning * cosine + sine) / (1 + detuning**2))

    def detuning(self, weight: ArrayLike) -> FloatOrArray:
        """Detuning in half linewidths that gives a weight, on the steep part of the line.

        Parameters
        ----------
        weight : float or array-like
            Between the least and the largest weight of the line.

        Returns
        -------
        float or ndarray

        Raises
        ------
        ValueError
            If the line has no such weight.
        """
        weight = real_array("weight", weight).astype(float)
        cosine, sine = line_shape(self.angle)
        root = cosine**2 - weight * (weight - sine)
        if (root < -1e-12).any() or (sine == 1 and (weight <= 0).any()):
            reach = math.hypot(cosine, sine / 2)
            raise ValueError(
                f"weight is {weight.flat[np.argmin(root)]:g}; a line with angle "
                f"{self.angle:g} has weights from {sine / 2 - reach:.3g} to "
                f"{sine / 2 + reach:.3g}."
            )
        divisor = cosine + np.sqrt(np.maximum(root, 0.0))
        with np.errstate(invalid="ignore"):
            return _plain(np.where(weight == sine, 0.0, (weight - sine) / divisor))

    def weight_range(self) -> tuple[float, float]:
        """Least and largest weight that the tuning reaches, on the steep part of the line.

        Returns
        -------
        tuple of two floats
        """
        cosine, sine = line_shape(self.angle)
        root = math.hypot(sine, 2 * cosine)
        highest = 2 * cosine / (sine + root)  # where the line has its peak
        lowest = -math.inf if cosine == 0 else -(sine + root) / (2 * cosine)  # and its trough
        return (
            float(self.weight(max(lowest, -self.tuning))),
            float(self.weight(min(highest, self.tuning))),
        )

    def voltage(
        self, power: ArrayLike, frequency: ArrayLike, resonance: ArrayLike
    ) -> FloatOrArray:
        """Dc voltage of a diode with a resonance that hears one microwave.

        Parameters
        ----------
        power : float or array-like
            In W.
        frequency, resonance : float or array-like
            In Hz.

        Returns
        -------
        float or ndarray
            In V.

        Raises
        ------
        ValueError
            If a resonance is not positive.
        """
        power = real_array("power", power).astype(float)
        least = np.min(real_array("resonance", resonance))
        if not least > 0:
            raise ValueError(f"resonance is {least:g} Hz; a resonance must be above 0.")
        weight = self.weight(self.detuning_between(frequency, resonance))
        return _plain(self.sensitivity * power * weight)


@dataclass(frozen=True)
class IdealSynapse(Synapse):
    """A control: a weight that is set directly, between two limits, and hears one line.

    Parameters
    ----------
    sensitivity : float, default=8840.0
        Voltage per power at a weight of 1, in V/W.
    tuning : float, default=1.0
        Largest weight.

    Raises
    ------
    TypeError
        If a parameter is no number.
    ValueError
        If a parameter is not positive.

    Examples
    --------
    >>> from reservoir.devices import IdealSynapse
    >>> IdealSynapse().weight(0.25)
    0.25
    """

    sensitivity: float = 8840.0
    tuning: float = 1.0

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "sensitivity": Real(above=0, what="sensitivity in V/W"),
        "tuning": Real(above=0, what="weight"),
    }

    def weight(self, detuning: ArrayLike) -> FloatOrArray:
        """The setting itself."""
        return _plain(real_array("detuning", detuning).astype(float))

    def detuning(self, weight: ArrayLike) -> FloatOrArray:
        """The weight itself."""
        return _plain(real_array("weight", weight).astype(float))


def _plain(values: FloatOrArray) -> FloatOrArray:
    """A float for a number, an array for an array."""
    return float(values) if np.ndim(values) == 0 else values


def line_shape(angle: float) -> tuple[float, float]:
    """Cosine and sine of a line's angle, exact at both ends."""
    if angle == math.pi / 2:
        return 0.0, 1.0
    return math.cos(angle), math.sin(angle)


def _checked_width(width: object) -> float | tuple[tuple[float, float], ...]:
    """A half linewidth, or a table of them in order of the frequencies."""
    table: Floats = real_array("SpinDiode.half_linewidth", width).astype(float)
    if not (np.isfinite(table).all() and (table > 0).all()):
        raise ValueError(
            f"SpinDiode.half_linewidth is {width!r:.80}; it must be finite and positive, in "
            "Hz."
        )
    if table.ndim == 0:
        return float(table)
    if table.ndim != 2 or table.shape[1] != 2 or (np.diff(table[:, 0]) <= 0).any():
        raise ValueError(
            f"SpinDiode.half_linewidth is {width!r:.80}; a measured table is a sequence of "
            "pairs (frequency, half linewidth), both in Hz, with rising frequencies."
        )
    return tuple((float(frequency), float(half)) for frequency, half in table)
