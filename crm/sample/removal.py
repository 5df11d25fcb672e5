"""Take the sample campaign away: every row marked as sample, and no other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Mapper

from crm.accounts.models import User
from crm.audit.service import Event, record
from crm.core.access import Viewer
from crm.core.db import Base, db


@dataclass
class Report:
    """How many rows went, and which stay because real records stand on them."""

    removed: int = 0
    kept: list[str] = field(default_factory=list)


def _sample_models() -> list[Mapper[Any]]:
    """Models with a sample mark, those that point at others first."""
    by_table = {mapper.local_table: mapper for mapper in Base.registry.mappers}
    ordered = [by_table[table] for table in reversed(Base.metadata.sorted_tables) if table in by_table]
    return [mapper for mapper in ordered if hasattr(mapper.class_, "sample")]


def _leaned_on(mapper: Mapper[Any], models: list[Mapper[Any]]) -> list[ColumnElement[bool]]:
    """Conditions under which a real record stands on a sample row and would fall or fail with it."""
    found: list[ColumnElement[bool]] = []
    for other in models:
        for key in other.local_table.foreign_keys:
            if key.column.table is not mapper.local_table or key.ondelete == "SET NULL":
                continue
            pointing = other.columns.get(key.parent.key, key.parent)
            real = select(other.class_.sample).where(pointing == key.column, other.class_.sample.is_(False))
            if other is mapper:
                continue
            found.append(exists(real.correlate(mapper.local_table)))
    return found


def remove(*, actor: Viewer) -> Report:
    """Delete the sample. A party or account that real records stand on is closed instead, and reported."""
    actor.require("sample:remove")
    report, models = Report(), _sample_models()
    for mapper in models:
        going = [mapper.class_.sample.is_(True), *(~one for one in _leaned_on(mapper, models))]
        result = db.session.execute(delete(mapper.class_).where(*going).execution_options(synchronize_session=False))
        report.removed += result.rowcount  # type: ignore[attr-defined]
        left = db.session.scalar(select(func.count()).select_from(mapper.class_).where(mapper.class_.sample))
        if left:
            report.kept.append(f"{left} in {mapper.local_table}: records that are not sample stand on them")
    _close_what_stays()
    record(Event.SAMPLE_REMOVED, actor=actor, subject=("sample", "sample"), removed=report.removed)
    return report


def _close_what_stays() -> None:
    """Sample accounts that must stay can no longer sign in."""
    db.session.execute(
        update(User).where(User.sample).values(active=False, password=None).execution_options(synchronize_session=False)
    )
