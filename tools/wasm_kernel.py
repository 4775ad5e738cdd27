"""A Jupyter kernel whose Python runs in WebAssembly, as in a browser's tab, but in Node.js.

So the notebooks can be compared with what they print elsewhere by what compares them elsewhere:

    python -m tools.wasm_kernel notebooks/02_*.ipynb

runs ``pytest --nbval`` on them with this kernel; without a notebook it takes all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from hmlib.course.tab.parts import lock_with
from hmlib.course.tab.settings import ENVIRONMENT
from hmlib.course.tab.wheels import own_wheels
from tools import wasm_parts

ROOT = Path(__file__).resolve().parent.parent
NAME = "hmlib-wasm"


class Wasm:
    """A process in which Python runs in WebAssembly.

    Args:
        site: a folder of its own for the site's wheels.
    """

    def __init__(self, site: Path) -> None:
        wheels = own_wheels()
        for wheel in wheels:
            (site / wheel.file_name).write_bytes(wheel.content)
        addresses = {wheel.file_name: str(site / wheel.file_name) for wheel in wheels}
        lock = site / "lock.json"
        lock.write_text(json.dumps(lock_with(wheels, addresses)), encoding="utf-8")
        node = shutil.which("node")
        if node is None:
            raise wasm_parts.NotHad("node is not there, so no WebAssembly can be run")
        environment = ENVIRONMENT | {"TQDM_DISABLE": "1"}
        self._process = subprocess.Popen(
            [node, str(Path(__file__).with_suffix(".mjs")), str(wasm_parts.folder()), str(lock)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=os.environ | {"HMLIB_WASM_ENV": json.dumps(environment)},
        )  # fmt: skip
        assert self._next()["kind"] == "ready"

    def run(self, code: str) -> Iterator[dict[str, Any]]:
        """Run a cell; what it puts out, and at last how it ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"code": code}) + "\n")
        self._process.stdin.flush()
        while (message := self._next())["kind"] != "done":
            yield message
        yield message

    def printed(self, code: str) -> str:
        """What a cell prints.

        Raises:
            RuntimeError: if it fails.
        """
        *messages, done = self.run(code)
        if done["status"] != "ok":
            raise RuntimeError("\n".join(done["traceback"]))
        return "".join(one["text"] for one in messages if one["kind"] == "stream")

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(20)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _next(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"Python in WebAssembly has ended with {self._process.wait()}")
        return dict(json.loads(line))


class WasmKernel(Kernel):
    """The kernel that Jupyter sees."""

    implementation, implementation_version = NAME, "1"
    language_info = {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"}  # noqa: RUF012
    banner = "Python in WebAssembly"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._site = tempfile.TemporaryDirectory()
        self._wasm = Wasm(Path(self._site.name))

    def do_execute(self, code: str, silent: bool, *_: Any, **__: Any) -> dict[str, Any]:
        """Run a cell there."""
        *messages, done = self._wasm.run(code)
        for message in messages:
            kind = message.pop("kind")
            if kind == "execute_result":
                message["execution_count"] = self.execution_count
            if not silent:
                self.send_response(self.iopub_socket, kind, message)
        if done["status"] != "ok":
            error = {name: done[name] for name in ("ename", "evalue", "traceback")}
            self.send_response(self.iopub_socket, "error", error)
            return error | {"status": "error", "execution_count": self.execution_count}
        said = {"payload": [], "user_expressions": {}}
        return said | {"status": "ok", "execution_count": self.execution_count}

    def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """End the process in which it ran."""
        self._wasm.close()
        self._site.cleanup()
        return {"status": "ok", "restart": restart}


def describe(folder: Path) -> None:
    """Write what tells Jupyter of this kernel, for JUPYTER_PATH."""
    where = folder / "kernels" / NAME
    where.mkdir(parents=True)
    command = [sys.executable, "-m", "tools.wasm_kernel", "-f", "{connection_file}"]
    about = {"argv": command, "display_name": "Python in WebAssembly", "language": "python"}
    spec = about | {"env": {"PYTHONPATH": str(ROOT)}}
    (where / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")


def compare(notebooks: list[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run notebooks in WebAssembly and hold what they print against what is committed."""
    with tempfile.TemporaryDirectory() as folder:
        describe(Path(folder))
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "--nbval",
            "--tb=short",
        ]
        kernel = ["--nbval-kernel-name", NAME, "--nbval-kernel-startup-timeout", "300"]
        return subprocess.run(
            [*command, *kernel, *options, *notebooks], cwd=ROOT, text=True,
            env=os.environ | {"JUPYTER_PATH": folder},
            stdout=subprocess.PIPE if options else None,
        )  # fmt: skip


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["-f"]:
        IPKernelApp.launch_instance(kernel_class=WasmKernel)
        return 0
    wanted = arguments or sorted(map(str, (ROOT / "notebooks").glob("*.ipynb")))
    if wasm_parts.main([]):
        return 1
    return compare(wanted).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
