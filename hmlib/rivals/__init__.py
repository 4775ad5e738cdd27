"""What DDC is compared with: autoencoders, a control, younger wake-sleeps, plain densities.

`fit` learns the variational and the importance-weighted autoencoder. Both have the generative
model of a `ddc.Chain` and an encoder, a network that turns x into a Gaussian guess q(z|x) of all
latents. With K guesses z_k ~ q(z|x) a datum they climb

L_K(x) = E log (1/K) sum_k p(x, z_k) / q(z_k|x) <= log p(x)

in the model and the encoder together: K = 1 is the variational autoencoder, whose L_1 is the free
energy F; larger K is the importance-weighted one, and L_K comes up to log p(x) as K grows. The
guess is written z = m(x) + sd(x) e with e ~ N(0, I), so that the gradient goes through it.

`prior_dreams` is the control of every table: no code and no encoder. `kernel_wake_sleep` learns
the gradient itself as a function of x; `natural_wake_sleep` moves a binary machine in the metric of
its own distribution; `recognition_parametrised` has recognition and no generative network at all.
`baselines` has densities that EM fits.

Sources: Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014; Burda, Grosse & Salakhutdinov
2016; the others say theirs.
"""

from hmlib.rivals.autoencoders import AutoencoderStep, bound, fit
from hmlib.rivals.dreams_as_data import ModelStep
from hmlib.rivals.encoder import Encoder
from hmlib.rivals.estimate import Estimate, estimate
from hmlib.rivals.kernel_ridge import kernel_wake_sleep
from hmlib.rivals.natural_gradient import natural_wake_sleep
from hmlib.rivals.prior_weights import prior_dreams
from hmlib.rivals.recognition_factors import (
    RecognitionParametrised,
    recognition_parametrised,
)

__all__ = [
    "AutoencoderStep",
    "Encoder",
    "Estimate",
    "ModelStep",
    "RecognitionParametrised",
    "bound",
    "estimate",
    "fit",
    "kernel_wake_sleep",
    "natural_wake_sleep",
    "prior_dreams",
    "recognition_parametrised",
]
