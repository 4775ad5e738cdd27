"""Questions whose answer is a function: it is tried on seeded random machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hmlib.check.question import Question, Verdict, Wrong
from hmlib.check.reading import Parts, read_parts
from hmlib.check.trial import BLANK, Case, Trial, attempt
from hmlib.check.words import inputs, kind

_CLOSE = 1e-2
"""A relative error of up to this is called close."""


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Function(Question):
    """A function to write, tried on several cases beside the solution.

    Attributes:
        answer: the right function.
        cases: from a random generator, the inputs of every trial by argument name, in the
            order of the arguments. Called afresh for every function tried, so that no function
            can change what another one is given. Let all sizes differ (number of data, of
            inputs, of causes, of states), so that a sum over the wrong axis shows.
        wrong: recognised wrong functions.
        rtol, atol: accepted: |difference| <= atol + rtol * |right|.
    """

    answer: Callable[..., object]
    cases: Callable[[np.random.Generator], Iterable[Case]]
    wrong: tuple[Wrong, ...] = ()
    rtol: float = 1e-6
    atol: float = 1e-8

    blank: ClassVar[str] = BLANK

    def judge(self, answer: object, seed: int) -> Verdict:
        if not callable(answer):
            return self.not_yet(
                f"A function is wanted, and this is {kind(answer)}. Give its name without "
                "calling it, with no brackets behind it."
            )
        likes = self._results(self.answer, seed)
        trials: list[Trial] = []
        for case, like in zip(self.draw(seed), likes, strict=True):
            trial = attempt(answer, case, like)
            if trial.blank and not trials:
                return self.not_attempted(trial.blank)
            if trial.failed:
                return self.not_yet(trial.failed, f"It was tried on {inputs(case)}.", trial.note)
            trials.append(trial)
        return self._compare(trials, likes, seed)

    def _compare(self, trials: list[Trial], likes: list[object], seed: int) -> Verdict:
        """The verdict on a function that ran in every trial."""
        truths = [read_parts(like, like) for like in likes]
        note = next((trial.note for trial in trials if trial.note), "")
        right = [
            trial.parts is not None and self.agree(trial.parts, truth)
            for trial, truth in zip(trials, truths, strict=True)
        ]
        if all(right):
            return self.correct(note)
        for slip in self._recognise(trials, seed):
            return self.not_yet(slip.sentence, note, slip=slip.name)
        k = right.index(False)
        return self.not_yet(
            f"Right in {sum(right)} of {len(right)} trials, but not in all." if any(right) else "",
            f"Tried on {inputs(self.draw(seed)[k])}:",
            trials[k].unreadable or self._difference(trials[k].parts, truths[k]),
            note,
        )

    def wrong_answers(self) -> tuple[Wrong, ...]:
        return self.wrong

    def recognise(self, answer: object, seed: int = 0) -> tuple[Wrong, ...]:
        likes = self._results(self.answer, seed)
        cases = zip(self.draw(seed), likes, strict=True)
        return self._recognise([attempt(answer, case, like) for case, like in cases], seed)

    def draw(self, seed: int) -> list[Case]:
        """The inputs of every trial, made anew at every call, the same for the same seed."""
        return list(self.cases(np.random.default_rng(seed)))

    def agree(self, given: Parts, right: Parts) -> bool:
        """Whether every array has the right shape and values."""
        return given.keys() == right.keys() and all(
            given[name].shape == right[name].shape
            and np.allclose(given[name], right[name], rtol=self.rtol, atol=self.atol)
            for name in right
        )

    def _results(self, function: Callable[..., object], seed: int) -> list[object]:
        """What one of our own functions gives in every trial."""
        with np.errstate(all="ignore"):
            return [function(*case.values()) for case in self.draw(seed)]

    def _recognise(self, trials: list[Trial], seed: int) -> tuple[Wrong, ...]:
        given = [trial.parts for trial in trials]
        if any(parts is None for parts in given):
            return ()
        likes = self._results(self.answer, seed)
        return tuple(
            slip
            for slip in self.wrong
            if all(
                self.agree(parts, read_parts(result, like))
                for parts, result, like in zip(
                    given, self._results(slip.answer, seed), likes, strict=True
                )
            )
        )

    def _difference(self, given: Parts, right: Parts) -> str:
        """What is wrong with a result whose numbers could be read."""
        for name, value in given.items():
            wanted, of = right[name], f" for {name}" if name else ""
            if value.shape != wanted.shape:
                return (
                    f"the result{of} has shape {value.shape}, and shape {wanted.shape} is wanted."
                )
            wrong = ~np.isclose(value, wanted, rtol=self.rtol, atol=self.atol)
            if np.isnan(value).any():
                return (
                    f"the result{of} contains nan, 'not a number'. The logarithm of a negative "
                    "number, 0 / 0 and 0 times infinity give it."
                )
            if wrong.any():
                return f"{_first_difference(value, wanted, wrong, of)} {self.otherwise}".rstrip()
        return ""


def _first_difference(value: np.ndarray, wanted: np.ndarray, wrong: np.ndarray, of: str) -> str:
    """The first wrong entry beside the right one."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f" at index {index[0] if len(index) == 1 else index}" if index else ""
    close = np.allclose(value, wanted, rtol=_CLOSE, atol=0)
    near = " That is close: look for rounding, or a small number added inside a logarithm."
    return f"the result{of}{place} is {value[index]:.6g}, and {wanted[index]:.6g} is right." + (
        near if close else ""
    )
