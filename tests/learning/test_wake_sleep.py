"""Wake-sleep by slopes: against central differences of what each phase climbs, and its bookkeeping.

What a phase should follow is known without its delta rule: wake the slope of F in G, reweighted
wake that of the mean of L_K, sleep the slope of E_dreams log Q in W.
"""

from __future__ import annotations

import itertools
import math
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import oracles
import pytest

from hmlib import Generative, Layered, LayeredRecognition, Recognition, learning
from hmlib.learning import Step, Steps

Array = np.ndarray
N = 400_000


def machine(*sizes: int, seed: int = 3, scale: float = 0.8) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    kinds = (Generative, Recognition) if len(sizes) == 2 else (Layered, LayeredRecognition)
    return tuple(kind.random(rng, *sizes, scale=scale) for kind in kinds)


def data(n_u: int, n: int = 3) -> tuple[Array, Array]:
    rng = np.random.default_rng(1)
    return rng.integers(0, 2, (n, n_u)).astype(float), np.array([0.5, 0.2, 0.3])[:n]


def last(steps: Iterator[Step]) -> Step:
    *_, step = steps
    return step


def slopes(value: Callable[[Any], float], model: Any, h: float = 1e-5) -> Array:
    """Central differences of value(model), in the order of `ravel`."""
    here = model.ravel()
    moves = h * np.eye(here.size)
    ends = [[value(model.like(here + sign * move)) for sign in (1, -1)] for move in moves]
    return np.array([(up - down) / (2 * h) for up, down in ends])


def mean_f(gen: Any, rec: Any, u: Array, weights: Array) -> float:
    return oracles.mean(lambda row: oracles.free_energy(gen, rec, row), u, weights)


def slopes_of_dreams(gen: Any, rec: Any) -> Array:
    """The slope in W of E log Q[v|u] over the dreams of gen, which are listed."""
    dreams = [
        (math.exp(oracles.log_joint(gen, v, u)), v, u)
        for v in oracles.patterns(gen.n_v)
        for u in oracles.patterns(gen.n_u)
    ]
    return slopes(lambda rec: sum(p * oracles.log_q(rec, v, u) for p, v, u in dreams), rec)


def mean_bound_of_two(gen: Any, rec: Any, u: Array, weights: Array) -> float:
    """E over pairs of guesses of L_2 = log (w_1 + w_2) / 2, every pair listed, rec fixed."""

    def one(row: Sequence[float]) -> float:
        log_q = {v: oracles.log_q(rec, v, row) for v in oracles.patterns(gen.n_v)}
        ratio = {v: oracles.log_joint(gen, v, row) - q for v, q in log_q.items()}
        return sum(
            math.exp(log_q[a] + log_q[b]) * (oracles.log_sum([ratio[a], ratio[b]]) - math.log(2))
            for a, b in itertools.product(log_q, repeat=2)
        )

    return oracles.mean(one, u, weights)


# What each phase climbs.


@pytest.mark.parametrize("sizes", [(4, 3), (4, 3, 2)], ids=["4-3", "4-3-2"])
def test_exact_phases_follow_the_slopes_of_what_they_climb(sizes: tuple[int, ...]) -> None:
    gen, rec = machine(*sizes)
    u, weights = data(4)
    step = last(learning.wake_sleep(gen, rec, u, weights, rate=0.5, steps=1, expectations="exact"))
    wake = (step.gen.ravel() - gen.ravel()) / 0.5
    np.testing.assert_allclose(wake, slopes(lambda g: mean_f(g, rec, u, weights), gen), atol=1e-8)
    sleep = (step.rec.ravel() - rec.ravel()) / 0.5
    np.testing.assert_allclose(sleep, slopes_of_dreams(step.gen, rec), atol=1e-8)


