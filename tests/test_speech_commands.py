"""From a folder of files to a model, and from files to labels, in two commands."""

import json
import os
import signal
import subprocess
import sys
import wave

import numpy as np
import pytest
from reservoir.datasets import load_spoken_digits

from reservoir import ReservoirClassifier, cli, load, save, speech_commands
from reservoir.audio import MFCC, SpeechClassifier, at_rate
from reservoir.experiments.options import OneLineParser

DIGITS = load_spoken_digits()
RATE = DIGITS.sample_rate
WORDS = {0: "zero", 3: "three", 7: "seven"}
KNOWN = ("adam", "bella", "callum", "dora")
SMALL = ["--nodes", "60", "--masks", "1"]
TINY = ["--nodes", "20", "--masks", "1", "--speeds"]


def write_wave(path, samples, rate=RATE, channels=1):
    """Write samples as 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def clips_of(speakers, most=3):
    """Words of some speakers: (label, speaker, index, samples)."""
    for samples, digit, speaker, index in zip(
        DIGITS.data, DIGITS.target, DIGITS.speakers, DIGITS.indices, strict=True
    ):
        if digit in WORDS and speaker in speakers and index < most:
            yield WORDS[digit], speaker, index, samples


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with recordings of four voices in `known`, and of a new one in `new`."""
    folder = tmp_path_factory.mktemp("words")
    for speakers, name in ((KNOWN, "known"), (("fay",), "new")):
        for label, speaker, index, samples in clips_of(speakers):
            write_wave(folder / name / f"{label}_{speaker}_{index}.wav", samples)
    return folder


@pytest.fixture(scope="module")
def trained(place):
    """The same folder with a model in `words.h5`."""
    command = ["train", str(place / "known"), *SMALL, "--out", str(place / "words.h5")]
    assert cli.main(command) == 0
    return place


def predicted(capsys, *arguments):
    """Rows, messages and status of `predict`, as JSON on standard output."""
    capsys.readouterr()
    status = cli.main(["predict", *map(str, arguments), "--json", "-"])
    captured = capsys.readouterr()
    rows = json.loads(captured.out)
    lines = captured.err.splitlines()
    said = [line for line in lines if line.startswith("reservoir: ")]
    table = [line for line in lines if not line.startswith("reservoir: ")]
    assert [line.split()[0] for line in table] == [row["file"] for row in rows]
    return rows, said, status


def share_right(rows):
    """Share of the rows whose label is the beginning of the file's name."""
    return np.mean(
        [os.path.basename(row["file"]).startswith(f"{row['label']}_") for row in rows]
    )


def test_words_of_files_are_learned_and_a_new_voice_is_recognised(trained, capsys):
    files = sorted((trained / "new").iterdir())
    rows, said, status = predicted(capsys, trained / "words.h5", *files)
    assert status == 0 and said == []
    assert [row["file"] for row in rows] == list(map(str, files))
    assert share_right(rows) >= 7 / 9 and min(row["margin"] for row in rows) > 0


@pytest.mark.slow
def test_the_command_does_what_the_classes_do(trained, capsys):
    clips = sorted(clips_of(KNOWN), key=lambda clip: clip[:3])
    data = [np.trunc(np.clip(c[3], -1, 1) * 32767) / 32768 for c in clips]
    labels, speakers = (np.array([clip[k] for clip in clips]) for k in (0, 1))
    by_hand = SpeechClassifier(RATE, n_nodes=60, n_masks=1, random_state=0)
    by_hand.fit(data, labels, speakers)
    model = load(trained / "words.h5")
    assert np.array_equal(model.decision_function(data), by_hand.decision_function(data))
    files = [trained / "known" / f"{w}_{s}_{i}.wav" for w, s, i, _ in clips]
    rows, _, _ = predicted(capsys, trained / "words.h5", *files)
    ordered = np.sort(by_hand.decision_function(data), axis=1)
    assert [row["label"] for row in rows] == by_hand.predict(data).tolist()
    margins = np.array([row["margin"] for row in rows])
    np.testing.assert_allclose(margins, ordered[:, -1] - ordered[:, -2], rtol=1e-5)


