"""Figures for whoever brings the token, added up over processes, and nothing confidential among them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.mail import pausing
from tests.architecture.imports import ROOT
from tests.followups.opening import opened as follow_up
from tests.mail.posting import post
from tests.support.databases import settings_for
from tests.support.people import Person

TOKEN = "a token of the metrics, long enough"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


class TestWithout:
    """Where no token is set."""

    def test_there_is_no_such_page(self, app: Flask) -> None:
        assert app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
        assert app.test_client().get("/metrics").status_code == 404


class TestWith:
    """Where one is."""

    @pytest.fixture
    def settings(self, database_url: str, var_dir: Path) -> config.Settings:
        return settings_for(database_url, var_dir, metrics_token=TOKEN)

    def test_nobody_reads_them_without_the_token(self, app: Flask, signed_in: Callable[[str], FlaskClient]) -> None:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer é"}):
            assert app.test_client().get("/metrics", headers=headers).status_code == 404
        assert signed_in("administrator").get("/metrics").status_code == 404

    def test_what_waits_is_counted_and_nobody_is_named(
        self, app: Flask, person: Callable[[str], Person], signed_in: Callable[[str], FlaskClient]
    ) -> None:
        actor = person("coordinator").viewer
        follow_up(actor, what="Canary of a note")
        signed_in("officer").get("/account")
        post(to="canary@example.org", subject="Canary", text="Canary")
        with looking_as(SYSTEM), unit_of_work():
            pausing.pause(actor=SYSTEM, reason="Canary reason")
        answer = app.test_client().get("/metrics", headers=HEADERS)
        assert answer.status_code == 200
        found = _figures(answer.text)
        assert found['demarche_outbox_mails{state="waiting"}'] == 1
        assert found["demarche_mail_paused"] == 1 and found["demarche_sessions"] == 1
        assert found['demarche_check_good{check="database"}'] == 1
        assert found['demarche_check_good{check="worker"}'] == 0
        assert 'demarche_reminders_late_seconds{kind="follow_ups"}' in found
        assert "canary" not in answer.text.lower() and str(actor.user_id) not in answer.text
        assert "example" not in answer.text and "LAO" not in answer.text


def _figures(text: str) -> dict[str, float]:
    lines = [one.rpartition(" ") for one in text.splitlines() if not one.startswith("#")]
    return {name: float(number) for name, _, number in lines}


ASK = """
import subprocess, sys
import config
from crm import create_app
from tasks.equipment import equip
app = create_app(config.load())
browser = app.test_client()
script, token, often, *more = sys.argv[1:]
for _ in range(int(often)):
    browser.get("/healthz")
    browser.get("/states/7f2a?q=canary")
    browser.open("/healthz", method="CANARY")
if more:  # another process asks meanwhile
    sys.exit(subprocess.run([sys.executable, "-c", script, script, token, *more]).returncode)
celery = equip(app)
def tried(): pass
celery.task(name="tried")(tried).apply()
print(browser.get("/metrics", headers={"Authorization": "Bearer " + token}).text)
"""


def test_what_every_process_did_is_added_up(database_url: str, tmp_path: Path) -> None:
    env = {
        **os.environ, "DEMARCHE_ENV": "development", "VAR_DIR": str(tmp_path), "METRICS_TOKEN": TOKEN,
        "SECRET_KEY": "a secret for tests alone, long enough", "PYTHONPATH": str(ROOT), "DATABASE_URL": database_url,
    }  # fmt: skip
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "histogram_999999999.db").write_bytes(b"of a process that is dead")

    def run(*often: str) -> tuple[str, dict[str, float]]:
        command: list[Any] = [sys.executable, "-c", ASK, ASK, TOKEN, *often]
        text = subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=120).stdout
        lines = text[text.index("# HELP") :].strip().splitlines()
        return text, _figures("\n".join(one for one in lines if "_seconds_count" in one))

    text, found = run("3", "2")
    alive = [number for name, number in found.items() if 'endpoint="health.alive"' in name and 'method="GET"' in name]
    assert alive == [5.0], text
    assert [name for name in found if 'job="tried"' in name and 'outcome="success"' in name]
    assert "canary" not in text.lower() and "7f2a" not in text
    _, anew = run("1")
    assert [number for name, number in anew.items() if 'endpoint="health.alive"' in name and '"GET"' in name] == [1.0]


def test_a_short_token_is_refused() -> None:
    with pytest.raises(config.SettingError):
        config.load({"METRICS_TOKEN": "short"})
