"""The usual software reservoir, as a control: random tanh units and a linear readout."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from reservoir._checks import NOT_NEGATIVE, Integer, Real, Rule, check_parameters
from reservoir._types import Floats

N_LINKS = 10  # of each unit


@dataclass(frozen=True)
class EchoStateNetwork:
    r"""Leaky echo-state network with one input.

    .. math:: x_t = (1 - l) x_{t-1} + l \tanh(W x_{t-1} + s w u_t + b)

    Parameters
    ----------
    n_units : int
    input_scale : float
        s; the elements of w are drawn evenly from [-1, 1].
    bias_scale : float
        The elements of b are drawn evenly between this number and its negative.
    spectral_radius : float
        Spectral radius of W, which links each unit to 10 others with normal weights.
    leak : float
        l; above 0, at most 1.
    seed : int

    References
    ----------
    .. [1] H. Jaeger, H. Haas, Science 304, 78 (2004).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.echo_state import EchoStateNetwork
    >>> network = EchoStateNetwork(50, input_scale=0.5, bias_scale=0.1,
    ...                            spectral_radius=0.9, leak=1.0, seed=0)
    >>> network.states(np.zeros((3, 20))).shape
    (3, 20, 50)
    """

    n_units: int
    _: KW_ONLY
    input_scale: float
    bias_scale: float
    spectral_radius: float
    leak: float
    seed: int

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        "n_units": Integer(1),
        "input_scale": NOT_NEGATIVE,
        "bias_scale": NOT_NEGATIVE,
        "spectral_radius": NOT_NEGATIVE,
        "leak": Real(above=0, at_most=1),
        "seed": Integer(0),
    }

    def __post_init__(self) -> None:
        """Check the parameters."""
        check_parameters(self, self._parameter_ranges)

    def weights(self) -> tuple[Any, Floats, Floats]:
        """W, s w and b.

        Returns
        -------
        recurrent : sparse array of shape (n_units, n_units)
        inputs, bias : ndarray of shape (n_units,)
        """
        generator = np.random.default_rng(self.seed)
        n = self.n_units
        n_links = min(N_LINKS, n)
        columns = generator.random((n, n)).argsort(axis=1)[:, :n_links]
        rows = np.repeat(np.arange(n), n_links)
        values = generator.standard_normal(n * n_links)
        recurrent = sparse.csr_array((values, (rows, columns.ravel())), shape=(n, n))
        radius = np.abs(np.linalg.eigvals(recurrent.toarray())).max()
        inputs = self.input_scale * generator.uniform(-1, 1, n)
        bias = self.bias_scale * generator.uniform(-1, 1, n)
        return recurrent * (self.spectral_radius / radius), inputs, bias

    def states(self, inputs: Floats) -> Floats:
        """States of every series, from rest.

        Parameters
        ----------
        inputs : ndarray of shape (n_series, n_steps)

        Returns
        -------
        ndarray of shape (n_series, n_steps, n_units)
        """
        recurrent, weights, bias = self.weights()
        x = np.zeros((self.n_units, len(inputs)))
        states = np.empty((*inputs.shape, self.n_units))
        for step in range(inputs.shape[1]):
            drive = recurrent @ x + np.outer(weights, inputs[:, step]) + bias[:, None]
            x = (1 - self.leak) * x + self.leak * np.tanh(drive)
            states[:, step] = x.T
        return states
