"""Are the answers of devices those of recursions, integrators and exact integrals?

"delayed" is delay nodes against their recursion, "locked" a phase-locked oscillator against
scipy's DOP853, "measured" a table at rest, "observed" what `observe` reads against the
integral of the exact flow.
"""

import dataclasses

import mpmath
import numpy as np
from harness import OK, Outcome, Part, generator, judged, main, pick
from scipy.integrate import solve_ivp

from reservoir import SpinTorqueOscillator, observe, simulate
from reservoir.devices import (
    MackeyGlassNode,
    MeasuredOscillator,
    OptoelectronicNode,
    PhaseLockedOscillator,
)

TIGHT = {"method": "DOP853", "rtol": 1e-10, "atol": 1e-12}


def delay_node(rng: np.random.Generator, delay: float, response_time: float):
    """A node with delay, and its nonlinear function."""
    shared = {
        "delay": delay,
        "response_time": response_time,
        "start": float(rng.uniform(0, 1)),
    }
    if rng.random() < 0.5:
        exponent = pick(rng, 1.0, 2.0, 7.0, 9.65, 10.0, 0.5)
        node = MackeyGlassNode(
            strength=float(rng.uniform(0.1, 2)), exponent=exponent, **shared
        )
        return node, lambda y: y / (1 + np.abs(y) ** exponent)
    phase = float(rng.uniform(-3, 3))
    node = OptoelectronicNode(strength=float(rng.uniform(0.1, 1.2)), phase=phase, **shared)
    return node, lambda y: np.sin(y + phase) ** 2


def delayed(seed: int, number: int) -> Outcome:
    """Delay nodes, held by held, against their recursion."""
    rng = generator(seed, "delayed", number)
    holds, n, rows = int(rng.integers(1, 30)), int(rng.integers(1, 40)), pick(rng, 1, 3, 33)
    delay = float(10 ** rng.uniform(-9, 2))
    h = delay / holds
    node, function = delay_node(rng, delay, float(h * 10 ** rng.uniform(-2, 3)))
    drive = rng.normal(size=(rows, n)) * 10 ** rng.uniform(-2, 1)
    payload = f"{node}, {h!r}, {drive.tolist()}".encode()
    try:
        got = simulate(node, drive, h)
    except Exception as error:
        return judged(error, "delayed", payload)
    wanted = delayed_answer(node, function, drive, h, holds)
    # A chaotic node makes much of the last digit of its drive.
    moved = delayed_answer(node, function, drive * (1 + 1e-15), h, holds)
    size = max(1, np.abs(wanted).max())
    error, allowed = np.abs(got - wanted).max() / size, np.abs(moved - wanted).max() / size
    name = type(node).__name__
    if error < 1e-8 + 100 * allowed:
        return OK
    return Outcome("wrong", f"{name} is off", f"{error:.3g}", payload)


def delayed_answer(node, function, drive: np.ndarray, h: float, holds: int) -> np.ndarray:
    """The recursion of a delay node, held by held."""
    rows, n = drive.shape
    decay = np.exp(-h / node.response_time)
    answer = np.empty((rows, n))
    last = start = np.full(rows, node.start)
    for k in range(n):
        past = answer[:, k - holds] if k >= holds else start
        last = decay * last + (1 - decay) * node.strength * function(past + drive[:, k])
        answer[:, k] = last
    return answer


def locked(seed: int, number: int) -> Outcome:
    """An oscillator that is locked to a source, against an integrator."""
    rng = generator(seed, "locked", number)
    base = PhaseLockedOscillator.from_preset("markovic2019")
    device = dataclasses.replace(
        base,
        read=pick(rng, "phase", "amplitude", "frequency"),
        force=float(base.force * 10 ** rng.uniform(-1, 0.5)),
        nonlinear_frequency_shift=float(rng.normal() * 2e6),
    )
    detunings = rng.uniform(-2, 2, 6) * device.locking_half_width
    h = float(10 ** rng.uniform(-7.3, -6))
    payload = f"{device}, {h!r}, {detunings.tolist()}".encode()
    try:
        got = simulate(device, detunings[None], h)[0]
    except Exception as error:
        return judged(error, "locked", payload)
    wanted = locked_answer(device, detunings, h)
    if device.read == "phase":  # it counts modulo a turn, ahead of the source
        error = min(np.abs(np.angle(np.exp(1j * (got - s * wanted)))).max() for s in (1, -1))
    else:
        error = np.abs(got - wanted).max()
        error /= device.locking_half_width if device.read == "frequency" else 1.0
    if error > 2e-3:
        note = f"{error:.3g}: {got} in place of {wanted}"
        return Outcome("wrong", f"the {device.read} when locked is off", note, payload)
    return OK


