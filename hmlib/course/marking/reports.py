"""What a teacher and a student read: `marks.csv`, a page a student, a page of the class.

The pages are single files of plain HTML that load nothing. All that came from a hand-in is escaped.
"""

from __future__ import annotations

import csv
import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.varying import MANY
from hmlib.course.marking.counting import Mark, Rule
from hmlib.course.marking.handins import place_of
from hmlib.course.marking.predictions import Prediction, asked

STATES = ("correct", "not yet", "not attempted", "not there")

SHOWN = 20
"""Files beside notebooks that the class page names."""

STYLE = """\
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; }
tr { border-bottom: 1px solid #bbb; }
td.number { text-align: right; white-space: nowrap; }
.bar { display: flex; height: 1.2rem; min-width: 14rem; border: 1px solid #555; }
.bar span { overflow: hidden; font-size: .8rem; line-height: 1.2rem; text-align: center; }
.correct { background: #2a7f62; color: #fff; }
.not-yet { background: #e0a030; color: #000; }
.not-attempted { background: #d5d5d5; color: #000; }
.not-there { background: #fff; color: #000; }
p.said { white-space: pre-line; margin: .2rem 0; }
h1, p, li, td strong { overflow-wrap: anywhere; }
@media (max-width: 40rem) {
  body { padding: 0 .5rem; }
  table { font-size: .85rem; }
  th, td { padding: .3rem .2rem; }
  td.number { white-space: normal; }
  .bar { min-width: 5rem; }
}
"""


@dataclass(frozen=True)
class Row:
    """What a student handed in for one notebook, marked.

    Attributes:
        file: the newest file.
        student: whose it is.
        notebook: its two digits; empty if it could not be told.
        marks: question -> mark; empty if the file could not be marked.
        flags: what was noticed, in words.
        errors: code cell, counted from 1 -> the error that stopped it.
        variant: whose numbers the questions had; 0 for those that are printed.
        predictions: what was predicted in labs.
        beside: files that are no notebooks and lie in the same folder.
    """

    file: str
    student: str
    notebook: str
    marks: Mapping[str, Mark]
    flags: Sequence[str]
    errors: Mapping[str, str] = field(default_factory=dict)
    variant: int = 0
    predictions: Sequence[Prediction] = ()
    beside: Sequence[str] = ()

    def total(self, rules: Mapping[str, Rule]) -> float:
        return sum(mark.points for id, mark in self.marks.items() if rules[id].counts)

    def most(self, rules: Mapping[str, Rule]) -> float:
        return sum(rules[id].points for id in self.marks if rules[id].counts)


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
    pages = {name: row for name, row in zip(names_of_pages(rows), rows, strict=True) if name}
    students, back = out / "students", out / "back"
    students.mkdir(exist_ok=True)
    give_back = give_back or back.is_dir()
    for old in [*students.glob("*.html"), *(back.glob("*/*.html") if give_back else ())]:
        old.unlink()
    write_table(out / "marks.csv", rows, rules)
    (out / "class.html").write_text(class_page(rows), encoding="utf-8")
    for name, row in pages.items():
        text = student_page(row, rules)
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
    """A line a row: file, student, notebook, page, total, of, tries, flags, points a question."""
    shown = {row.notebook for row in rows if row.marks}
    ids = [id for id in rules if id[:2] in shown]
    head = ["file", "student", "notebook", "page", "total", "of", "tries", "flags", *ids]
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(head)
        for row, name in zip(rows, names_of_pages(rows), strict=True):
            marks = [f"{row.marks[id].points:g}" if id in row.marks else "" for id in ids]
            tries = sum(mark.tries for mark in row.marks.values())
            total, most = f"{row.total(rules):g}", f"{row.most(rules):g}"
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


def page(title: str, body: Iterable[str]) -> str:
    """A whole page."""
    inside = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n"
        f"<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{html.escape(title)}</h1>\n{inside}\n"
        "</body>\n</html>\n"
    )


def student_page(row: Row, rules: Mapping[str, Rule]) -> str:
    """What one student reads: every question, its points, and what is said to the answer."""
    body = [
        f"<p>Notebook {row.notebook}: <strong>{row.total(rules):g} of {row.most(rules):g} "
        f"points</strong>, from <code>{html.escape(row.file)}</code>, {_numbers(row.variant)}.</p>",
        "<table>",
        "<thead><tr><th>question</th><th>verdict</th><th>points</th><th>answers</th></tr></thead>",
        "<tbody>",
    ]
    for id, mark in row.marks.items():
        aside = "" if rules[id].counts else " (not counted)"
        body += [
            f"<tr><td>{id} {html.escape(find(id, row.variant).prose.title)}</td>",
            f'<td><strong class="{_class(mark.state)}">{mark.state}</strong>'
            f'<p class="said">{html.escape(mark.message)}</p></td>',
            f'<td class="number">{mark.points:g} of {rules[id].points:g}{aside}</td>',
            f'<td class="number">{mark.tries}</td></tr>',
        ]
    body += ["</tbody>", "</table>"]
    if row.errors:
        body += ["<h2>Cells that stopped</h2>", "<ul>"]
        for cell, error in row.errors.items():
            body.append(f"<li>code cell {html.escape(cell)}: {html.escape(error)}</li>")
        body.append("</ul>")
    body += _foreseen(row)
    if row.flags:
        body += ["<h2>Noticed</h2>", "<ul>"]
        body += [f"<li>{html.escape(flag)}</li>" for flag in row.flags]
        body.append("</ul>")
    return page(row.student, body)


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


