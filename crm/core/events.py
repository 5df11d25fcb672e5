"""Word from a lower floor to a higher one: delivered at once, in the same transaction, by one visible table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, current_app

Handlers = Mapping[type[Any], Sequence[Callable[[Any], None]]]


def connect(app: Flask, handlers: Handlers) -> None:
    """Set the table: which verbs answer to which event (the wiring floor owns it)."""
    app.extensions["events"] = dict(handlers)


def emit(event: Any) -> None:
    """Deliver an event (a frozen dataclass of ids) to its handlers, in order; an unknown event is an error."""
    handlers: Handlers = current_app.extensions["events"]
    for handler in handlers[type(event)]:
        handler(event)
