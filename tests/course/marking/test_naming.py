"""Whose numbers a hand-in is judged by, from the name that was typed and that of the file."""

from __future__ import annotations

import csv
import json

import pytest

from hmlib import check
from hmlib.check.bank import find
from hmlib.check.varying import MANY, variant_of
from hmlib.course.__main__ import main
from hmlib.course.handing_out.filling import as_text, code
from hmlib.course.marking import rounds
from hmlib.course.marking.library import ROOT
from hmlib.course.marking.naming import NOBODY, whose
from tools import hand_ins

ANNA, MULLER = variant_of("anna"), variant_of("anna müller")
MOELLER, MOLLER = variant_of("anne moeller"), variant_of("anne möller")


@pytest.mark.parametrize(
    ("typed", "student", "names", "variant", "flag"),
    [
        ("", "bob", "fitting", 0, ""),
        ("anna", "anna", "fitting", ANNA, ""),
        ("Seán O'Neill", "Seán ONeill", "fitting", variant_of("Seán O'Neill"), ""),
        ("Anna Müller", "Müller Anna", "fitting", MULLER, ""),
        ("Anna Müller", "anna", "fitting", MULLER, "made under the name"),
        ("anna", "Anna Müller", "fitting", ANNA, "made under the name"),
        ("anna", "bob", "fitting", variant_of("bob"), "judged by the numbers of 'bob'"),
        ("anna", "bob", "typed", ANNA, "made under the name"),
        ("", "bob", "typed", 0, ""),
        ("", "anna", "file", ANNA, "under no name"),
        ("anna", "anna", "file", ANNA, ""),
        ("bob", "anna", "file", ANNA, "not 'anna'"),
        ("bob", "---", "file", 0, "no name can be read"),
        ("Anne Moeller", "Anne Möller", "fitting", MOELLER, "made under the name"),
        ("Anne Möller", "Moeller Anne", "fitting", MOLLER, "made under the name"),
        ("Anne Mo\u0308ller", "Moeller", "fitting", MOLLER, "made under the name"),
        ("Jörg Moeller", "JOERG_MÖLLER", "fitting", variant_of("jorg moeller"), "made under"),
        ("Anna Gross", "Anna Groß", "fitting", variant_of("anna gross"), ""),
        ("Anne Moller", "Anne Möller", "fitting", MOLLER, ""),
        # Without an umlaut in one of them they are two names.
        ("Anne Moller", "Anne Moeller", "fitting", MOELLER, "which is not 'Anne Moeller'"),
        ("Joe Li", "Jo Li", "fitting", variant_of("jo li"), "which is not 'Jo Li'"),
        ("Anne Moeller", "Anne Möller", "file", MOLLER, "which is not 'Anne Möller'"),
    ],
)
def test_whose_numbers(typed, student, names, variant, flag):
    found, said = whose(typed, student, names)
    assert found == variant
    assert bool(said) == bool(flag)
    assert flag in said


def test_what_fits_changes_nobodys_numbers():
    """The set of a name is that of its words, and of these an umlaut is the letter below it."""
    sets = {"anne möller": 3, "anne moeller": 5, "anne moller": 3, "jo li": 3, "joe li": 1}
    assert {name: variant_of(name) for name in sets} == sets


def test_whoever_was_asked_for_a_name_and_said_none_is_flagged():
    for names in ("fitting", "typed"):
        assert whose("", "bob", names, asked=True) == (0, NOBODY)
    assert whose("anna", "anna", "fitting", asked=True) == (ANNA, "")
    # The cell may be gone: then it shows by the rest of the class.
    bob: dict = {"name": "", "variant": 0, "flags": []}
    assert rounds.unnamed(bob, [True, True, False]) == [NOBODY]
    assert rounds.unnamed(bob, [True, False, False]) == []
    assert rounds.unnamed(bob | {"flags": [NOBODY]}, [True, True, False]) == []
    assert rounds.unnamed(bob | {"name": "bob", "variant": 3}, [True, True]) == []


