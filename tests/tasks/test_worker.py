"""Worker, beat, broker, mail server and database together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import select

import config
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.heartbeat import Part, signs
from crm.core.jobs import Job
from crm.mail.models import MailAttempt, OutboxMail
from tests.followups.opening import mails_of, opened
from tests.mail.posting import post, row
from tests.mail.relays import Relay
from tests.support.people import Person
from tests.tasks.processes import Process, wait_until

Start = Callable[..., Process]
DUE = {"due_on": date(2026, 11, 23), "due_time": time(11)}
"""Past for a process that reads the machine's clock, still to come for the test itself."""


@pytest.fixture(autouse=True)
def empty_broker(broker: str) -> None:
    with redis.Redis.from_url(broker) as client:
        client.flushall()


def _seen() -> set[Part]:
    db.session.rollback()
    return set(signs())


@pytest.mark.drill
def test_a_reminder_goes_the_whole_way(
    app: Flask, relay: Relay, person: Callable[[str], Person], start: Start, broker: str
) -> None:
    followup_id = opened(person("officer").viewer, **DUE)
    worker, beat = start("worker", "-c", "2"), start("beat")
    wait_until(lambda: relay.taken, 90)
    assert relay.taken[0].recipients == ["officer@example.org"]
    wait_until(lambda: mails_of(followup_id)[0].state == "sent", 20)
    wait_until(lambda: {Part.WORKER, Part.BEAT, Part.RELAY} <= _seen(), 60)
    ready = app.test_client().get("/readyz")
    states = {name: one["state"] for name, one in ready.get_json()["checks"].items()}
    assert (ready.status_code, set(states.values())) == (200, {"ok"})
    assert beat.terminate() == 0
    assert worker.terminate() == 0
    assert len(relay.taken) == 1
    with redis.Redis.from_url(broker) as client:
        assert client.llen("default") + client.llen("prompt") == 0


@pytest.mark.drill
def test_only_ids_stand_in_the_broker(app: Flask, broker: str, relay: Relay) -> None:
    """What a post and a follow-up leave there: a name, no argument, no word of what it is about."""
    post(subject="Canary subject", text="Canary text", to="canary@example.org")
    with redis.Redis.from_url(broker) as client:
        raw = client.lrange("default", 0, -1)
    (message,) = [json.loads(one) for one in raw]
    assert message["headers"]["task"] == Job.DRAIN_OUTBOX.value
    assert b"anary" not in b"".join(raw)


@pytest.mark.drill
def test_a_worker_told_to_stop_finishes_what_it_has_begun(
    app: Flask, relay: Relay, start: Start, settings: config.Settings
) -> None:
    relay.data = [2.0]
    mail_id = post()
    worker = start("worker", "-c", "1")
    wait_until(lambda: not relay.data, 60)
    assert row(mail_id).state == "sending"
    assert worker.terminate() == 0
    assert row(mail_id).state == "sent"
    assert len(relay.taken) == 1


def _tick(app: Flask) -> None:
    """What beat says, said by hand and faster."""
    celery = app.extensions["celery"]
    for job in (Job.SWEEP_OUTBOX, Job.DRAIN_OUTBOX):
        celery.send_task(job.value)


def _states() -> Counter[str]:
    db.session.rollback()
    with looking_as(SYSTEM):
        return Counter(db.session.scalars(select(OutboxMail.state)))


@pytest.mark.drill
def test_killed_workers_lose_nothing_and_every_second_copy_is_flagged(
    app: Flask, relay: Relay, start: Start, broker: str
) -> None:
    """24 mails, a slow mail server, the whole worker group killed twice, the broker emptied in between."""
    count = 24
    relay.data = [0.15] * 500  # type: ignore[assignment]
    ids = [post(f"mail {number}", to=f"owner{number}@example.org") for number in range(count)]
    for round_ in range(2):
        worker, before = start("worker", "-c", "2"), len(relay.taken)
        worker.wait_for("ready")
        _tick(app)
        wait_until(lambda before=before: len(relay.taken) >= before + 4, 60)  # type: ignore[misc]
        worker.kill()
        if round_ == 0:
            with redis.Redis.from_url(broker) as client:
                client.flushall()
    worker = start("worker", "-c", "2")
    worker.wait_for("ready")

    def all_sent() -> bool:
        _tick(app)
        return _states() == Counter({"sent": count})

    wait_until(all_sent, 120)
    copies = Counter(one.recipients[0] for one in relay.taken)
    assert len(copies) == count, "nothing is lost"
    flagged = _flagged(ids)
    assert {to for to, number in copies.items() if number > 1} <= flagged
    assert max(copies.values()) <= 2
    assert worker.terminate() == 0


def _flagged(ids: list[Any]) -> set[str]:
    """Recipients of mails with an attempt that was known to be possibly the second copy."""
    with looking_as(SYSTEM):
        wanted = (
            select(OutboxMail.recipient)
            .join(MailAttempt, MailAttempt.mail_id == OutboxMail.id)
            .where(MailAttempt.second_copy, OutboxMail.id.in_(ids))
        )
        return set(db.session.scalars(wanted))
