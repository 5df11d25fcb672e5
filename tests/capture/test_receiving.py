"""What the mail server hears, what is kept, and that nothing is lost between the two."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from crm.accounts.models import User
from crm.audit.models import AuditEntry
from crm.capture import addresses, reading, receiving, setting_aside, understanding
from crm.capture.models import CaptureAddress, WaitingFile
from crm.capture.rules import course
from crm.capture.rules.course import Phase
from crm.core import access, clock
from crm.core.db import db, unit_of_work
from crm.core.jobs import Job
from crm.mail.models import OutboxMail
from tests.capture.sending import ADDRESS, DOMAIN, RELAY, address_for, deliver, kept, read_all, written
from tests.support.people import Person

People = Callable[[str], Person]


def _receipts() -> list[OutboxMail]:
    access.look_as(access.SYSTEM)
    return list(db.session.scalars(select(OutboxMail)))


def test_what_is_kept_is_committed_before_the_mail_server_hears_of_it(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the mail in dies after the commit: the mail server asks again, and the mail is there once."""
    officer = person("officer")
    there = address_for(officer.viewer)
    message = written(officer.email)
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        raw = message.as_bytes().replace(b"\n", b"\r\n")
        said = b"LHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n" % there.encode()
        line.sendall(said + raw + b"\r\n.\r\n")
        heard = b""
        while b"250 2.0.0" not in heard:
            heard += line.recv(4096)
            if b"250 2.0.0" in heard:
                assert len(kept()) == 1
    deliver(port, message, there)
    assert len(kept()) == 1


def test_while_nothing_can_be_kept_the_mail_server_keeps_it(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer")
    there, whole = address_for(officer.viewer), receiving.keep
    for error in (OperationalError("x", {}, Exception("away")), RuntimeError("whatever")):

        def fail(*given: object, failing: Exception = error, **more: object) -> None:
            whole(*given, **more)  # type: ignore[arg-type]
            raise failing

        monkeypatch.setattr(receiving, "keep", fail)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            deliver(port, written(officer.email), there)
        assert refused.value.smtp_code == 451
        assert kept() == []
    monkeypatch.setattr(receiving, "keep", whole)
    deliver(port, written(officer.email), there)
    assert len(kept()) == 1


def test_there_is_an_answer_for_each_recipient(app: Flask, port: int, person: People) -> None:
    """RFC 2033: so many answers as recipients were taken; whether an address is known stands in none of them."""
    ours, theirs = address_for(person("officer").viewer), address_for(person("other_officer").viewer)
    recipients = (ours, f"log+{'0' * 32}@{DOMAIN}", theirs)
    with smtplib.LMTP("127.0.0.1", port, "relay.test", timeout=30) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("a@example.org")
        assert {client.rcpt(one) for one in recipients} == {(250, b"2.1.5 Ok")}
        answers = [client.data(written("a@example.org").as_bytes())]
        answers += [client.getreply() for _ in recipients[1:]]
        assert answers == [(250, b"2.0.0 Kept")] * 3
        assert client.noop()[0] == 250
    assert len({one.originator_id for one in kept()}) == 2


@pytest.mark.parametrize(
    "recipient",
    [f"log+{'0' * 32}@{DOMAIN}", ADDRESS, f"log+@{DOMAIN}", f"other@{DOMAIN}", "log+x@evil.example", "postmaster"],
)
def test_strangers_hear_nothing_of_which_addresses_there_are(
    app: Flask, port: int, person: People, recipient: str
) -> None:
    address_for(person("officer").viewer)
    deliver(port, written("stranger@evil.example"), recipient)
    read_all()
    assert kept() == [] and _receipts() == []


def test_an_address_is_known_in_capitals_and_not_on_another_host(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    there = address_for(officer.viewer)
    deliver(port, written(officer.email), there.replace(DOMAIN, "evil.example"))
    assert kept() == []
    deliver(port, written(officer.email), there.upper())
    assert len(kept()) == 1


STRANGERS: list[dict[str, str]] = [
    {"sender": "stranger@evil.example"},
    {"sender": "officer@example.org", "vouched": ""},
    {"sender": "officer@example.org", "vouched": "evil.example"},
    {"sender": "other-officer@example.org"},
    {"sender": "observer@example.org"},
    {"sender": "administrator@example.org"},
]


@pytest.mark.parametrize("headers", STRANGERS, ids=lambda one: " ".join(one.values()))
def test_whoever_is_not_proven_or_not_of_the_party_waits_marked_and_unanswered(
    app: Flask, port: int, person: People, headers: dict[str, str]
) -> None:
    for who in ("other_officer", "observer", "administrator"):
        person(who)
    there = address_for(person("officer").viewer)
    deliver(port, written(**headers), there)  # type: ignore[arg-type]
    read_all()
    [row] = kept()
    assert row.phase == Phase.WAITING and not row.proven and row.brought_by_id is None
    assert _receipts() == []


def test_a_closed_account_is_a_stranger(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    there = address_for(officer.viewer)
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.viewer.user_id).active = False
    deliver(port, written(officer.email), there)
    read_all()
    assert not kept()[0].proven and _receipts() == []


@pytest.mark.parametrize("headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<l>"}])
def test_programs_get_no_answer(app: Flask, port: int, person: People, headers: dict[str, str]) -> None:
    officer = person("officer")
    deliver(port, written(officer.email, **headers), address_for(officer.viewer))
    read_all()
    [row] = kept()
    assert row.automatic and row.proven and _receipts() == []


