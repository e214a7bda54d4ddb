"""Which classes may come out of a file, and what may such an object hold?"""

import inspect
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from reservoir._exact_sums import ExactSums
from reservoir.audio import MFCC, Cochleagram, Spectrogram, SpeechClassifier
from reservoir.devices import MeasuredOscillator, StaticNode, Wire
from reservoir.devices.catalogue import PRESET_CLASSES
from reservoir.devices.spin_diode import IdealSynapse, SpinDiode
from reservoir.layers import (
    ChainLayer,
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
)
from reservoir.masks import Ripple
from reservoir.multiplexing.block_sums import BlockSums
from reservoir.multiplexing.classifier import ReservoirClassifier
from reservoir.multiplexing.drive import Drive
from reservoir.multiplexing.ensemble import Ensemble
from reservoir.multiplexing.frame_classifier import ReservoirFrameClassifier
from reservoir.multiplexing.mask_ensemble import MaskEnsembleClassifier
from reservoir.multiplexing.regressor import ReservoirRegressor
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.multiplexing.wear import Wear
from reservoir.networks.auto_oscillators import AutoOscillators
from reservoir.networks.equilibrium_classifier import EquilibriumClassifier
from reservoir.networks.layered_circuit import LayeredCircuit
from reservoir.networks.misreading import Misreading
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.phase_oscillators import PhaseOscillators
from reservoir.networks.synchronization import SynchronizationClassifier
from reservoir.readout import LinearReadout

VERSION = 5
_NOISE = {"noise": "readout_noise", "noise_": "readout_noise_"}
# OLD_NAMES[v] holds what was renamed between the format versions v and v + 1. For each class
# it leads from the name of a parameter, an attribute or a field in version v to the name in
# version v + 1, or to None if the value is no longer needed. A file of version v goes through
# the tables of v, v + 1, ... one after the other. So a table is never changed once files of
# its next version exist: a new parameter or a new name raises VERSION by 1 and adds a table.
OLD_NAMES: Mapping[int, Mapping[str, Mapping[str, str | None]]] = {
    1: {
        "ReservoirClassifier": _NOISE,
        "ReservoirRegressor": _NOISE,
        "TimeMultiplexedReservoir": _NOISE,
        "SpinTorqueOscillator": {"thermal_power": "power_floor"},
        "VortexOscillator": {"thermal_power": "power_floor"},
        "PhaseLockedOscillator": {"injection": "force"},
        "Wire": {"threshold_current": None, "thermal_power": None, "damping_rate": None},
    },
    2: {},  # Version 3 has the digest, and keeps the types of numbers.
    # Version 4 knows masks with parameters, averaged masks, ears, layers, labels of frames.
    3: {},
    # Version 5: locked means that a phase makes no turn, and no longer a tolerance. It knows
    # pumps, couplings that are learned, networks that settle, and sums over blocks.
    4: {"OscillatorNetwork": {"tolerance": None}},
}
# Parameters that came with a version, and what they were before they had a name.
NEW_PARAMETERS: Mapping[int, Mapping[str, Mapping[str, Any]]] = {
    4: {
        "ReservoirClassifier": {"pool_squares": False},
        "TimeMultiplexedReservoir": {"pool_squares": False},
    },
    5: {
        "OscillatorNetwork": {"pumping": 0.0, "pumping_frequency": None},
        "SynchronizationClassifier": {"learn_couplings": False},
    },
}
PARTS: Mapping[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        *PRESET_CLASSES,
        MeasuredOscillator,
        Wire,
        AutoOscillators,
        BlockSums,
        ChainLayer,
        Drive,
        Ensemble,
        ExactSums,
        IdealSynapse,
        LayeredCircuit,
        LinearReadout,
        Misreading,
        PhaseOscillators,
        Ripple,
        SpinDiode,
        StaticNode,
        Wear,
    )
}


@dataclass(frozen=True)
class Learned:
    """Names of the attributes that a fitted estimator has.

    Attributes
    ----------
    always : frozenset of str
        What each fitted estimator of the class has.
    sometimes : frozenset of str
        What only some have, as their parameters or data say.
    """

    always: Set[str]
    sometimes: Set[str] = frozenset()


