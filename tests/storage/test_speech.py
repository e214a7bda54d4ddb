"""Recognisers of speech come back with their ears, rates and masks, or not at all."""

import warnings

import h5py
import numpy as np
import pytest
import sklearn
from sklearn.pipeline import make_pipeline

from reservoir import MaskEnsembleClassifier, ReservoirClassifier, StorageError, load, save
from reservoir.audio import MFCC, Cochleagram, Spectrogram, SpeechClassifier, Trim
from reservoir.devices import Wire
from reservoir.masks import Ripple

GENERATOR = np.random.default_rng(0)
RATE = 8000
CLIPS = [
    np.sin(2 * np.pi * pitch * np.arange(1200 + 40 * k) / RATE) + GENERATOR.normal(0, 0.1, 1)
    for k, pitch in enumerate((300, 700, 1500) * 6)
]
Y = np.array(["low", "mid", "top"] * 6)
SPEAKERS = np.repeat(["ann", "bob", "cyd"], 6)
FRAMES = [GENERATOR.normal(size=(n, 3)) for n in (5, 9, 7, 6) * 5]
LABELS = np.array([0, 1] * 10)
SMALL = {"n_nodes": 8, "n_masks": 2, "random_state": 0}
EARS = {
    "default": None,
    "gammatone": Cochleagram(np.float32(RATE), n_channels=np.int64(9), mean_subtraction=0.25),
    "lyon": Cochleagram(RATE, model="lyon", step=0.5),
    "mfcc": MFCC(RATE, n_deltas=1, standardize=True),
    "spectrogram": Spectrogram("log-power", mean_subtraction=1),
}


def model(**options):
    """A fitted recogniser of a few tones."""
    return SpeechClassifier(RATE, **{**SMALL, **options}).fit(CLIPS, Y, SPEAKERS)


def there_and_back(estimator, tmp_path):
    """The estimator as it comes out of its file."""
    save(estimator, tmp_path / "model.h5")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load(tmp_path / "model.h5")


def assert_same(first, second):
    """Two estimators hold the same types and bits, down to their parts."""
    assert type(first) is type(second)
    if hasattr(first, "get_params"):
        assert_same(vars(first), vars(second))
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for key in first:
            assert_same(first[key], second[key])
    elif isinstance(first, list | tuple):
        for pair in zip(first, second, strict=True):
            assert_same(*pair)
    elif isinstance(first, np.ndarray):
        assert first.dtype == second.dtype and first.tobytes() == second.tobytes()
    elif type(first).__module__ == "reservoir.readout":
        assert_same(vars(first), vars(second))
    elif type(first).__module__.startswith("reservoir.multiplexing"):
        assert_same(vars(first), vars(second))
    else:
        assert repr(first) == repr(second)


@pytest.mark.slow
@pytest.mark.parametrize("ear", EARS)
def test_a_recogniser_comes_back_with_its_ear_to_the_bit(ear, tmp_path):
    first = model(front_end=EARS[ear])
    again = there_and_back(first, tmp_path)
    assert again.sample_rate == RATE and again.n_plays == first.n_plays
    assert type(again.front_end_) is type(first.front_end_)
    assert np.array_equal(again.decision_function(CLIPS), first.decision_function(CLIPS))
    assert again.predict(CLIPS).tolist() == first.predict(CLIPS).tolist()
    assert_same(first, again)


@pytest.mark.parametrize(
    "options",
    [
        {"mask": Ripple((0.1, 0.3), np.float32(0.5), 0)},
        {"oscillator": Wire(), "node_time": 1e-6, "speeds": [0.9], "trim": None},
        {"alpha": np.float32(1e-3), "dtype": np.float64, "context": ()},
        {"mask": "sparse", "pooling": "segments", "n_segments": np.int8(2), "n_masks": 1},
        {"mask": GENERATOR.normal(size=(60, 8)), "n_masks": 1},
    ],
)
def test_every_parameter_comes_back_with_its_type(options, tmp_path):
    first = model(**options)
    again = there_and_back(first, tmp_path)
    assert_same(first, again)
    assert np.array_equal(again.decision_function(CLIPS), first.decision_function(CLIPS))