def test_what_comes_back_to_nobody_gets_no_answer(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    deliver(port, written(officer.email), address_for(officer.viewer), envelope="")
    read_all()
    assert kept()[0].automatic and _receipts() == []


def test_the_same_mail_is_there_once_and_nobody_keeps_it_away_by_its_name(
    app: Flask, port: int, person: People
) -> None:
    officer = person("officer")
    there = address_for(officer.viewer)
    forged = written("stranger@evil.example", "Nothing.\n", Message_ID="<known@example.org>")
    genuine = written(officer.email, "The note.\n", Message_ID="<known@example.org>")
    again = b"Received: from a by b; Mon, 23 Nov 2026 10:00:00 +0000\r\n" + genuine.as_bytes()
    deliver(port, forged, there)
    deliver(port, genuine, there)
    deliver(port, again, there)
    assert [len(kept()), len({one.mark for one in kept()})] == [2, 2]


def test_a_party_is_not_flooded_and_nothing_is_refused_for_good(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_PER_DAY", 4)
    ours, theirs = address_for(person("officer").viewer), address_for(person("other_officer").viewer)
    for number in range(2):
        deliver(port, written("a@evil.example", f"{number}\n"), ours)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        deliver(port, written("a@evil.example", "3\n"), ours)
    assert refused.value.smtp_code == 452
    deliver(port, written("a@evil.example", "3\n"), theirs)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        deliver(port, written("a@evil.example", "3\n"), ours)
    assert len(kept()) == 4


def test_a_mail_that_is_too_large_is_refused(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = address_for(person("officer").viewer)
    monkeypatch.setattr(receiving, "LARGEST", 1_000)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        deliver(port, written("a@evil.example", "x" * 70 + "\n" + "y" * 900), there)
    assert refused.value.smtp_code == 552 and kept() == []


def test_a_renewed_address_is_open_to_the_own_people_alone(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    before = address_for(officer.viewer)
    with access.looking_as(officer.viewer), unit_of_work():
        addresses.make(actor=officer.viewer)
    after = address_for(officer.viewer)
    assert before != after
    deliver(port, written("stranger@evil.example", "Old.\n"), before)
    deliver(port, written(officer.email, "Old, mine.\n"), before)
    deliver(port, written("stranger@evil.example", "New.\n"), after)
    read_all()
    assert sorted(one.text for one in kept()) == ["New.", "Old, mine."]


def test_of_an_address_the_table_keeps_nothing_that_opens_it(app: Flask, person: People) -> None:
    there = address_for(person("officer").viewer)
    secret = there.partition("+")[2].partition("@")[0]
    row = db.session.scalars(select(CaptureAddress)).one()
    assert len(secret) == 32 and secret not in (row.salt, row.sha256[:32])
    assert addresses.behind(there) is row and addresses.behind(f"log+{row.salt[:32]}@{DOMAIN}") is None


def test_what_the_queue_lost_is_found_and_what_kills_its_reader_is_set_aside(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(port, written("a@evil.example", "1\n"), address_for(person("officer").viewer))
    wanted: list[tuple[object, ...]] = []
    monkeypatch.setattr(setting_aside, "enqueue", lambda job, *keys: wanted.append((job, *keys)))
    [row] = kept()
    key = row.id
    with unit_of_work():
        assert setting_aside.sweep() == 0
    monkeypatch.setattr(understanding, "understood", _die)
    monkeypatch.setattr(understanding, "of_its_head", _die)
    for attempt in range(course.MOST_TRIES):
        with time_machine.travel(clock.now() + (attempt + 1) * timedelta(minutes=10)):
            with unit_of_work():
                assert setting_aside.sweep() == 1
            assert wanted[-1] == (Job.READ_MAIL, key)
            with pytest.raises(KeyboardInterrupt):
                reading.read(key)
            access.look_as(access.SYSTEM)
    with time_machine.travel(clock.now() + timedelta(hours=1)), unit_of_work():
        setting_aside.sweep()
    [row] = kept()
    assert row.phase == Phase.ASIDE and row.raw
    monkeypatch.undo()
    with unit_of_work():
        assert setting_aside.read_again() == 1
    read_all()
    assert kept()[0].phase == Phase.WAITING


def _die(*_given: object) -> None:
    raise KeyboardInterrupt


def test_strangers_use_up_their_own_part_and_never_that_of_the_partys_people(
    app: Flask, port: int, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_PER_DAY", 4)
    officer = person("officer")
    there = address_for(officer.viewer)
    for number in range(2):
        deliver(port, written("a@evil.example", f"{number}\n"), there)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        deliver(port, written("officer@example.org", "In their name.\n", vouched=""), there)
    assert refused.value.smtp_code == 452
    for number in range(2):
        deliver(port, written(officer.email, f"{number}\n"), there)
    with pytest.raises(smtplib.SMTPDataError):
        deliver(port, written(officer.email, "3\n"), there)
    monkeypatch.setattr(receiving, "MOST_BYTES_PER_DAY", 10 * sum(one.size for one in kept()))
    monkeypatch.setattr(receiving, "MOST_PER_DAY", 100)
    large = "x" * 60 + "\n"
    with pytest.raises(smtplib.SMTPDataError):
        deliver(port, written("a@evil.example", large * (6 * sum(one.size for one in kept()) // 61)), there)
    deliver(port, written(officer.email, large * (6 * sum(one.size for one in kept()) // 61)), there)
    assert len(kept()) == 5


def test_the_same_words_under_another_name_are_answered_once_a_day(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    there = address_for(officer.viewer)
    for number in range(3):
        deliver(port, written(officer.email, Message_ID=f"<{number}@example.org>"), there)
    read_all()
    assert len(kept()) == 3 and len(_receipts()) == 1
    deliver(port, written(officer.email, "Others.\n"), there)
    read_all()
    assert len(_receipts()) == 2


def test_files_are_looked_at_and_what_is_not_kept_is_said(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    message = written(officer.email)
    message.add_attachment(b"Plain words\n", maintype="text", subtype="plain", filename="note.txt")
    message.add_attachment(b"MZ\x90\x00", maintype="application", subtype="pdf", filename="letter.pdf")
    message.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="run.exe")
    deliver(port, message, address_for(officer.viewer))
    read_all()
    [row] = kept()
    assert [one.name for one in db.session.scalars(select(WaitingFile))] == ["note.txt"]
    assert [name for name, _reason in row.left_out] == ["letter.pdf", "run.exe"]
    assert "one file" in _receipts()[0].text and "2 parts" in _receipts()[0].text


def test_the_audit_says_that_it_came_and_nothing_of_it(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    deliver(port, written(officer.email, "They waver.\n", Subject="Secret matter"), address_for(officer.viewer))
    read_all()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "waiting_mail_kept")).one()
    assert entry.originator_id == officer.viewer.party_id and entry.handling == "originator"
    assert entry.details == {"state": None, "proven": True, "files": 0}


def test_what_nobody_goes_on_with_is_forgotten(app: Flask, port: int, person: People) -> None:
    deliver(port, written("a@evil.example"), address_for(person("officer").viewer))
    read_all()
    for days, left in ((29, 1), (31, 0)):
        with time_machine.travel(clock.now() + timedelta(days=days)), unit_of_work():
            setting_aside.tidy(30)
        assert len(kept()) == left


def test_a_receipt_says_only_that_it_is_kept(app: Flask, port: int, person: People) -> None:
    officer = person("officer")
    message: EmailMessage = written(f"Officer <{officer.email}>", Subject="Bhutan")
    del message["Authentication-Results"]
    message["Authentication-Results"] = f"{RELAY}; dkim=pass header.d=example.org"
    deliver(port, message, address_for(officer.viewer))
    read_all()
    [mail] = _receipts()
    assert mail.recipient == officer.email and "Bhutan" not in mail.text and "waiting-room" in mail.text
