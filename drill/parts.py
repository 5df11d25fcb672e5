"""The real parts of an installation, each of which can be ended: web, workers, beats, broker, database."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from launcher import ports, postgres
from launcher.broker import Broker, ping
from launcher.postgres import Cluster
from launcher.processes import Child

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a secret for drills alone, long enough"
KEPT_VARIABLES = ("PATH", "LANG", "TZ", "HOME")


def wait_until(fact: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something is so; raises RuntimeError when the time is over."""
    end = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


@dataclass
class Small:
    """A small disk in memory on which an installation lives, so that it can be filled. Only root can mount one."""

    folder: Path
    megabytes: int
    mounted: bool = False

    def mount(self) -> bool:
        """Put it there; False where that is not allowed, and then it is the folder alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and sys.platform == "linux":
            command = ["mount", "-t", "tmpfs", "-o", f"size={self.megabytes}m,mode=0711", "drill", str(self.folder)]
            self.mounted = subprocess.run(command, capture_output=True).returncode == 0
        return self.mounted

    def unmount(self) -> None:
        """Take it away."""
        if self.mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is left on it while the block lasts."""
        ballast = self.folder / "ballast"
        block = bytes(1 << 20)
        try:
            with ballast.open("wb", buffering=0) as target:
                for size in (1 << 20, 4096, 1):
                    try:
                        while target.write(block[:size]) == size:
                            pass
                    except OSError:
                        continue
            yield
        finally:
            ballast.unlink(missing_ok=True)


@dataclass
class Machine:
    """Where a worker and a beat run: their environment and the programs."""

    name: str
    environment: dict[str, str]
    folder: Path
    children: dict[str, Child] = field(default_factory=dict)

    def start(self, name: str, *words: str) -> Child:
        """Start one of our programs, or start it again."""
        if name in self.children:
            self.children[name].kill()
        command = [sys.executable, "-m", *words]
        log = self.folder / "log" / f"{self.name}-{name}.log"
        child = Child(name, command, log, env=self.environment, cwd=ROOT)
        child.start()
        self.children[name] = child
        return child

    def worker(self) -> Child:
        """Two processes that work, as `run.py` starts them."""
        words = ("celery", "-A", "tasks.worker", "worker", "-c", "2", "-n", f"{self.name}@%h", "-l", "WARNING")
        return self.start("worker", *words)

    def beat(self, number: int = 1) -> Child:
        """What says when."""
        kept = str(self.folder / f"beat-{self.name}-{number}")
        words = ("celery", "-A", "tasks.worker", "beat", "-l", "WARNING", "--pidfile", "", "-s", kept)
        return self.start(f"beat{number}", *words)

    def revive(self) -> list[str]:
        """Start again what ended by itself, as `run.py` or the system does; their names."""
        ended = [name for name, child in self.children.items() if not child.alive]
        for name in ended:
            self.children[name].kill()
            self.children[name].start()
        return ended

    def everybody(self, number: signal.Signals) -> None:
        """A signal to every process of this machine."""
        for child in self.children.values():
            if child.process and child.alive:
                os.killpg(child.process.pid, number)

    def stop(self) -> None:
        """End everything at once."""
        for child in self.children.values():
            child.kill()
        self.children.clear()


