"""The house of the design: which room uses which, how large they are, what stays light."""

import ast
import graphlib
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

import reservoir

PACKAGE = Path(reservoir.__file__).parent
LIBRARIES = {"numpy", "scipy", "h5py", "sklearn", "tqdm", "joblib", "threadpoolctl"}
# Wings whose files are rooms of their own; any other folder is one room.
WINGS = (
    "bench",
    "devices",
    "faults",
    "laboratory",
    "layers",
    "ledger",
    "multiplexing",
    "networks",
)
# Room -> rooms that it may use. The face of a wing is the wing's name alone.
ARROWS = {
    # The ground floor.
    "_types": "",
    "_version": "",
    "exceptions": "",
    "_checks": "_types",
    "_classes": "_checks _types",
    "_scaling": "_types",
    "_all_or_nothing": "",
    "_scoring": "_checks",
    "_columns": "_checks",
    "_aligned": "_types",
    "_warnings": "",
    "_files": "exceptions",
    "_terminal": "",
    "_signals": "_terminal",
    "_work": "_files _terminal",
    "_hdf5_tree": "",
    "_hdf5": "_files _hdf5_tree _warnings exceptions",
    "_dialects": "",
    "_number_rows": "_dialects _types",
    "_tables": "_dialects",
    "_randomness": "_types",
    "_units": "",
    "_plausibility": "_warnings exceptions",
    "_progress": "",
    "_threads": "",
    "_docstrings": "",
    # Devices.
    "devices.presets": "",
    "devices.description": "_checks devices.presets",
    "devices.device": "_types devices.description",
    "devices.spin_diode": "_checks _types devices.description devices.presets",
    "devices.logistic": "_checks _types _units devices.device",
    "devices.delay_node": "_core _types devices.device",
    "devices.mackey_glass": "_checks devices.delay_node devices.presets",
    "devices.optoelectronic": "_checks devices.delay_node devices.presets",
    "devices.macrospin": "_checks _core _types devices.device devices.presets",
    "devices.measured": "_checks _core _hdf5 _hdf5_tree _tables _types devices.device",
    "devices.phase_locked": "_checks _core _types devices.device devices.logistic "
    "devices.presets",
    "devices.spin_torque": "_checks _plausibility _types devices.device devices.logistic "
    "devices.presets",
    "devices.vortex": "_checks _types devices.logistic devices.presets",
    "devices.thermal": "_checks _types devices.spin_torque",
    "devices.variability": "_checks _randomness _types devices.spin_torque",
    "devices.static": "_checks _types devices.device",
    "devices.wire": "devices.device",
    "devices.catalogue": "_checks devices.device devices.logistic devices.mackey_glass "
    "devices.macrospin "
    "devices.optoelectronic devices.phase_locked devices.spin_torque devices.vortex",
    "devices": "devices.catalogue devices.device devices.logistic devices.mackey_glass "
    "devices.macrospin devices.measured devices.optoelectronic devices.phase_locked "
    "devices.presets devices.spin_diode devices.spin_torque devices.static devices.thermal "
    "devices.variability devices.vortex devices.wire",
    # What several wings build on.
    "couplings": "_checks _types",
    "masks": "_checks _randomness _types",
    "metrics": "_checks _scaling _types",
    "capacity": "_checks _randomness _types",
    "_few_rows": "_scaling _types",
    "_linear": "_checks _core _randomness _types",
    "_exact_sums": "_types",
    "readout": "_few_rows _linear _scaling _types",
    "audio": "_aligned _all_or_nothing _checks _classes _core _randomness _scoring "
    "_threads _types _warnings devices devices.catalogue masks multiplexing.block_learning "
    "multiplexing.classifier multiplexing.first_pass multiplexing.mask_ensemble",
    "simulation": "_checks _core _plausibility _types devices.device devices.logistic "
    "devices.spin_torque exceptions",
    "observation": "_checks _core _randomness _types devices.spin_torque exceptions "
    "simulation",
    # One oscillator as a layer.
    "multiplexing.sequences": "_checks _types",
    "multiplexing.wear": "_randomness _types multiplexing.sequences",
    "multiplexing.pooling": "_core _types multiplexing.sequences",
    "multiplexing.drive": "_scaling _types devices multiplexing.sequences",
    "multiplexing.ensemble": "_checks _types couplings devices",
    "multiplexing.feedback": "_warnings devices exceptions",
    "multiplexing.mask_layout": "_core _types",
    "multiplexing.playing": "_aligned _core _plausibility _types devices exceptions "
    "multiplexing.drive multiplexing.ensemble multiplexing.mask_layout multiplexing.pooling "
    "multiplexing.sequences simulation",
    "multiplexing.parameters": "_checks _docstrings devices multiplexing.playing simulation",
    "multiplexing.parts": "devices.catalogue masks",
    "multiplexing.reading": "_randomness _types devices exceptions multiplexing.drive "
    "multiplexing.ensemble multiplexing.playing multiplexing.pooling multiplexing.sequences "
    "multiplexing.wear",
    "multiplexing.base": "_checks _columns _randomness _threads _types _warnings devices "
    "devices.catalogue exceptions masks multiplexing.drive multiplexing.ensemble "
    "multiplexing.feedback multiplexing.parameters multiplexing.parts multiplexing.playing "
    "multiplexing.reading multiplexing.sequences",
    "multiplexing.first_pass": "_types multiplexing.drive multiplexing.sequences",
    "multiplexing.labels": "_checks _classes _types _warnings multiplexing.first_pass "
    "multiplexing.sequences",
    "multiplexing.block_sums": "_exact_sums _types devices multiplexing.first_pass readout",
    "multiplexing.block_learning": "_all_or_nothing multiplexing.first_pass",
    "multiplexing.block_reservoir": "_checks _classes _types multiplexing.base "
    "multiplexing.block_learning multiplexing.block_sums multiplexing.first_pass "
    "multiplexing.sequences readout",
    "multiplexing.transformer": "_all_or_nothing _checks _types devices masks "
    "multiplexing.base multiplexing.parameters multiplexing.pooling multiplexing.sequences",
    "multiplexing.classifier": "_all_or_nothing _checks _classes _scoring _types devices "
    "masks multiplexing.block_learning multiplexing.block_reservoir multiplexing.first_pass "
    "multiplexing.labels multiplexing.parameters multiplexing.pooling multiplexing.sequences "
    "readout",
    "multiplexing.series": "_checks _types devices masks multiplexing.block_reservoir "
    "multiplexing.drive multiplexing.parameters multiplexing.reading "
    "multiplexing.sequences readout",
    "multiplexing.regressor": "_all_or_nothing _checks _columns _types "
    "multiplexing.block_learning multiplexing.first_pass multiplexing.parameters "
    "multiplexing.sequences multiplexing.series",
    "multiplexing.frame_classifier": "_all_or_nothing _checks _classes _types "
    "multiplexing.block_learning multiplexing.classifier multiplexing.first_pass "
    "multiplexing.labels multiplexing.parameters multiplexing.sequences multiplexing.series",
    "multiplexing.mask_ensemble": "_all_or_nothing _checks _randomness _scoring _types "
    "multiplexing.block_learning multiplexing.classifier multiplexing.first_pass",
    "multiplexing.played": "_types multiplexing.base multiplexing.drive multiplexing.playing "
    "multiplexing.sequences",
    "multiplexing": "multiplexing.classifier multiplexing.frame_classifier "
    "multiplexing.mask_ensemble "
    "multiplexing.regressor multiplexing.transformer",
    # Oscillators that lock.
    "networks.rates": "_types couplings exceptions",
    "networks.spectra": "_types",
    "networks.misreading": "_randomness _types",
    "networks.whitening": "_scaling _types",
    "networks.adler_training": "_types networks.relayed_locking",
    "networks.relayed_locking": "_types",
    "networks.gradient_training": "_types networks.adler_training",
    "networks.integration": "_aligned _core _threads _types couplings exceptions "
    "networks.rates",
    "networks.tuning": "_checks _plausibility _types devices networks.rates",
    "networks.locking": "_types couplings",
    "networks.network": "_all_or_nothing _checks _columns _randomness _types _warnings "
    "couplings devices networks.integration networks.locking networks.misreading "
    "networks.rates networks.spectra networks.tuning",
    "networks.pattern_readout": "_types networks.network readout",
    "networks.design": "_types exceptions networks.locking networks.network "
    "networks.pattern_readout",
    "networks.map_training": "_types networks.pattern_readout",
    "networks.combinations": "_types networks.design networks.gradient_training "
    "networks.map_training networks.network networks.pattern_readout "
    "networks.relayed_locking networks.whitening",
    "networks.learning_options": "",
    "networks.synchronization": "_all_or_nothing _checks _classes _columns _randomness "
    "_scoring _types networks.combinations networks.design networks.learning_options "
    "networks.network networks.pattern_readout",
    "networks.cuts": "_checks _randomness _types couplings devices networks.network",
    "networks.circuit": "_types",
    "networks.phase_oscillators": "_checks _types networks.circuit",
    "networks.auto_oscillators": "_checks _types couplings devices exceptions "
    "networks.circuit networks.integration networks.rates",
    "networks.equilibrium_propagation": "_types networks.circuit",
    "networks.layered_circuit": "_types networks.circuit networks.equilibrium_propagation",
    "networks.equilibrium_classifier": "_all_or_nothing _checks _classes _columns "
    "_randomness _scoring _types _warnings exceptions layers.training "
    "networks.auto_oscillators networks.equilibrium_propagation networks.layered_circuit "
    "networks.phase_oscillators",
    "networks": "networks.auto_oscillators networks.cuts networks.equilibrium_classifier "
    "networks.network networks.phase_oscillators networks.synchronization",
    # Layers of spin diodes and oscillators.
    "layers.parameters": "_checks _docstrings",
    "layers.neuron": "_core _types devices devices.logistic",
    "layers.lines": "_types devices.spin_diode",
    "layers.chains": "_core _types devices.spin_diode layers.lines",
    "layers.hearing": "_core _types layers.chains layers.lines",
    "layers.stack": "_types layers.hearing layers.neuron",
    "layers.design": "_types _warnings devices.catalogue devices.device devices.logistic "
    "devices.spin_diode devices.spin_torque exceptions layers.chains layers.hearing "
    "layers.lines layers.neuron layers.stack",
    "layers.training": "_core _types devices.spin_diode layers.stack",
    "layers.physical": "_files _tables _types devices.spin_diode layers.design layers.lines "
    "layers.stack",
    "layers.base": "_all_or_nothing _checks _randomness _threads _types _warnings "
    "exceptions layers.design layers.parameters layers.physical layers.stack "
    "layers.training",
    "layers.labels": "_all_or_nothing _checks _classes _scoring _types layers.base "
    "layers.training",
    "layers.tables": "_columns _randomness _types devices.device devices.spin_diode "
    "layers.base",
    "layers.grids": "_types multiplexing.sequences",
    "layers.flow": "_types devices.logistic layers.neuron",
    "layers.recurrent": "_types layers.flow layers.grids layers.hearing layers.stack",
    "layers.convolution": "_types layers.grids layers.hearing layers.neuron layers.stack",
    "layers.sequence_input": "_columns _randomness _types layers.base layers.grids "
    "multiplexing.sequences",
    "layers.classifier": "layers.labels layers.parameters layers.tables",
    "layers.regressor": "_all_or_nothing _checks _types layers.base layers.parameters "
    "layers.tables layers.training",
    "layers.recurrent_classifier": "_checks _threads _types devices.device "
    "devices.logistic devices.spin_diode layers.base layers.design layers.flow "
    "layers.grids layers.labels layers.parameters layers.physical layers.recurrent "
    "layers.sequence_input layers.stack",
    "layers.convolutional_classifier": "_checks _threads _types devices.device "
    "devices.spin_diode layers.base layers.convolution layers.design layers.grids "
    "layers.labels layers.parameters layers.sequence_input multiplexing.sequences",
    "layers.control": "devices.spin_diode devices.static layers.base "
    "layers.recurrent_classifier",
    "layers": "layers.classifier layers.control layers.convolutional_classifier "
    "layers.recurrent_classifier layers.regressor layers.stack",
    # What may be wrong with their devices.
    "faults.fault": "devices.description",
    "faults.applying": "_randomness _types faults.fault",
    "faults.layered": "_checks _types devices.spin_diode faults.fault layers layers.design",
    "faults.resonances": "_checks _types faults.layered layers layers.design",
    "faults.spreads": "_checks faults.layered layers layers.design",
    "faults.dead": "_checks _types faults.layered layers layers.design",
    "faults.precision": "_checks faults.layered layers layers.design layers.training",
    "faults.noise": "_checks faults.layered",
    "faults.worn": "_types audio devices.logistic faults.fault multiplexing "
    "multiplexing.wear",
    "faults.nodes": "_checks _types faults.worn",
    "faults.device": "_checks devices faults.worn",
    "faults.converters": "_checks devices faults.worn",
    "faults.stored_weights": "_checks _types audio faults.worn multiplexing",
    "faults.retuning": "_checks _classes _randomness _types networks networks.combinations "
    "networks.design networks.pattern_readout",
    "faults.repair": "_types devices devices.catalogue faults.retuning faults.stored_weights "
    "faults.worn multiplexing networks",
    "faults.mitigation": "_checks _randomness _types faults.applying faults.fault "
    "faults.repair faults.stored_weights faults.worn multiplexing",
    "faults.oscillators": "_checks _types couplings faults.device faults.fault faults.nodes "
    "faults.worn networks networks.misreading",
    "faults": "faults.applying faults.converters faults.dead faults.device faults.fault "
    "faults.mitigation "
    "faults.nodes faults.noise faults.oscillators faults.precision faults.repair "
    "faults.resonances faults.retuning "
    "faults.spreads faults.stored_weights",
    # A device in the loop.
    "laboratory.trace": "_checks _types exceptions",
    "laboratory.clock": "_types exceptions",
    "laboratory.scope_words": "_dialects _units",
    "laboratory.text_trace": "_dialects _number_rows _types _units exceptions "
    "laboratory.clock laboratory.scope_words laboratory.trace",
    "laboratory.array_trace": "_types exceptions laboratory.trace",
    "laboratory.mat_trace": "_files _hdf5_tree _types exceptions laboratory.clock "
    "laboratory.trace",
    "laboratory.recording": "_checks _hdf5 _hdf5_tree _types _units exceptions "
    "laboratory.array_trace laboratory.clock laboratory.mat_trace laboratory.text_trace "
    "laboratory.trace",
    "laboratory.burst": "_types exceptions laboratory.recording",
    "laboratory.soundness": "_types exceptions",
    "laboratory.playable": "_checks _files _types _units laboratory.array_trace "
    "laboratory.trace",
    "laboratory.node_samples": "",
    "laboratory.waveform": "_checks _hdf5 _types _units exceptions laboratory.burst "
    "laboratory.node_samples laboratory.playable laboratory.recording "
    "laboratory.soundness multiplexing.base",
    "laboratory.recorded": "_checks _randomness _types devices laboratory.recording "
    "laboratory.waveform simulation",
    "laboratory": "laboratory.recorded laboratory.recording laboratory.waveform",
    # What a chip would take.
    "ledger.units": "_units",
    "ledger.line": "_checks ledger.units",
    "ledger.tables": "_dialects _units ledger.line ledger.units",
    "ledger.figures": "devices ledger.line ledger.tables ledger.units",
    "ledger.book": "_types ledger.line ledger.units",
    "ledger.operations": "audio",
    "ledger.shared": "ledger.figures ledger.line ledger.operations",
    "ledger.plays": "_types devices multiplexing.base multiplexing.drive multiplexing.played "
    "multiplexing.series",
    "ledger.multiplexed": "devices ledger.figures ledger.line ledger.operations ledger.plays "
    "ledger.shared",
    "ledger.synchronized": "_types devices.catalogue ledger.figures ledger.line "
    "ledger.shared networks.network networks.synchronization",
    "ledger.layered": "_types devices.logistic devices.spin_diode layers ledger.figures "
    "ledger.line ledger.shared",
    "ledger.costing": "_checks _types audio layers ledger.book ledger.figures ledger.layered "
    "ledger.multiplexed ledger.operations ledger.plays ledger.shared ledger.synchronized "
    "multiplexing.classifier multiplexing.frame_classifier multiplexing.mask_ensemble "
    "multiplexing.regressor multiplexing.series "
    "multiplexing.transformer networks.network networks.synchronization",
    "ledger": "ledger.book ledger.costing ledger.figures ledger.line ledger.operations",
    # What stands on top.
    "storage": "_checks _exact_sums _hdf5 _hdf5_tree audio devices devices.catalogue "
    "devices.spin_diode "
    "exceptions layers layers.base layers.parameters masks "
    "multiplexing.base multiplexing.block_sums multiplexing.classifier multiplexing.drive "
    "multiplexing.ensemble "
    "multiplexing.frame_classifier multiplexing.mask_ensemble multiplexing.playing "
    "multiplexing.pooling multiplexing.regressor multiplexing.series "
    "multiplexing.transformer multiplexing.wear networks.auto_oscillators "
    "networks.equilibrium_classifier networks.layered_circuit networks.misreading "
    "networks.network networks.phase_oscillators networks.synchronization readout",
    "plotting": "_checks _files _progress _types capacity devices.device devices.logistic "
    "faults.applying faults.fault multiplexing.base multiplexing.transformer "
    "networks.network networks.pattern_readout networks.synchronization simulation",
    # From a bench table to a device.
    "bench.dialect": "_dialects",
    "bench.quantities": "_units",
    "bench.columns": "_types bench.dialect bench.quantities",
    "bench.table": "_checks _types bench.columns bench.dialect bench.quantities",
    "bench.model": "_types bench.table devices",
    "bench.starts": "_types bench.model bench.table devices",
    "bench.least_squares": "_types bench.model bench.table",
    "bench.fit": "_plausibility _types bench.least_squares bench.model bench.starts "
    "bench.table devices",
    "bench.transient": "_checks _types bench.columns bench.fit bench.least_squares "
    "bench.quantities devices",
    "bench.locking": "_checks _types _warnings bench.columns bench.dialect bench.fit "
    "bench.least_squares bench.quantities devices",
    "bench.sheet": "_units bench.fit bench.model devices",
    "bench.figure": "_types _units bench.fit bench.model bench.transient devices plotting "
    "simulation",
    "bench.loading": "_hdf5 _warnings bench.dialect bench.fit bench.table devices storage",
    "bench.sweep": "_checks _types bench.columns bench.dialect bench.quantities",
    "bench": "bench.fit bench.loading bench.locking bench.sheet bench.sweep bench.table "
    "bench.transient",
    "experiments": "_all_or_nothing _checks _classes _dialects _files _hdf5 _hdf5_tree "
    "_number_rows _progress _scoring _tables _types _version _warnings audio bench capacity "
    "datasets devices devices.catalogue devices.device devices.logistic exceptions faults "
    "faults.layered faults.stored_weights faults.worn layers masks metrics multiplexing.base "
    "multiplexing.classifier multiplexing.drive multiplexing.playing multiplexing.pooling "
    "multiplexing.regressor multiplexing.sequences multiplexing.transformer networks.network "
    "networks.synchronization plotting readout",
    "speech_commands": "_hdf5 _terminal _types _work audio datasets exceptions experiments "
    "multiplexing.classifier storage",
    "cost_tables": "_files experiments ledger",
    "cost_command": "_terminal _work audio cost_tables datasets exceptions experiments "
    "layers ledger ledger.units multiplexing.classifier networks.synchronization plotting "
    "storage",
    "device_command": "_plausibility _terminal _units _work bench bench.figure "
    "bench.loading bench.sheet devices experiments plotting storage",
    "cli": "_files _signals _terminal _version _work cost_command datasets device_command "
    "exceptions experiments plotting speech_commands",
    "__init__": "_core _version devices exceptions masks metrics multiplexing.classifier "
    "multiplexing.frame_classifier multiplexing.mask_ensemble multiplexing.regressor "
    "multiplexing.transformer "
    "networks.network networks.synchronization observation simulation storage",
}
MAX_MODULE_LINES = 500
LONG_MODULES = {
    "capacity.py",  # one subject, more than half of it docstrings
    "networks/network.py",  # OscillatorNetwork: the one large class, 300 lines of docstrings
}
MAX_BODY_LINES, MAX_PARAMETERS = 60, 8
LONG_FUNCTIONS = {
    ("multiplexing/playing.py", "_arguments"),  # names each of the kernel's 35 arguments
}


