"""More than one of everything: two beats, fifty drains at once, two machines of which one is cut off at its work."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from flask import Flask
from sqlalchemy import select

import config
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.jobs import Job
from crm.mail.models import MailAttempt, OutboxMail
from drill.cables import Cable
from tests.mail.posting import post
from tests.mail.relays import Relay
from tests.tasks.processes import Process, wait_until

Start = Callable[..., Process]


@pytest.fixture(autouse=True)
def empty_broker(broker: str) -> None:
    with redis.Redis.from_url(broker) as client:
        client.flushall()


def _tick(app: Flask, job: Job, times: int = 1) -> None:
    for _ in range(times):
        app.extensions["celery"].send_task(job.value)


def _states() -> Counter[str]:
    db.session.rollback()
    with looking_as(SYSTEM):
        return Counter(db.session.scalars(select(OutboxMail.state)))


def _attempts() -> list[MailAttempt]:
    db.session.rollback()
    with looking_as(SYSTEM):
        return list(db.session.scalars(select(MailAttempt)))


@pytest.mark.drill
def test_two_beats_and_fifty_drains_send_each_mail_once(
    app: Flask, relay: Relay, start: Start, settings: config.Settings
) -> None:
    count = 60
    relay.data = [0.03] * count  # type: ignore[assignment]
    for number in range(count):
        post(f"mail {number}", to=f"owner{number}@example.org")
    _tick(app, Job.DRAIN_OUTBOX, 50)
    for number in range(2):
        start("beat", "--pidfile", "", "-s", str(settings.var_dir / f"beat-{number}"))
    workers = [start("worker", "-c", "2", "-n", f"w{number}@%h") for number in range(2)]
    wait_until(lambda: _states() == Counter({"sent": count}), 120)
    assert Counter(one.recipients[0] for one in relay.taken) == Counter(f"owner{n}@example.org" for n in range(count))
    assert Counter(one.outcome for one in _attempts()) == Counter({"sent": count})
    for one in workers:
        assert one.terminate() == 0


@pytest.fixture
def elsewhere(settings: config.Settings, relay: Relay, tmp_path: Path) -> Iterator[tuple[Cable, config.Settings]]:
    """A second machine: an address and a folder of its own, and a cable to database, broker and mail server."""
    urls = [settings.database_url, settings.redis_url, relay.url]
    cable = Cable("127.0.0.2", [urlsplit(one).port or 0 for one in urls])
    database, broker, smtp = map(cable.through, urls)
    var = tmp_path / "elsewhere"
    var.mkdir()
    yield cable, replace(settings, database_url=database, redis_url=broker, smtp_url=smtp, var_dir=var)
    cable.close()


@pytest.mark.drill
@pytest.mark.parametrize("database", ["postgresql"])
def test_a_machine_that_is_cut_off_at_its_work_loses_nothing_and_wakes_to_no_harm(
    app: Flask, relay: Relay, start: Start, elsewhere: tuple[Cable, config.Settings]
) -> None:
    """Frozen with mails claimed and one begun, its connections gone; then it goes on as if nothing had been."""
    count, (cable, its) = 120, elsewhere
    relay.data = [0.1] * 1000  # type: ignore[assignment]
    for number in range(count):
        post(f"mail {number}", to=f"owner{number}@example.org")
    other = Process(its, "worker", "-c", "1", "-n", "two@%h")
    try:
        _tick(app, Job.DRAIN_OUTBOX)
        wait_until(lambda: len(relay.taken) >= 5, 60)
        os.killpg(other.process.pid, signal.SIGSTOP)
        cable.cut()
        frozen = len(relay.taken)
        start("worker", "-c", "1", "-n", "one@%h")
        _tick(app, Job.DRAIN_OUTBOX)
        wait_until(lambda: len(relay.taken) >= frozen + 60, 60)
        assert _states()["waiting"] + _states()["sending"] > 0, "what it holds is left to it for a while"
        cable.mend()
        os.killpg(other.process.pid, signal.SIGCONT)

        def through() -> bool:
            for job in (Job.SWEEP_OUTBOX, Job.DRAIN_OUTBOX):
                _tick(app, job)
            return _states() == Counter({"sent": count})

        wait_until(through, 180)
    finally:
        other.kill()
    copies = Counter(one.recipients[0] for one in relay.taken)
    assert len(copies) == count
    unknown = sum(one.outcome in ("unknown", "late") for one in _attempts())
    assert sum(copies.values()) - count <= unknown <= 2
