"""Write arrays that the course keeps, and say what else has to change with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np


def keep(out: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write the arrays to a .npz file, and print its sha256."""
    np.savez(out, **arrays)
    print(f"{out.name}  sha256 {hashlib.sha256(out.read_bytes()).hexdigest()}")
    print("If the change is meant, write the sha256 in hmlib/datasets/files.py, and it and the")
    print("figures in data/README.md.")
