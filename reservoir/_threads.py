"""How do threads share the parts of a work whose kernels leave Python's lock alone?"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from joblib import cpu_count, effective_n_jobs

Part = TypeVar("Part")
Result = TypeVar("Result")

PARTS_PER_THREAD = 2  # that are given out before a result is asked for


def in_threads(
    work: Callable[[Part], Result], parts: Sequence[Part], n_jobs: int | None
) -> Iterator[Result]:
    """Results of the parts, in their order.

    A few parts at a time are given out, so that few results wait. The threads are those of
    the standard library: a part may take a few milliseconds, and joblib looks for results
    every ten.

    Parameters
    ----------
    work : callable
    parts : sequence
    n_jobs : int or None
        As for `joblib.Parallel`; no more threads than processors.

    Yields
    ------
    result
        What `work` made of each part.
    """
    n_threads = min(effective_n_jobs(n_jobs), cpu_count(), len(parts))
    if n_threads <= 1:
        yield from map(work, parts)
        return
    left = iter(parts)
    with ThreadPoolExecutor(n_threads) as pool:
        waiting = deque(
            pool.submit(work, part) for part in islice(left, PARTS_PER_THREAD * n_threads)
        )
        try:
            while waiting:
                result = waiting.popleft().result()
                waiting.extend(pool.submit(work, part) for part in islice(left, 1))
                yield result
        finally:
            pool.shutdown(cancel_futures=True)
