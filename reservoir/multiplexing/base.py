"""One oscillator played in time as a whole layer: sequences in, node amplitudes out."""

import copy
import dataclasses
import numbers
import warnings

import numpy as np
from sklearn.base import (
    BaseEstimator,
)
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from reservoir._checks import check_integer, check_number, check_positive
from reservoir._randomness import key_of, stream_of
from reservoir.devices import Ability
from reservoir.devices.catalogue import resolve_oscillator
from reservoir.exceptions import DriveClippingWarning, UncoupledNodesWarning
from reservoir.masks import make_mask
from reservoir.multiplexing.drive import learn_drive
from reservoir.multiplexing.ensemble import make_ensemble
from reservoir.multiplexing.feedback import check_feedback, mean_slope
from reservoir.multiplexing.parameters import (
    check_alone,
    check_bath,
    check_bias,
    check_limits,
    check_range,
)
from reservoir.multiplexing.playing import (
    MOST_DRIVES,
    Bath,
    node_states,
    played_states,
    pooled_nodes,
)
from reservoir.multiplexing.pooling import average, frame_ranges, pool
from reservoir.multiplexing.sequences import Packed, Sequences, check_sequences, is_table

CLIPPED = 0.01  # share of node values beyond the range that calls for a warning
DRIFT_FRAMES = 1000  # after which a drift has its stated rms
DRIFT_SEED = 2**40  # added to the seed, so that drift and readout noise are independent
N_SPREAD = 64  # sequences, evenly spread, from which the amplitude's spread is learned


