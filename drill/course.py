"""One drill on one database from beginning to end."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import OperationalError

from crm import create_app
from crm.core import access
from crm.install import install
from drill import evidence, sink
from drill.asking import Askers, owners
from drill.blows import Striker
from drill.checking import Asked, Copy, Findings, compare, longest_recovery
from drill.faults import Fault, Phase
from drill.parts import SECRET, House
from tests.support.databases import Browser, settings_for

CALM_WITHIN = 300.0
"""Seconds after which what has not gone out counts as lost."""


@dataclass(frozen=True)
class Result:
    """What came of a drill."""

    database: str
    reminders: int
    kills: int
    findings: Findings
    recovery: timedelta
    revived: Counter[str]
    done: Counter[Fault]
    left_out: dict[Fault, str]
    unanswered: Counter[str]
    trouble: list[str]

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not self.findings.broken() and not self.trouble


class Course:
    """The drill while it runs."""

    def __init__(self, house: House, app: Flask, post: sink.Running, seed: int, say: Callable[[str], None]) -> None:
        self.house, self.app, self.post, self.say = house, app, post, say
        self.shifts = [(datetime.min.replace(tzinfo=UTC), timedelta(0))]
        self.revived: Counter[str] = Counter()
        self.outages: list[tuple[datetime, datetime]] = []
        self.log = house.folder / "asked.jsonl"
        self.askers = Askers(house.address, owners(app), house.now, self.log, seed)
        self.striker = Striker(
            house,
            post,
            random.Random(seed),
            clock_changed=self._clock_changed,
            request_on_its_way=lambda: self.askers.in_flight > 0 or self.askers.through,
        )

    def _clock_changed(self) -> None:
        self.shifts.append((datetime.now(UTC), self.house.shift))

    def run(self, phase: Phase) -> None:
        """Ask, strike, and wait until what was due has gone out."""
        began = time.monotonic()
        self.askers.ask(phase.reminders, sum(blow.after + blow.lasts for blow in phase.blows))
        time.sleep(1)
        begin = self.house.now()
        for blow in phase.blows:
            self.striker.strike(blow)
            self._revive()
        end = self.house.now()
        self.outages.append((begin, end))
        struck = time.monotonic()
        while not self.askers.through and time.monotonic() - struck < CALM_WITHIN:
            self._revive()
            time.sleep(0.2)
        answered = time.monotonic()
        calm = self._wait_for(self.house.now())
        told = ", ".join(blow.fault for blow in phase.blows)
        self.say(
            f"{told}: {struck - began:.0f} s of faults, {phase.reminders} asked until {answered - began:.0f} s, "
            f"{'calm' if calm else 'NOT CALM'} after {time.monotonic() - began:.0f} s"
        )

    def finish(self) -> None:
        """Wait for what falls due last."""
        self.askers.stop()
        self._wait_for(max(one.due for one in evidence.asked_in(self.log)))

    def _wait_for(self, moment: datetime) -> bool:
        """Until all that is due up to a moment, and was asked for, has gone out or is seen to fail."""
        end = time.monotonic() + CALM_WITHIN
        while time.monotonic() < end:
            due = [one for one in evidence.asked_in(self.log) if one.due <= moment]
            if all(one.due <= self.house.now() for one in due) and not self._outstanding(due):
                return True
            self._revive()
            time.sleep(1)
        return False

    def _revive(self) -> None:
        """What a fault ended beside what it struck is started again by whoever watches over an installation."""
        for machine in self.house.machines:
            self.revived.update(machine.revive())

    def _outstanding(self, due: list[Asked]) -> bool:
        told = {copy.token for copy in self.copies() if copy.told}
        waiting = [one for one in due if one.answered and not one.cancel_asked and one.token not in told]
        if not waiting:
            return False
        try:
            with self.app.app_context():
                kept = evidence.kept_in_database()
        except OperationalError:
            return True
        return any(one.token not in kept or not kept[one.token].seen_to_fail for one in waiting)

    def copies(self) -> list[Copy]:
        """What the mail server has taken so far."""
        return evidence.copies_in(self.post.lines(), self.shifts)

    def result(self) -> Result:
        """Compare the three witnesses."""
        asked, copies = evidence.asked_in(self.log), self.copies()
        with self.app.app_context():
            kept = evidence.kept_in_database()
        return Result(
            database=self.house.database,
            reminders=len(asked),
            kills=self.striker.kills,
            findings=compare(asked, kept, copies, self.house.now()),
            recovery=longest_recovery(asked, copies, self.outages),
            revived=self.revived,
            done=self.striker.done,
            left_out=self.striker.left_out,
            unanswered=self.askers.unanswered,
            trouble=self.askers.trouble,
        )


def run(phases: Sequence[Phase], database: str, seed: int, say: Callable[[str], None]) -> Result:
    """Set up, strike, compare; whatever was started is ended."""
    folder = Path(tempfile.mkdtemp(prefix="demarche-drill-"))
    folder.chmod(0o711)
    post = sink.Running(folder)
    house = None
    try:
        house = House(folder, database, post.url)
        course = Course(house, _installed(house), post, seed, say)
        house.start()
        house.wait_for_web()
        for phase in phases:
            course.run(phase)
        course.finish()
        result = course.result()
        if not result.good:
            _keep(folder, say)
        return result
    finally:
        if house:
            house.stop()
        post.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _installed(house: House) -> Flask:
    """An application of the drill's own on the database of the installation, with its tables and people."""
    url = house.database_url.replace("postgresql://", "postgresql+psycopg://")
    app = create_app(settings_for(url, house.var, secret_key=SECRET, public_url=house.address))
    app.test_client_class = Browser
    with app.app_context():
        access.look_as(access.SYSTEM)
        install(sample=False, say=lambda _line: None)
    return app


def _keep(folder: Path, say: Callable[[str], None]) -> None:
    """What was seen stays for whoever looks for the cause."""
    kept = Path(tempfile.mkdtemp(prefix="demarche-drill-kept-"))
    for one in (*folder.glob("*.jsonl"), *folder.glob("disk/var/log/*.log"), *folder.glob("disk/var/drill.sqlite3*")):
        shutil.copy(one, kept)
    say(f"What was seen is kept in {kept}.")
