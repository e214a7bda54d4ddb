"""The learned network in SI units: frequencies, voltages, and a table to tune devices by."""

import csv

import numpy as np
import pytest
from sklearn.datasets import load_digits

from reservoir.devices import IdealSynapse, SpinDiode
from reservoir.faults import SynapseGainSpread, with_faults
from reservoir.layers import SpintronicClassifier

DIGITS, LABELS = load_digits(return_X_y=True)
X, Y = DIGITS[:200] / 16, LABELS[:200]
SYNAPSES = {
    "damping": "ross2023",
    "constant width": "vortex",
    "measured width": SpinDiode(1e3, half_linewidth=((1e8, 1e6), (2e8, 4e6)), tuning=1.5),
    "tilted line": SpinDiode(2e3, damping=0.01, angle=0.6),
}


def fit(hidden=(6,), **parameters):
    settings = {"max_iter": 3, "random_state": 0, "lines_per_bus": 24, **parameters}
    return SpintronicClassifier(hidden, **settings).fit(X, Y)


@pytest.fixture(scope="module")
def network():
    return fit((6, 5))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", SYNAPSES)
def test_a_table_that_is_read_gives_the_same_network(tmp_path, name, dtype):
    network = fit(synapse=SYNAPSES[name], dtype=dtype)
    network.write_resonances(tmp_path / "table.csv")
    again = network.read_resonances(tmp_path / "table.csv")
    bound = 1e-12 if dtype == "float64" else 1e-5
    proba = network.predict_proba(X)
    np.testing.assert_allclose(again.predict_proba(X), proba, rtol=0, atol=bound)
    for one, other in zip(network.layers_, again.layers_, strict=True):
        np.testing.assert_allclose(other.settings, one.settings, rtol=0, atol=bound)
        assert np.array_equal(other.strengths, one.strengths)
        assert other.gain == pytest.approx(one.gain, rel=1e-14)


def test_rows_may_stand_in_any_order_and_only_what_is_set_is_read(network, tmp_path):
    path = tmp_path / "table.csv"
    network.write_resonances(path)
    head, *rows = path.read_text().splitlines()
    assert len(rows) == 6 * 64 + 5 * 6 + 10 * 5
    path.write_text("\n".join([head, *rows[::-1]]) + "\n")
    again = network.read_resonances(path)
    proba = network.predict_proba(X)
    np.testing.assert_allclose(again.predict_proba(X), proba, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sign", [";", "\t"], ids=["semicolons", "tabs"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_that_a_spreadsheet_saved_with_decimal_commas_is_read(
    network, tmp_path, sign, encoding
):
    path = tmp_path / "table.csv"
    network.write_resonances(path)
    text = path.read_text()
    path.write_text(text.replace(",", sign).replace(".", ","), encoding=encoding)
    again = network.read_resonances(path)
    for one, other in zip(network.layers_, again.layers_, strict=True):
        np.testing.assert_allclose(other.settings, one.settings, rtol=0, atol=1e-5)
        assert np.array_equal(other.strengths, one.strengths)


def test_a_table_says_bus_line_and_units(network, tmp_path):
    network.write_resonances(tmp_path / "table.csv")
    with open(tmp_path / "table.csv") as file:
        rows = list(csv.DictReader(file))
    row = rows[30]
    assert (row["layer"], row["chain"], row["line"], row["bus"]) == ("0", "0", "30", "1")
    assert float(row["line_frequency_Hz"]) == network.line_frequencies_[0][30]
    assert float(row["resonance_Hz"]) == network.resonances_[0][0, 30]
    assert float(row["amplifier_gain"]) == network.gains_[0]
    assert float(row["amplifier_bias_V"]) == network.biases_[0][0]
    assert float(row["polarity"]) == 1
    assert float(rows[31]["polarity"]) == -1


def changed(path, tmp_path, change):
    """A table with a change of one of its rows, a dict, or of all rows."""
    with open(path) as file:
        rows = list(csv.DictReader(file))
    names = list(rows[0])
    rows = change(rows) or rows
    other = tmp_path / "changed.csv"
    with open(other, "w", newline="") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        table.writerows(rows)
    return other


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:-1], "no resonance for chain 9, line 4 of layer 2.*1 more"),
        (lambda rows: rows[3].update(chain="6"), "names chain 6 and line 3 of layer 0"),
        (lambda rows: rows[3].update(line="-1"), "The table is of another network"),
        (lambda rows: rows[3].update(layer="3"), "of layer 3, but the layers"),
        (lambda rows: rows[3].update(resonance_Hz="3e8"), "outside of the bus"),
        (lambda rows: rows[3].update(resonance_Hz="high"), "line 5: 'high' is no number"),
        (lambda rows: rows[3].update(resonance_Hz="nan"), "row 4 .* resonance_Hz is nan"),
        (lambda rows: rows[3].update(polarity="inf"), "row 4 .* polarity is inf"),
        (lambda rows: rows[3].update(chain="0.5"), "chain is 0.5; it must be a whole number"),
        (lambda rows: rows[3].update(line="2"), "names chain 0 and line 2 .* once more"),
        (
            lambda rows: rows[3].update(amplifier_gain="3"),
            "several amplifier gains in layer 0",
        ),
        (lambda rows: rows[3].update(amplifier_bias_V="3"), "several biases for one of its"),
    ],
    ids="missing chain line layer far word nan infinite half twice gains biases".split(),
)
def test_a_table_of_another_network_is_refused(network, tmp_path, change, message):
    network.write_resonances(tmp_path / "table.csv")
    other = changed(tmp_path / "table.csv", tmp_path, change)
    with pytest.raises(ValueError, match=message):
        network.read_resonances(other)


