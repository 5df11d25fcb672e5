"""Whose mail it is: workers side by side, workers that die, workers that come back late."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

import config
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, RuleViolation
from crm.mail import deciding, delivery, holder, rules, service, wanted
from crm.mail.rules import Answer, Outcome
from tests.mail.posting import attempts, drain, post, row, sweep
from tests.mail.relays import Relay
from tests.support.people import Person

ROOT = Path(config.__file__).parent


def _begin(mail_id: object, name: str = "somebody") -> int:
    """Claim one mail and write down an attempt, as a worker does just before it speaks to the relay."""
    with looking_as(SYSTEM):
        with unit_of_work():
            assert mail_id in service.claim_batch(name)
        with unit_of_work():
            outgoing = service.begin(mail_id, name)  # type: ignore[arg-type]
    assert outgoing is not None
    return outgoing.attempt


def _settle(mail_id: object, number: int, answer: Answer) -> None:
    with looking_as(SYSTEM), unit_of_work():
        service.settle(mail_id, number, answer)  # type: ignore[arg-type]


def test_two_drains_at_once_send_nothing_twice(app: Flask, relay: Relay) -> None:
    for number in range(60):
        post(f"mail {number}", to=f"owner{number}@example.org")
    start, problems = threading.Barrier(3), []

    def work() -> None:
        try:
            with app.app_context(), looking_as(SYSTEM):
                start.wait(10)
                delivery.drain(batch=7, seconds=60)
                db.session.remove()
        except Exception as error:
            problems.append(error)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    assert problems == []
    drain()
    assert Counter(one.recipients[0] for one in relay.taken) == Counter(
        f"owner{number}@example.org" for number in range(60)
    )


def test_what_is_claimed_is_not_claimed_again(app: Flask) -> None:
    mail_id = post()
    with looking_as(SYSTEM):
        with unit_of_work():
            assert service.claim_batch("first") == [mail_id]
        with unit_of_work():
            assert service.claim_batch("second") == []
        with unit_of_work():
            assert service.begin(mail_id, "second") is None


def test_a_lease_lasts_twelve_minutes(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    mail_id = post()
    _begin(mail_id, "elsewhere|1|1|x")
    later(11 * 60 + 50)
    assert sweep() == 0
    assert row(mail_id).state == "sending"
    later(12 * 60 + 1)
    assert sweep() == 1
    assert row(mail_id).state == "ambiguous"


def test_who_begins_too_late_is_told_so(app: Flask, later: Callable[[float], None]) -> None:
    mail_id = post()
    with looking_as(SYSTEM):
        with unit_of_work():
            service.claim_batch("slow")
        later(91)
        with unit_of_work():
            assert service.begin(mail_id, "slow") is None
        with unit_of_work():
            assert service.claim_batch("quick") == [mail_id]
    assert row(mail_id).attempts == 0


def test_an_answer_outlives_a_restart_of_the_database(
    app: Flask, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail server has taken it, the database is away for a moment: no second copy comes of that."""
    real, failures = service.settle, [1, 2]

    def settle(*given: Any) -> None:
        if failures:
            failures.pop()
            raise OperationalError("UPDATE", {}, Exception("the server closed the connection"))
        real(*given)

    monkeypatch.setattr(service, "settle", settle)
    monkeypatch.setattr(delivery, "RETRIES", (0, 0))
    mail_id = post()
    assert drain() == {"sent": 1}
    assert [one.outcome for one in attempts(mail_id)] == ["sent"]
    failures.extend([1, 2, 3])
    lost, other = post("lost"), post("other")
    with pytest.raises(OperationalError):
        drain()
    states = sorted((row(one).state, row(one).lease_by is None) for one in (lost, other))
    assert states == [("sending", False), ("waiting", True)]
    assert sweep() == 1
    assert sorted(row(one).state for one in (lost, other)) == ["ambiguous", "waiting"]


def test_begun_and_never_handed_over_is_no_doubt(app: Flask, relay: Relay, later: Callable[[float], None]) -> None:
    """The database took the attempt but its answer to that was lost: the mail server never heard of it."""
    mail_id = post()
    _begin(mail_id, "somebody")
    with looking_as(SYSTEM), unit_of_work():
        service.release("somebody")
    assert row(mail_id).state == "waiting"
    later(31)
    assert drain() == {"sent": 1}
    assert [(one.outcome, one.second_copy) for one in attempts(mail_id)] == [("temporary", False), ("sent", False)]


def test_a_worker_killed_before_its_attempt_leaves_no_doubt(app: Flask, relay: Relay) -> None:
    mail_id = post()
    with looking_as(SYSTEM), unit_of_work():
        service.claim_batch(_dead_holder())
    assert drain() == {}
    assert sweep() == 1
    assert drain() == {"sent": 1}
    assert [(one.outcome, one.second_copy) for one in attempts(mail_id)] == [("sent", False)]


def _dead_holder() -> str:
    """The sign of a process that has ended."""
    code = "from crm.mail.holder import sign; print(sign())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


