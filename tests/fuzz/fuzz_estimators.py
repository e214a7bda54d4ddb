"""Are the answers of random estimators the same bits, however the question is put?

Repeated, shuffled, one by one, with two threads, in another container, order or byte order,
after pickling, after saving and loading, after a second fit: the same bits, or the answer is
wrong. What is refused is refused in a sentence.
"""

import copy
import pickle

import numpy as np
from harness import (
    Outcome,
    Part,
    as_bytes,
    generator,
    is_sentence,
    main,
    pick,
    scratch,
    short,
    without_values,
)
from random_estimators import Question, question
from sklearn.base import clone

from reservoir import load, save

PATH = scratch("estimators") / "model.h5"
RANKS = ("ok", "late", "unclear", "wrong")


class Case:
    """A fitted estimator and the ways in which its question is put again."""

    def __init__(self, asked: Question, rng: np.random.Generator):
        self.asked, self.rng = asked, rng
        self.estimator = asked.estimator.fit(asked.X, asked.y)
        self.table = isinstance(asked.X, np.ndarray)
        self.whole = self.ask(self.estimator, asked.X)

    def ask(self, estimator, X):
        """The question to an estimator, of all data."""
        return self.asked.ask(estimator, X)

    def repeat(self):
        """The same once more."""
        return self.ask(self.estimator, self.asked.X)

    def pickled(self):
        """After pickling."""
        return self.ask(pickle.loads(pickle.dumps(self.estimator)), self.asked.X)

    def second_fit(self):
        """After fitting a clone to the same data."""
        return self.ask(clone(self.estimator).fit(self.asked.X, self.asked.y), self.asked.X)

    def shuffled(self):
        """In another order, put back."""
        X = self.asked.X
        order = self.rng.permutation(len(X))
        answer = self.ask(self.estimator, X[order] if self.table else [X[i] for i in order])
        back = np.argsort(order)
        if isinstance(answer, list):
            return [answer[i] for i in back]
        return np.asarray(answer)[back]

    def one_by_one(self):
        """Each alone, in the place that it has in the whole answer; some of many."""
        answer = copy.copy(self.whole)
        for i in range(0, len(self.asked.X), 1 if len(self.asked.X) < 60 else 7):
            answer[i] = self.ask(self.estimator, self.asked.X[i : i + 1])[0]
        return answer

    def two_threads(self):
        """With n_jobs=2."""
        other = pickle.loads(pickle.dumps(self.estimator))
        if "n_jobs" not in other.get_params(deep=False):
            return self.whole
        return self.ask(other.set_params(n_jobs=2), self.asked.X)

    def container(self):
        """In another container, or in arrays that may not be written."""
        X = self.asked.X
        if self.table:
            return self.whole
        holder = np.empty(len(X), dtype=object)
        holder[:] = X
        frozen = [x.copy() for x in X]
        for x in frozen:
            x.flags.writeable = False
        strided = [np.repeat(x, 2, axis=0)[::2] for x in X]
        return self.ask(self.estimator, pick(self.rng, tuple(X), holder, frozen, strided))

    def layout(self):
        """In another order of memory, or with bytes the other way round."""

        def changed(x):
            wide = np.zeros((x.shape[0], x.shape[1] * 2), x.dtype)
            wide[:, ::2] = x
            other = x.astype(x.dtype.newbyteorder())
            ways = np.asfortranarray(x), other, x.astype(np.float64), wide[:, ::2]
            return pick(self.rng, *ways)

        X = self.asked.X
        return self.ask(self.estimator, changed(X) if self.table else [changed(x) for x in X])

    def saved(self):
        """After saving and loading; the classes come back too."""
        save(self.estimator, PATH)
        again = load(PATH)
        classes = getattr(self.estimator, "classes_", None)
        if classes is not None and as_bytes(again.classes_) != as_bytes(classes):
            return again.classes_
        return self.ask(again, self.asked.X)

    def ways(self):
        """Names of all of these that belong to the question."""
        found = [
            "repeat",
            "pickled",
            "second_fit",
            "two_threads",
            "layout",
            "container",
            "saved",
        ]
        series = self.table and self.asked.kind == "regressor"  # one sequence, not a table
        return found if series else [*found, "shuffled", "one_by_one"]


def describe(seed: int, number: int) -> Outcome:
    """The parameters of a case that differ from the defaults, and its data."""
    asked = question(seed, number)
    blank = type(asked.estimator)().get_params(deep=False)
    params = asked.estimator.get_params(deep=False)
    changed = {name: v for name, v in params.items() if repr(blank[name]) != repr(v)}
    shapes = (
        np.shape(asked.X) if isinstance(asked.X, np.ndarray) else [x.shape for x in asked.X]
    )
    dtype = asked.X[0].dtype
    name = type(asked.estimator).__name__
    text = f"{name}({changed}) on {dtype} {shapes}, {asked.method}, labels {asked.y!r:.200}"
    return Outcome(message=text[:200], payload=text.encode())


def attempt(seed: int, number: int) -> Outcome:
    """Put the question of a number in every way; the worst of what happened."""
    asked = question(seed, number)
    payload = describe(seed, number).payload
    before = as_bytes(asked.X)
    try:
        case = Case(asked, generator(seed, "ways", number))
    except Exception as error:
        if is_sentence(error):
            return Outcome("refused")
        return Outcome(
            "unclear", f"fit: {without_values(short(error))}", short(error), payload
        )
    if as_bytes(asked.X) != before:
        return Outcome("wrong", f"{asked.kind}: the input was changed", "", payload)
    whole = case.whole if isinstance(case.whole, list) else list(case.whole)
    if not all(np.isfinite(np.asarray(part, float)).all() for part in whole):
        return Outcome("wrong", f"{asked.kind}: answers are not finite", "", payload)
    worst = Outcome("ok")
    for way in case.ways():
        found = put(case, way, payload)
        if RANKS.index(found.category) > RANKS.index(worst.category):
            worst = found
    return worst


def put(case: Case, way: str, payload: bytes) -> Outcome:
    """Put the question in one way."""
    name = f"{case.asked.kind}: {way}"
    try:
        answer = getattr(case, way)()
    except Exception as error:
        refused = way == "saved" and isinstance(error, TypeError) and is_sentence(error)
        kind = f"{name}: {without_values(short(error))}"
        return Outcome("late" if refused else "unclear", kind, short(error), payload)
    if as_bytes(answer) == as_bytes(case.whole):
        return Outcome("ok")
    return Outcome("wrong", name, difference(answer, case.whole), payload)


def difference(answer, whole) -> str:
    """How far two answers differ, in words."""
    try:
        a, b = (
            np.concatenate([np.ravel(part) for part in value]) for value in (answer, whole)
        )
        return (
            f"The largest difference is {np.abs(a - b).max():.3g} of {np.abs(b).max():.3g}."
        )
    except (TypeError, ValueError):
        return f"{answer!r:.100} in place of {whole!r:.100}"


if __name__ == "__main__":
    main(__file__, {"ways": Part(attempt, describe, case_seconds=60)})
