"""Putting the sample in, taking it away, and being one of its people."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.accounts.models import Role
from crm.accounts.queries import user_by_email
from crm.accounts.viewers import viewer_of
from crm.audit.models import AuditContent, AuditEntry
from crm.core import access
from crm.core.access import Viewer
from crm.core.db import Base, db, unit_of_work
from crm.sample import removal, service
from crm.sample.accounts import ACCOUNTS, PASSWORD
from tests.support.pages import token_of

EMAILS = {one.role: one.email for one in ACCOUNTS}


def load() -> None:
    access.look_as(access.SYSTEM)
    with unit_of_work():
        assert service.load("ccm")


def remove() -> removal.Report:
    access.look_as(access.SYSTEM)
    with unit_of_work():
        return removal.remove(actor=access.SYSTEM)


def counts() -> dict[str, int]:
    """How many rows each table has, but for the notes of what happened."""
    access.look_as(access.SYSTEM)
    notes = (AuditEntry, AuditContent)
    tables = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_ not in notes]
    return {one.__name__: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def somebody(role: Role) -> Viewer:
    """The person of the sample who has a role."""
    user = user_by_email(EMAILS[role])
    assert user
    return viewer_of(user)


def browser_of(app: Flask, role: Role) -> FlaskClient:
    """A browser in which the person of the sample who has a role signed in."""
    db.session.remove()
    browser: FlaskClient = app.test_client()
    page = browser.get("/sign-in").get_data(as_text=True)
    given = {"email": EMAILS[role], "password": PASSWORD, "csrf_token": token_of(page)}
    assert browser.post("/sign-in", data=given).status_code == 302, role
    return browser
