"""Change many rows, and take that back. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from crm.audit import denials
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db, expect_version, locked, savepoint
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.lists.bulk import rules
from crm.lists.bulk.models import BulkChange
from crm.lists.bulk.verbs import Verb, lets_more_see, verb_of, widens

KEPT = timedelta(days=30)

_REFUSALS = (RuleViolation, NotFound, NotAllowed, Stale)


_WHATEVER: Mapping[UUID, int] = MappingProxyType({})


def change_many(
    *,
    actor: Viewer,
    verb: Verb,
    ids: Sequence[UUID],
    versions: Mapping[UUID, int] = _WHATEVER,
    place: str = "",
    **given: Any,
) -> BulkChange:
    """Do to each of these rows what `verb` does to one, in their order; a row that refuses is left out whole, with its
    reason, and holds up no other. So is one that is not at the version of it that was read, where that is known; to let
    others see more of it, that must be known. One that is not there for the actor is counted by the audit as at its own
    door.

    Raises RuleViolation for none and for too many, and where every row refuses a value for the same reason.
    """
    if not ids:
        raise RuleViolation("", rules.NONE_CHOSEN)
    if len(ids) > rules.MOST:
        raise RuleViolation("", rules.TOO_MANY)
    done, left, refusals = [], [], []
    for key in ids:
        try:
            with savepoint():
                _expect_read(verb, key, versions.get(key), given)
                before = verb.do(actor, key, **given)
                db.session.flush()
            done.append({"id": str(key), "before": before, "version": _version(verb, key)})
        except _REFUSALS as refusal:
            refusals.append(refusal)
            if isinstance(refusal, NotFound | NotAllowed):
                denials.remember(refusal, verb.subject, key)
            left.append({"id": str(key), "why": _why(refusal)})
    if not done:
        _raise_common(refusals, given)
    change = BulkChange(user_id=actor.user_id, list_key=verb.list_key, verb=verb.key, place=place)
    change.done, change.left = done, left
    _forget_old(actor)
    db.session.add(change)
    db.session.flush()
    return change


def _raise_common(refusals: Sequence[Exception], given: Collection[str]) -> None:
    """What every row says of one value that was given is wrong with the value."""
    errors = [one.errors for one in refusals if isinstance(one, RuleViolation) and one.errors.keys() <= set(given)]
    if len(errors) == len(refusals) and all(one == errors[0] for one in errors):
        violation = RuleViolation("", str(refusals[0]))
        violation.errors = errors[0]
        raise violation


def _expect_read(verb: Verb, key: UUID, version: int | None, given: Mapping[str, Any]) -> None:
    """Raise Stale where somebody changed the row since it was read, RuleViolation where others would see more of one
    of which it is not known how it was read; of one that is not there the verb speaks.
    """
    row = locked(verb.model, key) if version is not None or widens(verb) else None
    if row is None:
        return
    if version is not None:
        expect_version(row, version)
    elif lets_more_see(row, given):
        raise RuleViolation("", rules.UNREAD)


def _version(verb: Verb, key: UUID) -> int | None:
    return db.session.scalar(select(verb.model.version).where(verb.model.id == key))


def _why(refusal: Exception) -> str:
    if isinstance(refusal, RuleViolation):
        return str(refusal)
    if isinstance(refusal, Stale):
        return rules.CHANGED_SINCE
    return rules.NOT_THERE if isinstance(refusal, NotFound) else rules.NOT_YOURS


def _forget_old(actor: Viewer) -> None:
    old = delete(BulkChange).where(BulkChange.user_id == actor.user_id, BulkChange.at < clock.now() - KEPT)
    db.session.execute(old)


def undo(*, actor: Viewer, change_id: UUID, only: Callable[[Verb], bool]) -> BulkChange:
    """Make every row again what it was; one that was changed since is left as it is and named. Once.

    `only` says which verbs may be taken back here. Raises NotFound, RuleViolation when it was taken back already.
    """
    change = locked(BulkChange, change_id)
    if change is None or not only(verb_of(change.list_key, change.verb)):
        raise NotFound("no such change")
    if change.undone_at is not None:
        raise RuleViolation("", "This was taken back already.")
    verb, left = verb_of(change.list_key, change.verb), []
    for row in change.done:
        key = UUID(row["id"])
        try:
            with savepoint():
                if _version(verb, key) != row["version"]:
                    raise Stale("the record was changed meanwhile")
                verb.back(actor, key, row["before"])
                db.session.flush()
        except _REFUSALS as refusal:
            left.append({"id": row["id"], "why": _why(refusal)})
    change.undone_at, change.left = clock.now(), left
    db.session.flush()
    return change
