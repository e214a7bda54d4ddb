"""What does an oscillator seem to do if its answer says nothing of what it does?"""

from dataclasses import dataclass

import numpy as np

from reservoir._randomness import stream_of
from reservoir._types import Array, Floats, Integers

AS_IT_IS, AT_RANDOM = -2, -3
STATE_SEED_OFFSET = 2**42  # makes it independent of the noise of the oscillators


@dataclass(frozen=True)
class Misreading:
    """Which oscillators of a network answer something else than what they do.

    Attributes
    ----------
    states : ndarray of int of shape (n_oscillators,)
        The source that each oscillator seems to be locked to, whatever it does; -1 for none.
        `AS_IT_IS` says that its answer is true, `AT_RANDOM` that it is any of the sources or
        none, anew for each input and with equal probabilities.
    seed : int
        The random states of an input depend on it and on the bytes of the input.
    """

    states: Integers
    seed: int = 0

    def answers(
        self, inputs: Floats, sources: Floats, frequency: Floats, power: Floats
    ) -> tuple[Array, dict[str, Array]]:
        """What the oscillators seem to do, and of which oscillators that is false.

        One that seems to be locked to a source has its frequency, and the coherence 1. One
        that seems free, or locked to a source that is not there, has its natural frequency
        and no coherence. Both have the power of an oscillator at rest.

        Parameters
        ----------
        inputs : ndarray of shape (n_inputs, n_numbers)
            All that a user gives of each input.
        sources : ndarray of shape (n_inputs, n_sources)
            In Hz.
        frequency, power : ndarray of shape (n_oscillators,), or one row for each input
            Natural frequencies in Hz, and powers at rest.

        Returns
        -------
        is_false : ndarray of bool of shape (n_inputs, n_oscillators)
        answers : dict of ndarray
            By the attributes of `NetworkResponse`.
        """
        n_sources = sources.shape[1]
        states = np.tile(self.states, (len(sources), 1))
        stray = self.states == AT_RANDOM
        for row, given in zip(states, inputs, strict=True):
            generator = stream_of(self.seed + STATE_SEED_OFFSET, given)
            row[stray] = generator.integers(-1, n_sources, size=stray.sum())
        is_false = states != AS_IT_IS
        states[states >= n_sources] = -1
        follows = states[:, :, None] == np.arange(n_sources)
        heard = (follows * sources[:, None, :]).sum(axis=2)
        return is_false, {
            "locked": states,
            "coherence": follows.astype(float),
            "frequency": np.where(follows.any(axis=2), heard, frequency),
            "power": np.broadcast_to(power, states.shape),
        }
