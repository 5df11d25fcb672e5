"""Write down who holds an office, correct it, end a term, confirm that it still stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.audit.changes import set_values
from crm.audit.service import Event, record
from crm.core import clock, events
from crm.core.access import Handling, Viewer, claim_for_real
from crm.core.days import in_words, span
from crm.core.db import db, expect_version, held, savepoint
from crm.core.errors import NotFound, RuleViolation, Stale
from crm.people import queries
from crm.people.events import HolderChanged, HolderCorrected
from crm.people.models import Office, OfficeHolder
from crm.people.rules import (
    EARLIEST,
    Gender,
    OfficeKind,
    clash,
    ended_by_successor,
    is_excellency,
)
from crm.states.models import State

_SUBJECT = "office_holder"


@dataclass(frozen=True)
class _Wanted:
    """A term as asked for, before it is a record."""

    from_on: date
    until_on: date | None
    acting: bool
    sample: bool


def record_holder(
    *,
    actor: Viewer,
    state_iso3: str,
    kind: OfficeKind,
    name: str,
    gender: Gender,
    from_on: date,
    until_on: date | None = None,
    honorific: str = "",
    acting: bool = False,
    verified_on: date | None = None,
    source: str = "",
    note: str = "",
    ends_predecessor: bool = True,
    sample: bool = False,
) -> OfficeHolder:
    """Write down who holds an office from a day on.

    With `ends_predecessor` open-ended terms that began earlier end on that day. Raises NotFound for an
    unknown State, RuleViolation naming the field when two people would hold the office at once.
    """
    actor.require("people:write")
    office = _office(state_iso3, kind, sample=sample)
    wanted = _Wanted(from_on, until_on, acting, sample)
    _check_term(wanted)
    _check_person(actor, name, honorific, verified_on)
    others = list(queries.terms_in(office.id))
    leaving = ended_by_successor(wanted, others) if ends_predecessor else []
    _refuse_clash(wanted, [one for one in others if one not in leaving])
    for one in leaving:
        _end(actor, office, one, from_on)
    holder = OfficeHolder(
        office_id=office.id,
        name=name,
        honorific=honorific,
        gender=gender.value,
        from_on=from_on,
        until_on=until_on,
        acting=acting,
        verified_on=verified_on,
        source=source,
        note=note,
        sample=sample,
    )
    db.session.add(holder)
    db.session.flush()
    _audit(Event.HOLDER_RECORDED, actor, office, holder, gender=gender.value, acting=acting)
    _announce(actor, office, holder, others)
    return holder


def _announce(actor: Viewer, office: Office, holder: OfficeHolder, others: list[OfficeHolder]) -> None:
    """Say that somebody follows on somebody; the first who is ever recorded changes nothing but letters.

    Somebody real follows on somebody invented as well: the office had a holder until then, as far as anybody read.
    """
    kind = OfficeKind(office.kind)
    earlier = [one for one in others if one.from_on < holder.from_on and (one.sample or not holder.sample)]
    later = [one for one in others if one.from_on > holder.from_on and one.sample == holder.sample]
    over = holder.until_on is not None and holder.until_on <= clock.today(actor.time_zone)
    if not earlier or over or later:
        events.emit(HolderCorrected(actor, office.state_iso3, kind))
        return
    last = max(earlier, key=lambda one: one.from_on)
    left = last.name if last.sample == holder.sample else ""
    events.emit(
        HolderChanged(actor, office.state_iso3, kind, holder.from_on, left, holder.name, holder.id, holder.sample)
    )


def correct_holder(
    *,
    actor: Viewer,
    holder_id: UUID,
    version: int,
    name: str,
    gender: Gender,
    from_on: date,
    until_on: date | None = None,
    honorific: str = "",
    acting: bool = False,
    verified_on: date | None = None,
    source: str = "",
    note: str = "",
) -> OfficeHolder:
    """Set every fact of a record. Raises Stale when it is no longer at `version`."""
    actor.require("people:write")
    office, holder = _locked(holder_id, version)
    _claim(actor, office, holder)
    wanted = _Wanted(from_on, until_on, acting, holder.sample)
    _check_term(wanted)
    _check_person(actor, name, honorific, verified_on)
    _refuse_clash(wanted, [one for one in queries.terms_in(office.id) if one.id != holder.id])
    changed = set_values(
        holder,
        {
            "name": name,
            "honorific": honorific,
            "gender": gender.value,
            "from_on": from_on,
            "until_on": until_on,
            "acting": acting,
            "verified_on": verified_on,
            "source": source,
            "note": note,
        },
    )
    if changed:
        db.session.flush()
        _audit(Event.HOLDER_CORRECTED, actor, office, holder, changes=changed)
        events.emit(HolderCorrected(actor, office.state_iso3, OfficeKind(office.kind)))
    return holder


def end_term(*, actor: Viewer, holder_id: UUID, until_on: date, version: int) -> OfficeHolder:
    """Say on which day somebody left. Raises Stale, or RuleViolation when the term had ended already."""
    actor.require("people:write")
    office, holder = _locked(holder_id, version)
    if holder.until_on is not None:
        raise RuleViolation("until_on", "This term has an end already. Correct the record instead.")
    _claim(actor, office, holder)
    _end(actor, office, holder, until_on)
    db.session.flush()
    kind = OfficeKind(office.kind)
    events.emit(HolderChanged(actor, office.state_iso3, kind, until_on, holder.name, "", holder.id, holder.sample))
    return holder


def verify_holder(*, actor: Viewer, holder_id: UUID) -> OfficeHolder:
    """Say that somebody looked today and the record still stands. Twice on a day changes nothing."""
    actor.require("people:write")
    office, holder = _locked(holder_id)
    today = clock.today(actor.time_zone)
    if holder.until_on is not None and holder.until_on <= today:
        raise RuleViolation("", "This term is over; there is nothing to confirm.")
    if holder.verified_on != today:
        _claim(actor, office, holder)
        holder.verified_on = today
        db.session.flush()
        _audit(Event.HOLDER_VERIFIED, actor, office, holder, verified_on=today.isoformat())
    return holder


def set_titles(
    *,
    actor: Viewer,
    state_iso3: str,
    kind: OfficeKind,
    version: int,
    title_en_masculine: str = "",
    title_en_feminine: str = "",
    title_fr_masculine: str = "",
    title_fr_feminine: str = "",
    title_es_masculine: str = "",
    title_es_feminine: str = "",
) -> Office:
    """Set the titles of an office as the State uses them; empty ones give way to the usual titles.

    `version` is 0 for an office of which nothing is recorded yet. Raises Stale.
    """
    actor.require("people:write")
    known = queries.office_of(state_iso3, kind)
    office = _office(state_iso3, kind, sample=False)
    if version != (office.version if known else 0):
        raise Stale("the titles changed meanwhile")
    changed = set_values(
        office,
        {
            "title_en_masculine": title_en_masculine,
            "title_en_feminine": title_en_feminine,
            "title_fr_masculine": title_fr_masculine,
            "title_fr_feminine": title_fr_feminine,
            "title_es_masculine": title_es_masculine,
            "title_es_feminine": title_es_feminine,
        },
    )
    if changed:
        db.session.flush()
        record(
            Event.OFFICE_TITLED,
            actor=actor,
            subject=("office", office.id),
            handling=Handling.STATES,
            state=state_iso3,
            kind=kind.value,
            changes=changed,
        )
        events.emit(HolderCorrected(actor, state_iso3, kind))
    return office


def _office(state_iso3: str, kind: OfficeKind, *, sample: bool) -> Office:
    """The office, made when nothing about it was recorded, and locked: two writers take turns.

    An office that sample data made becomes a real one as soon as anybody writes about it.
    """
    if db.session.get(State, state_iso3) is None:
        raise NotFound("no such State")
    wanted = held(select(Office).where(Office.state_iso3 == state_iso3, Office.kind == kind.value))
    office = db.session.scalar(wanted)
    if office is None:
        try:
            with savepoint():
                office = Office(state_iso3=state_iso3, kind=kind.value, sample=sample)
                db.session.add(office)
                db.session.flush()
        except IntegrityError:
            office = db.session.scalars(wanted).one()
    if office.sample and not sample:
        office.sample = False
        db.session.flush()
    return office


def _locked(holder_id: UUID, version: int | None = None) -> tuple[Office, OfficeHolder]:
    """A holder and the office, locked. Raises NotFound, and Stale when the record is not at `version`."""
    office_id = queries.get_holder(holder_id).office_id
    office = db.session.scalars(held(select(Office).where(Office.id == office_id))).one()
    holder = db.session.scalar(
        select(OfficeHolder).where(OfficeHolder.id == holder_id).execution_options(populate_existing=True)
    )
    if holder is None:
        raise NotFound("no such office-holder")
    expect_version(holder, version)
    return office, holder


def _claim(actor: Viewer, office: Office, holder: OfficeHolder) -> None:
    claim_for_real(holder, actor)
    if not holder.sample:
        office.sample = False


def _check_person(actor: Viewer, name: str, honorific: str, verified_on: date | None) -> None:
    if not name:
        raise RuleViolation("name", "Give the name.")
    if is_excellency(honorific):
        raise RuleViolation("honorific", "Letters write “H.E.” by themselves. Leave this empty, or write Dr, Sheikh…")
    if verified_on and verified_on > clock.today(actor.time_zone):
        raise RuleViolation("verified_on", "This day has not come yet.")


def _check_term(wanted: _Wanted) -> None:
    if wanted.from_on < EARLIEST:
        raise RuleViolation("from_on", f"This day is before {EARLIEST.year}. Please check the year.")
    latest = clock.today().year + 2
    if wanted.from_on.year > latest:
        raise RuleViolation("from_on", "This day is more than two years away. Please check the year.")
    if wanted.until_on and wanted.until_on <= wanted.from_on:
        raise RuleViolation("until_on", "The term must end after its first day.")


def _refuse_clash(wanted: _Wanted, others: list[OfficeHolder]) -> None:
    met = clash(wanted, others)
    if met is None:
        return
    role, days = "acting" if met.acting else "holding this office", span(met.from_on, met.until_on)
    who = f"{met.name} is recorded as {role} {days}."
    if wanted.from_on < met.from_on:
        raise RuleViolation("until_on", f"{who} This term must end on {in_words(met.from_on)} or earlier.")
    raise RuleViolation("from_on", f"{who} Only one person holds it at a time: correct that record first.")


def _end(actor: Viewer, office: Office, holder: OfficeHolder, until_on: date) -> None:
    if until_on <= holder.from_on:
        raise RuleViolation("until_on", f"The term began on {in_words(holder.from_on)}; it must end later.")
    holder.until_on = until_on
    _audit(Event.HOLDER_TERM_ENDED, actor, office, holder)


def _audit(event: Event, actor: Viewer, office: Office, holder: OfficeHolder, **details: Any) -> None:
    """Facts about an office are public; who wrote them is for the States."""
    record(
        event,
        actor=actor,
        subject=(_SUBJECT, holder.id),
        handling=Handling.STATES,
        state=office.state_iso3,
        kind=office.kind,
        from_on=holder.from_on.isoformat(),
        until_on=holder.until_on.isoformat() if holder.until_on else None,
        **details,
    )
