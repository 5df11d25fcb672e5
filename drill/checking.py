"""What is compared after a drill: what was asked, what the database says, what the mail server took. Pure.

The promises are those of the outbox: nothing lost, a second copy only after an attempt of which nobody knows how it
ended, nothing early, nothing after it was cancelled, an acknowledged request kept once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

EXPLAINS = frozenset({"unknown", "late"})
"""Outcomes of an attempt after which another copy may go out: nobody knew, or knew too late."""

FAILED = "failed"
SENT = "sent"


@dataclass
class Asked:
    """One reminder that somebody asked for: when it falls due, when the request was answered, and when a request to
    cancel it was sent and answered.
    """

    token: str
    due: datetime
    answered: datetime | None = None
    cancel_asked: datetime | None = None
    cancelled: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One attempt as the database has it; `outcome` is empty while nobody has written one."""

    started: datetime
    outcome: str
    second_copy: bool


@dataclass(frozen=True)
class Mail:
    """One mail as the database has it. `undecided`: no copy goes out any more unless a person says so."""

    message_id: str
    state: str
    undecided: bool
    attempts: tuple[Attempt, ...] = ()


@dataclass
class Kept:
    """What the database has of one reminder: how many follow-ups, and their mails."""

    follow_ups: int = 0
    mails: list[Mail] = field(default_factory=list)

    @property
    def seen_to_fail(self) -> bool:
        """Whether pages and alerts say that it did not go out for certain."""
        return any(one.state == FAILED or one.undecided for one in self.mails)


@dataclass(frozen=True)
class Copy:
    """One copy that the mail server took. `told`: it said so, and did not keep the reply back."""

    token: str
    message_id: str
    at: datetime
    told: bool


@dataclass
class Findings:
    """What does not agree, by the promise that it breaks; each entry names a reminder and what is wrong."""

    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    unwanted: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    explained: int = 0

    def broken(self) -> dict[str, list[str]]:
        """The promises that were broken."""
        return {name: told for name, told in vars(self).items() if isinstance(told, list) and told}


def compare(asked: Iterable[Asked], kept: Mapping[str, Kept], copies: Iterable[Copy], now: datetime) -> Findings:
    """Hold the three against each other, as of `now`."""
    found = Findings()
    taken: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        taken[copy.token].append(copy)
    known = set()
    for one in asked:
        known.add(one.token)
        mine, there = taken[one.token], kept.get(one.token, Kept())
        _asked_once(found, one, there)
        _reached(found, one, there, mine, now)
        _in_time(found, one, there, mine)
        _copies(found, one.token, there, mine)
    for token in taken.keys() - known:
        found.untrue.append(f"{token}: nobody asked for it")
    return found


def _asked_once(found: Findings, one: Asked, there: Kept) -> None:
    if one.answered and not there.follow_ups:
        found.forgotten.append(f"{one.token}: the request was answered and nothing is kept")
    if there.follow_ups > 1:
        found.doubled.append(f"{one.token}: kept {there.follow_ups} times")


def _reached(found: Findings, one: Asked, there: Kept, mine: Sequence[Copy], now: datetime) -> None:
    told = any(copy.told for copy in mine)
    wanted = one.answered and not one.cancel_asked and one.due <= now
    if wanted and not told and not there.seen_to_fail:
        states = ", ".join(mail.state for mail in there.mails) or "no mail"
        found.lost.append(f"{one.token}: due {one.due:%H:%M}, {states}")
    told_ids = {copy.message_id for copy in mine if copy.told}
    for mail in there.mails:
        if mail.state == SENT and mail.message_id not in told_ids:
            found.untrue.append(f"{one.token}: said to be sent, and the mail server never said so")


def _in_time(found: Findings, one: Asked, there: Kept, mine: Sequence[Copy]) -> None:
    for copy in mine:
        if copy.at < one.due:
            found.early.append(f"{one.token}: {(one.due - copy.at).total_seconds():.0f} s before it was due")
    if one.cancelled:
        begun = [mark.started for mail in there.mails for mark in mail.attempts if mark.started > one.cancelled]
        if begun and mine:
            found.unwanted.append(f"{one.token}: begun at {begun[0]:%H:%M:%S}, cancelled before")


def _copies(found: Findings, token: str, there: Kept, mine: Sequence[Copy]) -> None:
    """Each copy after the first needs an attempt of unknown outcome before it, and an attempt that knew of it."""
    if len({copy.message_id for copy in mine}) > 1:
        found.duplicates.append(f"{token}: under {len({copy.message_id for copy in mine})} names")
        return
    marks = [mark for mail in there.mails for mark in mail.attempts]
    if len(mine) > len(marks):
        found.untrue.append(f"{token}: {len(mine)} copies of {len(marks)} attempts")
    if len(mine) < 2:
        return
    knew = sum(mark.second_copy for mark in marks)
    more = len(mine) - 1
    if sum(mark.outcome in EXPLAINS for mark in marks[:-1]) < more or knew < more:
        found.duplicates.append(f"{token}: {len(mine)} copies, attempts {[mark.outcome for mark in marks]}")
    else:
        found.explained += more


def longest_recovery(
    asked: Iterable[Asked], copies: Iterable[Copy], outages: Sequence[tuple[datetime, datetime]]
) -> timedelta:
    """The longest time from the moment at which a reminder could go out to its first answered copy: from when it was
    due and asked for, or from the end of the last outage that began before it went out.
    """
    first: dict[str, datetime] = {}
    for copy in copies:
        if copy.told:
            first[copy.token] = min(copy.at, first.get(copy.token, copy.at))
    longest = timedelta(0)
    for one in asked:
        at = first.get(one.token)
        if at is None or one.answered is None:
            continue
        could = max([one.due, one.answered, *[end for begin, end in outages if begin < at]])
        longest = max(longest, at - could)
    return longest
