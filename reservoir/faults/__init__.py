"""What happens to a fitted network if its devices are not as they should be?

`with_faults` puts faults into a copy. A fault is a small frozen description whose field says
how large it is, with the unit in its name.
"""

from reservoir.faults.applying import with_faults
from reservoir.faults.dead import DeadInputs, DeadNeurons, DeadSynapses
from reservoir.faults.fault import Fault
from reservoir.faults.noise import PowerNoise
from reservoir.faults.precision import DetuningBits, WeightLevels
from reservoir.faults.resonances import LineOffset, ResonanceDrift, ResonanceOffset
from reservoir.faults.spreads import NeuronGainSpread, SynapseGainSpread, ThresholdSpread

__all__ = [
    "DeadInputs",
    "DeadNeurons",
    "DeadSynapses",
    "DetuningBits",
    "Fault",
    "LineOffset",
    "NeuronGainSpread",
    "PowerNoise",
    "ResonanceDrift",
    "ResonanceOffset",
    "SynapseGainSpread",
    "ThresholdSpread",
    "WeightLevels",
    "with_faults",
]
