"""Takes mail in from the mail server of the house, over LMTP (RFC 2033), and answers "kept" only once it is.

It believes whoever may speak to it, so only that mail server may: it listens on the loopback address unless told
otherwise, and the network lets nobody else come by (docs/operations.md).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from crm.capture import receiving
from crm.capture.rules.course import LARGEST, MOST_RECIPIENTS
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.heartbeat import Part, beat

log = structlog.get_logger()

AT_ONCE = 2
"""Mails that are written down at the same time; the others wait for their turn with their connection open."""

SIGN_SECONDS = 30.0
NOT_NOW = "451 4.3.0 It cannot be kept at present; try again"
NOBODY = (None, "", "<>")
"""How a mail is sent of which nobody is to be told: a report of mail servers."""

TOO_MANY = "452 4.5.3 Too many recipients"


class Conversation(LMTP):
    """One connection."""

    line_length_limit = 200_000
    """Bytes of a line: some programs write a whole page into one."""


class Receiver:
    """Writes down what comes."""

    def __init__(self, app: Flask) -> None:
        self._app, self._turn = app, asyncio.Semaphore(AT_ONCE)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        """Every recipient, known or not: a refusal would come to the ears of whoever guesses."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """One mail; the answers, one for each recipient, come after the commit."""
        content = envelope.content
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
        recipients = list(envelope.rcpt_tos)
        async with self._turn:
            try:
                answers = await asyncio.to_thread(self._keep, recipients, raw, envelope.mail_from in NOBODY)
            except Exception as error:  # whatever it is, the mail server is to keep it and try again
                log.error("mail_not_kept", error=type(error).__name__)
                answers = [NOT_NOW] * len(recipients)
        return "\r\n".join(answers)

    def _keep(self, recipients: list[str], raw: bytes, bounce: bool) -> list[str]:
        with self._app.app_context(), looking_as(SYSTEM), unit_of_work():
            return [one.value for one in receiving.keep(recipients, raw, bounce=bounce)]

    def sign(self) -> None:
        """Give a sign of life. Looks as the system: it is the software's own."""
        with self._app.app_context(), looking_as(SYSTEM), suppress(SQLAlchemyError), unit_of_work():
            beat(Part.RECEIVER)


async def listening(app: Flask, host: str, port: int) -> asyncio.Server:
    """A server that listens and takes mail in."""
    receiver, loop = Receiver(app), asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Conversation(receiver, hostname="demarche", enable_SMTPUTF8=True, data_size_limit=LARGEST, loop=loop),
        host,
        port,
    )


async def _serve(app: Flask, host: str, port: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    receiver = Receiver(app)
    async with await listening(app, host, port):
        while not stop.is_set():
            await asyncio.to_thread(receiver.sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SIGN_SECONDS)


def serve(app: Flask, host: str, port: int) -> None:
    """Take mail in until told to stop (SIGTERM, Ctrl-C)."""
    asyncio.run(_serve(app, host, port))
