"""Does a laboratory's own table come in exactly, or is it refused by line and cure?"""

import pytest

from reservoir.ledger import Figures

HEAD = "name,value,unit,source,standing\n"


def read(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "figures.csv"
    path.write_bytes(text.encode(encoding))
    return Figures.read(path)


def test_a_table_gives_its_figures_in_si_units(tmp_path):
    figures = read(
        tmp_path,
        "# our bench, July\n"
        + HEAD
        + 'magnet_power,1.2,kW,"water-cooled, 0.4 T",measured\n'
        + "converter_step_energy,50,fJ,data sheet,published\n"
        + "\n"
        + "generator_power,unknown,W,,\n"
        + "amplifier_power,250,\u00b5W,,\n",
    )
    magnet = figures["magnet_power"]
    assert magnet.value == pytest.approx(1200) and magnet.unit == "W"
    assert magnet.source == "water-cooled, 0.4 T" and magnet.standing == "measured"
    assert figures["converter_step_energy"].value == pytest.approx(50e-15, rel=1e-15)
    assert figures["generator_power"].value is None
    assert figures["amplifier_power"].value == pytest.approx(250e-6)
    assert figures["amplifier_power"].standing == "assumed"
    assert "line 7" in figures["amplifier_power"].source
    assert figures["brain_power"] == Figures()["brain_power"]


def test_source_and_standing_may_be_left_out(tmp_path):
    figures = read(tmp_path, "name,value,unit\ndevice_resistance,0.05,kohm\n")
    assert figures["device_resistance"].value == pytest.approx(50)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("magnet_power,3,horses,,", "line 2 gives magnet_power in 'horses'.*allowed are fW"),
        ("magnet_power,3,J,,", "in 'J', which is no unit of it"),
        ("magnet_power,3,,,", "in '', which is no unit"),
        ("magnet,3,W,,", "names 'magnet'; the figures are device_resistance"),
        ("magnet_power,3,W,,certain", "standing 'certain'; it must be one of measured"),
        ("magnet_power,three,W,,", "as 'three'; it must be a finite number"),
        ("magnet_power,-3,W,,", "as '-3'; it must be a finite number"),
        ("magnet_power,nan,W,,", "as 'nan'; it must be a finite number"),
        ("magnet_power,inf,W,,", "as 'inf'; it must be a finite number"),
        ("magnet_power,3,W,,unknown", "calls magnet_power unknown, but gives 3"),
        ("magnet_power,,W,,measured", "calls magnet_power measured, but gives no value"),
        ("magnet_power,3,W", "has 3 cells, but there are 5 columns"),
        ("magnet_power,3,W,,\nmagnet_power,4,W,,", "line 3 gives 'magnet_power' a second"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number_and_what_is_allowed(tmp_path, row, words):
    with pytest.raises(ValueError, match=words):
        read(tmp_path, HEAD + row + "\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty; its first line must name the columns name, value"),
        ("name,value\n", "line 1 has no column 'unit'"),
        ("name,value,unit,colour\n", "line 1 has the columns"),
        ("name,value,unit,unit\n", "line 1 has the columns"),
    ],
)
def test_a_table_without_its_columns_is_refused(tmp_path, text, words):
    with pytest.raises(ValueError, match=words):
        read(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_table_with_decimal_commas_gives_the_same_figures(tmp_path, encoding, delimiter):
    text = HEAD + "magnet_power,1.2,kW,f\u00fcr uns,measured\namplifier_power,2.5E-4,W,,\n"
    expected = read(tmp_path, text)
    other = "# Werkbank\n\n" + text.replace(",", delimiter).replace(".", ",")
    found = read(tmp_path, other, encoding)
    for name in ("magnet_power", "amplifier_power"):
        assert found[name].value == expected[name].value
    assert found["magnet_power"] == expected["magnet_power"]
    with pytest.raises(ValueError, match=r"line 2 .*as '1\.000,5'; it must be a finite"):
        read(
            tmp_path,
            (HEAD + "magnet_power,1.000:5,W,,\n").replace(",", ";").replace(":", ","),
        )


def test_a_table_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "figures.csv"
    path.write_bytes((HEAD + "magnet_power,3,W,,\n").encode("utf-16")[:-1])
    with pytest.raises(ValueError, match="is no table of text in UTF-8"):
        Figures.read(path)
