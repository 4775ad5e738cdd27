"""EM and gradient ascent: what must rise rises, and a stopped run goes on as if never stopped."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import oracles
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

from hmlib import Generative, Recognition, learning
from hmlib.learning import Step

FEW = settings(derandomize=True, max_examples=15, deadline=None)


def problem(
    seed: int = 0, n_u: int = 4, n_v: int = 3, n: int = 8, scale: float = 1.0
) -> tuple[Generative, Recognition, np.ndarray, np.ndarray]:
    """Random models, data and weights."""
    rng = np.random.default_rng(seed)
    gen = Generative.random(rng, n_u, n_v, scale)
    rec = Recognition.random(rng, n_u, n_v, scale)
    return gen, rec, rng.integers(0, 2, (n, n_u)).astype(float), 10 ** rng.uniform(-2, 1, n)


def slow_free_energy(step: Step, u: np.ndarray, weights: np.ndarray | None) -> float:
    """Mean F of a step by loops, from its parameters alone."""
    rows = range(len(u))

    def one(i: int) -> float:
        if step.rec is not None:
            return oracles.free_energy(step.gen, step.rec, u[i])
        table = step.q[i]
        if len(table) == step.gen.n_v:
            table = list(oracles.factorised(table).values())
        return oracles.table_free_energy(step.gen, table, u[i])

    return oracles.mean(one, rows, weights)


def slow_likelihood(step: Step, u: np.ndarray, weights: np.ndarray | None) -> float:
    return oracles.mean(lambda row: oracles.log_likelihood(step.gen, row), u, weights)


@pytest.mark.parametrize("q", learning.Q_FORMS)
@FEW
@given(
    seed=st.integers(0, 10**6),
    n_v=st.integers(1, 3),
    scale=st.sampled_from([0.0, 0.5, 3.0, 30.0]),
    weighted=st.booleans(),
)
def test_free_energy_never_falls_in_em(
    q: str, seed: int, n_v: int, scale: float, weighted: bool
) -> None:
    gen, rec, u, weights = problem(seed, 3, n_v, 5, scale)
    weights = weights if weighted else None
    steps = list(learning.em(gen, rec, u, q=q, weights=weights, steps=6))
    assert [step.phase for step in steps] == ["start", "E", "M", "E", "M", "E", "M"]
    assert [step.count for step in steps] == list(range(7))
    f = [slow_free_energy(step, u, weights) for step in steps]
    log_l = [slow_likelihood(step, u, weights) for step in steps]
    assert np.diff(f).min() >= -1e-10
    assert (np.array(f) <= np.array(log_l) + 1e-10).all()
    for step, value in zip(steps, f, strict=True):
        found = oracles.mean(lambda i, step=step: step.free_energy(u)[i], range(5), weights)
        assert found == pytest.approx(value, abs=1e-9)


@FEW
@given(seed=st.integers(0, 10**6), scale=st.sampled_from([0.5, 3.0, 30.0]))
def test_exact_em_touches_the_likelihood_and_never_lowers_it(seed: int, scale: float) -> None:
    gen, _, u, weights = problem(seed, scale=scale)
    steps = list(learning.em(gen, None, u, weights=weights, steps=6))
    log_l = [slow_likelihood(step, u, weights) for step in steps]
    for step, ceiling in zip(steps[1::2], log_l[1::2], strict=True):
        assert slow_free_energy(step, u, weights) == pytest.approx(ceiling, abs=1e-10)
    assert np.diff(log_l).min() >= -1e-10


def test_em_learns() -> None:
    gen, rec, u, _ = problem(n_v=2)
    for q in learning.Q_FORMS:
        start, *_, end = learning.em(gen, rec, u, q=q, steps=12)
        assert slow_likelihood(end, u, None) > slow_likelihood(start, u, None) + 1
        assert slow_free_energy(end, u, None) > slow_free_energy(start, u, None) + 1


@FEW
@given(seed=st.integers(0, 10**6), n_v=st.integers(1, 4))
def test_mean_field_ends_where_every_cause_is_at_its_best(seed: int, n_v: int) -> None:
    gen, _, u, _ = problem(seed, 3, n_v, 3)
    start = learning.first_step(gen, None, u, "mean_field")
    q = learning.e_phase(start, u, e_steps=2000).q
    for row, data in zip(q, u, strict=True):
        for a in range(n_v):
            best = oracles.f(oracles.mean_field_drive(gen, row, a, data))
            assert row[a] == pytest.approx(best, abs=1e-9)


def test_one_mean_field_sweep_goes_cause_by_cause() -> None:
    gen, rec, u, _ = problem(2)
    start = learning.first_step(gen, rec, u, "mean_field")
    expected = [[oracles.f(y) for y in oracles.drive(rec.W, rec.w, row)] for row in u]
    np.testing.assert_allclose(start.q, expected, atol=1e-12)
    for row, data in zip(expected, u, strict=True):
        for a in range(gen.n_v):
            row[a] = oracles.f(oracles.mean_field_drive(gen, row, a, data))
    np.testing.assert_allclose(learning.e_phase(start, u, e_steps=1).q, expected, atol=1e-12)


def test_without_a_recognition_model_q_starts_at_one_half() -> None:
    gen, _, u, _ = problem()
    np.testing.assert_array_equal(learning.first_step(gen, None, u, "mean_field").q, 0.5)
    np.testing.assert_allclose(learning.first_step(gen, None, u, "exact").q, 1 / 8)


def test_the_recognition_phase_ends_on_a_plateau() -> None:
    gen, rec, u, weights = problem(1, n_u=2, n_v=2)
    start = learning.first_step(gen, rec, u, "recognition")
    end = learning.e_phase(start, u, weights, e_steps=2000)
    assert end.gen == gen
    slopes = oracles.central_differences(
        lambda rec: oracles.mean(lambda row: oracles.free_energy(gen, rec, row), u, weights),
        end.rec,
        ("w", "W"),
    )
    assert max(np.abs(slope).max() for slope in slopes.values()) < 1e-5


@pytest.mark.parametrize("q", learning.Q_FORMS)
def test_the_m_phase_ends_on_a_plateau(q: str) -> None:
    gen, rec, u, weights = problem(4, n_v=2, n=24)
    start = learning.first_step(gen, rec, u, q)
    end = learning.m_phase(start, u, weights, m_steps=2000)
    table = start.table(u)
    np.testing.assert_array_equal(end.table(u), table)

    def energy(gen: object) -> float:
        return oracles.mean(
            lambda i: sum(
                p * oracles.log_joint(gen, v, u[i])
                for p, v in zip(table[i], oracles.patterns(2), strict=True)
            ),
            range(len(u)),
            weights,
        )

    slopes = oracles.central_differences(energy, end.gen, ("g", "G", "h"))
    assert max(np.abs(slope).max() for slope in slopes.values()) < 1e-6
    assert energy(end.gen) > energy(gen)


def test_a_cause_that_is_never_on_keeps_a_finite_bias() -> None:
    gen, _, u, _ = problem()
    q = np.full((len(u), 3), 0.5)
    q[:, 0], q[:, 1] = 0, 1
    end = learning.m_phase(Step(gen, q=q), u)
    np.testing.assert_allclose(end.gen.g, [-40, 40, 0], atol=1e-8)


def test_shares_that_sum_to_more_than_1_by_rounding_keep_a_finite_bias() -> None:
    rows = [n for n in range(2, 30) if np.full((n, 1), 1 / n).sum() > 1]
    assert rows
    for n in range(2, 30):
        end = learning.m_phase(Step(Generative.zeros(1, 1), q=np.ones((n, 1))), np.zeros((n, 1)))
        assert 30 < end.gen.g[0] <= 40


@pytest.mark.parametrize("fall", [False, True])
def test_a_climb_that_ends_lower_is_not_taken(fall: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = scipy.optimize.minimize

    def failing(cost: Callable, start: np.ndarray, **options: object) -> object:
        found = honest(cost, start, **options)
        if fall:
            found.x = start + 1
            found.fun, _ = cost(found.x)
        return found

    monkeypatch.setattr(scipy.optimize, "minimize", failing)
    gen, rec, u, _ = problem(1)
    best = learning.e_phase(learning.first_step(gen, rec, u, "recognition"), u, e_steps=500)
    again = learning.e_phase(Step(gen, best.rec), u)
    assert (best.rec == rec) == fall
    assert slow_free_energy(again, u, None) >= slow_free_energy(best, u, None) - 1e-12


@pytest.mark.parametrize("q", learning.Q_FORMS)
def test_phases_may_be_pressed_in_any_order(q: str) -> None:
    gen, rec, u, _ = problem()
    step = learning.first_step(gen, rec, u, q)
    values = [slow_free_energy(step, u, None)]
    for phase in (learning.m_phase, learning.m_phase, learning.e_phase, learning.e_phase):
        step = phase(step, u)
        values.append(slow_free_energy(step, u, None))
    assert np.diff(values).min() >= -1e-10
    assert step.phase == "E"
    assert step.count == 4


def rises(objective: str) -> list[float]:
    gen, rec, u, weights = problem(3)
    steps = learning.ascend(gen, rec, u, objective, weights, rate=0.02, steps=40, optimiser="sgd")
    measure = slow_free_energy if objective == "F" else slow_likelihood
    return [measure(step, u, weights) for step in steps]


@pytest.mark.parametrize("objective", learning.OBJECTIVES)
def test_small_gradient_steps_rise(objective: str) -> None:
    values = rises(objective)
    assert len(values) == 41
    assert np.diff(values).min() > 0


def slopes_of_f(
    step: Step, u: np.ndarray, weights: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Central differences of mean F in G and in W."""

    def f(gen: object, rec: object) -> float:
        return oracles.mean(lambda row: oracles.free_energy(gen, rec, row), u, weights)

    return (
        oracles.central_differences(lambda gen: f(gen, step.rec), step.gen, ("g", "G", "h")),
        oracles.central_differences(lambda rec: f(step.gen, rec), step.rec, ("w", "W")),
    )


