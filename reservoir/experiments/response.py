"""What does an oscillator receive of a clip, and how does it answer?"""

from typing import cast

import numpy as np

from reservoir._types import Floats
from reservoir.devices import LogisticOscillator
from reservoir.multiplexing.base import BaseReservoir
from reservoir.plotting.digits import AmplitudeResponse, MaskedDrive


def amplitude_response(estimator: BaseReservoir) -> AmplitudeResponse:
    """Amplitude at rest against the current, around the drive range of an estimator.

    Parameters
    ----------
    estimator : fitted ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
        Its device has a threshold and an amplitude at rest.

    Returns
    -------
    AmplitudeResponse
    """
    device = cast(LogisticOscillator, estimator.oscillator_)
    low, high = estimator.drive_range
    current = np.linspace(min(low, 0.5) - 0.1, high + 0.4, 400) * device.drive_unit
    return AmplitudeResponse(
        current,
        device.stationary_amplitude(current),
        (low * device.drive_unit, high * device.drive_unit),
        device.drive_unit,
    )


def masked_drive(
    estimator: BaseReservoir,
    frames: Floats,
    *,
    first: int = 10,
    n_frames: int = 1,
    n_nodes: int = 100,
) -> MaskedDrive:
    """Currents that a clip makes, and the amplitudes that answer.

    Parameters
    ----------
    estimator : fitted ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
        One oscillator.
    frames : ndarray of shape (n_clip_frames, n_channels)
    first, n_frames : int
        The first frame that is shown, and the number of frames.
    n_nodes : int
        How many nodes of these frames are shown.

    Returns
    -------
    MaskedDrive

    Examples
    --------
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.experiments.response import masked_drive
    >>> frames = np.random.default_rng(0).normal(size=(20, 3))
    >>> reservoir = TimeMultiplexedReservoir(n_nodes=50, random_state=0).fit([frames])
    >>> masked_drive(reservoir, frames).amplitude.shape
    (50,)
    """
    begin = min(first, len(frames) - 1)
    shown = slice(begin * estimator.n_nodes, (begin + n_frames) * estimator.n_nodes)
    return MaskedDrive(
        estimator.drive_currents([frames])[0][shown][:n_nodes],
        estimator.node_states([frames])[0].ravel()[shown][:n_nodes],
        estimator.node_time_,
        estimator.oscillator_.drive_unit,
    )
