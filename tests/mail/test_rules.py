"""What an answer means for a mail, and what may stand in a header."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.mail import rules
from crm.mail.rules import Answer, MailState, Outcome, Verdict, judge

NEW = {"deferrals": 1, "unknown": 0, "repeats": 1, "age": timedelta(0)}


def test_taken_is_sent_and_refused_is_failed() -> None:
    assert judge(Answer(Outcome.SENT, "250 OK"), **NEW) == Verdict(MailState.SENT)
    assert judge(Answer(Outcome.PERMANENT, "550 no"), **NEW) == Verdict(MailState.FAILED)


def test_an_unknown_outcome_is_repeated_only_as_often_as_allowed() -> None:
    lost = Answer(Outcome.UNKNOWN, "connection lost")
    first = judge(lost, deferrals=0, unknown=1, repeats=1, age=timedelta(0))
    assert first == Verdict(MailState.AMBIGUOUS, rules.FIRST_WAIT)
    assert judge(lost, deferrals=0, unknown=2, repeats=1, age=timedelta(0)) == Verdict(MailState.AMBIGUOUS)
    assert judge(lost, deferrals=0, unknown=1, repeats=0, age=timedelta(0)) == Verdict(MailState.AMBIGUOUS)


def test_a_deferred_mail_rests_longer_each_time() -> None:
    waits = [rules.wait_after(number).total_seconds() for number in range(1, 9)]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert rules.wait_after(10**6) == rules.LONGEST_WAIT


def test_trouble_of_the_relay_is_not_held_against_a_mail() -> None:
    down = Answer(Outcome.TEMPORARY, "421 closing", relay_trouble=True)
    for deferrals, age in ((1, timedelta(0)), (40, timedelta(days=30))):
        verdict = judge(down, deferrals=deferrals, unknown=0, repeats=1, age=age)
        assert verdict == Verdict(MailState.WAITING, rules.FIRST_WAIT)


def test_a_mail_put_off_for_two_days_has_failed() -> None:
    off = Answer(Outcome.TEMPORARY, "450 later")
    assert judge(off, **{**NEW, "age": timedelta(days=2)}).state is MailState.FAILED
    assert judge(off, **{**NEW, "age": timedelta(hours=47)}).state is MailState.WAITING


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Lao PDR\r\nBcc: spy@example.com", "Lao PDR Bcc: spy@example.com"),
        ("a\x00b\x1bc\u2028d\u0085e", "a b c d e"),
        ("  Côte d’Ivoire  ", "Côte d’Ivoire"),
        ("half \ud800 character", "half ? character"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_header_text_is_one_line(given: str, expected: str) -> None:
    assert rules.one_line(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("owner@example.org", "owner@example.org"),
        ("o.w+n'er@sub.example.org", "o.w+n'er@sub.example.org"),
        ("owner@exämple.org", "owner@xn--exmple-cua.org"),
        ("jürgen@example.org", "jürgen@example.org"),
    ],
)
def test_addresses_that_mail_can_be_sent_to(given: str, expected: str) -> None:
    assert rules.address(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "",
        "owner",
        "@example.org",
        "owner@",
        "owner@example.org\r\nRCPT TO:<spy@example.com>",
        "owner@example.org, spy@example.com",
        "owner <owner@example.org>",
        "o wner@example.org",
        "owner@exam ple.org",
        "owner@example.org\n",
        "a" * 250 + "@example.org",
        "owner@" + "a" * 70 + ".org",
        "<owner@example.org>",
        "owner@exa>mple.org",
    ],
)
def test_anything_else_is_no_address(given: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        rules.address(given)
