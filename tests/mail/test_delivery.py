"""From the outbox to a real mail server and back, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from crm.core import clock
from crm.core.errors import RuleViolation
from crm.mail import message, queries, service
from tests.mail.posting import attempts, drain, post, row
from tests.mail.relays import Relay


def test_a_mail_is_sent_once(app: Flask, relay: Relay) -> None:
    mail_id = post()
    assert drain() == {"sent": 1}
    assert drain() == {}
    assert len(relay.taken) == 1
    sent = row(mail_id)
    assert (sent.state, sent.attempts, sent.last_answer) == ("sent", 1, "250 2.0.0 Kept")
    assert sent.sent_at is not None
    assert sent.lease_by is None
    assert [(one.number, one.outcome, one.second_copy) for one in attempts(mail_id)] == [(1, "sent", False)]


def test_what_arrives_is_what_was_written(app: Flask, relay: Relay) -> None:
    text = "Côte d’Ivoire\n.\nFrom the start\n.. dots\n" + "long " * 400 + "\n"
    mail_id = post(text=text, subject="Über\r\nBcc: spy@example.com")
    drain()
    (taken,) = relay.taken
    message = taken.message
    assert taken.recipients == ["owner@example.org"]
    assert taken.sender == "demarche@example.org"
    assert message["Subject"] == "Über Bcc: spy@example.com"
    assert message["Bcc"] is None
    assert message["To"] == "owner@example.org"
    assert message["From"] == "Demarche <demarche@example.org>"
    assert message["Message-ID"] == row(mail_id).message_id
    assert message["Auto-Submitted"] == "auto-generated"
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == text
    assert html is not None
    assert "<p>A follow-up is due.</p>" in html.get_content()


def test_a_sender_with_a_line_break_injects_nothing(app: Flask, relay: Relay) -> None:
    with pytest.raises(RuleViolation):
        post(to="owner@example.org\r\nRCPT TO:<spy@example.com>")
    assert drain() == {}
    assert relay.taken == []


def test_an_address_beyond_ascii(app: Flask, relay: Relay) -> None:
    post(to="jürgen@exämple.org")
    assert drain() == {"sent": 1}
    assert relay.taken[0].recipients == ["jürgen@xn--exmple-cua.org"]
    assert relay.taken[0].message["To"] == "jürgen@xn--exmple-cua.org"


def test_the_same_key_never_makes_a_second_mail(app: Flask, relay: Relay) -> None:
    first = post("reminder:1")
    assert post("reminder:1", text="other words") == first
    drain()
    assert post("reminder:1") == first
    assert drain() == {}
    assert len(relay.taken) == 1


def test_never_early(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    mail_id = post(not_before=clock.now() + timedelta(minutes=10))
    later(9 * 60 + 50)
    assert drain() == {}
    assert row(mail_id).attempts == 0
    later(10 * 60 + 1)
    assert drain() == {"sent": 1}


def test_one_connection_for_many_mails(app: Flask, relay: Relay) -> None:
    for number in range(120):
        post(f"mail {number}", to=f"owner{number}@example.org")
    assert drain() == {"sent": 120}
    assert relay.connections == 1
    assert sorted(one.recipients[0] for one in relay.taken) == sorted(
        f"owner{number}@example.org" for number in range(120)
    )


def test_relay_down_then_up(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    relay.stop()
    mail_id = post()
    assert drain() == {}
    waiting = row(mail_id)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert waiting.last_answer == "The mail server refused the connection."
    assert queries.delivery_trouble() is None
    later(150)
    assert queries.delivery_trouble() == (
        "Email has been waiting for 2 minutes: the mail server does not take it. "
        "Nothing is lost; it goes out by itself."
    )
    relay.start()
    assert drain() == {"sent": 1}
    assert queries.delivery_trouble() is None


def test_a_late_worker_is_said_so(app: Flask, later: Callable[[float], None]) -> None:
    post()
    later(2 * 3600 + 1)
    assert "for 2 hours: the part of this software that sends it is not running" in (queries.delivery_trouble() or "")


def test_a_refusal_is_kept_with_the_relays_answer(app: Flask, relay: Relay) -> None:
    relay.rcpt = ["550 5.1.1 No such mailbox"]
    refused, fine = post("refused"), post("fine")
    assert drain() == {"permanent": 1, "sent": 1}
    states = {row(one).state: row(one).last_answer for one in (refused, fine)}
    assert states == {"failed": "550 5.1.1 No such mailbox", "sent": "250 2.0.0 Kept"}
    assert drain() == {}


def test_a_refusal_after_the_content(app: Flask, relay: Relay) -> None:
    relay.data = ["554 5.7.1 Looks like spam"]
    mail_id = post()
    assert drain() == {"permanent": 1}
    assert row(mail_id).last_answer == "554 5.7.1 Looks like spam"


def test_greylisting_is_waited_for(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    relay.rcpt = ["451 4.7.1 Greylisted, come back"] * 2
    mail_id = post()
    assert drain() == {"temporary": 1}
    assert drain() == {}
    assert row(mail_id).state == "waiting"
    later(31)
    assert drain() == {"temporary": 1}
    later(31 + 55)
    assert drain() == {}
    later(31 + 62)
    assert drain() == {"sent": 1}
    assert [one.outcome for one in attempts(mail_id)] == ["temporary", "temporary", "sent"]


def test_421_in_the_middle_of_a_batch(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    relay.rcpt = ["250 OK", "421 4.3.2 Closing, too many", "250 OK"]
    ids = [post(f"mail {number}") for number in range(3)]
    assert drain() == {"sent": 2, "temporary": 1}
    assert relay.connections == 2
    later(31)
    assert drain() == {"sent": 1}
    assert {row(one).state for one in ids} == {"sent"}
    assert len(relay.taken) == 3


def test_a_relay_that_only_hangs_up_ends_the_batch(app: Flask, relay: Relay) -> None:
    relay.rcpt = ["cut"] * 10
    ids = [post(f"mail {number}") for number in range(5)]
    assert drain() == {"temporary": 2}
    assert sorted(row(one).attempts for one in ids) == [0, 0, 0, 1, 1]
    assert {row(one).state for one in ids} == {"waiting"}
    assert {row(one).lease_by for one in ids} == {None}


def test_reply_lost_means_one_flagged_second_copy(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    relay.data = ["lose"]
    mail_id = post()
    assert drain() == {"unknown": 1}
    lost = row(mail_id)
    assert (lost.state, lost.unknown_outcomes) == ("ambiguous", 1)
    later(31)
    assert drain() == {"sent": 1}
    later(7200)
    assert drain() == {}
    first, second = relay.taken
    assert first.message["Message-ID"] == second.message["Message-ID"] == row(mail_id).message_id
    assert first.content == second.content
    assert [(one.outcome, one.second_copy) for one in attempts(mail_id)] == [
        ("unknown", False),
        ("sent", True),
    ]
    assert queries.deliveries([mail_id])[mail_id].second_copy


def test_copies_are_bounded(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    relay.data = ["lose"] * 5
    mail_id = post()
    for hours in range(6):
        later(hours * 3600)
        drain()
    assert len(relay.taken) == 2
    assert queries.deliveries([mail_id])[mail_id].needs_person


def test_outward_mail_is_never_repeated_by_itself(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    relay.data = ["lose"]
    mail_id = post(repeats=0)
    assert drain() == {"unknown": 1}
    later(86_400)
    assert drain() == {}
    assert len(relay.taken) == 1
    found = queries.deliveries([mail_id])[mail_id]
    assert found.state.value == "ambiguous"
    assert found.needs_person
    assert not found.second_copy


def test_a_slow_relay_is_waited_for(app: Flask, relay: Relay) -> None:
    relay.data = [1.5]
    post()
    assert drain() == {"sent": 1}


def test_a_mail_that_cannot_be_composed_is_set_aside_alone(
    app: Flask, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = message.compose
    broken = post("broken", text="poison")

    def compose(mail: object, *rest: object) -> bytes:
        if getattr(mail, "text", "") == "poison":
            raise LookupError("unknown encoding")
        return real(mail, *rest)

    monkeypatch.setattr(service, "compose", compose)
    fine = post("fine")
    assert drain() == {"sent": 1}
    assert row(broken).state == "failed"
    assert row(broken).last_answer == "This mail could not be prepared (LookupError)."
    assert row(fine).state == "sent"
