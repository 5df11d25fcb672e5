"""Alive and ready, for machines and for administrators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.heartbeat import Heartbeat, Part, beat, signs
from crm.health.rules import MAIL_LATE, SILENT, CheckState, oldest_mail, sign_of_life
from launcher.broker import Broker
from tests.mail.conftest import later
from tests.mail.posting import post
from tests.support.databases import opened, settings_for
from tests.support.pages import check_page

__all__ = ["later"]

Browser = Callable[[str], FlaskClient]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Broker(tmp_path_factory.mktemp("broker"))
    yield server.start()
    server.stop()


@pytest.fixture
def settings(database_url: str, var_dir: Path, broker: str) -> config.Settings:
    return settings_for(database_url, var_dir, redis_url=broker)


def _alive(*parts: Part) -> None:
    with looking_as(SYSTEM), unit_of_work():
        for part in parts:
            beat(part)


def test_alive_asks_nobody(app: Flask) -> None:
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"state": "ok"})


def test_ready_when_everything_works(app: Flask, database: str) -> None:
    wall = {"wall"} if database == "postgresql" else set()
    _alive(Part.WORKER, Part.BEAT)
    answer = app.test_client().get("/readyz")
    body = answer.get_json()
    assert (answer.status_code, body["state"]) == (200, "ok")
    assert set(body["checks"]) == {"database", "broker", "worker", "beat", "mail", *wall}
    assert {one["state"] for one in body["checks"].values()} == {"ok"}
    assert body["checks"]["mail"]["age_seconds"] is None
    assert 0 <= body["checks"]["worker"]["age_seconds"] < 60


def test_a_worker_that_never_spoke(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    checks = answer.get_json()["checks"]
    assert checks["worker"] == checks["beat"] == {"state": "missing", "age_seconds": None}


def test_a_worker_that_fell_silent(app: Flask, later: Callable[[float], None]) -> None:
    _alive(Part.WORKER, Part.BEAT)
    later(100)
    _alive(Part.WORKER)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    checks = answer.get_json()["checks"]
    assert (checks["worker"]["state"], checks["beat"]["state"]) == ("ok", "late")
    assert checks["beat"]["age_seconds"] >= 100


def test_mail_that_is_late(app: Flask, later: Callable[[float], None]) -> None:
    post(to="canary@example.org")
    post("tomorrow", not_before=clock.now() + timedelta(days=1))
    later(119)
    _alive(Part.WORKER, Part.BEAT)
    assert app.test_client().get("/readyz").status_code == 200
    later(125)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["mail"]["state"] == "late"
    assert 120 < answer.get_json()["checks"]["mail"]["age_seconds"] < 200
    assert "canary" not in answer.text


def test_a_broker_that_is_away(app: Flask) -> None:
    _alive(Part.WORKER, Part.BEAT)
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings_for(
        settings.database_url, settings.var_dir, redis_url="redis://:secret@127.0.0.1:1/0"
    )
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["broker"]["state"] == "failed"
    assert answer.get_json()["checks"]["worker"]["state"] == "ok"
    assert "secret" not in answer.text


def test_a_database_that_is_away(tmp_path: Path, broker: str) -> None:
    for url in (
        "postgresql+psycopg://nobody:secret@127.0.0.1:1/none",
        f"sqlite:///{tmp_path}/none/none.sqlite3",
    ):
        with opened(settings_for(url, tmp_path, redis_url=broker)) as made:
            answer = made.test_client().get("/readyz")
            assert made.test_client().get("/healthz").status_code == 200
        assert answer.status_code == 503
        states = {name: one["state"] for name, one in answer.get_json()["checks"].items()}
        assert states == {
            "database": "failed", "broker": "ok", "worker": "missing", "beat": "missing", "mail": "missing",
        }  # fmt: skip
        assert "secret" not in answer.text


def test_the_page_for_administrators(app: Flask, signed_in: Browser, later: Callable[[float], None]) -> None:
    post()
    later(300)
    browser = signed_in("administrator")
    page = check_page(browser.get("/health"))
    for words in ("Something needs attention", "No sign of life", "Email has been waiting for 5 minutes"):
        assert words in page
    access_denied = signed_in("coordinator").get("/health")
    assert access_denied.status_code == 403


def test_the_page_says_where_there_is_no_second_wall(app: Flask, signed_in: Browser, database: str) -> None:
    _alive(Part.WORKER, Part.BEAT)
    page = check_page(signed_in("administrator").get("/health"))
    assert ("SQLite, where this software alone decides" in page) is (database == "sqlite")
    assert "Every part does its work" in page, "no alarm"


def test_an_older_sign_never_replaces_a_newer(app: Flask) -> None:
    now = clock.now()
    with looking_as(SYSTEM), unit_of_work():
        beat(Part.BEAT, at=now)
    with looking_as(SYSTEM), unit_of_work():
        beat(Part.BEAT, at=now - timedelta(minutes=5))
    assert signs()[Part.BEAT].at == now
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(Heartbeat(name="unheard of", at=now))
    assert set(signs()) == {Part.BEAT}


def test_what_an_age_means() -> None:
    second = timedelta(seconds=1)
    assert sign_of_life("worker", None).state is CheckState.MISSING
    assert sign_of_life("worker", SILENT).good
    assert not sign_of_life("worker", SILENT + second).good
    assert oldest_mail(None).good
    assert oldest_mail(MAIL_LATE).good
    assert oldest_mail(MAIL_LATE + second).state is CheckState.LATE
