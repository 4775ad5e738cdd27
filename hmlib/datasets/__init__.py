"""The data of the course: small worlds listed in full, and small pictures kept in data/.

A *world* is a list of binary patterns with their probabilities, so that its entropy is known and
an average over it is exact: `log_likelihood(gen, world.u) @ world.weights` is L, and
-entropy - L is the KL divergence from the world to the model. `ring` and `pinwheel` draw points of
the plane, whose log density is known in closed form, too. Nothing is downloaded.
"""

from hmlib.datasets.pictures import PICTURES, Digits, Patches, digits, patches
from hmlib.datasets.point_densities import pinwheel_log_density, ring_log_density
from hmlib.datasets.points import pinwheel, ring
from hmlib.datasets.worlds import Patterns, bars, or_bars, shifter, stripes

__all__ = [
    "PICTURES",
    "Digits",
    "Patches",
    "Patterns",
    "bars",
    "digits",
    "or_bars",
    "patches",
    "pinwheel",
    "pinwheel_log_density",
    "ring",
    "ring_log_density",
    "shifter",
    "stripes",
]
