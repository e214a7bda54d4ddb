"""What would the same experiment give without the oscillator?"""

from sklearn.base import clone

from reservoir.devices import Wire


def control(estimator):
    """The same estimator with the oscillator removed: the masked drive itself is read.

    Front end, mask, taps, pooling, readout and its choice of the ridge strength stay; what
    the original gains over this is what the oscillator contributes. Of several oscillators
    that share the drive one copy of the drive is read, of others the drive of each.

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
    return clone(estimator).set_params(
        oscillator=Wire(), n_oscillators=n_oscillators, coupling=0.0, detuning=0.0
    )
