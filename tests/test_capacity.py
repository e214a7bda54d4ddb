"""Capacities against delay lines, known polynomials, brute force, and their bound."""

import tracemalloc

import numpy as np
import pytest
from reservoir.datasets import make_memory, make_parity
from sklearn.linear_model import LinearRegression

from reservoir import TimeMultiplexedReservoir
from reservoir.capacity import (
    information_processing_capacity,
    kernel_ranks,
    memory_capacity,
    parity_capacity,
)
from reservoir.metrics import squared_correlations

EVEN = np.random.default_rng(0).uniform(-1, 1, 20_000)


def delayed(inputs, *delays):
    """Columns of earlier inputs; the first rows, which have none, repeat later ones."""
    return np.stack([np.roll(inputs, delay) for delay in delays], axis=1)


def network(inputs, n_nodes, seed=0, radius=0.6):
    """States of a small echo-state network, written for these tests."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(size=(n_nodes, n_nodes))
    weights *= radius / np.abs(np.linalg.eigvals(weights)).max()
    gain, bias = generator.uniform(-1, 1, n_nodes), generator.uniform(-0.5, 0.5, n_nodes)
    states = np.zeros((len(inputs) + 1, n_nodes))
    for step, value in enumerate(inputs):
        states[step + 1] = np.tanh(weights @ states[step] + gain * value + bias)
    return states[1:]


# --- memory and parity -----------------------------------------------------------------


@pytest.mark.parametrize("n_taps", [1, 7, 30])
@pytest.mark.parametrize("first", [0, 1])
def test_a_delay_line_remembers_as_many_steps_as_it_has_taps(n_taps, first):
    line = delayed(EVEN, *range(first, first + n_taps))
    found = memory_capacity(line, EVEN, range(first, 60))
    assert found.total == pytest.approx(n_taps, rel=0.01)
    assert found.n_independent == n_taps
    # The states are the targets, so that only rounding of sums over 10^4 rows is left.
    assert found.values[:n_taps] == pytest.approx(1, abs=1e-9)
    assert found.values[n_taps:].max() < 0.01


def test_mixing_shifting_or_scaling_the_states_changes_nothing():
    line = delayed(EVEN, 0, 1, 2, 3)
    mixed = line @ np.random.default_rng(1).normal(size=(4, 9)) * 1e-6 + 1e3
    plain, other = (memory_capacity(s, 5 + 1e-3 * EVEN, range(1, 9)) for s in (line, mixed))
    # 1e-6 on an offset of 1e3 leaves seven digits.
    assert other.values == pytest.approx(plain.values, abs=1e-6)
    assert other.n_independent == 4


def test_noise_takes_from_memory_what_it_must():
    generator = np.random.default_rng(2)
    states = delayed(EVEN, 3) + generator.normal(size=(len(EVEN), 1)) * np.sqrt(1 / 3)
    found = memory_capacity(states, EVEN, [1, 2, 3, 4])
    assert found.values == pytest.approx([0, 0, 0.5, 0], abs=0.02)


def test_the_capacity_is_that_of_an_estimator_on_the_task_of_the_same_name():
    memory = make_memory(6000, range(1, 15), 0)
    states = network(memory.data[:, 0], 10)
    found = memory_capacity(states, memory.data, memory.delays, washout=14)
    train, test = slice(14, 3007), slice(3007, None)
    readout = LinearRegression().fit(states[train], memory.target[train])
    scores = squared_correlations(memory.target[test], readout.predict(states[test]))
    # Normal equations here, singular values there; the covariance of the states has a
    # condition of 5e3, so about twelve digits are common to both.
    assert found.values == pytest.approx(scores, abs=1e-9)
    assert 2 < found.total < 10


def test_parity_counts_products_and_nothing_linear():
    parity = make_parity(8000, range(6), 0)
    s = parity.data[:, 0]
    line = delayed(s, *range(6))
    linear = parity_capacity(line, s, range(6))
    assert linear.values[0] == pytest.approx(1) and linear.values[1:].max() < 0.01
    products = np.stack([line[:, : d + 1].prod(axis=1) for d in (1, 2, 4)], axis=1)
    found = parity_capacity(products, s)
    assert found.delays.tolist() == list(range(1, 12))
    assert found.values[[0, 1, 3]] == pytest.approx(1)
    assert found.total == pytest.approx(3, abs=0.02)


# --- information processing capacity ---------------------------------------------------


@pytest.mark.parametrize("n_taps", [1, 10, 40])
def test_a_linear_delay_line_processes_as_much_as_it_has_taps(n_taps):
    line = delayed(EVEN, *range(n_taps))
    found = information_processing_capacity(line, EVEN, (50, 8, 4), random_state=0)
    assert found.total == pytest.approx(n_taps, rel=0.01)
    assert found.terms == [((delay, 1),) for delay in range(n_taps)]
    assert found.n_independent == n_taps and found.n_functions == 50 + 36 + 20


def test_known_polynomials_are_split_into_their_legendre_parts():
    # u^3 = (3 P1 + 2 P3)/5: variances 9/25 / 3 and 4/25 / 7, shares 0.84 and 0.16.
    # u(t)^2 u(t-1)^2 = (1 + 2 P2)(1 + 2 P2)/9: 4/81 (1/5 + 1/5 + 1/25 * 4), 5/14 each, 4/14.
    u = delayed(EVEN, 0, 1, 2)
    states = np.stack([u[:, 2] ** 3, (u[:, 0] * u[:, 1]) ** 2], axis=1)
    found = information_processing_capacity(states, EVEN, (4, 4, 4, 3), random_state=0)
    shares = dict(zip(found.terms, found.values, strict=True))
    expected = {
        ((2, 1),): 0.84,
        ((2, 3),): 0.16,
        ((0, 2),): 5 / 14,
        ((1, 2),): 5 / 14,
        ((0, 2), (1, 2)): 4 / 14,
    }
    assert shares == pytest.approx(expected, abs=0.01)
    assert found.by_degree() == pytest.approx(
        {1: 0.84, 2: 5 / 7, 3: 0.16, 4: 2 / 7}, abs=0.01
    )
    assert found.total == pytest.approx(2, abs=0.002)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("n_rows", [150, 400, 3000])
def test_the_capacity_never_exceeds_the_number_of_independent_states(seed, n_rows):
    # Short series, in which functions are far from orthogonal and chance is large.
    inputs = np.random.default_rng(seed).uniform(-1, 1, n_rows)
    states = network(inputs, 15, seed)
    states = np.hstack([states, states @ np.ones((15, 2)), np.ones((n_rows, 1))])
    found = information_processing_capacity(states, inputs, (12, 12, 8, 4), random_state=seed)
    assert found.n_independent <= 15
    assert 3 < found.total <= found.n_independent + 1e-6  # an equality but for rounding
    assert (found.values >= 0).all()


def test_a_network_that_forgets_processes_as_much_as_it_has_nodes():
    # The theorem of Dambre et al.; what is missing lies in yet higher degrees.
    found = information_processing_capacity(
        network(EVEN, 3), EVEN, (25, 12, 9, 6, 5), washout=50, random_state=0
    )
    assert 0.97 * 3 < found.total <= 3
    degrees = found.by_degree()
    assert degrees[1] > degrees[2] > degrees[3] > 0.01


def test_the_capacities_are_those_of_regressions_on_functions_made_orthogonal():
    # The same in another way: whole arrays, Gram-Schmidt by QR, projections by regression.
    inputs, rows = EVEN[:4000], slice(9, None)
    states = network(inputs, 6)
    found = information_processing_capacity(states, inputs, (10, 6), random_state=0)
    functions = {((d, 1),): np.roll(inputs, d) for d in range(10)}
    functions |= {((d, 2),): np.roll(3 * inputs**2 - 1, d) for d in range(6)}
    functions |= {
        ((d, 1), (e, 1)): np.roll(inputs, d) * np.roll(inputs, e)
        for e in range(6)
        for d in range(e)
    }

    def share(function):
        fitted = LinearRegression().fit(states[rows], function)
        return fitted.score(states[rows], function)

    shares = {term: share(function[rows]) for term, function in functions.items()}
    terms = sorted(functions, key=lambda term: -shares[term])
    columns = np.stack([functions[term][rows] for term in terms], axis=1)
    orthogonal, _ = np.linalg.qr(columns - columns.mean(axis=0))
    expected = {
        term: 1 - (1 - share(column)) * (3991 - 1) / (3991 - 1 - 6)
        for term, column in zip(terms, orthogonal.T, strict=True)
    }
    assert len(found.terms) > 15 and found.n_functions == len(functions)
    for term, value in zip(found.terms, found.values, strict=True):
        # As above: two ways to solve the same equations.
        assert value == pytest.approx(expected[term], abs=1e-9)
    missed = set(terms) - set(found.terms)
    assert max(expected[term] for term in missed) < found.threshold


def test_states_that_hear_nothing_process_nothing():
    states = np.random.default_rng(3).normal(size=(4000, 12))
    counts = [
        information_processing_capacity(states, EVEN[:4000], (40, 10), random_state=seed)
        for seed in range(20)
    ]
    # A false alarm in one run of a hundred.
    assert sum(len(found.terms) for found in counts) <= 1
    assert max(found.total for found in counts) < 0.02


def test_noise_on_the_states_leaves_the_shares_of_theory():
    noise = np.random.default_rng(4).normal(size=(len(EVEN), 1)) / np.sqrt(3)
    found = information_processing_capacity(
        EVEN[:, np.newaxis] + noise, EVEN, (5, 3), random_state=0
    )
    assert found.terms == [((0, 1),)] and found.total == pytest.approx(0.5, abs=0.02)


def test_one_oscillator_keeps_within_its_rank():
    inputs = EVEN[:3000]
    reservoir = TimeMultiplexedReservoir(n_nodes=12, random_state=0)
    states = reservoir.fit_transform([inputs[:, np.newaxis]])[0]
    found = information_processing_capacity(states, inputs, (10, 6, 5, 4, 3), random_state=0)
    assert 2 < found.total <= found.n_independent <= 12
    memory = memory_capacity(states, inputs, range(1, 20))
    assert memory.total < 1.5  # one oscillator without feedback: about one step


# --- streams ---------------------------------------------------------------------------


def test_blocks_give_what_the_whole_gives():
    inputs = EVEN[:5000]
    states = network(inputs, 8)
    cuts = [0, 1, 7, 1500, 1501, 4000, 5000]

    def blocks():
        return (states[a:b] for a, b in zip(cuts, cuts[1:], strict=False))

    bits = np.sign(inputs)
    for measure, series, options in (
        (memory_capacity, inputs, {"washout": 20}),
        (parity_capacity, bits, {}),
        (information_processing_capacity, inputs, {"n_delays": (20, 5), "random_state": 0}),
    ):
        whole, streamed = (
            measure(states, series, **options),
            measure(blocks(), series, **options),
        )
        # Other blocks add the same products in another order.
        assert streamed.values == pytest.approx(whole.values, abs=1e-9)
        assert measure(states.tolist(), series, **options).total == whole.total


@pytest.mark.slow
def test_a_long_series_takes_no_memory_for_its_states():
    inputs = np.random.default_rng(0).uniform(-1, 1, 300_000)

    def blocks():
        for begin in range(0, len(inputs), 10_000):
            yield np.stack(
                [inputs[begin : begin + 10_000] ** k for k in range(1, 41)], axis=1
            )

    tracemalloc.start()
    memory_capacity(blocks(), inputs, range(4))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 300_000 * 40 * 8 / 5


def test_every_kind_of_random_state_shuffles_the_inputs():
    inputs = EVEN[:500]
    states = delayed(inputs, 0, 1)
    for make in (np.random.default_rng, np.random.RandomState):
        first, again = (
            information_processing_capacity(states, inputs, (4, 2), random_state=make(1))
            for _ in range(2)
        )
        assert first.threshold == again.threshold
    with_seed = information_processing_capacity(states, inputs, (4, 2), random_state=1)
    generator = np.random.default_rng(1)
    given = information_processing_capacity(states, inputs, (4, 2), random_state=generator)
    assert with_seed.threshold == given.threshold


# --- ranks -------------------------------------------------------------------------------


def of_final(function):
    """A reservoir whose every state is a function of the whole stream, (length, 1)."""
    return lambda streams: [np.tile(function(s[:, 0]), (len(s), 1)) for s in streams]


def test_linear_states_have_the_rank_of_the_inputs_they_see():
    mix = np.random.default_rng(0).normal(size=(4, 30))
    ranks = kernel_ranks(of_final(lambda s: s[-4:] @ mix), 60, 12, random_state=0)
    assert (ranks.kernel, ranks.generalization) == (4, 4)
    # Similar streams differ by a tenth; all directions shrink alike.
    ratio = ranks.similar_singular_values[:4] / ranks.singular_values[:4]
    assert ratio == pytest.approx(0.1, rel=0.5)


def test_differences_below_the_precision_do_not_count():
    ranks = kernel_ranks(of_final(lambda s: s[-4:]), 60, 12, spread=1e-3, random_state=0)
    assert (ranks.kernel, ranks.generalization) == (4, 0)
    fine = kernel_ranks(
        of_final(lambda s: s[-4:]), 60, 12, spread=1e-3, tolerance=1e-5, random_state=0
    )
    assert fine.generalization == 4


def test_products_add_to_the_kernel_rank():
    def squares(s):
        a, b, c = s[-3:]
        return np.array([a, b, c, a * a, b * b, c * c, a * b, a * c, b * c, a + b, 1.0])

    assert kernel_ranks(of_final(squares), 80, 5, random_state=0).kernel == 9


def test_coarse_states_tell_different_inputs_apart_but_not_similar_ones():
    ranks = kernel_ranks(
        of_final(lambda s: np.sign(s[-6:])), 100, 10, spread=0.02, random_state=1
    )
    assert ranks.kernel == 6 and ranks.generalization <= 1
    still = kernel_ranks(of_final(lambda s: np.full(5, 0.1)), 10, 4, random_state=0)
    assert (still.kernel, still.generalization) == (0, 0)


def test_a_reservoir_is_its_own_response():
    reservoir = TimeMultiplexedReservoir(n_nodes=15, random_state=0)
    reservoir.fit([EVEN[:500, np.newaxis]])
    ranks = kernel_ranks(reservoir.transform, 45, 6, tolerance=1e-6, random_state=0)
    assert 2 <= ranks.generalization <= ranks.kernel <= 15


def test_the_sum_exceeds_the_bound_by_what_chance_adds_for_every_delay():
    line, n_delays = delayed(EVEN, *range(5)), 200
    found = memory_capacity(line, EVEN, range(1, n_delays + 1))
    n_test = (len(EVEN) - n_delays) / 2
    assert found.values.max() <= 1 and found.n_independent == 5
    excess = found.total - 4
    # 196 delays that are not recalled, each 1/n with a spread of sqrt(2)/n.
    assert excess == pytest.approx((n_delays - 4) / n_test, rel=0.4)


# --- refusals ------------------------------------------------------------------------------

X = delayed(EVEN[:300], 0, 1)
U = EVEN[:300]
NAN = np.where(np.arange(300)[:, None] == 250, np.nan, X)
BAD = [
    (memory_capacity, (X[:-1], U), {}, "There are 299 rows of states and 300 inputs"),
    (memory_capacity, (X, U[:-1]), {}, "There are more than 299 rows of states and 299"),
    (memory_capacity, (iter([X[:100], X[100:, :1]]), U), {}, r"from row 100 on have shape"),
    (memory_capacity, (NAN, U), {}, "hold NaN or infinity in row 250"),
    (memory_capacity, (U, U), {}, r"have shape \(300,\); they must be \(n_rows, n_nodes\)"),
    (memory_capacity, (np.ones((300, 2)), U), {}, "The states do not vary"),
    (memory_capacity, (X, U, [-1]), {}, r"delays is \[-1\]; it must hold integers"),
    (memory_capacity, (X, U, []), {}, r"delays is \[\]"),
    (memory_capacity, (X, U, 40), {}, r"delays is 40, one number; give .* range\(1, 41\)"),
    (memory_capacity, (X, U, None), {}, "delays is None; it must hold integers"),
    (memory_capacity, (X, U, [1, 2, 1]), {}, "each delay must be listed once"),
    (memory_capacity, (X, U * 0 + 0.1), {}, "The inputs do not vary"),
    (parity_capacity, (X, np.ones(300)), {}, "The inputs do not vary"),
    (memory_capacity, (X * 1j, U), {}, "states holds complex numbers"),
    (memory_capacity, (np.ma.masked_greater(X, 0.99), U), {}, "states is masked at index"),
    (memory_capacity, (X * 1e200, U), {}, "The states reach 9.99e.199.*; scale them"),
    (memory_capacity, (X, np.ma.masked_greater(U, 0.99)), {}, "inputs is masked at index"),
    (memory_capacity, (X, U.astype(str)), {}, "inputs holds text"),
    (information_processing_capacity, (X, U, 40), {}, "n_delays is 40; it must hold"),
    (memory_capacity, (X, U, [295]), {}, "5 rows are left after 295 of washout and delays"),
    (memory_capacity, (X, U), {"washout": 299}, "1 rows are left after 299 of washout"),
    (memory_capacity, (X, U), {"washout": 1.5}, "washout is 1.5; it must be an integer"),
    (
        memory_capacity,
        (X, U),
        {"train": 1.0},
        "train is 1.0; it must be .* above 0 and below 1",
    ),
    (memory_capacity, (X, X), {}, r"The inputs have shape \(300, 2\)"),
    (
        memory_capacity,
        (X, NAN[:, 0]),
        {},
        "The inputs hold nan in row 250; they must be finite",
    ),
    (memory_capacity, (X[:0], U[:0]), {}, r"The inputs have shape \(0,\).* at least one row"),
    (parity_capacity, (X[:0], U[:0]), {}, r"The inputs have shape \(0,\).* at least one row"),
    (
        information_processing_capacity,
        (X[:0], U[:0]),
        {},
        r"The inputs have shape \(0,\).* at least one row",
    ),
    (parity_capacity, (X, U), {}, "parity needs 1 and -1 .of bits: 1 - 2 . bits."),
    (information_processing_capacity, (X, 2 * U), {}, "The inputs reach 1.999. Map your"),
    (
        information_processing_capacity,
        (X, np.sign(U)),
        {},
        "of degree 2 is 2.24, not 0",
    ),
    (information_processing_capacity, (X, U, ()), {}, r"n_delays is \(\); it must hold"),
    (information_processing_capacity, (X, U, (0, 0)), {}, "at least one must be above 0"),
    (information_processing_capacity, (X, U), {"n_surrogates": 0}, "n_surrogates is 0"),
    (information_processing_capacity, (X, U), {"n_surrogates": True}, "n_surrogates is True"),
    (information_processing_capacity, (X, U, (True,)), {}, r"n_delays is \(True,\)"),
    (memory_capacity, (X, U), {"tolerance": -1.0}, "tolerance is -1.0; it must be a finite"),
    (kernel_ranks, (of_final(lambda s: s), 1, 5), {}, "n_streams is 1; .* at least 2"),
    (kernel_ranks, (of_final(lambda s: s), 5, 5), {"spread": 0}, "spread is 0; it must be"),
    (kernel_ranks, (of_final(lambda s: s / 0), 5, 5), {}, "final states that are not finite"),
    (kernel_ranks, (lambda streams: [], 5, 5), {}, "gave states of 0 streams"),
    (kernel_ranks, (lambda s: [a[:0] for a in s], 5, 5), {}, r"shape \(0, 1\) for stream 0"),
    (kernel_ranks, (lambda s: [a[:, :0] for a in s], 5, 5), {}, r"shape \(5, 0\) for stream"),
    (kernel_ranks, (lambda s: [0.0 for _ in s], 5, 5), {}, r"shape \(\) for stream 0"),
]


@pytest.mark.parametrize("measure, arguments, named, message", BAD)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_what_has_no_capacity_is_refused_with_a_reason(measure, arguments, named, message):
    with pytest.raises(ValueError, match=message):
        measure(*arguments, **named)


@pytest.mark.parametrize("exponent", [-1000, -500, 500, 1000])
def test_the_unit_of_the_inputs_changes_nothing(exponent):
    expected = memory_capacity(X, U, range(3))
    found = memory_capacity(X, np.ldexp(U, exponent), range(3))
    assert np.array_equal(found.values, expected.values)


@pytest.mark.parametrize("exponents", [(-600, -600), (-1000, 0), (0, -700)])
@pytest.mark.parametrize("n_blocks", [1, 3])
def test_the_unit_of_the_states_changes_nothing(exponents, n_blocks):
    states = delayed(U, 1, 2)
    expected = memory_capacity(states, U, range(1, 4))
    blocks = np.array_split(np.ldexp(states, exponents), n_blocks)
    found = memory_capacity(blocks[0] if n_blocks == 1 else iter(blocks), U, range(1, 4))
    assert found.n_independent == 2
    # Sums over other blocks round otherwise.
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-12)


@pytest.mark.parametrize("states", [None, 3.0])
def test_what_holds_no_states_is_named(states):
    with pytest.raises(TypeError, match="The states are a .*; give an array of shape"):
        memory_capacity(states, U)
    with pytest.raises(TypeError, match="respond is a .*; give a function"):
        kernel_ranks(states, 5, 5)
    with pytest.raises(TypeError, match="respond gave a .*; it must give a list"):
        kernel_ranks(lambda streams: states, 5, 5)


def test_too_few_rows_for_the_states_are_refused():
    states = np.random.default_rng(0).normal(size=(60, 40))
    with pytest.raises(ValueError, match="rows are left to fit .* independent states"):
        memory_capacity(states, U[:60], [1])
    with pytest.raises(ValueError, match="rows are left for 40 independent states"):
        information_processing_capacity(states, U[:60], (5,))
