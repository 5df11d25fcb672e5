"""What a list of acts would change in the acts on file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from crm.states.rules.status import Act, ActKind, effective_day
from crm.states.rules.treaty import Treaty

FAR_DAYS = 31
"""An act that moves by more days may be another act than the one on file."""


class ChangeKind(StrEnum):
    """What happens to one act."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class GivenAct:
    """A row of a list from outside. None means that the list does not say: what is on file stays."""

    line: int
    state_iso3: str
    kind: ActKind
    deposited_on: date
    effective_on: date | None = None
    note: str | None = None
    confidence: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One act before and after; `line` is the row of the list that asks for it (None: the row is absent)."""

    kind: ChangeKind
    before: Act | None
    after: Act | None
    line: int | None = None

    @property
    def act(self) -> Act:
        """The act as it will be, or as it was when it is removed."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Differences:
    """The changes, how many acts stay as they are, and the acts on file that the list does not have."""

    changes: tuple[Change, ...]
    unchanged: int
    missing: tuple[Act, ...]


Pair = tuple[Act | None, GivenAct]


def _pairs(current: Iterable[Act], given: Iterable[GivenAct]) -> tuple[list[Pair], list[Act]]:
    """Which row speaks of which act: same day first, then same State and kind in the order of days."""
    exact = {(act.state_iso3, act.kind, act.deposited_on): act for act in current}
    pairs: list[Pair] = []
    unmatched: list[GivenAct] = []
    for row in given:
        act = exact.pop((row.state_iso3, row.kind, row.deposited_on), None)
        if act is None:
            unmatched.append(row)
        else:
            pairs.append((act, row))
    rest: dict[tuple[str, ActKind], list[Act]] = defaultdict(list)
    for act in sorted(exact.values(), key=lambda one: one.deposited_on):
        rest[act.state_iso3, act.kind].append(act)
    for row in sorted(unmatched, key=lambda one: one.deposited_on):
        others = rest[row.state_iso3, row.kind]
        pairs.append((others.pop(0) if others else None, row))
    return pairs, [act for acts in rest.values() for act in acts]


def _settled(row: GivenAct, before: Act | None, treaty: Treaty, source: str) -> Act:
    """The act that a row describes; what it leaves open comes from the file or from the rule."""
    same_day = before is not None and before.deposited_on == row.deposited_on
    effective = before.effective_on if before is not None and same_day else None
    after = Act(
        state_iso3=row.state_iso3,
        kind=row.kind,
        deposited_on=row.deposited_on,
        effective_on=row.effective_on or effective or effective_day(row.kind, row.deposited_on, treaty),
        note=row.note or (before.note if before else ""),
        confidence=row.confidence or (before.confidence if before else "found"),
        source=row.source or source,
        id=before.id if before else None,
    )
    if before is not None and not row.source and replace(after, source=before.source) == before:
        return before
    return after


def differences(
    current: Iterable[Act],
    given: Iterable[GivenAct],
    *,
    treaty: Treaty,
    source: str,
    complete: bool = False,
) -> Differences:
    """Compare a list with the acts on file.

    `source` is put on acts whose row names none. `complete`: the list is the whole register, so acts
    that it does not have are removed; otherwise they stay and are only named as missing.
    """
    pairs, missing = _pairs(current, given)
    changes = []
    unchanged = 0
    for before, row in pairs:
        after = _settled(row, before, treaty, source)
        if before is None:
            changes.append(Change(ChangeKind.ADDED, None, after, row.line))
        elif after != before:
            changes.append(Change(ChangeKind.CHANGED, before, after, row.line))
        else:
            unchanged += 1
    missing.sort(key=lambda act: (act.deposited_on, act.state_iso3))
    if complete:
        changes += [Change(ChangeKind.REMOVED, act, None) for act in missing]
    changes.sort(key=lambda one: (list(ChangeKind).index(one.kind), one.act.deposited_on, one.act.state_iso3))
    return Differences(tuple(changes), unchanged, () if complete else tuple(missing))


def caution(before: Act | None, after: Act | None) -> str:
    """What to ask oneself before a change is believed; "" when there is nothing to ask."""
    if before is None or after is None:
        return ""
    first, last = sorted((before.deposited_on, after.deposited_on))
    if (last - first).days <= FAR_DAYS:
        return ""
    return f"This moves an act on file by {_stretch(first, last)}. Is it the same act?"


def _stretch(first: date, last: date) -> str:
    """The time between two days in the largest unit of which there are two."""
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    if months >= 24:
        return f"{months // 12} years"
    return f"{months} months" if months >= 2 else f"{(last - first).days} days"


def to_record(act: Act | None) -> dict[str, Any] | None:
    """An act as plain JSON, for keeping beside an import."""
    if act is None:
        return None
    return {
        "id": str(act.id) if act.id else None,
        "state_iso3": act.state_iso3,
        "kind": act.kind.value,
        "deposited_on": act.deposited_on.isoformat(),
        "effective_on": act.effective_on.isoformat() if act.effective_on else None,
        "note": act.note,
        "confidence": act.confidence,
        "source": act.source,
    }


def from_record(record: Mapping[str, Any] | None) -> Act | None:
    """The act kept by `to_record`."""
    if record is None:
        return None
    return Act(
        id=UUID(record["id"]) if record["id"] else None,
        state_iso3=record["state_iso3"],
        kind=ActKind(record["kind"]),
        deposited_on=date.fromisoformat(record["deposited_on"]),
        effective_on=date.fromisoformat(record["effective_on"]) if record["effective_on"] else None,
        note=record["note"],
        confidence=record["confidence"],
        source=record["source"],
    )
