"""Runs of the real rules: begun anew, watched, broken off, and the numbers they leave."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tqdm.auto

from hmlib import learning
from hmlib.learning import Step, Steps

U = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])


def begin(rng: np.random.Generator | None) -> tuple[Any, Any]:
    return learning.fresh(3, 2, rng=rng or np.random.default_rng(0), scale=0.5)


def wake_sleep(rng: np.random.Generator | None, start: Step | None, steps: int = 12) -> Steps:
    return learning.wake_sleep(*begin(rng), U, rate=0.3, steps=steps, rng=rng, start=start)


def reweighted(rng: np.random.Generator | None, start: Step | None) -> Steps:
    options = {"rate": 0.1, "steps": 12, "optimiser": "adam", "k": 3}
    return learning.reweighted_wake_sleep(*begin(rng), U, rng=rng, start=start, **options)


def ascent(rng: np.random.Generator | None, start: Step | None) -> Steps:
    return learning.ascend(*begin(rng), U, steps=12, minibatch=2, rng=rng, start=start)


def bias(step: Step) -> float:
    return float(step.gen.h[0])


Run = Callable[[np.random.Generator | None, Step | None], Steps]
each_run = pytest.mark.parametrize("run", [wake_sleep, reweighted, ascent])


@each_run
def test_the_best_of_stuck_runs_goes_on_as_if_never_stopped(run: Run) -> None:
    alone = [list(run(rng, None)) for rng in np.random.default_rng(5).spawn(4)]
    best = max(range(4), key=lambda i: bias(alone[i][5]))
    assert 0 < best < 3, "neither the first nor the last, with this seed"
    least = {5: 99.0, 9: 99.0}
    tried = list(learning.restarting(run, bias, least, np.random.default_rng(5), most=4))
    assert [step.count for step in tried] == [0, 1, 2, 3, 4, 5] * 4 + list(range(5, 13))
    assert [step.tries for step in tried[24:]] == [best + 1] * 8
    for step in tried:
        same = alone[step.tries - 1][step.count]
        assert (step.gen, step.rec, step.rng_state) == (same.gen, same.rec, same.rng_state)


@each_run
def test_a_run_that_is_not_stuck_is_the_run_of_its_own_generator(run: Run) -> None:
    alone = [list(run(rng, None)) for rng in np.random.default_rng(5).spawn(4)]
    reached = [bias(steps[5]) for steps in alone]
    first = next(i for i in range(4) if reached[i] > reached[0])
    least = {5: (reached[0] + reached[first]) / 2}
    tried = list(learning.restarting(run, bias, least, np.random.default_rng(5), most=4))
    assert [step.count for step in tried] == [0, 1, 2, 3, 4, 5] * first + list(range(13))
    assert tried[-1].tries == first + 1
    assert tried[-1].gen == alone[first][-1].gen


def test_the_step_of_a_later_try_may_be_continued_by_hand() -> None:
    hard = {4: 99.0}
    *_, end = learning.restarting(wake_sleep, bias, hard, np.random.default_rng(5), most=3)
    more = list(wake_sleep(None, end, steps=5))
    assert [(step.count, step.tries) for step in more] == [(n, end.tries) for n in range(13, 18)]


def test_a_try_is_judged_by_every_check_that_a_long_stride_has_passed() -> None:
    def run(rng: np.random.Generator | None, start: Step | None) -> Steps:
        return learning.wake_sleep(*begin(rng), U, steps=12, rng=rng, start=start, every=6)

    for least in ({2: -99.0, 5: 99.0}, {2: -99.0, 12: 99.0}, {11: -99.0, 12: 99.0}):
        tried = list(learning.restarting(run, bias, least, np.random.default_rng(0), most=2))
        assert max(step.tries for step in tried) == 2, least


def test_the_best_try_is_the_one_that_met_most_checks() -> None:
    scores = {(1, 2): 1.0, (1, 6): 0.0, (2, 2): 0.5}

    def score(step: Step) -> float:
        return scores[step.tries, step.count]

    least = {2: 1.0, 6: 5.0}
    *_, end = learning.restarting(wake_sleep, score, least, np.random.default_rng(0), most=2)
    assert (end.tries, end.count) == (1, 12)


def test_a_failure_in_a_later_try_keeps_its_last_good_step() -> None:
    rates = [0.1, 0.1, 1e308]

    def run(rng: np.random.Generator | None, start: Step | None) -> Steps:
        rate = rates.pop(0)
        return learning.wake_sleep(*begin(rng), U, rate=rate, steps=12, rng=rng, start=start)

    tried = learning.restarting(run, bias, {4: 99.0}, np.random.default_rng(1), most=9)
    with pytest.warns(RuntimeWarning, match="learning stopped"):
        watched = learning.train(tried)
    assert watched.outcome == "failed"
    assert isinstance(watched.error, learning.Diverged)
    assert (watched.last.tries, watched.last.count) == (3, 0)


def test_a_run_in_strides_and_a_bar_come_to_the_same_numbers() -> None:
    plain = list(wake_sleep(np.random.default_rng(3), None))[-1]
    rng = np.random.default_rng(3)
    strides = learning.wake_sleep(*begin(rng), U, rate=0.3, steps=12, rng=rng, every=5)
    run = learning.train(strides, observe=bias)
    assert run.counts.tolist() == [0, 5, 10, 12]
    assert (run.last.gen, run.last.rng_state) == (plain.gen, plain.rng_state)
    assert run.observed[-1] == bias(plain)


@pytest.mark.parametrize("quiet", [False, True])
def test_the_bar_counts_steps_unless_all_bars_are_switched_off(
    quiet: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = []

    class Bar(tqdm.tqdm):
        """A bar that stays at hand."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options, file=io.StringIO(), disable=False)
            bars.append(self)

    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    monkeypatch.setenv("TQDM_DISABLE", "1" if quiet else "0")
    rng = np.random.default_rng(0)
    learning.train(learning.wake_sleep(*begin(rng), U, steps=12, rng=rng, every=5))
    assert [(bar.n, bar.total) for bar in bars] == ([] if quiet else [(12, 12)])


def test_learning_goes_on_without_the_library_of_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setenv("TQDM_DISABLE", "0")
    rng = np.random.default_rng(0)
    run = learning.train(learning.wake_sleep(*begin(rng), U, steps=12, rng=rng, every=5))
    assert run.outcome == "finished"
    assert run.last.count == 12


def test_an_interrupted_run_goes_on_from_its_last_step() -> None:
    whole = list(wake_sleep(np.random.default_rng(4), None))

    def observe(step: Step) -> float:
        if step.count == 7:
            raise KeyboardInterrupt
        return bias(step)

    run = learning.train(wake_sleep(np.random.default_rng(4), None), observe)
    more = learning.train(wake_sleep(None, run.last, steps=5), bias)
    assert (run.outcome, run.last.count, more.outcome) == ("interrupted", 7, "finished")
    assert (more.last.gen, more.last.rec) == (whole[-1].gen, whole[-1].rec)
    counts = np.concatenate([run.counts, more.counts])
    assert counts.tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12]
    observed = np.concatenate([run.observed, more.observed])
    assert observed.tolist() == [bias(whole[n]) for n in counts]
