"""Generated worlds: parties, viewers of every cut, and records of every kind with a handling."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from crm.accounts.models import Mission, Party, User
from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.models import (
    Activity,
    ActivityComment,
    ActivityObstacle,
    ActivityPerson,
    ActivityState,
    Attachment,
    TalkRound,
)
from crm.audit.models import OF_ACCOUNTS, AuditEntry
from crm.capture.models import WaitingMail
from crm.capture.rules.course import SHOWN, Phase
from crm.core import access, clock
from crm.core.access import Handling, Viewer
from crm.core.db import unit_of_work
from crm.core.visibility import HIDES_STATE, Attribution, Record, may_see
from crm.drafts.models import ABOUT, Draft
from crm.drafts.rules import Kind
from crm.files.models import StoredFile
from crm.followups.models import FollowUp
from crm.followups.waiting.models import AwaitedAnswer
from crm.instructions.models import Instruction, InstructionChange, InstructionMaterial, InstructionTask
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.people.met.models import Interlocutor, PersonMerge, Post, PostTerm, StanceClaim
from crm.pins.models import TimelinePin
from crm.positions.models import ObstacleClaim
from crm.sharing.models import HandlingRequest
from tests.support.answered import answers, shows_answer
from tests.support.planned import PLANNED, plans, shows_planned
from tests.support.silent import silences
from tests.support.viewers import STATES, drawn_viewer, some

FEW = 40
"""How many records there are of every kind but activities."""

FILE: dict[str, Any] = {"name": "a", "media_type": "text/plain", "size": 1, "sha256": "0", "content": b"a"}

PINNED: dict[type[Any], str] = {ActivityState: "activity_id", FollowUp: "follow_up_id", Letter: "letter_id"}
"""What can be pinned on the timeline of a State, and the column in which a pin names it."""


@dataclass
class World:
    """What was put into a database, and what the rule says of each row: by model, key → who sees it."""

    viewers: list[Viewer] = field(default_factory=list)
    rows: dict[type[Any], list[dict[str, Any]]] = field(default_factory=dict)
    records: dict[UUID, Record] = field(default_factory=dict)
    parents: dict[UUID, UUID] = field(default_factory=dict)

    def add(self, model: type[Any], **values: Any) -> UUID:
        key = uuid.uuid4()
        self.rows.setdefault(model, []).append({"id": key, **values})
        return key

    def insert(self) -> None:
        """Put everything into the present database, as the system."""
        with access.looking_as(access.SYSTEM), unit_of_work() as session:
            for model, rows in self.rows.items():
                session.execute(insert(model), rows)

    def seen(self, viewer: Viewer) -> dict[type[Any], set[UUID]]:
        """By model, the keys that the rule in Python shows to a viewer."""
        return {
            model: {row["id"] for row in rows if self._shows(viewer, model, row)}
            for model, rows in self.rows.items()
            if model not in (Party, User, Mission)
        }

    def _shows(self, viewer: Viewer, model: type[Any], row: dict[str, Any]) -> bool:
        if viewer.is_system:
            return True
        if model is AuditEntry:
            state, among = (set(row["details"].get(name, "").split()) for name in ("state", "among"))
            closed = bool(viewer.closed & state or (among and among <= viewer.closed))
            closed = closed and (row["event"], row["actor_id"]) != ("list_exported", viewer.user_id)
            if closed or (row["subject_kind"] in OF_ACCOUNTS and viewer.may("accounts:read")):
                return not closed
        if model in (Instruction, InstructionTask, InstructionChange, InstructionMaterial):
            return self._instructed(viewer, model, row)
        if model is Draft:
            return row["user_id"] == viewer.user_id and self._shows_what_it_is_about(viewer, row)
        if model is WaitingMail:
            return self._waits(viewer, row)
        if model in PLANNED:
            return shows_planned(self, viewer, model, row)
        if model is TimelinePin:
            return self._pinned(viewer, row)
        key = row["id"]
        while key in self.parents:
            key = self.parents[key]
        record = self.records[key]
        own = record.originator_id == viewer.party_id
        if not may_see(viewer, record):
            return False
        if model in (ActivityState, ActivityObstacle):
            return own or record.attribution in (Attribution.FULL, Attribution.STATE_NOT_PERSON)
        if model is AwaitedAnswer:
            return shows_answer(self, viewer, record, row)
        if model is Attachment:
            told = viewer.party_id == record.originator_id or record.attribution not in HIDES_STATE
            narrower = may_see(viewer, Record(record.originator_id, Handling(row["handling"]), record.states))
            return told and narrower and not set(row["states"].split()) & viewer.closed
        if model is ActivityPerson:
            return own or record.attribution is Attribution.FULL
        if model in (ActivityComment, Appointment, AppointmentGuest):
            return own
        if model is HandlingRequest:
            between = (row["originator_id"], row["asking_party_id"])
            return viewer.party_id in between and viewer.may("own:read")
        if model in (PostTerm, StanceClaim):
            return may_see(viewer, self.records[row["post_id" if model is PostTerm else "person_id"]])
        if model is PersonMerge:
            return bool(viewer.party_id == row["party_id"])
        if model in (Letter, LetterDocument):
            letter = row if model is Letter else next(one for one in self.rows[Letter] if one["id"] == row["letter_id"])
            iso3 = letter["state_iso3"]
            return viewer.works_on(iso3) and iso3 not in viewer.closed
        return True

    def _shows_what_it_is_about(self, viewer: Viewer, draft: dict[str, Any]) -> bool:
        """A draft about no record yet, about one that is seen, or about one that is gone, by the States of that."""
        named, behind = set(draft["states"].split()), set(draft["behind"].split())
        reads = viewer.states is None or not named or named & (viewer.states | viewer.opened)
        if not reads or (named | behind) & viewer.closed:
            return False
        about = [
            (model, row)
            for model in ABOUT.get(draft["kind"], ())
            for row in self.rows.get(model, [])
            if row["id"] == draft["record_id"]
        ]
        return draft["record_id"] is None or any(self._shows(viewer, model, row) for model, row in about)

    def _waits(self, viewer: Viewer, row: dict[str, Any]) -> bool:
        """A mail: for those of its party who may log, by the States it names and by those of its entry."""
        if row["originator_id"] != viewer.party_id or not viewer.may("activities:create") or row["phase"] not in SHOWN:
            return False
        named = set(row["states"].split())
        entry = self.records[row["activity_id"]].states or frozenset() if row["activity_id"] else frozenset()
        mine = viewer.states is None or not named or row["brought_by_id"] == viewer.user_id or named & viewer.states
        return bool(mine) and not (named | entry) & viewer.closed

    def _pinned(self, viewer: Viewer, row: dict[str, Any]) -> bool:
        """A pin: one's own or one's party's, of what one finds on the timeline of the State."""
        whose = ("party_id", viewer.party_id) if row["for_party"] else ("user_id", viewer.user_id)
        model, column = next((one, name) for one, name in PINNED.items() if row[name])
        named = "activity_id" if model is ActivityState else "id"
        on = [one for one in self.rows[model] if one["state_iso3"] == row["state_iso3"]]
        mine = whose[1] is not None and row[whose[0]] == whose[1] and viewer.user_id is not None
        return mine and any(self._shows(viewer, model, one) for one in on if one[named] == row[column])

    def _instructed(self, viewer: Viewer, model: type[Any], row: dict[str, Any]) -> bool:
        """An instruction and its parts: for those of its party who see an approach under it; without one its sender."""
        if model is InstructionTask:
            record = self.records[row["activity_id"]]
            own = viewer.may("own:read") and record.originator_id == viewer.party_id
            return own and may_see(viewer, record)
        key = row["id"] if model is Instruction else row["instruction_id"]
        whole = next(one for one in self.rows[Instruction] if one["id"] == key)
        if viewer.party_id is None or whole["originator_id"] != viewer.party_id or not viewer.may("own:read"):
            return False
        tasks = [one for one in self.rows[InstructionTask] if one["instruction_id"] == key]
        seen = any(may_see(viewer, self.records[one["activity_id"]]) for one in tasks)
        return seen or (not tasks and viewer.user_id is not None and whole["sent_by_id"] == viewer.user_id)


