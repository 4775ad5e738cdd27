"""Questions with numbers of a student's own: an oracle reads each in words, as a student does."""

from __future__ import annotations

import itertools
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.stats import binom, entropy

from hmlib import check, exact
from hmlib.binary import Generative, Recognition
from hmlib.check import asking
from hmlib.check.bank import find, notebooks
from hmlib.check.function import Function
from hmlib.check.kinds import Choice, Number, Numbers, Order
from hmlib.check.varying import _WORDS, MANY, seed_of, variant_of, words
from hmlib.course.lawn import WET
from hmlib.course.machines import tiny, tiny_of

STUDENTS = [f"student {k}" for k in range(1, 21)]

VARIED = [q.id for q in check.questions() if isinstance(q, Number | Numbers)]
FUNCTIONS = [q.id for q in check.questions() if isinstance(q, Function)]


def between(text: str, start: str, stop: str) -> list[float]:
    """The numbers between two phrases of a text; fractions count as one."""
    part = text.partition(start)[2].partition(stop)[0]
    assert part, (start, text)
    return [float(Fraction(one)) for one in re.findall(r"-?\d+(?:\.\d+|/\d+)?", part)]


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, dtype=float)))


def logit(p):
    return np.log(p) - np.log1p(-np.asarray(p, dtype=float))


def wet_lawn(text):
    [s] = between(text, "machine of strength", "?")
    total = 0.0
    for v in itertools.product((0, 1), repeat=2):
        prior = np.prod([sigmoid(-s if on else s) for on in v])
        total += prior * sigmoid(2 * s * sum(v) - 2 * s)
    return total


def lawn(text):
    rain, sprinkler = between(text, "Rain falls", "independently")
    wet = between(text, "The lawn is wet with", "did. The lawn")
    table = {}
    for r, s in itertools.product((0, 1), repeat=2):
        prior = (rain if r else 1 - rain) * (sprinkler if s else 1 - sprinkler)
        table[r, s] = prior * wet[r + s]
    return table


def sprinkler_if_wet(text):
    table = lawn(text)
    return sum(p for (_, s), p in table.items() if s) / sum(table.values())


def sprinkler_if_wet_and_rain(text):
    table = lawn(text)
    return table[1, 1] / (table[1, 0] + table[1, 1])


def tiny_machine(text):
    on = between(text, "P[u=1|v] =", "for v")
    guess = between(text, "the first is on with", ". The input")
    x = logit(on)
    assert x[0] + x[3] == pytest.approx(x[1] + x[2])
    gen = Generative(np.zeros(2), np.array([[x[2] - x[0], x[1] - x[0]]]), x[:1])
    return gen, Recognition(logit(guess), np.zeros((2, 1))), np.ones((1, 1))


def split(text):
    gen, rec, u = tiny_machine(text)
    H = entropy(exact.recognition_table(rec, u)[0])
    return exact.free_energy(gen, rec, u)[0] - H, H


def free_energy(text):
    return exact.free_energy(*tiny_machine(text))[0]


def alike(text):
    n = _WORDS.index(re.search(r"has (\w+) causes", text)[1])
    signs = list(itertools.product((1, -1), repeat=n))
    orders = itertools.permutations(range(1, n + 1))
    return len({tuple(a * b for a, b in zip(o, s, strict=True)) for o in orders for s in signs})


def two_slopes(text):
    P = np.array(between(text, "P[v,u=1] =", "and Q"))
    Q = between(text, "and Q =", "for v")
    f = np.array([Q[2] + Q[3], Q[1] + Q[3]])

    def F(y):
        on = sigmoid(y)
        q = [np.prod(np.where(v, on, 1 - on)) for v in itertools.product((0, 1), repeat=2)]
        return np.dot(q, np.log(P / q))

    assert [(1 - f[0]) * (1 - f[1]), f[0] * f[1]] == pytest.approx([Q[0], Q[3]])
    y, step = logit(f), 1e-5
    return tuple((F(y + step * e) - F(y - step * e)) / (2 * step) for e in np.eye(2))


def one_bias(text):
    q = between(text, "Q[v_a = 1|u] =", ". To what")
    return brentq(lambda g: np.mean(q - sigmoid(g)), -20, 20)


def both_directions(text):
    P = between(text, "P =", "for v")
    a, b = between(text, "The guess Q says", "independently")
    Q = [(a if v else 1 - a) * (b if w else 1 - b) for v, w in itertools.product((0, 1), repeat=2)]
    return entropy(Q, P), entropy(P, Q)


def how_many(text):
    [n, error] = between(text, "A sleep update from", ". From how")
    [wanted] = between(text, "expect an error of", "?")
    return brentq(lambda m: error / np.sqrt(m / n) - wanted, 1, 1e7)


def sleep_update(text):
    chances = between(text, "P[v,u] =", ". The recogniser")
    guess = between(text, "guesses f(y) =", "when it is on")
    dreams = zip(itertools.product((0, 1), repeat=2), chances, strict=True)
    errors = [(p * (v - guess[u]), u) for (v, u), p in dreams]
    return sum(e for e, _ in errors), sum(e * u for e, u in errors)


