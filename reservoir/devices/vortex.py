"""A vortex oscillator from its material and geometry: what does Thiele's equation say?"""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from reservoir._checks import Real, Rule, real_array
from reservoir._types import ArrayLike, Floats
from reservoir.devices.logistic import (
    POWER_FLOOR_RANGE,
    LogisticOscillator,
    RateCoefficients,
)
from reservoir.devices.presets import Preset

MU_0 = 4e-7 * math.pi  # T m / A
H_BAR = 1.054571817e-34  # J s
CHARGE = 1.602176634e-19  # C
GYROMAGNETIC_RATIO = 1.76e11  # rad / (s T)


class ThieleCoefficients(NamedTuple):
    """Coefficients of Thiele's equation in SI units; see `VortexOscillator`.

    The stiffness at core position s = r/R and current density J is
    ``stiffness + stiffness_growth s^2 + J (oersted + oersted_growth s^2)``, in N/m.

    Attributes
    ----------
    gyrovector, damping : float
        G and D, in N s/m.
    torque : float
        a_J, in N/m for each A/m^2.
    stiffness, stiffness_growth : float
        In N/m.
    oersted, oersted_growth : float
        In N/m for each A/m^2.

    Examples
    --------
    >>> from reservoir.devices import VortexOscillator
    >>> pillar = VortexOscillator.from_preset("grimaldi2014")
    >>> coefficients = pillar.coefficients()
    >>> coefficients.gyrovector > 0, coefficients.stiffness > 0
    (True, True)
    """

    gyrovector: float
    damping: float
    torque: float
    stiffness: float
    stiffness_growth: float
    oersted: float
    oersted_growth: float


