"""Commands that print figures side by side; never part of the test run.

Arithmetic is kept on one core, so that figures mean the same on every machine.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")
