"""Which faults leave the states of a reservoir, so that one simulation serves all?

What a readout sees of the test samples is simulated once. A fault of its weights, or of what
is read of the nodes behind the oscillator, is then applied to these numbers, in the order and
with the functions with which the estimator itself applies it. So the decisions are the same
to the last bit; a test compares them.
"""

from typing import Any

from reservoir._types import Array, Floats
from reservoir.experiments.echo_state import EchoStateClassifier
from reservoir.experiments.robustness_faults import Kind
from reservoir.multiplexing.classifier import ReservoirClassifier


def clean_features(model: ReservoirClassifier, X: Any) -> Array:
    """What the readout of a reservoir without faults sees of some sequences.

    Parameters
    ----------
    model : ReservoirClassifier
        Fitted, with another pooling than "vote".
    X : sequences

    Returns
    -------
    ndarray of shape (n_sequences, n_features)
    """
    return model._pooled(model._series(X), model.pooling)[0]


def states_stay(kind: Kind, model: Any) -> bool:
    """Whether a fault of this kind leaves the states that a model is asked with.

    A dead unit of an echo-state network is heard by no other unit, so its states change. If
    states are pooled after they were read, as those of a control are, means of nodes that are
    read as 0 are 0, but another reading could be rounded on its way.
    """
    if kind.is_of_weights:
        return True
    if isinstance(model, EchoStateClassifier):
        return False
    return kind.is_of_nodes and (model._player().pools_in_kernel or kind.is_of_zeros)


def seen_decision(model: ReservoirClassifier, features: Array) -> Floats:
    """Decision values of a reservoir with faults that leave the states.

    Parameters
    ----------
    model : ReservoirClassifier
        A copy with faults, of the model that `clean_features` was asked with.
    features : ndarray of shape (n_sequences, n_features)
        From `clean_features`.

    Returns
    -------
    ndarray of shape (n_sequences, n_classes), or (n_sequences,) for two classes
    """
    wear = model._wear
    if wear is not None:
        features = features.copy()
        squares = int(model._pools_squares)
        by_range = features.reshape(len(features), -1, model._n_columns)
        wear.amplify(by_range, squares)
        wear.hand_on(by_range, squares)
    outputs = model.readout_(features)
    return outputs[:, 1] - outputs[:, 0] if len(model.classes_) == 2 else outputs
