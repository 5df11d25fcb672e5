"""Emptying the outbox: many small units of work with a mail server spoken to in between, never inside one."""

from __future__ import annotations

import time
from collections import Counter
from uuid import UUID

import structlog
from flask import current_app

from sqlalchemy.exc import OperationalError

from crm.core.db import unit_of_work
from crm.core.heartbeat import Part, beat
from crm.core.jobs import Job, enqueue
from crm.mail import queries, service
from crm.mail.holder import sign
from crm.mail.message import Outgoing
from crm.mail.relay import Relay, RelayDown
from crm.mail.rules import Answer, Outcome

log = structlog.get_logger()

BATCH = 50
PATIENCE_SECONDS = 6
"""One drain works no longer than this and then asks for the next: a worker that is told to stop can stop."""


RETRIES = (0.5, 1, 2, 4, 8, 15, None)
"""Seconds between attempts to write down what the mail server said; after the last one it is given up."""


def drain(*, batch: int = BATCH, seconds: float = PATIENCE_SECONDS) -> Counter[Outcome]:
    """Send what is ready until nothing is, the time is over or the mail server fails; counts by outcome.

    Opens its own units of work and must be called outside one, looking as the system.
    """
    outcomes: Counter[Outcome] = Counter()
    with unit_of_work():
        ready = queries.anything_ready()
    if not ready:
        return outcomes
    holder, end = sign(), time.monotonic() + seconds
    settings = current_app.extensions["settings"]
    with Relay(settings.smtp_url, service.own_domain()) as relay:
        if not _reachable(relay):
            return outcomes
        try:
            while time.monotonic() < end:
                with unit_of_work():
                    claimed = service.claim_batch(holder, batch)
                if not claimed or not deliver(claimed, holder, relay, outcomes, end):
                    break
        finally:
            with unit_of_work():
                service.release(holder)
                if time.monotonic() >= end:
                    enqueue(Job.DRAIN_OUTBOX)
    if outcomes:
        log.info("outbox_drained", **{one.value: number for one, number in outcomes.items()})
    return outcomes


def _write_down(mail: Outgoing, answer: Answer) -> None:
    """Keep the answer, even through a restart of the database: without it a second copy would go out."""
    for pause in RETRIES:
        try:
            with unit_of_work():
                service.settle(mail.mail_id, mail.attempt, answer)
                if answer.relay_trouble:
                    beat(Part.RELAY_REFUSED, note=answer.text)
            return
        except OperationalError as error:
            if pause is None:
                raise
            log.warning("answer_not_written", mail=str(mail.mail_id), error=type(error).__name__)
            time.sleep(pause)


def _reachable(relay: Relay) -> bool:
    """Connect, and write down for the pages whether the mail server answered."""
    try:
        relay.connect()
    except RelayDown as error:
        log.warning("relay_down", reason=str(error))
        with unit_of_work():
            beat(Part.RELAY_REFUSED, note=str(error))
            service.note_waiting(str(error))
        return False
    with unit_of_work():
        beat(Part.RELAY)
    return True


def deliver(mails: list[UUID], holder: str, relay: Relay, outcomes: Counter[Outcome], end: float) -> bool:
    """Hand a claimed batch to the relay over one connection; False when the relay failed twice in a row."""
    troubles = 0
    for mail_id in mails:
        if time.monotonic() >= end:
            return True
        with unit_of_work():
            outgoing = service.begin(mail_id, holder)
        if outgoing is None:
            continue
        answer = relay.hand_over(outgoing)
        _write_down(outgoing, answer)
        outcomes[answer.outcome] += 1
        troubles = troubles + 1 if answer.relay_trouble else 0
        if troubles > 1:
            return False
    return True
