"""Pure decisions about second factors: which code fits, what a recovery code looks like, where passkeys work."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crm.core import keys

STEP = 30
"""Seconds for which a code stands (RFC 6238, the value every app knows)."""

LEEWAY = 1
"""Steps by which the clock of a phone may be behind or ahead."""

MOST_APPS = 3
"""Each app is one more code that a guess may hit."""

MOST_PASSKEYS = 10
CODES = 10
"""Recovery codes made at a time."""

SETUP_LASTS = timedelta(hours=1)
"""For so long the secret on a page may still be set up."""

CEREMONY_LASTS = timedelta(minutes=10)
"""For so long a passkey may take to answer."""

_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter in it is taken for a figure."""


def step_of(now: datetime) -> int:
    """The number of the time step in which a moment lies."""
    return int(now.timestamp()) // STEP


def fitting_step(typed: str, code_at: Callable[[int], str], *, last_step: int, now: datetime) -> int | None:
    """The time step whose code was typed, or None. Steps up to `last_step` are used up (RFC 6238, 5.2)."""
    here, found = step_of(now), None
    for step in range(here - LEEWAY, here + LEEWAY + 1):
        if hmac.compare_digest(code_at(step).encode(), typed.encode()) and step > last_step:
            found = step
    return found


def as_app_code(typed: str) -> str | None:
    """Six figures, however they are spaced, or None."""
    code = "".join(typed.split())
    return code if len(code) == 6 and code.isascii() and code.isdecimal() else None


def recovery_code(random_bits: int) -> str:
    """A recovery code of 80 bits in four groups, as it is shown."""
    signs = "".join(_SIGNS[(random_bits >> (5 * place)) & 31] for place in range(16))
    return "-".join(signs[place : place + 4] for place in range(0, 16, 4))


def recovery_hash(typed: str) -> str | None:
    """What is kept of a recovery code, whatever its letters and spaces look like; None for what is none."""
    plain = "".join(one for one in typed.lower() if one not in " -\u2013\u2014\t")
    plain = plain.translate(str.maketrans("oil", "011"))
    if len(plain) != 16 or set(plain) - set(_SIGNS):
        return None
    return keys.digest(plain)


@dataclass(frozen=True)
class Site:
    """Where passkeys belong to: the host that they are bound to, and the address that browsers send."""

    host: str
    origin: str


def site_of(public_url: str) -> Site | None:
    """The site of an address that readers type; None where browsers allow no passkey: a bare number, no TLS."""
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        local = host == "localhost" or host.endswith(".localhost")
        if host and (parts.scheme == "https" or local):
            return Site(host, f"{parts.scheme}://{parts.netloc}")
    return None
