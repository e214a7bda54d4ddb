"""Random legal estimators and data, from a number."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from harness import generator, pick
from models import DEVICES, RANGES
from scipy import sparse

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
)
from reservoir.networks import AutoOscillators, EquilibriumClassifier, PhaseOscillators

KINDS = (
    *("classifier",) * 3,
    "regressor",
    *("transformer",) * 2,
    "network",
    "synchronization",
    "equilibrium",
)
SPIN_TORQUE = ("torrejon2017", "riou2017", "romera2018", "wire", "random")
SCALARS = (
    *("node_time", "thermal_noise", "drift", "readout_noise", "loop_gain", "feedback_gain"),
    *("n_nodes", "bits", "detuning", "n_oscillators"),
)


@dataclass(frozen=True)
class Question:
    """An estimator, data to fit it, and the method that is asked."""

    kind: str
    estimator: Any
    X: Any
    y: Any
    method: str

    def ask(self, estimator, X):
        """The answer of an estimator."""
        return getattr(estimator, self.method)(X)


def scalar(rng, value):
    """Sometimes a number of numpy in place of Python's, as grids of parameters hold them."""
    if isinstance(value, bool) or not isinstance(value, int | float) or rng.random() < 0.75:
        return value
    if isinstance(value, int):
        return pick(rng, np.int64, np.int32, np.uint8)(value)
    return pick(rng, np.float64, np.float32)(value)


def sequences(rng, many: bool = False) -> list[np.ndarray]:
    """Sequences of one number of channels, of any scale and of several dtypes."""
    n = 530 if many else int(rng.integers(4, 14))
    longest = 3 if many else 12
    channels = int(rng.integers(1, 6))
    scale = 10.0 ** rng.integers(-3, 4) if rng.random() < 0.3 else 1.0
    offset = rng.normal() * scale * (100 if rng.random() < 0.1 else 1)
    X = [
        rng.normal(size=(int(rng.integers(1, longest + 1)), channels)) * scale + offset
        for _ in range(n)
    ]
    if rng.random() < 0.2:
        return [x.astype(np.float32) for x in X]
    if rng.random() < 0.1:
        return [np.rint(x / scale * 20).astype(np.int16) for x in X]
    return X


def random_device(rng) -> SpinTorqueOscillator:
    """A spin-torque oscillator anywhere in its legal range."""
    number = np.float32 if rng.random() < 0.2 else float
    return SpinTorqueOscillator(
        threshold_current=number(10 ** rng.uniform(-5, 0)),
        damping_rate=number(10 ** rng.uniform(5, 10)),
        nonlinear_damping=number(rng.uniform(-0.5, 4)),
        frequency=number(10 ** rng.uniform(7, 10)),
        nonlinear_frequency_shift=number(rng.normal() * 10 ** rng.uniform(5, 9)),
        current_tuning=number(rng.normal() * 1e9),
        power_floor=float(10 ** rng.uniform(-17.9, -3.1)),
    )


def reservoir_parameters(rng, n_channels: int) -> dict[str, Any]:
    """Parameters of a reservoir that its documentation allows."""
    device = pick(
        rng,
        *("torrejon2017", "torrejon2017", *SPIN_TORQUE[:3], *SPIN_TORQUE[3:]),
        *("vortex", "phase_locked", "mackey_glass", "optoelectronic", "measured"),
    )
    p: dict[str, Any] = {"random_state": int(rng.integers(2**31))}
    p["oscillator"] = (
        random_device(rng) if device == "random" else DEVICES.get(device, device)
    )
    p["n_nodes"] = int(rng.integers(1, 40) if rng.random() < 0.8 else rng.integers(40, 140))
    p["standardize"] = bool(rng.random() < 0.3)
    if device in RANGES:
        p["drive_range"] = RANGES[device]
    if rng.random() < 0.2 and device not in ("mackey_glass", "optoelectronic"):
        p["node_time"] = float(10 ** rng.uniform(-9, -5))
    if device in (*SPIN_TORQUE, "vortex"):
        _add_ensemble(rng, p)
        _add_feedback(rng, p)
    _add_mask(rng, p, n_channels)
    if device not in RANGES and device != "measured":
        _add_drive(rng, p)
    if device in SPIN_TORQUE and p.get("n_oscillators", 1) == 1:
        p["read"] = pick(rng, "amplitude", "amplitude", "power", "frequency", "phase")
        if rng.random() < 0.3:
            p["thermal_noise"] = float(10 ** rng.uniform(-8, -3))
    _add_recorder(rng, p)
    for name in SCALARS:  # not a set, whose order is another one in each process
        if name in p:
            p[name] = scalar(rng, p[name])
    if "drive_range" in p and rng.random() < 0.2:
        p["drive_range"] = tuple(np.float32(v) for v in p["drive_range"])
    return p


