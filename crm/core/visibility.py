"""Who sees a record: one rule, once as a decision on values and once as a condition of a query.

A record says whose it is (originator), how far it may travel (handling) and which States it concerns. A
viewer reads

- nothing about a restricted State without being named for it,
- everything about a State of which an emergency opened the records to them,
- what is for the public or the community, as far as their roles are cleared,
- what is for States or narrower, and everything of their own party, about the States they are responsible
  for: those of their mission's accreditations, or all where no mission binds them.

Other parties' records whose attribution hides the State are not found by way of that State. What came out of an
activity is closed to whom a State of the activity is closed, whichever State it names itself.
`tests/core/test_ten_thousand_worlds.py` holds both forms, and the policies of PostgreSQL, against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    TableClause,
    and_,
    column,
    exists,
    false,
    func,
    inspect,
    literal_column,
    not_,
    or_,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Alias
from sqlalchemy.sql.util import ClauseAdapter

from crm.core.access import Handling, Viewer

OPEN = frozenset({Handling.PUBLIC, Handling.COMMUNITY})
"""Handlings that reach beyond governments: a mission reads them of whatever State."""


class Attribution(StrEnum):
    """What other parties learn of where a record comes from."""

    FULL = "full"
    STATE_NOT_PERSON = "state_not_person"
    REGION_ONLY = "region_only"
    NONE = "none"

    @property
    def rank(self) -> int:
        """0 for what tells most; higher is narrower."""
        return list(Attribution).index(self)


ATTRIBUTION_LABELS: dict[str, str] = {
    Attribution.STATE_NOT_PERSON.value: "The State, not the person",
    Attribution.FULL.value: "The State and the person",
    Attribution.REGION_ONLY.value: "Only the region",
    Attribution.NONE.value: "Neither State nor region",
}

HIDES_STATE = frozenset({Attribution.REGION_ONLY, Attribution.NONE})

Concerns = Callable[[Collection[str]], ColumnElement[bool]]
"""Whether a record concerns one of these States, as a condition."""


@dataclass(frozen=True)
class Record:
    """What the rule needs to know of a record; `states` is None for one about no State, such as a campaign.

    `sources`: the States of the activity that it came out of.
    """

    originator_id: UUID
    handling: Handling
    states: frozenset[str] | None = None
    attribution: Attribution = Attribution.FULL
    sources: frozenset[str] = frozenset()


def may_see(viewer: Viewer, record: Record) -> bool:
    """Whether a viewer sees a record."""
    if viewer.is_system:
        return True
    concerned = record.states or frozenset()
    if (concerned | record.sources) & viewer.closed:
        return False
    own = _keeps_own(viewer) and record.originator_id == viewer.party_id
    if concerned & viewer.opened:
        return True
    if record.handling in OPEN and record.handling in viewer.clearance:
        return True
    if not own and record.handling not in _readable(viewer):
        return False
    if viewer.states is None or record.states is None:
        return True
    found = own or record.attribution not in HIDES_STATE
    return found and bool(concerned & viewer.states)


def seen(
    viewer: Viewer,
    *,
    originator: Any,
    handling: Any,
    concerns: Concerns | None = None,
    hides_state: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The same as a condition; `concerns` is left out for records about no State."""
    if viewer.is_system:
        return true()
    own = originator == viewer.party_id if _keeps_own(viewer) else false()
    rule = or_(one_of(handling, _readable(viewer)), own)
    if concerns and viewer.states is not None:
        narrow = or_(one_of(handling, _readable(viewer) - OPEN), own)
        found = or_(own, not_(hides_state)) if hides_state is not None else true()
        narrow = and_(narrow, found, concerns(viewer.states)) if viewer.states else false()
        rule = or_(one_of(handling, viewer.clearance & OPEN), narrow)
    if concerns and viewer.opened:
        rule = or_(rule, concerns(viewer.opened))
    if concerns and viewer.closed:
        rule = and_(rule, not_(concerns(viewer.closed)))
    return rule


def about(viewer: Viewer, concerns: Concerns) -> ColumnElement[bool]:
    """For a part that names a State itself: whether the viewer reads of that State at all."""
    if viewer.is_system:
        return true()
    reads = concerns(viewer.states) if viewer.states is not None else true()
    return and_(reads, not_(concerns(viewer.closed))) if viewer.closed else reads


def not_closed(viewer: Viewer, concerns: Concerns) -> ColumnElement[bool]:
    """Whether nothing that a record concerns is closed to the viewer; asked only of those to whom something is."""
    return not_(concerns(sorted(viewer.closed))) if viewer.closed and not viewer.is_system else true()


