"""Lists of acts: looked at, made true, put back exactly."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.states import queries, service
from crm.states.acts_csv import write_acts
from crm.states.events import InstrumentDeposited
from crm.states.models import ActImport, ActImportChange, TreatyAct
from crm.states.queries import register
from crm.states.rules import Status
from tests.support.statements import recorded

TODAY = date(2026, 11, 23)
IMPORTER = Viewer(user_id=uuid.uuid4(), name="Keiko Mori", permissions=frozenset({"treaty:import"}))
READER = Viewer(user_id=uuid.uuid4(), permissions=frozenset({"states:read"}), clearance=frozenset(set(Handling)))
HEADING = "iso3,act,deposited_on\n"


def preview(rows: str, *, heading: str = HEADING, complete: bool = False, actor: Viewer = IMPORTER) -> uuid.UUID:
    with looking_as(actor), unit_of_work():
        return service.preview_import(
            actor=actor,
            csv=(heading + rows).encode(),
            source_name="UN, 5 October",
            complete=complete,
            today=TODAY,
        ).id


def commit(key: uuid.UUID, actor: Viewer = IMPORTER) -> None:
    with looking_as(actor), unit_of_work():
        service.commit_import(actor=actor, import_id=key)


def undo(key: uuid.UUID, actor: Viewer = IMPORTER) -> None:
    with looking_as(actor), unit_of_work():
        service.undo_import(actor=actor, import_id=key)


def get(key: uuid.UUID) -> ActImport:
    db.session.rollback()
    return db.session.get_one(ActImport, key)


def on_file() -> list[tuple[Any, ...]]:
    """Every cell of every act, keys and all."""
    db.session.rollback()
    columns = TreatyAct.__table__.columns
    return sorted(db.session.execute(select(*(getattr(TreatyAct, one.name) for one in columns))).all(), key=repr)


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[InstrumentDeposited]:
    """What higher floors are told."""
    told: list[InstrumentDeposited] = []
    monkeypatch.setitem(app.extensions["events"], InstrumentDeposited, [told.append])
    return told


ACCESSION = "BTN,accession,2026-10-05\n"


def test_looking_changes_nothing(app: Flask) -> None:
    before, token = on_file(), queries.token("ccm")
    made = get(preview(ACCESSION + "VUT,accession,2025-09-06\n"))
    assert (made.phase, made.added, made.changed, made.removed) == ("preview", 1, 1, 0)
    assert (made.unchanged, made.missing, made.problems) == (0, 221, [])
    assert on_file() == before
    assert queries.token("ccm") == token
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY


def test_commit_makes_it_true_and_undo_puts_every_byte_back(app: Flask, heard: list[Any]) -> None:
    before = on_file()
    key = preview(ACCESSION + "VUT,accession,2025-09-06\n")
    commit(key)
    known = register()
    assert known.status("BTN", TODAY) is Status.STATE_PARTY
    assert known.standing("BTN", TODAY).in_force_on == date(2027, 4, 1)
    assert known.standing("VUT", TODAY).deposited_on == date(2025, 9, 6)
    assert known.counts(TODAY).state_party == 113
    (told,) = heard
    assert told.state_iso3 == "BTN"
    assert told.act_id == known.acts_of("BTN")[0].id
    undo(key)
    assert on_file() == before
    assert register().counts(TODAY).state_party == 112
    assert get(key).phase == "undone"


def test_a_complete_list_removes_and_undo_brings_back_the_same_rows(app: Flask, heard: list[Any]) -> None:
    before = on_file()
    acts = [one for acts in register().acts.values() for one in acts]
    kept = write_acts(one for one in acts if one.state_iso3 not in ("VUT", "LTU"))
    key = preview(kept.split("\n", 1)[1], heading=kept.split("\n", 1)[0] + "\n", complete=True)
    assert (get(key).removed, get(key).added, get(key).changed) == (4, 0, 0)
    commit(key)
    assert len(on_file()) == 218
    assert register().status("LTU", TODAY) is Status.NON_SIGNATORY
    undo(key)
    assert on_file() == before
    assert heard == []


def test_the_acts_on_file_as_a_list_change_nothing(app: Flask) -> None:
    text = write_acts(one for acts in register().acts.values() for one in acts)
    key = preview(text.split("\n", 1)[1], heading=text.split("\n", 1)[0] + "\n", complete=True)
    assert (get(key).unchanged, get(key).added, get(key).changed, get(key).removed) == (222, 0, 0, 0)
    with pytest.raises(RuleViolation, match="changes nothing"):
        commit(key)


def test_one_broken_row_and_nothing_is_imported(app: Flask) -> None:
    before = on_file()
    key = preview(ACCESSION + "ZZZ,accession,2026-10-05\nLAO,accession,2024-01-01\n")
    assert [(one["line"], one["column"]) for one in get(key).problems] == [(3, "iso3"), (4, "act")]
    with pytest.raises(RuleViolation, match="cannot be taken"):
        commit(key)
    assert on_file() == before
    assert get(key).phase == "preview"


def test_acts_that_cannot_be_true_are_broken_rows(app: Flask) -> None:
    key = preview(
        "SSD,signature,2009-01-01\nAGO,accession,2026-01-01\nBTN,withdrawal,2026-01-01\n"
        "CHL,ratification,2010-12-16\nBTN,ratification,2026-02-02\n"
    )
    found = {(one["line"], one["message"].split(";")[0].split(" (")[0]) for one in get(key).problems}
    assert found >= {
        (2, "The State is counted only from 14 July 2011."),
        (2, "A State that signed"),
        (3, "A State that signed"),
        (4, "There is no consent to be bound from which to withdraw."),
        (6, "There is no earlier signature"),
    }
    assert 5 not in {line for line, _message in found}


def test_removing_a_signature_under_a_ratification_is_refused(app: Flask) -> None:
    acts = [one for acts in register().acts.values() for one in acts]
    text = write_acts(one for one in acts if (one.state_iso3, one.kind) != ("CHL", "signature"))
    key = preview(text.split("\n", 1)[1], heading=text.split("\n", 1)[0] + "\n", complete=True)
    (problem,) = get(key).problems
    assert problem["line"] == 0
    assert problem["text"].startswith("CHL ratification")


def test_a_file_that_is_no_list_is_refused(app: Flask) -> None:
    with pytest.raises(RuleViolation) as refused:
        preview("", heading="colour\nred\n")
    assert "csv" in refused.value.errors
    assert db.session.scalars(select(ActImport)).all() == []


def test_the_depositarys_table_is_never_the_whole_register(app: Flask) -> None:
    with pytest.raises(RuleViolation) as refused:
        preview("Bhutan,,5 Oct 2026 a\n", heading="Participant,Signature,Ratification\n", complete=True)
    assert "complete" in refused.value.errors


def test_a_stale_preview_is_not_committed(app: Flask) -> None:
    first, second = preview(ACCESSION), preview("NPL,accession,2026-10-06\n")
    commit(first)
    with pytest.raises(Stale):
        commit(second)
    assert register().status("NPL", TODAY) is Status.NON_SIGNATORY


def test_twice_is_refused(app: Flask, heard: list[Any]) -> None:
    key = preview(ACCESSION)
    with pytest.raises(RuleViolation, match="Only a committed import"):
        undo(key)
    commit(key)
    with pytest.raises(RuleViolation, match="committed already"):
        commit(key)
    undo(key)
    with pytest.raises(RuleViolation, match="Only a committed import"):
        undo(key)
    with pytest.raises(RuleViolation, match="undone already"):
        commit(key)
    assert len(heard) == 1


def test_undo_is_refused_when_a_later_import_touched_the_same_act(app: Flask) -> None:
    before = on_file()
    first = preview(ACCESSION)
    commit(first)
    second = preview("BTN,accession,2026-10-07\n")
    commit(second)
    with pytest.raises(RuleViolation, match="Undo that first"):
        undo(first)
    undo(second)
    undo(first)
    assert on_file() == before


def test_undo_is_refused_when_a_later_act_rests_on_it(app: Flask) -> None:
    first = preview(ACCESSION)
    commit(first)
    second = preview("BTN,withdrawal,2026-11-01\n")
    commit(second)
    with pytest.raises(RuleViolation, match="no consent to be bound"):
        undo(first)
    undo(second)
    undo(first)


def test_other_imports_do_not_stand_in_the_way_of_undo(app: Flask) -> None:
    first = preview(ACCESSION)
    commit(first)
    second = preview("NPL,accession,2026-10-06\n")
    commit(second)
    undo(first)
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY
    assert register().status("NPL", TODAY) is Status.STATE_PARTY


def test_only_those_who_may_import_do_and_see(app: Flask) -> None:
    key = preview(ACCESSION)
    for verb in (service.commit_import, service.undo_import):
        with pytest.raises(NotAllowed):
            verb(actor=READER, import_id=key)
    with pytest.raises(NotAllowed):
        service.preview_import(actor=READER, csv=b"", source_name="x")
    with pytest.raises(NotAllowed):
        queries.imports(READER)
    db.session.rollback()
    db.session.expunge_all()
    with looking_as(READER):
        assert db.session.scalars(select(ActImport)).all() == []
        assert db.session.scalars(select(ActImportChange)).all() == []
    with looking_as(IMPORTER):
        assert [one.id for one in queries.imports(IMPORTER)] == [key]
        with pytest.raises(NotFound):
            queries.act_import(IMPORTER, uuid.uuid4())


def test_the_audit_says_who_did_it_in_the_same_transaction(app: Flask) -> None:
    key = preview(ACCESSION)
    commit(key)
    undo(key)
    db.session.rollback()
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "act_import"))
    entries = sorted(found, key=lambda one: one.at)
    assert [(one.event, one.actor_name, one.subject_id) for one in entries] == [
        ("acts_imported", "Keiko Mori", str(key)),
        ("acts_import_undone", "Keiko Mori", str(key)),
    ]
    assert entries[0].details["added"] == 1


def test_a_handler_that_fails_takes_everything_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_event: object) -> None:
        raise RuntimeError("no")

    key, before = preview(ACCESSION), on_file()
    monkeypatch.setitem(app.extensions["events"], InstrumentDeposited, [fail])
    with pytest.raises(RuntimeError):
        commit(key)
    assert on_file() == before
    assert get(key).phase == "preview"
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY


def test_handlers_see_the_new_register(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Status | None] = []
    handler = lambda told: seen.append(register().status(told.state_iso3, TODAY))  # noqa: E731
    monkeypatch.setitem(app.extensions["events"], InstrumentDeposited, [handler])
    commit(preview(ACCESSION))
    assert seen == [Status.STATE_PARTY]


def test_a_commit_costs_a_constant_number_of_statements(app: Flask) -> None:
    counts = []
    for rows in (
        "BTN,accession,2026-10-05\n",
        "NPL,accession,2026-10-05\nTON,accession,2026-10-05\nSUR,accession,2026-10-05\n",
    ):
        key = preview(rows)
        with recorded() as seen:
            commit(key)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 14
