"""How does a long run say how far it is? By wrapping the iterator of its finished steps."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

# Takes the iterator of finished steps and their number; gives the iterator back, e.g. in a
# bar of tqdm.
Progress: TypeAlias = Callable[[Iterable[Any], int], Iterable[Any]]


def no_progress(steps: Iterable[Any], total: int) -> Iterable[Any]:
    """Hand the steps on without a word.

    Parameters
    ----------
    steps : iterable
    total : int

    Returns
    -------
    iterable
    """
    return steps
