"""Linear factor analysis: a Helmholtz machine in which wake-sleep is exact.

The two models are linear, with Gaussian noise that is independent for every unit:

generative   v ~ N(0, I),  u = G v + h + noise,  so that  P[u] = N(h, C),  C = G G^T + Psi
recognition  v = W u + w + noise

Psi is diagonal and holds the variances of the generative noise. The true posterior is linear too:

P[v|u] = N(Sigma G^T Psi^-1 (u - h), Sigma),  Sigma = (I + G^T Psi^-1 G)^-1, the same for every u.

So a linear recognition model can always have the right means, and the right variances. All that
it can miss is what correlates the causes given an input, the off-diagonal part of Sigma. With one
cause there is none. With several it is 0 if the columns of G are orthogonal in the metric
Psi^-1, and every machine has an equal one of this kind: turning the causes, G -> G R with R^T R
= I, leaves P[u] as it is (`aligned`). A machine of maximum likelihood that is aligned, with its
posterior as recognition model, is where both phases of wake-sleep stand still.

Both delta rules are gradient steps, each number's gradient times a positive number: wake climbs
F in {G, h, Psi}, sleep the dreamt F-tilde in {W, w, variances}.

Sources: Neal & Dayan 1997 (the machine and its delta rules); Rubin & Thayer 1982 (EM for factor
analysis); Ikeda, Amari & Nakahara 1998 (convergence with one cause). All values are in nats.
"""

from hmlib.linear.closed_form import (
    aligned,
    best_recognition,
    dream_free_energy,
    free_energy,
    kl_p_q,
    kl_q_p,
    log_likelihood,
    maximum_likelihood,
    posterior,
    reversed_free_energy,
)
from hmlib.linear.models import LinearGenerative, LinearRecognition, instruments, make_data
from hmlib.linear.rules import LinearStep, expected_deltas, wake_sleep

__all__ = [
    "LinearGenerative",
    "LinearRecognition",
    "LinearStep",
    "aligned",
    "best_recognition",
    "dream_free_energy",
    "expected_deltas",
    "free_energy",
    "instruments",
    "kl_p_q",
    "kl_q_p",
    "log_likelihood",
    "make_data",
    "maximum_likelihood",
    "posterior",
    "reversed_free_energy",
    "wake_sleep",
]
