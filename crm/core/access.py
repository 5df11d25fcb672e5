"""Who looks, what they may do, and how the rule of visibility reaches every query by itself.

A model says which of its rows a viewer may see (`visible_to`); the session adds that to every select,
count, lazy load, bulk update and delete. No viewer on the session means nothing is visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, event, false, inspect, true
from sqlalchemy.orm import InstanceState, ORMExecuteState, Session

from crm.core import clock
from crm.core.criteria import criteria_for, sees_all_of
from crm.core.db import SEES_ALL, Base, db
from crm.core.errors import NotAllowed


class Handling(StrEnum):
    """How far a record may travel, from everybody to its originator's own party alone."""

    PUBLIC = "public"
    COMMUNITY = "community"
    STATES = "states"
    COORDINATION = "coordination"
    ORIGINATOR = "originator"

    @property
    def rank(self) -> int:
        """0 (widest) to 4 (narrowest)."""
        return list(Handling).index(self)


HANDLING_LABELS: dict[str, str] = {
    Handling.ORIGINATOR.value: "My own party alone",
    Handling.COORDINATION.value: "Coordinators and presidency",
    Handling.STATES.value: "All States that take part",
    Handling.COMMUNITY.value: "States and civil society",
    Handling.PUBLIC.value: "Everybody",
}


def handling_in_words(handling: str, *, own: bool) -> str:
    """How far a record travels, said to its own party (`own`) or to another."""
    alone = handling == Handling.ORIGINATOR and not own
    return "The party that wrote it alone" if alone else HANDLING_LABELS[handling]


@dataclass(frozen=True)
class Viewer:
    """Who looks, as a plain value. `clearance` lists the handlings readable beyond one's own party.

    `states`: the States whose records are theirs to read and write (None: all); `named` and `closed`: the
    restricted States for which they are and are not named; `opened`: those whose records an emergency opened.
    """

    user_id: UUID | None = None
    name: str = ""
    title: str = ""
    email: str = ""
    party_id: UUID | None = None
    party_name: str = ""
    role_labels: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    clearance: frozenset[Handling] = frozenset()
    mission_id: UUID | None = None
    mission_name: str = ""
    states: frozenset[str] | None = None
    named: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    sample: bool = False
    is_system: bool = False

    def works_on(self, state_iso3: str) -> bool:
        """Whether records about this State are theirs to write. That it is restricted changes nothing: a gap in
        their choices, or a refusal, would give it away.
        """
        return self.states is None or state_iso3 in self.states

    @property
    def role_label(self) -> str:
        """The viewer's roles in words."""
        return ", ".join(self.role_labels)

    def may(self, permission: str) -> bool:
        """Whether a function (`resource:action`) is open to this viewer."""
        return self.is_system or permission in self.permissions

    def not_named(self) -> Viewer:
        """The same person as if they were named for no restricted State: what is taken out of the house, or done to
        everything at once, leaves these out, whoever asks.
        """
        return replace(self, named=frozenset(), closed=self.closed | self.named) if self.named else self

    def require(self, permission: str) -> None:
        """Raise NotAllowed unless the function is open to this viewer."""
        if not self.may(permission):
            raise NotAllowed(f"{permission} is not open to you")


ANONYMOUS = Viewer()
SYSTEM = Viewer(name="Demarche", is_system=True)

KNOWN_ROW = "known_row"
"""A row that the session holds was seen; its columns are read again after a commit as they were read before."""

VIEWER = "viewer"
"""Under this name the session keeps who looks."""

LAST = "last_viewer"
"""Under this name it keeps who looked last, the software left aside."""

BESIDE = "loaded_beside"
"""Under this name it keeps what they had loaded beside its rows, while the software looks and loads more."""

WITH_ITS_ROW = {"with_its_row": True}
"""`relationship(info=…)`: whoever is given the row is given these as well, such as the party of an invitation."""

Beside = dict[InstanceState[Any], dict[str, Any]]
"""What rows have in the attributes that lead to other rows."""