def test_one_plain_step_follows_the_slopes_of_f() -> None:
    gen, rec, u, weights = problem(5, 2, 2, 3)
    start, step = learning.ascend(gen, rec, u, "F", weights, rate=0.1, steps=1, optimiser="sgd")
    slopes = slopes_of_f(start, u, weights)
    for before, after, slope in zip((gen, rec), (step.gen, step.rec), slopes, strict=True):
        for name, value in slope.items():
            move = getattr(after, name) - getattr(before, name)
            np.testing.assert_allclose(move, 0.1 * value, atol=1e-7)


def test_ascent_on_l_leaves_the_recognition_model_alone() -> None:
    gen, rec, u, _ = problem()
    *_, end = learning.ascend(gen, rec, u, "L", steps=3)
    assert end.rec == rec
    assert end.gen != gen
    *_, without = learning.ascend(gen, None, u, "L", steps=3)
    assert without.gen == end.gen


def published_adam(slopes: Sequence[float], rate: float) -> float:
    """How far one parameter has gone after these slopes (Kingma & Ba 2015, algorithm 1)."""
    m = v = gone = 0.0
    for t, g in enumerate(slopes, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        gone += rate * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8)
    return gone


def test_adam_against_its_published_loop() -> None:
    gradients = np.random.default_rng(0).normal(size=(6, 3))
    optimiser, theta = learning.Adam(), np.zeros(3)
    for gradient in gradients:
        move, optimiser = optimiser.move(gradient, 0.01)
        theta = theta + move
    expected = [published_adam(column, 0.01) for column in gradients.T]
    np.testing.assert_allclose(theta, expected, rtol=1e-12)
    assert optimiser.count == 6


