"""Networks in time: forward by hand, derivatives against differences, and limits."""

import dataclasses

import numpy as np
import pytest

from reservoir.devices import IdealSynapse, SpinDiode, SpinTorqueOscillator, StaticNode
from reservoir.exceptions import FrequencyShiftWarning
from reservoir.layers import (
    SpintronicClassifier,
    SpintronicRecurrentClassifier,
    control,
    recurrent,
)
from reservoir.layers.grids import Padded
from reservoir.layers.training import cross_entropy

# Networks of one step have not learned, and say so.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
GENERATOR = np.random.default_rng(0)
LENGTHS = [4, 1, 6, 2, 3, 5, 6, 1]
X = [GENERATOR.uniform(size=(length, 5)) for length in LENGTHS]
Y = np.arange(8) % 3
SMALL = {
    "random_state": 0,
    "max_iter": 1,
    "dtype": "float64",
    "lines_per_bus": 4,
    "spacing": 1.0,
    "power_noise": 0.1,
    "learning_rate_init": 0.03,
}


def made(sizes=(4, 3), **options):
    """A network that was drawn and calibrated, and made one step."""
    return SpintronicRecurrentClassifier(sizes, **SMALL | options).fit(X, Y)


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


def parts(network, noisy, seed=2):
    """Layers with defects, their stack, a ragged batch, targets, and noise or None."""
    layers = defective(network)
    stack = network._stack(layers)
    powers = network._powers(X)
    noise = None
    if noisy:
        generator = np.random.default_rng(seed)
        shapes = stack.noise_shapes(layers, powers)
        noise = [generator.uniform(0.7, 1.3, shape) for shape in shapes]
    return layers, stack, powers, Y, noise


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
    "one layer": {"sizes": (5,)},
    "three layers": {"sizes": (3, 2, 4)},
    "without recurrent chains": {"recurrent": False},
    "strong recurrent chains": {"recurrent_weight": 1.0, "hold": 1.0},
    "short frames": {"hold": 0.5},
    "long frames": {"hold": 300.0},
    "below the threshold": {"overdrive": 0.6},
    "much of it at the clamp": {"drive_spread": 2.0, "max_overdrive": 2.0},
    "ideal synapses": {"synapse": IdealSynapse()},
    "no crosstalk": {"crosstalk": False},
    "angles": {"synapse": SpinDiode(8840.0, damping=0.01, angle=0.4)},
}


# ---------------------------------------------------------------------- derivatives


