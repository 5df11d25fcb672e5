"""Nobody is let see more by the way: a record that stands is written as for more people in one place alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from crm.core.access import Handling
from crm.core.db import HouseSession

WIDER = "Who may see it is widened on its own page."

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
    """Whoever writes a handling judges what it was: what was not read before is refused like what is wider."""
    if _meant.get():
        return
    for row in session.dirty:
        if "handling" in inspect(row).attrs and _is_wider(inspect(row).attrs.handling.history):
            raise RuntimeError(f"{type(row).__name__} would be for more people than before")


def _is_wider(history: Any) -> bool:
    if not history.added:
        return False
    return not history.deleted or _rank(history.added[0]) < _rank(history.deleted[0])


def _rank(handling: str | None) -> int:
    """A part without a handling of its own is for everybody who sees the whole."""
    return Handling(handling).rank if handling else -1