def generated(seed: int, *, activities: int, viewers: int) -> World:
    """A world that is the same for the same seed."""
    draw, world, numbers = Random(seed), World(), count()
    parties = [world.add(Party, name=f"Party {number}", kind="government", sample=False) for number in range(5)]
    users = [
        world.add(User, email=f"user{number}@example.org", name="User", party_id=draw.choice(parties))
        for number in range(8)
    ]
    for _ in range(activities):
        _activity(draw, world, draw.choice(parties))
    for _ in range(FEW):
        _others(draw, world, draw.choice(parties), next(numbers))
    world.viewers = [access.SYSTEM, access.ANONYMOUS, *(drawn_viewer(draw, parties, users) for _ in range(viewers - 2))]
    return world


def drawn(draw: Random, parties: list[UUID], users: list[UUID], name: str) -> World:
    """A world of one viewer and one record, of which each row is the only one of its table."""
    world = World()
    viewer = drawn_viewer(draw, parties, users)
    party = viewer.party_id if viewer.party_id and draw.random() < 0.3 else draw.choice(parties)
    kind = draw.choices(("activity", "follow-up", "campaign"), (6, 2, 2))[0]
    day, now = date(2026, 1, 1), clock.now()
    if kind == "activity":
        _activity(draw, world, party, most=1)
    elif kind == "follow-up":
        iso3 = draw.choice(STATES)
        if behind := draw.random() < 0.5:
            _activity(draw, world, draw.choice(parties), most=2)
        _handled(
            draw, world, FollowUp, party, [iso3], state_iso3=iso3, what="Call", owner_id=draw.choice(users),
            due_on=day, zone="UTC", due_at=now, activity_id=world.rows[Activity][0]["id"] if behind else None,
        )  # fmt: skip
    else:
        campaign = _handled(
            draw, world, LetterCampaign, party, [],
            treaty="ccm", name=name, letter_date=day, statuses=[], languages="own", occasion={},
        )  # fmt: skip
        _part(
            world, Letter, campaign, "campaign_id",
            state_iso3=draw.choice(STATES), reference=name, status="non_signatory",
        )  # fmt: skip
    world.viewers = [viewer]
    return world


