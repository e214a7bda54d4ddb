"""What do time-multiplexed reservoirs take? Their lines, from what they play."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reservoir.devices import Ability, PhaseLockedOscillator
from reservoir.ledger.figures import Figures
from reservoir.ledger.line import Figure, Line, counted
from reservoir.ledger.operations import Operations
from reservoir.ledger.plays import Plays, size_of
from reservoir.ledger.shared import (
    MAC,
    Supplies,
    beside_lines,
    count_lines,
    front_end_lines,
    line,
    supply_lines,
)

# Of the closed form of one held current, p e / (1 + p (b/a) (e - 1)) with e = exp(a t): an
# exponential, a root, two divisions, and six multiplications and additions.
NODE_OPERATIONS = 10.0


@dataclass(frozen=True)
class Account:
    """All that the ledger of a time-multiplexed estimator is written from.

    Attributes
    ----------
    members : sequence of BaseReservoir
        Fitted, one for each mask; all have the same device.
    plays : Plays or None
        None without data.
    hearing : Operations or None
        Of the front end for one inference; None if nobody has counted it.
    front_end : bool
        Whether there is a front end.
    n_trained : int or None
        Inferences that were learned from.
    readout : {"digital", "analog"}
    seconds : float or None
        Measured time of one inference.
    """

    members: Sequence[Any]
    plays: Plays | None
    hearing: Operations | None
    front_end: bool
    n_trained: int | None
    readout: str
    seconds: float | None

    @property
    def is_device(self) -> bool:
        """Whether there is a device, and not only the masked drive."""
        return Ability.TRANSPARENT not in self.members[0].oscillator_.abilities()

    def number(self, name: str, unit: str = "1") -> Figure:
        """A number of the plays, or unknown without data."""
        return counted(None if self.plays is None else getattr(self.plays, name), unit)


def multiplexed_lines(account: Account, figures: Figures) -> list[Line]:
    """The ledger of a time-multiplexed estimator."""
    found: list[Line] = []
    if account.is_device:
        node_time = counted(account.members[0].node_time_, "s")
        n_holds = account.number("n_holds")
        found.append(
            line(
                figures,
                "time",
                "nodes, one after the other",
                "n_holds * node_time",
                "s",
                n_holds=n_holds,
                node_time=node_time,
            )
        )
        found += _physical_lines(account, figures)
    found += _digital_lines(account, figures)
    found += _training_lines(account, figures, found)
    found += _count_lines(account, figures)
    found += _beside_lines(account, figures, found)
    return found


def _physical_lines(account: Account, figures: Figures) -> list[Line]:
    """Device, converters and supplies."""
    member = account.members[0]
    device, n = member.oscillator_, len(member.ensemble_)
    time = account.number("time", "s")
    if account.plays is not None and account.plays.time == 0:
        time = counted(None, "s")
    found = [
        line(
            figures,
            "energy",
            "device, direct current",
            "device_resistance * squared_current",
            device_resistance=figures.resistance_of(device),
            squared_current=account.number("squared_current", "A2 s"),
        )
    ]
    bits = member._bits  # those of a coarser converter, if it has this fault
    output_bits = figures["output_bits"]
    if bits is not None:
        output_bits = counted(float(bits), "bit", "The estimator's own bits.")
    for name, formula, number, resolution in (
        (
            "converter in",
            "n_conversions * converter_step_energy * 2 ** input_bits",
            account.number("n_conversions_in"),
            {},
        ),
        (
            "converter out",
            "n_conversions * converter_step_energy * 2 ** output_bits",
            account.number("n_conversions_out"),
            {"output_bits": output_bits},
        ),
    ):
        found.append(
            line(figures, "energy", name, formula, n_conversions=number, **resolution)
        )
    n_sources = n if isinstance(device, PhaseLockedOscillator) else 0
    supplies = Supplies(n, n_sources=n_sources, n_amplifiers=n, n_detectors=n)
    return found + supply_lines(figures, time, supplies)


def _digital_lines(account: Account, figures: Figures) -> list[Line]:
    """Front end, mask and readout."""
    found = front_end_lines(account.hearing, figures) if account.front_end else []
    found.append(
        line(
            figures,
            "energy",
            "mask",
            "n_products * multiply_energy + n_sums * add_energy",
            n_products=account.number("n_mask_products"),
            n_sums=account.number("n_mask_sums"),
        )
    )
    if not hasattr(account.members[0], "readout_"):
        return found
    n_products = account.number("n_readout_products")
    digital = {"digital": "energy", "analog": "instead"}[account.readout]
    analog = {"digital": "instead", "analog": "energy"}[account.readout]
    for section, name, formula in (
        (digital, "readout, digital", f"n_products * {MAC}"),
        (analog, "readout, analog", "n_products * synapse_energy"),
        (
            "instead",
            "readout, digital, weights from memory outside",
            "n_products * (multiply_energy + add_energy + memory_word_energy)",
        ),
    ):
        found.append(line(figures, section, name, formula, n_products=n_products))
    return found


def _training_lines(account: Account, figures: Figures, lines: Sequence[Line]) -> list[Line]:
    """What it takes to play the training data, and to solve for the readout."""
    found = []
    n_trained = account.n_trained
    per_inference = {each.name: each for each in lines}
    for name, source in (
        ("playing, time", "nodes, one after the other"),
        ("playing, device", "device, direct current"),
    ):
        if source in per_inference:
            before = per_inference[source]
            found.append(
                line(
                    figures,
                    "training",
                    name,
                    "n_trained * one_inference",
                    before.unit,
                    n_trained=n_trained,
                    one_inference=before.as_figure(),
                )
            )
    member = account.members[0]
    if not hasattr(member, "readout_"):
        return found
    n_features, n_outputs = member.readout_.coefficients.shape
    rows: float | None = None
    if n_trained is not None and account.plays is not None:
        every_frame = getattr(member, "pooling", None) == "vote"
        each = account.plays.n_frames if every_frame else account.plays.n_plays
        rows = n_trained * each / len(account.members)
    found.append(
        line(
            figures,
            "training",
            "solving for the readout, digital",
            "n_masks * (n_rows * n_features * (n_features + n_outputs) + n_features ** 3 / 3)"
            f" * {MAC}",
            n_masks=len(account.members),
            n_rows=rows,
            n_features=n_features,
            n_outputs=n_outputs,
        )
    )
    return found


def _count_lines(account: Account, figures: Figures) -> list[Line]:
    plays, size = account.plays, size_of(account.members)
    found = count_lines(
        figures,
        {
            "plays of a sequence": ("n_plays", None if plays is None else plays.n_plays),
            "Parameter Count": ("n_parameters", size.n_parameters),
            "Footprint": ("n_bytes", size.n_bytes),
        },
    )
    n_mask = None if plays is None else plays.n_frames * _mask_size(account)
    ratios: dict[str, tuple[str, dict[str, Figure]]] = {
        "Connection Sparsity": (
            "n_zero / n_connections",
            {"n_zero": counted(size.n_zero), "n_connections": counted(size.n_connections)},
        ),
        "Activation Sparsity": (
            "n_zero / n_states",
            {"n_zero": account.number("n_silent"), "n_states": account.number("n_states")},
        ),
        "Synaptic Operations, Dense": (
            "n_mask + n_readout",
            {"n_mask": counted(n_mask), "n_readout": account.number("n_readout_products")},
        ),
        "Synaptic Operations, Effective_MACs": (
            "n_effective",
            {"n_effective": account.number("effective")},
        ),
    }
    for name, (formula, inputs) in ratios.items():
        found.append(line(figures, "counts", name, formula, "1", **inputs))
    return found


def _mask_size(account: Account) -> float:
    """Weights of a mask; all masks have the same shape."""
    return float(account.members[0].drive_.mask.size)


def _beside_lines(account: Account, figures: Figures, lines: Sequence[Line]) -> list[Line]:
    """The task without the device, as an echo-state network, and elsewhere."""
    plays, hearing = account.plays, account.hearing
    operations: float | None = None
    heard = Operations() if not account.front_end else hearing
    if plays is not None and heard is not None:
        operations = heard.total + plays.n_mask_products + plays.n_mask_sums
        operations += 2 * plays.n_readout_products
        if account.is_device:
            operations += NODE_OPERATIONS * plays.n_conversions_out
    found = []
    if account.is_device:
        named = {each.name: each for each in lines if each.section in ("energy", "instead")}
        digital = ["front end", "mask", "readout, digital"]
        inputs = {
            name.split(",")[0].replace(" ", "_"): named[name].as_figure()
            for name in digital
            if name in named
        }
        heard_of = {key: each for key, each in inputs.items() if key == "front_end"}
        found += [
            line(
                figures,
                "beside",
                "without the device: digital parts alone",
                " + ".join(inputs),
                **inputs,
            ),
            line(
                figures,
                "beside",
                "echo-state network of as many nodes",
                f"front_end + n_products * {MAC}" if heard_of else f"n_products * {MAC}",
                n_products=account.number("n_echo_products"),
                **heard_of,
            ),
        ]
    events = None if plays is None else plays.n_frames * _mask_size(account)
    if plays is not None and events is not None:
        events += plays.n_readout_products
    return found + beside_lines(
        figures, operations=operations, events=events, seconds=account.seconds
    )
