"""One transaction, jobs after it, nothing half done."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.accounts.models import Party
from crm.core import access, jobs
from crm.core.db import db, savepoint, unit_of_work
from crm.core.jobs import Job


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[jobs.Wanted]:
    """What the units of work of this test hand to the broker."""
    found: list[jobs.Wanted] = []
    monkeypatch.setattr(jobs, "dispatch", lambda wanted: found.extend(wanted))
    return found


def _parties() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Party)) or 0


def _add(name: str) -> None:
    db.session.add(Party(name=name, kind="government"))
    db.session.flush()


def test_it_commits_and_then_sends_the_jobs(app: Flask, sent: list[jobs.Wanted]) -> None:
    with unit_of_work():
        _add("Norway")
        jobs.enqueue(Job.DRAIN_OUTBOX)
        jobs.enqueue(Job.DRAIN_OUTBOX)
        assert sent == []
    assert _parties() == 1
    assert sent == [jobs.Wanted(Job.DRAIN_OUTBOX, ())]


def test_an_error_undoes_everything_and_forgets_the_jobs(app: Flask, sent: list[jobs.Wanted]) -> None:
    def fail() -> None:
        with unit_of_work():
            _add("Norway")
            jobs.enqueue(Job.DRAIN_OUTBOX)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert _parties() == 0 and sent == []
    with unit_of_work():
        _add("Japan")
    assert sent == []


def test_a_savepoint_fails_alone(app: Flask) -> None:
    def fail() -> None:
        with savepoint():
            _add("Japan")
            raise ZeroDivisionError

    with unit_of_work():
        _add("Norway")
        with pytest.raises(ZeroDivisionError):
            fail()
    assert _parties() == 1


def test_units_do_not_nest(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="do not nest"), unit_of_work(), unit_of_work():
        pass


def test_jobs_need_a_unit(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside a unit"):
        jobs.enqueue(Job.DRAIN_OUTBOX)


def test_a_silent_broker_fails_nothing(app: Flask) -> None:
    with unit_of_work():
        _add("Norway")
        jobs.enqueue(Job.DRAIN_OUTBOX)
    assert _parties() == 1


def test_two_writers_wait_for_each_other(app: Flask) -> None:
    """A unit that has read may write although another wrote in between: it began as a writer."""
    problems: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(15):
                with app.app_context(), access.looking_as(access.SYSTEM):
                    db.session.scalar(select(func.count()).select_from(Party))
                    with unit_of_work():
                        db.session.scalar(select(func.count()).select_from(Party))
                        _add(f"{name} {number}")
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    assert _parties() == 30