def _handled(draw: Random, world: World, model: type[Any], party: UUID, states: Iterable[str], **values: Any) -> UUID:
    handling = draw.choice(list(Handling))
    attribution = Attribution(values.get("attribution", Attribution.FULL))
    key = world.add(model, originator_id=party, handling=handling.value, **values)
    source = values.get("activity_id") or values.get("source_id")
    behind = world.records[source].states or frozenset() if source else frozenset()
    world.records[key] = Record(party, handling, frozenset(states) or None, attribution, behind)
    return key


def _source(draw: Random, world: World) -> UUID | None:
    """An activity that something came out of, now and then."""
    return draw.choice(world.rows[Activity])["id"] if draw.random() < 0.7 else None


def _part(world: World, model: type[Any], parent: UUID, column: str, **values: Any) -> UUID:
    key = world.add(model, **{column: parent}, **values)
    world.parents[key] = parent
    return key


def _activity(draw: Random, world: World, party: UUID, most: int = 4) -> None:
    """An activity names one State at least: the verbs see to that."""
    states, day = some(draw, 1, most), date(2026, 1, 1)
    key = _handled(
        draw, world, Activity, party, states,
        attribution=draw.choice(list(Attribution)).value, kind="demarche", status="reported", held_on=day,
    )  # fmt: skip
    for iso3 in sorted(states):
        _part(world, ActivityState, key, "activity_id", state_iso3=iso3, held_on=day)
    _part(world, ActivityPerson, key, "activity_id", name="Somebody")
    _part(world, ActivityComment, key, "activity_id", text="Seemed tired.")
    appointment = _part(world, Appointment, key, "activity_id", on=day, minutes=60, zone="UTC", organizer="A")
    _part(world, AppointmentGuest, appointment, "appointment_id", email="a@example.org")