def class_page(rows: Sequence[Row]) -> str:
    """What the class did: each question, the slips and how often, and where students stopped."""
    body = []
    by_notebook: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.marks:
            by_notebook[row.notebook].append(row)
    for notebook, marked in sorted(by_notebook.items()):
        body += [f"<h2>Notebook {notebook}: {len(marked)} handed in</h2>"]
        body += _questions(notebook, marked)
        body += _slips(notebook, marked)
        body += _stops(notebook, marked)
        body += _predictions(notebook, marked)
    unread = [row for row in rows if not row.marks]
    beside = [name for row in rows for name in row.beside]
    if unread or beside:
        body += ["<h2>Not marked</h2>", "<ul>"]
        if beside:
            more = f" and {len(beside) - SHOWN} more" if len(beside) > SHOWN else ""
            few = ", ".join(f"<code>{html.escape(name)}</code>" for name in beside[:SHOWN])
            body.append(f"<li>no notebooks, beside others: {few}{more}</li>")
        for row in unread:
            words = html.escape("; ".join(row.flags))
            body.append(f"<li><code>{html.escape(row.file)}</code>: {words}</li>")
        body.append("</ul>")
    return page("The class", body)


def _questions(notebook: str, rows: Sequence[Row]) -> list[str]:
    lines = ["<table>", "<thead><tr><th>question</th><th>how it went</th></tr></thead>", "<tbody>"]
    for question in check.questions(notebook):
        count = Counter(row.marks[question.id].state for row in rows)
        parts = [
            f'<span class="{_class(state)}" style="flex: {count[state]}">{count[state]}</span>'
            for state in STATES
            if count[state]
        ]
        words = ", ".join(f"{count[state]} {state}" for state in STATES if count[state])
        lines.append(
            f"<tr><td>{question.id} {html.escape(question.prose.title)}</td>"
            f'<td><div class="bar" role="img" aria-label="{words}">{"".join(parts)}</div>'
            f"{words}</td></tr>"
        )
    return [*lines, "</tbody>", "</table>"]


def _slips(notebook: str, rows: Sequence[Row]) -> list[str]:
    count = Counter((id, mark.slip) for row in rows for id, mark in row.marks.items() if mark.slip)
    lines = ["<h3>Slips, the most frequent first</h3>"]
    if not count:
        return [*lines, "<p>None was recognised.</p>"]
    lines += ["<table>", "<thead><tr><th>how often</th><th>question</th><th>slip</th></tr></thead>"]
    lines.append("<tbody>")
    for (id, slip), times in sorted(count.items(), key=lambda item: (-item[1], item[0])):
        prose = find(id).prose
        said = html.escape(str(prose.slips.get(slip, "")))
        lines.append(
            f'<tr><td class="number">{times} of {len(rows)}</td>'
            f"<td>{id} {html.escape(prose.title)}</td>"
            f"<td><strong>{html.escape(slip)}</strong>: {said}</td></tr>"
        )
    return [*lines, "</tbody>", "</table>"]


def _stops(notebook: str, rows: Sequence[Row]) -> list[str]:
    """The last question that was attempted, in the order of the notebook."""
    ids = [question.id for question in check.questions(notebook)]
    last = Counter(
        next((id for id in reversed(ids) if row.marks[id].tries), "before the first")
        for row in rows
    )
    lines = ["<h3>The last question that was attempted</h3>", "<table>", "<tbody>"]
    for id in ["before the first", *ids]:
        if last[id]:
            rest = len(rows) - last[id]
            lines.append(
                f'<tr><td>{id}</td><td><div class="bar" role="img" aria-label="{last[id]} of '
                f'{len(rows)}"><span class="correct" style="flex: {last[id]}">{last[id]}</span>'
                f'<span style="flex: {rest}"></span></div></td></tr>'
            )
    return [*lines, "</tbody>", "</table>"]


def _predictions(notebook: str, rows: Sequence[Row]) -> list[str]:
    """For every lab what was predicted how often; what it showed is marked."""
    told: dict[str, list[Prediction]] = defaultdict(list)
    for row in rows:
        for one in row.predictions:
            told[one.lab].append(one)
    if not told:
        return []
    lines = ["<h3>Predicted, and seen</h3>"]
    for lab in filter(told.__contains__, asked(notebook)):
        many = told[lab]
        count = Counter(one.said for one in many)
        lines.append(
            f"<h4>{html.escape(lab)}: {len(many)} of {len(rows)} predicted</h4>"
            f"<p>{html.escape(many[0].question.text)}</p>"
        )
        lines += ["<table>", "<tbody>"]
        for option in many[0].options:
            seen = option == many[0].question.answer
            mark = "<strong>seen</strong>" if seen else ""
            rest = len(many) - count[option]
            state = "correct" if seen else "not-yet"
            lines.append(
                f'<tr><td>{html.escape(option)} {mark}</td><td><div class="bar" role="img" '
                f'aria-label="{count[option]} of {len(many)}"><span class="{state}" '
                f'style="flex: {count[option]}">{count[option] or ""}</span>'
                f'<span style="flex: {rest}"></span></div></td></tr>'
            )
        lines += ["</tbody>", "</table>"]
    return lines


def _class(state: str) -> str:
    return state.replace(" ", "-")
