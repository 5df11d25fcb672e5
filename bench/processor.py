"""Processor time, which says the same however many others use the machine: of this process, and of the database.

SQLite works in this process. Of PostgreSQL it is what the servers of our connections took, as the system counts it, in
hundredths of a second: ask for many rounds together.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from crm.core.db import db
from tests.support.wall import as_owner

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_ms(action: Callable[[], Any], rounds: int) -> float:
    """Milliseconds of one of so many rounds of something that is warm."""
    before = _spent()
    for _ in range(rounds):
        action()
    return (_spent() - before) * 1000 / rounds


def _spent() -> float:
    if db.engine.dialect.name == "sqlite":
        return time.process_time()
    with as_owner() as connection:
        servers = connection.scalars(text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"))
        return sum(map(_of_process, servers)) + time.process_time()


def _of_process(number: int) -> float:
    """Seconds that another process has taken so far."""
    after_name = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / _TICKS
