"""Cuts of graphs: graphs whose maximum is known, all cuts tried, what is refused."""

import itertools

import numpy as np
import pytest
from scipy import sparse

from reservoir import OscillatorNetwork, SpinTorqueOscillator
from reservoir.couplings import graph_coupling
from reservoir.networks import cut_network, maximum_cut

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
TRIANGLE = np.ones((3, 3)) - np.eye(3)


def ring(n_nodes):
    return np.roll(np.eye(n_nodes), 1, axis=1) + np.roll(np.eye(n_nodes), -1, axis=1)


def weighted(n_nodes, seed):
    """A graph with weights of both signs."""
    weights = np.triu(np.random.default_rng(seed).normal(size=(n_nodes, n_nodes)), 1)
    return weights + weights.T


def value_of(graph, groups):
    """Definition: the weights of all edges with an end in each group."""
    return sum(
        graph[i, j]
        for i, j in itertools.combinations(range(len(graph)), 2)
        if groups[i] != groups[j]
    )


@pytest.mark.parametrize(
    "graph, maximum",
    [
        (np.array([[0, 1], [1, 0]]), 1),
        (TRIANGLE, 2),
        (ring(8), 8),
        (ring(9), 8),  # odd rings are frustrated at one edge
        (np.ones((10, 10)) - np.eye(10), 25),  # n^2 / 4
        (np.kron([[0, 1], [1, 0]], np.ones((5, 5))), 25),  # bipartite: all edges
    ],
)
def test_graphs_with_a_known_maximum_are_cut_there(graph, maximum):
    cut = maximum_cut(graph, random_state=0)
    assert cut.value == maximum == value_of(graph, cut.groups)
    assert cut.groups[0] == 0 and set(cut.groups) == {0, 1}


@pytest.mark.parametrize("seed", range(3))
def test_weights_of_both_signs_are_cut_as_well_as_the_best_of_all_cuts(seed):
    graph = weighted(9, seed)
    best = max(value_of(graph, groups) for groups in itertools.product((0, 1), repeat=9))
    cut = maximum_cut(graph, random_state=0)
    assert cut.value == pytest.approx(best)
    assert value_of(graph, cut.groups) == pytest.approx(best)


@pytest.mark.parametrize("seed", [2, 8])
def test_a_better_cut_that_a_start_has_passed_is_the_answer(seed):
    graph = weighted(12, seed)
    cut = maximum_cut(graph, n_starts=3, random_state=seed)
    assert cut.value == cut.history.max() > cut.history[:, -1].max()
    assert value_of(graph, cut.groups) == pytest.approx(cut.value)


def test_forty_nodes_of_two_camps_are_cut_between_the_camps():
    """Lanes hold oscillators from 32 nodes on. All edges of a bipartite graph can be cut."""
    side = np.random.default_rng(1).permutation(np.repeat([0, 1], 20))
    graph = (side[:, None] != side) * 1.0
    cut = maximum_cut(graph, n_starts=2, random_state=0)
    assert cut.value == 400
    np.testing.assert_array_equal(cut.groups, side != side[0])


def test_the_pump_leaves_two_phases_and_the_groups_are_these():
    cut = maximum_cut(ring(8), n_starts=5, n_stages=6, random_state=0)
    assert cut.phases.shape == (5, 6, 8) and cut.history.shape == (5, 6)
    best = cut.history[:, -1].argmax()
    turns = (cut.phases[best, -1] - cut.phases[best, -1, 0]) / np.pi
    np.testing.assert_allclose(np.cos(np.pi * turns), 1 - 2 * cut.groups, atol=0.02)


def test_the_pump_is_half_as_strong_in_the_first_of_two_stages():
    network = cut_network(ring(8))
    whole = maximum_cut(ring(8), network, n_stages=2, duration=2e-6, random_state=0)
    half = maximum_cut(
        ring(8),
        cut_network(ring(8), pumping=network.pumping / 2),
        n_stages=1,
        duration=1e-6,
        random_state=0,
    )
    np.testing.assert_array_equal(whole.phases[:, 0], half.phases[:, 0])


def test_a_stage_goes_on_where_the_last_one_ended():
    network = cut_network(ring(8), pumping=0.0)
    one, four = (
        maximum_cut(ring(8), network, n_stages=n, duration=1.6e-6, random_state=0)
        for n in (1, 4)
    )
    turns = np.exp(1j * (one.phases[:, -1] - four.phases[:, -1]))
    np.testing.assert_allclose(turns, 1, atol=1e-9)


def test_the_line_between_the_groups_turns_with_the_phases():
    """After a single step the phases still lie anywhere."""
    graph = ring(8)
    cut = maximum_cut(graph, n_stages=1, duration=4e-9, n_starts=20, random_state=0)
    for phases, value in zip(cut.phases[:, 0], cut.history[:, 0], strict=True):
        axis = np.angle(np.exp(2j * phases).mean()) / 2
        assert value == value_of(graph, np.cos(phases - axis) > 0)