class BaseReservoir(BaseEstimator):
    """What the transformer and the estimators share: data checks, drive, simulation."""

    def get_params(self, deep=True):
        """Parameters of the estimator and, if `deep`, the values of its device."""
        params = super().get_params(deep=deep)
        device = params.get("oscillator")
        if deep and dataclasses.is_dataclass(device):
            for name, value in vars(device).items():
                params[f"oscillator__{name}"] = value
        return params

    def set_params(self, **params):
        """Set parameters; ``oscillator__*`` replaces values of the device."""
        prefix = "oscillator__"
        inner = {k[len(prefix) :]: v for k, v in params.items() if k.startswith(prefix)}
        super().set_params(**{k: v for k, v in params.items() if not k.startswith(prefix)})
        if inner:
            device = resolve_oscillator(self.oscillator)
            known = {field.name for field in dataclasses.fields(device)}
            unknown = sorted(set(inner) - known)
            if unknown:
                raise ValueError(
                    f"Invalid parameter 'oscillator__{unknown[0]}' for estimator "
                    f"{type(self).__name__}: the device has {', '.join(sorted(known))}."
                )
            self.oscillator = dataclasses.replace(device, **inner)
        return self

    def on_device(self, oscillator):
        """The same fitted estimator, played by another device.

        Mask, currents and readout stay as they were learned: what an estimator that was
        trained on one device does on another, or on the same one after it has changed.

        Parameters
        ----------
        oscillator : device
            See `reservoir.devices.vary`.

        Returns
        -------
        estimator
            A fitted copy; this one is not changed.

        Raises
        ------
        ValueError
            If the device is of another kind, which knows the learned currents not.
        """
        check_is_fitted(self)
        other = copy.copy(self)
        other.oscillator_ = resolve_oscillator(oscillator)
        if type(other.oscillator_) is not type(self.oscillator_):
            raise ValueError(
                f"oscillator is a {type(other.oscillator_).__name__}, but the estimator was "
                f"fitted on a {type(self.oscillator_).__name__}, whose currents it plays; "
                "take a device of this kind, or fit anew."
            )
        return other

    def _check_parameters(self):
        check_integer(self, "n_nodes", 1)
        check_integer(self, "n_oscillators", 1)
        if not isinstance(self.own_masks, bool | np.bool_):
            raise TypeError(
                f"{type(self).__name__}.own_masks is {self.own_masks!r}; it must be True or "
                "False."
            )
        if self.own_masks and self.n_oscillators > MOST_DRIVES:
            raise ValueError(
                f"{type(self).__name__}.n_oscillators is {self.n_oscillators} with masks of "
                f"their own; at most {MOST_DRIVES} may have them. Set own_masks to False."
            )
        check_range(self, resolve_oscillator(self.oscillator))
        check_limits(self)
        check_bias(self)
        for name in ("readout_noise", "drift"):
            check_number(self, name, 0.0, "finite and not negative")
        check_bath(self, resolve_oscillator(self.oscillator))
        check_feedback(self)
        if self.node_time is not None:
            check_positive(self, "node_time", "a positive, finite time in seconds, or None")
        delays = self.context if np.iterable(self.context) else (None,)
        for delay in delays:
            if not isinstance(delay, numbers.Integral) or delay < 1:
                raise ValueError(
                    f"{type(self).__name__}.context is {self.context!r}; it must hold "
                    "delays of at least 1 frame."
                )
        if np.dtype(self.dtype) not in (np.dtype(np.float64), np.dtype(np.float32)):
            raise ValueError(
                f"{type(self).__name__}.dtype is {self.dtype!r}; it must be float64 or "
                "float32."
            )

    def _validate(self, X, y="no_validation", reset=True):
        """Checked sequences of X; a table's rows are sequences of one frame."""
        alone = isinstance(y, str) and y == "no_validation"
        if is_table(X):
            checked = validate_data(
                self,
                X,
                y,
                reset=reset,
                dtype=[np.float64, np.float32],
                **({} if alone else self._target_checks),
            )
            table = checked if alone else checked[0]
            rows = Sequences(np.ascontiguousarray(table)[:, None, :])
            return rows if alone else (rows, checked[1])
        if reset:
            sequences = check_sequences(X)
            self.n_features_in_ = sequences.n_channels
            self.__dict__.pop("feature_names_in_", None)
        else:
            sequences = check_sequences(X, self.n_features_in_, type(self).__name__)
        return sequences if alone else (sequences, y)

    _target_checks: dict = {}

    def _learn(self, sequences):
        """Learn mask, range and amplitude spread from training sequences."""
        self._check_parameters()
        self.seed_ = int(
            check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        )
        self.oscillator_ = resolve_oscillator(self.oscillator)
        check_alone(self, self.oscillator_)
        self.node_time_ = (
            self.oscillator_.default_node_time(self.n_nodes)
            if self.node_time is None
            else float(self.node_time)
        )
        self.ensemble_ = make_ensemble(self)
        n_drives = self.ensemble_.n_drives
        taps = (0, *(int(delay) for delay in self.context))
        self.drive_ = learn_drive(
            sequences,
            make_mask(
                self.mask,
                sequences.n_channels * len(taps),
                n_drives * self.n_nodes,
                self.seed_,
            ),
            taps,
            self.oscillator_,
            self.drive_range,
            self.standardize,
            np.tile(self._node_bias(), n_drives),
            self.current_limits,
            *self._feedback(sequences),
        )
        self.readout_noise_ = 0.0
        self.levels_ = (0.0, 0.0)
        if self.readout_noise > 0 or self.bits is not None:
            packed = sequences.pack(sequences.sample(N_SPREAD), np.dtype(self.dtype))
            states = self._simulate_states(packed)[0]
            self.readout_noise_ = float(self.readout_noise * np.std(states))
            if self.bits is not None:
                self.levels_ = float(states.min()), float(states.max())

    def _node_bias(self):
        """Constant currents of the nodes, in units of the threshold, or none."""
        if np.ndim(self.node_bias) == 0:
            if self.node_bias == 0:
                return ()
            # Another stream than that of the mask, which has the seed itself.
            generator = np.random.default_rng([self.seed_, 1])
            return float(self.node_bias) * generator.uniform(-1.0, 1.0, self.n_nodes)
        return np.array(self.node_bias, dtype=float)

    def _feedback(self, sequences):
        """Feedback gain and delays; refuses what would not settle or never arrive."""
        name = type(self).__name__
        slope = mean_slope(self.oscillator_, self.drive_range)
        gain = float(self.feedback_gain)
        self.loop_gain_ = gain * slope
        if self.loop_gain is not None:
            self.loop_gain_ = float(self.loop_gain)
            gain = self.loop_gain_ / slope if slope > 0 else 0.0
        if gain == 0:
            return 0.0, ()
        if not abs(self.loop_gain_) < 1:
            raise ValueError(
                f"The loop gain of {name} is {self.loop_gain_:.3g}: at -1 and below, or at 1 "
                "and above, what is fed back grows at every turn: the loop is unstable. "
                f"Choose a loop_gain between -1 and 1, or a feedback_gain between "
                f"{-1 / slope:.3g} and {1 / slope:.3g} for this drive_range."
            )
        delays = self.feedback_delay
        if delays is None:
            delays = self.n_nodes + 1
        delays = (delays,) if isinstance(delays, numbers.Integral) else tuple(delays)
        longest = int(sequences.lengths.max()) * self.n_nodes
        if max(delays) >= longest:
            raise ValueError(
                f"{name}.feedback_delay is {max(delays)} nodes, but the longest series has "
                f"{longest} ({sequences.lengths.max()} frames of {self.n_nodes} nodes): "
                "nothing would ever be fed back. Shorten the delay or lengthen the series."
            )
        if self.n_nodes in delays and self.n_nodes > 1:
            warnings.warn(
                f"{name}.feedback_delay is {self.n_nodes}, which is n_nodes: each node hears "
                "its own past only, so the nodes are not coupled to each other by the "
                f"feedback. {self.n_nodes + 1} (the default) connects each to its neighbour.",
                UncoupledNodesWarning,
                stacklevel=4,
            )
        return gain, tuple(int(delay) for delay in delays)

    def _simulate_states(self, packed):
        if Ability.TRANSPARENT in self.oscillator_.abilities():
            states = [
                self.drive_.gain * self.drive_.masked(frames) + self.drive_.offset
                for frames in packed
            ]
            n_copies = self.n_oscillators // self.ensemble_.n_drives
            states = np.tile(np.concatenate(states), n_copies)
            states = states.astype(packed.frames.dtype)
            return states, np.zeros(len(packed.lengths), dtype=np.intp)
        if Ability.RATES not in self.oscillator_.abilities():
            return played_states(self.oscillator_, self.drive_, self.node_time_, packed)
        return node_states(
            self.oscillator_,
            self.ensemble_,
            self.drive_,
            self.node_time_,
            packed,
            self._bath(packed),
        )

    def _bath(self, packed):
        """What is read, and thermal noise and drift from the sequences' own bytes."""
        keys, wander = None, np.zeros(0)
        if self.thermal_noise > 0:
            keys = np.concatenate([key_of(self.seed_, frames) for frames in packed])
        if self.drift > 0:
            step = self.drift * self.oscillator_.drive_unit / np.sqrt(DRIFT_FRAMES)
            walks = [
                stream_of(self.seed_ + DRIFT_SEED, frames).standard_normal(len(frames))
                for frames in packed
            ]
            wander = step * np.concatenate([np.cumsum(walk) for walk in walks])
        return Bath(self.read, float(self.thermal_noise), keys, wander)

    def _noisy_states(self, packed):
        states, clipped = self._simulate_states(packed)
        if self.readout_noise_ > 0:
            views = Packed(states, packed.starts, packed.lengths)
            for frames, view in zip(packed, views, strict=True):
                view += self._noise_of(frames)
        return self._quantized(states), clipped

    def _quantized(self, states):
        """The states as a converter of `bits` bits over the learned range reports them."""
        lowest, highest = self.levels_
        if highest == lowest:
            return states
        step = (highest - lowest) / (2**self.bits - 1)
        codes = np.clip(np.rint((states - lowest) / step), 0, 2**self.bits - 1)
        return (lowest + step * codes).astype(states.dtype)

    def _noisy_pooled(self, packed, pooling):
        ranges = frame_ranges(packed.lengths, pooling, self.n_segments)
        if Ability.RATES not in self.oscillator_.abilities() or self.bits is not None:
            states, clipped = self._noisy_states(packed)
            return pool(states, packed, ranges), clipped
        pooled, clipped = pooled_nodes(
            self.oscillator_,
            self.ensemble_,
            self.drive_,
            self.node_time_,
            packed,
            ranges,
            self._bath(packed),
        )
        if self.readout_noise_ > 0:
            for row, frames, first, last in zip(pooled, packed, *ranges, strict=True):
                row += average(self._noise_of(frames), first, last)
        return pooled, clipped

    def _state_blocks(self, sequences):
        """Yield (slice, packed, noisy states, clipped) block by block."""

        def work(part):
            packed = sequences.pack(part, np.dtype(self.dtype))
            return part, packed, *self._noisy_states(packed)

        return self._in_threads(work, sequences.blocks())

    def _pooled_blocks(self, sequences, pooling):
        """Yield (slice, noisy pooled amplitudes, clipped) block by block."""

        def work(part):
            packed = sequences.pack(part, np.dtype(self.dtype))
            return part, *self._noisy_pooled(packed, pooling)

        return self._in_threads(work, sequences.blocks())

    def _in_threads(self, work, parts):
        """Results in the order of the parts, a few at a time, whatever `n_jobs` is."""
        if self.n_jobs in (None, 1) or len(parts) == 1:
            return map(work, parts)
        return Parallel(n_jobs=self.n_jobs, prefer="threads", return_as="generator")(
            delayed(work)(part) for part in parts
        )

    def _noise_of(self, frames):
        """Readout noise of one sequence, from the seed and the sequence's own bytes."""
        shape = (len(frames), self.n_oscillators * self.n_nodes)
        noise = stream_of(self.seed_, frames).standard_normal(shape, dtype=frames.dtype)
        return noise * frames.dtype.type(self.readout_noise_)

    def _warn_of_clipping(self, n_clipped, n_frames):
        share = n_clipped / (n_frames * self.drive_.mask.shape[1])
        if share > CLIPPED:
            warnings.warn(
                f"{100 * share:.1f} % of the node currents were clipped to the range that "
                "was learned from the training data; the new data are larger. Scale them "
                "alike, or train on data that cover them.",
                DriveClippingWarning,
                stacklevel=4,
            )

    def __sklearn_tags__(self):
        """Say that containers of sequences are welcome next to tables."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
