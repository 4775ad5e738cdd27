"""What DDC is compared with: the variational and the importance-weighted autoencoder.

Both have the generative model of a `ddc.Chain` and an encoder, a network that turns x into a
Gaussian guess q(z|x) of all latents. With K guesses z_k ~ q(z|x) a datum they climb

L_K(x) = E log (1/K) sum_k p(x, z_k) / q(z_k|x) <= log p(x)

in the model and the encoder together: K = 1 is the variational autoencoder, whose L_1 is the free
energy F; larger K is the importance-weighted one, and L_K comes up to log p(x) as K grows. The
guess is written z = m(x) + sd(x) e with e ~ N(0, I), so that the gradient goes through it.

Sources: Kingma & Welling 2014; Rezende, Mohamed & Wierstra 2014; Burda, Grosse & Salakhutdinov
2016.
"""

from hmlib.rivals.autoencoders import AutoencoderStep, bound, fit
from hmlib.rivals.encoder import Encoder
from hmlib.rivals.estimate import Estimate, estimate

__all__ = ["AutoencoderStep", "Encoder", "Estimate", "bound", "estimate", "fit"]
