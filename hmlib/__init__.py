"""The Helmholtz machine, in notebooks you can move: the helper library of the course."""

from hmlib import (
    check,
    datasets,
    ddc,
    exact,
    examples,
    factor_analysis,
    layered,
    learning,
    metrics,
    recipes,
    rivals,
)
from hmlib.binary import Generative, Recognition
from hmlib.lab import Lab
from hmlib.layered import Layered, LayeredRecognition

__all__ = [
    "Generative",
    "Lab",
    "Layered",
    "LayeredRecognition",
    "Recognition",
    "check",
    "datasets",
    "ddc",
    "exact",
    "examples",
    "factor_analysis",
    "layered",
    "learning",
    "metrics",
    "recipes",
    "rivals",
]
