"""Threads that share the parts of a work."""

import multiprocessing
import threading
import time
import warnings

import pytest
from joblib import cpu_count, parallel_config

from reservoir._threads import PARTS_PER_THREAD, in_threads, thread_count


def slower_at_first(part):
    time.sleep(0.02 / (1 + part))
    return part, threading.get_ident()


@pytest.mark.parametrize("n_jobs", [None, 1, 2, -1])
def test_results_come_in_the_order_of_the_parts(n_jobs):
    results = list(in_threads(slower_at_first, range(8), n_jobs))
    assert [part for part, _ in results] == list(range(8))


@pytest.mark.skipif(cpu_count() < 2, reason="this machine has one processor")
def test_two_jobs_are_two_threads():
    at_once = threading.Barrier(2, timeout=10)
    assert sorted(in_threads(lambda part: at_once.wait() * 0 + part, range(2), 2)) == [0, 1]


def test_one_job_works_in_the_thread_that_asks():
    assert {thread for _, thread in in_threads(slower_at_first, range(3), 1)} == {
        threading.get_ident()
    }


def test_an_error_of_a_part_is_raised_where_its_result_is_asked_for():
    def work(part):
        if part == 2:
            raise ZeroDivisionError("of part 2")
        return part

    results = in_threads(work, range(100), 2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError, match="of part 2"):
        next(results)


@pytest.mark.skipif(cpu_count() < 2, reason="this machine has one processor")
def test_few_results_wait_and_none_is_worked_out_for_nobody():
    begun = []
    results = in_threads(begun.append, range(100), 2)
    next(results)
    results.close()
    assert len(begun) <= 2 * PARTS_PER_THREAD + 1


@pytest.mark.skipif(cpu_count() < 2, reason="this machine has one processor")
def test_a_process_that_must_have_no_children_has_threads(monkeypatch):
    """Those of `multiprocessing.Pool` are such; joblib would give them one job."""
    monkeypatch.setattr(type(multiprocessing.current_process()), "daemon", True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert thread_count(2) == 2


@pytest.mark.parametrize("backend", ["loky", "sequential", "threading"])
def test_jobs_of_a_context_are_threads_only_if_its_backend_has_threads(backend):
    with parallel_config(backend=backend, n_jobs=2):
        count = thread_count(None)
    assert count == (min(2, cpu_count()) if backend == "threading" else 1)


def test_who_prefers_processes_still_gets_threads():
    with parallel_config(prefer="processes"):
        assert thread_count(-1) == cpu_count()
