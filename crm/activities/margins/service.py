"""Write down a round of short talks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from crm.accounts.models import User
from crm.activities.margins.talks import KIND, Talk, in_a_sentence
from crm.activities.models import Activity, TalkRound
from crm.activities.service import record_activity
from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, savepoint
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution

NOTHING_SAVED = "Nothing is saved yet: some rows need attention."

_FIELDS: Mapping[str, str] = {
    "reply": "note",
    "person_name": "whom",
    "next_action": "next_action",
    "next_action_due": "next_action_due",
    "next_action_owner_id": "next_action_who",
    "obstacle": "obstacle",
    "handling": "handling",
}
"""Where in a row it stands what the verb of one activity says of a field; elsewhere beside the State."""


def record_round(
    *,
    actor: Viewer,
    occasion: str,
    held_on: date,
    talks: Sequence[Talk],
    place: str = "",
    delegation: str = "",
    handling: Handling = Handling.COORDINATION,
    attribution: Attribution = Attribution.STATE_NOT_PERSON,
    marks: str = "",
    sample: bool = False,
) -> TalkRound:
    """Write down each talk as an activity of its own under a common header, all of them or none.

    Raises NotAllowed without `activities:create`, RuleViolation naming row and field of everything that is wrong.
    """
    actor.require("activities:create")
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can record an activity.")
    made = TalkRound(
        occasion=occasion,
        held_on=held_on,
        place=place,
        delegation=delegation,
        originator_id=actor.party_id,
        handling=Handling.ORIGINATOR.value,
        recorded_by_id=actor.user_id,
        sample=sample,
    )
    db.session.add(made)
    db.session.flush()
    common = {"held_on": held_on, "place": place, "occasion": occasion, "attribution": attribution, "marks": marks}
    # The delegation is for its own party alone: where one spoke, the talks name nobody, and the round does.
    spoke = "" if delegation else None
    recorded = _record_all(actor, made, talks, {**common, "handling": handling, "delivered_by": spoke})
    made.rows = [
        {"activity_id": str(one.id), "version": one.version, "due": talk.due_words, "who": talk.who_words}
        for talk, one in recorded
        if talk.state_iso3 not in actor.closed
    ]
    audit(Event.ROUND_RECORDED, actor, made)
    return made


def _record_all(
    actor: Viewer, made: TalkRound, talks: Sequence[Talk], common: dict[str, Any]
) -> list[tuple[Talk, Activity]]:
    """Every talk as an activity; one refusal for whatever is wrong with any of them."""
    recorded, errors = [], dict[str, list[str]]()
    with looking_as(SYSTEM):
        author = db.session.get(User, actor.user_id)  # in hand, or what follows from each talk would read it anew
    for talk in talks:
        try:
            with savepoint():
                recorded.append((talk, _record(actor, made, talk, common)))
        except RuleViolation as violation:
            for name, said in violation.errors.items():
                errors.setdefault(f"rows-{talk.row}-{_FIELDS.get(name, 'state')}", []).extend(said)
    if errors:
        refused = RuleViolation("", NOTHING_SAVED)
        refused.errors = errors
        raise refused
    del author
    return recorded


def _record(actor: Viewer, made: TalkRound, talk: Talk, common: dict[str, Any]) -> Activity:
    name, office = talk.person
    own = {"handling": talk.handling} if talk.handling else {}
    return record_activity(
        actor=actor,
        kind=KIND,
        state_iso3=talk.state_iso3,
        person_name=name,
        person_title=office,
        reply=talk.note or in_a_sentence(talk.outcome),
        details={"outcome": talk.outcome} if talk.outcome else {},
        obstacle=talk.obstacle,
        next_action=talk.next_action,
        next_action_due=talk.next_action_due,
        next_action_owner_id=talk.charged_id,
        sample=made.sample,
        round_id=made.id,
        **{**common, **own},
    )


def audit(event: Event, actor: Viewer, made: TalkRound) -> None:
    """Enter into the audit what happened to a round; how many talks it has would tell of those that are closed."""
    record(
        event,
        actor=actor,
        subject=("talk_round", made.id),
        originator_id=made.originator_id,
        handling=Handling(made.handling),
        held_on=made.held_on.isoformat(),
    )
