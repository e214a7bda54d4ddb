"""What if the powers on the lines are noisy when the network answers?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from reservoir._checks import Rule
from reservoir.faults.layered import RELATIVE_RMS, LayeredFault


@dataclass(frozen=True)
class PowerNoise(LayeredFault):
    """Every power that enters a layer has a random factor, anew for each row of data.

    The factors depend on the seed and on the numbers of the row, and on no other row. So the
    same row gets the same answer wherever it stands. For sequences a row is a sequence. In a
    network in time each power has a factor of its own in every frame, which recurrent chains
    hear too; in a convolution each number of the input has one, and each averaged power.

    Parameters
    ----------
    rms : float
        Of the factors around 1. Several noises add their squares.

    Raises
    ------
    TypeError or ValueError
        If it is no number from 0 to 1000.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from reservoir.faults import PowerNoise, with_faults
    >>> from reservoir.layers import SpintronicClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> network = SpintronicClassifier((10,), max_iter=5, random_state=0).fit(X / 8, y)
    >>> worse = with_faults(network, PowerNoise(rms=0.05), random_state=0)
    >>> bool((worse.predict_proba(X / 8) == worse.predict_proba(X / 8)).all())
    True
    >>> bool((worse.predict_proba(X / 8) != network.predict_proba(X / 8)).any())
    True
    """

    rms: float

    _parameter_ranges: ClassVar[Mapping[str, Rule]] = {"rms": RELATIVE_RMS}

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give a network this noise."""
        estimator.read_noise_ = math.hypot(getattr(estimator, "read_noise_", 0.0), self.rms)
        estimator.read_noise_seed_ = int(generator.integers(2**63))
