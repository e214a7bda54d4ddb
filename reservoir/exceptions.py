"""What can go wrong that is ours: errors and warnings with names of their own.

Each error is also a ``ValueError`` or a ``RuntimeError``, so nobody needs to import it.
"""


class SimulationError(RuntimeError):
    """A simulation left the range in which its numbers mean something."""


class StorageError(ValueError):
    """A file is damaged, foreign, or from a version that this one cannot read."""


class RecordingError(ValueError):
    """A recorded trace is incomplete, or not one of the waveform that was played."""


class DriveClippingWarning(UserWarning):
    """New data drive the oscillator beyond the range that training data showed."""


class UncoupledNodesWarning(UserWarning):
    """Feedback with a delay of exactly the number of nodes leaves them apart."""
