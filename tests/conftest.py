"""What several test files share: every lab of the course, made anew for each test."""

from __future__ import annotations

from tools.labs import lab_makers


def pytest_generate_tests(metafunc) -> None:
    """Give a test with the argument `make_lab` every lab of the course in turn."""
    if "make_lab" in metafunc.fixturenames:
        makers = lab_makers()
        metafunc.parametrize("make_lab", list(makers.values()), ids=list(makers))


def pytest_collection_modifyitems(items) -> None:
    """The file that takes longest comes first, so that no worker is left alone with it."""
    items.sort(key=lambda item: item.path.name != "test_browser.py")