# What scikit-learn keeps in an estimator that was asked for its output before it was fitted.
_ASKED = frozenset({"_sklearn_output_config"})
# What a network may have that was not fitted, as that of a classifier is.
_OF_NETWORKS = frozenset({"dead_", "faults_", "misreading_"})
# What scikit-learn itself keeps in an estimator: its `set_output`, and names of columns that
# are texts; `columns_` are those that are not.
_OF_TABLES = _ASKED | {"columns_", "feature_names_in_"}
_OF_RESERVOIRS = frozenset(
    {
        "drive_",
        "ensemble_",
        "levels_",
        "loop_gain_",
        "n_features_in_",
        "node_time_",
        "oscillator_",
        "readout_noise_",
        "seed_",
    }
)
# Frames of the longest training sequence, which files of versions 1 and 2 do not say.
_SOME_RESERVOIRS = _OF_TABLES | {"faults_", "longest_", "wear_"}
_OF_SUMS = frozenset({"groups_", "sums_"})
_FROM_SUMS = frozenset({"alpha_", "readout_"})  # They follow from the sums if there are some.
_OF_LAYERS = frozenset(
    {
        "input_range_",
        "layers_",
        "loss_curve_",
        "n_features_in_",
        "n_iter_",
        "seed_",
    }
)
_SOME_LAYERS = _OF_TABLES | {
    "adam_",
    "faults_",
    "latent_weights_",
    "read_noise_",
    "read_noise_seed_",
    "validation_scores_",
}
LEARNED: Mapping[type[Any], Learned] = {
    # An ear learns nothing.
    **{ear: Learned(frozenset()) for ear in (Cochleagram, MFCC, Spectrogram)},
    EquilibriumClassifier: Learned(
        frozenset(
            {
                "center_",
                "classes_",
                "half_range_",
                "loss_curve_",
                "n_features_in_",
                "parameters_",
                "unlocked_curve_",
                "wiring_",
            }
        ),
        _OF_TABLES,
    ),
    MaskEnsembleClassifier: Learned(
        frozenset({"classes_", "classifiers_", "n_features_in_", "seed_"}),
        _OF_TABLES | {"faults_"},
    ),
    OscillatorNetwork: Learned(
        frozenset({"n_features_in_", "seed_"}), _OF_TABLES | _OF_NETWORKS
    ),
    ReservoirClassifier: Learned(
        _OF_RESERVOIRS | {"alpha_", "classes_", "readout_"},
        _SOME_RESERVOIRS | _OF_SUMS | {"n_segments_", "pooled_"},
    ),
    ReservoirFrameClassifier: Learned(
        _OF_RESERVOIRS | {"alpha_", "classes_", "readout_"}, _SOME_RESERVOIRS | _OF_SUMS
    ),
    ReservoirRegressor: Learned(
        _OF_RESERVOIRS | {"_single_target", "alpha_", "readout_"},
        _SOME_RESERVOIRS | _OF_SUMS | {"target_columns_"},
    ),
    SpeechClassifier: Learned(
        frozenset({"classes_", "classifier_", "front_end_"}), frozenset({"faults_"})
    ),
    SpintronicClassifier: Learned(_OF_LAYERS | {"chain_means_", "classes_"}, _SOME_LAYERS),
    SpintronicConvolutionalClassifier: Learned(_OF_LAYERS | {"classes_"}, _SOME_LAYERS),
    SpintronicRecurrentClassifier: Learned(
        _OF_LAYERS | {"classes_", "recurrent_layers_"}, _SOME_LAYERS
    ),
    SpintronicRegressor: Learned(
        _OF_LAYERS | {"_single_target", "chain_means_", "target_mean_", "target_scale_"},
        _SOME_LAYERS,
    ),
    SynchronizationClassifier: Learned(
        frozenset(
            {
                "classes_",
                "coef_",
                "intercept_",
                "learning_curve_",
                "n_features_in_",
                "network_",
                "source_range_",
                "temperature_",
            }
        ),
        _OF_TABLES
        | {
            "faults_",
            "frequency_curve_",
            "pattern_",
            "pattern_classes_",
            "patterns_",
            "readout_coef_",
            "readout_intercept_",
            "source_curve_",
        },
    ),
    TimeMultiplexedReservoir: Learned(_OF_RESERVOIRS, _SOME_RESERVOIRS),
}
ESTIMATORS: Mapping[str, type[Any]] = {cls.__name__: cls for cls in LEARNED}


def renamed(class_name: str, values: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Values of a class under today's names, without those that are no longer needed.

    Parameters
    ----------
    class_name : str
    values : dict
        Parameters, attributes or fields by the names of a file's version.
    version : int
        Of the file.

    Returns
    -------
    dict
    """
    found = dict(values)
    for older in range(version, VERSION):
        names = OLD_NAMES[older].get(class_name, {})
        found = {
            new_name: value
            for name, value in found.items()
            if (new_name := names.get(name, name)) is not None
        }
    return found


def with_new_parameters(
    class_name: str, params: Mapping[str, Any], version: int
) -> dict[str, Any]:
    """Parameters of a file's version, and those that came later with what they stood for.

    Parameters
    ----------
    class_name : str
    params : dict
        Under today's names.
    version : int
        Of the file.

    Returns
    -------
    dict
    """
    later = [names for came, names in NEW_PARAMETERS.items() if came > version]
    return {
        **{k: v for names in later for k, v in names.get(class_name, {}).items()},
        **params,
    }


def check_names(cls: type[Any], params: Set[str], learned: Set[str], version: int) -> None:
    """Refuse parameters and attributes that an estimator of a class cannot have, or lacks.

    An attribute that is not on the list could hide a method.

    Parameters
    ----------
    cls : type
        One of `ESTIMATORS`.
    params, learned : set of str
        Names of the parameters and of the learned attributes.
    version : int
        Of the file. An older one lacks the parameters that came later.

    Raises
    ------
    ValueError
        If a name is unknown or missing.
    """
    known = set(inspect.signature(cls.__init__).parameters) - {"self"}
    always, allowed = LEARNED[cls].always, LEARNED[cls].always | LEARNED[cls].sometimes
    unknown = sorted((params - known) | (learned - allowed))
    if unknown:
        raise ValueError(f"a {cls.__name__} of this package has no {unknown[0]!r:.80}")
    missing = sorted(known - params if version == VERSION else set())
    if learned - _ASKED - _OF_NETWORKS:  # It was fitted.
        follows = _FROM_SUMS if "sums_" in learned else frozenset()
        missing += sorted(always - learned - follows)
    if missing:
        raise ValueError(f"the {cls.__name__} has no {missing[0]!r}")
