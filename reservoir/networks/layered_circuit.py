"""Which couplings does a layered network of oscillators have, and in which order?"""

from dataclasses import dataclass

import numpy as np

from reservoir._types import Complexes, Floats, Integers
from reservoir.networks.circuit import Circuit
from reservoir.networks.equilibrium_propagation import Slopes

REFERENCES = np.array([1.0, 1j])  # two, a quarter turn apart
REFERENCE_START = 1.0  # coupling to the first of them, which keeps all locked
FREQUENCY_START = 0.1  # rms of the frequencies at the start
# Phase by which an output should be ahead or behind, in rad. A quarter turn would be the edge
# of locking to the first reference.
TARGET = np.pi / 4


@dataclass(frozen=True)
class LayeredCircuit:
    """Inputs that are held, hidden oscillators and outputs, and two references.

    Free oscillators are the hidden ones and then the outputs. Held ones are the two
    references and then the inputs. Each input is coupled to each hidden oscillator, each
    hidden oscillator to each output, and both references to all free ones. All parameters
    are in units of one rate.

    Attributes
    ----------
    n_inputs, n_hidden, n_outputs : int
    """

    n_inputs: int
    n_hidden: int
    n_outputs: int

    @property
    def n_free(self) -> int:
        """How many oscillators move."""
        return self.n_hidden + self.n_outputs

    @property
    def pairs(self) -> tuple[Integers, Integers]:
        """Rows and columns of the couplings, each pair once."""
        n_free = self.n_free
        wired = np.zeros((n_free, n_free + len(REFERENCES) + self.n_inputs), bool)
        wired[: self.n_hidden, self.n_hidden : n_free] = True
        wired[:, n_free : n_free + len(REFERENCES)] = True
        wired[: self.n_hidden, n_free + len(REFERENCES) :] = True
        rows, columns = np.nonzero(wired)
        return rows, columns

    @property
    def n_couplings(self) -> int:
        """How many couplings there are."""
        inner = self.n_hidden * (self.n_inputs + self.n_outputs)
        return inner + len(REFERENCES) * self.n_free

    def start(self, generator: np.random.Generator) -> Floats:
        """Random parameters with which all oscillators lock to the first reference.

        Parameters
        ----------
        generator : numpy.random.Generator

        Returns
        -------
        ndarray of shape (n_couplings + n_free,)
            Couplings in the order of `pairs`, and then frequencies.
        """
        rows, columns = self.pairs
        felt = np.where(rows < self.n_hidden, self.n_inputs + self.n_outputs, self.n_hidden)
        couplings = generator.standard_normal(len(rows)) / np.sqrt(felt)
        couplings[columns == self.n_free] = REFERENCE_START
        frequencies = FREQUENCY_START * generator.standard_normal(self.n_free)
        return np.concatenate([couplings, frequencies])

    def circuit(self, parameters: Floats, phases: Floats, rate: float) -> Circuit:
        """The circuit under some inputs.

        Parameters
        ----------
        parameters : ndarray of shape (n_couplings + n_free,)
        phases : ndarray of shape (n_samples, n_inputs)
            Of the inputs, in rad.
        rate : float
            Unit of the parameters, in 1/s.

        Returns
        -------
        Circuit
        """
        rows, columns = self.pairs
        n_free, n_couplings = self.n_free, len(rows)
        matrix = np.zeros((n_free, n_free + len(REFERENCES) + self.n_inputs))
        matrix[rows, columns] = parameters[:n_couplings]
        among = columns < n_free
        matrix[columns[among], rows[among]] = parameters[:n_couplings][among]
        references = np.broadcast_to(REFERENCES, (len(phases), len(REFERENCES)))
        held = np.concatenate([references, np.exp(1j * phases)], axis=1)
        return Circuit(rate * matrix[None], rate * parameters[None, n_couplings:], held)

    def targets(self, wanted: Floats) -> Complexes:
        """Targets of all free oscillators: `TARGET` ahead or behind for outputs.

        Parameters
        ----------
        wanted : ndarray of shape (n_samples, n_outputs)
            1 or -1.

        Returns
        -------
        ndarray of complex of shape (n_samples, n_free)
        """
        targets = np.zeros((len(wanted), self.n_free), complex)
        targets[:, self.n_hidden :] = np.exp(1j * TARGET * wanted)
        return targets

    def outputs(self, z: Complexes) -> Floats:
        """How far each output is ahead: the sine of its phase times its amplitude."""
        return z[:, self.n_hidden :].imag

    def mean_slopes(self, slopes: Slopes, parameters: Floats, rate: float) -> Floats:
        """Mean of the slopes over the inputs, in the order of the parameters.

        An input without a settled state has no slope. It moves the frequencies toward that
        of the reference instead, where the energy always has a minimum.

        Parameters
        ----------
        slopes : Slopes
        parameters : ndarray of shape (n_couplings + n_free,)
        rate : float
            Unit of the parameters, in 1/s.

        Returns
        -------
        ndarray of shape (n_couplings + n_free,)
        """
        rows, columns = self.pairs
        rested = slopes.at_rest[:, None]
        couplings = np.where(rested, rate * slopes.couplings[:, rows, columns], 0.0)
        back = parameters[len(rows) :]
        frequencies = np.where(rested, rate * slopes.frequencies, back)
        return np.concatenate([couplings.mean(axis=0), frequencies.mean(axis=0)])
