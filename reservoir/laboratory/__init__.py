"""A device in the loop: what must a generator play, and what did the device answer?

A fitted estimator knows the currents of all its virtual nodes. `Waveform.from_estimator` lays
them out as samples of an arbitrary-waveform generator, each sequence behind a synchronisation
burst. The laboratory plays them and records what the device emits. `Waveform.nodes` finds the
bursts in the recording, counts what was lost between them, and reads the amplitude of every
node. `RecordedOscillator` then takes the place of the simulated device in the same estimator.

    bias ...| burst | gap | sequence 0 | gap | burst | gap | sequence 1 | ... | burst | gap

`rehearse` simulates the recording, so that all of this can be tried before the experiment.
"""

from reservoir.laboratory.recorded import RecordedOscillator, rehearse
from reservoir.laboratory.recording import Recording
from reservoir.laboratory.waveform import Waveform

__all__ = ["RecordedOscillator", "Recording", "Waveform", "rehearse"]