def claim_for_real(row: Any, actor: Viewer) -> None:
    """A sample record that a real person writes to is a real one from then on: taking the sample away must
    not take their words. What sample accounts do to the sample stays sample.
    """
    if row.sample and not (actor.sample or actor.is_system):
        row.sample = False


class PublicFact:
    """Mixin: reference facts that anyone may read."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return true()


class SystemOnly:
    """Mixin: rows that only the software itself reads (queues, counters, secrets)."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return false()


def tables_without_rule() -> list[str]:
    """Names of mapped classes that do not say who may see them; the start refuses any."""
    return sorted(
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if not callable(getattr(mapper.class_, "visible_to", None))
    )


def look_as(viewer: Viewer) -> None:
    """From here on the session answers for this viewer."""
    session = db.session()
    if not viewer.is_system:
        _let_go(session, viewer)
    session.info[VIEWER], session.info[SEES_ALL] = viewer, viewer.is_system


def viewer() -> Viewer:
    """The viewer of the present session (anonymous when nobody has been named)."""
    found: Viewer = db.session().info.get(VIEWER, ANONYMOUS)
    return found


def today() -> date:
    """The present day where the viewer is."""
    return clock.today(viewer().time_zone)


@contextmanager
def looking_as(someone: Viewer) -> Iterator[Viewer]:
    """Answer for another viewer inside the block, for jobs and for the sign-in itself."""
    before = viewer()
    look_as(someone)
    try:
        yield someone
    finally:
        look_as(before)


@contextmanager
def writing_about(state_iso3: str, actor: Viewer) -> Iterator[None]:
    """Keep what somebody writes about a State inside the block, even where it is closed to them.

    There it goes on as the system: the second wall lets nobody write what they may not read.
    """
    with looking_as(SYSTEM if state_iso3 in actor.closed else viewer()):
        yield


@event.listens_for(Session, "do_orm_execute")
def _apply_visibility(state: ORMExecuteState) -> None:
    if state.is_column_load:
        state.update_execution_options(**{KNOWN_ROW: True})
        return
    someone: Viewer = state.session.info.get(VIEWER, ANONYMOUS)
    if someone.is_system:
        _before_loading(state)
    if state.is_insert and state.statement.select is not None and not someone.is_system:  # type: ignore[attr-defined]
        raise RuntimeError("what a statement copies is not asked through the rule: read it first, then add it")
    if not (state.is_select or state.is_update or state.is_delete):
        return
    if state.is_relationship_load and state.lazy_loaded_from is None:
        return  # part of a statement that has its rules already, and hands them on
    if not someone.is_system:
        state.statement = state.statement.options(*criteria_for(state.statement, someone))


def _before_loading(state: ORMExecuteState) -> None:
    """Note what rows have beside them, before the software loads more there."""
    loads = state.is_relationship_load or (state.is_select and state.statement._with_options)
    if loads and BESIDE not in state.session.info:
        state.session.info[BESIDE] = {known: dict(_beside(known)) for known in _states(state.session)}


def _let_go(session: Session, viewer: Viewer) -> None:
    """Have read anew, when this viewer asks for it, what somebody else or the software loaded beside rows of the
    session: a row that is found once more comes with all that it has. What was changed there stays.
    """
    before: Beside | None = session.info.pop(BESIDE, None)
    if viewer != session.info.get(LAST, ANONYMOUS):
        session.info[LAST], before = viewer, {}
    if before is None:
        return
    for known in _states(session):
        had, parts = before.get(known, {}), known.mapper.relationships
        names = [
            name
            for name, value in _beside(known)
            if not (name in had and had[name] is value)
            and not sees_all_of(parts[name].mapper, viewer)
            and not known.attrs[name].history.has_changes()
        ]
        if names:
            session.expire(known.object, names)


def _states(session: Session) -> list[InstanceState[Any]]:
    return [inspect(row) for row in session.identity_map.values()]


def _beside(known: InstanceState[Any]) -> Iterator[tuple[str, Any]]:
    """What a row has in its attributes that lead to other rows, by name, as far as it is loaded."""
    for one in known.mapper.relationships:
        if one.key in known.dict and one.info != WITH_ITS_ROW:
            yield one.key, known.dict[one.key]
