"""Parameters that have parameters of their own: the device and the mask of an estimator."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Self, cast

from sklearn.base import BaseEstimator

from reservoir.devices.catalogue import resolve_oscillator
from reservoir.masks import resolve_mask

# What a parameter with parameters of its own stands for, if it is given as a name.
RESOLVED: Mapping[str, Callable[[Any], Any]] = {
    "oscillator": resolve_oscillator,
    "mask": resolve_mask,
}


class WithParts(BaseEstimator):
    """An estimator whose `oscillator` and `mask` are reached through double underscores."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Parameters of the estimator and, if `deep`, those of its device and its mask.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        dict
        """
        params: dict[str, Any] = super().get_params(deep=deep)
        for name in RESOLVED if deep else ():
            part = params.get(name)
            if dataclasses.is_dataclass(part):
                for field in dataclasses.fields(part):
                    params[f"{name}__{field.name}"] = getattr(part, field.name)
        return params

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``oscillator__*`` and ``mask__*`` replace values of these parts.

        Parameters
        ----------
        **params

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the estimator or its part has no such parameter.
        """
        inner: dict[str, dict[str, Any]] = {name: {} for name in RESOLVED}
        own = {}
        for key, value in params.items():
            name, _, field = key.partition("__")
            if field and name in inner:
                inner[name][field] = value
            else:
                own[key] = value
        super().set_params(**own)
        for name, values in inner.items():
            if values:
                setattr(self, name, self._replaced(name, values))
        return self

    def _replaced(self, name: str, values: Mapping[str, Any]) -> Any:
        """The part of that name, with other values."""
        part: Any = RESOLVED[name](getattr(self, name))
        if not dataclasses.is_dataclass(part):
            raise ValueError(
                f"{name}__{min(values)} cannot be set, because {name} is "
                f"{getattr(self, name)!r:.80}, which has no parameters: a device or mask has "
                "them if it is a dataclass, with @dataclass(frozen=True) above its class."
            )
        known = [field.name for field in dataclasses.fields(part)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ValueError(
                f"Invalid parameter '{name}__{unknown[0]}' for estimator "
                f"{type(self).__name__}: its {name} has {', '.join(sorted(known))}."
            )
        return dataclasses.replace(cast(Any, part), **values)
