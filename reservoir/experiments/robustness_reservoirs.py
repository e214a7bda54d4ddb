"""What do tasks of one oscillator and its rivals share, and how is a reservoir repaired?"""

from typing import Any, ClassVar

import numpy as np

from reservoir._types import Floats
from reservoir.experiments.own_device import chosen_device
from reservoir.experiments.robustness_bench import Bench, Trial
from reservoir.experiments.robustness_faults import RESERVOIRS
from reservoir.faults import leave_out_dead_nodes, recalibrate_drive, refit_readout

NODES_LOST = ("dead-nodes", "stuck-nodes", "byzantine-nodes")  # kinds that take whole nodes
# Of the measured curve: points, currents over the threshold, and errors.
N_CURVE_POINTS, CURVE_RANGE, CURVE_NOISE = 240, (0.4, 2.0), 0.02


class ReservoirBench(Bench):
    """A task of one time-multiplexed oscillator, which may be a device of one's own.

    Attributes
    ----------
    sizes : tuple of two ints
        Virtual nodes of the reservoir, and units of its rivals: in full, and for a try.
    """

    trainable = RESERVOIRS
    sizes: ClassVar[tuple[int, int]]

    @property
    def n_nodes(self) -> int:  # type: ignore[override]
        """Virtual nodes of the reservoir, and units of its rivals."""
        return self.sizes[1] if self.quick else self.sizes[0]

    def n_parts(self, name: str, method: str) -> int:
        """The nodes, of which the readout needs one that lives."""
        return self.n_nodes if name in NODES_LOST else 0

    def check_device(self) -> None:
        """Refuse what is no device."""
        chosen_device(self.oscillator)

    def check(self, name: str, severity: float) -> None:
        """As for `Bench`, and a fault that the device cannot have."""
        super().check(name, severity)
        kinds = getattr(self.kinds[name].make(severity, 1), "devices", (object,))
        device = chosen_device(self.oscillator)
        if not isinstance(device, kinds):
            names = " or ".join(kind.__name__ for kind in kinds)
            raise ValueError(
                f"The fault {name} moves what a {type(device).__name__} does not have; it "
                f"needs a {names}. Choose other faults, or another device."
            )

    def mended(self, trial: Trial, model: Any, clean: Any) -> Any:
        """As for `Bench`."""
        if trial.protocol == "before":
            return refit_readout(model, *self.training(trial))
        if trial.protocol == "refitted":
            return refit_readout(model, *self.examples(trial))
        if trial.kind.repair == "leave-out":
            return leave_out_dead_nodes(model)
        if trial.kind.repair == "recalibrate":
            device: Any = chosen_device(self.oscillator)
            threshold = device.threshold_current
            return recalibrate_drive(model, *measured_curve(model, threshold, trial.seed))
        return refit_readout(model, *self.examples(trial))


def measured_curve(model: Any, threshold: float, seed: int) -> tuple[Floats, Floats]:
    """Currents and amplitudes at rest of an oscillator, as a laboratory measures them.

    Parameters
    ----------
    model : ReservoirClassifier or ReservoirRegressor
        Fitted, with the oscillator as it is now.
    threshold : float
        Of the oscillator as it was, in A.
    seed : int
        Of the errors, whose rms is 2 % of the largest amplitude.

    Returns
    -------
    currents, amplitudes : ndarray of shape (240,)
    """
    currents = threshold * np.linspace(*CURVE_RANGE, N_CURVE_POINTS)
    device: Any = model.oscillator_
    curve = np.asarray(device.stationary_amplitude(currents))
    errors = np.random.default_rng((seed, 2)).standard_normal(len(curve))
    return currents, curve + CURVE_NOISE * curve.max() * errors
