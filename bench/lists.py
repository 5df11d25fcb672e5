"""The list of activities at 1,000, 100,000 and 1,000,000 rows: its first page, page 1,000, and all of it as a file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.house import EVERY_SIZE, PAGE_HEAD, Grown, bare_cursor
from bench.measure import Table
from crm.activities.queries import activities_asked
from crm.core import access
from crm.core.db import db
from crm.core.lists import PAGE_SIZE, _pack
from tests.support.statements import Statement

_HOLDING = ("FOR UPDATE", "pg_advisory")
"""What is in the words of a question that holds something: put twice, it would wait for itself."""

DEEP = 1_000
"""Which page is the deep one; where there are fewer, the last."""


def _cursor_before(page: int, count: int) -> str:
    """The cursor of a page, as the page before it gives it."""
    row_number = min(page - 1, count // PAGE_SIZE - 1) * PAGE_SIZE - 1
    asked = activities_asked()
    with access.looking_as(access.SYSTEM):
        row = db.session.execute(asked.ordered().offset(row_number).limit(1)).one()
    return _pack([one.read(row) for one in asked.keys], False)


def _resident() -> float:
    """Memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024 / 1024


@contextmanager
def _watched() -> Iterator[list[float]]:
    """The most memory that was in use inside the block, beyond what was before."""
    before, over, most = _resident(), threading.Event(), [0.0]

    def watch() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], _resident() - before)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


@contextmanager
def _beside() -> Iterator[list[float]]:
    """Each question of the block put bare, too, just before: how many seconds that took together."""
    seconds = [0.0]
    with bare_cursor() as cursor:

        def ask(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
            if Statement(sql, parameters).asks and not any(one in sql for one in _HOLDING):
                begun = time.perf_counter()
                cursor.execute(sql, parameters)
                cursor.fetchall()
                seconds[0] += time.perf_counter() - begun

        event.listen(db.engine, "before_cursor_execute", ask)
        try:
            yield seconds
        finally:
            event.remove(db.engine, "before_cursor_execute", ask)


def _export(house: Grown, suffix: str) -> list[Any]:
    """The whole list as a file, as it comes."""
    with _watched() as most, _beside() as floor:
        begun = time.perf_counter()
        answer = house.browser.get(f"/activities/export.{suffix}")
        size = sum(len(chunk) for chunk in answer.iter_encoded())
        answer.close()
        seconds = time.perf_counter() - begun - floor[0]
    assert answer.status_code == 200
    return [suffix, *house.labels, seconds, floor[0], seconds / floor[0], size / 1024 / 1024, most[0]]


PAGES = Table("Lists, warm (target: ratio at most 3, growth at most 1.5)", PAGE_HEAD)
FILES = Table(
    "The whole list as a file (target: memory does not grow with it)",
    ("file", "database", "activities", "seconds", "bare SQL s", "ratio", "MiB", "memory MiB"),
)
SIZES = EVERY_SIZE
TABLES = (PAGES, FILES)


def measure(house: Grown) -> None:
    """The pages of the list, and its files."""
    deep = f"/activities?after={_cursor_before(DEEP, house.count)}"
    for name, address in (("first page of the list", "/activities"), ("its page 1,000", deep)):
        PAGES.add(house.page(name, address))
    for suffix in ("csv", "xlsx"):
        FILES.add(_export(house, suffix))
