"""Messages between the sandbox and the watcher: JSON, with its length first."""

from __future__ import annotations

import json
import socket
import struct

from hmlib.check.border import Tree

FRAME = 24 * 2**20
"""Bytes of one message."""

_LENGTH = struct.Struct(">I")
_dumps = json.dumps


def send(channel: socket.socket, message: Tree) -> None:
    """Send one message, its length first."""
    data = _dumps(message).encode("ascii")
    channel.sendall(_LENGTH.pack(len(data)) + data)


def receive(channel: socket.socket) -> Tree:
    """The next message.

    Raises:
        ValueError: if it is longer than a frame, or no JSON.
        OSError: if the other side has gone.
    """
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length > FRAME:
        raise ValueError(f"a message of {length} bytes; accepted: up to {FRAME}")
    return parse(_exactly(channel, length))


def parse(data: bytes) -> Tree:
    """JSON, or a ValueError."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("a message is too deep") from None


def take(buffer: bytearray) -> Tree:
    """The first whole message of a buffer, which loses it; None while it is not whole.

    Raises:
        ValueError: if it is longer than a frame, or no JSON.
    """
    if len(buffer) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(bytes(buffer[: _LENGTH.size]))
    if length > FRAME:
        raise ValueError(f"a message of {length} bytes; accepted: up to {FRAME}")
    end = _LENGTH.size + length
    if len(buffer) < end:
        return None
    data = bytes(buffer[_LENGTH.size : end])
    del buffer[:end]
    return parse(data)


def _exactly(channel: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = channel.recv(min(count, 2**20))
        if not part:
            raise ConnectionError("the other side has gone")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
