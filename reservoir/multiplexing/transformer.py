"""One oscillator played in time as a whole layer: sequences in, node amplitudes out."""

import numpy as np
from sklearn.base import (
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import check_integer
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.parameters import document_parameters
from reservoir.multiplexing.sequences import Packed, is_table


@document_parameters
class TimeMultiplexedReservoir(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseReservoir
):
    r"""A single nonlinear oscillator, time-multiplexed into virtual nodes.

    Each frame of a sequence is standardised channel by channel, multiplied by a mask, and
    played to the oscillator as a series of held currents, one for each virtual node; the
    amplitude at the end of each hold is that node's state. The oscillator is simulated
    exactly (see `reservoir.simulate`); its transients connect each node to the ones
    before.

    Parameters
    ----------
    {parameters}
    pooling : {None, "segments", "mean", "last"}, default=None
        None returns the states of every frame; the others average them over `n_segments`
        equal segments of the sequence, over all of it, or keep its last frame.
    n_segments : int, default=4
        For ``pooling="segments"``.
    readout_noise : float, default=0.0
        Readout noise added to every amplitude, as the ratio of its rms to the standard
        deviation of the amplitudes in the training data. It is drawn from the seed and
        the sequence's own bytes: equal sequences get equal noise, in any order.
    dtype : {"float64", "float32"}, default="float64"
        Precision of the simulation.
    random_state : None, int or RandomState, default=None
        Seed of mask and noise; stored at fit as `seed_`.
    n_jobs : int or None, default=None
        Threads. The states do not depend on it.

    Attributes
    ----------
    n_features_in_ : int
        Channels of each frame.
    oscillator_ : device
    node_time_ : float
        In s.
    drive_ : reservoir.multiplexing.drive.Drive
        What was learned: standardisation, mask, range.
    ensemble_ : reservoir.multiplexing.ensemble.Ensemble
        How many oscillators, and how they are coupled.
    loop_gain_ : float
        What `feedback_gain` or `loop_gain` amount to, without a unit.
    readout_noise_ : float
        Rms of the readout noise in units of amplitude.
    seed_ : int

    Notes
    -----
    Every sequence starts at the stationary power of mid-range, so its states do not depend
    on other sequences, on their order, or on `n_jobs`, to the last bit.

    A 2-D array or data frame is a table: each row is a sequence of one frame.

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

    def __init__(
        self,
        oscillator=None,
        n_nodes=400,
        node_time=None,
        mask="binary",
        drive_range=(0.6, 1.6),
        current_limits=None,
        node_bias=0.0,
        standardize=False,
        context=(),
        feedback_gain=0.0,
        loop_gain=None,
        feedback_delay=None,
        n_oscillators=1,
        own_masks=False,
        coupling=0.0,
        detuning=0.0,
        read="amplitude",
        thermal_noise=0.0,
        drift=0.0,
        bits=None,
        pooling=None,
        n_segments=4,
        readout_noise=0.0,
        dtype="float64",
        random_state=None,
        n_jobs=None,
    ):
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
        self.readout_noise = readout_noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Learn standardisation and range of the drive.

        Parameters
        ----------
        X : sequences or table
            See `reservoir.multiplexing.sequences`.
        y : ignored

        Returns
        -------
        self
        """
        if self.pooling not in (None, "segments", "mean", "last"):
            raise ValueError(
                f"TimeMultiplexedReservoir.pooling is {self.pooling!r}; it must be None, "
                "'segments', 'mean' or 'last'."
            )
        check_integer(self, "n_segments", 1)
        self._learn(self._validate(X))
        return self

    def transform(self, X):
        """Amplitudes of the virtual nodes.

        Parameters
        ----------
        X : sequences or table

        Returns
        -------
        list of ndarray of shape (n_frames, n_oscillators * n_nodes)
            Without pooling.
        ndarray of shape (n_sequences, n_oscillators * n_nodes * n_ranges)
            With pooling, or of shape (n_rows, n_oscillators * n_nodes) for a table.
        """
        check_is_fitted(self)
        sequences = self._validate(X, reset=False)
        collected, n_clipped = [], 0
        if self.pooling is None:
            for _, packed, states, clipped in self._state_blocks(sequences):
                collected.extend(Packed(states, packed.starts, packed.lengths))
                n_clipped += clipped.sum()
            output = np.concatenate(collected) if is_table(X) else collected
        else:
            for _, pooled, clipped in self._pooled_blocks(sequences, self.pooling):
                collected.append(pooled)
                n_clipped += clipped.sum()
            output = np.concatenate(collected)
        self._warn_of_clipping(n_clipped, sequences.lengths.sum())
        return output

    @property
    def _n_features_out(self):
        n_ranges = self.n_segments if self.pooling == "segments" else 1
        return self.n_oscillators * self.n_nodes * n_ranges
