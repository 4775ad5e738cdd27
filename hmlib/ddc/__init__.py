"""The DDC Helmholtz machine (Vértes & Sahani 2018): one concept a file."""

from hmlib.ddc.chain import Chain
from hmlib.ddc.decoding import MaximumEntropy, maximum_entropy
from hmlib.ddc.encodings import KINDS, Encoding
from hmlib.ddc.families import Bernoulli, Family, Gaussian, GaussianScale, Laplace
from hmlib.ddc.fit import RECOGNITIONS, fit, fresh
from hmlib.ddc.guided import decoded_direction, guided_direction, weighed_draws
from hmlib.ddc.likelihood import laplace_log_likelihood, log_likelihood
from hmlib.ddc.local import LocalNight, local_night
from hmlib.ddc.looks import Looking
from hmlib.ddc.network import Network
from hmlib.ddc.nightly import DDCStep, Instruments, RegressionStep
from hmlib.ddc.particles import ParticleStep
from hmlib.ddc.proposals import Proposal
from hmlib.ddc.readouts import Averages, delta_rule, r_squared, readout
from hmlib.ddc.scale_fit import LogEnergies, ScaleStep, fit_scales, scale_start, shape_axes
from hmlib.ddc.scales import scale_direction, scale_log_likelihood, scale_posterior
from hmlib.ddc.sleep import Night, Recogniser, night_of, recognise, sleep
from hmlib.ddc.tied import Tied, TiedStep, fit_tied
from hmlib.ddc.tops import Coins, Mixture, StandardNormal
from hmlib.ddc.units import spread_about
from hmlib.ddc.wake import MODES, Seen, direction, seen, seen_in_dreams, wake
from hmlib.ddc.warped import Warped

__all__ = [
    "KINDS",
    "MODES",
    "RECOGNITIONS",
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
    "LocalNight",
    "LogEnergies",
    "Looking",
    "MaximumEntropy",
    "Mixture",
    "Network",
    "Night",
    "ParticleStep",
    "Proposal",
    "Recogniser",
    "RegressionStep",
    "ScaleStep",
    "Seen",
    "StandardNormal",
    "Tied",
    "TiedStep",
    "Warped",
    "decoded_direction",
    "delta_rule",
    "direction",
    "fit",
    "fit_scales",
    "fit_tied",
    "fresh",
    "guided_direction",
    "laplace_log_likelihood",
    "local_night",
    "log_likelihood",
    "maximum_entropy",
    "night_of",
    "r_squared",
    "readout",
    "recognise",
    "scale_direction",
    "scale_log_likelihood",
    "scale_posterior",
    "scale_start",
    "seen",
    "seen_in_dreams",
    "shape_axes",
    "sleep",
    "spread_about",
    "wake",
    "weighed_draws",
]