def _asked(draw: Random, world: World, party: UUID, kind: str, key: UUID) -> None:
    """That somebody asked for more of a record."""
    _part(
        world, HandlingRequest, key, "subject_id", subject_kind=kind, originator_id=party,
        asking_party_id=draw.choice(world.rows[Party])["id"], wanted="public", reason="A reason.", asked_by="A",
    )  # fmt: skip


def _people(draw: Random, world: World, party: UUID, iso3: str, number: int) -> None:
    """Somebody met, a post and their term in it, what is thought of them, and that they were merged into another."""
    day = date(2026, 1, 1)
    person = _handled(
        draw, world, Interlocutor, party, [iso3], state_iso3=iso3, name="Somebody", sought=f"somebody {number}",
        source_id=_source(draw, world),
    )  # fmt: skip
    post = _handled(
        draw, world, Post, party, [iso3], state_iso3=iso3, title_en="Director", sought=f"director {number}",
        source_id=_source(draw, world),
    )  # fmt: skip
    _part(world, PostTerm, person, "person_id", post_id=post, from_on=day)
    for kind, key in (("interlocutor", person), ("post", post)):
        _asked(draw, world, party, kind, key)
    whose = draw.choice(world.rows[Party])["id"]
    _handled(
        draw, world, StanceClaim, whose, [iso3], state_iso3=iso3, person_id=person, stance="friend", claimed_on=day,
        source_id=_source(draw, world),
    )  # fmt: skip
    merger = draw.choice(world.rows[Party])["id"]
    _part(world, PersonMerge, person, "gone_id", kept_id=person, party_id=merger, brought=[])


def _others(draw: Random, world: World, party: UUID, number: int) -> None:
    iso3, day, now = draw.choice(STATES), date(2026, 1, 1), clock.now()
    told = {"state_iso3": iso3, "claimed_on": day}
    claim = _handled(draw, world, ObstacleClaim, party, [iso3], type="security", basis="stated", **told)
    activity = draw.choice(world.rows[Activity])["id"]
    _part(world, ActivityObstacle, activity, "activity_id", claim_id=claim)
    world.records[claim] = replace(world.records[claim], sources=world.records[activity].states or frozenset())
    _handled(draw, world, TalkRound, party, [], occasion="A reception", held_on=day)
    campaign = _handled(
        draw, world, LetterCampaign, party, [],
        treaty="ccm", name=f"Campaign {number}", letter_date=day, statuses=[], languages="own", occasion={},
    )  # fmt: skip
    file = _handled(draw, world, StoredFile, party, [], **FILE)
    named = {"state_iso3": iso3, "reference": f"L-{number}"}
    letter = _part(world, Letter, campaign, "campaign_id", status="non_signatory", **named)
    _part(world, LetterDocument, letter, "letter_id", language="en", format="pdf", file_id=file, sha256="0")
    follow_up = _handled(
        draw, world, FollowUp, party, [iso3], state_iso3=iso3, what="Call", owner_id=world.rows[User][0]["id"],
        due_on=day, zone="UTC", due_at=now, activity_id=_source(draw, world),
    )  # fmt: skip
    _people(draw, world, party, iso3, number)
    silences(world, party, follow_up, iso3, number)
    plans(world, party, follow_up, iso3, number)
    _asked(draw, world, party, "follow_up", follow_up)
    _instruction(draw, world, party)
    _draft(Random(number), world)
    _mail(Random(number), world, party)
    _pin(Random(number), world)
    _attachment(Random(number), world)
    answers(world, number)
    kind, several = draw.choice(("activity", "follow_up", *OF_ACCOUNTS)), " ".join(sorted(some(draw, 2)))
    _handled(
        draw, world, AuditEntry, party, [],
        at=now, event=draw.choice(("token_issued", "list_exported")), subject_kind=kind, subject_id="1",
        actor_id=draw.choice([None, *(one["id"] for one in world.rows[User])]),
        details=draw.choice(({}, *({name: one} for name in ("state", "among") for one in (iso3, several)))),
    )  # fmt: skip


