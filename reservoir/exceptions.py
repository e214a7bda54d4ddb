"""Which errors and warnings belong to this package?

Each error is also a ``ValueError`` or a ``RuntimeError``, so that it can be caught without an
import from here.
"""


class SimulationError(RuntimeError):
    """A simulation left the range in which its numbers have a meaning."""


class StorageError(ValueError):
    """A file is damaged, is of another kind, or has a version that cannot be read."""


class StorageWarning(UserWarning):
    """A file was read that has no digest, so that damage to it would not be noticed."""


class RecordingError(ValueError):
    """A recorded trace is incomplete, or does not belong to the waveform that was played."""


class DriveClippingWarning(UserWarning):
    """New data drive the oscillator beyond the range that the training data showed."""


class UncoupledNodesWarning(UserWarning):
    """A feedback delay of exactly `n_nodes` connects each node with itself only."""


class FrequencyShiftWarning(UserWarning):
    """The frequency of neurons moves by more than a linewidth, and a model ignores it."""


class UnitsWarning(UserWarning):
    """A number is so large that it may have been given in another unit than the SI's."""


class UnlockedWarning(UserWarning):
    """Oscillators find no common frequency, so that their phases have no meaning."""
