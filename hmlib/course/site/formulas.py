"""Formulas as MathML, which browsers set by themselves: no script, and no network.

A browser needs a font that knows mathematics, and not every computer has one. STIX Two Math comes
along, cut down to the characters that formulas use; it is under the SIL Open Font License.
"""

from __future__ import annotations

import io
import logging
import re
import unicodedata
from functools import partial
from importlib import resources
from typing import Any
from xml.etree import ElementTree

ALPHABETS = {
    "bold": ("MATHEMATICAL BOLD",),
    "bold-italic": ("MATHEMATICAL BOLD ITALIC",),
    "script": ("MATHEMATICAL SCRIPT", "SCRIPT"),
    "double-struck": ("MATHEMATICAL DOUBLE-STRUCK", "DOUBLE-STRUCK"),
    "sans-serif": ("MATHEMATICAL SANS-SERIF",),
}
"""Alphabets of a formula -> how Unicode calls their letters. Browsers know them by letters only,
no longer by the attribute `mathvariant`."""

SPACE = "{http://www.w3.org/1998/Math/MathML}"
PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3}
"""How many parts these have; the converter may leave one out without a word."""

FUNCTIONS = ("log", "ln", "exp", "cosh", "sinh", "tanh", "cos", "sin")
"""Names that TeX sets apart from their neighbours, and browsers do not."""

THIN = "0.167em"


def mathml(latex: str, display: bool) -> str:
    """A formula.

    Args:
        latex: without its dollars.
        display: whether it stands on lines of its own.

    Raises:
        ValueError: if it cannot be read; names the formula.
    """
    from latex2mathml.converter import convert

    # The converter does not know these with a size.
    known = re.sub(r"\\[bB]ig[lr]?(?=\\(Vert|langle|rangle))", "", latex.strip())
    try:
        made = convert(known, display="block" if display else "inline")
    except Exception as error:
        raise ValueError(f"the formula {latex!r} cannot be read: {error!r}") from error
    tree = ElementTree.fromstring(made)
    for each in tree.iter():
        if len(each) != PARTS.get(each.tag.removeprefix(SPACE), len(each)):
            raise ValueError(f"the formula {latex!r} cannot be read: a part is missing")
    words = "".join(tree.itertext())
    if "\\" in words:
        raise ValueError(f"the formula {latex!r} is not read whole: {words!r} is left")
    for part in tree.iter():
        part.tag = part.tag.removeprefix(SPACE)
        variant = part.attrib.pop("mathvariant", "")
        if variant in ALPHABETS and part.text:
            part.text = "".join(_letter(sign, ALPHABETS[variant]) for sign in part.text)
        elif variant:
            part.attrib["mathvariant"] = "normal"
    for row in list(tree.iter()):
        if row.tag not in PARTS:
            _set_apart(row)
    return ElementTree.tostring(tree, encoding="unicode")


def _set_apart(row: ElementTree.Element) -> None:
    """Put thin spaces around the names of functions, where TeX does."""
    spaced: list[ElementTree.Element] = []
    for part in row:
        before = spaced[-1] if spaced else None
        if before is not None and before.tag != "mspace":
            closes = before.tag != "mo" or (before.text or "") in ")]"
            opens = part.tag == "mo"
            if (_is_function(part) and closes) or (_is_function(before) and not opens):
                spaced.append(ElementTree.Element("mspace", width=THIN))
        spaced.append(part)
    row[:] = spaced


def _is_function(part: ElementTree.Element) -> bool:
    base = part[0] if part.tag in PARTS and part.tag != "mfrac" else part
    return base.tag == "mi" and base.text in FUNCTIONS


def _letter(sign: str, alphabets: tuple[str, ...]) -> str:
    """A letter in another alphabet; itself if that has none like it."""
    kind = re.fullmatch(r"(?:LATIN|GREEK) (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(sign, ""))
    digit = re.fullmatch(r"DIGIT (\w+)", unicodedata.name(sign, ""))
    ending = f"{kind[1]} {kind[2]}" if kind else f"DIGIT {digit[1]}" if digit else ""
    for alphabet in alphabets if ending else ():
        try:
            return unicodedata.lookup(f"{alphabet} {ending}")
        except KeyError:
            continue
    return sign


def characters(page: str) -> set[str]:
    """The characters of a page's formulas, and the italic letters that browsers set in them."""
    found: set[str] = set()
    for formula in re.findall(r"<math.*?</math>", page, flags=re.DOTALL):
        found |= set("".join(ElementTree.fromstring(formula).itertext()))
    italic = {_letter(sign, ("MATHEMATICAL ITALIC",)) for sign in found}
    return found | italic | {"ℎ"}


def font(wanted: set[str]) -> bytes:
    """STIX Two Math with these characters, and all that its mathematics needs of them, as WOFF."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    whole = resources.files("ziamath").joinpath("fonts", "STIXTwoMath-Regular.ttf").read_bytes()
    cut = TTFont(io.BytesIO(whole), recalcTimestamp=False)
    options = Options()
    options.layout_features = ["ssty", "dtls", "flac", "mkmk", "mark", "kern", "ccmp"]
    options.hinting = False
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(map(ord, wanted)))
    subsetter.subset(cut)
    cut.flavor = "woff"
    stream = io.BytesIO()
    cut.save(stream)
    return stream.getvalue()


def visit(self: Any, node: Any, display: bool) -> None:
    """Write a formula of a page; for Sphinx."""
    from docutils.nodes import SkipNode

    made = mathml(node.astext(), display)
    self.body.append(f'<div class="math">{made}</div>\n' if display else made)
    raise SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx that formulas can be set in this way."""
    app.add_html_math_renderer(
        "mathml",
        inline_renderers=(partial(visit, display=False), None),
        block_renderers=(partial(visit, display=True), None),
    )
    return {"parallel_read_safe": True, "parallel_write_safe": True}
