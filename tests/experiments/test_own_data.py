import json
import re
import wave

import numpy as np
import pytest
from reservoir.datasets import DatasetError, DatasetWarning
from reservoir.datasets.patterns import NamePattern
from sklearn.utils import Bunch

from reservoir import cli, datasets
from reservoir.experiments import DigitsExperiment, RobustnessExperiment
from reservoir.experiments.new_voices import NewVoicesExperiment

DIGITS = datasets.load_spoken_digits()
WORDS = "zero one two three four five six seven eight nine".split()
REGULAR = r"(?P<speaker>\w+)/take(?P<index>\d+)-(?P<label>[a-z]+)\.wav"
SMALL = {"quick": True, "n_nodes": 20, "methods": ("control", "oscillator", "ridge")}


def write_clip(path, samples):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, DIGITS.sample_rate, 0, "NONE", ""))
        file.writeframes(np.round(samples * 32768).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Three voices of the synthetic corpus, under names of both forms of patterns."""
    braces, regular = (tmp_path_factory.mktemp(name) for name in ("braces", "regular"))
    voices = np.unique(DIGITS.speakers)[:3]
    clips = zip(DIGITS.data, DIGITS.target, DIGITS.speakers, DIGITS.indices, strict=True)
    for clip, digit, voice, number in clips:
        if voice in voices:
            write_clip(braces / f"{digit}_{voice}_{number}.wav", clip)
            write_clip(regular / voice / f"take{number:02d}-{WORDS[digit]}.wav", clip)
    return braces, regular


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["index", "speaker", "official"])
def test_a_folder_of_the_corpus_gives_the_table_of_the_corpus(protocol, folders):
    braces, regular = folders
    named = DigitsExperiment("synthetic", protocol, **SMALL).run()
    for folder, pattern in ((braces, "{label}_{speaker}_{index}.wav"), (regular, REGULAR)):
        experiment = DigitsExperiment(folder, protocol, pattern=pattern, **SMALL)
        for own, row in zip(experiment.run(), named, strict=True):
            assert own.method == row.method and own.n_folds == row.n_folds
            # Clips come in the order of their labels, which the sums of a fit feel.
            assert own.value == pytest.approx(row.value, abs=0.0101), (folder, own.method)
    assert set(experiment.predictions_["control"]) <= {"", *WORDS}
    if protocol == "index":  # Two of ten recordings of each word and voice are tested.
        counts = np.unique(experiment.target_, return_counts=True)[1]
        assert experiment.confusion_.sum(axis=1).tolist() == (counts // 5).tolist()


@pytest.mark.slow
def test_a_bunch_is_taken_as_it_is(folders):
    bunch = datasets.load_recordings(folders[1], REGULAR)
    own = DigitsExperiment(bunch, "speaker", **SMALL)
    folder = DigitsExperiment(folders[1], "speaker", pattern=REGULAR, **SMALL)
    assert [row.value for row in own.run()] == [row.value for row in folder.run()]
    assert own.data_used().digest == folder.data_used().digest
    assert own.data_used().dataset == "recordings" and len(repr(own)) < 1000


@pytest.mark.slow
def test_the_default_protocol_leaves_voices_of_a_folder_out(folders, tmp_path, capsys):
    rows = tmp_path / "r.json"
    command = ["digits", "--dataset", str(folders[1]), "--quick", "--nodes", "20"]
    pattern = r"(?P<speaker>\w+)/take\d+-(?P<label>[a-z]+)\.wav"
    assert cli.main([*command, "--pattern", pattern, "--json", str(rows)]) == 0
    found = json.loads(rows.read_text())
    assert [row["method"] for row in found] == ["majority", "control", "oscillator"]
    assert {row["n_folds"] for row in found} == {3}
    assert {row["dataset"] for row in found} == {str(folders[1])}
    assert cli.main([*command, "--pattern", REGULAR, "--json", str(rows)]) == 0
    votes = [row["method"] for row in json.loads(rows.read_text())][-2:]
    assert votes == ["control-vote", "oscillator-vote"]
    assert "published protocol" in capsys.readouterr().out


@pytest.mark.slow
def test_a_sweep_of_faults_takes_a_folder(folders):
    options = {"quick": True, "faults": ("dead-nodes",), "severities": (0.1,)}
    rows = {}
    for dataset, pattern in (("synthetic", "{label}.wav"), (str(folders[1]), REGULAR)):
        experiment = RobustnessExperiment(
            dataset=dataset, pattern=pattern, methods=("oscillator",), **options
        )
        rows[dataset] = experiment.run()[0]
    own, named = rows[str(folders[1])], rows["synthetic"]
    assert own.value == pytest.approx(named.value, abs=0.0101)
    assert experiment.settings()["pattern"] == REGULAR
    with pytest.raises(ValueError, match="needs the numbers of the recordings"):
        RobustnessExperiment(dataset=str(folders[1]), pattern="{label}.wav", **options)


@pytest.mark.parametrize(
    "protocol, pattern, words",
    [
        ("speaker", r".*(?P<label>\w+)\.wav", r"needs the speakers.*does not name"),
        ("index", r"(?P<speaker>\w+)/.*(?P<label>\w)\.wav", r"numbers.*without: speaker"),
        ("official", "{speaker}/{label}.wav", r"needs the numbers of the recordings"),
    ],
)
def test_a_protocol_names_what_the_pattern_does_not_give(protocol, pattern, words, folders):
    with pytest.raises(ValueError, match=words):
        DigitsExperiment(folders[1], protocol, pattern=pattern)
    bunch = Bunch(data=[np.ones(9)], target=np.array(["a"]), sample_rate=8000)
    with pytest.raises(ValueError, match=r"which lack: their .*\(speakers|\(indices"):
        DigitsExperiment(bunch, protocol)
    with pytest.raises(ValueError, match="needs the speakers"):
        NewVoicesExperiment(bunch)


def test_what_is_no_corpus_is_refused():
    with pytest.raises(ValueError, match=r"'nowhere'; it must be one of .* or a folder"):
        DigitsExperiment("nowhere")
    with pytest.raises(TypeError, match=r"of type int; .*load_recordings gives"):
        DigitsExperiment(3)


@pytest.mark.parametrize(
    "names, words",
    [
        (["a_x_0", "a_y_0"], "All 2 clips .* have the label a"),
        (["a_x_3", "b_x_3", "a_y_13"], "leaves 0 clips of 0 labels to learn from"),
        (["a_x_0", "b_y_1"], "leaves 1 clips of 1 labels"),
    ],
)
def test_folds_of_which_nothing_can_be_learned_are_refused(names, words, tmp_path):
    for name in names:
        write_clip(tmp_path / f"{name}.wav", DIGITS.data[0])
    with pytest.raises(DatasetError, match=words):
        DigitsExperiment(tmp_path, "index", **SMALL).run()


def test_a_silent_clip_is_named(tmp_path):
    for name, clip in (("a_x_0", DIGITS.data[0]), ("b_x_1", np.zeros(900))):
        write_clip(tmp_path / f"{name}.wav", clip)
    with pytest.raises(DatasetError, match=r"a silent clip in .*b_x_1\.wav"):
        DigitsExperiment(tmp_path, "index", **SMALL).run()


def test_a_folder_without_a_fitting_name_tells_the_three_nearest_and_why(tmp_path):
    names = ["ann/take1_yes.wav", "ann/take2-yes.wav", "take3-no.wav", "zz.wav", "q/zz.wav"]
    for name in names:
        write_clip(tmp_path / name, DIGITS.data[0])
    with pytest.raises(DatasetError) as error:
        datasets.load_recordings(tmp_path, "{speaker}/take{index}.{label}.wav")
    said = str(error.value)
    assert "holds 5 ending in '.wav'" in said
    nearest = ["ann/take1_yes.wav", "ann/take2-yes.wav", "take3-no.wav"]
    places = [said.index(f"{name}: ") for name in nearest]
    assert places == sorted(places) and "zz.wav" not in said
    assert (
        "ann/take1_yes.wav: it fits up to 'ann/take1', then the pattern asks for '.'" in said
    )
    assert "the name goes on with '_yes.wav'" in said
    assert "'take3-no.wav', then the pattern asks for '/take' and the name ends" in said
    regular = r"(?P<speaker>\w+)/take(?P<index>\d+)\+(?P<label>\w+)\.wav"
    with pytest.raises(DatasetError) as error:
        datasets.load_recordings(tmp_path, regular)
    assert r"it fits up to 'ann/take1', then the pattern asks for '\+" in str(error.value)


@pytest.mark.parametrize(
    "pattern, name, reason",
    [
        ("{label}-{index}.wav", "yes-one.wav", r"{index} (a whole number) and the name goes"),
        ("{label}-{index}.wav", "yes-", "(a whole number) and the name ends there"),
        ("{label}.wav", "yes.wav.bak", "the pattern ends and the name goes on with '.bak'"),
        (r"(?P<label>\w*)-.*", "-1.wav", "its label is empty"),
        (r"(?P<label>\w+)-(?P<index>\w+)", "a-b", "its index is 'b', which is no whole"),
    ],
)
def test_where_a_name_departs_from_a_pattern_is_told(pattern, name, reason):
    meaning = NamePattern.of(pattern)
    assert meaning.read(name) is None
    ((found, why),) = meaning.nearest([name])
    assert found == name and reason in why


def test_parts_of_no_meaning_are_passed_over(tmp_path):
    for name in ("x9-ann-yes-1.WAV", "x8-bob-no-2.WAV"):
        write_clip(tmp_path / name, DIGITS.data[0])
    (tmp_path / "notes.txt").write_text("of no matter")
    pattern = r"(?P<device>\w+)-\w+-(?P<label>\w+)-.*"
    clips = datasets.load_recordings(tmp_path, pattern)
    assert clips.target.tolist() == ["no", "yes"]
    assert clips.skipped == [] and "speakers" not in clips
    narrow = r"\w+-(?P<speaker>\w+)-(?P<label>y\w+)-.*"
    with pytest.warns(DatasetWarning, match="1 files in .* such as x8-bob-no-2.WAV"):
        strict = datasets.load_recordings(tmp_path, narrow)
    assert strict.speakers.tolist() == ["ann"] and strict.skipped == ["x8-bob-no-2.WAV"]


@pytest.mark.parametrize(
    "pattern, words",
    [
        (r"(?P<label>\w+", "which is no regular expression: missing )"),
        (r"(?P<word>\w+).wav", "it must hold a group (?P<label>...)"),
        (r"(?P<label>a)(?P<label>b)", "which is no regular expression: redefinition"),
    ],
)
def test_a_bad_expression_is_refused_before_the_work(pattern, words, folders, capsys):
    with pytest.raises(ValueError, match=re.escape(words)):
        datasets.load_recordings(folders[1], pattern)
    commands = (
        ["digits", "--dataset", str(folders[1])],
        ["robustness", "--dataset", str(folders[1])],
        ["train", str(folders[1]), "--out", "m.h5"],
    )
    for command in commands:
        with pytest.raises(SystemExit) as left:
            cli.main([*command, "--pattern", pattern])
        assert left.value.code == 2 and words in capsys.readouterr().err


def test_a_pattern_without_a_folder_is_refused(capsys):
    for command in (["digits"], ["robustness"], ["digits", "--dataset", "fsdd"]):
        with pytest.raises(SystemExit):
            cli.main([*command, "--pattern", "{label}.wav"])
        assert "give --dataset FOLDER" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["digits", "--dataset", "nowhere"])
    said = capsys.readouterr().err
    assert "neither a data set (synthetic, fsdd, ti46) nor a folder of recordings" in said
