"""A mail server that writes down each mail and each reply that it kept back, and misbehaves on request.

A process of its own: `python -m drill.sink PORT LOG`. What it does is told on its standard input, one line each:
`take`, `refuse`, `slow SECONDS`, `greylist`, `shut EVERY`, `refuse-next NUMBER`, `lose-next NUMBER`.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import IO, Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from launcher import ports

TOKEN = re.compile(r"drill-\d{6}")
ROOT = Path(__file__).resolve().parents[1]


class Sink:
    """What it does at present, and its log."""

    def __init__(self, log: IO[str]) -> None:
        self.log = log
        self.seconds = 0.0
        self.greylists = False
        self.shuts_every = 0
        self.refuses = self.loses = 0
        self.count = 0
        self.put_off: set[str] = set()
        self.open: set[Any] = set()

    def obey(self, words: list[str]) -> None:
        """Behave as told from now on."""
        word, number = words[0], float(words[1]) if len(words) > 1 else 0.0
        if word == "take":
            self.seconds, self.greylists, self.shuts_every = 0.0, False, 0
        elif word == "slow":
            self.seconds = number
        elif word == "greylist":
            self.greylists = True
        elif word == "shut":
            self.shuts_every = int(number)
        elif word == "refuse-next":
            self.refuses += int(number)
        elif word == "lose-next":
            self.loses += int(number)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """421 for every so many-th, 550 for the next so many."""
        self.count += 1
        transport: Any = server.transport
        self.open.add(transport)
        if self.shuts_every and self.count % self.shuts_every == 0:
            asyncio.get_running_loop().call_later(0.05, transport.close)
            return "421 4.3.2 Going down for a moment"
        if self.refuses:
            self.refuses -= 1
            return "550 5.1.1 Nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Written down before it is answered; a reply kept back is written down as one."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        message = message_from_bytes(raw)
        message_id = str(message["Message-ID"])
        if self.greylists and message_id not in self.put_off:
            self.put_off.add(message_id)
            return "451 4.7.1 Greylisted, please try again"
        if self.seconds:
            await asyncio.sleep(self.seconds)
        loses = self.loses > 0
        self.loses -= loses
        part = next(one for one in message.walk() if one.get_content_type() == "text/plain")
        text = part.get_payload(decode=True)
        tokens = sorted(set(TOKEN.findall(text.decode()))) if isinstance(text, bytes) else []
        line = {
            "at": datetime.now(UTC).isoformat(),
            "tokens": tokens,
            "message_id": message_id,
            "to": envelope.rcpt_tos,
            "told": not loses,
        }
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()
        if loses:
            transport: Any = server.transport
            transport.abort()
        return "250 2.0.0 Kept"


async def serve(port: int, log: IO[str]) -> None:
    """Take mail until the standard input ends."""
    loop, sink = asyncio.get_running_loop(), Sink(log)

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(sink, hostname="sink.test", enable_SMTPUTF8=True), ports.LOOPBACK, port
        )

    server: asyncio.Server | None = await listen()
    while line := await asyncio.to_thread(sys.stdin.readline):
        words = line.split()
        if words[0] == "refuse" and server is not None:
            server.close()
            server = None
            for transport in sink.open:
                transport.abort()
            sink.open.clear()
        elif words[0] == "take" and server is None:
            server = await listen()
        sink.obey(words)
        print("ok", flush=True)


class Running:
    """The process, told what to do."""

    def __init__(self, folder: Path) -> None:
        self.port, self.log = ports.free(), folder / "sink.jsonl"
        self.log.touch()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "drill.sink", str(self.port), str(self.log)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 30
        while not ports.answers(self.port):
            if time.monotonic() > end or self._process.poll() is not None:
                raise RuntimeError("the mail server of the drill did not start")
            time.sleep(0.05)

    @property
    def url(self) -> str:
        """For the setting SMTP_URL."""
        return f"smtp://{ports.LOOPBACK}:{self.port}"

    def tell(self, words: str) -> None:
        """Have it behave so from now on."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        self._process.stdout.readline()

    def lines(self) -> list[dict[str, Any]]:
        """What it has written down."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """A mail server for as long as the block lasts."""
    started = Running(folder)
    try:
        yield started
    finally:
        started.stop()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("a", encoding="utf-8") as target:
        asyncio.run(serve(int(sys.argv[1]), target))
