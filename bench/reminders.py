"""What reminders cost: handed to a mail server that takes everything, beside a bare `smtplib` loop over as many
connections; and planned, in batches, with the most memory that the process held.

Every reminder goes out in a mail of its own, the dearest case: a digest tells many at once.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import smtplib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP
from sqlalchemy import func, insert, select

from bench.house import KINDS
from bench.measure import show
from crm.accounts import service as accounts
from crm.accounts.models import PartyKind, Role, User
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding import planning
from crm.install import install
from crm.mail import delivery
from crm.mail.models import OutboxMail
from launcher import ports
from launcher.postgres import Cluster
from tests.support.databases import opened, settings_for
from tests.support.people import mission_to_all

SENT = 2_000
CONNECTIONS = (1, 2)
PLANNED = (10_000, 100_000)
OWNERS = 50
ROUNDS = 3
SPAWN = multiprocessing.get_context("spawn")


class _Taker:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, *_: Any) -> str:
        return "250 2.0.0 Kept"


def _take(port: int) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(_Taker(), hostname="sink.test"), ports.LOOPBACK, port)
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def _taking() -> Iterator[int]:
    """A mail server in a process of its own; gives its port."""
    port = ports.free()
    process = SPAWN.Process(target=_take, args=(port,), daemon=True)
    process.start()
    try:
        while not ports.answers(port):
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join()


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "SQLite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    cluster = Cluster(folder / "postgres")
    try:
        yield cluster.start().replace("postgresql://", "postgresql+psycopg://")
    finally:
        cluster.stop()


def _fill(count: int) -> None:
    """So many open follow-ups that fell due a minute ago, at a time of their own, of some owners."""
    with access.looking_as(access.SYSTEM), unit_of_work():
        home = accounts.open_party(name="Japan", kind=PartyKind.GOVERNMENT, state_iso3="JPN")
        mission = mission_to_all(home)
        for number in range(OWNERS):
            accounts.open_account(
                actor=access.SYSTEM, email=f"owner{number}@example.org", name=f"Owner {number}", party=home,
                roles=[Role.MISSION_OFFICER], password=None, mission_id=mission,
            )  # fmt: skip
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        owners = session.execute(select(User.id, User.party_id).order_by(User.email)).all()
        rows = [
            {
                "what": f"Step {number}", "state_iso3": "LAO", "owner_id": owners[number % OWNERS][0],
                "originator_id": owners[0][1], "handling": "coordination", "opened_by": "Bench", "zone": "UTC",
                "due_on": moment.date(), "due_at_local": clock_time(moment.hour, moment.minute, moment.second),
                "due_at": moment, "remind_at": moment, "planned_since": moment - timedelta(days=1),
            }
            for number in range(count)
        ]  # fmt: skip
        session.execute(insert(FollowUp), rows)


def _plan() -> None:
    """Batch by batch, as the worker does."""
    done = planning.BATCH
    while done == planning.BATCH:
        with access.looking_as(access.SYSTEM), unit_of_work():
            done = planning.plan_due()
        db.session.remove()


def _prepared(url: str, folder: Path, port: int, count: int) -> None:
    """A new installation whose outbox holds so many reminders that are due."""
    with opened(settings_for(url, folder, smtp_url=f"smtp://{ports.LOOPBACK}:{port}")) as app, app.app_context():
        install(sample=False, say=lambda _line: None)
        _fill(count)
        _plan()


def _drain(url: str, folder: Path, port: int, start: Any, count: int, answer: Any) -> None:
    with opened(settings_for(url, folder, smtp_url=f"smtp://{ports.LOOPBACK}:{port}")) as app, app.app_context():
        with access.looking_as(access.SYSTEM):
            db.session.execute(select(OutboxMail.id).limit(1))
            db.session.rollback()
            start.wait()
            found = delivery.drain(seconds=600)
        answer.put(sum(found.values()))


def _bare(_url: str, _folder: Path, port: int, start: Any, count: int, answer: Any) -> None:
    content = b"Subject: A follow-up is due\r\nMessage-ID: <%d@example.org>\r\n\r\n" + b"Some words of it.\r\n" * 90
    with smtplib.SMTP(ports.LOOPBACK, port) as client:
        start.wait()
        for number in range(count):
            client.sendmail("demarche@example.org", f"owner{number % OWNERS}@example.org", content % number)
    answer.put(count)


def _per_second(work: Callable[..., None], url: str, folder: Path, port: int, connections: int) -> float:
    """Mails per second by so many processes, each with one connection, that begin together."""
    start, answer = SPAWN.Barrier(connections + 1), SPAWN.Queue()
    given = (url, folder, port, start, SENT // connections, answer)
    processes = [SPAWN.Process(target=work, args=given) for _ in range(connections)]
    for one in processes:
        one.start()
    start.wait()
    begun = time.perf_counter()
    sent: int = sum(answer.get(timeout=600) for _ in processes)
    seconds = time.perf_counter() - begun
    for one in processes:
        one.join()
    if sent != SENT:
        raise RuntimeError(f"{sent} of {SENT} mails went out")
    return sent / seconds


def _sending() -> None:
    rows = []
    for kind in KINDS:
        for connections in CONNECTIONS:
            found = []
            for _ in range(ROUNDS):
                with tempfile.TemporaryDirectory(prefix="demarche-bench-") as name, _taking() as port:
                    folder = Path(name)
                    folder.chmod(0o711)
                    with _database(kind, folder) as url:
                        prepare = SPAWN.Process(target=_prepared, args=(url, folder, port, SENT))
                        prepare.start()
                        prepare.join()
                        ours = _per_second(_drain, url, folder, port, connections)
                        found.append((ours, _per_second(_bare, url, folder, port, connections)))
            ours, bare = sorted(found, key=lambda one: one[0] / one[1])[ROUNDS // 2]
            rows.append([kind, connections, ours, bare, ours / bare])
            print(f"· {kind}, {connections}: {ours:.0f} of {bare:.0f} per second, {ours / bare:.2f}", flush=True)
    head = ("database", "connections", "reminders/s", "bare smtplib/s", "ratio")
    show(f"Reminders sent, {SENT} each, the middle of {ROUNDS} rounds (target: at least 0.7)", head, rows)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _filled(url: str, folder: Path, count: int) -> None:
    with opened(settings_for(url, folder)) as app, app.app_context():
        install(sample=False, say=lambda _line: None)
        _fill(count)


def _planned(url: str, folder: Path, answer: Any) -> None:
    with opened(settings_for(url, folder)) as app, app.app_context():
        with access.looking_as(access.SYSTEM):
            db.session.execute(select(FollowUp.id).limit(1))
        db.session.remove()
        before, begun = _megabytes(), time.perf_counter()
        _plan()
        seconds, most = time.perf_counter() - begun, _megabytes()
        with access.looking_as(access.SYSTEM):
            written = db.session.scalar(select(func.count()).select_from(Reminder).where(Reminder.mail_id.is_not(None)))
        answer.put((written, seconds, before, most))


def _planning() -> None:
    rows = []
    for kind in KINDS:
        for count in PLANNED:
            with tempfile.TemporaryDirectory(prefix="demarche-bench-") as name:
                folder = Path(name)
                folder.chmod(0o711)
                with _database(kind, folder) as url:
                    fill = SPAWN.Process(target=_filled, args=(url, folder, count))
                    fill.start()
                    fill.join()
                    answer = SPAWN.Queue()
                    work = SPAWN.Process(target=_planned, args=(url, folder, answer))
                    work.start()
                    written, seconds, before, most = answer.get(timeout=3600)
                    work.join()
            rows.append([kind, f"{written:,}", seconds, written / seconds, before, most])
            print(f"· {kind}, {written:,}: {seconds:.0f} s, at most {most:.0f} MB", flush=True)
    head = ("database", "follow-ups", "seconds", "per second", "MB before", "MB at most")
    show(f"Follow-ups that are due planned, {planning.BATCH} at a time", head, rows)


def run() -> None:
    """Print both tables."""
    _sending()
    _planning()
