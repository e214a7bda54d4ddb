"""Which kinds of fault are swept, along which severities, and what is done about each?"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from reservoir.faults import (
    BinaryJunctions,
    ByzantineNodes,
    ByzantineOscillators,
    ConverterBits,
    DeadChannels,
    DeadInputs,
    DeadNeurons,
    DeadNodes,
    DeadOscillators,
    DeadSynapses,
    Fault,
    FrequencyDrift,
    FrequencySpread,
    GainDrift,
    Memristors,
    ReadNoise,
    ReadoutBits,
    ResonanceOffset,
    StuckCells,
    StuckNodes,
    StuckOscillators,
    SynapseGainSpread,
    ThresholdDrift,
)

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
ERRORS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
BITS = (12, 8, 6, 5, 4, 3, 2)
N_LEVELS = 64  # of a memristor; 6 bits, as laboratories report
DRIFT_EXPONENT, DRIFT_EXPONENT_RMS = 0.05, 0.02  # of phase-change cells
RESERVOIRS = ("oscillator", "control", "echo-state")
EVERY_METHOD = (*RESERVOIRS, "mlp")


@dataclass(frozen=True)
class Kind:
    """A kind of fault along its severity.

    Attributes
    ----------
    make : callable
        ``make(severity, sign)`` gives the fault. The sign is 1 and -1 in turn from draw to
        draw; faults without a direction do not use it. Where the severity is a number of
        parts, as of dead oscillators, `make` gets their share.
    severities : tuple of float
        The default ones, from mild to severe.
    label : str
        What the severity is, with its unit.
    methods : tuple of str
        Rows of the table in which the fault has a meaning.
    protocols : tuple of str
        Protocols in which it has a meaning.
    repair : str
        What the protocol "repaired" does about it, if that is among them.
    is_falling : bool
        Whether a smaller severity is worse, as for bits.
    is_whole : bool
        Whether the severity is a whole number.
    is_of_weights : bool
        Whether the fault changes weights of the readout only, so that the states stay.
    is_of_nodes : bool
        Whether it changes only what is read of single nodes, or of all of them.
    is_of_zeros : bool
        Whether the nodes that it changes are read as 0.
    is_signed : bool
        Whether it goes up or down, and a smaller one lies between.
    scale : {"log", "linear"}
        Of the axis in the figure.
    """

    make: Callable[[float, int], Fault]
    severities: tuple[float, ...]
    label: str
    methods: tuple[str, ...]
    protocols: tuple[str, ...] = ("after",)
    repair: str = ""
    is_falling: bool = False
    is_whole: bool = False
    is_of_weights: bool = False
    is_of_nodes: bool = False
    is_of_zeros: bool = False
    is_signed: bool = False
    scale: str = "log"


_OF_LAYERS = ("before", "after", "repaired")
_ALL = (*_OF_LAYERS, "refitted")

DIGITS_KINDS: dict[str, Kind] = {
    "dead-nodes": Kind(
        lambda share, sign: DeadNodes(share),
        SHARES,
        "share of nodes that are dead",
        EVERY_METHOD,
        _ALL,
        "leave-out",
        is_of_nodes=True,
        is_of_zeros=True,
    ),
    "dead-weights": Kind(
        lambda share, sign: StuckCells(share_low=share),
        SHARES,
        "share of readout cells stuck at 0",
        EVERY_METHOD,
        is_of_weights=True,
    ),
    "readout-bits": Kind(
        lambda bits, sign: ReadoutBits(int(bits)),
        BITS,
        "bits of a readout weight",
        EVERY_METHOD,
        is_falling=True,
        is_whole=True,
        is_of_weights=True,
    ),
    "threshold": Kind(
        lambda share, sign: ThresholdDrift(sign * share),
        (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1),
        "relative drift of the threshold, up or down",
        ("oscillator",),
        _ALL,
        "recalibrate",
        is_signed=True,
    ),
    "dead-channels": Kind(
        lambda share, sign: DeadChannels(share),
        SHARES,
        "share of input channels that are lost",
        EVERY_METHOD,
        _ALL,
        "refit",
    ),
    "stuck-nodes": Kind(
        lambda share, sign: StuckNodes(share),
        SHARES,
        "share of nodes stuck at random readings",
        ("oscillator",),
        _ALL,
        "leave-out",
        is_of_nodes=True,
    ),
    "byzantine-nodes": Kind(
        lambda share, sign: ByzantineNodes(share),
        SHARES,
        "share of nodes that are read as noise",
        ("oscillator",),
        _ALL,
        "leave-out",
    ),
    "gain": Kind(
        lambda share, sign: GainDrift(sign * share),
        (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
        "relative drift of the gain, up or down",
        RESERVOIRS,
        _ALL,
        "refit",
        is_of_nodes=True,
        is_signed=True,
    ),
    "read-noise": Kind(
        lambda share, sign: ReadNoise(share),
        (0.001, 0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
        "rms read noise / largest reading",
        ("oscillator",),
        _ALL,
        "refit",
    ),
    "converter-bits": Kind(
        lambda bits, sign: ConverterBits(int(bits)),
        (12, 10, 8, 7, 6, 5, 4, 3),
        "bits of the converter",
        ("oscillator",),
        _ALL,
        "refit",
        is_falling=True,
        is_whole=True,
    ),
    "junctions": Kind(
        lambda number, sign: BinaryJunctions(int(number)),
        (255, 127, 63, 31, 15, 7, 3, 1),
        "binary junctions of a readout weight",
        EVERY_METHOD,
        is_falling=True,
        is_whole=True,
        is_of_weights=True,
    ),
    "programming-error": Kind(
        lambda share, sign: Memristors(N_LEVELS, programming_error_share=share),
        (0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
        "rms error of a set conductance / largest one",
        EVERY_METHOD,
        is_of_weights=True,
    ),
    "memristor-noise": Kind(
        lambda share, sign: Memristors(N_LEVELS, read_noise_share=share),
        (0.003, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
        "rms error of a conductance at each reading / largest one",
        RESERVOIRS,
        is_of_weights=True,
    ),
    "memristor-decades": Kind(
        lambda decades, sign: Memristors(
            N_LEVELS,
            drift_exponent=DRIFT_EXPONENT,
            drift_exponent_rms=DRIFT_EXPONENT_RMS,
            time_s=10.0**decades,
        ),
        (0, 1, 2, 3, 4, 5, 6),
        "log10 of the seconds since the conductances were set",
        EVERY_METHOD,
        is_of_weights=True,
        scale="linear",
    ),
}

# A series has one channel, which cannot be lost, and a perceptron has no memory of it.
SERIES_KINDS: dict[str, Kind] = {
    name: replace(kind, methods=tuple(m for m in kind.methods if m != "mlp"))
    for name, kind in DIGITS_KINDS.items()
    if name != "dead-channels"
}

# Oscillators of each network.
NETWORKS_SWEPT = {
    "network-search": 4,
    "network-search-5": 5,
    "network-search-6": 6,
    "network-search-8": 8,
    "network-search-10": 10,
}
VOWELS_KINDS: dict[str, Kind] = {
    "dead-oscillators": Kind(
        lambda share, sign: DeadOscillators(share),
        (1, 2, 3),
        "oscillators (mlp: hidden units of four) that are dead",
        (*NETWORKS_SWEPT, "mlp"),
        _ALL,
        "refit",
        is_whole=True,
        scale="linear",
    ),
    "stuck-oscillators": Kind(
        lambda share, sign: StuckOscillators(share),
        (1, 2, 3),
        "oscillators that seem to be locked to one source, or to none",
        ("network-search", "network-search-10"),
        _ALL,
        "refit",
        is_whole=True,
        scale="linear",
    ),
    "byzantine-oscillators": Kind(
        lambda share, sign: ByzantineOscillators(share),
        (1, 2, 3),
        "oscillators that seem to be locked at random",
        ("network-search", "network-search-10"),
        _ALL,
        "refit",
        is_whole=True,
        scale="linear",
    ),
    "frequency-drift": Kind(
        lambda mhz, sign: FrequencyDrift(1e6 * sign * mhz),
        (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
        "drift of all frequencies, up or down (MHz)",
        ("network-search", "network-search-10"),
        _ALL,
        "retune",
    ),
    "frequency-spread": Kind(
        lambda mhz, sign: FrequencySpread(1e6 * mhz),
        (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
        "rms drift of each frequency (MHz)",
        ("network-search", "network-search-10"),
        _ALL,
        "retune",
    ),
}

LAYERED = ("layers", "control", "mlp")
LAYERS_KINDS: dict[str, Kind] = {
    "dead-neurons": Kind(
        lambda share, sign: DeadNeurons(share),
        SHARES,
        "share of hidden neurons that are dead",
        LAYERED,
        _OF_LAYERS,
        "recalibrate",
    ),
    "dead-synapses": Kind(
        lambda share, sign: DeadSynapses(share),
        SHARES,
        "share of synapses that are dead",
        LAYERED,
        _OF_LAYERS,
        "recalibrate",
    ),
    "dead-inputs": Kind(
        lambda share, sign: DeadInputs(share),
        SHARES,
        "share of input lines that are dead",
        LAYERED,
        _OF_LAYERS,
        "recalibrate",
    ),
    "synapse-spread": Kind(
        lambda share, sign: SynapseGainSpread(share),
        ERRORS,
        "relative rms of the synapses' strengths",
        LAYERED,
        _OF_LAYERS,
        "recalibrate",
    ),
    "resonances": Kind(
        lambda offset, sign: ResonanceOffset(offset),
        ERRORS,
        "rms offset of a resonance / half linewidth",
        ("layers",),
        _OF_LAYERS,
        "recalibrate",
    ),
}
