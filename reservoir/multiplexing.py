"""One oscillator played in time as a whole layer: sequences in, node amplitudes out."""

import copy
import dataclasses
import numbers
import warnings

import numpy as np
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from reservoir.checks import (
    check_integer,
    check_integer_value,
    check_number,
    check_positive,
)
from reservoir.devices import Device, SpinTorqueOscillator, Wire, find_device
from reservoir.drive import learn_drive
from reservoir.ensemble import make_ensemble
from reservoir.exceptions import DriveClippingWarning, UncoupledNodesWarning
from reservoir.masks import make_mask
from reservoir.sequences import Packed, Sequences, check_sequences, is_table
from reservoir.simulation import (
    MOST_DRIVES,
    VARIABLES,
    Bath,
    node_states,
    played_states,
    pooled_nodes,
)
from reservoir.streams import key_of, stream_of

DEFAULT_OSCILLATOR = "torrejon2017"
# What only the exact kernel does, and the values that ask for nothing of it.
ALONE = {
    "feedback_gain": 0,
    "loop_gain": None,
    "n_oscillators": 1,
    "read": "amplitude",
    "thermal_noise": 0,
    "drift": 0,
}
CLIPPED = 0.01  # share of node values beyond the range that calls for a warning
DRIFT_FRAMES = 1000  # after which a drift has its stated rms
DRIFT_SEED = 2**40  # added to the seed, so that drift and readout noise are independent
N_SPREAD = 64  # sequences, evenly spread, from which the amplitude's spread is learned

PARAMETERS = """oscillator : device, preset name or None, default=None
        None stands for `SpinTorqueOscillator.preset("torrejon2017")`. Values of the device
        are reachable as ``oscillator__threshold_current`` and so on.
    n_nodes : int, default=400
        Virtual nodes: held currents for each frame.
    node_time : float or None, default=None
        Time each current is held, in s; None stands for what suits the device, which is
        ``1.67 / damping_rate`` for an oscillator.
    mask : {"binary", "sparse", "uniform", "maximum_length"} or array, default="binary"
        Weights from channels to nodes; an array has shape
        ``(n_channels * (1 + len(context)), n_nodes)``.
    drive_range : tuple of two floats, default=(0.6, 1.6)
        Lowest and highest current in units of the threshold. The masked drive's 0.1 % and
        99.9 % quantiles in the training data are mapped to them.
    current_limits : tuple of two floats or None, default=None
        Lowest and highest current of all, in units of the threshold: what is beyond, with
        bias and feedback, is clipped. None stands for the `drive_range`. A small drive with
        feedback needs more room than its own range.
    node_bias : float or array of shape (n_nodes,), default=0.0
        Constant current added to each node, in units of the threshold; a number is the
        half width of the even law from which they are drawn. Nodes then work at different
        operating points.
    standardize : bool, default=False
        Divide each channel by its standard deviation in the training data. Channels are
        always centred; choose True when they come in different units.
    context : tuple of int, default=()
        Delays, in frames, of earlier frames that are joined to each frame as explicit
        input taps; before the start the first frame is repeated.
    feedback_gain : float, default=0.0
        Current in units of the threshold that each unit of amplitude adds, above the
        amplitude at rest in mid-range, to the node `feedback_delay` later.
    loop_gain : float or None, default=None
        The same without a unit, in place of `feedback_gain`: what a slow change of the
        amplitude has become once around the loop, `feedback_gain` times the mean slope of
        the amplitude at rest over the `drive_range`. The memory fades if it lies between -1
        and 1, and the slower the closer to them; else fit refuses.
    feedback_delay : int, tuple of int or None, default=None
        In nodes; of several, the mean is fed back. None stands for ``n_nodes + 1``. With a
        delay of exactly `n_nodes` every node hears its own past only, of which fit warns.
    n_oscillators : int, default=1
        Oscillators that share the masked drive. Each is time-multiplexed, and the
        amplitudes of all of them together are the states: first all nodes of the first
        oscillator, then those of the second, and so on. Delayed feedback carries their mean.
    own_masks : bool, default=False
        Whether each oscillator has a mask, and so a current, of its own, instead of sharing
        one. An array as `mask` then has ``n_oscillators * n_nodes`` columns, those of the
        first oscillator first. At most 64 oscillators.
    coupling : complex, or matrix of shape (n_oscillators, n_oscillators), default=0.0
        K_ij of dc_i/dt = ... + sum_j K_ij c_j, in 1/s; a number couples every pair alike.
        Without coupling all oscillators under one drive give the same states.
    read : {"amplitude", "power", "frequency", "phase"}, default="amplitude"
        What is measured of a node: the amplitude at the end of its hold; the power averaged
        over the hold, or the frequency likewise, in Hz from that at rest in mid-range; or
        the phase at the end, in rad from that of a reference with this frequency.
    thermal_noise : float, default=0.0
        Of the oscillator itself: the mean power that it would have without a current. See
        `reservoir.devices.noise_from_linewidth`.
    drift : float, default=0.0
        Of the current, in units of the threshold: rms, after 1000 frames, of a random walk
        that every sequence starts anew.
    bits : int or None, default=None
        Of the converter that reads the nodes, over the range of the training data; None:
        no rounding.
    detuning : float, or array of shape (n_oscillators,), default=0.0
        Distance between the frequencies of neighbours, or the frequencies themselves up
        to their mean, in Hz."""


