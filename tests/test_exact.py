"""Exact objectives against slow loops, central differences and identities."""

from __future__ import annotations

import math
import statistics
import tracemalloc
from dataclasses import dataclass

import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmlib import Generative, Recognition, exact

MOST = settings(derandomize=True, max_examples=60, deadline=None)
FEW = settings(derandomize=True, max_examples=20, deadline=None)


@dataclass(frozen=True)
class Case:
    """A random pair of models with data and weights."""

    gen: Generative
    rec: Recognition
    u: np.ndarray
    weights: np.ndarray


@st.composite
def cases(draw: st.DrawFn, most_causes: int = 4, most_inputs: int = 5) -> Case:
    """Machines with weights of every size, some with nothing but 0 and +-30."""
    n_v, n_u = draw(st.integers(1, most_causes)), draw(st.integers(1, most_inputs))
    n, scale = draw(st.integers(1, 4)), draw(st.sampled_from([0.3, 2.0, 8.0, None]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))

    def numbers(*shape: int) -> np.ndarray:
        if scale is None:
            return rng.choice([-30.0, 0.0, 30.0], shape)
        return scale * rng.standard_normal(shape)

    return Case(
        Generative(numbers(n_v), numbers(n_u, n_v), numbers(n_u)),
        Recognition(numbers(n_v), numbers(n_v, n_u)),
        rng.integers(0, 2, (n, n_u)).astype(float),
        rng.uniform(0.1, 2.0, n),
    )


def fixed_case(n_u: int = 4, n_v: int = 3, n: int = 6, seed: int = 0) -> Case:
    rng = np.random.default_rng(seed)
    return Case(
        Generative.random(rng, n_u, n_v),
        Recognition.random(rng, n_u, n_v),
        rng.integers(0, 2, (n, n_u)).astype(float),
        rng.uniform(0.1, 2.0, n),
    )


def test_states_are_the_binary_numbers_first_cause_most_significant() -> None:
    for n_v in (1, 2, 5):
        np.testing.assert_array_equal(exact.states(n_v), oracles.patterns(n_v))
    assert not exact.states(3).flags.writeable


@MOST
@given(cases())
def test_tables_against_loops(case: Case) -> None:
    patterns = oracles.patterns(case.gen.n_v)
    for i, u in enumerate(case.u):
        joint = [oracles.log_joint(case.gen, v, u) for v in patterns]
        np.testing.assert_allclose(exact.log_joint(case.gen, case.u)[i], joint, atol=1e-10)
        posterior = [np.exp(p) for p in oracles.log_posterior(case.gen, u).values()]
        np.testing.assert_allclose(exact.posterior(case.gen, case.u)[i], posterior, atol=1e-10)
        q = [np.exp(oracles.log_q(case.rec, v, u)) for v in patterns]
        np.testing.assert_allclose(exact.recognition_table(case.rec, case.u)[i], q, atol=1e-12)


@MOST
@given(cases())
def test_every_row_of_a_distribution_sums_to_1(case: Case) -> None:
    for table in (exact.posterior(case.gen, case.u), exact.recognition_table(case.rec, case.u)):
        assert table.shape == (len(case.u), 2**case.gen.n_v)
        assert table.min() >= 0
        np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-12)


PER_DATUM = {
    "log_likelihood": lambda c, u: oracles.log_likelihood(c.gen, u),
    "free_energy": lambda c, u: oracles.free_energy(c.gen, c.rec, u),
    "reversed_free_energy": lambda c, u: (
        oracles.log_likelihood(c.gen, u) - oracles.kl_p_q(c.gen, c.rec, u)
    ),
    "kl_q_p": lambda c, u: oracles.kl_q_p(c.gen, c.rec, u),
    "kl_p_q": lambda c, u: oracles.kl_p_q(c.gen, c.rec, u),
}


