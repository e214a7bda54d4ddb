"""What does an oscillator receive of a clip, and how does it answer?"""

import numpy as np

from reservoir._types import Floats
from reservoir.devices import Device
from reservoir.devices.logistic import has_rates
from reservoir.experiments.own_device import steady_answer
from reservoir.multiplexing.base import BaseReservoir
from reservoir.plotting.digits import AmplitudeResponse, MaskedDrive


def amplitude_response(estimator: BaseReservoir) -> AmplitudeResponse:
    """Amplitude at rest against the current, around the drive range of an estimator.

    Parameters
    ----------
    estimator : fitted ReservoirClassifier, ReservoirRegressor or TimeMultiplexedReservoir
        Its device answers every current of the figure by itself. One that is known between
        some currents only is shown over the drive range.

    Returns
    -------
    AmplitudeResponse
    """
    device = estimator.oscillator_
    low, high = estimator.drive_range
    ends = (min(low, 0.5) - 0.1, high + 0.4) if has_rates(device) else (low, high)
    current = np.linspace(*ends, 400) * device.drive_unit
    return AmplitudeResponse(
        current,
        steady_answer(device, current, estimator.node_time_),
        (low * device.drive_unit, high * device.drive_unit),
        device.drive_unit,
        _axis_of(device),
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
        _axis_of(estimator.oscillator_),
    )


def _axis_of(device: Device) -> tuple[str, float]:
    """What the drive of a device is called, and its factor."""
    if hasattr(device, "threshold_current"):
        return "current (mA)", 1e3
    return "drive (in its own unit)", 1 / device.drive_unit