def test_a_table_of_a_larger_network_is_refused(network, tmp_path):
    fit((7,)).write_resonances(tmp_path / "larger.csv")
    with pytest.raises(ValueError, match="The table is of another network"):
        network.read_resonances(tmp_path / "larger.csv")


def test_a_file_that_is_no_table_is_refused(network, tmp_path):
    (tmp_path / "text.csv").write_text("nothing of that kind\n")
    with pytest.raises(ValueError, match="has no column layer; a table of resonances has"):
        network.read_resonances(tmp_path / "text.csv")
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)))
    with pytest.raises(ValueError, match=r"bytes\.csv, line 1 holds a zero byte"):
        network.read_resonances(tmp_path / "bytes.csv")
    with pytest.raises(FileNotFoundError):
        network.read_resonances(tmp_path / "missing.csv")


def test_ideal_synapses_have_no_resonances(tmp_path):
    network = fit(synapse=IdealSynapse())
    for name in ("resonances_", "line_frequencies_", "frequency_range_"):
        with pytest.raises(AttributeError, match="IdealSynapse, which has no resonance"):
            getattr(network, name)
    with pytest.raises(AttributeError, match="only a network of SpinDiode"):
        network.write_resonances(tmp_path / "table.csv")
    assert "IdealSynapse" not in network.describe()


def test_resonances_are_detuned_from_their_lines(network):
    synapse = network._design().synapse
    for layer, lines, resonances in zip(
        network.layers_, network.line_frequencies_, network.resonances_, strict=True
    ):
        found = synapse.detuning_between(lines, resonances)
        np.testing.assert_allclose(found, layer.settings, rtol=0, atol=1e-9)
    low, high = network.frequency_range_
    assert low == 1e8
    assert high == pytest.approx(1e8 * 1.01**23)
    assert np.array_equal(
        network.line_frequencies_[0][24:48], network.line_frequencies_[0][:24]
    )


def test_voltages_are_weights_times_powers_and_make_the_outputs():
    # In SI units, from one layer to the next: V/W, W, V, A/V, A.
    network = fit((6, 5), dtype="float64")
    powers, voltages, currents = network.powers(X), network.voltages(X), network.currents(X)
    unit = network._design().drive_unit
    for index in range(3):
        expected = powers[index] @ network.weights_[index].T + network.biases_[index]
        np.testing.assert_allclose(voltages[index], expected, rtol=1e-9, atol=1e-15)
    for index in range(2):
        expected = 1.5 * unit + network.gains_[index] * voltages[index]
        np.testing.assert_allclose(currents[index], expected, rtol=1e-9)
    outputs = network.gains_[-1] * voltages[-1]
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(network.predict_proba(X), expected, rtol=1e-8, atol=1e-12)


def test_the_description_counts_what_there_is(network):
    text = network.describe()
    assert "64-6-5-10: 464 synapses in 21 chains, 11 neurons, 64 input lines." in text
    assert "64 lines on 3 buses" in text
    assert "5 lines on 1 bus " in text


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("line_frequency_Hz", "3e8"),
        ("bus", "99"),
        ("polarity", "1e30"),
        ("amplifier_gain", "0"),
        ("amplifier_gain", "-1"),
        ("amplifier_bias_V", "1e300"),
    ],
)
def test_a_table_of_other_lines_or_of_what_cannot_be_is_refused(
    network, tmp_path, column, value
):
    network.write_resonances(tmp_path / "table.csv")

    def change(rows):
        for row in rows:
            row[column] = value

    other = changed(tmp_path / "table.csv", tmp_path, change)
    with pytest.raises(ValueError, match=f"{column} of chain 0, line 0 of layer 0 is"):
        network.read_resonances(other)


def test_a_table_of_a_network_with_other_lines_is_refused(network, tmp_path):
    fit((6, 5), lowest_frequency=1.0003e8).write_resonances(tmp_path / "table.csv")
    with pytest.raises(ValueError, match="The table is of another network"):
        network.read_resonances(tmp_path / "table.csv")


def test_strengths_come_back_to_the_bit(network, tmp_path):
    spread = with_faults(network, SynapseGainSpread(0.1), random_state=0)
    spread.write_resonances(tmp_path / "table.csv")
    again = network.read_resonances(tmp_path / "table.csv")
    for one, other in zip(spread.layers_, again.layers_, strict=True):
        assert np.array_equal(other.strengths, one.strengths)
