"""At the largest numbers there are, a device answers with a number or with a sentence."""

import re
import warnings

import numpy as np
import pytest

from reservoir import SimulationError, observe, simulate
from reservoir.devices import Ability, SpinTorqueOscillator
from reservoir.devices.catalogue import PRESET_CLASSES

METHODS = (
    "overdrive",
    "growth_rate",
    "saturation_rate",
    "stationary_power",
    "stationary_amplitude",
    "stationary_frequency",
    "nonlinear_shift",
    "relaxation_time",
)
CURRENTS = (1.7e308, -1.7e308, 1e304, -1e304, 1e300, [1e-3, 1.7e308], [1.0, -1e300])
OSCILLATOR = SpinTorqueOscillator(
    1e-3, 1e6, 1.0, frequency=3e8, nonlinear_frequency_shift=4e6
)


@pytest.mark.filterwarnings("ignore::reservoir.UnitsWarning")
@pytest.mark.parametrize("current", CURRENTS, ids=str)
@pytest.mark.parametrize("kind", PRESET_CLASSES, ids=lambda kind: kind.__name__)
def test_currents_of_any_size_give_numbers_or_a_sentence(kind, current):
    device = kind.from_preset(next(iter(kind.presets)))
    rows = np.atleast_2d(np.array(current, dtype=float))
    questions = [getattr(device, name, None) for name in METHODS]
    questions = [question for question in questions if callable(question)]
    questions.append(lambda values: simulate(device, np.atleast_2d(values), 1e-8))
    if Ability.NOISE in device.abilities():
        questions.append(lambda values: observe(device, np.atleast_2d(values), 1e-8)[0])
    for question in questions:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                answer = question(rows[0])
            except (ValueError, SimulationError) as error:
                assert re.match(
                    r"(A|The) (current|source|frequency) .*\.$", str(error), re.DOTALL
                )
            else:
                assert np.isfinite(answer).all()


def test_the_sentence_names_what_would_be_no_number():
    assert OSCILLATOR.overdrive(1e300) == 1e303
    with pytest.raises(ValueError, match="overdrive is beyond double precision"):
        OSCILLATOR.overdrive(1.7e308)
    with pytest.raises(ValueError, match="growth_rate is beyond double precision"):
        OSCILLATOR.relaxation_time(1e304)
