"""Those who ask for reminders: through the pages' own JSON door, again and again under one key until they are answered.

Everything is written down before it is sent, and again with its answer.
"""

from __future__ import annotations

import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests
from flask import Flask

from crm.accounts import service
from crm.accounts.models import PartyKind, Role
from crm.core import access
from crm.core.db import db, unit_of_work
from tests.support.pages import token_of
from tests.support.people import PASSWORD, browser_of, mission_to_all

ZONES = ("Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "UTC", "America/New_York", "Asia/Kathmandu")
"""Half an hour of summer time, three quarters of an hour, the other side of the date line."""

STATES = ("JPN", "NOR", "LBN", "AUT", "IRL", "MEX")
WAITS = 10.0
PATIENCE = 300.0
"""Seconds for which one request is repeated."""

AHEAD = (0, 0, 0, 0, 0, 1, 1, 2)
"""Minutes from now at which reminders fall due, drawn by the seed; 0: in the minute that runs."""

CANCELLED = 0.04


@dataclass(frozen=True)
class Owner:
    """Somebody who asks, signed in, in a time zone."""

    email: str
    zone: str
    cookie: tuple[str, str]


def owners(app: Flask) -> list[Owner]:
    """Open an account in each of the zones and sign it in."""
    found = []
    for number, zone in enumerate(ZONES):
        email = f"owner{number}@example.org"
        with app.app_context(), access.looking_as(access.SYSTEM), unit_of_work():
            home = service.open_party(name=f"Party {number}", kind=PartyKind.GOVERNMENT, state_iso3=STATES[number])
            service.open_account(
                actor=access.SYSTEM, email=email, name=f"Owner {number}", party=home, roles=[Role.MISSION_OFFICER],
                password=PASSWORD, time_zone=zone, mission_id=mission_to_all(home),
            )  # fmt: skip
        browser = browser_of(app, email)
        name = app.config["SESSION_COOKIE_NAME"]
        kept = browser.get_cookie(name)
        assert kept is not None
        found.append(Owner(email, zone, (name, kept.value)))
        with app.app_context():
            db.session.remove()
    return found


class Askers:
    """Some threads that ask as fast as they are answered, and a log of what was asked."""

    def __init__(
        self, address: str, people: Sequence[Owner], now: Callable[[], datetime], log: Path, seed: int, threads: int = 4
    ) -> None:
        self.address, self.people, self.now, self.seed = address, people, now, seed
        self.unanswered: Counter[str] = Counter()
        self.trouble: list[str] = []
        self._log = log.open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._waiting: queue.Queue[str | None] = queue.Queue()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(threads)]
        self.count = self.in_flight = 0
        self.pause = 0.0
        for one in self._threads:
            one.start()

    def ask(self, number: int, over: float) -> None:
        """So many reminders more, spread over so many seconds if they are answered as fast; returns at once."""
        self.pause = over * len(self._threads) / number
        for _ in range(number):
            self._waiting.put(f"drill-{self.count:06}")
            self.count += 1

    @property
    def through(self) -> bool:
        """Whether everything that was asked for has been answered."""
        return self._waiting.unfinished_tasks == 0

    def stop(self) -> None:
        """Ask for nothing more."""
        for _ in self._threads:
            self._waiting.put(None)
        for one in self._threads:
            one.join(WAITS + 5)
        self._log.close()

    @contextmanager
    def _on_its_way(self) -> Iterator[None]:
        with self._lock:
            self.in_flight += 1
        try:
            yield
        finally:
            with self._lock:
                self.in_flight -= 1

    def _note(self, **line: Any) -> None:
        with self._lock:
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()

    def _work(self, number: int) -> None:
        doors: dict[str, tuple[requests.Session, str]] = {}
        while (token := self._waiting.get()) is not None:
            begun = time.monotonic()
            try:
                draw = random.Random(f"{self.seed} {token}")
                owner = draw.choice(self.people)
                if owner.email not in doors:
                    doors[owner.email] = self._sign_in(owner)
                self._ask_for(token, owner, draw, *doors[owner.email])
            except Exception as error:
                self.trouble.append(f"{token}: {type(error).__name__}: {error}")
            finally:
                self._waiting.task_done()
            time.sleep(max(0.0, begun + self.pause - time.monotonic()))

    def _sign_in(self, owner: Owner) -> tuple[requests.Session, str]:
        session = requests.Session()
        session.trust_env = False
        session.cookies.set(*owner.cookie)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                page = session.get(f"{self.address}/account", timeout=WAITS, allow_redirects=False)
                if page.status_code == 200:
                    name, _ = owner.cookie
                    value = page.cookies.get(name, owner.cookie[1])
                    session.cookies.clear()
                    session.cookies.set(name, value)
                    return session, token_of(page.text)
            except requests.RequestException:
                pass
            if time.monotonic() > end:
                raise RuntimeError(f"nobody could sign in as {owner.email}")
            time.sleep(0.3)

    def _ask_for(self, token: str, owner: Owner, draw: random.Random, session: requests.Session, csrf: str) -> None:
        minute = self.now().replace(second=0, microsecond=0)
        ahead = draw.choice(AHEAD)
        due = minute + timedelta(minutes=ahead)
        local = due.astimezone(ZoneInfo(owner.zone))
        body = {
            "what": token,
            "state_iso3": "LAO",
            "due_on": local.date().isoformat(),
            "due_time": f"{local:%H:%M}",
        }
        self._note(token=token, due=due.isoformat(), zone=owner.zone, at=self.now().isoformat())
        answer = self._repeat(session, csrf, "/api/v1/followups", body, token)
        self._note(token=token, answered=self.now().isoformat())
        if ahead and draw.random() < CANCELLED * len(AHEAD) / 3:
            self._note(token=token, cancel_asked=self.now().isoformat())
            self._repeat(session, csrf, f"/api/v1/followups/{answer['id']}/cancel", {"note": "A drill"}, f"{token}-x")
            self._note(token=token, cancelled=self.now().isoformat())

    def _repeat(self, session: requests.Session, csrf: str, path: str, body: dict[str, Any], key: str) -> Any:
        """The same request under the same key until there is an answer that means it."""
        headers = {"X-CSRFToken": csrf, "Idempotency-Key": key, "Connection": "close"}
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with self._on_its_way():
                    answer = session.post(f"{self.address}{path}", json=body, headers=headers, timeout=WAITS)
            except requests.RequestException as error:
                self.unanswered[type(error).__name__] += 1
            else:
                if answer.status_code < 300:
                    return answer.json()
                if answer.status_code < 500:
                    raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")
                self.unanswered[str(answer.status_code)] += 1
            if time.monotonic() > end:
                raise RuntimeError("no answer")
            time.sleep(0.2)
