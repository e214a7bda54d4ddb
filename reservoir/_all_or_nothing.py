"""What is left of an estimator whose fit failed? What it was before."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def all_or_nothing(method: Method) -> Method:
    """A method that learns, after which an estimator has either all of it or nothing.

    If it raises, the attributes of the estimator are those from before the call. A fitted
    estimator then answers as before, and another one is still not fitted.

    Parameters
    ----------
    method : function
        `fit` or `partial_fit` of an estimator. It replaces attributes; it must not write into
        the arrays that they hold.

    Returns
    -------
    function
    """

    @wraps(method)
    def learned_or_unchanged(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = dict(vars(self))
        try:
            return method(self, *args, **kwargs)
        except BaseException:
            vars(self).clear()
            vars(self).update(before)
            raise

    return learned_or_unchanged  # type: ignore[return-value]
