"""What happens to a fitted estimator if its devices are not as they should be?

`with_faults` puts faults into a copy. A fault is a small frozen description whose field says
how large it is, with the unit in its name.
"""

from reservoir.faults.applying import with_faults
from reservoir.faults.converters import ConverterBits, ReadNoise, ThermalNoise
from reservoir.faults.dead import DeadInputs, DeadNeurons, DeadSynapses
from reservoir.faults.device import DampingDrift, GainDrift, ThresholdDrift
from reservoir.faults.fault import Fault
from reservoir.faults.mitigation import train_over_faults
from reservoir.faults.nodes import ByzantineNodes, DeadChannels, DeadNodes, StuckNodes
from reservoir.faults.noise import PowerNoise
from reservoir.faults.oscillators import (
    ByzantineOscillators,
    CurrentDrift,
    DeadOscillators,
    FrequencyDrift,
    FrequencySpread,
    StuckOscillators,
)
from reservoir.faults.precision import DetuningBits, WeightLevels
from reservoir.faults.repair import leave_out_dead_nodes, recalibrate_drive, refit_readout
from reservoir.faults.resonances import LineOffset, ResonanceDrift, ResonanceOffset
from reservoir.faults.retuning import retune_frequencies
from reservoir.faults.spreads import NeuronGainSpread, SynapseGainSpread, ThresholdSpread
from reservoir.faults.stored_weights import (
    BinaryJunctions,
    Memristors,
    ReadoutBits,
    StuckCells,
)

__all__ = [
    "BinaryJunctions",
    "ByzantineNodes",
    "ByzantineOscillators",
    "ConverterBits",
    "CurrentDrift",
    "DampingDrift",
    "DeadChannels",
    "DeadInputs",
    "DeadNeurons",
    "DeadNodes",
    "DeadOscillators",
    "DeadSynapses",
    "DetuningBits",
    "Fault",
    "FrequencyDrift",
    "FrequencySpread",
    "GainDrift",
    "LineOffset",
    "Memristors",
    "NeuronGainSpread",
    "PowerNoise",
    "ReadNoise",
    "ReadoutBits",
    "ResonanceDrift",
    "ResonanceOffset",
    "StuckCells",
    "StuckNodes",
    "StuckOscillators",
    "SynapseGainSpread",
    "ThermalNoise",
    "ThresholdDrift",
    "ThresholdSpread",
    "WeightLevels",
    "leave_out_dead_nodes",
    "recalibrate_drive",
    "refit_readout",
    "retune_frequencies",
    "train_over_faults",
    "with_faults",
]
