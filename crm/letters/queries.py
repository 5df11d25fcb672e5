"""Reading campaigns, letters and their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import undefer

from crm.accounts.models import Party
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import Key, Question, date_key, moment_key, uuid_key
from crm.files import service as files
from crm.files.models import StoredFile
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.letters.progress import RETRIABLE, UNDER_WAY, HowFar, LetterState, Progress
from crm.meetings.queries import Signatories, signatories_on
from crm.reach.queries import restricted_states
from crm.states.queries import register
from crm.states.register import Counts
from crm.states.rules import Status

ADDRESSED = (Status.SIGNATORY, Status.NON_SIGNATORY, Status.WITHDRAWN)
"""The groups of States that get letters. States Parties are never urged."""


@dataclass
class CampaignLine:
    """One campaign in the list."""

    id: UUID
    name: str
    letter_date: date
    planned_at: datetime
    planned_by: str
    party: str
    handling: str
    sample: bool
    progress: Progress


@dataclass
class LetterLine:
    """One letter of a campaign; `documents` are pairs of language and format."""

    id: UUID
    state_iso3: str
    reference: str
    status: str
    verb: str
    addressee: str
    state: LetterState
    languages: list[str]
    reasons: list[dict[str, str]]
    settled_at: datetime | None
    documents: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Targets:
    """What a campaign of a date would be: the figures of that day and who would sign.

    `addressed`: how many States of each status there are, as the register has them: these figures are asked for
    without a trace, and would give a restricted State away day by day. `left_out`: the restricted ones among them
    for which the viewer is named; they get no letter. Nobody else is told which they are; whoever compares the
    letters of a campaign with the register can tell.
    """

    counts: Counts
    signing: Signatories
    addressed: Mapping[Status, int]
    left_out: tuple[str, ...]


def campaigns_asked(
    *,
    name: str = "",
    state_iso3: str = "",
    how_far: HowFar | None = None,
    since: date | None = None,
    until: date | None = None,
    sort: str = "",
) -> Question:
    """What the list of campaigns asks, the one planned last first unless told otherwise. Of a campaign the viewer
    knows the letters that they may see, and no others decide whether it fits.
    """
    wanted: Any = select(
        LetterCampaign.id,
        LetterCampaign.name,
        LetterCampaign.letter_date,
        LetterCampaign.planned_at,
        LetterCampaign.planned_by,
        LetterCampaign.stopped_at,
        LetterCampaign.handling,
        LetterCampaign.sample,
        Party.name.label("party"),
    ).join(Party, Party.id == LetterCampaign.originator_id)
    if name:
        wanted = wanted.where(LetterCampaign.name.icontains(name, autoescape=True))
    if state_iso3:
        wanted = wanted.where(LetterCampaign.id.in_(_with_letters(Letter.state_iso3 == state_iso3)))
    if how_far is HowFar.STOPPED:
        wanted = wanted.where(LetterCampaign.stopped_at.is_not(None))
    elif how_far:
        states = RETRIABLE if how_far is HowFar.LOOK else UNDER_WAY
        wanted = wanted.where(LetterCampaign.id.in_(_with_letters(Letter.state.in_([one.value for one in states]))))
    if since:
        wanted = wanted.where(LetterCampaign.letter_date >= since)
    if until:
        wanted = wanted.where(LetterCampaign.letter_date <= until)
    down = sort.startswith("-") or not sort
    orders = {
        "name": Key(LetterCampaign.name, lambda row: row.name, str, down),
        "date": date_key(LetterCampaign.letter_date, lambda row: row.letter_date, descending=down),
    }
    planned = moment_key(LetterCampaign.planned_at, lambda row: row.planned_at, descending=down)
    first = orders.get(sort.lstrip("-"), planned)
    return Question(wanted, (first, uuid_key(LetterCampaign.id, lambda row: row.id, descending=down)), _campaign_lines)


def _with_letters(which: ColumnElement[bool]) -> Select[UUID]:
    return select(Letter.campaign_id).where(which)


def _campaign_lines(rows: Sequence[Any]) -> list[CampaignLine]:
    """With their progress, in one statement."""
    counts = _counts([row.id for row in rows])
    return [
        CampaignLine(
            id=row.id,
            name=row.name,
            letter_date=row.letter_date,
            planned_at=row.planned_at,
            planned_by=row.planned_by,
            party=row.party,
            handling=row.handling,
            sample=row.sample,
            progress=Progress(counts[row.id], stopped=row.stopped_at is not None),
        )
        for row in rows
    ]


def _counts(campaign_ids: Collection[UUID]) -> dict[UUID, dict[LetterState, int]]:
    found: dict[UUID, dict[LetterState, int]] = defaultdict(dict)
    rows = db.session.execute(
        select(Letter.campaign_id, Letter.state, func.count())
        .where(Letter.campaign_id.in_(campaign_ids))
        .group_by(Letter.campaign_id, Letter.state)
    )
    for campaign_id, state, number in rows:
        found[campaign_id][LetterState(state)] = number
    return found


def get_campaign(campaign_id: UUID) -> LetterCampaign:
    """One campaign; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(LetterCampaign).where(LetterCampaign.id == campaign_id))
    if found is None:
        raise NotFound("no such campaign")
    return found


