"""The commands that learn the words of a folder of recordings, and hear them in files."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reservoir._hdf5 import opened_form
from reservoir._terminal import print_to, say
from reservoir._types import Array, Floats
from reservoir._work import Work
from reservoir.audio import SpeechClassifier
from reservoir.datasets.recordings import PATTERN
from reservoir.exceptions import StorageError
from reservoir.experiments import option_types
from reservoir.experiments.options import Commands, OneLineParser
from reservoir.experiments.output_checks import refuse_replacing
from reservoir.experiments.own_recordings import listed, load_folder
from reservoir.multiplexing.classifier import labels_of
from reservoir.storage.model import MODEL

MAX_LEFT_OUT = 10  # speakers who are left out one by one; more are left out in as many groups
N_FOLDS = 5  # of clips, if speakers are not known
BATCH = 64  # files that are predicted at once


def add_commands(commands: Commands) -> None:
    """Add `train` and `predict` to a parser.

    A parsed command leaves `work`, which makes a `Work` of the options.

    Parameters
    ----------
    commands : what `argparse.ArgumentParser.add_subparsers` gives
    """
    _add_train(commands)
    _add_predict(commands)


def _add_train(commands: Commands) -> None:
    command = commands.add_parser(
        "train",
        help="learn the words of a folder of recordings",
        description="One oscillator learns the labels of a folder of recordings. The model "
        "is written with its ear and its sampling rate to one file, which 'reservoir "
        "predict' reads.",
    )
    command.add_argument(
        "folder", metavar="FOLDER", help="The folder of clips; its sub-folders are searched."
    )
    command.add_argument(
        "--pattern",
        type=option_types.pattern,
        default=PATTERN,
        help="What the names of the clips mean: parts in braces, or a regular expression "
        "with the groups (?P<label>...) and (?P<speaker>...), of the whole path below the "
        "folder. The label is needed, the speaker makes the model fit for new voices "
        f"(default: {PATTERN}).",
    )
    command.add_argument(
        "--out",
        type=option_types.new_results,
        required=True,
        metavar="MODEL.h5",
        help="The model is written to this HDF5 file; an earlier model is replaced.",
    )
    _add_sizes(command)
    command.add_argument(
        "--check",
        action="store_true",
        help="It is also measured how well the model does on voices that were left out of "
        "training, or on clips if the speakers are not known. It takes several times as "
        "long.",
    )
    command.set_defaults(work=Train, parser=command)


def _add_sizes(command: OneLineParser) -> None:
    command.add_argument(
        "--nodes",
        type=option_types.positive,
        default=400,
        metavar="N",
        help="The number of virtual nodes (default: 400).",
    )
    command.add_argument(
        "--masks",
        type=option_types.positive,
        default=3,
        metavar="N",
        help="The number of random masks whose decisions are averaged (default: 3).",
    )
    command.add_argument(
        "--speeds",
        type=option_types.factor,
        nargs="*",
        default=[0.85, 1.15],
        metavar="F",
        help="Every clip is also learned and asked F times as fast; without a number there "
        "are no such copies (default: 0.85 1.15).",
    )
    command.add_argument(
        "--seed",
        type=option_types.seed,
        default=0,
        metavar="S",
        help="The seed of the masks (default: 0).",
    )
    command.add_argument(
        "--jobs",
        type=option_types.positive,
        default=2,
        metavar="N",
        help="The number of threads that share the work (default: 2).",
    )


def _add_predict(commands: Commands) -> None:
    command = commands.add_parser(
        "predict",
        help="recognise recordings with a model that was trained",
        description="The label of each file, and by how much its decision value is above "
        "the next one.",
    )
    command.add_argument(
        "model", metavar="MODEL.h5", help="The file that 'reservoir train' wrote."
    )
    command.add_argument(
        "files",
        nargs="+",
        metavar="FILE.wav",
        help="The recordings. One of another sampling rate is resampled, unless it holds too "
        "little of what the model hears.",
    )
    command.add_argument(
        "--json",
        type=option_types.new_file_or_output,
        metavar="FILE",
        help="File, label and margin are written to this file as JSON. A '-' means standard "
        "output; the table then goes to standard error.",
    )
    command.set_defaults(work=Predict, parser=command)


# ---------------------------------------------------------------------- train


class Train(Work):
    """Learn a folder, write the model, and say what was learned.

    Parameters
    ----------
    options : argparse.Namespace
    """

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options)
        self.if_nothing_is_written = f"{options.out} was not written."

    def run(self, go_on: Callable[[], None]) -> int:
        """Work, and give the exit status.

        Parameters
        ----------
        go_on : callable
            Raises if a signal asks to end.

        Returns
        -------
        int
        """
        from reservoir.storage import save

        options, start = self.options, time.perf_counter()
        if os.path.exists(options.out):
            with opened_form(options.out, MODEL):  # Refuses to replace something else.
                pass
        clips = load_folder(options.folder, options.pattern)
        groups = clips.get("speakers")
        if groups is not None and len(np.unique(groups)) < 2:
            groups = None
        try:
            model = self._model(clips).fit(clips.data, clips.target, groups)
            go_on()
            self.write("out", lambda path: save(model, path))
            written = f"{options.out} was written in {time.perf_counter() - start:.0f} s."
            text = f"{_summary(model, clips, groups)}\n{written}"
            status = print_to(sys.stdout, text)
            right = "How often it is right was not measured; --check measures it."
            if options.check and not status:  # A failure leaves file and summary as they are.
                right = self._checked(clips, groups, go_on)
            return status or print_to(sys.stdout, right)
        except ValueError as error:
            say(str(error))
            return 1

    def _model(self, clips: Any) -> SpeechClassifier:
        options = self.options
        return SpeechClassifier(
            clips.sample_rate,
            n_nodes=options.nodes,
            n_masks=options.masks,
            speeds=tuple(dict.fromkeys(options.speeds)),
            random_state=options.seed,
            n_jobs=options.jobs,
        )

    def _checked(self, clips: Any, groups: Array | None, go_on: Callable[[], None]) -> str:
        """How often a model is right that has not seen the clips, in a sentence."""
        from sklearn.model_selection import GroupKFold, StratifiedKFold
        from tqdm import tqdm

        if groups is None:
            n_folds = min(N_FOLDS, int(np.unique(clips.target, return_counts=True)[1].min()))
            if n_folds < 2:
                return (
                    "How often it is right cannot be measured, because a class has one clip "
                    "only; record more."
                )
            splitter = StratifiedKFold(n_folds, shuffle=True, random_state=self.options.seed)
        else:
            splitter = GroupKFold(min(len(np.unique(groups)), MAX_LEFT_OUT))
        folds = list(splitter.split(clips.target, clips.target, groups))
        right = np.zeros(len(clips.target), dtype=bool)
        bar = tqdm(folds, unit="fit", leave=False, file=sys.stderr, disable=None)
        for train, test in bar:
            known = None if groups is None else groups[train]
            if known is not None and len(np.unique(known)) < 2:
                known = None
            model = self._model(clips)
            model.fit([clips.data[i] for i in train], clips.target[train], known)
            right[test] = model.predict([clips.data[i] for i in test]) == clips.target[test]
            go_on()
        return _verdict(right, groups, len(folds))


def _verdict(right: Array, groups: Array | None, n_folds: int) -> str:
    """How often clips that were left out were recognised, in a sentence."""
    share = f"It is right in {100 * right.mean():.1f} % of the clips"
    if groups is None:
        from reservoir.experiments.results import wilson_interval

        low, high = wilson_interval(right.mean(), len(right))
        return (
            f"{share} that were left out of training ({n_folds} folds; 95 % interval "
            f"{100 * low:.1f} to {100 * high:.1f} %). New voices may do worse."
        )
    speakers = np.unique(groups)
    shares = [right[groups == speaker].mean() for speaker in speakers]
    worst, best = int(np.argmin(shares)), int(np.argmax(shares))
    how = "one by one" if n_folds == len(speakers) else f"in {n_folds} groups"
    return (
        f"{share} of speakers who were left out of training, {how}: from "
        f"{100 * shares[worst]:.1f} % of those of {speakers[worst]} to "
        f"{100 * shares[best]:.1f} % of those of {speakers[best]}."
    )


def _summary(model: SpeechClassifier, clips: Any, groups: Array | None) -> str:
    """What was learned, in a few lines."""
    classes = model.classes_.tolist()
    strengths = [f"{member.alpha_:g}" for member in model.classifier_.classifiers_]
    if groups is not None:
        voices = (
            f"Its settings were chosen for new voices, by leaving out some of the "
            f"{len(np.unique(groups))} speakers: {listed(np.unique(groups).tolist())}."
        )
    elif "speakers" in clips:
        voices = (
            f"New voices were not considered, because {clips.speakers[0]} is the only "
            "speaker; give clips of at least two."
        )
    else:
        voices = (
            "New voices were not considered, because the pattern names no {speaker}, so the "
            "voices may be recognised as well as the words."
        )
    return (
        f"{len(clips.data)} clips at {model.sample_rate} Hz were learned, of {len(classes)} "
        f"classes: {listed(classes)}.\n{voices}\n"
        f"Ridge strength of each mask: {', '.join(strengths)}. A decision takes "
        f"{model.n_plays} {'play' if model.n_plays == 1 else 'plays'} of a clip."
    )


# ---------------------------------------------------------------------- predict


@dataclass(frozen=True)
class Prediction:
    """What was recognised in a file.

    Attributes
    ----------
    file : str
    label : str or number
    margin : float
        The decision value of the label less the next best one.
    """

    file: str
    label: Any
    margin: float


class Predict(Work):
    """Recognise files, write JSON if it is wanted, and print a line for each file.

    Parameters
    ----------
    options : argparse.Namespace
    """

    if_nothing_is_written = "nothing was kept, because the labels are written at the end."

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options)
        self.found: list[Prediction] = []
        self.resampled: list[tuple[str, int]] = []
        self.n_failed = 0

    def run(self, go_on: Callable[[], None]) -> int:
        """Work, and give the exit status.

        Parameters
        ----------
        go_on : callable
            Raises if a signal asks to end.

        Returns
        -------
        int
        """
        options = self.options
        refuse_replacing(options, ("json",), (options.model, *options.files))
        model = _loaded(options.model)
        for begin in range(0, len(options.files), BATCH):
            self._predict(model, options.files[begin : begin + BATCH])
            go_on()
        self._tell_of_rates(model.sample_rate)
        status = self._write_and_print()
        return 1 if self.n_failed else status

    def _predict(self, model: SpeechClassifier, paths: Iterable[str]) -> None:
        """Predict those of some files that can be heard; tell why others cannot."""
        heard: list[tuple[str, Floats]] = []
        for path in paths:
            clip = self._heard(model, path)
            if clip is None:
                self.n_failed += 1
            else:
                heard.append((path, clip))
        if not heard:
            return
        decision = model.decision_function([clip for _, clip in heard])
        if decision.ndim == 1:
            margins = np.abs(decision)
        else:
            ordered = np.sort(decision, axis=1)
            margins = ordered[:, -1] - ordered[:, -2]
        labels = labels_of(model.classes_, decision).tolist()
        for (path, _), label, margin in zip(heard, labels, margins, strict=True):
            self.found.append(Prediction(path, label, float(margin)))

    def _heard(self, model: SpeechClassifier, path: str) -> Floats | None:
        """The waveform of a file at the model's rate, or None after a word why not."""
        from reservoir.audio import at_rate
        from reservoir.datasets import DatasetError
        from reservoir.datasets.waveforms import read_waveform

        try:
            clip, rate = read_waveform(path)
        except DatasetError as error:
            say(str(error))
            return None
        if not clip.any():
            say(f"{path} is silent, so it has no label; leave it out.")
            return None
        if rate == model.sample_rate:
            return clip
        highest = model.front_end_.highest_frequency(model.sample_rate)
        if rate / 2 < highest:
            say(
                f"{path} has {rate} Hz and so holds nothing above {rate / 2:g} Hz, but the "
                f"model hears up to {highest:g} Hz. Record it at {model.sample_rate} Hz, or "
                f"train a model on clips of {rate} Hz."
            )
            return None
        try:
            clip = at_rate(clip, rate, model.sample_rate)
        except ValueError as error:
            say(f"{path} cannot be resampled: {error}")
            return None
        self.resampled.append((path, rate))
        return clip

    def _tell_of_rates(self, sample_rate: float) -> None:
        """One sentence about all files that have another rate than the model."""
        if not self.resampled:
            return
        path, rate = self.resampled[0]
        if len(self.resampled) == 1:
            say(f"{path} has {rate} Hz and was resampled to the model's {sample_rate} Hz.")
        else:
            say(
                f"{len(self.resampled)} files were resampled to the model's {sample_rate} "
                f"Hz; the first is {path}, of {rate} Hz."
            )

    def _write_and_print(self) -> int:
        rows = json.dumps([vars(prediction) for prediction in self.found], indent=2)
        columns = [(row.file, str(row.label), f"{row.margin:.3f}") for row in self.found]
        wide, long = (max((len(row[k]) for row in columns), default=0) for k in (0, 1))
        text = "\n".join(f"{a:<{wide}}  {b:<{long}}  {c:>6}" for a, b, c in columns)
        return self.print_table(text, rows)


def _loaded(path: str) -> SpeechClassifier:
    """A model that hears waveforms; any other one is refused."""
    from reservoir.storage import load

    model = load(path)
    cure = (
        "make one with 'reservoir train FOLDER --out MODEL.h5', or fit and save a "
        "reservoir.audio.SpeechClassifier"
    )
    if not isinstance(model, SpeechClassifier):
        raise StorageError(
            f"{path} holds a {type(model).__name__}, which has no ear and no sampling rate, "
            f"so it cannot hear a file; {cure}."
        )
    if not hasattr(model, "classifier_"):
        raise StorageError(f"{path} holds a model that has learned nothing yet; {cure}.")
    return model
