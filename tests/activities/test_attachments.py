"""Keep a file with an activity through both doors, hand it out, take it away."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import Party
from crm.activities.attachments import service as attachments
from crm.activities.models import Activity, Attachment
from crm.activities.service import record_activity
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.files import service as files
from crm.files.intake import CheckedFile, check
from crm.files.models import StoredFile
from tests.files import samples
from tests.support.pages import check_page, token_of
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
NOTE = samples.pdf()


def logged(viewer: Viewer, handling: Handling = Handling.STATES) -> UUID:
    """An activity of that person's party."""
    with looking_as(viewer), unit_of_work():
        return record_activity(
            actor=viewer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), person_name="Somebody",
            reply="They will see.", handling=handling,
        ).id  # fmt: skip


def kept(viewer: Viewer, activity_id: UUID, handling: Handling | None = None) -> UUID:
    """A file kept with it."""
    with looking_as(viewer), unit_of_work():
        return attachments.add_attachment(
            actor=viewer,
            activity_id=activity_id,
            file=check(NOTE, "Aide-mémoire.pdf"),
            what="As it was left",
            handling=handling,
        ).id


def add(browser: FlaskClient, activity_id: UUID, content: bytes = NOTE, name: str = "note.pdf", **more: str) -> Any:
    token = token_of(check_page(browser.get(f"/activities/{activity_id}")))
    data = {"csrf_token": token, "what": "Aide-mémoire", "file": (io.BytesIO(content), name), **more}
    return browser.post(f"/activities/{activity_id}/attachments", data=data, content_type="multipart/form-data")


def rows() -> dict[str, int]:
    """How many there are, whoever may see them."""
    db.session.rollback()
    with looking_as(SYSTEM):
        both: tuple[Any, ...] = (Attachment, StoredFile)
        return {one.__name__: len(db.session.scalars(select(one.id)).all()) for one in both}


def events() -> list[tuple[str, str]]:
    db.session.rollback()
    with looking_as(SYSTEM):
        wanted = select(AuditEntry.event, AuditEntry.actor_name).where(
            AuditEntry.event.in_(["attachment_added", "attachment_removed", "record_exported"])
        )
        return [(event, name) for event, name in db.session.execute(wanted.order_by(AuditEntry.place))]


def test_the_page_keeps_a_file_and_hands_it_out(app: Flask, person: People, signed_in: Clients) -> None:
    activity_id = logged(person("officer").viewer)
    browser = signed_in("officer")
    assert "Nothing yet." in check_page(browser.get(f"/activities/{activity_id}"))
    answer = add(browser, activity_id, name="Aide-mémoire.pdf")
    assert answer.status_code == 303 and answer.headers["Location"].endswith(f"/activities/{activity_id}#files")
    page = check_page(browser.get(f"/activities/{activity_id}"))
    assert "Aide-mémoire.pdf" in page and "PDF, " in page and "added by Officer" in page
    path = page.split('class="row-title" href="')[1].split('"')[0]
    file = browser.get(path)
    assert file.status_code == 200 and file.data == NOTE
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert "filename*=UTF-8''Aide-m%C3%A9moire.pdf" in file.headers["Content-Disposition"]
    assert file.headers["X-Content-Type-Options"] == "nosniff" and file.headers["Cache-Control"] == "no-store"
    assert file.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "ETag" not in file.headers and file.mimetype == "application/pdf"
    token = token_of(page)
    assert browser.post(f"{path}/remove", data={"csrf_token": token}).status_code == 303
    assert browser.get(path).status_code == 404
    assert rows() == {"Attachment": 0, "StoredFile": 0}
    assert [event for event, _ in events()] == ["attachment_added", "record_exported", "attachment_removed"]


def test_what_is_not_taken_is_said_beside_the_field(app: Flask, person: People, signed_in: Clients) -> None:
    activity_id = logged(person("officer").viewer)
    browser = signed_in("officer")
    page = check_page(add(browser, activity_id, b"MZ", "a.exe", what="What I typed"), 422)
    assert "Files ending in .exe are not taken" in page and "What I typed" in page
    assert "Choose a file." in check_page(add(browser, activity_id, b"", ""), 422)
    page = check_page(add(browser, activity_id, handling="public"), 422)
    assert "Choose one of these: " in page
    assert rows() == {"Attachment": 0, "StoredFile": 0}


def test_the_json_door_does_the_same(app: Flask, person: People, signed_in: Clients) -> None:
    viewer = person("officer").viewer
    activity_id = logged(viewer)
    browser = signed_in("officer")
    token = token_of(browser.get(f"/activities/{activity_id}").get_data(as_text=True))
    where, headers = f"/api/v1/activities/{activity_id}/attachments", {"X-CSRFToken": token}
    parts = {"file": (io.BytesIO(NOTE), "note.pdf"), "what": "One", "handling": "originator"}
    first = browser.post(where, data=parts, content_type="multipart/form-data", headers=headers)
    assert first.status_code == 201, first.get_data(as_text=True)
    assert first.json["sha256"] == hashlib.sha256(NOTE).hexdigest() and first.json["handling"] == "originator"
    second = browser.post(f"{where}?name=b.pdf&what=Two", data=NOTE, content_type="application/pdf", headers=headers)
    assert second.status_code == 201 and second.json["what"] == "Two" and second.json["handling"] is None
    items = browser.get(where).json["items"]
    assert [one["name"] for one in items] == ["note.pdf", "b.pdf"]
    assert browser.get(second.headers["Location"]).json == second.json
    assert browser.get(second.json["content"]).data == NOTE
    gone = browser.post(f"/api/v1/attachments/{second.json['id']}/remove", json={}, headers=headers)
    assert [one["name"] for one in gone.json["items"]] == ["note.pdf"]
    wrong = browser.post(f"{where}?name=c.pdf&colour=red", data=NOTE, headers=headers)
    assert wrong.status_code == 422 and wrong.json["errors"] == {"colour": ["There is no such field."]}
    other = browser.post(f"{where}?name=c.pdf", data=b"MZ", headers=headers)
    assert other.status_code == 422 and "The name says PDF" in other.json["errors"]["file"][0]
    assert browser.post(f"{where}?name=c.pdf", data=NOTE).status_code == 403


