"""What is a row of a table called in a paper?

A method such as ``oscillator-taps-noise`` is a base and what differs from it. The names in
results are a contract; the titles here are for readers.
"""

import re
from collections.abc import Iterable

from reservoir.experiments.results import Row

CONTROLS = {"layers": "the same in software", "digits": "front end alone"}
BASES = {
    "binding": "three coupled oscillators",
    "centroid-2": "nearest centroid of two combinations",
    "comparator": "uncoupled oscillators, wide comparator",
    "control": "masked drive alone",
    "convolution": "convolution by spin diodes",
    "convolution-control": "the same convolution in software",
    "coupled": "coupled oscillators",
    "echo-state": "echo-state network",
    "generalization-rank": "generalisation rank",
    "information": "information processing capacity",
    "k-neighbors": "k nearest neighbours",
    "kernel-rank": "kernel rank",
    "layers": "layers of spin diodes and oscillators",
    "lda": "linear discriminants",
    "lda-sources": "linear discriminants of the source frequencies",
    "linear-taps": "linear taps",
    "logistic": "logistic regression",
    "majority": "majority class",
    "mean": "mean of the target",
    "memory": "short-term memory",
    "memoryless": "present input alone",
    "mlp": "multilayer perceptron",
    "mlp-large": "multilayer perceptron, 64 hidden units",
    "mlp-same": "multilayer perceptron, one hidden unit",
    "mlp-same-16": "multilayer perceptron, 96 hidden units",
    "mlp-two": "multilayer perceptron, two hidden units",
    "network-gradient": "four oscillators, learned by slopes",
    "network-gradient-10": "ten oscillators, learned by slopes",
    "network-gradient-16": "16 oscillators, learned by slopes",
    "network-online": "four oscillators, learned by tuning",
    "network-online-noise": "four oscillators, learned by tuning, 0.3 MHz linewidth",
    "network-search": "four oscillators, designed",
    "network-search-10": "ten oscillators, designed",
    "network-search-16": "16 oscillators, designed",
    "network-search-5": "five oscillators, designed",
    "network-search-6": "six oscillators, designed",
    "network-search-8": "eight oscillators, designed",
    "network-search-noise": "four oscillators, designed, 0.3 MHz linewidth",
    "no-feedback": "one oscillator without feedback",
    "one-layer": "one layer of spin diodes",
    "oscillator": "one oscillator",
    "other-task": "layers that learned another task",
    "parity": "parity",
    "qda": "quadratic discriminants",
    "quadratic-taps": "quadratic taps",
    "random-forest": "random forest",
    "rectifier": "static rectifier",
    "recurrent": "recurrent layers of spin diodes and oscillators",
    "ridge": "ridge",
    "shuffled": "layers with exchanged signs",
    "svm-rbf": "support-vector machine",
    "uncoupled": "the same oscillators uncoupled",
}
SUFFIXES = {
    "copies": "copies at other speeds",
    "coupled": "coupled",
    "free": "running freely",
    "gradient": "learned by slopes",
    "last": "last layer learned anew",
    "linear": "linear readout",
    "linewidth": "0.3 MHz linewidth",
    "noise": "1 % readout noise",
    "off": "coupling switched off",
    "once": "asked once",
    "own": "own masks",
    "pattern": "one pattern a class",
    "sparse": "sparse mask",
    "stiff": "stiff frequencies",
    "taps": "taps",
    "untrained": "untrained",
    "vote": "frames vote",
}
# What the number behind a base counts.
COUNTED = {
    "coupled": "coupling {}",
    "echo-state": "{} units",
    "layers": "{} neurons",
    "lda-sources": "of {} oscillators",
    "no-feedback": "{} nodes",
    "oscillator": "{} nodes",
}


FRONT_END_TITLES = {
    "cochleagram-lyon": "Lyon's ear",
    "mfcc": "MFCC",
    "spectrogram-log-power": "log-power spectrogram",
    "spectrogram-magnitude": "magnitude spectrogram",
    "spectrogram-signed": "signed spectrogram",
}


def titles_of(rows: Iterable[Row]) -> dict[str, str]:
    """The readable names of the methods of some rows.

    Parameters
    ----------
    rows : iterable of Row

    Returns
    -------
    dict of str to str
    """
    return {row.method: title_of(row.method, row.task) for row in rows}


def title_of(method: str, task: str = "") -> str:
    """The readable name of a method.

    Parameters
    ----------
    method : str
        As in the rows.
    task : str, default=""
        As in the rows; a control has another name in layers than in reservoirs.

    Returns
    -------
    str
        What is not known stands as it is.

    Examples
    --------
    >>> from reservoir.experiments.titles import title_of
    >>> title_of("oscillator-taps-noise", "digits")
    'one oscillator, taps, 1 % readout noise'
    >>> title_of("control", "digits"), title_of("echo-state-400")
    ('front end alone', 'echo-state network, 400 units')
    """
    words = method.split("-")
    for length in range(len(words), 0, -1):
        base = "-".join(words[:length])
        if base in BASES:
            break
    else:
        return method
    room = task.removeprefix("robustness-").split("-")[0]
    title = CONTROLS.get(room, BASES[base]) if base == "control" else BASES[base]
    return ", ".join([title, *(_rest(base, word) for word in words[length:])])


def _rest(base: str, word: str) -> str:
    if re.fullmatch(r"[0-9.]+", word):
        return COUNTED.get(base, "{}").format(word)
    if re.fullmatch(r"R[0-9]+", word):
        return f"dispersion {word[1:]}"
    return SUFFIXES.get(word, word)
