"""Do all builds of the kernels give the same answers? Within bounds that stand here.

The builds differ in the last digits, because one multiplies and adds in a single rounding
where the other rounds twice. Those of the cochleas and of coupled networks are compared in
the tests of these. Kernels with one build for all machines are not named here.
"""

import importlib

import numpy as np
import pytest

from reservoir import (
    OscillatorNetwork,
    SpinTorqueOscillator,
    TimeMultiplexedReservoir,
    _core,
    observe,
    simulate,
)
from reservoir.devices import (
    MacrospinOscillator,
    PhaseLockedOscillator,
    VortexOscillator,
)

pytestmark = pytest.mark.kernel

SETS = _core.available_instruction_sets()
VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")
GRIMALDI = VortexOscillator.from_preset("grimaldi2014")
LOCKED = PhaseLockedOscillator.from_preset("markovic2019")
MAGNET = MacrospinOscillator.from_preset("perpendicular")
NOISE = np.random.default_rng(0)
# Device, drive, hold, module with its kernel, kernel, bound relative to the largest answer.
# The locked oscillator and the magnet take thousands of steps, each of which rounds.
ANSWERS = [
    (VORTEX, NOISE.uniform(-3e-2, 3e-2, (9, 700)), 3e-7, "simulation", "multiplex", 1e-13),
    (
        GRIMALDI,
        NOISE.uniform(-5e-3, 2.5e-3, (9, 700)),
        3e-7,
        "simulation",
        "multiplex",
        1e-13,
    ),
    (
        LOCKED,
        NOISE.uniform(-6e5, 6e5, (9, 20)),
        3e-7,
        "devices.phase_locked",
        "locked",
        1e-11,
    ),
    (
        MAGNET,
        NOISE.uniform(2e-4, 5e-4, (3, 4)),
        1e-9,
        "devices.macrospin",
        "macrospin",
        1e-10,
    ),
]


@pytest.fixture(params=SETS)
def use(request, monkeypatch):
    """Put a kernel of this instruction set, and then of the baseline, into a module."""

    def put(module, kernel, name=request.param):
        place = importlib.import_module(f"reservoir.{module}")
        monkeypatch.setattr(place, "kernel", _core.load_kernel(kernel, name))

    return put


@pytest.mark.parametrize(
    "case", ANSWERS, ids=lambda case: f"{type(case[0]).__name__}-{case[4]}"
)
def test_devices_answer_alike(use, case):
    device, drive, hold, module, kernel, bound = case
    use(module, kernel)
    found = simulate(device, drive, hold)
    use(module, kernel, "baseline")
    expected = simulate(device, drive, hold)
    assert np.abs(found - expected).max() <= bound * np.abs(expected).max()


# Thermal noise, and the bounds of power and amplitude (relative) and of frequency in Hz and
# phase in turns. Noise pushes a small power about, where the rounding of what it came from
# weighs more; the normal numbers themselves are made alike.
NOISES = [
    (0.0, 1e-11, 1e-3, 1e-7),
    (1e-5, 1e-11, 1e-3, 1e-7),
    (1e-4, 1e-8, 1.0, 1e-6),
    (0.5, 1e-6, 1e3, 1e-4),
]


@pytest.mark.parametrize(("noise", "relative", "frequency", "phase"), NOISES)
@pytest.mark.parametrize("start", [None, 0.3])
def test_whatever_is_read_of_an_oscillator_is_alike(
    use, noise, relative, frequency, phase, start
):
    current = np.random.default_rng(1).uniform(-1, 10, (5, 200)) * VORTEX.threshold_current
    reads = []
    for name in ({}, {"name": "baseline"}):
        use("observation", "thermal", **name)
        reads.append(
            observe(
                VORTEX,
                current,
                1e-7,
                thermal_noise=noise,
                initial_power=start,
                random_state=1,
            )
        )
    # A power that grows from the floor multiplies the rounding of what it grew from. Phases
    # add up over 200 holds.
    for name, rtol, atol in (
        ("amplitude", relative, 0),
        ("power", relative, 0),
        ("frequency", 0, frequency),
        ("phase", 0, phase),
    ):
        found, expected = (getattr(read, name) for read in reads)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    ("options", "bound"),
    [
        ({}, 1e-12),
        ({"dtype": "float32"}, 1e-5),
        ({"mask": "uniform", "context": (1,)}, 1e-12),
        ({"loop_gain": 0.1, "feedback_delay": (7, 21)}, 1e-10),
        ({"n_oscillators": 3, "coupling": -2e5}, 1e-10),
        ({"read": "power"}, 1e-11),
        ({"read": "frequency", "thermal_noise": 1e-5}, 1e-10),
        ({"read": "phase"}, 1e-8),
        ({"read": "phase", "thermal_noise": 1e-4}, 1e-7),
        ({"read": "phase", "thermal_noise": 1e-4, "dtype": "float32"}, 1e-3),
        ({"read": "power", "thermal_noise": 0.5}, 1e-6),
        ({"read": "frequency", "thermal_noise": 1e-4, "dtype": "float32"}, 1e-5),
    ],
)
def test_reservoirs_answer_alike(use, options, bound):
    X = [np.random.default_rng(k).normal(size=(30, 3)) for k in range(5)]
    reservoir = TimeMultiplexedReservoir(n_nodes=20, random_state=0, **options)
    use("multiplexing.playing", "multiplex")
    use("observation", "thermal")
    found = np.concatenate(reservoir.fit(X).transform(X))
    use("multiplexing.playing", "multiplex", "baseline")
    use("observation", "thermal", "baseline")
    expected = np.concatenate(reservoir.fit(X).transform(X))
    assert np.abs(found - expected).max() <= bound * np.abs(expected).max()


@pytest.mark.parametrize(
    ("dtype", "bound", "most"), [("float64", 1e-5, 1e-10), ("float32", 0.2, 2e-3)]
)
def test_networks_lock_alike(use, dtype, bound, most):
    # A few pairs of sources leave the network on the brink of locking, where its motion
    # multiplies the last digit. The others agree much better, and what is locked is the same.
    sources = np.random.default_rng(0).uniform(3.3e8, 3.8e8, (200, 2))
    network = OscillatorNetwork(dtype=dtype)
    use("networks.integration", "coupling")
    found = network.measure(sources)
    use("networks.integration", "coupling", "baseline")
    expected = network.measure(sources)
    assert np.array_equal(found.locked, expected.locked)
    differences = np.abs(found.coherence - expected.coherence)
    assert differences.max() <= bound
    assert np.quantile(differences, 0.99) <= most
