"""What does the oscillator add to each front end? Abreu Araujo et al. 2020.

The paper [1]_: on the same clips, front ends alone already recognise many digits, so a
result must be quoted as the gain over its front end. Published on TI-46 (500 clips, speakers
on both sides): cochleagram alone up to 95.8 %, MFCC alone up to 77.2 % and 99.8 % with the
oscillator, linear spectrogram alone at chance; on AURORA-2 gains at 20, 15 and 10 dB.

Ours: the free data sets, ridge regression, white noise in training and test clips.

References
----------
.. [1] F. Abreu Araujo et al., Sci. Rep. 10, 328 (2020).
"""

from dataclasses import dataclass

from reservoir.experiments.sweeps import (
    BASE_PROTOCOL,
    SpeechSweep,
    SweepPoint,
    describe_gains,
    sweep_point,
)

FRONT_ENDS = (
    "mfcc",
    "cochleagram",
    "cochleagram-lyon",
    "spectrogram-signed",
    "spectrogram-magnitude",
)
UTTERANCES = (1, 3, 5, 7, 9)
RATIOS = (20, 15, 10)  # dB


@dataclass
class AbreuAraujoExperiment(SpeechSweep):
    """Every front end with and without the oscillator, against utterances and noise.

    Parameters
    ----------
    dataset, oscillator, seed, n_jobs, quick, store
        As for `reservoir.experiments.sweeps.SpeechSweep`.

    Examples
    --------
    >>> from reservoir.experiments import AbreuAraujoExperiment
    >>> experiment = AbreuAraujoExperiment(quick=True)
    >>> len(experiment.points())
    10
    """

    summary = "What one oscillator adds to a front end (Abreu Araujo et al., Sci Rep 10, 328)"

    def points(self) -> list[SweepPoint]:
        """All points of the experiment, in the order of the table."""
        both = [
            (frontend, method)
            for frontend in FRONT_ENDS
            for method in ("control", "oscillator")
        ]
        utterances = UTTERANCES[-1:] if self.quick else UTTERANCES
        points = [
            sweep_point("utterances", n, frontend, method, n_training=n)
            for frontend, method in both
            for n in utterances
        ]
        if not self.quick:
            points += [
                sweep_point("snr", ratio, frontend, method, snr=float(ratio))
                for frontend, method in both
                for ratio in RATIOS
            ]
        return points

    def footnotes(self) -> str:
        """Lines below the table."""
        return (
            f"{describe_gains(self.rows_, BASE_PROTOCOL)}\n"
            "control: the front end, mask and readout are the same, without the oscillator.\n"
            "utterances-N: N of ten recordings of each digit and speaker train the readout.\n"
            "snr-X: training and test clips have white noise X dB below the speech.\n"
            "spread: the standard deviation over draws of training clips."
        )
