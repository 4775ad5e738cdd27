"""The page of the class: its first screen says how it went, the rest is folded."""

from __future__ import annotations

import html
import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from textwrap import shorten
from urllib.parse import quote

from hmlib import check
from hmlib.check.kinds import Choice
from hmlib.check.question import Question
from hmlib.check.words import counted
from hmlib.course.marking.counting import Rule
from hmlib.course.marking.marked import Row
from hmlib.course.marking.markup import STATES, amount, class_of, page
from hmlib.course.marking.predictions import Prediction, asked

SHOWN = 6
"""Hand-ins to look at that stand there unfolded."""
BRIEF = 45
"""Letters of what is said there of each."""
NAMED = 20
"""Files beside notebooks that are named."""
COMMONEST = 2
"""Slips that the line of a question names."""
MOST_BARS = 12
"""Up to so many points each has a bar of its own; more are drawn in tenths."""

STYLE = """\
body { max-width: 78rem; margin: 1rem auto; }
h1, h1 + p { margin: 0; }
h2 { margin: .5rem 0; font-size: 1.25rem; }
.split { display: grid; grid-template-columns: 1fr 20rem; gap: 0 2rem; align-items: start; }
.split > * { min-width: 0; }
.look { grid-area: 1 / 2; border-left: 3px solid #e0a030; padding-left: 1rem; font-size: .95rem; }
.went { grid-area: 1 / 1; }
.look ul { padding-left: 1.1rem; margin: .3rem 0; }
.key span { border: 1px solid #555; padding: 0 .4rem; font-size: .85rem; }
details { border-bottom: 1px solid #bbb; }
summary { cursor: pointer; padding: .2rem 0; }
.line { display: inline-grid; grid-template-columns: 15rem 11rem 7.5rem 1fr; gap: 0 .8rem;
  width: calc(100% - 1.5rem); vertical-align: top; }
.line .bar { min-width: 0; }
.points { display: flex; align-items: flex-end; gap: 4px; max-width: 36rem; text-align: center; }
.points > span { flex: 1; font-size: .85rem; line-height: 1.2; }
.points i { display: block; background: #2a7f62; }
@media (max-width: 70rem) {
  .split { display: block; }
  .line { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
@media print {
  .split { display: block; }
  details::details-content { display: block; content-visibility: visible; }
  summary, tr, .points { break-inside: avoid; }
  .bar span, .key span, .points i { print-color-adjust: exact; }
}
"""


def class_page(rows: Sequence[Row], rules: Mapping[str, Rule], pages: Sequence[str]) -> str:
    """What the class did, and what a teacher has to look at.

    Args:
        rows: what was handed in.
        rules: what counts.
        pages: the name of the student's page of each row; empty for what has none.
    """
    by_notebook: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.marks:
            by_notebook[row.notebook].append(row)
    head, went = [f"<p>{_how_many(rows)}</p>"], []
    if len(by_notebook) > 1:
        links = [
            f'<a href="#nb{nb}">{nb}: {len(by_notebook[nb])}</a>' for nb in sorted(by_notebook)
        ]
        head.append(f"<p>Notebooks: {', '.join(links)}.</p>")
    for notebook, marked in sorted(by_notebook.items()):
        went.append(f'<h2 id="nb{notebook}">Notebook {notebook}: {len(marked)} marked</h2>')
        went += _totals(marked, rules)
        went += _questions(notebook, marked)
        went += _stops(notebook, marked)
        went += _predictions(notebook, marked)
    went += _corrected(rows, pages)
    body = [*head, '<div class="split">', *_look(rows, pages), '<div class="went">', *went]
    return page("The class", [*body, "</div>", "</div>"], STYLE)


def _how_many(rows: Sequence[Row]) -> str:
    marked = [row for row in rows if row.marks]
    flagged = [row for row in rows if row.to_look_at]
    words = f"<strong>{len(rows)} handed in</strong>: {len(marked)} marked"
    if left := len(rows) - len(marked):
        words += f", {left} could not be"
    return f"{words}. {len(flagged) or 'None'} to look at by hand."


