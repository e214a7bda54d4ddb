"""From waveforms to frames: what does the oscillator hear of a word?

Each transformer takes a list of 1-D waveforms and gives a 1-D object array whose entries are
arrays of shape ``(n_frames, n_channels)``, so that a mask chooses clips: ``frames[is_new]``.
Nothing is learned from the data, so nothing leaks from one clip to another. The gain of a
classifier must be told apart from the work of these front ends
(`reservoir.experiments.control`). `SpeechClassifier` joins the steps to one estimator, which
takes waveforms and gives labels.

Three things are done only if they are asked for. `Trim` cuts the quiet ends of a clip.
`AugmentedClassifier` learns from altered copies of the training clips (`Speed`, `Noise`,
`Warp`). `SpeakerNormalizer` warps each clip towards the average voice of the training clips;
it is the only step here that learns, and it uses no labels.

A waveform does not know its sampling rate, so one transformer serves one rate. Clips of
another rate have to be resampled before (`at_rate`); nothing here can notice them.
"""

from reservoir.audio.alterations import Noise, Speed, Trim, Warp, at_speeds
from reservoir.audio.cochleagram import Cochleagram
from reservoir.audio.copies import AugmentedClassifier
from reservoir.audio.gammatone import gammatone_sections
from reservoir.audio.lyon import lyon_sections
from reservoir.audio.mfcc import MFCC
from reservoir.audio.normalization import SpeakerNormalizer
from reservoir.audio.resampling import at_rate
from reservoir.audio.spectrogram import Spectrogram
from reservoir.audio.speech import SpeechClassifier

__all__ = [
    "MFCC",
    "AugmentedClassifier",
    "Cochleagram",
    "Noise",
    "SpeakerNormalizer",
    "Spectrogram",
    "SpeechClassifier",
    "Speed",
    "Trim",
    "Warp",
    "at_rate",
    "at_speeds",
    "gammatone_sections",
    "lyon_sections",
]
