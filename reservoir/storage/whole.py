"""Do the parts of an estimator that was read from a file belong together?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from reservoir._checks import Integer, OrNone, Real, check_parameters
from reservoir._exact_sums import MAX_ROWS, ExactSums
from reservoir.audio import SpeechClassifier
from reservoir.audio.waveforms import FrontEnd
from reservoir.layers.base import BaseSpintronic
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.block_sums import BlockSums
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.frame_classifier import ReservoirFrameClassifier
from reservoir.multiplexing.mask_ensemble import MaskEnsembleClassifier
from reservoir.multiplexing.playing import MAX_DRIVES
from reservoir.multiplexing.pooling import n_ranges
from reservoir.multiplexing.wear import Wear
from reservoir.networks.equilibrium_classifier import EquilibriumClassifier
from reservoir.networks.layered_circuit import LayeredCircuit
from reservoir.networks.misreading import AT_RANDOM, Misreading
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier
from reservoir.storage.layered import check_layers

# Of an ear from a file: far beyond any that hears speech, and made in a moment.
MAX_CHANNELS, MAX_WINDOW = 2**14, 2**20
MAX_BAND_WEIGHTS = 2**21  # bands times samples of a window


def check_whole(estimator: Any) -> None:
    """Refuse an estimator whose parameters and learned arrays do not belong together.

    Parameters
    ----------
    estimator : estimator
        One that was read from a file.

    Raises
    ------
    TypeError or ValueError
        If a parameter is outside its range, or sizes disagree, so that a prediction would
        fail, or would take time and memory without end.
    """
    check_parameters(estimator, estimator._parameter_ranges)
    faults = getattr(estimator, "faults_", [])
    if not isinstance(faults, list) or not all(isinstance(text, str) for text in faults):
        raise ValueError("faults_ is no list of texts")
    seed = getattr(estimator, "seed_", 0)
    if not Integer(0).admits(seed):
        raise ValueError(f"its seed_ is {seed!r:.40}")
    if isinstance(estimator, OscillatorNetwork):
        if hasattr(estimator, "dead_"):
            _check_dead(estimator)
        if hasattr(estimator, "misreading_"):
            _check_misreading(estimator)
    if isinstance(estimator, SynchronizationClassifier) and hasattr(estimator, "coef_"):
        _check_synchronization(estimator)
    elif isinstance(estimator, EquilibriumClassifier) and hasattr(estimator, "wiring_"):
        _check_equilibrium(estimator)
    elif isinstance(estimator, BaseSpintronic):
        if hasattr(estimator, "layers_"):
            check_layers(estimator)
    elif isinstance(estimator, BaseReservoir) and hasattr(estimator, "drive_"):
        _check_reservoir(estimator)
    elif isinstance(estimator, MaskEnsembleClassifier) and hasattr(estimator, "seed_"):
        _check_mask_ensemble(estimator)
    elif isinstance(estimator, FrontEnd):
        _check_front_end(estimator)
    elif isinstance(estimator, SpeechClassifier):
        _check_speech(estimator)


def _check_reservoir(estimator: Any) -> None:
    """Refuse a fitted reservoir whose sizes disagree."""
    drive, ensemble = estimator.drive_, estimator.ensemble_
    agreeing = {
        "channels": (estimator.n_features_in_, len(drive.center)),
        "oscillators": (estimator.n_oscillators, len(ensemble)),
        "masked nodes": (int(estimator.n_nodes) * ensemble.n_drives, drive.mask.shape[1]),
    }
    _check_numbers(estimator)
    if ensemble.n_drives > MAX_DRIVES:
        raise ValueError(f"{ensemble.n_drives} masked drives are more than {MAX_DRIVES}")
    if hasattr(estimator, "wear_"):
        _check_wear(estimator.wear_)
        agreeing["readings"] = (estimator._n_columns, len(estimator.wear_.gains))
    _check_sums(estimator, agreeing)
    if "readout_" in vars(estimator):  # else it follows from the sums
        n_states = _n_features(estimator)
        agreeing["states"] = (n_states, len(estimator.readout_.coefficients))
        if isinstance(estimator, ReservoirClassifier | ReservoirFrameClassifier):
            n_outputs = len(estimator.readout_.intercept)
            agreeing["classes"] = (len(estimator.classes_), n_outputs)
    _check_agreement(agreeing)
    longest = _longest_delay(estimator)
    if max(drive.delays, default=0) > longest:
        raise ValueError(f"a delay of {max(drive.delays)} nodes is longer than {longest}")


def _n_features(estimator: Any) -> int:
    """How many features the readout of a fitted reservoir sees."""
    pooled = (
        n_ranges(estimator.pooling, estimator._n_segments, estimator._pools_squares)
        if isinstance(estimator, ReservoirClassifier)
        else 1
    )
    # Of small integer types, such as np.uint8, the product would not fit.
    return int(estimator.n_oscillators) * int(estimator.n_nodes) * pooled


def _check_sums(estimator: Any, agreeing: dict[str, tuple[Any, Any]]) -> None:
    """Refuse sums over blocks that are not those of this reservoir's features."""
    sums = vars(estimator).get("sums_")
    if sums is None:
        return
    if not isinstance(sums, BlockSums):
        raise ValueError("its sums are none")
    for name in ("origin", "units", "target_units"):
        array = getattr(sums, name)
        if getattr(array, "dtype", None) != np.float64 or array.ndim != 1:
            raise ValueError(f"the {name} of its sums is no array of numbers")
        if not np.isfinite(array).all() or (name != "origin" and not (array > 0).all()):
            raise ValueError(f"the {name} of its sums holds a number that is not allowed")
    agreeing["summed features"] = (_n_features(estimator), len(sums.units))
    agreeing["origins"] = (len(sums.units), len(sums.origin))
    if hasattr(estimator, "classes_"):
        agreeing["summed classes"] = (len(estimator.classes_), len(sums.target_units))
    n_columns = len(sums.units) + len(sums.target_units) + 1
    for number, fold in sums.folds.items():
        if not (Integer(0).admits(number) and isinstance(fold, ExactSums)):
            raise ValueError(f"fold {number!r:.40} of its sums is none")
        for words in (fold.high, fold.low):
            if getattr(words, "dtype", None) != np.int64 or words.shape != (
                n_columns * (n_columns + 1) // 2,
            ):
                raise ValueError(f"fold {number} of its sums holds other words than it must")
        if not 0 < fold.n_rows <= MAX_ROWS:
            raise ValueError(f"fold {number} of its sums holds {fold.n_rows} rows")
    for texts, key in ((sums.plan, str), (sums.blocks, int)):
        if not isinstance(texts, dict) or not all(
            type(name) is key and isinstance(text, str) for name, text in texts.items()
        ):
            raise ValueError("its sums do not say what they are of")


