"""Floor 8: which States a record is about, asked of its table by its key, each State with the record's attribution
(NULL for what has none).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, null, or_, select, union_all

from crm.activities.models import Activity, ActivityObstacle, ActivityState
from crm.activities.queries import concerns_of_activity
from crm.capture.models import WaitingFile, WaitingMail
from crm.drafts.models import Draft
from crm.followups.models import FollowUp
from crm.imports.models import SpreadsheetImport, SpreadsheetRow
from crm.instructions.models import InstructionMaterial, InstructionTask
from crm.lists.models import SavedView
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.pins.models import TimelinePin
from crm.positions.models import ObstacleClaim
from crm.sharing.models import HandlingRequest
from crm.states.models import State

Asks = Callable[[UUID], Select[Any]]


def about(model: Any) -> Asks:
    """Asks a record about one State for it, or about none."""
    return lambda key: select(model.state_iso3, null()).where(model.id == key, model.state_iso3.is_not(None))


def about_derived(model: Any, source: Any) -> Asks:
    """Asks for the State of what may have come out of an activity, and for those of the activity."""

    def asked(key: UUID) -> Select[Any]:
        behind = select(source).where(model.id == key).scalar_subquery()
        return _both(select(model.state_iso3, null()).where(model.id == key), _states_of(behind))

    return asked


about_follow_up = about_derived(FollowUp, FollowUp.activity_id)
about_person = about_derived(Interlocutor, Interlocutor.source_id)
about_post = about_derived(Post, Post.source_id)


def about_stance(key: UUID) -> Select[Any]:
    """Asks what is thought of somebody, and their record."""
    person: Any = select(StanceClaim.person_id).where(StanceClaim.id == key).scalar_subquery()
    return _both(about_derived(StanceClaim, StanceClaim.source_id)(key), about_person(person))


def about_claim(key: UUID) -> Select[Any]:
    """Asks an obstacle for its State, and for those of each activity in which it came up."""
    behind = _states().join(ActivityObstacle, ActivityObstacle.activity_id == ActivityState.activity_id)
    own: Any = select(ObstacleClaim.state_iso3, null()).where(ObstacleClaim.id == key)
    return _both(own, behind.where(ActivityObstacle.claim_id == key))


def about_record(model: Any, record: Any) -> Asks:
    """Asks the record that something is about."""

    def asked(key: UUID) -> Select[Any]:
        named: Any = select(record).where(model.id == key).scalar_subquery()
        return _both(*(one(named) for one in (concerns_of_activity, about_follow_up, about_person, about_post)))

    return asked


about_request = about_record(HandlingRequest, HandlingRequest.subject_id)
about_draft = about_record(Draft, Draft.record_id)
about_view = about(SavedView)


def about_pin(key: UUID) -> Select[Any]:
    """Asks for the State on whose timeline a pin stands, and for those of the activity behind its record."""
    pinned = select(func.coalesce(TimelinePin.activity_id, FollowUp.activity_id)).where(TimelinePin.id == key)
    behind = pinned.outerjoin(FollowUp, FollowUp.id == TimelinePin.follow_up_id).scalar_subquery()
    pins: Any = select(TimelinePin.state_iso3, null())
    return _both(pins.where(TimelinePin.id == key), _states_of(behind))


def about_round(key: UUID) -> Select[Any]:
    """Asks for each State that a talk of a round was with."""
    return _states().join(Activity, Activity.id == ActivityState.activity_id).where(Activity.round_id == key)


def about_instruction(key: Any) -> Select[Any]:
    """Asks for the State of each task of an instruction."""
    tasks: Any = select(InstructionTask.state_iso3, null())
    found: Select[Any] = tasks.where(InstructionTask.instruction_id == key)
    return found


def about_material(key: UUID) -> Select[Any]:
    """Asks the same of the instruction that a file goes with."""
    whole = select(InstructionMaterial.instruction_id).where(InstructionMaterial.id == key)
    return about_instruction(whole.scalar_subquery())


def about_import(key: UUID) -> Select[Any]:
    """Asks for each State of the records that a spreadsheet became, those that were taken back among them."""
    became = SpreadsheetRow.activity_id == ActivityState.activity_id
    there = _states().join(SpreadsheetRow, became).where(SpreadsheetRow.import_id == key).distinct()
    state: Any = State
    taken_back = select(state.iso3, null()).join(SpreadsheetImport, SpreadsheetImport.states.contains(state.iso3))
    return _both(there, taken_back.where(SpreadsheetImport.id == key))


def about_mail(key: UUID) -> Select[Any]:
    """Asks a mail of the waiting room for the States that it seems to be about, and for those of its entry."""
    return _states_of_mail().where(WaitingMail.id == key)


def about_file(key: UUID) -> Select[Any]:
    """The same for one of its files."""
    part = WaitingFile.mail_id == WaitingMail.id
    return _states_of_mail().join(WaitingFile, part).where(WaitingFile.id == key)


def _states_of_mail() -> Select[Any]:
    state: Any = State
    of_entry = exists().where(
        ActivityState.activity_id == WaitingMail.activity_id, ActivityState.state_iso3 == state.iso3
    )
    return select(state.iso3, null()).join(WaitingMail, or_(WaitingMail.states.contains(state.iso3), of_entry))


def _states() -> Select[Any]:
    parts: Any = ActivityState
    return select(parts.state_iso3, null())


def _states_of(activity: Any) -> Select[Any]:
    return _states().where(ActivityState.activity_id == activity)


def _both(*asked: Select[Any]) -> Select[Any]:
    return select(union_all(*asked).subquery())
