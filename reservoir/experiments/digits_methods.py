"""Which methods stand in the tables of the digits, and what are they?"""

from collections.abc import Sequence

from reservoir.experiments.results import wilson_interval

CONTEXT = (4, 8)  # frames by which the taps are late
NOISE = 0.01  # readout noise of the rows with noise
TAPS_COUPLING = 0.2  # one of COUPLINGS, for the rows with taps
PROTOCOL_TITLES = {
    "official": "official split",
    "index": "ten folds by recording number",
    "speaker": "a speaker left out",
}
PROTOCOLS = tuple(PROTOCOL_TITLES)
POOLINGS = ("segments", "mean", "last", "vote")
QUICK_METHODS = ("majority", "control", "oscillator", "oscillator-taps", "ridge", "svm-rbf")
QUICK_COUPLED_METHODS = ("coupled-0", f"coupled-{TAPS_COUPLING:g}")
OSCILLATOR_METHODS = (
    "majority",
    "control",
    "oscillator",
    "oscillator-noise",
    "oscillator-sparse",
    "oscillator-sparse-noise",
    "control-taps",
    "oscillator-taps",
    "oscillator-taps-noise",
    "oscillator-sparse-taps",
)
# Fitted to copies of every clip at other speeds. The copies of a test clip vote; with
# "-once" the test clip itself decides.
COPIES_METHODS = (
    "control-taps-copies",
    "oscillator-taps-copies-once",
    "oscillator-taps-copies",
    "ridge-copies",
    "svm-rbf-copies",
)
NOTES = (
    "\ncontrol: the front end, mask and readout are the same, without the oscillator."
    "\nnoise: the readout noise is 1 %. sparse: each node hears 15 % of the "
    "channels, and each\nchannel is in units of its own spread. taps: each frame is "
    "joined by the frames 4 and 8\nframes earlier. ridge to mlp: these classifiers "
    "read the means of the segments of the\nfront end. spread: the standard "
    "deviation over folds, of the population."
)


def interval_note(value: float, n_clips: int) -> str:
    """How sure an accuracy on one test set is."""
    low, high = wilson_interval(value, n_clips)
    return (
        f"\nOne of the {n_clips} test clips is {100 / n_clips:.2f} points. The 95 % "
        f"interval of {100 * value:.1f} % is {100 * low:.1f} to {100 * high:.1f} %."
    )


def coupled_note(n_oscillators: int, n_nodes: int) -> str:
    """What the rows of coupled oscillators are."""
    return (
        f"\ncoupled-X: {n_oscillators} oscillators share the drive, and each "
        f"has {n_nodes // n_oscillators} nodes. X is their coupling\n"
        "over the damping rate. own: each oscillator has a mask, and so a "
        "drive, of its own."
    )


def copies_note(speeds: Sequence[float]) -> str:
    """What the rows of copies are."""
    return (
        "\ncopies: every clip and its copies at other speeds train the classifier. "
        f"The speeds are\n{', '.join(f'{speed:g}' for speed in speeds)}. The decision "
        "values are averaged over a test clip and its copies.\nonce: the test clip alone "
        "decides."
    )
