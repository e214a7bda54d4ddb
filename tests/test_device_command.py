"""Does `reservoir device` print, write and draw a device, and refuse in a sentence?"""

import json

import numpy as np
import pytest

from reservoir import SpinTorqueOscillator, cli, simulate
from reservoir.bench import load_device, locking_edges
from reservoir.devices import linewidth

VORTEX = SpinTorqueOscillator.from_preset("torrejon2017")


def run(capsys, *arguments):
    """Status, standard output and standard error of a command."""
    try:
        status = cli.main(["device", *map(str, arguments)])
    except SystemExit as leaving:
        status = leaving.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture
def bench(tmp_path):
    """A table and the trace of a step, as an instrument in Germany would save them."""
    current = np.linspace(2e-3, 8e-3, 31)
    width = np.full(31, np.nan)
    above = current > 3.55e-3
    width[above] = linewidth(VORTEX, 1e-4, current[above])
    rows = zip(
        1e3 * current,
        10 * np.where(above, VORTEX.stationary_amplitude(current), 0),
        1e-6 * VORTEX.stationary_frequency(current),
        1e-3 * width,
        strict=True,
    )
    lines = ["Probe;7;;", "I (mA);A (mV);f (MHz);linewidth (kHz)"]
    lines += [";".join(f"{value:.7g}" for value in row).replace(".", ",") for row in rows]
    (tmp_path / "bench.csv").write_text("\n".join(lines))
    power = float(VORTEX.stationary_power(4e-3))
    trace = simulate(VORTEX, np.full(300, 7e-3), 10e-9, initial_power=power)
    text = "\n".join(f"{10 * (i + 1)},{10 * a:.6f}" for i, a in enumerate(trace))
    (tmp_path / "step.csv").write_text("time_ns,voltage_mV\n" + text)
    return tmp_path


def line_of(text, name):
    return next(line for line in text.splitlines() if line.startswith(name))


def test_a_preset_is_printed_with_its_origin(capsys):
    status, text, _ = run(capsys, "torrejon2017", "--bias", "7mA")
    assert status == 0
    assert "3.5 mA" in line_of(text, "threshold current") and "read" in text
    assert "410 ns" in line_of(text, "relaxation time")
    assert "recalled, not checked" in text


@pytest.mark.slow
def test_a_table_and_a_transient_give_a_device_that_can_be_loaded(capsys, bench):
    files = bench / "mine.h5", bench / "mine.json", bench / "mine.png"
    status, text, errors = run(
        capsys,
        bench / "bench.csv",
        *("--transient", bench / "step.csv", "--bias", "7mA"),
        *("--out", files[0], "--json", files[1], "--plot", files[2]),
    )
    assert status == 0 and not errors
    assert "fitted" in line_of(text, "damping rate G") and "assumed" not in text
    found = load_device(str(files[0]))
    assert found.threshold_current == pytest.approx(VORTEX.threshold_current, rel=1e-4)
    assert found.damping_rate == pytest.approx(VORTEX.damping_rate, rel=1e-3)
    rows = {row["key"]: row for row in json.loads(files[1].read_text())}
    assert rows["relaxation_time"]["value"] == pytest.approx(410e-9, rel=1e-3)
    assert rows["relaxation_time_of_transient"]["unit"] == "s"
    assert rows["linewidth"]["value"] == pytest.approx(
        linewidth(VORTEX, 1e-4, 7e-3), rel=0.01
    )
    assert files[2].read_bytes().startswith(b"\x89PNG")


def test_locking_edges_tell_what_the_source_does(capsys, tmp_path):
    device = SpinTorqueOscillator.from_preset("romera2018")
    free = float(device.stationary_frequency(4e-3))
    rows = ["injected_current_mA,lower_edge_MHz,upper_edge_MHz"]
    for current in (0.1, 0.2, 0.4):
        low, high = locking_edges(device, 4e-3, 2e6 * current)  # 2e9 1/s per A
        rows.append(f"{current},{(free + low) / 1e6:.5f},{(free + high) / 1e6:.5f}")
    (tmp_path / "edges.csv").write_text("\n".join(rows))
    status, text, _ = run(
        capsys, "romera2018", "--bias", "4mA", "--locking", tmp_path / "edges.csv"
    )
    assert status == 0
    assert "2.000e+09" in line_of(text, "injection per A of the source")


