"""Answers and derivatives of stacks, against an independent formula and a complex step.

The independent formula works with frequencies in Hz and one Lorentzian after the other, in
numpy with complex numbers. Its derivative is the imaginary part of its value after a step of
1e-30 i, which has no error of differences.

Two functions are compared. The one that is computed has a table of cubic pieces for the
neurons, and for lines that move a little a polynomial for the weights; the formula here does
the same and must agree to rounding, with its derivatives. The other is the physics, with the
closed form of the power and each line where it is. The bounds of the difference are stated.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.polynomial import chebyshev

from reservoir import SpinTorqueOscillator
from reservoir.devices import IdealSynapse, SpinDiode, StaticNode
from reservoir.layers import SpintronicClassifier
from reservoir.layers.design import make_design
from reservoir.layers.neuron import N_CELLS, rounded_power
from reservoir.layers.training import cross_entropy, squared_error

ROMERA = SpinTorqueOscillator.from_preset("romera2018")
NARROW = replace(ROMERA, nonlinear_frequency_shift=16e6, current_tuning=0.0)
TUNED = replace(ROMERA, nonlinear_frequency_shift=4e6, current_tuning=3e8)
TABLE = SpinDiode(1e3, half_linewidth=((1e8, 1e6), (1.2e8, 3e6)), angle=0.5, tuning=1.5)
STILL, WIDE = "StillLines", "FollowedLines"
CASES = {
    "still lines": {},
    "two hidden layers": {"hidden": (6, 5)},
    "three hidden layers": {"hidden": (4, 5, 3), "alternate": False},
    "no hidden layer": {"hidden": ()},
    "no crosstalk": {"crosstalk": False},
    "one line on each bus": {"lines_per_bus": 1, "alternate": False},
    "all lines on one bus": {"lines_per_bus": 64, "spacing": 0.3},
    "symmetric line": {"synapse": SpinDiode(1.0, damping=0.02, angle=np.pi / 2)},
    "tilted line and a measured width": {"synapse": TABLE, "hidden": (5,)},
    "current emission, no noise": {"emission": "current", "thermal_noise": 0.0},
    "ideal synapses, rectifiers": {"synapse": IdealSynapse(), "neuron": StaticNode()},
    "interpolated": {"neuron": NARROW, "synapse": "vortex", "hidden": (6, 5)},
    "interpolated, tuned": {"neuron": TUNED, "synapse": "vortex", "emission": "current"},
    "interpolated, no crosstalk": {
        "neuron": TUNED,
        "synapse": "vortex",
        "crosstalk": False,
    },
    "followed": {"neuron": ROMERA, "synapse": "vortex", "hidden": (6, 5)},
    "followed, damping": {"neuron": ROMERA, "synapse": SpinDiode(1.0, damping=0.004)},
    "followed, no crosstalk": {"neuron": ROMERA, "synapse": "vortex", "crosstalk": False},
    "followed, tilted line": {"neuron": ROMERA, "synapse": TABLE, "lines_per_bus": 64},
}
HEARINGS = {"interpolated": "InterpolatedLines", "followed": "FollowedLines"}


def network(*, hidden=(6,), seed=0, **parameters):
    """A stack with all that can be set set to something odd, and data for it."""
    settings = {"lines_per_bus": 4, "synapse": SpinDiode(1e3, damping=0.01), **parameters}
    estimator = SpintronicClassifier(hidden, dtype="float64", **settings)
    generator = np.random.default_rng(seed)
    sizes = [7, *hidden, 3]
    design = make_design(estimator, max(sizes[:-1]))
    layers = []
    for n_lines, n_chains in zip(sizes[:-1], sizes[1:], strict=True):
        layer = design.draw(n_chains, n_lines, estimator, generator)
        strengths = layer.strengths * generator.uniform(0.7, 1.2, layer.strengths.shape)
        strengths[0, 0] = 0  # a dead synapse
        layers.append(
            replace(
                layer,
                strengths=strengths,
                biases=generator.normal(scale=0.2, size=n_chains),
                gain=float(generator.uniform(0.3, 0.6)),
                line_gains=generator.uniform(0.5, 1.3, n_lines),
                line_offsets=generator.uniform(-3e5, 3e5, n_lines),
                thresholds=generator.uniform(0.9, 1.1, n_chains),
            )
        )
    n_samples = 5
    return SimpleNamespace(
        estimator=estimator,
        design=design,
        layers=layers,
        stack=design.stack(layers, "float64", 1),
        X=generator.uniform(size=(n_samples, 7)),
        noise=[generator.uniform(0.7, 1.3, (n_samples, n)) for n in sizes[:-1]],
        target=np.array([0, 2, 1, 1, 0]),
    )


def cubic(pieces, place):
    """Value of a table at complex places in units of its cells."""
    cell = np.clip(place.real.astype(int), 0, len(pieces) - 1)
    x = place - cell
    c = pieces[cell]
    return c[..., 0] + x * (c[..., 1] + x * (c[..., 2] + x * c[..., 3]))


def neurons(case, overdrive):
    """Power and shift of the frequency as the tables have them."""
    curve = case.design.curve
    low, high = curve.lowest, curve.highest
    held = np.where(
        overdrive.real < low, low, np.where(overdrive.real > high, high, overdrive)
    )
    place = (held - low) / (high - low) * N_CELLS
    return cubic(curve.powers, place), cubic(curve.shifts, place)


def exact_neurons(case, overdrive):
    """Power and shift of the frequency from the closed form."""
    device, estimator, curve = case.design.neuron, case.estimator, case.design.curve
    noise = 1e-2 if estimator.thermal_noise is None else estimator.thermal_noise

    def power_of(z):
        current, scale = z * device.threshold_current, 2 * device.damping_rate
        growth = device.growth_rate(current) / scale
        return rounded_power(growth, device.saturation_rate(current) / scale, noise)[0]

    tuning = device.current_tuning * device.threshold_current
    z = np.clip(overdrive.real, curve.lowest, curve.highest)
    power, here = power_of(z), power_of(np.array([estimator.overdrive]))
    shift = device.nonlinear_frequency_shift * (power - here)
    shift = shift + tuning * (z - estimator.overdrive)
    ends = np.linspace(curve.lowest, curve.highest, N_CELLS + 1)
    factor = (lambda z: z**2) if estimator.emission == "current" else (lambda z: 1.0)
    return power * factor(z) / (power_of(ends) * factor(ends)).max(), shift


def weights_at(case, index, settings, shift):
    """Weights (n_samples, n_chains, n_lines) of lines that are shifted by `shift` Hz.

    The half linewidth is that of the line the diode is made for, or the damping times the
    resonance; each diode hears its bus or its own line.
    """
    design, layer = case.design, case.layers[index]
    n_lines = settings.shape[1]
    synapse = design.synapse
    if isinstance(synapse, IdealSynapse):
        return (settings * layer.strengths)[None]
    lines = np.resize(design.frequencies, n_lines)
    points = lines + layer.line_offsets + shift
    if synapse.damping is None:
        widths = np.broadcast_to(synapse.half_linewidth_at(lines), settings.shape)
        resonances = lines - settings * widths
    else:
        resonances = lines / (1 + synapse.damping * settings)
        widths = synapse.damping * resonances
    u = (points[:, None, None, :] - resonances[:, :, None]) / widths[:, :, None]
    w = 2 * u * np.cos(synapse.angle) + np.sin(synapse.angle)
    w = layer.strengths[:, :, None] * w / (1 + u * u)
    bus = np.arange(n_lines) // (len(design.frequencies) if design.crosstalk else 1)
    return (w * (bus[:, None] == bus)).sum(axis=2)


def interpolated_at(case, index, settings, shift):
    """As `weights_at`, by the polynomial through the weights at the nodes."""
    band = case.design.band
    if index == 0 or len(band.nodes) == 1:
        return weights_at(case, index, settings, shift)
    at_nodes = [weights_at(case, index, settings, np.full((1, 1), x))[0] for x in band.nodes]
    n = len(band.nodes)
    x = (band.nodes - band.middle) / band.half
    matrix = chebyshev.chebvander(x, n - 1)  # the nodes' polynomials, orthogonal in sums
    scale = np.where(np.arange(n) == 0, 1, 2) / n
    coefficients = scale[:, None, None] * np.tensordot(matrix.T, np.array(at_nodes), 1)
    place = (shift - band.middle) / band.half
    values = [np.ones_like(place), place]
    while len(values) < n:
        values.append(2 * place * values[-1] - values[-2])
    return np.einsum("tsi,tji->sji", np.array(values), coefficients)


def outputs_of(case, parameters, weigh=interpolated_at, fire=neurons):
    """Outputs from (settings, biases) of each layer."""
    power, shift = case.X, np.zeros((1, 1))
    for index, (settings, biases) in enumerate(parameters):
        layer = case.layers[index]
        power = power * layer.line_gains * case.noise[index]
        weights = weigh(case, index, settings, shift)
        sums = (power[:, None, :] * weights).sum(axis=2)
        outputs = (sums + biases) * layer.gain
        if index + 1 < len(parameters):
            overdrive = (outputs + case.design.overdrive) / layer.thresholds
            power, shift = fire(case, overdrive)
    return outputs


def entropy_of(outputs, target):
    powers = np.exp(outputs)
    return -np.mean(np.log(powers[np.arange(len(target)), target] / powers.sum(axis=1)))


def squares_of(outputs, target):
    return np.mean(np.sum((outputs - target) ** 2, axis=1)) / 2


def parameters_of(case):
    return [
        (layer.settings.astype(complex), layer.biases.astype(complex))
        for layer in case.layers
    ]


@pytest.fixture(params=CASES, ids=lambda name: name.replace(" ", "_"))
def case(request):
    made = network(**CASES[request.param])
    kind = type(made.stack.hearings[-1]).__name__
    expected = HEARINGS.get(request.param.split(",")[0], STILL)
    assert kind == expected
    return made


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["cross entropy", "squared error"])
def test_derivatives_are_those_of_a_complex_step(case, loss):
    ours, theirs, target = cross_entropy, entropy_of, case.target
    if loss == "squared error":
        ours, theirs, target = squared_error, squares_of, case.X[:, :3]
    weights = case.stack.weights(case.layers)
    passed = case.stack.forward(case.layers, weights, case.X, case.noise)
    value, slope = ours(passed.outputs, target)
    found = case.stack.backward(case.layers, weights, passed, slope)
    parameters = parameters_of(case)
    outputs = outputs_of(case, parameters)
    np.testing.assert_allclose(passed.outputs, outputs.real, rtol=0, atol=1e-12)
    assert value == pytest.approx(theirs(outputs, target).real, rel=1e-12)
    for index in range(len(case.layers)):
        for kind in range(2):
            array = parameters[index][kind]
            expected = np.empty(array.shape)
            for place in np.ndindex(array.shape):
                array[place] += 1e-30j
                expected[place] = theirs(outputs_of(case, parameters), target).imag / 1e-30
                array[place] -= 1e-30j
            bound = 1e-10 * abs(expected).max()
            np.testing.assert_allclose(found[kind][index], expected, rtol=0, atol=bound)


def test_answers_are_those_of_the_physics(case):
    # The table of the neurons is exact to 2e-9, the polynomial to 1e-10 of a weight of one.
    if isinstance(case.design.neuron, StaticNode) or case.estimator.thermal_noise == 0:
        pytest.skip("The corner of the curve lies within a cell of the table.")
    weights = case.stack.weights(case.layers)
    outputs, _, _ = case.stack.predict(case.layers, weights, case.X, case.noise)
    parameters = [(layer.settings, layer.biases) for layer in case.layers]
    expected = outputs_of(case, parameters, weights_at, exact_neurons)
    np.testing.assert_allclose(outputs, expected, rtol=0, atol=1e-7)
    passed = case.stack.forward(case.layers, weights, case.X, case.noise)
    np.testing.assert_allclose(passed.outputs, outputs, rtol=0, atol=1e-13)


def test_interpolated_weights_have_the_stated_error():
    for error, dtype in [(1e-4, "float32"), (1e-10, "float64")]:
        case = network(neuron=NARROW, synapse="vortex", hidden=(6,))
        estimator = SpintronicClassifier(
            (6,), neuron=NARROW, synapse="vortex", lines_per_bus=4, dtype=dtype
        )
        case.design = make_design(estimator, 7)
        band = case.design.band
        assert len(band.nodes) > 1
        settings = case.layers[1].settings
        for shift in np.linspace(band.lowest, band.highest, 101):
            place = np.full((1, 6), shift)
            exact = weights_at(case, 1, settings, place)
            found = interpolated_at(case, 1, settings, place)
            assert abs(found - exact).max() <= 2 * error


def test_a_wider_band_is_followed_and_a_narrow_one_interpolated():
    kinds = {}
    for shift in (0.0, 1e6, 1e7, 1e9):
        neuron = replace(ROMERA, nonlinear_frequency_shift=shift, current_tuning=0.0)
        case = network(neuron=neuron, synapse="vortex", lowest_frequency=1e9)
        kinds[shift] = type(case.stack.hearings[1]).__name__
        assert type(case.stack.hearings[0]).__name__ == STILL
    assert kinds == {
        0.0: STILL,
        1e6: HEARINGS["interpolated"],
        1e7: HEARINGS["interpolated"],
        1e9: WIDE,
    }


def test_straight_derivatives_are_those_by_the_weights_of_own_lines():
    # For a chain without crosstalk and lines that stand still, w' = 2 (1 - u^2)/(1 + u^2)^2
    # turns derivatives by weights into derivatives by detunings.
    case = network(crosstalk=False)
    case.layers = [replace(each, line_offsets=0 * each.line_offsets) for each in case.layers]
    stack = case.design.stack(case.layers, "float64", 1)
    weights = stack.weights(case.layers)
    passed = stack.forward(case.layers, weights, case.X, case.noise)
    slope = np.random.default_rng(1).normal(size=passed.outputs.shape)
    full, _ = stack.backward(case.layers, weights, passed, slope)
    straight, _ = stack.backward(case.layers, weights, passed, slope, straight=True)
    for layer, by_setting, by_weight in zip(case.layers, full, straight, strict=True):
        u = layer.settings
        chain_rule = 2 * (1 - u**2) / (1 + u**2) ** 2
        np.testing.assert_allclose(by_setting, by_weight * chain_rule, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["still lines", "interpolated", "followed"])
def test_single_precision_is_near_double_precision(name):
    case = network(**CASES[name])
    exact = case.stack.forward(case.layers, case.stack.weights(case.layers), case.X).outputs
    layers = [
        replace(
            layer,
            **{
                key: getattr(layer, key).astype("float32")
                for key in ("settings", "strengths", "biases", "line_gains", "thresholds")
            },
        )
        for layer in case.layers
    ]
    stack = case.design.stack(layers, "float32", 1)
    found = stack.forward(layers, stack.weights(layers), case.X.astype("float32"))
    assert found.outputs.dtype == np.float32
    np.testing.assert_allclose(found.outputs, exact, rtol=0, atol=2e-5)
