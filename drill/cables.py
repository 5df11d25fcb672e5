"""The cable of a machine that shares database, broker and mail server with others: everything it says goes through a
loopback address of its own, and can be cut off.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from urllib.parse import urlsplit, urlunsplit


class Cable:
    """Forwards some ports of one loopback address to the same ports of 127.0.0.1, until it is cut."""

    def __init__(self, address: str, ports: Iterable[int]) -> None:
        self.address, self._ports = address, tuple(ports)
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._lines: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.mend()

    def through(self, url: str) -> str:
        """The address of a server as this machine knows it."""
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{user}@{self.address}:{parts.port}".lstrip("@")))

    def cut(self) -> None:
        """End every connection and let none begin."""
        self._do(self._cut())

    def mend(self) -> None:
        """Forward again."""
        self._do(self._listen())

    def close(self) -> None:
        """Cut it for good."""
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _do(self, what: object) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(20)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        for port in self._ports:
            self._servers.append(await asyncio.start_server(self._forwarder(port), self.address, port))

    async def _cut(self) -> None:
        servers, self._servers = self._servers, []
        for server in servers:
            server.close()
        for line in tuple(self._lines):
            line.transport.abort()
        await asyncio.sleep(0.1)

    def _forwarder(self, port: int):  # type: ignore[no-untyped-def]
        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                writer.transport.abort()
                return
            ends = {writer, back}
            self._lines |= ends
            await asyncio.gather(_pour(reader, back), _pour(there, writer))
            self._lines -= ends

        return forward


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
    except OSError:
        pass
    finally:
        target.transport.abort() if source.exception() else target.close()
