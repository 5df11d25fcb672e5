"""What entries are about: the records of higher floors, told by the wiring, and whether a viewer may open one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app, url_for
from sqlalchemy import Select, case, null, or_, select, true

from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import HIDES_STATE, Attribution, Handled

KIND, KEY = "record_kind", "record_id"
"""Arguments of an address that names a record of whatever kind."""

Pair = tuple[str, str]
"""Kind and key of a record, as an entry names it."""


@dataclass(frozen=True)
class Subject:
    """One kind of record: what people call it, its model, and the argument that names it in addresses.

    `endpoint` is its page ("" for none), `slug` the column that stands in that address where it is not the key.
    A part of a handled record names it: `whole`, and `part_of`, the column that holds its key. `concerns` asks,
    by key, for each State that a record is about together with the record's attribution (NULL for what has none),
    `attribution` is the column of the latter. `gathers`: the States are those of several records, of which it is enough
    to read one. `unnamed`: who acted for its party is for that party to know. `names`:
    what some of them are called, by key, for a viewer who may know it.
    """

    kind: str
    words: str
    model: Any
    argument: str
    endpoint: str = ""
    slug: Any = None
    whole: Any = None
    part_of: Any = None
    concerns: Callable[[UUID], Select[Any]] | None = None
    gathers: bool = False
    attribution: Any = None
    unnamed: bool = False
    names: Callable[[Collection[UUID], Viewer], Mapping[UUID, str]] | None = None

    @property
    def handled(self) -> Any:
        """The model with originator and handling, or None where everybody's rights are the same."""
        top = self.whole or self.model
        return top if issubclass(top, Handled) else None


@dataclass(frozen=True)
class About:
    """The States that a record is about, as the audit writes them down, and what others may learn of its source."""

    states: str | None = None
    attribution: Attribution = Attribution.FULL
    gathers: bool = False


@dataclass(frozen=True)
class Standing:
    """A record that exists: whose it is, how it is handled (None where it is not), and whether this viewer sees it."""

    originator_id: UUID | None
    handling: Handling | None
    visible: bool


@dataclass(frozen=True)
class Around:
    """What the audit is asked by and higher floors know: the code of a State by any of its names, the parties as
    choices, and the keys of the people of one.
    """

    state_named: Callable[[str], str | None]
    parties: Callable[[], list[tuple[str, str]]]
    people_of: Callable[[UUID | None], Select[Any]]


def connect(app: Flask, subjects: Iterable[Subject], around: Around) -> None:
    """Set the table (the wiring floor owns it), and who knows of States, parties and their people."""
    known = tuple(subjects)
    app.extensions["audit_around"] = around
    app.extensions["audit_subjects"] = {one.kind: one for one in known}
    app.extensions["audit_arguments"] = {one.argument: one for one in known}


def by_kind(kind: str) -> Subject | None:
    """The subject of this kind, None for what has no record of its own (a password, the sample)."""
    known: Mapping[str, Subject] = current_app.extensions["audit_subjects"]
    return known.get(kind)


def states_of(*records: tuple[str, UUID]) -> str | None:
    """The States of several records together, for an entry that tells of all of them."""
    named = {iso3 for kind, key in records for iso3 in (about(kind, key).states or "").split()}
    return " ".join(sorted(named)) or None


def unnamed_kinds() -> list[str]:
    """Kinds of record of which another party's people are not named."""
    known: Mapping[str, Subject] = current_app.extensions["audit_subjects"]
    return sorted(kind for kind, one in known.items() if one.unnamed)


def colleagues(viewer: Viewer) -> Select[Any]:
    """The keys of everybody of the viewer's own party."""
    return around().people_of(viewer.party_id)


def around() -> Around:
    """What higher floors know of States and parties."""
    found: Around = current_app.extensions["audit_around"]
    return found


def people_of(party_id: UUID) -> list[UUID]:
    """The keys of everybody of a party. Looks as the system: of other parties the viewer sees no people."""
    with looking_as(SYSTEM):
        return list(db.session.scalars(around().people_of(party_id)))


def about(kind: str, key: UUID | str) -> About:
    """What a record is about; of what concerns no State, or is no longer there, nothing is known.

    Looks as the system: an entry names its State whoever wrote it.
    """
    subject, parsed = by_kind(kind), _uuid(str(key))
    if subject is None or subject.concerns is None or parsed is None:
        return About()
    with looking_as(SYSTEM):
        rows = db.session.execute(subject.concerns(parsed)).all()
    if not rows:
        return About(gathers=subject.gathers)
    named = " ".join(sorted({iso3 for iso3, _ in rows}))
    return About(named, Attribution(rows[0][1] or Attribution.FULL), subject.gathers)


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
    """How a record stands to a viewer; None when there is none."""
    return standings(subject, [key], viewer).get(key)


