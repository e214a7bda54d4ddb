"""Runs that share a file of results lose nothing, and a changed file is not resumed."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from reservoir import StorageError
from reservoir.exceptions import StorageWarning
from reservoir.experiments import SeriesExperiment, resumable
from reservoir.experiments.provenance import traced
from reservoir.experiments.results import (
    Row,
    load_arrays,
    load_results,
    load_rows,
    save_results,
)

ROW = Row(
    task="t",
    protocol="p",
    frontend="f",
    method="m",
    metric="accuracy",
    value=0.9712345,
    spread=0.0,
    n_folds=1,
    seconds=1.0,
    n_parameters=1,
)


def series(store, *methods, seed=0):
    experiment = SeriesExperiment(task="narma10", quick=True, store=store, seed=seed)
    experiment.methods = methods
    return experiment


def methods_in(store):
    return [row.method for row in load_rows(store)[0]]


def test_the_rows_of_a_run_that_ends_meanwhile_are_kept(tmp_path):
    store = tmp_path / "series.h5"

    def meanwhile(tasks, total):
        for number, task in enumerate(tasks):
            if number == 0:
                series(store, "linear-taps").run()
            yield task

    mine = series(store, "mean", "control")
    rows = mine.run(meanwhile)
    assert [row.method for row in rows] == ["mean", "control"]
    assert sorted(methods_in(store)) == ["control", "linear-taps", "mean"]
    assert {"target", "control", "linear-taps"} <= set(load_arrays(store))
    series(store, "majority").run()
    mine.write({"command": "series"})
    assert sorted(methods_in(store)) == ["control", "linear-taps", "majority", "mean"]
    assert load_rows(store)[1]["command"] == "series"


def test_a_row_keeps_the_versions_with_which_it_was_measured(tmp_path, monkeypatch):
    store = tmp_path / "series.h5"
    monkeypatch.setattr(resumable, "versions", lambda: {"numpy": "old"})
    series(store, "mean").run()
    monkeypatch.setattr(resumable, "versions", lambda: {"numpy": "new"})
    resumed = series(store, "mean", "linear-taps")
    rows = traced(resumed, resumed.run(), "series")
    assert [row.versions["numpy"] for row in rows] == ["old", "new"]
    assert all(row.title and row.digest and row.command == "series" for row in rows)
    assert traced(resumed, rows, "another") == rows


def test_a_sweep_reads_its_file_again_only_after_another_run_wrote_it(tmp_path, monkeypatch):
    store, reads = tmp_path / "series.h5", []

    def counted(path):
        reads.append(path)
        return load_results(path)

    monkeypatch.setattr(resumable, "load_results", counted)
    series(store, "mean", "control", "linear-taps").run()
    assert reads == []
    mine = series(store, "mean", "control", "majority")
    mine.run()
    assert len(reads) == 1
    assert len(methods_in(store)) == 4


@pytest.mark.slow
def test_a_row_that_another_process_writes_in_between_is_read_and_kept(tmp_path):
    store = tmp_path / "series.h5"
    other = (
        "from reservoir.experiments import SeriesExperiment\n"
        "one = SeriesExperiment(task='narma10', quick=True, store=%r)\n"
        "one.methods = ('linear-taps',)\n"
        "one.run()\n"
    )

    def meanwhile(tasks, total):
        for number, task in enumerate(tasks):
            if number == 1:  # The first row is written by this process already.
                assert methods_in(store) == ["mean"]
                command = [sys.executable, "-c", other % str(store)]
                subprocess.run(command, check=True, env={**os.environ})
            yield task

    mine = series(store, "mean", "control", "majority")
    mine.run(meanwhile)
    assert sorted(methods_in(store)) == ["control", "linear-taps", "majority", "mean"]
    assert {"target", "control", "linear-taps"} <= set(load_arrays(store))


def test_a_run_of_other_settings_is_refused_also_when_it_began_before(tmp_path):
    store = tmp_path / "series.h5"

    def meanwhile(tasks, total):
        series(store, "linear-taps").run()
        yield from tasks

    with pytest.raises(StorageError, match="other settings .seed 0 instead of 1."):
        series(store, "mean", seed=1).run(meanwhile)
    assert methods_in(store) == ["linear-taps"]


def test_a_disk_that_is_full_for_a_while_costs_no_row(tmp_path, monkeypatch):
    store, calls = tmp_path / "series.h5", []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == 1:
            raise OSError("series.h5 could not be written (No space left on device).")
        save_results(*arguments)

    monkeypatch.setattr(resumable, "save_results", failing)
    with pytest.warns(StorageWarning, match="No space.*points that are left are measured"):
        rows = series(store, "mean", "control").run()
    assert sorted(methods_in(store)) == sorted(row.method for row in rows)


def test_a_place_where_nothing_can_be_written_is_refused_before_the_run(tmp_path):
    for store in (tmp_path / "missing" / "a.h5", tmp_path):
        with pytest.raises((OSError, StorageError)):
            series(store, "mean").run(lambda tasks, total: pytest.fail("it began"))


def test_a_changed_file_is_not_resumed(tmp_path):
    store = tmp_path / "series.h5"
    series(store, "mean").run()
    whole = store.read_bytes()
    for place in np.random.default_rng(0).integers(0, 8 * len(whole), 200):
        changed = bytearray(whole)
        changed[place // 8] ^= 1 << place % 8
        store.write_bytes(changed)
        try:
            rows, _ = load_rows(store)
        except StorageError:
            continue
        assert rows == series(store, "mean").run()  # a bit that says: open elsewhere


def test_results_come_back_with_names_in_groups_and_texts_of_any_language(tmp_path):
    arrays = {"a/b/c": np.arange(3), "a/d": np.eye(2), "words": np.array(["über", "no"])}
    save_results(tmp_path / "r.h5", [ROW], arrays, {"seed": 1})
    results = load_results(tmp_path / "r.h5")
    assert results.rows == [ROW] and results.settings == {"seed": 1}
    assert set(results.arrays) == set(arrays)
    assert (results.arrays["a/d"] == np.eye(2)).all()
    assert [word.decode() for word in results.arrays["words"]] == ["über", "no"]
    with pytest.raises(FileNotFoundError, match="There is no file"):
        load_rows(tmp_path / "nothing.h5")


def test_a_file_of_results_without_a_digest_is_read_with_a_warning(tmp_path, edited):
    path = tmp_path / "r.h5"
    save_results(path, [ROW], {}, {})
    with edited(path, digest="none") as file:
        del file.attrs["version"]  # as the first version had none
    with pytest.warns(StorageWarning, match="version 1, which had no digest"):
        assert load_rows(path)[0] == [ROW]
    with edited(path, digest="old") as file:
        file.attrs["rows"] = json.dumps([{"value": 1.0}])
    with pytest.raises(StorageError, match="damaged, or is not what it should be"):
        load_rows(path)


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_to_a_file_that_will_be_made_is_a_good_place(tmp_path):
    (tmp_path / "link.h5").symlink_to(tmp_path / "real.h5")
    series(tmp_path / "link.h5", "mean").run()
    assert (
        methods_in(tmp_path / "real.h5") == ["mean"] and (tmp_path / "link.h5").is_symlink()
    )


def test_an_interruption_while_the_file_is_written_counts_what_the_file_holds(
    tmp_path, monkeypatch
):
    store, written = tmp_path / "series.h5", []

    def interrupted(*arguments):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(1)
        save_results(*arguments)

    monkeypatch.setattr(resumable, "save_results", interrupted)
    experiment = series(store, "mean", "linear-taps")
    with pytest.raises(KeyboardInterrupt):
        experiment.run()
    assert len(experiment.rows_) == 2 and experiment.count_kept() == 1
    assert len(methods_in(store)) == 1