def _check_wear(wear: Any) -> None:
    """Refuse wear that holds other things than its numbers."""
    if not isinstance(wear, Wear):
        raise ValueError("its wear is none")
    strays = () if wear.strays is None else (wear.strays,)
    if any((array < 0).any() for array in strays):
        raise ValueError("a stray reading is negative")
    for array in (wear.gains, wear.offsets, *strays):
        found = getattr(array, "dtype", type(array).__name__)
        if found != np.float64 or not np.isfinite(array).all():
            raise ValueError("a gain or an offset is no finite number of double precision")
    numbers = wear.amplification, wear.correction, wear.thermal_noise
    if not all(Real().admits(number) for number in numbers) or wear.thermal_noise < 0:
        raise ValueError(f"its wear holds {numbers}, of which one is not allowed")
    for name in ("noise_seed", "thermal_seed", "stray_seed"):
        seed = getattr(wear, name)
        if not OrNone(Integer(0, 2**64 - 1)).admits(seed):
            raise ValueError(f"its {name} is {seed!r:.40}")
    if not OrNone(Integer(1, 24)).admits(wear.bits):
        raise ValueError(f"the bits of its wear are {wear.bits!r:.40}")


def _check_agreement(agreeing: Mapping[str, tuple[Any, Any]]) -> None:
    """Refuse what two parts say differently."""
    for what, (stated, found) in agreeing.items():
        if stated != found:
            raise ValueError(
                f"it has {stated} {what} by one of its parts and {found} by another"
            )


