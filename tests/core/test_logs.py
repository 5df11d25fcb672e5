"""Every line of the logs leads to its request or its job, and holds nothing that anybody wrote."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from flask import Flask

import config
from crm.core import jobs, logs
from crm.core.db import unit_of_work
from crm.core.jobs import Job, enqueue
from tasks import traces
from tests.support.databases import opened, settings_for

GIVEN = "proxy-0123456789"


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """What a test sets up for the whole process is taken back."""
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def behind_a_proxy(var_dir: Path) -> Iterator[Flask]:
    """An application that trusts one proxy and writes lines of JSON; without a database, where none is asked."""
    with opened(settings_for("sqlite://", var_dir, trusted_proxies=1, log_format="json")) as app:
        yield app


def _id_of(app: Flask, given: str | None) -> str:
    headers = {logs.HEADER: given} if given is not None else {}
    return str(app.test_client().get("/healthz", headers=headers).headers[logs.HEADER])


def test_every_answer_names_its_request(app: Flask) -> None:
    first, second = _id_of(app, None), _id_of(app, None)
    assert first != second and len(first) == 32
    assert logs.HEADER in app.test_client().get("/no-such-page").headers
    assert _id_of(app, GIVEN) != GIVEN, "nobody is trusted to name it"


def test_a_trusted_proxy_names_it_if_it_can_be_a_name(behind_a_proxy: Flask) -> None:
    assert _id_of(behind_a_proxy, GIVEN) == GIVEN
    for odd in ("", "short", "a" * 65, "with spaces in it", "semi;colon-123", "<script>alert</script>", "-0123456789"):
        assert _id_of(behind_a_proxy, odd) != odd


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(one) for one in capsys.readouterr().out.splitlines()]


def test_lines_of_json_carry_the_request(behind_a_proxy: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    @behind_a_proxy.get("/shown")
    def shown() -> str:
        structlog.get_logger().info("something_happened", count=3)
        return "done"

    shown.access = behind_a_proxy.view_functions["health.alive"].access  # type: ignore[attr-defined]
    behind_a_proxy.test_client().get("/shown", headers={logs.HEADER: GIVEN})
    (line,) = _lines(capsys)
    assert (line["event"], line["count"], line["request_id"], line["level"]) == (
        "something_happened", 3, GIVEN, "info",
    )  # fmt: skip
    assert line["timestamp"].endswith("Z")


def test_a_crash_writes_nothing_of_what_was_sent(behind_a_proxy: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    @behind_a_proxy.get("/crashing/<word>")
    def crashing(word: str) -> str:
        raise ValueError(word)

    crashing.access = behind_a_proxy.view_functions["health.alive"].access  # type: ignore[attr-defined]
    behind_a_proxy.config["RAISE_ERRORS"] = False
    answer = behind_a_proxy.test_client().get("/crashing/Canary?q=Canary", headers={"User-Agent": "Canary"})
    assert answer.status_code == 500
    out = capsys.readouterr()
    assert "ValueError" in out.out and "Canary" not in out.out + out.err
    assert all(json.loads(one)["request_id"] == answer.headers[logs.HEADER] for one in out.out.splitlines())


def test_a_job_is_told_which_request_wants_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    celery = app.extensions["celery"]
    monkeypatch.setattr(celery, "send_task", lambda name, **named: sent.append({"name": name, **named}))
    monkeypatch.setattr(celery, "connection_for_write", lambda **_: _Nobody())
    monkeypatch.setattr(celery.amqp, "Producer", lambda _: None)
    app.extensions.pop(jobs._ASLEEP, None)
    structlog.contextvars.bind_contextvars(request_id=GIVEN)
    with unit_of_work():
        enqueue(Job.DRAIN_OUTBOX)
    assert [(one["name"], one["headers"]) for one in sent] == [("mail.drain_outbox", {"request_id": GIVEN})]


class _Nobody:
    def __enter__(self) -> _Nobody:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def ensure_connection(self, **_: object) -> None:
        """It is there."""


@pytest.mark.parametrize(("told", "said"), [(GIVEN, GIVEN), ("bad one\n", None), (None, None), (7, None)])
def test_the_lines_of_a_job_lead_back_to_it(told: object, said: str | None) -> None:
    task = SimpleNamespace(name="mail.drain_outbox", request={"request_id": told})
    traces._begin(task_id="0123", task=task)  # type: ignore[arg-type]
    bound = structlog.contextvars.get_contextvars()
    assert (bound["job"], bound["job_id"], bound.get("request_id")) == ("mail.drain_outbox", "0123", said)
    traces._end()
    assert structlog.contextvars.get_contextvars() == {}


def test_of_an_error_in_a_library_the_kind_alone_is_written() -> None:
    try:
        raise ValueError("Canary")
    except ValueError:
        record = logging.LogRecord("celery", logging.ERROR, "x.py", 1, "job %s failed", ("one",), sys.exc_info())
    line = json.loads(logs.JsonLines().format(record))
    assert (line["event"], line["error"], line["level"]) == ("job one failed", "ValueError", "error")
    assert "Canary" not in json.dumps(line)


@pytest.mark.parametrize(("env", "wanted"), [({}, "text"), ({"DEMARCHE_ENV": "testing", "LOG_FORMAT": "json"}, "json")])
def test_the_form_is_a_setting(env: dict[str, str], wanted: str) -> None:
    assert config.load(env).log_format == wanted
    with pytest.raises(config.SettingError):
        config.load({"LOG_FORMAT": "xml"})
