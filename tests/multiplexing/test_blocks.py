"""Learning block by block: the same bits for every order, every split and every worker."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from sklearn.base import clone

from reservoir import (
    MaskEnsembleClassifier,
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    load,
    save,
)
from reservoir.faults import DeadChannels, DeadNodes, ReadNoise, ThresholdDrift, with_faults
from reservoir.multiplexing import block_learning
from reservoir.multiplexing.first_pass import FirstPass
from reservoir.multiplexing.labels import folds_of
from reservoir.multiplexing.sequences import Sequences
from reservoir.readout import fit_folds

N_BLOCKS = 6


def words(seed, n=12):
    """Sequences that rise, fall or stay, of unequal lengths."""
    generator = np.random.default_rng(seed)
    y = np.array(["rise", "fall", "stay"] * (n // 3))
    slopes = {"rise": 1.0, "fall": -1.0, "stay": 0.0}
    X = [
        np.linspace(0, slopes[label], length)[:, None] * [1.0, 0.5]
        + 0.3 * generator.normal(size=(length, 2))
        for label, length in zip(y, generator.integers(5, 20, size=n), strict=True)
    ]
    return X, y


BLOCKS = [words(seed) for seed in range(N_BLOCKS)]
ALL_X = [sequence for X, _ in BLOCKS for sequence in X]
ALL_Y = np.concatenate([y for _, y in BLOCKS])


def classifier(**options):
    return ReservoirClassifier(**{"n_nodes": 12, "random_state": 0, **options})


@pytest.fixture(scope="module")
def prepared():
    return classifier().fit_drive(BLOCKS)


@pytest.fixture(scope="module")
def one_process():
    return classifier().fit_blocks(BLOCKS)


def same_bits(one, other):
    mine, theirs = one.readout_, other.readout_
    return all(
        np.array_equal(getattr(mine, name), getattr(theirs, name))
        for name in ("coefficients", "intercept", "alpha", "means", "spreads")
    )


# ---------------------------------------------------------------------- the same bits


@pytest.mark.slow
@settings(max_examples=25)
@given(
    st.permutations(range(N_BLOCKS)),
    st.lists(st.integers(0, 2), min_size=N_BLOCKS, max_size=N_BLOCKS),
    st.permutations(range(3)),
)
def test_any_order_and_any_workers_give_the_bits_of_one_process(
    prepared, one_process, order, owners, merging
):
    workers = [prepared.without_blocks() for _ in range(3)]
    for number in order:
        workers[owners[number]].partial_fit(*BLOCKS[number], block=number)
    model = prepared.without_blocks()
    for worker in merging:
        model.merge(workers[worker])
    assert same_bits(model, one_process)


@settings(max_examples=10)
@given(st.permutations(range(N_BLOCKS)))
def test_the_first_pass_has_the_same_bits_in_any_order(prepared, order):
    parts = [classifier()._look(number, *BLOCKS[number]) for number in order]
    model = classifier()
    model._take_first_pass(FirstPass.joined(parts))
    assert model._plan() == prepared._plan()
    assert np.array_equal(model.sums_.origin, prepared.sums_.origin)


def test_workers_of_joblib_give_the_bits_of_one_process(one_process):
    with parallel_config("threading"):
        assert same_bits(classifier().fit_blocks(BLOCKS, n_jobs=2), one_process)


def test_threads_of_the_estimator_change_no_bit(one_process):
    assert same_bits(classifier(n_jobs=2).fit_blocks(BLOCKS), one_process)


def test_the_sums_of_a_part_go_when_it_is_merged_although_a_cluster_still_holds_the_part(
    monkeypatch, one_process
):
    held = []
    learned = block_learning._learned

    def held_by_a_future(*arguments):
        held.append(learned(*arguments))
        return held[-1]

    monkeypatch.setattr(block_learning, "_learned", held_by_a_future)
    assert same_bits(classifier().fit_blocks(BLOCKS), one_process)
    assert len(held) == len(BLOCKS)
    assert not any("sums_" in vars(part) for part in held)


# ---------------------------------------------------------------------- the right numbers


def test_the_first_pass_finds_the_centre_and_scale_of_all_frames(prepared):
    frames = np.concatenate(ALL_X)
    np.testing.assert_allclose(prepared.drive_.center, frames.mean(axis=0), rtol=1e-12)
    options = {"standardize": True}
    drive = classifier(**options).fit_drive(BLOCKS).drive_
    np.testing.assert_allclose(drive.scale, 1 / frames.std(axis=0), rtol=1e-12)


def test_the_range_is_that_of_fit_where_the_sample_holds_every_frame(prepared):
    # There are fewer frames than the sample of either, so both see the same quantiles.
    whole = classifier().fit(ALL_X, ALL_Y)
    for name in ("lowest", "highest", "mask"):
        assert np.array_equal(getattr(prepared.drive_, name), getattr(whole.drive_, name))
    currents = whole.drive_currents(ALL_X[:3]), prepared.drive_currents(ALL_X[:3])
    for mine, theirs in zip(*currents, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)


def test_a_readout_from_sums_is_that_of_fit(prepared):
    whole = classifier(alpha=1e-3).fit(ALL_X, ALL_Y)
    model = classifier(alpha=1e-3).take_drive(whole)
    for number, block in enumerate(BLOCKS):
        model.partial_fit(*block, block=number)
    np.testing.assert_allclose(
        model.decision_function(ALL_X), whole.decision_function(ALL_X), atol=1e-9
    )
    np.testing.assert_allclose(model.readout_.means, whole.readout_.means, rtol=1e-10)
    np.testing.assert_allclose(model.readout_.spreads, whole.readout_.spreads, rtol=1e-7)


def test_what_counts_as_constant_is_the_same_in_blocks_and_in_fit():
    """Far below threshold powers are so small that rounding of the largest hides them."""
    options = {"read": "power", "drive_range": (-2.0, 2.0), "mask": "sparse", "n_nodes": 30}
    model = classifier(alpha=1e-3, pooling="last", **options)
    whole = clone(model).fit(ALL_X, ALL_Y)
    model.take_drive(whole)
    for number, block in enumerate(BLOCKS):
        model.partial_fit(*block, block=number)
    constant = whole.readout_.spreads == 0
    assert 0 < constant.sum() < len(constant)
    assert np.array_equal(model.readout_.spreads == 0, constant)
    np.testing.assert_allclose(
        model.decision_function(ALL_X), whole.decision_function(ALL_X), atol=1e-9
    )


def test_the_ridge_strength_is_that_of_folds_of_blocks_with_all_rows_at_hand(one_process):
    states = [
        np.concatenate(
            [part for _, part, _ in one_process._pooled_blocks(Sequences(X), "change")]
        )
        for X, _ in BLOCKS
    ]
    targets = [np.eye(3)[np.searchsorted(one_process.classes_, y)] for _, y in BLOCKS]

    def rows():
        for number, (features, wanted) in enumerate(zip(states, targets, strict=True)):
            yield features, wanted, np.full(len(wanted), number % 5)

    expected = fit_folds(rows, rows)
    assert one_process.alpha_ == expected.alpha
    np.testing.assert_allclose(
        one_process.readout_(states[0]), expected(states[0]), atol=1e-7
    )


def test_groups_are_left_out_together():
    generator = np.random.default_rng(0)
    groups = [generator.choice(["ann", "bob", "cem"], size=len(y)) for _, y in BLOCKS]
    blocks = [(X, y, g) for (X, y), g in zip(BLOCKS, groups, strict=True)]
    model = classifier().fit_blocks(blocks)
    assert model.groups_.tolist() == ["ann", "bob", "cem"]
    counts = [model.sums_.folds[fold].n_rows for fold in range(3)]
    every = np.concatenate(groups).tolist()
    assert counts == [every.count(name) for name in ("ann", "bob", "cem")]
    whole = classifier().fit(ALL_X, ALL_Y, every)
    assert model.alpha_ == whole.alpha_


@pytest.mark.parametrize(("n_groups", "n_folds"), [(9, 9), (10, 10), (11, 5)])
def test_more_than_ten_groups_share_five_folds_as_in_fit(n_groups, n_folds):
    groups = np.arange(12 * N_BLOCKS) % n_groups
    blocks = [(X, y, groups[12 * n : 12 * n + 12]) for n, (X, y) in enumerate(BLOCKS)]
    model = classifier().fit_blocks(blocks)
    assert list(model.sums_.folds) == list(range(n_folds))
    assert set(folds_of(groups, len(groups))) == set(range(n_folds))


def test_a_regressor_from_blocks_is_that_of_fit():
    generator = np.random.default_rng(0)
    series = generator.uniform(-1, 1, size=(6, 200, 1))
    targets = [np.concatenate([[0.0], 1e5 * u[:-1, 0] * u[1:, 0]]) for u in series]
    options = {"n_nodes": 30, "context": (1,), "washout": 5, "alpha": 1e-6, "random_state": 0}
    model = ReservoirRegressor(**options).fit_blocks(
        [([u], [y]) for u, y in zip(series, targets, strict=True)]
    )
    whole = ReservoirRegressor(**options).fit(list(series), targets)
    np.testing.assert_allclose(model.predict(series[0]), whole.predict(series[0]), atol=1e-3)
    assert model.sums_.folds[0].n_rows == 6 * 195
    tables = ReservoirRegressor(**options).fit_blocks(list(zip(series, targets, strict=True)))
    assert same_bits(model, tables)


def test_frames_are_labelled_from_blocks():
    generator = np.random.default_rng(0)
    series = generator.uniform(-1, 1, size=(4, 150, 1))
    blocks = [(u, np.concatenate([[False], u[:-1, 0] * u[1:, 0] > 0])) for u in series]
    model = ReservoirFrameClassifier(n_nodes=40, context=(1,), random_state=0)
    model.fit_blocks(blocks[:3])
    assert model.score(*blocks[3]) > 0.9


@pytest.mark.slow
def test_votes_and_masks_learn_from_blocks():
    for model in (
        classifier(pooling="vote", alpha=1e-3),
        MaskEnsembleClassifier(classifier(), 2, random_state=0),
    ):
        halves = [model.fit_drive(BLOCKS).without_blocks() for _ in range(2)]
        for number, block in enumerate(BLOCKS):
            halves[number % 2].partial_fit(*block, block=number)
        model.merge(halves[0]).merge(halves[1])
        again = clone(model).fit_blocks(BLOCKS)
        assert np.array_equal(model.decision_function(ALL_X), again.decision_function(ALL_X))
        assert model.score(ALL_X, ALL_Y) > 0.8


def test_noise_has_the_level_that_the_first_pass_learned():
    model = classifier(readout_noise=0.1).fit_drive(BLOCKS)
    states = np.concatenate(classifier().fit_drive(BLOCKS).node_states(ALL_X))
    assert model.readout_noise_ == pytest.approx(0.1 * states.std(), rel=0.1)


# ---------------------------------------------------------------------- scikit-learn's rules


def test_partial_fit_is_missing_until_the_drive_is_known():
    for model in (classifier(), classifier().fit(ALL_X, ALL_Y), ReservoirRegressor()):
        assert not hasattr(model, "partial_fit")
        with pytest.raises(AttributeError, match="Call fit_drive.*take_drive"):
            model.partial_fit(*BLOCKS[0])


def test_fit_starts_anew(prepared):
    model = copy.copy(prepared).partial_fit(*BLOCKS[0])
    model.fit(ALL_X, ALL_Y)
    assert same_bits(model, classifier().fit(ALL_X, ALL_Y))
    assert not hasattr(model, "partial_fit")


def test_a_readout_follows_after_each_block(prepared):
    model = prepared.without_blocks()
    with pytest.raises(ValueError, match="No block was learned from yet"):
        model.predict(ALL_X)
    model.partial_fit(*BLOCKS[0]).partial_fit(*BLOCKS[1])
    before = model.readout_
    assert model.partial_fit(*BLOCKS[2]).readout_ is not before
    assert list(model.sums_.blocks) == [0, 1, 2]


def test_more_classes_may_be_named_before_the_first_block(prepared):
    every = ["fall", "hum", "rise", "stay"]
    model = prepared.without_blocks().partial_fit(*BLOCKS[0], classes=every)
    model.partial_fit([np.ones((4, 2))], ["hum"], classes=every)
    assert model.classes_.tolist() == every and model.decision_function(ALL_X).shape[1] == 4
    with pytest.raises(ValueError, match="tell .*'hum'.* apart"):
        model.partial_fit(*BLOCKS[1], classes=["fall", "rise"])
    with pytest.raises(ValueError, match="Omit classes"):
        prepared.without_blocks().partial_fit(*BLOCKS[0], classes=["rise", "fall"])


# ---------------------------------------------------------------------- bad input


def test_other_channels_are_refused(prepared):
    with pytest.raises(ValueError, match="X has 3 features.*expecting 2"):
        prepared.without_blocks().partial_fit([np.ones((4, 3))] * 2, ["rise", "fall"])
    narrow = ([np.ones((4, 1)), np.zeros((4, 1))], ["rise", "fall"])
    with pytest.raises(ValueError, match="Block 1 has 1 channels, but block 0 has 2"):
        classifier().fit_drive([BLOCKS[0], narrow])


def test_an_unknown_label_is_refused_and_nothing_is_added(prepared):
    model = prepared.without_blocks().partial_fit(*BLOCKS[0]).set_params(alpha=1e-3)
    before = model.decision_function(ALL_X)
    model.set_params(alpha=None)
    with pytest.raises(ValueError, match="holds the label 'hum'"):
        model.partial_fit(BLOCKS[1][0], ["hum", *BLOCKS[1][1][1:]])
    assert list(model.sums_.blocks) == [0]
    assert np.array_equal(model.decision_function(ALL_X), before)


@pytest.mark.parametrize(
    ("name", "value"),
    [("mask", "uniform"), ("n_nodes", 13), ("pooling", "mean"), ("dtype", "float32")],
)
def test_another_mask_or_parameter_is_refused(prepared, name, value):
    model = prepared.without_blocks().set_params(**{name: value})
    with pytest.raises(ValueError, match=f"{name}.* changed after the first pass"):
        model.partial_fit(*BLOCKS[0])


def test_a_block_that_comes_twice_is_refused(prepared):
    model = prepared.without_blocks().partial_fit(*BLOCKS[0])
    with pytest.raises(ValueError, match="Block 0 came twice"):
        model.partial_fit(*BLOCKS[1], block=0)
    with pytest.raises(ValueError, match="Block 1 holds the same data as block 0"):
        model.partial_fit(*BLOCKS[0])
    with pytest.raises(ValueError, match="Block 0 came twice"):
        model.merge(prepared.without_blocks().partial_fit(*BLOCKS[1]))
    with pytest.raises(ValueError, match="Block 6 holds the same data as block 0"):
        classifier().fit_blocks([*BLOCKS, BLOCKS[0]])


def test_sums_of_another_model_are_refused(prepared):
    worker = classifier(random_state=1).fit_drive(BLOCKS).partial_fit(*BLOCKS[0])
    with pytest.raises(ValueError, match="another model.*drive_.* differ"):
        prepared.without_blocks().merge(worker)
    for stranger in (classifier(), ReservoirRegressor()):
        with pytest.raises(ValueError, match="has no sums that could be merged"):
            prepared.without_blocks().merge(stranger)


def test_an_iterator_is_refused():
    with pytest.raises(TypeError, match="generator, which can be gone through once"):
        classifier().fit_blocks(block for block in BLOCKS)


class Shrinking:
    """Blocks of which fewer, or other ones, come in the second pass."""

    def __init__(self, second):
        self.passes = iter([BLOCKS, second])

    def __iter__(self):
        return iter(next(self.passes))


def test_an_iterable_that_ends_early_is_refused_and_leaves_no_half_learned_model():
    model = classifier()
    with pytest.raises(ValueError, match="saw 6 blocks and the second 4: block 4 did not"):
        model.fit_blocks(Shrinking(BLOCKS[:4]))
    assert vars(model) == model.get_params(deep=False)
    with pytest.raises(ValueError, match="Block 1 held other data"):
        classifier().fit_blocks(Shrinking([BLOCKS[0], words(99), *BLOCKS[2:]]))


SPOILED = [np.where(np.arange(2) == 1, np.nan, frames) for frames in BLOCKS[1][0]]


@pytest.mark.parametrize(
    "learned",
    [lambda model: model.fit(ALL_X, ALL_Y), lambda model: model.fit_blocks(BLOCKS)],
    ids=["fit", "fit_blocks"],
)
@pytest.mark.parametrize("ensemble", [False, True])
def test_blocks_that_are_refused_leave_a_fitted_model_as_it_was(learned, ensemble):
    model = classifier()
    if ensemble:
        model = MaskEnsembleClassifier(model, 2, random_state=0)
    model = learned(model)
    expected, kept = model.decision_function(ALL_X), dict(vars(model))
    spoiled = [BLOCKS[0], (SPOILED, BLOCKS[1][1]), *BLOCKS[2:]]
    for blocks in (Shrinking(BLOCKS[:4]), Shrinking(spoiled), spoiled):
        with pytest.raises(ValueError):
            model.fit_blocks(blocks)
        assert vars(model) == kept
    assert np.array_equal(model.decision_function(ALL_X), expected)


def test_what_is_wrong_in_a_block_is_told_with_its_number():
    with pytest.raises(ValueError, match=r"^In block 1: Sequence 0 holds NaN .*channel 1"):
        classifier().fit_drive([BLOCKS[0], (SPOILED, BLOCKS[1][1])])
    with pytest.raises(ValueError, match=r"^In block 1: Sequence 0 holds NaN"):
        classifier().fit_blocks(Shrinking([BLOCKS[0], (SPOILED, BLOCKS[1][1])]))
    with pytest.raises(ValueError, match=r"^In block 0: .*6 labels"):
        classifier().fit_blocks([(BLOCKS[0][0], BLOCKS[0][1][:6])])
    with pytest.raises(ValueError, match=r"^Block 1 holds the same data as block 0"):
        classifier().fit_blocks(Shrinking([BLOCKS[0], BLOCKS[0]]))


@pytest.mark.parametrize("model", [classifier(), classifier(dtype="float32")])
def test_a_good_block_after_a_spoiled_one_is_learned_as_if_it_had_never_come(model):
    learned = clone(model).fit_drive(BLOCKS).partial_fit(*BLOCKS[0], block=0)
    for value in (np.nan, np.inf):
        spoiled = [frames.copy() for frames in BLOCKS[1][0]]
        spoiled[7][2, 0] = value
        with pytest.raises(ValueError, match="Sequence 7 holds NaN or infinity"):
            learned.partial_fit(spoiled, BLOCKS[1][1], block=1)
    for number in range(1, N_BLOCKS):
        learned.partial_fit(*BLOCKS[number], block=number)
    assert same_bits(learned, clone(model).fit_blocks(BLOCKS))


@pytest.mark.parametrize("number", [-1, 1.5, True, "1"])
def test_a_number_that_no_block_can_have_is_refused(prepared, number):
    model = prepared.without_blocks()
    with pytest.raises(ValueError, match=r"block is .*; it must be an integer of at least 0"):
        model.partial_fit(*BLOCKS[0], block=number)
    assert model.sums_.blocks == {}


def test_states_of_faulty_devices_do_not_join_the_sums_of_others(one_process):
    for fault in (DeadNodes(0.5), DeadChannels(0.5), ReadNoise(0.1), ThresholdDrift(0.05)):
        worse = with_faults(one_process, fault)
        with pytest.raises(ValueError, match=r"of this .* changed after the first pass"):
            worse.partial_fit(*words(99))
        # A new first pass hears devices without a fault.
        assert same_bits(worse.fit_blocks(BLOCKS), one_process)
        assert not hasattr(worse, "faults_") and not hasattr(worse, "wear_")


def test_blocks_that_are_none_are_refused():
    with pytest.raises(TypeError, match=r"Block 0 is a list; a block is a tuple \(X, y\)"):
        classifier().fit_blocks([[1, 2]])
    with pytest.raises(ValueError, match="There is no block"):
        classifier().fit_blocks([])


def test_groups_must_be_known_and_come_with_every_block(prepared):
    X, y = BLOCKS[0]
    grouped = classifier().fit_drive([(X, y, ["a", "b"] * 6)])
    with pytest.raises(ValueError, match="first pass saw groups, but block 1 has none"):
        grouped.partial_fit(*BLOCKS[1], block=1)
    with pytest.raises(ValueError, match="group 'c', which the first pass has not seen"):
        grouped.partial_fit(*BLOCKS[1], groups=["c"] * 12, block=1)
    with pytest.raises(ValueError, match="group 'a', which the first pass has not seen"):
        prepared.without_blocks().partial_fit(X, y, groups=["a"] * 12)


def test_one_fold_cannot_choose_a_ridge_strength(prepared):
    with pytest.raises(ValueError, match="All rows are in one fold.*Give alpha"):
        _ = prepared.without_blocks().partial_fit(*BLOCKS[0]).readout_


def test_votes_need_a_ridge_strength():
    with pytest.raises(ValueError, match="Give alpha"):
        classifier(pooling="vote").fit_drive(BLOCKS)


def test_a_regressor_needs_to_be_told_its_context():
    with pytest.raises(ValueError, match="context is None"):
        ReservoirRegressor(n_nodes=10).fit_drive([(np.zeros((20, 1)), np.zeros(20))])


def test_states_far_beyond_the_first_pass_are_refused():
    u = np.random.default_rng(0).uniform(-1, 1, size=(100, 1))
    model = ReservoirRegressor(n_nodes=10, context=(), random_state=0)
    model.fit_drive([(u, u[:, 0])])
    with pytest.raises(ValueError, match="times as large as those of the first pass"):
        model.partial_fit(-u, 1e6 * u[:, 0], block=1)


def test_more_rows_than_a_fold_can_hold_are_refused(prepared, monkeypatch):
    monkeypatch.setattr("reservoir.multiplexing.block_sums.MAX_ROWS", 23)
    model = prepared.without_blocks().partial_fit(*BLOCKS[0], block=0)
    model.partial_fit(*BLOCKS[1], block=1)
    # Blocks 0 and 5 are in one fold, and have 24 rows together.
    with pytest.raises(ValueError, match="hold 12 rows already; at most 23 can be"):
        model.merge(prepared.without_blocks().partial_fit(*BLOCKS[5], block=5))
    assert list(model.sums_.blocks) == [0, 1]


def test_a_drive_is_taken_from_a_model_with_the_same_parameters(prepared):
    with pytest.raises(ValueError, match="other parameters: n_nodes"):
        classifier().take_drive(classifier(n_nodes=13).fit(ALL_X, ALL_Y))
    for stranger in (classifier(), ReservoirRegressor()):
        with pytest.raises(ValueError, match="take_drive needs a ReservoirClassifier"):
            classifier().take_drive(stranger)


# ---------------------------------------------------------------------- files


@pytest.mark.slow
@pytest.mark.parametrize("ensemble", [False, True])
def test_a_model_saved_in_the_middle_goes_on_to_the_same_bits(tmp_path, ensemble):
    model = (
        MaskEnsembleClassifier(classifier(), 2, random_state=0) if ensemble else classifier()
    )
    expected = clone(model).fit_blocks(BLOCKS)
    model.fit_drive(BLOCKS)
    for number in (4, 1, 2):
        model.partial_fit(*BLOCKS[number], block=number)
    save(model, tmp_path / "half.h5")
    again = load(tmp_path / "half.h5")
    for number in (0, 5, 3):
        again.partial_fit(*BLOCKS[number], block=number)
    assert np.array_equal(again.decision_function(ALL_X), expected.decision_function(ALL_X))
    save(again, tmp_path / "whole.h5")
    whole = load(tmp_path / "whole.h5")
    assert np.array_equal(whole.decision_function(ALL_X), expected.decision_function(ALL_X))


def test_a_file_with_sums_of_another_size_is_refused(tmp_path, prepared):
    model = prepared.without_blocks().partial_fit(*BLOCKS[0])
    model.sums_.folds[0] = type(model.sums_.folds[0]).empty(5)
    with pytest.raises(TypeError, match="fold 0 of its sums holds other words"):
        save(model, tmp_path / "wrong.h5")