def room_of(parts):
    """The room of a module, from the parts of its path or name inside the package."""
    if parts[0] in WINGS and len(parts) > 1 and parts[1] != "__init__":
        return f"{parts[0]}.{parts[1]}"
    return parts[0]


@cache
def imports(path):
    """Names of modules that a file imports."""
    return list(_imports(path))


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1, f"{path} climbs with a relative import"
            if node.level == 0 and node.module == "reservoir":
                yield from (f"reservoir.{alias.name}" for alias in node.names)
            elif node.level == 0:
                yield node.module


FILES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in ("_core", "datasets")
)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_room_uses_only_the_rooms_below_it(path):
    room = room_of(path.with_suffix("").parts)
    used = {
        room_of(name.split(".")[1:])
        for name in imports(PACKAGE / path)
        if name.startswith("reservoir.")
    }
    assert used - {room} <= set(ARROWS[room].split())


def test_the_arrows_form_no_circle_and_name_rooms_that_exist():
    graph = {room: used.split() for room, used in ARROWS.items()}
    # A user of one file of a wing runs the wing's face too, so a face stands for its files.
    tuple(graphlib.TopologicalSorter(graph).static_order())
    rooms = {room_of(path.with_suffix("").parts) for path in FILES}
    assert rooms == set(ARROWS)


