"""A saved estimator comes back the same, and a file that is not one is refused."""

import json
import os

import h5py
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reservoir import (
    ReservoirClassifier,
    ReservoirFrameClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    StorageError,
    TimeMultiplexedReservoir,
    load,
    save,
    simulate,
)
from reservoir._hdf5 import written_hdf5
from reservoir.devices import PhaseLockedOscillator, VortexOscillator, Wire
from reservoir.exceptions import StorageWarning
from reservoir.experiments import control
from reservoir.storage import classes
from reservoir.storage.model import MODEL

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
    "frame classifier": lambda: ReservoirFrameClassifier(n_nodes=6, washout=1).fit(
        X, [np.where(x[:, 0] > 0, "up", "down") for x in X]
    ),
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
    with pytest.raises(StorageError, match="was changed or cut after it was written"):
        load(path)


def test_another_version_and_another_kind_of_file_are_refused(tmp_path, edited):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with edited(path) as file:
        file.attrs["version"] = 99
    with pytest.raises(StorageError, match="format version 99; this package reads"):
        load(path)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["spectrum"] = np.ones(3)
    with pytest.raises(StorageError, match="no model that reservoir.save wrote"):
        load(tmp_path / "other.h5")
    (tmp_path / "text.h5").write_text("hello")
    with pytest.raises(StorageError, match="damaged or not an HDF5 file"):
        load(tmp_path / "text.h5")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nowhere.h5")


def test_a_file_cannot_name_a_class_of_its_own(tmp_path, edited):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with edited(path) as file:
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


@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
def test_a_pipeline_that_is_refused_names_the_steps_to_save(tmp_path):
    fitted = make_pipeline(
        TimeMultiplexedReservoir(n_nodes=5), ReservoirClassifier(n_nodes=5)
    )
    fitted.fit(X, Y)
    with pytest.raises(TypeError, match="A Pipeline cannot be saved") as refused:
        save(fitted, tmp_path / "model.h5")
    for name, step in fitted.steps:
        call = f"save(pipeline[{name!r}], path)"
        assert call in str(refused.value)
        save(step, tmp_path / f"{name}.h5")  # As the message says.
    other = make_pipeline(StandardScaler(), LogisticRegression())
    with pytest.raises(TypeError, match=r"cannot be saved\. A SpeechClassifier goes"):
        save(other, tmp_path / "model.h5")
    search = GridSearchCV(ReservoirClassifier(n_nodes=5), {"alpha": [0.1, 1.0]}, cv=2)
    with pytest.raises(TypeError, match="save its best_estimator_"):
        save(search.fit(X, Y), tmp_path / "model.h5")
    save(search.best_estimator_, tmp_path / "model.h5")


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "results.h5"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), written_hdf5(path, MODEL) as file:
        file["half"] = np.ones(3)
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


