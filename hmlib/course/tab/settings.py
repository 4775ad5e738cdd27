"""What JupyterLite and the Python in it are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hmlib.course.tab import parts
from hmlib.course.tab.parts import CDN
from hmlib.course.tab.wheels import Wheel

PARTS = "parts"
"""Folder of the tab that holds Pyodide, or of it the lock alone."""

KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"

ENVIRONMENT = {
    "HOME": "/home/pyodide",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
"""Variables of the environment of Python in the tab."""

BEFORE_THE_KERNEL = ("micropip", "ssl", "sqlite3", "jedi", "ipython")
"""What the kernel would otherwise look for one after the other."""

KEPT_AFTER = 5
"""Seconds after which a change is kept; JupyterLab's own 120 lose what is typed before a reload."""

DOWNLOAD = {"command": "docmanager:download", "rank": 6}
"""JupyterLite has the command, but leaves it out of the menu."""

OVERRIDES: dict[str, Any] = {
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": KEPT_AFTER},
    "@jupyterlab/mainmenu-extension:plugin": {
        "menus": [{"id": "jp-mainmenu-file", "items": [DOWNLOAD]}]
    },
    "@jupyterlab/notebook-extension:panel": {
        "toolbar": [DOWNLOAD | {"name": "download", "label": "Download", "rank": 35}]
    },
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
}
"""Settings of JupyterLab."""


def address_of_python(offline: bool) -> str:
    """Where the tab takes Pyodide from, seen from the tab's folder."""
    return f"./{PARTS}/pyodide.js" if offline else f"{CDN}pyodide.js"


def needed(offline: bool) -> list[str]:
    """Where the tab takes files from that Python cannot start without: one or more of each kind."""
    numpy = parts.official()["packages"]["numpy"]["file_name"]
    home = address_of_python(offline).removesuffix("pyodide.js")
    return [f"{home}{name}" for name in (*parts.CORE, numpy)]


def of_lite(name: str, wheels: Sequence[Wheel], offline: bool) -> dict[str, Any]:
    """`jupyter-lite.json`.

    Args:
        name: of the course.
        wheels: the site's own; they come with the kernel, so that nothing has to be installed.
        offline: whether Pyodide lies in the site, too.
    """
    packages = [*BEFORE_THE_KERNEL, *(wheel.name for wheel in wheels)]
    kernel = {
        "pyodideUrl": address_of_python(offline),
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "lockFileURL": f"./{PARTS}/pyodide-lock.json",
            "packages": packages,
            "env": ENVIRONMENT,
        },
    }
    data = {
        "appName": name,
        "exposeAppInBrowser": True,
        "litePluginSettings": {KERNEL: kernel},
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}