def test_dense_sparse_integer_and_boolean_matrices_are_one_graph():
    graph = ring(7)
    cut = maximum_cut(graph, random_state=0)
    half = graph.astype(np.float16)
    for same in (sparse.coo_array(graph), graph.astype(int), graph > 0, half, graph.tolist()):
        again = maximum_cut(same, random_state=0)
        np.testing.assert_array_equal(again.phases, cut.phases)


def test_a_graph_and_its_double_couple_alike():
    """The strength is that of the couplings, whatever the unit of the weights."""
    graph = weighted(6, 0)
    one, *others = (
        graph_coupling(factor * graph, 3e6j).toarray() for factor in (1, 2, 1e200, 1e-200)
    )
    for other in others:
        np.testing.assert_allclose(one, other)
    assert np.sqrt((np.abs(one) ** 2).sum() / 6) == pytest.approx(3e6)


def test_neighbours_repel_each_other_at_the_phase_of_the_nonlinear_shift():
    slope = VORTEX.nonlinear_shift(2 * VORTEX.threshold_current)
    coupling = cut_network(TRIANGLE, strength=2e6).coupling.toarray()
    wanted = -2e6 / np.sqrt(2) * np.exp(1j * np.arctan(slope)) * TRIANGLE
    np.testing.assert_allclose(coupling, wanted)
    real = cut_network(TRIANGLE, strength=2e6, coupling_phase=0.0).coupling.toarray()
    np.testing.assert_allclose(real, -2e6 / np.sqrt(2) * TRIANGLE, atol=1e-3)


def test_the_answer_depends_on_seeds_alone():
    graph = ring(9)
    noisy = cut_network(graph).set_params(linewidth=1e5, random_state=3)
    first = maximum_cut(graph, noisy, n_starts=3, random_state=0)
    again = maximum_cut(graph, noisy, n_starts=3, random_state=0)
    np.testing.assert_array_equal(first.phases, again.phases)
    other = maximum_cut(graph, noisy.set_params(random_state=4), n_starts=3, random_state=0)
    assert (first.phases != other.phases).any()
    assert noisy.pumping == cut_network(graph).pumping  # the network stays as it was


def test_a_hub_gets_a_step_that_follows_it():
    star = np.zeros((200, 200))
    star[0, 1:] = star[1:, 0] = 1
    cut = maximum_cut(star, n_starts=1, duration=2e-6, random_state=0)
    assert cut.value == 199


def test_a_graph_without_edges_has_the_cut_zero():
    assert maximum_cut(np.zeros((3, 3)), n_starts=1, random_state=0).value == 0


@pytest.mark.parametrize(
    "adjacency, message",
    [
        (np.zeros((2, 3)), r"shape \(2, 3\); it must be a square matrix"),
        (np.zeros((0, 0)), "must be a square matrix"),
        (np.zeros(4), "must be a square matrix"),
        ([[0, 1], [2, 0]], r"1 from node 0 to node 1 and 2 back; .* adjacency.T\) / 2"),
        ([[0, np.nan], [np.nan, 0]], "adjacency holds NaN"),
        ([[1, 1], [1, 0]], "entries on its diagonal"),
        ([[0, 1j], [1j, 0]], "adjacency holds complex"),
        (sparse.csr_array([[0, 1j], [1j, 0]]), "sparse matrix of complex128"),
        ("graph", "adjacency holds"),
    ],
)
def test_what_is_no_graph_is_refused(adjacency, message):
    for refuse in (maximum_cut, cut_network, lambda graph: graph_coupling(graph, 1e6)):
        with pytest.raises(ValueError, match=message):
            refuse(adjacency)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"n_starts": 0}, "n_starts is 0; it must be"),
        ({"n_starts": -3}, "n_starts is -3"),
        ({"n_stages": 0}, "n_stages is 0"),
        ({"duration": -1e-6}, "duration is -1e-06"),
        ({"duration": 1e-8}, "duration is 1e-08 s, too short for 8 stages"),
        ({"network": OscillatorNetwork(n_oscillators=3, step="4 ns")}, "step is '4 ns'"),
        ({"network": OscillatorNetwork()}, "4 oscillators and the graph has 3 nodes"),
        (
            {"network": cut_network(TRIANGLE).set_params(pumping_frequency=712e6)},
            "pumping_frequency is 712000000.0; .* leave it None",
        ),
    ],
)
def test_a_search_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        maximum_cut(TRIANGLE, **options)


@pytest.mark.parametrize("network", ["romera2018", OscillatorNetwork, TRIANGLE])
def test_what_is_no_network_is_refused(network):
    with pytest.raises(TypeError, match="it must be an OscillatorNetwork"):
        maximum_cut(TRIANGLE, network)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"strength": -1.0}, "strength is -1.0; it must be .* of at least 0"),
        ({"coupling_phase": np.nan}, "coupling_phase is nan"),
        ({"pumping": -1.0}, "pumping is -1.0"),
        ({"bias": 1.0}, "bias is 1.0"),
    ],
)
def test_a_network_that_cannot_be_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        cut_network(TRIANGLE, **options)
