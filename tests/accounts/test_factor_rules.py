"""Which codes fit, how a recovery code is read, and where passkeys work."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from crm.accounts.factors import rules
from crm.core import clock
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


@pytest.mark.parametrize(
    ("typed", "fits"), [("now", True), ("before", True), ("after", True), ("long ago", False), ("used", False)]
)
def test_which_codes_fit(typed: str, fits: bool) -> None:
    now = clock.now()
    here = rules.step_of(now)
    step = here + {"now": 0, "before": -1, "after": 1, "long ago": -2, "used": 0}[typed]
    last = here if typed == "used" else 0
    found = rules.fitting_step(f"{step:09d}", lambda one: f"{one:09d}", last_step=last, now=now)
    assert found == (step if fits else None)


def test_a_recovery_code_is_read_however_it_is_written() -> None:
    code = rules.recovery_code(0x0123456789ABCDEF0123)
    assert re.fullmatch(r"([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}", code)
    kept = rules.recovery_hash(code)
    assert kept and kept == rules.recovery_hash(code.upper().replace("-", " ").replace("0", "O"))
    for wrong in ("", "abc", code[:-1], code + "x", "\ud800" * 16):
        assert rules.recovery_hash(wrong) is None


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://crm.example.org", "crm.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://crm.example.org", None),
        ("https://192.0.2.1", None),
        ("https://[2001:db8::1]:8443", None),
    ],
)
def test_where_passkeys_work(address: str, host: str | None) -> None:
    site = rules.site_of(address)
    assert (site.host if site else None) == host
    assert site is None or site.origin == address
