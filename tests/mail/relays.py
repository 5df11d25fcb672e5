"""A real mail server on a loopback port that can be told to misbehave."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

KEPT = "250 2.0.0 Kept"


@dataclass
class Taken:
    """One mail that the server took."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.content, policy=default)


class Relay:
    """Takes mail; `rcpt` and `data` may hold replies to give instead, one after the other.

    A reply of "lose" in `data` takes the mail and cuts the connection before answering; "cut" in `rcpt`
    cuts it at once. A number of seconds in `data` makes the answer wait.
    """

    def __init__(self, port: int = 0) -> None:
        self.taken: list[Taken] = []
        self.rcpt: list[str] = []
        self.data: list[str | float] = []
        self.connections = 0
        self._loop: Any = None
        self._server: Any = None
        self._thread: threading.Thread | None = None
        self.port = port

    @property
    def url(self) -> str:
        """The address for the setting SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> Relay:
        """Listen, on the port it was given or had before, or on a free one."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        ready = threading.Event()
        self._ready = ready
        self._thread.start()
        assert ready.wait(10)
        return self

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(10)
            self._thread = None

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._server = await self._loop.create_server(self._session, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        self._server.close()

    def _session(self) -> SMTP:
        self.connections += 1
        return SMTP(self, hostname="relay.test", enable_SMTPUTF8=True)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.rcpt.pop(0) if self.rcpt else "250 OK"
        if reply == "cut":
            server.transport.abort()
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = self.data.pop(0) if self.data else KEPT
        if isinstance(reply, float):
            await asyncio.sleep(reply)
            reply = KEPT
        if reply in (KEPT, "lose"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(Taken(str(envelope.mail_from), list(envelope.rcpt_tos), content))
        if reply == "lose":
            server.transport.abort()
        return reply
