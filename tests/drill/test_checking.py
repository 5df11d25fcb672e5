"""The comparison after a drill sees whatever breaks a promise, and nothing where all were kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from drill.checking import Asked, Attempt, Copy, Findings, Kept, Mail, compare, longest_recovery

DUE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
NOW = DUE + timedelta(minutes=10)
ONE = "drill-000001"


def at(seconds: float) -> datetime:
    return DUE + timedelta(seconds=seconds)


def asked(**changes: Any) -> Asked:
    return Asked(**{"token": ONE, "due": DUE, "answered": at(-5), **changes})


def attempt(outcome: str, *, second_copy: bool = False, seconds: float = 1) -> Attempt:
    return Attempt(at(seconds), outcome, second_copy)


def kept(*attempts: Attempt, state: str = "sent", undecided: bool = False, follow_ups: int = 1) -> dict[str, Kept]:
    return {ONE: Kept(follow_ups, [Mail("<one>", state, undecided, attempts)])}


def copy(seconds: float = 1, *, told: bool = True, message_id: str = "<one>", token: str = ONE) -> Copy:
    return Copy(token, message_id, at(seconds), told)


def broken(one: Asked, there: dict[str, Kept], *copies: Copy) -> set[str]:
    return set(compare([one], there, copies, NOW).broken())


SENT = attempt("sent")
UNKNOWN = attempt("unknown")
SECOND = attempt("sent", second_copy=True, seconds=60)


def test_all_is_well() -> None:
    assert broken(asked(), kept(SENT), copy()) == set()


@pytest.mark.parametrize(
    ("there", "copies"),
    [
        ({}, []),
        ({ONE: Kept(1)}, []),
        (kept(state="waiting"), []),
        (kept(UNKNOWN, state="ambiguous"), [copy(told=False)]),
        (kept(attempt(""), state="sending"), []),
    ],
    ids=["nothing kept", "no mail", "waits still", "reply lost and not repeated", "begun and left"],
)
def test_a_reminder_that_no_mail_server_took_is_lost(there: dict[str, Kept], copies: list[Copy]) -> None:
    assert "lost" in broken(asked(), there, *copies)


@pytest.mark.parametrize(
    ("one", "there"),
    [
        (asked(answered=None), {}),
        (asked(due=NOW + timedelta(minutes=1)), {ONE: Kept(1)}),
        (asked(), kept(attempt("permanent"), state="failed")),
        (asked(), kept(UNKNOWN, UNKNOWN, state="ambiguous", undecided=True)),
        (asked(cancel_asked=at(-3)), kept(state="withdrawn")),
    ],
    ids=["never answered", "not due yet", "seen to fail", "left to a person", "cancelled"],
)
def test_what_nobody_was_promised_is_not_lost(one: Asked, there: dict[str, Kept]) -> None:
    assert broken(one, there) == set()


def test_what_is_said_to_be_sent_has_to_be_with_the_mail_server() -> None:
    assert broken(asked(), kept(SENT)) == {"lost", "untrue"}
    assert broken(asked(), kept(SENT), copy(told=False)) == {"lost", "untrue"}


@pytest.mark.parametrize(
    "attempts",
    [(SENT, SECOND), (SENT,), (attempt("temporary"), SECOND), (UNKNOWN, attempt("sent", seconds=60))],
    ids=["after a known one", "one attempt", "after a put-off", "not known to be the second"],
)
def test_a_second_copy_without_an_unknown_outcome_is_a_duplicate(attempts: tuple[Attempt, ...]) -> None:
    assert broken(asked(), kept(*attempts), copy(1), copy(60)) & {"duplicates", "untrue"}


def test_a_second_copy_after_an_unknown_outcome_is_explained_and_a_third_is_not() -> None:
    found: Findings = compare([asked()], kept(UNKNOWN, SECOND), [copy(1, told=False), copy(60)], NOW)
    assert (found.broken(), found.explained) == ({}, 1)
    third = attempt("sent", second_copy=True, seconds=90)
    assert broken(asked(), kept(UNKNOWN, SECOND, third), copy(1), copy(60), copy(90)) == {"duplicates"}
    assert broken(asked(), kept(attempt("late"), SECOND), copy(1), copy(60)) == set()


def test_two_mails_about_one_reminder_are_duplicates_whatever_their_attempts_say() -> None:
    assert "duplicates" in broken(asked(), kept(UNKNOWN, SECOND), copy(1, told=False), copy(60, message_id="<two>"))


def test_early_by_a_second_is_early() -> None:
    assert broken(asked(), kept(SENT), copy(-1)) == {"early"}


def test_begun_after_it_was_cancelled_is_unwanted_and_before_is_not() -> None:
    cancelled = asked(cancel_asked=at(1), cancelled=at(2))
    assert broken(cancelled, kept(attempt("sent", seconds=3)), copy(4)) == {"unwanted"}
    assert broken(cancelled, kept(attempt("sent", seconds=1)), copy(4)) == set()


def test_an_answered_request_is_kept_once() -> None:
    assert broken(asked(due=NOW + timedelta(hours=1)), {}) == {"forgotten"}
    assert broken(asked(), kept(SENT, follow_ups=2), copy()) == {"doubled"}
    assert broken(asked(answered=None), kept(SENT, follow_ups=2), copy()) == {"doubled"}


def test_a_mail_that_nobody_asked_for_is_seen() -> None:
    assert broken(asked(), kept(SENT), copy(), copy(token="drill-000009")) == {"untrue"}


def test_recovery_counts_from_when_it_could_go_out() -> None:
    outage = (at(-10), at(30))
    assert longest_recovery([asked()], [copy(40)], []) == timedelta(seconds=40)
    assert longest_recovery([asked()], [copy(40)], [outage]) == timedelta(seconds=10)
    assert longest_recovery([asked(answered=at(20))], [copy(40)], []) == timedelta(seconds=20)
    assert longest_recovery([asked()], [copy(5, told=False), copy(70)], [outage]) == timedelta(seconds=40)
    assert longest_recovery([asked()], [copy(5)], [(at(6), at(60))]) == timedelta(seconds=5)
