"""How does a text that several classes share come into their docstrings?"""

import inspect
from collections.abc import Mapping


def with_parts(docstring: str, parts: Mapping[str, str]) -> str:
    """Put texts into the places of a docstring that have their name in braces.

    Python takes the indentation of a docstring away, but only since version 3.13. So it is
    taken away here, from the docstring and from the texts.
    """
    text = inspect.cleandoc(docstring)
    for name, part in parts.items():
        text = text.replace("{" + name + "}", part.replace("\n    ", "\n"))
    return text