def test_its_own_handling_narrows_and_never_widens(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    activity_id = logged(officer)
    follows, narrow = kept(officer, activity_id), kept(officer, activity_id, Handling.COORDINATION)
    seen = {
        "officer": {follows, narrow},
        "coordinator": {follows, narrow},
        "other_officer": {follows},
        "observer": set(),
    }
    for who, expected in seen.items():
        viewer = person(who).viewer
        with looking_as(viewer):
            assert set(db.session.scalars(select(Attachment.id))) == expected, who
    with pytest.raises(RuleViolation, match="wider"):
        kept(officer, activity_id, Handling.PUBLIC)


def test_a_file_of_another_party_leaves_with_an_entry(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    attachment_id = kept(officer, logged(officer))
    other = signed_in("other_officer")
    assert other.get(f"/attachments/{attachment_id}").status_code == 200
    assert signed_in("officer").get(f"/attachments/{attachment_id}").status_code == 200
    assert events() == [
        ("attachment_added", "Officer"),
        ("record_exported", "Other Officer"),
        ("record_exported", "Officer"),
    ]


def test_others_read_and_do_not_change(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    activity_id = logged(officer)
    attachment_id = kept(officer, activity_id)
    browser = signed_in("other_officer")
    page = check_page(browser.get(f"/activities/{activity_id}"))
    assert "As it was left" in page and "Keep this file" not in page and "Delete this file" not in page
    assert "added by Embassy of Japan" in page
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    data = {"csrf_token": token, "file": (io.BytesIO(NOTE), "a.pdf")}
    assert browser.post(f"/activities/{activity_id}/attachments", data=data).status_code == 403
    assert browser.post(f"/attachments/{attachment_id}/remove", data={"csrf_token": token}).status_code == 403
    assert rows() == {"Attachment": 1, "StoredFile": 1}


def test_bytes_that_changed_in_the_database_are_not_handed_out(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    attachment_id = kept(officer, logged(officer))
    with looking_as(SYSTEM), unit_of_work():
        db.session.scalars(select(StoredFile)).one().content = b"something else"
    with looking_as(officer), pytest.raises(RuntimeError, match="not those that were kept"):
        attachments.hand_out(attachment_id=attachment_id)


def test_s36_a_party_cannot_fill_the_database(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = person("officer").viewer
    activity_id = logged(officer)
    monkeypatch.setattr(attachments, "MOST_WITH_ONE", 2)
    kept(officer, activity_id)
    kept(officer, activity_id)
    with pytest.raises(RuleViolation, match="up to 2 files"):
        kept(officer, activity_id)
    monkeypatch.setattr(files, "MOST_PER_DAY", 2 * len(NOTE) + 1)
    with pytest.raises(RuleViolation, match="within a day"):
        kept(officer, logged(officer))
    other = person("other_officer").viewer
    kept(other, logged(other))


def test_the_file_itself_is_for_its_party_alone(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    kept(officer, logged(officer, Handling.PUBLIC))
    with looking_as(person("coordinator").viewer):
        assert not db.session.scalars(select(StoredFile)).all()
        assert db.session.scalars(select(Activity)).all()


def test_the_sample_takes_its_files_along(app: Flask, person: People) -> None:
    from crm.accounts.queries import user_by_email
    from crm.accounts.viewers import viewer_of
    from crm.sample import removal
    from crm.sample import service as samples_service

    with unit_of_work():
        samples_service.load("ccm")
    actor = viewer_of(user_by_email("officer@sample.example"))
    with looking_as(actor):
        wanted = select(Activity.id).where(Activity.originator_id == actor.party_id)
        activity_id = db.session.scalars(wanted).first()
    assert activity_id is not None
    before = rows()
    kept(actor, activity_id)
    assert rows() == {name: number + 1 for name, number in before.items()}
    access.look_as(SYSTEM)
    with unit_of_work():
        report = removal.remove(actor=SYSTEM)
    assert rows() == {"Attachment": 0, "StoredFile": 0}, report


def test_nobody_waits_while_a_file_is_looked_at(
    app: Flask, person: People, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file may take seconds to look at; others write meanwhile."""
    activity_id = logged(person("officer").viewer)
    browser = signed_in("officer")
    token = token_of(check_page(browser.get(f"/activities/{activity_id}")))
    written: list[bool] = []

    def write() -> None:
        with app.app_context(), looking_as(SYSTEM), unit_of_work():
            db.session.add(Party(name="Meanwhile", kind="government"))
        written.append(True)

    def slow(content: bytes, name: str, **given: Any) -> CheckedFile:
        other = threading.Thread(target=write)
        other.start()
        other.join(5)
        assert written, "somebody else had to wait"
        return check(content, name, **given)

    monkeypatch.setattr("crm.files.fields.check", slow)
    given = {"csrf_token": token, "file": (io.BytesIO(NOTE), "a.pdf")}
    answer = browser.post(f"/activities/{activity_id}/attachments", data=given, content_type="multipart/form-data")
    assert answer.status_code == 303 and written
