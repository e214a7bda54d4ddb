"""What does the figure of the layers show? The network of the first fold."""

import warnings
from typing import Any, TypeAlias

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import confusion_matrix
from threadpoolctl import threadpool_limits

from reservoir._types import Array, Floats
from reservoir.experiments.layers_methods import network
from reservoir.experiments.layers_tasks import Task
from reservoir.experiments.titles import title_of
from reservoir.faults import ResonanceOffset, with_faults
from reservoir.layers import control
from reservoir.plotting.layers import LayersFigure, Resonances

# Training data and labels, test data and labels.
FoldData: TypeAlias = tuple[Floats, Array, Floats, Array]

NO_STEP = 1e-12  # half linewidths; a step of it is lost in the rounding of any detuning
N_CHAINS = 9  # of the first layer whose weights are shown
OFFSETS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # rms in half linewidths
N_DRAWS = 10  # of each offset
N_PASSES = 5  # of a network that learns with its offsets


def learned(task: Task, data: FoldData, seed: int) -> Any:
    """The network of a task, fitted.

    Parameters
    ----------
    task : Task
    data : tuple
        Training data and labels, and test data and labels.
    seed : int

    Returns
    -------
    SpintronicClassifier, or what the task has in its place
    """
    with threadpool_limits(1, user_api="blas"):
        return network(task, seed).fit(data[0], data[1])


def tuned(task: Task, data: FoldData, seed: int) -> Any:
    """The same network as it is drawn and calibrated, before it learns.

    It makes one pass with steps that are too short to change a detuning.

    Parameters
    ----------
    task, data, seed
        As for `learned`.

    Returns
    -------
    SpintronicClassifier, or what the task has in its place
    """
    model = network(task, seed)
    model.set_params(learning_rate_init=NO_STEP)
    return model.partial_fit(data[0], data[1], classes=np.unique(data[1]))


def figure_of(
    task: Task, data: FoldData, seed: int, confusion: Array | None, quick: bool
) -> LayersFigure:
    """Fit the network and its control, and gather what the figure draws.

    Parameters
    ----------
    task, data, seed
        As for `learned`.
    confusion : ndarray of shape (n_classes, n_classes) or None
        As measured on all folds; None: on the test data of this one.
    quick : bool
        Whether few defects are drawn.

    Returns
    -------
    LayersFigure
    """
    X, y, new, truth = data
    model = learned(task, data, seed)
    with threadpool_limits(1, user_api="blas"), warnings.catch_warnings():
        # A rectifier that is off for half of the samples is held by the clamp, and no fault.
        warnings.simplefilter("ignore", ConvergenceWarning)
        software = control(network(task, seed)).fit(X, y)
    if confusion is None:
        confusion = confusion_matrix(truth, model.predict(new))
    weights = model.weights_[0][:N_CHAINS]
    return LayersFigure(
        before=Resonances.of_estimator(tuned(task, data, seed)),
        after=Resonances.of_estimator(model),
        images=weights.reshape(len(weights), *task.image),
        losses={
            "spin diodes and oscillators": np.array(model.loss_curve_),
            title_of("control", "layers"): np.array(software.loss_curve_),
        },
        confusion=confusion,
        offsets=np.array(OFFSETS),
        repairs=repaired(model, data, 2 if quick else N_DRAWS),
    )


def repaired(model: Any, data: FoldData, n_draws: int) -> dict[str, Floats]:
    """Accuracies of a network whose resonances are off, and after two kinds of repair.

    Parameters
    ----------
    model : SpintronicClassifier
        Fitted.
    data : tuple
        Training data and labels, and test data and labels.
    n_draws : int
        Of the offsets.

    Returns
    -------
    dict of str to ndarray of shape (n_draws, n_offsets)
        By what was done. Networks in time cannot set their biases anew.
    """
    X, y, new, truth = data
    names = ["as it is", "biases set anew, no labels", f"{N_PASSES} passes of learning"]
    if not hasattr(model, "recalibrate"):
        del names[1]
    found = {name: np.empty((n_draws, len(OFFSETS))) for name in names}
    with threadpool_limits(1, user_api="blas"):
        for draw, index in np.ndindex(n_draws, len(OFFSETS)):
            fault = ResonanceOffset(half_linewidths=OFFSETS[index])
            wrong = with_faults(model, fault, random_state=draw)
            models = [wrong, wrong.retrain(X, y, max_iter=N_PASSES)]
            if hasattr(wrong, "recalibrate"):
                models.insert(1, wrong.recalibrate(X))
            for name, each in zip(names, models, strict=True):
                found[name][draw, index] = each.score(new, truth)
    return found
