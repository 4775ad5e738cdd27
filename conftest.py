"""For every test, notebooks included: which part is run, and no progress bars."""

import os

import pytest

# They differ from run to run.
os.environ["TQDM_DISABLE"] = "1"

PARTS = ("all", "quick", "long")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--part",
        choices=PARTS,
        default="all",
        help="quick: without the tests marked as long; long: those alone; all: both (the default)",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the part that is asked for."""
    part = config.getoption("part")
    if part == "all":
        return
    kept, left = [], []
    for item in items:
        is_long = item.get_closest_marker("long") is not None
        (kept if is_long == (part == "long") else left).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)
