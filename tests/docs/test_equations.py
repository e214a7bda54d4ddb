"""Do equations become the MathML that they mean?"""

import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs" / "_extensions"))
mathml = pytest.importorskip("mathml")


def drawn(text):
    from docutils import nodes

    return "".join(mathml._converted(nodes.math(text, text), block=False).split())


def test_a_fraction_of_two_digits_is_a_fraction():
    assert "<mn>1</mn><mn>2</mn></mfrac>" in drawn(r"\tfrac12 (a - b)")
    assert drawn(r"\tfrac12 x") == drawn(r"\tfrac{1}{2} x")


def test_a_dot_stands_over_its_letter():
    assert '<mi>c</mi><mostretchy="false">˙</mo>' in drawn(r"\dot c")


def test_the_index_of_a_letter_with_a_dot_stands_beside_it():
    assert "<munder" not in drawn(r"\dot c_i") and "<msub>" in drawn(r"\dot c_i")
    assert "<msub>" in drawn(r"\dot\varphi_i")


def test_what_cannot_be_drawn_stops_the_build():
    from sphinx.errors import ExtensionError

    with pytest.raises(ExtensionError, match="cannot be drawn"):
        drawn(r"\nosuchcommand{x}")