KILLED = """
import os, signal, sys
from pathlib import Path
from typing import Any
from crm import create_app
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.mail import holder, service
from tests.support.databases import settings_for
app = create_app(settings_for(sys.argv[1], Path(sys.argv[2])))
with app.app_context(), looking_as(SYSTEM):
    name = holder.sign()
    with unit_of_work():
        (mail_id,) = service.claim_batch(name)
    with unit_of_work():
        assert service.begin(mail_id, name)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_killed_between_attempt_and_sending(
    app: Flask, relay: Relay, settings: config.Settings, later: Callable[[float], None]
) -> None:
    """The attempt is in the database, so the sweeper finds it; the second copy is flagged."""
    mail_id = post()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, settings.database_url, str(settings.var_dir)], cwd=ROOT, timeout=60
    )
    assert killed.returncode == -9
    assert row(mail_id).state == "sending"
    assert drain() == {}
    assert sweep() == 1
    assert row(mail_id).state == "ambiguous"
    later(31)
    assert drain() == {"sent": 1}
    assert [(one.outcome, one.second_copy) for one in attempts(mail_id)] == [
        ("unknown", False),
        ("sent", True),
    ]
    assert len(relay.taken) == 1


def test_a_living_worker_is_not_swept(app: Flask) -> None:
    mail_id = post()
    _begin(mail_id, holder.sign())
    assert sweep() == 0
    assert row(mail_id).state == "sending"


@pytest.mark.parametrize("name", ["", "nonsense", "a|b|c|d", "another-machine|1|1|x"])
def test_of_other_machines_nothing_is_known(name: str) -> None:
    assert not holder.is_dead(name)


def test_a_success_that_comes_late_saves_the_second_copy(
    app: Flask, relay: Relay, later: Callable[[float], None]
) -> None:
    mail_id = post()
    number = _begin(mail_id, "elsewhere|1|1|x")
    later(13 * 60)
    sweep()
    _settle(mail_id, number, Answer(Outcome.SENT, "250 at last"))
    assert row(mail_id).state == "sent"
    later(3600)
    assert drain() == {}


def test_an_attempt_that_was_overtaken_only_ends_itself(
    app: Flask, relay: Relay, later: Callable[[float], None]
) -> None:
    mail_id = post()
    number = _begin(mail_id, "elsewhere|1|1|x")
    later(13 * 60)
    sweep()
    later(14 * 60)
    assert drain() == {"sent": 1}
    _settle(mail_id, number, Answer(Outcome.SENT, "250 much too late"))
    assert [one.outcome for one in attempts(mail_id)] == ["late", "sent"]
    assert row(mail_id).last_answer == "250 2.0.0 Kept"


def test_the_database_takes_one_success_for_a_mail(app: Flask) -> None:
    from sqlalchemy.exc import IntegrityError

    from crm.mail.models import MailAttempt

    mail_id = post()
    with pytest.raises(IntegrityError), looking_as(SYSTEM), unit_of_work() as session:
        session.add_all(MailAttempt(mail_id=mail_id, number=number, outcome="sent") for number in (1, 2))


def test_withdrawn_at_the_last_moment(app: Flask, relay: Relay) -> None:
    reasons = {"gone": "It was cancelled."}
    wanted.connect(app, {"test": lambda mail_id: reasons.get("gone")}, {})
    mail_id = post("test", purpose="test")
    assert drain() == {}
    assert relay.taken == []
    withdrawn = row(mail_id)
    assert (withdrawn.state, withdrawn.last_answer, withdrawn.attempts) == (
        "withdrawn",
        "It was cancelled.",
        0,
    )
    reasons.clear()
    assert drain() == {}
    assert post("test", purpose="test", text="Wanted again.\n") == mail_id
    assert drain() == {"sent": 1}
    assert "Wanted again." in relay.taken[0].content.decode()


def test_a_purpose_that_nobody_answers_for_is_not_sent(app: Flask, relay: Relay) -> None:
    wanted.connect(app, {}, {})
    mail_id = post("odd", purpose="unheard of")
    assert drain() == {}
    assert row(mail_id).state == "failed"
    assert relay.taken == []


def test_a_person_may_let_a_failed_mail_go_again(app: Flask, relay: Relay, person: Callable[[str], Person]) -> None:
    administrator, officer = person("administrator").viewer, person("officer").viewer
    relay.rcpt = ["550 5.2.1 Mailbox closed"]
    mail_id = post()
    drain()
    with pytest.raises(NotAllowed), unit_of_work():
        deciding.retry(actor=officer, mail_id=mail_id)
    with unit_of_work():
        deciding.retry(actor=administrator, mail_id=mail_id)
    assert drain() == {"sent": 1}
    with pytest.raises(RuleViolation), unit_of_work():
        deciding.retry(actor=administrator, mail_id=mail_id)


def test_a_silent_broker_costs_nothing_but_time(app: Flask, relay: Relay) -> None:
    """The test settings name a broker that does not exist: the post succeeds, the sweeper asks again."""
    mail_id = post()
    assert row(mail_id).state == "waiting"
    assert sweep() == 0
    assert drain() == {"sent": 1}


def test_the_lease_is_longer_than_a_drain_can_last() -> None:
    from crm.mail import relay

    one_mail = relay.CONNECT_SECONDS + 5 * relay.COMMAND_SECONDS + relay.CONTENT_SECONDS
    assert timedelta(seconds=delivery.PATIENCE_SECONDS + one_mail) < rules.LEASE
    assert clock.now().tzinfo is not None
