"""A mail server for sample installations: takes every mail, keeps it in a folder, passes nothing on."""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from crm.mail import caught

LOOPBACK = "127.0.0.1"
LARGEST = 10 * 1024 * 1024

log = logging.getLogger("demarche.catcher")


class Keeper:
    """Answers "kept" only once the file stands on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """One mail, kept once for each of its recipients."""
        content = envelope.content
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
        try:
            for recipient in envelope.rcpt_tos:
                await asyncio.to_thread(caught.keep, self._folder, recipient, raw)
        except OSError as error:
            log.error("mail not kept: %s", type(error).__name__)
            return "452 4.3.1 The folder of caught mail cannot be written"
        return "250 2.0.0 Kept"


async def _serve(folder: Path, port: int) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    keeper = Keeper(folder)
    server = await loop.create_server(
        lambda: SMTP(keeper, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=LARGEST, loop=loop),
        LOOPBACK,
        port,
    )
    async with server:
        await stop.wait()


def serve(folder: Path, port: int) -> None:
    """Catch mail on this machine's loopback address until told to stop (SIGTERM, Ctrl-C)."""
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(folder, port))
