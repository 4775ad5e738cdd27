"""The control without a code and without an encoder: dreams weighted by the likelihood."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from hmlib._checks import count
from hmlib.ddc import Chain
from hmlib.learning import Steps
from hmlib.learning.optimisers import Rate
from hmlib.rivals.dreams_as_data import ModelStep, climb, joint_gradient, log_likelihoods

Array = NDArray[np.float64]


def prior_dreams(
    model: Chain | None,
    x: ArrayLike,
    rng: np.random.Generator | None = None,
    n_dreams: int = 1000,
    steps: int = 1500,
    rate: Rate | None = None,
    minibatch: int | None = 200,
    every: int = 1,
    start: ModelStep | None = None,
) -> Steps[ModelStep]:
    """Climb L with latents drawn from the prior, the same for all data, weighted by p(x|z).

    Each step dreams z_s ~ p(z), gives each datum the weights
    w_s(x) = p(x|z_s) / sum_s' p(x|z_s'), and moves along mean_x sum_s w_s(x) grad log p(x, z_s),
    which goes to the gradient of L as dreams become many. Nothing is recognised: whatever a code
    or an encoder is praised for has to be more than this.

    Args:
        model: chain to start from, of any layers; None: the network that `ddc.fresh(x, rng)`
            gives, with a tenth of its noise.
        x: data, shape (n, n_x).
        rng: random generator; needed unless the run is continued.
        n_dreams: dreams a step.
        steps: number of steps.
        rate: of Adam, or a function of the steps done, in units of the data's spread where a
            parameter is; if None, from 0.02 down in a straight line to 0 at the last step.
        minibatch: data drawn for each step, with replacement; None: all data in every step.
        every: steps from one record to the next.
        start: a step to continue from: the model, Adam's state and the random generator are its
            own, and an argument that says otherwise is refused.

    Returns:
        Iterator of steps: the start (unless continued), then one every `every` steps.

    Raises:
        ValueError: at the call, if an argument is not accepted, or is not what `start` has.
        Diverged: on the way, if a parameter is no longer finite; it keeps the last good step.

    Warns:
        RuntimeWarning: for coordinates of x with Gaussian noise that never change.

    Source: self-normalised importance sampling with the prior as proposal; see Owen 2013, Monte
        Carlo theory, methods and examples, section 9.2.
    """
    n_dreams = count("n_dreams", n_dreams)

    def gradient(model: Chain, x: Array, rng: np.random.Generator) -> tuple[Array, float]:
        latents = model.sample(rng, n_dreams)[1:]
        return prior_gradient(model, x, latents)

    return climb(gradient, model, x, rng, steps, rate, minibatch, every, start)


def prior_gradient(model: Chain, x: Array, latents: tuple[Array, ...]) -> tuple[Array, float]:
    """The gradient for given dreams z_s, and mean_x log (1/S) sum_s p(x|z_s), in nats.

    Args:
        x: data, shape (n, n_x).
        latents: z_1, ..., z_D drawn from the model, shapes (S, n_l).
    """
    log_w = log_likelihoods(model.layers[0], x, latents[0])
    log_sum = logsumexp(log_w, axis=1, keepdims=True)
    reached = float(log_sum.mean() - np.log(len(latents[0])))
    return joint_gradient(model, x, latents, np.exp(log_w - log_sum)), reached
