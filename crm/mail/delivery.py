"""Emptying the outbox: many small units of work with a mail server spoken to in between, never inside one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy.exc import OperationalError

from crm.core.db import unit_of_work
from crm.core.heartbeat import Part, beat
from crm.core.jobs import Job, enqueue
from crm.mail import queries, service
from crm.mail.holder import sign
from crm.mail.relay import Relay, RelayDown
from crm.mail.rules import Answer, Outcome

log = structlog.get_logger()

BATCH = 50
PATIENCE_SECONDS = 6
"""One drain works no longer than this and then asks for the next: a worker that is told to stop can stop."""

RETRIES = (0.5, 1, 2, 4, 8, 15)
"""Seconds between attempts to write down what must not be forgotten while the database is away."""


@dataclass
class Run:
    """One drain: who it is, the connection, its end by the monotonic clock, what came of it so far.

    `unwritten` is the mail that was handed over and whose answer is not in the database yet.
    """

    holder: str
    relay: Relay
    end: float
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    unwritten: UUID | None = None

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self.end


def drain(*, batch: int = BATCH, seconds: float = PATIENCE_SECONDS) -> Counter[Outcome]:
    """Send what is ready until nothing is, the time is over or the mail server fails; counts by outcome.

    Opens its own units of work and must be called outside one, looking as the system.
    """
    with unit_of_work():
        ready = queries.anything_ready()
    if not ready:
        return Counter()
    url = current_app.extensions["settings"].smtp_url
    with Relay(url, service.own_domain()) as relay:
        run = Run(sign(), relay, time.monotonic() + seconds)
        if _reachable(relay):
            try:
                _work(run, batch)
            finally:
                _insist(lambda: _let_go(run))
    if run.outcomes:
        log.info("outbox_drained", **{one.value: number for one, number in run.outcomes.items()})
    return run.outcomes


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


def _work(run: Run, batch: int) -> None:
    while not run.over:
        with unit_of_work():
            claimed = service.claim_batch(run.holder, batch)
        if not claimed or not deliver(run, claimed):
            return


def deliver(run: Run, mails: list[UUID]) -> bool:
    """Hand a claimed batch to the relay over one connection; False when the relay failed twice in a row."""
    troubles = 0
    for mail_id in mails:
        if run.over:
            return True
        with unit_of_work():
            outgoing = service.begin(mail_id, run.holder)
        if outgoing is None:
            continue
        run.unwritten = mail_id
        answer = run.relay.hand_over(outgoing)

        def write(number: int = outgoing.attempt, key: UUID = mail_id, answer: Answer = answer) -> None:
            service.settle(key, number, answer)
            if answer.relay_trouble:
                beat(Part.RELAY_REFUSED, note=answer.text)

        _insist(write)
        run.unwritten = None
        run.outcomes[answer.outcome] += 1
        troubles = troubles + 1 if answer.relay_trouble else 0
        if troubles > 1:
            return False
    return True


def _let_go(run: Run) -> None:
    """Give back what was claimed, and ask for the next drain when only the time was over."""
    service.release(run.holder, handed_over=run.unwritten)
    if run.over:
        enqueue(Job.DRAIN_OUTBOX)


def _insist(verb: Callable[[], None]) -> None:
    """Run a verb in a unit of work, again and again for half a minute while the database is away."""
    for pause in RETRIES:
        try:
            with unit_of_work():
                return verb()
        except OperationalError as error:
            log.warning("not_written_yet", error=type(error).__name__)
            time.sleep(pause)
    with unit_of_work():
        return verb()
