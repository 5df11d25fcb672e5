"""Who holds which office, on any day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from crm.core.db import db
from crm.core.errors import NotFound
from crm.people.models import Office, OfficeHolder
from crm.people.rules import LANGUAGES, Gender, OfficeKind, Titles, holder_among, resolved


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in an office, as a plain value. `titles` maps a language ("en", "fr") to the title borne.

    The term runs from `from_on` up to, and not including, `until_on` (None: still in office).
    """

    id: UUID
    office_id: UUID
    state_iso3: str
    kind: OfficeKind
    name: str
    honorific: str
    gender: Gender
    titles: Mapping[str, str]
    from_on: date
    until_on: date | None
    acting: bool
    verified_on: date | None
    source: str
    note: str
    version: int
    sample: bool


def recorded_titles(office: Office) -> dict[str, Titles]:
    """The titles recorded for an office, by language; empty where none is."""
    return {
        language: Titles(getattr(office, f"title_{language}_masculine"), getattr(office, f"title_{language}_feminine"))
        for language in LANGUAGES
    }


def _value(holder: OfficeHolder, office: Office) -> Holder:
    kind, gender = OfficeKind(office.kind), Gender(holder.gender)
    titles = {
        language: resolved(kind, language, recorded).for_gender(gender)
        for language, recorded in recorded_titles(office).items()
    }
    return Holder(
        id=holder.id,
        office_id=office.id,
        state_iso3=office.state_iso3,
        kind=kind,
        name=holder.name,
        honorific=holder.honorific,
        gender=gender,
        titles=MappingProxyType(titles),
        from_on=holder.from_on,
        until_on=holder.until_on,
        acting=holder.acting,
        verified_on=holder.verified_on,
        source=holder.source,
        note=holder.note,
        version=holder.version,
        sample=holder.sample,
    )


def _terms(kind: OfficeKind) -> Select[OfficeHolder, Office]:
    return (
        select(OfficeHolder, Office).join(Office, Office.id == OfficeHolder.office_id).where(Office.kind == kind.value)
    )


def _covering(day: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return OfficeHolder.from_on <= day, or_(OfficeHolder.until_on.is_(None), OfficeHolder.until_on > day)


def holders_on(kind: OfficeKind, on: date) -> dict[str, Holder]:
    """Who is addressed in each State on a day, by ISO code; vacant offices are left out. One statement."""
    present: dict[str, list[Holder]] = {}
    for holder, office in db.session.execute(_terms(kind).where(*_covering(on))):
        present.setdefault(office.state_iso3, []).append(_value(holder, office))
    found = {iso3: holder_among(terms, on) for iso3, terms in present.items()}
    return {iso3: holder for iso3, holder in found.items() if holder}


def holder_on(state_iso3: str, kind: OfficeKind, on: date) -> Holder | None:
    """Who is to be addressed in one State on a day: the holder, else whoever acts, else None."""
    wanted = _terms(kind).where(Office.state_iso3 == state_iso3, *_covering(on))
    return holder_among([_value(*row) for row in db.session.execute(wanted)], on)


def holders_of_state(state_iso3: str, on: date) -> list[Holder]:
    """Who is to be addressed in each office of one State on a day, in the order of the offices. One statement."""
    wanted = select(OfficeHolder, Office).join(Office, Office.id == OfficeHolder.office_id)
    rows = db.session.execute(wanted.where(Office.state_iso3 == state_iso3, *_covering(on)))
    present: dict[OfficeKind, list[Holder]] = {}
    for holder, office in rows:
        present.setdefault(OfficeKind(office.kind), []).append(_value(holder, office))
    found = (holder_among(present.get(kind, ()), on) for kind in OfficeKind)
    return [one for one in found if one]


def office_of(state_iso3: str, kind: OfficeKind) -> Office | None:
    """The record of an office, None while nothing about it was ever recorded."""
    return db.session.scalar(select(Office).where(Office.state_iso3 == state_iso3, Office.kind == kind.value))


def terms_of(state_iso3: str, kind: OfficeKind) -> list[Holder]:
    """Everybody recorded in an office, latest first."""
    wanted = _terms(kind).where(Office.state_iso3 == state_iso3)
    rows = db.session.execute(wanted.order_by(OfficeHolder.from_on.desc(), OfficeHolder.acting, OfficeHolder.id))
    return [_value(*row) for row in rows]


def get_holder(holder_id: UUID) -> OfficeHolder:
    """One record of a holder; raises NotFound."""
    found = db.session.get(OfficeHolder, holder_id)
    if found is None:
        raise NotFound("no such office-holder")
    return found


def holder_value(holder_id: UUID) -> Holder:
    """The same as a plain value; raises NotFound."""
    row = db.session.execute(
        select(OfficeHolder, Office)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(OfficeHolder.id == holder_id)
    ).one_or_none()
    if row is None:
        raise NotFound("no such office-holder")
    return _value(*row)


def holder_values(holder_ids: Sequence[UUID]) -> list[Holder]:
    """Several records as plain values, in one statement; none for nobody."""
    if not holder_ids:
        return []
    rows = db.session.execute(
        select(OfficeHolder, Office)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(OfficeHolder.id.in_(list(holder_ids)))
    )
    return [_value(*row) for row in rows]


def terms_in(office_id: UUID) -> Sequence[OfficeHolder]:
    """The records of an office, earliest first."""
    return db.session.scalars(
        select(OfficeHolder).where(OfficeHolder.office_id == office_id).order_by(OfficeHolder.from_on, OfficeHolder.id)
    ).all()


def no_titles() -> dict[str, Titles]:
    """What is recorded of an office about which nothing is recorded."""
    return {language: Titles() for language in LANGUAGES}
