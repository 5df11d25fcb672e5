"""From a draft to its form, and from a form to its draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import current_app, url_for
from sqlalchemy import select

from crm.core import access
from crm.core.db import db
from crm.core.errors import RuleViolation, Stale
from crm.core.routes import access_of
from crm.core.unfinished import FIELD, Begun, Keeper, Seen
from crm.drafts import queries, rules, service
from crm.drafts.models import ABOUT, Draft
from crm.drafts.rules import Kind
from crm.sharing.kinds import known
from crm.states.queries import register


def endpoint_of(kind: Kind) -> str:
    """The page whose form keeps drafts of this kind."""
    known: dict[str, str] = current_app.extensions.setdefault("forms_with_drafts", {})
    if not known:
        for endpoint in current_app.view_functions:
            declared = access_of(current_app, endpoint)
            if declared and declared.draft:
                known[declared.draft] = endpoint
    return known[kind.value]


def may_write(kind: Kind) -> bool:
    """Whether the viewer may use that form."""
    declared = access_of(current_app, endpoint_of(kind))
    return bool(declared and access.viewer().may(declared.permission or ""))


def address_of(draft_id: UUID, kind: Kind, record_id: UUID | None) -> str:
    """Where one goes on with a draft; where its words are read, once the record is gone that its form was about."""
    if record_id is None and kind in ABOUT:
        return url_for("drafts.show", draft_id=draft_id)
    endpoint = endpoint_of(kind)
    (rule,) = current_app.url_map.iter_rules(endpoint)
    about = {name: _kind_of(record_id) if name == "record_kind" else str(record_id) for name in rule.arguments}
    return url_for(endpoint, **about, **{FIELD: str(draft_id)})  # type: ignore[arg-type]


def _kind_of(record_id: UUID | None) -> str:
    """The name of the kind of handled record that this is one of."""
    kinds = known().items()
    return next(name for name, one in kinds if db.session.scalar(select(one.model.id).where(one.model.id == record_id)))


def _find(kind: str, record_id: UUID | None, draft_id: UUID | None) -> Begun | None:
    draft = queries.latest(access.viewer(), Kind(kind), record_id, draft_id)
    return _begun(draft) if draft else None


def _begun(draft: Draft) -> Begun:
    states = tuple(map(register().name_today, queries.line_of(draft).states))
    return Begun(draft.id, draft.kept_at, draft.revision, rules.read(draft.typed) or {}, states)


def _keep(
    kind: str, record_id: UUID | None, draft_id: UUID, typed: Mapping[str, list[str]], seen: Seen | None
) -> Begun:
    about: dict[str, Any] = {"kind": Kind(kind), "record_id": record_id, "typed": typed, "seen": seen}
    try:
        return _begun(service.keep(actor=access.viewer(), draft_id=draft_id, **about))
    except Stale as stale:
        raise RuleViolation("", str(stale)) from None


def _saved(draft_id: UUID, seen: Seen | None) -> None:
    service.saved(actor=access.viewer(), draft_id=draft_id, seen=seen)


def _drop(draft_id: UUID, seen: Seen | None) -> None:
    service.drop(actor=access.viewer(), draft_id=draft_id, seen=seen)


KEEPER = Keeper(find=_find, keep=_keep, saved=_saved, drop=_drop)
"""What forms are told by this room."""
