"""What of each record can be found, in the words in which people read it.

Everything is read as the system by `keeping.py`; for whom a text is stands in its part and in its record's rule.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from crm.activities.models import Activity, Attachment, AttachmentText
from crm.activities.types import ACTIVITY_TYPES, every_detail
from crm.core.access import Handling
from crm.core.db import db
from crm.core.visibility import HIDES_STATE, Attribution, Record, narrowest
from crm.files.models import StoredFile
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.queries import states_behind
from crm.instructions.models import Instruction, InstructionMaterial
from crm.letters.models import Letter, LetterCampaign
from crm.people.met.models import Interlocutor, Post, PostTerm
from crm.people.models import Office, OfficeHolder
from crm.people.queries import recorded_titles
from crm.people.rules import LEVEL_LABELS, Gender, Level, OfficeKind, resolved
from crm.search.kinds import Kind, Part
from crm.states.queries import register


@dataclass(frozen=True)
class Text:
    """One row to be: what names its record, what is shown, and what is only compared (`also`).

    `own`: for its own party alone. `record` is None for what is for everybody.
    """

    kind: Kind
    keys: dict[str, UUID]
    day: date
    title: str
    body: str
    record: Record | None
    part: Part = Part.NOTE
    about: tuple[str, ...] = ()
    also: str = ""
    office: str = ""
    precision: str = "day"
    own: bool = False
    sample: bool = False

    @property
    def key(self) -> UUID:
        """The key of its record."""
        return next(iter(self.keys.values()))


def _named(codes: Iterable[str]) -> str:
    """The names of States as a title shows them."""
    return ", ".join(sorted(register().name_today(one) for one in codes))


def _also(codes: Iterable[str]) -> str:
    """The names, past ones and aliases too, and the codes under which a State is found."""
    known = register().states
    return " ".join(" ".join(known[one].called) for one in codes)


def _lines(*texts: str) -> str:
    return "\n".join(one for one in texts if one)


def of_activities(keys: Collection[UUID]) -> Iterator[Text]:
    """An activity, once as its own party reads it and once, if that is less, as others do; and its files."""
    wanted = select(Activity).where(Activity.id.in_(keys))
    parts = (Activity.states, Activity.people, Activity.comment, Activity.steps)
    rows = db.session.scalars(
        wanted.options(*(selectinload(one) for one in parts)).execution_options(populate_existing=True)
    ).all()
    for one in rows:
        yield from _of_activity(one)
    yield from _of_attachments({one.id: one for one in rows})


def _of_activity(one: Activity) -> Iterator[Text]:
    codes = tuple(sorted(part.state_iso3 for part in one.states))
    attribution, record = Attribution(one.attribution), _record(one, codes)
    asked = every_detail()
    answers = [
        (asked[key].names_people, asked[key].in_words(value)) for key, value in one.extras.items() if key in asked
    ]
    around = _lines(
        one.objective, one.occasion, one.place, one.next_action, one.marks, one.report_ref,
        *(answer for names, answer in answers if not names),
    )  # fmt: skip
    people = _lines(
        *(", ".join(filter(None, (who.name, who.title, who.ministry, who.level_other))) for who in one.people),
        ", ".join(filter(None, (one.delivered_by, one.delivered_by_title))),
        *(answer for names, answer in answers if names),
        *(step.note for step in one.steps),
    )
    comment = one.comment.text if one.comment else ""
    label = ACTIVITY_TYPES[one.kind].label
    named: dict[str, Any] = {"title": f"{label}, {_named(codes)}", "about": codes, "also": _also(codes)}
    common: dict[str, Any] = {
        "kind": Kind.ACTIVITY,
        "keys": {"activity_id": one.id},
        "day": one.held_on,
        "precision": one.precision,
        "record": record,
        "sample": one.sample,
    }
    told, part = _lines(one.reply, around, people), Part.FULL
    if attribution is not Attribution.FULL or comment:
        yield Text(part=Part.OWN, own=True, body=_lines(told, comment), **named, **common)
    if attribution is Attribution.STATE_NOT_PERSON:
        told, part = _lines(one.reply, around), Part.STATE
    elif attribution in HIDES_STATE:
        told, part, named = one.reply, Part.NOTE, {"title": label}
    yield Text(part=part, body=told, **named, **common)


def _record(one: Activity, codes: Iterable[str], handling: Handling | None = None) -> Record:
    return Record(one.originator_id, handling or Handling(one.handling), frozenset(codes), Attribution(one.attribution))


def _of_attachments(activities: dict[UUID, Activity]) -> Iterator[Text]:
    wanted = (
        select(Attachment, StoredFile.name, AttachmentText.text)
        .join(StoredFile, StoredFile.id == Attachment.file_id)
        .outerjoin(AttachmentText, AttachmentText.attachment_id == Attachment.id)
        .where(Attachment.activity_id.in_(activities))
    )
    for one, name, text in db.session.execute(wanted):
        whole = activities[one.activity_id]
        codes = tuple(sorted(part.state_iso3 for part in whole.states))
        handlings = [Handling(whole.handling), *([Handling(one.handling)] if one.handling else [])]
        yield Text(
            Kind.ATTACHMENT,
            {"attachment_id": one.id, "activity_id": whole.id},
            one.added_at.date(),
            name,
            _lines(one.what, f"{ACTIVITY_TYPES[whole.kind].label}, {_named(codes)}", text or ""),
            _record(whole, codes, narrowest(handlings)),
            about=codes,
            also=_also(codes),
            own=Attribution(whole.attribution) in HIDES_STATE,
            sample=one.sample,
        )


def of_follow_ups(keys: Collection[UUID]) -> Iterator[Text]:
    """What is to be done, what was said when it was, and why it was moved."""
    wanted = select(FollowUp).where(FollowUp.id.in_(keys)).execution_options(populate_existing=True)
    noted: dict[UUID, list[str]] = {}
    changes = (
        select(FollowUpChange.followup_id, FollowUpChange.note)
        .where(FollowUpChange.followup_id.in_(keys))
        .order_by(FollowUpChange.at)
    )
    for key, note in db.session.execute(changes):
        noted.setdefault(key, []).append(note)
    found = db.session.scalars(wanted).all()
    behind = states_behind([one.activity_id for one in found])
    for one in found:
        yield Text(
            Kind.FOLLOW_UP,
            {"follow_up_id": one.id},
            one.due_on,
            one.what,
            _lines(_named([one.state_iso3]), *dict.fromkeys([one.done_note, *noted.get(one.id, ())])),
            Record(
                one.originator_id,
                Handling(one.handling),
                frozenset({one.state_iso3}),
                sources=behind.get(one.activity_id, frozenset()),
            ),
            about=(one.state_iso3,),
            also=_also([one.state_iso3]),
            sample=one.sample,
        )


def of_campaigns(keys: Collection[UUID]) -> Iterator[Text]:
    """A campaign of letters by its name and occasion, and its letters: they are for whom it is."""
    for one in db.session.scalars(select(LetterCampaign).where(LetterCampaign.id.in_(keys))):
        occasion = _lines(*(str(text) for text in one.occasion.values()))
        yield Text(
            Kind.CAMPAIGN,
            {"campaign_id": one.id},
            one.letter_date,
            one.name,
            _lines(occasion, one.contact),
            Record(one.originator_id, Handling(one.handling)),
            sample=one.sample,
        )
    yield from of_letters(db.session.scalars(select(Letter.id).where(Letter.campaign_id.in_(keys))).all())


def of_letters(keys: Collection[UUID]) -> Iterator[Text]:
    """A letter by its reference, its addressee and its words in every language."""
    wanted = (
        select(Letter, LetterCampaign)
        .join(LetterCampaign, LetterCampaign.id == Letter.campaign_id)
        .where(Letter.id.in_(keys))
        .options(undefer(Letter.texts))
        .execution_options(populate_existing=True)
    )
    for one, campaign in db.session.execute(wanted):
        yield Text(
            Kind.LETTER,
            {"letter_id": one.id, "campaign_id": campaign.id},
            campaign.letter_date,
            f"{one.reference}, {_named([one.state_iso3])}",
            _lines(campaign.name, one.addressee, *map(_of_content, one.texts.values())),
            Record(campaign.originator_id, Handling(campaign.handling), frozenset({one.state_iso3})),
            about=(one.state_iso3,),
            also=_also([one.state_iso3]),
            sample=campaign.sample,
        )


def _of_content(content: dict[str, Any]) -> str:
    """What a letter says in one language, without what every letter has at its head and foot."""
    paragraphs = [str(one.get("text", "")) for one in content.get("paragraphs", ())]
    return _lines(str(content.get("subject", "")), str(content.get("salutation", "")), *paragraphs)


def of_people(keys: Collection[UUID]) -> Iterator[Text]:
    """Who holds or held an office."""
    wanted = (
        select(OfficeHolder, Office)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(OfficeHolder.id.in_(keys))
        .execution_options(populate_existing=True)
    )
    for one, office in db.session.execute(wanted):
        recorded = recorded_titles(office)
        titles = [
            resolved(OfficeKind(office.kind), language, titles).for_gender(Gender(one.gender))
            for language, titles in recorded.items()
        ]
        yield Text(
            Kind.PERSON,
            {"holder_id": one.id},
            one.from_on,
            " ".join(filter(None, (one.honorific, one.name))),
            _lines(", ".join([*dict.fromkeys(titles), _named([office.state_iso3]), _term(one)]), one.note),
            None,
            about=(office.state_iso3,),
            also=_also([office.state_iso3]),
            office=office.kind,
            sample=one.sample,
        )


def _term(one: Any) -> str:
    """The years of a term."""
    return f"from {one.from_on:%Y}" + (f" to {one.until_on:%Y}" if one.until_on else "")


def of_people_met(keys: Collection[UUID]) -> Iterator[Text]:
    """Somebody met as they are now, and once with each post: it may be for fewer people. Who was merged is found
    under the name that went, too, as far as that record travels.
    """
    wanted = select(Interlocutor).where(Interlocutor.id.in_(keys)).execution_options(populate_existing=True)
    people = {one.id: one for one in db.session.scalars(wanted)}
    for one in people.values():
        level = "" if one.level == Level.OTHER else LEVEL_LABELS[Level(one.level)]
        yield _of_person_met(one, [one.title, one.ministry, level], note=one.note)
    held: dict[tuple[UUID, UUID], tuple[Post, list[str]]] = {}
    terms = select(PostTerm, Post).join(Post, Post.id == PostTerm.post_id).where(PostTerm.person_id.in_(people))
    for term, post in db.session.execute(terms.order_by(PostTerm.from_on.desc())):
        held.setdefault((term.person_id, post.id), (post, []))[1].append(_term(term))
    for (key, _), (post, years) in held.items():
        yield _of_person_met(people[key], [post.title_en, post.title_fr, post.title_es, post.ministry, *years], post)


def _of_person_met(one: Interlocutor, told: Iterable[str], post: Post | None = None, note: str = "") -> Text:
    keys = {"interlocutor_id": one.id}
    keys |= {"kept_id": one.merged_into_id} if one.merged_into_id else {}
    keys |= {"post_id": post.id} if post else {}
    handlings = [Handling(one.handling), *([Handling(post.handling)] if post else [])]
    return Text(
        Kind.INTERLOCUTOR,
        keys,
        one.recorded_at.date(),
        one.name,
        _lines(", ".join(filter(None, (*told, _named([one.state_iso3])))), note),
        Record(one.originator_id, narrowest(handlings), frozenset({one.state_iso3})),
        about=(one.state_iso3,),
        also=_also([one.state_iso3]),
        sample=one.sample,
    )


def of_posts(keys: Collection[UUID]) -> Iterator[Text]:
    """A post by its titles; who held it is told by the rows of the people."""
    wanted = select(Post).where(Post.id.in_(keys)).execution_options(populate_existing=True)
    for one in db.session.scalars(wanted):
        yield Text(
            Kind.POST,
            {"post_id": one.id},
            one.recorded_at.date(),
            one.title_en,
            ", ".join(filter(None, (one.title_fr, one.title_es, one.ministry, _named([one.state_iso3])))),
            Record(one.originator_id, Handling(one.handling), frozenset({one.state_iso3})),
            about=(one.state_iso3,),
            also=_also([one.state_iso3]),
            sample=one.sample,
        )


def of_instructions(keys: Collection[UUID]) -> Iterator[Text]:
    """What missions are asked to do, without the States: which of those somebody reads stands in the entries."""
    files: dict[UUID, list[str]] = {}
    material = (
        select(InstructionMaterial.instruction_id, InstructionMaterial.what, StoredFile.name)
        .join(StoredFile, StoredFile.id == InstructionMaterial.file_id)
        .where(InstructionMaterial.instruction_id.in_(keys))
        .order_by(InstructionMaterial.added_at, InstructionMaterial.id)
    )
    for key, what, name in db.session.execute(material):
        files.setdefault(key, []).append(_lines(what, name))
    wanted = select(Instruction).where(Instruction.id.in_(keys)).execution_options(populate_existing=True)
    for one in db.session.scalars(wanted):
        arguments = (str(text) for told in one.arguments for text in told.values())
        yield Text(
            Kind.INSTRUCTION,
            {"instruction_id": one.id},
            one.deliver_by,
            one.name,
            _lines(
                one.objective, *arguments, one.talking_points, one.reference, one.marks, one.withdrawn_why,
                *files.get(one.id, ()),
            ),
            Record(one.originator_id, Handling.ORIGINATOR),
            sample=one.sample,
        )  # fmt: skip


GATHER: dict[Kind, Callable[[Collection[UUID]], Iterable[Text]]] = {
    Kind.ACTIVITY: of_activities,
    Kind.FOLLOW_UP: of_follow_ups,
    Kind.CAMPAIGN: of_campaigns,
    Kind.LETTER: of_letters,
    Kind.PERSON: of_people,
    Kind.INTERLOCUTOR: of_people_met,
    Kind.POST: of_posts,
    Kind.INSTRUCTION: of_instructions,
}
"""Files come with their activity."""
