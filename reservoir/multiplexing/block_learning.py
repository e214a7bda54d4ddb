"""How does an estimator learn from data that do not fit into memory?

In two passes over blocks. The first one learns what must be known before anything can be
added up: centre, scale and range of the drive, the level of the noise, the classes. The
second one adds up products of states, which is all that a readout needs. The sums are exact
(`reservoir._exact_sums`), so blocks, workers and one process give the same bits.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import replace
from functools import cached_property
from types import MethodType
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed

from reservoir._checks import as_array, check_groups, classes_of
from reservoir._types import Array, ArrayLike, Floats, Integers
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.block_sums import (
    BlockSums,
    differing,
    digest_of,
    powers_of_two,
    units_for,
)
from reservoir.multiplexing.first_pass import FirstPass, digest_of_block, refuse_twice
from reservoir.multiplexing.sequences import Sequences
from reservoir.readout import LinearReadout

# A block is (X, y) or (X, y, groups). Its number is its place among the blocks, from 0.
Block: TypeAlias = tuple[Any, ...]

N_FOLDS = 5  # of blocks or groups, if the ridge strength is to be chosen
N_TOGETHER = 4  # blocks that a worker adds up before it sends the sums
# Parameters that no state depends on.
WITHOUT_EFFECT = frozenset({"alpha", "n_jobs", "random_state"})
LEARNED_BEFORE = (
    "classes_",
    "drive_",
    "ensemble_",
    "groups_",
    "levels_",
    "longest_",
    "node_time_",
    "oscillator_",
    "readout_noise_",
    "seed_",
)


class Blocks(Protocol):
    """A source of blocks that a worker can open by itself."""

    def __len__(self) -> int:
        """Number of blocks."""

    def __getitem__(self, number: int) -> Block:
        """Read one block."""


class AfterFirstPass:
    """A method that an estimator has once a first pass has been made.

    Before, it is missing, as the methods are of which scikit-learn says that they are
    available only if something holds. The error says what to call.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        self.__doc__ = method.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        """Learn the name of the method."""
        self.name = name

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """The method, bound to an estimator that is prepared."""
        if instance is None:
            return self.method
        if not instance._is_prepared:
            raise AttributeError(
                f"This {owner.__name__} has no {self.name} yet, because centre, scale, range "
                "and noise level must be known before the first sum. Call fit_drive(blocks), "
                "which learns them in a first pass, or take_drive(model), which takes them "
                "from a fitted model. `fit` keeps no sums that could be added to."
            )
        return MethodType(self.method, instance)


