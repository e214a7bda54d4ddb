"""Which trimming, which copies, which normalisation? Judged on inner folds only.

    python studies/speech_choices.py speaker [--candidates NAME ...]     (FSDD)
    python studies/speech_choices.py index [--candidates NAME ...]

speaker: two speakers are left out together. One oscillator with taps is fitted to the other
four and judged on both, and the three pairs make every speaker a judge once. No fit here sees
five speakers; the fits of `reservoir digits --protocol speaker`, which tests, do.
index: only recordings 5 to 49 are used, in two of five folds by recording number.

There is one mask (seed 0), so differences below a point (speaker) or 0.1 points (index) are
undecided. `docs/speech.md` holds what it gave.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse

import numpy as np

from reservoir import ReservoirClassifier, datasets
from reservoir.audio import MFCC, Cochleagram, Noise, SpeakerNormalizer, Speed, Trim
from reservoir.audio.copies import average_decision, fit_to_copies

TRIM = Trim(8000)
COPIES = (1.0, 0.85, 1.15)
EAR = Cochleagram(8000)
LYON = Cochleagram(8000, model="lyon")
SPARSE = {"mask": "sparse", "standardize": True}


def larger(n_nodes, n_segments):
    """Settings of an oscillator with more nodes and other segments."""
    return {"n_nodes": n_nodes, "n_segments": n_segments}


# name: (steps before the front end, front end, speeds, settings, normalise?)
CANDIDATES = {
    "speaker": {
        "nothing": ([], EAR, (1.0,), {}, False),
        "copies": ([], EAR, COPIES, {}, False),
        "noise": ([Noise(30)], EAR, COPIES, {}, False),
        "trim": ([TRIM], EAR, (1.0,), {}, False),
        "trim, normalise": ([TRIM], EAR, (1.0,), {}, True),
        "trim 25, copies": ([Trim(8000, decibels=25)], EAR, COPIES, {}, False),
        "trim 30, copies": ([Trim(8000, decibels=30)], EAR, COPIES, {}, False),
        "trim 35, copies": ([Trim(8000, decibels=35)], EAR, COPIES, {}, False),
        "trim, copies": ([TRIM], EAR, COPIES, {}, False),
        "trim, copies .9 1.1": ([TRIM], EAR, (1.0, 0.9, 1.1), {}, False),
        "trim, copies .8 1.2": ([TRIM], EAR, (1.0, 0.8, 1.2), {}, False),
        "trim, copies, sparse": ([TRIM], EAR, COPIES, SPARSE, False),
        "trim, copies, 6 segments": ([TRIM], EAR, COPIES, {"n_segments": 6}, False),
        "trim, copies, normalise": ([TRIM], EAR, COPIES, {}, True),
        "trim, copies, 600 nodes x 3": ([TRIM], EAR, COPIES, larger(600, 3), False),
        "trim, copies, 1000 nodes x 3": ([TRIM], EAR, COPIES, larger(1000, 3), False),
        "trim, copies, 1000 nodes x 2": ([TRIM], EAR, COPIES, larger(1000, 2), False),
        "trim, copies, 1500 nodes x 2": ([TRIM], EAR, COPIES, larger(1500, 2), False),
    },
    "index": {
        "nothing": ([], EAR, (1.0,), {}, False),
        "sparse": ([], EAR, (1.0,), SPARSE, False),
        "lyon, sparse": ([], LYON, (1.0,), SPARSE, False),
        "mfcc": ([], MFCC(8000), (1.0,), {"standardize": True}, False),
        "copies .95 1.05": ([], EAR, (1.0, 0.95, 1.05), {}, False),
        "copies .95 1.05, sparse": ([], EAR, (1.0, 0.95, 1.05), SPARSE, False),
        "copies .9 1.1": ([], EAR, (1.0, 0.9, 1.1), {}, False),
        "copies .9 1.1, mfcc": (
            [],
            MFCC(8000),
            (1.0, 0.9, 1.1),
            {"standardize": True},
            False,
        ),
        "trim, copies .9 1.1": ([TRIM], EAR, (1.0, 0.9, 1.1), {}, False),
        "copies .85 1.15": ([], EAR, COPIES, {}, False),
    },
}


def inner_folds(protocol, recordings):
    """Training and judging clips, and for each judge its mark."""
    if protocol == "speaker":
        names = np.unique(recordings.speakers)
        for pair in names.reshape(-1, 2):
            judges = np.isin(recordings.speakers, pair)
            yield np.flatnonzero(~judges), np.flatnonzero(judges)
    else:
        for fold in range(2):
            judges = (recordings.indices >= 5) & (recordings.indices % 5 == fold)
            others = (recordings.indices >= 5) & ~judges
            yield np.flatnonzero(others), np.flatnonzero(judges)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    protocols = parser.add_subparsers(dest="protocol", required=True)
    for name, candidates in CANDIDATES.items():
        protocols.add_parser(name).add_argument(
            "--candidates", nargs="+", choices=candidates, default=list(candidates)
        )
    options = parser.parse_args()
    protocol = options.protocol
    recordings = datasets.fetch_fsdd()
    y, speakers = recordings.target, recordings.speakers
    for name in options.candidates:
        steps, ear, speeds, settings, normalise = CANDIDATES[protocol][name]
        copies = []
        for speed in speeds:
            clips = recordings.data
            for step in (*steps, Speed(speed), ear):
                clips = step.transform(clips)
            copies.append(clips)
        once, asked = np.zeros(len(y)), np.zeros(len(y))
        judged = []
        for train, judges in inner_folds(protocol, recordings):
            heard = [copy[train] for copy in copies]
            test = [copy[judges] for copy in copies]
            if normalise:
                normalizer = SpeakerNormalizer(ear.center_frequencies()).fit(heard[0])
                heard = [normalizer.transform(copy) for copy in heard]
                test = [normalizer.transform(copy) for copy in test]
            model = ReservoirClassifier(context=(4, 8), random_state=0, **settings)
            groups = speakers[train] if protocol == "speaker" else None
            fit_to_copies(model, heard, y[train], groups)
            once[judges] = model.predict(test[0]) == y[judges]
            asked[judges] = average_decision(model, test).argmax(axis=1) == y[judges]
            judged.extend(judges)
        parts = ""
        if protocol == "speaker":
            parts = [
                round(100 * asked[speakers == name].mean()) for name in np.unique(speakers)
            ]
        print(
            f"{name:<28} clip alone {100 * once[judged].mean():.2f}, "
            f"with its copies {100 * asked[judged].mean():.2f} {parts}",
            flush=True,
        )


if __name__ == "__main__":
    main()
