"""Questions whose answer is a function: it is tried on seeded random machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from types import CodeType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hmlib.check.question import Question, Verdict
from hmlib.check.reading import Array, Parts, read_parts
from hmlib.check.trial import BLANK, Case, Recorded, Trial, read_call, try_out
from hmlib.check.words import inputs, kind

Cases = Callable[[np.random.Generator], Iterable[Case]]

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
        slips: name -> wrong function.
        rtol, atol: accepted: |difference| <= atol + rtol * |right|. Wide enough for single
            precision where terms nearly cancel, so that no draw of cases costs a mark.
        may_not_call: functions of `hmlib`, such as "exact.free_energy", and methods, such as
            "binary.Generative.log_prob", that are what is to be written. What `hmlib` calls by
            itself is not meant.
    """

    answer: Callable[..., Any]
    cases: Cases
    slips: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    rtol: float = 1e-4
    atol: float = 1e-6
    may_not_call: tuple[str, ...] = ()

    blank: ClassVar[str] = BLANK
    own_words: ClassVar[str] = (
        "The question is the same for everybody; your function is tried on cases of your own."
    )

    @property
    def own(self) -> str:
        return self.own_words

    def _grade(self, answer: object, seed: int) -> Verdict:
        if not callable(answer):
            return self.not_yet(
                f"A function is wanted, and this is {kind(answer)}. Give its name without "
                "calling it, with no brackets behind it."
            )
        trials: list[Trial] = []
        for k, (case, like) in enumerate(zip(self.draw(seed), self._likes(seed), strict=True)):
            if isinstance(answer, Recorded):
                trial = read_call(answer.calls[k], like)
            else:
                trial = try_out(answer, case, like, barred_code(self.may_not_call))
            if trial.called:
                return self.not_yet(
                    f"This calls `{trial.called}` of `hmlib`, which is what is to be written here. "
                    "Write the formula itself."
                )
            if trial.blank and not trials:
                return self.not_attempted(trial.blank)
            if trial.failed:
                return self.not_yet(trial.failed, f"It was tried on {inputs(case)}.", trial.note)
            trials.append(trial)
        return self._compare(trials, seed)

    def _compare(self, trials: list[Trial], seed: int) -> Verdict:
        """The verdict on a function that ran in every trial."""
        truths = self._parts(self.answer, seed)
        note = next((trial.note for trial in trials if trial.note), "")
        right = [
            trial.parts is not None and self.agree(trial.parts, truth)
            for trial, truth in zip(trials, truths, strict=True)
        ]
        if all(right):
            return self.correct(note)
        for slip in self._recognise(trials, seed):
            return self.slipped(slip, note)
        k = right.index(False)
        given = trials[k].parts
        return self.not_yet(
            f"Right in {sum(right)} of {len(right)} trials, but not in all." if any(right) else "",
            f"Tried on {inputs(self.draw(seed)[k])}:",
            *([trials[k].unreadable] if given is None else self._difference(given, truths[k])),
            note,
        )

    def recognise(self, answer: object, seed: int = 0) -> tuple[str, ...]:
        if not callable(answer):
            return ()
        cases = zip(self.draw(seed), self._likes(seed), strict=True)
        return self._recognise([try_out(answer, case, like) for case, like in cases], seed)

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

    def _likes(self, seed: int) -> tuple[Any, ...]:
        return _results(self.answer, self.cases, seed)

    def _parts(self, function: Callable[..., Any], seed: int) -> tuple[Parts, ...]:
        return _read_results(function, self.answer, self.cases, seed)

    def _recognise(self, trials: list[Trial], seed: int) -> tuple[str, ...]:
        given = [trial.parts for trial in trials if trial.parts is not None]
        if len(given) < len(trials):
            return ()
        return tuple(
            name
            for name, slip in self.slips.items()
            if all(map(self.agree, given, self._parts(slip, seed)))
        )

    def _difference(self, given: Parts, right: Parts) -> tuple[str, ...]:
        """What is wrong with a result whose numbers could be read, and what else may help."""
        for name, value in given.items():
            wanted, of = right[name], f" for {name}" if name else ""
            if value.shape != wanted.shape:
                return (
                    f"the result{of} has shape {value.shape}, and shape {wanted.shape} is wanted.",
                )
            wrong = ~np.isclose(value, wanted, rtol=self.rtol, atol=self.atol)
            if np.isnan(value).any():
                return (
                    f"the result{of} contains nan, 'not a number'. The logarithm of a negative "
                    "number, 0 / 0 and 0 times infinity give it.",
                )
            if wrong.any():
                return _first_difference(value, wanted, wrong, of), self.prose.otherwise
        return ()


def barred_code(names: Iterable[str]) -> dict[CodeType, str]:
    """The code of what may not be called, and its name."""
    found = {}
    for name in names:
        room, *path = name.split(".")
        held: Any = import_module(f"hmlib.{room}")
        for part in path:
            inside = hasattr(held, part)
            held = getattr(held, part) if inside else import_module(f"{held.__name__}.{part}")
        found[held.__code__] = name
    return found


@lru_cache(maxsize=4096)
def _results(function: Callable[..., Any], cases: Cases, seed: int) -> tuple[Any, ...]:
    """What one of our own functions gives in every trial. They are pure, so it is kept."""
    with np.errstate(all="ignore"):
        return tuple(function(*case.values()) for case in cases(np.random.default_rng(seed)))


@lru_cache(maxsize=4096)
def _read_results(
    function: Callable[..., Any], answer: Callable[..., Any], cases: Cases, seed: int
) -> tuple[Parts, ...]:
    """The same as arrays by name, in the structure of the right results."""
    given, likes = _results(function, cases, seed), _results(answer, cases, seed)
    return tuple(map(read_parts, given, likes))


def _first_difference(value: Array, wanted: Array, wrong: NDArray[np.bool_], of: str) -> str:
    """The first wrong entry beside the right one."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f" at index {index[0] if len(index) == 1 else index}" if index else ""
    close = np.allclose(value, wanted, rtol=_CLOSE, atol=0)
    near = " That is close: look for rounding, or for a small number that was added."
    return f"the result{of}{place} is {value[index]:.6g}, and {wanted[index]:.6g} is right." + (
        near if close else ""
    )
