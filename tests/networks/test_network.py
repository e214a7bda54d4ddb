"""Networks of oscillators against the theory of locking, and their experiments."""

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from reservoir import OscillatorNetwork, SpinTorqueOscillator
from reservoir.faults import DeadOscillators, with_faults

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
BIAS = 2 * VORTEX.threshold_current
RELAXATION = VORTEX.damping_rate  # Gamma_p = (z - 1) G at twice the threshold


def vortex(nu):
    """The default device with another nonlinear frequency shift; nu is that at the bias."""
    shift = nu * VORTEX.damping_rate * (2 + VORTEX.nonlinear_damping) / (2 * np.pi)
    return dataclasses.replace(VORTEX, nonlinear_frequency_shift=shift)


# ---------------------------------------------------------------------- theory


@pytest.mark.parametrize("nu", [1.9, -5.0])
def test_currents_set_power_and_frequency_as_the_device_says(nu):
    device = vortex(nu)
    currents = device.threshold_current * np.array([1.05, 1.5, 2.0, 3.0])
    bias = device.stationary_frequency(BIAS)
    network = OscillatorNetwork(device, frequencies=[bias] * 4, currents=currents)
    response = network.measure()
    expected = device.stationary_frequency(currents)
    # The same formula up to the order of additions; the network rests after settling.
    np.testing.assert_allclose(network.natural_frequencies(), expected, rtol=1e-12)
    np.testing.assert_allclose(response.frequency[0], expected, rtol=1e-9)
    np.testing.assert_allclose(
        response.power[0], device.stationary_power(currents), rtol=1e-9
    )


@pytest.mark.parametrize("nu", [0.0, 1.9, -1.9, 10.0])
def test_a_weak_source_locks_within_the_half_width_of_the_theory(nu):
    """sqrt(1 + nu^2) F / sqrt(p0), mean of both edges, at F = 0.01 Gamma_p sqrt(p0)."""
    time = 1e-3  # a slip outside the edge by 0.0013 takes 0.6 ms
    network = OscillatorNetwork(
        vortex(nu),
        1,
        injection=0.01 * RELAXATION,
        settling_time=time / 4,
        measuring_time=time,
    )
    half_width = np.sqrt(1 + nu**2) * 0.01 * RELAXATION / (2 * np.pi)
    assert network.locking_half_width() == pytest.approx(half_width, rel=1e-12)
    detuning = np.linspace(0.98, 1.02, 32)
    edges = []
    for side in (-1, 1):
        sources = network.natural_frequencies() + side * half_width * detuning
        locked = network.measure(sources[:, None]).locked[:, 0] == 0
        assert (np.diff(locked.astype(int)) <= 0).all() and locked[0] and not locked[-1]
        edges.append(detuning[locked].max())
    assert np.mean(edges) == pytest.approx(1.0, abs=0.005)


@pytest.mark.parametrize("nu", [1.9, -1.9])
@pytest.mark.parametrize("beta", [0.0, 0.7, 1.5, 2.5, -0.7, np.pi])
def test_two_weakly_coupled_oscillators_lock_within_the_range_of_the_theory(nu, beta):
    """|w1 - w2| < 2 k sqrt(1 + nu^2) |cos(beta - arctan nu)|, to 2 %, on both sides."""
    time, strength = 0.15e-3, 0.04 * RELAXATION
    width = 2 * strength * np.sqrt(1 + nu**2) * abs(np.cos(beta - np.arctan(nu)))

    def locked(detuning):
        apart = detuning * width / (2 * np.pi)
        pair = OscillatorNetwork(
            vortex(nu),
            2,
            frequencies=[350e6 - apart / 2, 350e6 + apart / 2],
            coupling=strength * np.exp(1j * beta),
            settling_time=time / 2,
            measuring_time=time,
        )
        groups, _ = pair.mutual_synchronization()
        return groups[0] == groups[1]

    assert [locked(x) for x in (-1.02, -0.98, 0.98, 1.02)] == [False, True, True, False]


@pytest.mark.parametrize("overdrive", [1.5, 3.0])
def test_noise_makes_the_linewidth_and_the_amplitude_noise_of_the_theory(overdrive):
    """Phase variance 2 pi linewidth t; rms dA/A = sqrt(FWHM / ((1 + nu^2) Gamma_p)) / 2."""
    linewidth, lag = 50e3, 2e-6
    network = OscillatorNetwork(
        n_oscillators=1,
        currents=[overdrive * VORTEX.threshold_current],
        injection=0.0,
        linewidth=linewidth,
        random_state=0,
    )
    sources = network.natural_frequencies() + np.linspace(-1e6, 1e6, 256)[:, None]
    time, amplitude, _ = network.simulate(sources, duration=20e-6, steps_per_record=5)
    phase = np.unwrap(np.angle(amplitude[:, :, 0]), axis=1)
    every = round(lag / (time[1] - time[0]))
    steps = np.diff(phase[:, ::every], axis=1)[:, 1:]
    # About 2000 independent steps: a standard error of 3 %.
    assert steps.var() / (2 * np.pi * lag) == pytest.approx(linewidth, rel=0.1)
    nu = VORTEX.nonlinear_shift(overdrive * VORTEX.threshold_current)
    relaxation = (overdrive - 1) * VORTEX.damping_rate
    expected = np.sqrt(2 * np.pi * linewidth / ((1 + nu**2) * relaxation)) / 2
    size = np.abs(amplitude[:, 100:])
    assert size.std() / size.mean() == pytest.approx(expected, rel=0.03)


