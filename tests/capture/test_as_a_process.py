"""The receiver as a process of its own, ended and killed; and the settings by which it is switched on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

import config
from crm.capture import receiving
from crm.core import access
from crm.core.db import db
from crm.core.heartbeat import Part, signs
from launcher import ports
from tests.capture.sending import ADDRESS, address_for, deliver, kept, read_all, written
from tests.support.people import Person

ROOT = Path(config.__file__).parent


@contextmanager
def _receiver(settings: config.Settings, port: int) -> Iterator[subprocess.Popen[str]]:
    env = {
        **os.environ, "DATABASE_URL": settings.database_url, "VAR_DIR": str(settings.var_dir),
        "DEMARCHE_ENV": "testing",
        "SECRET_KEY": settings.secret_key, "CAPTURE_ADDRESS": ADDRESS, "CAPTURE_LISTEN": f"127.0.0.1:{port}",
        "REDIS_URL": settings.redis_url,
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "capture", "receive"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise AssertionError(process.communicate()[0])
        yield process
    finally:
        process.kill()
        process.communicate()


def test_what_it_said_it_kept_outlives_it(
    app: Flask, settings: config.Settings, person: Callable[[str], Person]
) -> None:
    officer = person("officer")
    there, port = address_for(officer.viewer), ports.free()
    db.session.remove()
    with _receiver(settings, port) as process:
        deliver(port, written(officer.email, "First.\n"), there)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    with _receiver(settings, port) as process:
        deliver(port, written(officer.email, "First.\n"), there)
        deliver(port, written(officer.email, "Second.\n"), there)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    read_all()
    assert [one.text for one in kept()] == ["First.", "Second."]
    assert signs()[Part.RECEIVER].note == ""


def test_health_speaks_of_it_where_it_is_switched_on(app: Flask) -> None:
    checks = app.test_client().get("/readyz").json["checks"]  # type: ignore[index]
    assert checks["receiver"]["state"] == "missing"
    access.look_as(access.SYSTEM)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAPTURE_ADDRESS", "nobody"), ("CAPTURE_ADDRESS", "a+b@example.org"), ("CAPTURE_ADDRESS", "@example.org"),
        ("CAPTURE_LISTEN", "2424"), ("CAPTURE_LISTEN", "host:x"), ("CAPTURE_LISTEN", "host:70000"),
        ("WAITING_DAYS", "0"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(name: str, value: str) -> None:
    with pytest.raises(config.SettingError, match=name):
        config.load({name: value, "SECRET_KEY": "", "DEMARCHE_ENV": "testing"})


def test_it_is_off_by_default() -> None:
    assert config.load({"DEMARCHE_ENV": "testing"}).capture_address == ""
    assert receiving.Answer.KEPT.value.startswith("250")
