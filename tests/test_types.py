"""Does a type checker see the public surface, so that it finds a user's mistake?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import reservoir

pytestmark = pytest.mark.slow
PACKAGE = Path(reservoir.__file__).parent

PROGRAM = """
import numpy as np
from reservoir import (
    MaskEnsembleClassifier,
    OscillatorNetwork,
    ReservoirClassifier,
    simulate,
)
from reservoir.audio import MFCC, SpeechClassifier, at_rate
from reservoir.devices import SpinTorqueOscillator
from reservoir.masks import Ripple

device = SpinTorqueOscillator.from_preset("torrejon2017")
model = ReservoirClassifier(device, 100, random_state=0)
labels = model.fit([np.zeros((5, 2))] * 4, [0, 1, 0, 1]).predict([np.zeros((5, 2))])
amplitude = simulate(device, np.full(10, 7e-3), 1e-6)
network = OscillatorNetwork(n_oscillators=4, coupling=1e6)
ensemble = MaskEnsembleClassifier(ReservoirClassifier(mask=Ripple((0.1, 0.2))), 3)
speech = SpeechClassifier(8000, front_end=MFCC(8000), speeds=(), random_state=0)
word = speech.fit([at_rate(amplitude, 16000, 8000)] * 4, [0, 1, 0, 1], groups=[0, 0, 1, 1])
margins = word.decision_function([amplitude]).max()
"""
# A wrong line, and what the checker says of it.
MISTAKES = {
    "ReservoirClassifier(n_node=100)": 'Unexpected keyword argument "n_node"',
    "ReservoirClassifier(device, 100, 1e-6)": "Too many positional arguments",
    "ReservoirClassifier(noise=0.1)": 'Unexpected keyword argument "noise"',
    "OscillatorNetwork(injektion=1e7)": 'Unexpected keyword argument "injektion"',
    "simulate(device, amplitude, hold=1e-6)": 'Unexpected keyword argument "hold"',
    "SpinTorqueOscillator.preset('riou2017')": 'has no attribute "preset"',
    "SpeechClassifier()": 'Missing positional argument "sample_rate"',
    "SpeechClassifier(8000, None)": "Too many positional arguments",
    "MaskEnsembleClassifier(masks=3)": 'Unexpected keyword argument "masks"',
    "Ripple(0.1)": 'Argument 1 to "Ripple" has incompatible type "float"',
    "at_rate(amplitude, 8000)": 'Missing positional argument "new_rate"',
}


def check(folder, lines):
    """What mypy says of a program, line by line."""
    program = folder / "program.py"
    program.write_text(PROGRAM + "\n".join(lines) + "\n")
    environment = dict(os.environ)
    if "site-packages" not in PACKAGE.parts:
        environment["MYPYPATH"] = str(PACKAGE.parent)
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--allow-subclassing-any",
            "--allow-untyped-decorators",
            "--config-file=",
            f"--cache-dir={folder / 'cache'}",
            program.name,
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
    ).stdout


def test_a_checker_finds_wrong_keywords_and_nothing_else(tmp_path):
    found = check(tmp_path, MISTAKES)
    messages = [line for line in found.splitlines() if line.startswith("program.py")]
    errors = [line for line in messages if ": error:" in line]
    assert len(errors) == len(MISTAKES), found
    for error, message in zip(errors, MISTAKES.values(), strict=True):
        assert message in error
