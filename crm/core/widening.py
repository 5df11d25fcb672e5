"""Nobody is let see more by the way: a record that stands is written as for more people in one place alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Delete, Insert, Update, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from crm.core.access import Handling
from crm.core.db import HouseSession
from crm.core.visibility import Attribution

WIDER = "Who may see it is widened on its own page."
TELLS_MORE = "Others may know no more of the source than was planned. More is told on its own page."

_GONE = "taken_away"
_ORIGINATOR = "originator_id"
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
        _refuse_another_record(row)
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


def _refuse_another_record(row: Any) -> None:
    """A row that travels stays whose it is and under its key: else it would be for others than before, or stand in the
    place of one that was narrower.
    """
    state = inspect(row)
    if not _WORDS.keys() & set(state.attrs.keys()):
        return
    lasting = {_ORIGINATOR, *(state.mapper.get_property_by_column(one).key for one in state.mapper.primary_key)}
    for name in lasting & set(state.attrs.keys()):
        history = state.attrs[name].history
        if history.added and list(history.added) != list(history.deleted):
            raise RuntimeError(f"{type(row).__name__} would be another record than before, by its {name}")


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
    changes those that are there already, or writes some where others were taken away.
    """
    statement = state.statement
    if isinstance(statement, Delete):
        _note_taken_away(state)
    if not isinstance(statement, Update | Insert) or _meant.get():
        return
    given = state.parameters if isinstance(state.parameters, list) else [state.parameters or {}]
    if {*_WORDS, _ORIGINATOR} & _written(statement, given) or _takes_a_place(state):
        raise RuntimeError("a statement would change who sees many records: read them and set each")


def _note_taken_away(state: ORMExecuteState) -> None:
    """What a statement takes away stood as narrow as it did, as what is taken away one by one."""
    mapper, statement = state.bind_mapper, state.statement
    names = sorted(_WORDS.keys() & set(mapper.columns.keys())) if mapper else []
    if mapper is None or not names or not isinstance(statement, Delete):
        return
    size, columns = len(mapper.primary_key), [*mapper.primary_key, *(mapper.columns[name] for name in names)]
    asked = select(*columns)
    if statement.whereclause is not None:
        asked = asked.where(statement.whereclause)
    gone = state.session.info.setdefault(_GONE, {})
    for row in state.session.execute(asked, state.parameters or {}).all():
        key = mapper.identity_key_from_primary_key(tuple(row[:size]))
        gone[key] = dict(zip(names, row[size:], strict=True))


def _takes_a_place(state: ORMExecuteState) -> bool:
    """Whether rows are put where others stand, or may be put where some stood: under which keys is not judged here.
    By another key, too, a row may come to stand there.
    """
    mapper, statement = state.bind_mapper, state.statement
    if mapper is None or not _WORDS.keys() & set(mapper.columns.keys()):
        return False
    if isinstance(statement, Insert):
        stood = any(key[0] is mapper.class_ for key in state.session.info.get(_GONE, ()))
        return stood or bool(getattr(statement, "_prefixes", ()))
    said = {str(getattr(one, "key", one)) for one in dict(getattr(statement, "_values", None) or {})}
    return bool(said & {one.key for one in mapper.primary_key})


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
