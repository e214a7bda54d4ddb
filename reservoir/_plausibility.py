"""Which numbers look as if they were given in another unit than the SI's?

A number is compared with a scale of the device that it belongs to, never with a scale of
nature: a delay node of optics and a vortex have times that differ by powers of ten. A number
that only a forgotten prefix explains is legal, and a warning names the factor. What is larger
still is meant as it is.
"""

import math

from reservoir._warnings import warn_user
from reservoir.exceptions import UnitsWarning

MANY_THRESHOLDS = 100.0  # More is legal, but seldom meant.
MANY_RELAXATIONS = 1e7
MANY_NODE_TIMES = 1e5  # of the time that the device itself would take
BEYOND = 1e6  # What exceeds those by this factor is no forgotten prefix.
HIGH_THRESHOLD = 0.1  # A: no nano-oscillator that was measured needs more.
SLOWEST, FASTEST = 1e-5, 2 * math.pi  # damping rates, in units of the frequency
USUAL_DAMPING = 1e-2  # the same, in the middle of what is known
LOW_FREQUENCY = 1e5  # Hz: none that was measured emits there.
# Factors by which a number is too large if its prefix was forgotten.
OF_CURRENTS = {1e3: "mA", 1e6: "uA"}
OF_TIMES = {1e3: "ms", 1e6: "us", 1e9: "ns"}


def warn_of_current(largest: float, threshold: float) -> None:
    """Warn of a current of hundreds of thresholds.

    Parameters
    ----------
    largest : float
        Current, in A.
    threshold : float
        In A.

    Warns
    -----
    UnitsWarning
        Here and below, if a number is too large or too small by what a prefix makes out.
    """
    overdrive = largest / threshold
    if MANY_THRESHOLDS < overdrive < MANY_THRESHOLDS * BEYOND:
        warn_user(
            f"A current is {overdrive:.3g} times the threshold of {threshold:.3g} A. "
            f"Currents are in A: 7 mA is 7e-3.{_suspicion(overdrive, OF_CURRENTS)}",
            UnitsWarning,
        )


def warn_of_hold(hold_time: float, damping_rate: float) -> None:
    """Warn of a hold of millions of relaxation times.

    Parameters
    ----------
    hold_time : float
        In s.
    damping_rate : float
        In 1/s.
    """
    relaxations = hold_time * damping_rate
    if MANY_RELAXATIONS < relaxations < MANY_RELAXATIONS * BEYOND:
        warn_user(
            f"A hold of {hold_time:.3g} s is {relaxations:.3g} times the relaxation time "
            "1/damping_rate. Times are in s: 100 ns is 100e-9."
            f"{_suspicion(relaxations, OF_TIMES)}",
            UnitsWarning,
        )


def warn_of_node_time(node_time: float, usual: float) -> None:
    """Warn of a node time that is far above the one that the device would take.

    Parameters
    ----------
    node_time, usual : float
        In s.
    """
    ratio = node_time / usual
    if MANY_NODE_TIMES < ratio < MANY_NODE_TIMES * BEYOND:
        warn_user(
            f"node_time is {node_time:.3g} s, {ratio:.3g} times the {usual:.3g} s that this "
            "device would take. Times are in s: 100 ns is 100e-9."
            f"{_suspicion(ratio, OF_TIMES)}",
            UnitsWarning,
        )


def warn_of_measured(threshold: float, frequency: float | None) -> None:
    """Warn of a measured device with a threshold of amperes, or a frequency of hertz.

    Parameters
    ----------
    threshold : float
        In A.
    frequency : float or None
        In Hz; None if it was not measured.
    """
    if threshold > HIGH_THRESHOLD:
        warn_user(
            f"The measured curve has a threshold of {threshold:.3g} A. Currents are in A: a "
            "threshold of 3.5 mA is 3.5e-3. A factor of 1e3 is suspected, as of mA.",
            UnitsWarning,
        )
    if frequency is not None and frequency < LOW_FREQUENCY:
        factor, unit = ("1e6", "MHz") if frequency > 50 else ("1e9", "GHz")
        warn_user(
            f"The measured frequency is {frequency:.3g} Hz. Frequencies are in Hz: 300 MHz "
            f"is 300e6. A factor of {factor} is suspected, as of {unit}.",
            UnitsWarning,
        )


def warn_of_damping(damping_rate: float, frequency: float) -> None:
    """Warn of a damping rate that does not belong to the frequency of its oscillator.

    Parameters
    ----------
    damping_rate : float
        Measured or given, in 1/s.
    frequency : float
        In Hz.
    """
    ratio = damping_rate / frequency
    if SLOWEST <= ratio <= FASTEST or not ratio > 0:
        return
    slow = ratio < SLOWEST  # as if a relaxation time had lost its prefix
    warn_user(
        f"A damping rate of {damping_rate:.3g} 1/s does not fit a frequency of "
        f"{frequency:.3g} Hz. Times are in s and rates in 1/s: 400 ns is 400e-9."
        f"{_suspicion(USUAL_DAMPING / ratio, OF_TIMES) if slow else ''}",
        UnitsWarning,
    )


def _suspicion(ratio: float, factors: dict[float, str]) -> str:
    """The factor that brings a ratio nearest to 1."""
    factor = min(factors, key=lambda factor: abs(math.log(ratio / factor)))
    return f" A factor of {factor:.0e} is suspected, as of {factors[factor]}.".replace(
        "+0", ""
    )