def test_steps_of_4_ns_follow_a_converged_run_for_6_us():
    """300 pairs of sources; studies/network_accuracy.py takes ten thousand."""
    sources = np.random.default_rng(0).uniform(331e6, 381e6, (300, 2))
    amplitudes = []
    for step in (4e-9, 0.5e-9):
        network = OscillatorNetwork(step=step, coupling=2e6)
        _, amplitude, _ = network.simulate(
            sources, duration=6e-6, steps_per_record=round(6e-6 / step)
        )
        amplitudes.append(amplitude[:, 0])
    coarse, fine = amplitudes
    error = np.linalg.norm(coarse - fine, axis=1) / np.linalg.norm(fine, axis=1)
    assert np.median(error) < 1e-3


# ---------------------------------------------------------------------- experiments


def test_six_sources_lock_an_oscillator_each():
    network = OscillatorNetwork(n_oscillators=6, frequencies=330e6 + 10e6 * np.arange(6))
    sources = network.natural_frequencies() + 1e6
    response = network.measure([sources, sources[::-1]])
    np.testing.assert_array_equal(response.locked, [np.arange(6), np.arange(6)[::-1]])
    own = response.coherence[0]
    assert own.shape == (6, 6) and np.diag(own).min() > 0.9
    assert (own - np.diag(np.diag(own))).max() < 0.4
    np.testing.assert_allclose(response.frequency[0], sources, atol=0.1e6)


def test_many_oscillators_lock_as_each_would_alone():
    """Lanes of oscillators, 33 and not a whole block, against one after the other."""
    frequencies = np.linspace(340e6, 360e6, 33)
    together = OscillatorNetwork(n_oscillators=33, frequencies=frequencies).measure([[351e6]])
    for i in (0, 15, 32):
        one = OscillatorNetwork(n_oscillators=1, frequencies=frequencies[i : i + 1])
        alone = one.measure([[351e6]])
        assert together.locked[0, i] == alone.locked[0, 0]
        # The reference frequency differs, and the step's error with it.
        assert together.frequency[0, i] == pytest.approx(alone.frequency[0, 0], abs=2e4)
    assert together.locked[0, [0, 32]].tolist() == [-1, -1] and together.locked[0, 16] == 0


@pytest.mark.parametrize("offset", [0.0, 16.7e3, 50e3])
def test_the_spectrum_of_an_oscillator_is_a_line_of_its_power(offset):
    network = OscillatorNetwork(n_oscillators=2, frequencies=[350e6 - offset, 360e6 + offset])
    frequency, power = network.power_spectrum()
    assert (np.diff(frequency) > 0).all()
    near = np.abs(frequency - 350e6) < 2e6
    frequency, power = frequency[near], power[0, near]
    line = power.argmax()
    assert frequency[line] == pytest.approx(350e6 - offset, abs=0.02e6)
    expected = 10 * np.log10(VORTEX.stationary_power(BIAS))
    assert power[line] == pytest.approx(expected, abs=0.1)
    # The resolution bandwidth is the width of the rectangle with the same area.
    width = (10 ** ((power - power[line]) / 10)).sum() * np.diff(frequency)[0]
    assert width == pytest.approx(0.2e6, rel=0.03)


def test_a_locked_oscillator_shows_at_its_source_and_not_at_its_own_frequency():
    network = OscillatorNetwork(n_oscillators=2, frequencies=[340e6, 360e6], injection=1e7)
    frequency, power = network.power_spectrum([[342e6]])

    def at(f):
        return power[0, np.abs(frequency - f).argmin()]

    assert at(342e6) > -7 and at(340e6) < -40 and at(360e6) > -20


def test_the_emitted_signal_is_the_sum_of_the_real_amplitudes():
    network = OscillatorNetwork(n_oscillators=1, frequencies=[350.25e6])
    time, signal = network.emitted_signal(duration=8e-6, sampling_rate=2e9)
    amplitude = VORTEX.stationary_amplitude(BIAS)
    assert np.abs(signal).max() == pytest.approx(amplitude, rel=1e-3)
    spectrum = np.abs(np.fft.rfft(signal[0] * np.hanning(len(time))))
    peak = np.fft.rfftfreq(len(time), time[1] - time[0])[spectrum.argmax()]
    assert peak == pytest.approx(350.25e6, abs=0.07e6)
    pair = OscillatorNetwork(n_oscillators=2, frequencies=[345e6, 365e6], settling_time=0)
    time, signal = pair.emitted_signal(duration=1e-6, sampling_rate=2.1e9)
    turns = np.array([[345e6], [365e6]]) * time - 0.381966 * np.array([[0], [1]])
    expected = (amplitude * np.cos(2 * np.pi * turns)).sum(axis=0)
    # The error of steps of 4 ns and of the spline between them.
    np.testing.assert_allclose(signal[0], expected, atol=5e-6)