def test_ascent_by_adam_follows_the_slopes_it_has_met() -> None:
    gen, rec, u, weights = problem(5, 2, 1, 3)
    steps = list(learning.ascend(gen, rec, u, "F", weights, rate=0.3, steps=4))
    gen_slopes, rec_slopes = zip(
        *(slopes_of_f(step, u, weights) for step in steps[:-1]), strict=True
    )
    for first, last, slopes in (
        (gen, steps[-1].gen, gen_slopes),
        (rec, steps[-1].rec, rec_slopes),
    ):
        for name in slopes[0]:
            columns = np.array([slope[name].ravel() for slope in slopes]).T
            gone = (getattr(last, name) - getattr(first, name)).ravel()
            expected = [published_adam(column, 0.3) for column in columns]
            np.testing.assert_allclose(gone, expected, atol=1e-6)


Run = Callable[..., Iterator[Step]]


def em_run(q: str) -> Run:
    gen, rec, u, weights = problem(6)
    return lambda steps, start=None: learning.em(
        gen, rec, u, q=q, weights=weights, steps=steps, start=start
    )


def ascent_run(objective: str, optimiser: str, minibatch: int | None) -> Run:
    gen, rec, u, weights = problem(6)
    return lambda steps, start=None: learning.ascend(
        gen, rec, u, objective, weights, optimiser=optimiser, minibatch=minibatch,
        rng=None if start else np.random.default_rng(11), steps=steps, start=start,
    )  # fmt: skip


