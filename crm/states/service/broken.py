"""The rows of a list that cannot be taken, and what the others change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from crm.core.days import in_words
from crm.states.acts_csv import ActList, RowProblem
from crm.states.register import Register
from crm.states.rules import Act, Change, ChangeKind, Contradiction, Differences, contradictions


def impossible(held: Register, found: Differences, given: ActList) -> list[RowProblem]:
    """Changes that cannot be true beside a State's other acts; what was wrong before does not count."""
    unread = {one.line for one in given.problems}
    by_state: dict[str, list[Change]] = defaultdict(list)
    for change in found.changes:
        by_state[change.act.state_iso3].append(change)
    problems = (_problem(one, changes) for iso3, changes in by_state.items() for one in _new(held, iso3, changes))
    return [one for one in problems if one.line not in unread]


def _new(held: Register, iso3: str, changes: Sequence[Change]) -> list[Contradiction]:
    """The contradictions among the acts of a State that its changes bring."""
    before, counted = held.acts.get(iso3, ()), held.states[iso3].counted_since
    gone = {one.before for one in changes}
    after = [*(act for act in before if act not in gone), *(one.after for one in changes if one.after)]
    known = {(one.act, one.message) for one in contradictions(before, held.treaty, counted)}
    return [one for one in contradictions(after, held.treaty, counted) if (one.act, one.message) not in known]


def _problem(one: Contradiction, changes: Sequence[Change]) -> RowProblem:
    lines = {change.after: change for change in changes if change.after and change.line}
    cause = _cause(one, lines, changes)
    act = cause.act if cause else one.act
    text = f"{act.state_iso3} {act.kind} {act.deposited_on.isoformat()}"
    return RowProblem((cause and cause.line) or 0, one.column, _sentence(one, lines, cause), text)


def _cause(one: Contradiction, lines: Mapping[Act, Change], changes: Sequence[Change]) -> Change | None:
    """The row to blame: the act's own, else that of the act in its way, else one that moved an act away from
    where it was needed. None: no row, the list lacks an act.
    """
    own = lines.get(one.act) or (lines.get(one.against) if one.against else None)
    moved = (change for change in changes if change.kind is ChangeKind.CHANGED)
    return own or next(moved, None)


def _sentence(one: Contradiction, lines: Mapping[Act, Change], cause: Change | None) -> str:
    """The reason, as it looks from the row that is to blame."""
    day = in_words(one.act.deposited_on)
    because = one.message[:1].lower() + one.message[1:]
    if cause is None:
        return f"Without what this list lacks, the {one.act.kind} of {day} would no longer fit: {because}"
    if one.act not in lines:
        beside = f"This does not fit the {one.act.kind} of {day}, which is on file"
        return f"{beside} already." if one.repeats else f"{beside}: {because}"
    if one.repeats and one.against and one.against in lines:
        return _twice(one.act, one.against, lines[one.against].line)
    return one.message


def _twice(act: Act, other: Act, line: int | None) -> str:
    """Two rows of a list that say the same of a State, each for another day or in another way."""
    day = in_words(other.deposited_on)
    if act.kind is other.kind:
        return f"Line {line} of this list gives another day for the same act of this State: {day}."
    return f"By line {line} of this list this State has given its consent already: {other.kind}, {day}."


def takeable(found: Differences, *, unread: Iterable[RowProblem], untrue: Iterable[RowProblem]) -> Differences:
    """The differences without the rows that cannot be taken.

    A row that cannot be read may be about any act of its State, and about anything when its State cannot be
    read either: nobody can say that the list lacks those acts, so none of them is removed.
    """
    unread = list(unread)
    lines = {one.line for one in (*unread, *untrue)}
    open_for = {one.state_iso3 for one in unread}

    def stays(change: Change) -> bool:
        if change.kind is ChangeKind.REMOVED:
            return "" not in open_for and change.act.state_iso3 not in open_for
        return change.line not in lines

    return replace(found, changes=tuple(one for one in found.changes if stays(one)))
