"""A look at the site on this computer, under the path that a host would give it."""

from __future__ import annotations

import contextlib
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Under(SimpleHTTPRequestHandler):
    """Serves a folder under a path, and nothing beside it."""

    def __init__(self, *arguments: object, base: str, directory: str) -> None:
        self.base = base
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        """The file of an address; no file for one that does not begin with the path."""
        if not path.startswith(self.base):
            return str(Path(self.directory, "there-is-no-such-file"))
        return super().translate_path(path[len(self.base) - 1 :])

    def log_message(self, *_: object) -> None:
        """Say nothing of single files."""


def server(folder: Path, base: str, port: int) -> tuple[ThreadingHTTPServer, str]:
    """A server on the loopback device, which is not running yet, and its address.

    Args:
        folder: what to serve.
        base: path of the address under which it is, such as "/course/".
        port: 0 takes any that is free.
    """
    base = "/" + f"{base.strip('/')}/".lstrip("/")
    handler = partial(Under, base=base, directory=str(folder))
    made = ThreadingHTTPServer(("127.0.0.1", port), handler)
    return made, f"http://127.0.0.1:{made.server_port}{base}"


def serve(folder: Path, base: str, port: int) -> None:
    """Serve a folder until Ctrl-C."""
    made, address = server(folder, base, port)
    print(f"The course is at {address} (Ctrl-C ends it)", flush=True)
    with made, contextlib.suppress(KeyboardInterrupt):
        made.serve_forever()
