"""The student's edition is attacked: no answer is found in it, and its checks judge like ours."""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.varying import MANY
from hmlib.course.handing_out.editions import hand_out
from hmlib.course.lessons.papers import PAPERS, read

pytestmark = pytest.mark.long

ROUNDS = 2


@pytest.fixture(scope="module")
def handout(tmp_path_factory) -> Path:
    """With numbers for each student, so that there is more to find than in the other one."""
    out = tmp_path_factory.mktemp("handout") / "course"
    return hand_out(out, rounds=ROUNDS, own_numbers=True)


@pytest.fixture(scope="module")
def found(handout) -> dict:
    script = Path(__file__).with_name("attack.py")
    made = subprocess.run(
        [sys.executable, "-P", str(script), str(handout)],
        cwd=handout, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["where"].startswith(str(handout))
    assert len(told["texts"]) > 1000
    return told


def bare(text: str) -> str:
    """Letters and digits, so that no wrapping or markup hides a text."""
    return re.sub(r"[\W_]+", "", text)


@pytest.fixture(scope="module")
def haystack(found) -> str:
    return bare("\n".join(found["texts"]))


def test_the_attack_finds_what_is_there(haystack):
    """The control: the questions themselves, and the words to a wrong answer, are found."""
    for question in check.questions():
        assert bare(question.prose.prompt)[:60] in haystack
        if question.prose.otherwise:
            assert bare(question.prose.otherwise)[:60] in haystack


def test_no_question_has_an_answer(found):
    assert len(found["answers"]) == len(check.questions())
    assert set(found["answers"].values()) == {"Ellipsis"}


def test_no_file_of_answers_is_there(handout):
    files = ("checks.py", "solutions.py", "variants.py", "questions.md")
    rooms = ("tests", "marking", "handing_out", "exporting", "lessons", "releasing", "teaching")
    for name in (*files, *rooms):
        assert list(handout.rglob(name)) == []


@pytest.mark.parametrize("question", check.questions(), ids=lambda q: q.id)
def test_nothing_says_why_an_answer_is_right_or_wrong(question, haystack):
    said = [question.prose.why, *question.prose.slips.values()]
    assert [text for text in said if len(bare(text)) > 30 and bare(text) in haystack] == []


@pytest.mark.parametrize("name", PAPERS)
def test_no_answer_to_an_exam_question_is_there(name, haystack, handout):
    assert list(handout.rglob(f"*{name}*")) == []
    for item in read(name).items:
        for said in (item.answer, item.marks):
            sentences = [bare(text) for text in re.split(r"(?<=[.:]) |\n", said)]
            long_ones = [text for text in sentences if len(text) > 40]
            assert [text for text in long_ones if text in haystack] == []


RATIOS = {p / q for p in range(1, 61) for q in range(1, 31)}
CONSTANTS = np.array([f(x) for x in RATIOS for f in (float, np.log)])


def telling(question) -> list[float]:
    """Numbers of an answer that stand nowhere by chance, as 2/3, ln 3 and 0.0275 may."""
    answer = question.answer if isinstance(question, Numbers) else (question.answer,)
    return [
        x
        for x in map(float, answer)
        if abs(x * 1e5 - round(x * 1e5)) > 1e-4
        and not np.isclose(abs(x), abs(CONSTANTS), rtol=1e-9, atol=0).any()
    ]


def test_no_number_of_an_answer_is_there(found):
    known = np.array(found["numbers"])
    checked = 0
    for printed in check.questions():
        if isinstance(printed, Number | Numbers):
            for question in [find(printed.id, variant) for variant in range(MANY + 1)]:
                for value in telling(question):
                    checked += 1
                    assert not np.isclose(known, value, rtol=1e-9, atol=0).any(), question.id
            for value in telling(printed):
                digits = f"{abs(value):.3f}"
                assert not [h for h in found["hints"][printed.id] if digits in h], printed.id
    assert checked >= 12 * MANY


def body(function: ast.FunctionDef) -> str:
    """What a function does, without names of arguments' types and without words."""
    lines = function.body
    if isinstance(lines[0], ast.Expr) and isinstance(lines[0].value, ast.Constant):
        lines = lines[1:]
    return "\n".join(ast.dump(line) for line in lines)


def test_no_function_of_an_answer_is_there(handout):
    """No function of the handout does, line by line, what a solution does."""
    solved = {}
    for question in check.questions():
        if isinstance(question, Function):
            tree = ast.parse(inspect.getsource(question.answer))
            solved[body(tree.body[0])] = question.id
    assert len(solved) > 25
    for path in (handout / "hmlib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert body(node) not in solved, (path, solved.get(body(node)))


def test_no_order_of_lines_is_there(haystack, found):
    for question in check.questions():
        if isinstance(question, Order):
            assert not [t for t in found["texts"] if re.search(rf"\b{question.answer}\b", t)]


def test_the_locked_texts_of_a_choice_cannot_be_told_apart(handout):
    for path in (handout / "hmlib").rglob("sealed.json"):
        for one in json.loads(path.read_text(encoding="utf-8")):
            locked = one["box"]["texts"]
            assert len({len(data) for _, data in locked}) == 1, one["id"]
            slots = [data for many in one["box"]["slots"].values() for data in many.values()]
            assert len({len(data) for data in slots}) == 1, one["id"]


JUDGE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import importlib
from hmlib import check
given = json.loads(sys.stdin.read())
print(json.dumps([[id, *(lambda v: (v.outcome, v.slip, v.score, str(v.message)))(
    check.grade(id, tuple(a) if isinstance(a, list) else a, 0, variant))]
    for id, variant, a in given]))
"""


def test_values_are_judged_as_in_the_full_edition(handout):
    """Right answers and every slip: the same verdict, with the same words."""
    given, expected = [], []
    asked = [(question, 0) for question in check.questions()]
    asked += [(find(q.id, k), k) for q, _ in asked if q.varies for k in range(1, MANY + 1)]
    for question, variant in asked:
        if isinstance(question, Choice | Order | Number | Numbers):
            for answer in [question.answer, *question.all_slips().values()]:
                plain = [float(x) for x in answer] if isinstance(answer, tuple) else answer
                plain = plain if isinstance(plain, str | list) else float(plain)
                given.append([question.id, variant, plain])
                verdict = question.grade(answer)
                told = (verdict.outcome, verdict.slip, verdict.score, str(verdict.message))
                expected.append([question.id, *told])
    assert len(given) > 200
    made = subprocess.run(
        [sys.executable, "-P", "-c", JUDGE, str(handout)],
        input=json.dumps(given), cwd=handout, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(made.stdout) == expected
