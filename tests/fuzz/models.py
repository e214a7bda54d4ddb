"""Small fitted estimators of every kind, and a question to put to each."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from reservoir.datasets import make_vowels
from scipy import sparse

from reservoir import (
    MaskEnsembleClassifier,
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
)
from reservoir.audio import MFCC, Cochleagram, SpeechClassifier
from reservoir.devices import (
    MackeyGlassNode,
    MacrospinOscillator,
    MeasuredOscillator,
    OptoelectronicNode,
    PhaseLockedOscillator,
    VortexOscillator,
    Wire,
)
from reservoir.faults import (
    DeadNeurons,
    DeadNodes,
    DeadOscillators,
    PowerNoise,
    ReadNoise,
    ResonanceOffset,
    with_faults,
)
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicConvolutionalClassifier,
    SpintronicRecurrentClassifier,
    SpintronicRegressor,
)
from reservoir.masks import Ripple
from reservoir.networks import AutoOscillators, EquilibriumClassifier, PhaseOscillators

GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(n, 3)) for n in (5, 9, 7, 6, 5, 8, 7, 4, 6, 5)]
Y = np.array(["low", "high"] * 5)
NEW = [GENERATOR.normal(size=(n, 3)) * 0.9 for n in (6, 5, 9)]
TARGETS = [x[:, 0] * x[:, 1] for x in X]
FRAME_LABELS = [np.where(target > 0, "up", "down") for target in TARGETS]
TABLE = GENERATOR.normal(size=(24, 3))
OSCILLATOR = SpinTorqueOscillator.from_preset("torrejon2017")
DEVICES = {
    "torrejon2017": OSCILLATOR,
    "uniform": "uniform",
    "vortex": VortexOscillator.from_preset("grimaldi2014"),
    "macrospin": MacrospinOscillator.from_preset("perpendicular"),
    "phase_locked": PhaseLockedOscillator.from_preset("markovic2019"),
    "mackey_glass": MackeyGlassNode.from_preset("appeltant2011"),
    "optoelectronic": OptoelectronicNode.from_preset("paquot2012"),
    "measured": MeasuredOscillator(
        current=(1e-3, 2e-3, 3e-3, 4e-3, 6e-3, 8e-3),
        amplitude=(0.0, 0.0, 0.001, 0.006, 0.010, 0.012),
        relaxation_time=(4e-7, 4e-7, 5e-7, 4e-7, 3e-7, 2e-7),
        threshold_current=3e-3,
    ),
    "wire": Wire(),
}
RANGES = {
    "macrospin": (0.8, 1.5),
    "phase_locked": (-1.5, 1.5),
    "mackey_glass": (-0.5, 0.5),
    "optoelectronic": (-0.5, 0.5),
}
VARIANTS = {
    "vote": {"pooling": "vote"},
    "last-context": {"pooling": "last", "context": (1, 2), "standardize": True},
    "mean-noise": {"pooling": "mean", "readout_noise": 0.02, "bits": 8},
    "feedback": {"loop_gain": 0.4, "feedback_delay": (7, 9), "current_limits": (0.2, 2.5)},
    "coupled": {"n_oscillators": 2, "coupling": 3e5 + 1e5j, "detuning": 2e5},
    "coupled-own": {"n_oscillators": 3, "coupling": 2e5, "own_masks": True},
    "thermal": {"thermal_noise": 1e-5, "read": "power", "drift": 0.01},
    "sparse-single": {"mask": "sparse", "dtype": "float32", "node_bias": 0.2},
    "array-mask": {"mask": np.random.default_rng(5).normal(size=(3, 6)), "alpha": 1e-3},
}


@dataclass(frozen=True)
class Model:
    """A fitted estimator, and a question whose answer may be nested."""

    estimator: Any
    ask: Callable[[Any], Any]


def settings(device: str) -> dict[str, Any]:
    """Parameters of a small reservoir of a device."""
    found = {"oscillator": DEVICES[device], "n_nodes": 6, "random_state": 3}
    if device in RANGES:
        found["drive_range"] = RANGES[device]
    if device == "macrospin":
        found["node_time"] = 2e-9
    return found


def decide(estimator):
    """Scores and labels of new sequences."""
    return [estimator.decision_function(NEW), estimator.predict(NEW)]


def classifier(name: str) -> Model:
    """One of the classifiers: of a device, or a variant of the first."""
    changes = settings(name) if name in DEVICES else settings("torrejon2017") | VARIANTS[name]
    return Model(ReservoirClassifier(**({"n_segments": 2} | changes)).fit(X, Y), decide)


def regressors_and_transformers() -> dict[str, Model]:
    """Estimators of one reservoir that are no classifiers of sequences."""
    small = {"n_nodes": 6, "random_state": 1}
    segments = {"pooling": "segments", "n_segments": 3, "oscillator": "grimaldi2014"}
    return {
        "classifier-table": Model(
            ReservoirClassifier(n_nodes=5, random_state=0).fit(TABLE, np.arange(24) % 3),
            lambda e: e.decision_function(TABLE[:4] * 0.9),
        ),
        "classifier-faults": Model(
            with_faults(
                ReservoirClassifier(**small).fit(X, Y), [DeadNodes(0.4), ReadNoise(0.01)]
            ),
            decide,
        ),
        "regressor": Model(
            ReservoirRegressor(loop_gain=0.3, washout=1, **small).fit(X, TARGETS),
            lambda e: e.predict(NEW),
        ),
        "regressor-table": Model(
            ReservoirRegressor(**small).fit(TABLE, TABLE[:, :2] ** 2),
            lambda e: e.predict(TABLE[:7] * 0.9),
        ),
        "frame-classifier": Model(
            ReservoirFrameClassifier(loop_gain=0.3, washout=1, **small).fit(X, FRAME_LABELS),
            lambda e: e.decision_function(NEW),
        ),
        "transformer": Model(
            TimeMultiplexedReservoir(read="phase", **small).fit(X), lambda e: e.transform(NEW)
        ),
        "transformer-segments": Model(
            TimeMultiplexedReservoir(**small, **segments).fit(X), lambda e: e.transform(NEW)
        ),
    }


def networks() -> dict[str, Model]:
    """Networks of oscillators, and classifiers that use them."""
    ring = sparse.coo_array(
        (np.full(4, 4e5 + 1e5j), (np.arange(4), (np.arange(4) + 1) % 4)), shape=(4, 4)
    )
    sources = np.array([[341e6, 362e6], [350e6, 372e6], [345e6, 345.5e6]])
    quick = {"settling_time": 2e-7, "measuring_time": 4e-7, "random_state": 0}
    vowels = make_vowels(8, ["ae", "iy", "uw"], random_state=0)
    codes = np.unique(vowels.target, return_inverse=True)[1] + 10
    asked = vowels.data[::6]
    return {
        "network": Model(
            OscillatorNetwork(linewidth=1e5, **quick).fit(sources),
            lambda e: e.transform(sources),
        ),
        "network-pump": Model(
            OscillatorNetwork(pumping=5e6, pumping_frequency=701e6, **quick).fit(sources),
            lambda e: e.transform(sources),
        ),
        "network-sparse": Model(
            OscillatorNetwork(
                coupling=ring, features=("frequency", "amplitude"), **quick
            ).fit(sources),
            lambda e: e.transform(sources),
        ),
        "synchronization": Model(
            SynchronizationClassifier(learning="search", n_starts=1, random_state=0).fit(
                vowels.data, vowels.target
            ),
            lambda e: [e.decision_function(asked), e.predict_proba(asked)],
        ),
        "network-faults": Model(
            with_faults(OscillatorNetwork(**quick).fit(sources), DeadOscillators(0.5)),
            lambda e: e.transform(sources),
        ),
        "synchronization-linear": Model(
            SynchronizationClassifier(
                network=OscillatorNetwork(n_oscillators=5),
                n_sources=3,
                readout="linear",
                n_starts=1,
                random_state=0,
            ).fit(vowels.data, codes),
            lambda e: e.decision_function(asked),
        ),
    }


def settling() -> dict[str, Model]:
    """Classifiers that learn from settled states."""
    kinds = {
        "equilibrium": None,
        "equilibrium-shift": PhaseOscillators(1.9, 1.0),
        "equilibrium-auto": AutoOscillators(1e7, 0.5, 0.4),
    }
    return {
        name: Model(
            EquilibriumClassifier(3, kind, n_epochs=2, random_state=0).fit(
                TABLE, np.arange(24) % (3 if kind is None else 2)
            ),
            lambda e: [e.decision_function(TABLE * 0.9), e.predict(TABLE * 0.9)],
        )
        for name, kind in kinds.items()
    }


def in_blocks() -> dict[str, Model]:
    """Estimators that learned from blocks, and go on to learn after loading."""
    small = {"n_nodes": 5, "random_state": 2}
    more = [x * 0.5 for x in X[:2]]

    def learned(estimator, y, asked):
        def ask(estimator):
            longer = copy.copy(estimator).partial_fit(more, y[:2])
            return [getattr(each, asked)(NEW) for each in (estimator, longer)]

        return Model(estimator.fit_blocks([(X[:5], y[:5]), (X[5:], y[5:])]), ask)

    masks = MaskEnsembleClassifier(ReservoirClassifier(n_nodes=5), 2, random_state=1)
    return {
        "blocks": learned(ReservoirClassifier(**small), Y, "decision_function"),
        "blocks-series": learned(ReservoirRegressor(context=(), **small), TARGETS, "predict"),
        "blocks-masks": learned(masks, Y, "decision_function"),
    }


def recognisers() -> dict[str, Model]:
    """Averaged masks, ears, and what joins them."""
    clips = [GENERATOR.normal(size=400 + 30 * k) for k in range(len(Y))]
    small = {"n_nodes": 5, "n_masks": 2, "random_state": 3}
    ripples = ReservoirClassifier(n_nodes=5, mask=Ripple((0.1, 0.5)), pooling="change")

    def heard(estimator):
        return [estimator.decision_function(clips[:3]), estimator.predict(clips[:3])]

    return {
        "masks": Model(MaskEnsembleClassifier(ripples, 2, random_state=3).fit(X, Y), decide),
        "speech": Model(SpeechClassifier(8000, **small).fit(clips, Y), heard),
        "speech-mfcc": Model(
            SpeechClassifier(8000, front_end=MFCC(8000), speeds=(), **small).fit(clips, Y),
            heard,
        ),
        "ear": Model(
            Cochleagram(8000, model="lyon", mean_subtraction=0.5),
            lambda e: list(e.transform(clips[:3])),
        ),
    }


def layered() -> dict[str, Model]:
    """Networks of layers that learned, with and without faults."""
    powers = np.abs(TABLE)
    regressor = SpintronicRegressor((5,), neuron="romera2018", random_state=1)
    faults = [ResonanceOffset(0.1), DeadNeurons(0.2), PowerNoise(0.1)]
    asked = powers[:7] * 0.9
    small = {"max_iter": 8, "batch_size": 4, "random_state": 0}
    filters = SpintronicConvolutionalClassifier(
        3, kernel=(2, 2), segments=(2, 1), hidden_layer_sizes=(4,), **small
    )
    return {
        "layers-in-time": Model(
            SpintronicRecurrentClassifier((4, 3), lines_per_bus=2, **small).fit(X, Y),
            lambda e: [e.predict_proba(NEW), *e.recurrent_resonances_],
        ),
        "layers-filters-faults": Model(
            with_faults(filters.fit(X, Y), faults),
            lambda e: [e.predict_proba(NEW), e.weights_],
        ),
        "layers": Model(
            SpintronicClassifier((4, 3), lines_per_bus=2, random_state=0).partial_fit(
                powers, np.arange(24) % 3, classes=[0, 1, 2]
            ),
            lambda e: [e.predict_proba(asked), e.weights_],
        ),
        "layers-faults": Model(
            with_faults(regressor.fit(powers, powers[:, :2]), faults),
            lambda e: [e.predict(asked), e.weights_],
        ),
    }


def build() -> dict[str, Model]:
    """All of them, by name."""
    classifiers = {f"classifier-{name}": classifier(name) for name in (*DEVICES, *VARIANTS)}
    others = regressors_and_transformers() | networks() | settling() | in_blocks()
    others |= recognisers() | layered()
    return classifiers | others