RUNS = {
    **{f"em {q}": em_run(q) for q in learning.Q_FORMS},
    **{
        f"ascend {o} {name} {batch}": ascent_run(o, name, batch)
        for o, name, batch in itertools.product("FL", learning.OPTIMISERS, (None, 3))
    },
}


def contents(step: Step) -> list[object]:
    """All that the next step needs, to the last bit."""
    optimisers = [(type(o), *vars(o).values()) for o in step.optimiser or ()]
    values = [step.gen, step.rec, step.q, step.phase, step.count, step.rng_state]
    values += [value for optimiser in optimisers for value in optimiser]
    return [value.tobytes() if isinstance(value, np.ndarray) else value for value in values]


def as_stored(step: Step) -> Step:
    return pickle.loads(pickle.dumps(step))


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("k", [0, 1, 4])
def test_stop_and_continue_equals_never_stopped(name: str, k: int) -> None:
    run = RUNS[name]
    whole = list(run(7))
    stopped = list(itertools.islice(run(7), k + 1))
    continued = list(run(7 - k, start=as_stored(stopped[-1])))
    assert len(continued) == 7 - k
    for a, b in zip(whole, stopped + continued, strict=True):
        assert contents(a) == contents(b)


@pytest.mark.parametrize("name", RUNS)
def test_a_step_is_not_changed_by_what_follows(name: str) -> None:
    steps = RUNS[name](4)
    first = next(steps)
    before = contents(first)
    list(steps)
    assert contents(first) == before
    if first.q is not None:
        assert not first.q.flags.writeable


def test_same_seed_same_minibatches() -> None:
    gen, rec, u, _ = problem()

    def end(seed: int) -> Generative:
        rng = np.random.default_rng(seed)
        *_, step = learning.ascend(gen, rec, u, minibatch=2, rng=rng, steps=5)
        return step.gen

    assert end(1) == end(1)
    assert end(1) != end(2)


def test_minibatches_follow_the_weights() -> None:
    gen, rec, u, _ = problem()
    only = np.zeros(len(u))
    only[3] = 2.0
    rng = np.random.default_rng(0)
    *_, drawn = learning.ascend(gen, rec, u, weights=only, minibatch=4, rng=rng, steps=3)
    *_, alone = learning.ascend(gen, rec, u[3:4], steps=3)
    np.testing.assert_allclose(drawn.gen.ravel(), alone.gen.ravel(), atol=1e-12)


def test_ascent_may_go_on_from_em() -> None:
    gen, rec, u, _ = problem()
    *_, reached = learning.em(gen, rec, u, q="recognition", steps=2)
    first, *_, last = learning.ascend(gen, rec, u, rate=0.001, steps=20, start=reached)
    assert first.count == 3
    assert slow_free_energy(last, u, None) > slow_free_energy(reached, u, None)


def test_a_generator_goes_on_where_the_step_was_made() -> None:
    gen, rec, u, _ = problem()
    rng = np.random.default_rng(5)
    *_, last = learning.ascend(gen, rec, u, minibatch=2, rng=rng, steps=3)
    assert last.generator().random() == last.generator().random() == rng.random()