def _keeps_own(viewer: Viewer) -> bool:
    return viewer.party_id is not None and viewer.may("own:read")


def _readable(viewer: Viewer) -> frozenset[Handling]:
    return viewer.clearance - {Handling.ORIGINATOR}


def one_of(column: Any, words: Iterable[StrEnum]) -> ColumnElement[bool]:
    """Whether a column holds one of these words of ours, which stand in the statement as they are.

    As parameters they would be carried, matched and written out anew each time, several in every rule.
    """
    names = sorted(one.value for one in words)
    return column.in_([literal_column(f"'{name}'") for name in names]) if names else false()


def narrowest(handlings: Iterable[Handling]) -> Handling:
    """What is derived from several records travels no further than any of them."""
    return max(handlings, key=lambda one: one.rank, default=Handling.PUBLIC)


def names_one_of(text: Any, codes: Iterable[str]) -> ColumnElement[bool]:
    """Whether a text of codes with spaces between them names one of these."""
    return or_(*(text.contains(one, autoescape=True) for one in sorted(codes)))


def names_only(text: Any, codes: Iterable[str]) -> ColumnElement[bool]:
    """Whether a text of codes with spaces between them names none but these."""
    left = text
    for one in sorted(codes):
        left = func.replace(left, one, "")
    return func.trim(left) == ""


def derived_handling(handling: Handling, attribution: Attribution) -> Handling:
    """How far something that names the State may travel when it comes out of a record: no further than the record
    itself, and nowhere when its attribution keeps the State from other parties.
    """
    return Handling.ORIGINATOR if attribution in HIDES_STATE else handling


class Handled:
    """Mixin: a record with an originating party and a handling, about the State in `state_iso3`.

    A record about several States, or about none, says so in `concerns`.
    """

    originator_id: Mapped[UUID] = mapped_column(index=True)
    handling: Mapped[str] = mapped_column(default=Handling.COORDINATION.value)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return seen_of(cls, viewer)


def seen_of(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The rule for a record about one State, given as a class or as the columns of its table."""
    return seen(viewer, originator=row.originator_id, handling=row.handling, concerns=row.state_iso3.in_)


class Derived(Handled):
    """Mixin: a record about one State that may have come out of an activity; `came_out_of` says out of which."""

    @classmethod
    def came_out_of(cls, codes: Collection[str]) -> ColumnElement[bool]:
        """Whether it came out of an activity that concerns one of these States."""
        raise NotImplementedError

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """By its own State and handling, and where no State of its source is closed."""
        return and_(seen_of(cls, viewer), not_closed(viewer, cls.came_out_of))


class _Unhidden(TableClause):
    """On PostgreSQL the view of the same name in the schema `wall`, elsewhere the table itself."""

    inherit_cache = True


@compiles(_Unhidden, "postgresql")
def _of_the_wall(view: _Unhidden, compiler: SQLCompiler, **given: Any) -> str:
    return f"wall.{compiler.visit_table(view, **given)}"  # type: ignore[no-untyped-call]


@cache
def unhidden(model: type[Any], *names: str) -> Any:
    """Some columns of a table, for rules that need more of its rows than the viewer may read.

    The second wall would otherwise hide from a rule the very row that closes a record. A migration makes the
    view with `wall.tell`.
    """
    table = inspect(model).local_table
    return _Unhidden(table.name, *(column(name, table.c[name].type) for name in names)).alias()


@cache
def unhidden_above(table: str, *names: str) -> Any:
    """The same of a table of a higher floor: what comes out of a record is kept below it, too."""
    return _Unhidden(table, *(column(name) for name in names)).alias()


def activity_concerns(key: Any, codes: Collection[str]) -> ColumnElement[bool]:
    """Whether the activity with this key (a column, empty for none) concerns one of these States."""
    part = unhidden_above("activity_state", "activity_id", "state_iso3")
    return exists().where(part.c.activity_id == key, part.c.state_iso3.in_(codes))


@cache
def bare(model: type[Any]) -> Any:
    """The columns of a model's table under a name of their own, for a rule that asks another table.

    A rule that named the model itself would be given that model's rule, which may ask back. The name is always
    the same one: a rule must not ask a table from inside a question to that table.
    """
    alias: Alias = inspect(model).local_table.alias()
    return alias


def as_seen(model: Any, viewer: Viewer) -> ColumnElement[bool]:
    """The rule of a model, asked of its `bare` columns: for a rule that asks whether a row of another table is seen."""
    rule: ColumnElement[bool] = ClauseAdapter(bare(model)).traverse(
        model.visible_to(viewer)._deannotate()  # else the session would add rules within this one
    )
    return rule
