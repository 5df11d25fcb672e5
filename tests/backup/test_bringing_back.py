"""A backup of a real database is taken, life goes on, and it is brought back: whole, and without a second mail."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from flask import Flask
from pyrage import x25519
from sqlalchemy import select, text

from crm.accounts import service as accounts
from crm.accounts.models import User, UserSession
from crm.activities.models import Activity
from crm.audit import chain
from crm.audit.models import AuditEntry
from crm.backup.planning import PLANNERS
from crm.calendar import service as calendar
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.jobs import Job
from crm.mail import deciding, pausing, service
from crm.mail.models import OutboxMail
from tests.followups.opening import opened
from tests.mail.posting import drain, post, row
from tests.mail.relays import Relay
from tests.support.people import Person
from tests.support.records import logged
from tests.support.wall import as_owner

SECRET = "correct horse battery staple"
CANARY = "A moratorium was spoken of in confidence"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a passphrase."""
    kept = tmp_path / "passphrase"
    kept.write_text(SECRET + "\n")
    return kept


def _run(app: Flask, *words: Any) -> Result:
    """A command as the operator types it, with nothing of the installation running."""
    db.session.remove()
    db.engine.dispose()
    found = app.test_cli_runner().invoke(args=[str(one) for one in words])
    db.session.remove()
    return found


def _backup(app: Flask, path: Path, secret: Path) -> None:
    done = _run(app, "backup", path, "--passphrase-file", secret)
    assert done.exit_code == 0, done.output


def _rows(app: Flask) -> dict[str, list[str]]:
    """Every row of every table, however it is read."""
    with as_owner() as connection:
        names = [one for one in db.metadata.tables if one != "search_word"]
        return {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')).all())) for name in names}


def _entries(event: str) -> list[AuditEntry]:
    with looking_as(SYSTEM):
        return list(db.session.scalars(select(AuditEntry).where(AuditEntry.event == event)))


def test_everything_comes_back_and_what_came_after_does_not(
    app: Flask, person: Callable[[str], Person], tmp_path: Path, secret: Path
) -> None:
    actor = person("coordinator").viewer
    logged(actor, reply=CANARY)
    before = _rows(app)
    _backup(app, tmp_path / "saved", secret)
    later_one = logged(actor, reply="Written after the backup")
    done = _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret, "--replace")
    assert done.exit_code == 0, done.output
    assert "The audit holds" in done.output
    after = _rows(app)
    changed = {name for name in before if before[name] != after[name]}
    own = {"audit_entry", "audit_head", "mail_pause", "outbox_mail", "heartbeat"}
    assert changed <= own | {"user_session", "user_account"}, changed
    assert set(before["audit_entry"]) < set(after["audit_entry"])
    with looking_as(SYSTEM):
        assert db.session.get(Activity, later_one) is None
        assert not chain.verify().fault
    assert len(_entries("backup_restored")) == 1 and _entries("backup_taken") == []


def test_nothing_is_sent_twice_after_an_old_backup_is_brought_back(
    app: Flask,
    relay: Relay,
    person: Callable[[str], Person],
    tmp_path: Path,
    secret: Path,
    later: Callable[[float], None],
) -> None:
    """Mails that waited in it and reminders that fell due since went out; neither goes out again by itself."""
    waited = post("waited")
    with looking_as(SYSTEM), unit_of_work():
        future = service.post(
            key="future", to="o@example.org", subject="x", text="x", not_before=clock.now().replace(year=2027)
        )
    opened(person("coordinator").viewer, what="Send the note")
    _backup(app, tmp_path / "saved", secret)
    later(60 * 24 * 3600)
    _plan()
    sent = drain()["sent"]
    assert sent >= 2, "the waiting mail and the reminder of the follow-up"
    again = {one.message["To"] for one in relay.taken}
    relay.taken.clear()
    done = _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret, "--replace")
    assert done.exit_code == 0, done.output
    _plan()
    assert drain() == {} and relay.taken == []
    with looking_as(SYSTEM), unit_of_work():
        paused = pausing.current()
        assert paused and paused.restored
        pausing.resume(actor=SYSTEM)
    _plan()
    assert drain() == {} and relay.taken == [], "confirmed: still nothing of what may have gone out"
    with looking_as(SYSTEM):
        unclear = db.session.scalars(select(OutboxMail).where(OutboxMail.state == "ambiguous")).all()
        assert {one.recipient for one in unclear} == again and len(unclear) == sent
    assert row(waited).state == "ambiguous" and row(future).state == "waiting"
    with looking_as(SYSTEM), unit_of_work():
        deciding.retry(actor=SYSTEM, mail_id=waited)
    assert drain() == {"sent": 1}


def _plan() -> None:
    """As the worker does."""
    with looking_as(SYSTEM):
        for planner in PLANNERS.values():
            more = True
            while more:
                with unit_of_work():
                    more = planner()


def test_every_planner_is_asked() -> None:
    besides = {Job.ADVANCE_PLANS, Job.BREAK_SILENCE, Job.SEND_AUDIT_MARK, Job.TELL_OF_STUCK_MAIL}
    assert {one for one in Job if ".plan" in one.value} | besides == set(PLANNERS)


