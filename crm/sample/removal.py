"""Take the sample campaign away: every row marked as sample, and no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Mapper

from crm.accounts import service as accounts
from crm.accounts.models import User
from crm.activities.models import Activity
from crm.audit.service import Event, record
from crm.core.access import Viewer
from crm.core.db import Base, db
from crm.core.visibility import Derived
from crm.sample.words import stays


@dataclass
class Report:
    """How many rows went, and in a sentence each what stays because other records stand on it."""

    removed: int = 0
    kept: list[str] = field(default_factory=list)


def sample_models() -> list[Mapper[Any]]:
    """Models with a sample mark, those that point at others first."""
    by_table = {mapper.local_table: mapper for mapper in Base.registry.mappers}
    ordered = [by_table[table] for table in reversed(Base.metadata.sorted_tables) if table in by_table]
    return [mapper for mapper in ordered if hasattr(mapper.class_, "sample")]


def _leaned_on(mapper: Mapper[Any], models: list[Mapper[Any]]) -> dict[str, ColumnElement[bool]]:
    """By table, the conditions under which a record stands on a row and would fall or fail with it.

    The sample rows that may go have gone when this is asked: whatever still points here stays. What came out of an
    activity stands on it: without its source nobody would know to whom it is closed.
    """
    found: dict[str, ColumnElement[bool]] = {}
    for other in models:
        for key in other.local_table.foreign_keys:
            if other is mapper or key.column.table is not mapper.local_table:
                continue
            if key.ondelete == "SET NULL" and not (mapper.class_ is Activity and issubclass(other.class_, Derived)):
                continue
            pointing = other.columns.get(key.parent.key, key.parent)
            one = exists(select(other.class_.id).where(pointing == key.column).correlate(mapper.local_table))
            name = other.class_.__tablename__
            found[name] = found[name] | one if name in found else one
    return found


def remove(*, actor: Viewer) -> Report:
    """Delete the sample. What other records stand on stays and is reported, an account closed."""
    actor.require("sample:remove")
    report, models = Report(), sample_models()
    for mapper in models:
        leaning = _leaned_on(mapper, models)
        going = [mapper.class_.sample.is_(True), *(~one for one in leaning.values())]
        result = db.session.execute(delete(mapper.class_).where(*going).execution_options(synchronize_session=False))
        report.removed += result.rowcount  # type: ignore[attr-defined]
        report.kept += _kept(mapper, leaning)
    db.session.expire_all()
    _close_accounts()
    record(Event.SAMPLE_REMOVED, actor=actor, subject=("sample", "sample"), removed=report.removed)
    return report


def _kept(mapper: Mapper[Any], leaning: dict[str, ColumnElement[bool]]) -> list[str]:
    """What of one model had to stay, in a sentence, and none when all of it went."""
    staying = mapper.class_.sample.is_(True)
    rows = db.session.scalars(select(mapper.class_).where(staying).order_by(mapper.class_.id)).all()
    if not rows:
        return []
    because = [
        table
        for table, one in leaning.items()
        if db.session.scalar(select(mapper.class_.id).where(staying, one).limit(1)) is not None
    ]
    return [stays(mapper.class_.__tablename__, rows, because)]


def _close_accounts() -> None:
    """Sample accounts that must stay open no door any more: no password, no session, no token."""
    for user in db.session.scalars(select(User).where(User.sample)):
        user.password = None
        accounts.shut(user)
