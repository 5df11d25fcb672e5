"""Nobody is let see more by the way: a record that stands is written as for more people in one place alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Insert, Update, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from crm.core.access import Handling
from crm.core.db import HouseSession
from crm.core.visibility import Attribution

WIDER = "Who may see it is widened on its own page."
TELLS_MORE = "Others may know no more of the source than was planned. More is told on its own page."

_GONE = "taken_away"
_WORDS: Mapping[str, type[Handling | Attribution]] = {"handling": Handling, "attribution": Attribution}
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
    gone = _taken_away(session)
    if _meant.get():
        return
    for row in session.new if gone else ():
        if before := gone.get(inspect(row).mapper.identity_key_from_instance(row)):
            _refuse_in_its_place(row, before)
    for row in session.dirty:
        if _is_wider(row, "handling", Handling):
            raise RuntimeError(f"{type(row).__name__} would be for more people than before")
        if _is_wider(row, "attribution", Attribution):
            raise RuntimeError(f"{type(row).__name__} would tell more of its source than before")


def _taken_away(session: Session) -> dict[Any, dict[str, str | None]]:
    """By key, how far each record was to travel that was taken away since the transaction began."""
    gone: dict[Any, dict[str, str | None]] = session.info.setdefault(_GONE, {})
    for row in session.deleted:
        names = _WORDS.keys() & set(inspect(row).attrs.keys())
        if names:
            key = inspect(row).mapper.identity_key_from_instance(row)
            gone[key] = {name: _stood(row, name) for name in names}
    return gone


@event.listens_for(HouseSession, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    """With a whole transaction, not with a savepoint within it: what one gave back stands, and is judged itself."""
    if transaction.parent is None:
        session.info.pop(_GONE, None)


def _refuse_in_its_place(row: Any, before: Mapping[str, str | None]) -> None:
    """What is taken away and written anew under its key, in one, is the record that stood."""
    for name, words in _WORDS.items():
        if name in before and _rank(words, _given(row, name)) < _rank(words, before[name]):
            raise RuntimeError(f"{type(row).__name__} would be for more people, or tell more, than what it replaces")


def _given(row: Any, name: str) -> Any:
    """What is written, the default of the column where nothing is said."""
    value, default = getattr(row, name), inspect(row).mapper.columns[name].default
    return value if value is not None or default is None else default.arg


def _stood(row: Any, name: str) -> str | None:
    """What stands in the database, whatever was set on the row before it was taken away; the narrowest where that was
    not read.
    """
    history = inspect(row).attrs[name].history
    before = [*history.deleted, *history.unchanged]
    narrowest: str = max(_WORDS[name], key=lambda one: one.rank).value
    return before[0] if before else narrowest


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
