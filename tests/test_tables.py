"""Text files with columns: read as they were meant, or refused with the line and the cure."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir.devices import MeasuredOscillator
from reservoir.exceptions import RecordingError
from reservoir.laboratory import Recording

few = settings(derandomize=True, max_examples=60, database=None)
VALUES = np.round(np.random.default_rng(0).normal(size=100), 3)
HEAD = "current,amplitude,relaxation_time"


def trace(path, lines, rate=1e8):
    path.write_text("\n".join(lines) + "\n")
    return Recording.from_file(path, sample_rate=rate).voltage


def table(path, *lines, encoding="utf-8"):
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return MeasuredOscillator.from_file(path, threshold_current=2.0)


@pytest.mark.parametrize("form", ["%.3f", "%.3e", "%.3E", "%+.3E", " %.3f "])
@pytest.mark.parametrize(
    "above", [[], ["voltage"], ["# trigger", "", "CH1 (V)"], ["E"], ["e"]]
)
def test_every_sample_of_a_trace_is_read_however_it_is_written(tmp_path, form, above):
    one = trace(tmp_path / "one.csv", [*above, *(form % v for v in VALUES)])
    assert np.array_equal(one, [float(form % v) for v in VALUES])
    pairs = [f"{k * 1e-8:.6E},{form % v}" for k, v in enumerate(VALUES)]
    names = [f"time,{name}" if name and name[0] != "#" else name for name in above]
    two = trace(tmp_path / "two.csv", [*names, *pairs], None)
    assert np.array_equal(two, one)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("nan", "Sample 0 of the recording is NaN"),
        ("NaN", "Sample 0"),
        ("-inf", "Sample 0"),
        ("overload", "line 1: 'overload' is no number"),
        ("0x1p3", "line 1: '0x1p3' is no number"),
        ("5%", "line 1: '5%' is no number"),
        ("1_0", "line 1: '1_0' is no number"),
        ("1+2j", "line 1: '1\\+2j' is no number"),
        ("\u0663", "line 1: '\u0663' is no number"),
        ("1;2", "line 1: '1;2' is no number"),
        ("1\t2", "line 1: .* is no number"),
        ("1,5", "line 1: '1,5' is no number"),
        ("time,voltage", "line 1 has 2 cells, but there are 1 columns of numbers"),
    ],
)
def test_a_first_sample_that_is_no_number_is_not_taken_for_a_name(tmp_path, first, words):
    with pytest.raises(RecordingError, match=words) as caught:
        trace(tmp_path / "trace.csv", [first, *(f"{v:.3f}" for v in VALUES)])
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "inside", ["# overload", "overload", "voltage", "1,2", "1_0", "1.5.2"]
)
def test_a_line_among_the_samples_that_is_none_is_refused_with_its_number(tmp_path, inside):
    lines = [f"{v:.3f}" for v in VALUES]
    with pytest.raises(RecordingError, match="line 8[ :]"):
        trace(tmp_path / "trace.csv", ["voltage", *lines[:6], inside, *lines[6:]])


def test_a_comment_among_times_is_passed_over_because_they_show_what_is_lost(tmp_path):
    pairs = [f"{k * 1e-8},{v}" for k, v in enumerate(VALUES)]
    lines = [*pairs[:6], "# trigger", *pairs[6:]]
    assert np.array_equal(trace(tmp_path / "whole.csv", lines, None), VALUES)
    with pytest.raises(RecordingError, match="about 1 samples were lost"):
        trace(tmp_path / "lost.csv", [*pairs[:6], "# overload", *pairs[7:]], None)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([HEAD, "1,5,2,5,4,0", "2,5,3,5,4,0"], "line 2 has 6 cells, but there are 3 columns"),
        ([HEAD, "1,0,1", "2,1", "3,2,1"], "line 3 has 2 cells, but there are 3"),
        ([HEAD, "1,0,1", "2,000,1,1", "3,2,1"], "line 3 has 4 cells.*thousands"),
        ([HEAD, "1;5;1"], "line 2 has 1 cells, but there are 3 columns"),
        ([HEAD.replace(",", ";"), "1,5;0;1", "2.5;0;1"], "line 3: '2.5' is no number"),
        ([HEAD.replace(",", ";"), "1.000,5;0;1"], "line 2: '1.000,5' is no number"),
        ([HEAD.replace(",", "\t"), "1\t0"], "line 2 has 2 cells, but there are 3"),
        ([HEAD, '"1,5",2,1'], "line 2 has 4 cells"),
        ([HEAD, "1,0,1", "2,one,1"], "line 3: 'one' is no number"),
        ([HEAD, "1_0,0,1"], "line 2: '1_0' is no number"),
        (["1,0,1", "2,1,1"], "has no column 'current'; it has no names"),
        ([HEAD + ",amplitude", "1,0,1,1"], "has two columns 'amplitude'"),
        ([], "holds no numbers"),
        ([HEAD], r"current has shape \(0,\); the table needs at least 3 rows"),
        ([HEAD, "1,0\0,1"], "line 2 holds a zero byte"),
        (["x" * 200_000], "line 1 holds more than 100000 characters"),
    ],
)
def test_a_table_of_another_dialect_is_refused_and_never_shifted(tmp_path, lines, words):
    with pytest.raises(ValueError, match=words) as caught:
        table(tmp_path / "table.csv", *lines)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]
)
def test_a_table_says_the_same_in_each_dialect(tmp_path, encoding, delimiter, decimal):
    rows = [
        ("1.25", "0", "1e-6", "mV"),
        ("2", "1.5", "2.5E-6", "\u00b5V"),
        ("3", "2", "3e-6", ""),
    ]
    lines = [delimiter.join((*HEAD.split(","), "note"))]
    lines += [delimiter.join(cell.replace(".", decimal) for cell in row) for row in rows]
    device = table(tmp_path / "table.csv", *lines, encoding=encoding)
    assert device.current == (1.25, 2.0, 3.0)
    assert device.amplitude == (0.0, 1.5, 2.0)
    assert device.relaxation_time == (1e-6, 2.5e-6, 3e-6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_columns_may_stand_in_any_order_beside_others_of_any_kind(tmp_path, encoding):
    lines = ["note, amplitude ,current,relaxation_time", "", "first,0,1,1e-6"]
    lines += ["# measured twice", "second,1.5E0,2,2e-6", "third,2,3,3e-6"]
    device = table(tmp_path / "table.csv", *lines, encoding=encoding)
    assert device.current == (1.0, 2.0, 3.0)
    assert device.amplitude == (0.0, 1.5, 2.0)
    assert device.relaxation_time == (1e-6, 2e-6, 3e-6)


@few
@given(st.binary(max_size=300))
def test_bytes_that_are_no_table_are_refused_in_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "table.csv"
    path.write_bytes(content)
    for read in (
        lambda: MeasuredOscillator.from_file(path, threshold_current=1.0),
        lambda: Recording.from_file(path, sample_rate=1.0),
    ):
        try:
            read()
        except ValueError as error:
            assert str(error).rstrip().endswith((".", ")")), error


def test_a_long_line_of_numbers_takes_no_memory_out_of_proportion(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("1," * 5_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="more than 100000 characters"):
            MeasuredOscillator.from_file(path, threshold_current=1.0)
        with pytest.raises(RecordingError, match="more than 100000 characters"):
            Recording.from_file(path, sample_rate=1.0)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_columns_of_numbers_that_are_none_are_refused_by_name():
    with pytest.raises(ValueError, match="MeasuredOscillator.amplitude holds complex"):
        MeasuredOscillator((1, 2, 3), (1j, 2, 3), 1.0, threshold_current=1.0)
    with pytest.raises(RecordingError, match="The recording holds complex numbers"):
        Recording(np.ones(3) * 1j, 1.0)
    device = MeasuredOscillator(
        np.float32([1, 2, 3]), [0, 1, 2], np.float32(0.1), threshold_current=np.float32(1)
    )
    assert device.current == (1.0, 2.0, 3.0) and type(device.relaxation_time) is float
    assert hash(device) == hash(device)
