"""The Helmholtz machine, in notebooks you can move: the helper library of the course."""

from hmlib import check, datasets, exact, examples, learning, metrics
from hmlib.binary import Generative, Recognition
from hmlib.lab import Lab

__all__ = [
    "Generative",
    "Lab",
    "Recognition",
    "check",
    "datasets",
    "exact",
    "examples",
    "learning",
    "metrics",
]
