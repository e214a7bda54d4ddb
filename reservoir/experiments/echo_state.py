"""The usual software reservoir, as a control: random tanh units and a linear readout."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

N_LINKS = 10  # of each unit


@dataclass(frozen=True)
class EchoStateNetwork:
    r"""Leaky echo-state network with one input.

    .. math:: x_t = (1 - l) x_{t-1} + l \tanh(W x_{t-1} + s w u_t + b)

    Parameters
    ----------
    n_units : int
    input_scale : float
        s; w is drawn evenly from [-1, 1].
    bias_scale : float
        Half width of the even law of b.
    spectral_radius : float
        Of W, which links each unit to 10 others, with normal weights.
    leak : float
        l, from above 0 to 1.
    seed : int

    References
    ----------
    .. [1] H. Jaeger, H. Haas, Science 304, 78 (2004).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.echo_state import EchoStateNetwork
    >>> network = EchoStateNetwork(50, 0.5, 0.1, 0.9, 1.0, seed=0)
    >>> network.states(np.zeros((3, 20))).shape
    (3, 20, 50)
    """

    n_units: int
    input_scale: float
    bias_scale: float
    spectral_radius: float
    leak: float
    seed: int

    def weights(self):
        """W, w and b.

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

    def states(self, inputs):
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
