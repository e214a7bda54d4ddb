"""An oscillator locked to a source whose frequency is the drive: what can be read of it?"""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Self

import numpy as np

from reservoir._checks import Choice, Real, Rule
from reservoir._core import locked as kernel
from reservoir._types import Floats
from reservoir.devices.device import Device
from reservoir.devices.logistic import LogisticOscillator, has_rates
from reservoir.devices.presets import Preset

MAX_TURN = 0.25  # The fastest rate times a step, in rad.
MAX_DETUNING = 20.0  # Detuning, in half-widths of locking, for which the step is made.
READINGS = tuple(kernel.variables)


@dataclass(frozen=True)
class PhaseLockedOscillator(Device):
    r"""A spin-torque oscillator at a fixed current under a microwave source.

    The drive is the source's frequency, held for every node. In the frame of the source,
    whose phase never jumps, the complex amplitude obeys (Slavin and Tiberkevich [1]_)

    .. math:: \dot c = \tfrac12 (a - b |c|^2) c - i 2\pi (N (|c|^2 - p_0) + f_0 - f) c + F

    with :math:`p_0 = a/b`, f0 the frequency without the source and f the frequency of the
    source. If f is near enough to f0, the oscillator takes the frequency of the source, and
    its amplitude and phase follow from the detuning. A locked oscillator is far less noisy
    than a free one. Markovic et al. [2]_ read amplitude, phase and frequency.

    Parameters
    ----------
    growth_rate, saturation_rate : float
        a and b, in 1/s; positive.
    frequency : float
        f0, in Hz; positive. Only differences from it matter, so it changes no answer.
    nonlinear_frequency_shift : float
        N, change of frequency per unit of power, in Hz.
    force : float
        F, how fast the source changes the amplitude, in 1/s; positive.
    read : {"phase", "amplitude", "frequency"}, default="phase"
        What is read of every hold. "phase" is the phase ahead of the source at the end of the
        hold, in rad between -pi and pi. "amplitude" is the amplitude at the end of the hold.
        "frequency" is the oscillator's mean frequency over the hold, less f0, in Hz.

    Raises
    ------
    TypeError
        If a parameter is no number.
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    The estimators' `drive_range` is the source's frequency less f0, in units of the
    `locking_half_width`. Every row begins at rest, locked to a source at f0.

    References
    ----------
    .. [1] A. Slavin and V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009).
    .. [2] D. Markovic et al., Appl. Phys. Lett. 114, 012409 (2019).

    Examples
    --------
    >>> from reservoir import SpinTorqueOscillator
    >>> from reservoir.devices import PhaseLockedOscillator
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> locked = PhaseLockedOscillator.from_oscillator(vortex, 7e-3, force=3e5)
    >>> round(locked.locking_half_width / 1e3)
    296
    """

    growth_rate: float
    saturation_rate: float
    _: KW_ONLY
    frequency: float
    nonlinear_frequency_shift: float
    force: float
    read: str = "phase"

    silent_below_threshold = False
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "growth_rate": Real(above=0, what="rate in 1/s"),
        "saturation_rate": Real(above=0, what="rate in 1/s"),
        "frequency": Real(above=0, what="frequency in Hz"),
        "nonlinear_frequency_shift": Real(what="frequency in Hz"),
        "force": Real(above=0, what="rate in 1/s"),
        "read": Choice(READINGS),
    }
    presets = {
        "markovic2019": Preset(
            {
                "growth_rate": 1 / 410e-9,
                "saturation_rate": 3 / 410e-9,
                "frequency": 326.5e6,
                "nonlinear_frequency_shift": 2e6,
                "force": 3e5,
            },
            "Illustrative: the paper (Appl. Phys. Lett. 114, 012409 (2019)) was read in "
            "abstract only. A vortex like torrejon2017 at 7 mA, with its derived and assumed "
            "values; the force is chosen so that the locking range is 0.6 MHz wide.",
        ),
    }

    @classmethod
    def from_oscillator(
        cls,
        oscillator: LogisticOscillator,
        current: float,
        force: float,
        read: str = "phase",
    ) -> Self:
        """An oscillator whose power is logistic, at a current above its threshold.

        Parameters
        ----------
        oscillator : SpinTorqueOscillator or VortexOscillator
            Or another device with `reservoir.devices.Ability.RATES`.
        current : float
            In A.
        force : float
            F, in 1/s.
        read : {"phase", "amplitude", "frequency"}, default="phase"
            As for the device itself.

        Returns
        -------
        PhaseLockedOscillator

        Raises
        ------
        TypeError
            If the oscillator's power is not logistic.
        ValueError
            If the current is not above the threshold.
        """
        if not has_rates(oscillator):
            raise TypeError(
                f"oscillator is a {type(oscillator).__name__}; only an oscillator whose "
                "power is logistic has the rates that are needed here."
            )
        if not oscillator.growth_rate(current) > 0:
            raise ValueError(f"{oscillator.describe(current)}: there is nothing to lock.")
        return cls(
            growth_rate=oscillator.growth_rate(current),
            saturation_rate=oscillator.saturation_rate(current),
            frequency=oscillator.stationary_frequency(current),
            nonlinear_frequency_shift=oscillator.nonlinear_frequency_shift,
            force=force,
            read=read,
        )

    @property
    def rest_power(self) -> float:
        """Power without the source, a/b."""
        return self.growth_rate / self.saturation_rate

    @property
    def nonlinear_shift(self) -> float:
        """Dimensionless frequency shift nu = 4 pi N / b."""
        return 4 * math.pi * self.nonlinear_frequency_shift / self.saturation_rate

    @property
    def locking_half_width(self) -> float:
        r"""Half the range of frequencies at which a weak source locks the oscillator, in Hz.

        .. math:: \frac{F}{2\pi\sqrt{p_0}} \sqrt{1 + \nu^2}
        """
        reach = self.force / math.sqrt(self.rest_power)
        return reach * math.hypot(1.0, self.nonlinear_shift) / (2 * math.pi)

    @property
    def drive_unit(self) -> float:
        """Unit of the estimators' `drive_range`: the `locking_half_width`, in Hz."""
        return self.locking_half_width

    @property
    def damping_rate(self) -> float:
        """Rate a/2, in 1/s, by which the estimators choose how long a node is held."""
        return self.growth_rate / 2

    def n_steps(self, hold_time: float) -> int:
        """Steps in a hold: so many that the fastest rate turns by at most 0.25 rad in one."""
        widest = 2 * math.pi * MAX_DETUNING * self.locking_half_width
        turn = 2 * math.pi * abs(self.nonlinear_frequency_shift) * self.rest_power
        push = self.force / math.sqrt(self.rest_power)
        rate = self.growth_rate + turn + push + widest
        return self._whole_steps(hold_time * rate / MAX_TURN, hold_time)

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """What is read at the end of every hold, for rows of source frequencies.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            Frequency of the source less `frequency`, in Hz.
        hold_time : float
            In s.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)

        Raises
        ------
        ValueError
            If a source is more than 20 half-widths of locking away, for which the step is not
            made.
        """
        most = np.abs(current).max(initial=0.0)
        if most > MAX_DETUNING * self.locking_half_width:
            raise ValueError(
                f"A source is {most:.4g} Hz from the oscillator, "
                f"{most / self.locking_half_width:.4g} half-widths of locking; the step is "
                f"made for at most {MAX_DETUNING:g}. Take a narrower drive_range."
            )
        n_steps = self.n_steps(hold_time)
        step = hold_time / n_steps
        locked = {
            "growth": self.growth_rate / 2 * step,
            "saturation": self.saturation_rate / 2 * step,
            "shift": 2 * math.pi * self.nonlinear_frequency_shift * step,
            "force": self.force * step,
            "rest": self.rest_power,
        }
        state = np.tile(self._at_rest(), (len(current), 1))
        response = np.empty_like(current)
        kernel.respond(
            -2 * np.pi * current,
            state,
            locked,
            step,
            n_steps,
            kernel.variables[self.read],
            response,
        )
        if self.read == "frequency":
            response = response / (2 * np.pi * hold_time) + current
        return response

    def _at_rest(self) -> tuple[float, float]:
        """Real and imaginary part of c, locked to a source at f0.

        There (b/2 + 2 pi i N) e c = F with e = p - p0, so (p0 + e) e^2 is known.
        """
        own = self.saturation_rate / 2 + 2j * math.pi * self.nonlinear_frequency_shift
        rest = self.rest_power
        push = (self.force / abs(own)) ** 2
        # The start lies above the only positive root, so Newton's steps descend to it.
        excess = min(math.sqrt(push / rest), push ** (1 / 3))
        for _ in range(10):
            miss = (rest + excess) * excess**2 - push
            excess -= miss / (excess * (2 * rest + 3 * excess))
        c = self.force / (own * excess)
        return c.real, c.imag
