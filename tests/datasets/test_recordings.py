"""Folders of clips: TI-46 in the layouts that people have, and anybody's own recordings."""

import os
import re
import struct
import sys
import time
import unicodedata
import warnings
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from reservoir.datasets import (
    DatasetError,
    DatasetWarning,
    cache,
    fetch_fsdd,
    load_recordings,
    load_ti46,
    matching_time,
)
from reservoir.datasets.patterns import NamePattern
from reservoir.datasets.ti46 import ABSENT_TOKENS
from reservoir.datasets.waveforms import read_waveform

few = settings(derandomize=True, max_examples=30, database=None)
HEAD = (
    "NIST_1A\n   1024\nsample_count -i {n}\nsample_rate -i {rate}\nchannel_count -i 1\n"
    "sample_n_bytes -i 2\nsample_byte_format -s2 {order}\nsample_coding -s3 pcm\nend_head\n"
)


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch, request):
    if "real" not in request.keywords:
        monkeypatch.delenv(cache.VARIABLE, raising=False)


def samples_of(name):
    """Samples that belong to one name only, so that a wrong label would be seen."""
    return np.random.default_rng(list(name.encode())).integers(-2048, 2047, 20, np.int16)


def write_sphere(path, samples, rate=12500, order="01"):
    head = HEAD.format(n=len(samples), rate=rate, order=order).encode().ljust(1024)
    dtype = "<i2" if order == "01" else ">i2"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + samples.astype(dtype).tobytes())


