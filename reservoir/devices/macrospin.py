"""A magnet as one vector: when does a spin torque make it turn, and how fast?"""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from reservoir._checks import Real, Rule, real_array
from reservoir._core import macrospin as kernel
from reservoir._types import ArrayLike, Floats
from reservoir.devices.device import Device
from reservoir.devices.presets import Preset

H_BAR = 1.054571817e-34  # J s
CHARGE = 1.602176634e-19  # C
GYROMAGNETIC_RATIO = 1.76085963e11  # rad / (s T)
MAX_TURN = 0.2  # Angle by which the fastest precession turns in one step, in rad.
Vector: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True)
class Triple:
    """A rule of a table of ranges: a tuple of three finite numbers; no True, no False."""

    what: str

    def admits(self, value: object) -> bool:
        """Whether a value is allowed."""
        return (
            isinstance(value, tuple)
            and len(value) == 3
            and all(isinstance(part, int | float) and Real().admits(part) for part in value)
        )

    def __str__(self) -> str:
        """The words that follow "it must be"."""
        return f"a tuple of three finite numbers, {self.what}"


@dataclass(frozen=True)
class MacrospinOscillator(Device):
    r"""A uniformly magnetised free layer under a spin-polarised current.

    The equation of Landau, Lifshitz, Gilbert and Slonczewski for the unit vector m,

    .. math:: \dot m = -\gamma\,m\times B + \alpha\,m\times\dot m
        - \gamma\,s\,m\times(p\times m),\quad
        s = \frac{\hbar\,\eta\,I}{2 e (1 + \lambda\,m\cdot p) M_s V},

    where B is the applied field plus, component by component, anisotropy times m. The step is
    the Runge-Kutta step of order four, scaled back to length 1, with at most 0.2 rad of
    precession.

    Parameters
    ----------
    magnetization : float
        M_s, in A/m.
    volume : float
        In m^3.
    field : tuple of 3 floats
        Applied field, in T.
    anisotropy : tuple of 3 floats
        Anisotropy and demagnetising field along x, y and z for m along each of them, in T. A
        thin film has ``(0, 0, -mu_0 M_s)``; uniaxial anisotropy along its normal adds to the
        last number.
    damping : float
        Gilbert damping. At 0, which is allowed, nothing decays.
    polarization : float
        eta, in (0, 1].
    polarizer : tuple of 3 floats
        Direction p, of any length but 0. Positive currents push m away from it.
    asymmetry : float, default=0.0
        lambda of the torque, in [0, 1).
    floor : float, default=1e-6
        Lowest power at the start of every hold, so that a magnet that came to rest can start
        again; at most 0.01.

    Raises
    ------
    TypeError
        If a parameter that must be a number is no number.
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    The power is (1 - m.axis)/2, where `axis` is the direction of rest without current. The
    root of the mean power over the hold is read: the detector is slower than the precession
    and faster than the hold. Every row begins at the floor.

    References
    ----------
    .. [1] J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996).
    .. [2] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).

    Examples
    --------
    >>> from reservoir.devices import MacrospinOscillator
    >>> magnet = MacrospinOscillator.from_preset("perpendicular")
    >>> round(magnet.frequency / 1e9, 2), round(magnet.threshold_current * 1e3, 3)
    (5.6, 0.305)
    """

    magnetization: float
    volume: float
    _: KW_ONLY
    field: Vector
    anisotropy: Vector
    damping: float
    polarization: float
    polarizer: Vector
    asymmetry: float = 0.0
    floor: float = 1e-6

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "magnetization": Real(above=0, what="magnetization in A/m"),
        "volume": Real(above=0, what="volume in m^3"),
        "field": Triple("a field in T"),
        "anisotropy": Triple("fields in T"),
        "damping": Real(at_least=0, what="damping"),
        "polarization": Real(above=0, at_most=1, what="polarization"),
        "polarizer": Triple("a direction"),
        "asymmetry": Real(at_least=0, below=1, what="asymmetry"),
        "floor": Real(above=0, at_most=1e-2, what="power"),
    }
    presets = {
        "perpendicular": Preset(
            {
                "magnetization": 6.4e5,
                "volume": math.pi * 50e-9**2 * 3e-9,
                "field": (0.0, 0.0, 1.0),
                "anisotropy": (0.0, 0.0, -0.8),
                "damping": 0.01,
                "polarization": 0.3,
                "polarizer": (0.0, 0.0, 1.0),
            },
            "Illustrative, not a published device: a permalloy disc (mu_0 M_s = 0.8 T, 3 "
            "nm, radius 50 nm) magnetised along its normal by 1 T, the case that Slavin and"
            " Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009) solve in closed form; "
            "polarizer along the normal too.",
        ),
        "akashi2020": Preset(
            {
                "magnetization": 1448.3e3,
                "volume": math.pi * 60e-9**2 * 2e-9,
                "field": (0.0, 0.0, 0.02),
                "anisotropy": (0.0, 0.0, 1.8616 - 4e-7 * math.pi * 1448.3e3),
                "damping": 0.005,
                "polarization": 0.537,
                "polarizer": (1.0, 0.0, 0.0),
                "asymmetry": 0.288,
            },
            "Free layer with perpendicular anisotropy and a polarizer in the plane, as in "
            "the public configuration of Akashi, Taniguchi and colleagues: M_s 1448.3 "
            "emu/cm3, H_k 18.616 kOe, field 200 Oe along z, eta 0.537, lambda 0.288, "
            "damping 0.005, 2 nm x radius 60 nm, p along x, driven there with 2.5 mA: read "
            "in that code.",
        ),
    }

    def __post_init__(self) -> None:
        """Check the table of ranges, and that the polarizer has a direction."""
        super().__post_init__()
        if not any(self.polarizer):
            self._refuse("polarizer", "it must point somewhere")

    def torque_field(self, current: float) -> float:
        """Strength s of the torque for m across the polarizer, in T."""
        spin = H_BAR * self.polarization / (2 * CHARGE)
        return spin * current / (self.magnetization * self.volume)

    @property
    def axis(self) -> Floats:
        """Direction of rest without current, on the side of the field; shape (3,)."""
        field, anisotropy = np.array(self.field), np.array(self.anisotropy)
        m: Floats = (
            field if field.any() else np.where(anisotropy == anisotropy.max(), 1.0, 0.0)
        )
        m = m / np.linalg.norm(m)
        # Each step turns m towards the local field. The added multiple of m slows it down, so
        # that no anisotropy makes it swing.
        hold = np.abs(anisotropy).max() + 1e-3 * np.abs(field).max() + 1e-9
        for _ in range(2000):
            m = field + (anisotropy + hold) * m
            m /= np.linalg.norm(m)
        return m

    @property
    def stiffness_fields(self) -> Floats:
        """The two fields that restore a small lean from the axis, in T, ascending."""
        axis = self.axis
        along = np.dot(self.field + np.array(self.anisotropy) * axis, axis)
        across = np.linalg.svd(axis[None])[2][1:]
        fields: Floats = np.linalg.eigvalsh(
            along * np.eye(2) - across * self.anisotropy @ across.T
        )
        return fields

    @property
    def frequency(self) -> float:
        """Frequency of ferromagnetic resonance (Kittel), in Hz."""
        low, high = self.stiffness_fields
        return GYROMAGNETIC_RATIO * math.sqrt(max(low * high, 0.0)) / (2 * math.pi)

    @property
    def damping_rate(self) -> float:
        """Rate at which a small precession decays without current, in 1/s."""
        mean = float(self.stiffness_fields.mean())
        return self.damping * GYROMAGNETIC_RATIO * mean / (1 + self.damping**2)

    @property
    def threshold_current(self) -> float:
        r"""Current at which a small precession stops decaying, in A.

        .. math:: s_1 I [2 c/(1 + \lambda c) + \lambda (1 - c^2)/(1 + \lambda c)^2]
            = \alpha (B_1 + B_2),\quad c = p\cdot axis

        where s_1 is the torque of one ampere for m across the polarizer. The direction of
        rest is the one without current.

        Raises
        ------
        ValueError
            If a positive current damps the precession.
        """
        p = np.array(self.polarizer) / np.linalg.norm(self.polarizer)
        c = float(np.dot(p, self.axis))
        weight = 1 + self.asymmetry * c
        push = 2 * c / weight + self.asymmetry * (1 - c * c) / weight**2
        if not push > 0:
            raise ValueError(
                f"The polarizer {self.polarizer!r} is turned against the direction of rest "
                f"{self.axis.round(3).tolist()}, so a positive current only "
                "damps; reverse it."
            )
        return (
            self.damping * float(self.stiffness_fields.sum()) / push / self.torque_field(1.0)
        )

    def magnet(self) -> dict[str, float]:
        """The magnet for the kernel: the fields of `Magnet` in `_core/macrospin.pyx`."""
        polarizer = np.array(self.polarizer) / np.linalg.norm(self.polarizer)
        vectors = {
            "field": self.field,
            "anisotropy": self.anisotropy,
            "polarizer": polarizer,
            "axis": self.axis,
        }
        return {
            "gamma": GYROMAGNETIC_RATIO,
            "alpha": self.damping,
            "torque": self.torque_field(1.0),
            "asymmetry": self.asymmetry,
            "floor": self.floor,
        } | {
            f"{name}_{part}": float(value)
            for name, vector in vectors.items()
            for part, value in zip("xyz", vector, strict=True)
        }

    @property
    def _strength(self) -> float:
        """Bound of the fields without current, in T."""
        return float(np.linalg.norm(self.field) + np.abs(self.anisotropy).max())

    @property
    def largest_current(self) -> float:
        """Current whose torque reaches half the strength of the fields, in A.

        The step is made for this current, whatever the currents of a row are, so that no row
        depends on another.
        """
        return 0.5 * self._strength * (1 - self.asymmetry) / self.torque_field(1.0)

    def n_steps(self, hold_time: float) -> int:
        """Steps in a hold: so many that no precession turns by more than 0.2 rad in one."""
        turn = hold_time * GYROMAGNETIC_RATIO * 1.5 * self._strength
        return self._whole_steps(turn / MAX_TURN, hold_time)

    def trajectory(
        self, current: float, time: float, start: ArrayLike, *, n_steps: tuple[int, int]
    ) -> Floats:
        """Directions at evenly spaced times under one current.

        Parameters
        ----------
        current : float
            In A.
        time : float
            Time between two directions, in s.
        start : array-like of shape (n_magnets, 3)
            Directions at the beginning, of any length.
        n_steps : tuple of two ints
            Number of times, and number of integration steps between two of them.

        Returns
        -------
        ndarray of shape (n_magnets, n_times, 3)
        """
        n_times, n_between = n_steps
        state = np.array(real_array("start", start), dtype=float)
        state /= np.linalg.norm(state, axis=1, keepdims=True)
        magnet = self.magnet() | {"floor": 0.0}
        directions = np.empty((len(state), n_times, 3))
        rows, power = np.full((len(state), 1), float(current)), np.empty((len(state), 1))
        for i in range(n_times):
            kernel.respond(rows, state, magnet, time / n_between, n_between, power)
            directions[:, i] = state
        return directions

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """Root of the mean power over every hold, for rows of held currents.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            In A.
        hold_time : float
            In s.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)

        Raises
        ------
        ValueError
            If a current exceeds `largest_current`.
        """
        most = np.abs(current).max(initial=0.0)
        if most > self.largest_current:
            raise ValueError(
                f"A current of {most:.4g} A is too large: its torque exceeds half the "
                "strength of this magnet's fields. The integration's step is made for at "
                f"most {self.largest_current:.4g} A "
                f"({self.largest_current / self.threshold_current:.4g} thresholds)."
            )
        power = np.empty_like(current)
        state = np.tile(self.axis, (len(current), 1))
        n_steps = self.n_steps(hold_time)
        step = hold_time / n_steps
        kernel.respond(current, state, self.magnet(), step, n_steps, power)
        return np.sqrt(np.maximum(power, 0.0))
