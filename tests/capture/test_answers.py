"""Answers to our own invitations that come to the address of the party: whose are taken, and whose are not."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from crm.capture.rules.invitations import reply_in
from tests.activities.test_appointments import STRANGER, answers, invited
from tests.calendar.test_planned import planned
from tests.capture.sending import address_for, deliver, kept, read_all, written
from tests.support.people import Person

People = Callable[[str], Person]

REPLY = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
DTSTART:20261203T083000Z
DTEND:20261203T093000Z
DTSTAMP:20261123T1{minute:02}000Z
UID:{uid}@localhost
SEQUENCE:{sequence}
ATTENDEE;CN=Desk;PARTSTAT={answer}:mailto:{address}
END:VEVENT
END:VCALENDAR
"""


def reply(activity_id: UUID, sender: str = STRANGER, **said: Any) -> EmailMessage:
    """An answer as Google writes it; `address` is whom it names, `vouched` for whom the mail server stands."""
    given = {"uid": activity_id, "answer": "ACCEPTED", "sequence": 0, "minute": 1, "address": sender, "method": "REPLY"}
    headers = {"vouched": said.pop("vouched")} if "vouched" in said else {}
    message = written(f"Desk <{sender}>", f"Accepted {uuid4()}", Subject="Accepted: Appointment", **headers)
    calendar = REPLY.format(**{**given, **said}).replace("\n", "\r\n")
    message.add_alternative(calendar.encode(), "text", "calendar", params={"method": "REPLY", "charset": "utf-8"})
    return message


@pytest.fixture
def arranged(app: Flask, person: People) -> UUID:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key)
    return key


def test_the_answer_of_whoever_was_invited_is_taken(app: Flask, person: People, port: int, arranged: UUID) -> None:
    address = address_for(person("officer").viewer)
    deliver(port, reply(arranged), address)
    read_all()
    assert answers(arranged) == {STRANGER: "ACCEPTED"}
    deliver(port, reply(arranged, answer="DECLINED", minute=2), address)
    read_all()
    assert answers(arranged) == {STRANGER: "DECLINED"}
    assert len(kept()) == 2


@pytest.mark.parametrize(
    "said",
    [
        {"vouched": ""},
        {"sender": "evil@elsewhere.example"},
        {"sender": "evil@elsewhere.example", "address": STRANGER},
        {"sequence": 1},
        {"answer": "NEEDS-ACTION"},
        {"answer": "X-ANYTHING"},
        {"method": "REQUEST"},
        {"uid": "not-ours"},
        {"uid": str(uuid4())},
    ],
)
def test_of_strangers_nothing_is_taken(
    app: Flask, person: People, port: int, arranged: UUID, said: dict[str, Any]
) -> None:
    deliver(port, reply(arranged, **said), address_for(person("officer").viewer))
    read_all()
    assert answers(arranged) == {STRANGER: "NEEDS-ACTION"}
    assert len(kept()) == 1


def test_it_counts_at_the_address_of_the_party_that_invited_alone(
    app: Flask, person: People, port: int, arranged: UUID
) -> None:
    deliver(port, reply(arranged), address_for(person("other_officer").viewer))
    read_all()
    assert answers(arranged) == {STRANGER: "NEEDS-ACTION"}


def test_one_that_was_overtaken_does_not_count(app: Flask, person: People, port: int, arranged: UUID) -> None:
    address = address_for(person("officer").viewer)
    deliver(port, reply(arranged, answer="DECLINED", minute=3), address)
    read_all()
    deliver(port, reply(arranged, minute=2), address)
    read_all()
    assert answers(arranged) == {STRANGER: "DECLINED"}


@pytest.mark.parametrize("content", [b"", b"nothing", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"])
def test_what_is_no_answer_is_none(content: bytes) -> None:
    assert reply_in(content) is None