@pytest.mark.parametrize("name", PER_DATUM)
@MOST
@given(case=cases())
def test_objectives_against_loops(name: str, case: Case) -> None:
    expected = [PER_DATUM[name](case, u) for u in case.u]
    arguments = (case.gen,) if name == "log_likelihood" else (case.gen, case.rec)
    found = getattr(exact, name)(*arguments, case.u)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)
    record = exact.objectives(case.gen, case.rec, case.u)
    np.testing.assert_allclose(getattr(record, name), expected, rtol=1e-10, atol=1e-10)


@MOST
@given(cases())
def test_energy_and_entropy_against_loops(case: Case) -> None:
    record = exact.objectives(case.gen, case.rec, case.u)
    for i, u in enumerate(case.u):
        energy = entropy = 0.0
        for v in oracles.patterns(case.gen.n_v):
            log_q = oracles.log_q(case.rec, v, u)
            energy += np.exp(log_q) * oracles.log_joint(case.gen, v, u)
            entropy -= np.exp(log_q) * log_q
        np.testing.assert_allclose(record.expected_log_joint[i], energy, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(record.entropy[i], entropy, atol=1e-10)


@MOST
@given(cases())
def test_free_energy_is_the_likelihood_less_the_gap(case: Case) -> None:
    log_l, gap = exact.log_likelihood(case.gen, case.u), exact.kl_q_p(case.gen, case.rec, case.u)
    f = exact.table_free_energy(case.gen, exact.recognition_table(case.rec, case.u), case.u)
    np.testing.assert_allclose(f, log_l - gap, rtol=0, atol=1e-10)
    np.testing.assert_allclose(exact.free_energy(case.gen, case.rec, case.u), f, atol=1e-10)


@MOST
@given(cases())
def test_neither_divergence_is_below_0(case: Case) -> None:
    assert exact.kl_q_p(case.gen, case.rec, case.u).min() >= -1e-12
    assert exact.kl_p_q(case.gen, case.rec, case.u).min() >= -1e-12


@pytest.mark.parametrize("sign", [-1, 1])
def test_nothing_overflows_far_from_the_data(sign: int) -> None:
    n_u, n_v, rng = 40, 2, np.random.default_rng(3)
    gen = Generative(
        [30.0, -30.0], sign * rng.uniform(20, 30, (n_u, n_v)), np.full(n_u, sign * 30.0)
    )
    rec = Recognition([-30.0, 30.0], np.zeros((n_v, n_u)))
    u = np.full((1, n_u), (1.0 - sign) / 2)
    record = exact.objectives(gen, rec, u)
    assert record.log_likelihood[0] < -1200
    for name, oracle in PER_DATUM.items():
        expected = oracle(Case(gen, rec, u, np.ones(1)), u[0])
        assert getattr(record, name)[0] == pytest.approx(expected, rel=1e-10)
    assert exact.posterior(gen, u).sum() == pytest.approx(1, abs=1e-12)
    for gradient in (*exact.grad_free_energy(gen, rec, u), *exact.grad_kl_p_q(gen, rec, u)):
        assert np.isfinite(gradient.ravel()).all()


def one_cause_an_input(rng: np.random.Generator, n_u: int, n_v: int, scale: float) -> Generative:
    """A machine whose inputs listen to at most one cause each: its posterior factorises."""
    G = np.zeros((n_u, n_v))
    G[np.arange(n_u), rng.integers(0, n_v, n_u)] = scale * rng.standard_normal(n_u)
    return Generative(scale * rng.standard_normal(n_v), G, scale * rng.standard_normal(n_u))


def its_posterior(gen: Generative) -> Recognition:
    """Logit of P[v_a = 1|u] = g_a + sum_b G_ba u_b - log((1 + e^(G_ba + h_b)) / (1 + e^h_b))."""
    w = []
    for g, column in zip(gen.g, gen.G.T, strict=True):
        inputs = zip(column, gen.h, strict=True)
        w.append(g - sum(oracles.log_f(-h) - oracles.log_f(-(G + h)) for G, h in inputs))
    return Recognition(w, gen.G.T)


@MOST
@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from([0.5, 3.0, 10.0]))
def test_gap_closes_where_q_can_express_the_posterior(seed: int, n_v: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    gen = one_cause_an_input(rng, 5, n_v, scale)
    u = rng.integers(0, 2, (4, 5)).astype(float)
    record = exact.objectives(gen, its_posterior(gen), u)
    np.testing.assert_allclose(record.free_energy, record.log_likelihood, atol=1e-10)
    np.testing.assert_allclose(record.reversed_free_energy, record.log_likelihood, atol=1e-10)


@MOST
@given(cases())
def test_any_table_against_loops_and_the_posterior_is_best(case: Case) -> None:
    rng = np.random.default_rng(len(case.u))
    q = rng.dirichlet(np.ones(2**case.gen.n_v), len(case.u))
    f = exact.table_free_energy(case.gen, q, case.u)
    expected = [oracles.table_free_energy(case.gen, *row) for row in zip(q, case.u, strict=True)]
    np.testing.assert_allclose(f, expected, rtol=1e-10, atol=1e-10)
    log_l = exact.log_likelihood(case.gen, case.u)
    assert (f <= log_l + 1e-10).all()
    best = exact.table_free_energy(case.gen, exact.posterior(case.gen, case.u), case.u)
    np.testing.assert_allclose(best, log_l, atol=1e-10)


@MOST
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_factorised_table_against_loops(q: list[float]) -> None:
    expected = list(oracles.factorised(q).values())
    np.testing.assert_allclose(exact.factorised_table([q])[0], expected, atol=1e-12)


GRADIENTS = {
    "grad_log_likelihood": lambda c, gen, rec: oracles.mean(
        lambda u: oracles.log_likelihood(gen, u), c.u, c.weights
    ),
    "grad_free_energy": lambda c, gen, rec: oracles.mean(
        lambda u: oracles.free_energy(gen, rec, u), c.u, c.weights
    ),
    "grad_kl_p_q": lambda c, gen, rec: oracles.mean(
        lambda u: oracles.kl_p_q(gen, rec, u), c.u, c.weights
    ),
    "grad_dream": lambda c, gen, rec: oracles.dream_free_energy(gen, rec, c.u, c.weights),
}


@pytest.mark.parametrize("name", GRADIENTS)
@FEW
@given(case=cases(most_causes=3, most_inputs=3))
def test_gradients_against_central_differences(name: str, case: Case) -> None:
    gen, rec, value = case.gen, case.rec, GRADIENTS[name]
    if name == "grad_log_likelihood":
        d_gen, d_rec = exact.grad_log_likelihood(gen, case.u, case.weights), None
    else:
        d_gen, d_rec = getattr(exact, name)(gen, rec, case.u, case.weights)
    slopes = oracles.central_differences(lambda g: value(case, g, rec), gen, ("g", "G", "h"))
    for field, slope in slopes.items():
        np.testing.assert_allclose(getattr(d_gen, field), slope, rtol=1e-6, atol=1e-6)
    if d_rec is not None:
        slopes = oracles.central_differences(lambda r: value(case, gen, r), rec, ("w", "W"))
        for field, slope in slopes.items():
            np.testing.assert_allclose(getattr(d_rec, field), slope, rtol=1e-6, atol=1e-6)


@FEW
@given(cases(most_causes=3, most_inputs=3))
def test_expected_score_and_statistics_against_central_differences(case: Case) -> None:
    rng = np.random.default_rng(1)
    table = rng.normal(size=(len(case.u), 2**case.gen.n_v))
    patterns = oracles.patterns(case.gen.n_v)

    def value(gen: object) -> float:
        return sum(
            t * oracles.log_joint(gen, v, u)
            for row, u in zip(table, case.u, strict=True)
            for t, v in zip(row, patterns, strict=True)
        )

    statistics = exact.Statistics(case.gen.n_u, case.gen.n_v)
    for row, u in zip(table, case.u, strict=True):
        statistics.add(row[None], u[None])
    np.testing.assert_allclose(statistics.log_joint(case.gen), value(case.gen), atol=1e-9)
    slopes = oracles.central_differences(value, case.gen, ("g", "G", "h"))
    score = exact.expected_score(case.gen, table, case.u)
    for field, slope in slopes.items():
        np.testing.assert_allclose(getattr(score, field), slope, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(
            getattr(statistics.score(case.gen), field), getattr(score, field), atol=1e-10
        )


@MOST
@given(cases(most_inputs=3))
def test_dream_objective_against_full_enumeration(case: Case) -> None:
    found = exact.dream_free_energy(case.gen, case.rec, case.u, case.weights)
    expected = oracles.dream_free_energy(case.gen, case.rec, case.u, case.weights)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


AVERAGES = {
    "grad_log_likelihood": lambda c, u, w: [exact.grad_log_likelihood(c.gen, u, w)],
    "grad_free_energy": lambda c, u, w: exact.grad_free_energy(c.gen, c.rec, u, w),
    "grad_kl_p_q": lambda c, u, w: exact.grad_kl_p_q(c.gen, c.rec, u, w),
    "grad_dream": lambda c, u, w: exact.grad_dream(c.gen, c.rec, u, w),
}


@pytest.mark.parametrize("name", AVERAGES)
@pytest.mark.parametrize("scale", [1.0, 0.125])
def test_weights_are_as_good_as_repeats(name: str, scale: float) -> None:
    case, repeats = fixed_case(), np.array([3, 1, 2, 1, 4, 1])
    repeated = AVERAGES[name](case, np.repeat(case.u, repeats, axis=0), None)
    weighted = AVERAGES[name](case, case.u, scale * repeats)
    for a, b in zip(repeated, weighted, strict=True):
        np.testing.assert_allclose(a.ravel(), b.ravel(), atol=1e-12)


def test_a_weight_of_0_leaves_a_row_out() -> None:
    case = fixed_case()
    weights = np.array([1.0, 0, 2, 0, 1, 0])
    kept = exact.dream_free_energy(case.gen, case.rec, case.u[::2], weights[::2])
    assert exact.dream_free_energy(case.gen, case.rec, case.u, weights) == pytest.approx(
        kept, abs=1e-12
    )


def test_drawn_dreams_agree_with_listed_ones() -> None:
    case = fixed_case(n_u=5, n_v=3)
    listed = exact.dream_free_energy(case.gen, case.rec, case.u, case.weights)
    rng = np.random.default_rng(7)
    drawn = [
        exact.dream_free_energy_mc(case.gen, case.rec, case.u, rng, 100, case.weights)
        for _ in range(400)
    ]
    values, errors = np.array(drawn).T
    assert (np.abs(values - listed) <= 4 * errors).mean() > 0.99
    assert abs(values.mean() - listed) <= 4 * values.std(ddof=1) / np.sqrt(len(values))
    assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.12)


def test_the_error_of_drawn_dreams_is_that_of_their_mean() -> None:
    case, n = fixed_case(), 5
    _, error = exact.dream_free_energy_mc(case.gen, case.rec, case.u, np.random.default_rng(1), n)
    _, dreams = case.gen.sample(np.random.default_rng(1), n)
    apart = [oracles.kl_p_q(case.gen, case.rec, dream) for dream in dreams]
    assert error == pytest.approx(statistics.stdev(apart) / math.sqrt(n))


def test_drawn_dreams_are_the_same_for_the_same_seed() -> None:
    case = fixed_case()
    first, again, other = (
        exact.dream_free_energy_mc(case.gen, case.rec, case.u, np.random.default_rng(seed), 50)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("block", [1, 12, 100])
def test_results_do_not_depend_on_the_size_of_blocks(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = fixed_case(n_u=5, n_v=4, n=23)
    table = exact.recognition_table(case.rec, case.u)

    def results() -> list[np.ndarray]:
        record = exact.objectives(case.gen, case.rec, case.u)
        gradients = [g for f in AVERAGES.values() for g in f(case, case.u, case.weights)]
        return [
            *vars(record).values(),
            exact.log_likelihood(case.gen, case.u),
            exact.posterior(case.gen, case.u),
            exact.table_free_energy(case.gen, table, case.u),
            np.array(exact.dream_free_energy(case.gen, case.rec, case.u, case.weights)),
            *(gradient.ravel() for gradient in gradients),
        ]

    whole = results()
    monkeypatch.setattr(exact, "_BLOCK", block)
    for a, b in zip(whole, results(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


GIB = 2.0**30


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "rows", "limit"),
    [("objectives", 1797, 2.0), ("grad_free_energy", 300, 0.2), ("grad_kl_p_q", 300, 0.2)],
)
def test_sixteen_causes_fit_in_memory(name: str, rows: int, limit: float) -> None:
    case = fixed_case(n_u=64, n_v=16, n=rows)
    tracemalloc.start()
    getattr(exact, name)(case.gen, case.rec, case.u)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < limit * GIB


def test_a_table_is_filled_without_a_second_one() -> None:
    case = fixed_case(n_u=64, n_v=16, n=100)
    tracemalloc.start()
    table = exact.posterior(case.gen, case.u)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < table.nbytes + 0.1 * GIB


def test_more_than_twenty_causes_are_refused_and_the_memory_is_named() -> None:
    gen, rec, u = Generative.zeros(2, 23), Recognition.zeros(2, 23), np.zeros((256, 2))
    for call in (
        lambda: exact.objectives(gen, rec, u),
        lambda: exact.log_likelihood(gen, u),
        lambda: exact.posterior(gen, u),
        lambda: exact.recognition_table(rec, u),
        lambda: exact.factorised_table(np.zeros((256, 23))),
        lambda: exact.grad_free_energy(gen, rec, u),
    ):
        with pytest.raises(ValueError, match=r"n_v is 23; accepted: at most 20 .* 16 GiB"):
            call()


def test_as_many_units_as_are_accepted_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    gen, rec, u = Generative.zeros(19, 1), Recognition.zeros(19, 1), np.zeros((1, 19))
    assert exact.dream_free_energy(gen, rec, u) == pytest.approx(-19 * math.log(2))
    monkeypatch.setattr(exact, "MAX_CAUSES", 3)
    assert exact.log_likelihood(Generative.zeros(2, 3), np.zeros((1, 2))) == pytest.approx(
        -2 * math.log(2)
    )
    with pytest.raises(ValueError, match=r"n_v is 4; accepted: at most 3"):
        exact.log_likelihood(Generative.zeros(2, 4), np.zeros((1, 2)))


CASE = fixed_case()
GEN, REC, U = CASE.gen, CASE.rec, CASE.u
OTHER = Recognition.zeros(4, 2)
WIDE_GEN, WIDE_REC = Generative.zeros(18, 3), Recognition.zeros(18, 3)
RNG = np.random.default_rng(0)
TABLE = np.full((6, 8), 1 / 8)
TURNED = np.tile([-0.1, 0.35, *[0.125] * 6], (6, 1))
"""Rows that sum to 1 and are no probabilities."""

BAD = [
    (lambda: exact.objectives(GEN, REC, 0.5 * U), r"u contains 0\.5; accepted: binary"),
    (lambda: exact.objectives(GEN, REC, U[:, :3]), r"u has shape \(6, 3\); accepted: \(n, 4\)"),
    (lambda: exact.objectives(GEN, REC, U[0]), r"u has shape \(4,\); accepted: \(n, 4\)"),
    (lambda: exact.objectives(GEN, REC, U[:0]), r"u is empty.*accepted: at least one row"),
    (lambda: exact.objectives(GEN, REC, U * np.nan), r"u contains nan; accepted: finite"),
    (lambda: exact.objectives(GEN, REC, [["on"] * 4]), r"u is .*on.*accepted: an array of numbers"),
    (lambda: exact.objectives(GEN, REC, [[0, 1], [1]]), r"u is \[\[0, 1\], \[1\]\]; accepted"),
    (lambda: exact.objectives(GEN, OTHER, U), r"rec has layers 4-2; accepted: 4-3, as gen has"),
    (lambda: exact.log_likelihood(GEN, U - 2), r"u contains -[12]; accepted: binary"),
    (lambda: exact.posterior(GEN, U[:0]), r"u is empty"),
    (lambda: exact.recognition_table(REC, U[:, 1:]), r"u has shape \(6, 3\); accepted: \(n, 4\)"),
    (lambda: exact.states(0), r"n_v is 0; accepted: a whole number >= 1"),
    (lambda: exact.states(2.5), r"n_v is 2\.5; accepted: a whole number"),
    (lambda: exact.states(21), r"n_v is 21; accepted: at most 20"),
    (lambda: exact.factorised_table([[0.5, 1.5]]), r"q lies in \[0\.5, 1\.5\]; accepted: prob"),
    (lambda: exact.factorised_table([0.5]), r"q has shape \(1,\); accepted: 2 dimension"),
    (lambda: exact.factorised_table(np.zeros((0, 2))), r"q is empty, shape \(0, 2\); accepted"),
    (lambda: exact.table_free_energy(GEN, TABLE[:, :7], U), r"q has shape \(6, 7\); accepted"),
    (lambda: exact.table_free_energy(GEN, TABLE[:5], U), r"q has 5 rows; accepted: 6"),
    (lambda: exact.table_free_energy(GEN, 2 * TABLE, U), r"q .*sums to 2; accepted: prob"),
    (lambda: exact.table_free_energy(GEN, (1 + 1e-6) * TABLE, U), r"q .*sums to 1\.000001; acc"),
    (lambda: exact.table_free_energy(GEN, TURNED, U), r"q has minimum -0\.1 .*accepted: prob"),
    (lambda: exact.table_free_energy(GEN, -TABLE, U), r"q has minimum -0\.125.*accepted: prob"),
    (lambda: exact.expected_score(GEN, TABLE[:5], U), r"table has 5 rows; accepted: 6"),
    (lambda: exact.grad_free_energy(GEN, REC, U, [1.0] * 5), r"weights has length 5; accepted: 6"),
    (lambda: exact.grad_kl_p_q(GEN, REC, U, [np.nan] * 6), r"weights contains nan; accepted: fin"),
    (lambda: exact.grad_log_likelihood(GEN, U, [-1.0] * 6), r"weights has minimum -1.*accepted"),
    (
        lambda: exact.grad_dream(GEN, REC, U, np.zeros(6)),
        r"weights has .*sum 0; accepted: .*not all",
    ),
    (lambda: exact.grad_dream(WIDE_GEN, WIDE_REC, np.zeros((1, 18))), r"n_u \+ n_v is 21; acc.*20"),
    (
        lambda: exact.dream_free_energy(WIDE_GEN, WIDE_REC, np.zeros((1, 18))),
        r"n_u \+ n_v is 21; accepted: at most 20.*dream_free_energy_mc",
    ),
    (lambda: exact.dream_free_energy(GEN, REC, U, np.ones((6, 1))), r"weights has shape \(6, 1\)"),
    (lambda: exact.dream_free_energy_mc(GEN, REC, U, 3, 10), r"rng is 3; accepted: a generator"),
    (lambda: exact.dream_free_energy_mc(GEN, REC, U, RNG, 1), r"n is 1; accepted: .*>= 2"),
]


@pytest.mark.parametrize(("call", "words"), BAD)
def test_bad_input_is_refused_in_words(call: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
