"""The tests, the linters and the measurements, each with everything that it needs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from launcher import browser, commands, environment, memory, places, say, setup
from launcher.broker import Broker
from launcher.postgres import Cluster

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
)


def test(arguments: Sequence[str]) -> int:
    """Run pytest with these arguments; its last line and its exit status are ours.

    The tests start their own servers. A test that needs a browser finds it in DEMARCHE_CHROMIUM. What they write
    goes to a folder in memory where there is room, unless TMPDIR says where.
    """
    setup.prepare(environment.DEVELOPMENT)
    env = environment.children({"DEMARCHE_CHROMIUM": str(browser.find(install=True))})
    if "TMPDIR" in env:
        return commands.stand_aside(_pytest(arguments), env)
    with memory.folder() as folder:
        return commands.stand_aside(_pytest(arguments), env | ({"TMPDIR": str(folder)} if folder else {}))


def _pytest(arguments: Sequence[str]) -> list[str]:
    return [str(environment.PYTHON), "-m", "pytest", *arguments]


def lint() -> int:
    """Every linter, to the end; 1 when one of them objects."""
    setup.prepare(environment.DEVELOPMENT)
    objections = 0
    for words in LINTERS:
        say.line(" ".join(words))
        command = [str(environment.PYTHON), "-m", *words]
        done = subprocess.run(command, cwd=places.ROOT, env=environment.children())
        objections += done.returncode != 0
    return 1 if objections else 0


def drill(arguments: Sequence[str]) -> int:
    """`python -m drill`, which starts every server that it breaks; its last line and its exit status are ours."""
    setup.prepare(environment.DEVELOPMENT)
    env = environment.children()
    command = [str(environment.PYTHON), "-m", "drill", *arguments]
    if "TMPDIR" in env:
        return commands.stand_aside(command, env)
    with memory.folder() as folder:
        return commands.stand_aside(command, env | ({"TMPDIR": str(folder)} if folder else {}))


def bench(arguments: Sequence[str]) -> int:
    """`python -m bench` with a broker and a PostgreSQL server of its own, in a folder of its own.

    REDIS_URL and TEST_DATABASE_URL name the servers unless they are set already; VAR_DIR is a temporary
    folder, so that the data of the installation beside it are never measured and never changed.
    """
    setup.prepare(environment.DEVELOPMENT)
    with tempfile.TemporaryDirectory(prefix="demarche-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        env = environment.children({"VAR_DIR": str(folder / "var")})
        broker, cluster = Broker(folder / "redis"), Cluster(folder / "postgres")
        try:
            env["REDIS_URL"] = env.get("REDIS_URL") or broker.start()
            env["TEST_DATABASE_URL"] = env.get("TEST_DATABASE_URL") or cluster.start()
            command = [str(environment.PYTHON), "-m", "bench", *arguments]
            sys.stdout.flush()
            return subprocess.run(command, cwd=places.ROOT, env=env).returncode
        finally:
            cluster.stop()
            broker.stop()
