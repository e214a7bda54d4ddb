"""What do the fuzzers share? Cases in processes of their own, their verdicts and their count.

A case is a number. A part of a fuzzer makes the case from the seed and that number, tries it
and returns an `Outcome`. This happens in a forked child, whose time and memory are limited.
A crash, a hang or a flood of memory costs one case: the next one runs in a new child. The
smallest failing input of each kind is kept, and printed with the command that tries it
again.
"""

import argparse
import base64
import faulthandler
import itertools
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
# Commands of the package are those of the environment in which the fuzzer runs.
os.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]

ALLOWED = ("ok", "refused", "late")  # "late": refused, but only when the answer was asked for
ORDER = ("crash", "hang", "memory", "wrong", "unclear", "late", "refused", "ok")
BATCH = 400  # cases that one child tries
POLL = 0.05  # s between looks at a child
MAX_KEPT_BYTES = 1 << 20
MAX_PRINTED_BYTES = 3000


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes
    ----------
    category : str
        "ok", "refused" or "late" is right. "wrong" is another answer than the oracle's, and
        "unclear" an error that is no sentence of the package. The parent adds "crash", "hang"
        and "memory".
    kind : str
        Equal faults have equal kinds; they count together.
    message : str
    payload : bytes
        The input, which is kept if the case fails.
    extension : str
        Of the file in which the input is kept.
    case : int or None
        The number of the case.
    """

    category: str = "ok"
    kind: str = ""
    message: str = ""
    payload: bytes = b""
    extension: str = "txt"
    case: int | None = None


OK = Outcome("ok")
REFUSED = Outcome("refused")


@dataclass(frozen=True)
class Part:
    """One kind of case of a fuzzer.

    Attributes
    ----------
    attempt : callable
        Seed and number to `Outcome`.
    describe : callable or None
        Seed and number to an `Outcome` with the input of a case that ended its process.
    n_cases : int or None
        How many cases there are; None for any number of them.
    case_seconds : float
        A case that takes longer hangs.
    memory : int
        Bytes that the child may hold.
    alone : bool
        Whether each case has a process of its own, so that its memory can be measured.
    least_seconds : float
        What a case takes. In less time for all parts, some take turns from seed to seed.
    """

    attempt: Callable[[int, int], Outcome]
    describe: Callable[[int, int], Outcome] | None = None
    n_cases: int | None = None
    case_seconds: float = 20.0
    memory: int = 3 << 30
    alone: bool = False
    least_seconds: float = 0.0


class Tally:
    """Counts outcomes and keeps the smallest failing input of each kind."""

    def __init__(self, fuzzer: str, keep: Path):
        self.fuzzer, self.keep, self.started = fuzzer, keep, time.monotonic()
        self.counts: Counter[str] = Counter()
        self.kinds: Counter[tuple[str, str, str]] = Counter()
        self.smallest: dict[tuple[str, str, str], Outcome] = {}

    def add(self, part: str, outcome: Outcome) -> None:
        """Count an outcome."""
        self.counts[outcome.category] += 1
        if outcome.category in ("ok", "refused"):
            return
        key = part, outcome.category, outcome.kind
        self.kinds[key] += 1
        known = self.smallest.get(key)
        if known is None or len(outcome.payload) < len(known.payload):
            self.smallest[key] = outcome

    def failed(self) -> bool:
        """Whether anything is neither right nor refused."""
        return any(self.counts[name] for name in self.counts if name not in ALLOWED)

    def report(self, seed: int) -> None:
        """Print the counts, and for each kind of fault its smallest input."""
        seconds = time.monotonic() - self.started
        counts = ", ".join(f"{name} {self.counts[name]}" for name in ORDER)
        total = sum(self.counts.values())
        print(f"{self.fuzzer}: {total} tried in {seconds:.0f} s: {counts}")
        for key in sorted(
            self.kinds, key=lambda key: (ORDER.index(key[1]), -self.kinds[key])
        ):
            self._show(key, seed)
        sys.stdout.flush()

    def _show(self, key: tuple[str, str, str], seed: int) -> None:
        part, category, kind = key
        outcome = self.smallest[key]
        print(f"  {category}, {self.kinds[key]} times, {part}: {kind}")
        print(f"    {' '.join(outcome.message.split())[:300]}")
        if category in ALLOWED:
            return
        print(
            f"    Again: python tests/fuzz/{self.fuzzer}.py --only {part} --seed {seed} "
            f"--case {outcome.case}"
        )
        if outcome.payload:
            print(f"    Input: {self._kept(key, outcome)}")

    def _kept(self, key: tuple[str, str, str], outcome: Outcome) -> str:
        """Write the input to a file; its name, and its content if that is short."""
        self.keep.mkdir(parents=True, exist_ok=True)
        words = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(key))[:90].strip("-")
        path = self.keep / f"{self.fuzzer}-{words}.{outcome.extension}"
        path.write_bytes(outcome.payload[:MAX_KEPT_BYTES])
        shown = outcome.payload[:MAX_PRINTED_BYTES]
        if outcome.extension == "txt":
            text = shown.decode(errors="replace")
        else:
            text = f"base64 {base64.b64encode(shown).decode()}"
        rest = " ..." if len(outcome.payload) > len(shown) else ""
        return f"{path} ({len(outcome.payload)} bytes): {text}{rest}"


# ---------------------------------------------------------------------- children


@dataclass
class Progress:
    """How far a child came: the case that it tries, since when, and how it was ended."""

    current: int | None = None
    since: float = 0.0
    ended_by: str | None = None
    held: int = 0


def explore(
    name: str, part: Part, seed: int, numbers: Iterable[int], seconds: float, tally: Tally
) -> None:
    """Try cases in forked children until the time or the numbers are used up.

    Parameters
    ----------
    name : str
        Of the part.
    part : Part
    seed : int
    numbers : iterable of int
    seconds : float
    tally : Tally
    """
    end = time.monotonic() + seconds
    numbers = iter(numbers)
    left: list[int] = []
    while time.monotonic() < end:
        left = left or list(itertools.islice(numbers, 1 if part.alone else BATCH))
        if not left:
            return
        left = _try_batch(name, part, seed, left, end, tally)


def _try_batch(
    name: str, part: Part, seed: int, numbers: list[int], end: float, tally: Tally
) -> list[int]:
    """Try numbers in one child; returns those that are left."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        reader.close()
        _be_the_child(part, seed, numbers, end, writer)
    writer.close()
    progress = Progress(since=time.monotonic())
    while _listen(name, part, reader, progress, tally):
        if progress.ended_by is None:
            _watch(part, child, progress)
    _, status = os.waitpid(child, 0)
    if progress.ended_by is not None or status:
        number = progress.current if progress.current is not None else numbers[0]
        tally.add(name, _fatal(part, seed, number, progress, status))
        return numbers[numbers.index(number) + 1 :]
    done = numbers.index(progress.current) + 1 if progress.current is not None else 0
    return numbers[done:]


