"""When does one oscillator recognise spoken digits well? Torrejon et al. 2017.

The paper [1]_: one vortex oscillator, 400 virtual nodes, every frame trained to its digit;
cochleagram and linear spectrogram, each with and without the oscillator; accuracy against
the number of training utterances, and a study of the operating point (current, noise).
Published on TI-46 (500 clips, speakers on both sides): up to 99.6 % with the cochleagram
(front end alone up to 95.8 %), up to 80 % with the linear spectrogram (front end alone:
chance).

Ours: the free data sets, ridge regression in place of the pseudo-inverse, and sweeps of
modulation depth, hold time and number of nodes by simulation.

References
----------
.. [1] J. Torrejon et al., Nature 547, 428 (2017).
"""

from dataclasses import dataclass

from reservoir.devices.device import NODE_TIME
from reservoir.experiments.operation import MIDDLE_CURRENT
from reservoir.experiments.own_device import chosen_device, hold_of
from reservoir.experiments.sweeps import (
    BASE_PROTOCOL,
    SpeechSweep,
    SweepPoint,
    describe_gains,
    sweep_point,
)

FRONT_ENDS = ("cochleagram", "spectrogram-signed")
UTTERANCES = (1, 3, 5, 7, 9)
NOISES = (0.01, 0.03, 0.1, 0.3)
WIDTH = 1.0  # of the default range of currents, in units of the threshold
CURRENTS = (0.7, 0.9, 1.5, 2.0, 3.0)
WIDTHS = (0.1, 0.3, 0.6, 2.0, 4.0)
HOLDS = (0.1, 0.25, 0.5, 1.0, 10.0)  # in units of the relaxation time at twice the threshold
NODES = (50, 100, 200, 800)


@dataclass
class TorrejonExperiment(SpeechSweep):
    """Accuracy against utterances, noise, current, depth, hold time and nodes.

    Parameters
    ----------
    dataset, oscillator, seed, n_jobs, quick, store
        As for `reservoir.experiments.sweeps.SpeechSweep`.

    Examples
    --------
    >>> from reservoir.experiments import TorrejonExperiment
    >>> experiment = TorrejonExperiment(quick=True)
    >>> len(experiment.points())
    10
    """

    summary = "One oscillator along its settings (Torrejon et al., Nature 547, 428)"

    def points(self) -> list[SweepPoint]:
        """All points of the experiment, in the order of the table."""
        utterances = (3, 9) if self.quick else UTTERANCES
        noises = NOISES[2:3] if self.quick else NOISES
        points = []
        for frontend in FRONT_ENDS:
            for method in ("control", "oscillator"):
                points += [
                    sweep_point("utterances", n, frontend, method, n_training=n)
                    for n in utterances
                ]
        for frontend in FRONT_ENDS[:1] if self.quick else FRONT_ENDS:
            for method in ("control", "oscillator"):
                points += [
                    sweep_point("noise", noise, frontend, method, {"readout_noise": noise})
                    for noise in noises
                ]
            if not self.quick:
                points += self._operating_points(frontend)
        return points

    def _operating_points(self, frontend: str) -> list[SweepPoint]:
        """Sweeps that the front end alone does not feel."""
        device = chosen_device(self.oscillator)
        relaxation_time = hold_of(device, self.N_NODES, 0.5)
        currents = {
            middle: {"drive_range": (middle - WIDTH / 2, middle + WIDTH / 2)}
            for middle in CURRENTS
        }
        widths = {
            width: {"drive_range": (MIDDLE_CURRENT - width / 2, MIDDLE_CURRENT + width / 2)}
            for width in WIDTHS
        }
        holds = {hold: {"node_time": hold * relaxation_time} for hold in HOLDS}
        nodes = {n: {"n_nodes": n} for n in NODES}
        return [
            sweep_point(axis, value, frontend, "oscillator", settings)
            for axis, values in (
                ("current", currents),
                ("depth", widths),
                ("hold", holds),
                ("nodes", nodes),
            )
            for value, settings in values.items()
        ]

    def base_values(self) -> dict[str, float]:
        """Where the base setting lies on the axes of the figure."""
        return {
            "current": MIDDLE_CURRENT,
            "depth": WIDTH,
            "hold": 2 * NODE_TIME,
            "nodes": self.N_NODES,
        }

    def footnotes(self) -> str:
        """Lines below the table."""
        return (
            f"{describe_gains(self.rows_, BASE_PROTOCOL)}\n"
            "control: the front end, mask and readout are the same, without the oscillator.\n"
            "utterances-N: N of ten recordings of each digit and speaker train the readout.\n"
            "noise-X: the readout noise is X times the spread of the amplitude.\n"
            "current-X: the middle of the range of currents is X thresholds (base 1.1).\n"
            "depth-X: the width of the range of currents is X thresholds (base 1).\n"
            "hold-X: a node lasts X relaxation times at twice the threshold (base 3.34).\n"
            "nodes-N: the oscillator has N virtual nodes (base 400).\n"
            "spread: the standard deviation over draws of training clips."
        )
