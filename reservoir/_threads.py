"""How do threads share the parts of a work whose kernels leave Python's lock alone?"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from joblib import cpu_count
from joblib.parallel import get_active_backend

Part = TypeVar("Part")
Result = TypeVar("Result")

PARTS_PER_THREAD = 2  # that are given out before a result is asked for


def thread_count(n_jobs: int | None) -> int:
    """How many threads some jobs are.

    `joblib.effective_n_jobs` counts processes, if nobody chose a backend: it warns, and
    returns 1, in a process that must have no children, such as those of
    `multiprocessing.Pool`.

    Parameters
    ----------
    n_jobs : int or None
        As for `joblib.Parallel`.

    Returns
    -------
    int
        No more than there are processors.
    """
    backend, usual = get_active_backend(prefer="threads", require="sharedmem")
    n_threads: int = backend.effective_n_jobs(usual if n_jobs is None else n_jobs)
    return min(n_threads, int(cpu_count()))


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
        See `thread_count`.

    Yields
    ------
    result
        What `work` made of each part.
    """
    n_threads = min(thread_count(n_jobs), len(parts))
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