def _be_the_child(part, seed, numbers, end, writer) -> None:
    """Try the cases and tell the parent of each; never returns."""
    os.setsid()
    faulthandler.disable()
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        for number in numbers:
            writer.send(("begin", number))
            writer.send(("end", replace(_guarded(part, seed, number), case=number)))
            if time.monotonic() > end:
                break
    except BrokenPipeError:
        pass
    finally:
        os._exit(0)


def _guarded(part: Part, seed: int, number: int) -> Outcome:
    """The outcome of a case; an error of the fuzzer itself is an outcome too."""
    try:
        return part.attempt(seed, number)
    except BaseException as error:
        # Only the parent ends a case, so whatever arrives here is a fault, of either side.
        kind = f"the fuzzer itself: {type(error).__name__}"
        return Outcome("unclear", kind, traceback.format_exc()[-800:])


def _listen(name, part, reader, progress: Progress, tally: Tally) -> bool:
    """Take a message of the child; False when the child has ended."""
    try:
        if reader.poll(POLL):
            what, content = reader.recv()
            if what == "begin":
                progress.current, progress.since = content, time.monotonic()
            else:
                tally.add(name, content)
                progress.since = time.monotonic() + 1e9  # nothing runs
    except (EOFError, ConnectionResetError):
        return False
    return True


def _watch(part: Part, child: int, progress: Progress) -> None:
    """End the child if it takes too long or too much."""
    progress.held = resident(child)
    if progress.held > part.memory:
        progress.ended_by = "memory"
    elif time.monotonic() - progress.since > part.case_seconds:
        progress.ended_by = "hang"
    if progress.ended_by is not None:
        os.killpg(child, signal.SIGKILL)


def _fatal(part: Part, seed: int, number: int, progress: Progress, status: int) -> Outcome:
    """The outcome of a case that ended its process."""
    try:
        known = part.describe(seed, number) if part.describe else Outcome()
    except Exception as error:
        known = Outcome(message=short(error))
    if progress.ended_by == "memory":
        category, why = "memory", f"{progress.held >> 20} MB were held"
    elif progress.ended_by == "hang":
        category, why = "hang", f"it took more than {part.case_seconds:g} s"
    else:
        category, why = "crash", f"the process ended with signal {status & 127}"
    return replace(known, category=category, message=f"{why}; {known.message}", case=number)


def resident(process: int) -> int:
    """Bytes of memory that a process holds; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{process}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


class PeakMemory:
    """Measures how much the largest resident memory of this process grows."""

    def __enter__(self) -> "PeakMemory":
        """Forget earlier peaks, where the system can do that."""
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            pass
        self.before = self._peak()
        return self

    def __exit__(self, *_) -> None:
        """Take the difference."""
        self.grown = max(self._peak() - self.before, 0)

    def _peak(self) -> int:
        try:
            text = Path("/proc/self/status").read_text()
            return int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) << 10
        except (OSError, TypeError):
            return 0


# ---------------------------------------------------------------------- helps for cases


def generator(seed: int, part: str, number: int) -> np.random.Generator:
    """The random numbers of a case."""
    return np.random.default_rng([seed, zlib.crc32(part.encode()), number])


def pick(rng: np.random.Generator, *values):
    """One of the values; numpy's `choice` would change their types."""
    return values[int(rng.integers(len(values)))]


