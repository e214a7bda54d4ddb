"""How much of the amplitude comes back, and after how many nodes?"""

import numpy as np

from reservoir._checks import check_integer_value, check_number


def mean_slope(oscillator, drive_range):
    """Mean slope of the amplitude at rest over the range, per threshold current."""
    low, high = (float(limit) for limit in drive_range)
    threshold = oscillator.drive_unit
    change = np.sqrt(oscillator.stationary_power(high * threshold)) - np.sqrt(
        oscillator.stationary_power(low * threshold)
    )
    return float(change) / (high - low)


def check_feedback(owner):
    name = type(owner).__name__
    check_number(owner, "feedback_gain")
    if owner.loop_gain is not None:
        check_number(owner, "loop_gain", rule="finite, or None to use feedback_gain")
        if owner.feedback_gain:
            raise ValueError(
                f"{name} has a feedback_gain of {owner.feedback_gain!r} and a loop_gain of "
                f"{owner.loop_gain!r}; they say the same, give one of them."
            )
    delays = owner.feedback_delay
    if delays is not None:
        several = isinstance(delays, tuple | list) and len(delays) > 0
        for delay in delays if several else (delays,):
            check_integer_value(f"{name}.feedback_delay", delay, 1)
