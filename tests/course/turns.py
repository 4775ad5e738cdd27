"""Which notebooks' labs move in the site made for the tests, and which of both editions are run.

To try all of them takes longer than the tests may. So they take turns by the date: today those of
one line of `TURNS`, tomorrow those of the next. HMLIB_TURN=2 chooses a line and HMLIB_TURN=all all
of them; HMLIB_SITE names a site that is there, of which all labs are tried.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from hmlib.course.site.recording import files_of
from hmlib.course.site.stills import LABS

MADE = "HMLIB_SITE"

ALWAYS = "00"
TURNS = (("01", "02"), ("03", "04"), ("05", "06"), ("07", "08"), ("09", "10"))


def turn() -> tuple[str, ...]:
    """The notebooks whose turn it is today."""
    chosen = os.environ.get("HMLIB_TURN") or datetime.now(UTC).toordinal()
    if chosen == "all":
        return (ALWAYS, *chain(*TURNS))
    return (ALWAYS, *TURNS[int(chosen) % len(TURNS)])


def in_turn(site: Path, key: str) -> None:
    """Skip a test of a lab that does not move today; in a site that was there all must move."""
    if not all((site / LABS / name).exists() for name in files_of(key)):
        words = f"{key} does not move in this site, whose labs are those of {', '.join(turn())}"
        if os.environ.get(MADE):
            pytest.fail(words)
        pytest.skip(words)
