"""A whole release, twice: the same bytes, no answer where everyone can read, all sums right."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from hmlib.course.releasing.assembling import PARTS, TOOLS, assemble

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in TOOLS)
        and "HMLIB_REQUIRE_RELEASE" not in os.environ,
        reason="needs requirements-release.lock: build, twine and cyclonedx-bom",
    ),
]
HEAVY = ("site", "print")
"""The tests of the pages and of print make these; here they would take most of an hour."""


@pytest.fixture(scope="module")
def twice(tmp_path_factory) -> list[Path]:
    without = [part.name for part in PARTS if part.name in HEAVY or part.trouble()]
    folders = [tmp_path_factory.mktemp("release") / name for name in ("one", "two")]
    for folder in folders:
        assemble(folder, without, rounds=2)
    return folders


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_both_have_the_same_bytes(twice):
    one, two = map(contents, twice)
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_it_is_whole_and_its_sums_are_right(twice):
    found = contents(twice[0])
    told = json.loads(found["manifest.json"])
    number = told["version"]
    assert {
        f"public/helmholtz-students-{number}.zip",
        f"teachers/helmholtz-teachers-{number}.zip",
        f"public/hmlib-{number}-py3-none-any.whl",
        f"public/hmlib-{number}.tar.gz",
        f"public/helmholtz-{number}.cdx.json",
        "public/CHANGES.md",
    } <= found.keys()
    for one in told["files"]:
        assert hashlib.sha256(found[one["path"]]).hexdigest() == one["sha256"]
    for line in found["public/SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(found[f"public/{name}"]).hexdigest() == digest


def test_what_is_public_has_no_answers(twice):
    """That the editions themselves give nothing away is tried in tests/course/handing_out."""
    names: list[str] = []
    for path in (twice[0] / "public").iterdir():
        if path.suffix in (".zip", ".whl"):
            with zipfile.ZipFile(path) as packed:
                names += packed.namelist()
        elif path.name.endswith(".tar.gz"):
            with tarfile.open(path) as packed:
                names += packed.getnames()
    assert sum(name.endswith("sealed.json") for name in names) == 3 * 11
    for private in ("/solutions.py", "/checks.py", "/questions.md", "/lessons/", "/marking/"):
        assert [name for name in names if private in name] == []


def test_the_bill_names_every_package_of_the_lock_with_a_hash(twice):
    [path] = (twice[0] / "public").glob("*.cdx.json")
    told = json.loads(path.read_text())
    assert told["bomFormat"] == "CycloneDX"
    from packaging.utils import canonicalize_name

    from hmlib.course.handing_out.filling import ROOT

    lines = (ROOT / "requirements.lock").read_text().splitlines()
    wanted = {canonicalize_name(line.partition("==")[0]) for line in lines if "==" in line}
    listed = {canonicalize_name(one["name"]): one for one in told["components"]}
    assert wanted == listed.keys()
    assert told["metadata"]["component"]["name"] == "hmlib"
    for one in listed.values():
        assert any(source.get("hashes") for source in one.get("externalReferences", [])), one
