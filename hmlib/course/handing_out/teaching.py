"""What the teacher's edition has besides: each question's answer, and each slip with its idea."""

from __future__ import annotations

from hmlib import check
from hmlib.check.question import Question
from hmlib.check.text import markdown
from hmlib.course.handing_out.filling import typed

MINUTES = {
    "00": 30,
    "01": 105,
    "02": 85,
    "03": 120,
    "04": 85,
    "05": 120,
    "06": 110,
    "07": 85,
    "08": 90,
    "09": 80,
    "10": 100,
}
"""Estimated by reading, not measured with students."""

TALK = (
    "Who chose something else, and what would have to be true for it to be right?",
    "Which of the slips below did you nearly make, and what held you back?",
    "How would you see, without the course, that an answer is wrong?",
)
"""Asked of a class whatever the question: to be talked over in pairs, then together."""


def sheet(notebook: str) -> str:
    """A page in Markdown: minutes, each question with its answer and slips, what to talk about."""
    lines = [f"# Notebook {notebook}: answers, slips, what to talk about", ""]
    if minutes := MINUTES.get(notebook):
        lines += [f"For a new student with the exercises: about {minutes} minutes, estimated.", ""]
    lines += ["With any question that split the class:", ""]
    lines += [*(f"- {question}" for question in TALK), ""]
    for question in check.questions(notebook):
        lines += entry(question, typed(notebook)[question.id])
    return "\n".join(lines).rstrip() + "\n"


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