def test_averaged_masks_come_back_to_the_bit(tmp_path):
    base = ReservoirClassifier(n_nodes=8, mask=Ripple(), context=(1, 2))
    first = MaskEnsembleClassifier(base, 2, random_state=3).fit(FRAMES, LABELS)
    again = there_and_back(first, tmp_path)
    assert_same(first, again)
    assert np.array_equal(again.decision_function(FRAMES), first.decision_function(FRAMES))


def test_averaged_masks_keep_the_names_of_columns(tmp_path):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(GENERATOR.normal(size=(20, 2)), columns=["u", "v"])
    base = ReservoirClassifier(n_nodes=5)
    first = MaskEnsembleClassifier(base, 2, random_state=0).fit(table, LABELS)
    assert there_and_back(first, tmp_path).feature_names_in_.tolist() == ["u", "v"]


@pytest.mark.parametrize(
    "unfitted", [SpeechClassifier(RATE), MaskEnsembleClassifier(), *list(EARS.values())[1:]]
)
def test_what_was_not_fitted_comes_back_so(unfitted, tmp_path):
    assert_same(unfitted, there_and_back(unfitted, tmp_path))


def test_an_ear_alone_hears_the_same(tmp_path):
    for ear in list(EARS.values())[1:]:
        again = there_and_back(ear, tmp_path)
        for pair in zip(ear.transform(CLIPS), again.transform(CLIPS), strict=True):
            assert np.array_equal(*pair)


def test_groups_that_were_asked_for_are_asked_for_again(tmp_path):
    with sklearn.config_context(enable_metadata_routing=True):
        first = SpeechClassifier(RATE, **SMALL).set_fit_request(groups=True)
        again = there_and_back(first.fit(CLIPS, Y, SPEAKERS), tmp_path)
        assert again.get_metadata_routing().fit.requests == {"groups": True}
        base = MaskEnsembleClassifier().set_fit_request(groups=True, copies_of="originals")
        asked = {"copies_of": "originals", "groups": True}
        assert there_and_back(base, tmp_path).get_metadata_routing().fit.requests == asked


class OwnEar(Cochleagram):
    """A front end that a file cannot know."""


@pytest.mark.parametrize(
    "ear", [OwnEar(RATE), make_pipeline(Trim(RATE), Cochleagram(RATE))], ids=["own", "steps"]
)
def test_an_ear_of_the_users_own_is_refused_by_name(ear, tmp_path):
    name = type(ear).__name__
    with pytest.raises(TypeError, match=f"front_end is a {name}, whose class .*classifier_"):
        save(model(front_end=ear), tmp_path / "model.h5")
    assert list(tmp_path.iterdir()) == []
    save(model(front_end=ear).classifier_, tmp_path / "model.h5")


def test_half_a_fit_is_refused(tmp_path):
    broken = model()
    del broken.classes_
    with pytest.raises(TypeError, match="has no 'classes_'.*fit it to the end"):
        save(broken, tmp_path / "model.h5")


def test_a_file_of_version_3_is_read_without_a_word(tmp_path, edited):
    first = ReservoirClassifier(n_nodes=8, random_state=0).fit(FRAMES, LABELS)
    save(first, tmp_path / "model.h5")
    with edited(tmp_path / "model.h5") as file:
        file.attrs["version"] = 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = load(tmp_path / "model.h5")
    assert np.array_equal(again.decision_function(FRAMES), first.decision_function(FRAMES))


def plain(file, name, text):
    """Put a plain value in the place of another one."""
    del file[name]
    item = file.create_dataset(name, data=np.frombuffer(text.encode(), "u1"))
    item.attrs["kind"] = "json"


def copied(file, source, target):
    """Put a copy of one item in the place of another one."""
    file.copy(source, "meanwhile")
    del file[target]
    file.move("meanwhile", target)


