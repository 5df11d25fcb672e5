"""The main job: everything set up, started, watched and ended together."""

from __future__ import annotations

import contextlib
import http
import http.client
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import config
from launcher import commands, environment, places, ports, say, setup
from launcher.broker import Broker
from launcher.locks import FolderLock, Held
from launcher.processes import Child, Supervisor
from launcher.say import Problem

DEFAULT_PORT = 8000
START_LIMIT = 90.0
"""Seconds until the first page must answer."""

PATIENCE = 20.0
"""Seconds after which the start is over though a part that lives has given no sign of life; /readyz names it."""

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run() -> int:
    """Set up, start and watch until Ctrl-C or SIGTERM; answers the exit status."""
    house = House(places.var_dir())
    with _ended_by_signals(house):
        try:
            house.open()
            house.watch()
        except KeyboardInterrupt:
            say.line("\nStopping …")
            return 0 if house.opened else 130
        finally:
            house.close()
            if house.opened:
                say.line("Stopped.")
    return 0


@contextlib.contextmanager
def _ended_by_signals(house: House) -> Iterator[None]:
    """The first signal asks everything to end, the second ends it at once."""
    asked = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            house.supervisor.kill()
            return
        asked = True
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ENDINGS if not _hung_up_on(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _hung_up_on(number: signal.Signals) -> bool:
    """Whether we were started to survive the terminal (nohup)."""
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN


class House:
    """One installation: its folder, its settings, its processes."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.supervisor = Supervisor()
        self.opened = False
        self._lock = FolderLock(var / "run.lock")
        self._env: dict[str, str] = {}
        self.port = 0

    def open(self) -> None:
        """Bring everything up to the point where the first page answers; raises Problem."""
        self._take_folder()
        self.port = ports.chosen(os.environ, "PORT", DEFAULT_PORT)
        mail_port = None if os.environ.get("SMTP_URL") else ports.chosen(os.environ, "MAIL_PORT", None)
        self._lock.note(f"{self.address}, process {os.getpid()}")
        setup.prepare(environment.RUNTIME)
        os.umask(0o077)  # from here on: what the installation writes is for its owner alone
        self._env = self._settings(mail_port)
        self._start_broker()
        self._install()
        if mail_port is not None:
            self._start("mail catcher", "flask", "--app", "wsgi", "mail", "catch", "--port", str(mail_port))
        self._start("worker", "celery", "-A", "tasks.worker", "worker", "-c", "2", "--loglevel", "INFO")
        self._start("beat", "celery", "-A", "tasks.worker", "beat", "--loglevel", "INFO", "--pidfile", "")
        if os.environ.get("CAPTURE_ADDRESS"):
            self._start("receiver of mail", "flask", "--app", "wsgi", "capture", "receive")
        self._start("web", "granian", *self._web_options(), "wsgi:app")
        accounts = self._ask_accounts()
        self._wait_until_ready()
        self.opened = True
        self._welcome(accounts)

    def watch(self) -> None:
        """Keep everything running, for good."""
        while True:
            self.supervisor.look()
            time.sleep(0.3)

    def close(self) -> None:
        """End everything that was started and give the folder back."""
        self.supervisor.stop()
        self._lock.release()

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the pages. By name: passkeys do not work on a bare number."""
        return f"http://localhost:{self.port}"

    @property
    def _name(self) -> str:
        """The name under which readers ask for this site; the site answers to no other in production."""
        return urlsplit(os.environ.get("PUBLIC_URL", "")).hostname or f"localhost:{self.port}"

    @property
    def _sample(self) -> bool:
        return config.environment_of(os.environ) != "production"

    def _take_folder(self) -> None:
        try:
            self._lock.take(f"process {os.getpid()}")
        except Held as held:
            raise Problem(
                f"Demarche already runs from this folder ({held}).",
                remedy="End that one (Ctrl-C), or give this one a folder of its own: VAR_DIR=/other/folder",
            ) from None
        except OSError as error:
            raise Problem(
                f"The folder {self.var} cannot be written to ({error.strerror}).",
                remedy="Run it as the owner of the folder, or choose another: VAR_DIR=/other/folder",
            ) from None

    def _settings(self, mail_port: int | None) -> dict[str, str]:
        setup.keep_secret(self.var)
        chosen = {"PORT": str(self.port), "VAR_DIR": str(self.var), "DEMARCHE_ENV": config.environment_of(os.environ)}
        if not self._sample and mail_port is not None:
            example = "smtp://user:password@host:587"
            raise Problem("SMTP_URL must be set in production.", remedy=f"Example: {example}")
        if mail_port is not None:
            chosen["SMTP_URL"] = f"smtp://{ports.LOOPBACK}:{mail_port}"
            chosen["MAIL_CATCHER_DIR"] = str(places.private_folder(self.var / "mail"))
        return environment.children(chosen)

    def _start_broker(self) -> None:
        if os.environ.get("REDIS_URL"):
            return
        broker = Broker(self.var / "redis", places.logs(self.var) / "broker.log")
        self._env["REDIS_URL"] = broker.start()
        if broker.child is not None:
            self.supervisor.start(broker.child, foundation=True)

    def _install(self) -> None:
        words = ["-m", "flask", "--app", "wsgi", "install"]
        commands.run(
            "Bringing the database up to date",
            [str(environment.PYTHON), *words, *(["--sample"] if self._sample else [])],
            log=places.logs(self.var) / "install.log",
            failed="The database could not be prepared.",
            remedy="Check DATABASE_URL." if os.environ.get("DATABASE_URL") else "",
            env=self._env,
        )

    def _start(self, name: str, module: str, *words: str) -> Child:
        """Start one of our Python programs. As a module: scripts name the folder they were installed in."""
        log = places.logs(self.var) / f"{name.split()[0]}.log"
        command = [str(environment.PYTHON), "-m", module, *words]
        child = Child(name, command, log, env=self._env, cwd=places.ROOT)
        self.supervisor.start(child)
        return child

    def _web_options(self) -> list[str]:
        """Two processes, one for each processor of a small machine. One thread each would be a little quicker, but
        then two people on a thin line, sending slowly, would keep everybody waiting. Against many of them a
        proxy helps that takes in a whole request first (docs/operations.md).
        """
        where = ["--interface", "wsgi", "--host", ports.LOOPBACK, "--port", str(self.port)]
        processes = ["--workers", "2", "--respawn-failed-workers", "--workers-kill-timeout", "5"]
        return [*where, *processes, "--blocking-threads", "4", "--no-ws"]

    def _ask_accounts(self) -> subprocess.Popen[bytes]:
        """Ask, while the pages start, for the table of sample accounts or how to open the first account."""
        command = [str(environment.PYTHON), "-m", "flask", "--app", "wsgi", "sample", "accounts"]
        with (places.logs(self.var) / "accounts.log").open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=places.ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def _wait_until_ready(self) -> None:
        """Until every part says that it does its work; whatever dies before that ends the start."""
        began, status = time.monotonic(), None
        with say.Step("Starting the pages and the worker") as step:
            while time.monotonic() - began < START_LIMIT:
                self.supervisor.require_alive()
                status = _status(self.port, "/readyz", self._name)
                if status == http.HTTPStatus.OK or (status and time.monotonic() - began > PATIENCE):
                    return
                step.tick()
                time.sleep(0.1)
        raise Problem(
            f"No page answered within {START_LIMIT:.0f} seconds.",
            remedy=f"The logs are in {places.shown(places.logs(self.var))}.",
        )

    def _welcome(self, accounts: subprocess.Popen[bytes]) -> None:
        who_can_sign_in = b""
        with contextlib.suppress(subprocess.TimeoutExpired):
            who_can_sign_in, _ = accounts.communicate(timeout=30)
        accounts.kill()
        behind = os.environ.get("PUBLIC_URL", "").strip()
        say.line(
            f"\nDemarche is ready: {f'{behind}, behind your proxy to port {self.port}' if behind else self.address}\n"
        )
        if who_can_sign_in:
            say.line(who_can_sign_in.decode("utf-8", "replace").rstrip() + "\n")
        say.line(f"Logs: {places.shown(places.logs(self.var))}. End it with Ctrl-C.")


def _status(port: int, path: str, host: str) -> int | None:
    """The status with which a page comes back; None when none does."""
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer.status
