"""Each part of a brief in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crm.activities.models import ActivityPerson
from crm.activities.nearby import Contact
from crm.activities.panel import verified
from crm.activities.rules import PAPER_LABELS, Paper
from crm.activities.types import ACTIVITY_TYPES
from crm.briefs.content import Line, Source
from crm.briefs.sources import Met, Origin, of_claim, of_contact, of_letter, of_promise
from crm.core.days import ago, in_words, until
from crm.core.display import day
from crm.followups.panel import Promise
from crm.people.met.rules import in_one_line
from crm.people.queries import Holder
from crm.people.rules import level_in_words
from crm.positions.models import ObstacleClaim
from crm.positions.rules import OBSTACLES, Basis, ObstacleType

Lines = tuple[Line, ...]
MOST_PEOPLE = 3
"""People met who hold none of the offices."""


def of_contacts(met: Iterable[Met]) -> Lines:
    """When, what, whose, with whom, what came back, what was left."""
    found = []
    for one in met:
        activity = one.activity
        head = [day(activity.held_on, activity.precision), ACTIVITY_TYPES[activity.kind].label, one.party]
        parts = [", ".join(_person(each) for each in sorted(activity.people, key=lambda each: each.name))]
        parts += [activity.reply, _left(activity)]
        text, note = " · ".join(part for part in head if part), " ".join(_sentence(part) for part in parts if part)
        found.append(Line(text, note, sources=(one.source,)))
    return tuple(found)


def _sentence(text: str) -> str:
    """With its full stop."""
    ended = " ".join(text.split())
    return ended if ended.endswith((".", "!", "?", "…")) else f"{ended}."


def _person(one: ActivityPerson) -> str:
    title = _title(one)
    return f"{one.name} ({title})" if title else one.name


def _title(one: ActivityPerson) -> str:
    """By which others know them, "" where none was said."""
    return one.title or one.level_other or level_in_words(one.level)


def _left(activity: Any) -> str:
    if activity.paper_left == Paper.NONE:
        return ""
    refused = ", which was not accepted" if activity.paper_accepted is False else ""
    return f"Left: {PAPER_LABELS[Paper(activity.paper_left)].lower()}{refused}"


def of_others(near: Iterable[Contact]) -> Lines:
    """Who else was there lately or is about to go."""
    return tuple(
        Line(
            f"{day(one.held_on, one.precision)}: {ACTIVITY_TYPES[one.kind].label.lower()}"
            f"{', planned' if one.ahead else ''}{f', {one.who}' if one.who else ''}",
            sources=(of_contact(one),),
        )
        for one in near
    )


def of_promises(owed: Iterable[Promise], today: date) -> Lines:
    """Ours first, then theirs."""
    return tuple(
        Line(
            f"{'They promised' if one.promised else 'We owe'}: {one.what}",
            ", ".join(part for part in (in_words(one.due_on), until(one.due_on, today), one.owner) if part),
            one.late,
            sources=(of_promise(one),),
        )
        for one in owed
    )


def of_letters(letters: Sequence[Any]) -> Lines:
    """The letters that were drafted; whether they were answered is said where an answer is on file."""
    return tuple(
        Line(
            f"{in_words(one.letter_date)} · {one.reference} · asks to {one.verb}" if one.verb
            else f"{in_words(one.letter_date)} · {one.reference}",
            f"{one.name}{f', to {one.addressee}' if one.addressee else ''}. No answer is on file.",
            sources=(of_letter(one),),
        )
        for one in letters
    )  # fmt: skip


def of_holders(holders: Iterable[Holder], today: date) -> Lines:
    """Who holds an office, and when somebody last looked."""
    return tuple(
        Line(
            f"{' '.join(part for part in (one.honorific, one.name) if part)}{' (acting)' if one.acting else ''}",
            ", ".join(part for part in (one.titles["en"], f"since {one.from_on.year}", verified(one, today)) if part),
            sources=(),
        )
        for one in holders
    )


def of_people_met(met: Iterable[Met], today: date) -> Lines:
    """Who was met last, each once."""
    found: dict[str, Line] = {}
    for one in met:
        for each in one.activity.people:
            when = ago(one.activity.held_on, today, one.activity.precision)
            line = Line(each.name, in_one_line((_title(each), f"met {when}")), sources=(one.source,))
            found.setdefault(each.name, line)
    return tuple(found.values())[:MOST_PEOPLE]


def _closer(claim: ObstacleClaim) -> str:
    subtypes = OBSTACLES[ObstacleType(claim.type)].subtypes
    return "; ".join(one for one in (subtypes.get(claim.subtype, ""), claim.other) if one)


def of_obstacles(claims: Iterable[ObstacleClaim], origins: Mapping[UUID, Origin]) -> Lines:
    """What they said beside what was concluded, each with its day and where it came up; what they said first."""
    by_type: dict[tuple[ObstacleType, str], dict[str, ObstacleClaim]] = defaultdict(dict)
    for claim in claims:
        by_type[ObstacleType(claim.type), _closer(claim)].setdefault(claim.basis, claim)

    def said(claim: ObstacleClaim | None, word: str) -> str:
        if claim is None:
            return ""
        return f"{word} {in_words(claim.claimed_on)}{_where(origins.get(claim.id))}"

    found = [
        (
            Basis.STATED.value not in bases,
            Line(
                f"{OBSTACLES[kind].label}{f': {closer}' if closer else ''}",
                "; ".join(
                    text
                    for text in (
                        said(bases.get(Basis.STATED.value), "Stated"),
                        said(bases.get(Basis.INFERRED.value), "Inferred"),
                    )
                    if text
                ),
                sources=_behind(bases.values(), origins),
            ),
        )
        for (kind, closer), bases in by_type.items()
    ]
    return tuple(line for _, line in sorted(found, key=lambda one: one[0]))


def _where(origin: Origin | None) -> str:
    if origin is None:
        return ""
    return f" ({ACTIVITY_TYPES[origin.kind].label.lower()} of {day(origin.held_on, origin.precision)})"


def _behind(claims: Iterable[ObstacleClaim], origins: Mapping[UUID, Origin]) -> tuple[Source, ...]:
    return tuple(source for claim in claims for source in of_claim(claim, origins))


def of_approaches(claims: Sequence[ObstacleClaim]) -> Lines:
    """What answers each obstacle, those that were stated first, with the reason; a deck’s own pairings are marked."""
    bases: dict[ObstacleType, str] = {}
    for claim in claims:
        kind = ObstacleType(claim.type)
        bases[kind] = Basis.STATED.value if claim.basis == Basis.STATED.value else bases.get(kind, claim.basis)
    order = sorted(bases, key=lambda kind: bases[kind] != Basis.STATED.value)
    return tuple(
        Line(
            "; ".join(f"{one.label} (2011 deck)" if one.deck else one.label for one in OBSTACLES[kind].approaches),
            f"Because {'they stated' if bases[kind] == Basis.STATED.value else 'we infer'}: "
            f"{OBSTACLES[kind].label.lower()}",
            sources=_behind((one for one in claims if one.type == kind.value), {}),
        )
        for kind in order
        if OBSTACLES[kind].approaches
    )


def not_again(met: Sequence[Met], claims: Sequence[ObstacleClaim], owed: Iterable[Promise]) -> Lines:
    """What was answered, promised or turned down already."""
    said: dict[str, str] = {}
    stated = [one for one in claims if one.basis == Basis.STATED.value]
    for claim in stated:
        said.setdefault(OBSTACLES[ObstacleType(claim.type)].label, in_words(claim.claimed_on))
    told = "; ".join(f"{label} ({on})" for label, on in said.items())
    lines = [Line("Why they have not joined", f"They said: {told}", sources=_behind(stated, {}))] if told else []
    lines += [
        Line(f"For “{one.what}”", f"Promised for {in_words(one.due_on)}", sources=(of_promise(one),))
        for one in owed
        if one.promised and not one.late
    ]
    for one in met:
        activity = one.activity
        if activity.paper_left != Paper.NONE:
            paper = PAPER_LABELS[Paper(activity.paper_left)].lower()
            refused = activity.paper_accepted is False
            what = f"To take the {paper}" if refused else f"Whether they have our {paper}"
            ended = "not accepted" if refused else "left with them"
            when = day(activity.held_on, activity.precision)
            lines.append(Line(what, f"{ended} on {when}", sources=(one.source,)))
    return tuple(lines)


def of_neighbours(names: Sequence[str], most: int, total: int, part: str) -> Lines:
    """Who joined in the same part of the world, in one line."""
    if not names:
        return ()
    more = f" and {len(names) - most} more" if len(names) > most else ""
    note = f"{len(names)} of the {total} other States of {part}"
    return (Line(", ".join(names[:most]) + more, note, sources=()),)
