"""A draft of a form about a record outlives the record: its words stay with their writer, without it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities.events import ActivitiesWithdrawn
from crm.capture.events import WaitingMailsForgotten
from crm.core import ceiling
from crm.core.access import SYSTEM, Handling, Viewer, claim_for_real, looking_as
from crm.core.db import db, held, locked
from crm.core.errors import NotFound, RuleViolation
from crm.core.visibility import Attribution
from crm.drafts import about, fields, rules
from crm.drafts.models import ABOUT, Draft
from crm.drafts.rules import End, Kind
from crm.followups.models import FollowUp

STILL_THERE = "This draft has a form to go on with."
NOTHING_NEW = "What this draft tells makes no entry of its own. Copy what you need of it."

Typed = Mapping[str, list[str]]


def with_activities(event: ActivitiesWithdrawn) -> None:
    """Activities go, and the follow-ups that they opened with them. Looks as the system: drafts are of many people."""
    with looking_as(SYSTEM):
        opened = db.session.scalars(select(FollowUp.id).where(FollowUp.activity_id.in_(event.activity_ids))).all()
        _leave({*event.activity_ids, *opened})


def with_mails(event: WaitingMailsForgotten) -> None:
    """Mails that waited go. Looks as the system, as with activities."""
    with looking_as(SYSTEM):
        _leave(set(event.mail_ids))


def _leave(record_ids: Collection[UUID]) -> None:
    """The drafts about these records are about none any more, each as far as its writer could see the record until
    now: what was out of their sight stays there. What its States ask of whoever reads it goes on.
    """
    begun = held(select(Draft).where(Draft.record_id.in_(record_ids), Draft.ended.is_distinct_from(End.SAVED.value)))
    drafts = db.session.scalars(begun.order_by(Draft.id)).all()
    concerned = about.states_of({one.record_id for one in drafts if one.record_id})
    for user in db.session.scalars(select(User).where(User.id.in_({one.user_id for one in drafts}))).unique().all():
        writer = viewer_of(user)
        seen, anyhow = _seen(writer, drafts), _seen(replace(writer, states=frozenset(), opened=frozenset()), drafts)
        for draft in drafts:
            if draft.id in seen and draft.record_id:
                named = concerned[draft.record_id]
                one_of, none_of = (set(), named.own | named.behind) if draft.id in anyhow else (named.own, named.behind)
                draft.states, draft.behind = " ".join(sorted(one_of)), " ".join(sorted(none_of))
                draft.record_id = None
    db.session.flush()


def _seen(viewer: Viewer, drafts: Collection[Draft]) -> set[UUID]:
    """Which of these a viewer sees."""
    with looking_as(viewer):
        return set(db.session.scalars(select(Draft.id).where(Draft.id.in_([one.id for one in drafts]))))


def is_left(draft: Draft) -> bool:
    """Whether the record that a draft was about is gone."""
    return draft.record_id is None and Kind(draft.kind) in ABOUT


def new_kind(kind: Kind, typed: Typed) -> Kind | None:
    """The form of a new entry that takes over what was typed about a record that is gone; None where there is none."""
    if kind is Kind.CORRECTION:
        return Kind.ACTIVITY if "reply" in typed else Kind.PLAN
    return {Kind.REPORT: Kind.ACTIVITY, Kind.WAITING_ENTRY: Kind.ACTIVITY, Kind.WAITING_PLAN: Kind.PLAN}.get(kind)


def make_new(*, actor: Viewer, draft_id: UUID) -> Draft:
    """Let a draft whose record is gone be one of a new entry. Who may see that stands as narrow as may be kept here,
    where the draft does not say it.

    Raises NotFound for what is no draft of the actor, RuleViolation where its record is there or it makes no entry.
    """
    draft = locked(Draft, draft_id)
    if draft is None or draft.user_id != actor.user_id or draft.ended is not None:
        raise NotFound("no such draft")
    if not is_left(draft):
        raise RuleViolation("", STILL_THERE)
    typed = rules.read(draft.typed) or {}
    kind = new_kind(Kind(draft.kind), typed)
    if kind is None:
        raise RuleViolation("", NOTHING_NEW)
    narrowest = max((Handling(key) for key, _label in ceiling.offered()), key=lambda one: one.rank)
    told = {"handling": [narrowest.value], "attribution": [Attribution.NONE.value], **typed}
    draft.kind, draft.typed = kind.value, rules.written(fields.of_form(kind, told))
    claim_for_real(draft, actor)
    draft.revision += 1
    db.session.flush()
    return draft
