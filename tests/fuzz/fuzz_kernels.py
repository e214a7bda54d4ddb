"""Do the kernels stay within their arrays, for random shapes?

This is for a core that was built with bounds checks (RESERVOIR_CHECKED_CORE=1) or with the
address sanitizer (RESERVOIR_SANITIZE=address), which end the process at the first fault. With
another core it finds crashes only.
"""

import numpy as np
from harness import OK, Outcome, Part, generator, judged, main, pick
from models import DEVICES
from random_estimators import question

from reservoir import observe, simulate
from reservoir.audio import MFCC, Cochleagram

PLAYED = ("torrejon2017", "vortex", "phase_locked", "mackey_glass", "optoelectronic")


def played(seed: int, number: int) -> Outcome:
    """Fit a random estimator and ask it, all at once and one alone."""
    asked = question(seed, number)
    try:
        asked.estimator.fit(asked.X, asked.y)
        asked.ask(asked.estimator, asked.X)
        asked.ask(asked.estimator, asked.X[:1])
    except Exception as error:
        return judged(error, asked.kind, f"seed {seed}, number {number}".encode())
    return OK


def simulated(seed: int, number: int) -> Outcome:
    """Held currents of any shape, also none and none that are finite."""
    rng = generator(seed, "simulated", number)
    shapes = (
        (int(rng.integers(1, 5)), int(rng.integers(0, 1200))),
        (int(rng.integers(0, 3)), 3, int(rng.integers(1, 70))),
        (int(rng.integers(1, 1100)),),
    )
    device = DEVICES[pick(rng, *PLAYED)]
    current = rng.uniform(-5, 9e-3, pick(rng, *shapes)).astype(pick(rng, "f4", "f8", "f8"))
    if rng.random() < 0.1 and current.size:
        current.reshape(-1)[rng.integers(current.size)] = np.nan
    hold = 1e-7
    if hasattr(device, "delay"):
        current, hold = np.abs(current), device.delay / int(rng.integers(1, 50))
    payload = f"{device}, {current.shape} {current.dtype}, {hold}".encode()
    try:
        simulate(device, current, hold, out=pick(rng, None, np.empty_like(current)))
    except Exception as error:
        return judged(error, "simulated", payload)
    return OK


def observed(seed: int, number: int) -> Outcome:
    """Everything that can be read of an oscillator."""
    rng = generator(seed, "observed", number)
    shape = int(rng.integers(1, 4)), int(rng.integers(0, 200))
    current = rng.uniform(0, 9e-3, shape)
    try:
        noise = pick(rng, 0.0, 1e-5)
        observe(DEVICES["torrejon2017"], current, 1e-7, thermal_noise=noise, random_state=0)
    except Exception as error:
        return judged(error, "observed", f"{shape}".encode())
    return OK


def heard(seed: int, number: int) -> Outcome:
    """Clips of any length."""
    rng = generator(seed, "heard", number)
    clips = [rng.normal(size=int(rng.integers(1, 3000))) for _ in range(2)]
    front = pick(rng, Cochleagram(8000), Cochleagram(8000, model="lyon"), MFCC(8000))
    try:
        front.fit_transform(clips)
    except Exception as error:
        lengths = [len(clip) for clip in clips]
        return judged(error, "heard", f"{front}, clips of {lengths} samples".encode())
    return OK


if __name__ == "__main__":
    attempts = {
        "played": played,
        "simulated": simulated,
        "observed": observed,
        "heard": heard,
    }
    main(
        __file__,
        {name: Part(attempt, case_seconds=120) for name, attempt in attempts.items()},
    )