def test_what_is_printed() -> None:
    gen, rec, u, _ = problem()
    assert [repr(step) for step in learning.em(gen, rec, u, steps=2)] == [
        "Step 0, phase start: 4 inputs, 3 causes",
        "Step 1, phase E: 4 inputs, 3 causes",
        "Step 2, phase M: 4 inputs, 3 causes",
    ]


GEN, REC, U, _ = problem()
NO_Q = Step(GEN)
WITH_Q = learning.first_step(GEN, None, U, "mean_field")

BAD = [
    (lambda: learning.em(GEN, REC, U, q="Q"), r"q is 'Q'; accepted: 'exact', 'mean_field', 'rec"),
    (lambda: learning.em(GEN, None, U, q="recognition"), r"rec is None; accepted: a Recognition"),
    (lambda: learning.em(GEN, REC, U, steps=0), r"steps is 0; accepted: a whole number >= 1"),
    (lambda: learning.em(GEN, REC, U, e_steps=0), r"e_steps is 0; accepted"),
    (lambda: learning.em(GEN, REC, U, m_steps=1.5), r"m_steps is 1\.5; accepted"),
    (lambda: learning.em(GEN, REC, 2 * U), r"u contains 2; accepted: binary"),
    (lambda: learning.em(GEN, REC, U[:0]), r"u is empty"),
    (lambda: learning.em(GEN, REC, U[:, 1:]), r"u has shape \(8, 3\); accepted: \(n, 4\)"),
    (lambda: learning.em(GEN, REC, U, weights=[np.nan] * 8), r"weights contains nan; accepted"),
    (lambda: learning.em(GEN, Recognition.zeros(4, 2), U), r"rec has layers 4-2; accepted: 4-3"),
    (lambda: learning.em(GEN, REC, U, start=WITH_Q), r"q is 'exact'; accepted: 'mean_field', as"),
    (lambda: learning.em(GEN, REC, U, start=NO_Q), r"step has neither rec nor q; accepted"),
    (lambda: learning.e_phase(NO_Q, U), r"step has neither rec nor q; accepted"),
    (lambda: learning.m_phase(WITH_Q, U[:5]), r"u has 5 rows; accepted: 8, as the step's Q has"),
    (lambda: learning.e_phase(WITH_Q, U, e_steps=-1), r"e_steps is -1; accepted"),
    (lambda: learning.m_phase(WITH_Q, U, m_steps=0), r"m_steps is 0; accepted"),
    (lambda: learning.first_step(GEN, REC, U, "soft"), r"q is 'soft'; accepted"),
    (lambda: NO_Q.table(U), r"step has neither rec nor q; accepted"),
    (lambda: NO_Q.generator(), r"rng_state is None; accepted: a step of learning that draws"),
    (lambda: learning.ascend(GEN, REC, U, rate=0), r"rate is 0; accepted: a finite number > 0"),
    (lambda: learning.ascend(GEN, REC, U, rate=np.nan), r"rate is nan; accepted: a finite"),
    (lambda: learning.ascend(GEN, REC, U, steps=0), r"steps is 0; accepted"),
    (lambda: learning.ascend(GEN, REC, U, "KL"), r"objective is 'KL'; accepted: 'F', 'L'"),
    (lambda: learning.ascend(GEN, REC, U, optimiser="bfgs"), r"optimiser is 'bfgs'; accepted"),
    (lambda: learning.ascend(GEN, None, U), r"rec is None; accepted: a Recognition"),
    (lambda: learning.ascend(GEN, REC, U, minibatch=0), r"minibatch is 0; accepted"),
    (lambda: learning.ascend(GEN, REC, U, minibatch=3), r"rng is None; accepted: a generator"),
    (lambda: learning.ascend(GEN, REC, U, weights=[1.0]), r"weights has length 1; accepted: 8"),
    (lambda: learning.ascend(GEN, REC, U - 1), r"u contains -1; accepted: binary"),
]


@pytest.mark.parametrize(("call", "words"), BAD)
def test_bad_input_is_refused_at_the_call(call: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