@pytest.mark.slow
@pytest.mark.parametrize("noisy", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_derivatives_through_time_are_those_of_differences(kind, noisy):
    network = made(**KINDS[kind])
    layers, stack, powers, target, noise = parts(network, noisy)
    small = 1e-3  # of the loss, so that the derivatives are not shortened

    def loss(changed):
        passed = stack.forward(changed, stack.weights(changed), powers, noise)
        value, slope = cross_entropy(passed.outputs, target)
        return small * value, passed, small * slope

    _, passed, slope = loss(layers)
    weights = stack.weights(layers)
    by_settings, by_biases = stack.backward(layers, weights, passed, slope)
    # Beside the clamp a loss has kinks, which a difference must not step over.
    step = 1e-5 if "clamp" in kind else 2e-3
    for index, layer in enumerate(layers):
        for field, found in [("settings", by_settings[index]), ("biases", by_biases[index])]:

            def of(values, index=index, field=field):
                changed = list(layers)
                changed[index] = dataclasses.replace(layers[index], **{field: values})
                return loss(changed)[0]

            expected = by_difference(of, getattr(layer, field), step)
            largest = np.abs(expected).max()
            assert found == pytest.approx(expected, rel=1e-7, abs=1e-8 * largest)
            unused = field == "biases" and index >= len(network.layers_)
            assert (largest == 0) == unused


def test_straight_derivatives_of_ideal_synapses_are_the_derivatives():
    network = made(synapse=IdealSynapse())
    layers, stack, powers, target, noise = parts(network, True)
    weights = stack.weights(layers)
    passed = stack.forward(layers, weights, powers, noise)
    slope = 1e-3 * cross_entropy(passed.outputs, target)[1]
    first = stack.backward(layers, weights, passed, slope)
    second = stack.backward(layers, weights, passed, slope, straight=True)
    for one, other in zip([*first[0], *first[1]], [*second[0], *second[1]], strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_long_derivatives_are_shortened_together():
    network = made()
    layers, stack, powers, target, _ = parts(network, False)
    weights = stack.weights(layers)
    passed = stack.forward(layers, weights, powers)
    slope = cross_entropy(passed.outputs, target)[1]
    short = stack.backward(layers, weights, passed, 1e-3 * slope)
    long = stack.backward(layers, weights, passed, 1e3 * slope)
    flat = [
        np.concatenate([p.ravel() for p in [*each[0], *each[1]]]) for each in (short, long)
    ]
    assert np.linalg.norm(flat[1]) == pytest.approx(recurrent.MAX_NORM)
    assert flat[1] / recurrent.MAX_NORM == pytest.approx(flat[0] / np.linalg.norm(flat[0]))


# ---------------------------------------------------------------------- forward


def by_hand(network, layers, sequence):
    """Outputs of a network for one sequence, neuron by neuron and frame by frame."""
    stack = network._stack(layers)
    weights = [each[2] for each in stack.weights(layers)]
    n_hidden = len(network.layers_) - 1
    powers = [[stack.start] * len(layers[n].settings) for n in range(n_hidden)]
    means = np.zeros(len(powers[-1]))
    for frame in sequence:
        lines = np.clip(
            (frame - network.input_range_[0]) / np.ptp(network.input_range_), 0, 1
        )
        for n in range(n_hidden):
            own, now = layers[n], []
            for neuron in range(len(own.settings)):
                total = own.biases[neuron]
                total += sum(weights[n][neuron] * own.line_gains * lines)
                if network.recurrent_layers_:
                    back = layers[n_hidden + 1 + n]
                    before = np.array(powers[n]) / stack.full
                    total += sum(weights[n_hidden + 1 + n][neuron] * back.line_gains * before)
                z = (network.overdrive + own.gain * total) / own.thresholds[neuron]
                z = min(max(z, stack.limits[0]), stack.limits[1])
                power, _, _ = stack.flow.step(np.array(powers[n][neuron]), np.array(z))
                now.append(float(power))
            powers[n] = now
            lines = np.array(now) / stack.full
        means += lines / len(sequence)
    last = layers[n_hidden]
    return last.gain * (weights[n_hidden] @ (means * last.line_gains) + last.biases)


@pytest.mark.parametrize("kind", ["default", "without recurrent chains", "three layers"])
def test_it_answers_as_a_network_that_is_worked_out_by_hand(kind):
    network = made(**KINDS[kind])
    layers = defective(network)
    network._keep_layers(layers)
    expected = [by_hand(network, layers, sequence) for sequence in X]
    assert network._outputs(X) == pytest.approx(np.array(expected), rel=1e-12)


def test_one_long_frame_is_the_static_network_at_rest():
    # With a noise this small both know the power above the threshold as (z - 1)/(z + Q).
    options = {**SMALL, "thermal_noise": 1e-10, "overdrive": 2.0, "max_iter": 3}
    table = np.array([frames[0] for frames in X])
    static = SpintronicClassifier((6, 4), **options).fit(table, Y)
    timed = SpintronicRecurrentClassifier((6, 4), recurrent=False, hold=200.0, **options)
    timed.fit(table[:, None, :], Y)
    timed._keep_layers(static.layers_)
    assert min(each.min() for each in static.currents(table)) > 1.2e-5  # 1.2 thresholds
    assert timed._outputs(table[:, None, :]) == pytest.approx(
        static._outputs(table), rel=1e-7, abs=1e-8
    )


def test_long_frames_forget_the_order_of_frames_and_short_ones_do_not():
    sequences = np.random.default_rng(5).uniform(size=(8, 4, 5))
    backward = sequences[:, ::-1]
    for hold, recurrent_chains, forgets in [
        (1e3, False, True),
        (2, False, False),
        (1e3, True, False),
    ]:
        network = made(hold=hold, recurrent=recurrent_chains).fit(sequences, Y)
        change = np.abs(network._outputs(backward) - network._outputs(sequences)).max()
        assert (change < 1e-10) == forgets
        assert forgets or change > 1e-4


def test_a_frame_told_in_two_halves_is_the_same_frame():
    # Without recurrent chains, which act frame by frame; the last layer hears the last half
    # and the middle, so the powers at the end are compared.
    whole, halves = made(recurrent=False, hold=4.0), made(recurrent=False, hold=2.0)
    layers = whole._all_layers()
    ends = []
    for network, repeats in ((whole, 1), (halves, 2)):
        frames = np.repeat(np.array(X[2])[None], repeats, axis=1)
        powers = network._powers(frames)
        stack = network._stack(layers)
        ends.append(
            stack.forward(layers, stack.weights(layers), powers).traces[0].emitted[-1]
        )
    assert ends[0] == pytest.approx(ends[1], rel=1e-12)


def test_calibration_centres_every_chain_and_gives_the_stated_spread():
    sequences = np.random.default_rng(3).uniform(size=(200, 6, 5))
    network = SpintronicRecurrentClassifier(
        (6, 4),
        recurrent_weight=0.3,
        spacing=1.0,
        drive_spread=0.25,
        output_spread=0.7,
        random_state=0,
        dtype="float64",
    )
    powers, _ = network._start(sequences, np.arange(200) % 3, again=False)
    network._begin(powers, np.random.default_rng(0), again=False)
    layers = network._all_layers()
    stack = network._stack(layers)
    weights = stack.weights(layers)
    passed = stack.forward(layers, weights, powers)
    assert passed.outputs.mean(axis=0) == pytest.approx(0, abs=1e-10)
    assert passed.outputs.std(axis=0).mean() == pytest.approx(0.7, rel=1e-6)
    for index, trace in enumerate(passed.traces):
        forward = layers[index].gain * (trace.inputs @ weights[index][2].T)
        back = layers[index].gain * (
            trace.emitted[:-1] @ stack.recurrent_weights(layers, weights, index).T
        )
        bias = layers[index].gain * layers[index].biases
        assert forward.std(axis=(0, 1)).mean() == pytest.approx(0.25, rel=1e-6)
        assert (forward + back + bias).mean(axis=(0, 1)) == pytest.approx(0, abs=0.02)


# ---------------------------------------------------------------------- learning


def test_it_learns_what_only_a_memory_can_tell():
    # The class is told in the first of six frames, and the rest is noise of the same size.
    generator = np.random.default_rng(1)
    sequences = generator.uniform(size=(400, 6, 2))
    labels = (sequences[:, 0, 0] > sequences[:, 0, 1]).astype(int)
    assert labels.mean() == pytest.approx(0.5, abs=0.1)
    options = {"hold": 1.0, "max_iter": 40, "random_state": 0}
    learned = SpintronicRecurrentClassifier((16,), recurrent_weight=0.5, **options)
    learned.fit(sequences[:300], labels[:300])
    assert learned.score(sequences[300:], labels[300:]) > 0.8
    # Frames in another order tell nothing, to any network.
    shuffled = generator.permuted(sequences, axis=1)
    blind = learned.score(shuffled[300:], labels[300:])
    assert blind < 0.7


def test_a_refit_without_recurrent_chains_has_none():
    network = made()
    assert len(network.recurrent_layers_) == 2
    network.set_params(recurrent=False).fit(X, Y)
    assert network.recurrent_layers_ == [] and network.recurrent_resonances_ == []


# ---------------------------------------------------------------------- the laboratory


def test_it_says_what_one_would_build():
    network = made()
    text = network.describe()
    assert text.startswith(
        "A network of 5-4-3-3: 41 synapses in 10 chains, 7 neurons, 5 input lines. Recurrent "
        "chains of 25 more synapses drive the same neurons. Each frame is held for 5/(2 G)."
    )
    assert [each.shape for each in network.recurrent_resonances_] == [(4, 4), (3, 3)]
    assert "Recurrent" not in made(recurrent=False).describe()


def test_a_table_of_resonances_holds_the_recurrent_chains(tmp_path):
    network = made(max_iter=4)
    network.write_resonances(tmp_path / "table.csv")
    rows = (tmp_path / "table.csv").read_text().splitlines()
    assert len(rows) == 1 + 41 + 25
    other = made(random_state=7)
    for first, second in zip(other._all_layers(), network._all_layers(), strict=True):
        assert not np.array_equal(first.settings, second.settings)
    again = other.read_resonances(tmp_path / "table.csv")
    for first, second in zip(again._all_layers(), network._all_layers(), strict=True):
        assert first.settings == pytest.approx(second.settings, abs=1e-9)
        assert first.biases == pytest.approx(second.biases, rel=1e-12)
        assert first.gain == pytest.approx(second.gain, rel=1e-12)
    assert again.predict_proba(X) == pytest.approx(network.predict_proba(X), abs=1e-8)
    text = "\n".join(row for row in rows if not row.startswith("4,2,2,"))
    (tmp_path / "table.csv").write_text(text)
    with pytest.raises(
        ValueError, match=r"no resonance for chain 2, line 2 of layer 4; .*\.$"
    ):
        network.read_resonances(tmp_path / "table.csv")


def test_its_control_keeps_the_oscillators_and_sets_weights_directly():
    network = SpintronicRecurrentClassifier((8,), neuron="romera2018", hold=2.0)
    other = control(network)
    assert isinstance(other, SpintronicRecurrentClassifier)
    assert other.neuron == "romera2018" and other.synapse == IdealSynapse()
    assert other.get_params() | {"synapse": None} == network.get_params()
    other.set_params(**SMALL).fit(X, Y)
    assert other.predict(X).shape == (8,)
    with pytest.raises(AttributeError, match=r"IdealSynapse, which has no resonance; .*\.$"):
        other.recurrent_resonances_  # noqa: B018


# ---------------------------------------------------------------------- refusals


WRONG = {
    "a neuron without a flow": (
        {"neuron": StaticNode("rectifier")},
        r"neuron is a StaticNode; the flow .* such as SpinTorqueOscillator\.$",
    ),
    "no noise": ({"thermal_noise": 0}, r"thermal_noise is 0, but .* take a small one .*\.$"),
    "no neurons": ({"hidden_layer_sizes": ()}, r"hidden_layer_sizes is empty; .*\.$"),
    "a frame without time": ({"hold": 0}, r"hold.* 0.*\.$"),
    "a weight above 1": ({"recurrent_weight": 1.5}, r"recurrent_weight.*\.$"),
    "a flag that is none": ({"recurrent": "yes"}, r"recurrent.*\.$"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_no_network_in_time_can_have_is_refused_in_a_sentence(kind):
    options, message = WRONG[kind]
    with pytest.raises(ValueError, match=message):
        SpintronicRecurrentClassifier(**options).fit(X, Y)


def test_neurons_whose_frequencies_move_are_warned_of_with_a_cure_that_exists():
    neuron = SpinTorqueOscillator(
        1e-5, 6e6, 2.0, frequency=1e8, nonlinear_frequency_shift=-1e8
    )
    network = SpintronicRecurrentClassifier((4,), neuron=neuron, **SMALL)
    with pytest.warns(FrequencyShiftWarning, match=r"take a neuron whose .*\.$") as found:
        network.fit(X, Y)
    assert "frequency_shift" not in str(found[0].message)


def test_padded_sequences_know_their_lengths():
    padded = Padded(np.zeros((3, 5, 2)), np.array([2, 5, 4]))
    assert padded.shares.sum(axis=1) == pytest.approx(1)
    assert (padded.shares > 0).sum(axis=1).tolist() == [2, 5, 4]
    assert padded[[0, 2]].frames.shape == (2, 4, 2)
