"""Mail on its way in: written as people and programs write it, and brought by a mail server over LMTP."""

from __future__ import annotations

import asyncio
import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from flask import Flask
from sqlalchemy import select

from crm.capture import addresses, reading, server
from crm.capture.models import WaitingMail
from crm.capture.rules.course import Phase
from crm.core import access
from crm.core.access import Viewer
from crm.core.db import db, unit_of_work

DOMAIN = "demarche.example.org"
ADDRESS = f"log@{DOMAIN}"
RELAY = f"mx.{DOMAIN}"


@contextmanager
def listening(app: Flask) -> Iterator[int]:
    """The port of a receiver that takes mail in for as long as the block lasts."""
    loop, started = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    async def serve() -> None:
        async with await server.listening(app, "127.0.0.1", 0) as listener:
            ports.append(listener.sockets[0].getsockname()[1])
            started.set()
            await stop.wait()

    stop = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


def address_for(viewer: Viewer) -> str:
    """The address of somebody's party, made if there is none."""
    with access.looking_as(viewer):
        if addresses.address_of(viewer) is None:
            with unit_of_work():
                addresses.make(actor=viewer)
        found = addresses.address_of(viewer)
    db.session.remove()
    access.look_as(access.SYSTEM)
    assert found
    return found.text


def written(sender: str, text: str = "They will ratify in spring.\n", **headers: str) -> EmailMessage:
    """A mail as a person writes it; `vouched` is the domain for which the mail server vouches."""
    vouched = headers.pop("vouched", sender.rpartition("@")[2].rstrip(">"))
    message = EmailMessage()
    if vouched:
        message["Authentication-Results"] = f"{RELAY}; dmarc=pass (p=none) header.from={vouched}"
    message["From"] = sender
    message["Subject"] = headers.pop("Subject", "Fwd: call on Bhutan")
    message["Date"] = "Fri, 20 Nov 2026 09:15:00 +0900"
    message["Message-ID"] = headers.pop("Message_ID", f"<{abs(hash((sender, text)))}@example.org>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def deliver(port: int, message: EmailMessage | bytes, *recipients: str, envelope: str = "bounces@example.org") -> None:
    """Hand a mail over as a mail server does, once for each recipient."""
    raw = message if isinstance(message, bytes) else message.as_bytes()
    for one in recipients:
        with smtplib.LMTP("127.0.0.1", port, "relay.test", timeout=30) as client:
            client.sendmail(envelope, [one], raw)


def read_all() -> None:
    """What the worker does for every mail that came in."""
    db.session.remove()
    access.look_as(access.SYSTEM)
    wanted = select(WaitingMail.id).where(WaitingMail.phase == Phase.RECEIVED.value)
    for key in db.session.scalars(wanted).all():
        db.session.rollback()
        reading.read(key)
    db.session.rollback()


def kept() -> list[WaitingMail]:
    """Every mail that is kept, in the order in which it came."""
    db.session.rollback()
    access.look_as(access.SYSTEM)
    return list(db.session.scalars(select(WaitingMail).order_by(WaitingMail.received_at)))
