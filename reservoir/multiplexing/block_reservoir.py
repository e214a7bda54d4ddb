"""What does a reservoir learn of each block? The sums from which its readout follows."""

import copy
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Self

import numpy as np

from reservoir._checks import Integer, OrNone, check_value
from reservoir._classes import check_groups
from reservoir._types import Array, Floats, Integers
from reservoir.multiplexing.base import BaseReservoir
from reservoir.multiplexing.block_learning import N_FOLDS, BlockLearner
from reservoir.multiplexing.block_sums import (
    BlockSums,
    differing,
    digest_of,
    powers_of_two,
    units_for,
)
from reservoir.multiplexing.first_pass import FirstPass, digest_of_block, refuse_twice
from reservoir.multiplexing.sequences import Sequences
from reservoir.readout import MAX_KEPT_BYTES, MAX_TABLE_BYTES, LinearReadout

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
    "wear_",
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

    @property
    def _max_kept_bytes(self) -> int:
        """Bytes of features up to which it pays to keep them for a second pass of `fit`."""
        return MAX_KEPT_BYTES if self._player().pools_in_kernel else MAX_TABLE_BYTES

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
        check_value("block", number, OrNone(Integer(0)))
        number = max(sums.blocks, default=-1) + 1 if number is None else int(number)
        sequences, targets, _ = self._check_block(X, y, reset=False)
        block = {number: digest_of_block(sequences)}
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
        return codes % N_FOLDS if len(known) > 2 * N_FOLDS else codes

    def _learned_blocks(self) -> dict[int, str]:
        return self.sums_.blocks

    def _merge(self, other: Any) -> None:
        self.sums_ = self.sums_.merge(other.sums_)
        self._forget_readout()
