"""A folder of recordings, read block by block: damaged files, rates, labels."""

import wave

import numpy as np
import pytest
from reservoir.datasets import DatasetError, DatasetWarning, load_recordings, open_recordings

from reservoir.audio import SpeechClassifier


def write(path, seed, rate=8000, n_samples=1200):
    generator = np.random.default_rng(seed)
    tone = np.sin(np.arange(n_samples) * (0.2 if "no" in path.name else 0.6))
    samples = (8000 * (tone + 0.1 * generator.normal(size=n_samples))).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(
        f"{label}_{speaker}_{index}.wav"
        for label in ("no", "yes")
        for speaker in ("ann", "bob")
        for index in range(5)
    ):
        write(tmp_path / name, number)
    return tmp_path


def test_blocks_hold_each_clip_once_and_all_labels(folder):
    blocks = open_recordings(folder, block_size=6, groups="speaker")
    whole = load_recordings(folder)
    names = [name for block in blocks.blocks for name in block]
    assert sorted(names) == sorted(whole.names) and len(blocks) == 4
    for number, (clips, labels, speakers) in enumerate(blocks):
        assert set(labels) == {"no", "yes"} and len(clips) == len(labels) == len(speakers)
        for name, clip, label in zip(blocks.blocks[number], clips, labels, strict=True):
            place = whole.names.tolist().index(name)
            assert np.array_equal(clip, whole.data[place]) and label == whole.target[place]
    assert blocks.sample_rate == whole.sample_rate


def test_a_classifier_learns_from_a_folder_without_loading_it(folder):
    blocks = open_recordings(folder, block_size=5)
    options = {"n_nodes": 20, "n_masks": 1, "speeds": (), "alpha": 1e-2, "random_state": 0}
    model = SpeechClassifier(blocks.sample_rate, **options).fit_blocks(blocks)
    whole = load_recordings(folder)
    assert model.score(whole.data, whole.target) == 1.0
    # The same clips at once, through the same drive, give the same readout up to rounding.
    one = SpeechClassifier(blocks.sample_rate, **options).fit_blocks(
        [(whole.data, whole.target)]
    )
    np.testing.assert_allclose(
        model.decision_function(whole.data), one.decision_function(whole.data), atol=1e-3
    )


def test_a_damaged_file_is_named_and_may_be_left_out(folder):
    (folder / "no_ann_0.wav").write_bytes(b"RIFF, but no more")
    blocks = open_recordings(folder, block_size=20)
    with pytest.raises(DatasetError, match="no_ann_0.wav"):
        blocks[0]
    with pytest.raises(DatasetError, match="no_ann_0.wav"):
        _ = blocks.sample_rate
    blocks = open_recordings(folder, block_size=20, skip_damaged=True)
    with pytest.warns(DatasetWarning, match="Left out: .*no_ann_0.wav"):
        clips, labels = blocks[0]
    assert len(clips) == len(labels) == 19


def test_a_block_of_damaged_files_is_refused(tmp_path):
    (tmp_path / "no_ann_0.wav").write_bytes(b"")
    blocks = open_recordings(tmp_path, skip_damaged=True)
    with (
        pytest.warns(DatasetWarning, match="Left out"),
        pytest.raises(DatasetError, match="No clip of block 0"),
    ):
        blocks[0]
    with pytest.raises(DatasetError, match="No file in"):
        _ = blocks.sample_rate


def test_another_sampling_rate_is_refused_by_name(folder):
    write(folder / "yes_cem_0.wav", 0, rate=16000)
    blocks = open_recordings(folder)
    with pytest.raises(DatasetError, match="yes_cem_0.wav has 16000 Hz"):
        blocks[0]


def test_wrong_arguments_are_refused(folder):
    with pytest.raises(ValueError, match="block_size is 0"):
        open_recordings(folder, block_size=0)
    with pytest.raises(ValueError, match="groups is 'session'"):
        open_recordings(folder, groups="session")
    with pytest.raises(DatasetError, match="There is no folder"):
        open_recordings(folder / "elsewhere")
    with pytest.raises(DatasetError, match="No file in"):
        open_recordings(folder, "{label}-{index}.flac")


def test_names_that_do_not_fit_are_told(folder):
    (folder / "notes.wav").write_bytes(b"")
    with pytest.warns(DatasetWarning, match="1 files in"):
        blocks = open_recordings(folder)
    assert blocks.skipped == ["notes.wav"]
