"""What do networks of spin diodes learn, how large are they, and what stands beside them?

A new task is one more `Task`, here or in a file of its own, and one line in `TASKS`. The
command ``reservoir layers --task NAME`` and `LayersExperiment` then know it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler
from sklearn.svm import SVC

from reservoir import datasets
from reservoir._types import Array, Floats, Objects
from reservoir.experiments import layers_spoken
from reservoir.experiments.classical import VOWELS_LEARNERS, Maker, perceptron, scaled
from reservoir.experiments.echo_state import EchoStateClassifier
from reservoir.experiments.layers_drones import read_drones
from reservoir.experiments.speech import DATASET_TITLES
from reservoir.layers import SpintronicClassifier, SpintronicRecurrentClassifier

SEVEN_VOWELS = ("ae", "ah", "aw", "er", "ih", "iy", "uw")
SHAPES_DRAWN = 1000, 2000  # points that train, and points that test
CLOUD_WIDTH = 0.1  # standard deviation of the Gaussian clouds, over the width of the square
BAND_WIDTH = 0.3
DISC_RADIUS = 0.4


@dataclass(frozen=True, eq=False)
class Data:
    """Samples of a task.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features), or (n_samples, n_frames, n_channels)
        None is negative: they become powers.
    y : ndarray of shape (n_samples,)
    n_train : int or None
        If the data have a split of their own: how many samples train, the first ones. None:
        folds are drawn.
    groups : ndarray of shape (n_samples,) or None
        Each fold leaves out the samples of one group. None: folds are drawn.
    copies : tuple of ndarrays of the shape of X
        The samples, altered in some ways. Those of training samples are learned from, and
        the decisions on a test sample and its copies are averaged.
    frames : tuple of ndarrays of object of shape (n_samples,)
        The sequences from which X and its copies were made, for methods that hear these.
    """

    X: Floats
    y: Array
    n_train: int | None = None
    groups: Array | None = None
    copies: tuple[Floats, ...] = ()
    frames: tuple[Objects, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Task:
    """A classification task for layers of spin diodes.

    Attributes
    ----------
    description : str
    load : callable
        ``load(dataset)`` gives `Data`.
    datasets : dict of str to str
        Titles of the data sets by their names, the default first. Empty: the data set is a
        file that the user names.
    sizes : tuple of int
        Neurons of each hidden layer.
    more_sizes : tuple of int
        Each gives a row with one hidden layer of so many neurons.
    kind : class
        Of the network, `SpintronicClassifier` or another one with hidden layers.
    settings : dict
        Parameters of the network that are not its defaults.
    quick_settings : dict
        Further ones for a try.
    learners : dict of str to callable
        From a seed to an unfitted classifier; "mlp" is a perceptron of the same sizes.
    frame_learners : tuple of str
        Names of those that hear the frames of the data in place of X.
    notes : dict of str to str
        What a method is, by its name, where the usual note does not say it.
    is_taken_apart : bool
        Whether rows show the network without neurons, with shuffled signs, and with what
        another task taught it.
    n_folds : int
        Stratified folds; not used if the data have a split or groups.
    n_repeats : int
        How often folds are drawn, or with a split or groups, how often each method starts
        anew.
    scaler : callable or None
        Makes the transformer that is fitted to the training data and scales all features;
        without it the features are powers as they are.
    image : tuple of two int
        Rows and columns in which the figure shows the weights of a chain.
    """

    description: str
    load: Callable[[str], Data]
    datasets: Mapping[str, str]
    sizes: tuple[int, ...]
    more_sizes: tuple[int, ...] = ()
    kind: Any = SpintronicClassifier
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    quick_settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    learners: Mapping[str, Maker]
    frame_learners: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    is_taken_apart: bool = True
    n_folds: int = 10
    n_repeats: int = 5
    scaler: Callable[[], Any] | None = None
    image: tuple[int, int]

    def for_a_try(self) -> "Task":
        """The task with the settings of a try."""
        return replace(self, settings={**self.settings, **self.quick_settings})


def _digits(dataset: str) -> Data:
    bunch = load_digits()
    return Data(bunch.data / 16, bunch.target)


def _vowels(dataset: str) -> Data:
    if dataset == "hillenbrand":
        bunch = datasets.fetch_hillenbrand(
            vowels=SEVEN_VOWELS, kinds=("woman",), columns="formants", complete=True
        )
    else:
        bunch = datasets.make_vowels(48, SEVEN_VOWELS, random_state=0, kinds=("woman",))
    return Data(bunch.data, bunch.target)


def draw_shape(shape: str, n_points: int, seed: int) -> tuple[Floats, Array]:
    """Points of the unit square, and whether each lies in a shape.

    Parameters
    ----------
    shape : {"corner", "xor", "band", "disc"}
        Both coordinates above a half; two of four Gaussian clouds at opposite corners; near
        the diagonal; near the middle.
    n_points, seed : int

    Returns
    -------
    X : ndarray of shape (n_points, 2)
        Between 0 and 1.
    inside : ndarray of bool of shape (n_points,)

    Examples
    --------
    >>> from reservoir.experiments.layers_tasks import draw_shape
    >>> X, inside = draw_shape("corner", 1000, 0)
    >>> bool((inside == (X.min(axis=1) > 0.5)).all())
    True
    """
    generator = np.random.default_rng(seed)
    X: Floats = generator.uniform(size=(n_points, 2))
    if shape == "xor":
        quarters = np.floor(2 * X)
        clouds = CLOUD_WIDTH * generator.standard_normal((n_points, 2))
        X = np.clip(0.25 + 0.5 * quarters + clouds, 0, 1)
        return X, quarters[:, 0] != quarters[:, 1]
    inside: dict[str, Array] = {
        "corner": X.min(axis=1) > 0.5,
        "band": np.abs(X[:, 0] - X[:, 1]) < BAND_WIDTH,
        "disc": np.hypot(*(X - 0.5).T) < DISC_RADIUS,
    }
    return X, inside[shape]


def _wedge(dataset: str) -> Data:
    n_train, n_test = SHAPES_DRAWN
    return Data(*draw_shape(dataset, n_train + n_test, 0), n_train)


def _drones(dataset: str) -> Data:
    return Data(*read_drones(dataset))


def _rows_of_digits(dataset: str) -> Data:
    bunch = load_digits()
    return Data(bunch.images / 16, bunch.target)


def _spoken(dataset: str) -> Data:
    means, frames, digits, speakers = layers_spoken.hear(dataset)
    return Data(
        means[0], digits, groups=speakers, copies=tuple(means[1:]), frames=tuple(frames)
    )


def _linear(seed: int) -> Any:
    return LogisticRegression(C=10.0, max_iter=2000)


def _flattened(classifier: Any) -> Any:
    """A classifier of tables, behind what makes them of images."""
    flat = FunctionTransformer(lambda images: images.reshape(len(images), -1))
    return make_pipeline(flat, classifier)


TASKS: dict[str, Task] = {
    "digits": Task(
        description="handwritten digits of 8 x 8 pixels",
        load=_digits,
        datasets={"optdigits": "1797 images that scikit-learn ships (load_digits)"},
        sizes=(128,),
        more_sizes=(64,),
        settings={"power_noise": 0.3},
        learners={
            "logistic": _linear,
            "svm-rbf": lambda seed: SVC(C=10.0, gamma=0.06),
            "mlp": lambda seed: MLPClassifier((128,), max_iter=500, random_state=seed),
        },
        image=(8, 8),
    ),
    "vowels": Task(
        description="seven vowels of women, by their twelve formants",
        load=_vowels,
        datasets={
            "synthetic": "SYNTHETIC tokens around measured means, not recordings",
            "hillenbrand": "Hillenbrand et al. (1995)",
        },
        sizes=(16,),
        settings={"power_noise": 0.1, "spacing": 10.0, "batch_size": 32, "max_iter": 100},
        learners={
            "logistic": lambda seed: scaled(_linear(seed)),
            "lda": lambda seed: LinearDiscriminantAnalysis(),
            "svm-rbf": VOWELS_LEARNERS["svm-rbf"],
            "mlp": lambda seed: perceptron(16, seed),
        },
        n_folds=5,
        scaler=lambda: MinMaxScaler(clip=True),
        image=(4, 3),
    ),
    "wedge": Task(
        description="shapes in a square, by two powers and a few junctions",
        load=_wedge,
        datasets={
            "corner": "whether both powers are above a half",
            "xor": "Gaussian clouds, two at opposite corners against the other two",
            "band": "whether two powers are nearly equal",
            "disc": "whether a point is near the middle",
        },
        sizes=(2,),
        more_sizes=(8,),
        settings={
            "power_noise": 0.0,
            "spacing": 10.0,
            "initial_weight": 0.5,
            "max_iter": 100,
        },
        learners={
            "logistic": _linear,
            "svm-rbf": lambda seed: SVC(C=10.0),
            "mlp": lambda seed: MLPClassifier(
                (2,), solver="lbfgs", max_iter=2000, random_state=seed
            ),
        },
        n_repeats=10,
        image=(1, 2),
    ),
    "drones": Task(
        description="radio signals of ten drones and other senders, by 256 powers",
        load=_drones,
        datasets={},
        sizes=(128,),
        more_sizes=(64,),
        settings={"max_iter": 100},
        learners={
            "logistic": lambda seed: scaled(_linear(seed)),
            "svm-rbf": lambda seed: scaled(SVC(C=10.0)),
            "mlp": lambda seed: scaled(
                MLPClassifier((128,), max_iter=500, random_state=seed)
            ),
        },
        n_repeats=10,
        image=(16, 16),
    ),
    "sequential": Task(
        description="handwritten digits row by row, 8 frames of 8 powers",
        load=_rows_of_digits,
        datasets={"optdigits": "1797 images that scikit-learn ships (load_digits)"},
        sizes=(32, 32),
        kind=SpintronicRecurrentClassifier,
        quick_settings={"max_iter": 15},
        learners={
            "mlp": lambda seed: _flattened(
                MLPClassifier((32, 32), max_iter=500, random_state=seed)
            ),
            "echo-state": lambda seed: EchoStateClassifier(64, random_state=seed),
            "memoryless": lambda seed: SpintronicRecurrentClassifier(
                recurrent=False, random_state=seed
            ),
        },
        notes={
            "layers": "layers: the rows of an image enter one after the other. Currents are "
            "held for each row, and the powers of the oscillators relax. Recurrent chains "
            "add what the neurons of a layer emitted one row before. Plouet et al. "
            "(arXiv:2408.02835) published 89.83 +- 2.91 % for sequential digits; their order "
            "of feeding and their split were not recovered, so nothing is compared.",
            "control": "control: the same oscillators, sizes, calibration, noise and steps, "
            "with weights that are set directly in place of diodes.",
            "memoryless": "memoryless: no recurrent chains; what is left is that powers take "
            "time to relax.",
            "echo-state": "echo-state: 64 units in software with usual settings, and a ridge "
            "classifier of their means over four parts of the sequence.",
            "mlp": "mlp: a perceptron of scikit-learn of the same sizes that sees all rows "
            "at once, to say what the order costs.",
        },
        is_taken_apart=False,
        n_repeats=2,
        image=(1, 8),
    ),
    "spoken": Task(
        description="spoken digits of new voices, by 240 powers",
        load=_spoken,
        datasets={name: DATASET_TITLES[name] for name in ("synthetic", "fsdd")},
        sizes=(128,),
        settings={"power_noise": 0.55, "max_iter": 10},
        learners=layers_spoken.ROWS,
        frame_learners=("oscillator",),
        notes=layers_spoken.NOTES,
        is_taken_apart=False,
        n_repeats=2,
        scaler=layers_spoken.SharedRange,
        image=(layers_spoken.N_SEGMENTS, layers_spoken.N_CHANNELS),
    ),
}