def _check_numbers(estimator: Any) -> None:
    """Refuse learned numbers that the kernels do not expect."""
    drive, readout = estimator.drive_, vars(estimator).get("readout_")
    arrays = [drive.mask, drive.center, drive.scale, drive.bias, estimator.ensemble_.detuning]
    if readout is not None:
        arrays += [readout.coefficients, readout.intercept]
        optional = readout.means, readout.spreads, readout.read_noise
        arrays += [each for each in optional if each is not None]
        if not OrNone(Integer(0, 2**64 - 1)).admits(readout.read_seed):
            raise ValueError(f"the read_seed of its readout is {readout.read_seed!r:.40}")
    for array in arrays:
        if array.dtype != np.float64 or not array.dtype.isnative:
            raise ValueError(f"learned arrays are of double precision, not {array.dtype}")
    scalars = [drive.gain, drive.offset, drive.lowest, drive.highest, drive.feedback]
    scalars += [drive.middle, drive.reference, drive.initial_power, estimator.node_time_]
    if not all(np.isfinite(numbers).all() for numbers in [*arrays, scalars]):
        raise ValueError("a learned number is not finite")
    if drive.initial_power < 0 or not estimator.node_time_ > 0:
        raise ValueError("a power must not be negative, and a time must be positive")


def _check_dead(network: OscillatorNetwork) -> None:
    """Refuse what does not say of each oscillator whether it is dead."""
    dead = network.dead_
    truths = isinstance(dead, np.ndarray) and dead.dtype.kind == "b"
    if not truths or dead.shape != (network.n_oscillators,):
        raise ValueError(f"dead_ is {dead!r:.60}, and not one truth for each oscillator")


def _check_misreading(network: OscillatorNetwork) -> None:
    """Refuse what does not say of each oscillator what it seems to do."""
    found = network.misreading_
    if not isinstance(found, Misreading):
        raise ValueError("misreading_ is no Misreading")
    states = found.states
    if not (isinstance(states, np.ndarray) and states.dtype == np.int64):
        raise ValueError(f"the states of its misreading are {states!r:.60}")
    if states.shape != (network.n_oscillators,) or (states < AT_RANDOM).any():
        raise ValueError(f"its misreading has {states!r:.60}, and not a state each")
    if not Integer(0, 2**31).admits(found.seed):
        raise ValueError(f"the seed of its misreading is {found.seed!r:.40}")


def _check_synchronization(classifier: SynchronizationClassifier) -> None:
    """Refuse a classifier whose combinations do not belong to its network."""
    if not isinstance(classifier.network_, OscillatorNetwork):
        raise ValueError("its network is no OscillatorNetwork")
    n_sources = classifier.n_sources
    if n_sources is None:  # `fit` chose
        n_sources = len(np.atleast_1d(classifier.coef_))
    shapes = {
        "coef_": (n_sources, classifier.n_features_in_),
        "intercept_": (n_sources,),
    }
    for name, shape in shapes.items():
        _check_array(name, getattr(classifier, name), shape)
    if not Real(above=0).admits(classifier.temperature_):
        raise ValueError(f"its temperature_ is {classifier.temperature_!r:.60}")
    if hasattr(classifier, "patterns_"):
        n_patterns = len(np.atleast_1d(classifier.patterns_))
        n_oscillators = int(classifier.network_.n_oscillators)
        _check_codes(classifier, "patterns_", (n_patterns, n_oscillators), -1, n_sources)
        n_classes = len(classifier.classes_)
        _check_codes(classifier, "pattern_classes_", (n_patterns,), 0, n_classes)


def _check_codes(
    classifier: SynchronizationClassifier,
    name: str,
    shape: tuple[int, ...],
    lowest: int,
    beyond: int,
) -> None:
    """Refuse an attribute that is no array of whole numbers between two limits."""
    codes = getattr(classifier, name, None)
    if not isinstance(codes, np.ndarray) or codes.dtype.kind != "i" or codes.shape != shape:
        raise ValueError(f"{name} is {codes!r:.60}, and no array of shape {shape}")
    if ((codes < lowest) | (codes >= beyond)).any():
        raise ValueError(f"{name} holds numbers that are not from {lowest} to {beyond - 1}")


def _check_array(name: str, array: Any, shape: tuple[int, ...]) -> None:
    """Refuse an attribute that is no array of finite numbers of a shape."""
    if np.shape(array) != shape or array.dtype != np.float64:
        raise ValueError(f"{name} has shape {np.shape(array)}; it must be {shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} is not finite")


