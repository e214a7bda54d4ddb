"""Which tasks do faults come into, what learns them, and how is it repaired?"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier

from reservoir.devices import SpinTorqueOscillator
from reservoir.experiments.classical import perceptron, scaled
from reservoir.experiments.controls import control
from reservoir.experiments.digits import DigitsExperiment
from reservoir.experiments.layers_tasks import TASKS as LAYERS_TASKS
from reservoir.experiments.new_voices import echo_state_like
from reservoir.experiments.own_device import chosen_device, require_spin_torque
from reservoir.experiments.robustness_bench import Bench, Trial
from reservoir.experiments.robustness_faults import (
    DIGITS_KINDS,
    LAYERED,
    LAYERS_KINDS,
    NETWORKS_SWEPT,
    RESERVOIRS,
    VOWELS_KINDS,
    Kind,
)
from reservoir.experiments.robustness_reservoirs import ReservoirBench
from reservoir.experiments.robustness_rivals import (
    perceptron_learning_on,
    perceptron_recalibrated,
)
from reservoir.experiments.robustness_series import SeriesBench
from reservoir.experiments.speech import DATASET_TITLES
from reservoir.experiments.vowels import DATASET_TITLES as VOWELS_TITLES
from reservoir.experiments.vowels import VowelsExperiment
from reservoir.experiments.vowels_networks import NETWORKS
from reservoir.faults import (
    Fault,
    refit_readout,
    retune_frequencies,
)
from reservoir.layers import SpintronicClassifier
from reservoir.layers import control as software
from reservoir.networks.network import OscillatorNetwork
from reservoir.networks.synchronization import SynchronizationClassifier

N_NODES, QUICK_NODES = 400, 100
QUICK_SIZES, QUICK_PASSES = (32,), 10
FINE_STEP = 3e-9  # s; more than four oscillators drift further from their mean frequency
N_HIDDEN = 4  # units of the perceptron for vowels, as many as the network has oscillators


class DigitsBench(ReservoirBench):
    """Spoken digits by one oscillator: ten folds by the number of the recording."""

    kinds = DIGITS_KINDS
    default_kinds = (
        "dead-nodes",
        "dead-weights",
        "readout-bits",
        "threshold",
        "dead-channels",
    )
    datasets = DATASET_TITLES
    title = "spoken digits"
    frontend = "cochleagram"
    takes_folders = True
    n_repeats = 4  # segments
    sizes = N_NODES, QUICK_NODES

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        self._experiment = DigitsExperiment(
            self.dataset,
            "index",
            pattern=self.pattern,
            n_nodes=self.n_nodes,
            oscillator=self.oscillator,
            quick=self.quick,
        )
        self._experiment.load()
        frames = self._experiment.frames_
        self.samples = dict.fromkeys(RESERVOIRS, frames)
        self.samples["mlp"] = self._experiment.segments_
        self.target, self.folds = self._experiment.target_, self._experiment.folds_

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        if method == "mlp":
            network = MLPClassifier((self.n_nodes,), max_iter=300, random_state=self.seed)
            return scaled(network)
        model = self._experiment.estimator("oscillator", self.seed)
        if method == "control":
            return control(model)
        return echo_state_like(model, taps=False) if method == "echo-state" else model

    def mended(self, trial: Trial, model: Any, clean: Any) -> Any:
        """As for `Bench`; the perceptron does what comes closest."""
        is_leaving_out = trial.kind.repair == "leave-out" and trial.protocol == "repaired"
        if trial.method == "mlp" and is_leaving_out:
            return perceptron_recalibrated(model, clean, self.training(trial)[0])
        if trial.method == "mlp":
            is_before = trial.protocol == "before"
            examples = self.training(trial) if is_before else self.examples(trial)
            return perceptron_learning_on(model, *examples, seed=trial.seed)
        return super().mended(trial, model, clean)


class VowelsBench(Bench):
    """Vowels by the pattern in which oscillators lock: five folds of tokens."""

    kinds = VOWELS_KINDS
    default_kinds = tuple(VOWELS_KINDS)
    datasets = VOWELS_TITLES
    title = "vowels"
    frontend = "formants"

    def check_device(self) -> None:
        """Refuse what no network is made of."""
        require_spin_torque("RobustnessExperiment", self.oscillator, "A network is made of")

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        experiment = VowelsExperiment(self.dataset, seed=self.seed, quick=True)
        experiment.load()
        self.samples = dict.fromkeys((*NETWORKS_SWEPT, "mlp"), experiment.data_)
        self.target = experiment.target_
        self.folds = experiment.folds_[0][: 2 if self.quick else None]

    def n_parts(self, name: str, method: str) -> int:
        """The oscillators, of which one has to live."""
        return self._n_parts(method) if self.kinds[name].is_whole else 0

    def fault(self, kind: Kind, severity: float, sign: int, method: str) -> Fault:
        """As for `Bench`; oscillators are counted."""
        parts = self._n_parts(method) if kind.is_whole else 1
        return super().fault(kind, severity / parts, sign, method)

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        if method == "mlp":
            return perceptron(N_HIDDEN, self.seed)
        own = None if self.oscillator is None else chosen_device(self.oscillator)
        device = cast(SpinTorqueOscillator | None, own)
        if method in NETWORKS:
            return NETWORKS[method](self.seed, device)
        n_oscillators = self._n_parts(method)
        network = OscillatorNetwork(device, n_oscillators, step=FINE_STEP)
        return SynchronizationClassifier(network, learning="search", random_state=self.seed)

    def mended(self, trial: Trial, model: Any, clean: Any) -> Any:
        """As for `Bench`."""
        is_before = trial.protocol == "before"
        examples = self.training(trial) if is_before else self.examples(trial)
        tunes = trial.kind.repair == "retune" and trial.protocol != "refitted"
        if tunes and model._kind_of_readout() != "linear":
            return retune_frequencies(model, *examples, random_state=trial.seed)
        return refit_readout(model, *examples)

    def is_mended(self, method: str) -> bool:
        """Not the perceptron: what it learned by L-BFGS it cannot learn on."""
        return method != "mlp"

    def _n_parts(self, method: str) -> int:
        return N_HIDDEN if method == "mlp" else NETWORKS_SWEPT[method]


class LayersBench(Bench):
    """Images of digits by layers of spin diodes: five stratified folds."""

    kinds = LAYERS_KINDS
    default_kinds = tuple(LAYERS_KINDS)
    datasets: ClassVar[Mapping[str, str]] = LAYERS_TASKS["digits"].datasets
    title = "handwritten digits in layers"
    frontend = "powers"

    def load(self) -> None:
        """Load `samples`, `target` and `folds`."""
        data = LAYERS_TASKS["digits"].load(self.dataset)
        self.samples = dict.fromkeys(LAYERED, data.X)
        self.target = data.y
        kind = StratifiedKFold(5, shuffle=True, random_state=self.seed)
        self.folds = list(kind.split(data.y, data.y))[: 1 if self.quick else None]

    def estimator(self, method: str) -> Any:
        """The unfitted classifier of a method."""
        task = LAYERS_TASKS["digits"]
        sizes = QUICK_SIZES if self.quick else task.sizes
        if method == "mlp":
            return MLPClassifier(sizes, max_iter=500, random_state=self.seed)
        network = SpintronicClassifier(sizes, random_state=self.seed, **task.settings)
        if self.quick:
            network.set_params(max_iter=QUICK_PASSES)
        return software(network) if method == "control" else network

    def mended(self, trial: Trial, model: Any, clean: Any) -> Any:
        """As for `Bench`."""
        if trial.method == "mlp" and trial.protocol == "before":
            return perceptron_learning_on(model, *self.training(trial), seed=trial.seed)
        if trial.method == "mlp":
            return perceptron_recalibrated(model, clean, self.examples(trial)[0])
        if trial.protocol == "before":
            return model.retrain(*self.training(trial))
        return model.recalibrate(self.examples(trial)[0])


BENCHES: dict[str, type[Bench]] = {
    "digits": DigitsBench,
    "vowels": VowelsBench,
    "layers": LayersBench,
    "series": SeriesBench,
}
