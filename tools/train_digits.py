"""Train the small machine of the digits and store it: `python -m tools.train_digits`.

Ten causes climb the exact gradient of F on the 1500 binary training digits, in minibatches. The
machine before training, after it and at 39 moments between goes to data/digits_machine.npz. The
figures printed are those of the file: they are the ones that data/README.md gives.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from hmlib import datasets, exact, learning
from hmlib.binary import Generative, Recognition, log_bernoulli
from hmlib.datasets.files import DATA
from hmlib.learning import Step
from tools.keeping import keep

FILE = DATA / "digits_machine.npz"

N_CAUSES = 10
SEED = 0
MINIBATCH = 100
RATES = ((0.03, 1600), (0.01, 800), (0.003, 800))
"""Learning rates of Adam, each with its number of steps."""

MOMENTS = tuple(2 * k**2 for k in range(41))
"""Steps that are kept: close together at first, when most is learnt."""


def training(u: np.ndarray, seed: int = SEED) -> Iterator[Step]:
    """Every step of the training, the start first."""
    rng = np.random.default_rng(seed)
    step = Step(
        Generative.random(rng, u.shape[1], N_CAUSES, scale=0.1),
        Recognition.random(rng, u.shape[1], N_CAUSES, scale=0.1),
    )
    yield step
    for rate, steps in RATES:
        run = learning.ascend(
            step.gen, step.rec, u, "F", rate=rate, steps=steps, minibatch=MINIBATCH,
            rng=None if step.rng_state else rng, start=step,
        )  # fmt: skip
        for step in run:
            yield step


def stored(steps: Iterator[Step]) -> dict[str, np.ndarray]:
    """The steps as arrays in float32, one row a step."""
    steps = list(steps)
    models = {
        name: np.array([getattr(model, name) for model in models], dtype=np.float32)
        for models, names in (
            ([step.gen for step in steps], ("g", "G", "h")),
            ([step.rec for step in steps], ("w", "W")),
        )
        for name in names
    }
    return {"step": np.array([step.count for step in steps])} | models


def independent_pixels(train: np.ndarray, test: np.ndarray) -> float:
    """Mean log probability of test digits whose pixels are independent, in nats.

    Each pixel is on with probability (count + 1) / (n + 2).
    """
    on = (train.sum(axis=0) + 1) / (len(train) + 2)
    return float(log_bernoulli(test, np.log(on / (1 - on))).mean())


def figures(gen: Generative, rec: Recognition, u: np.ndarray) -> str:
    """Mean L, F and the gap, as printed and as data/README.md has them."""
    values = exact.objectives(gen, rec, u)
    log_l, f = values.log_likelihood.mean(), values.free_energy.mean()
    return f"L {log_l:.3f}  F {f:.3f}  L - F {log_l - f:.3f}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.train_digits", description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="file to write")
    out = parser.parse_args(arguments).out

    digits = datasets.digits()
    kept = stored(step for step in training(digits.train) if step.count in MOMENTS)
    for name, moment in (("before", 0), ("after", -1)):
        gen = Generative(*(kept[field][moment] for field in ("g", "G", "h")))
        rec = Recognition(*(kept[field][moment] for field in ("w", "W")))
        for split, u in (("train", digits.train), ("test", digits.test)):
            print(f"{name:6}  {split:5}  {figures(gen, rec, u)}")
    print(f"independent pixels, test  L {independent_pixels(digits.train, digits.test):.3f}")
    keep(out, kept)
    return 0


if __name__ == "__main__":
    sys.exit(main())
