"""What the teacher's edition has besides: each question's answer, and each slip with its idea."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.question import Question
from hmlib.check.text import markdown
from hmlib.check.varying import MANY
from hmlib.course.handing_out.filling import as_text, published, typed

TALK = (
    "Who chose something else, and what would have to be true for it to be right?",
    "Which of the slips below did you nearly make, and what held you back?",
    "How would you see, without the course, that an answer is wrong?",
)
"""Asked of a class whatever the question: to be talked over in pairs, then together."""


def sheet(notebook: str) -> str:
    """A page in Markdown: minutes, each question with its answer and slips, what to talk about."""
    lines = [f"# Notebook {notebook}: answers, slips, what to talk about", ""]
    lines += [
        f"**Minutes**, estimated by reading, not measured with students: {minutes(notebook)}",
        "",
    ]
    lines += ["With any question that split the class:", ""]
    lines += [*(f"- {question}" for question in TALK), ""]
    for question in check.questions(notebook):
        lines += entry(question, typed(notebook)[question.id])
    return "\n".join(lines).rstrip() + "\n"


def numbers(notebooks: Sequence[str]) -> str:
    """A page in Markdown: every question with numbers, and what is expected in each variant."""
    lines = ["# Numbers of a student's own: what is asked, and what is expected", ""]
    lines += ["A student's page of the marking says which of them it was judged by.", ""]
    asked = [q for notebook in notebooks for q in check.questions(notebook) if q.varies]
    for printed in asked:
        lines += [f"## {printed.id} {markdown(printed.prose.title)}", ""]
        for variant in range(1, MANY + 1):
            question = find(printed.id, variant)
            prompt = " ".join(markdown(question.prose.prompt).split())
            lines.append(f"{variant}. {prompt} **Expected:** `{as_text(question.answer)}`")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def minutes(notebook: str) -> str:
    """What a notebook says of its minutes."""
    first = "".join(json.loads(published(notebook))["cells"][0]["source"])
    return next(iter(re.findall(r"^\*\*Minutes\.\*\* (.+)$", first, re.MULTILINE)), "not said")


def entry(question: Question, answer: str) -> list[str]:
    """One question."""
    prose = question.prose
    lines = [f"## {question.id} {markdown(prose.title)}", "", markdown(prose.prompt), ""]
    items = prose.options or prose.lines
    lines += [*(f"- **{letter}.** {markdown(item)}" for letter, item in items.items()), ""]
    lines += ["**Expected:**", "", "```python", answer.rstrip(), "```", ""]
    lines += [f"**Why:** {markdown(prose.why)}", "", "**Slips, and what is said to each:**", ""]
    lines += [f"- *{name}:* {markdown(said)}" for name, said in prose.slips.items()]
    return [*lines, ""]
