"""Does a user's regular expression come to an end on the names of a folder?

Some expressions, such as a starred group with a starred inside, need a time that doubles with
each letter of a name that does not fit. Nothing in the same process can stop them, so another
one tries them first.
"""

import json
import subprocess
import sys
from collections.abc import Sequence

from .cache import DatasetError

MAX_TIME = 20.0  # s, for all names
# Prints the number of each name before it is matched.
PROBE = """
import json, re, sys
pattern, names = json.load(sys.stdin)
expression = re.compile(pattern)
for number, name in enumerate(names):
    print(number, flush=True)
    expression.fullmatch(name)
"""


def refuse_endless(pattern: str, names: Sequence[str]) -> None:
    """Refuse a regular expression that takes too long for some names.

    Parameters
    ----------
    pattern : str
    names : sequence of str

    Raises
    ------
    DatasetError
        The message names the name and the cure.
    """
    if not names or not sys.executable:  # an embedded Python has no other process
        return
    try:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", PROBE],
            input=json.dumps([pattern, list(names)]).encode(),
            stdout=subprocess.PIPE,
            timeout=MAX_TIME,
            check=False,
        )
    except subprocess.TimeoutExpired as stopped:
        begun = (stopped.output or b"0").split() or [b"0"]
        raise DatasetError(
            f"pattern is '{pattern}', which is still being compared with the name "
            f"{names[int(begun[-1])]!r} after {MAX_TIME:g} s. Leave out a + or * inside of a "
            "group that has one itself, as in (\\w+)*, or write the parts in braces, as in "
            "'{label}_{speaker}_{index}.wav'."
        ) from None
