"""What does an oscillator receive of a clip, and how does it answer?"""

from typing import cast

import numpy as np

from reservoir._types import Floats
from reservoir.devices import LogisticOscillator
from reservoir.multiplexing.transformer import TimeMultiplexedReservoir
from reservoir.plotting.digits import AmplitudeResponse, MaskedDrive


def amplitude_response(reservoir: TimeMultiplexedReservoir) -> AmplitudeResponse:
    """Amplitude at rest against the current, around the drive range of a reservoir.

    Parameters
    ----------
    reservoir : fitted TimeMultiplexedReservoir
        Of an oscillator.

    Returns
    -------
    AmplitudeResponse
    """
    device = cast(LogisticOscillator, reservoir.oscillator_)
    low, high = reservoir.drive_range
    current = np.linspace(min(low, 0.5) - 0.1, high + 0.4, 400) * device.threshold_current
    return AmplitudeResponse(
        current,
        device.stationary_amplitude(current),
        (low * device.threshold_current, high * device.threshold_current),
        device.threshold_current,
    )


def masked_drive(
    reservoir: TimeMultiplexedReservoir,
    frames: Floats,
    *,
    first: int = 10,
    n_frames: int = 1,
    n_nodes: int = 100,
) -> MaskedDrive:
    """Currents that a clip makes, and the amplitudes that answer.

    Parameters
    ----------
    reservoir : fitted TimeMultiplexedReservoir
        Of an oscillator, without pooling.
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
    states = reservoir.transform([frames])[0]
    begin = min(first, len(frames) - 1)
    shown = slice(begin, begin + n_frames)
    return MaskedDrive(
        reservoir.drive_.currents(frames)[shown].ravel()[:n_nodes],
        states[shown].ravel()[:n_nodes],
        reservoir.node_time_,
        reservoir.oscillator_.drive_unit,
    )