class BlockLearner:
    """Learn block by block; what an estimator does with one block it says itself."""

    def fit_drive(self, blocks: Iterable[Block], *, n_jobs: int | None = None) -> Self:
        """Learn all but the readout, in a first pass over blocks.

        These are centre, scale and range of the drive, the level of readout noise, the
        classes and the groups. Then `partial_fit` may be called. What was learned before is
        forgotten.

        Parameters
        ----------
        blocks : iterable of tuples ``(X, y)`` or ``(X, y, groups)``
            Each part is what `fit` takes. One block is in memory at a time. A source with a
            length and an index, as `reservoir.datasets.open_recordings` gives, is read by
            the workers themselves.
        n_jobs : int or None, default=None
            Processes, or workers of a cluster, that share the blocks; see `joblib.Parallel`.
            The result does not depend on it.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a block is not as described, or came twice.
        """
        self._take_first_pass(self._first_pass(blocks, n_jobs))
        return self

    def fit_blocks(self, blocks: Iterable[Block], *, n_jobs: int | None = None) -> Self:
        """Learn from blocks that do not fit into memory together, in two passes.

        It is `fit_drive`, and then `partial_fit` for each block. The result has the same
        bits, whatever `n_jobs` is.

        Parameters
        ----------
        blocks, n_jobs
            As for `fit_drive`. An iterator is refused, because it can be gone through once
            only.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a block is not as described, came twice, or did not come again in the second
            pass.
        """
        if isinstance(blocks, Iterator):
            raise TypeError(
                f"blocks is a {type(blocks).__name__}, which can be gone through once, but "
                "two passes are needed. Give a list or another iterable that begins anew, or "
                "call fit_drive on a part of the data and then partial_fit for each block."
            )
        first = self._first_pass(blocks, n_jobs)
        self._take_first_pass(first)
        whole = self.without_blocks()
        for part in self._in_parts(_learned, blocks, n_jobs):
            whole.merge(part)
        _refuse_another_pass(first, whole._learned_blocks())
        return self.merge(whole)  # which nothing is merged into if a block was refused

    def merge(self, other: Self) -> Self:
        """Add the sums of another estimator, which learned from other blocks.

        Parameters
        ----------
        other : estimator
            Of the same class, with the same drive: a copy of this one, sent to a worker
            after `fit_drive`, whose `partial_fit` saw blocks of its own.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the other one was not prepared, has another drive or other classes, or learned
            from one of the same blocks.
        """
        for estimator, name in ((self, "This"), (other, "The other")):
            if type(estimator) is not type(self) or not estimator._is_prepared:
                raise ValueError(
                    f"{name} {type(estimator).__name__} has no sums that could be merged "
                    f"into a {type(self).__name__}. Send the workers the model after "
                    "fit_drive, and merge what they return."
                )
        self._merge(other)
        return self

    def without_blocks(self) -> Self:
        """A copy with the same drive that has learned from no block, to send to a worker.

        Returns
        -------
        estimator
        """
        raise NotImplementedError

    # ------------------------------------------------------------------ what a class says

    @property
    def _is_prepared(self) -> bool:
        """Whether a first pass was made."""
        raise NotImplementedError

    def _look(self, number: int, X: Any, y: Any, groups: Any = None) -> FirstPass:
        """First pass over one block."""
        raise NotImplementedError

    def _take_first_pass(self, first: FirstPass) -> None:
        """Learn all but the readout."""
        raise NotImplementedError

    def _learn_block(self, number: int | None, X: Any, y: Any, groups: Any = None) -> None:
        """Add one block to the sums; None stands for the next number."""
        raise NotImplementedError

    def _learned_blocks(self) -> dict[int, str]:
        """Digest of each block that was learned from."""
        raise NotImplementedError

    def _merge(self, other: Any) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ passes

    def _first_pass(self, blocks: Iterable[Block], n_jobs: int | None) -> FirstPass:
        return FirstPass.joined(self._in_parts(_looked, blocks, n_jobs))

    def _in_parts(
        self, work: Callable[..., Any], blocks: Any, n_jobs: int | None
    ) -> Iterator[Any]:
        """Results of work on some blocks after the other, in any order."""
        model = self.without_blocks() if work is _learned else clone(self)
        opens_itself = hasattr(blocks, "__getitem__") and not isinstance(blocks, list | tuple)
        tasks = (
            (delayed(work)(model, numbers, blocks) for numbers in _groups_of(blocks))
            if opens_itself and isinstance(blocks, Sized)
            else (
                delayed(work)(model, [number], {number: block})
                for number, block in enumerate(blocks)
            )
        )
        results: Iterator[Any] = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(
            tasks
        )
        return results


def _groups_of(blocks: Sized) -> Iterator[range]:
    """Numbers of blocks, a few at a time."""
    for begin in range(0, len(blocks), N_TOGETHER):
        yield range(begin, min(begin + N_TOGETHER, len(blocks)))


def _looked(model: BlockLearner, numbers: Iterable[int], blocks: Any) -> FirstPass:
    """First pass over some blocks, where a worker is."""
    return FirstPass.joined(
        model._look(number, *_parts(blocks, number)) for number in numbers
    )


def _learned(model: BlockLearner, numbers: Iterable[int], blocks: Any) -> BlockLearner:
    """The model after some blocks, where a worker is."""
    model = model.without_blocks()
    for number in numbers:
        model._learn_block(number, *_parts(blocks, number))
    return model


