"""Whole runs: where to begin, how to watch, and when to begin anew."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from hmlib._checks import count, finite_array, generator
from hmlib.binary import Generative, Recognition
from hmlib.layered import Layered, LayeredRecognition
from hmlib.learning.step import Step
from hmlib.learning.walking import Steps

Array = NDArray[np.float64]
Observed = float | Mapping[str, float]

_QUIET = "TQDM_DISABLE"
"""tqdm's own switch, which its bar for notebooks does not heed."""


def fresh(
    *sizes: int,
    hidden_bias: float | Sequence[float] | None = None,
    rng: np.random.Generator | None = None,
    scale: float = 0.0,
) -> tuple[Generative, Recognition] | tuple[Layered, LayeredRecognition]:
    """A machine that has learnt nothing yet.

    Args:
        sizes: units of each layer, visible first: 16, 8, 1 for 16-8-1.
        hidden_bias: generative bias of every cause, or one number for each layer of causes,
            bottom first. Below 0, causes are rare from the beginning.
        rng: random generator; needed if scale is above 0.
        scale: standard deviation of all other parameters.

    Returns:
        (gen, rec): Generative and Recognition with one layer of causes, Layered and
        LayeredRecognition with more.

    Raises:
        ValueError: if there are fewer than two layers or an argument is not accepted.
    """
    if len(sizes) < 2:
        raise ValueError(f"sizes are {sizes}; accepted: at least two layers, visible first")

    def begun(kind: Any) -> Any:
        return kind.random(rng, *sizes, scale=scale) if scale else kind.zeros(*sizes)

    kinds = (Generative, Recognition) if len(sizes) == 2 else (Layered, LayeredRecognition)
    gen, rec = map(begun, kinds)
    if hidden_bias is None:
        return gen, rec
    biases = finite_array("hidden_bias", np.atleast_1d(hidden_bias), 1)
    if biases.size not in (1, len(sizes) - 1):
        raise ValueError(
            f"hidden_bias has {biases.size} numbers; accepted: 1 or {len(sizes) - 1}, "
            "one for each layer of causes"
        )
    hidden = [
        np.full(size, bias)
        for size, bias in zip(sizes[1:], np.broadcast_to(biases, len(sizes) - 1), strict=True)
    ]
    return gen.with_layers(gen.weights, (gen.biases[0], *hidden)), rec


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """What a run has come to, whether it was finished or not.

    Attributes:
        last: the last good step.
        counts: steps done at each observation, shape (m,).
        observed: what was observed, shape (m,), or one such array by name.
        outcome: "finished", "interrupted" (Ctrl-C, or Jupyter's stop button) or "failed".
        error: what went wrong, if learning diverged or `observe` failed.
    """

    last: Step
    counts: Array
    observed: Array | dict[str, Array]
    outcome: str = "finished"
    error: Exception | None = None

    def __repr__(self) -> str:
        more = f": {self.error}" if self.error else ""
        return f"Run {self.outcome} at step {self.last.count}, {self.last.gen.units}{more}"


def train(
    steps: Iterable[Step],
    observe: Callable[[Step], Observed] | None = None,
    progress: bool = True,
) -> Run:
    """Follow a learning rule to its end, with a progress bar; keep all of it if it is cut short.

    Args:
        steps: what a learning rule returns, such as `wake_sleep(...)`.
        observe: what to note of each step: a number, or numbers by name; nothing if None.
        progress: show a bar, in a notebook or a terminal, unless the environment variable
            TQDM_DISABLE is 1.

    Returns:
        The run, also after an interruption, or with a warning after a failure.

    Raises:
        ValueError: if there was no step at all.
    """
    last: Step | None = None
    error: Exception | None = None
    notes: list[tuple[int, Any]] = []
    outcome, shown = "finished", progress and os.environ.get(_QUIET) != "1"
    with _bar(getattr(steps, "total", None), shown) as bar:
        try:
            for step in steps:
                last = step
                bar.update(step.count - bar.n)
                if observe is not None:
                    notes.append((step.count, observe(step)))
        except KeyboardInterrupt:
            outcome = "interrupted"
        except Exception as failure:
            if last is None:
                raise
            outcome, error = "failed", failure
    if last is None:
        raise ValueError(f"steps ended before its first step ({outcome}); accepted: at least one")
    if error:
        warnings.warn(f"learning stopped: {error}", RuntimeWarning, stacklevel=2)
    counts, values = np.array([count for count, _ in notes]), [value for _, value in notes]
    observed: Array | dict[str, Array]
    if values and isinstance(values[0], Mapping):
        observed = {name: np.array([value[name] for value in values]) for name in values[0]}
    else:
        observed = np.array(values, dtype=np.float64)
    return Run(last, counts, observed, outcome, error)


class _Bar(Protocol):
    """What a progress bar is to a run."""

    n: float

    def update(self, n: float) -> object: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None: ...  # fmt: skip


class _NoBar:
    """A bar that nobody sees."""

    n: float = 0

    def update(self, n: float) -> None:
        self.n += n

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        return None


def _bar(total: int | None, shown: bool) -> _Bar:
    """A bar of tqdm, which the mathematics can do without."""
    if shown:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            pass
        else:
            bar: _Bar = tqdm(total=total, leave=False, unit="step")
            return bar
    return _NoBar()


def restarting(
    run: Callable[[np.random.Generator | None, Step | None], Iterable[Step]],
    score: Callable[[Step], float],
    least: Mapping[int, float],
    rng: np.random.Generator,
    most: int = 10,
) -> Steps[Step]:
    """A run that begins anew when it is stuck.

    A stuck run is seen early: what it has reached at a given count is compared with what runs
    that end well have reached by then. If all tries are stuck, the best of them goes on.

    Args:
        run: from a generator and a step to continue from (None at the beginning), the run: say
            `lambda rng, start: wake_sleep(gen, rec, u, rng=rng, start=start)`.
        score: what is compared, the higher the better, such as the exact L.
        least: for some counts of steps the least score of a run that may go on.
        rng: random generator, of which every try gets a child.
        most: tries at most.

    Returns:
        Iterator of steps of all tries; `tries` of a step says which try it belongs to.

    Raises:
        ValueError: at the call, if an argument is not accepted.
    """
    most, checks = count("most", most), sorted(least.items())
    children = generator("rng", rng).spawn(most)
    first = run(children[0], None)
    total = getattr(first, "total", None)

    def attempts() -> Iterator[Step]:
        stuck: list[tuple[int, float, Step]] = []
        for tries, child in enumerate(children, start=1):
            due = list(checks)
            for step in first if tries == 1 else run(child, None):
                step = replace(step, tries=tries)
                yield step
                # A long stride may pass several checks at once.
                passed = [enough for at, enough in due if step.count >= at]
                if passed:
                    due, reached = due[len(passed) :], score(step)
                    if not reached >= max(passed):
                        stuck.append((len(checks) - len(due), reached, step))
                        break
            else:
                return
        _, _, best = max(stuck, key=lambda halt: halt[:2])
        yield best
        for step in run(None, best):
            if total is not None and step.count > total:
                return
            yield step

    return Steps(attempts(), total)
