"""The usual software reservoir, as a control: random tanh units and a linear readout."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, cast

import numpy as np
from scipy import sparse

from reservoir._checks import NOT_NEGATIVE, Integer, Real, Rule, check_parameters
from reservoir._types import Array, ArrayLike, Floats, Integers, RandomState
from reservoir.devices import Wire
from reservoir.masks import Ripple
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.drive import Drive
from reservoir.multiplexing.playing import QUIET, Bath, Player
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.multiplexing.sequences import Packed

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
        recurrent = recurrent_weights(n, self.spectral_radius, generator)
        inputs = self.input_scale * generator.uniform(-1, 1, n)
        bias = self.bias_scale * generator.uniform(-1, 1, n)
        return recurrent, inputs, bias

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


def recurrent_weights(
    n_units: int, spectral_radius: float, generator: np.random.Generator
) -> Any:
    """W: each unit is linked to 10 others with normal weights.

    Parameters
    ----------
    n_units : int
    spectral_radius : float
        Of the result.
    generator : numpy.random.Generator

    Returns
    -------
    sparse array of shape (n_units, n_units)
    """
    n_links = min(N_LINKS, n_units)
    columns = generator.random((n_units, n_units)).argsort(axis=1)[:, :n_links]
    rows = np.repeat(np.arange(n_units), n_links)
    values = generator.standard_normal(n_units * n_links)
    recurrent = sparse.csr_array((values, (rows, columns.ravel())), shape=(n_units, n_units))
    radius = np.abs(np.linalg.eigvals(recurrent.toarray())).max()
    return recurrent * (spectral_radius / radius)


@dataclass(frozen=True)
class EchoStatePlayer:
    """Units that hear each other, in the place of an oscillator.

    Attributes
    ----------
    drive : Drive
        Its currents are what the units get from outside.
    recurrent : sparse array of shape (n_units, n_units)
    leak : float
    """

    drive: Drive
    recurrent: Any
    leak: float
    pools_in_kernel: ClassVar[bool] = False

    def states(self, packed: Packed, bath: Bath = QUIET) -> tuple[Array, Integers]:
        """States of the units in every frame, from rest; all sequences go side by side.

        Parameters
        ----------
        packed : Packed
        bath : Bath
            Not used: nothing disturbs a unit.

        Returns
        -------
        states : ndarray of shape (n_frames, n_units)
        clipped : ndarray of int of shape (n_sequences,)
            Zeros.
        """
        dtype = packed.frames.dtype
        heard = np.concatenate(
            [self.drive.currents(frames).astype(dtype) for frames in packed]
        )
        order = np.argsort(-packed.lengths, kind="stable")
        n_units = self.recurrent.shape[0]
        states = np.empty((len(packed.frames), n_units), dtype)
        x = np.zeros((n_units, len(order)), dtype)
        weights = self.recurrent.astype(dtype)
        for time in range(int(packed.lengths.max())):
            members = order[packed.lengths[order] > time]
            rows = packed.starts[members] + time
            x = x[:, : len(members)]
            x = (1 - self.leak) * x + self.leak * np.tanh(weights @ x + heard[rows].T)
            states[rows] = x.T
        return states, np.zeros(len(packed.lengths), dtype=np.intp)


class EchoStateUnits:
    """What makes units that hear each other of a time-multiplexed reservoir."""

    # Parameters of an oscillator, which a network of units does not have.
    oscillator = Wire()
    node_time = loop_gain = feedback_delay = bits = None
    node_bias: Any = 0.0
    feedback_gain = coupling = detuning = 0.0
    thermal_noise = drift = readout_noise = 0.0
    standardize = own_masks = False
    n_oscillators, read = 1, "amplitude"
    n_nodes: int
    input_scale: float
    leak: float
    spectral_radius: float
    seed_: int

    @property
    def drive_range(self) -> tuple[float, float]:
        """What the masked drive is mapped to."""
        return -float(self.input_scale), float(self.input_scale)

    @property
    def current_limits(self) -> tuple[float, float]:
        """Of the masked drive and the bias together."""
        highest = float(self.input_scale) + float(self.node_bias)
        return -highest, highest

    def _player(self) -> Player:
        drive = self._entering()[1]  # type: ignore[attr-defined]
        network = EchoStatePlayer(drive, self._recurrent(), float(self.leak))
        return cast(Player, network)

    def _recurrent(self) -> Any:
        """W, which is drawn anew only if what it depends on has changed."""
        key = (int(self.n_nodes), float(self.spectral_radius), self.seed_)
        if getattr(self, "_drawn", (None,))[0] != key:
            # Another stream than that of the mask, which has the seed itself.
            generator = np.random.default_rng([self.seed_, 2])
            self._drawn = key, recurrent_weights(key[0], key[1], generator)
        weights = self._drawn[1]
        # A unit whose reading does not follow it is dead, and no other unit hears it.
        wear = getattr(self, "wear_", None)
        alive = np.ones(key[0], bool) if wear is None else wear.gains != 0
        return weights if alive.all() else weights @ sparse.diags_array(alive.astype(float))


class EchoStateClassifier(EchoStateUnits, ReservoirClassifier):  # type: ignore[misc, override]
    r"""A leaky echo-state network with the input, pooling and readout of the oscillator.

    .. math:: x_t = (1 - l) x_{t-1} + l \tanh(W x_{t-1} + s \, M u_t)

    The frames u (joined by the taps of `context`), the mask M, the pooling and the readout
    with its choice of the ridge strength are those of `ReservoirClassifier`, so that nothing
    but the reservoir itself differs.

    Parameters
    ----------
    n_nodes : int, default=400
        Number of units.
    spectral_radius : float, default=0.9
        Spectral radius of W, which links each unit to 10 others with normal weights.
    leak : float, default=0.3
        l; above 0, at most 1.
    input_scale : float, default=1.0
        The largest masked drives of the training data are mapped to this number and its
        negative.
    mask : default="uniform"
    context : default=()
    pooling : default="segments"
    n_segments : default=4
    pool_squares : default=False
    dtype : default="float32"
    alpha, random_state, n_jobs
        See `ReservoirClassifier` for these and for the five above.

    References
    ----------
    .. [1] H. Jaeger, H. Haas, Science 304, 78 (2004).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.echo_state import EchoStateClassifier
    >>> y = np.arange(20) % 2
    >>> X = np.random.default_rng(0).normal(size=(20, 9, 3)) + y[:, None, None]
    >>> EchoStateClassifier(30, random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """

    _parameter_ranges = {
        **ReservoirClassifier._parameter_ranges,
        "spectral_radius": NOT_NEGATIVE,
        "leak": Real(above=0, at_most=1),
        "input_scale": Real(above=0),
    }

    def __init__(
        self,
        n_nodes: int = 400,
        *,
        spectral_radius: float = 0.9,
        leak: float = 0.3,
        input_scale: float = 1.0,
        mask: str | Ripple | ArrayLike = "uniform",
        context: Sequence[int] = (),
        pooling: str = "segments",
        n_segments: int = 4,
        pool_squares: bool = False,
        alpha: float | None = None,
        dtype: Any = "float32",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_nodes = n_nodes
        self.spectral_radius = spectral_radius
        self.leak = leak
        self.input_scale = input_scale
        self.mask = mask
        self.context = context
        self.pooling = pooling
        self.n_segments = n_segments
        self.pool_squares = pool_squares
        self.alpha = alpha
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs


class EchoStateRegressor(EchoStateUnits, ReservoirRegressor):  # type: ignore[misc, override]
    r"""A leaky echo-state network that reads a target for each frame of a time series.

    Parameters
    ----------
    n_nodes : int, default=400
        Number of units.
    spectral_radius, leak, input_scale
        As for `EchoStateClassifier`.
    node_bias : float, default=0.0
        Half width of the law of constant inputs of the units.
    mask : default="uniform"
    context : default=()
    dtype : default="float64"
    washout, alpha, readout_noise, random_state, n_jobs
        See `ReservoirRegressor` for these and for the three above.

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir.experiments.echo_state import EchoStateRegressor
    >>> u = np.random.default_rng(0).uniform(-1, 1, size=(600, 1))
    >>> y = np.concatenate([[0.0], u[:-1, 0]])
    >>> model = EchoStateRegressor(50, leak=1.0, washout=10, random_state=0)
    >>> model.fit(u[:400], y[:400]).score(u[400:], y[400:]) > 0.9
    True
    """

    _parameter_ranges = {
        **ReservoirRegressor._parameter_ranges,
        "spectral_radius": NOT_NEGATIVE,
        "leak": Real(above=0, at_most=1),
        "input_scale": Real(above=0),
        "node_bias": NOT_NEGATIVE,
    }

    def __init__(
        self,
        n_nodes: int = 400,
        *,
        spectral_radius: float = 0.9,
        leak: float = 0.3,
        input_scale: float = 1.0,
        node_bias: float = 0.0,
        mask: str | Ripple | ArrayLike = "uniform",
        context: Sequence[int] = (),
        washout: int = 0,
        alpha: float | None = None,
        readout_noise: float = 0.0,
        dtype: Any = "float64",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_nodes = n_nodes
        self.spectral_radius = spectral_radius
        self.leak = leak
        self.input_scale = input_scale
        self.node_bias = node_bias
        self.mask = mask
        self.context = context
        self.washout = washout
        self.alpha = alpha
        self.readout_noise = readout_noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs
