"""The mark of the day reaches both offices, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select

from crm.accounts import witness
from crm.audit import chain
from crm.core.access import SYSTEM, look_as
from crm.core.db import db, unit_of_work
from crm.mail.models import OutboxMail
from tests.support.people import Person


def send() -> int:
    look_as(SYSTEM)
    with unit_of_work():
        return witness.send_mark()


def test_both_offices_are_witnesses(
    app: Flask, person: Callable[[str], Person], steady_clock: time_machine.Traveller
) -> None:
    offices = {person(who).email for who in ("coordinator", "presidency")}
    for who in ("officer", "secretariat", "observer", "administrator"):
        person(who)
    place, link = chain.head()
    assert send() == 2
    assert send() == 2
    mails = db.session.scalars(select(OutboxMail)).all()
    assert {one.recipient for one in mails} == offices and len(mails) == 2
    assert all(f"{place}:{link}" in one.text and link not in one.subject for one in mails)
    steady_clock.shift(timedelta(days=1))
    send()
    assert len(db.session.scalars(select(OutboxMail)).all()) == 4