MEMBER = "fitted/classifier_/fitted/classifiers_"
EAR = "fitted/front_end_/params"
CHANGES = {
    "rate of the ear": lambda f: plain(f, f"{EAR}/sample_rate", "16000"),
    "rate": lambda f: plain(f, "params/sample_rate", "7000"),
    "channels": lambda f: plain(f, f"{EAR}/n_channels", "21"),
    "many channels": lambda f: plain(f, f"{EAR}/n_channels", "1000000000000"),
    "a cascade without end": lambda f: (
        plain(f, f"{EAR}/n_channels", "null"),
        plain(f, f"{EAR}/model", '"lyon"'),
        plain(f, f"{EAR}/step", "1e-12"),
    ),
    "no ear": lambda f: copied(f, "fitted/classifier_", "fitted/front_end_"),
    "ear as a text": lambda f: plain(f, "fitted/front_end_", '"Cochleagram"'),
    "front end that is none": lambda f: copied(f, "fitted/classifier_", "params/front_end"),
    "no masks": lambda f: copied(f, f"{MEMBER}/0", "fitted/classifier_"),
    "unfitted masks": lambda f: [
        f.__delitem__(f"fitted/classifier_/fitted/{name}")
        for name in list(f["fitted/classifier_/fitted"])
    ],
    "a member of another kind": lambda f: copied(f, "fitted/front_end_", f"{MEMBER}/1"),
    "members that are a text": lambda f: plain(f, MEMBER, '"two"'),
    "one mask less": lambda f: f.__delitem__(f"{MEMBER}/1"),
    "one class less": lambda f: put_array(f, "fitted/classes_", '["low", "mid"]'),
    "other classes": lambda f: put_array(f, "fitted/classes_", '["low", "mid", "all"]'),
    "classes of a member": lambda f: put_array(
        f, f"{MEMBER}/1/fitted/classes_", '["low", "mid", "all"]'
    ),
    "fewer classes of a member": lambda f: put_array(
        f, f"{MEMBER}/1/fitted/classes_", '["low", "mid"]'
    ),
    "speeds": lambda f: plain(f, "params/speeds", "[1000.0]"),
    "a missing attribute": lambda f: f.__delitem__("fitted/classes_"),
    "a missing attribute of the masks": lambda f: f.__delitem__(
        "fitted/classifier_/fitted/seed_"
    ),
    "a missing parameter of the ear": lambda f: f.__delitem__(f"{EAR}/mean_subtraction"),
    "something learned by the ear": lambda f: f.copy(
        "fitted/classes_", "fitted/front_end_/fitted/transform"
    ),
}


def put_array(file, name, text):
    """Put an array of texts in the place of another one."""
    dtype = file[name].attrs["dtype"]
    plain(file, name, text)
    file[name].attrs["kind"], file[name].attrs["dtype"] = "texts", dtype


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Bytes of a file that holds a recogniser."""
    path = tmp_path_factory.mktemp("whole") / "model.h5"
    save(model(), path)
    return path.read_bytes()


@pytest.mark.parametrize("change", CHANGES)
def test_parts_that_do_not_belong_together_are_refused(change, tmp_path, edited, content):
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    with edited(path) as file:
        CHANGES[change](file)
    with pytest.raises(StorageError, match="is damaged, or is not what it should be"):
        load(path)


@pytest.mark.parametrize(
    ("ear", "name", "text"),
    [
        (MFCC(RATE), "window_length", "1000000000000"),
        (MFCC(RATE), "sample_rate", "1e15"),
        (MFCC(RATE), "n_mels", "1000000000000"),
        (Spectrogram(), "window_length", "1000000000000"),
        (Spectrogram(), "window", '"no such window"'),
    ],
)
def test_an_ear_that_claims_memory_without_end_is_refused(ear, name, text, tmp_path, edited):
    path = tmp_path / "model.h5"
    save(ear, path)
    with edited(path) as file:
        plain(file, f"params/{name}", text)
    with pytest.raises(StorageError, match="is damaged, or is not what it should be"):
        load(path)


def test_the_file_says_what_it_holds(tmp_path):
    save(model(), tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5") as file:
        assert file.attrs["class"] == "SpeechClassifier"
        assert file["fitted/front_end_"].attrs["class"] == "Cochleagram"
