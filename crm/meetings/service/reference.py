"""Load the reference data of a treaty: meetings and presidencies as the files in its folder have them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Handling
from crm.core.db import db
from crm.meetings.models import Meeting, Presidency
from crm.meetings.rules import Confidence, Gender, MeetingKind, Precision
from crm.meetings.service.common import change


def load_reference(folder: Path) -> int:
    """Bring meetings and presidencies in line with `meetings.csv` and `presidencies.csv` of a folder.

    Rows that a user recorded or corrected are left alone: a meeting by itself, the presidencies of a meeting
    as soon as one of them is a user's. Running it again changes nothing. Gives the number of rows touched;
    raises ValueError naming file and line when one cannot be read. No files mean no meetings.
    """
    touched = _load_meetings(folder / "meetings.csv") + _load_presidencies(folder / "presidencies.csv")
    if touched:
        record(
            Event.MEETINGS_LOADED,
            actor=SYSTEM,
            subject=("treaty", folder.name),
            handling=Handling.STATES,
            rows=touched,
        )
    return touched


def _load_meetings(path: Path) -> int:
    known = {one.key: one for one in db.session.scalars(select(Meeting))}
    touched = 0
    for values in _rows(path, _meeting):
        found = known.get(values["key"])
        if found is None:
            db.session.add(Meeting(**values))
            touched += 1
        elif found.confidence != Confidence.RECORDED and not found.sample:
            touched += bool(change(found, **values))
    db.session.flush()
    return touched


def _load_presidencies(path: Path) -> int:
    meetings = {one.key: one for one in db.session.scalars(select(Meeting))}
    kept: dict[Any, list[Presidency]] = {one.id: [] for one in meetings.values()}
    for one in db.session.scalars(select(Presidency).where(Presidency.sample.is_(False))):
        kept[one.meeting_id].append(one)
    wanted: dict[str, list[dict[str, Any]]] = {}
    for values in _rows(path, _presidency):
        wanted.setdefault(values.pop("meeting"), []).append(values)
    if unknown := sorted(set(wanted) - set(meetings)):
        raise ValueError(f"{path}: no such meeting: {', '.join(unknown)}")
    touched = 0
    for key, rows in wanted.items():
        meeting = meetings[key]
        if not any(one.confidence == Confidence.RECORDED for one in kept[meeting.id]):
            touched += _bring_in_line(meeting, kept[meeting.id], rows)
    db.session.flush()
    return touched


def _bring_in_line(meeting: Meeting, kept: list[Presidency], rows: list[dict[str, Any]]) -> int:
    """Make the presidencies of one meeting those of the file, each known by the day it took over."""
    before = {one.took_over_on: one for one in kept}
    touched = 0
    for values in rows:
        found = before.pop(values["took_over_on"], None)
        if found is None:
            db.session.add(Presidency(meeting_id=meeting.id, **values))
            touched += 1
        else:
            touched += bool(change(found, **values))
    for gone in before.values():
        db.session.delete(gone)
        touched += 1
    return touched


def _rows(path: Path, read: Any) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                yield read(row)
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path}, line {line}: {error}") from None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _confidence(text: str) -> str:
    found = Confidence(text)
    if found is Confidence.RECORDED:
        raise ValueError("reference data are found or memory")
    return found.value


def _meeting(row: dict[str, str]) -> dict[str, Any]:
    return {
        "key": row["key"],
        "number": int(row["number"]),
        "kind": MeetingKind(row["kind"]).value,
        "name_en": row["name_en"],
        "name_fr": row["name_fr"],
        "place": row["place"],
        "country_iso3": row["country_iso3"] or None,
        "from_on": date.fromisoformat(row["from_on"]),
        "until_on": date.fromisoformat(row["until_on"]),
        "precision": Precision(row["precision"]).value,
        "confidence": _confidence(row["confidence"]),
        "source": row["source"],
        "note": row["note"],
    }


def _presidency(row: dict[str, str]) -> dict[str, Any]:
    return {
        "meeting": row["meeting"],
        "state_iso3": row["state_iso3"],
        "person_name": row["person_name"] or None,
        "honorific": row["honorific"],
        "title_en": row["title_en"],
        "title_fr": row["title_fr"],
        "gender": Gender(row["gender"]).value,
        "took_over_on": _day(row["took_over_on"]),
        "designate_from": _day(row["designate_from"]),
        "president_from": _day(row["president_from"]),
        "president_until": _day(row["president_until"]),
        "confidence": _confidence(row["confidence"]),
        "source": row["source"],
    }
