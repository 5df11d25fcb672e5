"""What can be done to many rows at once, and how each is taken back: always by the verb that changes one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.activities import rules as activity_rules
from crm.activities.course.service import take_step
from crm.activities.models import Activity
from crm.activities.queries import own_activity
from crm.core.access import Handling, Viewer
from crm.core.db import db
from crm.core.errors import NotFound, RuleViolation
from crm.core.visibility import Attribution
from crm.followups import rules, service
from crm.followups.models import FollowUp
from crm.sharing.service import change_attribution, change_handling

BACK = "Taken back with others"
"""The reason that stands with a follow-up of which a change was undone."""


_SUBJECTS = {"followups": "follow_up", "activities": "activity"}


@dataclass(frozen=True)
class Verb:
    """`asks` and `done` head the two pages. `do` changes one row and answers with what it was before, `back` makes it
    that again. `subject` is what the audit calls such a row.
    """

    key: str
    list_key: str
    model: type[Any]
    asks: str
    done: str
    do: Callable[..., Any]
    back: Callable[[Viewer, UUID, Any], None]

    @property
    def subject(self) -> str:
        return _SUBJECTS[self.list_key]


def widens(verb: Verb) -> bool:
    """Whether taking it back may let others see more, for which the edge asks again who is there."""
    return verb.key in ("handling", "attribution")


def lets_more_see(row: Any, given: Mapping[str, Any]) -> bool:
    """Whether what is given lets others see more of a row than they do."""
    wanted = {name: given[name] for name in ("handling", "attribution") if name in given}
    return any(type(one)(getattr(row, name)).rank > one.rank for name, one in wanted.items())


def _row(model: type[Any], key: UUID) -> Any:
    found = db.session.scalar(select(model).where(model.id == key))
    if found is None:
        raise NotFound("no such record")
    return found


def _open_follow_up(key: UUID) -> FollowUp:
    found: FollowUp = _row(FollowUp, key)
    if found.status != rules.Status.OPEN:
        raise RuleViolation("", "It is closed already.")
    return found


def _finish(actor: Viewer, key: UUID, **given: Any) -> Any:
    _open_follow_up(key)
    service.finish(actor=actor, followup_id=key, **given)


def _cancel(actor: Viewer, key: UUID, **given: Any) -> Any:
    _open_follow_up(key)
    service.cancel(actor=actor, followup_id=key, **given)


def _reopen(actor: Viewer, key: UUID, _before: Any) -> None:
    service.reopen(actor=actor, followup_id=key)


def _move(actor: Viewer, key: UUID, **given: Any) -> Any:
    found = _open_follow_up(key)
    before = [found.due_on.isoformat(), found.due_at_local.isoformat()]
    service.move(actor=actor, followup_id=key, **given)
    return before


def _move_back(actor: Viewer, key: UUID, before: Any) -> None:
    day, at = date.fromisoformat(before[0]), time.fromisoformat(before[1])
    service.move(actor=actor, followup_id=key, due_on=day, due_time=at, note=BACK, taking_back=True)


def _reassign(actor: Viewer, key: UUID, **given: Any) -> Any:
    before = str(_open_follow_up(key).charged_id)
    service.reassign(actor=actor, followup_id=key, **given)
    return before


def _give_back(actor: Viewer, key: UUID, before: Any) -> None:
    service.reassign(actor=actor, followup_id=key, owner_id=UUID(before), note=BACK)


def _handle(actor: Viewer, key: UUID, *, handling: Handling) -> Any:
    before = change_handling(actor=actor, kind="activity", record_id=key, handling=handling)
    if before is handling:
        raise RuleViolation("", "It is for them already.")
    return before.value


def _handle_back(actor: Viewer, key: UUID, before: Any) -> None:
    change_handling(actor=actor, kind="activity", record_id=key, handling=Handling(before))


def _attribute(actor: Viewer, key: UUID, *, attribution: Attribution) -> Any:
    before = change_attribution(actor=actor, kind="activity", record_id=key, attribution=attribution)
    if before is attribution:
        raise RuleViolation("", "Others may know just that already.")
    return before.value


def _attribute_back(actor: Viewer, key: UUID, before: Any) -> None:
    change_attribution(actor=actor, kind="activity", record_id=key, attribution=Attribution(before))


def _step(status: activity_rules.Status) -> Callable[..., Any]:
    def do(actor: Viewer, key: UUID, *, note: str = "") -> Any:
        before: str = own_activity(key).status
        if before == status:
            raise RuleViolation("", f"It is {activity_rules.STATUS_LABELS[status].lower()} already.")
        take_step(actor=actor, activity_id=key, status=status, note=note)
        return before

    return do


def _step_back(actor: Viewer, key: UUID, before: Any) -> None:
    """Back to where it was; an instruction is given again after what was cancelled is planned again."""
    status = activity_rules.Status(before)
    again = status is activity_rules.Status.INSTRUCTED
    way = (activity_rules.Status.PLANNED, status) if again else (status,)
    for one in way:
        take_step(actor=actor, activity_id=key, status=one, note=BACK)


_CLOSED, _CANCELLED = activity_rules.Status.CLOSED, activity_rules.Status.CANCELLED

VERBS = {
    (one.list_key, one.key): one
    for one in (
        Verb("done", "followups", FollowUp, "Mark as done", "done", _finish, _reopen),
        Verb("move", "followups", FollowUp, "Move to another day", "moved", _move, _move_back),
        Verb("reassign", "followups", FollowUp, "Give to somebody else", "handed over", _reassign, _give_back),
        Verb("cancel", "followups", FollowUp, "Cancel", "cancelled", _cancel, _reopen),
        Verb("close", "activities", Activity, "Close", "closed", _step(_CLOSED), _step_back),
        Verb("cancel", "activities", Activity, "Cancel", "cancelled", _step(_CANCELLED), _step_back),
        Verb("handling", "activities", Activity, "Change who may see them", "changed", _handle, _handle_back),
        Verb(
            "attribution", "activities", Activity, "Change what others may know", "changed", _attribute, _attribute_back
        ),
    )
}


def verb_of(list_key: str, key: str) -> Verb:
    """The verb of that name; raises NotFound for any other."""
    if (list_key, key) not in VERBS:
        raise NotFound("no such change")
    return VERBS[(list_key, key)]
