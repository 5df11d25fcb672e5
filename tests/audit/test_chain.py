"""R6, S20: a change and its entry share one transaction, and the chain shows every tampering."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from crm.audit import chain
from crm.audit.models import AuditEntry, AuditHead
from crm.audit.service import Event, record
from crm.audit.vocabulary import VOCABULARY
from crm.core import clock
from crm.core.access import SYSTEM, look_as
from crm.core.db import db, savepoint, unit_of_work
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


TAMPERINGS: dict[str, Callable[[int], Any]] = {
    "another fact": lambda place: update(TABLE).where(at(place)).values(details={"label": "forged"}),
    "another name": lambda place: update(TABLE).where(at(place)).values(actor_name="Somebody else"),
    "another moment": lambda place: update(TABLE).where(at(place)).values(at=clock.now() - timedelta(days=1)),
    "another handling": lambda place: update(TABLE).where(at(place)).values(handling="public"),
    "taken out": lambda place: delete(TABLE).where(at(place)),
    "another link": lambda place: update(TABLE).where(at(place)).values(link="0" * 64),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_s20_the_first_broken_entry_is_named(before: int, what: str) -> None:
    raw(TAMPERINGS[what](before + 3))
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