def _parts(blocks: Any, number: int) -> Block:
    """X, y and, if there are any, groups of one block."""
    block = blocks[number]
    if not isinstance(block, tuple) or len(block) not in (2, 3):
        raise TypeError(
            f"Block {number} is a {type(block).__name__}; a block is a tuple (X, y) or "
            "(X, y, groups)."
        )
    return block


def _refuse_another_pass(first: FirstPass, learned: dict[int, str]) -> None:
    """Refuse a second pass that brought other blocks than the first."""
    missing = sorted(first.blocks.keys() - learned.keys())
    added = sorted(learned.keys() - first.blocks.keys())
    if missing or added:
        what = (
            f"block {missing[0]} did not come again"
            if missing
            else f"block {added[0]} is new"
        )
        raise ValueError(
            f"The first pass saw {len(first.blocks)} blocks and the second {len(learned)}: "
            f"{what}. Give an iterable that begins anew each time and holds the same blocks."
        )
    for number, seen in sorted(first.blocks.items()):
        if learned[number] != seen.digest:
            raise ValueError(
                f"Block {number} held other data in the second pass than in the first. Give "
                "an iterable that gives the same blocks each time."
            )


class BlockReservoir(BlockLearner, BaseReservoir):
    """A reservoir that adds up the products of its states block by block."""

    alpha: float | None
    sums_: BlockSums

    @cached_property
    def readout_(self) -> LinearReadout:
        """The readout that follows from the sums, if `fit` has not made one."""
        if "sums_" not in vars(self):
            raise AttributeError(f"This {type(self).__name__} has learned no readout_ yet.")
        return self.sums_.readout(self.alpha)

    @cached_property
    def alpha_(self) -> float:
        """The ridge strength of the readout."""
        return self.readout_.alpha

    def take_drive(self, model: Self) -> Self:
        """Take all but the readout from a model that was fitted to a part of the data.

        Then `partial_fit` may be called. It takes the place of the first pass of `fit_drive`.

        Parameters
        ----------
        model : estimator
            Of the same class, fitted by `fit`, with the same parameters.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If it is of another class, has other parameters, or has no readout yet.
        """
        if type(model) is not type(self) or not hasattr(model, "readout_"):
            raise ValueError(
                f"take_drive needs a {type(self).__name__} that was fitted, but was given a "
                f"{type(model).__name__} that was not, or is of another class. Fit one to a "
                "part of the data."
            )
        self._check_parameters()
        mine, theirs = self._parameters_of_plan(), model._parameters_of_plan()
        apart = differing(mine, theirs)
        if apart:
            raise ValueError(
                f"The {type(self).__name__} whose drive is to be taken has other parameters: "
                f"{', '.join(apart)}. Fit it with the parameters of this one."
            )
        params = self.get_params(deep=False)
        taken = {
            key: value
            for key, value in vars(model).items()
            if key not in {*params, "readout_", "alpha_", "sums_"}
        }
        readout = model.readout_
        assert readout.means is not None and readout.spreads is not None
        self.__dict__.update(taken)
        sizes = np.abs(readout.intercept + readout.means @ readout.coefficients)
        sizes += readout.spreads @ np.abs(readout.coefficients)
        self._begin_sums(
            np.stack(
                [readout.means - 4 * readout.spreads, readout.means + 4 * readout.spreads]
            ),
            sizes,
        )
        return self

    def without_blocks(self) -> Self:
        """A copy with the same drive that has learned from no block, to send to a worker.

        Returns
        -------
        estimator
        """
        other = copy.copy(self)
        other.sums_ = self.sums_.emptied()
        other._forget_readout()
        return other

    # ------------------------------------------------------------------ what a class says

    def _check_block(
        self, X: Any, y: Any, reset: bool
    ) -> tuple[Sequences, Any, Floats | None]:
        """Checked sequences, targets, and the sizes of targets that are numbers."""
        raise NotImplementedError

    def _prepare_targets(self, first: FirstPass) -> None:
        """Learn classes, or how targets look."""
        raise NotImplementedError

    def _columns(self, targets: Any, sequences: Sequences) -> Any:
        """Targets as numbers, by which `_rows` are learned."""
        raise NotImplementedError

    def _rows(
        self, sequences: Sequences, columns: Any, folds: Integers
    ) -> Iterable[tuple[Array, Array, Integers]]:
        """Features, targets and fold of each row to learn from; a fold for each sequence."""
        raise NotImplementedError

    # ------------------------------------------------------------------ first pass

    @property
    def _is_prepared(self) -> bool:
        return "sums_" in vars(self)

    def _look(self, number: int, X: Any, y: Any, groups: Any = None) -> FirstPass:
        self._check_parameters()
        sequences, targets, sizes = self._check_block(X, y, reset=True)
        if groups is not None:
            groups = check_groups(groups, len(sequences), "sequence")[0]
        labels = () if sizes is not None else np.unique(targets)
        return FirstPass.of(
            sequences,
            number,
            (0, *(int(delay) for delay in self._delays_before())),
            labels,
            () if groups is None else groups,
            sizes,
            getattr(self, "_single_target", True),
        )

    def _delays_before(self) -> Iterable[int]:
        """Delays of the taps, before all blocks were seen."""
        if self.context is not None or not self._takes_default_context:
            return self.context or ()
        return self._default_context_of_blocks()

    def _default_context_of_blocks(self) -> Iterable[int]:
        raise ValueError(
            f"{type(self).__name__}.context is None, and which earlier frames matter cannot "
            "be found out block by block. Say it: context=() for none, or the delays."
        )

    def _take_first_pass(self, first: FirstPass) -> None:
        self._check_parameters()
        self.n_features_in_, self.longest_ = first.n_channels, first.longest
        self._prepare_targets(first)
        self.__dict__.pop("groups_", None)
        if first.groups:
            self.groups_ = np.array(sorted(first.groups))
            if len(self.groups_) < 2:
                raise ValueError(
                    "groups holds one group only; at least 2 are needed to leave one out. "
                    "Omit groups to choose the ridge strength by leaving blocks out."
                )
        alone = self.context is None and self.longest_ == 1  # It has no earlier frame.
        taps = (0,) if alone else first.taps
        self._learn_drive(first.seen(taps), taps)
        sample = Sequences(first.sequences.entries)
        self._learn_reading(sample)
        self._begin_sums(self._sample_features(sample), first.target_size)

    def _sample_features(self, sample: Sequences) -> Array:
        """Features of a few sequences, which say how large they are."""
        raise NotImplementedError

    def _begin_sums(self, features: Array, target_size: Floats) -> None:
        """Sums over nothing, in units that suit the features of a sample."""
        origin, units = units_for(features)
        sizes = np.asarray(target_size, dtype=float)
        self.sums_ = BlockSums(self._plan(), {}, origin, units, powers_of_two(sizes), {})
        self._forget_readout()

    def _parameters_of_plan(self) -> dict[str, str]:
        params = self.get_params(deep=False).items()
        return {name: digest_of(v) for name, v in params if name not in WITHOUT_EFFECT}

    def _plan(self) -> dict[str, str]:
        """What the sums depend on, by its name."""
        learned = {
            name: digest_of(vars(self)[name]) for name in LEARNED_BEFORE if name in vars(self)
        }
        plan = {**self._parameters_of_plan(), **learned}
        plan["alpha"] = "given" if self.alpha is not None else "to be chosen"
        return {name: plan[name] for name in sorted(plan)}

    def _forget_readout(self) -> None:
        """Let the readout follow from the sums when it is asked for next."""
        for name in ("readout_", "alpha_"):
            self.__dict__.pop(name, None)

    # ------------------------------------------------------------------ block by block

    def _learn_block(self, number: int | None, X: Any, y: Any, groups: Any = None) -> None:
        sums = self.sums_
        changed = differing(self._plan(), sums.plan)
        if changed:
            raise ValueError(
                f"{', '.join(changed)} of this {type(self).__name__} changed after the first "
                "pass, so new states cannot be added to the sums. Set it back, or begin "
                "again with fit_drive."
            )
        if number is None:
            number = max(sums.blocks, default=-1) + 1
        sequences, targets, _ = self._check_block(X, y, reset=False)
        block = {int(number): digest_of_block(sequences)}
        refuse_twice(sums.blocks, block)
        columns = self._columns(targets, sequences)
        folds = self._folds_of_block(number, len(sequences), groups)
        added = sums.emptied()
        added.blocks.update(block)
        for features, wanted, fold in self._rows(sequences, columns, folds):
            added.add(features, wanted, fold)
        self.sums_ = sums.merge(added)
        self._forget_readout()

    def _folds_of_block(self, number: int, n_sequences: int, groups: Any) -> Integers:
        """Fold of each sequence: by its group, or by the number of its block."""
        known = getattr(self, "groups_", None)
        if groups is None and known is not None:
            raise ValueError(
                f"The first pass saw groups, but block {number} has none. Give groups with "
                "every block."
            )
        if groups is not None:
            names = check_groups(groups, n_sequences, "sequence")[0]
            unknown = names if known is None else names[~np.isin(names, known)]
            if len(unknown):
                raise ValueError(
                    f"Block {number} holds the group {unknown[:1].tolist()[0]!r:.60}, which "
                    "the first pass has not seen. Give groups to fit_drive with every block."
                )
        if self.alpha is not None:
            return np.zeros(n_sequences, dtype=np.intp)
        if groups is None:
            return np.full(n_sequences, number % N_FOLDS, dtype=np.intp)
        assert known is not None
        codes: Integers = np.searchsorted(known, names)
        return codes % N_FOLDS if len(known) >= 2 * N_FOLDS else codes

    def _learned_blocks(self) -> dict[int, str]:
        return self.sums_.blocks

    def _merge(self, other: Any) -> None:
        self.sums_ = self.sums_.merge(other.sums_)
        self._forget_readout()