TAMPERED = {
    "fitted/readout_/coefficients": np.ones((5, 30000)),
    "fitted/readout_/coefficients ": np.ones((10**6, 2)),
    "fitted/readout_/intercept": np.ones(1),
    "fitted/drive_/mask": np.ones((1, 12)),
    "fitted/drive_/center": np.ones(1),
    "fitted/drive_/taps": np.frombuffer(b"[-99999999]", np.uint8),
    "fitted/drive_/delays": np.frombuffer(b"[-1]", np.uint8),
    "fitted/drive_/bias": np.ones(5),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_shapes_that_do_not_fit_each_other_never_reach_the_kernels(name, tmp_path, edited):
    path = tmp_path / "model.h5"
    save(FITTED["classifier"](), path)
    with edited(path) as file:
        kind = file[name.strip()].attrs["kind"]
        del file[name.strip()]
        file.create_dataset(name.strip(), data=TAMPERED[name]).attrs["kind"] = kind
    with pytest.raises(StorageError, match="damaged"):
        load(path)


# What was renamed after version 1, written down a second time.
NOISE = {"noise": "readout_noise", "noise_": "readout_noise_"}
RENAMED_AFTER_1 = {
    "ReservoirClassifier": NOISE,
    "ReservoirRegressor": NOISE,
    "TimeMultiplexedReservoir": NOISE,
    "SpinTorqueOscillator": {"thermal_power": "power_floor"},
    "VortexOscillator": {"thermal_power": "power_floor"},
    "PhaseLockedOscillator": {"injection": "force"},
    "Wire": {"threshold_current": None, "thermal_power": None, "damping_rate": None},
}


def put(group, name, value, kind="json"):
    """Write an entry as version 1 wrote it: numbers as they are, everything else as JSON."""
    if not isinstance(value, np.ndarray):
        value = np.frombuffer(json.dumps(value).encode(), np.uint8)
    group.create_dataset(name, data=value).attrs["kind"] = kind


def group_of(parent, name, kind):
    """A new group of a kind."""
    group = parent.create_group(name)
    group.attrs["kind"] = kind
    return group


def as_version_1(path, edited):
    """Give everything in a file of today the names that it had in version 1."""

    def rename(group):
        kind = group.attrs.get("class", group.attrs.get("kind"))
        owners = (
            [group[part] for part in ("params", "fitted")] if "params" in group else [group]
        )
        for old, new in RENAMED_AFTER_1.get(kind, {}).items():
            for owner in owners:
                if new is None:
                    put(owner, old, 1.0)
                elif new in owner:
                    owner.move(new, old)
        for child in group.values():
            if isinstance(child, h5py.Group):
                rename(child)

    with edited(path, digest="none") as file:
        file.attrs["version"] = 1
        rename(file)


OLD_MODELS = {
    # A frame classifier is younger than the names of version 1.
    **{kind: fit for kind, fit in FITTED.items() if kind != "frame classifier"},
    "vortex": lambda: ReservoirClassifier("grimaldi2014", n_nodes=5).fit(X, Y),
    "locked": lambda: ReservoirClassifier(
        PhaseLockedOscillator.from_preset("markovic2019"),
        n_nodes=5,
        drive_range=(-0.5, 0.5),
        readout_noise=0.1,
        random_state=0,
    ).fit(X, Y),
}


def test_the_table_of_old_names_is_complete():
    assert classes.OLD_NAMES[1] == RENAMED_AFTER_1
    assert sorted(classes.OLD_NAMES) == list(range(1, classes.VERSION))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::reservoir.DriveClippingWarning")
@pytest.mark.parametrize("kind", OLD_MODELS)
def test_a_model_under_its_old_names_gives_the_same_bits(kind, tmp_path, edited):
    estimator, path = OLD_MODELS[kind](), tmp_path / "model.h5"
    save(estimator, path)
    as_version_1(path, edited)
    with h5py.File(path) as file:
        assert "noise" in file["params"] and "readout_noise" not in file["params"]
    with pytest.warns(StorageWarning, match="version 1, which had no digest"):
        again = load(path)
    assert vars(again).keys() == vars(estimator).keys()
    assert again.oscillator_ == estimator.oscillator_
    assert again.readout_noise == estimator.readout_noise
    assert again.readout_noise_ == estimator.readout_noise_
    data = GENERATOR.normal(size=(7, 2)) if kind == "classifier of a table" else X
    ask = "transform" if hasattr(estimator, "transform") else "predict"
    for a, b in zip(getattr(estimator, ask)(data), getattr(again, ask)(data), strict=True):
        assert np.array_equal(a, b)


OLD_DEVICES = {
    "SpinTorqueOscillator": (
        {
            "threshold_current": 2e-3,
            "damping_rate": 1e6,
            "nonlinear_damping": 1.0,
            "frequency": 3e8,
            "nonlinear_frequency_shift": 0.0,
            "current_tuning": 0.0,
            "thermal_power": 1e-10,
        },
        SpinTorqueOscillator(
            2e-3,
            1e6,
            1.0,
            frequency=3e8,
            nonlinear_frequency_shift=0.0,
            power_floor=1e-10,
        ),
    ),
    "VortexOscillator": (
        {
            "radius": 2.5e-7,
            "thickness": 6e-9,
            "magnetization": 6.5e5,
            "polarizer_magnetization": 1.01e6,
            "field": 0.44,
            "damping": 0.01,
            "polarization": 0.5,
            "core_radius": 3.3e-8,
            "nonlinear_friction": 0.6,
            "chirality": 1,
            "thermal_power": 1e-8,
        },
        VortexOscillator(
            2.5e-7,
            6e-9,
            magnetization=6.5e5,
            polarizer_magnetization=1.01e6,
            field=0.44,
            damping=0.01,
            polarization=0.5,
            core_radius=3.3e-8,
            power_floor=1e-8,
        ),
    ),
    "PhaseLockedOscillator": (
        {
            "growth_rate": 2e6,
            "saturation_rate": 6e6,
            "frequency": 3e8,
            "nonlinear_frequency_shift": 2e6,
            "injection": 3e5,
            "read": "phase",
        },
        PhaseLockedOscillator(
            2e6, 6e6, frequency=3e8, nonlinear_frequency_shift=2e6, force=3e5
        ),
    ),
    "Wire": ({"threshold_current": 1.0, "thermal_power": 1.0, "damping_rate": 1.0}, Wire()),
}


def write_version_1(path, name, fields, unit, node_time):
    """A fitted transformer of two nodes, with nothing taken from today's `save`.

    Its currents are 1.2 units plus and minus a tenth of a unit for each unit of the input.
    """
    with h5py.File(path, "w") as file:
        file.attrs["format"], file.attrs["version"] = "oscillator-reservoir model", 1
        file.attrs["class"] = "TimeMultiplexedReservoir"
        params, fitted = (group_of(file, part, "dict") for part in ("params", "fitted"))
        for key, value in {"n_nodes": 2, "noise": 0.25, "dtype": "float64"}.items():
            put(params, key, value)
        put(params, "drive_range", [0.5, 2.0], "tuple")
        for key, value in {"n_features_in_": 1, "seed_": 5, "noise_": 0.0}.items():
            put(fitted, key, value)
        put(fitted, "node_time_", node_time)
        put(fitted, "loop_gain_", 0.0)
        put(fitted, "levels_", [0.0, 0.0], "tuple")
        for owner in (
            group_of(params, "oscillator", name),
            group_of(fitted, "oscillator_", name),
        ):
            for key, value in fields.items():
                put(owner, key, value)
        drive = group_of(fitted, "drive_", "Drive")
        arrays = {"mask": [[1.0, -1.0]], "center": [0.0], "scale": [1.0], "bias": []}
        for key, value in arrays.items():
            put(drive, key, np.array(value), "array")
        put(drive, "gain", 0.1 * unit)
        put(drive, "offset", 1.2 * unit)
        put(drive, "middle", 1.2 * unit)
        put(drive, "lowest", 0.5 * unit)
        put(drive, "highest", 2.0 * unit)
        for key, value in {"feedback": 0.0, "reference": 0.0, "initial_power": 0.1}.items():
            put(drive, key, value)
        put(drive, "taps", [0], "tuple")
        put(drive, "delays", [], "tuple")
        ensemble = group_of(fitted, "ensemble_", "Ensemble")
        put(ensemble, "coupling", np.zeros((1, 1), complex), "array")
        put(ensemble, "detuning", np.zeros(1), "array")
        put(ensemble, "n_drives", 1)


@pytest.mark.parametrize("name", OLD_DEVICES)
def test_a_file_of_version_1_written_by_hand(name, tmp_path):
    fields, device = OLD_DEVICES[name]
    node_time = 3e-7
    write_version_1(tmp_path / "model.h5", name, fields, device.drive_unit, node_time)
    with pytest.warns(StorageWarning):
        model = load(tmp_path / "model.h5")
    assert model.oscillator == model.oscillator_ == device
    assert model.readout_noise == 0.25 and model.readout_noise_ == 0.0
    x = np.array([1.0, -2.0, 0.5])
    current = (np.outer(x, [0.1, -0.1]) + 1.2).ravel() * device.drive_unit
    if name == "Wire":
        expected = current
    elif name == "PhaseLockedOscillator":
        expected = simulate(device, current, node_time)
    else:
        expected = simulate(device, current, node_time, initial_power=0.1)
    # The kernel of a reservoir orders its sums otherwise than this line does.
    states = model.transform([x[:, None]])[0].ravel()
    np.testing.assert_allclose(states, expected, rtol=1e-12, atol=1e-15)


def test_a_file_goes_through_the_tables_of_all_versions_since_its_own(
    tmp_path, monkeypatch, edited
):
    path = tmp_path / "model.h5"
    save(TimeMultiplexedReservoir(n_nodes=3, readout_noise=0.125).fit(X), path)
    as_version_1(path, edited)
    first = {"noise": "hiss", "noise_": "hiss_"}
    second = {"hiss": "readout_noise", "hiss_": "readout_noise_"}
    tables = {
        1: {**RENAMED_AFTER_1, "TimeMultiplexedReservoir": first},
        2: {"TimeMultiplexedReservoir": second},
        **dict.fromkeys(range(3, classes.VERSION), {}),
    }
    monkeypatch.setattr(classes, "OLD_NAMES", tables)
    with pytest.warns(StorageWarning):
        assert load(path).readout_noise == 0.125


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_file_gets_the_permissions_of_any_new_file(tmp_path):
    save(FITTED["transformer"](), tmp_path / "model.h5")
    (tmp_path / "other").write_text("")
    modes = [(tmp_path / name).stat().st_mode for name in ("model.h5", "other")]
    assert modes[0] == modes[1]
