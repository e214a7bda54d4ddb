"""Who is coupled to whom, which oscillators are free, and which are held?

An oscillator is written as z = r exp(i phi), seen from a frame that turns at the frequency of
a reference: phi grows while the oscillator runs faster than the reference. Free oscillators
come first in every array. Held ones keep the phase that somebody gives them: references, and
inputs that enter as phases. They act on the free ones and feel nothing.
"""

from dataclasses import dataclass, replace

import numpy as np

from reservoir._types import Array, Complexes, Floats


@dataclass(frozen=True)
class Circuit:
    """Couplings, frequencies and held oscillators under every input.

    The first axis of every array counts the inputs, or has length 1 where all inputs share
    the numbers.

    Attributes
    ----------
    couplings : ndarray of shape (n_inputs, n_free, n_free + n_held)
        Entry i, j is the rate in 1/s at which oscillator j pulls the phase of oscillator i.
    frequencies : ndarray of shape (n_inputs, n_free)
        Angular frequencies at rest less that of the reference, in rad/s.
    held : ndarray of complex of shape (n_inputs, n_held)
        The oscillators that are held, of size 1.
    """

    couplings: Floats
    frequencies: Floats
    held: Complexes

    def __len__(self) -> int:
        """How many inputs."""
        return max(len(self.couplings), len(self.frequencies), len(self.held))

    @property
    def n_free(self) -> int:
        """How many oscillators move."""
        return int(self.frequencies.shape[1])

    @property
    def fastest(self) -> float:
        """The fastest rate of a phase, in 1/s."""
        pulls = np.abs(self.couplings).sum(axis=2) + np.abs(self.frequencies)
        return float(pulls.max())

    def check(self) -> None:
        """Refuse couplings that two settled states cannot learn.

        Raises
        ------
        ValueError
            If an array is not finite or has another shape, or if couplings are not the same
            both ways.
        """
        n_free = self.n_free
        if self.couplings.shape[1:] != (n_free, n_free + self.held.shape[1]):
            raise ValueError(
                f"couplings has shape {self.couplings.shape}; for {n_free} free and "
                f"{self.held.shape[1]} held oscillators it must have shape (n_inputs, "
                f"{n_free}, {n_free + self.held.shape[1]})."
            )
        for name in ("couplings", "frequencies", "held"):
            if not np.isfinite(getattr(self, name)).all():
                raise ValueError(f"{name} holds NaN or infinity; it must be finite.")
        among = self.couplings[:, :, :n_free]
        if np.diagonal(among, axis1=1, axis2=2).any():
            raise ValueError(
                "couplings has entries on its diagonal; an oscillator is not coupled to "
                "itself: set them to 0."
            )
        apart = np.abs(among - among.transpose(0, 2, 1))
        if apart.any():
            _, first, second = np.unravel_index(apart.argmax(), apart.shape)
            raise ValueError(
                f"couplings is not symmetric: oscillators {first} and {second} feel each "
                f"other with strengths that differ by {apart.max():.3g} 1/s. Equilibrium "
                "propagation needs equal strengths both ways; take (K + K.T) / 2."
            )

    def under(self, inputs: Array) -> "Circuit":
        """The circuit under some of the inputs, given as a mask or as numbers of rows."""
        parts = {
            name: values if len(values) == 1 else values[inputs]
            for name, values in vars(self).items()
        }
        return replace(self, **parts)

    def pull(self, z: Complexes, push: Complexes) -> Complexes:
        """What every free oscillator feels.

        Parameters
        ----------
        z : ndarray of complex of shape (n_inputs, n_free)
        push : ndarray of complex of shape (n_inputs, n_free)
            Injections from outside, in 1/s.

        Returns
        -------
        ndarray of complex of shape (n_inputs, n_free)
            In 1/s.
        """
        felt: Complexes = push + np.matmul(self.couplings, self.all_of(z)[:, :, None])[..., 0]
        return felt

    def all_of(self, z: Complexes) -> Complexes:
        """Free and held oscillators, of shape (n_inputs, n_free + n_held)."""
        held = np.broadcast_to(self.held, (len(z), self.held.shape[1]))
        return np.concatenate([z, held], axis=1)
