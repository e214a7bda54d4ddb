"""One oscillator played in time as a whole layer: sequences in, states of nodes out."""

import functools
from collections.abc import Sequence
from typing import Any, Self, TypeVar

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from reservoir._all_or_nothing import all_or_nothing
from reservoir._checks import Choice, Flag, Integer
from reservoir._types import Array, ArrayLike, RandomState
from reservoir.devices import Device
from reservoir.masks import Ripple
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.parameters import RANGES, document_parameters
from reservoir.multiplexing.pooling import n_ranges
from reservoir.multiplexing.sequences import Packed, is_table

Wrapped = TypeVar("Wrapped", bound=type)


def _leave_lists_alone(cls: Wrapped) -> Wrapped:
    """Keep scikit-learn from making a table of a list of states.

    Under ``transform_output="pandas"`` scikit-learn wraps the methods of every transformer,
    so that what they return becomes a data frame. States of sequences are no table.
    """
    for name in ("transform", "fit_transform"):
        setattr(cls, name, _unless_list(getattr(cls, name)))
    return cls


def _unless_list(wrapped: Any) -> Any:
    plain = wrapped.__wrapped__

    @functools.wraps(wrapped)
    def method(self: Any, X: Any, *args: Any, **kwargs: Any) -> Any:
        as_list = self.pooling is None and not is_table(X)
        return (plain if as_list else wrapped)(self, X, *args, **kwargs)

    return method


