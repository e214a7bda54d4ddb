"""How honest is the formula for coupled locking that couplings are trained on?

    python studies/relayed_tones.py

Eight oscillators, whose bands of locking overlap by a quarter, have random couplings of all
pairs, of a given rms size over the strength of a source. For two sources at random
frequencies, the coherence of every oscillator with every source is simulated. It is
compared with Adler's formula, which ignores the couplings, and with
`reservoir.networks.relayed_locking`. The script prints which share of the variance of the
coherence each formula explains, and their difference with its standard error, over N_DRAWS
draws of the couplings. `docs/vowels-coupling.md` holds what it gave.
"""

import numpy as np

from reservoir import OscillatorNetwork
from reservoir.networks.adler_training import Softness, coherence
from reservoir.networks.relayed_locking import felt_couplings, hear

N_OSCILLATORS, N_INPUTS, N_DRAWS = 8, 100, 10
STRENGTHS = (4e6, 2e7)  # of the sources, in 1/s; the damping is 20/us
SIZES = (0.0, 0.1, 0.2)
SOFTNESS = Softness(1e-5)


def explained(injection, size, generator):
    """Shares that the formula alone and the one with relayed tones explain, in %."""
    slow = 2e7 / injection
    network = OscillatorNetwork(
        n_oscillators=N_OSCILLATORS,
        injection=injection,
        settling_time=1.5e-6 * slow,
        measuring_time=6e-6 * slow,
        dtype="float32",
    )
    width = network.locking_half_width()
    slots = np.arange(N_OSCILLATORS) - (N_OSCILLATORS - 1) / 2
    natural = network.natural_frequencies().mean() + slots * 2 * width / 1.24
    parts = generator.standard_normal((2, N_OSCILLATORS, N_OSCILLATORS)) / np.sqrt(2)
    coupling = injection * size * (parts[0] + 1j * parts[1])
    np.fill_diagonal(coupling, 0)
    network.set_params(frequencies=natural, coupling=coupling)
    sources = generator.uniform(natural[0] - width, natural[-1] + width, (N_INPUTS, 2))
    truth = np.moveaxis(network.measure(sources).coherence, 2, 1)
    u = (sources[:, :, None] - natural) / width
    felt = felt_couplings(coupling, injection, network.nonlinear_shift())
    relayed = hear(u, felt, SOFTNESS.rounding).scaled
    return [
        100 * (1 - ((coherence(scaled, SOFTNESS)[0] - truth) ** 2).mean() / truth.var())
        for scaled in (u, relayed)
    ]


def main():
    print("variance of the coherence explained, in %: alone, relayed, difference")
    for injection in STRENGTHS:
        for size in SIZES:
            generator = np.random.default_rng(0)
            found = np.array([explained(injection, size, generator) for _ in range(N_DRAWS)])
            gain = found[:, 1] - found[:, 0]
            print(
                f"sources {injection:.0e} /s, couplings {size}: {found[:, 0].mean():.1f} "
                f"{found[:, 1].mean():.1f} {gain.mean():+.1f} ± "
                f"{gain.std(ddof=1) / np.sqrt(N_DRAWS):.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
