"""The page of the class: its first screen says what a teacher needs, and nothing is lost below."""

from __future__ import annotations

import html
import random
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from windows import window_of

from hmlib import check
from hmlib.check.bank import find, notebooks
from hmlib.course.marking import counting, noticing, predictions, reports

FIRST = ("Anna", "Bo", "Carl", "Dora", "Emil", "Fatima", "Gina", "Hans", "Ines", "José")
LAST = ("Berg", "García", "Koch", "O'Neill")
SAID = (
    "made under the name 'Karin Weber', which is not {!r}: judged by the numbers of {!r}",
    "more than one file, the oldest first: {0}/02_x.ipynb, {0}/02_x (1).ipynb",
    "cell 9: SyntaxError: invalid syntax, line 1",
)


def forty(notebook: str) -> list[reports.Row]:
    """Forty hand-ins of a notebook, two of them unreadable and a dozen with a flag."""
    chance = random.Random(f"class {notebook}")
    names = [f"{first} {last}" for last in LAST for first in FIRST]
    rows = []
    for k, name in enumerate(names):
        file = f"{name}_{4400 + k}_assignsubmission_file_/{notebook}_x.ipynb"
        if k % 20 == 7:
            rows.append(reports.Row(file, name, "", {}, ["cannot be read as a notebook: no JSON"]))
            continue
        marks = {}
        for question in check.questions(notebook):
            slip = chance.choice([*question.all_slips(), "", ""])
            state, points = ("not yet", 0.0) if slip else ("correct", 1.0)
            marks[question.id] = counting.Mark(state, points, 1, "said", slip)
        flags = [SAID[k % 3].format(name, name)] if k % 4 == 0 else []
        foreseen = [
            predictions.Prediction(lab, question, chance.choice(question.options))
            for lab, question in predictions.asked(notebook).items()
        ]
        rows.append(
            reports.Row(
                file, name, notebook, marks, flags, predictions=foreseen, beside=[f"{name}/a.txt"]
            )
        )
    return rows


def written(folder, rows) -> str:
    reports.write_all(folder, rows, counting.rules(folder))
    return (folder / "class.html").read_text(encoding="utf-8")