class House:
    """One installation on one database, and the clock that its parts believe in."""

    def __init__(self, folder: Path, database: str, smtp_url: str) -> None:
        self.folder, self.database = folder, database
        self.disk = Small(folder / "disk", 2500 if database == "postgresql" else 600)
        self.disk.mount()
        self.var = self.disk.folder / "var"
        self.var.mkdir()
        self.broker = Broker(self.var / "redis")
        self.redis_url = self.broker.start()
        self.cluster: Cluster | None = None
        self.database_url = f"sqlite:///{self.var / 'drill.sqlite3'}"
        if database == "postgresql":
            self.cluster = Cluster(self.disk.folder / "postgres")
            self.database_url = self._with_disk(self.cluster.start)
        self.smtp_url = smtp_url
        self.port = ports.free()
        self.shift = timedelta(0)
        self.machine = Machine("one", self.environment(), self.var)
        self.machines = [self.machine]

    def _with_disk(self, start: Callable[[], str]) -> str:
        """PostgreSQL, whose files lie in the temporary folder when root runs it, on the small disk."""
        import tempfile

        before, tempfile.tempdir = tempfile.tempdir, str(self.disk.folder)
        try:
            return start()
        finally:
            tempfile.tempdir = before

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://localhost:{self.port}"

    def environment(self, **changes: str) -> dict[str, str]:
        """What makes a program a part of this installation."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT_VARIABLES}
        return kept | {
            "DEMARCHE_ENV": "testing",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "SMTP_URL": self.smtp_url,
            "VAR_DIR": str(self.var),
            "SECRET_KEY": SECRET,
            "PUBLIC_URL": self.address,
            "REMINDER_DETAIL": "full",
            "CLOCK_SHIFT": str(round(self.shift.total_seconds())),
            "OMP_NUM_THREADS": "1",
            **changes,
        }

    def now(self) -> datetime:
        """The moment in which the parts believe."""
        return datetime.now(UTC) + self.shift

    def start(self) -> None:
        """Web, worker and beat."""
        self.machine.environment = self.environment()
        self.machine.worker()
        self.machine.beat()
        self.web()

    def web(self) -> None:
        """Start the pages, or start them again."""
        where = ("--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(self.port))
        words = ("--workers", "1", "--blocking-threads", "4", "--no-ws", "wsgi:app")
        self.machine.start("web", "granian", *where, *words)

    def wait_for_web(self, seconds: float = 60) -> None:
        """Until the pages are served."""
        wait_until(lambda: ports.answers(self.port), seconds, "the pages")

    def kill(self, name: str) -> None:
        """End one part of the first machine and all that it started, at once."""
        self.machine.children[name].kill()

    def kill_child(self, draw: random.Random) -> bool:
        """End one process that works and leave the one that started it; False where there is none."""
        worker = self.machine.children["worker"].process
        found = _children_of(worker.pid) if worker else []
        if found:
            os.kill(draw.choice(found), signal.SIGKILL)
        return bool(found)

    def set_clock(self, shift: timedelta) -> None:
        """Let all parts believe in another time; they are started anew, as a machine is whose clock was wrong."""
        for machine in self.machines:
            machine.stop()
        self.shift = shift
        self.start()

    def restart_broker(self, *, empty: bool) -> None:
        """Start the broker again at its address, with what it had accepted or with nothing."""
        child = self.broker.child
        assert child is not None
        child.kill()
        if empty:
            for one in self.broker.folder.glob("appendonlydir/*"):
                one.unlink()
        child.start()
        password, port = self.redis_url.split(":")[2].split("@")[0], self.redis_url.rsplit(":", 1)[1].split("/")[0]
        wait_until(lambda: ping(int(port), password), 30, "the broker")

    def crash_database(self) -> None:
        """`pg_ctl stop -m immediate`: no farewell, no checkpoint."""
        assert self.cluster and self.cluster.child
        self.cluster.child.stop(signal.SIGQUIT)

    def restart_database(self) -> None:
        """Bring it back at its address."""
        assert self.cluster and self.cluster.child
        if not self.cluster.child.alive:
            self.cluster.child.start()
        port = int(self.database_url.rsplit(":", 1)[1].split("/")[0])
        wait_until(lambda: postgres.accepts(port), 60, "PostgreSQL")

    def stop(self) -> None:
        """End everything."""
        for machine in self.machines:
            machine.stop()
        if self.cluster:
            self.cluster.stop()
        self.broker.stop()
        self.disk.unmount()


def _children_of(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return sorted(int(one) for one in text.split())
