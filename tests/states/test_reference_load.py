"""Loading the reference data: complete, safe to run again, and never against what people imported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.core.access import SYSTEM
from crm.core.db import db, unit_of_work
from crm.states import queries, service
from crm.states.models import ActImport, State, StateName, TreatyAct
from crm.states.queries import register
from crm.states.rules import Status
from tests.states.conftest import DATA
from tests.support.statements import recorded

TODAY = date(2026, 11, 23)


def load(folder: Path) -> bool:
    with unit_of_work():
        return service.load_reference(folder, "ccm")


def counts() -> tuple[int, ...]:
    db.session.rollback()
    tables = (State, StateName, TreatyAct)
    return tuple(db.session.scalars(select(func.count()).select_from(one)).one() for one in tables)


def add_act(folder: Path, line: str) -> None:
    with (folder / "ccm" / "treaty_actions.csv").open("a", encoding="utf-8") as target:
        target.write(line + "\n")


def test_the_second_time_reads_one_row(app: Flask) -> None:
    before, token = counts(), queries.token("ccm")
    with recorded() as seen:
        assert load(DATA) is False
    assert len(seen) == 1
    assert counts() == before
    assert queries.token("ccm") == token


def test_a_new_state_of_the_files_is_read(app: Flask, own_data: Path) -> None:
    names = own_data / "ccm" / "names.csv"
    names.write_text(names.read_text(encoding="utf-8") + "BTN,alias,en,Druk Yul,,,memory,\n", encoding="utf-8")
    before = counts()
    assert load(own_data) is True
    assert register().find("druk yul") == "BTN"
    assert counts() == (before[0], before[1] + 1, before[2])
    assert load(own_data) is False


def test_new_acts_of_the_files_become_an_import_that_can_be_undone(app: Flask, own_data: Path) -> None:
    add_act(own_data, "BTN,accession,2026-10-05,2027-04-01,,found,press")
    load(own_data)
    assert register().status("BTN", TODAY) is Status.STATE_PARTY
    (made,) = db.session.scalars(select(ActImport))
    assert (made.layout, made.phase, made.added, made.changed) == ("reference", "committed", 1, 0)
    with unit_of_work():
        service.undo_import(actor=SYSTEM, import_id=made.id)
    assert register().status("BTN", TODAY) is Status.NON_SIGNATORY


def test_the_files_do_not_overrule_an_import(app: Flask, own_data: Path) -> None:
    with unit_of_work():
        made = service.preview_import(
            actor=SYSTEM,
            csv=b"iso3,act,deposited_on\nVUT,accession,2025-09-08\n",
            source_name="UN, corrected",
        )
        service.commit_import(actor=SYSTEM, import_id=made.id)
    add_act(own_data, "BTN,accession,2026-10-05,,,found,press")
    load(own_data)
    assert [one.deposited_on for one in register().acts_of("VUT")] == [date(2025, 9, 8)]
    assert register().standing("BTN", TODAY).in_force_on == date(2027, 4, 1)


def test_a_wrong_file_changes_nothing(app: Flask, own_data: Path) -> None:
    before, token = counts(), queries.token("ccm")
    add_act(own_data, "BTN,accession,2026-13-05,,,found,press")
    with pytest.raises(ValueError, match=r"treaty_actions\.csv, line 224"):
        load(own_data)
    assert counts() == before
    assert queries.token("ccm") == token


def test_a_missing_file_is_named(app: Flask, own_data: Path) -> None:
    (own_data / "ccm" / "names.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"names\.csv"):
        load(own_data)
