"""A layered network of oscillators and spin diodes that tells classes apart."""

from typing import Any

from reservoir._types import RandomState
from reservoir.devices.device import Device
from reservoir.devices.spin_diode import Synapse
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

    def __init__(
        self,
        hidden_layer_sizes: Any = (64,),
        *,
        neuron: Device | str | None = None,
        synapse: Synapse | str | None = None,
        spacing: float = 1.0,
        alternate: bool = True,
        lines_per_bus: int = 64,
        lowest_frequency: float = 1e8,
        highest_frequency: float = 2e10,
        line_power: float = 1e-6,
        crosstalk: bool = True,
        frequency_shift: bool = True,
        overdrive: float = 1.5,
        drive_spread: float = 0.3,
        output_spread: float = 1.0,
        max_overdrive: float = 4.0,
        thermal_noise: float | None = None,
        emission: str = "power",
        input_range: tuple[float, float] | None = None,
        initial_weight: float = 0.9,
        weight_levels: int | None = None,
        learning_rate_init: float = 0.03,
        max_iter: int = 40,
        batch_size: int = 64,
        power_noise: float = 0.2,
        detuning_noise: float = 0.0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-4,
        warm_start: bool = False,
        dtype: Any = "float32",
        random_state: RandomState = None,
        n_jobs: int | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.neuron = neuron
        self.synapse = synapse
        self.spacing = spacing
        self.alternate = alternate
        self.lines_per_bus = lines_per_bus
        self.lowest_frequency = lowest_frequency
        self.highest_frequency = highest_frequency
        self.line_power = line_power
        self.crosstalk = crosstalk
        self.frequency_shift = frequency_shift
        self.overdrive = overdrive
        self.drive_spread = drive_spread
        self.output_spread = output_spread
        self.max_overdrive = max_overdrive
        self.thermal_noise = thermal_noise
        self.emission = emission
        self.input_range = input_range
        self.initial_weight = initial_weight
        self.weight_levels = weight_levels
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.power_noise = power_noise
        self.detuning_noise = detuning_noise
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.warm_start = warm_start
        self.dtype = dtype
        self.random_state = random_state
        self.n_jobs = n_jobs