def test_a_file_of_another_rate_is_resampled_with_one_sentence(trained, tmp_path, capsys):
    files = []
    for label, speaker, index, samples in clips_of(("fay",)):
        files.append(tmp_path / f"{label}_{speaker}_{index}.wav")
        write_wave(files[-1], at_rate(samples, RATE, 16000), 16000)
    same = sorted((trained / "new").iterdir())
    at_8000, _, _ = predicted(capsys, trained / "words.h5", *same)
    at_16000, said, status = predicted(capsys, trained / "words.h5", *sorted(files))
    assert status == 0
    assert said == [
        "reservoir: 9 files were resampled to the model's 8000 Hz; the first is "
        f"{sorted(files)[0]}, of 16000 Hz."
    ]
    labels = [[row["label"] for row in rows] for rows in (at_8000, at_16000)]
    assert np.mean(np.equal(*labels)) >= 8 / 9
    _, said, _ = predicted(capsys, trained / "words.h5", files[0])
    assert said == [
        f"reservoir: {files[0]} has 16000 Hz and was resampled to the model's 8000 Hz."
    ]


def test_what_cannot_be_heard_is_named_and_the_others_are_predicted(
    trained, tmp_path, capsys
):
    good = sorted((trained / "new").iterdir())[0]
    write_wave(tmp_path / "slow.wav", at_rate(DIGITS.data[0], RATE, 6000), 6000)
    write_wave(tmp_path / "fast.wav", DIGITS.data[0], 2**30)
    write_wave(tmp_path / "silent.wav", np.zeros(4000))
    write_wave(
        tmp_path / "stereo.wav", DIGITS.data[0][: len(DIGITS.data[0]) // 2 * 2], RATE, 2
    )
    (tmp_path / "text.wav").write_text("no sound at all")
    names = ["slow", "fast", "silent", "stereo", "text", "missing"]
    files = [tmp_path / f"{name}.wav" for name in names]
    rows, said, status = predicted(capsys, trained / "words.h5", *files, good, tmp_path)
    assert status == 1 and [row["file"] for row in rows] == [str(good)]
    words = [
        "has 6000 Hz and so holds nothing above 3000 Hz, but the model hears up to 3600 Hz.",
        "cannot be resampled",
        "is silent, so it has no label",
        "has 2 channels",
        "is no audio that is known",
        "No such file",
        "is no plain file",
    ]
    for line, word, path in zip(said, words, [*files, tmp_path], strict=True):
        assert word in line and str(path) in line and line[-1] in ".?"


def test_half_of_the_rate_at_the_ears_highest_frequency_is_enough(trained, tmp_path, capsys):
    write_wave(tmp_path / "enough.wav", at_rate(DIGITS.data[0], RATE, 7200), 7200)
    write_wave(tmp_path / "less.wav", at_rate(DIGITS.data[0], RATE, 7199), 7199)
    files = tmp_path / "enough.wav", tmp_path / "less.wav"
    rows, said, status = predicted(capsys, trained / "words.h5", *files)
    assert [row["file"] for row in rows] == [str(files[0])] and status == 1
    assert "less.wav has 7199 Hz" in said[0] and "enough.wav has 7200 Hz" in said[1]


def test_an_ear_that_hears_everything_takes_no_slower_file(tmp_path, capsys):
    clips = list(clips_of(("adam", "bella"), 1))
    model = SpeechClassifier(RATE, front_end=MFCC(RATE), n_nodes=20, n_masks=1)
    model.fit([clip[3] for clip in clips], [clip[0] for clip in clips])
    save(model, tmp_path / "m.h5")
    write_wave(tmp_path / "a.wav", at_rate(DIGITS.data[0], RATE, 7999), 7999)
    rows, said, status = predicted(capsys, tmp_path / "m.h5", tmp_path / "a.wav")
    assert rows == [] and status == 1 and "hears up to 4000 Hz" in said[0]


def test_the_margin_of_two_classes_is_the_size_of_the_decision(tmp_path, capsys):
    clips = [clip for clip in clips_of(("adam", "bella"), 2) if clip[0] != "three"]
    for label, speaker, index, samples in clips:
        write_wave(tmp_path / f"{label}_{speaker}_{index}.wav", samples)
    command = ["train", str(tmp_path), *SMALL, "--out", str(tmp_path / "m.h5"), "--speeds"]
    assert cli.main(command) == 0
    assert "A decision takes 1 play of a clip." in capsys.readouterr().out
    files = sorted(tmp_path.glob("*.wav"))
    rows, _, _ = predicted(capsys, tmp_path / "m.h5", *files)
    data = [read(path) for path in files]
    decision = load(tmp_path / "m.h5").decision_function(data)
    assert [row["margin"] for row in rows] == np.abs(decision).tolist()
    assert [row["label"] for row in rows] == ["zero" if d > 0 else "seven" for d in decision]


def read(path):
    """Samples of a file, read another way."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(-1), "<i2") / 32768


def test_lines_and_json_say_the_same(trained, tmp_path, capsys):
    files = [str(path) for path in sorted((trained / "new").iterdir())[:2]]
    out = tmp_path / "rows.json"
    capsys.readouterr()
    assert cli.main(["predict", str(trained / "words.h5"), *files, "--json", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = json.loads(out.read_text())
    assert [line.split() for line in lines] == [
        [row["file"], row["label"], f"{row['margin']:.3f}"] for row in rows
    ]


def test_json_never_replaces_what_is_read(trained, capsys):
    model, file = str(trained / "words.h5"), str(sorted((trained / "new").iterdir())[0])
    for target in (model, file):
        with pytest.raises(SystemExit) as left:
            cli.main(["predict", model, file, "--json", target])
        assert left.value.code == 2
        assert f"--json would replace {target}" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["no ear", "unfitted", "no model", "missing"])
def test_a_file_that_holds_no_recogniser_is_refused_with_the_cure(kind, tmp_path, capsys):
    path = tmp_path / "m.h5"
    if kind == "no ear":
        X = np.random.default_rng(0).normal(size=(20, 3, 2))
        save(ReservoirClassifier(n_nodes=4, random_state=0).fit(X, [0, 1] * 10), path)
    elif kind == "unfitted":
        save(SpeechClassifier(RATE), path)
    elif kind == "no model":
        path.write_text("nothing")
    words = {
        "no ear": "holds a ReservoirClassifier, which has no ear and no sampling rate",
        "unfitted": "has learned nothing yet",
        "no model": "damaged or not an HDF5 file",
        "missing": "There is no file",
    }
    assert cli.main(["predict", str(path), "a.wav"]) == 1
    said = capsys.readouterr().err
    assert words[kind] in said and said.count("\n") == 1
    if kind in ("no ear", "unfitted"):
        assert "reservoir train FOLDER --out MODEL.h5" in said


# ---------------------------------------------------------------------- train


def test_train_says_what_was_learned(place, tmp_path, capsys):
    out = str(tmp_path / "m.h5")
    command = ["train", str(place / "known"), *TINY, "--out", out]
    assert cli.main(command) == 0
    first, second, third, written, last = capsys.readouterr().out.splitlines()
    assert first == "36 clips at 8000 Hz were learned, of 3 classes: seven, three, zero."
    assert "for new voices, by leaving out some of the 4 speakers: adam, bella" in second
    assert third.startswith("Ridge strength of each mask: ")
    alpha = load(out).classifier_.classifiers_[0].alpha_
    assert third.split()[5].rstrip(".") == f"{alpha:g}"
    assert written.startswith(f"{out} was written in ")
    assert last == "How often it is right was not measured; --check measures it."


def test_check_measures_voices_that_were_left_out(place, tmp_path, capsys):
    command = ["train", str(place / "known"), *TINY, "--check"]
    assert cli.main([*command, "--out", str(tmp_path / "m.h5")]) == 0
    line = capsys.readouterr().out.splitlines()[4]
    clips = sorted(clips_of(KNOWN), key=lambda clip: clip[:3])
    data = np.empty(len(clips), dtype=object)
    data[:] = [np.trunc(np.clip(c[3], -1, 1) * 32767) / 32768 for c in clips]
    labels, speakers = (np.array([clip[k] for clip in clips]) for k in (0, 1))
    right = np.zeros(len(data), dtype=bool)
    for speaker in KNOWN:
        test = speakers == speaker
        model = SpeechClassifier(RATE, n_nodes=20, n_masks=1, speeds=(), random_state=0)
        model.fit(data[~test], labels[~test], speakers[~test])
        right[test] = model.predict(data[test]) == labels[test]
    assert line.startswith(
        f"It is right in {100 * right.mean():.1f} % of the clips of speakers who were left "
        "out of training, one by one: from "
    )


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("{speaker}/{label}_{index}.wav", "adam is the only speaker"),
        ("adam/{label}_{index}.wav", "the pattern names no {speaker}"),
    ],
)
def test_voices_that_were_not_considered_are_told(pattern, sentence, tmp_path, capsys):
    for label, speaker, index, samples in clips_of(("adam",)):
        write_wave(tmp_path / speaker / f"{label}_{index}.wav", samples)
    command = ["train", str(tmp_path), "--pattern", pattern, *TINY, "--check"]
    assert cli.main([*command, "--out", str(tmp_path / "m.h5")]) == 0
    said = capsys.readouterr().out
    assert f"New voices were not considered, because {sentence}" in said
    assert "of the clips that were left out of training (3 folds; 95 % interval" in said


def test_one_clip_of_a_class_cannot_be_checked(tmp_path, capsys):
    for label, _, index, samples in clips_of(("adam",), 1):
        write_wave(tmp_path / f"{label}_{index}.wav", samples)
    command = ["train", str(tmp_path), "--pattern", "{label}_{index}.wav", *SMALL, "--check"]
    assert cli.main([*command, "--out", str(tmp_path / "m.h5")]) == 0
    assert "cannot be measured, because a class has one clip" in capsys.readouterr().out


def test_folders_that_cannot_be_learned_are_refused_in_one_line(place, tmp_path, capsys):
    out = str(tmp_path / "m.h5")
    for name in ("zero_ann_0.wav", "zero_bob_0.wav"):
        write_wave(tmp_path / "one" / name, DIGITS.data[0])
    write_wave(tmp_path / "silent" / "zero_ann_0.wav", DIGITS.data[0])
    write_wave(tmp_path / "silent" / "one_ann_0.wav", np.zeros(3000))
    for folder, words in (
        ("nowhere", "There is no folder"),
        (".", "No file in"),
        ("one", "have the label zero, so there is nothing to tell apart"),
        ("silent", "of which nothing can be learned: one_ann_0.wav"),
    ):
        given = tmp_path / folder if folder != "." else place.parent / "empty"
        given.mkdir(exist_ok=True) if folder == "." else None
        assert cli.main(["train", str(given), *SMALL, "--out", out]) == 1
        said = capsys.readouterr().err
        assert words in said and said.count("\n") == 1
    assert not os.path.exists(out)


def test_bad_arguments_are_refused_before_the_work(place, tmp_path, capsys):
    folder, out = str(place / "known"), str(tmp_path / "m.h5")
    for arguments, words in (
        ([folder], "--out"),
        ([folder, "--out", "m.wav"], "what is written there is HDF5"),
        ([folder, "--out", str(tmp_path / "no" / "m.h5")], "make it first"),
        ([folder, "--out", out, "--pattern", "{word}.wav"], "it must hold {label}"),
        ([folder, "--out", out, "--nodes", "0"], "0 is not at least 1"),
        ([folder, "--out", out, "--speeds", "20"], "20 is not between 0.1 and 10"),
    ):
        with pytest.raises(SystemExit) as left:
            cli.main(["train", *arguments])
        said = capsys.readouterr().err
        assert left.value.code == 2 and words in said and said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_model_is_replaced_and_nothing_else(trained, tmp_path, capsys):
    folder, out = str(trained / "new"), tmp_path / "m.h5"
    out.write_bytes((trained / "words.h5").read_bytes())
    assert cli.main(["train", folder, *TINY, "--out", str(out)]) == 0
    assert "fay is the only speaker" in capsys.readouterr().out
    out.write_text("mine")
    assert cli.main(["train", folder, *SMALL, "--out", str(out)]) == 1
    assert out.read_text() == "mine"


def test_every_option_is_explained_in_full_sentences():
    parser = OneLineParser()
    commands = parser.add_subparsers()
    speech_commands.add_commands(commands)
    assert list(commands.choices) == ["train", "predict"]
    for command in commands.choices.values():
        assert command.description.endswith(".")
        for action in command._actions[1:]:  # argparse explains --help itself
            assert action.help[0].isupper() and action.help.endswith("."), action.help


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupted_training_says_what_is_kept(place, tmp_path, monkeypatch, capsys):
    def interrupted(self, *arguments):
        signal.raise_signal(signal.SIGTERM)

    out = tmp_path / "m.h5"
    command = [
        "train",
        str(place / "known"),
        *SMALL,
        "--speeds",
        "--check",
        "--out",
        str(out),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(SpeechClassifier, "predict", interrupted)
        assert cli.main(command) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == f"reservoir: interrupted; {out} was written before.\n"
    assert load(out).n_plays == 1
    out.unlink()
    monkeypatch.setattr(SpeechClassifier, "fit", interrupted)
    assert cli.main(command) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == f"reservoir: interrupted; {out} was not written.\n"
    assert not out.exists()


@pytest.mark.slow
def test_the_commands_run_without_docstrings_and_into_a_closed_pipe(trained, tmp_path):
    files = list(map(str, (trained / "new").iterdir()))
    reader, writer = os.pipe()
    os.close(reader)
    rows = str(tmp_path / "rows.json")
    command = ["predict", str(trained / "words.h5"), *files, "--json", rows]
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "reservoir.cli", *command],
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 141 and done.stderr == b""
    with open(rows) as file:
        assert len(json.load(file)) == 9
