"""Learn patches or digits over several splits and keep the figures.

    python -m tools.run_wide digits
    --seeds 10       splits, from 7000

Every run that is done is kept in a folder beside the file, and the command goes on where it was
stopped. It writes data/patch_scales.npz or data/digit_layers.npz, which
`hmlib.course.nb10.wide_data` reads.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import digit_layers, patch_scales
from hmlib import metrics
from hmlib.course.nb10.wide_data import DIGITS, PATCHES, Kept
from hmlib.datasets.files import DATA
from tools.keeping import keep

FIRST = 7000
JUDGED, SHOWN = 500, 24
NODES = (5, 3)
"""Of the quadrature for L of patches, and for what it may be wrong by."""

Run = dict[str, np.ndarray]


def of_patches(method: str, seed: int) -> Run:
    """One run on patches, judged."""
    learn, steps = patch_scales.METHODS[method]
    split = patch_scales.split(seed)
    begun = time.process_time()
    model = learn(split.train, np.random.default_rng([seed, 1]), steps)
    spent = time.process_time() - begun
    test = split.test[:JUDGED]
    fine, coarse = (patch_scales.log_likelihood(model, test, nodes).mean() for nodes in NODES)
    drawn = model.sample(np.random.default_rng([seed, 2]), JUDGED)
    dreams = drawn if isinstance(drawn, np.ndarray) else drawn[0]
    return told(seed, test, dreams, fine, abs(fine - coarse), steps, spent) | {
        "dreams": (dreams[:SHOWN] @ split.axes * split.unit).astype(np.float32)
    }


def patches_held() -> np.ndarray:
    """Patches of the first split that nobody learnt from."""
    split = patch_scales.split(FIRST)
    return (split.test[: 2 * SHOWN] @ split.axes * split.unit).astype(np.float32)


def of_digits(method: str, seed: int) -> Run:
    """One run on digits, judged."""
    learn, steps = digit_layers.METHODS[method]
    train, test = digit_layers.shuffled(seed)
    begun = time.process_time()
    model = learn(train, np.random.default_rng([seed, 1]), steps)
    spent, test = time.process_time() - begun, test[:JUDGED]
    worth, error = digit_layers.log_likelihood(model, test, np.random.default_rng([seed, 3]))
    drawn = model.sample(np.random.default_rng([seed, 2]), JUDGED)
    dreams = drawn if isinstance(drawn, np.ndarray) else drawn[0]
    return told(seed, test, dreams, worth, error, steps, spent) | {
        "dreams": dreams[:SHOWN].astype(np.float32)
    }


def digits_held() -> np.ndarray:
    """Digits of the first split that nobody learnt from."""
    return digit_layers.shuffled(FIRST)[1][: 2 * SHOWN].astype(np.float32)


def told(
    seed: int, test: np.ndarray, dreams: np.ndarray, worth: float, error: float, steps: int,
    seconds: float,
) -> Run:  # fmt: skip
    """What is kept of a run, but for its dreams."""
    vote = metrics.neighbour_test(test, dreams, np.random.default_rng([seed, 3]))
    return {
        "L": np.array(worth), "error": np.array(error), "steps": np.array(steps),
        "seconds": np.array(seconds), "accuracy": np.array(vote.accuracy),
        "mmd2": metrics.mmd2_at_widths(test, dreams),
    }  # fmt: skip


@dataclass(frozen=True)
class Wide:
    """Data, how one run on them is made, and what is shown of them."""

    kept: Kept
    one: Callable[[str, int], Run]
    held: Callable[[], np.ndarray]


WIDE = {
    "patches": Wide(PATCHES, of_patches, patches_held),
    "digits": Wide(DIGITS, of_digits, digits_held),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.run_wide", description=__doc__)
    parser.add_argument("data", choices=sorted(WIDE))
    parser.add_argument("--out", type=Path, help="file to write")
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args(arguments)
    wide = WIDE[options.data]
    methods, out = wide.kept.methods, options.out or DATA / wide.kept.file
    parts = out.with_suffix(".parts")
    parts.mkdir(exist_ok=True)
    found = []
    for seed in range(FIRST, FIRST + options.seeds):
        for number, method in enumerate(methods):
            part = parts / f"{seed}-{number}.npz"
            if not part.exists():
                np.savez(part, **wide.one(method, seed))
            with np.load(part) as kept:
                found.append(dict(kept))
            run = found[-1]
            print(
                f"{seed} {method:16} L {run['L']:9.3f} (+- {run['error']:.3f})  told apart "
                f"{run['accuracy']:.3f}  {run['steps']} steps, {run['seconds']:.1f} s",
                flush=True,
            )
    arrays = {
        name: np.array([run[name] for run in found]).reshape(
            options.seeds, len(methods), *found[0][name].shape
        )
        for name in found[0]
    }
    arrays |= {"dreams": arrays["dreams"][0], "held": wide.held()}
    for name in ("L", "error", "seconds", "accuracy", "mmd2"):
        arrays[name] = arrays[name].astype(np.float32)
    keep(out, arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