class Words(HTMLParser):
    """The words of a page, and of those the ones that are in view while nothing is opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.all = ""
        self.seen: list[str] = []
        self.feed(text.partition("</head>")[2])
        assert self.open == [], "what is opened is closed"

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("body", "html"):
            assert self.open.pop() == tag
        elif tag in self.open:
            self.open.remove(tag)

    def handle_data(self, data):
        self.all += data
        if "details" not in self.open or "summary" in self.open[self.open.index("details") :]:
            self.seen += data.split()


@pytest.mark.parametrize("notebook", notebooks())
def test_the_words_in_view_are_few_and_none_is_lost(tmp_path, notebook):
    rows = forty(notebook)
    page = written(tmp_path, rows)
    words = Words(page)
    assert len(words.seen) <= 350
    text = " ".join(words.all.split())
    for row in rows:
        for flag in row.flags:
            assert flag in text
        for id, mark in row.marks.items():
            said = str(find(id).prose.slips.get(mark.slip, ""))
            option = str(find(id).prose.options.get(mark.slip, ""))
            assert not mark.slip or " ".join(f"{mark.slip}: {option}{said}".split()) in text
    assert "Predicted, and seen" in text or not predictions.asked(notebook)
    assert "Last question attempted" in text


def test_a_question_is_a_line_with_its_commonest_slips_the_most_failed_first(tmp_path):
    rows = [row for row in forty("02") if row.marks]
    page = written(tmp_path, rows)
    right = [int(n) for n in re.findall(rf"<span>(\d+) of {len(rows)} right", page)]
    assert right == sorted(right)
    assert len(right) == len(check.questions("02"))
    made = [row.marks["02.6"].slip for row in rows if row.marks["02.6"].slip]
    first = min(set(made), key=lambda slip: (-made.count(slip), slip))
    [summary] = [
        one for one in re.findall(r"<summary>(.*?)</summary>", page, re.S) if "02.6" in one
    ]
    assert f"<span>{html.escape(first)} {made.count(first)}, " in summary
    assert f">{made.count(first)} of {len(rows)}</td>" in page


def test_a_question_that_is_opened_needs_no_notebook(tmp_path):
    """Its text stands there, the lines to be put in order, and each option beside its letter."""
    rows = [row for row in forty("02") if row.marks]
    page = written(tmp_path, rows)
    text = html.unescape(page)
    for question in check.questions("02"):
        assert question.prose.prompt in text
        assert all(f"\n{letter}. {line}" in text for letter, line in question.prose.lines.items())
    choice = find("02.2")
    right = sum(row.marks["02.2"].state == "correct" for row in rows)
    assert (
        f'<td class="number">{right} of {len(rows)}</td><td><strong>D</strong>: '
        f'{choice.prose.options["D"]}<p class="said">This is right.</p></td>'
    ) in text
    for letter in {row.marks["02.2"].slip for row in rows} - {""}:
        assert f"<strong>{letter}</strong>: {choice.prose.options[letter]}<p" in text


def test_whoever_was_told_apart_is_not_to_be_looked_at(tmp_path):
    """Nothing is to be done; it stays in the table. Who has something else is there for that."""
    rows = [row for row in forty("02") if row.marks][:2]
    apart = noticing.NAMESAKE.format(student="Anna", number=41)
    rows = [replace(rows[0], flags=[apart]), replace(rows[1], flags=[apart, "cell 9: x"])]
    page = written(tmp_path, rows)
    assert "1 to look at by hand." in page
    assert "told apart" not in page
    assert page.count("cell 9: x") == 2
    assert (tmp_path / "marks.csv").read_text(encoding="utf-8").count("told apart") == 2
    page = written(tmp_path, [replace(rows[0], beside=[])])
    assert "None to look at by hand." in page
    assert "Look at by hand" not in page


def test_marks_are_drawn_and_add_up(tmp_path):
    rows = forty("02")
    page = written(tmp_path, rows)
    [had] = re.findall(r'aria-label="points: how many, (.*?)"', page)
    assert sum(int(one.partition(": ")[2]) for one in had.split(", ")) == 38
    assert "40 handed in</strong>: 38 marked, 2 could not be. 12 to look at by hand." in page
    rules = counting.rules(tmp_path)
    thirds = [counting.Mark("not yet", 1 / 3, 1, "") for _ in range(9)]
    row = reports.Row("a", "a", "02", {f"02.{k + 1}": one for k, one in enumerate(thirds)}, [])
    assert "points: how many, 3: 1" in reports.class_page([row], rules, ["a.html"])
    none = {id: counting.Rule(1, False) for id in rules}
    assert "No question counts." in reports.class_page([row], none, ["a.html"])
    heavy = rules | {"02.6": counting.Rule(5.5)}
    assert "points: how many, 2.7: 1" in reports.class_page([row], heavy, ["a.html"])


def test_who_is_to_be_looked_at_stands_first_and_leads_to_the_page(tmp_path):
    page = written(tmp_path, forty("02"))
    listed = page.partition("Look at by hand")[2].partition("<details>")[0]
    assert listed.count("<li>") == 6
    assert listed.index("not marked") < listed.index("students/")
    for target in re.findall(r'href="([^"#]+)"', page):
        assert (tmp_path / unquote(target)).is_file(), target


def test_several_notebooks_are_reached_from_the_top(tmp_path):
    page = written(tmp_path, [*forty("02"), *forty("05")])
    for notebook in ("02", "05"):
        assert f'<a href="#nb{notebook}">{notebook}: 38</a>' in page
        assert f'<h2 id="nb{notebook}">' in page


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert written(tmp_path / "a", forty("04")) == written(tmp_path / "b", forty("04"))


@pytest.mark.long
def test_the_first_screen_has_what_a_teacher_needs(tmp_path):
    """On 1366 by 768; and on paper all that is folded is printed."""
    from browser.on_page import serious

    written(tmp_path, forty("02"))
    with window_of(1366, 768) as opened:
        page = opened.new_page()
        page.goto((tmp_path / "class.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        lines = page.locator(
            ".went > details:has(.line) > summary, .points, .look > h2, .look > ul"
        )
        assert lines.count() == 9 + 3
        for line in lines.all():
            box = line.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= 768
        assert serious(page, "html") == []
        closed = page.locator("td", has_text=f"of {38}").first
        assert not closed.is_visible()
        page.emulate_media(media="print")
        assert closed.is_visible()
        page.emulate_media(media="screen")
        page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
        assert closed.is_visible()
        assert serious(page, "html") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
        page.goto(next(tmp_path.glob("students/*.html")).as_uri())
        assert serious(page, "html") == []
