"""Threads that share the parts of a work."""

import threading
import time

import pytest
from joblib import cpu_count

from reservoir._threads import PARTS_PER_THREAD, in_threads


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
