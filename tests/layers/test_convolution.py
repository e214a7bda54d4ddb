"""Filters that slide: forward by hand, derivatives against differences, and limits."""

import dataclasses

import numpy as np
import pytest

from reservoir.devices import IdealSynapse, SpinDiode, StaticNode
from reservoir.layers import SpintronicClassifier, SpintronicConvolutionalClassifier, control
from reservoir.layers.convolution import Geometry
from reservoir.layers.training import cross_entropy

# Networks of one step have not learned, and say so.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GENERATOR = np.random.default_rng(0)
LENGTHS = [4, 3, 7, 5, 3, 6]
X = [GENERATOR.uniform(size=(length, 5)) for length in LENGTHS]
Y = np.arange(6) % 3
SMALL = {"random_state": 0, "max_iter": 1, "dtype": "float64", "lines_per_bus": 4}


def made(n_filters=2, **options):
    """A network that was drawn and calibrated, and made one step."""
    options = {"kernel": (3, 2), "segments": (2, 2), **SMALL, **options}
    return SpintronicConvolutionalClassifier(n_filters, **options).fit(X, Y)


def defective(network, seed=1):
    """Its layers with gains, offsets and thresholds of their own everywhere."""
    generator = np.random.default_rng(seed)

    def changed(layer):
        n_chains, n_lines = layer.settings.shape
        return dataclasses.replace(
            layer,
            line_gains=generator.uniform(0.5, 1.5, n_lines),
            line_offsets=generator.normal(0, 2e5, n_lines),
            thresholds=generator.uniform(0.8, 1.2, n_chains),
            strengths=layer.strengths * generator.uniform(0.5, 1.5, layer.strengths.shape),
        )

    return [changed(layer) for layer in network._all_layers()]


def by_difference(function, values, step):
    """Derivative by each entry of an array, from a difference of fourth order."""
    found = np.empty(values.size)
    for place in range(values.size):

        def at(shift, place=place):
            moved = values.copy()
            moved.flat[place] += shift
            return function(moved)

        near, far = at(step) - at(-step), at(2 * step) - at(-2 * step)
        found[place] = (8 * near - far) / (12 * step)
    return found.reshape(values.shape)


KINDS = {
    "default": {},
    "strides": {"strides": (2, 3)},
    "one segment": {"segments": (1, 1)},
    "more segments than positions": {"segments": (4, 5)},
    "one position": {"kernel": (3, 5)},
    "single lines": {"kernel": (1, 1)},
    "hidden layers": {"hidden_layer_sizes": (3, 2)},
    "below the threshold": {"overdrive": 0.6},
    "much of it at the clamp": {"drive_spread": 2.0, "max_overdrive": 2.0},
    "ideal synapses": {"synapse": IdealSynapse()},
    "no crosstalk": {"crosstalk": False},
    "angles": {"synapse": SpinDiode(8840.0, damping=0.01, angle=0.4)},
}


# ---------------------------------------------------------------------- derivatives


@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_are_those_of_differences(kind, noisy):
    network = made(**KINDS[kind])
    layers = defective(network)
    stack, powers = network._stack(layers), network._powers(X)
    noise = None
    if noisy:
        generator = np.random.default_rng(2)
        shapes = stack.noise_shapes(layers, powers)
        noise = [generator.uniform(0.7, 1.3, shape) for shape in shapes]
    # Neurons are read from a table of cubic pieces, whose curvature jumps at each edge, and
    # beside the clamp there is a kink. So the differences take small steps.
    weights = stack.weights(layers)
    passed = stack.forward(layers, weights, powers, noise)
    slope = cross_entropy(passed.outputs, Y)[1]
    by_settings, by_biases = stack.backward(layers, weights, passed, slope)
    for index, layer in enumerate(layers):
        for field, found in [("settings", by_settings[index]), ("biases", by_biases[index])]:

            def of(values, index=index, field=field):
                changed = list(layers)
                changed[index] = dataclasses.replace(layers[index], **{field: values})
                outputs = stack.forward(
                    changed, stack.weights(changed), powers, noise
                ).outputs
                return cross_entropy(outputs, Y)[0]

            expected = by_difference(of, getattr(layer, field), 3e-5)
            largest = np.abs(expected).max()
            assert largest > 0
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-7 * largest)


def test_straight_derivatives_of_ideal_synapses_are_the_derivatives():
    network = made(synapse=IdealSynapse(), hidden_layer_sizes=(3,))
    layers = defective(network)
    stack = network._stack(layers)
    weights = stack.weights(layers)
    passed = stack.forward(layers, weights, network._powers(X))
    slope = cross_entropy(passed.outputs, Y)[1]
    first = stack.backward(layers, weights, passed, slope)
    second = stack.backward(layers, weights, passed, slope, straight=True)
    for one, other in zip([*first[0], *first[1]], [*second[0], *second[1]], strict=True):
        assert one == pytest.approx(other, rel=1e-12)


