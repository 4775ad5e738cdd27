"""A stand-in for the browser, for tests of what a lab says to it."""

from __future__ import annotations

from hmlib.lab import Lab


class Front:
    """The other end of the line: sends a lab messages and keeps what comes back."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.sent = lab, []
        lab.send = lambda content, buffers=None: self.sent.append((content, buffers or []))

    def says(self, **content) -> list:
        self.sent.clear()
        self.lab._receive(self.lab, content, [])
        return list(self.sent)
