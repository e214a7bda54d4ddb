"""What does every part compute? Record it before and after a change, and compare the bits.

A change that is to leave the behaviour alone is proved by two recordings, one of the package
before it and one after, each from an environment of its own with the same versions of numpy,
scipy and scikit-learn, on the same machine::

    python tools/record_behaviour.py record old.h5 --models models         (old package)
    python tools/record_behaviour.py record new.h5 --load-models models    (new package)
    python tools/record_behaviour.py compare old.h5 new.h5

A recording holds some hundred named cases: every device, option, reading, front end,
generator, measure and experiment, with small data. `compare` names each value that differs,
in bits, type or shape (NaN equals NaN), and exits with 1 if any does. With ``--models`` every
estimator that `reservoir.save` takes is saved and asked again after loading; with
``--load-models`` it is the one saved in that folder that is asked, so that the comparison
also proves that the new package reads old models and predicts the same with them.
``--only 'network/*'`` records some cases; they alone are then compared.

With the variable RESERVOIR_DATA the fetched data sets are recorded, too. Not covered:
figures, messages, texts of tables, speed.
"""

import argparse
import contextlib
import dataclasses
import fnmatch
import functools
import hashlib
import importlib
import io
import json
import os
import platform
import struct
import sys
import tempfile
import time
import traceback
import warnings
import wave
from collections.abc import Callable
from pathlib import Path

# Before numpy: sums in threads have another order.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import h5py
import numpy as np
import scipy
import sklearn
from scipy import sparse
from scipy.io import wavfile
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

import reservoir
from reservoir import (
    OscillatorNetwork,
    ReservoirClassifier,
    ReservoirRegressor,
    SpinTorqueOscillator,
    SynchronizationClassifier,
    TimeMultiplexedReservoir,
    datasets,
    load,
    masks,
    metrics,
    observe,
    save,
    simulate,
)
from reservoir.audio import (
    MFCC,
    AugmentedClassifier,
    Cochleagram,
    Noise,
    SpeakerNormalizer,
    Spectrogram,
    Speed,
    Trim,
    Warp,
    at_speeds,
    gammatone_sections,
    lyon_sections,
)
from reservoir.capacity import (
    information_processing_capacity,
    kernel_ranks,
    memory_capacity,
    parity_capacity,
)
from reservoir.cli import main as command_line
from reservoir.devices import (
    Device,
    MackeyGlassNode,
    MacrospinOscillator,
    MeasuredOscillator,
    OptoelectronicNode,
    PhaseLockedOscillator,
    VortexOscillator,
    amplitude_noise,
    find_device,
    linewidth,
    noise_from_linewidth,
    noise_from_temperature,
    preset_names,
    vary,
)
from reservoir.experiments import (
    BindingExperiment,
    CapacityExperiment,
    DigitsExperiment,
    SeriesExperiment,
    VowelsExperiment,
    control,
)
from reservoir.experiments.results import load_rows
from reservoir.laboratory import RecordedOscillator, Recording, Waveform, rehearse
from reservoir.readout import Gram, Ridge, fit_folds, fit_given, fit_leave_one_out

# ------------------------------------------------------------------ old and new names
# All cases are written with the new names; the old ones stand here and nowhere else.

OLD = hasattr(SpinTorqueOscillator, "preset")
OLD_NAMES = {
    "abreu_araujo": "abreu_araujo2020",
    "binding": "romera2022",
    "coupled": "kanao2019",
    "torrejon": "torrejon2017",
    "--pooling": "--readout",
    "--readout-noise": "--noise",
    "drive_unit": "threshold_current",
    "force": "injection",
    "from_estimator": "of",
    "from_file": "read",
    "from_oscillator": "of",
    "from_preset": "preset",
    "oscillator__power_floor": "oscillator__thermal_power",
    "power_floor": "thermal_power",
    "readout_noise": "noise",
    "readout_noise_": "noise_",
}
NEW_NAMES = {  # of what is recorded: fields of devices, parameters of estimators
    "injection": "force",
    "noise": "readout_noise",
    "thermal_power": "power_floor",
}

POOLING = "readout" if OLD else "pooling"  # of DigitsExperiment
couplings = importlib.import_module("reservoir.arrays" if OLD else "reservoir.couplings")
CoupledExperiment = getattr(
    importlib.import_module("reservoir.experiments"),
    "CoupledReservoirExperiment" if OLD else "CoupledExperiment",
)


def named(name):
    """The name in the package that is installed."""
    return OLD_NAMES.get(name, name) if OLD else name


def get(owner, name):
    """An attribute, a method or a class method by its new name."""
    return getattr(owner, named(name))


def call(function, *arguments, **options):
    """Call something whose options have new names."""
    return function(*arguments, **{named(name): value for name, value in options.items()})


def new_name(name, owner=None):
    """New name of a field of a device or a waveform, or of a parameter of an estimator."""
    if OLD and isinstance(owner, Waveform) and name == "threshold_current":
        return "drive_unit"
    return NEW_NAMES.get(name, name) if OLD else name


# ------------------------------------------------------------------ cases

CASES = {}


@dataclasses.dataclass(frozen=True)
class Fit:
    """A case that fits an estimator, which can be saved and asked again after loading.

    Attributes
    ----------
    fit : callable
        Gives the fitted estimator.
    answers : callable
        Takes the estimator, gives what is recorded of it.
    """

    fit: Callable
    answers: Callable


def add(subject, table):
    """Enter a table of cases, each a function without arguments or a `Fit`."""
    for name, case in table.items():
        assert f"{subject}/{name}" not in CASES, f"{subject}/{name} stands twice"
        CASES[f"{subject}/{name}"] = case


# ------------------------------------------------------------------ data that cases share


def normal(seed, *shape):
    """Normal numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def uniform(seed, low, high, *shape):
    """Even numbers."""
    return np.random.default_rng(seed).uniform(low, high, shape)


def waves(seed, n_sequences, n_channels=3, size=1.0):
    """Noisy waves of 4 to 12 frames in three classes: sequences and labels."""
    generator = np.random.default_rng(seed)
    labels = np.arange(n_sequences) % 3
    sequences = []
    for label in labels:
        frames = np.arange(generator.integers(4, 13))[:, None]
        clean = np.sin((0.4 + 0.3 * label) * frames + np.arange(n_channels))
        noise = generator.standard_normal(clean.shape)
        sequences.append(size * (clean + 0.4 * noise))
    return sequences, labels


def as_objects(sequences):
    """Sequences as a 1-D object array."""
    array = np.empty(len(sequences), dtype=object)
    array[:] = sequences
    return array


TRAIN, LABELS = waves(1, 45)
TEST = [*waves(2, 12)[0], *waves(3, 3, size=1.5)[0]]  # the last ones are clipped
GROUPS = np.arange(45) // 3 % 4
CUBE, CUBE_TEST = normal(4, 30, 5, 3), normal(5, 8, 7, 3)
CUBE_LABELS = (CUBE[:, :, 0].mean(axis=1) > 0).astype(int)
INPUTS = uniform(6, -1, 1, 160, 2)
TARGET = np.r_[0.0, INPUTS[:-1, 0] * INPUTS[1:, 1]]
TARGETS = np.column_stack([TARGET, INPUTS[:, 0] ** 2])
SIGNS = np.where(normal(7, 3, 24) > 0, 1.0, -1.0)
PAIRS = normal(8, 3, 3) + 1j * normal(9, 3, 3)
np.fill_diagonal(PAIRS, 0)
VORTEX = find_device("torrejon2017")


@functools.cache
def digits():
    """The synthetic digits that are shipped."""
    return datasets.load_spoken_digits()


@functools.cache
def clips():
    """Six clips, one of each voice."""
    return digits().data[::100]


@functools.cache
def few_digits():
    """Clips of four digits by three voices: every third, as (clips, labels, speakers)."""
    data = digits()
    chosen = np.flatnonzero((data.target < 4) & (data.indices < 6))[::3]
    return [data.data[i] for i in chosen], data.target[chosen], data.speakers[chosen]


def digest(arrays):
    """One number for many arrays, for data too large to be kept."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


# ------------------------------------------------------------------ devices


class Lamp(Device):
    """Somebody's own device: what it answers follows the drive with a lag."""

    silent_below_threshold = False
    damping_rate = 1e6

    def respond(self, current, hold_time):
        """A saturating value, low-passed."""
        kept = np.exp(-hold_time * self.damping_rate)
        state, answers = np.zeros(len(current)), np.empty_like(current)
        for step in range(current.shape[1]):
            drive = current[:, step] / get(self, "drive_unit")
            state = kept * state + (1 - kept) * drive / (1 + np.abs(drive))
            answers[:, step] = state
        return answers


setattr(Lamp, named("drive_unit"), 2e-3)


def measured(one_time=False):
    """The default oscillator as a laboratory's table."""
    current = VORTEX.threshold_current * np.linspace(0.4, 2.5, 60)
    times = VORTEX.relaxation_time(current)
    return MeasuredOscillator(
        current=tuple(current.tolist()),
        amplitude=tuple((0.01 * VORTEX.stationary_amplitude(current)).tolist()),
        relaxation_time=4e-7 if one_time else tuple(times.tolist()),
        threshold_current=VORTEX.threshold_current,
    )


def locked(read="phase"):
    """The default oscillator at 7 mA, which hears a source."""
    make = get(PhaseLockedOscillator, "from_oscillator")
    return call(make, VORTEX, 7e-3, force=3e5, read=read)


LOGISTIC = ("torrejon2017", "riou2017", "romera2018", "uniform", "grimaldi2014")
SPIN_TORQUE = LOGISTIC[:4]
# A device, the range of its drive in its own unit.
DEVICES = {
    **{name: (find_device(name), (0.6, 1.6)) for name in LOGISTIC},
    "appeltant2011": (find_device("appeltant2011"), (-0.5, 0.5)),
    "mackey-glass-7": (
        MackeyGlassNode(strength=0.7, exponent=7.0, delay=5.0, start=0.1),
        (-0.4, 0.6),
    ),
    "paquot2012": (find_device("paquot2012"), (-0.5, 0.5)),
    "optoelectronic": (OptoelectronicNode(strength=0.5, delay=1e-6, start=0.2), (-1, 1)),
    "perpendicular": (find_device("perpendicular"), (0.8, 1.4)),
    "akashi2020": (find_device("akashi2020"), (0.8, 1.4)),
    "markovic2019": (find_device("markovic2019"), (-1.2, 1.2)),
    "locked-phase": (locked("phase"), (-0.8, 0.8)),
    "locked-amplitude": (locked("amplitude"), (-1.5, 1.5)),
    "locked-frequency": (locked("frequency"), (-1.5, 1.5)),
    "measured": (measured(), (0.6, 1.6)),
    "measured-one-time": (measured(one_time=True), (0.6, 1.6)),
    "lamp": (Lamp(), (-1.0, 2.0)),
}


def methods_of_logistic(device):
    """What an oscillator says of itself at currents below and above its threshold."""
    unit = get(device, "drive_unit")
    current = unit * np.array([[-2.0, 0.0, 0.5, 0.97], [1.0, 1.04, 1.5, 2.2]])
    names = (
        "overdrive",
        "growth_rate",
        "saturation_rate",
        "stationary_power",
        "stationary_amplitude",
        "stationary_frequency",
        "nonlinear_shift",
        "relaxation_time",
    )
    values = {name: getattr(device, name)(current) for name in names}
    values |= {f"{name}-one": getattr(device, name)(1.3 * unit) for name in names}
    low, high = device.stationary_frequency(np.array([1.1, 2.5]) * unit)
    wanted = np.linspace(low - 1e6, high + 1e6, 9)
    return values | {
        "current_at": device.current_at(wanted, 1.1 * unit, 2.5 * unit),
        "rate_coefficients": device.rate_coefficients(),
        "described": device.describe(1.3 * unit),
    }


