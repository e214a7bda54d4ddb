"""Does learning in blocks give one answer, however the blocks come?

`fit_blocks` is the reference. Blocks in another order, among several workers, merged in
another order, with models that are pickled or saved on the way, and with blocks between that
are refused: the same bits, or the answer is wrong. With the drive of `fit` and a given
`alpha`, the answers are those of `fit`. Extreme data give finite answers, or a refusal in a
sentence.
"""

import copy
import pickle

import numpy as np
from fuzz_fits import CHANGES, RIDGE
from harness import (
    OK,
    Outcome,
    Part,
    as_bytes,
    generator,
    is_sentence,
    judged,
    main,
    pick,
    scratch,
    short,
)
from random_estimators import labels, reservoir_parameters

from reservoir import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    load,
    save,
)

PATH = scratch("blocks") / "model.h5"
TOLERANCE = 1e-4  # between sums of blocks and a fit, of the largest answer
MAX_WORKERS = 4


class Case:
    """An estimator that is not fitted, blocks, and the question that is asked of it."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng
        channels = int(rng.integers(1, 4))
        kind = pick(rng, "classifier", "classifier", "masks", "regressor", "frames")
        p = reservoir_parameters(rng, channels)
        p["n_nodes"], p["alpha"] = min(int(p["n_nodes"]), 30), pick(rng, None, 1e-3, RIDGE)
        for name in ("mask", "node_bias", "feedback_delay"):
            if not isinstance(p.get(name), str | None):
                del p[name]
        self.sequenced = kind in ("classifier", "masks")
        if self.sequenced:
            p["n_segments"] = int(rng.integers(1, 4))
            choices = ["change", "segments", "mean", "last"] + ["vote"] * (
                p["alpha"] is not None
            )
            p["pooling"] = pick(rng, *choices)
        kinds = {"regressor": ReservoirRegressor, "frames": ReservoirFrameClassifier}
        self.estimator = kinds.get(kind, ReservoirClassifier)(**p)
        if kind == "masks":
            self.estimator = MaskEnsembleClassifier(self.estimator, 2, random_state=3)
        self.asked = "predict" if kind == "regressor" else "decision_function"
        self.blocks = self._blocks(channels, grouped=self.sequenced and rng.random() < 0.3)

    def _blocks(self, channels: int, grouped: bool) -> list[tuple]:
        """Blocks of one to five sequences, each with classes of its own choice."""
        rng = self.rng
        classes = labels(rng, np.arange(int(rng.integers(2, 4))))
        blocks = []
        for number in range(int(rng.integers(2, 9))):
            n = int(rng.integers(1, 6))
            X = [rng.normal(size=(int(rng.integers(1, 10)), channels)) for _ in range(n)]
            codes = np.arange(number, number + n) % len(classes)
            if self.sequenced:
                y = classes[codes]
            elif isinstance(self.estimator, ReservoirRegressor):
                y = [x[:, 0] ** 2 for x in X]
            else:
                y = [
                    classes[(np.arange(len(x)) + c) % len(classes)]
                    for x, c in zip(X, codes, strict=True)
                ]
            groups = (rng.integers(0, 3, n) + number,) if grouped else ()
            blocks.append((X, y, *groups))
        return blocks

    def answer(self, model):
        """What a model says of all data."""
        return getattr(model, self.asked)([x for block in self.blocks for x in block[0]])

    def learn(self, model, number):
        """A model after one more block."""
        X, y, *groups = self.blocks[number]
        options = {"groups": groups[0]} if groups else {}
        return model.partial_fit(X, y, block=number, **options)

    def sent(self, model):
        """A model, or what became of it on its way between processes."""
        way = pick(self.rng, "stays", "stays", "pickled", "saved")
        if way == "pickled":
            return pickle.loads(pickle.dumps(model))
        if way == "saved":
            save(model, PATH)
            return load(PATH)
        return model

    def bad_block(self, learned: list[int]):
        """A block that must be refused, and why."""
        X, y, *groups = self.blocks[int(self.rng.integers(len(self.blocks)))]
        wide = [np.hstack([x, x]) for x in X]
        lacking = [*X[:-1], np.full_like(X[-1], np.nan)]
        bad = {"channels": (wide, y), "missing": (lacking, y), "lengths": (X, y[:-1])}
        if learned:
            again = self.blocks[learned[0]]
            bad["twice"] = again[:2]
        name = pick(self.rng, *bad)
        options = {"groups": groups[0]} if groups else {}
        if name == "twice" and len(again) > 2:
            options = {"groups": again[2]}
        return name, bad[name], options


def order(seed: int, number: int) -> Outcome:
    """Blocks in another order, among workers, with refusals between."""
    rng = generator(seed, "order", number)
    case = Case(rng)
    payload = f"{case.estimator}, blocks of {[len(b[0]) for b in case.blocks]}".encode()
    try:
        whole = copy.deepcopy(case.estimator).fit_blocks(case.blocks)
        expected = case.answer(whole)
    except Exception as error:
        return judged(error, "fit_blocks", payload)
    try:
        prepared = copy.deepcopy(case.estimator).fit_drive(case.blocks)
        workers = [
            prepared.without_blocks() for _ in range(int(rng.integers(1, MAX_WORKERS)))
        ]
        for place in rng.permutation(len(case.blocks)).tolist():
            mine = int(rng.integers(len(workers)))
            worker = case.learn(case.sent(workers[mine]), place)
            workers[mine] = worker
            if rng.random() < 0.3:
                found = refused(case, worker, [place], payload)
                if found is not None:
                    return found
        model = prepared.without_blocks()
        for mine in rng.permutation(len(workers)).tolist():
            model.merge(case.sent(workers[mine]))
        answer = case.answer(case.sent(model))
    except Exception as error:
        if isinstance(error, TypeError) and is_sentence(error):
            return Outcome("late", "a model that cannot be saved", short(error))
        return Outcome(
            "unclear", f"on the way: {type(error).__name__}", short(error), payload
        )
    if as_bytes(answer) != as_bytes(expected):
        return Outcome("wrong", "another order gives other bits", "", payload)
    return OK


def refused(case: Case, worker, learned: list[int], payload: bytes) -> Outcome | None:
    """Give a worker a block that it must refuse, after which it must be what it was."""
    before = worker._learned_blocks().copy()
    name, (X, y), options = case.bad_block(learned)
    try:
        worker.partial_fit(X, y, **options)
    except Exception as error:
        if not is_sentence(error):
            return judged(error, f"a bad block ({name})", payload)
    else:
        return Outcome("wrong", f"a bad block is learned ({name})", "", payload)
    if worker._learned_blocks() != before:
        return Outcome("wrong", f"a refused block is counted ({name})", "", payload)
    return None


def drive(seed: int, number: int) -> Outcome:
    """Sums of blocks with the drive of a fit, against the readout of this fit."""
    rng = generator(seed, "drive", number)
    case = Case(rng)
    if isinstance(case.estimator, MaskEnsembleClassifier) or len(case.blocks[0]) > 2:
        return OK  # It takes no drive; and groups come from a first pass.
    case.estimator.set_params(alpha=RIDGE)
    payload = f"{case.estimator}, blocks of {[len(b[0]) for b in case.blocks]}".encode()
    X = [x for block in case.blocks for x in block[0]]
    y = [label for block in case.blocks for label in block[1]]
    try:
        fitted = copy.deepcopy(case.estimator).fit(X, y)
        expected = case.answer(fitted)
        model = copy.deepcopy(case.estimator).take_drive(fitted)
        for place in rng.permutation(len(case.blocks)).tolist():
            model = case.learn(model, place)
        answer = case.answer(model)
    except Exception as error:
        return judged(error, "take_drive", payload)
    answer, expected = (
        np.concatenate([np.ravel(part) for part in each]) for each in (answer, expected)
    )
    error, size = np.abs(answer - expected).max(), np.abs(expected).max()
    if not error <= TOLERANCE * max(size, 1e-300):
        return Outcome("wrong", "not the readout of fit", f"off by {error:.3g}", payload)
    return OK


def extreme(seed: int, number: int) -> Outcome:
    """Legal but extreme data in blocks."""
    rng = generator(seed, "extreme", number)
    case = Case(rng)
    kind = pick(rng, *CHANGES)
    payload = f"{kind}, {case.estimator}".encode()
    blocks = []
    for X, y, *groups in case.blocks:
        changed = CHANGES[kind](rng, X)
        if [len(x) for x in changed] != [len(x) for x in X]:
            return OK  # It needs other labels.
        blocks.append((changed, y, *groups))
    case.blocks = blocks
    try:
        answer = case.answer(case.estimator.fit_blocks(blocks))
    except Exception as error:
        return judged(error, "fit_blocks", payload)
    if not all(np.isfinite(part).all() for part in answer):
        return Outcome("wrong", f"answers are not finite ({kind})", "", payload)
    return OK


if __name__ == "__main__":
    main(__file__, {"order": Part(order), "drive": Part(drive), "extreme": Part(extreme)})
