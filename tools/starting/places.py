"""Where things are: the course as it was given out, and the folder that its reader writes in.

They are one folder, unless the course's is read-only, as when a department installed it for all.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.starting.words import Stop

WINDOWS = os.name == "nt"
OWN_NAME = "helmholtz-notebooks"

# Variables by which another environment, or another Jupyter, would reach into this one.
FOREIGN = (
    *("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "CONDA_PREFIX"),
    *("JUPYTERLAB_DIR", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_CONSTRAINT", "PIP_REQUIRE_HASHES"),
    *("UV_TARGET", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_REQUIRE_HASHES", "UV_SYSTEM_PYTHON"),
)


@dataclass(frozen=True)
class Places:
    """The folders of one reader: the course, their own, and the environment that is used."""

    course: Path
    own: Path
    venv: Path

    @property
    def shared(self) -> bool:
        """Whether the course's folder is read-only here, so that the reader has one beside it."""
        return self.own != self.course

    @property
    def python(self) -> Path:
        """Where the environment's own Python is, or will be."""
        return self.venv / ("Scripts/python.exe" if WINDOWS else "bin/python")

    @property
    def stamp(self) -> Path:
        """What was last done to the environment."""
        return self.venv / "hmlib-start.json"

    @property
    def jupyter(self) -> Path:
        """Where Jupyter keeps its files."""
        return self.own / ".jupyter"

    @property
    def notebooks(self) -> Path:
        return self.own if self.shared else self.course / "notebooks"

    def environment(self) -> dict[str, str]:
        """The variables for every program started: .venv comes first, Jupyter's files stay here.

        Your own Jupyter settings, kernels and installer options are neither used nor changed.
        """
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        path = os.pathsep.join([str(self.python.parent), os.environ.get("PATH", os.defpath)])
        return {
            **kept,
            "PATH": path,
            "VIRTUAL_ENV": str(self.venv),
            "PYTHONNOUSERSITE": "1",
            "PYTHONUTF8": "1",
            "PIP_USER": "0",
            "UV_NATIVE_TLS": "1",  # older and newer name: trust what the system trusts
            "UV_SYSTEM_CERTS": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "JUPYTER_PLATFORM_DIRS": "1",
            "JUPYTER_CONFIG_DIR": str(self.jupyter / "config"),
            "JUPYTER_DATA_DIR": str(self.jupyter / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.jupyter / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(self.jupyter / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.jupyter / "workspaces"),
            "IPYTHONDIR": str(self.jupyter / "ipython"),
            "MPLCONFIGDIR": str(self.jupyter / "matplotlib"),
        }


def places_for(course: Path) -> Places:
    """The folders to use for a copy of the course; Stop if there is nowhere to write."""
    own = course if writable(course) else own_folder()
    return Places(course, own, own / ".venv")


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder; OSError if that fails for another reason."""
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return False
        raise


def own_folder() -> Path:
    """A folder that this reader can write in, made if need be: at home, else where they stand."""
    tried = []
    for parent in (home(), Path.cwd()):
        if parent is None:
            continue
        folder = parent / OWN_NAME
        tried.append(str(folder))
        try:
            folder.mkdir(exist_ok=True)
            if writable(folder):
                return folder
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
    raise Stop(
        "The course's folder is read-only here, and no folder for your notebooks could be made:\n"
        + "".join(f"    {folder}\n" for folder in tried)
        + "Go to a folder of your own (cd) and start from there, with the whole path of start.py."
    )


def home() -> Path | None:
    """The reader's home folder, if the system knows one."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def hand_out(places: Places) -> tuple[int, int]:
    """Copy the notebooks that the reader does not have yet: how many were copied, how many kept.

    What is there already is never touched: it holds the reader's answers.
    """
    source = places.course / "notebooks"
    copied = kept = 0
    for notebook in sorted(source.glob("*.ipynb")):
        mine = places.notebooks / notebook.name
        if mine.exists():
            kept += 1
            continue
        # In two steps, so that an interruption leaves no half notebook under the right name.
        part = mine.with_name(f".{mine.name}.{os.getpid()}.part")
        shutil.copyfile(notebook, part)
        part.replace(mine)
        copied += 1
    return copied, kept
