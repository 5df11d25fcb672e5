"""The reference data: who signed when, loaded again and again, never over what a user wrote."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import config
from crm.audit.models import AuditEntry
from crm.core.db import db, unit_of_work
from crm.meetings import queries, service
from crm.meetings.models import Meeting, Presidency
from crm.meetings.rules import OtherDays, Person
from tests.support.people import Person as Somebody

FOLDER = config.ROOT / "data" / "ccm"


def _load(folder: Path = FOLDER) -> int:
    with unit_of_work():
        return service.load_reference(folder)


@pytest.mark.parametrize(
    ("day", "state", "capacity", "meeting", "person"),
    [
        (date(2010, 10, 1), "LAO", "president_designate", "1MSP", "Thongloun Sisoulith"),
        (date(2010, 11, 9), "LAO", "president", "1MSP", "Thongloun Sisoulith"),
        (date(2010, 11, 12), "LAO", "president", "1MSP", "Thongloun Sisoulith"),
        (date(2010, 11, 13), "LBN", "president_designate", "2MSP", ""),
        (date(2011, 6, 1), "LBN", "president_designate", "2MSP", ""),
        (date(2011, 6, 13), "LBN", "president_designate", "2MSP", "Adnan Mansour"),
        (date(2011, 9, 16), "LBN", "president", "2MSP", "Adnan Mansour"),
        (date(2011, 9, 17), "NOR", "president_designate", "3MSP", ""),
        (date(2013, 9, 9), "ZMB", "president_designate", "4MSP", "Effron C. Lungu"),
        (date(2013, 9, 10), "ZMB", "president", "4MSP", "Wylbur Simuusa"),
        (date(2014, 9, 2), "CRI", "president", "5MSP", "Manuel González Sanz"),
        (date(2015, 6, 1), "HRV", "president_designate", "1RC", "Dijana Plestina"),
        (date(2016, 9, 7), "NLD", "president", "6MSP", "Henk Cor van der Kwast"),
        (date(2016, 9, 8), "DEU", "president", "7MSP", "Michael Biontino"),
        (date(2020, 1, 1), "CHE", "president", "2RC", "Félix Baumann"),
        (date(2021, 9, 21), "CHE", "president", "2RC", "Félix Baumann"),
        (date(2021, 9, 22), "GBR", "president", "10MSP", "Aidan Liddle"),
        (date(2024, 9, 13), "MEX", "president", "12MSP", "Francisca Elizabeth Méndez Escobar"),
        (date(2024, 9, 14), "PHL", "president", "13MSP", "Carlos D. Sorreta"),
        (date(2026, 9, 18), "LAO", "president", "3RC", ""),
        (date(2026, 9, 19), None, None, None, None),
        (date(2026, 11, 23), None, None, None, None),
    ],
)
def test_who_signed_on_a_day(
    app: Flask, day: date, state: str | None, capacity: str | None, meeting: str | None, person: str | None
) -> None:
    found = queries.signatories_on(day)
    assert (found.presidency.state_iso3 if found.presidency else None) == state
    assert found.presidency_capacity == capacity
    assert (found.meeting.key if found.meeting else None) == meeting
    assert (found.presidency.person if found.presidency else None) == person


def test_today_nobody_is_known_and_it_says_so(app: Flask) -> None:
    found = queries.signatories_on(date(2026, 11, 23))
    assert (found.coordinator, found.next_meeting, found.president) == (None, None, None)
    assert [str(one.code) for one in found.warnings] == ["no_presidency", "no_coordinator", "no_next_meeting"]


def test_every_row_names_its_source() -> None:
    for name in ("meetings.csv", "presidencies.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert row["source"], row
                assert row["confidence"] in ("found", "memory")


def test_loading_again_changes_nothing(app: Flask) -> None:
    assert len(db.session.scalars(select(Meeting)).all()) == 16
    assert len(db.session.scalars(select(Presidency)).all()) == 23
    assert _load() == 0
    audited = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "meetings_loaded")).all()
    assert len(audited) == 1


def test_a_new_release_corrects_what_nobody_touched_and_leaves_what_users_wrote(
    app: Flask, person: Callable[[str], Somebody], tmp_path: Path
) -> None:
    actor = person("secretariat").viewer
    _, second, third = (queries.meeting_by_key(key) for key in ("1MSP", "2MSP", "3MSP"))
    second_id, third_id = second.id, third.id
    with unit_of_work():
        service.correct_meeting(
            actor=actor, meeting_id=second_id, version=1,
            from_on=date(2011, 9, 12), until_on=date(2011, 9, 16), place="Beirut (ceremony on the 12th)",
            country_iso3="LBN",
        )  # fmt: skip
    with unit_of_work():
        service.record_presidency(
            actor=actor, meeting="3MSP", state_iso3="NOR", person=Person("Kari Example"),
            days=OtherDays(took_over_on=date(2012, 1, 1)),
        )  # fmt: skip
    for name in ("meetings.csv", "presidencies.csv"):
        shutil.copy(FOLDER / name, tmp_path)
    _edit(tmp_path / "meetings.csv", lambda row: {**row, "place": f"{row['place']}!"})
    _edit(
        tmp_path / "presidencies.csv",
        lambda row: {**row, "title_en": "New title"} if row["meeting"] != "13MSP" else None,
    )
    assert _load(tmp_path) > 0
    db.session.expire_all()
    assert queries.meeting_by_key("1MSP").place == "Vientiane!"
    assert queries.meeting_by_key("2MSP").place == "Beirut (ceremony on the 12th)"
    titles = {one.title_en for one in db.session.scalars(select(Presidency).where(Presidency.meeting_id == third_id))}
    assert "New title" not in titles
    assert queries.signatories_on(date(2010, 10, 1)).presidency.titles["en"] == "New title"
    assert _load(tmp_path) == 0


def _edit(path: Path, change: Callable[[dict[str, str]], dict[str, str] | None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names, rows = reader.fieldnames or [], [change(row) for row in reader]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(row for row in rows if row)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("meetings.csv", {"from_on": "2011"}),
        ("meetings.csv", {"kind": "summit"}),
        ("meetings.csv", {"confidence": "recorded"}),
        ("presidencies.csv", {"gender": "m"}),
        ("presidencies.csv", {"meeting": "99MSP"}),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_loaded(
    app: Flask, tmp_path: Path, name: str, change: dict[str, Any]
) -> None:
    for one in ("meetings.csv", "presidencies.csv"):
        shutil.copy(FOLDER / one, tmp_path)
    _edit(tmp_path / "meetings.csv", lambda row: {**row, "place": f"{row['place']}!"})
    _edit(tmp_path / name, lambda row: {**row, **change})
    with pytest.raises(ValueError, match=name):
        _load(tmp_path)
    assert queries.meeting_by_key("1MSP").place == "Vientiane"


def test_a_treaty_without_meetings_loads(app: Flask, tmp_path: Path) -> None:
    assert _load(tmp_path) == 0
