"""How a fitted estimator outlives the session: `save` and `load`."""

from reservoir.storage.model import load, save

__all__ = ["load", "save"]