def _add_ensemble(rng, p) -> None:
    """Several oscillators, sometimes."""
    if rng.random() >= 0.35:
        return
    m = p["n_oscillators"] = int(rng.integers(2, 6))
    p["own_masks"] = bool(rng.random() < 0.4)
    if rng.random() < 0.35:
        p["coupling"] = complex(rng.normal(), rng.normal()) * 5e4
    elif rng.random() < 0.5:
        p["coupling"] = float(rng.normal()) * 1e5
    else:
        matrix = (rng.normal(size=(m, m)) + 1j * rng.normal(size=(m, m))) * 5e4
        np.fill_diagonal(matrix, 0)
        p["coupling"] = matrix
    if rng.random() < 0.5:
        p["detuning"] = float(rng.normal() * 1e5)


def _add_feedback(rng, p) -> None:
    if rng.random() < 0.3:
        name, limit = pick(rng, ("loop_gain", 0.9), ("feedback_gain", 0.3))
        n = p["n_nodes"]
        p[name] = float(rng.uniform(-limit, limit))
        p["feedback_delay"] = pick(rng, None, n + 1, (n + 1, max(n - 1, 1)), 1, 3)


def _add_mask(rng, p, n_channels: int) -> None:
    p["context"] = pick(rng, (), (), (), (1,), (2, 1), (5,))
    p["mask"] = pick(rng, "binary", "binary", "sparse", "uniform", "maximum_length", None)
    if p["mask"] is None:
        rows = n_channels * (1 + len(p["context"]))
        columns = p["n_nodes"] * (p["n_oscillators"] if p.get("own_masks") else 1)
        mask = rng.normal(size=(rows, columns))
        p["mask"] = pick(rng, mask, np.sign(mask) * 0.7, np.asfortranarray(mask))


def _add_drive(rng, p) -> None:
    if rng.random() < 0.2:
        p["drive_range"] = pick(
            rng, (0.9, 1.4), [0.2, 3.0], (-2.0, 2.0), (0, 8), (1.01, 1.02)
        )
    if rng.random() < 0.2:
        low, high = p.get("drive_range", (0.6, 1.6))
        p["current_limits"] = (low - 0.3, high + 0.5)


def _add_recorder(rng, p) -> None:
    """What stands between the oscillator and the readout."""
    if rng.random() < 0.3:
        p["node_bias"] = pick(rng, 0.1, 0.3, rng.normal(size=p["n_nodes"]) * 0.1)
    if rng.random() < 0.1 and p["oscillator"] in SPIN_TORQUE:
        p["drift"] = float(10 ** rng.uniform(-4, -1))
    if rng.random() < 0.2:
        p["bits"] = int(rng.integers(1, 16))
    if rng.random() < 0.3:
        p["readout_noise"] = float(10 ** rng.uniform(-4, 0))
    if rng.random() < 0.3:
        p["dtype"] = pick(rng, "float32", np.float32, np.dtype("float32"))


def network(rng) -> OscillatorNetwork:
    """A network of up to six, or of more than 32 oscillators."""
    n = int(rng.integers(1, 6)) if rng.random() < 0.8 else int(rng.integers(33, 40))
    p: dict[str, Any] = {"n_oscillators": n, "settling_time": 2e-7}
    p["measuring_time"] = float(rng.integers(40, 120)) * 4e-9
    r = rng.random()
    if r < 0.3:
        p["coupling"] = complex(rng.normal(), rng.normal()) * 1e6 / n
    elif r < 0.5:
        matrix = (rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))) * 5e5 / n
        np.fill_diagonal(matrix, 0)
        p["coupling"] = matrix
    elif r < 0.8:
        matrix = sparse.random(n, n, 0.5, random_state=int(rng.integers(1000))) * 5e5
        matrix = sparse.csr_array(matrix)
        matrix.setdiag(0)
        p["coupling"] = matrix.asformat(pick(rng, "csr", "coo", "csc", "lil"))
    if n > 6:
        p["frequencies"] = 340e6 + rng.uniform(-2e7, 2e7, n)
    if rng.random() < 0.4:
        p["linewidth"] = scalar(rng, float(10 ** rng.uniform(3, 5.5)))
    if rng.random() < 0.3:
        p["currents"] = rng.uniform(1.2, 3.0, n) * 2e-3
    if rng.random() < 0.3:
        p["bias"] = scalar(rng, float(rng.uniform(1.3, 2.6)))
    if rng.random() < 0.3:
        p["injection"] = scalar(rng, float(rng.uniform(0, 3e7)))
    if rng.random() < 0.3:
        p["pumping"] = scalar(rng, float(10 ** rng.uniform(4, 7)))
        p["pumping_frequency"] = pick(rng, None, float(2 * rng.uniform(335e6, 365e6)))
    p["features"] = pick(
        rng, ("locked", "coherence"), ["amplitude"], ("frequency", "coherence", "locked")
    )
    p["dtype"] = pick(rng, "float64", "float64", "float32", np.float32)
    p["random_state"] = int(rng.integers(2**31))
    return OscillatorNetwork(**p)


