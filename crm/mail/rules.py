"""Pure decisions about outgoing mail: states, waiting times, what an answer means, what fits a header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from enum import StrEnum

CLAIM = timedelta(seconds=90)
"""How long a mail stays set aside for a worker that has not begun with it. Losing it does no harm: who
begins too late is told so."""

LEASE = timedelta(minutes=12)
"""How long a begun mail belongs to its worker: longer than any attempt can last, so nobody is overtaken."""

LATE = timedelta(minutes=2)
"""A due mail that has waited longer than this is trouble that pages speak of."""

GIVE_UP = timedelta(days=2)
"""How long a relay may put one mail off before it counts as refused."""

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
LONGEST_ANSWER = 300
LONGEST_SUBJECT = 200

_BREAKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")

TO_GUESTS = "appointment:guest:"
"""How the keys of mails begin that go to somebody without an account whom a party invited."""


class MailState(StrEnum):
    """Where a mail stands. `AMBIGUOUS`: handed over, but the relay's answer never came."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    WITHDRAWN = "withdrawn"


THROUGH = frozenset({MailState.SENT, MailState.FAILED, MailState.WITHDRAWN})
"""Nothing more happens with these by itself."""


class Outcome(StrEnum):
    """How one attempt ended. `LATE` is a success that came after the attempt had been given up."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    LATE = "late"


@dataclass(frozen=True)
class Answer:
    """What the relay made of one attempt. `relay_trouble`: it is about the relay, not about this mail."""

    outcome: Outcome
    text: str
    relay_trouble: bool = False


@dataclass(frozen=True)
class Verdict:
    """What becomes of a mail after an answer: its state and, while it goes on, how long it rests."""

    state: MailState
    wait: timedelta | None = None


def judge(answer: Answer, *, deferrals: int, unknown: int, repeats: int, age: timedelta) -> Verdict:
    """The fate of a mail. `deferrals` and `unknown` count this answer too; `age` is since it was due.

    An unknown outcome leads to a further copy only while `repeats` allows one (R3, R4 of the promises).
    """
    if answer.outcome is Outcome.SENT:
        return Verdict(MailState.SENT)
    if answer.outcome is Outcome.PERMANENT:
        return Verdict(MailState.FAILED)
    if answer.outcome is Outcome.UNKNOWN:
        return Verdict(MailState.AMBIGUOUS, FIRST_WAIT if unknown <= repeats else None)
    if answer.relay_trouble:
        return Verdict(MailState.WAITING, FIRST_WAIT)
    if age >= GIVE_UP:
        return Verdict(MailState.FAILED)
    return Verdict(MailState.WAITING, wait_after(deferrals))


def wait_after(deferrals: int) -> timedelta:
    """Rest after the relay put a mail off that many times in a row: 30 s, 1, 2, 4 … at most 15 minutes."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(max(deferrals - 1, 0), 10)
    return min(doubled, LONGEST_WAIT)


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Text as it may stand in a header or a list: breaks and control characters become one space."""
    flat = _BREAKS.sub(" ", text.encode("utf-8", "replace").decode("utf-8")).strip()
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def address(text: str) -> str:
    """A bare e-mail address with its domain in ASCII; ValueError when it is not exactly one.

    Letters beyond ASCII may stand before the @ (RFC 6531): whether a server takes them, it says itself.
    """
    if _BREAKS.search(text) or not 3 <= len(text) <= 254:
        raise ValueError("not an e-mail address")
    local, _, domain = text.rpartition("@")
    try:
        Address(addr_spec=f"{re.sub('[^ -~]', 'x', local)}@example.org")
        ascii_domain = domain.encode("idna").decode("ascii")
        Address(addr_spec=f"x@{ascii_domain}")
    except (ValueError, HeaderParseError, IndexError):
        raise ValueError("not an e-mail address") from None
    return f"{local}@{ascii_domain}"
