r"""Reading `questions.md`: what a student reads of every question of a notebook.

The layout is Markdown, so that the page reads well as it stands:

    # Questions of notebook 02, "Watch the free energy"

    ## 02.3 Which sign convention?

    The question itself, in one or more paragraphs, or lines of code between ``` fences.

    ### Options

    - **A:** One option. An item runs on in lines that are indented.
    - **B:** Another one.

    ### Hints

    1. The first of the ladder.
    2. The next one, which says more.

    ### Why

    What is said to a right answer.

    ### Otherwise

    What is said to a wrong answer that is not recognised.

    ### Slips

    - **name of a slip:** What is said to it.

The sections come in this order, and those that a question does not need are left out; a question
whose lines are to be put in order has `Lines` in place of `Options`. The slips of a choice are its
wrong options, by their letters; a line that does not belong is the slip "line B".

Within a sentence `code` is marked by backticks and mathematics by dollars, $\log P[u]$. {name}
stands for a value that `checks.py` gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hmlib.check.text import Text, marked, stacked, unspanned
from hmlib.check.words import listed

SECTIONS = ("Options", "Lines", "Hints", "Why", "Otherwise", "Slips")

_QUESTION = re.compile(r"## (\d\d\.\d+) (\S.*)")
_ITEM = re.compile(r"- \*\*([^*]+):\*\* (\S.*)")
_STEP = re.compile(r"(\d+)\. (\S.*)")
_PLACEHOLDER = re.compile(r"(?<![\w^])\{([a-z]\w*)\}")
_FENCE = "```"

T = TypeVar("T")
Line = tuple[int, str]
"""Number of a line in its file, and its text."""

Part = tuple[int, str, list[Line]]
"""Number of a heading, the heading, and the lines below it."""


@dataclass(frozen=True, kw_only=True)
class Prose:
    """What a student reads of one question.

    Attributes:
        title: one line.
        prompt: the question.
        options: letter -> option of a choice.
        lines: letter -> line to put in order, shuffled; decoys among them.
        hints: the ladder, from a nudge to nearly the answer.
        why: said when the answer is correct: the reason, in one or two sentences.
        otherwise: said when the answer is wrong in a way that is not recognised.
        slips: name of a slip -> what it is, and which way leads out of it.
        place: file and line, for errors.
    """

    title: str = ""
    prompt: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    why: str = ""
    otherwise: str = ""
    slips: Mapping[str, str] = field(default_factory=dict)
    place: str = "questions.md"


def read(
    source: str, file: str, values: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Prose]:
    """The questions of one file by id, in its order.

    Args:
        source: text of the file.
        file: its name, for errors.
        values: id of a question -> name -> what stands in its prose in place of {name}.

    Raises:
        ValueError: if the file is not laid out as said above, a {name} has no value, or a value
            no {name}; names the file and the line.
    """
    return _Reader(file, values or {}).read(source)


class _Reader:
    """Reads one file, and knows its name when something is wrong in it."""

    def __init__(self, file: str, values: Mapping[str, Mapping[str, str]]) -> None:
        self.file = file
        self.values = values

    def read(self, source: str) -> dict[str, Prose]:
        first, *rest = enumerate(source.splitlines() or [""], start=1)
        if not first[1].startswith("# "):
            raise self.error(1, "the file begins with a heading, '# Questions of notebook ...'")
        before, parts = self.split(rest, "## ")
        self.nothing(before, "text stands before the first question, '## 02.1 Title'")
        found: dict[str, Prose] = {}
        for number, heading, body in parts:
            match = _QUESTION.fullmatch(heading)
            if match is None:
                raise self.error(number, f"{heading!r} is no heading such as '## 02.1 Title'")
            id, title = match.groups()
            if id in found:
                raise self.error(number, f"question {id} is there twice")
            (_, title), *body = self.filled(number, [(number, title), *body], id)
            found[id] = self.question(number, title, body)
        return found

    def filled(self, number: int, lines: list[Line], id: str) -> list[Line]:
        """The lines of a question with every {name} replaced by its value."""
        values = self.values.get(id, {})
        used: set[str] = set()

        def value(match: re.Match[str]) -> str:
            used.add(match[1])
            return values[match[1]]

        result = []
        for at, line in lines:
            try:
                result.append((at, _PLACEHOLDER.sub(value, line)))
            except KeyError as unknown:
                raise self.error(at, f"{{{unknown.args[0]}}} has no value in checks.py") from None
        for name in values:
            if name not in used:
                raise self.error(
                    number, f"checks.py has a value for {name!r}; no {{{name}}} uses it"
                )
        return result

    def question(self, number: int, title: str, body: list[Line]) -> Prose:
        prompt, parts = self.split(body, "### ")
        sections: dict[str, tuple[int, list[Line]]] = {}
        for at, heading, inside in parts:
            name = heading.removeprefix("### ")
            if name not in SECTIONS:
                raise self.error(at, f"section {name!r}; accepted: {listed(SECTIONS, 'or')}")
            if sections and SECTIONS.index(name) <= max(map(SECTIONS.index, sections)):
                raise self.error(at, f"section {name!r}; the order is {listed(SECTIONS)}")
            sections[name] = at, inside

        def section(name: str, reader: Callable[[int, list[Line]], T], empty: T) -> T:
            return reader(*sections[name]) if name in sections else empty

        for name in ("Hints", "Why", "Slips"):
            if name not in sections:
                raise self.error(number, f"the question has no section '### {name}'")
        return Prose(
            title=self.text(number, title),
            prompt=stacked(self.blocks(number, prompt)),
            options=section("Options", self.items, {}),
            lines=section("Lines", self.items, {}),
            hints=section("Hints", self.steps, ()),
            why=section("Why", self.paragraph, ""),
            otherwise=section("Otherwise", self.paragraph, ""),
            slips=section("Slips", self.items, {}),
            place=f"{self.file}, line {number}",
        )

    def split(self, lines: Iterable[Line], mark: str) -> tuple[list[Line], list[Part]]:
        """What stands before the first heading of a level, and each heading with what follows."""
        before: list[Line] = []
        parts: list[Part] = []
        fence = 0
        for number, line in lines:
            if line.startswith(_FENCE):
                fence = 0 if fence else number
            if line.startswith(mark) and not fence:
                parts.append((number, line.rstrip(), []))
            else:
                (parts[-1][2] if parts else before).append((number, line.rstrip()))
        if fence:
            raise self.error(fence, f"a fence, {_FENCE}, is opened and not closed")
        return before, parts

    def items(self, number: int, lines: list[Line]) -> dict[str, str]:
        """`- **name:** text`, by name."""
        found: dict[str, str] = {}
        for at, text in self.entries(number, lines):
            match = _ITEM.fullmatch(text)
            if match is None:
                raise self.error(at, "an item such as '- **name:** text' is wanted")
            if match[1] in found:
                raise self.error(at, f"{match[1]!r} is there twice")
            found[match[1]] = self.text(at, match[2])
        return found

    def steps(self, number: int, lines: list[Line]) -> tuple[str, ...]:
        """`1. text`, numbered from one."""
        found: list[str] = []
        for at, text in self.entries(number, lines):
            match = _STEP.fullmatch(text)
            if match is None or int(match[1]) != len(found) + 1:
                raise self.error(at, f"'{len(found) + 1}. text' is wanted")
            found.append(self.text(at, match[2]))
        return tuple(found)

    def entries(self, number: int, lines: list[Line]) -> list[Line]:
        """List entries, each with its indented lines on one."""
        found: list[Line] = []
        for at, line in lines:
            if not line:
                continue
            if not line.startswith(" "):
                found.append((at, line))
            elif found:
                found[-1] = found[-1][0], f"{found[-1][1]} {line.strip()}"
            else:
                raise self.error(at, "an indented line belongs to no item")
        if not found:
            raise self.error(number, "the section is empty")
        return found

    def paragraph(self, number: int, lines: list[Line]) -> str:
        [block, *more] = self.blocks(number, lines)
        if more or block.markdown.startswith(_FENCE):
            raise self.error(number, "one paragraph is wanted")
        return block

    def blocks(self, number: int, lines: list[Line]) -> list[Text]:
        """Paragraphs, each on one line, and fenced lines of code."""
        blocks: list[Text] = []
        words: list[Line] = []
        code: list[str] | None = None
        for at, line in [*lines, (number, "")]:
            if words and (not line or line.startswith(_FENCE)):
                blocks.append(self.text(words[0][0], " ".join(word for _, word in words)))
                words = []
            if line.startswith(_FENCE):
                if code is not None:
                    inside = "\n".join(code)
                    blocks.append(Text(inside, f"{_FENCE}\n{inside}\n{_FENCE}"))
                code = [] if code is None else None
            elif code is not None:
                code.append(line)
            elif line:
                words.append((at, line))
        if not blocks:
            raise self.error(number, "there is no text below")
        return blocks

    def text(self, number: int, source: str) -> Text:
        """A piece of Markdown whose only markup is code and mathematics, so that both forms say
        the same words."""
        text = marked(source)
        bare = unspanned(source)
        for sign in "`$*_<[\\":
            if sign in bare:
                raise self.error(
                    number, f"{sign} stands alone; code goes into `...`, mathematics into $...$"
                )
        if "\\" in text:
            raise self.error(number, "a backslash in mathematics begins a name, such as \\log")
        if "  " in source:
            raise self.error(number, "two spaces stand side by side")
        return text

    def nothing(self, lines: list[Line], complaint: str) -> None:
        for number, line in lines:
            if line:
                raise self.error(number, complaint)

    def error(self, number: int, complaint: str) -> ValueError:
        return ValueError(f"{self.file}, line {number}: {complaint}")
