"""Whole runs: beginnings, watching with a progress bar, being cut short, beginning anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from hmlib import Generative, Layered, LayeredRecognition, Recognition, learning
from hmlib.learning import Step, Steps

U = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def steps(n: int = 10, **options: object) -> Steps:
    gen, rec = learning.fresh(3, 2)
    rng = np.random.default_rng(0)
    return learning.wake_sleep(gen, rec, U, rate=0.1, steps=n, rng=rng, **options)


# Beginnings.


def test_a_fresh_machine_knows_nothing() -> None:
    gen, rec = learning.fresh(3, 2)
    assert (gen, rec) == (Generative.zeros(3, 2), Recognition.zeros(3, 2))
    gen, rec = learning.fresh(4, 3, 2)
    assert (gen, rec) == (Layered.zeros(4, 3, 2), LayeredRecognition.zeros(4, 3, 2))


def test_hidden_biases_are_those_of_the_causes_alone() -> None:
    gen, rec = learning.fresh(4, 3, 2, hidden_bias=(-3, 1))
    assert [bias.tolist() for bias in gen.biases] == [[0] * 4, [-3] * 3, [1] * 2]
    assert not rec.ravel().any()
    assert not np.concatenate([G.ravel() for G in gen.weights]).any()
    gen, _ = learning.fresh(3, 2, hidden_bias=-2)
    assert (gen.g.tolist(), gen.h.tolist()) == ([-2, -2], [0, 0, 0])


def test_random_beginnings_come_from_the_generator() -> None:
    (gen, rec), again, other = (
        learning.fresh(9, 5, 4, rng=np.random.default_rng(seed), scale=0.1, hidden_bias=-1)
        for seed in (1, 1, 2)
    )
    assert (gen, rec) == again
    assert gen != other[0]
    assert (gen.biases[1] == -1).all()
    assert np.std(gen.weights[0]) == pytest.approx(0.1, rel=0.3)
    assert np.std(rec.weights[0]) == pytest.approx(0.1, rel=0.3)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda: learning.fresh(3), "at least two layers"),
        (lambda: learning.fresh(3, 0), "is 0; accepted: a whole number >= 1"),
        (
            lambda: learning.fresh(3, 2, hidden_bias=(1, 2)),
            "hidden_bias has 2 numbers; accepted: 1",
        ),
        (lambda: learning.fresh(3, 2, hidden_bias=np.nan), "hidden_bias contains nan"),
        (lambda: learning.fresh(3, 2, scale=0.1), "rng is None"),
    ],
)
def test_bad_beginnings_are_refused(bad: Callable, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        bad()


# Watching.


def test_a_run_keeps_its_last_step_and_what_was_observed() -> None:
    run = learning.train(steps(10, every=4), observe=lambda step: step.count**2)
    assert run.outcome == "finished"
    assert run.counts.tolist() == [0, 4, 8, 10]
    assert run.observed.tolist() == [0, 16, 64, 100]
    assert run.last.gen == list(steps(10))[-1].gen
    assert repr(run) == "Run finished at step 10, 3 inputs, 2 causes"
    named = learning.train(steps(3), observe=lambda step: {"a": step.count, "b": -step.count})
    assert {name: x.tolist() for name, x in named.observed.items()} == {
        "a": [0, 1, 2, 3],
        "b": [0, -1, -2, -3],
    }
    assert learning.train(steps(2)).observed.size == 0


def raising_at(count: int, error: BaseException) -> Callable[[Step], float]:
    def observe(step: Step) -> float:
        if step.count == count:
            raise error
        return step.count

    return observe


def test_an_interruption_keeps_everything() -> None:
    run = learning.train(steps(10), observe=raising_at(6, KeyboardInterrupt()))
    assert (run.outcome, run.error) == ("interrupted", None)
    assert run.observed.tolist() == run.counts.tolist() == [0, 1, 2, 3, 4, 5]
    assert run.last.count == 6
    assert run.last.gen == list(steps(6))[-1].gen

    def cut() -> Iterator[Step]:
        for step in steps(10):
            if step.count == 4:
                raise KeyboardInterrupt
            yield step

    assert learning.train(cut()).last.count == 3


def test_a_failing_observer_loses_nothing_that_was_learnt() -> None:
    with pytest.warns(RuntimeWarning, match="learning stopped: no such thing"):
        run = learning.train(steps(10), observe=raising_at(5, LookupError("no such thing")))
    assert (run.outcome, run.last.count, run.counts.size) == ("failed", 5, 5)
    assert "no such thing" in repr(run)


def test_a_run_that_diverges_comes_back_with_its_last_good_step() -> None:
    gen, rec = learning.fresh(3, 2)
    rates = lambda done: 0.1 if done < 5 else 1e300  # noqa: E731
    run = learning.wake_sleep(gen, rec, U, rate=rates, steps=9, rng=np.random.default_rng(0))
    with pytest.warns(RuntimeWarning, match="Step 5 is the last good one"):
        run = learning.train(run)
    assert (run.outcome, run.last.count) == ("failed", 5)
    assert isinstance(run.error, learning.Diverged)
    assert run.last.gen == list(steps(5))[-1].gen


def test_a_run_without_a_first_step_is_refused() -> None:
    with pytest.raises(ValueError, match="steps ended before its first step"):
        learning.train(iter(()))

    def broken() -> Iterator[Step]:
        raise LookupError("nothing there")
        yield

    with pytest.raises(LookupError, match="nothing there"):
        learning.train(broken())


def outside(code: str, **environment: str) -> subprocess.Popen:
    """Run code in a Python of its own, its standard error kept."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "TQDM_DISABLE"} | environment,
    )


