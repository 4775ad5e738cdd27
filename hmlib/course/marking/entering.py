"""The first step inside the sandbox: take the limits on, become nobody, start the runner.

Run by its path, with standard library alone, before anything of the hand-in is read:

    python entering.py JOB_FOLDER MODULE [ARGUMENT ...]
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path


def main() -> None:
    """Replace this process by the module, under the limits of JOB_FOLDER/limits.json."""
    job, module, *rest = sys.argv[1:]
    limits = json.loads((Path(job) / "limits.json").read_text(encoding="utf-8"))
    for name, value in limits["limits"].items():
        which = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(which)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (most, most))
    if os.getuid() == 0 and limits["user"]:
        os.setgroups([])
        os.setgid(limits["user"])
        os.setuid(limits["user"])
    os.execv(sys.executable, [sys.executable, "-B", "-P", "-m", module, *rest])


if __name__ == "__main__":
    main()
