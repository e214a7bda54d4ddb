"""What do estimators share that answer for every frame of a time series?"""

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import Integer, OrNone, Real
from reservoir._types import Array, ArrayLike, Integers, RandomState
from reservoir.devices import Device
from reservoir.masks import Ripple
from reservoir.multiplexing.block_reservoir import BlockReservoir
from reservoir.multiplexing.drive import join_taps
from reservoir.multiplexing.parameters import RANGES
from reservoir.multiplexing.reading import MAX_STATES_BYTES
from reservoir.multiplexing.sequences import Sequences, is_table
from reservoir.readout import (
    fit_folds,
    fit_given,
    fit_leave_one_out,
    keep,
)

MAX_TAPS = 9  # that nobody asked for
NODES_PER_INPUT = 20  # nodes for each channel of each of those taps
MAX_REST = 0.95  # of the linear error, that they must leave at most
MAX_CHECKED = 5000  # frames, of which is seen whether they do
N_FOLDS = 5  # of time, if several copies are learned from

Rows = Iterable[tuple[Array, Array, Integers]]


class SeriesReservoir(BlockReservoir):
    """A linear readout of every frame; a table is one series, with its rows in time order."""

    _parameter_ranges = {
        **RANGES,
        "washout": Integer(0),
        "alpha": OrNone(Real(above=0)),
    }
    _table_is_series = True

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
        washout: int = 0,
        alpha: float | None = None,
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
        self.washout = washout
        self.alpha = alpha
        self.readout_noise = readout_noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _fit_readout(
        self, series: Sequences, columns: list[Array], through: Sequence[Self] = ()
    ) -> None:
        """Fit the readout through mask, drive and device as they are.

        With `through`, it is fitted to what several copies make of the series.
        """
        copies = through or (self,)
        n_frames = int(series.lengths.sum())
        # Equal stretches of time, of which one is left out of all copies.
        folds = np.arange(n_frames) * N_FOLDS // n_frames

        def rows() -> Rows:
            for one in copies:
                yield from one._rows_in_folds(series, columns, folds)

        n_bytes = len(copies) * n_frames * self._n_columns * 8
        kept = keep(rows) if n_bytes <= self._max_kept_bytes else rows
        if self.alpha is not None:
            self.readout_ = fit_given(kept, self.alpha)
        elif len(copies) == 1:
            self.readout_ = fit_leave_one_out(kept)
        else:
            self.readout_ = fit_folds(kept, kept)
        self.alpha_ = self.readout_.alpha

    def _rows_in_folds(
        self, series: Sequences, columns: list[Array], folds: Integers
    ) -> Rows:
        """Rows behind the washout, with a fold for each frame."""
        fitted = np.concatenate([np.arange(n) >= self.washout for n in series.lengths])
        targets, begin = np.concatenate(columns), 0
        for _, states, _ in self._state_windows(series):
            here = slice(begin, begin + len(states))
            begin, chosen = here.stop, fitted[here]
            if chosen.any():  # not all in the washout
                yield states[chosen], targets[here][chosen], folds[here][chosen]

    def _state_windows(self, series: Sequences) -> Iterable[tuple[slice, Array, int]]:
        """Yield (slice, states, clipped), of a long series window after window."""
        most = self._most_frames(MAX_STATES_BYTES)
        if series.lengths.max() <= most:
            for part, _, states, clipped in self._state_blocks(series):
                yield part, states, int(clipped.sum())
            return
        for part in series.blocks(most):
            packed = self._pack(series, part)
            if len(packed.frames) <= most:
                states, clipped = self._noisy_states(packed)
                windows = iter([(states, int(clipped.sum()))])
            else:
                windows = self._windows(packed)
            for states, n_clipped in windows:
                self._check_finite("states", part.start, states)
                yield part, states, n_clipped

    def _rows(self, sequences: Sequences, columns: list[Array], folds: Integers) -> Rows:
        return self._rows_in_folds(sequences, columns, np.repeat(folds, sequences.lengths))

    def _sample_features(self, sample: Sequences) -> Array:
        return np.concatenate([states for _, states, _ in self._state_windows(sample)])

    def _check_washout(self, series: Sequences) -> None:
        """Refuse series of which nothing is left behind the washout."""
        if (series.lengths <= self.washout).all():
            raise ValueError(
                f"washout is {self.washout}, but the longest series has "
                f"{series.lengths.max()} frames; nothing would be left to fit."
            )

    def _outputs(self, X: ArrayLike) -> list[Array]:
        """Outputs of the readout for every frame of each series."""
        check_is_fitted(self)
        series = self._series(X)
        outputs, n_clipped = [], 0
        for _, states, clipped in self._state_windows(series):
            outputs.append(self.readout_(states))
            n_clipped += clipped
        self._warn_of_range(series, n_clipped)
        return np.split(np.concatenate(outputs), np.cumsum(series.lengths)[:-1])

    def _default_context(self, series: Sequences, targets: Any) -> Sequence[int]:
        """As many frames as the nodes tell apart, if the targets depend on earlier ones."""
        n_taps = int(self.n_nodes) // (NODES_PER_INPUT * self.n_features_in_)
        delays = range(1, 1 + min(n_taps, MAX_TAPS))
        return delays if len(delays) and _depends(series, targets, delays) else ()

    def _series(self, X: ArrayLike) -> Sequences:
        """Checked series to predict; a table is one series."""
        series = super()._series(X)
        return as_one_series(series) if is_table(X) else series


def _depends(series: Sequences, targets: list[Array], delays: Sequence[int]) -> bool:
    """Whether earlier frames tell a linear map more of the targets than frames alone."""
    rests = []
    for taps in ((0,), (0, *delays)):
        begun = [join_taps(frames[:MAX_CHECKED], taps) for frames in series.arrays]
        inputs = np.concatenate(begun)[:MAX_CHECKED]
        table = np.column_stack([inputs, np.ones(len(inputs))])
        wanted = np.concatenate(targets)[:MAX_CHECKED]
        # Of ordinary size, whatever the units are.
        table = table / (np.abs(table).max(axis=0) + np.finfo(float).tiny)
        wanted = wanted / (np.abs(wanted).max(axis=0) + np.finfo(float).tiny)
        errors = wanted - table @ np.linalg.lstsq(table, wanted, rcond=None)[0]
        n_free = len(table) - table.shape[1]
        if n_free < 1:
            return False
        rests.append(np.sum(errors**2) / n_free)
    return bool(rests[1] < MAX_REST * rests[0])


def as_one_series(rows: Sequences) -> Sequences:
    """One series of the rows of a table, which are sequences of one frame.

    Parameters
    ----------
    rows : Sequences

    Returns
    -------
    Sequences
    """
    return Sequences(np.transpose(rows.arrays, (1, 0, 2)))


def refuse_one_row(rows: Sequences) -> None:
    """Refuse a series that lies on its side, or has one frame only.

    Parameters
    ----------
    rows : Sequences
        The rows of a table.

    Raises
    ------
    ValueError
    """
    if len(rows) == 1:
        raise ValueError(
            f"X is one series of 1 sample (n_samples = 1) of {rows.n_channels} channels; "
            "a series has its frames in rows: X.reshape(-1, 1) makes one channel."
        )
