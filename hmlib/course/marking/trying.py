"""Tries the sandbox before the first hand-in: says `holds`, or what does not.

    python -m hmlib.course.marking.trying ROOT

ROOT is where the course lies outside, which must not be seen from inside.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path


def trouble(root: str) -> str:
    """What does not hold; empty if all does."""
    if Path(root, "hmlib", "check").exists():
        return "the course can be seen from inside"
    if os.getuid() == 0:
        return "whoever is inside is root"
    if sorted(name for _, name in socket.if_nameindex()) not in ([], ["lo"]):
        return "there is a network inside"
    try:
        bytearray(2**30)
        return "memory is not limited inside"
    except MemoryError:
        pass
    for folder in ("/", "/usr", "/job", "/library", "/dev"):
        try:
            Path(folder, "written").write_text("")
            return f"{folder} can be written inside"
        except OSError:
            pass
    Path.home().joinpath("written").write_text("")
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return ""


if __name__ == "__main__":
    print(trouble(sys.argv[1]) or "holds")
