"""When the parts that work unseen last gave a sign of life: one row per part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from crm.core import clock
from crm.core.access import SYSTEM, SystemOnly, looking_as
from crm.core.db import Base, db, locked, savepoint


class Part(StrEnum):
    """The parts that are watched. `RELAY` answered, `RELAY_REFUSED` did not; the later one counts. `RECEIVER` takes
    mail in.
    """

    WORKER = "worker"
    BEAT = "beat"
    RELAY = "relay"
    RELAY_REFUSED = "relay_refused"
    RECEIVER = "receiver"


class Heartbeat(SystemOnly, Base):
    """The last sign of life of one part, and what it said then (never anything about people or records)."""

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True)
class Sign:
    """One sign of life as a plain value."""

    at: datetime
    note: str

    @property
    def age(self) -> timedelta:
        """How long ago it was; never negative, clocks of two machines may differ a little."""
        return max(clock.now() - self.at, timedelta(0))


def beat(part: Part, *, at: datetime | None = None, note: str = "") -> None:
    """Write a sign of life into the present transaction; an older one never replaces a newer."""
    moment = at or clock.now()
    row = locked(Heartbeat, part.value)
    if row is None:
        try:
            with savepoint():
                db.session.add(Heartbeat(name=part.value, at=moment, note=note))
            return
        except IntegrityError:
            row = locked(Heartbeat, part.value)
            if row is None:
                raise
    if row.at <= moment:
        row.at, row.note = moment, note


def signs() -> dict[Part, Sign]:
    """The last sign of every part that ever gave one. Looks as the system: signs of life are for the software alone."""
    with looking_as(SYSTEM):
        rows = db.session.execute(select(Heartbeat.name, Heartbeat.at, Heartbeat.note)).all()
    return {Part(name): Sign(at, note) for name, at, note in rows if name in set(Part)}