def _draft(draw: Random, world: World) -> None:
    """Of somebody, of a form about nothing yet, about a record or about one that is gone."""
    there = [kind for kind, of in ABOUT.items() if any(world.rows.get(model) for model in of)]
    kind = draw.choice([Kind.ACTIVITY, *there])
    rows = [row for model in ABOUT.get(kind, ()) for row in world.rows.get(model, [])]
    about = draw.choice(rows)["id"] if rows and draw.random() < 0.5 else None
    writer = draw.choice(world.rows[User])["id"]
    states, behind = ("" if about else " ".join(sorted(some(draw, 0, 2))) for _ in range(2))
    world.add(Draft, user_id=writer, kind=kind.value, record_id=about, typed="{}", states=states, behind=behind)


def _mail(draw: Random, world: World, party: UUID) -> None:
    """To a party, about some States as it seems, with an entry or without one."""
    key = uuid.uuid4()
    world.add(
        WaitingMail, originator_id=party, mark=str(key), size=1, phase=draw.choice(list(Phase)).value,
        states=" ".join(sorted(some(draw))), activity_id=_source(draw, world),
        brought_by_id=draw.choice([None, *(one["id"] for one in world.rows[User])]),
    )  # fmt: skip


def _attachment(draw: Random, world: World) -> None:
    """A file of an activity, now and then about a State of its own."""
    activity = draw.choice(world.rows[Activity])
    own = {"originator_id": activity["originator_id"], "handling": Handling.ORIGINATOR.value}
    file = world.add(StoredFile, **own, **FILE)
    world.records[file] = Record(activity["originator_id"], Handling.ORIGINATOR)
    _part(
        world, Attachment, activity["id"], "activity_id", file_id=file, handling=draw.choice(list(Handling)).value,
        states=" ".join(sorted(some(draw, 0, 2))),
    )  # fmt: skip


def _pin(draw: Random, world: World) -> None:
    """Of a record on the timeline of a State, most often of one on which it stands."""
    model = draw.choice(list(PINNED))
    record = draw.choice(world.rows[model])
    key = record["activity_id" if model is ActivityState else "id"]
    user = draw.choice(world.rows[User])
    world.add(
        TimelinePin, user_id=user["id"], party_id=user["party_id"], for_party=draw.random() < 0.5, record=str(key),
        state_iso3=record["state_iso3"] if draw.random() < 0.8 else draw.choice(STATES), keeper_id=uuid.uuid4(),
        **(dict.fromkeys(PINNED.values()) | {PINNED[model]: key}),
    )  # fmt: skip


def _instruction(draw: Random, world: World, party: UUID) -> None:
    """Of a party, over one of its activities that no instruction has yet."""
    taken = {one["activity_id"] for one in world.rows.get(InstructionTask, [])}
    free = [one for one in world.rows[Activity] if one["originator_id"] == party and one["id"] not in taken]
    sender = draw.choice([None, *(one["id"] for one in world.rows[User])])
    day = date(2026, 1, 1)
    said = {"name": "I", "aim": "action", "objective": "O", "deliver_by": day, "report_by": day, "reach": "states"}
    own = {"sent_by_id": sender, "originator_id": party, "handling": Handling.ORIGINATOR.value}
    made = world.add(Instruction, **said, **own)
    file = _handled(draw, world, StoredFile, party, [], **FILE)
    world.add(InstructionChange, instruction_id=made, version=2)
    world.add(InstructionMaterial, instruction_id=made, file_id=file)
    if free:
        activity = draw.choice(free)["id"]
        iso3 = min(world.records[activity].states or STATES)
        mission = world.add(Mission, party_id=party, name=str(made))
        world.add(InstructionTask, instruction_id=made, mission_id=mission, state_iso3=iso3, activity_id=activity)