def test_sessions_do_not_come_back(app: Flask, signed_in: Callable[[str], Any], tmp_path: Path, secret: Path) -> None:
    browser = signed_in("officer")
    _backup(app, tmp_path / "saved", secret)
    assert browser.get("/account").status_code == 200
    assert _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret, "--replace").exit_code == 0
    assert browser.get("/account").status_code == 303
    with looking_as(SYSTEM):
        assert db.session.scalar(select(UserSession.id).where(UserSession.ended_at.is_(None)).limit(1)) is None


def test_no_key_comes_back_that_had_ended(
    app: Flask, person: Callable[[str], Person], tmp_path: Path, secret: Path
) -> None:
    officer, anybody = person("officer").viewer, app.test_client()
    with looking_as(officer), unit_of_work():
        _, token = accounts.issue_token(actor=officer, label="program")
        _, feed = calendar.make_feed(actor=officer, label="phone")

    def answers() -> tuple[int, int]:
        asked = anybody.get("/api/v1/followups", headers={"Authorization": f"Bearer {token}"})
        return asked.status_code, anybody.get(f"/calendar/{feed}.ics").status_code

    assert answers() == (200, 200)
    _backup(app, tmp_path / "saved", secret)
    with looking_as(SYSTEM), unit_of_work() as session:
        accounts.end_keys(session.get_one(User, officer.user_id))
    assert answers() == (401, 404)
    assert _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret, "--replace").exit_code == 0
    assert answers() == (401, 404)


def test_a_full_database_is_not_replaced_unless_somebody_says_so(app: Flask, tmp_path: Path, secret: Path) -> None:
    _backup(app, tmp_path / "saved", secret)
    before = _rows(app)
    refused = _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret)
    assert refused.exit_code == 1 and "--replace" in refused.output
    assert _rows(app) == before


def test_while_something_runs_nothing_is_brought_back(
    app: Flask, database: str, database_url: str, tmp_path: Path, secret: Path
) -> None:
    _backup(app, tmp_path / "saved", secret)
    db.engine.dispose()
    if database == "postgresql":
        other: Any = psycopg.connect(database_url.replace("+psycopg", ""))
    else:
        import sqlite3

        other = sqlite3.connect(database_url.removeprefix("sqlite:///"))
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("SELECT count(*) FROM party").fetchone()
    refused = _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret, "--replace")
    other.close()
    assert refused.exit_code == 1 and "Stop web servers" in refused.output


def test_the_file_is_sealed_private_and_not_overwritten(
    app: Flask, person: Callable[[str], Person], tmp_path: Path, secret: Path
) -> None:
    logged(person("coordinator").viewer, reply=CANARY)
    path = tmp_path / "saved"
    _backup(app, path, secret)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CANARY.encode() not in path.read_bytes() and b"SQLite format" not in path.read_bytes()
    assert {one.name for one in tmp_path.iterdir() if "saved" in one.name} == {"saved"}, "nothing is left beside it"
    again = _run(app, "backup", path, "--passphrase-file", secret)
    assert again.exit_code == 1 and "there already" in again.output
    assert len(_entries("backup_taken")) == 1


def test_a_file_that_is_changed_cut_off_or_of_another_is_refused_before_anything_is_touched(
    app: Flask, tmp_path: Path, secret: Path
) -> None:
    path, bad = tmp_path / "saved", tmp_path / "bad"
    _backup(app, path, secret)
    whole, before = path.read_bytes(), _rows(app)
    wrong = tmp_path / "wrong"
    wrong.write_text("another passphrase\n")
    middle = len(whole) // 2
    for content, key in (
        (whole[:-1], secret),
        (whole[:middle], secret),
        (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], secret),
        (whole + b"x", secret),
        (b"nothing of the kind\n" * 100, secret),
        (b"", secret),
        (whole, wrong),
    ):
        bad.write_bytes(content)
        for more in (("--replace",), ("--check",)):
            refused = _run(app, "restore", bad, "--passphrase-file", key, *more)
            assert refused.exit_code == 1 and "Error: " in refused.output, refused.output
    assert _rows(app) == before
    assert _run(app, "restore", path, "--passphrase-file", secret, "--check").exit_code == 0


def test_a_public_key_needs_no_secret_on_the_machine(app: Flask, tmp_path: Path, secret: Path) -> None:
    own = x25519.Identity.generate()
    kept = tmp_path / "identity.txt"
    kept.write_text(f"# public key: {own.to_public()}\n{own}\n")
    assert _run(app, "backup", tmp_path / "saved", "--to", own.to_public()).exit_code == 0
    assert _run(app, "restore", tmp_path / "saved", "--identity", kept, "--check").exit_code == 0
    assert _run(app, "restore", tmp_path / "saved", "--passphrase-file", secret, "--check").exit_code == 1
    assert _run(app, "backup", tmp_path / "other", "--to", "age1nonsense").exit_code == 2


def test_a_backup_of_a_later_version_is_refused_and_one_of_an_earlier_is_brought_up_to_date(
    app: Flask, tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.backup.service._revision", lambda: "9999")
    _backup(app, tmp_path / "later", secret)
    refused = _run(app, "restore", tmp_path / "later", "--passphrase-file", secret, "--replace")
    assert refused.exit_code == 1 and "later version" in refused.output
