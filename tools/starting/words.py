"""What is said when something fails: in words, with what to do about it."""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path

NO_VENV = """This Python cannot make environments: a part of it is missing.
On Debian and Ubuntu that part is a package of its own. Type:
    sudo apt install python{}.{}-venv
Then start again.""".format(*sys.version_info)

DISK_FULL = "The disk is full. The course needs about 1 GB: make room, then start again."
NO_NETWORK = """The packages could not be fetched: there is no network, or it lets nothing through.
Connect to the internet (at some places: set HTTPS_PROXY), then start again. What was
already fetched is kept."""

# What an installer prints when something fails, and what that means to the person waiting.
EXPLANATIONS = (
    (r"no module named '?(venv|ensurepip)", NO_VENV),
    (
        r"no space left|not enough space|disk quota exceeded|os error (28|112|122)\b",
        DISK_FULL,
    ),
    (
        r"do not match the hashes|hash mismatch",
        "A downloaded file is not the one the course was made with, so nothing was installed from\n"
        "it. Often a network that wants a login answers in the file's place: open any web page,\n"
        "log in, then start again.",
    ),
    (
        r"certificate_verify_failed|unknownissuer|invalid peer certificate|confirming the ssl cert",
        "The server of the packages could not be trusted. Either this computer's clock is wrong,\n"
        "or the network looks into secure connections: try another one, or ask for its\n"
        "certificate and set SSL_CERT_FILE and PIP_CERT to that file. Then start again.",
    ),
    (
        r"name resolution|failed to resolve|getaddrinfo|dns error|newconnectionerror|proxyerror"
        r"|error sending request|failed to fetch|connect(ion)? ?timeout|timed out|network is un"
        r"|connection (refused|reset|aborted)|tcp connect error|sslerror|tunnel"
        r"|network connectivity",
        NO_NETWORK,
    ),
    (
        r"no matching distribution|no usable wheels|no compatible wheels|not a supported wheel",
        "A package is not available ready-made for this computer. The course is made for 64-bit\n"
        "Linux, macOS and Windows with Python 3.11 to 3.15 from python.org, conda or the system.",
    ),
    (
        r"long path|winerror 206|filename or extension is too long",
        "The folder's path is too long for Windows: move the folder nearer to the top of the\n"
        "drive, for instance C:\\hmlib, then start again.",
    ),
    (
        r"permission denied|access is denied|winerror (5|32)\b|read-only file system"
        r"|os error (13|30)\b",
        "A file in .venv could not be written. Close JupyterLab and every other program that\n"
        "uses this folder, see that the folder is yours, then start again.",
    ),
)


class Stop(Exception):
    """A reason to stop, in words for the person at the keyboard."""


def explain(output: str) -> str:
    """Turn what an installer printed before it failed into what to do about it."""
    for pattern, words in EXPLANATIONS:
        if re.search(pattern, output, flags=re.IGNORECASE):
            return words
    last = "\n".join("    " + line for line in output.strip().splitlines()[-15:])
    return f"The installation failed. Its last words were:\n{last}"


def what_it_means(error: OSError) -> str:
    """Say what an error of the file system means for the person at the keyboard."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DISK_FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        return (
            f"Files cannot be written in {Path(error.filename).parent}.\n"
            "Copy the course's folder to a place of your own, such as your home folder, and start\n"
            "it there."
        )
    if error.errno == errno.ENOENT:
        return f"{error.filename} is missing: this copy of the course is not whole. Get it again."
    return f"The system said: {error}"