def changes(text):
    s = np.array(between(text, "slope of F in them is", ". The expected"))
    d = np.array(between(text, "at rate 1 is", ", and it"))
    [rate] = between(text, "sleep is done at rate", ". Give")
    return tuple(np.array([s, d]) @ (rate * d))


def two_guesses(text):
    said = between(text, "The posterior is", "and 0 for all")
    [of_each] = between(text, "The second says", "for each cause")
    table = {"100": said[0], "001": said[0], "010": said[0]}
    if "for the pattern 100" in text:
        table |= dict.fromkeys(("001", "010"), said[2])
    assert sum(table.values()) == pytest.approx(1)
    patterns = ["".join(v) for v in itertools.product("01", repeat=3)]
    P = [table.get(v, 0.0) for v in patterns]
    hedged = [np.prod([of_each if on == "1" else 1 - of_each for on in v]) for v in patterns]
    return entropy([float(v == "100") for v in patterns], P), entropy(P, hedged)


def log_of_mean(text):
    r = between(text, "/ Q[v_k|u] =", ". Give")
    return np.log(np.mean(r)), np.mean(np.log(r))


def code(text):
    p = between(text, "with probabilities", ". The enc")
    return tuple(np.average([[z, z**2, 1] for z in (0, 1, 2)], axis=0, weights=p))


def pair(text):
    told = between(text, "P[z1 z2]:", ". Its")
    table = dict(zip(map(int, told[::2]), told[1::2], strict=True))
    assert sum(table.values()) == pytest.approx(1)
    v = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    means = np.array([table[int(f"{a}{b}")] for a, b in v]) @ v

    def dual(eta):
        return np.log(np.exp(v @ eta).sum()) - eta @ means

    heights = np.exp(v @ minimize(dual, np.zeros(2), tol=1e-12).x)
    q = heights / heights.sum()
    return q[3], q[0]


def mixed(text):
    a, b, c, d = between(text, "have the codes", "under")
    s, t = between(text, "their mixture", "?")
    assert s + t == pytest.approx(1)
    return s * a + t * c, s * b + t * d


def jump(text):
    [height] = between(text, "f(z) is", "if z is")
    p = between(text, "gives them", ". What")
    T, f = np.array([[-1, 1], [0, 1], [1, 1]]), np.array([0, 0, height])
    alpha = np.linalg.lstsq(T, f, rcond=None)[0]
    return p @ T @ alpha, 2 * np.abs(f - T @ alpha).max()


def by_hand(text):
    near = between(text, "heard near, from the places", ". In")
    far = between(text, "far, from the places", ". The one")
    assert text.startswith([*_WORDS, "13"][len(near) + len(far)].capitalize())
    errors = np.concatenate([np.subtract(one, np.mean(one)) for one in (near, far)])
    return np.mean(near), np.mean(far), np.mean(errors**2)


def read_out(text):
    [average, one] = between(text, "r = (", "). Now")
    power = int(re.search(r"\|z\|\^(\d)", text)[1])
    z = np.abs(between(text, "z =", ", the enc"))
    line = np.polyfit(z, z**power, 1)
    return *line, line @ [average, one]


def weights(text):
    a, b, c, d = between(text, "In the data A has", ". The ridge")
    assert (a + b, c + d) == pytest.approx((1, 1))
    return tuple(np.linalg.solve(np.diag([c, d]), [a - c, b - d]))


def constant(text):
    [near] = between(text, "Two dreams, at x =", "and at")
    [far] = between(text, "and at x =", ". The only")
    a = np.linalg.lstsq([[near], [far]], [1, 1], rcond=None)[0][0]
    return 0.0, a, 5 * a


def any_false(text):
    [n] = between(text, "are compared on", "data sets")
    [level] = between(text, "p <", "for 'A")
    return binom.sf(0, int(n), level)


def difference(text):
    a, b = between(text, "MMD^2 is", ", and the standard")
    [error] = between(text, "difference is", ", with")
    statistic = (a - b) / error
    return statistic, (-3 / statistic) ** 2


ORACLES = {
    "00.4": wet_lawn,
    "01.8": sprinkler_if_wet,
    "01.9": sprinkler_if_wet_and_rain,
    "02.5": split,
    "02.6": free_energy,
    "02.9": alike,
    "03.4": two_slopes,
    "03.5": one_bias,
    "04.1": both_directions,
    "04.6": how_many,
    "04.8": sleep_update,
    "05.5": changes,
    "06.1": two_guesses,
    "06.9": log_of_mean,
    "07.1": code,
    "07.5": pair,
    "07.7": mixed,
    "07.10": jump,
    "08.2": by_hand,
    "08.8": read_out,
    "09.9": weights,
    "10.1": constant,
    "10.6": any_false,
    "10.7": difference,
}


def asked(question):
    return " ".join(str(question.prose.prompt).split())


@pytest.fixture
def nobody():
    """Afterwards nobody in particular is asked again."""
    yield
    asking.ask_for(asking.Student())