def description(device):
    """Fields of a device, and what all devices say."""
    return {
        "fields": device,
        "drive_unit": get(device, "drive_unit"),
        "silent_below_threshold": device.silent_below_threshold,
        "takes_padding": device.takes_padding,
        "default_node_time": device.default_node_time(24),
        "stationary_power": device.stationary_power(1.2 * get(device, "drive_unit")),
    }


def tables_from_files():
    """A measured table from CSV and HDF5, with and without what may be left out."""
    read, device = get(MeasuredOscillator, "from_file"), measured()
    columns = {
        "current": device.current,
        "amplitude": device.amplitude,
        "relaxation_time": device.relaxation_time,
    }
    with tempfile.TemporaryDirectory() as folder:
        csv, hdf5 = Path(folder) / "table.csv", Path(folder) / "table.h5"
        table = np.transpose(list(columns.values()))
        np.savetxt(csv, table, delimiter=",", header=",".join(columns), comments="")
        with h5py.File(hdf5, "w") as file:
            file.update({name: np.array(values) for name, values in columns.items()})
        return [
            read(csv),
            read(hdf5),
            read(hdf5, relaxation_time=3e-7, threshold_current=3.4e-3),
        ]


def fitted_curve(**options):
    """Threshold, damping and scale from an amplitude curve."""
    current = np.linspace(2e-3, 8e-3, 25)
    volts = 0.01 * VORTEX.stationary_amplitude(current) + 1e-5 * normal(0, 25)
    return call(
        SpinTorqueOscillator.from_amplitude_curve,
        current,
        volts,
        damping_rate=1.2e6,
        frequency=300e6,
        **options,
    )


def macrospin(name):
    """What a magnet says of itself, and its way from a lean."""
    magnet = find_device(name)
    threshold = magnet.threshold_current
    start = [[0.1, 0.0, 1.0], [0.3, 0.2, 0.8]]
    return {
        "axis": magnet.axis,
        "stiffness_fields": magnet.stiffness_fields,
        "frequency": magnet.frequency,
        "damping_rate": magnet.damping_rate,
        "threshold_current": threshold,
        "largest_current": magnet.largest_current,
        "torque_field": magnet.torque_field(1e-3),
        "n_steps": magnet.n_steps(1e-9),
        "trajectory": magnet.trajectory(1.2 * threshold, 2e-11, start, n_steps=(12, 8)),
    }


def locked_numbers(device):
    """What a phase-locked oscillator says of itself."""
    names = ("rest_power", "nonlinear_shift", "locking_half_width", "damping_rate")
    values = {name: getattr(device, name) for name in names}
    return values | {"n_steps": device.n_steps(1e-6)}


def vortex_numbers(**changes):
    """Coefficients of a vortex, what follows from them, and an orbit of Thiele's equation."""
    device = dataclasses.replace(find_device("grimaldi2014"), **changes)
    current = 1.2 * device.threshold_current
    names = (
        "area",
        "threshold_current",
        "damping_rate",
        "frequency",
        "nonlinear_frequency_shift",
        "current_tuning",
        "relative_voltage",
    )
    values = {name: getattr(device, name) for name in names}
    return values | {
        "coefficients": device.coefficients(),
        "orbit": device.orbit(current, np.linspace(0, 2e-7, 15), 0.1),
    }


def named_presets():
    """Presets by the class that has them."""
    classes = {
        "MackeyGlassNode": MackeyGlassNode,
        "MacrospinOscillator": MacrospinOscillator,
        "OptoelectronicNode": OptoelectronicNode,
        "PhaseLockedOscillator": PhaseLockedOscillator,
        "SpinTorqueOscillator": SpinTorqueOscillator,
        "VortexOscillator": VortexOscillator,
    }
    return {
        name: {preset: get(kind, "from_preset")(preset) for preset in sorted(kind.presets)}
        for name, kind in classes.items()
    }


add(
    "device",
    {
        **{
            f"description-{name}": functools.partial(description, device)
            for name, (device, _) in DEVICES.items()
            if name != "lamp"
        },
        **{
            f"methods-{name}": functools.partial(methods_of_logistic, find_device(name))
            for name in LOGISTIC
        },
        "preset-names": preset_names,
        "presets": named_presets,
        "curve": fitted_curve,
        "curve-options": lambda: fitted_curve(
            nonlinear_frequency_shift=2e6, current_tuning=7e9, power_floor=1e-9
        ),
        "macrospin-perpendicular": lambda: macrospin("perpendicular"),
        "macrospin-akashi2020": lambda: macrospin("akashi2020"),
        "locked": lambda: locked_numbers(locked()),
        "locked-markovic2019": lambda: locked_numbers(find_device("markovic2019")),
        "vortex": vortex_numbers,
        "vortex-changed": lambda: vortex_numbers(
            field=0.3, chirality=-1, nonlinear_friction=0.2
        ),
        "measured-files": tables_from_files,
        "noise-from-linewidth": lambda: [
            noise_from_linewidth(
                find_device(name), 1e4, 2 * find_device(name).threshold_current
            )
            for name in SPIN_TORQUE
        ],
        "noise-from-temperature": lambda: noise_from_temperature(300, 4e-17),
        "linewidth": lambda: [linewidth(VORTEX, 1e-4, i) for i in (4e-3, 5e-3, 7e-3)],
        "amplitude-noise": lambda: [amplitude_noise(VORTEX, 1e-4, i) for i in (4e-3, 7e-3)],
        "vary": lambda: vary(VORTEX, 0.05, random_state=0),
        "vary-some": lambda: vary(
            VORTEX, {"damping_rate": 0.1, "frequency": 0.02}, random_state=3
        ),
    },
)

# ------------------------------------------------------------------ simulate


def holds_of(name, device):
    """Three times to hold a drive."""
    if name in ("appeltant2011", "mackey-glass-7", "paquot2012", "optoelectronic"):
        return [device.delay / n for n in (3, 7, 25)]
    usual = device.default_node_time(24)
    shares = (0.02, 0.1, 0.3) if isinstance(device, MacrospinOscillator) else (0.1, 1, 10)
    return [share * usual for share in shares]


def answers_of(name):
    """Three rows of a drive, held for three times, in double and in single precision."""
    device, (low, high) = DEVICES[name]
    drive = get(device, "drive_unit") * uniform(10, low, high, 3, 30)
    return {
        dtype: [
            simulate(device, drive.astype(dtype), hold) for hold in holds_of(name, device)
        ]
        for dtype in ("float64", "float32")
    }


def simulated(low, high, *shape, dtype="float64", device=VORTEX, hold=3e-7, **options):
    """A logistic oscillator under currents between two, in thresholds."""
    current = (device.threshold_current * uniform(11, low, high, *shape)).astype(dtype)
    return simulate(device, current, hold, **options)


def written_to(place, dtype="float64"):
    """Answers in an array that is given: another, the currents' own, or one that overlaps."""
    memory = (3.5e-3 * uniform(12, 0.5, 2.0, 5, 20)).astype(dtype)
    current = memory[:4]
    out = {"own": current, "other": np.zeros_like(current), "overlap": memory[1:]}[place]
    returned = simulate(VORTEX, current, 3e-7, out=out)
    return {"returned": returned, "memory": memory, "same": returned is out}


add(
    "simulate",
    {
        **{name: functools.partial(answers_of, name) for name in DEVICES},
        "negative": lambda: simulated(-5, 5, 4, 60),
        "negative-float32": lambda: simulated(-5, 5, 4, 60, dtype="float32"),
        "negative-vortex": lambda: simulated(
            -2, 2, 4, 60, device=find_device("grimaldi2014")
        ),
        "far-below": lambda: simulated(-500, 0, 2, 40, initial_power=0.3),
        "short-holds": lambda: simulated(0, 3, 2, 60, hold=1e-10, initial_power=0.1),
        "long-holds": lambda: simulated(0, 3, 2, 60, hold=1e-3, initial_power=0.1),
        "one-row": lambda: simulated(0, 3, 3000),
        "many-rows": lambda: simulated(0, 3, 70, 33),
        "three-axes": lambda: simulated(0, 3, 2, 3, 20, initial_power=0.01),
        "empty": lambda: simulated(0, 3, 3, 0),
        "initial-power": lambda: simulated(0.5, 2, 3, 30, initial_power=0.2),
        "initial-powers": lambda: simulated(
            0.5, 2, 3, 30, initial_power=np.array([1e-6, 0.01, 0.9])
        ),
        "power-floor": lambda: simulated(
            -1,
            1.2,
            3,
            30,
            device=call(dataclasses.replace, VORTEX, power_floor=1e-3),
        ),
        "integers": lambda: simulate(VORTEX, np.array([0, 1, 0]), 1e-7),
        "list": lambda: simulate(VORTEX, [4e-3, 6e-3, 2e-3], 1e-7),
        "out": lambda: written_to("other"),
        "out-float32": lambda: written_to("other", "float32"),
        "out-own": lambda: written_to("own"),
        "out-overlap": lambda: written_to("overlap"),
    },
)

# ------------------------------------------------------------------ observe


def observed(name="torrejon2017", **options):
    """Amplitude, power, frequency and phase under three rows of held currents."""
    device = find_device(name)
    current = device.threshold_current * uniform(13, 0.5, 2.2, 3, 40)
    hold = device.default_node_time(24)
    return observe(device, current, hold, **{"random_state": 0} | options)


add(
    "observe",
    {
        **{name: functools.partial(observed, name) for name in SPIN_TORQUE},
        **{
            f"{name}-noise": functools.partial(observed, name, thermal_noise=1e-4)
            for name in SPIN_TORQUE
        },
        "other-seed": lambda: observed(thermal_noise=1e-4, random_state=7),
        "reference": lambda: observed(reference=301e6),
        "reference-noise": lambda: observed(reference=301e6, thermal_noise=1e-5),
        "initial-power": lambda: observed(initial_power=np.array([0.1, 0.2, 1e-5])),
        "one-row": lambda: observe(
            VORTEX, np.full(30, 5e-3), 1e-6, thermal_noise=1e-3, random_state=1
        ),
        "three-axes": lambda: observe(
            VORTEX, 3.5e-3 * uniform(14, 0, 2, 2, 2, 15), 2e-7, initial_power=0.05
        ),
        "negative": lambda: observe(
            VORTEX,
            3.5e-3 * uniform(15, -5, 5, 2, 40),
            2e-7,
            thermal_noise=1e-3,
            random_state=2,
        ),
    },
)

# ------------------------------------------------------------------ masks

add(
    "mask",
    {
        **{
            name: functools.partial(
                lambda make: [
                    make(3, 24, random_state=0),
                    make(1, 5, random_state=1),
                    make(20, 31, random_state=np.random.default_rng(2)),
                ],
                getattr(masks, name.replace("-", "_")),
            )
            for name in ("binary", "uniform", "sparse", "maximum-length")
        },
        "names": lambda: [masks.make_mask(name, 3, 9, 5) for name in sorted(masks.KINDS)],
        "array": lambda: masks.make_mask([[1, 0, 2], [0, 3, 1]], 2, 3),
    },
)

