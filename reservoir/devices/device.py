"""What must a device offer so that the estimators can use it?

A device is a frozen description in SI units. It derives from `Device`, which has defaults for
most entries of this list:

``drive_unit``
    The unit of the estimators' `drive_range`. The default is the device's
    `threshold_current`, in A. A device that is driven by a frequency gives one in Hz, and a
    device whose drive has no unit gives 1.
``silent_below_threshold``
    Whether nothing can be read of the device as long as the drive stays below that unit; True
    by default.
``default_node_time(n_nodes)``
    How long a current is held, in s, if the user does not say so. The default is
    ``1.67 / damping_rate``.
``stationary_power(current)``
    The power in which every sequence starts. A device that chooses its own start leaves the
    default, 1.
``abilities()``
    What the estimators may ask of the device beyond an answer to held currents: a set of
    `Ability`, empty by default.
``respond(current, hold_time)``
    The answer of a device without abilities. It gets rows of held currents, an array of shape
    (n_rows, n_steps) that it must not change, and returns what is read at the end of every
    hold, an array of the same shape. Every row begins anew, and no row depends on another.
``takes_padding``
    Whether a row may go on after the end of its sequence; True by default. The answers after
    the end are not used. A device that sets it to False gets rows as long as their sequences.

Such a device is a class of some forty lines in a file of its own, and nothing in this package
has to know it; `examples/plot_own_device.py` shows one. If the class is a frozen dataclass,
its fields are also parameters of the estimators (``oscillator__field``), and
`reservoir.save` stores it with the model.

A device with `Ability.RATES` needs no `respond`: it hands four numbers to the exact kernel.
Its base class is `reservoir.devices.logistic.LogisticOscillator`.
"""

import enum
import math
from typing import TYPE_CHECKING, ClassVar

from reservoir._types import ArrayLike, FloatOrArray, Floats
from reservoir.devices.description import Description


class Ability(enum.Enum):
    """What the estimators may ask of a device beyond its answer to held currents.

    Examples
    --------
    >>> from reservoir.devices import Ability, MackeyGlassNode, SpinTorqueOscillator
    >>> Ability.RATES in SpinTorqueOscillator.from_preset("torrejon2017").abilities()
    True
    >>> Ability.NOISE in MackeyGlassNode.from_preset("appeltant2011").abilities()
    False
    """

    RATES = "rates"
    """The power is logistic: ``rate_coefficients()`` lets the exact kernel play the device,
    with feedback, coupling, a drift of the current, and a power to start from."""

    NOISE = "noise"
    """The exact kernel can add thermal noise, and read power, frequency and phase. The device
    also has a `nonlinear_damping`, as `reservoir.SpinTorqueOscillator` has."""

    TRANSPARENT = "transparent"
    """There is no device: the masked drive itself is read."""


MAX_STEPS = 1e8  # of the integration of one hold, which takes seconds
NODE_TIME = 1.67  # The default node time, in units of 1 / damping_rate.


class Device(Description):
    """Base of all devices that are driven: the defaults of the protocol.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from reservoir import TimeMultiplexedReservoir
    >>> from reservoir.devices import Device
    >>> @dataclass(frozen=True)
    ... class Rectifier(Device):
    ...     silent_below_threshold = False
    ...     drive_unit = 1.0
    ...     damping_rate = 1e6
    ...
    ...     def respond(self, current, hold_time):
    ...         return np.maximum(current, 0)
    >>> X = [np.random.default_rng(0).normal(size=(20, 2))]
    >>> reservoir = TimeMultiplexedReservoir(Rectifier(), n_nodes=5, random_state=0)
    >>> states = reservoir.fit_transform(X)
    >>> bool((states[0] >= 0).all())
    True
    """

    silent_below_threshold: ClassVar[bool] = True
    takes_padding: ClassVar[bool] = True

    if TYPE_CHECKING:  # Fields in some classes, properties in others.

        @property
        def threshold_current(self) -> float:
            """The default of `drive_unit`, in A."""

        @property
        def damping_rate(self) -> float:
            """The default node time is 1.67 over this, in 1/s."""

    @property
    def drive_unit(self) -> float:
        """Unit of the estimators' `drive_range`: the threshold current, in A."""
        unit: float | None = getattr(self, "threshold_current", None)
        if unit is None:
            raise TypeError(
                f"A {type(self).__name__} has neither a drive_unit nor a threshold_current; "
                "write drive_unit = 1.0 into the class if its drive has no unit."
            )
        return unit

    def abilities(self) -> frozenset[Ability]:
        """What the estimators may ask of this device: nothing but ``respond``."""
        return frozenset()

    def default_node_time(self, n_nodes: int) -> float:
        """Time to hold a current if the user gives none, in s.

        Parameters
        ----------
        n_nodes : int
            Held currents for each frame.

        Raises
        ------
        ValueError
            If nothing decays, so that the device has no time of its own.
        """
        rate: float = getattr(self, "damping_rate", 0.0)
        if not rate > 0:
            raise ValueError(
                f"This {type(self).__name__} has no damping_rate above 0, so nothing says "
                "how long to hold a current; set node_time."
            )
        return NODE_TIME / rate

    def stationary_power(self, current: ArrayLike) -> FloatOrArray:
        """Power at rest; 1 where the device has no use for it."""
        return 1.0

    def respond(self, current: Floats, hold_time: float) -> Floats:
        """What is read at the end of every hold, for rows of held currents.

        Parameters
        ----------
        current : ndarray of shape (n_rows, n_steps)
            In A, or in the device's own unit; not to be changed.
        hold_time : float
            In s.

        Returns
        -------
        ndarray of shape (n_rows, n_steps)

        Raises
        ------
        NotImplementedError
            If the class does not say what the device answers.
        """
        raise NotImplementedError(
            f"{type(self).__name__} does not say what it answers; give it a method "
            "respond(current, hold_time)."
        )

    def _whole_steps(self, steps: float, hold_time: float) -> int:
        """The number of integration steps of a hold, which must be one that can be made."""
        if not steps <= MAX_STEPS:
            raise ValueError(
                f"A hold of {hold_time:.3g} s takes this {type(self).__name__} {steps:.3g} "
                f"integration steps; at most {MAX_STEPS:.0e} are made. Take a shorter "
                "hold_time; times are in s."
            )
        return max(math.ceil(steps), 1)