def synchronization(rng) -> tuple[SynchronizationClassifier, np.ndarray, np.ndarray]:
    """A classifier by synchronisation, features and labels of any type."""
    small = OscillatorNetwork(
        n_oscillators=int(rng.integers(3, 6)),
        linewidth=pick(rng, 0.0, 1e5),
        pumping=pick(rng, 0.0, 0.0, 1e5),
        random_state=0,
        settling_time=4e-7,
        measuring_time=1e-6,
    )
    learning = pick(rng, "search", "search", "online", "gradient")
    coupled = learning == "gradient" and bool(rng.random() < 0.5)
    estimator = SynchronizationClassifier(
        network=small if coupled else pick(rng, None, small),
        n_sources=pick(rng, None, 1, 2, 2, 3),
        learning=learning,
        readout=None if learning == "gradient" else pick(rng, None, "pattern", "linear"),
        n_starts=1,
        learn_couplings=coupled,
        n_presentations=3,
        random_state=int(rng.integers(1000)),
    )
    return estimator, *clusters(rng)


def equilibrium(rng) -> tuple[EquilibriumClassifier, np.ndarray, np.ndarray]:
    """A classifier of settled states, features and labels of any type."""
    coupling, shift = float(10 ** rng.uniform(3, 7)), float(rng.normal())
    phase = pick(rng, 0.0, float(np.arctan(shift)), float(rng.normal()))
    rate = coupling * float(10 ** rng.uniform(1, 2))
    phases = PhaseOscillators(shift, phase)
    estimator = EquilibriumClassifier(
        int(rng.integers(1, 7)),
        pick(rng, None, phases, AutoOscillators(rate, shift, phase)),
        learn=pick(rng, ("couplings", "frequencies"), ["couplings"], ("frequencies",)),
        rule=pick(rng, "two states", "two states", "implicit"),
        coupling=scalar(rng, coupling),
        nudge=float(10 ** rng.uniform(-3, -1)),
        learning_rate=scalar(rng, 0.05),
        n_epochs=int(rng.integers(0, 4)),
        batch_size=int(rng.integers(1, 40)),
        random_state=int(rng.integers(1000)),
    )
    return estimator, *clusters(rng)


def clusters(rng) -> tuple[np.ndarray, np.ndarray]:
    """A table of some classes that lie apart, and labels of any type."""
    codes = np.arange(int(rng.integers(2, 5)) * 9) % 4
    codes = np.unique(codes % int(rng.integers(2, 5)), return_inverse=True)[1]
    centers = 3 * rng.normal(size=(4, int(rng.integers(2, 6))))
    X = rng.normal(size=(len(codes), centers.shape[1])) + centers[codes]
    return X, labels(rng, codes)


def labels(rng, codes: np.ndarray) -> np.ndarray:
    """Labels of any type that tell the codes apart."""
    words = np.array(["a", "bb", "é", "d"])
    other = codes == 1 if codes.max() == 1 else codes - 1
    return pick(
        rng, codes, codes.astype(float), words[codes], words.astype(object)[codes], other
    )


def question(seed: int, number: int) -> Question:
    """The estimator, its data and its question of a number."""
    rng = generator(seed, "question", number)
    kind = pick(rng, *KINDS)
    if kind == "network":
        X = rng.uniform(335e6, 365e6, (int(rng.integers(2, 40)), int(rng.integers(1, 4))))
        return Question(kind, network(rng), X, None, "transform")
    if kind == "synchronization":
        method = pick(rng, "decision_function", "predict_proba")
        return Question(kind, *synchronization(rng), method)
    if kind == "equilibrium":
        return Question(kind, *equilibrium(rng), "decision_function")
    many = rng.random() < 0.12
    X = sequences(rng, many)
    table = rng.random() < 0.15
    p = reservoir_parameters(rng, X[0].shape[1])
    if many:
        p["n_nodes"] = min(int(p["n_nodes"]), 12)
        for name in ("mask", "node_bias", "feedback_delay"):
            p.pop(name, None)
    return _of_a_reservoir(rng, kind, p, np.concatenate(X) if table else X)


def _of_a_reservoir(rng, kind: str, p: dict[str, Any], X) -> Question:
    if kind == "regressor":
        p["alpha"] = pick(rng, None, 1e-3)
        if isinstance(X, np.ndarray):
            y = np.asarray(X[:, 0], float) ** 2
        else:
            columns = pick(rng, 0, 0, slice(1))
            y = [np.asarray(x[:, columns], float) ** 2 for x in X]
        if rng.random() < 0.4:
            words = [np.where(each > 0.3, "large", "small").ravel() for each in y]
            y = np.concatenate(words) if isinstance(X, np.ndarray) else words
            return Question(kind, ReservoirFrameClassifier(**p), X, y, "decision_function")
        return Question(kind, ReservoirRegressor(**p), X, y, "predict")
    p["n_segments"] = int(rng.integers(1, 5))
    if kind == "transformer":
        p["pooling"] = pick(rng, None, "segments", "mean", "last")
        return Question(kind, TimeMultiplexedReservoir(**p), X, None, "transform")
    p["pooling"] = pick(rng, "segments", "mean", "last", "vote")
    p["alpha"] = pick(rng, None, None, 1e-3, np.float32(0.01))
    codes = np.arange(len(X)) % int(rng.integers(2, 4))
    return Question(
        kind, ReservoirClassifier(**p), X, labels(rng, codes), "decision_function"
    )
