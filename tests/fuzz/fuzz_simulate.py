"""Are the numbers of `simulate` right, whatever array they come in, and bad ones refused?

"held" compares with the exact map in forty digits, for random devices and extreme currents.
"arrays" hands the same currents over in odd arrays, and writes into arrays of any kind. "bad"
gives arguments that no physics allows.
"""

import numpy as np
from devices import device, exact_amplitudes
from harness import (
    OK,
    REFUSED,
    Outcome,
    Part,
    generator,
    is_sentence,
    judged,
    main,
    pick,
    scratch,
    short,
)

from reservoir import SpinTorqueOscillator, simulate
from reservoir.devices import VortexOscillator

FOLDER = scratch("simulate")
OSCILLATOR = SpinTorqueOscillator.from_preset("torrejon2017")
ROUND = SpinTorqueOscillator(1.0, 1e6, 1.0, frequency=1e8, nonlinear_frequency_shift=0.0)
NEAR = (0.0, -0.0, 1.0, 1 - 1e-16, 1 + 2e-16, 5e-324, -5e-324, 10, -10, 1 - 1e-8, 1 + 1e-8)


def reduced_currents(rng: np.random.Generator) -> np.ndarray:
    """Currents over the threshold: usual, next to it, and of any size."""
    n = pick(rng, *(1, 2, 3) * 4, *(31, 32, 33) * 2, 511, 512, 513, 600)
    ways = (
        lambda: rng.uniform(-10, 10, n),
        lambda: np.array([pick(rng, *NEAR) for _ in range(n)]),
        lambda: 1 + rng.choice([-1, 1], n) * 10 ** rng.uniform(-16, 0, n),
        lambda: rng.uniform(0.5, 2, n),
        lambda: rng.choice([-1, 1], n) * 10 ** rng.uniform(-300, 30, n),
        lambda: np.repeat(rng.uniform(-10, 10, -(-n // 7)), 7)[:n],
    )
    return pick(rng, *ways)()


def held(seed: int, number: int) -> Outcome:
    """Compare with the exact map."""
    rng = generator(seed, "held", number)
    oscillator, z = device(rng), reduced_currents(rng)
    hold = pick(rng, *(float(10 ** rng.uniform(-15, 0)), 1.67 / oscillator.damping_rate) * 5)
    if rng.random() < 0.1:
        hold = pick(rng, 1e-15, 1.0, 1e-300, 1e300, 5e-324)
    if isinstance(oscillator, VortexOscillator):
        z = np.clip(z, -10, 1.7)  # beyond, the core leaves the disc
    current = z * oscillator.threshold_current
    floor = oscillator.power_floor
    power = pick(rng, floor, 1.0, float(10 ** rng.uniform(np.log10(floor), 0)))
    power = min(max(power, floor), 1.0)
    single = rng.random() < 0.25
    if single:
        with np.errstate(all="ignore"):
            current = current.astype(np.float32)
    if not np.isfinite(current).all():
        return OK
    payload = (
        f"{oscillator!r}, {current.tolist()!r} {current.dtype}, {hold!r}, {power!r}".encode()
    )
    try:
        got = simulate(oscillator, current, hold, initial_power=power)
    except Exception as error:
        return judged(error, "held", payload)
    if not np.isfinite(got).all():
        return Outcome("wrong", "not finite, without an error", f"{got[:3]}", payload)
    wanted, bound = exact_amplitudes(oscillator, current.astype(float), hold, power)
    allowed = bound + np.finfo(got.dtype).eps
    # More than 1e16 thresholds may count as 1e16, since x = -a h ends at 1e36 and h at 1e20
    # relaxations. Their powers at rest lie between 1 - (1 + Q)/1e16 and 1.
    quality = abs(getattr(oscillator, "nonlinear_damping", 0.0))
    allowed += np.where(np.abs(z) > 1e16, (1 + quality) * 1e-16, 0.0)
    relative = np.abs(got - wanted) / np.abs(wanted)
    if (relative > allowed).any():
        at = int(np.argmax(relative / allowed))
        size = int(np.floor(np.log10(relative[at])))
        note = f"step {at}: {got[at]!r} in place of {wanted[at]!r}, allowed {allowed[at]:.3g}"
        return Outcome("wrong", f"off by 1e{size}{', single' * single}", note, payload)
    if (got < np.sqrt(floor) * (1 - 1e-6)).any() or (got > 1 + 1e-6).any():
        return Outcome(
            "wrong", "outside of the floor and 1", f"{got.min()}, {got.max()}", payload
        )
    return OK


# ---------------------------------------------------------------------- arrays


def strided(clean, rng):
    wide = np.full(tuple(2 * n for n in clean.shape), np.nan, clean.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in clean.shape)]
    view[...] = clean
    return view


def frozen(clean, rng):
    other = clean.copy()
    other.flags.writeable = False
    return other


def unaligned(clean, rng):
    raw = np.zeros(clean.nbytes + 16, np.uint8)
    shift = int(rng.integers(1, clean.itemsize))
    other = raw[shift : shift + clean.nbytes].view(clean.dtype).reshape(clean.shape)
    other[...] = clean
    return other


def mapped(clean, rng):
    shape = clean.shape if clean.size else (1,)
    other = np.memmap(FOLDER / "mapped", dtype=clean.dtype, mode="w+", shape=shape)
    if clean.size:
        other[...] = clean
    return other


def series(clean, rng):
    import pandas

    return pandas.Series(clean.reshape(-1), dtype=clean.dtype)


def no_stride(clean, rng):
    if not clean.size:
        return clean
    return np.lib.stride_tricks.as_strided(clean.reshape(-1)[:1], (5,), (0,))


def masked(clean, rng):
    return np.ma.masked_array(clean, rng.random(clean.shape) < 0.3)


SAME = {
    "Fortran": lambda clean, rng: np.asfortranarray(clean),
    "strided": strided,
    "backwards": lambda clean, rng: np.ascontiguousarray(clean[..., ::-1])[..., ::-1],
    "frozen": frozen,
    "subclass": lambda clean, rng: clean.view(type("Sub", (np.ndarray,), {})),
    "mapped": mapped,
    "broadcast": lambda clean, rng: np.broadcast_to(clean, (2, *clean.shape)),
    "transposed": lambda clean, rng: clean.T.copy().T,
    "no stride": no_stride,
}
OTHERS = {  # may be refused in a sentence
    "other byte order": lambda clean, rng: clean.astype(clean.dtype.newbyteorder(">")),
    "unaligned": unaligned,
    "list": lambda clean, rng: clean.tolist(),
    "half precision": lambda clean, rng: (clean * 1e3).astype(np.float16),
    "extended": lambda clean, rng: clean.astype(np.longdouble),
    "integers": lambda clean, rng: np.rint(clean * 1e3).astype(pick(rng, "i1", "i8", ">i4")),
    "objects": lambda clean, rng: clean.astype(object),
    "masked": masked,
    "pandas": series,
}
NEVER = {  # must be refused if there is anything in them
    "booleans": lambda clean, rng: clean > 0.005,
    "complex": lambda clean, rng: clean + 1j,
    "texts": lambda clean, rng: clean.astype("U"),
    "bytes": lambda clean, rng: clean.astype("S"),
    "dates": lambda clean, rng: (clean * 1e6).astype("M8[D]"),
    "durations": lambda clean, rng: (clean * 1e6).astype("m8[s]"),
    "objects with a date": lambda clean, rng: np.full(
        clean.shape, np.datetime64("2020"), object
    ),
}


def arrays(seed: int, number: int) -> Outcome:
    """The same currents in an odd array, and the answer in an array of the caller's."""
    rng = generator(seed, "arrays", number)
    shapes = (
        (7,),
        (3, 5),
        (2, 3, 4),
        (1,),
        (0,),
        (3, 0),
        (0, 3),
        (1, 1, 600),
        (33, 2),
        (2, 513),
    )
    shape, dtype = pick(rng, *shapes), pick(rng, np.float64, np.float32)
    clean = (rng.uniform(0, 3, shape) * 3.5e-3).astype(dtype)
    how = pick(rng, *SAME, *OTHERS, *NEVER)
    current = (SAME | OTHERS | NEVER)[how](clean, rng)
    payload = f"{how}, {np.dtype(dtype).name} {shape}".encode()
    forbidden = how in NEVER or how == "masked" and current.mask.any()
    if forbidden:
        return never_taken(current, how, payload)
    oscillator = ROUND if how in ("half precision", "integers") else OSCILLATOR
    native = np.asarray(current).dtype == np.float32
    values = np.array(current, dtype=np.float32 if native else np.float64)
    reference = simulate(oscillator, values, 1e-7)
    before = np.array(current).tobytes()
    try:
        got, mode = ask(rng, oscillator, current, values, reference)
    except Exception as error:
        if how in OTHERS or "unaligned" in str(error):
            return judged(error, f"arrays: {how}", payload)
        return Outcome("unclear", f"arrays: {how} is refused", short(error), payload)
    if mode == "plain" and np.array(current).tobytes() != before:
        return Outcome("wrong", "the input was changed", how, payload)
    if np.asarray(got).tobytes() != reference.reshape(np.shape(got)).tobytes():
        return Outcome("wrong", f"other numbers: {how}, {mode}", "", payload)
    return OK


def never_taken(current, how: str, payload: bytes) -> Outcome:
    """What is no number must be refused."""
    try:
        simulate(OSCILLATOR, current, 1e-7)
    except Exception as error:
        return judged(error, f"arrays: {how}", payload)
    if np.size(current) == 0:
        return OK
    return Outcome("wrong", f"{how} are taken for currents", repr(current)[:80], payload)


def ask(rng, oscillator, current, values, reference):
    """The answer by one of the ways in which it can be asked for, and the way's name."""
    mode = pick(rng, "plain", "out", "in place", "overlapping", "unaligned out")
    if mode == "plain":
        return simulate(oscillator, current, 1e-7), mode
    if mode == "out":
        out = np.empty_like(reference)
        got = simulate(oscillator, current, 1e-7, out=out)
        return (got if got is out else np.full_like(reference, np.nan)), mode
    if mode == "in place":
        own = np.ascontiguousarray(values, reference.dtype)
        return simulate(oscillator, own, 1e-7, out=own), mode
    if mode == "overlapping":
        n, shift = reference.size, int(rng.integers(1, 9))
        buffer = np.zeros(n + 9, reference.dtype)
        a, b = pick(rng, (0, shift), (shift, 0))
        source = buffer[a : a + n].reshape(reference.shape)
        source[...] = values
        out = buffer[b : b + n].reshape(reference.shape)
        return simulate(oscillator, source, 1e-7, out=out), mode
    out = unaligned(reference, rng)
    try:
        return simulate(oscillator, current, 1e-7, out=out), mode
    except ValueError as error:
        if is_sentence(error):
            return reference, mode
        raise


# ---------------------------------------------------------------------- bad arguments


class Weird:
    """Something that claims to be a number."""

    def __float__(self):
        """One."""
        return 1e-7

    def __repr__(self):
        """No address, so that messages are the same in each run."""
        return "Weird()"


GOOD = {"oscillator": OSCILLATOR, "current": np.full(4, 5e-3), "hold_time": 1e-7}
BAD = {
    "hold_time": [
        *(0, -1.0, np.nan, np.inf, -0.0, 1j, True, False, 10**400, None, "1e-7", b"x", "abc"),
        *([1e-7], np.array([1e-7, 1e-7]), np.array([]), {}, np.datetime64("2020"), Weird()),
    ],
    "initial_power": [
        *(0, -1, 2, np.nan, 1j, True, 1e-30, "x", "0.5", b"0.5", {}, [None], [0.1] * 3),
        *([[0.1, 0.1]],),
    ],
    "current": [
        *(None, "x", "5e-3", True, 5e-3, {}, ["5e-3", "6e-3"], [None], [True, False]),
        *([[1, 2], [3]], [np.nan], [np.inf, 1], [-np.inf], {1.0}, np.array(["a"])),
        *(np.array([1 + 2j]), np.array(["2020"], "M8[D]"), np.array([b"5"])),
        *(np.array([1], "m8[s]"), np.zeros((2, 2), dtype=[("a", "f8")])),
        *(np.ma.masked_array([5e-3, 1.0], [0, 1]),),
    ],
    "oscillator": [None, "torrejon2017", 5, type(OSCILLATOR), {}, [OSCILLATOR], Weird()],
    "out": [
        *(np.empty(4, ">f8"), np.empty(4, "i8"), np.empty((4, 1)), np.empty(4, np.float32)),
        *(np.empty(8)[::2], np.broadcast_to(np.zeros(()), 4), [0.0], "x", 5),
    ],
}
PAIRS = [(name, value) for name, values in BAD.items() for value in values]


def bad(_: int, number: int) -> Outcome:
    """An argument that must be refused."""
    name, value = PAIRS[number]
    payload = f"{name} = {value!r}".encode()
    try:
        got = simulate(**GOOD | {name: value})
    except Exception as error:
        return REFUSED if is_sentence(error) else judged(error, f"bad {name}", payload)
    return Outcome("wrong", f"{name} = {value!r:.40} is taken", repr(got)[:80], payload)


if __name__ == "__main__":
    parts = {"held": Part(held), "arrays": Part(arrays), "bad": Part(bad, n_cases=len(PAIRS))}
    main(__file__, parts)