def progress_of(campaign: LetterCampaign) -> Progress:
    """How far a campaign is."""
    return Progress(_counts([campaign.id])[campaign.id], stopped=campaign.stopped_at is not None)


def letters_of(campaign_id: UUID, states: Collection[LetterState] = ()) -> list[LetterLine]:
    """The letters of a campaign in the order of their references, in two statements."""
    wanted = select(Letter).where(Letter.campaign_id == campaign_id)
    if states:
        wanted = wanted.where(Letter.state.in_([one.value for one in states]))
    letters = db.session.scalars(wanted.order_by(Letter.reference)).all()
    documents: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for letter_id, language, kind in db.session.execute(
        select(LetterDocument.letter_id, LetterDocument.language, LetterDocument.format)
        .join(Letter, Letter.id == LetterDocument.letter_id)
        .where(Letter.campaign_id == campaign_id)
        .order_by(LetterDocument.language, LetterDocument.format.desc())
    ):
        documents[letter_id].append((language, kind))
    return [
        LetterLine(
            id=one.id,
            state_iso3=one.state_iso3,
            reference=one.reference,
            status=one.status,
            verb=one.verb,
            addressee=one.addressee,
            state=LetterState(one.state),
            languages=list(one.languages),
            reasons=list(one.reasons),
            settled_at=one.settled_at,
            documents=documents[one.id],
        )
        for one in letters
    ]


def get_letter(letter_id: UUID) -> Letter:
    """One letter with its words; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Letter).where(Letter.id == letter_id).options(undefer(Letter.texts)))
    if found is None:
        raise NotFound("no such letter")
    return found


def documents_of(letter_id: UUID) -> Sequence[LetterDocument]:
    """The files of a letter, PDF before DOCX."""
    return db.session.scalars(
        select(LetterDocument)
        .where(LetterDocument.letter_id == letter_id)
        .order_by(LetterDocument.language, LetterDocument.format.desc())
    ).all()


@dataclass(frozen=True)
class FoundFile:
    """A stored file with its bytes."""

    name: str
    media_type: str
    sha256: str
    content: bytes


def document(letter_id: UUID, language: str, kind: str) -> FoundFile:
    """One file of a letter; NotFound when absent or not for this viewer."""
    key = db.session.scalar(
        select(LetterDocument.file_id).where(
            LetterDocument.letter_id == letter_id,
            LetterDocument.language == language,
            LetterDocument.format == kind,
        )
    )
    if key is None:
        raise NotFound("no such file")
    return _found(files.behind([key])[key])


def files_of(campaign_id: UUID) -> list[tuple[str, FoundFile]]:
    """Every file of a campaign with the State it is for, by name; restricted States stay out of the batch."""
    rows = db.session.execute(
        select(Letter.state_iso3, LetterDocument.file_id)
        .select_from(LetterDocument)
        .join(Letter, Letter.id == LetterDocument.letter_id)
        .where(Letter.campaign_id == campaign_id, Letter.state_iso3.not_in(sorted(restricted_states())))
    ).all()
    kept = files.behind([key for _iso3, key in rows])
    return sorted(((iso3, _found(kept[key])) for iso3, key in rows), key=lambda one: one[1].name)


def _found(stored: StoredFile) -> FoundFile:
    return FoundFile(stored.name, stored.media_type, stored.sha256, stored.content)


def targets_on(letter_date: date, viewer: Viewer) -> Targets:
    """What a campaign of this date would be."""
    known = register()
    found = {one: known.states_with_status([one], letter_date) for one in ADDRESSED}
    return Targets(
        known.counts(letter_date),
        signatories_on(letter_date),
        {one: len(states) for one, states in found.items()},
        _in_order({iso3 for states in found.values() for iso3 in states} & viewer.named, letter_date),
    )


def left_out_of(campaign: LetterCampaign, viewer: Viewer) -> tuple[str, ...]:
    """The restricted States that got no letter of a campaign, as far as the viewer is named for them.

    Looks as the system: a letter that is not the viewer's to see was written all the same.
    """
    if not viewer.named:
        return ()
    meant = register().states_with_status([Status(one) for one in campaign.statuses], campaign.letter_date)
    with looking_as(SYSTEM):
        written = set(db.session.scalars(select(Letter.state_iso3).where(Letter.campaign_id == campaign.id)))
    return _in_order((set(meant) & viewer.named) - written, campaign.letter_date)


def _in_order(states: Collection[str], on: date) -> tuple[str, ...]:
    """By their names on that day."""
    return tuple(sorted(states, key=lambda iso3: register().name(iso3, on)))
