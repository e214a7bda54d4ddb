"""What moves coupled oscillators and tones, and which steps follow that?"""

from dataclasses import dataclass, replace

import numpy as np

from reservoir._types import Floats
from reservoir.couplings import Links
from reservoir.exceptions import SimulationError

MAX_CHANGE_PER_STEP = 1.0  # change in one step, in e-folds or radians, that is still followed


@dataclass(frozen=True)
class Oscillators:
    """Rates of every oscillator, in the frame that turns at the reference frequency.

    All have shape (n_oscillators,), or (n_inputs, n_oscillators) if inputs change them.

    Attributes
    ----------
    growth, saturation : ndarray
        a/2 and b/2 of dp/dt = a p - b p^2, in 1/s.
    power : ndarray
        Power at rest, without unit.
    turn : ndarray
        Angular frequency at rest less the reference, in rad/s.
    shift : ndarray
        Change of the angular frequency per unit of power, in rad/s.
    diffusion : ndarray
        D of the noise, <f f*> = 2 D delta, in 1/s.
    """

    growth: Floats
    saturation: Floats
    power: Floats
    turn: Floats
    shift: Floats
    diffusion: Floats

    def __len__(self) -> int:
        """How many oscillators."""
        n_oscillators: int = self.growth.shape[-1]
        return n_oscillators

    def under(self, inputs: slice) -> "Oscillators":
        """The oscillators under some of the inputs."""
        if self.growth.ndim == 1:
            return self
        return Oscillators(**{name: rates[inputs] for name, rates in vars(self).items()})


@dataclass(frozen=True)
class Tones:
    """The injected tones under every input.

    Attributes
    ----------
    turn : ndarray of shape (n_inputs, n_tones)
        Angular frequencies less the reference, in rad/s.
    force : float, default=0.0
        F of every tone, in 1/s.
    """

    turn: Floats
    force: float = 0.0

    def __len__(self) -> int:
        """How many inputs."""
        return len(self.turn)

    @property
    def n_tones(self) -> int:
        """How many tones each input has."""
        n_tones: int = self.turn.shape[1]
        return n_tones

    @property
    def total_force(self) -> float:
        """Sum of F over the tones, in 1/s."""
        return self.force * self.n_tones

    def under(self, inputs: slice) -> "Tones":
        """The tones under some of the inputs."""
        return replace(self, turn=self.turn[inputs])


@dataclass(frozen=True)
class Pump:
    """A source at about twice the frequency of the oscillators: V exp(-i D t) conj(c).

    Attributes
    ----------
    rate : float, default=0.0
        V, in 1/s. 0 stands for no pump.
    turn : float, default=0.0
        D: its angular frequency less twice the reference, in rad/s.
    """

    rate: float = 0.0
    turn: float = 0.0


NO_PUMP = Pump()


def check_followed(
    oscillators: Oscillators,
    links: Links,
    tones: Tones,
    pump: Pump,
    step: float,
    power: Floats | None = None,
) -> None:
    """Refuse a step that does not follow the rates.

    Parameters
    ----------
    oscillators : Oscillators
    links : Links
    tones : Tones
    pump : Pump
    step : float
        In s.
    power : ndarray of shape (n_inputs, n_oscillators), default=None
        Powers that were met. None stands for the powers at rest.

    Raises
    ------
    SimulationError
        The message names the oscillator, its rate, and a step that would do.
    """
    power = np.atleast_2d(oscillators.power if power is None else power)
    rates = np.maximum(
        links.weights() + pump.rate,
        2 * oscillators.saturation * power
        + np.abs(oscillators.shift * (power - oscillators.power)),
    )
    row, oscillator = np.unravel_index(rates.argmax(), rates.shape)
    if rates[row, oscillator] * step > MAX_CHANGE_PER_STEP:
        where = f"of oscillator {oscillator} at power {power[row, oscillator]:.2g}"
        where += f" under input {row}" if len(power) > 1 else ""
        raise SimulationError(
            f"The amplitude {where} changes at {rates[row, oscillator]:.3g} 1/s: "
            + advice(oscillators, links, tones, pump, step)
        )


def advice(
    oscillators: Oscillators, links: Links, tones: Tones, pump: Pump, step: float
) -> str:
    """A step that would do, and what else would help, as the end of a message.

    The parameters are those of `check_followed`.

    Growth, coupling, pump, tones and noise drive the power up until saturation balances them:
    s p = g + w + V + F/sqrt(p) + D/p. So p is at most the sum of what each alone would reach.
    """
    saturation, weights = oscillators.saturation, links.weights()
    powers = {
        "": oscillators.power,
        ", or weaken the coupling": weights / saturation,
        ", or weaken the pumping": pump.rate / saturation,
        ", or weaken the sources": (tones.total_force / saturation) ** (2 / 3),
        ", or narrow the linewidth": np.sqrt(oscillators.diffusion / saturation),
    }
    rate = (2 * saturation + np.abs(oscillators.shift)) * sum(powers.values())
    advised = min(
        0.25 * MAX_CHANGE_PER_STEP / max(rate.max(), weights.max() + pump.rate), step / 2
    )
    besides = max(powers, key=lambda cause: powers[cause].max())
    return f"a step of {step:.3g} s is too coarse; {advised:.1e} s would do{besides}."
