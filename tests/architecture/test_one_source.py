"""One clock, and one room that draws what opens something: by whatever name a file would go round them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.imports import ROOT, source_files, tree_of

OURS = [*source_files("crm", "tasks"), ROOT / "config.py", ROOT / "wsgi.py"]

CLOCKS = {
    *(f"datetime.datetime.{one}" for one in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{one}" for one in ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "clock_gettime")),
    *(f"sqlalchemy.func.{one}" for one in ("now", "current_timestamp", "current_date", "current_time")),
    *(f"sqlalchemy.func.{one}" for one in ("localtimestamp", "localtime", "clock_timestamp", "statement_timestamp")),
}
"""What tells the time of day; `monotonic` measures how long something takes, and tells none."""

CHANCE = ("secrets.", "random.", "os.urandom", "os.getrandom", "uuid.uuid1", "uuid.uuid6", "uuid.uuid7")

DRAWN = {
    ("crm/core/keys.py", "secrets.token_urlsafe"): "the room itself",
    ("crm/core/web.py", "secrets.token_urlsafe"): "the nonce of a page opens nothing",
    ("crm/audit/service.py", "secrets.token_hex"): "a salt, kept beside what it salts",
    ("crm/audit/chain/sealing.py", "secrets.token_hex"): "a salt, kept beside what it salts",
    ("crm/mail/caught.py", "secrets.token_hex"): "tells two files apart",
    ("crm/mail/holder.py", "secrets.token_hex"): "tells two workers apart",
    ("crm/core/logs.py", "secrets.token_hex"): "tells two requests apart",
    ("crm/accounts/factors/service.py", "secrets.randbits"): "codes that people write down and type, kept as hashes",
    ("crm/accounts/factors/ceremonies.py", "secrets.token_bytes"): "a challenge, spent with its answer",
    ("crm/accounts/models/people.py", "uuid.uuid4 as text"): "the library's name for somebody; a session is a key",
    ("crm/mail/service.py", "uuid.uuid4 as text"): "the name of a message",
    ("crm/accounts/notices.py", "uuid.uuid4 as text"): "tells two mails apart",
    ("crm/accounts/factors/notices.py", "uuid.uuid4 as text"): "tells two mails apart",
}
"""Where else chance is asked, and why that opens nothing."""


def _names(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every name that a module takes from elsewhere, spelled out, however it is imported."""
    whose: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            whose |= {one.asname or one.name.split(".")[0]: one.name for one in node.names if one.asname}
            whose |= {one.name.split(".")[0]: one.name.split(".")[0] for one in node.names if not one.asname}
        elif isinstance(node, ast.ImportFrom):
            whose |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, *rest = ast.unparse(node).split(".")
            if first in whose:
                yield ".".join([whose[first], *rest]), node


def _clocks(tree: ast.Module) -> set[str]:
    said = {name for name, _ in _names(tree) if name in CLOCKS}
    texts = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return said | {one for one in texts if "CURRENT_TIMESTAMP" in one.upper() or one.strip().lower() == "now()"}


def _drawn(tree: ast.Module) -> set[str]:
    """Whatever asks chance; `uuid4` where it is made a text, and so could be taken for a key."""
    found = {name for name, _ in _names(tree) if name.startswith(CHANCE)}
    as_text = [one for node in ast.walk(tree) for one in _made_text(node)]
    drawn = {id(node) for name, node in _names(tree) if name == "uuid.uuid4"}
    if any(isinstance(one, ast.Call) and id(one.func) in drawn for one in as_text):
        found.add("uuid.uuid4 as text")
    return found


def _made_text(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Attribute) and node.attr in ("hex", "bytes", "urn", "int"):
        return [node.value]
    if isinstance(node, ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("str", "repr"):
        return node.args
    return []


def test_only_the_clock_reads_the_time() -> None:
    found = {path.relative_to(ROOT).as_posix(): clocks for path in OURS if (clocks := _clocks(tree_of(path)))}
    assert found == {"crm/core/clock.py": {"datetime.datetime.now"}}


def test_keys_are_drawn_in_one_room() -> None:
    """`crm.core.keys` alone draws secrets that open something."""
    found = {(path.relative_to(ROOT).as_posix(), one) for path in OURS for one in _drawn(tree_of(path))}
    assert found == set(DRAWN)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\ndatetime.utcnow()",
        "import datetime as d\nd.datetime.now(tz)",
        "from datetime import date as day\nx = day.today",
        "import time\ntime.time()",
        "from time import time_ns as t\nt()",
        "import time\ntime.localtime()",
        "from sqlalchemy import func\nmapped_column(default=func.now())",
        "import sqlalchemy as sa\nsa.func.current_timestamp()",
        "mapped_column(server_default='CURRENT_TIMESTAMP')",
    ],
)
def test_the_law_of_the_clock_sees_every_name(source: str) -> None:
    assert _clocks(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "import secrets\nsecrets.token_hex(8)",
        "from secrets import token_bytes as draw\ndraw(32)",
        "import os\nos.urandom(32)",
        "from os import urandom\nurandom(32)",
        "import random\nrandom.choices('abc', k=9)",
        "from random import SystemRandom\nSystemRandom().random()",
        "import uuid\nkey = uuid.uuid4().hex",
        "from uuid import uuid4\nkey = str(uuid4())",
        "from uuid import uuid4\nkey = f'{uuid4()}'",
        "from uuid import uuid1\nuuid1()",
    ],
)
def test_the_law_of_keys_sees_every_name(source: str) -> None:
    assert _drawn(ast.parse(source))


def test_both_leave_other_words_alone() -> None:
    for source in (
        "from crm.core import clock\nclock.now()",
        "import time\ntime.monotonic()",
        "from uuid import uuid4\nrow = {'id': uuid4()}",
        "from datetime import datetime\ndatetime.combine(day, at)",
    ):
        assert not _clocks(ast.parse(source)) | _drawn(ast.parse(source))
