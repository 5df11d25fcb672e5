"""What is shown of a mail that cannot be read, or not wholly, and that it is read again."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from crm.capture import reading, setting_aside, taking_apart, understanding
from crm.capture.models import WaitingFile
from crm.capture.rules import course
from crm.capture.rules.course import Phase
from crm.capture.rules.message import ANOTHER_CALENDAR, TANGLED, head_alone
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.mail.models import OutboxMail
from tests.capture.sending import address_for, deliver, kept, read_all, written
from tests.support.people import Person

People = Callable[[str], Person]


def _receipts() -> list[OutboxMail]:
    access.look_as(access.SYSTEM)
    return list(db.session.scalars(select(OutboxMail)))


def _die(*_given: object) -> None:
    raise KeyboardInterrupt


def test_of_one_that_kills_its_reader_the_head_is_shown_and_the_rest_stays_to_be_read_again(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer")
    deliver(port, written(officer.email), address_for(officer.viewer))
    monkeypatch.setattr(understanding, "understood", _die)
    [row] = kept()
    for _ in range(course.MOST_TRIES - 1):
        with pytest.raises(KeyboardInterrupt):
            reading.read(row.id)
    read_all()
    [row] = kept()
    assert (row.phase, row.sender, row.text) == (Phase.WAITING, officer.email, "") and row.proven and row.raw
    assert row.left_out == [["The message", understanding.NOT_READ]]
    assert "could not be read" in _receipts()[0].text
    [listed] = setting_aside.aside()
    assert listed.problem == reading.DIED
    monkeypatch.undo()
    with unit_of_work():
        assert setting_aside.read_again() == 1
    read_all()
    [row] = kept()
    assert row.text == "They will ratify in spring." and row.left_out == [] and row.raw is None
    assert setting_aside.aside() == [] and len(_receipts()) == 1


def test_one_that_is_tangled_is_shown_as_far_as_it_was_read(app: Flask, port: int, person: People) -> None:
    there = address_for(person("officer").viewer)
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(90))
    deliver(port, b"From: a@evil.example\r\n" + deep, there)
    deliver(port, written("a@evil.example"), there)
    read_all()
    tangled, whole = kept()
    assert {tangled.phase, whole.phase} == {Phase.WAITING} and tangled.sender == "a@evil.example"
    assert tangled.left_out == [["The rest of the mail", TANGLED]]


def test_what_takes_too_long_to_read_is_shown_as_far_as_it_was_read(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A reader that never ends is ended, and whatever it had found by then is there."""
    officer = person("officer")
    there = address_for(officer.viewer)
    for number, said in enumerate((b"", _said(written(officer.email).as_bytes()))):
        endless = tmp_path / f"{number}.py"
        endless.write_text(f"import sys, time\nsys.stdout.buffer.write({said!r})\n{_FLUSH}")
        monkeypatch.setattr(understanding, "_WORKER", endless)
        monkeypatch.setattr(understanding, "_PATIENCE", 3)
        deliver(port, written(officer.email, f"{number}\n"), there)
        read_all()
    unread, in_part = kept()
    assert unread.left_out == [["The message", understanding.NOT_READ]] and unread.subject == "Fwd: call on Bhutan"
    assert in_part.text == "Words" and in_part.left_out == [["second.pdf", understanding.NOT_IN_TIME]]
    assert [one.name for one in db.session.scalars(select(WaitingFile))] == ["first.txt"]
    assert len(_receipts()) == 2 and len(setting_aside.aside()) == 2
    monkeypatch.undo()
    with unit_of_work():
        assert setting_aside.read_again() == 2
    read_all()
    assert {one.text for one in kept()} == {"0", "1"} and db.session.scalars(select(WaitingFile)).all() == []


_FLUSH = "sys.stdout.buffer.flush()\nwhile True: time.sleep(1)\n"


def _said(raw: bytes) -> bytes:
    """What a reader says that breaks off within the second file."""
    mail = {**head_alone(raw).as_json(), "text": "Words"}
    records = (
        ({"mail": mail, "files": ["first.txt", "second.pdf"], "size": 0}, ""),
        ({"looked_at": True, "file": "first.txt", "kind": "TEXT", "size": 3}, "One"),
        ({"looked_at": True, "file": "second.pdf", "kind": "PDF", "size": 900}, "%PDF-1.4 and then"),
    )
    return "".join(json.dumps(one) + "\n" + content for one, content in records).encode()


def test_of_many_files_as_many_are_kept_as_have_room_and_the_others_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[dict[str, object]] = []
    mail = written("a@example.org")
    for number in range(3):
        mail.add_attachment(b"Words\n" * 100, maintype="text", subtype="plain", filename=f"{number}.txt")
    monkeypatch.setattr(taking_apart, "MOST_KEPT", 1_300)
    monkeypatch.setattr(taking_apart, "_say", lambda what, content=b"": said.append(what))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(mail.as_bytes())))
    taking_apart.main()
    looked_at = [one for one in said if "looked_at" in one]
    assert [one.get("file") for one in looked_at] == ["0.txt", "1.txt", None]
    assert looked_at[2]["left_out"] == ["2.txt", taking_apart.TOO_LARGE]


def test_of_several_invitations_the_first_is_taken_and_the_others_are_named() -> None:
    event = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{0}\r\nDTSTART:20261124T090000Z\r\nSUMMARY:{0}\r\nEND:VEVENT\r\n{1}"
    made = written("officer@example.org")
    for name, content in (
        ("none.ics", "BEGIN:VCALENDAR\r\n"),
        ("one.ics", event.format("One", "END:VCALENDAR\r\n")),
        ("again.ics", event.format("One", "X-A:1\r\nEND:VCALENDAR\r\n")),
        ("two.ics", event.format("Two", "END:VCALENDAR\r\n")),
    ):
        made.add_attachment(content.encode(), maintype="text", subtype="calendar", filename=name)
    found = understanding.understood(made.as_bytes())
    assert found.invitation and found.invitation.title == "One" and found.problem == ""
    assert found.mail.left_out == [("none.ics", taking_apart.NO_INVITATION), ("two.ics", ANOTHER_CALENDAR)]
