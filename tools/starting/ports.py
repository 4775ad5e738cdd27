"""Ports of this computer: whether programs here can talk to each other, and through which."""

from __future__ import annotations

import os
import socket

from tools.starting.words import Stop

PORT = 8888
TRIES = 100

NO_LOOPBACK = """Programs on this computer cannot talk to each other at the address 127.0.0.1
(the system said: {}). Jupyter needs that, with or without the
internet. A firewall, a sandbox or a network setting stands in the way: ask whoever looks after
this computer. The course's packages have nothing to do with it."""


def loopback_problem() -> str:
    """Say why a program here cannot reach another at 127.0.0.1; an empty string if it can."""
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.create_connection(server.getsockname(), timeout=5),
        ):
            return ""
    except OSError as error:
        return NO_LOOPBACK.format(error)


def port_is_free(port: int) -> bool:
    """Whether JupyterLab could listen on this port of this computer."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        if os.name != "nt":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(wanted: int | None) -> int:
    """The port asked for, or the first free one from 8888; Stop if there is none."""
    problem = loopback_problem()
    if problem:
        raise Stop(problem)
    if wanted is not None:
        if port_is_free(wanted):
            return wanted
        raise Stop(
            f"Port {wanted} is taken by another program, or not allowed. Choose another number,\n"
            "or leave out --port and a free one is found."
        )
    for port in range(PORT, PORT + TRIES):
        if port_is_free(port):
            return port
    last = PORT + TRIES - 1
    raise Stop(f"No port from {PORT} to {last} is free. Close some programs and start again.")
