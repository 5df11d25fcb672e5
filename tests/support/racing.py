"""Several people who press a button at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from flask import Flask

from crm.core import access
from crm.core.db import db, unit_of_work


def at_once(app: Flask, verbs: Sequence[Callable[[], object]]) -> list[Exception | None]:
    """Run each verb in a thread and a session of its own, all started together; what each raised, or None."""
    db.session.rollback()
    start = Barrier(len(verbs))
    outcomes: list[Exception | None] = [None] * len(verbs)

    def run(place: int, verb: Callable[[], object]) -> None:
        with app.app_context():
            access.look_as(access.SYSTEM)
            start.wait(timeout=30)
            try:
                verb()
            except Exception as error:
                outcomes[place] = error
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(place, verb)) for place, verb in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return outcomes


def slowly(read: Callable[..., Any]) -> Callable[..., Any]:
    """The same reading with a pause after it, so that whoever does not take turns is caught."""

    def paused(*given: Any, **named: Any) -> Any:
        found = read(*given, **named)
        time.sleep(0.4)
        return found

    return paused


def between(
    app: Flask,
    patch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    first: Callable[[], object],
    second: Callable[[], object],
) -> list[Exception | None]:
    """`second` begins when `first` has just been answered by a function (`name` in `place`); `first` goes on when
    `second` is done, or when it waits. What each raised, or None.
    """
    asked, answered, done = getattr(place, name), Event(), Event()

    def answer(*given: Any, **named: Any) -> Any:
        found = asked(*given, **named)
        answered.set()
        done.wait(timeout=0.7)
        return found

    def follow() -> None:
        answered.wait(timeout=30)
        try:
            second()
        finally:
            done.set()

    patch.setattr(place, name, answer)
    return at_once(app, [first, follow])


def meanwhile(app: Flask, verb: Callable[[], object]) -> None:
    """Somebody else does this in a session of their own, to its end; what this session has read stays as it is."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with app.app_context(), access.looking_as(access.SYSTEM), unit_of_work():
                verb()
        except BaseException as error:
            raised.append(error)
        finally:
            with app.app_context():
                db.session.remove()

    thread = Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    if raised:
        raise raised[0]
