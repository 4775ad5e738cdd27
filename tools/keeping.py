"""Write arrays that the course keeps, and say what else has to change with them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def in_pieces(out: Path) -> Iterator[Callable[[str, Callable[[], object]], np.ndarray]]:
    """Keep each piece of a long run beside its file, so that it goes on where it was stopped.

    Yields:
        A function from the name of a piece and the way to make it to the piece, which is made if it
        is not there. At the end of the block, and not if it is left by an error, all go.
    """
    folder = out.with_suffix(".parts")
    folder.mkdir(exist_ok=True)

    def piece(name: str, make: Callable[[], object]) -> np.ndarray:
        path = folder / f"{name}.npy"
        if not path.exists():
            begun = folder / f"{name}.begun.npy"
            np.save(begun, np.asarray(make()))
            begun.replace(path)
        return np.asarray(np.load(path))

    yield piece
    shutil.rmtree(folder)


def keep(out: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write the arrays to a .npz file, and print its sha256."""
    np.savez(out, **arrays)
    print(f"{out.name}  sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}")
    print("If the change is meant, write the sha256 in hmlib/datasets/files.py, and it and the")
    print("figures in data/README.md.")
