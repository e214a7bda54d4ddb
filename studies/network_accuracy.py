"""How far are the coupled oscillators from theory and from converged runs?

    python studies/network_accuracy.py        (about five minutes, one thread)

Half-widths of injection locking are found by bisection with 4 ms of measurement, ranges of
mutual locking with 1 ms. Steps are compared with a step of 0.25 ns, over 6 us and 10^4 pairs
of sources. `docs/networks.md` holds what it gave.
"""

import dataclasses
import itertools

import numpy as np

from reservoir import OscillatorNetwork, SpinTorqueOscillator

VORTEX = SpinTorqueOscillator.from_preset("romera2018")
RELAXATION = VORTEX.damping_rate  # Gamma_p at twice the threshold


def vortex(nu):
    shift = nu * VORTEX.damping_rate * (2 + VORTEX.nonlinear_damping) / (2 * np.pi)
    return dataclasses.replace(VORTEX, nonlinear_frequency_shift=shift)


def bisect(locked, width):
    """The detuning, in units of `width`, up to which `locked` holds."""
    inside, outside = 0.9 * width, 1.1 * width
    while outside - inside > 5e-4 * width:
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if locked(middle) else (inside, middle)
    return inside / width


def injection_edges(nu, strength, time=4e-3):
    network = OscillatorNetwork(
        vortex(nu),
        1,
        injection=strength * RELAXATION,
        settling_time=time / 4,
        measuring_time=time,
    )
    own, width = network.natural_frequencies(), network.locking_half_width()
    return [
        bisect(
            lambda x, side=side: network.measure([own + side * x]).locked[0, 0] == 0, width
        )
        for side in (-1, 1)
    ]


def mutual_edges(nu, strength, beta, time=1e-3):
    width = strength * RELAXATION * np.sqrt(1 + nu**2) * abs(np.cos(beta - np.arctan(nu)))
    width *= 2 / (2 * np.pi)

    def locked(apart):
        groups, _ = OscillatorNetwork(
            vortex(nu),
            2,
            frequencies=[350e6 - apart / 2, 350e6 + apart / 2],
            coupling=strength * RELAXATION * np.exp(1j * beta),
            settling_time=time / 2,
            measuring_time=time,
        ).mutual_synchronization()
        return groups[0] == groups[1]

    return bisect(locked, width)


def end_and_labels(step, sources, **parameters):
    network = OscillatorNetwork(
        step=step, settling_time=1.5e-6, measuring_time=4.5e-6, **parameters
    )
    _, amplitude, _ = network.simulate(
        sources, duration=6e-6, steps_per_record=round(6e-6 / step)
    )
    return amplitude[:, 0], network.measure(sources).locked


def main():
    print("injection half-width over sqrt(1 + nu^2) F / sqrt(p0), F = 0.01 Gamma_p sqrt(p0)")
    for nu in (0.0, 1.9, -1.9, 10.0):
        low, high = injection_edges(nu, 0.01)
        print(f"  nu {nu:5.1f}: edges {low:.4f} {high:.4f}, mean {(low + high) / 2:.4f}")
    print("mutual range over 2 k sqrt(1 + nu^2) |cos(beta - arctan nu)|, k = 0.01 Gamma_p")
    for nu, beta in itertools.product((1.9, -1.9), (0.0, 0.7, 1.5, 2.5, -0.7)):
        print(f"  nu {nu:5.1f}, beta {beta:4.1f}: {mutual_edges(nu, 0.01, beta):.4f}")
    print("error of the amplitudes after 6 us, 10^4 pairs of sources, against 0.25 ns")
    print("  coupling injection   step     median        90 %   labels that differ")
    generator = np.random.default_rng(0)
    sources = generator.uniform(331e6, 381e6, (10_000, 2))
    for coupling, injection in itertools.product((0.0, 2e6, 5e6), (1e7, 2e7)):
        parameters = {"coupling": coupling, "injection": injection}
        exact, labels = end_and_labels(0.25e-9, sources, **parameters)
        for step, dtype in ((4e-9, "float64"), (2e-9, "float64"), (4e-9, "float32")):
            amplitude, found = end_and_labels(step, sources, dtype=dtype, **parameters)
            error = np.linalg.norm(amplitude - exact, axis=1) / np.linalg.norm(exact, axis=1)
            differ = (found != labels).any(axis=1).mean()
            print(
                f"  {coupling:8.0e} {injection:9.0e} {step:6.0e} {np.median(error):10.1e} "
                f"{np.quantile(error, 0.9):11.1e} {differ:11.2%}  {dtype}"
            )


if __name__ == "__main__":
    main()