@pytest.mark.filterwarnings("default::reservoir.exceptions.UnitsWarning")
def test_a_bias_without_its_prefix_is_suspected(capsys):
    status, _, errors = run(capsys, "torrejon2017", "--bias", "7")
    assert status == 0 and "A factor of 1e3 is suspected, as of mA" in errors
    assert not run(capsys, "torrejon2017", "--bias", "7mA")[2]


def test_what_rests_on_an_assumed_number_says_so(capsys, bench):
    # Without frequencies that tell the shift, linewidths cannot tell the damping rate.
    rows = (bench / "bench.csv").read_text().splitlines()[1:]
    narrow = "\n".join(";".join(row.split(";")[:2]) for row in rows)
    (bench / "narrow.csv").write_text(narrow)
    status, text, _ = run(capsys, bench / "narrow.csv", "--like", "riou2017")
    assert status == 0
    assert "assumed" in line_of(text, "damping rate G")
    assert "derived from assumed" in line_of(text, "relaxation time")
    assert "the preset riou2017 gives what is assumed" in text
    status, text, _ = run(
        capsys, bench / "narrow.csv", "--known", "damping_rate=1.2e6", "frequency=305MHz"
    )
    assert status == 0
    assert "given" in line_of(text, "damping rate G")
    assert "305 MHz" in line_of(text, "frequency at the threshold")


def test_json_on_standard_output_leaves_the_table_to_standard_error(capsys):
    status, text, errors = run(capsys, "romera2018", "--json", "-")
    assert status == 0
    assert json.loads(text)[0]["key"] == "threshold_current"
    assert "threshold current" in errors


@pytest.mark.parametrize("name", ["appeltant2011", "grimaldi2014", "perpendicular"])
def test_devices_of_other_kinds_are_printed_too(capsys, name):
    status, text, _ = run(capsys, name)
    assert status == 0 and "read" in text


def test_wrong_wishes_are_refused_in_a_sentence(capsys, bench):
    table = bench / "bench.csv"
    for arguments, status, words in (
        (["nowhere"], 1, "no preset 'nowhere'"),
        (["nowhere.csv"], 1, "There is no file nowhere.csv"),
        ([table, "--units", "current=A"], 1, "line 2 gives current in mA"),
        ([table, "--units", "current"], 2, "COLUMN=UNIT"),
        ([table, "--known", "Q=1"], 1, "given names 'Q'"),
        ([table, "--known", "damping_rate"], 2, "NAME=VALUE"),
        (
            [table, "--known", "damping_rate=fast"],
            2,
            "behind the sign there must be a number, without a unit or in 1/s",
        ),
        ([table, "--known", "threshold_current=3MHz"], 2, "without a unit or in A"),
        (
            [table, "--known", "threshold_current=3"],
            1,
            "bench.csv: The threshold_current given",
        ),
        ([table, "--known", "frequency=3e8", "frequency=3GHz"], 2, "frequency twice"),
        ([table, "--bias", "1mA"], 1, "below the threshold"),
        ([table, "--bias", "-1"], 2, "is not a finite current above 0"),
        ([table, "--transient", bench / "step.csv"], 2, "--transient needs --bias"),
        (["romera2018", "--locking", table], 2, "--locking needs --bias"),
        (["romera2018", "--known", "frequency=1"], 2, "goes with a bench table only"),
        ([table, "--json", table], 2, "would replace"),
        ([table, "--out", bench / "x.csv"], 2, "end the name in .h5"),
        (["appeltant2011", "--plot", bench / "x.png"], 1, "no threshold"),
    ):
        found, _, errors = run(capsys, *arguments)
        assert found == status, arguments
        assert words in errors, errors
