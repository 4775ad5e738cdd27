"""Exam papers: ten questions each, every number computed, every answer held by another way."""

from __future__ import annotations

import itertools
import math
import re
from fractions import Fraction as Q

import numpy as np
import pytest

from hmlib.course.lessons import papers
from hmlib.course.lessons.numbers_of_block_1 import WIRING, interaction, tied
from hmlib.course.lessons.papers import NUMBERS, PAPERS, PLACE, key, parsed, read, sheet


def f(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def numbers(id: str) -> dict:
    return dict(NUMBERS[id]())


def listed(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+(?:\.\d+)?", text)]


def source(name: str) -> str:
    folder = papers.resources.files("hmlib.course.lessons").joinpath("papers")
    return folder.joinpath(f"{name}.md").read_text(encoding="utf-8")


# What every paper has.


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_has_ten_questions_in_order(name):
    paper = read(name)
    first = paper.items[0].id.partition(".")[0]
    assert [item.id for item in paper.items] == [f"{first}.{k}" for k in range(1, 11)]
    assert all(item.text and item.answer and item.marks for item in paper.items)


@pytest.mark.parametrize("name", papers.BLOCKS)
def test_the_points_of_a_block_add_up(name):
    notebooks = {"block_1": "00010203", "block_2": "040506", "block_3": "07080910"}[name]
    for item in read(name).items:
        earned = [int(n) for n in re.findall(r"(\d+) points?", item.marks)]
        assert 4 <= item.points <= 6
        assert sum(earned) <= 2 * item.points
        assert all(number in notebooks for number in re.findall(r"\d\d", item.about))
        assert item.about.startswith("notebook")
    assert 45 <= sum(item.points for item in read(name).items) <= 60


@pytest.mark.parametrize("name", PAPERS)
def test_no_number_of_an_answer_is_typed(name):
    """Decimals stand in no answer but where a function puts them."""
    for part in source(name).split("\n### Answer\n")[1:]:
        typed = PLACE.sub("", part.split("\n### Marks\n")[0])
        assert re.findall(r"\d+\.\d+", typed) == []


def test_every_function_is_of_a_question():
    ids = {item.id for name in PAPERS for item in read(name).items}
    assert NUMBERS.keys() <= ids


@pytest.mark.parametrize("name", PAPERS)
def test_a_students_sheet_has_the_questions_and_no_answer(name):
    paper = read(name)
    for_students, for_marking = sheet(paper), key(paper)
    for item in paper.items:
        assert item.text in for_students
        assert item.answer in for_marking
        assert item.answer not in for_students
        assert item.marks not in for_students
    assert "{{" not in for_students + for_marking


GOOD = "# P\n\nAbove.\n\n## 1.1 T (2 points, 3 minutes)\n\nWhat {{x}}?\n\n### Answer\n\n{{y:.2f}}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no heading", "does not begin with a heading"),
        (GOOD, "is no question"),
        (GOOD.replace("(2 points, 3 minutes)", "") + "\n### Marks\n\n- 2\n", "is no question"),
        (GOOD.replace("{{y", "{{z") + "\n### Marks\n\n- 2\n", "{{z}} of 1.1 has no number"),
        (GOOD.replace("{{x}}", "?") + "\n### Marks\n\n- 2\n", "does not use its numbers"),
    ],
)
def test_a_paper_that_is_not_laid_out_is_refused(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        parsed(text, "p.md", {"1.1": lambda: {"x": 1, "y": 2.0}})


def test_numbers_are_put_in_their_places():
    [item] = parsed(
        GOOD + "\n### Marks\n\n- 2\n", "p.md", {"1.1": lambda: {"x": 1, "y": 2.0}}
    ).items
    assert (item.text, item.answer) == ("What 1?", "2.00")


# Block 1, by fractions and plain loops.


def test_smoke():
    n = numbers("1.1")
    fire, toast = Q(1, 20), Q(1, 5)
    ring = {(0, 0): Q(2, 100), (0, 1): Q(8, 10), (1, 0): Q(8, 10), (1, 1): Q(95, 100)}
    joint = {
        (a, b): (fire if a else 1 - fire) * (toast if b else 1 - toast) * ring[a, b]
        for a, b in ring
    }
    wet = sum(joint.values())
    assert n["given_alarm"] == pytest.approx(float((joint[1, 0] + joint[1, 1]) / wet))
    assert n["given_toast"] == pytest.approx(float(joint[1, 1] / (joint[0, 1] + joint[1, 1])))
    assert n["given_toast"] < n["given_alarm"]
    assert listed(n["joint"]) == pytest.approx([float(joint[k]) for k in sorted(joint)], abs=1e-12)


@pytest.mark.parametrize("on", [0, 1])
def test_an_interaction_is_a_log_odds_ratio_of_the_posterior_whatever_is_seen(on):
    rng = np.random.default_rng(3)
    for h, a, b in [(0.0, 2.0, -1.0), *rng.normal(size=(5, 3))]:
        like = {(v, w): f(h + a * v + b * w) for v in (0, 1) for w in (0, 1)}
        like = {k: p if on else 1 - p for k, p in like.items()}
        ratio = like[1, 1] * like[0, 0] / (like[1, 0] * like[0, 1])
        assert interaction(h, a, b) == pytest.approx(math.log(ratio))
    n = numbers("1.2")
    assert n["J"] == pytest.approx(interaction(0, 2, -1))
    assert (n["way"], n["side"]) == ("More probable", "above")


@pytest.mark.parametrize("known", [(), (2,)])
def test_pairs_that_are_tied_are_dependent_on_random_machines(known):
    """By a table of all patterns: dependent given the inputs, and given the known cause."""
    rng = np.random.default_rng(0)
    patterns = list(itertools.product((0, 1), repeat=4))
    weights = {(b, a): rng.normal(scale=2) for b, causes in enumerate(WIRING) for a in causes}
    for u in itertools.product((0, 1), repeat=3):
        table = {}
        for v in patterns:
            p = 1.0
            for b, causes in enumerate(WIRING):
                on = f(0.3 + sum(weights[b, a] * v[a - 1] for a in causes))
                p *= on if u[b] else 1 - on
            table[v] = p
        table = {v: p for v, p in table.items() if all(v[a - 1] == 1 for a in known)}
        for first, second in itertools.combinations(range(1, 5), 2):
            pair = np.zeros((2, 2))
            for v, p in table.items():
                pair[v[first - 1], v[second - 1]] += p / sum(table.values())
            tie = abs(pair - np.outer(pair.sum(axis=1), pair.sum(axis=0))).max()
            assert (tie > 1e-9) == ((first, second) in tied(WIRING, known))
    assert numbers("1.3") == {"tied": "1 and 2, 1 and 3, 2 and 3", "told": "None"}


def test_three_numbers():
    n = numbers("1.4")
    assert n["L"] == pytest.approx(math.log(0.4))
    assert n["F"] == pytest.approx(0.5 * math.log(0.1 / 0.5) + 0.5 * math.log(0.3 / 0.5))
    posterior = {0: 0.25, 1: 0.75}
    assert n["KL"] == pytest.approx(sum(0.5 * math.log(0.5 / p) for p in posterior.values()))
    assert n["posterior"] == pytest.approx(0.75)


def test_units():
    n = numbers("1.6")
    assert n["F_A"] == pytest.approx(math.log(2**-96.4))
    assert n["better"] == pytest.approx(1.3 * math.log(2))


def test_an_m_phase_has_no_better_neighbour():
    """F of the four data, written out, is at its top: no small change of g, h or G raises it."""
    n = numbers("1.7")
    u, q = listed(n["u"]), listed(n["q"])

    def F(g: float, h: float, G: float) -> float:
        total = 0.0
        for seen, guess in zip(u, q, strict=True):
            for v, weight in ((0, 1 - guess), (1, guess)):
                prior, on = f(g) if v else 1 - f(g), f(h + G * v)
                total += weight * math.log(prior * (on if seen else 1 - on))
        return total / len(u)

    top = (n["g"], n["h"], n["G"])
    assert top == pytest.approx((0, math.log(0.55 / 0.45), math.log(19) - math.log(0.55 / 0.45)))
    for change in itertools.product((-0.01, 0, 0.01), repeat=3):
        if any(change):
            assert F(*(a + b for a, b in zip(top, change, strict=True))) < F(*top)


def test_a_mean_field_update_is_the_best_of_all_probabilities():
    n = numbers("1.8")
    P = np.reshape(listed(n["table"]), (2, 2))
    best = max(
        np.linspace(0.001, 0.999, 9981),
        key=lambda q: sum(
            (q if a else 1 - q) * 0.5 * math.log(P[a, b] / ((q if a else 1 - q) * 0.5))
            for a in (0, 1)
            for b in (0, 1)
        ),
    )
    assert n["q1"] == pytest.approx(best, abs=2e-4)
    assert n["q1"] == pytest.approx(f(n["odds"]))
    assert n["posterior"] == pytest.approx(0.6)


def test_two_draws():
    n = numbers("1.10")
    draws = [math.log((a + b) / 2) for a in (0.4, 0.1) for b in (0.4, 0.1)]
    assert n["two"] == pytest.approx(sum(draws) / 4)
    assert n["L"] == pytest.approx(math.log(0.25))
    assert n["F"] == pytest.approx(math.log(0.2))
    assert n["F"] < n["two"] < n["L"]


# Block 2.


def test_both_ends():
    n = numbers("2.1")
    assert n["exclusive"] == pytest.approx(math.log(0.5 / math.sqrt(0.09)))
    assert n["inclusive"] == pytest.approx(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    q = 1e-9
    near = q * math.log(q / 0.9) + (1 - q) * math.log((1 - q) / 0.1)
    assert n["limit"] == pytest.approx(near, abs=1e-6)


def test_the_best_product_is_the_best_of_a_grid():
    n = numbers("2.2")
    P = np.reshape(listed(n["table"]), (2, 2))

    def kl(a: float, b: float) -> float:
        return float(np.sum(P * np.log(P / np.outer([1 - a, a], [1 - b, b]))))

    grid = np.linspace(0.05, 0.95, 91)
    best = min(itertools.product(grid, grid), key=lambda ab: kl(*ab))
    assert best == pytest.approx((n["first"], n["second"]))
    assert n["left"] == pytest.approx(kl(n["first"], n["second"]))


def test_one_of_two_peaks_costs_a_bit():
    z = np.linspace(-30, 30, 60001)
    peaks = [np.exp(-((z - m) ** 2) / 2) / math.sqrt(2 * math.pi) for m in (-10, 10)]
    cost = np.sum(peaks[0] * np.log(peaks[0] / (sum(peaks) / 2 + 1e-300) + 1e-300)) * (z[1] - z[0])
    assert numbers("2.3")["cost"] == pytest.approx(cost, abs=1e-6)


def test_a_sleep_update_is_the_average_of_many_dreams():
    n = numbers("2.4")
    chance = dict(zip([(0, 0), (0, 1), (1, 0), (1, 1)], listed(n["table"]), strict=True))
    error = {(v, u): v - (n["guess_on"] if u else n["guess_off"]) for v, u in chance}
    assert n["w"] == pytest.approx(sum(chance[d] * error[d] for d in chance))
    assert n["W"] == pytest.approx(sum(chance[d] * error[d] * d[1] for d in chance))
    assert n["posterior_off"] == pytest.approx(0.1 / 0.6)
    assert n["posterior_on"] == pytest.approx(0.3 / 0.4)


def test_a_wake_update_is_the_slope_of_the_log_joint():
    n = numbers("2.5")
    G, h, u = listed(n["G"]), listed(n["h"]), listed(n["u"])

    def log_joint(g, G, h, v):
        total = math.log(f(g) if v else 1 - f(g))
        for b in (0, 1):
            on = f(G[b] * v + h[b])
            total += math.log(on if u[b] else 1 - on)
        return total

    for v, dg, dh in ((1, n["dg"], listed(n["dh"])), (0, n["dg_off"], listed(n["dh_off"]))):
        e = 1e-6
        assert dg == pytest.approx((log_joint(e, G, h, v) - log_joint(-e, G, h, v)) / (2 * e))
        for b in (0, 1):
            step = [e * (k == b) for k in (0, 1)]
            up = [a + s for a, s in zip(h, step, strict=True)]
            down = [a - s for a, s in zip(h, step, strict=True)]
            slope = (log_joint(0, G, up, v) - log_joint(0, G, down, v)) / (2 * e)
            assert dh[b] == pytest.approx(slope, abs=6e-4)
            up = [a + s for a, s in zip(G, step, strict=True)]
            down = [a - s for a, s in zip(G, step, strict=True)]
            in_G = (log_joint(0, up, h, v) - log_joint(0, down, h, v)) / (2 * e)
            assert in_G == pytest.approx(slope * v, abs=1e-6)


def test_up_or_down():
    n = numbers("2.7")
    assert n["dF"] == pytest.approx(0.05 * (0.06 - 0.10))
    assert n["dream"] == pytest.approx(0.05 * 0.13)
    assert n["dF"] < 0 < n["dream"]


@pytest.mark.parametrize("n", [4, 7])
def test_one_of_n_by_listing_all_patterns(n):
    hedging = 0.0
    for k in range(n):
        pattern = [a == k for a in range(n)]
        q = math.prod(1 / n if on else 1 - 1 / n for on in pattern)
        hedging += 1 / n * math.log(1 / n / q)
    assert hedging == pytest.approx((n - 1) * math.log(n / (n - 1)))
    if n == numbers("2.9")["n"]:
        assert numbers("2.9")["hedging"] == pytest.approx(hedging)
        assert numbers("2.9")["deciding"] == pytest.approx(math.log(n))
        assert numbers("2.9")["limit"] == "1"


def test_three_guesses():
    n = numbers("2.10")
    assert listed(n["weights"]) == [0.1, 0.3, 0.6]
    assert n["effective"] == pytest.approx(float(1 / (Q(1, 100) + Q(9, 100) + Q(36, 100))))
    assert n["L"] == pytest.approx(math.log(0.2 / 3))
    assert n["a"] == pytest.approx(0.7)
    assert n["F"] == pytest.approx(math.log(0.02 * 0.06 * 0.12) / 3)


# Block 3.


def test_a_code_by_hand():
    assert numbers("3.1")["code"] == "(0.1, 1.1, 1)"
    assert np.linalg.matrix_rank([[-1, 0, 2], [1, 0, 2], [1, 1, 1]]) == 3


def test_a_linear_code_decodes_to_the_largest_entropy():
    """Of all tables with these two means none has a larger entropy: they differ in one number."""
    n = numbers("3.2")
    P, decode = listed(n["table"]), listed(n["decode"])

    def entropy(table):
        return -sum(p * math.log(p) for p in table)

    around = [1, -1, -1, 1]  # keeps both means and the sum
    tables = [np.add(P, np.multiply(t, around)) for t in np.linspace(-0.09, 0.19, 281)]
    assert max(tables, key=entropy) == pytest.approx(decode, abs=1e-3)
    lost = sum(p * math.log(p / q) for p, q in zip(P, decode, strict=True))
    assert n["lost"] == pytest.approx(lost)


def test_three_places():
    n = numbers("3.3")
    assert listed(n["q"]) == pytest.approx([1 / 7, 2 / 7, 4 / 7], abs=5e-4)
    assert n["mean"] == pytest.approx(3 / 7)

    def bowl(eta):
        return math.log(sum(math.exp(eta * z) / 3 for z in (-1, 0, 1))) - eta * 3 / 7

    assert n["slope"] == pytest.approx((bowl(1e-6) - bowl(-1e-6)) / 2e-6)
    assert min(np.linspace(0, 2, 20001), key=bowl) == pytest.approx(math.log(2), abs=1e-4)


def test_read_and_bound():
    n = numbers("3.4")
    assert (n["slope"], n["intercept"]) == pytest.approx((2, -1 / 3))
    assert n["read"] == pytest.approx(2 * 1.2 - 1 / 3)
    assert n["bound"] == pytest.approx(4 / 3)
    assert n["true"] == pytest.approx(2)
    assert n["off"] < n["bound"] / 2


def test_a_mixture():
    assert listed(numbers("3.5")["mixture"]) == pytest.approx([0.22, 0.36])


def test_a_night():
    n = numbers("3.6")
    assert (n["r_near"], n["r_far"]) == pytest.approx((1, 3))
    assert n["error"] == pytest.approx(10 / 6)


def test_a_chain():
    assert numbers("3.7")["r1"] == "(2, 1)"
    assert numbers("3.7")["r2"] == "3"


def test_a_delta_rule_hovers_around_weighted_least_squares():
    n = numbers("3.8")
    assert listed(n["new"]) == pytest.approx([0.3, 0.6])
    assert n["error"] == pytest.approx(0.5 * n["before"])
    rng = np.random.default_rng(0)
    phi = rng.normal(size=(40, 2)) * [1, 3]
    T = phi @ [1.0, -2.0] + rng.normal(size=40)
    R = np.zeros(2)
    for _ in range(4000):  # the average step, with a small rate
        R = R + 0.5 * ((T - phi @ R) / (phi**2).sum(axis=1)) @ phi / 40
    by_size = np.linalg.norm(phi, axis=1)
    assert pytest.approx(np.linalg.lstsq(phi / by_size[:, None], T / by_size)[0]) == R
    assert np.abs(np.linalg.lstsq(phi, T)[0] - R).max() > 1e-3


def test_dreams_that_should_come_more_often():
    assert listed(numbers("3.9")["weights"]) == [0.25, -0.25, 0]


def test_a_table_of_p_values():
    n = numbers("3.10")
    p = sorted(listed(n["p"]))
    stand = []
    for k, one in enumerate(p):  # step by step, as Holm says it
        if one > 0.05 / (len(p) - k):
            break
        stand.append(one)
    assert listed(n["stand"]) == stand == [0.001, 0.015]
    assert n["family"] == pytest.approx(1 - 0.95**4)
    assert listed(n["holm"]) == [0.004, 0.045, 0.06, 0.3]


# The tests before and after.


def test_before():
    ill, well = Q(9, 1000), Q(9, 100) * Q(99, 100)  # and positive
    assert numbers("0.1")["p"] == pytest.approx(float(ill / (ill + well)))
    assert numbers("0.2")["verdict"] == "Yes"
    assert (numbers("0.3")["sum"], numbers("0.3")["difference"]) == pytest.approx(
        (math.log(6), math.log(2 / 3))
    )
    values = [0, 0, 0, 4]
    assert (numbers("0.4")["mean"], numbers("0.4")["variance"]) == (
        np.mean(values),
        np.var(values),
    )
    assert numbers("0.5")["shape"] == "(5, 2)"
    assert numbers("0.9")["draws"] == pytest.approx(2500)


def test_after():
    assert numbers("9.1")["letter"] == "B"
    n = numbers("9.3")
    rest = {k: p / 0.8 for k, p in {"a": 0.5, "b": 0.3}.items()}
    kl = sum(q * math.log(q / (q * 0.8)) for q in rest.values())
    assert n["finite"] == pytest.approx(kl)
    assert numbers("9.4")["draws"] == pytest.approx(5000)
    none = sum(math.comb(20, k) * 0.05**k * 0.95 ** (20 - k) for k in range(1, 21))
    assert numbers("9.5")["family"] == pytest.approx(none)
    assert numbers("9.5")["expected"] == 1
    assert (numbers("9.7")["dw"], numbers("9.7")["dW"]) == (-0.7, "(-0.7, 0)")
    n = numbers("9.8")
    two = [0.5 - n["variance"] ** 0.5, 0.5 + n["variance"] ** 0.5]  # two places with this code
    assert np.mean(np.square(two)) == pytest.approx(1.25)
    assert n["square"] == pytest.approx(np.mean([(2 * z - 1) ** 2 for z in two]))
    k = lambda a, b: math.exp(-((a - b) ** 2) / 2)  # noqa: E731
    between = np.mean([k(a, b) for a in (0, 1) for b in (0, 2)])
    assert numbers("9.10")["mmd2"] == pytest.approx(k(0, 1) + k(0, 2) - 2 * between)
    assert numbers("9.10")["mmd2"] < 0
