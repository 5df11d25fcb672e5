"""Nobody is let see more by the way: a record that stands is written as for more people in one place alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Insert, Update, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from crm.core.access import Handling
from crm.core.db import HouseSession
from crm.core.visibility import Attribution

WIDER = "Who may see it is widened on its own page."
TELLS_MORE = "Others may know no more of the source than was planned. More is told on its own page."

_meant: ContextVar[bool] = ContextVar("widening_is_meant", default=False)


@contextmanager
def widening() -> Iterator[None]:
    """What is written in here may be for more people than before; its caller has asked again who is there."""
    meant = _meant.set(True)
    try:
        yield
    finally:
        _meant.reset(meant)


@event.listens_for(HouseSession, "before_flush")
def _refuse(session: Session, _flush: Any, _instances: Any) -> None:
    """Whoever writes a handling or an attribution judges what it was: what was not read before is refused like what is
    wider.
    """
    if _meant.get():
        return
    gone = {inspect(row).mapper.identity_key_from_instance(row): row for row in session.deleted} if session.new else {}
    for row in session.new if gone else ():
        if before := gone.get(inspect(row).mapper.identity_key_from_instance(row)):
            _refuse_in_its_place(row, before)
    for row in session.dirty:
        if _is_wider(row, "handling", Handling):
            raise RuntimeError(f"{type(row).__name__} would be for more people than before")
        if _is_wider(row, "attribution", Attribution):
            raise RuntimeError(f"{type(row).__name__} would tell more of its source than before")


def _refuse_in_its_place(row: Any, before: Any) -> None:
    """What is taken away and written anew under its key, in one, is the record that stood."""
    for name, words in (("handling", Handling), ("attribution", Attribution)):
        if name in inspect(row).attrs and _rank(words, _given(row, name)) < _rank(words, _stood(before, name)):
            raise RuntimeError(f"{type(row).__name__} would be for more people, or tell more, than what it replaces")


def _given(row: Any, name: str) -> Any:
    """What is written, the default of the column where nothing is said."""
    value, default = getattr(row, name), inspect(row).mapper.columns[name].default
    return value if value is not None or default is None else default.arg


def _stood(row: Any, name: str) -> Any:
    """What stands in the database, whatever was set on the row before it was taken away."""
    history = inspect(row).attrs[name].history
    return history.deleted[0] if history.deleted else getattr(row, name)


def _rank(words: type[Handling | Attribution], value: str | None) -> int:
    return words(value).rank if value else -1


@event.listens_for(HouseSession, "do_orm_execute")
def _refuse_statements(state: ORMExecuteState) -> None:
    """A statement that changes many rows at once does not say what they were before, nor does one that adds rows and
    changes those that are there already.
    """
    if not isinstance(state.statement, Update | Insert) or _meant.get():
        return
    given = state.parameters if isinstance(state.parameters, list) else [state.parameters or {}]
    if {"handling", "attribution"} & _written(state.statement, given):
        raise RuntimeError("a statement would change who sees many records: read them and set each")


def _written(statement: Any, given: Iterable[Any]) -> set[str]:
    """The names of what a statement writes into rows that stand, however it says them."""
    if isinstance(statement, Insert):
        there_already = getattr(statement, "_post_values_clause", None)
        said, given = getattr(there_already, "update_values_to_set", {}), ()
    else:
        said = statement._values or {}
    return {str(getattr(one, "key", one)) for one in dict(said)}.union(*given)


def _is_wider(row: Any, name: str, words: type[Handling | Attribution]) -> bool:
    """A part without a handling of its own is for everybody who sees the whole."""
    history = inspect(row).attrs[name].history if name in inspect(row).attrs else None
    if history is None or not history.added:
        return False
    after, before = ([words(one).rank if one else -1 for one in some] for some in (history.added, history.deleted))
    return not before or after[0] < before[0]