def test_exchanging_the_sources_exchanges_the_labels_of_the_map():
    grid = np.linspace(332e6, 380e6, 41)
    labels = OscillatorNetwork(coupling=2e6 + 1e6j).synchronization_map(grid, grid)
    exchanged = np.array([1, 0, -1])[labels.transpose(1, 0, 2)]
    off = ~np.eye(41, dtype=bool)  # on the diagonal, both sources are one
    assert (labels == exchanged)[off].mean() > 0.999
    assert set(np.unique(labels)) == {-1, 0, 1}


def test_mutual_synchronization_tells_which_oscillators_run_together():
    coupling = np.zeros((4, 4))
    coupling[0, 1] = coupling[1, 0] = coupling[2, 3] = coupling[3, 2] = 8e6
    frequencies = [340e6, 370e6, 371e6, 342e6]
    network = OscillatorNetwork(
        frequencies=frequencies, coupling=coupling, settling_time=5e-6
    )
    assert network.mutual_synchronization()[0].tolist() == [0, 2, 3, 1]
    network.set_params(frequencies=[340e6, 341e6, 371e6, 372e6])
    groups, found = network.mutual_synchronization()
    assert groups.tolist() == [0, 0, 1, 1]
    assert found[0] == pytest.approx(found[1], abs=2e4)


@pytest.mark.parametrize("tuning", [7e9, -7e9])
def test_tuning_finds_the_currents_and_refuses_what_it_cannot(tuning):
    network = OscillatorNetwork(dataclasses.replace(VORTEX, current_tuning=tuning))
    ranges = network.tuning_ranges()
    for wanted in (ranges[:, 0], ranges[:, 1], ranges @ [0.3, 0.7]):
        tuned = network.tune(wanted)
        # A quadratic equation is solved and put in again: a few roundings.
        np.testing.assert_allclose(tuned.natural_frequencies(), wanted, rtol=1e-12)
        assert network.currents is None
    again = network.tune(network.natural_frequencies())
    np.testing.assert_allclose(again.currents, BIAS, rtol=1e-9)
    with pytest.raises(ValueError, match="Oscillator 2 cannot be tuned to .* its range is"):
        network.tune(np.append(ranges[:2, 0], ranges[2:, 1] + 1e3))
    with pytest.raises(ValueError, match="frequencies has shape \\(2,\\); it must hold 4"):
        network.tune([350e6, 360e6])


def test_the_matrix_of_a_coupling_is_the_same_for_numbers_and_dense_and_sparse_matrices():
    dense = 1e6 * np.array([[0, 1j, 2], [0, 0, 3], [1 - 1j, 0, 0]])
    for coupling in (dense, sparse.csr_array(dense)):
        network = OscillatorNetwork(n_oscillators=3, coupling=coupling)
        np.testing.assert_array_equal(network.coupling_matrix(), dense)
    alike = OscillatorNetwork(n_oscillators=2, coupling=2e6j).coupling_matrix()
    np.testing.assert_array_equal(alike, [[0, 2e6j], [2e6j, 0]])


@pytest.mark.parametrize("nu", [1.9, -5.0])
def test_the_nonlinear_shift_of_a_network_is_that_of_its_device(nu):
    network = OscillatorNetwork(vortex(nu))
    assert network.nonlinear_shift() == pytest.approx(nu, rel=1e-9)


@pytest.mark.parametrize("current", [0.0, 1e-3], ids=["none", "below the threshold"])
def test_the_current_of_a_dead_oscillator_is_refused_with_the_fault_that_kills_one(current):
    network = OscillatorNetwork(currents=[4e-3, current, 4e-3, 4e-3])
    with pytest.raises(ValueError, match="DeadOscillators") as refused:
        network.natural_frequencies()
    assert "with_faults(network, DeadOscillators(share)) of reservoir.faults" in str(
        refused.value
    )
    sources = [[340e6, 370e6]]
    worse = with_faults(
        OscillatorNetwork().fit(sources), DeadOscillators(0.25), random_state=0
    )
    assert (worse.measure(sources).power == 0).sum() == 1


@pytest.mark.parametrize("current", [-1e-3, np.inf, np.nan])
def test_a_current_that_is_no_dead_oscillator_does_not_name_the_fault(current):
    with pytest.raises(ValueError, match="one for each oscillator.$"):
        OscillatorNetwork(currents=[4e-3, current, 4e-3, 4e-3]).natural_frequencies()
