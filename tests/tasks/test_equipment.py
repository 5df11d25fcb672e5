"""What a worker knows and what beat says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from billiard import pool as children
from celery import Celery

import config
from crm import create_app
from crm.core.jobs import Job
from crm.mail import rules
from tasks import equipment
from tasks.equipment import EVERY, equip
from tests.support.databases import settings_for


@pytest.fixture(scope="module")
def celery(tmp_path_factory: pytest.TempPathFactory) -> Celery:
    """A worker's Celery; nothing here asks a database."""
    return equip(create_app(settings_for("sqlite://", tmp_path_factory.mktemp("var"))))


def test_exactly_the_known_jobs_are_registered(celery: Celery) -> None:
    ours = {name for name in celery.tasks if not name.startswith("celery.")}
    assert ours == {job.value for job in Job}


def test_what_beat_says_is_known_and_void_before_it_is_said_again(celery: Celery) -> None:
    entries = celery.conf.beat_schedule
    assert {one["task"] for one in entries.values()} <= set(celery.tasks)
    for job, pause in EVERY.items():
        entry = entries[job.value]
        assert entry["schedule"] == pause
        assert entry["options"] == {"queue": equipment.PROMPT, "expires": pause.total_seconds()}
        assert "args" not in entry
        assert entry["last_run_at"] < datetime.now(UTC) - max(EVERY.values()), "a new beat says it at once"
        assert not {"eta", "countdown"} & set(entry["options"])


def test_every_promise_of_two_minutes_has_a_beat_well_below() -> None:
    for job in (Job.PLAN_REMINDERS, Job.DRAIN_OUTBOX, Job.SWEEP_OUTBOX):
        assert EVERY[job] * 2 <= rules.LATE
    assert EVERY[Job.PULSE] <= timedelta(seconds=15)


def test_the_settings_that_keep_the_promises(celery: Celery) -> None:
    conf = celery.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.accept_content == ["json"]
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit
    assert conf.worker_cancel_long_running_tasks_on_connection_loss is False
    assert children.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT * 0.1 == equipment.LAST_WORD
    assert {one.name for one in conf.task_queues} == {"default", "prompt"}
    assert {one.routing_key for one in conf.task_queues} == {"default", "prompt"}
    assert Path(conf.beat_schedule_filename).name == "beat-schedule"
    assert Path(conf.beat_schedule_filename).is_absolute()


def test_no_job_is_sent_for_later() -> None:
    """An ETA beyond the visibility time is delivered twice: due times live in the database."""
    for path in [*(config.ROOT / "tasks").rglob("*.py"), *(config.ROOT / "crm").rglob("*.py")]:
        assert not re.findall(r"\b(countdown|eta)=|\.delay\(", path.read_text(encoding="utf-8")), path