@_leave_lists_alone
@document_parameters
class TimeMultiplexedReservoir(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseReservoir
):
    r"""A single nonlinear oscillator, time-multiplexed into virtual nodes.

    Each frame of a sequence is centred channel by channel, multiplied by a mask, and played
    to the oscillator as a series of held currents, one for each virtual node. The amplitude
    at the end of each hold is the state of that node. The oscillator is simulated exactly
    (see `reservoir.simulate`), and its transients connect each node to the nodes before.

    Parameters
    ----------
    {parameters}

    *What is returned*

    pooling : {None, "segments", "change", "mean", "last"}, default=None
        None returns the states of every frame. "segments" averages them over `n_segments`
        equal segments of the sequence, "change" over segments in which the sequence changes
        by equal amounts, "mean" over all of it, and "last" keeps its last frame.
    n_segments : int, default=4
        Number of segments, for ``pooling="segments"`` and "change".
    pool_squares : bool, default=False
        Whether the mean over the whole sequence of each node's squared state joins the means;
        for amplitudes it is the mean power. It tells how much a node moves, which means do
        not.
    readout_noise : float, default=0.0
        Noise that is added to every reading: its rms over the standard deviation of the
        readings in the training data. It is drawn from the seed and the sequence's own
        bytes, so equal sequences get equal noise, in any order.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation.
    random_state : None, int, RandomState or Generator, default=None
        Seed of mask and noise. `fit` stores it as `seed_`.
    n_jobs : int or None, default=None
        Number of threads. The states do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        Channels of each frame.
    oscillator_ : device
    node_time_ : float
        In s.
    drive_ : reservoir.multiplexing.drive.Drive
        What was learned: centre and scale of the channels, mask and range.
    ensemble_ : reservoir.multiplexing.ensemble.Ensemble
        Number of oscillators, and their coupling.
    loop_gain_ : float
        Feedback without a unit, whichever parameter states it.
    readout_noise_ : float
        Rms of the readout noise in units of amplitude.
    seed_ : int

    Notes
    -----
    Every sequence starts at the power at rest in mid-range, so its states do not depend on
    other sequences, on their order, or on `n_jobs`, to the last bit.

    A 2-D array or data frame is a table. Each of its rows is a sequence of one frame.

    References
    ----------
    .. [1] L. Appeltant et al., Nat. Commun. 2, 468 (2011).
    .. [2] J. Torrejon et al., Nature 547, 428 (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> generator = np.random.default_rng(0)
    >>> X = [generator.normal(size=(n_frames, 3)) for n_frames in (5, 8, 6)]
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=50, random_state=0).fit(X)
    >>> [states.shape for states in reservoir.transform(X)]
    [(5, 50), (8, 50), (6, 50)]
    """

    _parameter_ranges = {
        **RANGES,
        "pooling": Choice((None, "segments", "change", "mean", "last")),
        "n_segments": Integer(1),
        "pool_squares": Flag(),
    }

    def __init__(
        self,
        oscillator: Device | str | None = None,
        n_nodes: int = 400,
        *,
        node_time: float | None = None,
        mask: str | Ripple | ArrayLike = "binary",
        drive_range: tuple[float, float] = (0.6, 1.6),
        current_limits: tuple[float, float] | None = None,
        node_bias: float | ArrayLike = 0.0,
        standardize: bool | None = None,
        context: Sequence[int] | None = None,
        feedback_gain: float = 0.0,
        loop_gain: float | None = None,
        feedback_delay: int | Sequence[int] | None = None,
        n_oscillators: int = 1,
        own_masks: bool = False,
        coupling: Any = 0.0,
        detuning: float | ArrayLike = 0.0,
        read: str = "amplitude",
        thermal_noise: float = 0.0,
        drift: float = 0.0,
        bits: int | None = None,
        pooling: str | None = None,
        n_segments: int = 4,
        pool_squares: bool = False,
        readout_noise: float = 0.0,
        dtype: Any = "float64",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.oscillator = oscillator
        self.n_nodes = n_nodes
        self.node_time = node_time
        self.mask = mask
        self.drive_range = drive_range
        self.current_limits = current_limits
        self.node_bias = node_bias
        self.standardize = standardize
        self.context = context
        self.feedback_gain = feedback_gain
        self.loop_gain = loop_gain
        self.feedback_delay = feedback_delay
        self.n_oscillators = n_oscillators
        self.own_masks = own_masks
        self.coupling = coupling
        self.detuning = detuning
        self.read = read
        self.thermal_noise = thermal_noise
        self.drift = drift
        self.bits = bits
        self.pooling = pooling
        self.n_segments = n_segments
        self.pool_squares = pool_squares
        self.readout_noise = readout_noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    @all_or_nothing
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn centre, scale and range of the drive.

        Parameters
        ----------
        X : sequences or table
            See `reservoir.multiplexing.sequences`.
        y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the data or a parameter is not as described.
        """
        self._check_parameters()
        if self.pool_squares and self.pooling is None:
            raise ValueError(
                "TimeMultiplexedReservoir.pool_squares is True, but pooling is None, so "
                "there is no mean of anything. Name a pooling, or set pool_squares to False."
            )
        self._learn(self._validate(X))
        return self

    def fit_transform(
        self, X: ArrayLike, y: Any = None, **fit_params: Any
    ) -> list[Array] | Array:
        """`fit`, then `transform` the same data; parameters and result are theirs."""
        return self.fit(X, y, **fit_params).transform(X)

    def transform(self, X: ArrayLike) -> list[Array] | Array:
        """States of the virtual nodes.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        list of ndarray of shape (n_frames, n_oscillators * n_nodes)
            Without pooling, whatever `transform_output` of scikit-learn is. A table of
            states becomes a data frame if `transform_output` says so.
        ndarray of shape (n_sequences, n_oscillators * n_nodes * n_ranges)
            With pooling, or of shape (n_rows, n_oscillators * n_nodes) for a table.
        """
        check_is_fitted(self)
        sequences = self._validate(X, reset=False)
        if self.pooling is not None:
            pooled, n_clipped = self._pooled(sequences, self.pooling)
            self._warn_of_range(sequences, n_clipped)
            return pooled
        collected: list[Array] = []
        n_clipped = 0
        for _, packed, states, clipped in self._state_blocks(sequences):
            collected.extend(Packed(states, packed.starts, packed.lengths))
            n_clipped += clipped.sum()
        self._warn_of_range(sequences, n_clipped)
        return np.concatenate(collected) if is_table(X) else collected

    @property
    def _n_features_out(self) -> int:
        return self._n_columns * n_ranges(self.pooling, self.n_segments, self._pools_squares)
