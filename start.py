"""Start the course: ``python start.py``.

Makes the environment ``.venv`` in this folder the first time, checks it, and opens JupyterLab on
the notebooks. ``python start.py test`` runs the tests, ``python start.py doctor`` says what works
and what does not. Needs nothing but Python. Nothing is written outside this folder, except what
pip or uv keep in their own caches; where this folder is read-only, a folder of your own is used.

Any Python must be able to read this file, so that it can say that it is too old: it is written for
Python 2.7, and hands over to ``tools/starting``, which is not.
"""

import os
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14), (3, 15))
PARTS = ("hmlib", "notebooks", "tools/starting", "etc", "pyproject.toml", "requirements.lock")


def python_problem(version):
    """Say in words why a Python of this version will not do; an empty string if it will."""
    release = tuple(version[:2])
    if release in SUPPORTED:
        return ""
    age = "too old" if release < SUPPORTED[0] else "newer than any the course was tried with"
    number = ".".join(str(part) for part in version[:3])
    return "This is Python %s, which is %s.\nThe course needs Python 3.11 to 3.15. %s" % (
        number,
        age,
        other_python(),
    )


def other_python():
    """What to type instead: the first Python on this computer that will do, or where to get one."""
    windows = os.name == "nt"
    own = ("Scripts", "python.exe") if windows else ("bin", "python")
    commands = [[os.path.join(ROOT, ".venv", *own)]]
    for release in reversed(SUPPORTED):
        number = "%d.%d" % release
        commands.append(["py", "-" + number] if windows else ["python" + number])
    in_range = "import sys; sys.exit(sys.version_info[:2] not in %r)" % (SUPPORTED,)
    for command in commands:
        if succeeds(command + ["-c", in_range]):
            words = ['"%s"' % word if " " in word else word for word in command + ["start.py"]]
            return "This computer has one that will do. Type:\n    " + " ".join(words)
    if succeeds(["uv", "--version"]):
        return "uv can fetch one. Type:\n    uv run --no-project --python 3.13 start.py"
    return "Install one (from python.org or your system's packages) and start again with it."


def succeeds(command):
    """Whether a command exists and ends without an error; what it prints is thrown away."""
    import subprocess  # not above, where Ctrl-C while it is read would end in a traceback

    with open(os.devnull, "r+") as nothing:
        try:
            return subprocess.call(command, stdin=nothing, stdout=nothing, stderr=nothing) == 0
        except OSError:
            return False


def missing_part(folder):
    """Say in words what is not there of this copy of the course; an empty string if it is whole."""
    for part in PARTS:
        if not os.path.exists(os.path.join(folder, *part.split("/"))):
            return "%s is missing in %s:\nthis copy of the course is not whole. Get it again." % (
                part,
                folder,
            )
    return ""


def main(arguments):
    """Hand over to the rest, if this Python and this copy of the course will do."""
    problem = python_problem(sys.version_info) or missing_part(ROOT)
    if problem:
        return problem
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from tools.starting import commands

    return commands.main(arguments, ROOT)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stdout.write("\nStopped.\n")
        sys.exit(130)
