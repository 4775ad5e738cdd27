"""What is written of a marking: `marks.csv`, a page a student, a page of the class.

All that came from a hand-in is escaped.
"""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hmlib.check.bank import find
from hmlib.check.varying import MANY
from hmlib.course.marking.belonging import TABLE
from hmlib.course.marking.class_page import class_page
from hmlib.course.marking.counting import Rule
from hmlib.course.marking.handins import place_of
from hmlib.course.marking.marked import Row
from hmlib.course.marking.markup import amount, class_of, page
from hmlib.course.marking.noticing import for_student, is_corrected


def write_all(
    out: Path, rows: Sequence[Row], rules: Mapping[str, Rule], give_back: bool = False
) -> None:
    """Write the table and all pages; pages of a time before are removed.

    Args:
        out: where they go.
        rows: what was handed in.
        rules: what counts.
        give_back: whether each page is also to lie in a folder named as what was handed in; where
            such folders are already, they are kept up to date without it.
    """
    names = names_of_pages(rows)
    varied = any(row.variant for row in rows)
    pages = {name: row for name, row in zip(names, rows, strict=True) if name}
    students, back = out / "students", out / "back"
    students.mkdir(exist_ok=True)
    give_back = give_back or back.is_dir()
    for old in [*students.glob("*.html"), *(back.glob("*/*.html") if give_back else ())]:
        old.unlink()
    write_table(out / TABLE, rows, rules)
    (out / "class.html").write_text(class_page(rows, rules, names), encoding="utf-8")
    for name, row in pages.items():
        text = student_page(row, rules, varied)
        (students / name).write_text(text, encoding="utf-8")
        if give_back:
            path = back / place_of(row.file) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def names_of_pages(rows: Iterable[Row]) -> list[str]:
    """The name of the page of each row, no two alike; empty for what was not marked."""
    used: Counter[str] = Counter()
    names = []
    for row in rows:
        name = re.sub(r"[^\w-]+", "_", f"{row.student}_{row.notebook}").strip("_")[:100]
        used[name.lower()] += bool(row.marks)
        again = f"_{used[name.lower()]}" if used[name.lower()] > 1 else ""
        names.append(f"{name}{again}.html" if row.marks else "")
    return names


def write_table(path: Path, rows: Sequence[Row], rules: Mapping[str, Rule]) -> None:
    """A line a row: file, student, notebook, page, total, of, tries, flags, points a question.

    The total is as on the pages; those of questions have the decimals that their sum needs.
    """
    shown = {row.notebook for row in rows if row.marks}
    ids = [id for id in rules if id[:2] in shown]
    head = ["file", "student", "notebook", "page", "total", "of", "tries", "flags", *ids]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(head)
        for row, name in zip(rows, names_of_pages(rows), strict=True):
            marks = [f"{row.marks[id].points:g}" if id in row.marks else "" for id in ids]
            tries = sum(mark.tries for mark in row.marks.values())
            total, most = amount(row.total(rules)), amount(row.most(rules))
            lines.writerow(
                [
                    harmless(row.file),
                    harmless(row.student),
                    row.notebook,
                    f"students/{name}" if name else "",
                    *((total, most, tries) if row.marks else ("", "", "")),
                    harmless("; ".join(row.flags)),
                    *marks,
                ]
            )


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = " ".join(text.split())
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def student_page(row: Row, rules: Mapping[str, Rule], varied: bool) -> str:
    """What one student reads: every question, its points, what is said; nobody else's name.

    Args:
        row: what was handed in.
        rules: what counts.
        varied: whether anybody in the class has numbers of their own.
    """
    total, most = amount(row.total(rules)), amount(row.most(rules))
    numbers = f", {_numbers(row.variant)}" if varied else ""
    body = [
        f"<p>Notebook {row.notebook}: <strong>{total} of {most} points</strong>{numbers}.</p>",
        "<table>",
        "<thead><tr><th>question</th><th>verdict</th><th>points</th><th>answers</th></tr></thead>",
        "<tbody>",
    ]
    for id, mark in row.marks.items():
        aside = "" if rules[id].counts else " (not counted)"
        body += [
            f"<tr><td>{id} {html.escape(find(id, row.variant).prose.title)}</td>",
            f'<td><strong class="{class_of(mark.state)}">{mark.state}</strong>'
            f'<p class="said">{html.escape(mark.message)}</p></td>',
            f'<td class="number">{amount(mark.points)} of {amount(rules[id].points)}{aside}</td>',
            f'<td class="number">{mark.tries}</td></tr>',
        ]
    body += ["</tbody>", "</table>"]
    if row.errors:
        body += ["<h2>Cells that stopped</h2>", "<ul>"]
        for cell, error in row.errors.items():
            body.append(f"<li>code cell {html.escape(cell)}: {html.escape(error)}</li>")
        body.append("</ul>")
    body += _foreseen(row)
    if noticed := [for_student(flag) for flag in row.flags if not _said_above(flag, row)]:
        body += ["<h2>Noticed</h2>", "<ul>"]
        body += [f"<li>{html.escape(said)}</li>" for said in noticed]
        body.append("</ul>")
    body.append(f"<p>This is about the file <code>{html.escape(row.file)}</code>.</p>")
    return page(row.student, body)


def _said_above(flag: str, row: Row) -> bool:
    """Whether the page says the same as a flag of a question or of a cell that stopped."""
    id, _, words = flag.partition(": ")
    if id in row.marks and words.casefold() in row.marks[id].message.casefold():
        return True
    return is_corrected(flag) or any(
        flag in (f"cell {cell}: {error}", f"cell {cell} {error.removeprefix('it ')}")
        for cell, error in row.errors.items()
    )


def _numbers(variant: int) -> str:
    """Which numbers the questions had."""
    return f"with numbers {variant} of {MANY}" if variant else "with the numbers that are printed"


def _foreseen(row: Row) -> list[str]:
    """What one student predicted, beside what was seen."""
    if not row.predictions:
        return []
    head = "<tr><th>lab</th><th>you predicted</th><th>it showed</th></tr>"
    lines = ["<h2>Your predictions</h2>", "<table>", f"<thead>{head}</thead>", "<tbody>"]
    for one in row.predictions:
        state = "correct" if one.said == one.question.answer else "not-yet"
        lines.append(
            f"<tr><td>{html.escape(one.lab)}</td>"
            f'<td><strong class="{state}">{html.escape(one.said)}</strong></td>'
            f"<td>{html.escape(one.question.answer)}</td></tr>"
        )
    return [*lines, "</tbody>", "</table>"]