def write_riff(path, samples, rate=12500, n_channels=1):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((n_channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


def digit_names(speakers, training=True, test=True):
    return [
        f"0{digit}{speaker}{session}"
        for speaker in speakers
        for digit in range(10)
        for session in (
            *(f"set{take}" for take in range(10) if training),
            *(f"s{number}t{take}" for number in range(1, 9) for take in (0, 1) if test),
        )
    ]


def part(name):
    return "train" if name[4:6] == "se" else "test"


LAYOUTS = {
    "disc": lambda name: (
        f"TI46/TI20/{part(name).upper()}/{name[2:4].upper()}/{name.upper()}.WAV"
    ),
    "download": lambda name: f"ti46_LDC93S9/ti20/{part(name)}/{name[2:4]}/{name}.sph",
    "flat": lambda name: f"{name}.wav",
    "mixed": lambda name: f"a/{name.upper()}.Sph" if name[1] in "02468" else f"B/{name}.WAV",
}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("order", ["01", "10", "riff"])
def test_every_layout_case_and_container_gives_the_same_tokens(layout, order, tmp_path):
    names = digit_names(["f1", "m8"])
    for name in names:
        path = tmp_path / LAYOUTS[layout](name)
        if order == "riff":
            write_riff(path, samples_of(name))
        else:
            write_sphere(path, samples_of(name), order=order)
    (tmp_path / "README.TXT").write_text("not a token")
    (tmp_path / "._00f1set0.wav").write_bytes(b"\0\5\x16\7")  # as other systems leave them
    tokens = load_ti46(tmp_path, speakers=["m8", "f1"])
    assert tokens.missing == [] and tokens.sample_rate == 12500
    assert sorted(tokens.names) == sorted(names)
    rows = zip(tokens.target, tokens.speakers, tokens.indices, strict=True)
    assert list(rows) == [
        (d, s, i) for d in range(10) for s in ("f1", "m8") for i in range(26)
    ]
    for name, clip, digit, session in zip(
        tokens.names, tokens.data, tokens.target, tokens.sessions, strict=True
    ):
        assert np.array_equal(clip, samples_of(name) / 32768)
        assert name.startswith(f"0{digit}") and name[4:6] == session
    assert "520 tokens of 2 speakers" in tokens.DESCR


def test_training_and_test_sessions_have_indices_of_their_own(tmp_path):
    for name in digit_names(["f3"]):
        write_sphere(tmp_path / f"{name}.wav", samples_of(name))
    training = load_ti46(tmp_path, speakers=["f3"], sessions="training")
    test = load_ti46(tmp_path, speakers=["f3"], sessions="test")
    assert set(training.sessions) == {"se"} and set(training.indices) == set(range(10))
    assert set(test.indices) == set(range(10, 26))
    at = test.names.tolist().index("07f3s5t1")
    assert (test.target[at], test.sessions[at], test.indices[at]) == (7, "s5", 19)


@pytest.mark.parametrize(
    "subset, speakers",
    [("five-women", "f1 f2 f5 f6 f7"), ("first-five-women", "f1 f2 f3 f4 f5")],
)
def test_the_usual_subsets_are_500_digits_of_five_women(subset, speakers, tmp_path):
    every = [f"f{number}" for number in range(1, 9)]
    for name in digit_names(every, test=False) + ["00f1s1t0", "0af1set0", "00m1set0"]:
        write_sphere(tmp_path / f"{name}.wav", samples_of(name))
    tokens = load_ti46(tmp_path, subset=subset)
    assert len(tokens.data) == 500 and set(tokens.indices) == set(range(10))
    assert sorted(set(tokens.speakers)) == speakers.split()
    assert np.bincount(tokens.target).tolist() == [50] * 10


def test_letters_and_commands_are_spelled(tmp_path):
    for code in ("00", "0O", "0A", "YS", "RB", "NO", "09"):
        write_sphere(tmp_path / f"{code}m2set4.wav", samples_of(code))

    def words(kind):
        with pytest.warns(DatasetWarning, match="tokens are not in"):
            tokens = load_ti46(tmp_path, words=kind, speakers=["m2"])
        return tokens.target.tolist()

    assert words("digits") == [0, 9]
    assert words("letters") == ["A", "O"]
    assert words("commands") == ["no", "rubout", "yes"]
    assert words("all") == ["zero", "nine", "A", "O", "no", "rubout", "yes"]


@pytest.mark.slow
def test_tokens_that_the_publication_lacks_are_listed_without_a_warning(tmp_path):
    assert len(ABSENT_TOKENS) == 18
    speakers = [sex + number for sex in "fm" for number in "12345678"]
    names = [n for n in digit_names(speakers, training=False) if n not in ABSENT_TOKENS]
    assert len(names) == 2542
    for name in names:
        write_sphere(tmp_path / f"{name}.wav", samples_of(name)[:1])
    tokens = load_ti46(tmp_path, sessions="test")
    assert set(tokens.missing) == ABSENT_TOKENS and len(tokens.data) == 2542
    assert "of the 2560 tokens asked for, 18 are not there" in tokens.DESCR


@few
@given(st.sets(st.integers(0, 99), min_size=1))
def test_whatever_is_missing_is_listed_and_nothing_is_mislabelled(tmp_path_factory, kept):
    folder = tmp_path_factory.mktemp("ti46")
    names = digit_names(["f2"], test=False)
    for index in kept:
        write_sphere(folder / f"{names[index]}.wav", samples_of(names[index]))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tokens = load_ti46(folder, speakers=["f2"], sessions="training")
    assert sorted([*tokens.missing, *tokens.names]) == sorted(names)
    assert len(tokens.names) == len(kept)
    assert [w.category for w in caught] == [DatasetWarning] * (len(kept) < 100)
    for name, clip, digit in zip(tokens.names, tokens.data, tokens.target, strict=True):
        assert np.array_equal(clip, samples_of(name) / 32768) and int(name[1]) == digit


def test_a_converted_copy_beside_the_compressed_original_is_read(tmp_path):
    compressed = HEAD.replace("-s3 pcm", "-s26 pcm,embedded-shorten-v2.00")
    content = compressed.format(n=20, rate=12500, order="01").encode().ljust(1024)
    for name in digit_names(["f1"], test=False):
        (tmp_path / f"{name}.sph").write_bytes(content + b"ajkg")
    with pytest.raises(DatasetError, match=r"00f1set0.sph is compressed .*sph2pipe -f wav"):
        load_ti46(tmp_path, speakers=["f1"], sessions="training")
    for name in digit_names(["f1"], test=False):
        write_riff(tmp_path / f"{name}.wav", samples_of(name))
    tokens = load_ti46(tmp_path, speakers=["f1"], sessions="training")
    assert np.array_equal(tokens.data[0], samples_of("00f1set0") / 32768)


def test_a_token_that_is_there_twice_is_refused(tmp_path):
    for name in digit_names(["f1"], test=False):
        write_sphere(tmp_path / "one" / f"{name}.wav", samples_of(name))
    write_sphere(tmp_path / "two" / "03F1SET7.WAV", samples_of("other"))
    with pytest.raises(DatasetError, match="03f1set7 is there twice: .*Remove one of them"):
        load_ti46(tmp_path, speakers=["f1"], sessions="training")
    (tmp_path / "two" / "03F1SET7.WAV").unlink()
    write_sphere(tmp_path / "one" / "03f1set7.sph", samples_of("other"))
    with pytest.raises(DatasetError, match="03f1set7 is there twice"):
        load_ti46(tmp_path, speakers=["f1"], sessions="training")


BAD_FILES = [
    (lambda p: p.write_bytes(p.read_bytes()[:-3]), "05f1set5.wav claims 20 samples"),
    (lambda p: p.write_bytes(p.read_bytes()[:500]), "05f1set5.wav is cut"),
    (lambda p: p.write_bytes(b""), "05f1set5.wav is no audio"),
    (lambda p: write_sphere(p, np.arange(9), rate=8000), "05f1set5.wav has 8000 Hz, but"),
    (lambda p: write_riff(p, np.arange(8), n_channels=2), "05f1set5.wav has 2 channels"),
    (lambda p: write_sphere(p, np.arange(0)), "05f1set5.wav holds no sample"),
]


@pytest.mark.parametrize("damage, message", BAD_FILES)
def test_a_damaged_token_is_named_and_can_be_left_out(damage, message, tmp_path):
    for name in digit_names(["f1"], test=False):
        write_sphere(tmp_path / f"{name}.wav", samples_of(name))
    damage(tmp_path / "05f1set5.wav")
    with pytest.raises(DatasetError, match=message):
        load_ti46(tmp_path, speakers=["f1"], sessions="training")
    (tmp_path / "05f1set5.wav").unlink()
    with pytest.warns(DatasetWarning, match="1 of 100 tokens .* such as 05f1set5"):
        tokens = load_ti46(tmp_path, speakers=["f1"], sessions="training")
    assert tokens.missing == ["05f1set5"]


def test_the_corpus_is_found_in_the_usual_folders(tmp_path, monkeypatch):
    with pytest.raises(DatasetError, match="is not here.*Data Consortium licenses.*path="):
        load_ti46(data_home=tmp_path)
    for name in digit_names(["f1"], test=False):
        write_sphere(tmp_path / "ti46" / f"{name}.wav", samples_of(name))
    choice = {"speakers": ["f1"], "sessions": "training"}
    assert len(load_ti46(data_home=tmp_path, **choice).data) == 100
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    assert len(load_ti46(data_home=tmp_path / "none", **choice).data) == 100
    with pytest.raises(DatasetError, match=r"None of the 160 .*\(100 others are\).*00m1s1t0"):
        load_ti46(tmp_path, speakers=["m1"], sessions="test", words="digits")
    with pytest.raises(DatasetError, match="There is no folder"):
        load_ti46(tmp_path / "none")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            {"subset": "six-women"},
            "subset is 'six-women'; it must be one of None, 'five-women', 'first-five-women'",
        ),
        ({"subset": "five-women", "speakers": ["f1"]}, "stands for words, speakers and sess"),
        (
            {"words": "numbers"},
            "words is 'numbers'; it must be one of 'all', 'digits', 'letters'",
        ),
        ({"speakers": ["f9"]}, r"speakers is \['f9'\]; it must be None or a list of some"),
        ({"speakers": "f1"}, "speakers is 'f1'; it must be None or a list"),
        ({"sessions": "se"}, "sessions is 'se'; it must be one of 'training', 'test', 'all'"),
    ],
)
def test_a_choice_that_does_not_exist_is_refused(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load_ti46(tmp_path, **arguments)


# --- your own recordings ---------------------------------------------------------------

OWN = ("yes_ann_0", "yes_ann_10", "yes_ann_2", "no_bob_0", "Off_bob_0", "über_bob_007")


def own_folder(folder, rate=8000):
    for name in OWN:
        write_riff(folder / f"{name}.wav", samples_of(name), rate)
    return folder


def test_labels_speakers_and_numbers_come_from_the_names(tmp_path):
    clips = load_recordings(own_folder(tmp_path))
    assert clips.target.tolist() == ["Off", "no", "yes", "yes", "yes", "über"]
    assert clips.speakers.tolist() == ["bob", "bob", "ann", "ann", "ann", "bob"]
    assert clips.indices.tolist() == [0, 0, 0, 2, 10, 7]
    assert clips.sample_rate == 8000 and clips.skipped == []
    for name, clip in zip(clips.names, clips.data, strict=True):
        assert np.array_equal(clip, samples_of(name.removesuffix(".wav")) / 32768)
    assert "6 clips" in clips.DESCR and "sessions" not in clips


@pytest.mark.parametrize(
    "pattern, path",
    [
        ("{label}/{speaker}_nohash_{index}.wav", "left turn/0a7_nohash_1.wav"),
        ("{speaker}/{session}/{label}-{index}.wav", "0a7/monday/left turn-1.WAV"),
        ("takes/{index}.{label}.wav", "takes/01.left turn.wav"),
        ("{label}.flac", "left turn.flac"),
        ("{label}(1).wav", "left turn(1).wav"),
    ],
)
def test_a_pattern_says_what_folders_and_names_mean(pattern, path, tmp_path):
    path = tmp_path / path
    write_riff(path, samples_of("x"))
    clips = load_recordings(tmp_path, pattern)
    assert clips.target.tolist() == ["left turn"]
    found = {
        key: clips[key].tolist()
        for key in ("speakers", "sessions", "indices")
        if key in clips
    }
    expected = {"speakers": ["0a7"], "sessions": ["monday"], "indices": [1]}
    assert found == {
        key: expected[key]
        for key, part in zip(expected, ("speaker", "session", "index"), strict=True)
        if f"{{{part}}}" in pattern
    }


names = st.text("abCD .-()[]{}+*?^$é0", min_size=1, max_size=5)


@few
@given(st.lists(st.tuples(names, names, st.integers(0, 99)), min_size=1, unique=True))
def test_names_without_the_separator_are_read_back_as_they_were_written(
    tmp_path_factory, rows
):
    folder = tmp_path_factory.mktemp("own")
    rows = [row for row in rows if not row[0].startswith(".")] or [("a", "b", 0)]
    for label, speaker, index in rows:
        write_riff(folder / f"{label}_{speaker}_{index}.wav", samples_of("x"))
    clips = load_recordings(folder)
    found = zip(clips.target.tolist(), clips.speakers.tolist(), clips.indices, strict=True)
    assert list(found) == sorted(rows)


def test_files_that_do_not_fit_are_skipped_with_a_warning_and_never_guessed(tmp_path):
    own_folder(tmp_path)
    write_riff(tmp_path / "very_good_ann_0.wav", samples_of("x"))
    (tmp_path / "notes.txt").write_text("of no matter")
    with pytest.warns(DatasetWarning, match=r"1 files .* such as very_good_ann_0\.wav"):
        clips = load_recordings(tmp_path)
    assert clips.skipped == ["very_good_ann_0.wav"] and len(clips.data) == len(OWN)


def test_a_folder_without_one_valid_clip_says_what_it_holds(tmp_path):
    with pytest.raises(DatasetError, match="fits the pattern .* no file ending in '.wav'"):
        load_recordings(tmp_path)
    (tmp_path / "a.wav").mkdir()
    write_riff(tmp_path / "hello.wav", samples_of("x"))
    with pytest.raises(
        DatasetError, match=r"holds 1 .*hello\.wav: it fits up to .hello.*pattern="
    ):
        load_recordings(tmp_path)
    for name in ("yes_ann_0.m4a", "no_ann_0.M4A", "no_ann_1.mp3"):
        (tmp_path / "phone").mkdir(exist_ok=True)
        (tmp_path / "phone" / name).write_bytes(b"x")
    with pytest.raises(
        DatasetError, match=r"no file ending in '.wav' .2 in '.m4a', 1 in '.mp"
    ):
        load_recordings(tmp_path / "phone")
    with pytest.raises(DatasetError, match=r"no_ann_0.M4A is no audio that is known"):
        load_recordings(tmp_path / "phone", "{label}_{speaker}_{index}.m4a")
    with pytest.raises(DatasetError, match="There is no folder"):
        load_recordings(tmp_path / "none")


KEPT = [".ipynb_checkpoints", ".Trash-1000", "__MACOSX", "$RECYCLE.BIN", "@eaDir"]


@pytest.mark.parametrize("depth", ["", "yes", "deep/er"])
@pytest.mark.parametrize("kept", KEPT)
def test_what_systems_keep_beside_the_clips_is_no_class(kept, depth, tmp_path):
    for name in ("yes/ann.wav", "yes/bob.wav", "no/ann.wav"):
        write_riff(tmp_path / name, samples_of(name))
    write_riff(tmp_path / depth / kept / "carl.wav", samples_of("x"))
    write_riff(tmp_path / depth / kept / "more" / "carl.wav", samples_of("x"))
    (tmp_path / "yes" / "._ann.wav").write_bytes(b"\0\5\x16\7")
    clips = load_recordings(tmp_path, "{label}/{speaker}.wav")
    assert clips.target.tolist() == ["no", "yes", "yes"] and clips.skipped == []
    # Whoever names such a folder means it.
    with pytest.warns(DatasetWarning, match=r"such as carl.wav"):
        own = load_recordings(tmp_path / depth / kept, "{label}/{speaker}.wav")
    assert own.target.tolist() == ["more"]


def test_hidden_folders_hold_no_tokens_either(tmp_path):
    for name in digit_names(["f1"], test=False):
        write_sphere(tmp_path / f"{name}.wav", samples_of(name))
        write_sphere(tmp_path / ".Trash-1000" / f"{name}.wav", samples_of("old"))
    tokens = load_ti46(tmp_path, speakers=["f1"], sessions="training")
    assert np.array_equal(tokens.data[0], samples_of("00f1set0") / 32768)


@pytest.mark.parametrize(
    "pattern", ["{label}_{speaker}_{index}.wav", "é/{label}_{index}.wav"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_one_word_is_one_class_in_whatever_unicode_form_it_is_written(
    pattern, form, tmp_path
):
    words = {"label": "über", "speaker": "zoë"}
    for index, written in enumerate(("NFC", "NFD", "NFC", "NFD")):
        name = unicodedata.normalize(written, pattern.format(**words, index=index))
        write_riff(tmp_path / name, samples_of(f"{index}"))
    clips = load_recordings(tmp_path, unicodedata.normalize(form, pattern))
    assert clips.target.tolist() == ["über"] * 4 and clips.indices.tolist() == [0, 1, 2, 3]
    assert set(clips.get("speakers", ["zoë"])) == {"zoë"}
    # The names are those of the disk, so that the files are found by them.
    assert all((tmp_path / name).is_file() for name in clips.names)
    for index, clip in enumerate(clips.data):
        assert np.array_equal(clip, samples_of(f"{index}") / 32768)


posix = pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")


@posix
def test_linked_folders_are_entered_once_and_never_round_and_round(tmp_path):
    clips, elsewhere = tmp_path / "clips", tmp_path / "elsewhere"
    for name in ("clips/yes/ann.wav", "elsewhere/no/bob.wav", "other/no/carl.wav"):
        write_riff(tmp_path / name, samples_of(name))
    (clips / "no").symlink_to(elsewhere / "no")
    (clips / "ja").symlink_to(clips / "yes")
    for place in ("again", "yes/again"):
        (clips / place).symlink_to(clips)
    (clips / "all").symlink_to(tmp_path)
    (clips / "disk").symlink_to("/")
    (clips / "itself").symlink_to(clips / "itself")
    (elsewhere / "no" / "back").symlink_to(clips / "yes")
    (clips / "yes" / "eve.wav").symlink_to(tmp_path / "other" / "no" / "carl.wav")
    found = load_recordings(clips, "{label}/{speaker}.wav")
    assert found.names.tolist() == ["no/bob.wav", "yes/ann.wav", "yes/eve.wav"]
    assert found.skipped == []


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "linked pipe", "dangling"])
def test_what_is_no_plain_file_is_never_opened(kind, tmp_path):
    own_folder(tmp_path / "own")
    for name in digit_names(["f1"], test=False)[1:]:
        write_sphere(tmp_path / "ti46" / f"{name}.wav", samples_of(name))
    for path in (tmp_path / "own" / "no_ann_5.wav", tmp_path / "ti46" / "00f1set0.wav"):
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "linked pipe":
            os.mkfifo(tmp_path / path.stem)
            path.symlink_to(tmp_path / path.stem)
        else:
            path.symlink_to("/dev/zero" if kind == "device" else "/nowhere")
    with pytest.warns(DatasetWarning, match=r"1 files .* such as no_ann_5\.wav") as warned:
        assert len(load_recordings(tmp_path / "own").data) == len(OWN)
    message = str(warned[0].message)
    assert "links to nothing, pipes or devices" in message and "pattern" not in message
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "no_ann_1.wav").symlink_to("/nowhere")
    with pytest.raises(DatasetError, match="of which 1 are links to nothing, pipes or dev"):
        load_recordings(tmp_path / "only")
    with pytest.warns(
        DatasetWarning,
        match=r"1 of 100 tokens .* such as 00f1set0.*1 files .* are links "
        r"to nothing, pipes or devices and were skipped, such as 00f1set0\.wav",
    ):
        tokens = load_ti46(tmp_path / "ti46", speakers=["f1"], sessions="training")
    assert tokens.missing == ["00f1set0"]
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "00f1set0.wav").symlink_to("/nowhere")
    with pytest.raises(
        DatasetError, match="None of the 100 tokens.* 1 files .* are links to"
    ):
        load_ti46(tmp_path / "alone", speakers=["f1"], sessions="training")
    with pytest.raises(DatasetError, match="no plain file|No such file"):
        read_waveform(tmp_path / "own" / "no_ann_5.wav")


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    own_folder(tmp_path)
    (tmp_path / "locked").mkdir()

    def listdir(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    listed = os.listdir
    monkeypatch.setattr(os, "listdir", listdir)
    with pytest.raises(DatasetError, match=r"locked cannot be read .Permission denied"):
        load_recordings(tmp_path)


@pytest.mark.parametrize(
    "pattern",
    ["{label}+{speaker}+.wav", "{label}aa{speaker}aa{session}aa{index}a.wav"]
    + ["{label}0{index}0.wav", "(a+)+{label}.wav", "{label}.*.*.*{speaker}.wav"],
)
def test_no_pattern_takes_long(pattern, tmp_path):
    # Each part ends where the next character first appears, so there is nothing to try.
    expression = NamePattern.of(pattern).expression
    started = time.perf_counter()
    for text in ("a" * 10_000, "0" * 10_000, "a+" * 5_000, "a.wav" * 2_000, "0a" * 5_000):
        assert expression.fullmatch(text + "!") is None
    assert time.perf_counter() - started < 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern", [r"(?P<label>(\w+)*)-\.wav", r"(?P<label>(a|aa)+)-(?P<index>\d)\.wav"]
)
def test_an_expression_without_end_is_refused_with_the_name_at_which_it_stays(
    pattern, tmp_path, monkeypatch
):
    monkeypatch.setattr(matching_time, "MAX_TIME", 2.0)
    for name in ("a-.wav", "a" * 100 + ".wav", "b-.wav"):
        write_riff(tmp_path / name, np.arange(8))
    with pytest.raises(
        DatasetError, match=r"compared with the name 'aaaa.* after 2 s\. Leave"
    ):
        load_recordings(tmp_path, pattern)


