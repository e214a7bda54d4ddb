"""Do all instruction sets and numbers of threads give the same answers?

A set is chosen when the package is imported, so each answers the same questions in a process
of its own. Sets may differ in the last digits, since some fuse products; what feeds back or
couples may amplify that, and has a wider bound. Oscillators that push each other apart can be
chaotic. How far such states run apart is seen from a second answer, to inputs that differ in
their last digits, and sets may differ by ten times as much. Two threads are those of the
library of linear algebra, which adds up in another order in each run when the range of a
drive is learned. A parameter in single precision may then round the other way, so they have a
bound of their own.
"""

import os
import subprocess
import sys

import numpy as np
from devices import device
from harness import OK, Outcome, Part, generator, main, pick, scratch
from random_estimators import network, reservoir_parameters, sequences

from reservoir import SpinTorqueOscillator, TimeMultiplexedReservoir, _core, observe, simulate

FOLDER = scratch("sets")
# The threads that each may use; the last has the set that is chosen when nobody asks.
SETS = {**dict.fromkeys(_core.available_instruction_sets(), "1"), "two threads": "2"}
THREADS_TOLERANCE = 1e-6  # relative
QUESTIONS_PER_CASE = 16
SWAY = "sway"  # how far an answer moves with the last digits of its input, relative
MORE_THAN_SWAY = 10.0  # by which sets may differ
REFUSALS = ValueError, RuntimeError, TypeError


def simulated(rng):
    """Held currents."""
    oscillator = device(rng)
    shape = int(rng.integers(1, 40)), int(rng.integers(1, 700))
    current = rng.uniform(-10, 1.7, shape) * oscillator.threshold_current
    current = current.astype(pick(rng, np.float64, np.float64, np.float32))
    got = simulate(
        oscillator, current, float(10 ** rng.uniform(-2, 2) / oscillator.damping_rate)
    )
    return f"simulate {got.dtype}", 1e-12 if got.dtype == np.float64 else 2e-7, got


def observed(rng):
    """Everything that can be read of an oscillator."""
    oscillator = SpinTorqueOscillator.from_preset("torrejon2017")
    current = rng.uniform(0.3, 3, (3, 50)) * oscillator.threshold_current
    noise = pick(rng, 0.0, 1e-5)
    got = observe(oscillator, current, 1e-7, thermal_noise=noise, random_state=1)
    turned = np.exp(1j * got.phase)
    answer = [got.amplitude, got.power, got.frequency / 1e8, turned.real, turned.imag]
    return "observe", 1e-10, np.stack(answer)


def networked(rng):
    """Networks of oscillators."""
    net = network(rng).set_params(features=["amplitude", "coherence"])
    X = rng.uniform(340e6, 360e6, (9, 2))
    single = np.dtype(net.dtype) == np.float32
    return f"network {np.dtype(net.dtype)}", 5e-3 if single else 1e-9, net.fit(X).transform(X)


def played(rng):
    """States of reservoirs."""
    X = sequences(rng)
    p = reservoir_parameters(rng, X[0].shape[1])
    p.pop("bits", None)  # a step of the converter is no small difference
    single = np.dtype(p.get("dtype", "float64")) == np.float32
    states = states_of(p, X)
    mixed = [
        name
        for name in ("loop_gain", "feedback_gain", "coupling")
        if np.any(np.asarray(p.get(name, 0)) != 0)
    ]
    read = p.get("read", "amplitude")
    label = " ".join(["reservoir", "single" if single else "double", read, *mixed])
    loose = bool(mixed) or read != "amplitude"
    tolerance = (1e-2 if single else 1e-7) if loose else (1e-4 if single else 1e-11)
    if not mixed:
        return label, tolerance, states
    last_digit = 4 * np.finfo(np.float32 if single else float).eps
    nudged = [x + last_digit * np.abs(x).max() * rng.choice([-1, 1], x.shape) for x in X]
    sway = relative(states_of(p, nudged), states)
    return label, tolerance, states, sway


def states_of(parameters, X):
    """States of all sequences, one after the other."""
    states = TimeMultiplexedReservoir(**parameters).fit(X).transform(X)
    return np.concatenate([np.ravel(s) for s in states]).astype(float)


def relative(values, reference):
    """Largest difference, over the largest value."""
    size = max(np.abs(reference).max(initial=0), 1e-12)
    return np.abs(values - reference).max(initial=0) / size


def answers(seed: int, number: int) -> dict[str, np.ndarray]:
    """Answers to the questions of a case, by label and tolerance."""
    found = {}
    for index in range(QUESTIONS_PER_CASE):
        rng = generator(seed, "sets", number * QUESTIONS_PER_CASE + index)
        ask = (simulated, observed, networked, played)[index % 4]
        try:
            label, tolerance, values, *sway = ask(rng)
        except REFUSALS:
            label, tolerance, values, sway = "refused", 1, np.zeros(1), []
        found[f"{index}|{label}|{tolerance}"] = values
        found |= {f"{index}|{SWAY}": each for each in sway}
    return found


def attempt(seed: int, number: int) -> Outcome:
    """Ask all sets that this processor has; they must agree."""
    found = {}
    for name, threads in SETS.items():
        path = FOLDER / f"answers-{os.getpid()}-{name.replace(' ', '-')}.npz"
        environment = os.environ | {"OMP_NUM_THREADS": threads, "FUZZ_ANSWERS": str(path)}
        environment["FUZZ_QUESTION"] = f"{seed} {number}"
        chosen = _core.instruction_set if name == "two threads" else name
        environment["RESERVOIR_INSTRUCTION_SET"] = chosen
        run = subprocess.run(
            [sys.executable, __file__], env=environment, capture_output=True, text=True
        )
        if run.returncode:
            return Outcome("unclear", f"{name} ends with an error", run.stderr[-300:])
        with np.load(path) as file:
            found[name] = dict(file)
    return compared(found)


def compared(found: dict[str, dict[str, np.ndarray]]) -> Outcome:
    """The first two sets that disagree."""
    reference = found[_core.instruction_set]
    for name, values in found.items():
        if values.keys() != reference.keys():
            return Outcome("wrong", f"{name} refuses what another set takes")
        for key, value in values.items():
            index, label, *tolerance = key.split("|")
            if label == SWAY:
                continue
            error = relative(value, reference[key])
            sway = float(reference.get(f"{index}|{SWAY}", 0))
            limit = max(float(*tolerance), MORE_THAN_SWAY * sway)
            if name == "two threads":
                limit = max(limit, THREADS_TOLERANCE)
            if not error <= limit:
                return Outcome("wrong", f"{label}: {name} differs", f"{key}: {error:.3g}")
    return OK


if __name__ == "__main__":
    if "FUZZ_QUESTION" in os.environ:
        import warnings

        warnings.simplefilter("ignore")
        chosen_seed, chosen_number = map(int, os.environ["FUZZ_QUESTION"].split())
        np.savez(os.environ["FUZZ_ANSWERS"], **answers(chosen_seed, chosen_number))
        FOLDER.rmdir()
    else:
        main(__file__, {"sets": Part(attempt, case_seconds=240)})