def _check_equilibrium(classifier: EquilibriumClassifier) -> None:
    """Refuse oscillators whose wiring is not that of the features and the classes."""
    wiring, n_features = classifier.wiring_, classifier.n_features_in_
    if not isinstance(wiring, LayeredCircuit):
        raise ValueError("its wiring is no LayeredCircuit")
    n_classes = len(classifier.classes_)
    expected = n_features, classifier.n_hidden, 1 if n_classes == 2 else n_classes
    sizes = wiring.n_inputs, wiring.n_hidden, wiring.n_outputs
    if sizes != expected or not all(map(Integer(1).admits, sizes)):
        raise ValueError(f"its wiring is {wiring!r:.80}, and not {expected}")
    shapes = {
        "center_": (n_features,),
        "half_range_": (n_features,),
        "parameters_": (wiring.n_couplings + wiring.n_free,),
    }
    for name, shape in shapes.items():
        _check_array(name, getattr(classifier, name), shape)


def _longest_delay(estimator: Any) -> int:
    """The longest feedback delay that the parameters of an estimator name, in nodes."""
    delays = estimator.feedback_delay
    if delays is None:
        return int(estimator.n_nodes) + 1
    return int(max(delays)) if isinstance(delays, list | tuple) else int(delays)


def _check_mask_ensemble(ensemble: MaskEnsembleClassifier) -> None:
    """Refuse members of which one is of another kind, or learned something else."""
    members = ensemble.classifiers_
    if not isinstance(members, list) or not all(map(_is_fitted_classifier, members)):
        raise ValueError("its members are no list of fitted ReservoirClassifiers")
    _check_agreement({"masks": (ensemble.n_masks, len(members))})
    for member in members:
        _check_agreement({"channels": (ensemble.n_features_in_, member.n_features_in_)})
        _check_classes(ensemble.classes_, member.classes_)


def _is_fitted_classifier(member: Any) -> bool:
    known = {"readout_", "sums_"} & vars(member).keys()
    return isinstance(member, ReservoirClassifier) and bool(known)


def _check_classes(stated: Any, found: Any) -> None:
    if not isinstance(stated, np.ndarray) or not np.array_equal(stated, found):
        raise ValueError("its classes are other ones than those of its parts")


def _check_front_end(front_end: Any) -> None:
    """Refuse an ear that would take memory without end, or whose parameters disagree."""
    n_channels, n_mels, window = (
        int(getattr(front_end, name, None) or 0)
        for name in ("n_channels", "n_mels", "window_length")
    )
    rate = getattr(front_end, "sample_rate", 0)
    if n_mels and front_end.window_length is None:
        window = round(0.025 * rate)
    if getattr(front_end, "model", None) == "lyon":
        # The lowest place lies below 1 kHz, so this is more than the ear has.
        n_channels = front_end.quality / front_end.step * (10 + np.log1p(rate))
    if n_channels > MAX_CHANNELS or window > MAX_WINDOW or n_mels * window > MAX_BAND_WEIGHTS:
        raise ValueError(f"its {type(front_end).__name__} claims more than any ear has")
    front_end._check_parameters()


def _check_speech(model: SpeechClassifier) -> None:
    """Refuse a recogniser whose ear, rate and classifier are not made for each other."""
    if model.front_end is not None and not isinstance(model.front_end, FrontEnd):
        raise ValueError("its front end is none")
    model._check_parameters()
    if not hasattr(model, "classifier_"):
        return
    ear, ensemble = model.front_end_, model.classifier_
    if not isinstance(ear, FrontEnd) or not isinstance(ensemble, MaskEnsembleClassifier):
        raise ValueError("it has no ear, or no MaskEnsembleClassifier behind it")
    if not hasattr(ensemble, "classifiers_"):
        raise ValueError("its classifier was not fitted")
    heard = ear.transform([np.zeros(1)])[0]
    _check_agreement(
        {
            "Hz": (model.sample_rate, getattr(ear, "sample_rate", model.sample_rate)),
            "masks": (model.n_masks, ensemble.n_masks),
            "channels": (heard.shape[1], ensemble.n_features_in_),
        }
    )
    _check_classes(model.classes_, ensemble.classes_)