def test_how_often_two_names_share_a_number():
    """One time in six, as SECURITY.md and give-this-course.md say: in twelve at best, in two."""
    varied = [question for question in check.questions() if question.varies]
    assert len(varied) == 24
    each = range(1, MANY + 1)
    shared = [
        sum(find(q.id, a).grade(find(q.id, b).answer).score == 1 for a in each for b in each)
        / MANY**2
        for q in varied
    ]
    assert 1 / 6.5 < sum(shared) / len(shared) < 1 / 5.5
    assert min(shared) == pytest.approx(1 / 12)
    assert max(shared) == pytest.approx(1 / 2)
    names = [f"{first} {last}" for first in FIRST for last in ("Koch", "Weber", "García")]
    assert len(names) >= 20
    pairs = [(variant_of(a), variant_of(b)) for a in names for b in names if a != b]
    of_names = [
        sum(find(q.id, a).grade(find(q.id, b).answer).score == 1 for a, b in pairs) / len(pairs)
        for q in varied
    ]
    assert 1 / 7 < sum(of_names) / len(of_names) < 1 / 5
    for page in ("SECURITY.md", "docs/teaching/give-this-course.md"):
        assert "five times of six" in (ROOT / page).read_text(encoding="utf-8").replace("\n", " ")


@pytest.mark.long
def test_two_of_one_name_have_a_mark_each_and_the_numbers_of_that_name(tmp_path, capsys):
    """Moodle's number tells them apart, and is no part of the name that says whose numbers."""
    if why := rounds.no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")
    half = hand_ins.filled("02", {"02.2": "'D'"}, slim=True)
    texts = {"41": written("Anna Müller", MULLER), "42": hand_ins.written(half)}
    for number, text in texts.items():
        name = f"Anna Müller_{number}_assignsubmission_file_/02_x.ipynb"
        hand_ins.write(tmp_path / "in", [hand_ins.Labelled(name, text, {})])
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "1"]
    for names, more in (("fitting", ["--give-back"]), ("file", [])):
        assert main([*line, "--workers", "2", "--names", names, *more]) == 0
        assert f"to give back are in {tmp_path / 'out' / 'back'}." in capsys.readouterr().out
        with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        totals = {who: row["total"] for who, row in rows.items()}
        assert totals == {"Anna Müller 41": "9", "Anna Müller 42": "1"}
        assert "told apart by Moodle's number 41" in rows["Anna Müller 41"]["flags"]
        assert "made under the name" not in rows["Anna Müller 41"]["flags"]


FIRST = ("Anna", "Bob", "Carl", "Dora", "Emil", "Fatima", "Gina", "Hans")


def own_answers(variant: int) -> dict[str, str]:
    """All right, with the numbers of a variant."""
    right = hand_ins.typed("02")
    return right | {q.id: as_text(find(q.id, variant).answer) for q in NUMBERED}


NUMBERED = [q for q in check.questions("02") if q.varies]


def written(name: str, variant: int) -> str:
    """A hand-in that says a name, with the right answers of a variant."""
    cells = hand_ins.filled("02", own_answers(variant), slim=True)
    cells.insert(1, code(f"check.student({name!r})"))
    return hand_ins.written(cells)


@pytest.mark.long
def test_a_copied_answer_earns_nothing_and_an_own_one_all(tmp_path):
    """Anna is right; Bob has Anna's numbers under his name, and Carl under hers as well."""
    if why := rounds.no_sandbox():
        pytest.skip(f"there is no sandbox here: {why}")
    assert len({variant_of(name) for name in ("anna", "bob", "carl")}) == 3
    made = {
        "anna": written("anna", ANNA),
        "bob": written("bob", ANNA),
        "carl": written("anna", ANNA),
    }
    chosen = [hand_ins.Labelled(f"{who}/02_x.ipynb", text, {}) for who, text in made.items()]
    hand_ins.write(tmp_path / "in", chosen)
    line = ["mark", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "1"]
    assert main([*line, "--workers", "2"]) == 0
    with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    for who in rows:
        for question in NUMBERED:
            # Of machines with three to six causes there are four: two students may share theirs.
            own = find(question.id, variant_of(who))
            points = own.grade(find(question.id, ANNA).answer).score
            assert float(rows[who][question.id]) == pytest.approx(points), (who, question.id)
        assert (float(rows[who]["02.6"]) == 1.0) == (who == "anna")
        assert float(rows[who]["02.7"]) == float(rows[who]["02.2"]) == 1.0
    assert rows["anna"]["flags"] == rows["bob"]["flags"] == ""
    assert "made under the name 'anna', which is not 'carl'" in rows["carl"]["flags"]
    page = (tmp_path / "out" / "students" / "anna_02.html").read_text(encoding="utf-8")
    assert f"with numbers {ANNA} of 12" in page
    assert main([*line, "--names", "typed"]) == 0
    with (tmp_path / "out" / "marks.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["carl"]["total"] == rows["anna"]["total"] == "9"
    assert rows["carl"]["tries"] == rows["anna"]["tries"]
    kept = [json.loads(path.read_text()) for path in (tmp_path / "out" / "kept").iterdir()]
    assert len(kept) == 6
