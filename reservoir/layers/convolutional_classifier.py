"""A network whose first layer slides over images or sequences."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._checks import Integer, Rule
from reservoir._threads import thread_count
from reservoir._types import RandomState
from reservoir.devices.device import Device
from reservoir.devices.spin_diode import Synapse
from reservoir.layers.base import MAX_CALIBRATED
from reservoir.layers.convolution import ConvolutionStack, Geometry, calibrate_filters
from reservoir.layers.design import Design, make_design
from reservoir.layers.grids import Padded
from reservoir.layers.labels import LayeredClassifier
from reservoir.layers.parameters import RANGES, document_layers, hidden_sizes
from reservoir.layers.sequence_input import SequenceInput
from reservoir.multiplexing.sequences import Sequences

NOT_TAKEN = ("emission", "frequency_shift")


@document_layers
class SpintronicConvolutionalClassifier(SequenceInput, LayeredClassifier):
    """Chains of spin diodes that slide over images or sequences, and layers above them.

    A sample is an array of shape (n_frames, n_channels), and samples may differ in length.
    `input_range` turns its numbers into powers.

    A filter is a chain that hears a patch, and its neuron. All positions share the detunings
    of a filter [1]_. The powers of its neurons are averaged over segments of both axes, and
    the averages are the lines of the layers above.

    Parameters
    ----------
    n_filters : int, default=16
    kernel : pair of int, default=(3, 3)
        Frames and channels of a patch.
    strides : pair of int, default=(1, 1)
        Distance of neighbouring patches along both axes.
    segments : pair of int, default=(3, 3)
        Number of segments along both axes, over which powers are averaged. Sequences of any
        length have as many.
    {sizes}

    *The devices*

    {devices}
    {working_point}
    {input}

    *How it learns*

    {learning}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    {attributes}

    References
    ----------
    .. [1] N. Leroux et al., "Convolutional neural networks with radio-frequency spintronic
       nano-devices", Neuromorph. Comput. Eng. 2, 034002 (2022).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from reservoir.layers import SpintronicConvolutionalClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> X = X.reshape(-1, 8, 8)
    >>> network = SpintronicConvolutionalClassifier(max_iter=10, random_state=0)
    >>> network.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.9
    True
    >>> network.n_devices((8, 8))
    {'shared': {'synapses': 1584, 'neurons': 16}, 'built': {'synapses': 6624, 'neurons': 576}}
    """

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {
        **{name: rule for name, rule in RANGES.items() if name not in NOT_TAKEN},
        "n_filters": Integer(1),
    }

    def __init__(
        self,
        n_filters: int = 16,
        *,
        kernel: tuple[int, int] = (3, 3),
        strides: tuple[int, int] = (1, 1),
        segments: tuple[int, int] = (3, 3),
        hidden_layer_sizes: Any = (),
        neuron: Device | str | None = None,
        synapse: Synapse | str | None = None,
        spacing: float = 1.0,
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
        self.n_filters = n_filters
        self.kernel = kernel
        self.strides = strides
        self.segments = segments
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

    def n_devices(self, shape: tuple[int, int]) -> dict[str, dict[str, int]]:
        """Number of synapses and neurons for inputs of a shape.

        Parameters
        ----------
        shape : pair of int
            Frames and channels.

        Returns
        -------
        dict
            ``"shared"``: one set of filters hears the patches one after the other.
            ``"built"``: each position has filters of its own, with the same detunings.

        Raises
        ------
        ValueError
            If the shape is none, or has no room for the kernel.
        """
        check_is_fitted(self)
        geometry = self._geometry()
        self._check_shape("The input", _pair("shape", shape))
        n_positions = int(
            np.prod([geometry.positions(np.array(shape[axis]), axis) for axis in (0, 1)])
        )
        filters, *above = self.layers_
        n_filters, n_above = len(filters.settings), sum(each.settings.size for each in above)
        n_neurons = sum(len(each.settings) for each in above[:-1])
        return {
            name: {
                "synapses": n_times * filters.settings.size + n_above,
                "neurons": n_times * n_filters + n_neurons,
            }
            for name, n_times in (("shared", 1), ("built", n_positions))
        }

    def _learned_sizes(self) -> list[int]:
        return [len(layer.settings) for layer in self.layers_[1:-1]]

    def _geometry(self) -> Geometry:
        names = ("kernel", "strides", "segments")
        return Geometry(*(_pair(name, getattr(self, name)) for name in names))

    def _check_lengths(self, sequences: Sequences) -> None:
        shortest = int(np.argmin(sequences.lengths))
        shape = int(sequences.lengths[shortest]), sequences.n_channels
        self._check_shape(f"Sequence {shortest}", shape)

    def _check_shape(self, name: str, shape: tuple[int, int]) -> None:
        kernel = self._geometry().kernel
        for axis, what in enumerate(("frames", "channels")):
            if shape[axis] < kernel[axis]:
                raise ValueError(
                    f"{name} has {shape[axis]} {what}, but kernel = {kernel} needs at least "
                    f"{kernel[axis]}. Take a smaller kernel."
                )

    def _describe_sizes(self) -> str:
        filters = self.layers_[0]
        n_chains = [len(layer.settings) for layer in self.layers_]
        return (
            f"A convolution of {n_chains[0]} filters over patches of "
            f"{filters.settings.shape[1]} lines, then chains of "
            f"{self.layers_[1].settings.shape[1]} lines in layers of "
            f"{', '.join(map(str, n_chains[1:]))}; n_devices counts them."
        )

    def _stack_of(self, design: Design, layers: Any) -> ConvolutionStack:
        n_threads = thread_count(self.n_jobs)
        return ConvolutionStack(
            design.still_lines(layers[0], self.dtype, n_threads),
            design.stack(layers[1:], self.dtype, n_threads),
            self._geometry(),
        )

    def _begin(self, powers: Padded, generator: np.random.Generator, again: bool) -> None:
        if again:
            return
        geometry = self._geometry()
        n_places = int(np.prod(geometry.segments))
        n_patch = int(np.prod(geometry.kernel))
        n_filters = int(self.n_filters)
        sizes = [n_places * n_filters, *hidden_sizes(self), self._n_outputs()]
        design = make_design(self, max(n_patch, *sizes[:-1]))
        layers = [design.draw(n_filters, n_patch, self, generator)]
        layers += [
            design.draw(n_chains, n_lines, self, generator)
            for n_lines, n_chains in zip(sizes[:-1], sizes[1:], strict=True)
        ]
        spreads = [self.drive_spread] * (len(layers) - 1) + [self.output_spread]
        stack = self._stack_of(design, layers)
        self.layers_ = calibrate_filters(stack, layers, powers[:MAX_CALIBRATED], spreads)


def _pair(name: str, value: Any) -> tuple[int, int]:
    """A pair of integers of at least 1; anything else is refused."""
    given = list(value) if isinstance(value, tuple | list) else [value]
    if len(given) != 2 or not all(Integer(1).admits(each) for each in given):
        raise ValueError(
            f"{name} is {value!r:.60}; it must be a pair of integers of at least 1, for "
            "frames and channels."
        )
    return int(given[0]), int(given[1])
