"""The small machine that comes back in every notebook."""

from __future__ import annotations

import numpy as np

from hmlib._checks import finite_array
from hmlib.binary import Generative

__all__ = ["WET", "wet_lawn"]

WET = ((1.0,),)
"""The one observation of the wet lawn: shape (1, 1)."""


def wet_lawn(strength: float = 2.0) -> Generative:
    """Rain and sprinkler, two rare causes of one wet lawn.

    Each cause is off unless something speaks for it (bias -s). One cause alone wets the lawn
    with probability one half, both together nearly surely, none nearly never (weights 2 s,
    bias -2 s). Explaining away grows with the strength s.

    Args:
        strength: s, any finite number; 0 makes every pattern equally likely.

    Returns:
        Machine with causes (rain, sprinkler) and the input (wet,).
    """
    s = float(finite_array("strength", strength, 0))
    g, G, h = np.array([-s, -s]), np.array([[2 * s, 2 * s]]), np.array([-2 * s])
    return Generative(g, G, h)