def document_parameters(cls):
    """Put the description of the shared parameters into a class's docstring."""
    cls.__doc__ = cls.__doc__.replace("{parameters}", PARAMETERS)
    return cls


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
        _check_range(self, resolve_oscillator(self.oscillator))
        _check_limits(self)
        _check_bias(self)
        for name in ("noise", "drift"):
            check_number(self, name, 0.0, "finite and not negative")
        _check_bath(self, resolve_oscillator(self.oscillator))
        _check_feedback(self)
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
        _check_alone(self, self.oscillator_)
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
        self.noise_ = 0.0
        self.levels_ = (0.0, 0.0)
        if self.noise > 0 or self.bits is not None:
            packed = sequences.pack(sequences.sample(N_SPREAD), np.dtype(self.dtype))
            states = self._simulate_states(packed)[0]
            self.noise_ = float(self.noise * np.std(states))
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
        slope = _mean_slope(self.oscillator_, self.drive_range)
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
        if isinstance(self.oscillator_, Wire):
            states = [
                self.drive_.gain * self.drive_.masked(frames) + self.drive_.offset
                for frames in packed
            ]
            n_copies = self.n_oscillators // self.ensemble_.n_drives
            states = np.tile(np.concatenate(states), n_copies)
            states = states.astype(packed.frames.dtype)
            return states, np.zeros(len(packed.lengths), dtype=np.intp)
        if not runs_in_exact_kernel(self.oscillator_):
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
            step = self.drift * self.oscillator_.threshold_current / np.sqrt(DRIFT_FRAMES)
            walks = [
                stream_of(self.seed_ + DRIFT_SEED, frames).standard_normal(len(frames))
                for frames in packed
            ]
            wander = step * np.concatenate([np.cumsum(walk) for walk in walks])
        return Bath(self.read, float(self.thermal_noise), keys, wander)

    def _noisy_states(self, packed):
        states, clipped = self._simulate_states(packed)
        if self.noise_ > 0:
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
        if not runs_in_exact_kernel(self.oscillator_) or self.bits is not None:
            states, clipped = self._noisy_states(packed)
            return _pool(states, packed, ranges), clipped
        pooled, clipped = pooled_nodes(
            self.oscillator_,
            self.ensemble_,
            self.drive_,
            self.node_time_,
            packed,
            ranges,
            self._bath(packed),
        )
        if self.noise_ > 0:
            for row, frames, first, last in zip(pooled, packed, *ranges, strict=True):
                row += _average(self._noise_of(frames), first, last)
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
        return noise * frames.dtype.type(self.noise_)

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


def resolve_oscillator(oscillator):
    """The device that an estimator's `oscillator` parameter stands for."""
    if oscillator is None:
        oscillator = DEFAULT_OSCILLATOR
    if isinstance(oscillator, str):
        return find_device(oscillator)
    if not isinstance(oscillator, Device):
        raise TypeError(
            f"oscillator is a {type(oscillator).__name__}; it must be a device such as "
            "SpinTorqueOscillator, the name of a preset, or None."
        )
    return oscillator


def runs_in_exact_kernel(device):
    """Whether a device's power is logistic, see `reservoir.devices.device`."""
    return hasattr(device, "rate_coefficients")


def frame_ranges(lengths, pooling, n_segments):
    """First frame, and one past the last, of every range that pooling averages over.

    Segment k of K over T frames takes the frames floor(k T / K) to ceil((k + 1) T / K),
    at least one; neighbours may share a frame.

    Parameters
    ----------
    lengths : ndarray of int of shape (n_sequences,)
    pooling : {"segments", "mean", "vote", "last"}
    n_segments : int

    Returns
    -------
    tuple of two ndarrays of int of shape (n_sequences, n_ranges)
    """
    lengths = np.asarray(lengths, dtype=np.intp)[:, None]
    if pooling == "last":
        return lengths - 1, lengths.copy()
    count = n_segments if pooling == "segments" else 1
    k = np.arange(count, dtype=np.intp)
    return k * lengths // count, -(-(k + 1) * lengths // count)


def _average(rows, first, last):
    """Means over ranges of rows, one after the other."""
    return np.concatenate([rows[a:b].mean(axis=0) for a, b in zip(first, last, strict=True)])


def _pool(states, packed, ranges):
    views = Packed(states, packed.starts, packed.lengths)
    return np.stack([_average(*view) for view in zip(views, *ranges, strict=True)])


def _mean_slope(oscillator, drive_range):
    """Mean slope of the amplitude at rest over the range, per threshold current."""
    low, high = (float(limit) for limit in drive_range)
    threshold = oscillator.threshold_current
    change = np.sqrt(oscillator.stationary_power(high * threshold)) - np.sqrt(
        oscillator.stationary_power(low * threshold)
    )
    return float(change) / (high - low)


