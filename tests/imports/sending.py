"""Spreadsheets for tests: sent, looked through, taken over, by the verbs that people use."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import unit_of_work
from crm.imports import service, working
from crm.imports.models import SpreadsheetImport
from crm.imports.storing import SentSheet

HEADINGS = "State,Date,Kind,Whom,Reply,Next action,By when,Obstacle,Handling"


def table(*lines: str, headings: str = HEADINGS) -> bytes:
    """A spreadsheet with these lines, as a file."""
    return "\n".join((headings, *lines, "")).encode()


def many(count: int, state: str = "Bhutan") -> bytes:
    """A spreadsheet with so many different lines."""
    return table(*(f"{state},2026-03-12,visit,Karma Example,Reply number {number},,,," for number in range(count)))


def send(actor: Viewer, content: bytes, name: str = "list.csv", **choices: Any) -> SpreadsheetImport:
    """Send a file and look at its lines, its columns as they were guessed."""
    access.look_as(actor)
    with unit_of_work():
        made = service.send(actor=actor, file=SentSheet(name, name.rpartition(".")[2], io.BytesIO(content)))
    with unit_of_work():
        columns = {**made.head["guessed"], **choices.pop("columns", {})}
        return service.choose_columns(actor=actor, import_id=made.id, columns=columns, **choices)


def press(verb: Any, actor: Viewer, made: SpreadsheetImport) -> None:
    """Press a button."""
    access.look_as(actor)
    with unit_of_work():
        verb(actor=actor, import_id=made.id)


def work(actor: Viewer, *made: SpreadsheetImport) -> None:
    """What a worker does."""
    ids = [one.id for one in made]
    with looking_as(SYSTEM):
        for one in ids:
            working.work(one)
    access.look_as(actor)


def take(actor: Viewer, content: bytes, **choices: Any) -> SpreadsheetImport:
    """Send a file and take every line over."""
    made = send(actor, content, **choices)
    press(service.begin, actor, made)
    work(actor, made)
    return made


def seen(models: Sequence[Any]) -> dict[str, int]:
    """How many rows of each model the present viewer sees."""
    from sqlalchemy import func, select

    from crm.core.db import db

    return {one.__name__: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in models}
