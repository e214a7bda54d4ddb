"""At which line of code does a warning point? At the line of the user."""

import os
import sys
import warnings
from pathlib import Path

PACKAGE = str(Path(__file__).parent) + os.sep


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn, and name the line from which the package was called.

    Parameters
    ----------
    message : str
    category : type of warning, default=UserWarning
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and _passes_on(frame.f_code.co_filename):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def _passes_on(file: str) -> bool:
    """Whether code in a file calls for the user: ours, or what libraries put around it."""
    around = (f"{os.sep}{library}{os.sep}" for library in ("sklearn", "joblib"))
    return file.startswith(PACKAGE) or any(part in file for part in around)
