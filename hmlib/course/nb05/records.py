"""What the labs of notebook 05 hand to their pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BITS = (0.03, 20.0)
"""Ends of the logarithmic axes of KL(data || dreams)."""

BINS: Array = np.geomspace(*BITS, 27)
"""Edges of the 26 bins in which ends of runs are counted, in bits."""

NAT_IN_BITS = float(1 / np.log(2))


@dataclass(frozen=True)
class Measured:
    """Numbers of a step of learning, averages over data; nats.

    Attributes:
        log_likelihood, free_energy, reversed_free_energy: L, F and F-tilde.
        dream_free_energy: the dreamt F-tilde; None where dreams are too many to list.
        kl_q_p, kl_p_q: KL(Q || P) and KL(P || Q).
        kl_data: KL(data || dreams); None where the entropy of the data is not known.
    """

    log_likelihood: float
    free_energy: float
    reversed_free_energy: float
    dream_free_energy: float | None
    kl_q_p: float
    kl_p_q: float
    kl_data: float | None

    @property
    def kl_data_bits(self) -> float | None:
        """The same as `kl_data`, in bits."""
        return None if self.kl_data is None else self.kl_data * NAT_IN_BITS


@dataclass(frozen=True, eq=False)
class Seen:
    """What a machine of n bottom causes shows to the eye.

    Attributes:
        drawn: pixel probabilities when each cause alone is on, shape (n, height, width).
        dreams: shape (12, height, width).
        on_by_top: how often each bottom cause is on when no cause on top is, and when each alone
            is, shape (n_2 + 1, n); without a second layer (0, n).
        bright: how many causes draw a pixel that is more often on than off.
        doubled: bottom causes that the first cause on top more than doubles, numbered from 1.
        halved: those that it more than halves.
    """

    drawn: Array
    dreams: Array
    on_by_top: Array
    bright: int
    doubled: tuple[int, ...]
    halved: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """What is seen of a step of learning.

    Attributes:
        machine: as it is.
        data: shape (12, height, width).
        ceiling: minus the entropy of the data, which L cannot pass, in nats; None if not known.
        dreams_in_data: how many dreams are pictures of the data; None where that says nothing.
    """

    machine: Seen
    data: Array
    ceiling: float | None
    dreams_in_data: int | None


@dataclass(frozen=True, eq=False)
class RunsRecord:
    """One run on the bars among n from other seeds; KL(data || dreams) in bits.

    Attributes:
        seed: of the run.
        steps: at which the curves are known, shape (k,).
        curves: of all runs, shape (n, k).
        start, quarter, end: of this run, at first, at a quarter of it, and after it.
        quarter_step: steps at a quarter.
        limit: above it at a quarter, a run is stuck.
        is_stuck: whether this one is.
        stuck: how many are.
        aim: the figure to get below.
        below_aim, above_aim: how many end below it, and how many do not.
        worst: the highest end of all.
        counts: how many end in each of `BINS`, shape (26,).
        bin: the one in which this run ends, by its place.
        machine: at the end of this run.
        single_bars: how many of its causes draw one bar.
    """

    seed: int
    steps: NDArray[np.int64]
    curves: Array
    start: float
    quarter: float
    end: float
    quarter_step: int
    limit: float
    is_stuck: bool
    stuck: int
    aim: float
    below_aim: int
    above_aim: int
    worst: float
    counts: NDArray[np.int64]
    bin: int
    machine: Seen
    single_bars: int


@dataclass(frozen=True, eq=False)
class Variant:
    """Runs with a part of the recipe left out; KL(data || dreams) at their ends, in bits.

    Attributes:
        name: the words under its column.
        ends: of each seed, shape (12,).
        best, median, worst: of these.
        below_aim: how many are below the aim.
    """

    name: str
    ends: Array
    best: float
    median: float
    worst: float
    below_aim: int


@dataclass(frozen=True, eq=False)
class PartsRecord:
    """Where runs end with parts of the recipe left out.

    Attributes:
        variants: all that are compared, five.
        chosen: one of them, by its place.
        aim: in bits.
        seed: of the run that is shown.
        end: of this run, in bits.
        machine: at its end.
        single_bars: how many of its causes draw one bar.
        valid: how many of its dreams are pictures of the data.
    """

    variants: tuple[Variant, ...]
    chosen: int
    aim: float
    seed: int
    end: float
    machine: Seen
    single_bars: int
    valid: int
