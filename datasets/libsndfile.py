"""Audio that is left to the library libsndfile, through the package soundfile."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from .cache import DatasetError

BLOCK_LENGTH = 1 << 16  # frames; the count that a file claims is never allocated


def read_with_libsndfile(
    content: bytes, name: str, kind: str
) -> tuple[NDArray[np.float64], int]:
    """Samples of a file that this package does not read by itself.

    Parameters
    ----------
    content : bytes
    name : str
        Name of the file, for messages.
    kind : str
        Kind of audio, for messages.

    Returns
    -------
    samples : float64 array of shape (n_samples, n_channels)
        Full scale is 1.
    sample_rate : int
        In Hz.

    Raises
    ------
    DatasetError
        If soundfile is not installed, or the file is damaged.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the library itself is not there
        raise DatasetError(
            f"{name} is {kind}; the package soundfile, which reads it, is not here "
            f"({error}). Install it with pip install 'oscillator-reservoir[audio]', or "
            "convert the file to WAVE."
        ) from error
    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            blocks = [np.empty((0, file.channels))]
            while len(block := file.read(BLOCK_LENGTH, dtype="float64", always_2d=True)):
                blocks.append(block)
            claimed, sample_rate = file.frames, file.samplerate
    except (RuntimeError, TypeError, ValueError) as error:
        raise DatasetError(
            f"{name} is damaged {kind} ({error}). Copy it anew, or leave it out."
        ) from error
    samples = np.concatenate(blocks)
    if len(samples) != claimed:
        raise DatasetError(
            f"{name} claims {claimed} samples and holds {len(samples)}: it was cut. Copy "
            "it anew, or leave it out."
        )
    return samples, sample_rate