# ------------------------------------------------------------------ one oscillator as a layer

DRIVE = (
    "mask",
    "center",
    "scale",
    "gain",
    "offset",
    "bias",
    "lowest",
    "highest",
    "feedback",
    "reference",
    "initial_power",
)


def learned(model):
    """What a reservoir has learned: its drive and its readout."""
    values = {f"drive/{name}": getattr(model.drive_, name) for name in DRIVE}
    values |= {
        "node_time": model.node_time_,
        "loop_gain": model.loop_gain_,
        "readout_noise": get(model, "readout_noise_"),
        "seed": model.seed_,
    }
    if hasattr(model, "readout_"):
        values |= {
            "alpha": model.alpha_,
            "coefficients": model.readout_.coefficients,
            "intercept": model.readout_.intercept,
        }
    return values


def layer(kind, **options):
    """A small reservoir of a class."""
    return call(kind, **{"n_nodes": 24, "random_state": 0} | options)


def transformer(options, train=TRAIN, test=TEST):
    """States of the virtual nodes."""
    return Fit(
        lambda: layer(TimeMultiplexedReservoir, **options).fit(train),
        lambda model: {"learned": learned(model), "states": model.transform(test)},
    )


def classifier(options, train=TRAIN, labels=LABELS, test=TEST, **fit):
    """Decision values and labels of sequences."""
    return Fit(
        lambda: layer(ReservoirClassifier, **options).fit(train, labels, **fit),
        lambda model: {
            "learned": learned(model),
            "classes": model.classes_,
            "decision": model.decision_function(test),
            "labels": model.predict(test),
        },
    )


def regressor(options, train=INPUTS, target=TARGET, test=INPUTS[40:130] * 1.1):
    """Outputs for every frame, and the score on the training data."""
    return Fit(
        lambda: layer(ReservoirRegressor, **options).fit(train, target),
        lambda model: {
            "learned": learned(model),
            "outputs": model.predict(test),
            "score": model.score(train, target),
        },
    )


OPTIONS = {
    "default": {},
    "oscillator-damping": {"oscillator": dataclasses.replace(VORTEX, damping_rate=2e6)},
    "one-node": {"n_nodes": 1},
    "nodes-67": {"n_nodes": 67},
    "node-time": {"node_time": 3e-7},
    "mask-sparse": {"mask": "sparse"},
    "mask-uniform": {"mask": "uniform"},
    "mask-maximum-length": {"mask": "maximum_length"},
    "mask-signs": {"mask": 0.7 * SIGNS},
    "mask-real": {"mask": normal(20, 3, 24)},
    "mask-signs-and-zeros": {"mask": SIGNS * (np.arange(72).reshape(3, 24) % 5 > 0)},
    "mask-integers": {"mask": SIGNS.astype(int)},
    "drive-range": {"drive_range": (0.9, 2.5)},
    "drive-range-negative": {"drive_range": (-2.0, 1.5)},
    "current-limits": {"current_limits": (0.2, 1.7), "node_bias": 0.4},
    "node-bias": {"node_bias": 0.3},
    "node-bias-array": {"node_bias": np.linspace(-0.2, 0.2, 24)},
    "standardize": {"standardize": True},
    "context": {"context": (1, 4)},
    "context-uniform": {"context": (2,), "mask": "uniform"},
    "feedback-gain": {"feedback_gain": 0.4},
    "feedback-gain-negative": {"feedback_gain": -0.6, "current_limits": (-1.0, 3.0)},
    "loop-gain": {"loop_gain": 0.6},
    "loop-gain-negative": {"loop_gain": -0.8, "current_limits": (-1.0, 3.0)},
    "feedback-delay": {"loop_gain": 0.5, "feedback_delay": 7},
    "feedback-delays": {"loop_gain": 0.5, "feedback_delay": (5, 11, 30)},
    "feedback-uncoupled-nodes": {"loop_gain": 0.5, "feedback_delay": 24},
    "oscillators": {"n_oscillators": 3},
    "own-masks": {"n_oscillators": 3, "own_masks": True},
    "own-masks-array": {"n_oscillators": 2, "own_masks": True, "mask": normal(21, 3, 48)},
    "own-masks-feedback": {"n_oscillators": 2, "own_masks": True, "loop_gain": 0.5},
    "own-masks-bias": {"n_oscillators": 2, "own_masks": True, "node_bias": 0.2},
    "coupling": {"n_oscillators": 3, "coupling": 2e5, "detuning": 5e4},
    "coupling-complex": {"n_oscillators": 2, "coupling": 2e5 + 3e5j},
    "coupling-matrix": {"n_oscillators": 3, "coupling": 1e5 * PAIRS, "detuning": 3e4},
    "coupling-own-masks": {"n_oscillators": 2, "own_masks": True, "coupling": 3e5},
    "coupling-feedback": {"n_oscillators": 2, "coupling": 2e5, "loop_gain": 0.4},
    "detuning-array": {
        "n_oscillators": 3,
        "coupling": 2e5j,
        "detuning": np.array([0.0, 1e5, -4e4]),
    },
    "coupling-float32": {"n_oscillators": 3, "coupling": 2e5, "dtype": "float32"},
    "coupling-noise": {"n_oscillators": 2, "coupling": 2e5, "readout_noise": 0.05},
    "many-oscillators": {"n_oscillators": 20, "n_nodes": 5, "coupling": 1e4},
    "read-power": {"read": "power"},
    "read-frequency": {"read": "frequency"},
    "read-phase": {"read": "phase"},
    "thermal-noise": {"thermal_noise": 1e-4},
    "thermal-noise-power": {"thermal_noise": 1e-4, "read": "power"},
    "thermal-noise-frequency": {"thermal_noise": 1e-4, "read": "frequency"},
    "thermal-noise-phase": {"thermal_noise": 1e-4, "read": "phase", "loop_gain": 0.3},
    "drift": {"drift": 0.5, "current_limits": (-1.0, 3.0)},
    "drift-thermal-noise": {"drift": 0.2, "thermal_noise": 1e-5},
    "bits": {"bits": 5},
    "bits-noise": {"bits": 8, "readout_noise": 0.05},
    "readout-noise": {"readout_noise": 0.1},
    "seed": {"random_state": 12, "readout_noise": 0.02},
    "float32": {"dtype": "float32"},
    "float32-uniform": {"dtype": "float32", "mask": "uniform", "context": (1,)},
    "float32-feedback": {"dtype": "float32", "loop_gain": 0.5},
    "float32-noise": {"dtype": "float32", "readout_noise": 0.1, "thermal_noise": 1e-4},
    "float32-read-phase": {"dtype": "float32", "read": "phase", "drift": 0.1},
    "jobs": {"n_jobs": 2},
    "all-disturbances": {
        "mask": "sparse",
        "standardize": True,
        "context": (2,),
        "node_bias": 0.1,
        "loop_gain": 0.3,
        "current_limits": (0.0, 2.5),
        "thermal_noise": 1e-5,
        "drift": 0.1,
        "bits": 10,
        "readout_noise": 0.01,
    },
}
BY_DEVICE = {
    name: {"oscillator": device, "drive_range": limits}
    for name, (device, limits) in DEVICES.items()
}
BY_DEVICE |= {
    "preset-by-name": {"oscillator": "riou2017"},
    "wire": {"oscillator": control(ReservoirClassifier()).oscillator},
    "appeltant2011-node-time": {
        "oscillator": "appeltant2011",
        "drive_range": (-0.5, 0.5),
        "node_time": 0.2,
    },
    "perpendicular": BY_DEVICE["perpendicular"] | {"node_time": 3e-10},
    "akashi2020": BY_DEVICE["akashi2020"] | {"node_time": 3e-10},
    "lamp-float32": BY_DEVICE["lamp"] | {"dtype": "float32", "readout_noise": 0.1},
    "grimaldi2014-coupled": BY_DEVICE["grimaldi2014"] | {"n_oscillators": 2, "coupling": 2e5},
}
MANY, MANY_LABELS = waves(22, 1100)  # more than one block


def played_by_another_device(oscillator, varied):
    """Decision values of a fitted classifier whose device has changed."""
    options = {"oscillator": oscillator} if oscillator else {}
    model = layer(ReservoirClassifier, **options).fit(TRAIN, LABELS)
    return [model.on_device(varied).decision_function(TEST), model.decision_function(TEST)]


def changed_by_parameters():
    """Values of the device as parameters of the estimator."""
    model = layer(ReservoirClassifier)
    call(model.set_params, oscillator__damping_rate=2e6, oscillator__power_floor=1e-6)
    model.fit(TRAIN, LABELS)
    return {"device": model.oscillator_, "decision": model.decision_function(TEST)}


def parameters_of(kind):
    """Names of the parameters of an estimator, and its defaults."""
    return {new_name(name): value for name, value in kind().get_params(deep=False).items()}


def control_of(**options):
    """The control of a classifier."""
    return Fit(
        lambda: control(layer(ReservoirClassifier, **options)).fit(TRAIN, LABELS),
        lambda model: {"learned": learned(model), "decision": model.decision_function(TEST)},
    )