def test_data_sets_and_core_use_nothing_of_the_package():
    import reservoir._core as core

    from reservoir import datasets

    for module in (core, datasets):
        for path in Path(module.__file__).parent.glob("*.py"):
            assert not any(name.startswith("reservoir") for name in imports(path)), path


@pytest.mark.parametrize("path", FILES, ids=str)
def test_only_the_stated_libraries_are_used(path):
    foreign = {name.split(".")[0] for name in imports(PACKAGE / path)}
    drawing = {"matplotlib", "PIL"}  # matplotlib brings Pillow
    allowed = LIBRARIES | drawing | {"reservoir"} | set(sys.stdlib_module_names)
    assert foreign <= allowed


def functions(tree):
    """Functions of a module with the lines of their bodies and their parameters counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            text = node.body[0] if ast.get_docstring(node) is not None else None
            n_text = text.end_lineno - text.lineno + 1 if text else 0
            args = node.args
            names = [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]
            yield (
                node.name,
                node.end_lineno - node.lineno + 1 - n_text,
                len(names) - (names[:1] in (["self"], ["cls"])),
            )


def test_the_wheel_holds_every_room():
    source = Path(__file__).resolve().parent.parent
    listed = tomllib.loads((source / "pyproject.toml").read_text())
    rooms = {path.parent.name for path in (source / "reservoir").glob("*/__init__.py")}
    assert {f"reservoir.{room}" for room in rooms} <= {
        *listed["tool"]["setuptools"]["packages"]
    }


@pytest.mark.parametrize("path", FILES, ids=str)
def test_modules_and_functions_stay_small(path):
    text = (PACKAGE / path).read_text()
    assert text.count("\n") <= MAX_MODULE_LINES or path.as_posix() in LONG_MODULES
    for name, n_lines, n_parameters in functions(ast.parse(text)):
        if name == "__init__":  # scikit-learn reads the parameters of estimators there
            continue
        excused = (path.as_posix(), name) in LONG_FUNCTIONS
        assert n_lines <= MAX_BODY_LINES or excused, name
        assert n_parameters <= MAX_PARAMETERS, name


@cache
def marks_of(path):
    """Marks of all tests of a file; a second `pytestmark` takes the place of a first."""
    found = None
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            assert found is None, f"{path} sets pytestmark twice, and the first is lost"
            found = ast.unparse(node.value)
    return found or ""


TESTS = sorted(path for path in Path(__file__).parent.rglob("test_*.py"))


def test_every_test_of_a_kernel_is_repeated_with_bounds_checks():
    marked = {path.name for path in TESTS if "pytest.mark.kernel" in marks_of(path)}
    direct = {
        path.name
        for path in TESTS
        if path != Path(__file__)
        and any(name.startswith("reservoir._core") for name in imports(path))
    }
    assert direct
    assert direct <= marked


def test_every_kernel_is_run_by_a_test_that_is_repeated_with_bounds_checks():
    # Rooms that hand arrays to kernels, and the folder or file of their tests.
    users = {
        path.with_suffix("").as_posix()
        for path in FILES
        if any(name.startswith("reservoir._core") for name in imports(PACKAGE / path))
    }
    tests = Path(__file__).parent
    marked = {path.relative_to(tests) for path in TESTS if "mark.kernel" in marks_of(path)}
    rooms = {path.parent.as_posix() for path in marked}
    names = {path.stem.removeprefix("test_") for path in marked}
    for user in sorted(users - {"__init__"}):
        folder, _, name = user.rpartition("/")
        is_tested = name.removeprefix("_") in names or folder in rooms
        assert is_tested, f"no test of {user} is marked as kernel"


def test_importing_the_package_leaves_the_heavy_libraries_alone():
    code = (
        "import sklearn, sys, reservoir, reservoir.laboratory;"
        "print([m for m in ('h5py', 'scipy.signal', 'matplotlib') "
        "if m in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "[]"


@pytest.mark.slow
def test_the_package_runs_without_docstrings():
    code = (
        "import reservoir, reservoir.cli, reservoir.laboratory, reservoir.plotting;"
        "import numpy as np;"
        "X = np.random.default_rng(0).normal(size=(20, 5, 2));"
        "model = reservoir.ReservoirClassifier(n_nodes=10, random_state=0);"
        "print(len(model.fit(X, [0, 1] * 10).predict(X)))"
    )
    output = subprocess.run(
        [sys.executable, "-P", "-OO", "-c", code], capture_output=True, text=True, check=True
    )
    assert output.stdout.strip() == "20"
