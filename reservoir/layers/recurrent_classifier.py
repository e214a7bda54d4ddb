"""A network of oscillators with their own time, which tells sequences apart."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Flag, Real, Rule
from reservoir._threads import thread_count
from reservoir._types import Floats, RandomState
from reservoir.devices.device import Device
from reservoir.devices.logistic import has_rates
from reservoir.devices.spin_diode import Synapse
from reservoir.layers.base import MAX_CALIBRATED
from reservoir.layers.design import THERMAL_NOISE, Design, make_design
from reservoir.layers.flow import PowerFlow
from reservoir.layers.grids import Padded
from reservoir.layers.labels import LayeredClassifier
from reservoir.layers.parameters import RANGES, document_layers, hidden_sizes
from reservoir.layers.physical import resonances_of
from reservoir.layers.recurrent import RecurrentStack, calibrate_recurrent
from reservoir.layers.sequence_input import SequenceInput
from reservoir.layers.stack import ChainLayer

NOT_TAKEN = ("emission", "frequency_shift")


@document_layers
class SpintronicRecurrentClassifier(SequenceInput, LayeredClassifier):
    r"""Layers of oscillators that take time to follow, for sequences.

    A sample is an array of shape (n_frames, n_channels), and samples may differ in length.
    Each channel has a line, and `input_range` turns its numbers into powers. The rows of a
    table are sequences of one frame.

    The oscillators stand side by side, each with a line of its own. In each frame all
    currents are held for the time `hold`, and the power of each oscillator relaxes toward its
    new value [1]_: this is the memory of the network. Recurrent chains of spin diodes add to
    the current of each neuron what the neurons of its layer emitted one frame before. The
    last layer hears the powers averaged over the sequence, which a slow voltmeter does for
    free. Learning takes the exact derivatives through time.

    Parameters
    ----------
    {sizes}
    hold : float, default=5.0
        How long each frame is held, in units of 1/(2 G) with the damping rate G.
    recurrent : bool, default=True
        Whether the neurons of a layer hear each other.
    recurrent_weight : float, default=0.1
        Largest weight of the recurrent chains that is drawn at the start.

    *The devices*

    {devices}
    {working_point}
    {input}

    *How it learns*

    {learning}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    recurrent_layers_ : list of ChainLayer
        The recurrent chains of each hidden layer.
    {attributes}

    Notes
    -----
    The lines are five half linewidths apart by default: crosstalk ties the weights of a few
    lines together, and a layer in time has few.

    The thermal noise stands in the mean of the power, as a diffusion that keeps it from
    vanishing: see `reservoir.layers.flow`. The frequency of a neuron is taken to stand still.

    References
    ----------
    .. [1] E. Plouet et al., arXiv:2408.02835 (2024).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from reservoir.layers import SpintronicRecurrentClassifier
    >>> X, y = load_digits(n_class=4, return_X_y=True)
    >>> X = X.reshape(-1, 8, 8)    # eight frames, the rows of the image
    >>> network = SpintronicRecurrentClassifier((32,), batch_size=16, random_state=0)
    >>> network.fit(X[:500], y[:500]).score(X[500:], y[500:]) > 0.9
    True
    """

    recurrent_layers_: list[ChainLayer]
    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        **{name: rule for name, rule in RANGES.items() if name not in NOT_TAKEN},
        "hold": Real(above=0, what="time in units of 1/(2 G)"),
        "recurrent": Flag(),
        "recurrent_weight": Real(at_least=0, at_most=1, what="weight"),
    }

    def __init__(
        self,
        hidden_layer_sizes: Any = (32, 32),
        *,
        hold: float = 5.0,
        recurrent: bool = True,
        recurrent_weight: float = 0.1,
        neuron: Device | str | None = None,
        synapse: Synapse | str | None = None,
        spacing: float = 5.0,
        alternate: bool = True,
        lines_per_bus: int = 64,
        lowest_frequency: float = 1e8,
        highest_frequency: float = 2e10,
        line_power: float = 1e-6,
        crosstalk: bool = True,
        overdrive: float = 1.5,
        drive_spread: float = 0.3,
        output_spread: float = 1.0,
        max_overdrive: float = 4.0,
        thermal_noise: float | None = None,
        input_range: tuple[float, float] | None = None,
        initial_weight: float = 0.9,
        weight_levels: int | None = None,
        learning_rate_init: float = 0.02,
        max_iter: int = 60,
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
        self.hold = hold
        self.recurrent = recurrent
        self.recurrent_weight = recurrent_weight
        self.neuron = neuron
        self.synapse = synapse
        self.spacing = spacing
        self.alternate = alternate
        self.lines_per_bus = lines_per_bus
        self.lowest_frequency = lowest_frequency
        self.highest_frequency = highest_frequency
        self.line_power = line_power
        self.crosstalk = crosstalk
        self.overdrive = overdrive
        self.drive_spread = drive_spread
        self.output_spread = output_spread
        self.max_overdrive = max_overdrive
        self.thermal_noise = thermal_noise
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

    @property
    def recurrent_resonances_(self) -> list[Floats]:
        """Resonance of each diode of the recurrent chains, in Hz, (n_neurons, n_neurons)."""
        design = self._diodes()
        return [resonances_of(design, layer) for layer in self.recurrent_layers_]

    def _amplifiers(self) -> list[int]:
        return [*range(len(self.layers_)), *range(len(self.recurrent_layers_))]

    def _listeners(self) -> list[list[int]]:
        n_layers = len(self.layers_)
        recurrent = range(n_layers, n_layers + len(self.recurrent_layers_))
        forward = super()._listeners()
        if not recurrent:
            return forward
        return [[*above, own] for above, own in zip(forward, recurrent, strict=True)]

    def _describe_sizes(self) -> str:
        text = super()._describe_sizes()
        if self.recurrent_layers_:
            sizes = [layer.settings.size for layer in self.recurrent_layers_]
            text += f" Recurrent chains of {sum(sizes)} more synapses drive the same neurons."
        return f"{text} Each frame is held for {self.hold:g}/(2 G)."

    def _all_layers(self) -> list[ChainLayer]:
        return [*self.layers_, *self.recurrent_layers_]

    def _keep_layers(self, layers: list[ChainLayer]) -> None:
        n_layers = len(self.layers_)
        self.layers_, self.recurrent_layers_ = layers[:n_layers], layers[n_layers:]

    def _stack_of(self, design: Design, layers: Any) -> RecurrentStack:
        if not has_rates(design.neuron):
            raise ValueError(
                f"neuron is a {type(design.neuron).__name__}; the flow of the power in time "
                "is known in closed form for oscillators with a logistic power only, such as "
                "SpinTorqueOscillator."
            )
        noise = THERMAL_NOISE if self.thermal_noise is None else float(self.thermal_noise)
        if noise == 0:
            raise ValueError(
                "thermal_noise is 0, but a power that can vanish would never grow again; "
                "take a small one such as 1e-4."
            )
        n_threads = thread_count(self.n_jobs)
        return RecurrentStack(
            [design.still_lines(layer, self.dtype, n_threads) for layer in layers],
            PowerFlow.of(design.neuron, noise, float(self.hold)),
            len(self.layers_) - 1,
            design.overdrive,
            (design.curve.lowest, design.curve.highest),
            self.dtype,
        )

    def _begin(self, powers: Padded, generator: np.random.Generator, again: bool) -> None:
        if again:
            return
        hidden = hidden_sizes(self)
        if not hidden:
            raise ValueError(
                "hidden_layer_sizes is empty; a network in time needs a layer of neurons."
            )
        sizes = [powers.frames.shape[2], *hidden, self._n_outputs()]
        design = make_design(self, max(sizes[:-1]))
        layers = [
            design.draw(n_chains, n_lines, self, generator)
            for n_lines, n_chains in zip(sizes[:-1], sizes[1:], strict=True)
        ]
        if self.recurrent:
            layers += [
                design.draw(size, size, self, generator, self.recurrent_weight)
                for size in hidden
            ]
        spreads = [self.drive_spread] * len(hidden) + [self.output_spread]
        self.layers_ = layers[: len(sizes) - 1]
        stack = self._stack_of(design, layers)
        self._keep_layers(
            calibrate_recurrent(stack, layers, powers[:MAX_CALIBRATED], spreads)
        )
