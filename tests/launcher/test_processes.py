"""Programs that we start: they end when they should, and only then."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher import places, processes
from launcher.processes import Child, Supervisor
from launcher.say import Problem

SHELL = "/bin/sh"


def until(condition: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def runs(pid: int) -> bool:
    """Whether a process runs; a dead one whose parent has not asked yet does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return done.stdout.strip()[:1] not in ("", "Z")


def shell(tmp_path: Path, script: str, **more: object) -> Child:
    return Child("shell", [SHELL, "-c", script], tmp_path / "log" / "shell.log", **more)


def test_it_reads_its_input_writes_its_log_and_tells_how_it_ended(tmp_path):
    child = shell(tmp_path, "cat; echo and this >&2; exit 3", stdin="said\n")
    child.start()
    assert until(lambda: not child.alive)
    assert child.last_lines() == "said\nand this"
    assert (child.status, child.ended()) == (3, "ended with status 3")
    child.start()
    assert until(lambda: not child.alive)
    assert child.last_lines() == "said\nand this", "only the lines since the last start"
    assert child.log.read_text() == "said\nand this\n" * 2


def test_a_program_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Problem, match="/no/such/program is not there"):
        Child("ghost", ["/no/such/program"], tmp_path / "log").start()


def test_a_long_log_is_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_LIMIT", 10)
    child = shell(tmp_path, "echo more than ten bytes")
    for _ in range(2):
        child.start()
        assert until(lambda: not child.alive)
    assert child.log.read_text() == "more than ten bytes\n"
    assert child.log.with_name("shell.log.1").read_text() == "more than ten bytes\n"


def test_stopping_is_asked_for_first_and_takes_what_was_started_along(tmp_path):
    child = shell(tmp_path, "trap 'echo thanks; exit 0' TERM; sleep 60 & echo $!; while :; do sleep 0.05; done")
    child.start()
    assert until(lambda: child.last_lines())
    grandchild = int(child.last_lines())
    child.stop()
    assert child.last_lines().endswith("thanks")
    assert child.status == 0
    assert until(lambda: not runs(grandchild))


def test_what_does_not_listen_is_ended_after_its_time(tmp_path):
    child = shell(tmp_path, "trap '' TERM; echo deaf; while :; do sleep 0.05; done", grace=0.3)
    child.start()
    assert until(lambda: child.last_lines())
    child.stop()
    assert child.ended() == "was ended by signal 9 (SIGKILL)"


def test_a_signal_ignored_by_our_shell_is_heard_by_the_program(tmp_path):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = shell(tmp_path, "echo up; exec sleep 60")
        child.start()
    finally:
        signal.signal(signal.SIGINT, before)
    assert until(lambda: "up" in child.last_lines())
    child.stop(signal.SIGINT)
    assert child.status == -signal.SIGINT


PARENT = """
import sys, time
from pathlib import Path
from launcher.processes import Child
child = Child("sleeper", ["/bin/sh", "-c", "echo $$; exec sleep 60"], Path(sys.argv[1]))
child.start()
print(child.process.pid, flush=True)
time.sleep(60)
"""


def test_a_program_does_not_outlive_us_when_we_are_killed(tmp_path):
    log = tmp_path / "log"
    command = [sys.executable, "-c", PARENT, str(log)]
    with subprocess.Popen(command, cwd=places.ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert until(lambda: log.exists() and log.read_text())
        assert runs(pid)
        parent.kill()
    assert until(lambda: not runs(pid))


def test_the_guard_ends_whole_sessions_and_leaves_the_forgotten_alone():
    deaf = "trap '' TERM; sleep 60 & echo $!; wait; wait"
    watched, forgotten = (
        subprocess.Popen([SHELL, "-c", deaf], stdout=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(2)
    )
    grandchild = int(watched.stdout.readline())
    quick = processes.GUARD.read_text(encoding="utf-8").replace("GRACE = 10.0", "GRACE = 0.5")
    with subprocess.Popen([sys.executable, "-c", quick], stdin=subprocess.PIPE, text=True) as guard:
        guard.stdin.write(f"+{forgotten.pid} 15\n+{watched.pid} 15\n-{forgotten.pid}\n")
    with watched, forgotten:
        assert watched.wait(5) == -signal.SIGKILL
        assert until(lambda: not runs(grandchild))
        assert forgotten.poll() is None
        os.killpg(forgotten.pid, signal.SIGKILL)


def test_a_program_that_dies_is_started_again_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "pause_after", lambda deaths: 0.1 * deaths)
    said: list[str] = []
    supervisor = Supervisor(said.append)
    child = shell(tmp_path, "echo up; exec sleep 60")
    supervisor.start(child)
    first = child.process.pid
    assert until(lambda: "up" in child.last_lines())
    os.kill(first, signal.SIGKILL)

    def is_back():
        supervisor.look()
        return child.alive and child.process.pid != first

    assert until(is_back)
    assert "The shell was ended by signal 9 (SIGKILL); it is started again in 0.1 s" in said[0]
    supervisor.stop()
    assert not child.alive


def test_the_pause_grows_up_to_a_bound():
    assert [processes.pause_after(deaths) for deaths in range(8)] == [1, 1, 2, 4, 8, 16, 30, 30]


def test_who_does_not_come_up_ends_the_start_with_its_last_lines(tmp_path):
    supervisor = Supervisor()
    child = shell(tmp_path, "echo 'no module named crm'; exit 1")
    supervisor.start(child)
    assert until(lambda: not child.alive)
    with pytest.raises(Problem) as caught:
        supervisor.require_alive()
    assert "The shell did not start: it ended with status 1." in str(caught.value)
    assert "no module named crm" in caught.value.evidence
    assert "shell.log" in caught.value.remedy


def test_foundations_are_ended_last(tmp_path):
    order = tmp_path / "order"
    script = "trap 'echo {0} >>{1}; exit 0' TERM; echo up; while :; do sleep 0.02; done"
    supervisor = Supervisor()
    broker, worker = (
        Child(name, [SHELL, "-c", script.format(name, order)], tmp_path / name) for name in ("broker", "worker")
    )
    supervisor.start(broker, foundation=True)
    supervisor.start(worker)
    assert until(lambda: "up" in broker.last_lines() and "up" in worker.last_lines())
    supervisor.stop()
    assert order.read_text().split() == ["worker", "broker"]