def sampled_moves(learn: Callable, runs: int = 40, **options: Any) -> tuple[Array, Array]:
    """First moves of G and of W, one row a run; together the runs draw N examples."""
    gen, rec, u, weights = options.pop("problem")
    steps = [
        last(
            learn(gen, rec, u, weights, rate=1e-6, steps=1, minibatch=N // runs, rng=rng, **options)
        )
        for rng in np.random.default_rng(9).spawn(runs)
    ]
    return tuple(
        np.array([after.ravel() - before.ravel() for after in ends]) / 1e-6
        for before, ends in ((gen, [s.gen for s in steps]), (rec, [s.rec for s in steps]))
    )


def assert_mean(gradients: Array, expected: Array) -> None:
    """The mean of these rows lies within 4 standard errors of what is expected."""
    error = gradients.std(axis=0, ddof=1) / math.sqrt(len(gradients))
    assert (np.abs(gradients.mean(axis=0) - expected) < 4 * error).all()


def test_sampled_phases_follow_the_same_slopes_in_the_mean() -> None:
    gen, rec = machine(4, 3, 2)
    u, weights = data(4)
    problem = gen, rec, u, weights
    wake, sleep = sampled_moves(learning.wake_sleep, problem=problem)
    assert_mean(wake, slopes(lambda g: mean_f(g, rec, u, weights), gen))
    assert_mean(sleep, slopes_of_dreams(gen, rec))


def test_reweighted_wake_follows_the_slope_of_the_bound() -> None:
    gen, rec = machine(3, 2, 1)
    u, weights = data(3)
    problem = gen, rec, u, weights
    wake, _ = sampled_moves(learning.reweighted_wake_sleep, problem=problem, k=2, phi="wake")
    assert_mean(wake, slopes(lambda g: mean_bound_of_two(g, rec, u, weights), gen))


def test_the_bound_of_a_minibatch_is_right_in_the_mean() -> None:
    gen, rec = machine(3, 2, 1)
    u, weights = data(3)
    for minibatch, runs in ((2000, 20), (None, 400)):
        bounds = [
            last(
                learning.reweighted_wake_sleep(
                    gen, rec, u, weights, 1e-9, 1, minibatch, rng=rng, k=2, phi="wake"
                )
            ).bound
            for rng in np.random.default_rng(4).spawn(runs)
        ]
        assert_mean(np.array(bounds)[:, None], mean_bound_of_two(gen, rec, u, weights))


def test_a_large_minibatch_of_ascent_is_nearly_all_the_data() -> None:
    gen, rec = machine(3, 2)
    u, weights = data(3)
    options = {"weights": weights, "rate": 1.0, "steps": 1, "optimiser": "sgd"}
    rng = np.random.default_rng(0)
    drawn = last(learning.ascend(gen, rec, u, minibatch=20_000, rng=rng, **options))
    whole = last(learning.ascend(gen, rec, u, **options))
    for near, exactly in ((drawn.gen, whole.gen), (drawn.rec, whole.rec)):
        np.testing.assert_allclose(near.ravel(), exactly.ravel(), atol=0.02)
        assert near != exactly


# Adam, draw for draw.


def published_adam(gradients: Sequence[Array], rate: float) -> Array:
    """How far the parameters have gone (Kingma & Ba 2015, algorithm 1)."""
    m = v = gone = 0.0
    for t, g in enumerate(gradients, start=1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        gone = gone + rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return gone


@pytest.mark.parametrize("expectations", ["sampled", "exact"])
@pytest.mark.parametrize("phase", ["wake", "sleep"])
def test_adam_moves_by_the_gradients_that_plain_steps_take(phase: str, expectations: str) -> None:
    gen, rec = machine(4, 3, 2)
    u, weights = data(4)

    def run(**options: Any) -> list[Step]:
        options |= {"phases": phase, "expectations": expectations, "minibatch": 5}
        return list(learning.wake_sleep(gen, rec, u, weights, **options))

    def model(step: Step) -> Array:
        return (step.gen if phase == "wake" else step.rec).ravel()

    path = run(rate=0.3, steps=6, optimiser="adam", rng=np.random.default_rng(2))
    gradients = []
    for step in path[:-1]:
        (plain,) = run(rate=1.0, steps=1, optimiser="sgd", start=step)
        gradients.append(model(plain) - model(step))
    gone = model(path[-1]) - model(path[0])
    np.testing.assert_allclose(gone, published_adam(gradients, 0.3), rtol=1e-6, atol=1e-7)
    assert np.abs(gone).max() > 0.1


# Stop and go on, whatever the settings.


def falling(done: int) -> tuple[float, float]:
    return 0.3 / (1 + done), 0.1


SETTINGS = {
    "wake_sleep sampled": [
        {"optimiser": o, "minibatch": b, "rate": r, "phases": p, "nonnegative": s}
        for o, b, r, (p, s) in itertools.product(
            ("sgd", "adam"), (None, 4), (0.2, falling), [("both", True), ("wake", 0), ("sleep", 0)]
        )
    ],
    "wake_sleep exact": [
        {"expectations": "exact", "optimiser": o, "rate": r, "phases": p}
        for o, r, p in itertools.product(("sgd", "adam"), (0.2, falling), ("both", "wake", "sleep"))
    ],
    "reweighted_wake_sleep": [
        {"optimiser": o, "minibatch": b, "rate": r, "k": k, "phi": p}
        for o, b, r, k, p in itertools.product(
            ("sgd", "adam"), (None, 4), (0.2, falling), (1, 3), ("sleep", "wake", "both")
        )
    ],
    "ascend": [
        {"objective": f, "optimiser": o, "minibatch": b, "rate": r}
        for f, o, b, r in itertools.product("FL", ("sgd", "adam"), (None, 4), (0.2, falling))
    ],
}


def contents(step: Step) -> list[object]:
    """All that the next step needs, to the last bit."""
    values = [step.gen, step.rec, step.phase, step.count, step.rng_state, step.bound, step.tries]
    values += [value for o in step.optimiser or () for value in (type(o), *vars(o).values())]
    return [value.tobytes() if isinstance(value, np.ndarray) else value for value in values]


@pytest.mark.parametrize("sizes", [(4, 3), (4, 2, 2)], ids=["one layer", "two layers"])
@pytest.mark.parametrize("kind", SETTINGS)
def test_no_setting_minds_being_stopped_and_stored(kind: str, sizes: tuple[int, ...]) -> None:
    gen, rec = machine(*sizes)
    u, weights = data(4)
    learn = getattr(learning, kind.split()[0])
    for settings in SETTINGS[kind]:

        def run(steps: int, start: Step | None = None, settings: dict = settings) -> list[Step]:
            rng = np.random.default_rng(6)
            options = settings | {"weights": weights, "steps": steps, "start": start}
            options["rng"] = None if start else rng
            return list(learn(gen, rec, u, **options))

        whole = run(6, replace(run(1)[0], tries=2))
        assert [step.tries for step in whole] == [2] * 6
        stopped = pickle.loads(pickle.dumps(whole[2]))
        continued = run(3, stopped)
        assert [contents(s) for s in continued] == [contents(s) for s in whole[3:]], settings
        assert contents(whole[0])[:2] != contents(whole[-1])[:2]


@pytest.mark.parametrize("bits", ["MT19937", "Philox", "SFC64", "PCG64DXSM"])
def test_any_generator_of_numpy_may_be_stopped(bits: str) -> None:
    gen, rec = machine(4, 3)
    u, _ = data(4)

    def run(steps: int, start: Step | None = None) -> list[Step]:
        rng = np.random.Generator(getattr(np.random, bits)(1))
        return list(
            learning.wake_sleep(gen, rec, u, steps=steps, rng=None if start else rng, start=start)
        )

    whole = run(5)
    continued = run(3, whole[2])
    assert [(s.gen, s.rec) for s in continued] == [(s.gen, s.rec) for s in whole[3:]]


@pytest.mark.parametrize("learn", [learning.wake_sleep, learning.reweighted_wake_sleep])
@pytest.mark.parametrize("minibatch", [None, 4])
def test_same_seed_same_numbers(learn: Callable[..., Steps], minibatch: int | None) -> None:
    gen, rec = machine(4, 3, 2)
    u, _ = data(4)

    def end(seed: int) -> list[object]:
        rng = np.random.default_rng(seed)
        return contents(last(learn(gen, rec, u, steps=5, minibatch=minibatch, rng=rng)))

    assert end(1) == end(1)
    assert end(1)[:2] != end(2)[:2]


# Rates, signs and failures in the other rules.


def still(before: Any, after: Any) -> list[bool]:
    """Which weights, then which biases, have not moved."""
    pairs = zip((*before.weights, *before.biases), (*after.weights, *after.biases), strict=True)
    return [np.array_equal(a, b) for a, b in pairs]


RULES = {
    "ascent on F": lambda *machine, **o: learning.ascend(*machine, "F", **o),
    "ascent on F, plain": lambda *machine, **o: learning.ascend(*machine, optimiser="sgd", **o),
    "reweighted": learning.reweighted_wake_sleep,
    "Adam": lambda *machine, **o: learning.wake_sleep(*machine, optimiser="adam", **o),
}
each_rule = pytest.mark.parametrize("learn", list(RULES.values()), ids=list(RULES))


@each_rule
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_every_rule_heeds_the_rates_of_layers(learn: Callable[..., Steps], layer: int) -> None:
    gen, rec = machine(3, 2, 2)
    u, _ = data(3)
    rates = [0.1 * (l == layer) for l in range(3)]
    step = last(learn(gen, rec, u, rate=lambda _: rates, steps=2, rng=np.random.default_rng(0)))
    assert still(gen, step.gen) == [layer != l for l in (0, 1, 0, 1, 2)]
    assert still(rec, step.rec) == [layer != l for l in (0, 1, 0, 1)]


@each_rule
def test_every_rule_asks_its_schedule_at_every_step(learn: Callable[..., Steps]) -> None:
    gen, rec = machine(3, 2)
    u, _ = data(3)
    asked = []

    def rate(done: int) -> float:
        asked.append(done)
        return 0.1 * (done != 2)

    steps = list(learn(gen, rec, u, rate=rate, steps=4, rng=np.random.default_rng(0)))
    assert asked == [0, 1, 2, 3]
    moved = [a.gen != b.gen for a, b in itertools.pairwise(steps)]
    assert moved == [True, True, False, True]


@each_rule
def test_every_rule_keeps_its_last_good_step(learn: Callable[..., Steps]) -> None:
    gen, rec = machine(3, 2)
    u, _ = data(3)
    for bad in (1e308, np.nan, np.inf):
        steps = learn(
            gen, rec, u, rate=lambda done, bad=bad: 0.1 if done < 3 else bad, steps=9,
            rng=np.random.default_rng(0),
        )  # fmt: skip
        seen = list(itertools.islice(steps, 4))
        with pytest.raises(learning.Diverged, match="Step 3 is the last good one") as failure:
            next(steps)
        assert failure.value.step is seen[-1]
        assert np.isfinite(seen[-1].gen.ravel()).all()


def test_only_the_weights_onto_the_inputs_have_a_sign_under_any_optimiser() -> None:
    gen, rec = machine(3, 2, 2)
    u, _ = data(3)
    for options in ({"optimiser": "adam"}, {"expectations": "exact", "optimiser": "adam"}):
        steps = list(
            learning.wake_sleep(
                gen, rec, u, rate=0.3, steps=30, nonnegative=True, **options,
                rng=np.random.default_rng(0),
            )
        )[1:]  # fmt: skip
        lowest = [min(w.min() for w in ws) for ws in zip(*(s.gen.weights for s in steps), strict=1)]
        assert lowest[0] == 0
        assert lowest[1] < 0
        assert min(s.gen.biases[0].min() for s in steps) < 0
        assert min(s.rec.weights[0].min() for s in steps) < 0


GEN, REC = machine(3, 2)
DEEP_GEN, DEEP_REC = machine(3, 2, 2)


@each_rule
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"gen": None}, "gen is of type NoneType; accepted: Generative or Layered"),
        ({"gen": REC}, "gen is of type Recognition; accepted: Generative or Layered"),
        ({"rec": GEN}, "rec is of type Generative; accepted: Recognition or LayeredR"),
        ({"gen": REC, "rec": GEN}, "gen is of type Recognition; accepted"),
        ({"rec": None}, "rec is None; accepted: a Recognition model"),
        ({"rec": DEEP_REC}, "rec has layers 3-2-2; accepted: 3-2, as gen has"),
        ({"gen": DEEP_GEN}, "rec has layers 3-2; accepted: 3-2-2, as gen has"),
        ({"start": 3}, "start is of type int; accepted: Step"),
        ({"start": Step(GEN)}, "rec is None; accepted: a Recognition model"),
        ({"u": np.zeros((4, 5))}, r"u has shape \(4, 5\); accepted: \(n, 3\)"),
        ({"u": np.full((4, 3), np.nan)}, "u contains nan"),
        ({"rate": (0.1, np.nan)}, "rate is nan; accepted: a finite number > 0"),
        ({"rate": (0.1, 0.1, 0.1)}, "rate has 3 numbers; accepted: 1 to 2"),
        ({"every": 0}, "every is 0; accepted: a whole number >= 1"),
    ],
)
def test_every_rule_refuses_bad_input_at_the_call(
    learn: Callable[..., Steps], changed: dict, words: str
) -> None:
    good = {"gen": GEN, "rec": REC, "u": data(3)[0], "rng": np.random.default_rng(0)}
    arguments = good | changed
    machine_and_data = [arguments.pop(name) for name in ("gen", "rec", "u")]
    with pytest.raises(ValueError, match=words):
        learn(*machine_and_data, **arguments)