def _check_feedback(owner):
    name = type(owner).__name__
    check_number(owner, "feedback_gain")
    if owner.loop_gain is not None:
        check_number(owner, "loop_gain", rule="finite, or None to use feedback_gain")
        if owner.feedback_gain:
            raise ValueError(
                f"{name} has a feedback_gain of {owner.feedback_gain!r} and a loop_gain of "
                f"{owner.loop_gain!r}; they say the same, give one of them."
            )
    delays = owner.feedback_delay
    if delays is not None:
        several = isinstance(delays, tuple | list) and len(delays) > 0
        for delay in delays if several else (delays,):
            check_integer_value(f"{name}.feedback_delay", delay, 1)


def _check_bath(owner, device):
    name = type(owner).__name__
    check_number(owner, "thermal_noise", 0.0, "a power from 0 to below 1")
    if not owner.thermal_noise < 1:
        raise ValueError(
            f"{name}.thermal_noise is {owner.thermal_noise!r}; it must be a power from 0 to "
            "below 1."
        )
    if owner.read not in VARIABLES:
        raise ValueError(
            f"{name}.read is {owner.read!r}; it must be one of {', '.join(VARIABLES)}."
        )
    if owner.bits is not None:
        check_integer(owner, "bits", 1)
        if owner.bits > 32:
            raise ValueError(f"{name}.bits is {owner.bits!r}; it must be at most 32.")
    if not owner.thermal_noise and owner.read == "amplitude":
        return
    asked = f"thermal_noise={owner.thermal_noise!r} and read={owner.read!r}"
    if owner.n_oscillators > 1:
        raise ValueError(
            f"{name} has n_oscillators={owner.n_oscillators} with {asked}; of several "
            "oscillators only the amplitude without thermal noise is simulated. Use one "
            "oscillator."
        )
    if runs_in_exact_kernel(device) and not isinstance(device, SpinTorqueOscillator | Wire):
        raise ValueError(
            f"{name} has {asked}; of a {type(device).__name__} only the amplitude without "
            "thermal noise is simulated. Use a SpinTorqueOscillator."
        )


def _check_bias(owner):
    name = f"{type(owner).__name__}.node_bias"
    try:
        shape = np.asarray(owner.node_bias, dtype=float).shape
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {owner.node_bias!r}; it must hold numbers.") from None
    if shape not in ((), (owner.n_nodes,)):
        raise ValueError(
            f"{name} has shape {shape}; it must be a number, or one for each of the "
            f"{owner.n_nodes} nodes."
        )
    if not np.isfinite(np.asarray(owner.node_bias, dtype=float)).all():
        raise ValueError(f"{name} is {owner.node_bias!r}; every current must be finite.")


def _check_limits(owner):
    if owner.current_limits is None:
        return
    name = f"{type(owner).__name__}.current_limits"
    try:
        low, high = (float(limit) for limit in owner.current_limits)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {owner.current_limits!r}; it must be two numbers, (lowest, highest), "
            "or None."
        ) from None
    bottom, top = owner.drive_range
    if not (low <= bottom and top <= high < np.inf and low > -np.inf):
        raise ValueError(
            f"{name} is {owner.current_limits!r}; they must be finite and hold the "
            f"drive_range, {owner.drive_range!r}."
        )


def _check_alone(owner, device):
    """Refuse what only the exact kernel does, for a device that runs its own."""
    if runs_in_exact_kernel(device) or isinstance(device, Wire):
        return
    for name, neutral in ALONE.items():
        value = getattr(owner, name)
        if value != neutral and not (neutral is None and value == 0):
            raise ValueError(
                f"{type(owner).__name__}.{name} is {value!r}, but a {type(device).__name__} "
                "runs its own kernel, which knows neither coupling, nor feedback and noise "
                f"from outside, nor what else to read; leave {name} at {neutral!r}."
            )


def _check_range(owner, device):
    name = f"{type(owner).__name__}.drive_range"
    try:
        low, high = (float(limit) for limit in owner.drive_range)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} is {owner.drive_range!r}; it must be two numbers, (lowest, highest)."
        ) from None
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(
            f"{name} is {owner.drive_range!r}; the highest current must exceed the lowest."
        )
    if high <= 1 and device.silent_below_threshold:
        raise ValueError(
            f"{name} is {owner.drive_range!r}: its top is at or below the threshold (1), "
            "so the oscillator would stay silent. Raise the top above 1."
        )


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
    noise : float, default=0.0
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
    drive_ : reservoir.drive.Drive
        What was learned: standardisation, mask, range.
    ensemble_ : reservoir.ensemble.Ensemble
        How many oscillators, and how they are coupled.
    loop_gain_ : float
        What `feedback_gain` or `loop_gain` amount to, without a unit.
    noise_ : float
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
        noise=0.0,
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
        self.noise = noise
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X, y=None):
        """Learn standardisation and range of the drive.

        Parameters
        ----------
        X : sequences or table
            See `reservoir.sequences`.
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
