"""Run all Python blocks of one page, one after the other: `python blocks.py PAGE`.

A block begins with a fence that says `python`. If it has prompts, its answers are compared as
doctest does, else it is run. A block below `<!-- not run: REASON -->` is left out.
"""

import doctest
import re
import sys
from pathlib import Path

BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^>]+) -->\n)?```python\n(?P<code>.*?)^```$", re.M | re.S
)
COMPARED = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def blocks_of(text: str) -> list[tuple[int, str]]:
    """Line and code of each block that is run."""
    return [
        (text.count("\n", 0, found.start("code")), found["code"])
        for found in BLOCK.finditer(text)
        if found["reason"] is None
    ]


def run(path: Path) -> int:
    """Run the blocks of a page in one namespace, and return how many answers differ."""
    text = path.read_text(encoding="utf-8")
    names: dict[str, object] = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=COMPARED)
    for line, code in blocks_of(text):
        if ">>>" in code:
            test = doctest.DocTestParser().get_doctest(
                code, names, path.name, str(path), line
            )
            runner.run(test, clear_globs=False)
            names = test.globs
        else:
            exec(compile("\n" * line + code, str(path), "exec"), names)
    return runner.failures


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])) != 0)
