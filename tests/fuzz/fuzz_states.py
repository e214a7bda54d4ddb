"""Are the states of reservoirs those of a plain loop, and of coupled ones those of scipy?

"single" compares `TimeMultiplexedReservoir` with a loop in Python: taps, bias, feedback,
limits. "coupled" compares several oscillators with scipy's DOP853, and "network" an
`OscillatorNetwork`.
"""

import numpy as np
from devices import device
from harness import OK, Outcome, Part, generator, judged, main, pick
from scipy.integrate import solve_ivp

from reservoir import OscillatorNetwork, SpinTorqueOscillator, TimeMultiplexedReservoir
from reservoir.couplings import spread_phases
from reservoir.devices import VortexOscillator

TIGHT = {"method": "DOP853", "rtol": 1e-9, "atol": 1e-11}
# What the package may be off by at the end of one hold of coupled oscillators: z^5/120, by
# which a step of fourth order over a change of z = 0.5, the largest that it makes, is off.
HOLD_ERROR = 0.5**5 / 120
DISTANCE = 1e-6  # of neighbours, with which a Jacobian matrix is found
MOST_REACH = 0.05  # of an error, up to which it grows linearly


def looped(estimator, frames: np.ndarray) -> np.ndarray:
    """Every node of one sequence, one after the other."""
    drive, oscillator, h = estimator.drive_, estimator.oscillator_, estimator.node_time_
    rates = oscillator.rate_coefficients()
    masked = drive.masked(np.asarray(frames, float)) * drive.gain + drive.offset
    if len(drive.bias):
        masked = masked + drive.bias
    start = np.sqrt(drive.initial_power)
    q, history = 1 / drive.initial_power, []
    for k, current in enumerate(masked.ravel()):
        for delay in drive.delays:
            past = history[k - delay] if k >= delay else start
            current += drive.feedback / len(drive.delays) * (past - drive.reference)
        current = min(max(current, drive.lowest), drive.highest)
        growth = rates.growth_slope * current + rates.growth_offset
        saturation = rates.saturation_slope * current + rates.saturation_offset
        x = min(-growth * h, 700.0)
        grown = np.expm1(x) / x if x else 1.0
        q = min(np.exp(x) * q + saturation * h * grown, 1 / oscillator.power_floor)
        history.append(1 / np.sqrt(q))
    return np.reshape(history, masked.shape)


def single_parameters(rng: np.random.Generator) -> dict:
    """Parameters whose states a plain loop can find."""
    oscillator = device(rng)
    while oscillator.power_floor > 1e-3:
        oscillator = device(rng)
    if rng.random() < 0.4:
        oscillator = SpinTorqueOscillator.from_preset("torrejon2017")
    n = int(rng.integers(1, 140))
    p = {"oscillator": oscillator, "n_nodes": n, "random_state": int(rng.integers(1e6))}
    p["mask"] = pick(rng, "binary", "sparse", "uniform", "maximum_length")
    p["context"] = pick(rng, (), (1,), (3, 1))
    p["standardize"] = bool(rng.random() < 0.5)
    if isinstance(oscillator, VortexOscillator):
        p["drive_range"] = pick(rng, (0.6, 1.6), (-5.0, 1.7))
    elif rng.random() < 0.5:
        p["drive_range"] = pick(rng, (-5.0, 8.0), (0.99, 1.01), (0.5, 10.0), (-10.0, 10.0))
    if rng.random() < 0.4:
        p["node_time"] = float(10 ** rng.uniform(-3, 3) / oscillator.damping_rate)
    if rng.random() < 0.4:
        p["node_bias"] = float(rng.uniform(0, 0.5))
    if rng.random() < 0.5:
        p["loop_gain"] = float(rng.uniform(-0.2, 0.2))  # beyond, a node may be chaotic
        p["feedback_delay"] = pick(rng, None, (n, n + 1), 1, int(rng.integers(1, 40)))
        low, high = p.get("drive_range", (0.6, 1.6))
        p["current_limits"] = (low - 0.2, high + 0.2)
    p["dtype"] = pick(rng, "float64", "float64", "float32")
    return p


def single(seed: int, number: int) -> Outcome:
    """One oscillator, against the loop."""
    rng = generator(seed, "single", number)
    p, channels = single_parameters(rng), int(rng.integers(1, 20))
    lengths = rng.integers(1, 5, int(rng.integers(1, 36)))
    X = [rng.normal(size=(length, channels)) for length in lengths]
    payload = f"{p}, {len(X)} sequences of {channels} channels".encode()
    estimator = TimeMultiplexedReservoir(**p)
    try:
        states = estimator.fit(X).transform(X)
    except Exception as error:
        return judged(error, "single", payload)
    which = int(rng.integers(len(X)))
    precise = p["dtype"] == "float64"
    frames = X[which] if precise else X[which].astype(np.float32).astype(float)
    wanted = looped(estimator, frames)
    if not np.isfinite(states[which]).all():
        return Outcome("wrong", "states are not finite", p["dtype"], payload)
    error = np.abs(states[which] - wanted).max() / max(np.abs(wanted).max(), 1e-12)
    span = max(abs(estimator.drive_.lowest), abs(estimator.drive_.highest))
    span /= p["oscillator"].threshold_current
    stiff = p["oscillator"].damping_rate * estimator.node_time_ * (1 + span)
    allowed = 1e-11 * (1 + stiff * 1e-2) if precise else 6e-5 * (1 + stiff)
    if error > allowed:
        note = f"relative {error:.3g}, allowed {allowed:.3g}"
        return Outcome("wrong", f"states off by 1e{np.log10(error):.0f}", note, payload)
    return OK


