"""Equations as MathML, which browsers draw themselves.

The pages then need no script and no internet, and a screen reader can read them. The
conversion is that of docutils, on which Sphinx rests, so it costs no dependency. Firefox and
Safari draw MathML Core, and Chromium does since version 109. The letters are those of STIX
Two Math, which `conf.py` copies into the site, because few machines have letters for
mathematics.
"""

import re

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

# TeX reads \tfrac12 as one half; docutils takes the 12 for the numerator.
SINGLE_DIGITS = re.compile(r"(\\[td]?frac)\s*(\d)\s*(\d)")
# The index of \dot c_i stands beside the letter; docutils puts it below.
INDEX_BELOW = re.compile(
    r'<munderover>\s*(<mi>[^<]*</mi>)\s*(.*?)\s*(<mo stretchy="false">[˙¨ˆ¯˜]</mo>)\s*'
    r"</munderover>",
    re.DOTALL,
)
INDEX_BESIDE = r'<msub><mover accent="true">\1\3</mover>\2</msub>'


def setup(app: Sphinx) -> dict[str, bool]:
    """Make MathML the way in which HTML shows equations."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline(writer, node: nodes.math) -> None:
    writer.body.append(_converted(node, block=False))
    raise nodes.SkipNode


def _block(writer, node: nodes.math_block) -> None:
    anchor = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    writer.body.append(f'<div class="math"{anchor}>{_converted(node, block=True)}</div>\n')
    raise nodes.SkipNode


def _converted(node: nodes.Element, block: bool) -> str:
    text = SINGLE_DIGITS.sub(r"\1{\2}{\3}", node.astext().strip())
    try:
        return INDEX_BELOW.sub(INDEX_BESIDE, tex2mathml(text, as_block=block))
    except (SyntaxError, ValueError) as error:
        raise ExtensionError(f"The formula {text!r} cannot be drawn: {error}") from error