WATCHED = """
    import signal
    import numpy as np
    import tqdm.auto
    from hmlib import learning
    gen, rec = learning.fresh(3, 2)
    steps = learning.wake_sleep(gen, rec, np.ones((2, 3)), steps={n}, rng=np.random.default_rng(0))
    # Where tests run in the background of a shell, Ctrl-C is not heard by those they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("begun", flush=True)
    run = learning.train(steps, progress={progress})
    print(run.outcome, run.last.count)
"""


@pytest.mark.parametrize(
    ("progress", "environment", "shown"),
    [(True, {}, True), (False, {}, False), (True, {"TQDM_DISABLE": "1"}, False)],
)
def test_a_bar_shows_progress_in_a_terminal(progress: bool, environment: dict, shown: bool) -> None:
    process = outside(WATCHED.format(n=300, progress=progress), **environment)
    out, err = process.communicate(timeout=60)
    assert out.split() == ["begun", "finished", "300"]
    assert ("/300" in err) == shown
    assert not shown or "step" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows sends Ctrl-C to a whole group of processes")
def test_ctrl_c_stops_a_real_run_and_keeps_it() -> None:
    process = outside(WATCHED.format(n=10**7, progress=True))
    assert process.stdout.readline() == "begun\n"
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    outcome, count = out.split()
    assert outcome == "interrupted"
    assert 0 < int(count) < 10**7


# Beginning anew.


class Climbs:
    """Runs of 8 steps whose score rises by a slope that the generator draws."""

    def __init__(self) -> None:
        self.begun: list[float] = []
        self.slopes: dict[bytes, float] = {}

    def __call__(self, rng: np.random.Generator | None, start: Step | None) -> Steps:
        if start is None:
            slope = float(rng.random())
            self.begun.append(slope)
            step = Step(Generative(np.array([slope]), np.zeros((1, 1)), np.zeros(1)))
        else:
            step = start
        counts = range(step.count + (start is not None), step.count + 9)
        return Steps((replace(step, count=count) for count in counts), 8)


def height(step: Step) -> float:
    return float(step.gen.g[0]) * step.count


def slope(step: Step) -> float:
    return float(step.gen.g[0])


def restarted(least: dict[int, float], seed: int = 0, most: int = 10) -> tuple[list[Step], Climbs]:
    climbs = Climbs()
    rng = np.random.default_rng(seed)
    return list(learning.restarting(climbs, height, least, rng, most)), climbs


def test_a_run_that_is_not_stuck_is_left_alone() -> None:
    found, climbs = restarted({4: 0.0})
    assert [step.count for step in found] == list(range(9))
    assert {step.tries for step in found} == {1}
    assert len(climbs.begun) == 1


def test_stuck_runs_begin_anew() -> None:
    found, climbs = restarted({2: 2 * 0.6, 6: 6 * 0.8}, seed=3)
    assert len(climbs.begun) > 2, "this seed should need several tries"
    assert all(slope < 0.8 for slope in climbs.begun[:-1])
    assert climbs.begun[-1] >= 0.8
    assert found[-1].tries == len(climbs.begun)
    assert slope(found[-1]) == climbs.begun[-1]
    for k, begun in enumerate(climbs.begun[:-1], start=1):
        end = max(step.count for step in found if step.tries == k)
        assert end == (2 if begun < 0.6 else 6)
    assert [step.count for step in found if step.tries == found[-1].tries] == list(range(9))


def test_when_all_tries_are_stuck_the_best_goes_on() -> None:
    found, climbs = restarted({2: 99.0, 6: 99.0}, most=4)
    assert len(climbs.begun) == 4
    best = max(climbs.begun)
    assert slope(found[-1]) == best
    assert found[-1].count == 8
    assert found[-1].tries == climbs.begun.index(best) + 1
    end, _ = restarted({8: 99.0}, most=3)
    assert end[-1].count == 8
    assert slope(end[-1]) == max(slope(step) for step in end)


def test_a_score_that_is_no_number_is_stuck() -> None:
    def wrong(step: Step) -> float:
        return np.nan

    climbs = Climbs()
    list(learning.restarting(climbs, wrong, {2: 0.0}, np.random.default_rng(0), 3))
    assert len(climbs.begun) == 3


def test_same_seed_same_tries() -> None:
    (a, first), (b, second) = (restarted({2: 1.8}, seed=5) for _ in range(2))
    assert first.begun == second.begun
    assert [s.gen for s in a] == [s.gen for s in b]
    assert restarted({2: 1.8}, seed=6)[1].begun != first.begun


def test_real_learning_begins_anew_and_may_be_watched() -> None:
    gen, rec = learning.fresh(3, 2)

    def run(rng: np.random.Generator | None, start: Step | None) -> Steps:
        return learning.wake_sleep(gen, rec, U, rate=0.1, steps=12, rng=rng, start=start, every=4)

    found = learning.restarting(run, lambda step: -step.tries, {4: -3.5}, np.random.default_rng(0))
    assert found.total == 12
    assert learning.train(found).last.tries == 1
    stuck = learning.restarting(run, lambda step: -1.0, {4: 0.0}, np.random.default_rng(0), most=3)
    watched = learning.train(stuck, observe=lambda step: step.tries)
    assert watched.counts.tolist() == [0, 4, 0, 4, 0, 4, 4, 8, 12]
    assert watched.observed.tolist() == [1, 1, 2, 2, 3, 3, 1, 1, 1]


@pytest.mark.parametrize(
    ("changed", "words"), [({"most": 0}, "most is 0"), ({"rng": None}, "rng is None")]
)
def test_bad_input_to_restarting_is_refused(changed: dict, words: str) -> None:
    arguments = {"rng": np.random.default_rng(0), "most": 3} | changed
    with pytest.raises(ValueError, match=words):
        learning.restarting(Climbs(), height, {2: 0.0}, **arguments)
