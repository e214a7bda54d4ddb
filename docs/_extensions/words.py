"""The glossary: each word in bold at the beginning of an item of `words.md` can be linked.

So that the words stand once, in a page that is also read without the site. On other pages
{term}`mask` leads to the item.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx

PAGE = "words"


def setup(app: Sphinx) -> dict[str, bool]:
    """Give each word its anchor, once the page has been read."""
    app.connect("doctree-read", _add_words)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _add_words(app: Sphinx, tree: nodes.document) -> None:
    if app.env.docname != PAGE:
        return
    standard = app.env.get_domain("std")
    for item in tree.findall(nodes.list_item):
        sentence = next(item.findall(nodes.paragraph))
        first = next((node for node in sentence if node.astext()), None)
        if not isinstance(first, nodes.strong):
            continue
        for word in sentence.findall(nodes.strong):
            name = word.astext()
            if ("term", name) in standard.objects:  # a second meaning, in another section
                continue
            anchor = "word-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
            word["ids"].append(anchor)
            standard.note_object("term", name, anchor, location=word)
