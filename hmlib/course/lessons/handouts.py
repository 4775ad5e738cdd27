"""The pages that are made: those of the teacher's edition, and those that everyone may read."""

from __future__ import annotations

import re

from hmlib.course.lessons import slips_bank
from hmlib.course.lessons.papers import PAPERS, key, read, sheet

MADE = "<!-- Made by: python -m tools.teaching --write -->\n\n"


def for_teachers() -> dict[str, str]:
    """File in the teacher's folder `teaching` -> its text: has all answers."""
    pages = {"slips.md": slips_bank.page(secrets=True)}
    for name in PAPERS:
        pages[f"papers/{name}.md"] = sheet(read(name))
        pages[f"papers/{name}-answers.md"] = key(read(name))
    return pages


def for_everyone() -> dict[str, str]:
    """File in `docs/teaching` -> its text: tells no answer."""
    papers = [
        "# Exam questions, and the tests before and after",
        "",
        "`python` is the course's own: `.venv/bin/python`, `.venv\\Scripts\\python` on Windows, "
        "which `python3 start.py doctor` makes.",
        "",
        "What is expected, and what earns which points, is in the teacher's edition: `python -m "
        "hmlib.course handout --out DIR --edition teacher`, folder `teaching/papers`, where each "
        "paper is a page to print too. The minutes are estimates.",
        "",
    ]
    for name in PAPERS:
        papers += [re.sub(r"^#", "##", sheet(read(name)), flags=re.MULTILINE)]
    return {
        "slips.md": MADE + slips_bank.page(secrets=False),
        "papers.md": MADE + "\n".join(papers).rstrip() + "\n",
    }
