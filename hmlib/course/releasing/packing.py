"""Packs folders so that the same files make the same bytes: sorted, one time, fixed modes."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import time
import zipfile
from pathlib import Path

FIRST_OF_ZIP = 315532800
"""The first second of 1980, before which a zip file knows no time."""


def files(folder: Path) -> list[Path]:
    """All files below a folder, in the order of their names."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def mode(path: Path) -> int:
    """What may be done with a file once it is unpacked: only a program's own bit is kept."""
    return 0o755 if path.stat().st_mode & 0o100 else 0o644


def settle(folder: Path, epoch: int) -> None:
    """Give files and folders the modes and the time that packages take over from them."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else mode(path))
        os.utime(path, (epoch, epoch))


def zipped(folder: Path, archive: Path, epoch: int) -> Path:
    """A folder as a zip file that unpacks into one folder of the archive's name.

    Args:
        folder: what is packed.
        archive: the file to write; its folder is there.
        epoch: the time of every file, in seconds since 1970.
    """
    when = time.gmtime(max(epoch, FIRST_OF_ZIP))[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in files(folder):
            entry = zipfile.ZipInfo(f"{archive.stem}/{path.relative_to(folder).as_posix()}", when)
            entry.create_system = 3  # else a Windows computer makes other bytes
            entry.external_attr = (0o100000 | mode(path)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())
    return archive


def repacked(archive: Path, epoch: int) -> None:
    """Write a source archive (.tar.gz) again, without names, times and order of this computer."""

    def settled(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = epoch
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        entry.pax_headers = {}
        return entry

    with tarfile.open(archive) as old:
        members = sorted(old.getmembers(), key=lambda entry: entry.name)
        kept = [(settled(entry), old.extractfile(entry)) for entry in members]
        contents = [(entry, stream.read() if stream else b"") for entry, stream in kept]
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=epoch) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for entry, content in contents:
            new.addfile(entry, io.BytesIO(content) if entry.isfile() else None)
