"""Waiting, living, naming: decisions about signing in, on values alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm.accounts import rules
from crm.accounts.rules import Failures

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
NONE = Failures()


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (4, 0), (5, 5), (6, 10), (9, 80), (12, 640), (13, 900), (500, 900)]
)
def test_each_failure_doubles_the_pause_up_to_a_quarter_of_an_hour(count: int, seconds: int) -> None:
    assert rules.rest(Failures(count, NOW), rules.FREE_FROM_HERE, NOW) == timedelta(seconds=seconds)


def test_the_pause_runs_from_the_last_failure() -> None:
    assert rules.rest(Failures(6, NOW - timedelta(seconds=7)), 5, NOW) == timedelta(seconds=3)
    assert rules.rest(Failures(6, NOW - timedelta(seconds=11)), 5, NOW) == timedelta(0)


def test_nobody_locks_an_owner_out_from_elsewhere() -> None:
    attacked = Failures(1000, NOW)
    assert rules.wait(here=NONE, network=NONE, account=attacked, at_home=True, now=NOW) == timedelta(0)
    assert rules.wait(here=NONE, network=NONE, account=attacked, at_home=False, now=NOW) == rules.LONGEST_WAIT
    assert rules.wait(here=Failures(7, NOW), network=NONE, account=attacked, at_home=True, now=NOW).seconds == 20


def test_one_network_cannot_try_every_account() -> None:
    spraying = Failures(rules.FREE_OF_NETWORK, NOW)
    assert rules.wait(here=NONE, network=spraying, account=NONE, at_home=False, now=NOW).seconds == 5
    assert rules.wait(here=NONE, network=spraying, account=NONE, at_home=True, now=NOW) == timedelta(0)


@pytest.mark.parametrize(
    ("began", "seen", "ended", "lives"),
    [
        (timedelta(0), timedelta(0), None, True),
        (timedelta(hours=11, minutes=59), timedelta(minutes=1), None, True),
        (timedelta(hours=12), timedelta(0), None, False),
        (timedelta(hours=5), timedelta(hours=4), None, False),
        (timedelta(hours=1), timedelta(0), timedelta(0), False),
    ],
)
def test_how_long_a_session_lives(began: timedelta, seen: timedelta, ended: timedelta | None, lives: bool) -> None:
    ended_at = NOW - ended if ended is not None else None
    assert rules.alive(began_at=NOW - began, seen_at=NOW - seen, ended_at=ended_at, now=NOW) is lives


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_network_of_an_address(address: str | None, network: str) -> None:
    assert rules.network_of(address) == network


CHROME = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/153.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0", "Firefox on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "A program"),
        ("", "A program"),
    ],
)
def test_what_a_device_is_called(agent: str, name: str) -> None:
    assert rules.device(agent) == name


@pytest.mark.parametrize(
    "password", ["short", "passwordpassword", "aaaaaaaaaaaaaaaaaaaa", "officer@example.org", "123456789012345678"]
)
def test_passwords_that_will_not_do(password: str) -> None:
    assert rules.password_problem(password, ["officer@example.org"])


@pytest.mark.parametrize(
    "password", ["Odd.Officer.2026", "Nora Adm Norway 1", "demarche-norway-2026", "NORWAY officer 20261126"]
)
def test_what_is_known_of_somebody_is_no_password(password: str) -> None:
    known = ["nora.adm@example.org", "Nora Adm Odd Officer", "Norway"]
    assert "known of you" in (rules.password_problem(password, known) or "")
    assert rules.password_problem(f"{password} lantern marmalade violin", known) is None


def test_long_passwords_are_judged_quickly_and_taken() -> None:
    assert rules.password_problem("a password for tests alone", []) is None
    assert "published" in (rules.password_problem(rules.PUBLISHED, []) or "")
    assert rules.password_problem("correct lantern violin marmalade " * 30, []) is None


@pytest.mark.parametrize(
    "name",
    [
        "Demarche", "DEMARCHE", " demarche ", "Démarche", "Demarche security: sign in again", "Dem\u200darche",
        "\uff24\uff45\uff4d\uff41\uff52\uff43\uff48\uff45",
        "See https://evil.example/x", "HTTPS\uff1a//evil", "WWW.evil.example", "aiko@example.org", "aiko\uff20example",
        "Aiko\nSato", "Aiko\rSato",
        "Demarche\u115f", "Dem\u1160arche", "Dem\u2800arche", "Dem\u034farche", "Dem\u17b4arche", "A\u3164ice",
        "\u3164", "\u200d", "- .", "You", "\uff39\uff2f\uff35", "The Operator", "Whoever runs the machine",
    ],
)  # fmt: skip
def test_what_nobody_is_called(name: str) -> None:
    assert rules.name_problem(name)


@pytest.mark.parametrize(
    "name",
    [
        "Aiko Sato", "J.R. O'Neill-Marchand", "Dr. Anna de Marche", "Ngũgĩ wa Thiong’o", "佐藤 愛子", "A/B",
        "Анна Ковальова", "Αλέξης Παπαδόπουλος", "محمد بن علي", "דוד לוי", "अनीता शर्मा", "สมชาย ใจดี", "김민준",
        "ლევან მაისურაძე", "さくら愛子", "サクラ", "Aiko Sato (佐藤愛子)", "Anna Kovalova / Анна Ковальова",
        "Anna-Анна", "Nguyễn Thị Minh", "ＡＩＫＯ", "Henry Ⅷ", "Kaʻahumanu", "می‌رود", "Ɛsi Ŋoko",
    ],
)  # fmt: skip
def test_what_somebody_may_be_called(name: str) -> None:
    assert rules.name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "Aiko愛子", "A\u4e28ice", "\u3007liver", "김Min",
        "Aikо Sato", "Аiko Sato", "Aiko Sαto", "Demаrche", "Анна Kоv", "Αλέξης аλ",
        "Ai‍kо", "Aik̵о", "Aik1о", "O’Neilӏ", "Ａikо", "𝐀ikо", "Aikօ",
    ],
)  # fmt: skip
def test_no_word_of_a_name_has_letters_of_another_script(name: str) -> None:
    assert "several alphabets" in (rules.name_problem(name) or "")
