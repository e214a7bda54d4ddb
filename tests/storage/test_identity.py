"""Save and load is the identity: values, types of numbers, and the order of arrays."""

import os
import threading
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from reservoir.datasets import make_vowels
from scipy import sparse
from sklearn.exceptions import NotFittedError

from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    SpinTorqueOscillator,
    StorageError,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
    load,
    save,
)
from reservoir._hdf5_tree import Allowance
from reservoir.devices import Device
from reservoir.storage.values import Source, read_value, write_value

GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(n, 3)) for n in (5, 9, 7, 6) * 5]
Y = np.array([0, 1] * 10)
ARRAY = np.arange(6.0).reshape(2, 3)


def there_and_back(tmp_path, value):
    """A value as it comes out of a file of results of one entry."""
    from reservoir._hdf5 import Form, opened_form, written_hdf5

    form, path = Form("value", "value", "the test", 1, 1), tmp_path / "value.h5"
    with written_hdf5(path, form) as file:
        write_value(file, "value", value)
    with opened_form(path, form) as (file, _):
        return read_value(file.children["value"], Source(str(path), 3, {}, Allowance(10**5)))


def same(a, b):
    """Whether two values agree in type and in every bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(map(type, a)) == list(map(type, b)) and all(
            same(*pair) for pair in zip(a.items(), b.items(), strict=True)
        )
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same(*pair) for pair in zip(a, b, strict=True))
    if isinstance(a, np.ndarray):
        flags = "C_CONTIGUOUS", "F_CONTIGUOUS"
        return (
            a.dtype == b.dtype
            and a.shape == b.shape
            and (a.dtype == object or a.tobytes() == b.tobytes())
            and a.tolist() == b.tolist()
            and all(a.flags[flag] == b.flags[flag] for flag in flags)
        )
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and repr(a) == repr(b)
    return repr(a) == repr(b)


VALUES = [
    *(kind(3) for kind in (int, float, complex, np.int8, np.uint16, np.int64, np.float32)),
    *(np.float64(0.1), np.float16(0.1), np.complex64(1j), np.bool_(True), np.longdouble(0.1)),
    *(True, None, "text", "\u00fc\ud800\0", float("nan"), float("-inf"), -0.0, 2**80, 5e-324),
    *([], (), [1, 2.0, "a", None], (1, 2), [(1, 2), [3]], ([1], (2,))),
    *([np.int64(1), np.int64(2)], (np.float32(1),), [np.int64(1), 2], (1, np.float32(2))),
    *({}, {"a": 1, "b": (2, np.float32(3))}, {1: "a", "b/c": [1], np.int64(3): (4,)}),
    *(ARRAY, np.asfortranarray(ARRAY), ARRAY.astype("f4"), ARRAY.astype(">f8")),
    *(np.zeros((0, 3)), np.array(3.0), np.array([True, False]), np.array([1j])),
    *(np.array(["a", "bcd"]), np.array(["a", "bcd"], object), np.array([["a"], ["b"]])),
    *(np.dtype("f4"), np.float32),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value!r:.40}")
def test_a_value_comes_back_with_its_type(value, tmp_path):
    assert same(there_and_back(tmp_path, value), value)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
NUMPY = st.builds(np.float32, st.integers(-9, 9)) | st.builds(np.int16, st.integers(-9, 9))
NESTED = st.recursive(
    PLAIN | NUMPY,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=60)
@given(value=NESTED)
def test_nested_values_come_back_with_their_types(value, tmp_path_factory):
    assert same(there_and_back(tmp_path_factory.mktemp("value"), value), value)


@pytest.mark.parametrize("layout", ["csr", "csc", "coo"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_a_sparse_coupling_comes_back_in_its_layout(layout, kind, tmp_path):
    value = getattr(sparse, f"{layout}_{kind}")(np.diag([1.0, 2.0], 1))
    again = there_and_back(tmp_path, value)
    assert type(again) is type(value) and (again != value).nnz == 0


@pytest.mark.parametrize(
    "value", [{1, 2}, b"bytes", object(), np.ma.masked_array([1.0], [True]), lambda: 0]
)
def test_what_a_file_cannot_hold_is_refused(value, tmp_path):
    with pytest.raises(TypeError, match=r"\.$"):
        there_and_back(tmp_path, value)


OPTIONS = {
    "single-precision device": {
        "oscillator": SpinTorqueOscillator(
            *map(np.float32, (3.5e-3, 1.2e6, 1)),
            frequency=np.float32(3e8),
            nonlinear_frequency_shift=np.float32(2e6),
        ),
        "n_oscillators": 3,
        "coupling": np.float32(-2e5),
    },
    "numpy integers": {
        "bits": np.int64(5),
        "n_segments": np.int8(2),
        "context": (np.int8(1),),
    },
    "bytes, whose products are larger than a byte": {
        "n_nodes": np.uint8(100),
        "n_oscillators": np.uint8(3),
        "coupling": -2e5,
    },
    "single precision": {"dtype": np.float32, "bits": np.int64(5), "alpha": np.float32(1e-3)},
    "noise": {"readout_noise": np.float32(0.01), "thermal_noise": np.float32(0.001)},
    "mask in the order of columns": {
        "mask": np.asfortranarray(GENERATOR.normal(size=(3, 20)))
    },
    "pandas output": {},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_parameters_of_any_type_change_no_bit(name, tmp_path):
    model = ReservoirClassifier(**{"n_nodes": 20, "random_state": 0, **OPTIONS[name]})
    if name == "pandas output":
        model.set_params(random_state=np.int64(3))
    model.fit(X, Y)
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert np.array_equal(again.decision_function(X), model.decision_function(X))
    for key, value in model.get_params().items():
        assert type(again.get_params()[key]) is type(value), key
    for key, value in vars(model).items():
        assert type(getattr(again, key)) is type(value), key


def test_output_that_was_asked_of_scikit_learn_is_asked_of_the_copy(tmp_path):
    pandas = pytest.importorskip("pandas")
    model = TimeMultiplexedReservoir(n_nodes=4, pooling="mean", random_state=0)
    model.set_output(transform="pandas").fit(X)
    save(model, tmp_path / "model.h5")
    assert isinstance(load(tmp_path / "model.h5").transform(X), pandas.DataFrame)


def test_metadata_that_were_asked_for_are_asked_for_again(tmp_path):
    model = ReservoirClassifier(n_nodes=4, random_state=0)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(groups=True).fit(X, Y)
        save(model, tmp_path / "model.h5")
        again = load(tmp_path / "model.h5")
        requests = {"copies_of": None, "groups": True}
        assert again.get_metadata_routing().fit.requests == requests
        assert again.get_metadata_routing().score.requests == {"sample_weight": None}


@pytest.mark.parametrize("readout", ["table", "pattern", "linear"])
def test_a_synchronisation_classifier_answers_the_same_to_the_bit(readout, tmp_path):
    vowels = make_vowels(8, ["ae", "iy", "uw"], random_state=0)
    model = SynchronizationClassifier(
        OscillatorNetwork(n_oscillators=5),
        3,
        learning="search",
        readout=readout,
        n_starts=1,
        random_state=0,
    ).fit(vowels.data, vowels.target)
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    assert np.array_equal(
        again.decision_function(vowels.data), model.decision_function(vowels.data)
    )


def test_a_classifier_whose_parts_do_not_belong_together_is_refused(tmp_path, edited):
    vowels = make_vowels(8, ["ae", "iy", "uw"], random_state=0)
    model = SynchronizationClassifier(learning="search", n_starts=1, random_state=0).fit(
        vowels.data, vowels.target
    )
    for name in ("coef_", "intercept_"):
        save(model, tmp_path / "model.h5")
        with edited(tmp_path / "model.h5") as file:
            del file[f"fitted/{name}"]
            file[f"fitted/{name}"] = np.zeros((3, 3))
            file[f"fitted/{name}"].attrs["kind"] = "array"
        with pytest.raises(StorageError, match=f"{name} has shape"):
            load(tmp_path / "model.h5")


@pytest.mark.parametrize(
    "name, strange",
    [("patterns_", -2), ("patterns_", 2), ("pattern_classes_", -1), ("pattern_classes_", 3)],
)
def test_a_pattern_of_a_source_or_class_that_there_is_not_is_refused(
    name, strange, tmp_path, edited
):
    vowels = make_vowels(8, ["ae", "iy", "uw"], random_state=0)
    model = SynchronizationClassifier(learning="search", n_starts=1, random_state=0)
    save(model.fit(vowels.data, vowels.target), tmp_path / "model.h5")
    with edited(tmp_path / "model.h5") as file:
        codes = file[f"fitted/{name}"]
        codes[(0,) * codes.ndim] = strange
    with pytest.raises(StorageError, match=f"{name} holds numbers that are not from"):
        load(tmp_path / "model.h5")


@pytest.mark.parametrize("text", ["0.5", "-1", '"three"'])
def test_a_seed_that_is_none_is_refused(text, tmp_path, edited):
    save(ReservoirClassifier(n_nodes=4, random_state=0).fit(X, Y), tmp_path / "model.h5")
    with edited(tmp_path / "model.h5") as file:
        del file["fitted/seed_"]
        seed = file.create_dataset("fitted/seed_", data=np.frombuffer(text.encode(), "u1"))
        seed.attrs["kind"] = "json"
    with pytest.raises(StorageError, match="its seed_ is"):
        load(tmp_path / "model.h5")


def test_what_could_not_be_read_again_is_not_written(tmp_path):
    value = [1]
    for _ in range(40):
        value = [value, np.float32(1), 2]
    with pytest.raises(ValueError, match="could not be read again.*Nothing was written"):
        there_and_back(tmp_path, value)
    assert list(tmp_path.iterdir()) == []


def test_an_attribute_of_the_users_own_is_refused_by_name(tmp_path):
    model = TimeMultiplexedReservoir(n_nodes=4).fit(X)
    model.note = "mine"
    with pytest.raises(TypeError, match="no 'note'.* delete others before saving"):
        save(model, tmp_path / "model.h5")


SHADOWS = ["predict", "__class__", "_state_blocks", "score", "n_features_out", "extra"]


@pytest.mark.parametrize("name", SHADOWS)
def test_no_method_is_shadowed(name, tmp_path, edited):
    path = tmp_path / "model.h5"
    save(ReservoirClassifier(n_nodes=4).fit(X, Y), path)
    with edited(path) as file:
        item = file.create_dataset(f"fitted/{name}", data=np.frombuffer(b'"x"', "u1"))
        item.attrs["kind"] = "json"
    with pytest.raises(StorageError, match=f"has no '{name}'"):
        load(path)


LONELY = ["params/n_segments", "fitted/levels_", "fitted/readout_", "fitted/drive_/gain"]


@pytest.mark.parametrize("name", LONELY)
def test_a_missing_value_is_noticed_by_load(name, tmp_path, edited):
    path = tmp_path / "model.h5"
    save(ReservoirClassifier(n_nodes=4).fit(X, Y), path)
    with edited(path) as file:
        del file[name]
    with pytest.raises(StorageError):
        load(path)


def test_a_file_without_any_learned_value_is_that_of_a_classifier_before_its_fit(
    tmp_path, edited
):
    path, other = tmp_path / "model.h5", tmp_path / "other.h5"
    save(ReservoirClassifier(n_nodes=4).fit(X, Y), path)
    with edited(path) as file:
        for name in list(file["fitted"]):
            del file[f"fitted/{name}"]
    again = load(path)
    save(ReservoirClassifier(n_nodes=4), other)
    assert same(vars(again), vars(load(other)))
    with pytest.raises(NotFittedError):
        again.predict(X)


BOMBS = {
    "list": ("json", b"[" + b"[]," * 2_000_000 + b"[]]"),
    "deep": ("json", b"[" * 100_000 + b"]" * 100_000),
    "digits": ("json", b"9" * 10**6),
    "wide texts": ("texts", b'["a","b"]'),
    "segments": ("segments", b"1000000000000"),
}


def test_many_matrices_share_one_allowance(tmp_path, edited):
    path = tmp_path / "model.h5"
    save(OscillatorNetwork(n_oscillators=3).fit([[3.5e8, 3.6e8]]), path)
    with edited(path) as file:
        del file["params/coupling"]
        group = file.create_group("params/coupling")
        group.attrs["kind"] = "items"
        group.attrs["tuple"] = False
        for number in range(300):
            matrix = group.create_group(str(number))
            matrix.attrs["kind"], matrix.attrs["shape"] = "sparse", (200_000, 200_000)
            for name in ("row", "column", "data"):
                matrix[name] = np.zeros(1, int)
    with pytest.raises(StorageError, match="a sparse matrix claims .* is not read"):
        load(path)


@pytest.mark.parametrize("name", BOMBS)
def test_a_value_that_claims_more_than_it_holds_is_refused(name, tmp_path, edited):
    kind, text = BOMBS[name]
    path = tmp_path / "model.h5"
    save(ReservoirClassifier(n_nodes=4).fit(X, Y), path)
    with edited(path) as file:
        target = "params/n_segments" if kind == "segments" else "fitted/classes_"
        del file[target]
        item = file.create_dataset(target, data=np.frombuffer(text, "u1"))
        item.attrs["kind"] = "json" if kind == "segments" else kind
        if kind == "texts":
            item.attrs["dtype"] = "<U400000000"
    with pytest.raises(StorageError, match=r"\.$"):
        load(path)


@pytest.mark.slow
def test_threads_save_and_load_one_file_without_a_mistake(tmp_path):
    path = tmp_path / "model.h5"
    models = [ReservoirClassifier(n_nodes=n, random_state=0).fit(X, Y) for n in (4, 9)]
    allowed = [model.decision_function(X).tobytes() for model in models]
    save(models[0], path)
    wrong = []

    def work(number):
        for _ in range(6):
            try:
                save(models[number % 2], path)
                answer = load(path).decision_function(X).tobytes()
            except Exception as error:
                wrong.append(repr(error))
            else:
                if answer not in allowed:
                    wrong.append("another answer")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and os.listdir(tmp_path) == ["model.h5"]


@pytest.mark.slow
@given(keys=st.lists(st.from_regex(r"[a-zA-Z_]\w{0,5}", fullmatch=True), unique=True))
@settings(max_examples=60)
def test_a_dict_comes_back_in_its_order(keys, tmp_path_factory):
    value = {key: {"z": number, "a": [key]} for number, key in enumerate(keys)}
    again = there_and_back(tmp_path_factory.mktemp("dict"), value)
    assert again == value and list(again) == list(value)
    assert all(list(entry) == ["z", "a"] for entry in again.values())


@dataclass(frozen=True)
class TableNode(Device):
    """Answers with the last of its gains, whose order matters."""

    gains: dict
    drive_unit: ClassVar[float] = 1.0
    silent_below_threshold: ClassVar[bool] = False

    def default_node_time(self, n_nodes):
        return 1.0

    def respond(self, current, hold_time):
        return np.tanh(list(self.gains.values())[-1] * current)


def test_a_device_with_a_dict_answers_the_same_to_the_bit(tmp_path):
    model = ReservoirClassifier(TableNode({"z": 1.0, "a": 0.3}), 10, random_state=0)
    model.fit(X, Y)
    save(model, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5", devices=(TableNode,))
    assert list(again.oscillator_.gains) == ["z", "a"]
    assert np.array_equal(again.decision_function(X), model.decision_function(X))
