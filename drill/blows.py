"""How each fault is done to the real parts. A blow returns once what it broke is whole again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
import redis
from celery import Celery

from crm.core.jobs import Job, make_celery
from drill.cables import Cable
from drill.faults import KILLS, Blow, Fault
from drill.parts import House, Machine, wait_until
from drill.sink import Running

HOUR = timedelta(hours=1)
MAIL_WITHIN = 20.0
"""Seconds in which a worker that was just started has begun to send."""

CUT_OFF = 100.0
"""Seconds without one of two machines: longer than a claim that nobody begins with stands."""


@dataclass
class Striker:
    """Whoever breaks things, and what they have broken."""

    house: House
    sink: Running
    draw: random.Random
    done: Counter[Fault] = field(default_factory=Counter)
    left_out: dict[Fault, str] = field(default_factory=dict)
    clock_changed: Callable[[], None] = lambda: None
    request_on_its_way: Callable[[], bool] = lambda: True

    def strike(self, blow: Blow) -> None:
        """Do one of them."""
        time.sleep(blow.after)
        if self._do(blow.fault, blow.lasts):
            self.done[blow.fault] += 1

    @property
    def kills(self) -> int:
        """How many processes, or groups of them, were killed."""
        return sum(number for fault, number in self.done.items() if fault in KILLS)

    def _do(self, fault: Fault, lasts: float) -> bool:
        blows: dict[Fault, Callable[[float], bool | None]] = {
            Fault.WEB: self._web,
            Fault.CHILD: self._child,
            Fault.GROUP: self._group,
            Fault.REDIS_STOPPED: lambda lasts: self._redis_stopped(lasts, empty=False),
            Fault.REDIS_EMPTY: lambda _lasts: self._redis_stopped(0.5, empty=True),
            Fault.REDIS_FLUSHED: self._redis_flushed,
            Fault.REDIS_FROZEN: self._redis_frozen,
            Fault.DATABASE_CRASHED: self._database_crashed,
            Fault.BACKEND: self._backend,
            Fault.DATABASE_HELD: self._database_held,
            Fault.DISK_FULL: self._disk_full,
            Fault.REFUSED: lambda lasts: self._sink("refuse", lasts),
            Fault.SLOW: lambda lasts: self._sink("slow 2", lasts),
            Fault.GREYLISTED: lambda lasts: self._sink("greylist", lasts),
            Fault.SHUT: lambda lasts: self._sink("shut 7", lasts),
            Fault.ONE_REFUSED: lambda _lasts: self._sink("refuse-next 1", 0.0),
            Fault.REPLY_LOST: lambda _lasts: self._sink("lose-next 2", 0.0),
            Fault.TWO_BEATS: self._two_beats,
            Fault.DRAINS: self._drains,
            Fault.CLOCK_BACK: self._clock_back,
            Fault.MACHINE_CUT_OFF: self._machine_cut_off,
        }
        return blows[fault](lasts) is not False

    def _web(self, _lasts: float) -> None:
        """While requests are on their way: some have not committed yet, some have and are not answered."""
        wait_until(self.request_on_its_way, 30, "a request")
        time.sleep(self.draw.uniform(0, 0.06))
        self.house.kill("web")
        self.house.web()
        self.house.wait_for_web()

    def _child(self, _lasts: float) -> bool:
        self._amid_mail()
        return self.house.kill_child(self.draw)

    def _amid_mail(self) -> None:
        """Wait until mail goes out, so that the blow falls on somebody who works; not for long where none does."""
        before, end = self.sink.log.stat().st_size, time.monotonic() + MAIL_WITHIN
        while self.sink.log.stat().st_size == before and time.monotonic() < end:
            time.sleep(0.005)

    def _group(self, _lasts: float) -> None:
        self._amid_mail()
        self.house.kill("worker")
        self.house.machine.worker()

    def _redis_stopped(self, lasts: float, *, empty: bool) -> None:
        assert self.house.broker.child
        self.house.broker.child.kill()
        time.sleep(lasts)
        self.house.restart_broker(empty=empty)

    def _redis_flushed(self, _lasts: float) -> None:
        with redis.Redis.from_url(self.house.redis_url) as client:
            client.flushall()

    def _redis_frozen(self, lasts: float) -> None:
        child = self.house.broker.child
        assert child
        child.send(signal.SIGSTOP)
        time.sleep(lasts)
        child.send(signal.SIGCONT)

    def _database_crashed(self, lasts: float) -> None:
        self.house.crash_database()
        time.sleep(lasts)
        self.house.restart_database()

    def _backend(self, _lasts: float) -> bool:
        """kill -9 of one server process: PostgreSQL sends all others away and recovers."""
        with psycopg.connect(self.house.database_url, autocommit=True) as connection:
            own = connection.info.backend_pid
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> %s", (own,)
            )
            found = sorted(pid for (pid,) in rows)
        if found:
            os.kill(self.draw.choice(found), signal.SIGKILL)
            time.sleep(0.5)
            self.house.restart_database()
        return bool(found)

    def _database_held(self, lasts: float) -> None:
        connection = sqlite3.connect(self.house.var / "drill.sqlite3", isolation_level=None, timeout=30)
        try:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(lasts)
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    def _disk_full(self, lasts: float) -> bool:
        if not self.house.disk.mounted:
            self.left_out[Fault.DISK_FULL] = "only root can mount a disk small enough to be filled"
            return False
        with self.house.disk.full():
            time.sleep(lasts)
        if self.house.cluster:
            time.sleep(0.5)
            self.house.restart_database()
        return True

    def _sink(self, words: str, lasts: float) -> None:
        self.sink.tell(words)
        if lasts:
            time.sleep(lasts)
            self.sink.tell("take")

    def _two_beats(self, lasts: float) -> None:
        """The second stays for the rest of the drill."""
        if "beat2" not in self.house.machine.children:
            self.house.machine.beat(2)
            time.sleep(lasts)

    def _drains(self, _lasts: float) -> None:
        celery: Celery = make_celery(self.house.redis_url)
        for _ in range(50):
            celery.send_task(Job.DRAIN_OUTBOX.value)
        celery.close()

    def _clock_back(self, lasts: float) -> None:
        for shift in (-HOUR, timedelta(0)):
            self.house.set_clock(shift)
            self.clock_changed()
            self.house.wait_for_web()
            time.sleep(lasts)

    def _machine_cut_off(self, _lasts: float) -> None:
        """A second machine, frozen in the middle of its work, its connections cut; later it wakes and goes on."""
        house = self.house
        ports = [int(url.rsplit(":", 1)[1].split("/")[0]) for url in (house.database_url, house.redis_url)]
        cable = Cable("127.0.0.2", [*ports, self.sink.port])
        other = Machine(
            "two",
            house.environment(
                DATABASE_URL=cable.through(house.database_url),
                REDIS_URL=cable.through(house.redis_url),
                SMTP_URL=cable.through(house.smtp_url),
                VAR_DIR=str(house.folder / "two"),
            ),
            house.folder / "two",
        )
        house.machines.append(other)
        try:
            other.worker()
            other.beat()
            time.sleep(12)
            other.everybody(signal.SIGSTOP)
            cable.cut()
            time.sleep(CUT_OFF)
            cable.mend()
            other.everybody(signal.SIGCONT)
            time.sleep(20)
        finally:
            other.stop()
            house.machines.remove(other)
            cable.close()