def _look(rows: Sequence[Row], pages: Sequence[str]) -> list[str]:
    """Hand-ins with a flag, in brief and in full, and files that are no notebooks."""
    beside = [name for row in rows for name in row.beside]
    noticed = [(row, name) for row, name in zip(rows, pages, strict=True) if row.to_look_at]
    noticed.sort(key=lambda one: bool(one[1]))
    if not noticed and not beside:
        return []
    body = ['<section class="look">', "<h2>Look at by hand</h2>", "<ul>"]
    for row, name in noticed[:SHOWN]:
        few = shorten("; ".join(row.to_look_at), BRIEF, placeholder=" ...")
        body.append(f"<li>{_who(row, name)}: {html.escape(few)}</li>")
    more = f"All {len(noticed)} in full" if noticed else "Other files"
    body += ["</ul>", f"<details><summary>{more}</summary>", "<ul>"]
    for row, name in noticed:
        said = html.escape("; ".join(row.to_look_at))
        body.append(f"<li>{_who(row, name)}, <code>{html.escape(row.file)}</code>: {said}</li>")
    if beside:
        left = f" and {len(beside) - NAMED} more" if len(beside) > NAMED else ""
        few = ", ".join(f"<code>{html.escape(name)}</code>" for name in beside[:NAMED])
        body.append(f"<li>no notebooks, beside others: {few}{left}</li>")
    return [*body, "</ul>", "</details>", "</section>"]


def _who(row: Row, name: str) -> str:
    """The student, with a link to the page where there is one."""
    student = html.escape(row.student)
    if not name:
        return f"<strong>{student}</strong>, not marked"
    return f'<a href="students/{quote(name)}">{student}</a>'


def _corrected(rows: Sequence[Row], pages: Sequence[str]) -> list[str]:
    """What was corrected by hand, for whom and why."""
    told = [
        f"<li>{_who(row, name)}: {html.escape(flag)}</li>"
        for row, name in zip(rows, pages, strict=True)
        for flag in row.corrected
    ]
    if not told:
        return []
    summary = f"<summary>Corrected by hand: {counted(len(told), 'question')}</summary>"
    return ["<details>", summary, "<ul>", *told, "</ul>", "</details>"]


def _totals(rows: Sequence[Row], rules: Mapping[str, Rule]) -> list[str]:
    """How many have how many points."""
    most = rows[0].most(rules)
    if not most:
        return ["<p>No question counts.</p>"]
    bars = int(most) if most == int(most) <= MOST_BARS else 10
    totals = [row.total(rules) for row in rows]
    # A third and two thirds of a point are not quite one.
    count = Counter(int(total * bars / most + 1e-6) for total in totals)
    highest = max(count.values())
    words = f"{amount(min(totals))} to {amount(max(totals))} of {amount(most)}"
    had = ", ".join(f"{k * most / bars:g}: {count[k]}" for k in range(bars + 1) if count[k])
    lines = [
        f"<p>Points: {words}; half have {amount(statistics.median(totals))} or more.</p>",
        f'<div class="points" role="img" aria-label="points: how many, {had}">',
    ]
    for k in range(bars + 1):
        bar = f'<i style="height: {4.5 * count[k] / highest:.2f}rem"></i>'
        lines.append(f"<span>{count[k] or ''}{bar}{k * most / bars:g}</span>")
    return [*lines, "</div>"]


def _questions(notebook: str, rows: Sequence[Row]) -> list[str]:
    """A line a question, the most failed first; opened it has its text and every slip."""
    count = {
        question.id: Counter(row.marks[question.id].state for row in rows)
        for question in check.questions(notebook)
    }
    key = " ".join(f'<span class="{class_of(state)}">{state}</span>' for state in STATES)
    lines = [f'<p class="key">Most failed first: {key}</p>']
    for question in sorted(check.questions(notebook), key=lambda q: count[q.id]["correct"]):
        lines += _question(question, count[question.id], rows)
    return lines


