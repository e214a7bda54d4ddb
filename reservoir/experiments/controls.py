"""What would the same experiment give without the oscillator?"""

from typing import TypeVar

from sklearn.base import clone

from reservoir.devices import Wire
from reservoir.multiplexing.base import BaseReservoir

Reservoir = TypeVar("Reservoir", bound=BaseReservoir)


def control(estimator: Reservoir) -> Reservoir:
    """The same estimator with the oscillator removed: the readout sees the masked drive.

    Front end, mask, taps, pooling, readout and its choice of the ridge strength stay. What
    the original gains over its control is what the oscillator contributes. If several
    oscillators share the drive, the control reads one copy of it; if they have masks of
    their own, it reads the drive of each.

    Parameters
    ----------
    estimator : ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir

    Returns
    -------
    estimator
        An unfitted clone with a `reservoir.devices.Wire` in place of the oscillator.

    Examples
    --------
    >>> from reservoir import ReservoirClassifier
    >>> from reservoir.experiments import control
    >>> control(ReservoirClassifier(n_nodes=50)).oscillator
    Wire()
    """
    n_oscillators = estimator.n_oscillators if estimator.own_masks else 1
    bare: Reservoir = clone(estimator).set_params(
        oscillator=Wire(), n_oscillators=n_oscillators, coupling=0.0, detuning=0.0
    )
    return bare
