"""Which errors and warnings belong to this package?

Each error is also a ``ValueError`` or a ``RuntimeError``, so that it can be caught without an
import from here.
"""

__all__ = [
    "DriveClippingWarning",
    "FrequencyShiftWarning",
    "RecordingError",
    "SimulationError",
    "StorageError",
    "StorageWarning",
    "UncoupledNodesWarning",
    "UnitsWarning",
    "UnlockedWarning",
]


class SimulationError(RuntimeError):
    """A simulation left the range in which its numbers have a meaning.

    Examples
    --------
    >>> from reservoir import SimulationError, SpinTorqueOscillator, simulate
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> try:
    ...     simulate(vortex, [5e-3, float("nan")], 1e-6)
    ... except SimulationError as error:
    ...     print(error)
    The current is nan at step 1 of row 0; every current must be finite.
    """


class StorageError(ValueError):
    """A file is damaged, is of another kind, or has a version that cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from reservoir import StorageError, load
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.h5"
    >>> _ = path.write_bytes(b"no model")
    >>> try:
    ...     load(path)
    ... except StorageError:
    ...     print("refused")
    refused
    """


class StorageWarning(UserWarning):
    """A file was read that has no digest, so that damage to it would not be noticed.

    Examples
    --------
    >>> from reservoir import StorageWarning
    >>> issubclass(StorageWarning, UserWarning)
    True
    """


class RecordingError(ValueError):
    """A recorded trace is incomplete, or does not belong to the waveform that was played.

    Examples
    --------
    >>> from reservoir.exceptions import RecordingError
    >>> issubclass(RecordingError, ValueError)
    True
    """


class DriveClippingWarning(UserWarning):
    """New data drive the oscillator beyond the range that the training data showed.

    Examples
    --------
    >>> import warnings
    >>> import numpy as np
    >>> from reservoir import DriveClippingWarning, TimeMultiplexedReservoir
    >>> X = np.random.default_rng(0).normal(size=(1, 50, 2))
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=10, random_state=0).fit(X)
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = reservoir.transform(10 * X)
    >>> caught[0].category is DriveClippingWarning
    True
    """


class UncoupledNodesWarning(UserWarning):
    """A feedback delay of exactly `n_nodes` connects each node with itself only.

    Examples
    --------
    >>> from reservoir import UncoupledNodesWarning
    >>> issubclass(UncoupledNodesWarning, UserWarning)
    True
    """


class FrequencyShiftWarning(UserWarning):
    """The frequency of neurons moves by more than a linewidth, and a model ignores it.

    Examples
    --------
    >>> from reservoir.exceptions import FrequencyShiftWarning
    >>> issubclass(FrequencyShiftWarning, UserWarning)
    True
    """


class UnitsWarning(UserWarning):
    """A number is so large that it may have been given in another unit than the SI's.

    Also new data that are far smaller than those that an estimator was fitted to.

    Examples
    --------
    >>> import warnings
    >>> from reservoir import SpinTorqueOscillator, UnitsWarning, simulate
    >>> vortex = SpinTorqueOscillator.from_preset("torrejon2017")
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     _ = simulate(vortex, [3.0, 5.0, 7.0], 1e-6)          # meant as mA
    >>> caught[0].category is UnitsWarning
    True
    """


class UnlockedWarning(UserWarning):
    """Oscillators find no common frequency, so that their phases have no meaning.

    Examples
    --------
    >>> from reservoir.exceptions import UnlockedWarning
    >>> issubclass(UnlockedWarning, UserWarning)
    True
    """