def test_every_question_with_numbers_varies_and_has_an_oracle():
    assert list(ORACLES) == VARIED
    assert [q.id for q in check.questions() if q.varies] == VARIED


@pytest.mark.parametrize("id", VARIED)
def test_what_is_asked_has_the_expected_answer(id):
    for variant in range(MANY + 1):
        question = find(id, variant)
        right = ORACLES[id](asked(question))
        assert np.shape(right) == np.shape(question.answer), asked(question)
        away = np.abs(np.subtract(right, question.answer))
        assert away.max() <= 0.1 * question.atol, (variant, asked(question))
        assert question.grade(right).outcome == "correct"


@pytest.mark.parametrize("id", VARIED)
def test_every_slip_of_a_variant_is_told_as_itself(id):
    for variant in range(1, MANY + 1):
        question = find(id, variant)
        for name, slip in question.slips.items():
            assert question.grade(slip).slip == name, (variant, asked(question))


@pytest.mark.parametrize("id", VARIED)
def test_the_numbers_are_others_and_the_words_are_whole(id):
    printed, prompts = find(id), set()
    for variant in range(1, MANY + 1):
        question = find(id, variant)
        prompts.add(asked(question))
        assert question.grade(printed.answer).outcome == "not yet"
        assert printed.grade(question.answer).outcome == "not yet"
        prose = question.prose
        said = [prose.title, prose.prompt, prose.why, prose.otherwise, *prose.hints]
        for text in (*said, *prose.slips.values()):
            assert not re.search(r"(?<![\w^])\{[a-z]|\d\.\d{7}|e-\d|nan|None", text.markdown), (
                text.markdown
            )
    assert asked(printed) not in prompts
    # 02.9 has no more than three other numbers of causes that one can count.
    assert len(prompts) >= (3 if id == "02.9" else 6)


@pytest.mark.parametrize("name", STUDENTS)
@pytest.mark.usefixtures("nobody")
def test_a_student_is_asked_and_judged_by_numbers_of_their_own(name, capsys):
    check.student(name)
    capsys.readouterr()
    for id in VARIED:
        question = find(id, variant_of(name))
        check.ask(id)
        said = " ".join(capsys.readouterr().out.split())
        assert asked(question) in said
        assert "These numbers go with your name" in said
        check(id, ORACLES[id](asked(question)))
        assert f"{id}: correct." in capsys.readouterr().out
        check(id, find(id).answer)
        assert f"{id}: not yet." in capsys.readouterr().out
    gen, rec, u = tiny()
    F = exact.free_energy(gen, rec, u)[0]
    assert find("02.6", variant_of(name)).grade(F).outcome == "correct"


@pytest.mark.long
@pytest.mark.parametrize("id", FUNCTIONS)
def test_a_function_is_tried_on_cases_of_a_students_own(id):
    question = find(id)
    for name in STUDENTS:
        seed = seed_of(name)
        assert question.grade(question.answer, seed).outcome == "correct"
        for slip, wrong in question.slips.items():
            assert question.grade(wrong, seed).slip == slip, (name, slip)


@pytest.mark.usefixtures("nobody")
def test_a_question_that_cannot_be_another_says_so(capsys):
    check.student("anna")
    for question in check.questions():
        check.ask(question.id)
        said = " ".join(capsys.readouterr().out.split())
        assert ("same for everybody" in said) == isinstance(question, Function)
        if isinstance(question, Choice | Order):
            assert question.own == ""


@pytest.mark.usefixtures("nobody")
def test_nobody_in_particular_has_the_numbers_that_are_printed(capsys):
    check.ask("02.5")
    before = capsys.readouterr().out
    check.student("anna")
    check.ask("02.5")
    assert capsys.readouterr().out != before
    check.student(...)
    assert "No name yet" in capsys.readouterr().out
    check.ask("02.5")
    assert capsys.readouterr().out == before
    assert np.array_equal(exact.states(2), exact.states(2))
    assert tiny()[2].tolist() == [[1.0]] == [list(row) for row in WET]


def test_one_name_in_many_forms():
    forms = ("Anna Müller", "müller, anna", "anna_muller", "ANNA-MULLER", "Muller  Anna.")
    assert {words(form) for form in forms} == {("anna", "muller")}
    assert len({variant_of(form) for form in forms}) == 1
    # Moodle takes an apostrophe out of the name of a folder.
    irish = ("Seán O'Neill", "Seán O’Neill", "Sean ONeill", "O`NEILL, Sean")
    assert {words(form) for form in irish} == {("oneill", "sean")}
    assert variant_of(1234567) == variant_of("1234567")
    assert {variant_of(f"name {k}") for k in range(200)} == set(range(1, MANY + 1))


@pytest.mark.parametrize("name", ["", " - ", None, 1.5, True, ["anna"]])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match=r"name is .*accepted"):
        check.student(name)


def test_the_tiny_machine_has_as_many_variants():
    assert len({tiny_of(variant) for variant in range(MANY + 1)}) == MANY + 1
    assert len(notebooks()) == 11
