"""The environment is one: project, locks, conda file, licences and pages agree with each other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec
from rattler import Version as CondaVersion
from rattler import VersionSpec as CondaVersions

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tools import lock  # noqa: E402

LOCKS = (
    "requirements.lock",
    "requirements-test.lock",
    "requirements-site.lock",
    "requirements-release.lock",
)
APART = tuple(f"requirements-{name}.lock" for name in lock.APART)
PYPI_NAMES = {"matplotlib-base": "matplotlib"}
"""Packages whose conda name is not their name on the Python package index."""

PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
SYSTEMS = [
    {
        "sys_platform": platform,
        "os_name": os,
        "python_full_version": f"{python}.9",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for platform, os in (("linux", "posix"), ("darwin", "posix"), ("win32", "nt"))
    for python in PYTHONS
]
CONDA = {"python_full_version": "3.13.9"}
every_system = pytest.mark.parametrize(
    "system", SYSTEMS, ids=lambda one: f"{one['sys_platform']}-{one['python_full_version']}"
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def project() -> dict:
    return tomllib.loads(read("pyproject.toml"))


def requirements(*names: str) -> list[Requirement]:
    """Every line of the locks that names a package."""
    lines = [line.rstrip(" \\") for name in names for line in read(name).splitlines()]
    return [Requirement(line) for line in lines if line[:1].isalnum()]


def locked(*names: str, system: dict[str, str]) -> dict[str, Requirement]:
    """What the locks install on a system, by canonical name."""
    found = {}
    for one in requirements(*names):
        if one.marker is None or one.marker.evaluate(system):
            name = canonicalize_name(one.name)
            assert name not in found, f"{name} has two versions on {system}"
            found[name] = one
    return found


def asked_for(part: str) -> list[Requirement]:
    """What hmlib needs by itself ("hmlib"), or what one of its extras adds, all extras followed."""
    tables = project()
    if part == "build":
        return [Requirement(line) for line in tables["dependency-groups"]["build"]]
    if part == "hmlib":
        return [Requirement(line) for line in tables["project"]["dependencies"]]
    own = [Requirement(line) for line in tables["project"]["optional-dependencies"][part]]
    inner = [extra for one in own if one.name == "hmlib" for extra in sorted(one.extras)]
    rest = [one for one in own if one.name != "hmlib"]
    return rest + [one for extra in inner or ["hmlib"] for one in asked_for(extra)]


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


@pytest.mark.parametrize("name", [*LOCKS, *APART])
def test_lock_contains_no_address(name):
    assert "://" not in read(name)
    assert not re.search(
        r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", read(name), re.M
    )


@pytest.mark.parametrize("name", [*LOCKS, *APART])
def test_every_locked_package_has_a_version_and_hashes(name):
    text = re.sub(r"^#.*\n", "", read(name), flags=re.M)
    entry = r"[a-z0-9._-]+==[^ ;]+( ; [^\\\n]+?)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(f"({entry})+", text)


@pytest.mark.parametrize("name", [*LOCKS, *APART])
def test_lock_says_how_to_write_it_again(name):
    assert "python -m tools.lock" in read(name).splitlines()[1]
    assert (ROOT / "tools" / "lock.py").exists()


def test_students_download_no_test_tools():
    names = {canonicalize_name(one.name) for one in requirements(LOCKS[0])}
    assert {"pytest", "playwright", "hypothesis", "ruff", "nbval", "mypy"}.isdisjoint(names)


def test_the_locks_do_not_overlap():
    names = [{one.name for one in requirements(lock)} for lock in LOCKS]
    assert all(names)
    for first, second in combinations(names, 2):
        assert first.isdisjoint(second)


@pytest.mark.parametrize("name", APART)
def test_what_is_apart_agrees_with_the_course(name):
    """Only a package that the course has on some systems alone may stand in both."""
    known = {one.name: one for one in requirements(*LOCKS[:2])}
    for one in requirements(name):
        if other := known.get(one.name):
            assert other.marker
            assert one.specifier == other.specifier


@every_system
@pytest.mark.parametrize("part", ["course", "build", "test", "site", "release"])
def test_locks_hold_what_the_project_asks_for(part, system):
    have = locked(*(LOCKS[:1] if part in ("course", "build") else LOCKS), system=system)
    for one in asked_for(part):
        assert pinned(have[canonicalize_name(one.name)]) in one.specifier


def test_only_the_newest_python_has_versions_of_its_own():
    names = [one.name for one in requirements(*LOCKS)]
    assert {name for name in names if names.count(name) > 1} == {"contourpy", "numpy", "scipy"}
    for old, new in pairwise(PYTHONS[:-1]):
        pair = [{**SYSTEMS[0], "python_full_version": f"{python}.9"} for python in (old, new)]
        first, second = (locked(*LOCKS, system=system) for system in pair)
        assert {first[name].specifier == second[name].specifier for name in second} == {True}


def test_what_builds_hmlib_is_in_the_lock():
    have = locked(LOCKS[0], system=SYSTEMS[0])
    for requirement in map(Requirement, project()["build-system"]["requires"]):
        assert pinned(have[requirement.name]) in requirement.specifier


def test_packages_for_one_system_only_are_marked_so():
    having = [system for system in SYSTEMS if "pywinpty" in locked(LOCKS[0], system=system)]
    assert {system["os_name"] for system in having} == {"nt"}
    assert len(having) == len(PYTHONS)


def test_the_mathematics_needs_numpy_and_scipy_only():
    assert {one.name for one in asked_for("hmlib")} == {"numpy", "scipy"}


def test_the_labs_need_no_jupyterlab():
    assert {"jupyterlab", "ipykernel"}.isdisjoint(one.name for one in asked_for("lab"))


def test_python_versions_agree():
    namespace = re.search(r"^SUPPORTED = (.*)$", read("start.py"), re.M).group(1)
    supported = [".".join(pair) for pair in re.findall(r"\((\d+), (\d+)\)", namespace)]
    assert supported == list(PYTHONS) == list(lock.PYTHONS)
    assert project()["project"]["requires-python"] == f">={supported[0]}"
    classes = re.findall(r"Python :: (\d\.\d+)", "\n".join(project()["project"]["classifiers"]))
    assert classes == supported
    for page in ("README.md", "start.py", "tools/starting/words.py", "tools/lock.py"):
        assert f"{supported[0]} to {supported[-1]}" in read(page), page
    for python in supported:
        assert f"python{python}" in read(".ci/run")


# ------------------------------------------------------------------ conda and Binder


def test_conda_lines_are_valid_and_name_every_need_of_the_course():
    needs = {canonicalize_name(one.name) for one in asked_for("course")}
    assert needs <= conda_specs().keys()


def test_conda_gives_the_locked_versions():
    have = locked(LOCKS[0], system={**SYSTEMS[0], **CONDA})
    for name, spec in conda_specs().items():
        if name not in ("python", "pip"):
            assert conda_allows(spec, str(pinned(have[name]))), f"{name}: {spec}"


def test_conda_pins_every_need_to_the_second_number():
    for one in asked_for("course"):
        spec = conda_specs()[canonicalize_name(one.name)]
        assert re.fullmatch(r"\d+\.\d+\.\*", str(spec.version)), spec


def test_conda_python_is_one_the_project_supports():
    version = conda_specs()["python"].version.removesuffix(".*")
    assert version in PYTHONS
    assert CONDA["python_full_version"].startswith(f"{version}.")


def test_conda_leaves_nothing_to_fetch_for_pip():
    lines = yaml.safe_load(read("environment.yml"))["dependencies"]
    assert all(isinstance(line, str) for line in lines)
    assert {"pip", "setuptools"} <= conda_specs().keys()
    for page in ("README.md", "postBuild"):
        (command,) = re.findall(r"pip install (--[^\n`]+)", read(page))
        assert command == "--no-deps --no-build-isolation ."


def test_binder_can_run_what_it_is_to_run():
    assert read("postBuild").startswith("#!/bin/sh\n")
    if os.name != "nt":
        assert os.access(ROOT / "postBuild", os.X_OK)
    page = re.search(r"mybinder\.org/v2/\S+urlpath=lab/tree/(\S+\.ipynb)", read("README.md"))
    assert (ROOT / page.group(1)).exists()


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
    for picture in re.findall(r"<img [^>]*>", read(page)):
        assert len(re.search(r' alt="([^"]*)"', picture)[1].split()) >= 5
    for file in re.findall(r' src(?:set)?="([^"]*)"', read(page)):
        assert (ROOT / file).exists(), file


def test_readme_names_the_two_commands_and_the_notebooks():
    readme = read("README.md")
    assert "\npython start.py\n" in readme
    assert "\npython start.py test\n" in readme
    assert "\n`python start.py test --long` runs" in readme
    for notebook in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        assert f"| {notebook.name[:2]} |" in readme


@pytest.mark.skipif(os.name == "nt", reason="a script for bash")
@pytest.mark.parametrize("codes", [(0, 0), (3, 0), (0, 4), (3, 4)])
def test_continuous_integration_runs_both_parts_and_fails_if_either_fails(tmp_path, codes):
    course = tmp_path / "course"
    (course / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", course / ".ci")
    (course / "start.py").write_text(
        "import sys; print(sys.argv[1:]); sys.exit("
        f"{{'test': {codes[0]}, '--long': {codes[1]}}}[sys.argv[-1]])"
    )
    for name in ("chromium", "node"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    path = os.pathsep.join([str(Path(sys.executable).parent), str(tmp_path), os.environ["PATH"]])
    ran = subprocess.run(
        [course / ".ci" / "run"], env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[-2:] == ["['test']", "['test', '--long']"], ran.stderr
    assert ran.returncode == (codes[1] or codes[0])


def test_commands_in_the_pages_exist():
    modules = re.findall(r"python -m ([\w.]+)", read("README.md") + read("CONTRIBUTING.md"))
    own = [module for module in modules if module.split(".")[0] not in sys.stdlib_module_names]
    assert own
    for module in own:
        place = ROOT / module.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module


def test_no_file_names_a_folder_of_somebody_s_computer():
    # Written in two parts, since this file is looked at as well.
    folders = [b"/" + name + b"/" for name in (b"work", b"root")]
    named = [path for path in tracked() if any(folder in path.read_bytes() for folder in folders)]
    assert named == []
