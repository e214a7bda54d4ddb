"""How does an estimator learn from data that do not fit into memory?

In two passes over blocks. The first one learns what must be known before anything can be
added up: centre, scale and range of the drive, the level of the noise, the classes. The
second one adds up products of states, which is all that a readout needs. The sums are exact
(`reservoir._exact_sums`), so blocks, workers and one process give the same bits.
"""

from collections.abc import Callable, Iterable, Iterator, Sized
from types import MethodType
from typing import Any, Self, TypeAlias

from sklearn.base import clone
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from reservoir._all_or_nothing import all_or_nothing
from reservoir.multiplexing.first_pass import FirstPass

# A block is (X, y) or (X, y, groups). Its number is its place among the blocks, from 0.
Block: TypeAlias = tuple[Any, ...]

N_FOLDS = 5  # of blocks or groups, if the ridge strength is to be chosen
N_TOGETHER = 4  # blocks that a worker adds up before it sends the sums


class AfterFirstPass:
    """A method that an estimator has once a first pass has been made.

    Before, it is missing, as the methods are of which scikit-learn says that they are
    available only if something holds. The error says what to call.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = all_or_nothing(method)
        self.__wrapped__, self.__doc__ = method, method.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        """Learn the name of the method."""
        self.name = name

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        """The method, bound to an estimator that is prepared."""
        if instance is None:
            return self.method
        if not instance._is_prepared:
            given = (
                ", or take_drive(model), which takes them from a fitted model"
                if hasattr(owner, "take_drive")
                else ""
            )
            raise AttributeError(
                f"This {owner.__name__} has no {self.name} yet, because centre, scale, range "
                "and noise level must be known before the first sum. Call fit_drive(blocks), "
                f"which learns them in a first pass{given}. `fit` keeps no sums that could "
                "be added to."
            )
        return MethodType(self.method, instance)


class BlockLearner:
    """Learn block by block; what an estimator does with one block it says itself."""

    @all_or_nothing
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
        self._prepare(self._first_pass(blocks, n_jobs))
        return self

    @all_or_nothing
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
        self._prepare(first)
        whole = self.without_blocks()
        for part in self._in_parts(_learned, blocks, n_jobs):
            whole.merge(part)
            # A cluster's futures stand in cycles, which keep a part until Python looks for
            # cycles. Its sums are large, so they go now.
            vars(part).clear()
        _refuse_another_pass(first, whole._learned_blocks())
        return self.merge(whole)

    @all_or_nothing
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

    def _prepare(self, first: FirstPass) -> None:
        with threadpool_limits(1):  # whose number would change bits
            self._take_first_pass(first)

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
    """Numbers of blocks, a few of one fold at a time, so that one fold's sums are sent."""
    span = N_FOLDS * N_TOGETHER
    for begin in range(0, len(blocks), span):
        for first in range(begin, min(begin + N_FOLDS, len(blocks))):
            yield range(first, min(begin + span, len(blocks)), N_FOLDS)


def _looked(model: BlockLearner, numbers: Iterable[int], blocks: Any) -> FirstPass:
    """First pass over some blocks, where a worker is."""
    return FirstPass.joined(
        _named(number, model._look, number, *_parts(blocks, number)) for number in numbers
    )


def _learned(model: BlockLearner, numbers: Iterable[int], blocks: Any) -> BlockLearner:
    """The model after some blocks, where a worker is."""
    model = model.without_blocks()
    for number in numbers:
        _named(number, model._learn_block, number, *_parts(blocks, number))
    return model


def _named(number: int, work: Callable[..., Any], *parts: Any) -> Any:
    """What becomes of a block; an error says which block it is of."""
    try:
        return work(*parts)
    except (TypeError, ValueError) as error:
        if type(error) not in (TypeError, ValueError) or f"lock {number}" in str(error):
            raise
        raise type(error)(f"In block {number}: {error}") from error


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
