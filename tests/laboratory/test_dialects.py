"""Files of scopes, each written here in its dialect: the samples that went in come out."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reservoir.exceptions import RecordingError
from reservoir.laboratory import Recording

RATE = 250e6
STEP = 1 / RATE
VALUES = np.round(0.4 * np.sin(np.arange(300) / 7), 5)
OTHERS = np.round(0.2 * np.cos(np.arange(300) / 5), 5)
TIMES = -1e-7 + np.arange(300) * STEP


def rows(*columns, form="%.10g", between=",", decimal=".", end=""):
    lines = [
        between.join(form % value for value in row) + end
        for row in zip(*columns, strict=True)
    ]
    return [line.replace(".", decimal) for line in lines]


def tds_beside(values=VALUES):
    """Old Tektronix TDS: the preamble stands in the first columns, beside the samples."""
    said = [
        ("Record Length", f"{len(VALUES):e}", ""),
        ("Sample Interval", f"{STEP:e}", ""),
        ("Trigger Point", "2.5e+01", ""),
        ("", "", ""),
        ("Source", "CH1", ""),
        ("Vertical Units", "V", ""),
        ("Vertical Scale", "1.0e-01", ""),
        ("Vertical Offset", "0.0e+00", ""),
        ("Horizontal Units", "s", ""),
        ("Pt Fmt", "Y", ""),
        ("Probe Atten", "1.0e+00", ""),
        ("Model Number", "TDS2024B", ""),
    ]
    said += [("", "", "")] * (len(values) - len(said))
    pairs = zip(said, TIMES, values, strict=False)
    return [
        f"{','.join(words)},{time:019.12f},{value:10.5f}," for words, time, value in pairs
    ]


TEK_MSO = [
    "Model,MSO54",
    "Firmware Version,1.10.8",
    "",
    "Waveform Type,ANALOG,ANALOG",
    "Point Format,Y,Y",
    "Horizontal Units,s",
    "Horizontal Scale,4e-08",
    f"Sample Interval,{STEP:g}",
    "Record Length,300",
    "Gating,0.0% to 100.0%",
    "Probe Attenuation,1,1",
    "Vertical Units,V,V",
    "Vertical Offset,0,0",
    "Vertical Scale,0.1,0.1",
    ",",
    "Label,,",
    "TIME,CH1,CH2",
]
INFINIIUM = [
    "Revision:,0",
    "Type:,raw",
    "Start:,0",
    "Points:,300",
    "Count:,1",
    "XDispRg:,1.2E-06",
    "XDispOrg:,-1E-07",
    f"XInc:,{STEP:E}",
    "XOrg:,-1.0E-07",
    "YDispRg:,8.0E-01",
    "YInc:,3.1E-05",
    "YOrg:,0.0E+00",
    "Date:,29 NOV 2026",
    "Frame:,DSO90604A:MY49520112",
    "X Units:,second",
    "Y Units:,Volt",
]
LECROY = [
    "LECROYWR204M,51184,Waveform",
    "Segments,1,SegmentSize,300",
    "Segment,TrigTime,TimeSinceSegment1",
    "#1,22-Jan-2015 11:35:11,0",
    "Time,Ampl",
]
RIGOL = ["X,CH1,Start,Increment,", f"Sequence,Volt,-1.0e-07,{STEP:e}"]
CASES = {
    "Tektronix TDS, preamble beside": (tds_beside(), {}),
    "Tektronix MSO, two channels": (
        [*TEK_MSO, *rows(TIMES, VALUES, OTHERS)],
        {"channel": "CH1"},
    ),
    "Tektronix MSO, second channel": (
        [*TEK_MSO, *rows(TIMES, OTHERS, VALUES)],
        {"channel": 2},
    ),
    "Keysight InfiniiVision": (["x-axis,1", "second,Volt", *rows(TIMES, VALUES)], {}),
    "Keysight InfiniiVision, two channels": (
        ["x-axis,1,2", "second,Volt,Volt", *rows(TIMES, OTHERS, VALUES, form="%+.8E")],
        {"channel": "2"},
    ),
    "Keysight Infiniium, values alone": ([*INFINIIUM, "Data:", *rows(VALUES)], {}),
    "Keysight Infiniium, pairs": ([*INFINIIUM, "XY Data:", *rows(TIMES, VALUES)], {}),
    "Keysight Infiniium, tabs": (
        [*(line.replace(",", "\t") for line in INFINIIUM), *rows(VALUES)],
        {},
    ),
    "LeCroy": ([*LECROY, *rows(TIMES, VALUES)], {}),
    "Rohde & Schwarz RTB": (["in s,C1 in V", *rows(TIMES, VALUES)], {}),
    "Rohde & Schwarz RTM, German": (
        ["in s;C1 in V", *rows(TIMES, VALUES, between=";", decimal=",")],
        {},
    ),
    "Rigol": ([*RIGOL, *rows(np.arange(300), VALUES, end=",,")], {}),
    "semicolons and points": (["time;voltage", *rows(TIMES, VALUES, between=";")], {}),
    "semicolons and commas": (
        ["Zeit;Spannung", *rows(TIMES, VALUES, between=";", decimal=",")],
        {},
    ),
    "tabs": (["time\tCH1", *rows(TIMES, VALUES, between="\t")], {}),
    "tabs and commas": (rows(TIMES, VALUES, between="\t", decimal=","), {}),
    "blanks": (rows(TIMES, VALUES, between="   "), {}),
    "ms and mV": (["Time (ms),CH1 (mV)", *rows(TIMES * 1e3, VALUES * 1e3)], {}),
    "us and uV in brackets": (
        ["t [\u00b5s];U [\u03bcV]", *rows(TIMES * 1e6, VALUES * 1e6, between=";")],
        {},
    ),
    "units behind underscores": (
        ["time_ns,voltage_mV", *rows(TIMES * 1e9, VALUES * 1e3)],
        {},
    ),
    "a rate with its unit": (["Sample Rate: 250 MSa/s", "CH1", *rows(VALUES)], {}),
    "decimal commas, one column": (
        ["Spannung in mV", *rows(VALUES * 1e3, form="%.2f", decimal=",")],
        {"sample_rate": RATE},
    ),
    "channels without times": (
        ["CH1,CH2", *rows(VALUES, OTHERS)],
        {"sample_rate": RATE, "channel": "ch1"},
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", CASES)
def test_each_dialect_gives_back_the_samples_and_the_rate(tmp_path, name, ending, encoding):
    lines, options = CASES[name]
    text = ending.join(lines) + ending
    if encoding == "cp1252":
        text = text.replace("\u03bc", "\u00b5")
    path = tmp_path / "scope.csv"
    path.write_bytes(text.encode(encoding))
    recording = Recording.from_file(path, **options)
    assert recording.voltage.shape == VALUES.shape
    assert np.allclose(recording.voltage, VALUES, rtol=0, atol=1e-12)
    assert math.isclose(recording.sample_rate, RATE, rel_tol=1e-6)


RTO = [
    "Type:RTO1044:",
    f"Resolution:{STEP!r}:",
    "XStart:-1e-07:",
    "XStop:1.1e-06:",
    "HardwareXStart:-1.02e-07:",
    "SignalHardwareRecordLength:300:",
    f"SignalResolution:{STEP!r}:",
    "VerticalScale:0.1:",
    "Source:Ch1:",
]


@pytest.mark.parametrize("asked", ["trace.csv", "trace.Wfm.csv"])
@pytest.mark.parametrize("stamps", [None, "Off", "On"])
def test_the_two_files_of_an_rto_are_read_from_either_name(tmp_path, asked, stamps):
    said = [*RTO, *([f"TimestampState:{stamps}:"] if stamps else [])]
    (tmp_path / "trace.csv").write_text("\n".join(said))
    columns = (TIMES, VALUES) if stamps == "On" else (VALUES,)
    (tmp_path / "trace.Wfm.csv").write_text("\n".join(rows(*columns)))
    recording = Recording.from_file(tmp_path / asked)
    assert np.array_equal(recording.voltage, VALUES)
    assert math.isclose(recording.sample_rate, RATE, rel_tol=1e-6)


def test_two_columns_of_an_rto_are_two_channels(tmp_path):
    (tmp_path / "trace.csv").write_text("\n".join(RTO))
    (tmp_path / "trace.Wfm.csv").write_text("\n".join(rows(VALUES, OTHERS)))
    recording = Recording.from_file(tmp_path / "trace.csv", channel=2)
    assert np.array_equal(recording.voltage, OTHERS)
    with pytest.raises(RecordingError, match=r"holds 2 channels \('column 1', 'column 2'\)"):
        Recording.from_file(tmp_path / "trace.csv")


def test_several_acquisitions_of_an_rto_are_refused(tmp_path):
    (tmp_path / "trace.csv").write_text("\n".join(RTO))
    (tmp_path / "trace.Wfm.csv").write_text("\n".join(rows(np.tile(VALUES, 3))))
    with pytest.raises(RecordingError, match="holds 900 samples, but its preamble says 300"):
        Recording.from_file(tmp_path / "trace.csv")


def test_a_unit_of_all_channels_and_a_resolution_in_bits_are_what_they_say(tmp_path):
    path = tmp_path / "scope.csv"
    above = ["Vertical Units,mV", "Resolution,12", "Horizontal Units,us", "TIME,CH1,CH2"]
    table = rows(TIMES * 1e6, VALUES * 1e3, OTHERS * 1e3)
    path.write_text("\n".join([*above, *table]))
    for channel, values in (("CH1", VALUES), ("CH2", OTHERS)):
        recording = Recording.from_file(path, channel=channel)
        assert np.allclose(recording.voltage, values, rtol=0, atol=1e-12)
        assert math.isclose(recording.sample_rate, RATE, rel_tol=1e-6)


def test_a_text_may_end_in_dat_and_raw_numbers_too_if_their_type_is_stated(tmp_path):
    path = tmp_path / "scope.dat"
    path.write_text("\n".join(rows(TIMES, VALUES, between="\t")))
    assert np.array_equal(Recording.from_file(path).voltage, VALUES)
    VALUES.astype(">f4").tofile(path)
    found = Recording.from_file(path, RATE, dtype=">f4", scale=1e-3)
    assert np.allclose(found.voltage, VALUES * 1e-3, rtol=1e-6)
    for dtype in ("<f16", "<c8", "V7", "S4", object):
        with pytest.raises(ValueError, match="it must be a type of real numbers"):
            Recording.from_file(path, RATE, dtype=dtype)
    path.write_bytes(bytes(1201))
    with pytest.raises(
        RecordingError, match="1201 bytes, which is no whole number of float32"
    ):
        Recording.from_file(path, RATE, dtype="<f4")
    (tmp_path / "scope.csv").write_text("1\n2\n")
    with pytest.raises(ValueError, match="end the name of a raw binary file in .bin"):
        Recording.from_file(tmp_path / "scope.csv", RATE, dtype="<f4")
    with pytest.raises(ValueError, match="dtype is None; it must be a type of real numbers"):
        Recording.from_file(path.rename(tmp_path / "scope.bin"), RATE)


def lines_of(name, change=None):
    lines, options = CASES[name]
    return (lines if change is None else change(list(lines))), options


def lost(lines):
    return lines[:60] + lines[64:]


def overloaded(lines):
    lines[80] = lines[80].split(",")[0] + ",OVERLOAD"
    return lines


@pytest.mark.parametrize(
    ("name", "change", "options", "words"),
    [
        (
            "Tektronix MSO, two channels",
            None,
            {"channel": None},
            r"2 channels \('CH1', 'CH2'",
        ),
        ("Tektronix MSO, two channels", None, {"channel": "CH3"}, "has no channel 'CH3'"),
        ("Tektronix MSO, two channels", None, {"channel": 3}, "a number from 1 to 2"),
        ("Tektronix MSO, two channels", lost, {}, "about 4 samples were lost there"),
        ("Tektronix TDS, preamble beside", lost, {}, "about 4 samples were lost there"),
        (
            "Keysight Infiniium, values alone",
            lost,
            {},
            "holds 296 samples, but line 4 of its preamble promises 300",
        ),
        (
            "Rigol",
            lambda lines: [*lines[:-6]],
            {"sample_rate": 1e6},
            "sample_rate is 1e.06 Hz, but .* says 2.5e.08 Hz",
        ),
        ("LeCroy", overloaded, {}, "line 81: 'OVERLOAD' is no number"),
        (
            "LeCroy",
            lambda lines: [line.replace("Segments,1", "Segments,3") for line in lines],
            {},
            "line 2: the file holds 3 segments",
        ),
        (
            "LeCroy",
            lambda lines: lines[:200],
            {},
            "holds 195 samples, but line 2 of its preamble promises 300",
        ),
        (
            "Rohde & Schwarz RTB",
            lambda lines: [*lines[:1], *(line for line in lines[1:] for _ in (0, 1))],
            {},
            "the scope has written the lowest and the highest value",
        ),
        (
            "semicolons and commas",
            lambda lines: [*lines[:9], "0,1;1.234,5", *lines[9:]],
            {},
            "line 10: '1.234,5' is no number",
        ),
        (
            "tabs",
            lambda lines: [*lines[:9], "1\t2\t3", *lines[9:]],
            {},
            "line 10 has 3 cells",
        ),
        (
            "tabs and commas",
            lambda lines: [line.replace("\t", ",") for line in lines],
            {},
            "line 1: .* is no number",
        ),
        (
            "decimal commas, one column",
            lambda lines: [f"0,0{k}" for k in range(40)],
            {},
            "line 1: '0,00' may be one number with a decimal comma, or two cells",
        ),
        ("ms and mV", lambda lines: ["notes", "of", "a day"], {}, "holds no numbers"),
        ("ms and mV", lambda lines: ["-", "1 volt"], {}, "line 1: '-' is no row of numbers"),
        ("ms and mV", lambda lines: [], {}, "holds no numbers"),
        ("ms and mV", lambda lines: ["a\0b", "1"], {}, "line 1 holds a zero byte"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_line_and_cure(
    tmp_path, name, change, options, words
):
    lines, usual = lines_of(name, change)
    path = tmp_path / "scope.csv"
    path.write_text("\n".join(lines))
    with pytest.raises(RecordingError, match=words) as caught:
        Recording.from_file(path, **usual | options)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith((".", ". "))


def test_times_with_too_few_digits_are_borne_if_the_preamble_says_the_interval(tmp_path):
    path = tmp_path / "scope.csv"
    few = [f"{time:.7f},{value}" for time, value in zip(TIMES, VALUES, strict=True)]
    path.write_text("\n".join([*TEK_MSO[:-1], "TIME,CH1", *few]))
    recording = Recording.from_file(path)
    assert math.isclose(recording.sample_rate, RATE, rel_tol=1e-12)
    path.write_text("\n".join(["TIME,CH1", *few]))
    with pytest.raises(RecordingError, match="too few digits"):
        Recording.from_file(path)
    path.write_text("\n".join([*TEK_MSO[:7], "Sample Interval,5e-9", "TIME,CH1", *few]))
    with pytest.raises(RecordingError, match="its times say"):
        Recording.from_file(path)


@pytest.mark.parametrize("suffix", [".wfm", ".trc", ".isf", ".tdms"])
def test_formats_of_one_maker_are_refused_with_what_to_export(tmp_path, suffix):
    path = tmp_path / f"scope{suffix}"
    path.write_bytes(b":WFMP#0" + bytes(100))
    with pytest.raises(RecordingError, match="export the trace as CSV"):
        Recording.from_file(path)


styles = st.sampled_from(
    [(";", "."), (";", ","), ("\t", "."), ("\t", ","), (",", "."), ("  ", "."), (" ", ",")]
)
numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.9g}"))


@settings(derandomize=True, max_examples=100, database=None)
@given(
    styles,
    st.lists(numbers, min_size=2, max_size=40),
    st.lists(st.text("abcxyz XYZ", min_size=1, max_size=9), max_size=4),
    st.booleans(),
)
def test_numbers_come_back_in_every_style_below_any_preamble(
    tmp_path_factory, style, values, words, named
):
    between, decimal = style
    lines = [f"key {word}{between}of it" for word in words] if named else []
    lines += [f"time{between}voltage"] if named else []
    lines += rows(
        np.arange(len(values)), values, form="%.9g", between=between, decimal=decimal
    )
    path = tmp_path_factory.mktemp("style") / "scope.txt"
    path.write_text("\n".join(lines))
    recording = Recording.from_file(path)
    assert recording.voltage.tolist() == values
    assert recording.sample_rate == 1.0


@pytest.mark.parametrize(
    "above",
    [
        ["t [ns],P [dBm]"],
        ["t (s),level_dBm"],
        ["x-axis,1", "second,dBm"],
        ["Time,Level in dBuV"],
    ],
)
def test_levels_in_decibels_are_no_voltages(tmp_path, above):
    path = tmp_path / "level.csv"
    path.write_text("\n".join([*above, *rows(TIMES, VALUES)]))
    with pytest.raises(RecordingError, match="which is a level and no voltage"):
        Recording.from_file(path)


def test_a_file_of_its_maker_beside_a_text_without_suffix_is_not_read(tmp_path):
    (tmp_path / "scope.wfm").write_bytes(b":WFMP#0" + bytes(100))
    (tmp_path / "scope").write_text("\n".join(rows(TIMES, VALUES)))
    assert np.array_equal(Recording.from_file(tmp_path / "scope").voltage, VALUES)


def test_a_sample_that_is_none_is_told_with_its_file(tmp_path):
    path = tmp_path / "scope.csv"
    path.write_text("\n".join(rows(TIMES, np.r_[VALUES[:7], np.nan, VALUES[8:]])))
    with pytest.raises(RecordingError, match="scope.csv: Sample 7 of the recording is NaN"):
        Recording.from_file(path)