BAD_CLIPS = [
    (
        lambda p: write_riff(p, np.arange(9), rate=16000),
        "has 16000 Hz, but Off_bob_0.wav has 8",
    ),
    (
        lambda p: write_riff(p, np.arange(8), n_channels=2),
        "has 2 channels.*Mix it down, e.g.",
    ),
    (lambda p: p.write_text("la la la"), "is no audio that is known: it begins with b'la la"),
    (
        lambda p: p.write_bytes(p.read_bytes()[:-1]),
        "claims 84 bytes and has 83; .* claims 40 bytes, 39 are left",
    ),
    (lambda p: write_riff(p, np.arange(0)), "holds no sample; leave it out"),
    (
        lambda p: p.write_bytes(p.read_bytes()[:40] + struct.pack("<I", 4 * 10**9)),
        "claims 84 bytes and has 44; .* claims 4000000000 bytes, 0 are left",
    ),
]


@pytest.mark.parametrize("damage, message", BAD_CLIPS)
def test_a_bad_clip_is_named_with_the_cure(damage, message, tmp_path):
    damage(own_folder(tmp_path) / "yes_ann_2.wav")
    with pytest.raises(DatasetError, match=rf"yes_ann_2\.wav {message}"):
        load_recordings(tmp_path)


def test_flac_needs_soundfile_only_where_it_is_used(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "yes_ann_0.flac", samples_of("x"), 8000)
    pattern = "{label}_{speaker}_{index}.flac"
    assert np.array_equal(load_recordings(tmp_path, pattern).data[0], samples_of("x") / 32768)
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(DatasetError, match=r"yes_ann_0.flac is FLAC audio.*pip install"):
        load_recordings(tmp_path, pattern)
    own_folder(tmp_path)
    assert len(load_recordings(tmp_path).data) == len(OWN)


@pytest.mark.parametrize(
    "pattern",
    ["*.wav", "{speaker}.wav", "{label}_{label}.wav", "{label}{speaker}.wav", "{label}"]
    + ["{label}_{take}.wav", "{label}_{}.wav", None, b"{label}.wav"],
)
def test_a_pattern_that_says_too_little_is_refused(pattern, tmp_path):
    with pytest.raises(ValueError, match=re.escape(f"pattern is {pattern!r}; it must ")):
        load_recordings(tmp_path, pattern)


@pytest.mark.real
@pytest.mark.skipif(
    "RESERVOIR_DATA" not in os.environ,
    reason="RESERVOIR_DATA does not name a folder with the real recordings",
)
def test_the_real_recordings_are_the_same_as_by_their_own_loader():
    own = load_recordings(Path(os.environ["RESERVOIR_DATA"]) / "fsdd" / "recordings")
    theirs = fetch_fsdd(download_if_missing=False)
    assert own.target.astype(int).tolist() == theirs.target.tolist()
    assert own.speakers.tolist() == theirs.speakers.tolist()
    assert own.indices.tolist() == theirs.indices.tolist()
    assert own.sample_rate == theirs.sample_rate
    assert all(map(np.array_equal, own.data, theirs.data))
