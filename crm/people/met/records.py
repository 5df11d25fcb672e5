"""What higher floors know of people met: the records of meetings with them. The wiring tells who answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import Flask, current_app

from crm.core.access import Handling


@dataclass(frozen=True)
class Meeting:
    """One record of a meeting: what happened when, and who they were then in one line."""

    activity_id: UUID
    held_on: date
    precision: str
    what: str
    as_then: str


@dataclass(frozen=True)
class Records:
    """Whom to ask; every answer holds as far as the viewer may see.

    `meetings`: those with any of these people or office-holders, newest first. `last_met`: the last day by person.

    """

    meetings: Callable[[Collection[UUID], Collection[UUID]], Sequence[Meeting]]
    last_met: Callable[[Collection[UUID]], Mapping[UUID, date]]
    handling_of: Callable[[UUID], Handling]


def connect(app: Flask, records: Records) -> None:
    """Set the table (the wiring floor owns it)."""
    app.extensions["records_of_meetings"] = records


def records() -> Records:
    """Those of this house."""
    found: Records = current_app.extensions["records_of_meetings"]
    return found
