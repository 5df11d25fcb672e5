"""Looking at the parts. Nothing here raises because a part is away: that is the finding."""

from __future__ import annotations

import time
from dataclasses import dataclass

import redis
import structlog
from flask import current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import func, select, true
from sqlalchemy.exc import SQLAlchemyError

from crm.accounts import sessions
from crm.capture.addresses import is_on
from crm.core import clock, wall
from crm.core.db import db
from crm.core.heartbeat import Part, signs
from crm.followups.models import FollowUp
from crm.health.rules import Check, CheckState, oldest_mail, sign_of_life
from crm.instructions.models import Instruction
from crm.mail import pausing
from crm.mail.models import OutboxMail
from crm.mail.queries import needs_person, oldest_unsent, tallies

log = structlog.get_logger()

BROKER_SECONDS = 1.5


def checks() -> list[Check]:
    """Database, broker, worker, beat, oldest unsent mail, whoever takes mail in where that is switched on, second wall.
    Without a database the last are unknown.
    """
    database = _database()
    found = [database, _broker()]
    if database.good:
        found += [*_from_database(), *_wall()]
    else:
        found += [Check(name, CheckState.MISSING) for name in ("worker", "beat", "mail")]
    return found


@dataclass(frozen=True)
class Figures:
    """Counts and ages in seconds, of everybody's together."""

    mails: dict[str, int]
    undecided: int
    oldest_mail: float
    paused: bool
    planning: dict[str, float]
    sessions: int


def figures() -> Figures:
    """What the database can count at this moment; looks as the caller does, who must be the system."""
    now, since = clock.now(), oldest_unsent()
    undecided = db.session.scalar(select(func.count()).select_from(OutboxMail).where(needs_person()))
    planned = {"follow_ups": FollowUp.remind_at, "instructions": Instruction.remind_at}
    late = {kind: db.session.scalar(select(func.min(column))) for kind, column in planned.items()}
    return Figures(
        mails={state.value: number for state, number in tallies().items()},
        undecided=undecided or 0,
        oldest_mail=max((now - since).total_seconds(), 0) if since else 0,
        paused=pausing.current() is not None,
        planning={kind: max((now - due).total_seconds(), 0) if due else 0 for kind, due in late.items()},
        sessions=sessions.count_open(),
    )


def _database() -> Check:
    start = time.monotonic()
    try:
        db.session.execute(select(true()))
    except SQLAlchemyError as error:
        log.warning("database_down", error=type(error).__name__)
        db.session.rollback()
        return Check("database", CheckState.FAILED)
    return Check("database", CheckState.OK, time.monotonic() - start)


def _broker() -> Check:
    start = time.monotonic()
    address = current_app.extensions["settings"].redis_url
    try:
        with redis.Redis.from_url(
            address,
            socket_connect_timeout=BROKER_SECONDS,
            socket_timeout=BROKER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        ) as broker:
            broker.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        log.warning("broker_down", error=type(error).__name__)
        return Check("broker", CheckState.FAILED)
    return Check("broker", CheckState.OK, time.monotonic() - start)


def _wall() -> list[Check]:
    """Whether the database itself shows each reader only what is theirs; nothing to check on SQLite."""
    open_to_all = wall.gaps()
    if open_to_all is None:
        return []
    if open_to_all:
        log.error("wall_has_gaps", tables=open_to_all)
    return [Check("wall", CheckState.FAILED if open_to_all else CheckState.OK)]


def _from_database() -> list[Check]:
    try:
        seen, since, paused = signs(), oldest_unsent(), pausing.current()
    except SQLAlchemyError as error:
        log.warning("heartbeats_unreadable", error=type(error).__name__)
        db.session.rollback()
        return [Check(name, CheckState.FAILED) for name in ("worker", "beat", "mail")]
    worker, beat, received = seen.get(Part.WORKER), seen.get(Part.BEAT), seen.get(Part.RECEIVER)
    return [
        sign_of_life("worker", worker.age if worker else None),
        sign_of_life("beat", beat.age if beat else None),
        oldest_mail(clock.now() - since if since else None, paused=paused is not None),
        *([sign_of_life("receiver", received.age if received else None)] if is_on() else []),
    ]