@dataclass(frozen=True)
class VortexOscillator(LogisticOscillator):
    r"""A spin-torque oscillator whose free layer is in the vortex state.

    Thiele's equation for the position X of the vortex core in a disc of radius R under a
    perpendicular field [1]_ [2]_,

    .. math:: G\,\hat z\times\dot X + D(s)\,\dot X + \kappa(s, J)\,X = a_J J\,\hat z\times X,

    with :math:`s = \left|X\right|/R`, :math:`D(s) = D (1 + \xi s^2)` and a stiffness that
    grows with s and with the current density J (Oersted field). To first order in D/G and in
    s^2 the power p = s^2 is logistic,

    .. math:: \dot p = a p - b p^2,\quad
        a = \frac{2}{G^2} [a_J G J - D \kappa(0, J)],\quad
        b = \frac{2 D}{G^2} [\kappa'(J) + \xi \kappa(0, J)],

    both affine in the current, so that the exact kernel runs this device. The coefficients,
    with :math:`\cos\theta = B/\mu_0 M_s`:

    .. math::
        G &= 2\pi L M_s (1 - \cos\theta)/\gamma, \quad
        D = 2\pi\alpha L M_s [\ln(R/2 r_c) - 1/4] \sin^2\theta/\gamma \\
        a_J &= \frac{\pi\hbar P}{2 e}\,\frac{B}{\mu_0 M_p} \sin^2\theta \\
        \kappa(0, J) &= \tfrac{10}{9}\mu_0 M_s^2 \tfrac{L^2}{R} \sin^2\theta
            + 0.85\,C \mu_0 M_s L R \sin\theta\,J \\
        \kappa'(J) &= \tfrac{1}{4}\cdot\tfrac{10}{9}\mu_0 M_s^2 \tfrac{L^2}{R} \sin^2\theta
            - 0.42\,C \mu_0 M_s L R \sin\theta\,J

    Parameters
    ----------
    radius, thickness : float
        R and L of the free layer, in m.
    magnetization : float
        Saturation magnetization M_s of the free layer, in A/m.
    polarizer_magnetization : float
        M_p of the layer that polarizes the current, in A/m.
    field : float
        Perpendicular field B, in T; above 0 and below both saturation fields.
    damping : float
        Gilbert damping, positive.
    polarization : float
        Spin polarization P of the current, in (0, 1].
    core_radius : float
        r_c, in m.
    nonlinear_friction : float, default=0.6
        xi, how much the friction grows with s^2.
    chirality : int, default=1
        C: 1 if the Oersted field turns in the same sense as the vortex, -1 if it turns in the
        other.
    power_floor : float, default=1e-9
        Floor that s^2 never leaves; between 1e-18 and 1e-3.

    Raises
    ------
    TypeError
        If a parameter is no number.
    ValueError
        If a parameter is outside its range, or if the vortex never oscillates because the
        Oersted field stiffens it faster than the torque grows.

    Notes
    -----
    Amplitudes are s, the radius of the orbit over R. The expansions in s hold to about 0.6,
    and a core beyond s = 1 has left the disc. `relative_voltage` turns s into a voltage.

    References
    ----------
    .. [1] A. Dussaux et al., Phys. Rev. B 86, 014402 (2012).
    .. [2] E. Grimaldi et al., Phys. Rev. B 89, 104404 (2014).

    Examples
    --------
    >>> from reservoir.devices import VortexOscillator
    >>> vortex = VortexOscillator.from_preset("grimaldi2014")
    >>> round(vortex.threshold_current * 1e3, 2), round(vortex.frequency / 1e6)
    (1.75, 169)
    >>> round(vortex.stationary_amplitude(1.2 * vortex.threshold_current), 2)
    0.48
    """

    radius: float
    thickness: float
    _: KW_ONLY
    magnetization: float
    polarizer_magnetization: float
    field: float
    damping: float
    polarization: float
    core_radius: float
    nonlinear_friction: float = 0.6
    chirality: int = 1
    power_floor: float = 1e-9

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "radius": Real(above=0, what="length in m"),
        "thickness": Real(above=0, what="length in m"),
        "magnetization": Real(above=0, what="magnetization in A/m"),
        "polarizer_magnetization": Real(above=0, what="magnetization in A/m"),
        "field": Real(above=0, what="field in T"),
        "damping": Real(above=0, what="damping"),
        "polarization": Real(above=0, at_most=1, what="polarization"),
        "core_radius": Real(above=0, what="length in m"),
        "nonlinear_friction": Real(what="friction"),
        "chirality": Real(what="sense of rotation, 1 or -1"),
        "power_floor": POWER_FLOOR_RANGE,
    }
    presets = {
        "grimaldi2014": Preset(
            {
                "radius": 250e-9,
                "thickness": 6e-9,
                "magnetization": 6.5e5,
                "polarizer_magnetization": 1.01e6,
                "field": 0.44,
                "damping": 0.01,
                "polarization": 0.5,
                "core_radius": 33e-9,
            },
            "Vortex tunnel junction (NiFe) of Grimaldi et al., Phys. Rev. B 89, 104404 "
            "(2014). radius 250 nm, field 440 mT, magnetizations 6.5e5 and 1.01e6 A/m, "
            "polarization 0.5, core radius 33 nm: read in a thesis that quotes it. "
            "thickness 6 nm and damping 0.01: recalled, not checked. nonlinear_friction "
            "0.6: assumed. With these values the formulas give a threshold of 1.75 mA; the "
            "paper measured 3.3 mA. Scale currents by the threshold rather than trust its "
            "value.",
        ),
    }

    def __post_init__(self) -> None:
        """Check the table of ranges, then what concerns several parameters at once."""
        super().__post_init__()
        lowest = MU_0 * min(self.magnetization, self.polarizer_magnetization)
        if not self.field < lowest:
            self._refuse("field", f"it must be below {lowest:.3g} T, which saturates a layer")
        if not 2 * self.core_radius * math.exp(0.25) < self.radius:
            self._refuse(
                "core_radius", f"it must be below 0.39 radius = {0.39 * self.radius}"
            )
        if self.chirality not in (-1, 1):
            self._refuse("chirality", "it must be 1 or -1")
        k = self.coefficients()
        if not k.torque * k.gyrovector > k.damping * k.oersted:
            raise ValueError(
                "The Oersted field stiffens this vortex faster than the torque grows, so it "
                "never oscillates; use a larger field or polarization, less damping, or "
                "chirality -1."
            )

    def coefficients(self) -> ThieleCoefficients:
        """Coefficients of Thiele's equation.

        Returns
        -------
        ThieleCoefficients
        """
        cosine = self.field / (MU_0 * self.magnetization)
        sine = math.sqrt(1 - cosine**2)
        momentum = 2 * math.pi * self.thickness * self.magnetization / GYROMAGNETIC_RATIO
        shape = math.log(self.radius / (2 * self.core_radius)) - 0.25
        efficiency = math.pi * H_BAR * self.polarization / (2 * CHARGE)
        charges = MU_0 * (self.magnetization * self.thickness * sine) ** 2 / self.radius
        oersted = MU_0 * self.magnetization * self.thickness * self.radius * sine
        return ThieleCoefficients(
            gyrovector=momentum * (1 - cosine),
            damping=self.damping * momentum * shape * sine**2,
            torque=efficiency * self.field / (MU_0 * self.polarizer_magnetization) * sine**2,
            stiffness=10 / 9 * charges,
            stiffness_growth=0.25 * 10 / 9 * charges,
            oersted=0.85 * self.chirality * oersted,
            oersted_growth=-0.42 * self.chirality * oersted,
        )

    @property
    def area(self) -> float:
        """Cross-section of the pillar, in m^2."""
        return math.pi * self.radius**2

    @property
    def threshold_current(self) -> float:
        """Current at which the torque makes up for the friction, in A."""
        k = self.coefficients()
        balance = k.torque * k.gyrovector - k.damping * k.oersted
        return k.damping * k.stiffness / balance * self.area

    @property
    def damping_rate(self) -> float:
        """Rate at which the orbit shrinks without current, in 1/s."""
        k = self.coefficients()
        return k.damping * k.stiffness / k.gyrovector**2

    @property
    def frequency(self) -> float:
        """Frequency of a small orbit at the threshold, in Hz."""
        k = self.coefficients()
        stiffness = k.stiffness + k.oersted * self.threshold_current / self.area
        return stiffness / (2 * math.pi * k.gyrovector)

    @property
    def nonlinear_frequency_shift(self) -> float:
        """Change of frequency per unit of s^2, at the threshold, in Hz."""
        k = self.coefficients()
        growth = k.stiffness_growth + k.oersted_growth * self.threshold_current / self.area
        return growth / (2 * math.pi * k.gyrovector)

    @property
    def current_tuning(self) -> float:
        """Change of the frequency of a small orbit with the current, in Hz/A.

        It comes from the Oersted field.
        """
        k = self.coefficients()
        return k.oersted / (2 * math.pi * k.gyrovector * self.area)

    def rate_coefficients(self) -> RateCoefficients:
        """Growth and saturation rates as affine functions of the current.

        Returns
        -------
        RateCoefficients
        """
        k = self.coefficients()
        unit = 2 / k.gyrovector**2
        friction, xi = k.damping, self.nonlinear_friction
        return RateCoefficients(
            unit * (k.torque * k.gyrovector - friction * k.oersted) / self.area,
            -unit * friction * k.stiffness,
            unit * friction * (k.oersted_growth + xi * k.oersted) / self.area,
            unit * friction * (k.stiffness_growth + xi * k.stiffness),
        )

    @property
    def relative_voltage(self) -> float:
        """Voltage amplitude per unit of s, current and resistance swing, without unit.

        It is 2/3 times half the in-plane part of both layers. The voltage is this number
        times s I dR, and a load R_l receives the share R_l/(R_l + R_0).
        """
        free = self.field / (MU_0 * self.magnetization)
        fixed = self.field / (MU_0 * self.polarizer_magnetization)
        return math.sqrt((1 - free**2) * (1 - fixed**2)) / 3

    def orbit(self, current: float, time: ArrayLike, start: float) -> Floats:
        """Integrate Thiele's equation itself, without an expansion: an independent check.

        Parameters
        ----------
        current : float
            In A.
        time : array-like of shape (n_times,)
            In s, ascending from 0.
        start : float
            Distance of the core from the centre at time 0, in units of R.

        Returns
        -------
        ndarray of shape (n_times, 2)
            Position of the core in units of R.
        """
        from scipy.integrate import solve_ivp

        k = self.coefficients()
        density = current / self.area

        def velocity(_: float, position: Floats) -> list[float]:
            x, y = position
            power = x * x + y * y
            friction = k.damping * (1 + self.nonlinear_friction * power)
            stiffness = (
                k.stiffness
                + k.stiffness_growth * power
                + density * (k.oersted + k.oersted_growth * power)
            )
            torque = k.torque * density
            force_x, force_y = -stiffness * x - torque * y, -stiffness * y + torque * x
            both = friction**2 + k.gyrovector**2
            return [
                (friction * force_x + k.gyrovector * force_y) / both,
                (friction * force_y - k.gyrovector * force_x) / both,
            ]

        time = real_array("time", time).astype(float, copy=False)
        if not np.isfinite([*time.flat, current, start]).all():
            raise ValueError("A time, the current or the start is not finite; all must be.")
        solution = solve_ivp(
            velocity, (0, time[-1]), [start, 0.0], "DOP853", time, rtol=1e-9, atol=1e-12
        )
        positions: Floats = solution.y.T
        return positions