def standings(subject: Subject, keys: Collection[UUID], viewer: Viewer) -> dict[UUID, Standing]:
    """How those of these records that there are stand to a viewer, in one statement.

    Looks as the system: it tells what the viewer does not see, too.
    """
    top, model = subject.handled, subject.model
    columns: list[Any] = [top.originator_id, top.handling] if top else [null(), null()]
    seen = true() if viewer.is_system else model.visible_to(viewer)
    columns.append(case((seen, 1), else_=0))
    wanted = select(model.id, *columns).select_from(model)
    if subject.whole:
        wanted = wanted.join(subject.whole, subject.whole.id == subject.part_of)
    with looking_as(SYSTEM):
        rows = db.session.execute(wanted.where(model.id.in_(keys))).all()
    return {
        key: Standing(originator_id, Handling(handling) if handling else None, bool(visible))
        for key, originator_id, handling, visible in rows
    }


def names_of(pairs: Iterable[Pair], viewer: Viewer) -> dict[Pair, str]:
    """What those of these records are called that have a name for this viewer; one statement for each kind."""
    found: dict[Pair, str] = {}
    for kind, keys in _by_kind(pairs).items():
        subject = by_kind(kind)
        if subject and subject.names:
            found.update({(kind, str(key)): name for key, name in subject.names(keys, viewer).items()})
    return found


def _by_kind(pairs: Iterable[Pair]) -> dict[str, set[UUID]]:
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for kind, key in pairs:
        if by_kind(kind) and (parsed := _uuid(key)):
            wanted[kind].add(parsed)
    return wanted


def open_to_viewer(pairs: Iterable[Pair], viewer: Viewer) -> dict[Pair, str | None]:
    """Those of these records that the present viewer may see whole, each with its page; one statement for each kind.

    A record whose attribution keeps the State from them is not among them: its entries name the State.
    """
    found: dict[Pair, str | None] = {}
    for kind, keys in _by_kind(pairs).items():
        subject = by_kind(kind)
        assert subject
        model, slug = subject.model, subject.model.id if subject.slug is None else subject.slug
        wanted_rows = select(model.id, slug).where(model.id.in_(keys))
        if subject.attribution is not None:
            wanted_rows = _told(subject, wanted_rows, viewer)
        for key, in_address in db.session.execute(wanted_rows):
            page = url_for(subject.endpoint, **{subject.argument: in_address}) if subject.endpoint else None
            found[kind, str(key)] = page
    return found


def keeping_back(pairs: Iterable[Pair]) -> set[Pair]:
    """Those of these records whose attribution keeps anything from other parties; one statement for each kind."""
    found: set[Pair] = set()
    for kind, keys in _by_kind(pairs).items():
        subject = by_kind(kind)
        if subject and subject.attribution is not None:
            rows = _with_whole(subject, select(subject.model.id).where(subject.model.id.in_(keys)))
            some = db.session.scalars(rows.where(subject.attribution != Attribution.FULL.value))
            found.update((kind, str(key)) for key in some)
    return found


def that_stand(pairs: Iterable[Pair]) -> set[Pair]:
    """Those of these records that there are, whoever may see them; one statement for each kind. Looks as the system:
    what is closed to the viewer stands, too.
    """
    found: set[Pair] = set()
    for kind, keys in _by_kind(pairs).items():
        subject = by_kind(kind)
        assert subject
        with looking_as(SYSTEM):
            there = db.session.scalars(select(subject.model.id).where(subject.model.id.in_(keys)))
        found.update((kind, str(key)) for key in there)
    return found


def _told(subject: Subject, rows: Select[Any], viewer: Viewer) -> Select[Any]:
    """Without the records of other parties whose attribution hides the State."""
    own = subject.handled.originator_id == viewer.party_id
    return _with_whole(subject, rows).where(or_(own, subject.attribution.not_in(sorted(HIDES_STATE))))


def _with_whole(subject: Subject, rows: Select[Any]) -> Select[Any]:
    return rows.join(subject.whole, subject.whole.id == subject.part_of) if subject.whole else rows


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
