"""S4: a child asked for by its own id, by somebody who may not see what it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.activities.models import Attachment
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from tests.activities.test_attachments import kept, logged
from tests.support.pages import token_of
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
ABSENT = "00000000-0000-4000-8000-000000000000"


def _without_marks(body: str) -> str:
    """An answer without what is new at each request."""
    return re.sub(r'(value|content|nonce|hx-headers)=("[^"]*"|\'[^\']*\')', "", body)


def _counts() -> tuple[int | None, ...]:
    db.session.rollback()
    with looking_as(SYSTEM):
        return tuple(db.session.scalar(select(func.count()).select_from(one)) for one in (Attachment, AuditEntry))


def test_s04_a_file_by_its_own_id_is_as_absent_as_its_activity(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    hidden = [
        ("other_officer", kept(officer, logged(officer, Handling.ORIGINATOR))),
        ("other_officer", kept(officer, logged(officer, Handling.STATES), Handling.ORIGINATOR)),
        ("observer", kept(officer, logged(officer, Handling.STATES))),
        ("administrator", kept(officer, logged(officer, Handling.COORDINATION))),
    ]
    for who, attachment_id in hidden:
        browser = signed_in(who)
        token = token_of(browser.get("/account").get_data(as_text=True))
        before = _counts()
        for method, address in (
            ("GET", "/attachments/{}"),
            ("HEAD", "/attachments/{}"),
            ("POST", "/attachments/{}/remove"),
            ("GET", "/api/v1/attachments/{}"),
            ("GET", "/api/v1/attachments/{}/content"),
            ("POST", "/api/v1/attachments/{}/remove"),
        ):
            given = (
                {"json": {}, "headers": {"X-CSRFToken": token}}
                if "/api/" in address
                else {"data": {"csrf_token": token}}
            )
            answers = [
                browser.open(address.format(key), method=method, **({} if method in ("GET", "HEAD") else given))
                for key in (attachment_id, ABSENT)
            ]
            assert [one.status_code for one in answers] in ([404, 404], [403, 403]), (who, method, address)
            bodies = [_without_marks(one.get_data(as_text=True)) for one in answers]
            assert bodies[0] == bodies[1], (who, method, address)
        assert _counts() == before
    with looking_as(person("other_officer").viewer):
        assert not db.session.scalars(select(Attachment).where(Attachment.id == hidden[0][1])).all()
