"""What is a fault, and into which estimators can it be put?"""

from typing import Any, ClassVar

import numpy as np

from reservoir.devices.description import Description


class Fault(Description):
    """Something that is wrong with the devices of a fitted estimator.

    Notes
    -----
    A subclass is a frozen dataclass. It states the ranges of its fields in the table
    ``_parameter_ranges``, the estimators that can have it in `hosts`, and what it does in
    `put_into`. All that is random in it comes from the generator that it is given.

    Attributes
    ----------
    hosts : tuple of classes
        Estimators that can have this fault.

    Examples
    --------
    >>> from reservoir.faults import DeadNodes, Fault
    >>> isinstance(DeadNodes(share=0.1), Fault)
    True
    """

    hosts: ClassVar[tuple[type[Any], ...]] = ()

    def check_host(self, estimator: Any) -> None:
        """Refuse an estimator of a class that cannot have this fault.

        Raises
        ------
        TypeError
        """
        if not isinstance(estimator, self.hosts):
            names = " or ".join(host.__name__ for host in self.hosts)
            raise TypeError(
                f"A {type(estimator).__name__} cannot have a {type(self).__name__}; give a "
                f"fitted {names}. Of a pipeline, give the step."
            )

    def check_parts(self, estimator: Any) -> None:
        """Refuse a fitted estimator that lacks the parts that this fault is of.

        Raises
        ------
        ValueError
        """

    def put_into(self, estimator: Any, generator: np.random.Generator) -> None:
        """Give an estimator this fault.

        Parameters
        ----------
        estimator : estimator
            A fitted one that passed both checks. It is a copy of the user's, and its learned
            attributes are replaced; arrays in it are not written to.
        generator : numpy.random.Generator
            Of this fault alone.
        """
        raise NotImplementedError