def coupled(seed: int, number: int) -> Outcome:
    """Several oscillators in one reservoir, against an integrator."""
    rng = generator(seed, "coupled", number)
    m, n = int(rng.integers(2, 4)), int(rng.integers(2, 5))
    k = (rng.normal(size=(m, m)) + 1j * rng.normal(size=(m, m))) * 10 ** rng.uniform(3, 5.7)
    np.fill_diagonal(k, 0)
    estimator = TimeMultiplexedReservoir(
        n_nodes=n,
        n_oscillators=m,
        coupling=k,
        detuning=float(rng.normal() * 2e5),
        random_state=0,
        drive_range=(1.05, 2.0),
    )
    X = [rng.normal(size=(3, 2)) for _ in range(4)]
    payload = f"{estimator.get_params(deep=False)}".encode()
    try:
        states = estimator.fit(X).transform(X)[0]
    except Exception as error:
        return judged(error, "coupled", payload)
    wanted, reach = integrated(estimator, X[0])
    error = np.abs(states - wanted)
    # Farther apart, two solutions no longer separate linearly, and the bound proves nothing.
    off = (error > reach) & (reach < MOST_REACH)
    if not np.isfinite(states).all() or off.any():
        worst = np.argmax(np.where(off, error / reach, 0))
        note = f"{error.flat[worst]:.3g}, allowed {reach.flat[worst]:.3g}"
        return Outcome("wrong", "coupled: off by more than errors grow", note, payload)
    return OK


def integrated(estimator, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The states of coupled oscillators by scipy's integrator, and how far they may be off.

    Strongly coupled oscillators can be chaotic: what one hold is off by grows in the next
    ones, in the equations themselves. So each hold is integrated for neighbours of the
    solution too, which gives its Jacobian matrix. With it the covariance of errors is carried
    from hold to hold, and every hold adds a new error of `HOLD_ERROR` in each direction.
    """
    oscillator, n, m = estimator.oscillator_, estimator.n_nodes, estimator.n_oscillators
    exchange = estimator.ensemble_.exchange()
    c = estimator.ensemble_.beginning(estimator.drive_.initial_power)
    shift = 2 * np.pi * oscillator.nonlinear_frequency_shift
    currents = estimator.drive_.currents(frames)
    states, reach = np.empty((2, len(frames), m * n))
    aside = DISTANCE * np.concatenate([np.zeros((1, m)), np.eye(m), 1j * np.eye(m)])
    covariance = np.zeros((2 * m, 2 * m))

    def slope(_, flat, growth, saturation):
        c = flat.reshape(-1, m)
        p = np.abs(c) ** 2
        turn = shift * (p - p.mean(axis=1, keepdims=True))
        return ((growth / 2 - saturation / 2 * p - 1j * turn) * c + c @ exchange.T).ravel()

    for t, i in np.ndindex(len(frames), n):
        current, start = currents[t, i], (c + aside).ravel()
        rates = oscillator.growth_rate(current), oscillator.saturation_rate(current)
        held = solve_ivp(slope, (0, estimator.node_time_), start, args=rates, **TIGHT)
        c, *neighbours = held.y[:, -1].reshape(-1, m)
        moved = (np.array(neighbours) - c).T / DISTANCE
        jacobian = np.concatenate([moved.real, moved.imag])
        covariance = jacobian @ covariance @ jacobian.T + HOLD_ERROR**2 * np.eye(2 * m)
        outwards = np.hstack([np.diag(part / np.abs(c)) for part in (c.real, c.imag)])
        states[t, i::n] = np.abs(c)
        reach[t, i::n] = np.sqrt(np.diag(outwards @ covariance @ outwards.T))
    return states, reach


def network(seed: int, number: int) -> Outcome:
    """A network under sources, against an integrator."""
    rng = generator(seed, "network", number)
    n = pick(rng, 1, 2, 3, 4, 5, 34)
    net = OscillatorNetwork(
        n_oscillators=n,
        coupling=complex(rng.normal(), rng.normal()) * 3e5 / n,
        settling_time=0.0,
        measuring_time=4e-7,
        injection=float(rng.uniform(0, 2e7)),
        frequencies=355e6 + rng.uniform(-2e7, 2e7, n),
    )
    X = rng.uniform(345e6, 365e6, (2, 2))
    payload = f"{net.get_params()}, {X.tolist()}".encode()
    try:
        time, record, reference = net.simulate(X, duration=4e-7, steps_per_record=10)
    except Exception as error:
        return judged(error, "network", payload)
    oscillator = net._device()
    bias = 2 * oscillator.threshold_current
    growth, saturation = oscillator.growth_rate(bias), oscillator.saturation_rate(bias)
    rest = oscillator.stationary_power(bias)
    turn = 2 * np.pi * (net.natural_frequencies() - reference)
    shift = 2 * np.pi * oscillator.nonlinear_frequency_shift
    tones = 2 * np.pi * (X[0] - reference)
    coupling = net.coupling * (1 - np.eye(n))

    def slope(t, c):
        p = np.abs(c) ** 2
        own = growth / 2 - saturation / 2 * p - 1j * (turn + shift * (p - rest))
        force = net.injection * np.sqrt(rest) * np.exp(-1j * tones * t).sum()
        return own * c + coupling @ c + force

    start = np.sqrt(rest) * spread_phases(n)
    wanted = solve_ivp(slope, (0, time[-1]), start, t_eval=time, **TIGHT).y.T
    error = np.abs(record[0] - wanted).max()
    if error > 2e-2:
        return Outcome("wrong", "network: off by more than 2e-2", f"{error:.3g}", payload)
    return OK


if __name__ == "__main__":
    parts = {"single": Part(single), "coupled": Part(coupled), "network": Part(network)}
    main(__file__, parts)
