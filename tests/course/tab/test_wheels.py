"""The wheels that the site brings to Python in the tab."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import zipfile

import pytest

from hmlib.course.tab import wheels
from hmlib.datasets.files import SHA256
from tools.browser import ROOT


@pytest.fixture(scope="module")
def own() -> wheels.Wheel:
    return wheels.of_this_library()


def names(wheel: wheels.Wheel) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(wheel.content)).namelist()


def test_two_makings_are_the_same(own):
    assert wheels.of_this_library().sha256 == own.sha256


def test_this_library_brings_its_data_and_asks_for_no_versions(own):
    inside = zipfile.ZipFile(io.BytesIO(own.content))
    assert {f"hmlib/data/{name}" for name in SHA256} <= set(inside.namelist())
    about = inside.read(f"hmlib-{own.version}.dist-info/METADATA").decode()
    assert "Requires-Dist" not in about


def test_rooms_of_those_who_give_the_course_stay_at_home(own):
    for room in wheels.LEFT_OUT:
        assert not [name for name in names(own) if name.startswith(f"hmlib/course/{room}/")]
    assert "hmlib/course/nb02/questions.md" in names(own)


def test_this_library_runs_from_its_wheel_alone(own, tmp_path):
    zipfile.ZipFile(io.BytesIO(own.content)).extractall(tmp_path)
    code = (
        "import hmlib, hmlib.check; from hmlib import datasets;"
        "print(hmlib.__file__, datasets.digits().shape if hasattr(datasets, 'digits') else '')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(tmp_path))
    assert not done.stdout.startswith(str(ROOT))


@pytest.mark.parametrize("name", wheels.CARRIED)
def test_a_package_is_carried_as_pure_python_with_its_licence(name, tmp_path):
    wheel = wheels.of_installed(name)
    inside = names(wheel)
    assert not [one for one in inside if one.endswith((".so", ".pyd", ".pyc"))]
    assert [one for one in inside if "licen" in one.lower()]
    assert name in wheel.imports
    zipfile.ZipFile(io.BytesIO(wheel.content)).extractall(tmp_path)
    for module in wheel.imports:
        found = importlib.machinery.PathFinder.find_spec(module, [str(tmp_path)])
        assert found is not None
    version = f"import importlib.metadata as m; print(m.version({name!r}))"
    said = subprocess.run(
        [sys.executable, "-c", version], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == wheel.version


def test_the_list_of_files_names_every_file(own):
    inside = zipfile.ZipFile(io.BytesIO(own.content))
    record = inside.read(f"hmlib-{own.version}.dist-info/RECORD").decode()
    assert [line.partition(",")[0] for line in record.splitlines()] == inside.namelist()
