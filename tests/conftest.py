"""What every test may ask for; the fixtures themselves live in tests/support."""

from collections.abc import Iterator
from datetime import UTC, datetime

import hypothesis
import pytest
import time_machine

from tests.support.browser import browser
from tests.support.compiling import compile_once
from tests.support.databases import (
    app,
    common_folder,
    compiled_templates,
    database,
    database_url,
    servers,
    settings,
    standing,
    var_dir,
)
from tests.support.people import person, signed_in

__all__ = [
    "app",
    "browser",
    "common_folder",
    "compiled_templates",
    "database",
    "database_url",
    "person",
    "servers",
    "settings",
    "signed_in",
    "standing",
    "steady_clock",
    "var_dir",
]

compile_once()

# A machine may be slow: no test says how long anything takes.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
hypothesis.settings.load_profile("house")

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


LONG = ("journeys/", "abuse/test_matrix", "tasks/", "sample/", "launcher/")
"""Files whose tests take long come first: at the end nobody waits for the last of them."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long ones first, leave the rest in their order; a browser asks one database, but on journeys both."""

    def rank(item: pytest.Item) -> int:
        return next((number for number, start in enumerate(LONG) if _place(item).startswith(start)), len(LONG))

    again = [item for item in items if _is_browser_again(item)]
    if again:
        config.hook.pytest_deselected(items=again)
    items[:] = sorted((item for item in items if item not in again), key=rank)


def _place(item: pytest.Item) -> str:
    return item.nodeid.removeprefix("tests/")


def _is_browser_again(item: pytest.Item) -> bool:
    """Whether a browser would do the same once more, on the other database: the doors behind it are asked on both."""
    asked = getattr(item, "callspec", None)
    second = asked is not None and asked.params.get("database") == "postgresql"
    return second and "browser" in getattr(item, "fixturenames", ()) and not _place(item).startswith("journeys/")


@pytest.fixture(autouse=True)
def steady_clock() -> Iterator[time_machine.Traveller]:
    """Every test begins at the same moment and may move on from it; other processes are not touched."""
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller
