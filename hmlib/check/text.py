"""Text in two forms: plain words, and the same words marked up for a page that renders them."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable
from importlib import import_module

WIDTH = 80
"""Verdicts, hints and prompts are wrapped to this many characters."""

_SPAN = re.compile(r"`([^`]+)`|\$([^$]+)\$")
"""Code in backticks, or mathematics between dollars."""

_LATEX = re.compile(r"\\tilde (\w)|\\mathrm\{(\w+)\}|\\([a-zA-Z]+)|[{}]")
_SIGNS = {
    "Vert": "||",
    "leq": "<=",
    "geq": ">=",
    "langle": "<",
    "rangle": ">",
    "cdot": ".",
    "times": "*",
    "sim": "~",
    "space": "",
}
"""Signs of LaTeX that plain text does not write as they are called."""


class Text(str):
    """Plain text that remembers how it is marked up; for everything else it is a string.

    Attributes:
        markdown: the same words in Markdown.
    """

    markdown: str

    def __new__(cls, plain: str, markdown: str) -> Text:
        text = super().__new__(cls, plain)
        text.markdown = markdown
        return text

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return str(self), self.markdown


def marked(source: str) -> Text:
    """The text of a piece of Markdown that has no markup but code and mathematics."""
    return Text(_SPAN.sub(_unmarked, source), source)


def unspanned(source: str) -> str:
    """What is left of a piece of Markdown without its code and mathematics."""
    return _SPAN.sub("", source)


def stacked(blocks: Iterable[Text]) -> Text:
    """Blocks one below the other."""
    blocks = list(blocks)
    return Text("\n".join(blocks), "\n\n".join(block.markdown for block in blocks))


def joined(sentences: Iterable[str]) -> Text:
    """Sentences one after the other, without the empty ones; plain strings are escaped."""
    kept = [sentence for sentence in sentences if sentence]
    return Text(" ".join(kept), " ".join(map(markdown, kept)))


def markdown(text: str) -> str:
    """A text in Markdown: its own, or the plain one with every sign that would mark it up escaped.

    A dollar becomes code, since two of them would be taken for mathematics even when escaped.
    """
    if isinstance(text, Text):
        return text.markdown
    return re.sub(r"[\\`*_<>\[\]#~&|]", r"\\\g<0>", text).replace("$", "`$`")


def wrap(text: str) -> str:
    """Wrap every line of a text to WIDTH characters; the layout of the lines stays."""
    fill = textwrap.TextWrapper(WIDTH, break_on_hyphens=False, break_long_words=False)
    return "\n".join(fill.fill(line) for line in text.split("\n"))


def show(text: Text) -> None:
    """Show a text: rendered where IPython runs and its page can, and printed elsewhere."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        print(text)
        return
    forms = {"text/plain": str(text), "text/markdown": text.markdown}
    import_module("IPython.display").display(forms, raw=True)


def _unmarked(span: re.Match[str]) -> str:
    """A span as plain text. A lone word keeps its backticks, or it would read as one of ours."""
    code, formula = span.groups()
    if code is None:
        return _LATEX.sub(_sign, formula)
    return f"`{code}`" if re.fullmatch("[a-z]+", code) else code


def _sign(match: re.Match[str]) -> str:
    under_tilde, upright, name = match.groups(default="")
    return f"{under_tilde}-tilde" if under_tilde else upright or _SIGNS.get(name, name)
