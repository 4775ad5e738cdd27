"""The tab as it is published, read from its files."""

from __future__ import annotations

import json
import re

import pytest

from hmlib.course.tab import parts as pyodide
from hmlib.course.tab import settings
from hmlib.course.tab.lite import _addresses, link_to, run_here, whole, with_progress
from hmlib.course.tab.wheels import CARRIED, KERNEL, Wheel
from tools.browser import ROOT

WHEELS = [Wheel("hmlib", "1", b"a wheel", ("hmlib",))]


def test_a_page_leads_to_its_notebook():
    assert link_to("02_x.ipynb") == "tab/lab/index.html?path=02_x.ipynb"
    assert link_to("02_x.ipynb") in run_here("02_x.ipynb")


def test_a_page_says_where_python_comes_from_if_that_is_elsewhere():
    host = pyodide.CDN.split("/")[2]
    assert host not in run_here("02_x.ipynb", offline=True)
    assert f"is fetched from {host}" in run_here("02_x.ipynb", offline=False)


def test_a_page_from_the_disk_says_what_its_tab_needs():
    served, from_a_disk = run_here("02_x.ipynb").split("</p>")[:2]
    assert "hm-served" in served
    assert "hm-from-disk" in from_a_disk
    assert "python -m http.server" in from_a_disk
    assert "href" not in from_a_disk


@pytest.mark.parametrize("offline", [True, False])
def test_pyodide_is_of_the_version_that_is_tested(offline):
    lite = settings.of_lite("the course", WHEELS, offline)
    plugin = lite["jupyter-config-data"]["litePluginSettings"][settings.KERNEL]
    url = plugin["pyodideUrl"]
    assert url == ("./parts/pyodide.js" if offline else f"{pyodide.CDN}pyodide.js")
    assert pyodide.VERSION in pyodide.CDN
    assert plugin["disablePyPIFallback"]
    assert "hmlib" in plugin["loadPyodideOptions"]["packages"]


def test_without_a_folder_the_lock_holds_the_wheels_themselves():
    (address,) = _addresses(WHEELS, None).values()
    assert address == "data:application/zip;base64,YSB3aGVlbA==#/hmlib-1-py3-none-any.whl"


def test_texts_of_a_notebook_become_single_strings():
    path = ROOT / "notebooks" / "02_watch_the_free_energy.ipynb"
    before = json.loads(path.read_text(encoding="utf-8"))
    after = json.loads(whole(path.read_text(encoding="utf-8")))
    assert len(after["cells"]) == len(before["cells"])
    for old, new in zip(before["cells"], after["cells"], strict=True):
        assert new["source"] == "".join(old["source"])
        for output in new.get("outputs", []):
            assert isinstance(output.get("text", ""), str)
            assert all(isinstance(data, str | dict) for data in output.get("data", {}).values())


@pytest.mark.parametrize("offline", [True, False])
def test_the_page_of_the_tab_says_how_far_it_is(offline):
    page = with_progress("<html><body><p></p></body></html>", offline)
    assert page.count("<script") == 1
    home = "./parts/" if offline else pyodide.CDN
    (files,) = re.findall(r'data-python="([^"]+)"', page)
    names = [file.removeprefix(home) for file in files.split()]
    assert set(names) < set(pyodide.fingerprints())
    assert {name.rpartition(".")[2] for name in names} == {"js", "wasm", "zip", "whl"}
    assert page.index("hm-progress") < page.index("</body>")
    with pytest.raises(AssertionError, match="ends otherwise"):
        with_progress("<html>", offline)


def test_what_is_typed_is_kept_within_seconds_and_can_be_downloaded():
    overrides = settings.OVERRIDES
    assert overrides["@jupyterlab/docmanager-extension:plugin"]["autosaveInterval"] <= 10
    (menu,) = overrides["@jupyterlab/mainmenu-extension:plugin"]["menus"]
    bar = overrides["@jupyterlab/notebook-extension:panel"]["toolbar"]
    assert menu["id"] == "jp-mainmenu-file"
    assert {one["command"] for one in (*menu["items"], *bar)} == {"docmanager:download"}


@pytest.mark.long
def test_what_is_published(tab):
    files = {path.relative_to(tab).as_posix() for path in tab.rglob("*") if path.is_file()}
    assert not [name for name in files if name.endswith(".map")]
    notebooks = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert {f"files/{name}" for name in notebooks} <= files
    assert set(pyodide.fingerprints()) <= {name.removeprefix("parts/") for name in files}
    lock = json.loads((tab / "parts" / pyodide.LOCK).read_text(encoding="utf-8"))["packages"]
    assert {pyodide.key_of(name) for name in ("hmlib", *CARRIED, *KERNEL)} <= set(lock)
    lite = json.loads((tab / "jupyter-lite.json").read_text(encoding="utf-8"))
    front_ends = lite["jupyter-config-data"]["federated_extensions"]
    assert {one["name"] for one in front_ends} == {
        "anywidget",
        "@jupyter-widgets/jupyterlab-manager",
        "@jupyterlite/pyodide-kernel-extension",
    }
    assert sum((tab / name).stat().st_size for name in files) < 100e6
