"""What the site itself brings to Python in the tab: wheels of this library and what it needs.

They are packed from what is installed here, so that no network is needed and what is published is
what was tested. Two makings of the same files are the same, bit for bit.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import sysconfig
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePath

import hmlib
from hmlib.datasets.files import DATA

CARRIED = ("anywidget", "comm", "ipywidgets", "psygnal", "tqdm", "typing_extensions")
"""What labs need and Pyodide has not, or has of another version."""

KERNEL = ("ipykernel", "piplite", "pyodide_kernel")
"""What makes a kernel of it: comes with jupyterlite-pyodide-kernel, and stays as it is."""

LEFT_OUT = ("site", "tab", "printing", "marking", "handing_out", "commands")
"""Rooms of the course that nobody needs in a tab."""

FONTS = "matplotlib/fontlist.json"
"""Where Pyodide's matplotlib looks for its list of fonts.

The list that comes with it is another version's, so that it would look for all fonts, and say so,
at each start. This library is unpacked after what it needs, and brings the right one.
"""

_PACKAGE = Path(hmlib.__file__).resolve().parent
_COMPILED = (".so", ".pyd", ".dylib", ".pyc")


@dataclass(frozen=True)
class Wheel:
    """A wheel.

    Args:
        name: of the package, such as "ipywidgets".
        version: of the package.
        content: the bytes of its file.
        imports: the modules that it brings.
        depends: names of packages that it needs.
    """

    name: str
    version: str
    content: bytes
    imports: tuple[str, ...]
    depends: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return f"{self.name}-{self.version}-py3-none-any.whl"

    @property
    def sha256(self) -> str:
        """Its fingerprint."""
        return hashlib.sha256(self.content).hexdigest()


def own_wheels() -> list[Wheel]:
    """All wheels that the site brings.

    Raises:
        importlib.metadata.PackageNotFoundError: if one of `CARRIED` is not installed.
        FileNotFoundError: if jupyterlite-pyodide-kernel is not.
    """
    return [of_this_library(), *map(of_installed, CARRIED), *map(of_kernel, KERNEL)]


def of_this_library() -> Wheel:
    """This library with its data, without the versions that pip would ask for."""
    try:
        version = importlib.metadata.version("hmlib")
    except importlib.metadata.PackageNotFoundError:  # a checkout that is only on the path
        version = "0"
    files = {
        f"hmlib/{path.relative_to(_PACKAGE).as_posix()}": path.read_bytes()
        for path in sorted(_PACKAGE.rglob("*"))
        if path.is_file() and _is_needed(path.relative_to(_PACKAGE))
    }
    for path in sorted(DATA.iterdir()):
        if path.suffix in (".npz", ".json"):
            files[f"hmlib/data/{path.name}"] = path.read_bytes()
    files[FONTS] = (resources.files("hmlib.course.tab") / "fonts" / "fontlist.json").read_bytes()
    content = packed("hmlib", version, files)
    needs = ("numpy", "scipy", "matplotlib", "pillow", *CARRIED)
    return Wheel("hmlib", version, content, ("hmlib",), needs)


def _is_needed(path: Path) -> bool:
    inside = path.parts[:1] == ("course",) and path.parts[1:2] and path.parts[1] in LEFT_OUT
    return not inside and "__pycache__" not in path.parts and path.suffix not in _COMPILED


def of_installed(name: str) -> Wheel:
    """What is installed of a package, as far as it is pure Python."""
    found = importlib.metadata.distribution(name)
    files = {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for path in sorted(found.files or ())
        if ".." not in path.parts and path.suffix not in _COMPILED and _is_published(path)
    }
    modules = sorted({path.partition("/")[0].removesuffix(".py") for path in files})
    imports = tuple(one for one in modules if one.isidentifier())
    return Wheel(name, found.version, packed(name, found.version, files), imports)


def _is_published(path: PurePath) -> bool:
    """Of what describes a package, only its licence is."""
    return not path.parts[0].endswith(".dist-info") or "licen" in path.as_posix().lower()


def of_kernel(name: str) -> Wheel:
    """A wheel of jupyterlite-pyodide-kernel, as it came."""
    where = kernel_extension() / "static" / "pypi"
    found = next(iter(where.glob(f"{name}-*.whl")), None)
    if found is None:
        raise FileNotFoundError(f"{where} has no {name}; accepted: what pip installed, unchanged")
    return Wheel(name, found.name.split("-")[1], found.read_bytes(), (name,))


def kernel_extension() -> Path:
    """Where the front end of the kernel is installed."""
    return extensions() / "@jupyterlite" / "pyodide-kernel-extension"


def extensions() -> Path:
    """Where extensions of JupyterLab are installed."""
    return Path(sysconfig.get_path("data")) / "share" / "jupyter" / "labextensions"


def packed(name: str, version: str, files: Mapping[str, bytes]) -> bytes:
    """A wheel of these files."""
    info = f"{name}-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    made = "Wheel-Version: 1.0\nGenerator: hmlib\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    whole = {**files, f"{info}/METADATA": about.encode(), f"{info}/WHEEL": made.encode()}
    whole[f"{info}/RECORD"] = "".join(_records(whole, f"{info}/RECORD")).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as wheel:
        for path, content in whole.items():
            entry = zipfile.ZipInfo(path, date_time=(2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, content)
    return stream.getvalue()


def _records(files: Mapping[str, bytes], own: str) -> Iterator[str]:
    """The lines of a wheel's list of files."""
    for path, content in files.items():
        digest = urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        yield f"{path},sha256={digest},{len(content)}\n"
    yield f"{own},,\n"
