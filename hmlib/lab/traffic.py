"""Who uses the kernel: labs in use tell, and one that learns leaves them room."""

from __future__ import annotations

import math
import time


class Traffic:
    """When a lab last served its pictures."""

    def __init__(self) -> None:
        self._last = -math.inf

    def served(self) -> None:
        """A lab has just served its pictures."""
        self._last = time.perf_counter()

    def quiet(self) -> float:
        """Seconds for which no lab has served any."""
        return time.perf_counter() - self._last


IN_THIS_KERNEL = Traffic()
"""What the labs of one kernel share, since they share its time. Each holds it from its making."""
