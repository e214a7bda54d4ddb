"""A table is read right in whatever dialect it was saved, or refused with the cure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservoir.bench import read_bench_table

CURRENT = np.array([2e-3, 3.25e-3, 4.5e-3, 6e-3])  # A
AMPLITUDE = np.array([0.25e-3, 0.5e-3, 4.125e-3, 5.5e-3])  # V
FREQUENCY = np.array([300e6, 301.5e6, 306.25e6, 318e6])  # Hz
LINEWIDTH = np.array([np.nan, 850e3, 200e3, 120.5e3])  # Hz
ROWS = [
    ["2.0", "0.25", "300.0", ""],
    ["3.25", "0.5", "301.5", "850"],
    ["4.5", "4.125", "306.25", "200"],
    ["6", "5.5", "318", "120.5"],
]
NAMES = ["current_mA", "amplitude_mV", "frequency_MHz", "linewidth_kHz"]


def text(names=NAMES, rows=ROWS, sep=",", comma=False, end="\n", before=(), tail=""):
    """A table as a program would save it."""
    cells = [[c.replace(".", ",") if comma else c for c in row] for row in rows]
    lines = [*before, sep.join(names) + tail, *(sep.join(row) + tail for row in cells)]
    return end.join(lines) + end


def with_nan(rows, blank):
    return [[cell or blank for cell in row] for row in rows]


DIALECTS = {
    "plain": text().encode(),
    "UTF-8 with a byte order mark": text().encode("utf-8-sig"),
    "UTF-16, tabs": text(sep="\t").encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + text(sep="\t").encode("utf-16-be"),
    "Windows line ends": text(end="\r\n").encode(),
    "old Macintosh line ends": text(end="\r").encode(),
    "semicolons and decimal commas": text(sep=";", comma=True).encode(),
    "tabs and decimal commas": text(sep="\t", comma=True).encode(),
    "semicolons and decimal points": text(sep=";").encode(),
    "spaces, as numpy.savetxt": text(
        ["# current_mA", *NAMES[1:]], with_nan(ROWS, "nan"), sep=" "
    ).encode(),
    "columns of equal width": text(NAMES, with_nan(ROWS, "---"), sep="   ").encode(),
    "quoted, commas in cells": text(
        [f'"{name}"' for name in NAMES],
        [[f'"{cell}"' for cell in row] for row in ROWS],
        comma=True,
    ).encode(),
    "Latin-1 with a micro sign": text(
        ["I [\u00b5A]", "A (mV)", "f / GHz", "FWHM in kHz"],
        [[f"{float(r[0]) * 1000:g}", r[1], f"{float(r[2]) / 1e3:.9g}", r[3]] for r in ROWS],
        sep=";",
    ).encode("latin-1"),
    "units in a line of their own": text(
        ["Current", "Amplitude", "Frequency", "Linewidth"],
        [["mA", "mV", "MHz", "kHz"], *ROWS],
        sep="\t",
    ).encode(),
    "units in brackets in a line of their own": text(
        ["I", "A", "f", "\u0394f"], [["(mA)", "(mV)", "(MHz)", "(kHz)"], *ROWS]
    ).encode(),
    "a preamble of an analyser": text(
        before=["Type;FSW-26;", "Date;29.Nov 2026;", "Averages;10;5;", ""], sep=";"
    ).encode(),
    "a preamble of comments": text(
        before=["! Keysight N9030B", "% sample 7, field 440 mT", "# 300 K, 2 runs"]
    ).encode(),
    "trailing separators of a spreadsheet": text(tail=",,").encode(),
    "other columns between": text(
        [NAMES[0], "Field (mT)", *NAMES[1:], "operator"],
        [[row[0], "440", *row[1:], "Ada"] for row in ROWS],
    ).encode(),
    "swept downwards": text(rows=ROWS[::-1]).encode(),
    "the other polarity": text(rows=[["-" + row[0], *row[1:]] for row in ROWS]).encode(),
    "exponents and plus signs": text(
        ["Idc (A)", "V_rms (V)", "freq [Hz]", "Linewidth (Hz)"],
        [
            [f"+{i:.6E}", f"{a:.6e}", f"{f:.6E}", "NaN" if np.isnan(w) else f"{w:.4e}"]
            for i, a, f, w in zip(CURRENT, AMPLITUDE, FREQUENCY, LINEWIDTH, strict=True)
        ],
    ).encode(),
    "German": text(
        ["Strom (mA)", "Amplitude (mV)", "Frequenz (MHz)", "Linienbreite (kHz)"],
        sep=";",
        comma=True,
    ).encode("latin-1"),
    "French": text(
        ["Courant [mA]", "Amplitude [mV]", "Fr\u00e9quence [MHz]", "Largeur de raie [kHz]"],
        sep=";",
        comma=True,
    ).encode("latin-1"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_is_read_right(tmp_path, dialect):
    path = tmp_path / "bench.csv"
    path.write_bytes(DIALECTS[dialect])
    table = read_bench_table(path)
    for found, true in (
        (table.current, CURRENT),
        (table.amplitude, AMPLITUDE),
        (table.frequency, FREQUENCY),
        (table.linewidth, LINEWIDTH),
    ):
        np.testing.assert_allclose(found, true, rtol=1e-7)


def test_a_power_in_decibels_is_the_voltage_into_50_ohm(tmp_path):
    path = tmp_path / "bench.csv"
    path.write_text("I (mA);P (dBm)\n4;-30\n5;-10\n")
    table = read_bench_table(path)
    # -30 dBm are 1 uW, and sqrt(50 ohm x 1 uW) = 7.07 mV.
    np.testing.assert_allclose(table.amplitude, [7.0710678e-3, 70.710678e-3])
    assert "50 ohm" in " ".join(table.notes)


def test_what_was_ignored_is_said(tmp_path):
    path = tmp_path / "bench.csv"
    path.write_bytes(DIALECTS["other columns between"])
    assert "'Field (mT)', 'operator'" in " ".join(read_bench_table(path).notes)


REFUSED = {
    "no unit": ("current,amplitude\n2,1\n3,4\n", r"line 1: .*'current' has no unit.*mA"),
    "a unit in the wrong case": (
        "current_ma,amplitude_mV\n2,1\n3,4\n",
        r"line 1: .*'ma', which is none of a current; write current_mA",
    ),
    "a unit of another quantity": (
        "current_mA,frequency_mV\n2,1\n3,4\n",
        r"line 1: .*'mV', which is none of a frequency; write frequency_MHz",
    ),
    "decimal commas between commas": (
        "current_mA,amplitude_mV\n2,5,1,5\n3,5,4,5\n",
        "line 2 has 4 cells, but 2 columns are named.*semicolons",
    ),
    "one decimal comma between commas": (
        "current_mA,amplitude_mV\n2.5,1.5\n3,5,4.5\n",
        "line 3 has 3 cells.*semicolons",
    ),
    "separators of thousands": (
        "current_mA;frequency_MHz\n2,5;1.300,5\n3,5;1.302,5\n4,5;17,5\n",
        r"line 2: '1.300,5'.*without separators of thousands",
    ),
    "both decimal signs": (
        "current_mA;amplitude_mV\n2,5;1,5\n3,5;2,5\n4.5;3,5\n",
        "line 4: '4.5' in the column 'current_mA'.*one decimal sign",
    ),
    "no current": ("field_mT,amplitude_mV\n2,1\n3,4\n", r"line 1 .*Call it current_mA"),
    "a current that is missing": (
        "current_mA,amplitude_mV\n2,1\n,4\n",
        "line 3 says no current; fill the cell, or leave the line out",
    ),
    "a word": ("current_mA,amplitude_mV\n2,1\n3,none4\n", "line 3: 'none4'.*write nan"),
    "a row that is cut": ("current_mA,amplitude_mV\n2,1\n3\n", "line 3 has 1 cells"),
    "two columns of one quantity": (
        "current_mA,frequency_MHz,freq (GHz)\n2,1,1\n3,4,1\n",
        "line 1 names two columns of frequency.*leave one",
    ),
    "no names": ("2,1,300\n3,4,301\n", "no line that names a column.*current_mA"),
    "no numbers": ("current_mA,amplitude_mV\n", "no numbers below"),
    "a negative linewidth": (
        "current_mA,linewidth_kHz\n2,100\n3,-4\n",
        "line 3: linewidth is -4000.*positive",
    ),
    "a voltage that may be the bias": (
        "Current (mA),Voltage (mV)\n2,1\n3,4\n",
        "no column that was measured; its other columns are 'Voltage .mV.'. .*amplitude_mV",
    ),
    "an empty column": (
        "current_mA,amplitude_mV\n2,nan\n3,\n",
        "has no numbers in the column amplitude. .* and fill it",
    ),
    "a spreadsheet": ("PK\x03\x04\0\0", "line 1 holds a zero byte.*CSV in UTF-8"),
    "an empty file": ("", "no line that names a column"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_file_that_is_no_table_is_refused_with_file_line_and_cure(tmp_path, fault):
    content, words = REFUSED[fault]
    path = tmp_path / "bench.csv"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"(?s)bench.csv.*{words}"):
        read_bench_table(path)


def test_units_that_contradict_the_file_are_refused(tmp_path):
    path = tmp_path / "bench.csv"
    path.write_text("current_mA,amplitude\n2,1\n3,4\n")
    with pytest.raises(ValueError, match="line 1 gives current in mA.*are A"):
        read_bench_table(path, {"current": "A"})
    with pytest.raises(ValueError, match="quantities of this table are current, amplitude"):
        read_bench_table(path, {"field": "mT"})
    with pytest.raises(ValueError, match="allowed are .*mA"):
        read_bench_table(path, {"current": "ma"})


@given(
    values=st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(0, 10**6)), min_size=2, max_size=30
    ),
    separator=st.sampled_from([";", "\t"]),
    comma=st.booleans(),
    coding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
)
def test_numbers_come_back_from_every_dialect(
    tmp_path_factory, values, separator, comma, coding
):
    rows = [[f"{i / 1e4:.4f}", f"{a / 1e3:.3f}"] for i, a in values]
    path = tmp_path_factory.mktemp("dialect") / "bench.csv"
    path.write_bytes(text(NAMES[:2], rows, separator, comma).encode(coding))
    table = read_bench_table(path)
    order = np.argsort([i for i, _ in values], kind="stable")
    np.testing.assert_allclose(table.current, np.array([i for i, _ in values])[order] / 1e7)
    np.testing.assert_allclose(table.amplitude, np.array([a for _, a in values])[order] / 1e6)