def _question(question: Question, count: Mapping[str, int], rows: Sequence[Row]) -> list[str]:
    slips = Counter(row.marks[question.id].slip for row in rows)
    del slips[""]
    ordered = sorted(slips.items(), key=lambda item: (-item[1], item[0]))
    often = ", ".join(f"{html.escape(slip)} {times}" for slip, times in ordered[:COMMONEST])
    parts = [
        f'<span class="{class_of(state)}" style="flex: {count[state]}"></span>'
        for state in STATES
        if count[state]
    ]
    words = ", ".join(f"{count[state]} {state}" for state in STATES if count[state])
    title = html.escape(question.prose.title)
    lines = [
        f'<details><summary><span class="line"><span>{question.id} {title}</span>'
        f'<span class="bar">{"".join(parts)}</span>'
        f"<span>{count['correct']} of {len(rows)} right</span><span>{often}</span></span>",
        "</summary>",
        f'<p class="said">{html.escape(_asked(question))}</p>',
        f"<p>{words}.</p>",
    ]
    found = [(slip, times, str(question.prose.slips.get(slip, ""))) for slip, times in ordered]
    if isinstance(question, Choice):
        found.insert(0, (question.answer, count["correct"], "This is right."))
    if not found:
        return [*lines, "<p>No slip was recognised.</p>", "</details>"]
    lines += ["<table>", "<thead><tr><th>how often</th><th>answer</th></tr></thead>", "<tbody>"]
    for name, times, said in found:
        option = str(question.prose.options.get(name, ""))
        words = (
            f'{html.escape(option)}<p class="said">{html.escape(said)}</p>'
            if option
            else html.escape(said)
        )
        lines.append(
            f'<tr><td class="number">{times} of {len(rows)}</td>'
            f"<td><strong>{html.escape(name)}</strong>: {words}</td></tr>"
        )
    return [*lines, "</tbody>", "</table>", "</details>"]


def _asked(question: Question) -> str:
    """The question, and the lines that it puts in order."""
    lines = [f"{letter}. {line}" for letter, line in question.prose.lines.items()]
    return "\n".join([question.prose.prompt, *lines])


def _stops(notebook: str, rows: Sequence[Row]) -> list[str]:
    """The last question that was attempted, in the order of the notebook."""
    ids = [question.id for question in check.questions(notebook)]
    last = Counter(
        next((id for id in reversed(ids) if row.marks[id].tries), "before the first")
        for row in rows
    )
    lines = [
        f"<details><summary>Last question attempted: {ids[-1]} by {last[ids[-1]]} of "
        f"{len(rows)}</summary>",
        "<table>",
        "<tbody>",
    ]
    for id in ["before the first", *ids]:
        if last[id]:
            rest = len(rows) - last[id]
            lines.append(
                f'<tr><td>{id}</td><td><div class="bar" role="img" aria-label="{last[id]} of '
                f'{len(rows)}"><span class="correct" style="flex: {last[id]}">{last[id]}</span>'
                f'<span style="flex: {rest}"></span></div></td></tr>'
            )
    return [*lines, "</tbody>", "</table>", "</details>"]


def _predictions(notebook: str, rows: Sequence[Row]) -> list[str]:
    """For every lab what was predicted how often; what it showed is marked."""
    told: dict[str, list[Prediction]] = defaultdict(list)
    for row in rows:
        for one in row.predictions:
            told[one.lab].append(one)
    if not told:
        return []
    lines = [f"<details><summary>Predicted, and seen: {counted(len(told), 'lab')}</summary>"]
    for lab in filter(told.__contains__, asked(notebook)):
        many = told[lab]
        count = Counter(one.said for one in many)
        lines.append(
            f"<h3>{html.escape(lab)}: {len(many)} of {len(rows)} predicted</h3>"
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
    return [*lines, "</details>"]
