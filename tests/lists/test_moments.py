"""A moment in a file says where it is told: with its offset in a text, in a workbook as a moment under its zone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import update

from crm.accounts import changing
from crm.accounts.models import User
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from tests.architecture.imports import source_files, text_of
from tests.lists.test_files import rows_of_csv
from tests.support.pages import check_page
from tests.support.people import Person

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]
ZONE = "Asia/Tokyo"
AUDIT = "/administration/audit.{}?columns=what,when&event=account_changed"


@pytest.fixture
def in_tokyo(app: Flask, person: People) -> Person:
    """An administrator who has gone there, which the audit tells."""
    administrator = person("administrator")
    with looking_as(administrator.viewer), unit_of_work():
        changing.change_own(actor=administrator.viewer, name="Administrator", title="", time_zone=ZONE)
    return administrator


def test_a_moment_in_a_text_has_its_offset(in_tokyo: Person, signed_in: SignedIn) -> None:
    heading, *rows = rows_of_csv(signed_in("administrator").get(AUDIT.format("csv")).data)
    assert heading == ["What", f"When ({ZONE})"]
    at = datetime.fromisoformat(rows[0][1])
    assert at.utcoffset() == timedelta(hours=9) and abs(at - clock.now()) < timedelta(minutes=5)


def test_a_moment_in_a_workbook_is_one_in_the_zone_of_its_reader(in_tokyo: Person, signed_in: SignedIn) -> None:
    body = signed_in("administrator").get(AUDIT.format("xlsx")).data
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None and sheet["B1"].value == f"When ({ZONE})"
    at = sheet["B2"].value
    assert isinstance(at, datetime)
    assert abs(at.replace(tzinfo=ZoneInfo(ZONE)) - clock.now()) < timedelta(minutes=5)
    assert sheet["B2"].number_format == "yyyy-mm-dd hh:mm:ss"


def test_an_account_is_open_since_the_day_of_whoever_reads_it(in_tokyo: Person, signed_in: SignedIn) -> None:
    """Late in the evening of UTC it is tomorrow in Tokyo."""
    late = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.execute(update(User).values(created_at=late))
    browser = signed_in("administrator")
    assert "21 November 2026" in check_page(browser.get("/administration/accounts?columns=person,since"))
    rows = rows_of_csv(browser.get("/administration/accounts/export.csv?columns=person,since").data)
    assert {one[1] for one in rows[1:]} == {"2026-11-21"}


def test_every_column_that_tells_a_moment_takes_it_along() -> None:
    told = [
        (path.name, line.strip())
        for path in source_files("crm")
        for line in text_of(path).splitlines()
        if re.search(r'Column\(".*\b(?:at|moment|clock_time)\(', line)
    ]
    assert len(told) > 2 and not [one for one in told if "moment=lambda" not in one[1]]
