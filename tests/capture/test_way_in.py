"""A mail from the mail server to an entry: over a real socket, into a row, into the waiting room, into the log."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity, Attachment
from crm.capture.rules.course import Phase
from crm.core.access import Handling
from crm.core.db import db
from crm.files.models import StoredFile
from crm.mail.models import OutboxMail
from tests.capture.sending import address_for, deliver, kept, read_all, written
from tests.support.pages import check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browsers = Callable[[str], FlaskClient]


def test_a_mail_becomes_an_entry(app: Flask, port: int, person: People, signed_in: Browsers) -> None:
    officer = person("officer")
    there = address_for(officer.viewer)
    message = written(f"Officer <{officer.email}>", "The ministry of Bhutan answered.\n", Subject="Fwd: reply")
    message.add_attachment(b"Their note, word for word\n", maintype="text", subtype="plain", filename="note.txt")
    deliver(port, message, there)
    [row] = kept()
    assert row.phase == Phase.RECEIVED and row.raw
    read_all()
    [row] = kept()
    key = row.id
    assert row.phase == Phase.WAITING and row.raw is None and row.proven
    assert row.brought_by_id == officer.viewer.user_id and row.states == "BTN"

    browser = signed_in("officer")
    assert "One mail waits" in check_page(browser.get("/"))
    assert "Fwd: reply" in check_page(browser.get("/waiting-room"))
    page = check_page(browser.get(f"/waiting-room/{key}"))
    assert "The ministry of Bhutan answered." in page and "note.txt" in page and "Sender proven" in page
    form = check_page(browser.get(f"/waiting-room/{key}/entry"))
    assert 'value="2026-11-20"' in form and '<option selected value="BTN">' in form
    sent = {
        "csrf_token": token_of(form), "kind": "bilateral_talks", "state_iso3": "BTN", "held_on": "2026-11-20",
        "person_name": "The Director", "reply": "They answered.", "handling": "originator",
        "attribution": "state_not_person", "obstacle_basis": "stated", "precision": "day", "paper_left": "none",
    }  # fmt: skip
    answer = browser.post(f"/waiting-room/{key}/entry", data=sent)
    assert answer.status_code == 303, answer.text
    activity = db.session.scalars(select(Activity)).one()
    assert activity.handling == Handling.ORIGINATOR and activity.reply == "They answered."
    assert answer.headers["Location"].endswith(str(activity.id))
    attachment = db.session.scalars(select(Attachment)).one()
    stored = db.session.get_one(StoredFile, attachment.file_id)
    assert attachment.activity_id == activity.id and stored.name == "note.txt"
    [row] = kept()
    assert row.phase == Phase.LOGGED and row.activity_id == activity.id and not row.text
    assert "Nothing waits" in check_page(browser.get("/waiting-room"))


def test_whoever_is_known_gets_one_receipt_and_nothing_of_the_mail(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    message = written(officer.email, "Between us: they waver.\n", Subject="Confidential")
    for _ in range(2):
        deliver(port, message, address_for(officer.viewer))
        read_all()
    read_all()
    [mail] = db.session.scalars(select(OutboxMail)).all()
    assert mail.recipient == officer.email and "/waiting-room" in mail.text
    assert not any(word in mail.text + mail.subject for word in ("waver", "Confidential"))
    assert len(kept()) == 1
