import json

import h5py
import numpy as np
import pytest
from reservoir.datasets import DatasetError

from reservoir import ReservoirRegressor, cli, datasets
from reservoir.experiments import VowelsExperiment
from reservoir.experiments.own_features import OwnFeaturesExperiment
from reservoir.experiments.own_series import CONTEXT, OwnSeriesExperiment
from reservoir.experiments.own_tables import Source, read_features, read_labels
from reservoir.metrics import nmse

VOWELS = datasets.make_vowels(12, ("ae", "er", "iy", "uw"), random_state=0)
NARMA = datasets.make_narma10(600, random_state=0)


def write_csv(path, rows, names):
    lines = [",".join(names), *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def formants(tmp_path):
    rows = [
        [*map(float, x), label, talker]
        for x, label, talker in zip(VOWELS.data, VOWELS.target, VOWELS.talkers, strict=True)
    ]
    write_csv(tmp_path / "t.csv", rows, [*VOWELS.feature_names, "vowel", "speaker"])
    np.save(tmp_path / "X.npy", VOWELS.data)
    with h5py.File(tmp_path / "t.h5", "w") as file:
        file["X"] = VOWELS.data
        file["y"] = np.char.encode(VOWELS.target.astype(str))
    return tmp_path


def test_csv_hdf5_and_npy_hold_the_same_table(formants):
    labels = Source.of(f"{formants}/t.csv:vowel")
    groups = Source.of(f"{formants}/t.csv:speaker")
    found = read_features(Source.of(f"{formants}/t.csv"), labels, groups)
    assert np.array_equal(found, VOWELS.data)
    for text in ("X.npy", "t.h5:X", f"t.csv:{','.join(VOWELS.feature_names)}"):
        assert np.array_equal(read_features(Source.of(f"{formants}/{text}")), VOWELS.data)
    one = read_features(Source.of(f"{formants}/t.csv:F2,F1"))
    assert np.array_equal(one, VOWELS.data[:, [1, 0]])
    for text in ("t.csv:vowel", "t.h5:y"):
        labels = read_labels(Source.of(f"{formants}/{text}"))
        assert labels.tolist() == VOWELS.target.tolist()


@pytest.mark.slow
def test_a_table_of_the_vowels_gives_the_numbers_of_the_vowels():
    named = VowelsExperiment(quick=True, methods=("majority", "lda", "network-search"))
    rows = named.run()
    own = OwnFeaturesExperiment(
        "vowels", X=named.data_, y=named.target_, quick=True, methods=named.methods
    )
    for row, expected in zip(own.run(), rows, strict=True):
        assert row.value == expected.value and row.n_folds == 5
        assert (row.task, row.frontend, row.protocol) == ("classes", "features", "5x1")


@pytest.mark.slow
def test_groups_stand_on_one_side_of_every_fold(formants, tmp_path):
    table, rows = f"{formants}/t.csv", tmp_path / "r.json"
    command = ["vowels", "--X", table, "--y", f"{table}:vowel", "--quick"]
    command += ["--methods", "majority", "lda", "--json", str(rows)]
    assert cli.main([*command, "--groups", f"{table}:speaker"]) == 0
    found = json.loads(rows.read_text())
    assert [row["protocol"] for row in found] == ["groups-5x1"] * 2
    assert found[0]["dataset"] == table
    experiment = OwnFeaturesExperiment(
        X=VOWELS.data, y=VOWELS.target, groups=VOWELS.talkers, quick=True
    )
    experiment.load()
    for train, test in experiment.folds_[0]:
        assert not set(VOWELS.talkers[train]) & set(VOWELS.talkers[test])


def test_the_series_is_that_of_the_regressor_itself(tmp_path):
    write_csv(tmp_path / "s.csv", np.c_[NARMA.data, np.ravel(NARMA.target)], ["u", "y"])
    rows = tmp_path / "r.json"
    command = ["series", "--X", f"{tmp_path}/s.csv:u", "--y", f"{tmp_path}/s.csv:y"]
    assert cli.main([*command, "--quick", "--json", str(rows)]) == 0
    values = {row["method"]: row["value"] for row in json.loads(rows.read_text())}
    target = np.ravel(NARMA.target)
    known, new = slice(400), slice(400, None)
    model = ReservoirRegressor(None, 50, context=CONTEXT, washout=40, random_state=0)
    model.fit(NARMA.data[known], target[known])
    expected = nmse(target[new], np.ravel(model.predict(NARMA.data))[new])
    assert values["oscillator-taps"] == pytest.approx(expected, rel=1e-9)
    bias = (target[new].mean() - target[known].mean()) ** 2
    assert values["mean"] == pytest.approx(1 + bias / target[new].var())


def test_a_linear_filter_is_what_linear_taps_find():
    u = np.random.default_rng(0).normal(size=(900, 2))
    y = u[:, 0] - 0.5 * np.r_[0, 0, u[:-2, 1]]
    experiment = OwnSeriesExperiment(X=u, y=y, quick=True, methods=("linear-taps",))
    (row,) = experiment.run()
    assert row.value < 1e-8 and row.n_parameters == 2 * 4 + 1


@pytest.mark.parametrize(
    ("delimiter", "decimal", "encoding"),
    [
        (",", ".", "utf-8"),
        (";", ",", "latin-1"),
        ("\t", ",", "utf-8-sig"),
        (";", ".", "utf-16"),
        ("\t", ".", "utf-8"),
    ],
)
def test_features_labels_and_groups_are_read_in_each_dialect(
    tmp_path, delimiter, decimal, encoding
):
    numbers = np.round(np.random.default_rng(0).normal(size=(40, 2)), 4)
    labels = np.array(["caf\u00e9", "na\u00efve"] * 20)
    cells = [[*(f"{x}".replace(".", decimal) for x in row)] for row in numbers]
    lines = [["F1", "F2", "word", "number"]]
    lines += [
        [*row, label, str(n)]
        for n, (row, label) in enumerate(zip(cells, labels, strict=True))
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(map(delimiter.join, lines)) + "\n", encoding=encoding)
    whole, word = Source.of(str(path)), Source.of(f"{path}:word")
    number = Source.of(f"{path}:number")
    assert np.array_equal(read_features(whole, word, number), numbers)
    assert np.array_equal(read_features(Source.of(f"{path}:F2")), numbers[:, 1:])
    assert np.array_equal(read_labels(word), labels)
    assert np.array_equal(read_labels(number), np.arange(40))
    one = tmp_path / "one.csv"
    one.write_text("\n".join(["F1", *(row[0] for row in cells)]) + "\n", encoding=encoding)
    assert np.array_equal(read_features(Source.of(f"{one}:F1")), numbers[:, :1])


def bad_tables(folder):
    np.save(folder / "y.npy", VOWELS.target)
    np.save(folder / "XT.npy", VOWELS.data.T)
    np.save(folder / "short.npy", VOWELS.target[:-1])
    np.save(folder / "half.npy", np.arange(len(VOWELS.target)) / 2)
    np.savez(folder / "several.npz", X=VOWELS.data)
    (folder / "several.npz").rename(folder / "several.npy")
    huge = (
        (folder / "X.npy")
        .read_bytes()
        .replace(b"(48, 12), }" + 9 * b" ", b"(4800000000, 12), }  ")
    )
    (folder / "huge.npy").write_bytes(huge)
    np.save(folder / "boxed.npy", np.array([{}, []], dtype=object))
    spoiled = VOWELS.data.copy()
    spoiled[4, 2] = np.nan
    np.save(folder / "nan.npy", spoiled)
    (folder / "gap.csv").write_text("a,label\n1,x\n2,\n")
    (folder / "bare.csv").write_text("1,2\n3,4\n")


@pytest.mark.parametrize(
    "X, y, words",
    [
        ("XT.npy", "y.npy", "so it seems to be transposed: write a row for each"),
        ("X.npy", "short.npy", "has 48 rows and {}/short.npy has 47"),
        ("nan.npy", "y.npy", "holds nan in row 5, column 3"),
        ("X.npy", "half.npy", "holds 0.5 in row 2, which is no label"),
        ("X.npy", "X.npy", "has the shape (48, 12); labels are one column"),
        ("several.npy", "y.npy", "is an archive of several arrays"),
        ("huge.npy", "y.npy", "claims more than it holds"),
        ("boxed.npy", "y.npy", "is no .npy file of numbers"),
        ("t.h5", "y.npy", "has 2 data sets; name one of X, y, as in t.h5:X"),
        ("t.h5:Z", "y.npy", "has no data set 'Z'"),
        ("t.csv", "t.csv", "has 14 columns; name the one that holds the labels"),
        ("t.csv", "t.csv:vowel", "A column of texts is left out by naming the others"),
        ("t.csv:F9", "y.npy", "has no column 'F9'; it has F1, F2"),
        ("gap.csv:a", "gap.csv:label", "has no label in row 2"),
        ("bare.csv:a", "y.npy", "has no line that names its columns"),
        ("X.xlsx", "y.npy", "is no table; give FILE.csv[:COLUMN,...]"),
        ("none.csv", "y.npy", "There is no file"),
        ("X.npy:X", "y.npy", "nothing stands behind a colon"),
        ("X.npy", "y.txt", "There is no file"),
    ],
)
def test_tables_that_say_nothing_are_refused_in_a_sentence(X, y, words, formants, capsys):
    bad_tables(formants)
    with pytest.raises(SystemExit) as left:
        cli.main(["vowels", "--X", f"{formants}/{X}", "--y", f"{formants}/{y}", "--quick"])
    said = capsys.readouterr().err
    assert left.value.code == 2 and said.count("\n") == 1
    assert words.replace("{}", str(formants)) in said


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["vowels", "--X", "{}/X.npy"], "belong together; give --y"),
        (["vowels", "--groups", "{}/X.npy"], "--groups belongs to --X and --y"),
        (
            ["vowels", "--X", "{}/X.npy", "--y", "{}/t.h5:y", "--task", "twelve"],
            "--task chooses other data",
        ),
        (
            ["series", "--X", "{}/X.npy", "--y", "{}/t.csv:F1", "--task", "parity"],
            "--task chooses other data",
        ),
        (
            ["series", "--X", "{}/t.csv:F1", "--y", "{}/t.csv:F2", "--table", "{}/t.csv"],
            "is to be read, so it cannot be written",
        ),
        (
            ["series", "--X", "{}/a:b.csv:F1", "--y", "{}/t.csv:F2", "--json", "{}/a:b.csv"],
            "is to be read, so it cannot be written",
        ),
    ],
)
def test_options_that_contradict_are_refused(arguments, words, formants, capsys):
    (formants / "a:b.csv").write_bytes((formants / "t.csv").read_bytes())
    with pytest.raises(SystemExit):
        cli.main([text.format(formants) for text in arguments])
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "y, groups, words",
    [
        (["a"] * 48, None, "have the label a, so there is nothing"),
        (["a"] * 47 + ["b"], None, "The label b .* stands at one sample only"),
        (VOWELS.target, ["x"] * 48, "are of one group"),
    ],
)
def test_classes_and_groups_that_cannot_be_divided_are_refused(y, groups, words):
    with pytest.raises(DatasetError, match=words):
        OwnFeaturesExperiment(X=VOWELS.data, y=y, groups=groups, quick=True).run()


def test_series_of_which_nothing_can_be_learned_are_refused():
    u = np.random.default_rng(0).normal(size=(90, 1))
    with pytest.raises(DatasetError, match="59 rows of input .* 60 at least"):
        OwnSeriesExperiment(X=u[:59], y=u[:59]).run()
    with pytest.raises(DatasetError, match="Column 1 of the target .* does not change"):
        OwnSeriesExperiment(X=u, y=np.ones(90)).run()
