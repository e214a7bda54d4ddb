"""What would one tune in a laboratory, to make a layered network of real devices?"""

import copy
import csv
import io
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from reservoir._files import replace_file
from reservoir._tables import read_columns, read_head
from reservoir._types import Floats
from reservoir.devices.spin_diode import SpinDiode
from reservoir.layers.design import Design
from reservoir.layers.lines import still_band
from reservoir.layers.stack import ChainLayer

COLUMNS = (
    "layer",
    "chain",
    "line",
    "bus",
    "line_frequency_Hz",
    "resonance_Hz",
    "polarity",
    "amplifier_gain",
    "amplifier_bias_V",
)
VALUES = COLUMNS[3:]
MAX_ROWS = 10_000_000
SAME_FREQUENCY = 1e-9  # relative difference of two lines that are one
MAX_POLARITY = 10.0  # 1 with the spread of a defect
MAX_NUMBER = 1e6  # of biases and gains, over the sum of one synapse at full power
REACH_SLACK = 1e-6  # half linewidths by which a written resonance may miss the tuning range


class PhysicalUnits:
    """The learned network in SI units: frequencies, resonances, voltages, currents."""

    layers_: list[ChainLayer]
    lines_per_bus: int
    line_power: float

    def _design(self) -> Design:
        raise NotImplementedError

    def _all_layers(self) -> list[ChainLayer]:
        raise NotImplementedError

    def _keep_layers(self, layers: list[ChainLayer]) -> None:
        raise NotImplementedError

    def _amplifiers(self) -> list[int]:
        """For each of all layers, the layer whose amplifiers stand behind its chains."""
        return list(range(len(self.layers_)))

    @property
    def line_frequencies_(self) -> list[Floats]:
        """Frequency of each line that enters a layer, in Hz, shape (n_lines,) each."""
        design = self._diodes()
        return [_lines(design, layer) for layer in self.layers_]

    @property
    def resonances_(self) -> list[Floats]:
        """Resonance of each diode of a layer, in Hz, shape (n_chains, n_lines) each."""
        design = self._diodes()
        return [resonances_of(design, layer) for layer in self.layers_]

    @property
    def weights_(self) -> list[Floats]:
        """Voltage of each chain per power of each line, in V/W, crosstalk included.

        The lines of neurons stand where they are at the working point. Each array has the
        shape (n_chains, n_lines).
        """
        design = self._checked_design()
        stack = replace(design, band=still_band()).stack(self.layers_, "float64", 1)
        layers = [
            replace(
                layer,
                settings=layer.settings.astype(float),
                strengths=layer.strengths.astype(float),
            )
            for layer in self.layers_
        ]
        return [design.synapse.sensitivity * found for *_, found in stack.weights(layers)]

    @property
    def gains_(self) -> Floats:
        """Amplification behind the chains of each layer, shape (n_layers,).

        In A/V for a hidden layer, whose amplifiers drive neurons, and in 1/V for the last,
        whose voltages are the outputs.
        """
        design = self._checked_design()
        units = [design.drive_unit] * (len(self.layers_) - 1) + [1.0]
        gains = [layer.gain * unit for layer, unit in zip(self.layers_, units, strict=True)]
        return np.array(gains) / self._full_voltage(design)

    @property
    def biases_(self) -> list[Floats]:
        """Voltage that is added to that of each chain, in V, shape (n_chains,) each.

        In hidden layers the current of the working point, `overdrive` times the threshold, is
        added behind the amplifier.
        """
        unit = self._full_voltage(self._checked_design())
        return [layer.biases.astype(float) * unit for layer in self.layers_]

    @property
    def frequency_range_(self) -> tuple[float, float]:
        """Lowest and highest frequency of a bus, in Hz."""
        design = self._diodes()
        return float(design.frequencies[0]), float(design.frequencies[-1])

    def describe(self) -> str:
        """What one would build and tune for this network, in words.

        Returns
        -------
        str
            Some lines of text.
        """
        check_is_fitted(self)
        design = self._checked_design()
        lines = [
            self._describe_sizes(),
            f"Neuron: {type(design.neuron).__name__} at {design.overdrive:g} times its "
            f"threshold of {design.drive_unit:.3g} A, held below {design.curve.highest:g} "
            "times.",
        ]
        if isinstance(design.synapse, SpinDiode):
            lines += self._describe_diodes(design)
        for index, gain in enumerate(self.gains_, start=1):
            unit = "1/V" if index == len(self.layers_) else "A/V"
            lines.append(f"Amplifiers behind layer {index}: {gain:.3g} {unit}.")
        return "\n".join(lines)

    def _describe_sizes(self) -> str:
        sizes = [self.layers_[0].settings.shape[1]]
        sizes += [len(layer.settings) for layer in self.layers_]
        n_synapses = sum(layer.settings.size for layer in self.layers_)
        return (
            f"A network of {'-'.join(map(str, sizes))}: {n_synapses} synapses in "
            f"{sum(sizes[1:])} chains, {sum(sizes[1:-1])} neurons, {sizes[0]} input lines."
        )

    def _describe_diodes(self, design: Design) -> list[str]:
        low, high = self.frequency_range_
        lines = []
        for index, layer in enumerate(self.layers_, start=1):
            n_lines = layer.settings.shape[1]
            n_buses = -(-n_lines // len(design.frequencies))
            moved = np.abs(layer.settings)
            lines.append(
                f"Layer {index}: {n_lines} lines on {n_buses} "
                f"{'bus' if n_buses == 1 else 'buses'} from {low:.4g} Hz to "
                f"{design.frequencies[min(n_lines, len(design.frequencies)) - 1]:.4g} Hz; "
                f"the diodes are detuned by {np.median(moved):.2f} half linewidths in the "
                f"median, {moved.max():.2f} at most."
            )
        shift = design.curve.shift_range[1] - design.curve.shift_range[0]
        width = float(np.min(design.synapse.half_linewidth_at(design.frequencies)))  # type: ignore[attr-defined]
        lines.append(
            f"A half linewidth is {width:.3g} Hz at the lowest line. The frequency of a "
            f"neuron moves by {shift:.3g} Hz over its range, {shift / width:.2g} half "
            "linewidths."
        )
        return lines

    # ------------------------------------------------------------------ tables

    def write_resonances(self, path: str | os.PathLike[str]) -> None:
        """Write the network as a table that one can tune devices by.

        Each row of the CSV file is a synapse: layer, chain, line and bus, counted from 0; the
        frequency of its line and its own resonance, in Hz; its polarity; and gain (A/V, in
        the last layer 1/V) and bias (V) of the amplifier behind its chain. Recurrent chains
        follow as further layers; their amplifiers are those of the layer that they drive. The
        working point and the input range are parameters of the estimator, and not in the
        table. A network with faults may write resonances beyond the tuning of its diodes,
        which `read_resonances` refuses.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced when the new one is complete.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        gains, biases = self.gains_, self.biases_
        design = self._diodes()
        per_bus = len(design.frequencies)
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        stages = enumerate(zip(self._all_layers(), self._amplifiers(), strict=True))
        for index, (layer, amplifier) in stages:
            lines = _lines(design, layer)
            for chain, row in enumerate(resonances_of(design, layer)):
                for line, resonance in enumerate(row):
                    table.writerow(
                        (
                            index,
                            chain,
                            line,
                            line // per_bus,
                            repr(float(lines[line])),
                            repr(float(resonance)),
                            repr(float(layer.strengths[chain, line])),
                            repr(float(gains[amplifier])),
                            repr(float(biases[amplifier][chain])),
                        )
                    )
        replace_file(path, text.getvalue().encode())

    def read_resonances(self, path: str | os.PathLike[str]) -> Self:
        """A copy with the resonances, polarities and amplifiers of a table.

        Parameters
        ----------
        path : str or path-like
            A CSV file as `write_resonances` makes it, of a network of the same sizes. The
            rows may stand in any order. A spreadsheet may have put semicolons or tabs
            between the cells, and decimal commas.

        Returns
        -------
        estimator
            A copy; this estimator is unchanged.

        Raises
        ------
        ValueError
            If the file is no such table, is of a network of other sizes, lines or buses,
            lacks a synapse or has one twice, has a resonance that the tuning of the diodes
            does not reach, or an amplifier or a polarity that cannot be.
        """
        check_is_fitted(self)
        design = self._diodes()
        unit = self._full_voltage(design)
        layers = self._all_layers()
        columns = _read_table(path, [layer.settings.shape for layer in layers])
        for index, amplifier in enumerate(self._amplifiers()):
            layer = layers[index]
            values = columns[index]
            frequencies = design.lines_of(layer.settings.shape[1])
            settings = design.synapse.detuning_between(frequencies, values["resonance_Hz"])  # type: ignore[attr-defined]
            _check_lines(path, index, values, _lines(design, layer), len(design.frequencies))
            _check_reach(path, index, settings, values["resonance_Hz"], frequencies, design)
            _check_electronics(path, index, values, unit)
            dtype = layer.settings.dtype
            limit = design.synapse.tuning
            layers[index] = replace(
                layer,
                settings=np.clip(settings, -limit, limit).astype(dtype),
                strengths=values["polarity"].astype(dtype),
            )
            if amplifier == index:
                drive = 1.0 if index == len(self.layers_) - 1 else design.drive_unit
                layers[index] = replace(
                    layers[index],
                    biases=(values["amplifier_bias_V"][:, 0] / unit).astype(dtype),
                    gain=float(values["amplifier_gain"][0, 0]) * unit / drive,
                )
        other = copy.deepcopy(self)
        other._keep_layers(layers)
        other.__dict__.pop("latent_weights_", None)
        return other

    def _full_voltage(self, design: Design) -> float:
        """Voltage of a synapse with weight 1 at the full power of a line, in V."""
        return design.synapse.sensitivity * self.line_power

    def _checked_design(self) -> Design:
        check_is_fitted(self, "layers_")
        return self._design()

    def _diodes(self) -> Design:
        """The design, if its synapses have resonances."""
        design = self._checked_design()
        if not isinstance(design.synapse, SpinDiode):
            raise AttributeError(
                f"The synapses are a {type(design.synapse).__name__}, which has no "
                "resonance; only a network of SpinDiode has frequencies."
            )
        return design


def _lines(design: Design, layer: ChainLayer) -> Floats:
    """Frequency of each line that enters a layer, in Hz."""
    return design.lines_of(layer.settings.shape[1]) + layer.line_offsets


def resonances_of(design: Design, layer: ChainLayer) -> Floats:
    """Resonance of each diode of a layer, in Hz."""
    found: Floats = design.synapse.resonance(  # type: ignore[attr-defined]
        design.lines_of(layer.settings.shape[1]), layer.settings.astype(float)
    )
    return found


def _read_table(
    path: str | os.PathLike[str], shapes: list[tuple[int, int]]
) -> list[dict[str, Floats]]:
    """Columns of a table as arrays of the layers' shapes."""
    name = os.fspath(path)
    head = read_head(Path(path))
    missing = [each for each in COLUMNS if each not in (head.names or ())]
    if missing:
        raise ValueError(
            f"{name} has no column {missing[0]}; a table of resonances has the columns "
            f"{', '.join(COLUMNS)}."
        )
    layers = [{column: np.full(shape, np.nan) for column in VALUES} for shape in shapes]
    table = zip(*read_columns(Path(path), head, COLUMNS, MAX_ROWS), strict=True)
    for number, row in enumerate(table, start=1):
        _put_row(f"{name}, row {number} below the names", row, layers, shapes)
    for index, columns in enumerate(layers):
        absent = np.argwhere(np.isnan(columns["resonance_Hz"]))
        if len(absent):
            chain, line = absent[0]
            raise ValueError(
                f"{name} has no resonance for chain {chain}, line {line} of layer {index}; "
                f"the network needs {len(absent)} more in this layer."
            )
        gains, biases = columns["amplifier_gain"], columns["amplifier_bias_V"]
        if (gains != gains[0, 0]).any() or (biases != biases[:, :1]).any():
            raise ValueError(
                f"{name} has several amplifier gains in layer {index}, or several biases for "
                "one of its chains. All amplifiers of a layer have one gain, and a chain has "
                "one amplifier."
            )
    return layers


def _put_row(
    where: str,
    row: tuple[float, ...],
    layers: list[dict[str, Floats]],
    shapes: list[tuple[int, int]],
) -> None:
    """Put one row of a table where it belongs."""
    for column, value in zip(COLUMNS, row, strict=True):
        whole = column not in COLUMNS[:3] or value.is_integer()
        if not (math.isfinite(value) and whole):
            kind = "finite" if column in VALUES else "whole"
            raise ValueError(f"{where}: {column} is {value:g}; it must be a {kind} number.")
    layer, chain, line = map(int, row[:3])
    if not (0 <= layer < len(shapes) and min(chain, line) >= 0) or not (
        chain < shapes[layer][0] and line < shapes[layer][1]
    ):
        raise ValueError(
            f"{where}, names chain {chain} and line {line} of layer {layer}, but the layers "
            f"of this network have {shapes} chains and lines, counted from 0. The table is "
            "of another network."
        )
    if np.isfinite(layers[layer]["resonance_Hz"][chain, line]):
        raise ValueError(
            f"{where}, names chain {chain} and line {line} of layer {layer} once more; each "
            "synapse has one row."
        )
    for column, value in zip(VALUES, row[3:], strict=True):
        layers[layer][column][chain, line] = value


def _check_lines(
    path: str | os.PathLike[str],
    index: int,
    values: dict[str, Floats],
    lines: Floats,
    per_bus: int,
) -> None:
    """Refuse lines and buses that are not those of the network."""
    wanted = {"line_frequency_Hz": lines, "bus": np.arange(len(lines)) // per_bus}
    for column, expected in wanted.items():
        off = np.abs(values[column] - expected) > SAME_FREQUENCY * np.abs(expected)
        if off.any():
            chain, line = np.argwhere(off)[0]
            raise ValueError(
                f"{os.fspath(path)}: {column} of chain {chain}, line {line} of layer {index} "
                f"is {values[column][chain, line]:.9g}, and in this network "
                f"{expected[line]:.9g}. The table is of another network; make one with the "
                "same lowest_frequency, spacing, lines_per_bus and synapse."
            )


def _check_electronics(
    path: str | os.PathLike[str], index: int, values: dict[str, Floats], unit: float
) -> None:
    """Refuse amplifiers and polarities that cannot be."""
    limits = {
        "polarity": (-MAX_POLARITY, MAX_POLARITY),
        "amplifier_gain": (0.0, MAX_NUMBER / unit),
        "amplifier_bias_V": (-MAX_NUMBER * unit, MAX_NUMBER * unit),
    }
    for column, (low, high) in limits.items():
        wrong = (values[column] < low) | (values[column] > high)
        if column == "amplifier_gain":
            wrong |= values[column] == 0
        if wrong.any():
            chain, line = np.argwhere(wrong)[0]
            raise ValueError(
                f"{os.fspath(path)}: {column} of chain {chain}, line {line} of layer {index} "
                f"is {values[column][chain, line]:.6g}; it must lie between {low:.3g} and "
                f"{high:.3g}, and a gain is not 0."
            )


def _check_reach(
    path: str | os.PathLike[str],
    index: int,
    settings: Floats,
    resonances: Floats,
    frequencies: Floats,
    design: Design,
) -> None:
    """Refuse resonances that the tuning of a diode does not reach."""
    far = np.abs(settings) > design.synapse.tuning + REACH_SLACK
    if far.any():
        chain, line = np.argwhere(far)[0]
        raise ValueError(
            f"{os.fspath(path)}: the resonance of chain {chain}, line {line} of layer "
            f"{index} is {resonances[chain, line]:.6g} Hz, {abs(settings[chain, line]):.3g} "
            f"half linewidths from its line at {frequencies[line]:.6g} Hz; the diodes are "
            f"tuned by at most {design.synapse.tuning:g}. The line may be outside of the bus "
            "of this network."
        )