def locked_answer(device, detunings, h: float) -> np.ndarray:
    """What is read of a locked oscillator after each hold, by an integrator."""
    rest = device.growth_rate / device.saturation_rate
    shift = 2 * np.pi * device.nonlinear_frequency_shift

    def slope(_, c, detuning):
        p = np.abs(c) ** 2
        own = 0.5 * (device.growth_rate - device.saturation_rate * p)
        turn = shift * (p - rest) - 2 * np.pi * detuning
        return (own - 1j * turn) * c + device.force

    c = solve_ivp(slope, (0, 1.2e-3), [np.sqrt(rest) + 0j], args=(0.0,), **TIGHT).y[:, -1]
    answers = []
    for detuning in detunings:
        path = solve_ivp(slope, (0, h), c, args=(detuning,), max_step=h / 40, **TIGHT).y
        turned = np.sum(np.angle(path[0, 1:] / path[0, :-1]))
        c = path[:, -1]
        found = {"phase": np.angle(c[0]), "amplitude": abs(c[0])}
        found["frequency"] = detuning - turned / (2 * np.pi * h)
        answers.append(found[device.read])
    return np.array(answers)


def measured(seed: int, number: int) -> Outcome:
    """A measured device rests at the amplitudes of its table."""
    rng = generator(seed, "measured", number)
    m = int(rng.integers(3, 9))
    current = np.sort(rng.uniform(1e-3, 8e-3, m))
    amplitude = np.maximum(0, np.sort(rng.uniform(-0.002, 0.012, m)))
    times = rng.uniform(1e-7, 1e-6, m)
    threshold = float(rng.uniform(1e-3, 6e-3))
    payload = f"{current}, {amplitude}, {times}, {threshold}".encode()
    held = rng.uniform(current[0], current[-1], (2, 30))
    try:
        columns = (tuple(column.tolist()) for column in (current, amplitude, times))
        device = MeasuredOscillator(*columns, threshold_current=threshold)
        got = simulate(device, held, 2e-3)
    except Exception as error:
        return judged(error, "measured", payload)
    rest = np.interp(held, current, amplitude)
    # After thousands of relaxation times it rests, wherever it oscillates at all.
    far = (held > threshold) & (rest > 0)
    error = np.abs(got - rest)[far].max(initial=0) / 0.012
    if not np.isfinite(got).all() or error > 1e-6:
        return Outcome("wrong", "no rest at the table's amplitude", f"{error:.3g}", payload)
    return OK


def observed(seed: int, number: int) -> Outcome:
    """Mean power, mean frequency and phase, against the integral of the exact flow."""
    rng = generator(seed, "observed", number)
    oscillator = SpinTorqueOscillator(
        3.5e-3,
        1.2e6,
        float(rng.uniform(-0.5, 3)),
        frequency=3e8,
        nonlinear_frequency_shift=float(rng.normal() * 1e7),
        current_tuning=float(rng.normal() * 1e9),
        power_floor=float(10 ** rng.uniform(-12, -3)),
    )
    currents = rng.uniform(0.2, 3, int(rng.integers(1, 6))) * oscillator.threshold_current
    h, start = float(10 ** rng.uniform(-9, -5.5)), float(10 ** rng.uniform(-8, 0))
    payload = f"{oscillator}, {currents.tolist()}, {h!r}, {start!r}".encode()
    try:
        got = observe(oscillator, currents, h, initial_power=start)
    except Exception as error:
        return judged(error, "observed", payload)
    amplitude = simulate(oscillator, currents, h, initial_power=start)
    if np.abs(got.amplitude / amplitude - 1).max() > 1e-12:
        return Outcome("wrong", "the amplitude is not that of simulate", "", payload)
    power, phase = start, 0.0
    for k, current in enumerate(currents):
        mean = mean_power(oscillator, current, h, power)
        detuned = oscillator.current_tuning * (current - oscillator.threshold_current)
        frequency = oscillator.nonlinear_frequency_shift * mean + detuned
        phase += 2 * np.pi * frequency * h
        power = amplitude[k] ** 2
        floored = bool(power <= oscillator.power_floor * (1 + 1e-9))
        for name, value, unit in (
            ("power", mean, max(mean, 1e-6)),
            ("frequency", frequency, 1e6),
            ("phase", phase, 1.0),
        ):
            found = getattr(got, name)[k]
            if abs(found - value) > 1e-5 * unit + 1e-9 * abs(value):
                kind = f"the {name}{' of a hold that ends at the floor' * floored} is off"
                note = f"hold {k}: {found!r} in place of {value!r}"
                return Outcome("wrong", kind, note, payload)
    return OK


def mean_power(oscillator, current: float, h: float, power: float) -> float:
    """Mean power during a hold: dp/dt = a p - b p^2 integrates to a logarithm.

    The floor bounds the power at the end of a hold only, so it is no part of the integral.
    """
    rates = oscillator.growth_rate(current), oscillator.saturation_rate(current)
    a, b, h, p = (mpmath.mpf(float(value)) for value in (*rates, h, power))
    grown = mpmath.expm1(a * h) / a if a else h
    return float((mpmath.log1p(b * p * grown) / b if b else p * grown) / h)


if __name__ == "__main__":
    attempts = {
        "delayed": delayed,
        "locked": locked,
        "measured": measured,
        "observed": observed,
    }
    main(__file__, {name: Part(attempt) for name, attempt in attempts.items()})
