"""How far are the formulas for vortex and macrospin from their integrated equations?

    python studies/devices.py

Each line holds what the equation itself gives, what the formula says, and the difference in
per cent. `docs/devices.md` holds what it gave.
"""

import dataclasses
import math
import time

import numpy as np

from reservoir.devices import MacrospinOscillator, VortexOscillator
from reservoir.devices.macrospin import GYROMAGNETIC_RATIO as GAMMA


def row(what, found, formula, unit=""):
    error = 100 * (found / formula - 1)
    print(f"{what:48} {found:12.6g} {formula:12.6g} {unit:5} {error:+8.3f} %", flush=True)


def vortex():
    device = VortexOscillator.from_preset("grimaldi2014")
    threshold = device.threshold_current

    def orbit(z, periods, start):
        times = np.arange(40 * periods + 1) / device.stationary_frequency(z * threshold) / 40
        x, y = device.orbit(z * threshold, times, start).T
        return times, np.hypot(x, y), np.unwrap(np.arctan2(y, x))

    growth = [math.log(np.divide(*orbit(z, 20, 1e-3)[1][[-1, 0]])) for z in (0.98, 1.02)]
    crossing = 0.98 - 0.04 * growth[0] / (growth[1] - growth[0])
    row("vortex: threshold", crossing * threshold * 1e3, threshold * 1e3, "mA")
    for z in (1.05, 1.1, 1.2):
        current = z * threshold
        times, s, phase = orbit(z, 150, device.stationary_amplitude(current))
        row(
            f"vortex: orbit at {z} thresholds",
            s[-1],
            device.stationary_amplitude(current),
            "R",
        )
        frequency = (phase[-1] - phase[-400]) / (times[-1] - times[-400]) / (2 * math.pi)
        formula = device.stationary_frequency(current)
        row(f"vortex: frequency at {z} thresholds", frequency / 1e6, formula / 1e6, "MHz")
    rest, slopes = orbit(1.1, 300, device.stationary_amplitude(1.1 * threshold))[1][-1], []
    for step in (0.005, -0.005):
        times, s, _ = orbit(1.1, 40, rest + step)
        slopes.append(np.polyfit(times, np.log(np.abs(s - rest)), 1)[0])
    formula = device.relaxation_time(1.1 * threshold)
    row("vortex: relaxation at 1.1 thresholds", -1e9 / np.mean(slopes), formula * 1e9, "ns")


def macrospin():
    disc = MacrospinOscillator.from_preset("perpendicular")
    free = dataclasses.replace(
        disc, field=(0.05, 0.02, 0.3), anisotropy=(0.03, -0.02, -0.4), damping=0.0
    )
    start = np.random.default_rng(0).normal(size=(40, 3))
    path = free.trajectory(0.0, 1 / free.frequency, start, n_steps=(50, 2000))
    energies = -path @ np.array(free.field) - 0.5 * path**2 @ np.array(free.anisotropy)
    drift = np.abs(energies - energies[:, :1]).max() / np.abs(energies).max()
    print(f"macrospin: energy drift in 50 periods, 2000 steps each: {drift:.1e}")

    bent = dataclasses.replace(free, damping=0.02, asymmetry=0.3)
    exact = bent.trajectory(2e-3, 3e-10, [[0.6, 0.3, 0.5]], n_steps=(1, 20000))
    steps = np.array([40, 80, 160])
    errors = [
        np.linalg.norm(
            bent.trajectory(2e-3, 3e-10, [[0.6, 0.3, 0.5]], n_steps=(1, n)) - exact
        )
        for n in steps
    ]
    order = -np.polyfit(np.log(steps), np.log(errors), 1)[0]
    print(f"macrospin: order of the step: {order:.3f}")

    film = dataclasses.replace(
        disc, field=(0.1, 0.0, 0.0), polarizer=(1.0, 0.0, 0.0), damping=1e-4
    )
    step = 1 / film.frequency / 40
    y = film.trajectory(0.0, step, [[1.0, 0.01, 0.0]], n_steps=(400, 5))[0, :, 1]
    rises = np.flatnonzero((y[:-1] < 0) & (y[1:] >= 0))
    times = (rises - y[rises] / (y[rises + 1] - y[rises])) * step
    kittel = GAMMA * math.sqrt(0.1 * 0.9) / (2 * math.pi)
    row(
        "macrospin: resonance of a film (Kittel)",
        1e-9 / np.diff(times).mean(),
        kittel / 1e9,
        "GHz",
    )

    for name in sorted(MacrospinOscillator.presets):
        device, rates = MacrospinOscillator.from_preset(name), []
        lean = device.axis + 1e-3 * np.linalg.svd(device.axis[None])[2][1]
        for z in (0.8, 1.2):
            turns = device.trajectory(
                z * device.threshold_current,
                1 / device.frequency / 16,
                [lean],
                n_steps=(1600, 4),
            )[0].reshape(100, 16, 3)
            swing = np.linalg.norm(np.ptp(turns, axis=1), axis=1)
            rates.append(np.polyfit(np.arange(100), np.log(swing), 1)[0])
        crossing = 0.8 - 0.4 * rates[0] / (rates[1] - rates[0])
        threshold = device.threshold_current * 1e3
        row(f"macrospin: threshold of {name}", crossing * threshold, threshold, "mA")

    z = 1.2
    power = (z - 1) * 0.2 / (2 * 0.8)
    start = 1.02 * power
    lean = [[math.sqrt(1 - (1 - 2 * start) ** 2), 0.0, 1 - 2 * start]]
    step = 0.05 / disc.frequency
    path = disc.trajectory(z * disc.threshold_current, step, lean, n_steps=(20000, 5))[0]
    found = (1 - path[:, 2]) / 2
    row("macrospin: power at 1.2 thresholds", found[-1], power)
    phase = np.unwrap(np.arctan2(path[-400:, 1], path[-400:, 0]))
    frequency = abs(phase[-1] - phase[0]) / (2 * math.pi * step * 399)
    formula = GAMMA * (1 - 0.8 * (1 - 2 * power)) / (2 * math.pi)
    row("macrospin: frequency at 1.2 thresholds", frequency / 1e9, formula / 1e9, "GHz")
    slope = np.polyfit(step * np.arange(4000), np.log(found[:4000] - power), 1)[0]
    formula = (1 + 0.01**2) / (4 * 0.01 * GAMMA * 0.8 * power * (1 - power))
    row("macrospin: relaxation at 1.2 thresholds", -1e9 / slope, formula * 1e9, "ns")

    current = np.full((64, 50), 2 * disc.threshold_current)
    n_steps = disc.n_steps(1e-9)
    seconds = []
    for _ in range(5):
        begin = time.process_time()
        disc.respond(current, 1e-9)
        seconds.append(time.process_time() - begin)
    print(
        f"macrospin: {1e9 * np.median(seconds) / current.size / n_steps:.1f} ns a magnet-step"
    )


if __name__ == "__main__":
    vortex()
    macrospin()
