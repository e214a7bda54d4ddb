"""A layered network of oscillators and spin diodes that tells classes apart."""

from reservoir.layers.labels import LayeredClassifier
from reservoir.layers.parameters import document_layers
from reservoir.layers.tables import TableInput


@document_layers
class SpintronicClassifier(TableInput, LayeredClassifier):
    r"""Layers of auto-oscillators and spin diodes, trained by backpropagation.

    The features are powers of microwaves, each at a frequency of its own. A synapse is a spin
    diode, whose voltage depends on the detuning between its resonance and the line, so that
    moving the resonance sets the weight. The voltages of a chain of diodes add. They drive
    the current of a neuron, an auto-oscillator, which emits a power at its own frequency to
    the next layer [1]_, [2]_. Each diode hears all lines of its bus: this crosstalk is a part
    of the model, and so is the move of a neuron's frequency with its power.

    Learning moves the resonances and the biases of the amplifiers by the exact derivatives of
    the cross-entropy, with Adam.

    Parameters
    ----------
    {sizes}

    *The devices*

    {devices}
    {shift}
    {working_point}
    {emission}
    {input}

    *How it learns*

    {learning}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    chain_means_ : list of ndarray of shape (n_chains,)
        Mean of each chain over the training data after learning; `recalibrate` restores it.
    {attributes}

    Notes
    -----
    There is no ``decision_function``: scikit-learn 1.6 asks of a classifier that has one
    beside `predict_proba` to take negative numbers, which are no powers. `voltages` has the
    outputs.

    The parameters of the devices act at once when they are set on a fitted network, as if
    its devices were replaced; the settings of the synapses stay.

    Power is not divided among the chains: an ideal amplifier stands behind each line, as in
    the published simulations.

    `powers` of a time-multiplexed reservoir can be given to this classifier too. The virtual
    nodes follow each other in time, so they are not heard together; the classifier is then a
    digital readout with bounded weights.

    See Also
    --------
    reservoir.layers.control : The same network with ideal synapses and rectifiers.

    References
    ----------
    .. [1] N. Leroux et al., Phys. Rev. Applied 15, 034067 (2021).
    .. [2] A. Ross et al., Nat. Nanotechnol. 18, 1273 (2023).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> network = SpintronicClassifier((32,), max_iter=20, random_state=0)
    >>> network = network.fit(X[:1000], y[:1000])
    >>> network.score(X[1000:], y[1000:]) > 0.9
    True
    >>> low, high = network.frequency_range_    # of the microwaves on a bus, in Hz
    >>> round(low / 1e6), round(high / 1e6)
    (100, 187)
    """
