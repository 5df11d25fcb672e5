"""What entries are about: the records of higher floors, told by the wiring, and whether a viewer may open one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app, url_for
from sqlalchemy import case, null, select, true

from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import Handled

KIND, KEY = "record_kind", "record_id"
"""Arguments of an address that names a record of whatever kind."""

Pair = tuple[str, str]
"""Kind and key of a record, as an entry names it."""


@dataclass(frozen=True)
class Subject:
    """One kind of record: what people call it, its model, and the argument that names it in addresses.

    `endpoint` is its page ("" for none), `slug` the column that stands in that address where it is not the key.
    A part of a handled record names it: `whole`, and `part_of`, the column that holds its key.
    """

    kind: str
    words: str
    model: Any
    argument: str
    endpoint: str = ""
    slug: Any = None
    whole: Any = None
    part_of: Any = None

    @property
    def handled(self) -> Any:
        """The model with originator and handling, or None where everybody's rights are the same."""
        top = self.whole or self.model
        return top if issubclass(top, Handled) else None


@dataclass(frozen=True)
class Standing:
    """A record that exists: whose it is, how it is handled (None where it is not), and whether this viewer sees it."""

    originator_id: UUID | None
    handling: Handling | None
    visible: bool


def connect(app: Flask, subjects: Iterable[Subject]) -> None:
    """Set the table (the wiring floor owns it)."""
    known = tuple(subjects)
    app.extensions["audit_subjects"] = {one.kind: one for one in known}
    app.extensions["audit_arguments"] = {one.argument: one for one in known}


def by_kind(kind: str) -> Subject | None:
    """The subject of this kind, None for what has no record of its own (a password, the sample)."""
    known: Mapping[str, Subject] = current_app.extensions["audit_subjects"]
    return known.get(kind)


def named_by(arguments: Mapping[str, Any] | None) -> tuple[Subject, UUID] | None:
    """The record that the arguments of an address name, whether it exists or not."""
    known: Mapping[str, Subject] = current_app.extensions["audit_arguments"]
    given = arguments or {}
    stated = by_kind(str(given.get(KIND, "")))
    if stated and isinstance(given.get(KEY), UUID):
        return stated, given[KEY]
    for name, value in given.items():
        if isinstance(value, UUID) and name in known:
            return known[name], value
    return None


def standing(subject: Subject, key: UUID, viewer: Viewer) -> Standing | None:
    """How a record stands to a viewer, in one statement; None when there is none."""
    top, model = subject.handled, subject.model
    columns: list[Any] = [top.originator_id, top.handling] if top else [null(), null()]
    seen = true() if viewer.is_system else model.visible_to(viewer)
    columns.append(case((seen, 1), else_=0))
    wanted = select(*columns).select_from(model)
    if subject.whole:
        wanted = wanted.join(subject.whole, subject.whole.id == subject.part_of)
    with looking_as(SYSTEM):
        row = db.session.execute(wanted.where(model.id == key)).first()
    if row is None:
        return None
    originator_id, handling, visible = row
    return Standing(originator_id, Handling(handling) if handling else None, bool(visible))


def open_to_viewer(pairs: Iterable[Pair]) -> dict[Pair, str | None]:
    """Those of these records that the present viewer may see, each with its page; one statement for each kind."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for kind, key in pairs:
        if by_kind(kind) and (parsed := _uuid(key)):
            wanted[kind].add(parsed)
    found: dict[Pair, str | None] = {}
    for kind, keys in wanted.items():
        subject = by_kind(kind)
        assert subject
        model, slug = subject.model, subject.model.id if subject.slug is None else subject.slug
        for key, in_address in db.session.execute(select(model.id, slug).where(model.id.in_(keys))):
            page = url_for(subject.endpoint, **{subject.argument: in_address}) if subject.endpoint else None
            found[kind, str(key)] = page
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
