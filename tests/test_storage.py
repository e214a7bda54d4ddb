"""A saved estimator comes back the same, and a file that is not one is refused."""

import os

import h5py
import numpy as np
import pytest

from reservoir import (
    ReservoirClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    StorageError,
    TimeMultiplexedReservoir,
    load,
    save,
)
from reservoir._files import atomic_hdf5
from reservoir.experiments import control

GENERATOR = np.random.default_rng(0)
X = [GENERATOR.normal(size=(n, 3)) for n in (5, 9, 7, 6) * 5]
Y = np.array(["low", "high"] * 10)
FITTED = {
    "classifier": lambda: ReservoirClassifier(
        SpinTorqueOscillator.from_preset("uniform"),
        n_nodes=12,
        context=(1, 2),
        readout_noise=0.01,
        random_state=3,
    ).fit(X, Y),
    "classifier of a table": lambda: ReservoirClassifier(n_nodes=5).fit(
        GENERATOR.normal(size=(20, 2)), [0, 1, 2, 3] * 5
    ),
    "control": lambda: control(ReservoirClassifier(n_nodes=12)).fit(X, Y),
    "array mask": lambda: TimeMultiplexedReservoir(
        mask=GENERATOR.normal(size=(3, 6)), n_nodes=6, dtype=np.float32
    ).fit(X),
    "transformer": lambda: TimeMultiplexedReservoir(n_nodes=6, pooling="mean").fit(X),
    "regressor": lambda: ReservoirRegressor(n_nodes=6, feedback_gain=0.2).fit(
        X, [x[:, 0] for x in X]
    ),
}


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@pytest.mark.parametrize("kind", FITTED)
def test_a_round_trip_changes_no_bit_of_any_answer(kind, tmp_path):
    estimator = FITTED[kind]()
    save(estimator, tmp_path / "model.h5")
    again = load(tmp_path / "model.h5")
    data = GENERATOR.normal(size=(7, 2)) if kind == "classifier of a table" else X
    ask = "transform" if hasattr(estimator, "transform") else "predict"
    for a, b in zip(getattr(estimator, ask)(data), getattr(again, ask)(data), strict=True):
        assert np.array_equal(a, b)
    assert type(again) is type(estimator)
    first, second = estimator.get_params(), again.get_params()
    assert first.keys() == second.keys()
    assert first["oscillator"] == second["oscillator"]
    assert first["drive_range"] == second["drive_range"]
    assert list(tmp_path.iterdir()) == [tmp_path / "model.h5"]


def test_feature_names_survive(tmp_path):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(GENERATOR.normal(size=(20, 2)), columns=["u", "v"])
    save(ReservoirClassifier(n_nodes=5).fit(table, Y), tmp_path / "model.h5")
    assert load(tmp_path / "model.h5").feature_names_in_.tolist() == ["u", "v"]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_file_cut_short_is_refused(share, tmp_path):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(StorageError, match="damaged or not an HDF5 file"):
        load(path)


def test_another_version_and_another_kind_of_file_are_refused(tmp_path):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with h5py.File(path, "a") as file:
        file.attrs["version"] = 99
    with pytest.raises(StorageError, match="format version 99; this package reads"):
        load(path)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["spectrum"] = np.ones(3)
    with pytest.raises(StorageError, match="not a model that reservoir.save wrote"):
        load(tmp_path / "other.h5")
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(StorageError, match="damaged or not an HDF5 file"):
        load(tmp_path / "text.h5")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.h5")


def test_a_file_cannot_name_a_class_of_its_own(tmp_path):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with h5py.File(path, "a") as file:
        file.attrs["class"] = "os.system"
    with pytest.raises(StorageError):
        load(path)


def test_what_cannot_be_saved_is_named(tmp_path):
    with pytest.raises(TypeError, match="A dict cannot be saved"):
        save({}, tmp_path / "model.h5")
    classifier = ReservoirClassifier(n_nodes=5, random_state=np.random.RandomState(0))
    with pytest.raises(TypeError, match="random_state is a RandomState"):
        save(classifier.fit(X, Y), tmp_path / "model.h5")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError, match="no folder"):
        save(FITTED["classifier"](), tmp_path / "missing" / "model.h5")


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "results.h5"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic_hdf5(path) as file:
        file["half"] = np.ones(3)
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


TAMPERED = {
    "fitted/readout_/coefficients": np.ones((5, 30000)),
    "fitted/readout_/intercept": np.ones(1),
    "fitted/drive_/mask": np.ones((1, 12)),
    "fitted/drive_/center": np.ones(1),
    "fitted/drive_/taps": np.frombuffer(b"[-99999999]", np.uint8),
    "fitted/drive_/delays": np.frombuffer(b"[-1]", np.uint8),
    "fitted/drive_/bias": np.ones(5),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_shapes_that_do_not_fit_each_other_never_reach_the_kernels(name, tmp_path):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with h5py.File(path, "a") as file:
        kind = file[name].attrs["kind"]
        del file[name]
        file.create_dataset(name, data=TAMPERED[name]).attrs["kind"] = kind
    with pytest.raises(StorageError, match="damaged"):
        load(path)


def test_a_readout_of_another_size_never_reaches_the_kernel(tmp_path):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with h5py.File(path, "a") as file:
        kind = file["fitted/readout_/coefficients"].attrs["kind"]
        del file["fitted/readout_/coefficients"]
        item = file.create_dataset("fitted/readout_/coefficients", data=np.ones((10**6, 2)))
        item.attrs["kind"] = kind
    with pytest.raises(ValueError, match="fitted to 1000000"):
        load(path).predict(X)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_gets_the_permissions_of_any_new_file(tmp_path):
    save(FITTED["transformer"](), tmp_path / "model.h5")
    (tmp_path / "other").write_text("")
    modes = [(tmp_path / name).stat().st_mode for name in ("model.h5", "other")]
    assert modes[0] == modes[1]