add(
    "transformer",
    {
        **{name: transformer(options) for name, options in OPTIONS.items()},
        **{f"device-{name}": transformer(options) for name, options in BY_DEVICE.items()},
        "segments": transformer({"pooling": "segments", "n_segments": 3}),
        "segments-noise": transformer(
            {"pooling": "segments", "readout_noise": 0.1, "dtype": "float32"}
        ),
        "mean": transformer({"pooling": "mean"}),
        "last": transformer({"pooling": "last"}),
        "mean-device": transformer({"pooling": "mean", **BY_DEVICE["measured"]}),
        "table": transformer({}, INPUTS, INPUTS[:20]),
        "table-float32": transformer(
            {"dtype": "float32"}, INPUTS.astype("float32"), INPUTS[:20].astype("float32")
        ),
        "table-segments": transformer({"pooling": "segments"}, INPUTS, INPUTS[:20]),
        "cube": transformer({}, CUBE, CUBE_TEST),
        "integers": transformer(
            {}, [np.arange(12).reshape(4, 3) % 5], [np.eye(3, dtype=int)]
        ),
        "names-out": lambda: (
            layer(TimeMultiplexedReservoir, n_oscillators=2, n_nodes=3)
            .fit(TRAIN)
            .get_feature_names_out()
        ),
        "parameters": lambda: parameters_of(TimeMultiplexedReservoir),
    },
)
add(
    "classifier",
    {
        **{name: classifier(options) for name, options in OPTIONS.items()},
        **{f"device-{name}": classifier(options) for name, options in BY_DEVICE.items()},
        "segments-1": classifier({"n_segments": 1}),
        "segments-20": classifier({"n_segments": 20}),
        "mean": classifier({"pooling": "mean"}),
        "last": classifier({"pooling": "last"}),
        "vote": classifier({"pooling": "vote"}),
        "vote-alpha": classifier({"pooling": "vote", "alpha": 1e-3}),
        "vote-noise": classifier({"pooling": "vote", "readout_noise": 0.1}),
        "alpha": classifier({"alpha": 1e-3}),
        "groups": classifier({}, groups=GROUPS),
        "groups-many": classifier({}, groups=np.arange(45) // 3),
        "groups-names": classifier({}, groups=np.array(list("abc"))[GROUPS % 3]),
        "groups-vote": classifier({"pooling": "vote"}, groups=GROUPS),
        "two-classes": classifier({}, CUBE, CUBE_LABELS, CUBE_TEST),
        "labels-text": classifier({}, labels=np.array(["ax", "by", "cz"])[LABELS]),
        "labels-list": classifier({}, labels=LABELS.tolist()),
        "tuple": classifier({}, train=tuple(TRAIN), test=tuple(TEST)),
        "object-array": classifier({}, train=as_objects(TRAIN), test=as_objects(TEST)),
        "cube": classifier({}, CUBE, CUBE_LABELS + (CUBE[:, 0, 1] > 1), CUBE_TEST),
        "table": classifier({}, INPUTS, (TARGET > 0).astype(int), INPUTS[:20]),
        "blocks": classifier({"n_nodes": 10}, MANY, MANY_LABELS, MANY[::2]),
        "blocks-jobs": classifier({"n_nodes": 10, "n_jobs": 2}, MANY, MANY_LABELS, MANY[::2]),
        "blocks-vote": classifier(
            {"n_nodes": 10, "n_jobs": 2, "pooling": "vote", "readout_noise": 0.1},
            MANY,
            MANY_LABELS,
            MANY[::20],
        ),
        "control": control_of(),
        "control-own-masks": control_of(n_oscillators=2, own_masks=True, coupling=2e5),
        "control-coupled": control_of(n_oscillators=2, coupling=2e5),
        "control-noise": control_of(readout_noise=0.1, context=(1,), bits=8),
        "on-device": lambda: played_by_another_device(
            None, vary(VORTEX, 0.03, random_state=1)
        ),
        "on-device-preset": lambda: played_by_another_device("riou2017", "torrejon2017"),
        "set-params": changed_by_parameters,
        "cross-validation": lambda: cross_val_score(
            layer(ReservoirClassifier), as_objects(TRAIN), LABELS, cv=3
        ),
        "parameters": lambda: parameters_of(ReservoirClassifier),
    },
)
REGRESSOR_OPTIONS = (
    "default",
    "nodes-67",
    "mask-uniform",
    "current-limits",
    "node-bias",
    "standardize",
    "context",
    "loop-gain-negative",
    "feedback-delays",
    "oscillators",
    "own-masks",
    "coupling",
    "read-frequency",
    "thermal-noise",
    "drift",
    "bits",
    "readout-noise",
    "float32",
    "float32-feedback",
    "all-disturbances",
)
REGRESSOR_DEVICES = (
    "grimaldi2014",
    "appeltant2011",
    "paquot2012",
    "markovic2019",
    "measured",
    "lamp",
    "wire",
)
SERIES = [INPUTS[:50], INPUTS[50:90], INPUTS[90:]]
add(
    "regressor",
    {
        **{name: regressor(OPTIONS[name]) for name in REGRESSOR_OPTIONS},
        **{f"device-{name}": regressor(BY_DEVICE[name]) for name in REGRESSOR_DEVICES},
        "washout": regressor({"washout": 30}),
        "alpha": regressor({"alpha": 1e-4, "washout": 5}),
        "targets": regressor({}, target=TARGETS),
        "one-column": regressor({}, target=TARGET[:, None]),
        "list": regressor(
            {"washout": 3}, SERIES, [TARGET[:50], TARGET[50:90], TARGET[90:]], SERIES[:2]
        ),
        "list-targets": regressor(
            {"n_jobs": 2}, SERIES, [TARGETS[:50], TARGETS[50:90], TARGETS[90:]], SERIES[1:]
        ),
        "cube": regressor({}, CUBE, CUBE[:, :, 0] ** 2, CUBE_TEST),
        "control": Fit(
            lambda: control(layer(ReservoirRegressor)).fit(INPUTS, TARGET),
            lambda model: model.predict(INPUTS),
        ),
        "parameters": lambda: parameters_of(ReservoirRegressor),
    },
)

# ------------------------------------------------------------------ readouts


def blocks_of_rows():
    """Features, targets and folds in three blocks."""
    features, targets = normal(30, 90, 8), normal(31, 90, 2)
    folds = np.arange(90) % 4
    return [
        (features[part], targets[part] + features[part, :2], folds[part])
        for part in (slice(0, 30), slice(30, 31), slice(31, 90))
    ]


def ridge():
    """Ridge regressions of one Gram matrix, and of what is left without a block."""
    first, *others = blocks_of_rows()
    whole, rest = Gram(), Gram()
    for features, targets, _ in [first, *others]:
        whole.add(features, targets)
    for features, targets, _ in others:
        rest.add(features, targets)
    alphas = np.array([1e-6, 1e-2, 1.0])
    return {
        "whole": Ridge(whole).readout(1e-3),
        "rest": Ridge(rest).readout(1e-3),
        "losses": Ridge(whole).leave_one_out(blocks_of_rows, alphas),
    }


add(
    "readout",
    {
        "given": lambda: fit_given(blocks_of_rows, 1e-2),
        "leave-one-out": lambda: fit_leave_one_out(blocks_of_rows),
        "folds": lambda: fit_folds(blocks_of_rows, blocks_of_rows),
        "ridge": ridge,
        "outputs": lambda: [
            fit_given(blocks_of_rows, 1e-2)(features)
            for features in (normal(32, 5, 8), normal(32, 5, 8).astype("float32"))
        ],
    },
)

# ------------------------------------------------------------------ networks

SOURCES = np.array([[341e6, 362e6], [345e6, 351e6], [356e6, 370e6], [350.6e6, 339.4e6]])
CLOSE = np.linspace(348e6, 364e6, 40)  # frequencies of forty oscillators


def network(**options):
    """A network that settles and measures for a short time."""
    times = {"settling_time": 0.4e-6, "measuring_time": 0.8e-6}
    return OscillatorNetwork(**times | options)


def ring_matrix(n):
    """Dense couplings of every oscillator to some others."""
    matrix = 4e5 * (normal(40, n, n) + 1j * normal(41, n, n)) * (normal(42, n, n) > 0.5)
    np.fill_diagonal(matrix, 0)
    return matrix


def dipoles(n, **options):
    """Couplings of oscillators on a line."""
    positions = np.arange(n)[:, None] * 1e-6
    return couplings.dipolar_coupling(positions, 2e6j, 1e-6, **options)


NETWORKS = {
    "default": {},
    "device": {
        "oscillator": dataclasses.replace(find_device("romera2018"), current_tuning=2e9)
    },
    "device-by-name": {"oscillator": "romera2018"},
    "one": {"n_oscillators": 1, "frequencies": [352e6]},
    "forty": {"n_oscillators": 40, "frequencies": CLOSE, "injection": 2e6},
    "forty-float32": {"n_oscillators": 40, "frequencies": CLOSE, "dtype": "float32"},
    "forty-coupled": {"n_oscillators": 40, "frequencies": CLOSE, "coupling": 1e5},
    "forty-neighbors": {
        "n_oscillators": 40,
        "frequencies": CLOSE,
        "coupling": couplings.neighbor_coupling(40, 1e6 + 5e5j, closed=True),
    },
    "forty-dipoles-noise": {
        "n_oscillators": 40,
        "frequencies": CLOSE,
        "coupling": dipoles(40, reach=3.5e-6),
        "linewidth": 2e5,
        "random_state": 0,
    },
    "frequencies": {"frequencies": [340e6, 347e6, 358e6, 369e6]},
    "currents": {"currents": [4.2e-3, 3.6e-3, 4.0e-3, 4.5e-3]},
    "bias": {"bias": 1.6},
    "coupling": {"coupling": 2e6},
    "coupling-complex": {"coupling": 1.4e6 + 2.6e6j},
    "coupling-dense": {"coupling": ring_matrix(4)},
    "coupling-sparse": {"coupling": sparse.csr_array(ring_matrix(4))},
    "coupling-neighbors": {"coupling": couplings.neighbor_coupling(4, 3e6)},
    "coupling-ring": {"coupling": couplings.neighbor_coupling(4, 3e6j, closed=True)},
    "coupling-dipoles": {"coupling": dipoles(4)},
    "injection": {"injection": 8e6},
    "linewidth": {"linewidth": 3e5, "random_state": 0},
    "linewidth-coupled": {"linewidth": 3e5, "random_state": 5, "coupling": 1e6},
    "linewidth-float32": {"linewidth": 3e5, "random_state": 0, "dtype": "float32"},
    "step": {"step": 2e-9},
    "times": {"settling_time": 0.0, "measuring_time": 1.5e-6},
    "float32": {"dtype": "float32"},
    "float32-coupled": {"dtype": "float32", "coupling": ring_matrix(4)},
    "jobs": {"n_jobs": 2},
    "features-all": {"features": ("frequency", "amplitude", "coherence", "locked")},
    "features-amplitude": {"features": ("amplitude",)},
    "features-frequency": {"features": ["frequency"]},
}


def sources_of(options):
    """Frequencies of two sources, or of three for forty oscillators."""
    if options.get("n_oscillators") == 40:
        return np.array([[350e6, 356e6, 361e6], [349e6, 352.2e6, 363e6]])
    return SOURCES


def network_case(options):
    """A network as a transformer, and what it measures."""
    sources = sources_of(options)
    return Fit(
        lambda: network(**options).fit(sources),
        lambda model: {
            "features": model.transform(sources),
            "names": model.get_feature_names_out(),
            "measured": model.measure(sources),
            "natural_frequencies": model.natural_frequencies(),
            "tuning_ranges": model.tuning_ranges(),
            "source_limits": model.source_limits(),
            "locking_half_width": model.locking_half_width(),
        },
    )


def tuned():
    """A network at other frequencies."""
    wanted = [338e6, 349e6, 364e6, 371e6]
    other = network().tune(wanted)
    return {"currents": other.currents, "measured": other.measure(SOURCES)}


def many_inputs(**options):
    """More inputs than the processor has lanes, with currents for each."""
    currents = 4e-3 * uniform(43, 0.9, 1.1, 70, 4)
    return network(**options).measure(currents=currents)


def emitted(**options):
    """Signal and spectrum of all oscillators together."""
    return {
        "signal": network(**options).emitted_signal(
            SOURCES[:1], duration=1e-6, sampling_rate=1.5e9
        ),
        "spectrum": network(**options).power_spectrum(
            SOURCES[:2], duration=4e-6, resolution=1e6
        ),
    }


GRID = np.linspace(338e6, 374e6, 7)
MANY_CURRENTS = np.array([[4e-3, 4.1e-3], [4e-3, 4.4e-3], [3.8e-3, 3.81e-3]])
PAIR = {"n_oscillators": 2, "frequencies": [356e6, 356e6], "coupling": 1.4e6 + 2.6e6j}
add(
    "network",
    {
        **{name: network_case(options) for name, options in NETWORKS.items()},
        "no-sources": lambda: network(coupling=2e6).measure(),
        "currents-of-inputs": lambda: network().measure(
            SOURCES, currents=4e-3 * uniform(44, 0.9, 1.1, 4, 4)
        ),
        "many-inputs": lambda: many_inputs(coupling=1e6),
        "many-inputs-float32": lambda: many_inputs(coupling=1e6, dtype="float32", n_jobs=2),
        "many-inputs-noise": lambda: many_inputs(linewidth=2e5, random_state=1),
        "tune": tuned,
        "simulate": lambda: network(coupling=1e6).simulate(SOURCES, duration=0.4e-6),
        "simulate-records": lambda: network(dtype="float32").simulate(
            SOURCES[:1], duration=0.8e-6, steps_per_record=7
        ),
        "simulate-noise": lambda: network(linewidth=3e5, random_state=2).simulate(
            duration=0.4e-6, steps_per_record=3
        ),
        "simulate-forty": lambda: network(n_oscillators=40, frequencies=CLOSE).simulate(
            duration=0.2e-6
        ),
        "emitted": lambda: emitted(coupling=1e6),
        "emitted-noise": lambda: emitted(linewidth=3e5, random_state=3),
        "synchronization-map": lambda: network().synchronization_map(GRID, GRID[::2]),
        "mutual-synchronization": lambda: network(**PAIR).mutual_synchronization(),
        "mutual-synchronization-currents": lambda: network(**PAIR).mutual_synchronization(
            MANY_CURRENTS
        ),
        "neighbor-coupling": lambda: [
            couplings.neighbor_coupling(1, 2e6),
            couplings.neighbor_coupling(5, 2e6 + 1e6j),
            couplings.neighbor_coupling(5, 2e6, closed=True),
        ],
        "dipolar-coupling": lambda: [
            couplings.dipolar_coupling(uniform(45, 0, 5e-6, 6, 2), 8e6j, 1e-6),
            couplings.dipolar_coupling(uniform(45, 0, 5e-6, 6, 2), 8e6j, 1e-6, reach=2e-6),
        ],
        "parameters": lambda: OscillatorNetwork().get_params(),
    },
)

# ------------------------------------------------------------------ synchronisation

FOUR = ("ae", "er", "iy", "uw")


@functools.cache
def vowels(seed, n_classes=4):
    """Tokens of invented vowels and their labels."""
    bunch = datasets.make_vowels(12, FOUR[:n_classes], random_state=seed)
    return bunch.data, bunch.target


def synchronization_answers(model):
    """What a classifier of vowels has learned, and says of new tokens."""
    tokens = vowels(1, len(model.classes_))[0]
    names = (
        "coef_",
        "intercept_",
        "source_range_",
        "patterns_",
        "pattern_classes_",
        "pattern_",
        "readout_coef_",
        "readout_intercept_",
        "learning_curve_",
        "frequency_curve_",
        "temperature_",
    )
    return {name: getattr(model, name) for name in names if hasattr(model, name)} | {
        "currents": model.network_.currents,
        "natural_frequencies": model.network_.natural_frequencies(),
        "input_frequencies": model.input_frequencies(tokens),
        "decision": model.decision_function(tokens),
        "probabilities": model.predict_proba(tokens),
        "labels": model.predict(tokens),
    }


def synchronization(n_classes=4, **options):
    """A classifier of vowels with few starts and presentations."""
    small = {
        "learning": "search",
        "n_starts": 3,
        "n_presentations": 8,
        "random_state": 0,
    }
    return Fit(
        lambda: SynchronizationClassifier(**small | options).fit(*vowels(0, n_classes)),
        synchronization_answers,
    )


def started_again(**options):
    """A second fit that goes on where the first ended."""
    model = synchronization(warm_start=True, **options).fit()
    return model.fit(*vowels(2))


add(
    "synchronization",
    {
        "gradient": synchronization(learning="gradient"),
        "search": synchronization(),
        "pattern": synchronization(readout="pattern"),
        "linear": synchronization(readout="linear"),
        "linear-two-classes": synchronization(2, readout="linear"),
        "two-classes": synchronization(2),
        "online": synchronization(learning="online", network=network(coupling=1e5)),
        "online-pattern": synchronization(learning="online", readout="pattern", rate=0.5),
        "three-sources": synchronization(n_sources=3, n_starts=2),
        "three-sources-linear": synchronization(n_sources=3, n_starts=2, readout="linear"),
        "coupled": synchronization(network=network(coupling=5e5)),
        "noise": synchronization(network=network(linewidth=3e5, random_state=0)),
        "float32": synchronization(network=network(dtype="float32"), random_state=4),
        "warm-start": Fit(started_again, synchronization_answers),
        "warm-start-online": Fit(
            lambda: started_again(learning="online"), synchronization_answers
        ),
        "parameters": lambda: SynchronizationClassifier().get_params(deep=False),
    },
)

# ------------------------------------------------------------------ audio

FRONT_ENDS = {
    "cochleagram": lambda: Cochleagram(8000),
    "cochleagram-channels": lambda: Cochleagram(8000, n_channels=20),
    "cochleagram-frequencies": lambda: Cochleagram(
        8000, low_frequency=200.0, high_frequency=3000.0
    ),
    "cochleagram-frame-rate": lambda: Cochleagram(8000, frame_rate=62.5),
    "cochleagram-smoothing": lambda: Cochleagram(8000, smoothing_frequency=20.0),
    "cochleagram-compression": lambda: Cochleagram(8000, compression=0.5),
    "cochleagram-raw": lambda: Cochleagram(8000, normalize=False),
    "cochleagram-jobs": lambda: Cochleagram(8000, n_jobs=2),
    "cochleagram-12500": lambda: Cochleagram(12500),
    "lyon": lambda: Cochleagram(8000, model="lyon"),
    "lyon-options": lambda: Cochleagram(
        8000, model="lyon", quality=5.0, step=0.4, smoothing_frequency=30.0, compression=0.7
    ),
    "lyon-raw": lambda: Cochleagram(16000, model="lyon", normalize=False, n_jobs=2),
    "mfcc": lambda: MFCC(8000),
    "mfcc-coefficients": lambda: MFCC(8000, n_coefficients=8, n_mels=16),
    "mfcc-windows": lambda: MFCC(8000, window_length=180, hop_length=100, window="hamming"),
    "mfcc-frequencies": lambda: MFCC(8000, low_frequency=100.0, high_frequency=3500.0),
    "mfcc-dynamic-range": lambda: MFCC(8000, dynamic_range=30.0),
    "mfcc-deltas": lambda: MFCC(8000, n_deltas=2, standardize=True),
    "mfcc-raw": lambda: MFCC(8000, n_deltas=1, normalize=False),
    "spectrogram": lambda: Spectrogram(),
    "spectrogram-magnitude": lambda: Spectrogram(kind="magnitude"),
    "spectrogram-power": lambda: Spectrogram(kind="power", normalize=False),
    "spectrogram-log-power": lambda: Spectrogram(kind="log-power"),
    "spectrogram-windows": lambda: Spectrogram(
        window_length=100, hop_length=33, window="blackman"
    ),
    "speed-faster": lambda: Speed(1.25),
    "speed-slower": lambda: Speed(0.87),
    "speed-same": lambda: Speed(1.0),
    "trim": lambda: Trim(8000),
    "trim-decibels": lambda: Trim(8000, decibels=15.0),
    "noise": lambda: Noise(),
    "noise-options": lambda: Noise(decibels=3.0, random_state=9),
}


def heard(make):
    """What a front end makes of clips: loud, quiet, integers, silent and very short ones."""
    extra = [
        np.round(3000 * normal(50, 900)).astype(np.int16),
        np.arange(600).astype(np.uint8),
        np.zeros(500),
        0.01 * normal(51, 60),
        normal(52, 2000).astype(np.float32),
    ]
    return make().fit_transform([*clips(), *extra])


def cochlea(**options):
    """Frames of few digits, at a low rate."""
    return Cochleagram(8000, n_channels=20, frame_rate=50.0, **options)


def augmented(groups=False, **options):
    """A classifier of altered copies: decision values and labels of new clips."""
    waveforms, labels, speakers = few_digits()
    model = AugmentedClassifier(
        layer(ReservoirClassifier), at_speeds(cochlea(), (1.0, 1.15, 0.9)), **options
    )
    model.fit(waveforms, labels, groups=speakers if groups else None)
    return {
        "decision": model.decision_function(clips()),
        "labels": model.predict(clips()),
        "alpha": model.classifier_.alpha_,
        "coefficients": model.classifier_.readout_.coefficients,
    }


def altered(*steps):
    """A classifier whose copies come from a pipeline of alterations."""
    waveforms, labels, _ = few_digits()
    front_ends = [cochlea(), make_pipeline(*steps)]
    model = AugmentedClassifier(
        layer(ReservoirClassifier), front_ends, test_front_ends=[cochlea()]
    )
    return model.fit(waveforms, labels).decision_function(clips())


def normalized(groups=None, **options):
    """Frames warped towards the average voice."""
    ear = cochlea()
    frames = list(ear.transform(few_digits()[0]))
    normalizer = SpeakerNormalizer(
        ear.center_frequencies(), **{"n_components": 4, "n_iterations": 2} | options
    )
    normalizer.fit(frames, groups=groups)
    return {
        "weights": normalizer.voice_.weights_,
        "means": normalizer.voice_.means_,
        "factors": normalizer.find_factors(frames, groups),
        "frames": normalizer.transform(frames[::5]),
    }


def warped(factor):
    """Frames with a stretched frequency axis."""
    ear = cochlea()
    return Warp(ear.center_frequencies(), factor=factor).transform(ear.transform(clips()))


def recognized(make):
    """Digits from the frames of a front end."""
    waveforms, labels, _ = few_digits()
    front_end = make()

    def fit():
        frames = front_end.fit_transform(waveforms)
        return layer(ReservoirClassifier).fit(frames, labels)

    return Fit(fit, lambda model: model.decision_function(front_end.transform(clips())))


add(
    "audio",
    {
        **{name: functools.partial(heard, make) for name, make in FRONT_ENDS.items()},
        "array-of-clips": lambda: Spectrogram().fit_transform(0.1 * normal(53, 3, 700)),
        "center-frequencies": lambda: [
            Cochleagram(8000).center_frequencies(),
            Cochleagram(12500, n_channels=30).center_frequencies(),
            Cochleagram(8000, model="lyon").center_frequencies(),
        ],
        "gammatone-sections": lambda: gammatone_sections(np.array([100.0, 1000.0]), 8000),
        "lyon-sections": lambda: [lyon_sections(8000), lyon_sections(16000, 6.0, 0.5)],
        "warp": lambda: warped(1.1),
        "warp-back": lambda: warped(0.85),
        "augmented": augmented,
        "augmented-groups": lambda: augmented(groups=True),
        "augmented-once": lambda: augmented(test_front_ends=[cochlea()]),
        "augmented-noise": lambda: altered(Noise(10), cochlea()),
        "augmented-warp": lambda: altered(
            cochlea(), Warp(cochlea().center_frequencies(), factor=1.1)
        ),
        "augmented-trim": lambda: altered(Trim(8000, decibels=20.0), Speed(1.1), cochlea()),
        "normalizer": normalized,
        "normalizer-groups": lambda: normalized(groups=few_digits()[2]),
        "normalizer-options": lambda: normalized(
            factors=(0.9, 1.0, 1.1), n_components=3, n_iterations=1, random_state=2
        ),
        "digits-cochleagram": recognized(cochlea),
        "digits-mfcc": recognized(lambda: MFCC(8000, hop_length=160)),
    },
)

# ------------------------------------------------------------------ data sets


def without_text(bunch):
    """A data set without its description."""
    return {name: value for name, value in bunch.items() if name != "DESCR"}


def digested(bunch):
    """A large data set as one number for its clips."""
    values = without_text(bunch) | {"data": digest(bunch.data)}
    return values | {"lengths": [len(clip) for clip in bunch.data]}


def write_sphere(path, body, n_samples, n_bytes=2, coding="pcm"):
    """A NIST SPHERE file of 8 kHz."""
    head = (
        f"NIST_1A\n   1024\nsample_count -i {n_samples}\nsample_rate -i 8000\n"
        f"channel_count -i 1\nsample_n_bytes -i {n_bytes}\n"
        f"sample_byte_format -s{n_bytes} {'01'[:n_bytes] if n_bytes > 1 else '1'}\n"
        f"sample_coding -s{len(coding)} {coding}\nend_head\n"
    )
    path.write_bytes(head.encode().ljust(1024) + body)


def own_recordings():
    """Clips in all containers that need no other library, by the names of their files."""
    samples = np.round(20000 * uniform(60, -1, 1, 300)).astype("<i2")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wavfile.write(folder / "a_x_0.wav", 8000, samples)
        wavfile.write(folder / "a_x_1.wav", 8000, samples.astype("<i4") * 65536)
        wavfile.write(folder / "a_y_0.wav", 8000, (samples / 32768).astype("<f4"))
        wavfile.write(folder / "b_x_0.wav", 8000, (samples // 256 + 128).astype(np.uint8))
        with wave.open(str(folder / "b_y_0.wav"), "wb") as file:
            file.setparams((1, 3, 8000, 0, "NONE", ""))
            file.writeframes(b"".join(struct.pack("<i", s * 256)[:3] for s in samples))
        write_sphere(folder / "c_x_0.wav", samples.tobytes(), 300)
        codes = np.arange(256, dtype=np.uint8).tobytes()
        write_sphere(folder / "c_y_0.wav", codes, 256, 1, "ulaw")
        write_sphere(folder / "c_y_1.wav", codes, 256, 1, "alaw")
        return without_text(datasets.load_recordings(folder))


def sorted_recordings():
    """Clips in folders, with a pattern of their own."""
    with tempfile.TemporaryDirectory() as name:
        for place in ("anna/one-3.wav", "anna/two-1.wav", "bert/one-10.wav"):
            path = Path(name) / place
            path.parent.mkdir(exist_ok=True)
            wavfile.write(path, 8000, np.arange(len(place), dtype="<i2"))
        pattern = "{speaker}/{label}-{index}.wav"
        return without_text(datasets.load_recordings(name, pattern))


def ti46(**options):
    """A few tokens with the names of the corpus."""
    tokens = ("00f1set0", "00f1set3", "01f1set0", "05f2s1t0", "09f1s4t1", "00m1set0")
    with tempfile.TemporaryDirectory() as name:
        for number, token in enumerate(tokens):
            samples = np.arange(20 + number, dtype="<i2")
            write_sphere(Path(name) / f"{token}.wav", samples.tobytes(), len(samples))
        bunch = without_text(datasets.load_ti46(name, **options))
    return bunch | {"missing": len(bunch["missing"])}


add(
    "dataset",
    {
        "channel": lambda: without_text(datasets.make_channel(200, random_state=0)),
        "channel-snr": lambda: without_text(datasets.make_channel(200, 12.0, 1)),
        "channel-clean": lambda: without_text(datasets.make_channel(50, np.inf, 1)),
        "memory": lambda: without_text(datasets.make_memory(150, random_state=0)),
        "memory-binary": lambda: without_text(
            datasets.make_memory(150, [0, 2, 5], 1, law="binary")
        ),
        "parity": lambda: without_text(datasets.make_parity(150, random_state=0)),
        "parity-delays": lambda: without_text(datasets.make_parity(150, [0, 3], 2)),
        "mackey-glass": lambda: without_text(datasets.make_mackey_glass(300, random_state=0)),
        "mackey-glass-options": lambda: without_text(
            datasets.make_mackey_glass(
                100, 30.0, 1, horizon=6, interval=2.0, n_substeps=20, burn_in=100.0
            )
        ),
        "narma10": lambda: without_text(datasets.make_narma10(300, random_state=0)),
        "sine-square": lambda: without_text(datasets.make_sine_square(20, random_state=0)),
        "sine-square-options": lambda: without_text(
            datasets.make_sine_square(20, 0.3, 1, n_samples=12)
        ),
        "vowels": lambda: without_text(datasets.make_vowels(10, random_state=0)),
        "vowels-options": lambda: without_text(
            datasets.make_vowels(
                6,
                ["iy", "ah"],
                1,
                kinds=["woman", "girl"],
                length_scatter=0.1,
                token_scatter=0.02,
            )
        ),
        "generator": lambda: datasets.make_narma10(50, np.random.default_rng(3)).target,
        "spoken-digits": lambda: digested(digits()) | {"clips": clips()},
        "recordings": own_recordings,
        "recordings-folders": sorted_recordings,
        "ti46": ti46,
        "ti46-speakers": lambda: ti46(speakers=["f1"], sessions="training"),
    },
)
if os.environ.get("RESERVOIR_DATA"):
    add(
        "dataset",
        {
            "fsdd": lambda: digested(datasets.fetch_fsdd()),
            "hillenbrand": lambda: without_text(datasets.fetch_hillenbrand()),
            "hillenbrand-formants": lambda: without_text(
                datasets.fetch_hillenbrand(
                    vowels=["ae", "iy"], kinds=["woman"], columns="formants", complete=True
                )
            ),
            "santa-fe": lambda: without_text(datasets.fetch_santa_fe()),
            "santa-fe-horizon": lambda: without_text(datasets.fetch_santa_fe(horizon=4)),
        },
    )

# ------------------------------------------------------------------ measures

TRUE, GUESSED = normal(70, 80, 3), normal(70, 80, 3) + 0.3 * normal(71, 80, 3)
SENT = np.random.default_rng(72).choice([-3.0, -1.0, 1.0, 3.0], 200)
add(
    "metrics",
    {
        "nmse": lambda: [
            metrics.nmse(TRUE, GUESSED),
            metrics.nmse(TRUE[:, 0], GUESSED[:, 0]),
        ],
        "nrmse": lambda: metrics.nrmse(TRUE, GUESSED),
        "squared-correlations": lambda: metrics.squared_correlations(TRUE, GUESSED),
        "symbol-error-rate": lambda: [
            metrics.symbol_error_rate(SENT, SENT + normal(73, 200)),
            metrics.symbol_error_rate(SENT[SENT > 0], SENT[SENT > 0] + 0.7, (1, 3)),
        ],
    },
)
EVEN = uniform(74, -1, 1, 1500)
BITS = np.where(EVEN < 0, -1.0, 1.0)


@functools.cache
def states_of(law):
    """States of a small reservoir for the capacities."""
    inputs = {"even": EVEN, "bits": BITS}[law][:, None]
    model = layer(TimeMultiplexedReservoir, n_nodes=10, loop_gain=0.6, feedback_delay=11)
    return model.fit([inputs]).transform([inputs])[0]


def states_in_blocks(law, n_rows=400):
    """The same states, block by block."""
    states = states_of(law)
    return (states[begin : begin + n_rows] for begin in range(0, len(states), n_rows))


def ranks(**options):
    """Kernel and generalisation rank."""
    model = layer(TimeMultiplexedReservoir, n_nodes=10).fit([EVEN[:, None]])
    return kernel_ranks(model.transform, 25, 20, **{"random_state": 0} | options)


def information(states, n_delays=(8, 4, 3), **options):
    """Information processing capacity and its shares by degree."""
    found = information_processing_capacity(
        states, EVEN, n_delays, **{"random_state": 0} | options
    )
    return {"found": found, "by_degree": found.by_degree()}


add(
    "capacity",
    {
        "memory": lambda: memory_capacity(states_of("even"), EVEN, range(1, 21)),
        "memory-blocks": lambda: memory_capacity(
            states_in_blocks("even"), EVEN, range(0, 21, 2)
        ),
        "memory-options": lambda: memory_capacity(
            states_of("even"), EVEN, range(1, 6), washout=100, train=0.7, tolerance=1e-6
        ),
        "memory-default-delays": lambda: memory_capacity(states_of("even"), EVEN),
        "parity": lambda: parity_capacity(states_of("bits"), BITS),
        "parity-options": lambda: parity_capacity(
            states_in_blocks("bits"), BITS, [0, 1, 2], washout=50, train=0.6
        ),
        "information": lambda: information(states_of("even")),
        "information-blocks": lambda: information(states_in_blocks("even"), random_state=1),
        "information-options": lambda: information(
            states_of("even"), (5, 0, 3), washout=200, n_surrogates=2, tolerance=1e-8
        ),
        "ranks": ranks,
        "ranks-options": lambda: ranks(spread=0.5, tolerance=1e-4, random_state=3),
    },
)

# ------------------------------------------------------------------ laboratory

NODE = 0.3e-6
PARTS = [INPUTS[:30, :1], INPUTS[30:50, :1], INPUTS[50:90, :1]]


@functools.cache
def played_model():
    """A reservoir whose currents a generator is to play."""
    model = layer(TimeMultiplexedReservoir, oscillator=VORTEX, n_nodes=20, node_time=NODE)
    return model.fit([PARTS[0]])


def waveform(**options):
    """Those currents as samples of a generator."""
    make = get(Waveform, "from_estimator")
    return make(played_model(), PARTS, **{"sample_rate": 10 / NODE} | options)


def recording(**options):
    """What a device would give, recorded at another rate."""
    settings = {"sample_rate": 25 / NODE, "delay": 7.4 * NODE}
    return call(rehearse, waveform(), VORTEX, **settings | options)


def waveform_from_file():
    """A waveform that was written and read, and what a generator gets."""
    with tempfile.TemporaryDirectory() as folder:
        hdf5, csv = Path(folder) / "waveform.h5", Path(folder) / "waveform.csv"
        waveform().write(hdf5)
        waveform().write(csv)
        return {
            "hdf5": get(Waveform, "from_file")(hdf5),
            "csv": digest([np.loadtxt(csv, delimiter=",", skiprows=4)]),
        }


def recordings_from_files():
    """Traces from HDF5 and from text, with and without their rate."""
    read, trace = get(Recording, "from_file"), recording()
    with tempfile.TemporaryDirectory() as folder:
        hdf5, one, two = (Path(folder) / name for name in ("r.h5", "one.csv", "two.csv"))
        with h5py.File(hdf5, "w") as file:
            file["voltage"] = trace.voltage[:500]
            file["voltage"].attrs["sample_rate"] = trace.sample_rate
        np.savetxt(one, trace.voltage[:500])
        times = np.arange(500) / trace.sample_rate
        table = np.column_stack([times, trace.voltage[:500]])
        np.savetxt(two, table, delimiter=",", header="time,voltage", comments="")
        return [read(hdf5), read(one, sample_rate=trace.sample_rate), read(two)]


def envelope():
    """The amplitude of an oscillating trace."""
    slow = recording(sample_rate=400 / NODE)
    times = np.arange(len(slow.voltage)) / slow.sample_rate
    trace = slow.voltage * np.sin(2 * np.pi * 60 / NODE * times)
    return Recording(trace, slow.sample_rate).envelope(10 / NODE).voltage[::50]


def recorded_device(kind):
    """An estimator that is fitted to a recording in place of a simulated device."""
    inputs, target = INPUTS[:90, :1], TARGET[:90]
    options = {"n_nodes": 15, "node_time": NODE, "alpha": 1e-5, "oscillator": VORTEX}
    if kind is ReservoirClassifier:
        inputs, target = TRAIN, LABELS
    model = layer(kind, **options).fit(inputs, target)
    played = get(Waveform, "from_estimator")(model, inputs, sample_rate=10 / NODE)
    trace = call(
        rehearse,
        played,
        VORTEX,
        sample_rate=40 / NODE,
        delay=3e-6,
        gain=0.01,
        readout_noise=1e-3,
        random_state=0,
    )
    device = RecordedOscillator(played, played.nodes(trace))
    model = clone(model).set_params(oscillator=device).fit(inputs, target)
    return {"learned": learned(model), "answers": model.predict(inputs)}


add(
    "laboratory",
    {
        "waveform": waveform,
        "waveform-options": lambda: waveform(
            sample_rate=4 / NODE,
            volts_per_ampere=20.0,
            bias_current=4e-3,
            largest_voltage=1.0,
        ),
        "waveform-file": waveform_from_file,
        "node-time": lambda: waveform().node_time,
        "rehearse": recording,
        "rehearse-options": lambda: recording(
            sample_rate=31.7 / NODE,
            delay=0.0,
            gain=-0.02,
            offset=0.3,
            readout_noise=0.05,
            random_state=1,
        ),
        "rehearse-device": lambda: call(
            rehearse, waveform(), measured(), sample_rate=20 / NODE
        ),
        "nodes": lambda: waveform().nodes(recording()),
        "nodes-end": lambda: waveform().nodes(recording(), window=0.0),
        "nodes-noise": lambda: waveform().nodes(
            recording(readout_noise=0.1, random_state=0), window=0.4
        ),
        "recordings": recordings_from_files,
        "envelope": envelope,
        "recorded-regressor": lambda: recorded_device(ReservoirRegressor),
        "recorded-classifier": lambda: recorded_device(ReservoirClassifier),
    },
)

# ------------------------------------------------------------------ experiments


def without_seconds(row):
    """A row of results without the time it took."""
    row = row if isinstance(row, dict) else dataclasses.asdict(row)
    return {name: value for name, value in row.items() if name != "seconds"}


def experiment(kind, **options):
    """Rows, arrays and predictions of an experiment in its quick form."""

    def play():
        run = call(kind, **{"quick": True} | options)
        values = {"rows": [without_seconds(row) for row in run.run()]}
        # The arrays of digits and vowels are the attributes below.
        if hasattr(run, "arrays") and not hasattr(run, "predictions_"):
            values["arrays"] = run.arrays()
        for name in ("predictions_", "confusion_", "repeats_"):
            if hasattr(run, name):
                values[name] = getattr(run, name)
        return values

    return play


def command(*arguments):
    """The command line in its quick form: status, rows and what is written to a file."""

    def play():
        with tempfile.TemporaryDirectory() as folder:
            rows, out = Path(folder) / "rows.json", Path(folder) / "out.h5"
            outputs = ["--quick", "--jobs", "1", "--json", str(rows), "--out", str(out)]
            told = io.StringIO()
            with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
                try:
                    status = command_line([*map(named, arguments), *outputs])
                except SystemExit as error:  # of argparse
                    raise ValueError(told.getvalue()) from error
            with h5py.File(out) as file:
                stored = json.loads(file.attrs["rows"])
                arrays = {}
                file.visititems(
                    lambda name, item: (
                        arrays.update({name: item[()]})
                        if isinstance(item, h5py.Dataset)
                        else None
                    )
                )
            written = json.loads(rows.read_text())
        return {
            "status": status,
            "rows": [without_seconds(row) for row in written],
            "stored": [without_seconds(row) for row in stored],
            "arrays": arrays,
        }

    return play


def resumed():
    """An experiment that goes on from a file with the first of its points."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"quick": True, "task": "narma10", "store": str(Path(folder) / "store.h5")}
        SeriesExperiment(methods=("mean", "control"), **options).run()
        run = SeriesExperiment(methods=("mean", "oscillator-50"), **options)
        rows = [without_seconds(row) for row in run.run()]
        stored, _ = load_rows(options["store"])
        return {"rows": rows, "stored": [without_seconds(row) for row in stored]}


def binding_classifier():
    """The classifier behind the binding of events."""
    run = BindingExperiment(quick=True)
    run.load()
    truth = run.target_ == "iy"
    model = run.classifier().fit(run.data_, truth)
    names = ("bias_", "mean_", "center_", "slope_", "limits_")
    return {name: getattr(model, name) for name in names} | {
        "currents": model.currents(run.data_),
        "labels": model.predict(run.data_),
        "tongues": model.tongues(np.linspace(*model.limits_, 5)),
    }


def synchronized():
    """How many of the coupled oscillators run together."""
    run = CoupledExperiment(quick=True)
    return [run.synchronized(strength) for strength in (0.0, 0.4)]


SMALL = {"n_nodes": 20}
FAST = ("control", "oscillator")
add(
    "experiment",
    {
        "digits": experiment(DigitsExperiment, **SMALL),
        "digits-official": experiment(
            DigitsExperiment,
            protocol="official",
            methods=(*FAST, "oscillator-sparse-noise", "logistic", "k-neighbors", "mlp"),
            seeds=(0, 1),
            **SMALL,
        ),
        "digits-speaker": experiment(
            DigitsExperiment,
            protocol="speaker",
            methods=("control-taps", "oscillator-taps-noise", "ridge"),
            **SMALL,
        ),
        "digits-vote": experiment(
            DigitsExperiment, **{POOLING: "vote"}, methods=FAST, **SMALL
        ),
        "digits-last": experiment(
            DigitsExperiment, **{POOLING: "last"}, methods=FAST, **SMALL
        ),
        "digits-mean": experiment(
            DigitsExperiment, **{POOLING: "mean"}, frontend="mfcc", methods=FAST, **SMALL
        ),
        "digits-lyon": experiment(
            DigitsExperiment, frontend="cochleagram-lyon", methods=FAST, n_segments=2, **SMALL
        ),
        "digits-signed": experiment(
            DigitsExperiment, frontend="spectrogram-signed", methods=FAST, **SMALL
        ),
        "digits-magnitude": experiment(
            DigitsExperiment, frontend="spectrogram-magnitude", methods=FAST, **SMALL
        ),
        "digits-log-power": experiment(
            DigitsExperiment, frontend="spectrogram-log-power", methods=FAST, **SMALL
        ),
        "digits-oscillators": experiment(
            DigitsExperiment,
            n_oscillators=2,
            methods=("coupled-0", "coupled-0.2-own", "coupled-0.2-sparse-taps"),
            **SMALL,
        ),
        "digits-speeds": experiment(
            DigitsExperiment,
            speeds=(0.9, 1.1),
            trim=30.0,
            methods=("oscillator-taps-copies-once", "oscillator-taps-copies", "ridge-copies"),
            **SMALL,
        ),
        "coupled-synchronized": synchronized,
        "binding-classifier": binding_classifier,
        "vowels": experiment(
            VowelsExperiment,
            methods=("majority", "network-search", "lda-sources", "lda", "mlp-same"),
        ),
        "vowels-twelve": experiment(
            VowelsExperiment, task="twelve", methods=("majority", "centroid-2", "lda")
        ),
        "capacity": experiment(CapacityExperiment, n_nodes=10),
        "capacity-noise": experiment(
            CapacityExperiment, n_nodes=10, loop_gain=0.5, readout_noise=0.01, seed=3
        ),
        "capacity-field": experiment(CapacityExperiment, n_nodes=10, along="field"),
        "resumed": resumed,
        **{
            f"series-{task}": experiment(SeriesExperiment, task=task)
            for task in ("narma10", "channel", "sine_square", "memory", "parity")
        },
        "series-mackey_glass": experiment(
            SeriesExperiment,
            task="mackey_glass",
            methods=("mean", "control", "linear-taps", "oscillator-50", "oscillator-50-free"),
        ),
    },
)
if os.environ.get("RESERVOIR_DATA"):
    add(
        "experiment",
        {
            "series-santa_fe": experiment(SeriesExperiment, task="santa_fe"),
            "vowels-hillenbrand": experiment(
                VowelsExperiment, dataset="hillenbrand", methods=("majority", "lda")
            ),
            "binding-hillenbrand-40": experiment(BindingExperiment, dataset="hillenbrand-40"),
        },
    )
add(
    "command",
    {
        "digits": command("digits", "--nodes", "20", "--methods", *FAST, "oscillator-taps"),
        "digits-options": command(
            *("digits", "--nodes", "20", "--protocol", "speaker", "--pooling", "vote"),
            *("--frontend", "mfcc", "--trim", "40", "--seed", "1", "2", "--segments", "3"),
            *("--methods", "oscillator"),
        ),
        "digits-coupled": command(
            *("digits", "--nodes", "20", "--oscillators", "2", "--speeds", "1.1"),
            *("--methods", "coupled-0.2", "control-taps-copies"),
        ),
        "vowels": command("vowels", "--methods", "majority", "lda"),
        "series": command("series", "--methods", "mean", "control", "oscillator-50"),
        "capacity": command("capacity", "--loop-gain", "0.3", "--readout-noise", "0.01"),
        "capacity-field": command("capacity", "--along", "field", "--seed", "2"),
        "torrejon": command("experiment", "torrejon"),
        "abreu_araujo": command("experiment", "abreu_araujo"),
        "coupled": command("experiment", "coupled"),
        "binding": command("experiment", "binding", "--seed", "1"),
    },
)

# ------------------------------------------------------------------ what is refused


def refusal(function):
    """Name of the error that a call raises."""
    try:
        function()
    except Exception as error:
        return type(error).__name__
    return "accepted"


REFUSED_OPTIONS = {
    "n_nodes": {"n_nodes": 0},
    "node_time": {"node_time": -1.0},
    "oscillator": {"oscillator": 3},
    "oscillator-name": {"oscillator": "nobody1999"},
    "mask-name": {"mask": "striped"},
    "mask-shape": {"mask": np.ones((2, 24))},
    "mask-silent": {"mask": np.zeros((3, 24))},
    "drive_range-reversed": {"drive_range": (1.6, 0.6)},
    "drive_range-silent": {"drive_range": (0.2, 0.9)},
    "drive_range-text": {"drive_range": "wide"},
    "current_limits": {"current_limits": (0.9, 1.2)},
    "node_bias": {"node_bias": np.zeros(5)},
    "context": {"context": (0,)},
    "feedback_delay": {"loop_gain": 0.5, "feedback_delay": 0},
    "feedback_delay-long": {"loop_gain": 0.5, "feedback_delay": 5000},
    "loop_gain": {"loop_gain": 1.2},
    "loop_gain-twice": {"loop_gain": 0.2, "feedback_gain": 0.1},
    "n_oscillators": {"n_oscillators": 0},
    "own_masks": {"own_masks": "yes"},
    "own_masks-many": {"own_masks": True, "n_oscillators": 65},
    "coupling-diagonal": {"n_oscillators": 2, "coupling": np.ones((2, 2))},
    "coupling-shape": {"n_oscillators": 2, "coupling": np.zeros((3, 3))},
    "coupling-strong": {"n_oscillators": 2, "coupling": 1e12},
    "detuning": {"n_oscillators": 2, "detuning": np.zeros(3)},
    "read": {"read": "colour"},
    "read-several": {"read": "power", "n_oscillators": 2},
    "read-vortex": {"read": "power", "oscillator": "grimaldi2014"},
    "feedback-own-kernel": {"loop_gain": 0.5, "oscillator": "perpendicular"},
    "thermal_noise": {"thermal_noise": 1.0},
    "drift": {"drift": -1.0},
    "bits": {"bits": 33},
    "readout_noise": {"readout_noise": -0.1},
    "dtype": {"dtype": "int32"},
    "pooling": {"pooling": "median"},
    "n_segments": {"n_segments": 0},
    "alpha": {"alpha": 0.0},
}
add(
    "refusal",
    {
        "options": lambda: {
            name: refusal(classifier(options).fit)
            for name, options in REFUSED_OPTIONS.items()
        },
        "data": lambda: {
            "empty": refusal(lambda: layer(ReservoirClassifier).fit([], [])),
            "nan": refusal(
                lambda: layer(ReservoirClassifier).fit([[[np.nan]], [[1.0]]], [0, 1])
            ),
            "channels": refusal(
                lambda: layer(ReservoirClassifier).fit(TRAIN, LABELS).predict(PARTS)
            ),
            "one-class": refusal(lambda: layer(ReservoirClassifier).fit(TRAIN, LABELS * 0)),
            "labels": refusal(lambda: layer(ReservoirClassifier).fit(TRAIN, LABELS[:3])),
            "unfitted": refusal(lambda: layer(ReservoirClassifier).predict(TEST)),
            "washout": refusal(
                lambda: layer(ReservoirRegressor, washout=999).fit(INPUTS, TARGET)
            ),
        },
        "devices": lambda: {
            "preset": refusal(lambda: find_device("nobody1999")),
            "floor": refusal(lambda: call(dataclasses.replace, VORTEX, power_floor=0.1)),
            "damping": refusal(lambda: dataclasses.replace(VORTEX, damping_rate=-1.0)),
            "text": refusal(lambda: dataclasses.replace(VORTEX, frequency="high")),
            "field": refusal(lambda: vortex_numbers(field=2.0)),
            "delay": refusal(lambda: simulate(DEVICES["paquot2012"][0], np.ones(3), 1e-6)),
            "current": refusal(lambda: simulate(VORTEX, [np.inf], 1e-6)),
            "hold": refusal(lambda: simulate(VORTEX, [1e-3], -1.0)),
            "initial-power": refusal(
                lambda: simulate(VORTEX, [1e-3], 1e-6, initial_power=2.0)
            ),
            "outside-table": refusal(lambda: simulate(measured(), [1.0], 1e-6)),
            "outside-locking": refusal(lambda: simulate(locked(), [1e9], 1e-6)),
        },
        "networks": lambda: {
            "bias": refusal(lambda: network(bias=0.9).measure(SOURCES)),
            "source": refusal(lambda: network().measure([[1e9, 2e9]])),
            "step": refusal(lambda: network(step=1e-6).measure(SOURCES)),
            "coupling": refusal(lambda: network(coupling=1e12).measure(SOURCES)),
            "currents": refusal(lambda: network(currents=[1e-3] * 4).measure(SOURCES)),
            "tune": refusal(lambda: network().tune([1e9] * 4)),
            "features": refusal(lambda: network(features=("colour",)).fit(SOURCES)),
            "readout": refusal(synchronization(learning="online", readout="linear").fit),
            "missing": refusal(
                lambda: SynchronizationClassifier().fit([[np.nan], [1.0]], [0, 1])
            ),
        },
        "storage": lambda: {
            "no-file": refusal(lambda: load("there-is-no-such-file.h5")),
            "foreign": refusal(lambda: load(__file__)),
            "class": refusal(lambda: save(Cochleagram(8000), "cochleagram.h5")),
        },
    },
)

# ------------------------------------------------------------------ from values to arrays


def arrays_of(value, name=""):
    """Every array in a value, with its path.

    Containers and dataclasses are taken apart; a list of numbers or of texts is one array.

    Parameters
    ----------
    value : object
    name : str
        Path of the value.

    Yields
    ------
    name : str
    array : ndarray
        Of numbers or of text.
    """
    if sparse.issparse(value):
        value = value.toarray()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {new_name(field, value): entry for field, entry in vars(value).items()}
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from arrays_of(entry, f"{name}/{key}")
    elif isinstance(value, (list, tuple)) or _holds_objects(value):
        plain = all(isinstance(entry, (int, float, complex, str)) for entry in value)
        if plain and len({isinstance(entry, str) for entry in value}) == 1:
            yield name, np.array(list(value))
        else:
            for number, entry in enumerate(value):
                yield from arrays_of(entry, f"{name}/{number}")
    else:
        array = np.asarray("None" if value is None else value)
        if array.dtype.kind not in "fiubcUS":
            raise TypeError(f"{name} is a {type(value).__name__}, which is not recorded.")
        yield name, array


def _holds_objects(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def write(group, values):
    """Write the arrays of a case, each with its type."""
    for name, array in arrays_of(values):
        dtype = array.dtype.str
        if array.dtype.kind == "U":
            array, dtype = np.char.encode(array, "utf-8"), "text"
        elif array.dtype.kind == "S":
            dtype = "text"
        path = name.strip("/") or "value"
        group.create_dataset(path, data=array).attrs["dtype"] = dtype


# ------------------------------------------------------------------ record


def play(name, case, models, loaded):
    """What a case computes, and the package's warnings.

    Parameters
    ----------
    name : str
    case : callable or Fit
    models : Path or None
        Folder to save the fitted estimator in.
    loaded : Path or None
        Folder to load an estimator from; None: `models`.

    Returns
    -------
    dict
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if not isinstance(case, Fit):
            values = {"value": case()}
        else:
            model = case.fit()
            values = {"value": case.answers(model)}
            if models is not None:
                save_model(model, models / f"{name}.h5")
            source = loaded or models
            if source is not None and (source / f"{name}.h5").is_file():
                values["loaded"] = case.answers(load(source / f"{name}.h5"))
    kinds = {warning.category for warning in caught}
    ours = {kind.__name__ for kind in kinds if kind.__module__.startswith("reservoir")}
    return values | {"warnings": sorted(ours)}


def save_model(model, path):
    """Save what can be saved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        save(model, path)
    except TypeError:
        path.unlink(missing_ok=True)


def record(path, models=None, loaded=None, only="*"):
    """Play the cases and write what they compute.

    Parameters
    ----------
    path : Path
        HDF5 file to write.
    models, loaded : Path or None
        Folders to save fitted estimators in, and to load them from.
    only : str
        Pattern of the names of the cases.

    Returns
    -------
    int
        Exit status: 1 if a case failed.
    """
    chosen = fnmatch.filter(CASES, only)
    start, seconds, failed = time.perf_counter(), {}, []
    with h5py.File(path, "w") as file:
        file.attrs["only"] = only
        file.attrs["environment"] = environment()
        for name in chosen:
            begin = time.perf_counter()
            group = file.create_group(name)
            try:
                write(group, play(name, CASES[name], models, loaded))
            except Exception:
                failed.append(name)
                group.attrs["error"] = traceback.format_exc()
                print(f"{name} failed:\n{traceback.format_exc()}", file=sys.stderr)
            seconds[name] = time.perf_counter() - begin
    slowest = sorted(seconds, key=seconds.get)[:-6:-1]
    print(f"{reservoir.__file__}, {'old' if OLD else 'new'} names")
    print(
        f"{len(chosen)} cases in {time.perf_counter() - start:.0f} s, {len(failed)} failed; "
        f"slowest: {', '.join(f'{name} {seconds[name]:.1f} s' for name in slowest)}"
    )
    return 1 if failed else 0


def environment():
    """What else decides about the last bits, as text."""
    libraries = (np, scipy, sklearn)
    versions = [f"{library.__name__} {library.__version__}" for library in libraries]
    return ", ".join([f"Python {platform.python_version()}", *versions, processor()])


def processor():
    """Name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "?")


# ------------------------------------------------------------------ compare


SHOWN = 8  # lines for a case


def compare(old_path, new_path):
    """Print what differs between two recordings.

    Parameters
    ----------
    old_path, new_path : Path

    Returns
    -------
    int
        Exit status: 1 if anything differs.
    """
    with h5py.File(old_path) as old, h5py.File(new_path) as new:
        for key in ("environment", "only"):
            if old.attrs[key] != new.attrs[key]:
                print(f"{key}: {old.attrs[key]} | {new.attrs[key]}")
        patterns = old.attrs["only"], new.attrs["only"]
        names = [
            name
            for name in sorted({*case_names(old), *case_names(new)})
            if all(fnmatch.fnmatch(name, pattern) for pattern in patterns)
        ]
        n_different = 0
        for name in names:
            found = list(differences(old.get(name), new.get(name)))
            n_different += bool(found)
            for line in found[:SHOWN]:
                print(f"{name}: {line}")
            if len(found) > SHOWN:
                print(f"{name}: {len(found)} values in all")
    print(f"{n_different} of {len(names)} cases differ")
    return 1 if n_different else 0


def case_names(file):
    """Names of the cases in a recording."""
    return [f"{subject}/{case}" for subject in file for case in file[subject]]


def differences(old, new):
    """Lines that say what differs in a case."""
    for side, group in (("old", old), ("new", new)):
        if group is None:
            yield f"missing in {side}"
            return
        if "error" in group.attrs:
            yield f"failed in {side}: {group.attrs['error'].strip().splitlines()[-1]}"
            return
    values = [datasets_in(group) for group in (old, new)]
    for path in sorted({*values[0], *values[1]}):
        if path not in values[0] or path not in values[1]:
            yield f"{path} missing in {'old' if path not in values[0] else 'new'}"
        else:
            yield from difference(path, values[0][path], values[1][path])


def datasets_in(group):
    """Data sets below a group by their paths."""
    found = {}
    group.visititems(
        lambda path, item: found.update({path: item}) if hasattr(item, "dtype") else None
    )
    return found


def difference(path, old, new):
    """A line if two data sets differ in type, shape or bits."""
    kinds = old.attrs["dtype"], new.attrs["dtype"]
    if kinds[0] != kinds[1] or old.shape != new.shape:
        yield f"{path} is {kinds[0]} {old.shape} | {kinds[1]} {new.shape}"
        return
    a, b = old[()], new[()]
    if kinds[0] == "text":
        if not np.array_equal(a, b):
            yield f"{path} is {str(a):.60} | {str(b):.60}"
        return
    a, b = np.atleast_1d(a), np.atleast_1d(b)
    if a.dtype.kind == "c":
        a, b = (np.ascontiguousarray(x).view(x.real.dtype) for x in (a, b))
    differ = bytes_of(a) != bytes_of(b)
    if a.dtype.kind == "f":
        differ &= ~(np.isnan(a) & np.isnan(b)).ravel()
    if differ.any():
        with np.errstate(invalid="ignore"):
            most = np.abs(a.astype(float) - b.astype(float)).max()
        yield f"{path} differs in {differ.sum()} of {differ.size}, at most by {most:.3g}"


def bytes_of(array):
    """The bits of every value, so that -0 is not 0."""
    return np.ascontiguousarray(array).ravel().view(f"V{array.dtype.itemsize}")


def main():
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    actions = parser.add_subparsers(dest="action", required=True)
    recorder = actions.add_parser("record", help="play all cases and write what they compute")
    recorder.add_argument("out", type=Path, metavar="OUT.h5")
    recorder.add_argument("--models", type=Path, metavar="FOLDER")
    recorder.add_argument("--load-models", type=Path, metavar="FOLDER")
    recorder.add_argument("--only", default="*", metavar="PATTERN")
    comparer = actions.add_parser("compare", help="print what differs in two recordings")
    comparer.add_argument("old", type=Path, metavar="OLD.h5")
    comparer.add_argument("new", type=Path, metavar="NEW.h5")
    options = parser.parse_args()
    if options.action == "compare":
        return compare(options.old, options.new)
    return record(options.out, options.models, options.load_models, options.only)


if __name__ == "__main__":
    sys.exit(main())
