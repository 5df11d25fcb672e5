"""A CalDAV server of somebody else's for a test, on the loopback address, and what it is asked over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import HTTPHandler, Request, build_opener
from xml.etree import ElementTree

from icalendar import Calendar

ROOM = "/officer/calendar/"
PATIENCE = 30

_asks = build_opener(HTTPHandler)

_QUERY = """<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
  <d:prop><d:getetag/><c:calendar-data/></d:prop>
  <c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
    <c:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>
  </c:comp-filter></c:comp-filter></c:filter>
</c:calendar-query>"""


class Server:
    """One calendar on it."""

    def __init__(self, port: int) -> None:
        self._origin = f"http://127.0.0.1:{port}"

    def put(self, body: bytes) -> list[str]:
        """Keep every entry of a feed as an object of its own, as RFC 4791 wants them; their UIDs."""
        feed = Calendar.from_ical(body)
        zones = feed.walk("VTIMEZONE")
        kept = []
        for entry in feed.walk("VEVENT"):
            alone = Calendar()
            alone.add("prodid", feed["prodid"])
            alone.add("version", "2.0")
            for one in [*zones, entry]:
                alone.add_component(one)
            name = str(entry["uid"])
            assert self._ask("PUT", f"{ROOM}{name}.ics", alone.to_ical(), "text/calendar")[0] in (201, 204)
            kept.append(name)
        return kept

    def between(self, start: datetime, end: datetime) -> list[str]:
        """What the server finds in a span of time, as calendar data."""
        query = _QUERY.format(start=start.astimezone(UTC), end=end.astimezone(UTC)).encode()
        status, body = self._ask("REPORT", ROOM, query, "application/xml; charset=utf-8", depth="1")
        assert status == 207, body
        found = ElementTree.fromstring(body).iter("{urn:ietf:params:xml:ns:caldav}calendar-data")
        return [one.text or "" for one in found]

    def make_room(self) -> None:
        """An empty calendar."""
        assert self._ask("MKCALENDAR", ROOM, b"", "application/xml")[0] == 201

    def _ask(self, method: str, path: str, body: bytes, media_type: str, depth: str = "0") -> tuple[int, bytes]:
        head = {"Content-Type": media_type, "Depth": depth, "Authorization": "Basic b2ZmaWNlcjp4"}
        with _asks.open(Request(self._origin + path, body, head, method=method), timeout=PATIENCE) as answer:
            return answer.status, answer.read()


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server that keeps its calendars in that folder, for as long as the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "log").write_bytes(b"")
    settings = {
        "server-hosts": f"127.0.0.1:{port}",
        "auth-type": "none",
        "storage-filesystem-folder": str(folder / "kept"),
        "web-type": "none",
        "logging-level": "warning",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    empty = {"RADICALE_CONFIG": "", "PATH": os.environ.get("PATH", "")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "radicale", *options], env=empty, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder)
        found = Server(port)
        found.make_room()
        yield found
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(PATIENCE * 10):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.1)
    raise AssertionError((folder / "log").read_text())
