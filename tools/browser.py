"""JupyterLab in a real, headless Chromium: for the browser tests and the benchmark."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from hmlib.course.printing.chromium import FLAGS, chromium

__all__ = ["ROOT", "browser", "chromium", "jupyterlab", "open_notebook", "run_all"]

ROOT = Path(__file__).resolve().parent.parent

SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def jupyterlab(
    folder: Path, theme: str = "light", windowing: str = "none", **environment: str
) -> Iterator[str]:
    """A JupyterLab server on `folder` with settings of its own; yields its address.

    `windowing` says what becomes of cells out of sight: "none" keeps all of them in the page, which
    a test needs that looks at them; "contentVisibility" is what a student has, who changed nothing.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory() as scratch:
        settings = SETTINGS | {
            "@jupyterlab/apputils-extension:themes": {"theme": f"JupyterLab {theme.title()}"},
            "@jupyterlab/notebook-extension:tracker": {"windowingMode": windowing},
        }
        overrides = Path(scratch, "app", "settings", "overrides.json")
        shutil.copytree(
            Path(sys.prefix, "share", "jupyter", "lab"),
            overrides.parent.parent,
            ignore=shutil.ignore_patterns("*.map"),
        )
        overrides.parent.mkdir(exist_ok=True)
        overrides.write_text(json.dumps(settings))
        server = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--expose-app-in-browser",
                f"--port={port}", "--ip=127.0.0.1", "--IdentityProvider.token=", "--allow-root",
                f"--LabApp.app_dir={overrides.parent.parent}",
                f"--LabApp.user_settings_dir={scratch}/user",
                f"--LabApp.workspaces_dir={scratch}/workspaces", f"--ServerApp.root_dir={folder}",
                "--ContentsManager.pre_save_hook=hmlib.lab.saving.forget_views",
            ],
            env=os.environ | environment | {
                "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1",
                "JUPYTER_CONFIG_DIR": f"{scratch}/config",
                "JUPYTER_RUNTIME_DIR": f"{scratch}/runtime",
                "IPYTHONDIR": f"{scratch}/ipython",
            },
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/status", server)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped with exit code {server.returncode}")
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not answer within {seconds:.0f} s")


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        window = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield window
        finally:
            window.close()


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open one notebook, none beside it, and wait until its kernel is ready."""
    page.goto(f"{address}/lab/tree/{name}?reset")
    until_ready(page, name)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")


def until_ready(page: Page, name: str) -> None:
    """Wait until JupyterLab has opened a notebook and its kernel is ready."""
    page.wait_for_function(
        "(name) => window.jupyterapp?.shell?.currentWidget?.context?.path === name", arg=name
    )
    # Nothing may be returned to Python: a widget of JupyterLab has no end when it is written out.
    page.evaluate(
        """async () => {
            const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
            await context.ready;
            await sessionContext.ready;
        }"""
    )


def run_all(page: Page) -> None:
    """Run all cells and wait for the last."""
    page.evaluate(
        "async () => { await window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
    )
