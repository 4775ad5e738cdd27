"""Wake-sleep and reweighted wake-sleep, against loops over every pattern of units."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import oracles
import pytest

from hmlib import Generative, Layered, LayeredRecognition, Recognition, learning
from hmlib.learning import Step
from hmlib.learning.optimisers import rates_of
from hmlib.learning.walking import NotFinite, workable

Array = np.ndarray
DEEP = pytest.mark.parametrize("sizes", [(3, 2), (3, 2, 2)], ids=["one layer", "two layers"])
N = 400_000


def machine(sizes: Sequence[int], seed: int = 0, scale: float = 1.0) -> tuple:
    rng = np.random.default_rng(seed)
    kinds = (Generative, Recognition) if len(sizes) == 2 else (Layered, LayeredRecognition)
    return tuple(kind.random(rng, *sizes, scale=scale) for kind in kinds)


def data(n_u: int, n: int = 5) -> tuple[Array, Array]:
    rng = np.random.default_rng(7)
    weights = rng.random(n) + 0.2
    return rng.integers(0, 2, (n, n_u)).astype(float), weights / weights.sum()


# An independent account of the delta rules: one pattern of units at a time, in loops.


def layers_of(v: Sequence[float], u: Sequence[float], sizes: Sequence[int]) -> list[list[float]]:
    return [list(u), *oracles.layers(v, sizes[1:])]


def gen_delta(gen: object, units: list[list[float]]) -> Array:
    """(s - f(x)) times what drove x, for every parameter, as `ravel` of such a model."""
    weights, biases = [], []
    for l, bias in enumerate(gen.biases):
        above = units[l + 1] if l + 1 < len(units) else []
        G = gen.weights[l] if above else np.zeros((len(bias), 0))
        missed = [
            s - oracles.f(x) for s, x in zip(units[l], oracles.drive(G, bias, above), strict=True)
        ]
        biases.append(np.array(missed))
        if above:
            weights.append(np.array([[m * s for s in above] for m in missed]))
    return gen.with_layers(weights, biases).ravel()


def rec_delta(rec: object, units: list[list[float]]) -> Array:
    weights, biases = [], []
    for l, (W, w) in enumerate(zip(rec.weights, rec.biases, strict=True)):
        drive = oracles.drive(W, w, units[l])
        missed = [s - oracles.f(y) for s, y in zip(units[l + 1], drive, strict=True)]
        weights.append(np.array([[m * s for s in units[l]] for m in missed]))
        biases.append(np.array(missed))
    return rec.with_layers(weights, biases).ravel()


def awake(gen: object, rec: object, u: Array, weights: Array) -> Iterator[tuple[float, list]]:
    """Every datum with every guess, and how probable the two are."""
    for row, share in zip(u, weights, strict=True):
        for v in oracles.patterns(gen.n_v):
            yield share * math.exp(oracles.log_q(rec, v, row)), layers_of(v, row, gen.sizes)


def asleep(gen: object) -> Iterator[tuple[float, list]]:
    """Every dream, and how probable it is."""
    for v in oracles.patterns(gen.n_v):
        for u in oracles.patterns(gen.n_u):
            yield math.exp(oracles.log_joint(gen, v, u)), layers_of(v, u, gen.sizes)


def guesses(
    gen: object, rec: object, u: Array, weights: Array, k: int
) -> Iterator[tuple[float, list[tuple[float, list]]]]:
    """Every datum with every K guesses: their probability, and (omega_k, units) of each."""
    for row, share in zip(u, weights, strict=True):
        log_q = {v: oracles.log_q(rec, v, row) for v in oracles.patterns(gen.n_v)}
        log_ratio = {v: oracles.log_joint(gen, v, row) - q for v, q in log_q.items()}
        for chosen in itertools.product(log_q, repeat=k):
            total = oracles.log_sum([log_ratio[v] for v in chosen])
            omega = [math.exp(log_ratio[v] - total) for v in chosen]
            units = [layers_of(v, row, gen.sizes) for v in chosen]
            p = share * math.exp(sum(log_q[v] for v in chosen))
            yield p, list(zip(omega, units, strict=True))


def moments(cases: Iterator[tuple[float, Array]]) -> tuple[Array, Array]:
    """Mean and standard deviation of vectors, given their probabilities."""
    p, x = (np.array(column) for column in zip(*cases, strict=True))
    assert p.sum() == pytest.approx(1)
    mean = p @ x
    return mean, np.sqrt(np.maximum(p @ x**2 - mean**2, 0))


def wake_moments(gen: object, rec: object, u: Array, weights: Array) -> tuple[Array, Array]:
    return moments((p, gen_delta(gen, units)) for p, units in awake(gen, rec, u, weights))


def sleep_moments(gen: object, rec: object) -> tuple[Array, Array]:
    return moments((p, rec_delta(rec, units)) for p, units in asleep(gen))


def last(steps: Iterator[Step]) -> Step:
    *_, step = steps
    return step


# Exact expectations.


@DEEP
def test_exact_expectations_against_loops(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    u, weights = data(3)
    step = last(learning.wake_sleep(gen, rec, u, weights, rate=0.3, steps=1, expectations="exact"))
    wake, _ = wake_moments(gen, rec, u, weights)
    np.testing.assert_allclose(step.gen.ravel(), gen.ravel() + 0.3 * wake, atol=1e-12)
    sleep, _ = sleep_moments(step.gen, rec)
    np.testing.assert_allclose(step.rec.ravel(), rec.ravel() + 0.3 * sleep, atol=1e-12)
    assert step.phase == "wake-sleep"


def test_weighted_data_are_repeated_data() -> None:
    gen, rec = machine((3, 2))
    u, _ = data(3, 3)
    counts = np.array([3, 1, 2])
    options = {"rate": 0.5, "steps": 4, "expectations": "exact"}
    weighted = last(learning.wake_sleep(gen, rec, u, counts, **options))
    repeated = last(learning.wake_sleep(gen, rec, u.repeat(counts, axis=0), **options))
    np.testing.assert_allclose(weighted.gen.ravel(), repeated.gen.ravel(), atol=1e-12)


# Samples.


def agree(moved: Array, known: tuple[Array, Array], n: int = N) -> None:
    """A mean over n samples lies within 4 standard errors of its expectation."""
    mean, deviation = known
    assert (np.abs(moved - mean) < 4 * deviation / math.sqrt(n) + 1e-9).all()


@DEEP
def test_sampled_phases_agree_with_loops_in_the_mean(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    u, weights = data(3)
    options = {"rate": 1.0, "steps": 1, "minibatch": N, "rng": np.random.default_rng(1)}
    wake = last(learning.wake_sleep(gen, rec, u, weights, phases="wake", **options))
    agree(wake.gen.ravel() - gen.ravel(), wake_moments(gen, rec, u, weights))
    assert (wake.rec, wake.phase) == (rec, "wake")
    sleep = last(learning.wake_sleep(gen, rec, u, weights, phases="sleep", **options))
    agree(sleep.rec.ravel() - rec.ravel(), sleep_moments(gen, rec))
    assert (sleep.gen, sleep.phase) == (gen, "sleep")


@DEEP
def test_sleep_dreams_with_the_machine_that_wake_has_moved(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(sizes)
    u, weights = data(3)
    step = last(
        learning.wake_sleep(gen, rec, u, weights, 1.0, 1, minibatch=N, rng=np.random.default_rng(2))
    )
    agree(step.rec.ravel() - rec.ravel(), sleep_moments(step.gen, rec))


def test_all_data_and_their_weights_without_minibatches() -> None:
    gen, rec = machine((3, 2))
    u, weights = data(3, 4)
    rng = np.random.default_rng(3)
    moves = np.array(
        [
            last(
                learning.wake_sleep(gen, rec, u, weights, 1.0, 1, None, rng=r, phases="wake")
            ).gen.ravel()
            for r in rng.spawn(1500)
        ]
    )
    mean, _ = wake_moments(gen, rec, u, weights)
    error = moves.std(axis=0, ddof=1) / math.sqrt(len(moves))
    assert (np.abs(moves.mean(axis=0) - gen.ravel() - mean) < 4 * error + 1e-12).all()


@pytest.mark.long
@DEEP
@pytest.mark.parametrize("k", [1, 2])
def test_reweighted_phases_agree_with_loops_in_the_mean(sizes: tuple[int, ...], k: int) -> None:
    gen, rec = machine(sizes)
    u, weights = data(3, 3)
    cases = list(guesses(gen, rec, u, weights, k))
    theta = moments((p, sum(o * gen_delta(gen, s) for o, s in c)) for p, c in cases)
    phi = moments((p, sum(o * rec_delta(rec, s) for o, s in c)) for p, c in cases)
    tiny = 1e-6  # so that sleep dreams with the machine as it was

    def move(phi: str) -> tuple[Array, Array]:
        step = last(
            learning.reweighted_wake_sleep(
                gen, rec, u, weights, tiny, 1, N, rng=np.random.default_rng(4), k=k, phi=phi
            )
        )
        pairs = ((step.gen, gen), (step.rec, rec))
        return tuple((after.ravel() - before.ravel()) / tiny for after, before in pairs)

    d_gen, d_rec = move("wake")
    agree(d_gen, theta)
    agree(d_rec, phi)
    asleep_mean, asleep_deviation = sleep_moments(gen, rec)
    d_gen, d_rec = move("sleep")
    agree(d_gen, theta)
    agree(d_rec, (asleep_mean, asleep_deviation))
    _, d_rec = move("both")
    both = (phi[0] + asleep_mean) / 2, np.hypot(phi[1], asleep_deviation) / 2
    agree(d_rec, both)


@pytest.mark.parametrize("sizes", [(3, 2), (4, 3, 2, 1)])
@pytest.mark.parametrize("minibatch", [20, None])
@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_reweighted_with_one_guess_is_wake_sleep_draw_for_draw(
    sizes: tuple[int, ...], minibatch: int | None, optimiser: str
) -> None:
    gen, rec = machine(sizes)
    u, weights = data(sizes[0])
    options = {"rate": 0.2, "steps": 60, "minibatch": minibatch, "optimiser": optimiser}
    plain = learning.wake_sleep(gen, rec, u, weights, rng=np.random.default_rng(5), **options)
    again = learning.reweighted_wake_sleep(
        gen, rec, u, weights, rng=np.random.default_rng(5), k=1, phi="sleep", **options
    )
    for a, b in zip(plain, again, strict=True):
        assert (a.gen, a.rec, a.rng_state) == (b.gen, b.rec, b.rng_state)
    assert a.gen != gen


def test_guesses_that_are_certain_count_as_one_however_many() -> None:
    """All data with their weights: K equal guesses of a datum move the machine as one does."""
    gen, _ = machine((3, 2))
    rec = Recognition([40.0, -40.0], np.zeros((2, 3)))
    u, weights = data(3)
    one, three = (
        last(
            learning.reweighted_wake_sleep(
                gen, rec, u, weights, 0.5, 1, None, rng=np.random.default_rng(0), k=k, phi="wake"
            )
        )
        for k in (1, 3)
    )
    assert one.gen != gen
    np.testing.assert_allclose(three.gen.ravel(), one.gen.ravel(), atol=1e-12)
    np.testing.assert_allclose(three.rec.ravel(), one.rec.ravel(), atol=1e-12)
    assert three.bound == pytest.approx(one.bound, abs=1e-9)


def test_the_bound_lies_between_f_and_l() -> None:
    gen, rec = machine((3, 2, 1))
    u, weights = data(3)
    log_l = oracles.mean(lambda row: oracles.log_likelihood(gen, row), u, weights)
    f = oracles.mean(lambda row: oracles.free_energy(gen, rec, row), u, weights)

    def bound(k: int, minibatch: int | None) -> float:
        steps = learning.reweighted_wake_sleep(
            gen, rec, u, weights, 1e-9, 1, minibatch, rng=np.random.default_rng(6), k=k
        )
        return last(steps).bound

    assert bound(100_000, None) == pytest.approx(log_l, abs=0.01)
    assert bound(1, 100_000) == pytest.approx(f, abs=0.02)
    assert f + 0.02 < bound(5, 50_000) < log_l - 0.005


# Stop and go on.


def rule(name: str, **options: object) -> Callable[..., Iterator[Step]]:
    gen, rec = machine((4, 3, 2), scale=0.5)
    u, weights = data(4)
    function = getattr(learning, name)

    def run(steps: int, **more: object) -> Iterator[Step]:
        fresh = "expectations" not in options and "start" not in more
        drawn = {"rng": np.random.default_rng(8)} if fresh else {}
        return function(gen, rec, u, weights=weights, steps=steps, **(drawn | options | more))

    return run


SLOPE = learning.anneal(learning.two_stage((0.4, 0.1), 0.3, 20), 20)
RULES = {
    "plain": rule("wake_sleep"),
    "adam": rule("wake_sleep", optimiser="adam", rate=0.01),
    "all data": rule("wake_sleep", minibatch=None),
    "schedule": rule("wake_sleep", rate=SLOPE, nonnegative=True),
    "wake": rule("wake_sleep", phases="wake"),
    "sleep": rule("wake_sleep", phases="sleep"),
    "exact": rule("wake_sleep", expectations="exact", rate=SLOPE),
    "exact adam": rule("wake_sleep", expectations="exact", optimiser="adam"),
    "reweighted": rule("reweighted_wake_sleep", k=3),
    "reweighted wake": rule("reweighted_wake_sleep", k=3, phi="wake", optimiser="adam"),
    "reweighted sleep": rule("reweighted_wake_sleep", k=2, phi="sleep", minibatch=None),
    "ascent": rule("ascend", optimiser="sgd", minibatch=3, rate=SLOPE),
}
each_rule = pytest.mark.parametrize("run", list(RULES.values()), ids=list(RULES))


def same(a: Step, b: Step) -> bool:
    here, there = ((s.gen, s.rec, s.count, s.phase, s.rng_state, s.bound) for s in (a, b))
    moments = [(o.mean, o.square) for s in (a, b) for o in s.optimiser if hasattr(o, "mean")]
    half = len(moments) // 2
    return here == there and all(
        np.array_equal(x, y)
        for first, second in zip(moments[:half], moments[half:], strict=True)
        for x, y in zip(first, second, strict=True)
    )


@each_rule
def test_a_run_stopped_and_continued_is_the_run_never_stopped(run: Callable) -> None:
    whole = list(run(13))
    assert [step.count for step in whole] == list(range(14))
    for stop in (1, 6):
        more = list(run(13 - stop, start=whole[stop]))
        assert [step.count for step in more] == list(range(stop + 1, 14))
        assert all(same(a, b) for a, b in zip(whole[stop + 1 :], more, strict=True))


@each_rule
def test_every_so_many_steps_is_the_same_run_thinned(run: Callable) -> None:
    whole = list(run(13, start=next(run(1))))
    thinned = run(13, start=next(run(1)), every=5)
    assert thinned.total == 13
    thinned = list(thinned)
    assert [step.count for step in thinned] == [5, 10, 13]
    assert all(same(step, whole[step.count - 1]) for step in thinned)


@each_rule
def test_a_step_is_not_changed_by_what_follows(run: Callable) -> None:
    steps = run(5)
    kept = [next(steps), next(steps)]
    before = [(step.gen.ravel(), step.rec.ravel()) for step in kept]
    list(steps)
    after = [(step.gen.ravel(), step.rec.ravel()) for step in kept]
    np.testing.assert_equal(before, after)


# Rates and signs.


def still(before: object, after: object) -> list[bool]:
    """Which weights, then which biases, have not moved."""
    pairs = zip((*before.weights, *before.biases), (*after.weights, *after.biases), strict=True)
    return [np.array_equal(a, b) for a, b in pairs]


@pytest.mark.parametrize("expectations", ["sampled", "exact"])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_layers_rate_moves_what_lies_above_it_and_its_biases(
    layer: int, expectations: str
) -> None:
    gen, rec = machine((3, 2, 2))
    u, _ = data(3)
    rates = [0.1 * (l == layer) for l in range(3)]
    step = last(
        learning.wake_sleep(
            gen, rec, u, rate=lambda done: rates, steps=3, expectations=expectations,
            rng=np.random.default_rng(0),
        )
    )  # fmt: skip
    assert still(gen, step.gen) == [layer != 0, layer != 1, layer != 0, layer != 1, layer != 2]
    assert still(rec, step.rec) == [layer != 0, layer != 1, layer != 0, layer != 1]


def test_the_last_rate_holds_for_all_layers_above() -> None:
    gen, rec = machine((3, 2, 2))
    u, _ = data(3)
    ends = [
        last(learning.wake_sleep(gen, rec, u, rate=rate, steps=5, rng=np.random.default_rng(0)))
        for rate in ((0.3, 0.1), (0.3, 0.1, 0.1), lambda done: [0.3, 0.1])
    ]
    assert ends[0].gen == ends[1].gen == ends[2].gen


def test_schedules() -> None:
    two = learning.two_stage((0.5, 0.001), 0.2, 100, switch=0.25)
    assert [two(done) for done in (0, 24, 25, 99)] == [(0.5, 0.001), (0.5, 0.001), 0.2, 0.2]
    down = learning.anneal(2.0, 100, start=0.5)
    assert [down(done) for done in (0, 50, 75, 100, 200)] == [2.0, 2.0, 1.0, 0.0, 0.0]
    both = learning.anneal(two, 100, start=0)
    assert both(10) == pytest.approx([0.45, 0.0009])
    assert both(50) == pytest.approx(0.1)
    ended = rates_of(down, 2)
    assert [ended(done) for done in (0, 100)] == [(2.0, 2.0), (0.0, 0.0)]


@pytest.mark.parametrize("expectations", ["sampled", "exact"])
def test_weights_onto_the_inputs_may_be_kept_from_being_negative(expectations: str) -> None:
    gen, rec = machine((3, 2, 2))
    u, _ = data(3)
    for nonnegative in (True, False):
        _, *steps = learning.wake_sleep(
            gen, rec, u, rate=0.5, steps=40, nonnegative=nonnegative, expectations=expectations,
            rng=np.random.default_rng(0),
        )  # fmt: skip
        assert all((step.gen.weights[0] >= 0).all() for step in steps) == nonnegative
        assert min(step.gen.weights[1].min() for step in steps) < 0
        assert min(step.gen.biases[0].min() for step in steps) < 0


# What is refused, and what goes wrong on the way.


def learn(**changed: object) -> Iterator[Step]:
    gen, rec = machine((3, 2))
    arguments = {"gen": gen, "rec": rec, "u": data(3)[0], "rng": np.random.default_rng(0)}
    arguments |= changed
    name = "reweighted_wake_sleep" if {"k", "phi"} & set(changed) else "wake_sleep"
    return getattr(learning, name)(**arguments)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"rate": 0}, "rate is 0; accepted: a finite number > 0"),
        ({"rate": -1.0}, "rate is -1.0"),
        ({"rate": np.nan}, "rate is nan"),
        ({"rate": (0.1, -0.1)}, "rate is -0.1"),
        ({"rate": (0.1, 0.1, 0.1)}, "rate has 3 numbers; accepted: 1 to 2, bottom layer first"),
        ({"rate": ()}, "rate has 0 numbers"),
        ({"rate": "fast"}, "rate is 'fast'"),
        ({"k": 0}, "k is 0; accepted: a whole number >= 1"),
        ({"k": 2.5}, "k is 2.5"),
        ({"phi": "dream"}, "phi is 'dream'; accepted: 'sleep', 'wake', 'both'"),
        ({"rec": machine((3, 4))[1]}, "rec has layers 3-4; accepted: 3-2"),
        ({"rec": machine((3, 2, 2))[1]}, "rec has layers 3-2-2; accepted: 3-2"),
        ({"rec": None}, "rec is None"),
        ({"u": np.zeros((4, 5))}, r"u has shape \(4, 5\); accepted: \(n, 3\)"),
        ({"u": np.full((4, 3), np.nan)}, "u contains nan"),
        ({"u": np.full((4, 3), 0.5)}, "u contains 0.5"),
        ({"u": np.zeros((0, 3))}, "u is empty"),
        ({"weights": np.ones(2)}, "weights has length 2"),
        ({"steps": 0}, "steps is 0"),
        ({"minibatch": 0}, "minibatch is 0"),
        ({"every": 0}, "every is 0"),
        ({"rng": None}, "rng is None; accepted: a generator"),
        ({"optimiser": "newton"}, "optimiser is 'newton'"),
        ({"expectations": "guessed"}, "expectations is 'guessed'"),
        ({"phases": "dusk"}, "phases is 'dusk'"),
        (
            {"gen": Generative.zeros(19, 2), "rec": Recognition.zeros(19, 2),
             "u": np.zeros((1, 19)), "expectations": "exact"},
            "n_u \\+ n_v is 21; accepted with exact expectations: at most 20",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_at_the_call(changed: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        learn(**changed)


@pytest.mark.parametrize("start", [lambda: learning.anneal(1, 0), lambda: learning.anneal(1, 9, 1),
                                   lambda: learning.two_stage(1, 2, 9, switch=-0.1)])  # fmt: skip
def test_bad_schedules_are_refused(start: Callable) -> None:
    with pytest.raises(ValueError, match="accepted"):
        start()


@pytest.mark.parametrize("expectations", ["sampled", "exact"])
@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (lambda done: 0.1 if done < 7 else 1e300, "infinite"),
        (lambda done: 0.1 if done < 7 else np.nan, r"rate\(7\) is nan"),
        (lambda done: 0.1 if done < 7 else -1.0, r"rate\(7\) is -1.0"),
    ],
)
def test_a_run_that_diverges_keeps_its_last_good_step(
    rate: Callable, words: str, expectations: str
) -> None:
    good = list(learn(rate=0.1, steps=7, expectations=expectations))[-1]
    seen = []
    with pytest.raises(learning.Diverged, match=words) as failure:
        seen.extend(learn(rate=rate, steps=20, expectations=expectations))
    assert failure.value.step.count == 7
    assert same(failure.value.step, good)


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf, 1e101])
def test_numbers_without_a_finite_l_are_not_workable(lost: float) -> None:
    assert workable(np.array([0.0, -1e99])).size == 2
    with pytest.raises(NotFinite):
        workable(np.array([0.0, lost]))


def test_ascent_that_diverges_keeps_its_last_good_step() -> None:
    gen, rec = machine((3, 2))
    u, _ = data(3)
    steps = learning.ascend(gen, rec, u, rate=lambda done: 0.1 if done < 3 else 1e300, steps=9)
    with pytest.raises(learning.Diverged, match="Step 3 is the last good one") as failure:
        list(steps)
    assert failure.value.step.count == 3


@pytest.mark.parametrize("expectations", ["sampled", "exact"])
def test_a_small_world_is_learnt(expectations: str) -> None:
    rng = np.random.default_rng(0)
    gen, rec = learning.fresh(3, 2, rng=rng, scale=0.3)
    u = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    step = last(
        learning.wake_sleep(
            gen, rec, u, rate=0.3, steps=1500, every=1500, rng=rng, expectations=expectations
        )
    )
    best = -math.log(2)
    assert best - 0.1 < np.mean([oracles.log_likelihood(step.gen, row) for row in u]) < best


def test_the_generator_that_is_given_is_used_up() -> None:
    rng, (gen, rec) = np.random.default_rng(0), machine((3, 2))
    first, second = (
        last(learning.wake_sleep(gen, rec, data(3)[0], steps=3, rng=rng)) for _ in range(2)
    )
    assert first.gen != second.gen
    assert second.generator().random() == rng.random()
