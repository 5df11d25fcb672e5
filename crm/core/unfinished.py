"""What a form carries unseen, so that nothing typed into it is lost: the key of this very showing (`repeats`), the
draft that its words are kept in, and what it was filled with when it was opened.

Which forms keep a draft their routes declare (`keeps_draft`). Drafts themselves are kept by the room that the
wiring connects here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask import current_app, g, has_request_context, request, url_for
from markupsafe import Markup

from crm.core import access, keys, repeats
from crm.core.routes import access_of

FIELD, SEEN, ORIGINAL, KEEP, AFRESH = "draft", "draft_seen", "original", "keep_draft", "afresh"
UNTYPED = repeats.UNSEEN | {FIELD, SEEN, KEEP}
"""Fields of a form that nobody typed."""

Typed = Mapping[str, list[str]]
"""What stands in the fields of a form, as a browser sends it."""


@dataclass(frozen=True)
class Begun:
    """A draft as its form shows it. `states`: the names of those that it is about."""

    id: UUID
    at: datetime
    revision: int
    typed: Typed
    states: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seen:
    """What a window knows of the draft that its form is about: the revision that it has read or made last, 0 for
    none. `window` is the window's own key, under which its words are kept where another one was quicker.
    """

    revision: int
    window: UUID | None


@dataclass(frozen=True)
class Keeper:
    """Answers of the room that keeps drafts: `find` one of a kind of form, about a record if it is about one, by its
    key if that is known, else the latest; `keep`, `saved` and `drop` as parts of a unit of work, for a window that
    says what it has `Seen`.
    """

    find: Callable[[str, UUID | None, UUID | None], Begun | None]
    keep: Callable[[str, UUID | None, UUID, Typed, Seen | None], Begun]
    saved: Callable[[UUID, Seen | None], None]
    drop: Callable[[UUID, Seen | None], None]


def connect(app: Any, keeper: Keeper) -> None:
    """Set who keeps drafts."""
    app.extensions["keeper_of_drafts"] = keeper
    app.jinja_env.globals.update(begun_draft=note, keeps_draft=lambda: kind_here() != "")


def _keeper() -> Keeper:
    found: Keeper = current_app.extensions["keeper_of_drafts"]
    return found


def kind_here() -> str:
    """The kind of draft that the form of the present page keeps; the empty string for none."""
    if not has_request_context() or not request.endpoint or access.viewer().user_id is None:
        return ""
    declared = access_of(current_app, request.endpoint)
    return declared.draft if declared else ""


def _record_here() -> UUID | None:
    """The record that the present page is about."""
    return next((one for one in (request.view_args or {}).values() if isinstance(one, UUID)), None)


def key_of(text: str | None) -> UUID | None:
    """The key that somebody sent, or None for what is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def here() -> Begun | None:
    """The draft that the present page has, shown in its form or only named above it."""
    kind = kind_here()
    if not kind or AFRESH in request.args:
        return None
    if "draft_here" not in g:
        sent = request.form.get(FIELD) if request.method == "POST" else request.args.get(FIELD)
        g.draft_here = _keeper().find(kind, _record_here(), key_of(sent)) if sent or request.method == "GET" else None
    found: Begun | None = g.draft_here
    return found


def _is_offered() -> bool:
    """Whether a link that chose a State or a kind is meant: an older draft is only offered then."""
    return bool(set(request.args) - {FIELD}) and FIELD not in request.args


def shown() -> Begun | None:
    """The draft with which the form of the present page is filled when it is opened."""
    if not has_request_context() or request.method != "GET" or _is_offered():
        return None
    return here()


def note() -> dict[str, Any] | None:
    """What stands above the form: since when a draft is in it, or that one waits, and the way to the other."""
    found = here() if request.method == "GET" else None
    if found is None:
        return None
    own = {name: value for name, value in request.args.items() if name != FIELD}
    there = {**(request.view_args or {}), **own}
    waits = _is_offered()
    way = {FIELD: str(found.id)} if waits else {AFRESH: "1"}
    address = url_for(request.endpoint or "", **{**(there if not waits else request.view_args or {}), **way})
    return {"at": found.at, "waits": waits, "href": address, "states": found.states}


def beside(form: Any) -> Markup:
    """The hidden fields that go with the token of a form."""
    if not form.done_once or not has_request_context() or access.viewer().user_id is None:
        return Markup()
    carried = Markup('<input type="hidden" name="{}" value="{}">').format(repeats.FIELD, keys.draw())
    if form.edits_record:
        carried += Markup('<input type="hidden" name="{}" value="{}">').format(ORIGINAL, json.dumps(form.opened_with()))
    kind = kind_here()
    if not kind:
        return carried
    return carried + _draft_field(kind)


def _draft_field(kind: str) -> Markup:
    """Which draft, and what this window has seen of it; a browser that goes back fills in neither by itself."""
    found = here() if not _is_offered() or request.method == "POST" else None
    sent = key_of(request.form.get(FIELD)) if request.method == "POST" else None
    key = found.id if found else sent or uuid4()
    seen = _seen_now(key, found)
    return Markup(
        '<input type="hidden" name="draft" value="{}" data-draft="{}" data-record="{}" data-at="{}" autocomplete="off">'
        '<input type="hidden" name="draft_seen" value="{} {}" autocomplete="off">'
    ).format(
        key, kind, _record_here() or "", found.at.isoformat() if found else "", seen.revision, seen.window or uuid4()
    )


def _seen_now(key: UUID, found: Begun | None) -> Seen:
    """What the window that is shown now will have seen: a form that came back holds its own words, and knows no more
    of the draft than when it was sent.
    """
    latest = found.revision if found else 0
    sent = _seen_here()
    if sent is None:
        return Seen(latest, None)
    is_kept = g.get("draft_kept") == key
    return Seen(latest if is_kept else min(sent.revision, latest), None if sent.window == key else sent.window)


def _seen_here() -> Seen | None:
    """What the form of the present request says that its window has seen."""
    revision, _, window = (request.form.get(SEEN, "") if request.method == "POST" else "").partition(" ")
    known = revision.isascii() and revision.isdigit() and len(revision) < 10
    return Seen(int(revision), key_of(window)) if known else None


def typed_here() -> Typed:
    """What the form of the present request was sent with."""
    return {name: request.form.getlist(name) for name in request.form if name not in UNTYPED}


def keep() -> datetime | None:
    """Keep what was sent as a draft, as a part of a unit of work; when."""
    kind, key = kind_here(), key_of(request.form.get(FIELD))
    if not kind or key is None:
        return None
    kept = _keeper().keep(kind, _record_here(), key, typed_here(), _seen_here())
    g.draft_here, g.draft_kept = kept, kept.id
    return kept.at


def begin(kind: str, typed: Typed) -> UUID:
    """Put into a draft what was a record until now, as a part of the unit of work that takes the record back."""
    return _keeper().keep(kind, None, uuid4(), typed, None).id


def found(kind: str, draft_id: UUID) -> Begun | None:
    """A draft of a form that is about no record, by its key."""
    return _keeper().find(kind, None, draft_id)


def saved() -> None:
    """What was just saved is no draft any more; a part of the same unit of work."""
    key = key_of(request.form.get(FIELD)) if kind_here() else None
    if key:
        _keeper().saved(key, _seen_here())


def drop() -> None:
    """What was sent may not be kept here: its draft goes, as a part of a unit of work."""
    key = key_of(request.form.get(FIELD)) if kind_here() else None
    if key:
        _keeper().drop(key, _seen_here())
        g.pop("draft_here", None)