def learn_classes(model: Any, first: FirstPass) -> None:
    """Learn the classes that a first pass saw.

    Raises
    ------
    ValueError
        If there is one only.
    """
    model.classes_ = classes_of("y", np.array(sorted(first.labels)))[0]
    if len(model.classes_) < 2:
        raise ValueError(
            "The blocks hold one class only, so there is nothing to tell apart: this "
            "classifier needs samples of at least 2 classes."
        )


def classes_to_learn(model: Any, classes: ArrayLike | None) -> None:
    """Hold the classes that a call of `partial_fit` names against those that are known.

    Parameters
    ----------
    model : classifier
        After the first pass. If it has learned from no block yet, it may get more classes
        than the first pass saw.
    classes : array-like of labels, or None

    Raises
    ------
    ValueError
    """
    if classes is None:
        return
    given, known = classes_of("classes", as_array("classes", classes))[0], model.classes_
    if np.array_equal(given, known):
        return
    if model.sums_.blocks or not np.isin(known, given).all():
        raise ValueError(
            f"classes is {given.tolist()!r:.80}, but this {type(model).__name__} learns to "
            f"tell {known.tolist()!r:.80} apart. Omit classes, or name the same; more than "
            "the first pass saw may be named before the first block."
        )
    model.classes_ = given
    model.sums_ = replace(model.sums_, plan=model._plan(), target_units=np.ones(len(given)))


def codes_of_known(model: Any, labels: Array) -> Integers:
    """Number of each label's class; refuses labels that were not learned."""
    unknown = labels[~np.isin(labels, model.classes_)]
    if len(unknown):
        raise ValueError(
            f"y holds the label {unknown[:1].tolist()[0]!r:.60}, which this "
            f"{type(model).__name__} has not learned; it must hold labels of classes_."
        )
    codes: Integers = np.searchsorted(model.classes_, labels)
    return codes
