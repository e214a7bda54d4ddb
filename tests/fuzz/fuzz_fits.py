"""Does a fit survive few, equal, constant, huge and tiny data?

Every fit gives finite answers, or is refused in a sentence. Where `alpha` is given, the
answers are those of the same ridge problem, solved densely.
"""

from typing import Any

import numpy as np
from harness import OK, Outcome, Part, generator, judged, main, pick

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirRegressor,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
)
from reservoir.networks import AutoOscillators, EquilibriumClassifier, PhaseOscillators

RIDGE = 1e-3  # the alpha with which answers are compared
CHANGES = {
    "normal": lambda rng, X: X,
    "equal": lambda rng, X: [X[0].copy() for _ in X],
    "constant channel": lambda rng, X: [np.hstack([0 * x[:, :1] + 3.0, x[:, 1:]]) for x in X],
    "huge": lambda rng, X: scaled(X, 10.0 ** pick(rng, *range(3, 151, 7), 150)),
    "tiny": lambda rng, X: scaled(X, 1e-150),
    "denormal": lambda rng, X: scaled(X, 1e-310),
    "offset": lambda rng, X: shifted(X, 10.0 ** rng.integers(3, 14)),
    "one frame": lambda rng, X: [x[:1] for x in X],
    "duplicates": lambda rng, X: X[: max(len(X) // 2, 1)] * 2,
    "mixed scales": lambda rng, X: scaled(X, 10.0 ** (4.0 * np.arange(X[0].shape[1]) - 6)),
    "sparse": lambda rng, X: [np.where(rng.random(x.shape) < 0.9, 0, x) for x in X],
    "integer": lambda rng, X: [np.rint(x * 2).astype(int) for x in X],
}


def scaled(X, factor):
    """All data times a factor."""
    return [x * factor for x in X]


def shifted(X, offset):
    """All data plus an offset."""
    return [x + offset for x in X]


def parameters(rng: np.random.Generator) -> dict[str, Any]:
    """Parameters that a classifier and a regressor share."""
    return {
        "random_state": 0,
        "n_nodes": pick(rng, 1, 2, 10, 50, 150),
        "readout_noise": pick(rng, 0.0, 0.0, 0.0, 0.01),
        "dtype": pick(rng, "float64", "float64", "float32"),
        "standardize": bool(rng.random() < 0.4),
        "context": pick(rng, (), (1,), (3,)),
        "read": pick(rng, "amplitude", "amplitude", "power", "frequency", "phase"),
        "node_time": pick(rng, None, 1e-9, 1e-5),
        "loop_gain": pick(rng, None, None, 0.5, 0.9),
        "bits": pick(rng, None, None, None, 1, 3),
    }


def data(rng: np.random.Generator) -> tuple[str, list[np.ndarray]]:
    """Sequences that are legal, but extreme in one way."""
    n, channels = pick(rng, 2, 3, 5, 8, 20, 60), int(rng.integers(1, 5))
    X = [rng.normal(size=(int(rng.integers(1, 9)), channels)) for _ in range(n)]
    kind = pick(rng, *CHANGES)
    return kind, CHANGES[kind](rng, X)


def classify(seed: int, number: int) -> Outcome:
    """A classifier, with and without groups."""
    rng = generator(seed, "classify", number)
    (kind, X), p = data(rng), parameters(rng)
    p["pooling"] = pick(rng, "change", "segments", "mean", "last", "vote")
    p["n_segments"] = int(rng.integers(1, 6))
    p["pool_squares"] = bool(rng.random() < 0.5)
    p["alpha"] = pick(rng, None, None, None, 1e-9, RIDGE)
    y = np.arange(len(X)) % pick(rng, 2, 3)
    if len(np.unique(y)) < 2:
        return OK
    groups = rng.integers(0, max(2, len(X) // 2), len(X)) if rng.random() < 0.4 else None
    if groups is not None and len(np.unique(groups)) < 2:
        groups = None
    payload = f"{kind}, {p}, {len(X)} sequences, groups {groups}".encode()
    classifier = ReservoirClassifier(**p)
    try:
        answer = classifier.fit(X, y, groups=groups).decision_function(X)
    except Exception as error:
        return judged(error, "fit", payload)
    if not np.isfinite(answer).all():
        return Outcome("wrong", f"answers are not finite ({kind})", "", payload)
    if p["alpha"] == RIDGE and p["pooling"] in ("change", "segments", "mean"):
        return compared(p, X, y, answer, payload)
    return OK


def compared(p, X, y, answer, payload) -> Outcome:
    """Compare answers with those of a dense solution of the ridge problem."""
    p = {name: value for name, value in p.items() if name != "alpha"}
    p["n_segments"] = min(p["n_segments"], max(map(len, X)))
    states = TimeMultiplexedReservoir(**p).fit(X).transform(X).astype(float)
    mean, spread = states.mean(axis=0), states.std(axis=0)
    used = spread > 1e-10 * max(np.abs(states).max(), 1e-300)
    if ((spread > 0) & ~used).any():
        return OK  # At the edge of what counts as constant there is no one answer.
    z = (states[:, used] - mean[used]) / spread[used]
    targets = np.eye(y.max() + 1)[y]
    left = z.T @ z / len(y) + RIDGE * np.eye(z.shape[1])
    weights = np.linalg.solve(left, z.T @ (targets - targets.mean(axis=0)) / len(y))
    wanted = z @ weights + targets.mean(axis=0)
    if targets.shape[1] == 2:
        wanted = wanted[:, 1] - wanted[:, 0]
    error = np.abs(answer - wanted).max()
    if error > 1e-4:
        return Outcome("wrong", "not the ridge solution", f"off by {error:.3g}", payload)
    return OK


def regress(seed: int, number: int) -> Outcome:
    """A regressor, with targets of any scale."""
    rng = generator(seed, "regress", number)
    (kind, X), p = data(rng), parameters(rng)
    p["alpha"] = pick(rng, None, None, 1e-9, 1e-3)
    p["washout"] = pick(rng, 0, 0, 1, 3)
    scale = pick(rng, 1.0, 1e-200, 1e150, 0.0)
    y = [rng.normal(size=len(x)) * scale for x in X]
    payload = f"{kind}, {p}, {len(X)} sequences, targets times {scale}".encode()
    try:
        answer = np.concatenate(ReservoirRegressor(**p).fit(X, y).predict(X))
    except Exception as error:
        return judged(error, "fit", payload)
    if not np.isfinite(answer).all():
        return Outcome("wrong", f"answers are not finite ({kind})", "", payload)
    return OK


def synchronizing(rng: np.random.Generator) -> SynchronizationClassifier:
    """Few oscillators under few sources, with and without a pump and couplings."""
    network = OscillatorNetwork(
        n_oscillators=int(rng.integers(2, 5)),
        pumping=pick(rng, 0.0, 0.0, 1e5, 1e7),
        coupling=pick(rng, 0.0, 0.0, 1e5, 1e7 + 1e7j, 1e8),
        injection=pick(rng, 2e7, 2e7, 1e6, 1e8),
        settling_time=2e-7,
        measuring_time=4e-7,
    )
    learning = pick(rng, "gradient", "gradient", "search", "online")
    return SynchronizationClassifier(
        network,
        pick(rng, None, 1, 2),
        learning=learning,
        learn_couplings=learning == "gradient" and bool(rng.random() < 0.5),
        n_starts=1,
        n_presentations=2,
        random_state=0,
    )


def equilibrating(rng: np.random.Generator) -> EquilibriumClassifier:
    """Few oscillators that settle, with steps of learning of any size."""
    return EquilibriumClassifier(
        int(rng.integers(1, 5)),
        pick(
            rng, None, PhaseOscillators(1.9), AutoOscillators(1e7), AutoOscillators(1e7, 1.9)
        ),
        rule=pick(rng, "two states", "implicit"),
        coupling=pick(rng, 5e5, 5e5, 1e3, 1e7),
        nudge=pick(rng, 0.05, 1e-6, 10.0),
        learning_rate=pick(rng, 0.05, 0.05, 1.0, 100.0),
        n_epochs=int(rng.integers(0, 5)),
        random_state=0,
    )


def lock(seed: int, number: int) -> Outcome:
    """Classifiers of tables whose oscillators lock."""
    rng = generator(seed, "lock", number)
    kind, X = data(rng)
    table = np.concatenate(X)
    classifier = pick(rng, synchronizing, equilibrating)(rng)
    y = np.arange(len(table)) % pick(rng, 2, 3)
    payload = f"{kind}, {classifier}, {table.shape}".encode()
    try:
        answer = classifier.fit(table, y).decision_function(table)
    except Exception as error:
        return judged(error, "fit", payload)
    if not np.isfinite(answer).all():
        return Outcome("wrong", f"answers are not finite ({kind})", "", payload)
    return OK


if __name__ == "__main__":
    parts = {"classify": Part(classify), "regress": Part(regress), "lock": Part(lock)}
    main(__file__, parts)