def scratch(fuzzer: str) -> Path:
    """An empty folder for a fuzzer, which is removed when the fuzzer ends."""
    # The child of a fork must not remove what its parent uses, so `main` removes it.
    folder = Path(tempfile.mkdtemp(prefix=f"{fuzzer}-"))
    SCRATCH.append(folder)
    return folder


SCRATCH: list[Path] = []


def short(error: BaseException, length: int = 300) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:length]


def without_values(text: str) -> str:
    """A message without its numbers and names, so that equal faults count as one."""
    text = re.sub(r"/\S+", "PATH", text)
    text = re.sub(r"'[^']*'", "'..'", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", "N", text)[:110]


def is_sentence(error: BaseException) -> bool:
    """Whether an error says in a sentence of this package what is wrong."""
    text = str(error).rstrip()
    foreign = isinstance(error, np.linalg.LinAlgError | UnicodeError | MemoryError)
    return (
        isinstance(error, ValueError | TypeError | RuntimeError | OSError)
        and not foreign
        and len(text) > 25
        and text.endswith((".", ")"))
        and "object at 0x" not in text
    )


def judged(
    error: BaseException, what: str, payload: bytes, extension: str = "txt"
) -> Outcome:
    """Refused if the error is a sentence, else unclear."""
    if is_sentence(error):
        return REFUSED
    kind = f"{what}: {without_values(short(error))}"
    return Outcome("unclear", kind, short(error), payload, extension)


def as_bytes(value) -> bytes:
    """An answer, or a list of answers, as bytes, to compare it bit by bit."""
    if isinstance(value, list | tuple):
        return b"[" + b",".join(as_bytes(part) for part in value) + b"]"
    array = np.asarray(value)
    if array.dtype == object:
        return repr(array.tolist()).encode()
    return str((array.dtype.str, array.shape)).encode() + array.tobytes()


# ---------------------------------------------------------------------- the command


def main(
    script: str,
    parts: Mapping[str, Part],
    judge_file: Callable[[Path], Outcome] | None = None,
) -> None:
    """Run a fuzzer as its command says, and end with status 1 if anything is not right.

    Parameters
    ----------
    script : str
        The fuzzer's file.
    parts : dict of str to Part
        The time is divided among them.
    judge_file : callable or None
        Tries a kept input again: from the path of the file to an `Outcome`.
    """
    fuzzer = Path(script).stem
    arguments = _arguments(parts, judge_file is not None)
    threadpool_limits(1)  # Small problems; and a child inherits no threads of its parent.
    chosen = {name: parts[name] for name in arguments.only or parts}
    if arguments.case is None and arguments.input is None:
        chosen = _that_fit(chosen, arguments.seconds, arguments.seed)
    tally = Tally(fuzzer, arguments.keep)
    for name, part in chosen.items():
        seconds = arguments.seconds / len(chosen)
        numbers: Iterable[int] = itertools.count()
        if arguments.input is not None:
            part = replace(
                part, attempt=lambda *_: judge_file(arguments.input), describe=None
            )
            numbers, seconds = [0], 3600.0
        elif arguments.case is not None:
            numbers, seconds = [arguments.case], 3600.0
        elif part.n_cases is not None:
            numbers = np.random.default_rng(arguments.seed).permutation(part.n_cases).tolist()
        explore(name, part, arguments.seed, numbers, seconds, tally)
        if arguments.input is not None:
            break
    tally.report(arguments.seed)
    for folder in SCRATCH:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if tally.failed() else 0)


def _that_fit(parts: Mapping[str, Part], seconds: float, seed: int) -> dict[str, Part]:
    """Parts for which the time is enough, at least one; the seed says where they begin."""
    names = list(parts)
    turn = seed % len(names)
    found: dict[str, Part] = {}
    for name in (*names[turn:], *names[:turn]):
        needed = sum(part.least_seconds for part in found.values())
        if not found or needed + parts[name].least_seconds <= seconds:
            found[name] = parts[name]
    if len(found) < len(parts):
        missing = ", ".join(name for name in parts if name not in found)
        print(f"Left out for want of time: {missing}.")
    return found


def _arguments(parts: Mapping[str, Part], has_inputs: bool) -> argparse.Namespace:
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="for all parts together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", choices=list(parts), help="these parts")
    parser.add_argument("--case", type=int, help="this case of the parts of --only")
    parser.add_argument(
        "--keep", type=Path, default=HERE / "failures", help="folder for failing inputs"
    )
    parser.set_defaults(input=None)
    if has_inputs:
        parser.add_argument("--input", type=Path, help="try this kept input")
    return parser.parse_args()
