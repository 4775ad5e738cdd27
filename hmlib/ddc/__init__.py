"""The DDC Helmholtz machine (Vértes & Sahani 2018): one concept a file."""

from hmlib.ddc.chain import Chain
from hmlib.ddc.decoding import MaximumEntropy, maximum_entropy
from hmlib.ddc.encodings import KINDS, Encoding
from hmlib.ddc.families import Bernoulli, Family, Gaussian, GaussianScale, Laplace
from hmlib.ddc.fit import fit, fresh
from hmlib.ddc.likelihood import laplace_log_likelihood, log_likelihood
from hmlib.ddc.network import Network
from hmlib.ddc.nightly import DDCStep, Instruments
from hmlib.ddc.readouts import Averages, delta_rule, r_squared, readout
from hmlib.ddc.sleep import Night, Recogniser, night_of, recognise, sleep
from hmlib.ddc.tops import Coins, Mixture, StandardNormal
from hmlib.ddc.units import spread_about
from hmlib.ddc.wake import MODES, Seen, direction, seen, seen_in_dreams, wake

__all__ = [
    "KINDS",
    "MODES",
    "Averages",
    "Bernoulli",
    "Chain",
    "Coins",
    "DDCStep",
    "Encoding",
    "Family",
    "Gaussian",
    "GaussianScale",
    "Instruments",
    "Laplace",
    "MaximumEntropy",
    "Mixture",
    "Network",
    "Night",
    "Recogniser",
    "Seen",
    "StandardNormal",
    "delta_rule",
    "direction",
    "fit",
    "fresh",
    "laplace_log_likelihood",
    "log_likelihood",
    "maximum_entropy",
    "night_of",
    "r_squared",
    "readout",
    "recognise",
    "seen",
    "seen_in_dreams",
    "sleep",
    "spread_about",
    "wake",
]
