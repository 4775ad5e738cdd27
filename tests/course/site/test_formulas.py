"""Formulas of the pages: each is read whole, and uses letters that browsers know."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from hmlib.course.site import formulas
from tools.browser import ROOT

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+)\$", re.DOTALL)


@pytest.fixture(autouse=True)
def _needs(tools):
    pass


def letters(latex: str) -> str:
    return "".join(ElementTree.fromstring(formulas.mathml(latex, False)).itertext())


@pytest.mark.parametrize(
    ("latex", "seen"),
    [
        (r"\mathbf v", "𝐯"),
        (r"\mathcal F", "ℱ"),
        (r"\mathcal G", "𝒢"),
        (r"\mathbb R", "ℝ"),
        (r"\mathbb E", "𝔼"),
        (r"\mathsf T", "𝖳"),
        (r"\boldsymbol\mu", "𝝁"),
        (r"\mathrm{KL}", "KL"),
        (r"\big\Vert\,\mathbf r\,\big\Vert^2", "𝐫"),
    ],
)
def test_letters_of_other_alphabets_are_letters_of_their_own(latex, seen):
    assert seen in letters(latex)


def test_the_shape_is_kept():
    tree = ElementTree.fromstring(formulas.mathml(r"\frac{a}{b^2} + \sqrt{c}", True))
    assert tree.get("display") == "block"
    assert [part.tag for part in tree.iter() if part.tag in ("mfrac", "msup", "msqrt")] == [
        "mfrac",
        "msup",
        "msqrt",
    ]


@pytest.mark.parametrize(
    ("latex", "apart"),
    [
        (r"-2\log\cosh s", "−2|log|cosh|s"),
        (r"Q\log P[u]", "Q|log|P[u]"),
        (r"\sum_v Q \log_2 P", "∑vQ|log2|P"),
        (r"P[u]\log Q", "P[u]|log|Q"),
        (r"=\log(x)", "=log(x)"),
        (r"1 - \log \frac{P}{Q}", "1−log|PQ"),
        (r"\frac{\log P}{\tanh x}", "log|Ptanh|x"),
        (r"a\,\log b", "a|log|b"),
    ],
)
def test_names_of_functions_stand_apart_as_tex_sets_them(latex, apart):
    tree = ElementTree.fromstring(formulas.mathml(latex, False))
    for space in tree.iter("mspace"):
        space.text = "|"
    assert "".join(tree.itertext()) == apart


def test_what_cannot_be_read_is_named():
    with pytest.raises(ValueError, match=r"frac.*cannot be read"):
        formulas.mathml(r"\frac{a}", False)
    with pytest.raises(ValueError, match="not read whole"):
        formulas.mathml(r"a \nosuchmacro b", False)


def prose() -> list[str]:
    """All Markdown of the notebooks, code left out."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                found.append("".join(cell["source"]))
            for output in cell.get("outputs", []):
                found.append("".join(output.get("data", {}).get("text/markdown", "")))
    return [re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL) for text in found]


def test_every_formula_of_the_course_is_read_and_the_font_has_its_characters():
    from fontTools.ttLib import TTFont

    made = [
        formulas.mathml(block or line, bool(block))
        for text in prose()
        for block, line in FORMULA.findall(text)
    ]
    assert len(made) > 1500
    assert not any("mathvariant" in formula.replace('mathvariant="normal"', "") for formula in made)
    import io

    wanted = formulas.characters("\n".join(made))
    content = formulas.font(wanted)
    assert len(content) < 150_000
    known = TTFont(io.BytesIO(content)).getBestCmap()
    invisible = {chr(code) for code in (*range(0x2000, 0x200B), 0xA0, 0x20, 0x0A, 0x2061, 0x2062)}
    assert {sign for sign in wanted if ord(sign) not in known} <= invisible
