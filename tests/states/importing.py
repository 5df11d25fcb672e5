"""Lists that somebody imports, looked at, taken over and taken back."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import select

from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.states import service
from crm.states.models import ActImport, TreatyAct

TODAY = date(2026, 11, 23)
IMPORTER = Viewer(user_id=uuid.uuid4(), name="Keiko Mori", permissions=frozenset({"treaty:import"}))
READER = Viewer(user_id=uuid.uuid4(), permissions=frozenset({"states:read"}), clearance=frozenset(set(Handling)))
HEADING = "iso3,act,deposited_on\n"
ACCESSION = "BTN,accession,2026-10-05\n"


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