# ---------------------------------------------------------------------- forward


def parts_of(n_positions, n_segments):
    """First and last position of each segment, by whole numbers."""
    return [
        (n_positions * k // n_segments, -(-n_positions * (k + 1) // n_segments))
        for k in range(n_segments)
    ]


def by_hand(network, layers, sequence):
    """Lines of the layers above for one sequence, patch by patch."""
    stack, geometry = network._stack(layers), network._geometry()
    weights = stack.weights(layers)[0][2]
    filters = layers[0]
    low, high = network.input_range_
    frames = np.clip((sequence - low) / (high - low), 0, 1)
    (n, m), (step, side) = geometry.kernel, geometry.strides
    grid = []
    for t in range(0, len(frames) - n + 1, step):
        row = []
        for c in range(0, frames.shape[1] - m + 1, side):
            patch = frames[t : t + n, c : c + m].ravel() * filters.line_gains
            sums = weights @ patch + filters.biases
            z = (network.overdrive + filters.gain * sums) / filters.thresholds
            row.append(stack.curve.read(stack.curve.powers, z)[0])
        grid.append(row)
    grid = np.array(grid)
    segments = geometry.segments
    return np.concatenate(
        [
            grid[first:last, left:right].mean(axis=(0, 1))
            for first, last in parts_of(len(grid), segments[0])
            for left, right in parts_of(len(grid[0]), segments[1])
        ]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_the_layers_above_are_worked_out_by_hand(kind):
    network = made(**KINDS[kind])
    layers = defective(network)
    network._keep_layers(layers)
    lines = np.array([by_hand(network, layers, sequence) for sequence in X])
    above = network._stack(layers).above
    outputs = above.predict(layers[1:], above.weights(layers[1:]), lines)[0]
    assert network._outputs(X) == pytest.approx(outputs, rel=1e-12, abs=1e-13)
    assert network.powers(X)[0] == pytest.approx(1e-6 * lines * layers[1].line_gains)


@pytest.mark.parametrize("n_segments", [1, 2, 3, 5, 8])
def test_what_positions_count_adds_to_one_in_each_segment(n_segments):
    geometry = Geometry((1, 1), (1, 1), (n_segments, 1))
    n_positions = np.arange(1, 12)
    averages = geometry.averages(n_positions, 11, 0, "float64")
    assert averages.shape == (11, n_segments, 11)
    assert averages.sum(axis=2) == pytest.approx(1)
    for count, shares in zip(n_positions, averages, strict=True):
        assert not shares[:, count:].any()  # nothing after the end
        assert shares[:, :count].any(axis=0).all()  # each position is in a segment
        if count % n_segments == 0:
            assert shares.sum(axis=0)[:count] == pytest.approx(n_segments / count)


def test_one_position_is_a_network_of_layers():
    frames = np.random.default_rng(4).uniform(size=(30, 3, 2))
    labels = np.arange(30) % 3
    options = SMALL | {"max_iter": 5, "power_noise": 0.0}
    layers = SpintronicClassifier((6, 4), **options).fit(frames.reshape(30, 6), labels)
    sliding = SpintronicConvolutionalClassifier(
        6, kernel=(3, 2), segments=(1, 1), hidden_layer_sizes=(4,), **options
    ).fit(frames, labels)
    for first, second in zip(sliding.layers_, layers.layers_, strict=True):
        assert first.settings == pytest.approx(second.settings, abs=1e-12)
        assert first.biases == pytest.approx(second.biases, abs=1e-12)
        assert first.gain == pytest.approx(second.gain, rel=1e-12)
    assert sliding.loss_curve_ == pytest.approx(layers.loss_curve_, rel=1e-12)
    flat = layers.predict_proba(frames.reshape(30, 6))
    assert sliding.predict_proba(frames) == pytest.approx(flat, abs=1e-12)


def test_a_pattern_is_found_wherever_it_stands():
    # With one segment the answer does not depend on the place of the only patch that is lit.
    network = made(segments=(1, 1))
    patch = np.random.default_rng(1).uniform(size=(3, 2))
    images = np.zeros((4, 9, 6))
    for image, (row, column) in zip(images, [(2, 1), (3, 1), (4, 3), (2, 2)], strict=True):
        image[row : row + 3, column : column + 2] = patch
    network = SpintronicConvolutionalClassifier(
        3, kernel=(3, 2), segments=(1, 1), **SMALL
    ).fit(images, [0, 1, 0, 1])
    outputs = network._outputs(images)
    assert outputs == pytest.approx(np.broadcast_to(outputs[0], outputs.shape), abs=1e-12)


def test_calibration_gives_the_stated_spreads():
    sequences = np.random.default_rng(3).uniform(size=(60, 6, 5))
    network = SpintronicConvolutionalClassifier(
        4, drive_spread=0.25, output_spread=0.7, hidden_layer_sizes=(3,), **SMALL
    )
    powers, _ = network._start(sequences, np.arange(60) % 3, again=False)
    network._begin(powers, np.random.default_rng(0), again=False)
    layers = network._all_layers()
    stack = network._stack(layers)
    weights = stack.weights(layers)
    passed = stack.forward(layers, weights, powers)
    sums = layers[0].gain * (passed.patches @ weights[0][2].T + layers[0].biases)
    assert sums.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert sums.std(axis=0).mean() == pytest.approx(0.25)
    assert passed.outputs.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert passed.outputs.std(axis=0).mean() == pytest.approx(0.7)


# ---------------------------------------------------------------------- the laboratory


def test_its_devices_are_counted_by_hand():
    network = SpintronicConvolutionalClassifier(
        4, kernel=(3, 2), strides=(2, 1), segments=(2, 3), hidden_layer_sizes=(7,), **SMALL
    ).fit(X, Y)
    # Positions on (7, 5): starts 0, 2, 4 and 0, 1, 2, 3. Filters of 6 lines, then 24-7-3.
    above = 2 * 3 * 4 * 7 + 7 * 3
    assert network.n_devices((7, 5)) == {
        "shared": {"synapses": 4 * 6 + above, "neurons": 4 + 7},
        "built": {"synapses": 12 * 4 * 6 + above, "neurons": 12 * 4 + 7},
    }


def test_it_says_what_one_would_build():
    text = made(3, hidden_layer_sizes=(4,)).describe()
    assert text.startswith(
        "A convolution of 3 filters over patches of 6 lines, then chains of 12 lines in "
        "layers of 4, 3; n_devices counts them."
    )


def test_a_table_of_resonances_makes_the_same_network(tmp_path):
    network, other = made(max_iter=4), made(random_state=7)
    network.write_resonances(tmp_path / "table.csv")
    again = other.read_resonances(tmp_path / "table.csv")
    assert again.predict_proba(X) == pytest.approx(network.predict_proba(X), abs=1e-8)


def test_its_control_has_rectifiers_and_weights_that_are_set_directly():
    network = control(SpintronicConvolutionalClassifier(4, thermal_noise=1e-3, **SMALL))
    assert isinstance(network, SpintronicConvolutionalClassifier)
    assert network.neuron == StaticNode("rectifier") and network.synapse == IdealSynapse()
    assert network.fit(X, Y).predict(X).shape == (6,)
    images = np.random.default_rng(0).uniform(size=(200, 6, 6))
    labels = np.arange(200) % 2
    images[labels == 1, 2:4, 2:4] += 1
    network.set_params(max_iter=20).fit(images[:100], labels[:100])
    assert network.score(images[100:], labels[100:]) > 0.95


# ---------------------------------------------------------------------- refusals


WRONG = {
    "a kernel of one number": ({"kernel": 3}, r"kernel is 3; it must be a pair .*\.$"),
    "a kernel of 0": ({"kernel": (0, 1)}, r"kernel is \(0, 1\); .*\.$"),
    "strides of three": ({"strides": (1, 1, 1)}, r"strides is \(1, 1, 1\); .*\.$"),
    "segments that are none": ({"segments": (1.5, 1)}, r"segments is \(1.5, 1\); .*\.$"),
    "no filters": ({"n_filters": 0}, r"n_filters.*\.$"),
    "a kernel of too many frames": (
        {"kernel": (4, 2)},
        r"Sequence 1 has 3 frames, but kernel = \(4, 2\) needs at least 4. Take .*\.$",
    ),
    "a kernel of too many channels": (
        {"kernel": (3, 6)},
        r"Sequence 1 has 5 channels, but kernel = \(3, 6\) needs at least 6. Take .*\.$",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_no_filter_can_do_is_refused_in_a_sentence(kind):
    options, message = WRONG[kind]
    with pytest.raises(ValueError, match=message):
        SpintronicConvolutionalClassifier(**options).fit(X, Y)


def test_inputs_that_are_too_small_are_refused_later_too():
    network = made()
    with pytest.raises(ValueError, match=r"Sequence 1 has 2 frames, but kernel = \(3, 2\)"):
        network.predict([X[0], X[1][:2]])
    with pytest.raises(ValueError, match=r"The input has 2 frames, but kernel = \(3, 2\)"):
        network.n_devices((2, 5))
    with pytest.raises(ValueError, match=r"shape is 5; it must be a pair of integers"):
        network.n_devices(5)
