"""The environment is one: project, locks, conda file, licences and pages agree with each other."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec
from rattler import Version as CondaVersion
from rattler import VersionSpec as CondaVersions

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock")
PYPI_NAMES = {"matplotlib-base": "matplotlib"}
"""Packages whose conda name is not their name on the Python package index."""

SYSTEMS = [
    {"sys_platform": platform, "os_name": os, "python_full_version": f"{python}.9"}
    for platform, os in (("linux", "posix"), ("darwin", "posix"), ("win32", "nt"))
    for python in ("3.11", "3.12", "3.13")
]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict:
    return tomllib.loads(read("pyproject.toml"))


def locked(*names: str) -> dict[str, Requirement]:
    """The requirements of the locks, by canonical name."""
    lines = [line.rstrip(" \\") for name in names for line in read(name).splitlines()]
    found = [Requirement(line) for line in lines if line[:1].isalnum()]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def pinned(requirement: Requirement) -> Version:
    """The one version that a locked requirement allows."""
    (specifier,) = requirement.specifier
    assert specifier.operator == "=="
    return Version(specifier.version)


def conda_specs() -> dict[str, MatchSpec]:
    """The conda lines of environment.yml by their names on the Python package index."""
    lines = yaml.safe_load(read("environment.yml"))["dependencies"]
    specs = [MatchSpec(line, strict=True) for line in lines if isinstance(line, str)]
    by_name = {re.search(r'"(.+?)"', repr(spec.name)).group(1): spec for spec in specs}
    return {PYPI_NAMES.get(name, name): spec for name, spec in by_name.items()}


def conda_allows(spec: MatchSpec, version: str) -> bool:
    return spec.version is None or CondaVersions(spec.version).matches(CondaVersion(version))


def tracked() -> list[Path]:
    """The files that git would give to somebody else."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this copy of the course is not a git clone, so its files cannot be listed")
    answer = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    paths = [ROOT / name.decode() for name in answer.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


# ------------------------------------------------------------------ the locks


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_contains_no_address(lock):
    assert "://" not in read(lock)
    assert not re.search(
        r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", read(lock), re.M
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_one_version_and_hashes(lock):
    text = re.sub(r"^#.*\n", "", read(lock), flags=re.M)
    entry = r"[a-z0-9._-]+==[^ ;]+( ; [^\\\n]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"({entry})+", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_says_how_to_write_it_again(lock):
    assert "python -m tools.lock" in read(lock).splitlines()[1]
    assert (ROOT / "tools" / "lock.py").exists()


def test_students_download_no_test_tools():
    assert {"pytest", "playwright", "hypothesis", "ruff", "nbval"}.isdisjoint(locked(LOCKS[0]))


def test_the_two_locks_do_not_overlap():
    course, tests = locked(LOCKS[0]), locked(LOCKS[1])
    assert course
    assert tests
    assert course.keys().isdisjoint(tests)


@pytest.mark.parametrize("part", ["course", "build", "test"])
def test_locks_hold_what_the_project_asks_for(part):
    tables = project()
    asked = {
        "course": tables["project"]["dependencies"],
        "build": tables["dependency-groups"]["build"],
        "test": tables["project"]["optional-dependencies"]["test"],
    }[part]
    have = locked(*(LOCKS if part == "test" else LOCKS[:1]))
    assert asked
    for requirement in map(Requirement, asked):
        assert pinned(have[canonicalize_name(requirement.name)]) in requirement.specifier


def test_what_builds_hmlib_is_in_the_lock():
    for requirement in map(Requirement, project()["build-system"]["requires"]):
        assert pinned(locked(LOCKS[0])[requirement.name]) in requirement.specifier


def test_main_packages_are_locked_for_every_system():
    have = locked(*LOCKS)
    for text in project()["project"]["dependencies"]:
        marker = have[canonicalize_name(Requirement(text).name)].marker
        assert all(marker is None or marker.evaluate(system) for system in SYSTEMS)


def test_packages_for_one_system_only_are_marked_so():
    windows_only = locked(LOCKS[0])["pywinpty"].marker
    assert isinstance(windows_only, Marker)
    assert {system["os_name"] for system in SYSTEMS if windows_only.evaluate(system)} == {"nt"}


def test_python_versions_agree():
    namespace = re.search(r"^SUPPORTED = (.*)$", read("start.py"), re.M).group(1)
    supported = re.findall(r"\((\d+), (\d+)\)", namespace)
    asked = Requirement("python" + project()["project"]["requires-python"]).specifier
    inside = [f"3.{minor}" for minor in range(30) if f"3.{minor}.5" in asked]
    assert [".".join(pair) for pair in supported] == inside == ["3.11", "3.12", "3.13"]


# ------------------------------------------------------------------ conda and Binder


def test_conda_lines_are_valid_and_name_every_need_of_the_project():
    needs = {
        canonicalize_name(Requirement(line).name) for line in project()["project"]["dependencies"]
    }
    assert needs <= conda_specs().keys()


def test_conda_gives_the_locked_versions():
    have = locked(LOCKS[0])
    for name, spec in conda_specs().items():
        if name not in ("python", "pip"):
            assert conda_allows(spec, str(pinned(have[name]))), f"{name}: {spec}"


def test_conda_pins_every_need_to_the_second_number():
    for line in project()["project"]["dependencies"]:
        spec = conda_specs()[canonicalize_name(Requirement(line).name)]
        assert re.fullmatch(r"\d+\.\d+\.\*", str(spec.version)), spec


def test_conda_python_is_one_the_project_supports():
    asked = Requirement("python" + project()["project"]["requires-python"]).specifier
    version = conda_specs()["python"].version.removesuffix(".*")
    assert f"{version}.5" in asked


def test_conda_installs_hmlib_from_this_folder_and_has_pip():
    lines = yaml.safe_load(read("environment.yml"))["dependencies"]
    assert [line["pip"] for line in lines if isinstance(line, dict)] == [["-e ."]]
    assert "pip" in conda_specs()
    assert "setuptools" in conda_specs()


# ------------------------------------------------------------------ pages and licences


def test_citation_has_what_is_needed_to_cite():
    citation = yaml.safe_load(read("CITATION.cff"))
    needed = {"cff-version", "message", "title", "authors", "version", "date-released", "license"}
    assert needed <= citation.keys()
    assert all(author.keys() & {"name", "family-names"} for author in citation["authors"])
    assert citation["version"] == project()["project"]["version"]
    assert citation["license"] == ["BSD-3-Clause", "CC-BY-4.0"]


def test_licence_files_are_there_and_are_what_they_say():
    for name in project()["project"]["license-files"]:
        assert (ROOT / name).exists()
    assert "Redistributions in binary form must reproduce" in read("LICENSE")
    assert "Attribution 4.0 International" in read("LICENSE-text")
    assert "LICENSE-text" in read("LICENSE")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_point_at_files_that_exist(page):
    links = re.findall(r"\]\(([^)#\s]+)", read(page))
    assert links
    for link in links:
        assert "://" in link or (ROOT / link).exists(), link


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_pictures_have_alternative_text(page):
    for words in re.findall(r"!\[([^\]]*)\]\(", read(page)):
        assert len(words.split()) >= 5


def test_readme_names_the_two_commands_and_the_notebooks():
    readme = read("README.md")
    assert "\npython start.py\n" in readme
    assert "\npython start.py test\n" in readme
    for notebook in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        assert f"| {notebook.name[:2]} |" in readme


def test_commands_in_the_pages_exist():
    modules = re.findall(r"python -m ([\w.]+)", read("README.md") + read("CONTRIBUTING.md"))
    assert modules
    for module in modules:
        assert (ROOT / (module.replace(".", "/") + ".py")).exists(), module


def test_no_file_names_a_folder_of_somebody_s_computer():
    # Written in two parts, since this file is looked at as well.
    folders = [b"/" + name + b"/" for name in (b"work", b"root")]
    named = [path for path in tracked() if any(folder in path.read_bytes() for folder in folders)]
    assert named == []
