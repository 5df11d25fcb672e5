"""R6, S20: a change and its entry share one transaction, and the chain shows every tampering."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import JSON, Integer, String, Uuid, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from crm.audit import chain
from crm.audit.models import AuditEntry, AuditHead
from crm.audit.service import Event, record
from crm.audit.vocabulary import VOCABULARY
from crm.core import clock
from crm.core.access import SYSTEM, look_as
from crm.core.db import UTCDateTime, db, savepoint, unit_of_work
from crm.core.heartbeat import Heartbeat
from tests.support.wall import as_owner


def write(count: int = 1, label: str = "x") -> None:
    for number in range(count):
        with unit_of_work():
            record(Event.TOKEN_ISSUED, actor=SYSTEM, subject=("api_token", f"{label}{number}"), label=label)


def raw(statement: Any) -> None:
    """Change the table as somebody with the database would, past everything."""
    with as_owner() as connection:
        connection.execute(statement)
    db.session.expire_all()
    db.session.rollback()
    look_as(SYSTEM)


def at(place: int) -> Any:
    return AuditEntry.__table__.c.place == place


TABLE = AuditEntry.__table__


@pytest.fixture
def before(app: Flask) -> int:
    """How many entries the installation itself wrote; five more follow them."""
    known = chain.head()[0]
    write(5)
    return known


def test_entries_follow_one_another(before: int) -> None:
    found = chain.verify()
    assert found.fault is None
    assert (found.entries, found.link) == chain.head() == (before + 5, found.link)


OTHER: dict[type[Any], Any] = {
    Uuid: UUID(int=7),
    UTCDateTime: datetime(2020, 1, 1, tzinfo=UTC),
    String: "0" * 64,
    JSON: {"label": "forged"},
    Integer: 1_000_000,
}
"""By kind of column, a value that no entry of the test holds."""


@pytest.mark.parametrize("column", [one.key for one in TABLE.c])
def test_s20_whatever_is_changed_the_entry_is_named(before: int, column: str) -> None:
    raw(update(TABLE).where(at(before + 3)).values({column: OTHER[type(TABLE.c[column].type)]}))
    found = chain.verify()
    assert found.fault and f"ntry {before + 3}" in found.fault
    assert found.entries == before + 2


def test_s20_an_entry_taken_out_is_named(before: int) -> None:
    raw(delete(TABLE).where(at(before + 3)))
    found = chain.verify()
    assert found.fault and f"ntry {before + 3}" in found.fault
    assert found.entries == before + 2


def test_s20_a_consistent_forgery_ends_at_the_head(before: int) -> None:
    """Whoever can rewrite an entry with its commitment and link still meets the entry after it."""
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.place == before + 3)).one()
    earlier = db.session.scalars(select(AuditEntry.link).where(AuditEntry.place == before + 2)).one()
    entry.details = {"label": "forged"}
    commitment = chain.commitment_of(entry)
    link = chain.link_of(earlier, before + 3, commitment)
    db.session.rollback()
    raw(update(TABLE).where(at(before + 3)).values(details={"label": "forged"}, commitment=commitment, link=link))
    found = chain.verify()
    assert found.fault and f"Entry {before + 4} " in found.fault


def test_s20_cutting_off_the_end_shows(before: int) -> None:
    raw(delete(TABLE).where(at(before + 5)))
    found = chain.verify()
    assert found.fault == f"The chain ends at entry {before + 4}, but entry {before + 5} had been written."


def test_s20_an_entry_slipped_in_shows(before: int) -> None:
    row = {
        "event": "token_issued", "actor_name": "", "subject_kind": "api_token", "subject_id": "1",
        "handling": "public", "details": {}, "salt": "", "commitment": "", "link": "",
    }  # fmt: skip
    raw(insert(TABLE).values(id=uuid4(), at=clock.now(), **row))
    for _ in range(2):
        found = chain.verify()
        assert found.fault and "outside of the chain" in found.fault
        write()


FORGED: dict[str, Any] = {
    "event": "handling_changed", "actor_name": "Forged Person", "subject_kind": "activity", "subject_id": "1",
    "handling": "public", "details": {"before": "originator", "after": "public"}, "salt": "", "commitment": "",
    "link": "",
}  # fmt: skip


def forge(place: int) -> UUID:
    """A row with a place that no unit of work gave it; its key."""
    key = uuid4()
    raw(insert(TABLE).values(id=key, at=clock.now(), place=place, **FORGED))
    return key


@pytest.mark.parametrize("place", [0, -5])
def test_s20_a_place_before_the_first_is_refused_and_found(before: int, database: str, place: int) -> None:
    with pytest.raises(IntegrityError):
        forge(place)
    if database == "postgresql":
        raw(text("ALTER TABLE audit_entry DROP CONSTRAINT ck_audit_entry_place_counts_from_one"))
    else:
        db.session.execute(text("PRAGMA ignore_check_constraints = ON"))
        db.session.rollback()
    key = forge(place)
    assert chain.verify().fault == f"Entry {key} stands outside of the chain."


@pytest.mark.parametrize("ahead", [1, 2, 1_000_000])
def test_s20_a_place_after_the_last_is_found_and_stops_nobody(before: int, ahead: int) -> None:
    end = before + 5
    key = forge(end + ahead)
    assert chain.verify().fault == f"Entry {key} stands outside of the chain."
    write(3)
    found = chain.verify()
    assert found.fault
    if ahead == 1_000_000:
        assert (found.fault, found.entries) == (f"Entry {key} stands outside of the chain.", end + 3)
    else:
        assert f"ntry {end + ahead}" in found.fault and found.entries == end + ahead - 1


def test_a_walk_keeps_what_its_caller_has_begun(before: int) -> None:
    one = db.session.scalars(select(Heartbeat)).first() or Heartbeat(name="begun", at=clock.now(), note="")
    db.session.add(one)
    entry = db.session.scalars(select(AuditEntry).limit(1)).one()
    assert chain.verify().fault is None
    assert one in db.session and entry in db.session
    db.session.rollback()


def test_r6_a_rollback_takes_the_entry_along(before: int) -> None:
    def break_off() -> None:
        with unit_of_work():
            record(Event.TOKEN_ISSUED, actor=SYSTEM, subject=("api_token", "1"), label="never")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with unit_of_work():
        record(Event.TOKEN_ISSUED, actor=SYSTEM, subject=("api_token", "2"), label="kept")
        try:
            with savepoint():
                record(Event.TOKEN_ISSUED, actor=SYSTEM, subject=("api_token", "3"), label="never")
                raise ValueError
        except ValueError:
            pass
    look_as(SYSTEM)
    found = chain.verify()
    assert (found.fault, found.entries) == (None, before + 6)
    assert not db.session.scalar(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.subject_id.in_(["1", "3"]))
    )


def test_writers_at_once_take_turns(app: Flask) -> None:
    known = chain.head()[0]
    db.session.remove()

    def work(label: str) -> None:
        with app.app_context():
            look_as(SYSTEM)
            write(10, label)
            db.session.remove()

    threads = [threading.Thread(target=work, args=(label,)) for label in "abcd"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    look_as(SYSTEM)
    found = chain.verify()
    assert (found.fault, found.entries) == (None, known + 40)


def forget_the_chain() -> None:
    """The database as it was before there was a chain, or as a forger leaves it who begins anew."""
    raw(update(TABLE).values(place=None, salt="", commitment="", link=""))
    raw(update(AuditHead.__table__).values(place=0, link=chain.FIRST_LINK))


def test_what_was_written_before_the_chain_takes_its_place_once(before: int) -> None:
    forget_the_chain()
    with unit_of_work():
        assert chain.seal_what_was_before() == before + 5
    write()
    with unit_of_work():
        assert chain.seal_what_was_before() == 0
    found = chain.verify()
    assert (found.fault, found.entries) == (None, before + 6)


def test_the_command_says_so_and_fails_when_broken(app: Flask, before: int) -> None:
    runner = app.test_cli_runner()
    well = runner.invoke(args=["audit", "verify"])
    assert well.exit_code == 0 and f"{before + 5} entries" in well.output
    raw(update(TABLE).where(at(before + 1)).values(actor_name="Somebody else"))
    broken = runner.invoke(args=["audit", "verify"])
    assert broken.exit_code == 1 and f"Entry {before + 1} " in broken.output


def test_the_vocabulary_is_closed(app: Flask) -> None:
    assert set(VOCABULARY) == set(Event)
    for facts in ({}, {"label": "a", "more": "b"}, {"label": 3}):
        with pytest.raises(ValueError, match="token_issued"), unit_of_work():
            record(Event.TOKEN_ISSUED, actor=SYSTEM, subject=("api_token", "1"), **facts)


def test_a_chain_written_anew_does_not_pass_the_mark_of_a_day(app: Flask, before: int) -> None:
    place, link = chain.head()
    runner = app.test_cli_runner()
    write()
    assert runner.invoke(args=["audit", "verify", "--mark", f"{place}:{link}"]).exit_code == 0
    raw(update(TABLE).where(at(before + 1)).values(actor_name="Somebody else"))
    forget_the_chain()
    with unit_of_work():
        chain.seal_what_was_before()
    assert chain.verify().fault is None, "a forger with the whole database can write a chain that holds"
    forged = runner.invoke(args=["audit", "verify", "--mark", f"{place}:{link}"])
    assert forged.exit_code == 1 and "written anew" in forged.output
    for nonsense in ("nonsense", f"{place}:{link[:-1]}", f"x:{link}", link):
        refused = runner.invoke(args=["audit", "verify", "--mark", nonsense])
        assert refused.exit_code == 2 and "This is not a mark" in refused.output
