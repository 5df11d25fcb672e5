"""Generated worlds: parties, viewers of every cut, and records of every kind with a handling."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from crm.accounts.models import Party, User
from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.activities.models import Activity, ActivityComment, ActivityObstacle, ActivityPerson, ActivityState
from crm.audit.models import OF_ACCOUNTS, AuditEntry
from crm.core import access, clock
from crm.core.access import Handling, Viewer
from crm.core.db import unit_of_work
from crm.core.visibility import Attribution, Record, may_see
from crm.files.models import StoredFile
from crm.followups.models import FollowUp, FollowUpChange
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.positions.models import ObstacleClaim
from crm.sharing.models import HandlingRequest

STATES = ("AUS", "JPN", "KEN", "LAO", "NOR", "PER")
FEW = 40
"""How many records there are of every kind but activities."""


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
            if model not in (Party, User)
        }

    def _shows(self, viewer: Viewer, model: type[Any], row: dict[str, Any]) -> bool:
        if viewer.is_system:
            return True
        if model is AuditEntry and viewer.closed & set(row["details"].get("state", "").split()):
            return False
        if model is AuditEntry and row["subject_kind"] in OF_ACCOUNTS and viewer.may("accounts:read"):
            return True
        key = row["id"]
        while key in self.parents:
            key = self.parents[key]
        record = self.records[key]
        own = record.originator_id == viewer.party_id
        if not may_see(viewer, record):
            return False
        if model in (ActivityState, ActivityObstacle):
            return own or record.attribution in (Attribution.FULL, Attribution.STATE_NOT_PERSON)
        if model is ActivityPerson:
            return own or record.attribution is Attribution.FULL
        if model is ActivityComment:
            return own
        if model is HandlingRequest:
            between = (row["originator_id"], row["asking_party_id"])
            return viewer.party_id in between and viewer.may("own:read")
        if model in (Letter, LetterDocument):
            letter = row if model is Letter else next(one for one in self.rows[Letter] if one["id"] == row["letter_id"])
            iso3 = letter["state_iso3"]
            return viewer.works_on(iso3) and iso3 not in viewer.closed
        return True


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
    world.viewers = [access.SYSTEM, access.ANONYMOUS, *(_viewer(draw, parties, users) for _ in range(viewers - 2))]
    return world


def drawn(draw: Random, parties: list[UUID], users: list[UUID], name: str) -> World:
    """A world of one viewer and one record, of which each row is the only one of its table."""
    world = World()
    viewer = _viewer(draw, parties, users)
    party = viewer.party_id if viewer.party_id and draw.random() < 0.3 else draw.choice(parties)
    kind = draw.choices(("activity", "follow-up", "campaign"), (6, 2, 2))[0]
    day, now = date(2026, 1, 1), clock.now()
    if kind == "activity":
        _activity(draw, world, party, most=1)
    elif kind == "follow-up":
        iso3 = draw.choice(STATES)
        _handled(
            draw, world, FollowUp, party, [iso3], state_iso3=iso3, what="Call", owner_id=draw.choice(users),
            due_on=day, zone="UTC", due_at=now,
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


def _some(draw: Random, at_least: int = 0, at_most: int = 3) -> frozenset[str]:
    return frozenset(draw.sample(STATES, draw.randint(at_least, at_most)))


def _viewer(draw: Random, parties: list[UUID], users: list[UUID]) -> Viewer:
    """Half of them as the policy makes them, half of a cut that no policy has yet."""
    roles = draw.sample(list(PERMISSIONS), draw.choice((1, 1, 1, 2)))
    permissions = frozenset().union(*(PERMISSIONS[one] for one in roles))
    clearance = frozenset().union(*(CLEARANCE[one] for one in roles))
    if draw.random() < 0.5:
        clearance = frozenset(one for one in Handling if draw.random() < 0.5)
        permissions = frozenset(one for one in sorted(permissions) if draw.random() < 0.7)
    if draw.random() < 0.3:
        permissions |= {"party:accounts"}
    closed = draw.choice((frozenset(), _some(draw, 1, 3)))
    return Viewer(
        user_id=draw.choice([*users, uuid.uuid4()]),
        party_id=draw.choice([*parties, None]),
        permissions=permissions,
        clearance=clearance,
        states=draw.choice((None, _some(draw), _some(draw, 1, 4))),
        named=_some(draw, 0, 1),
        closed=closed,
        opened=draw.choice((frozenset(), _some(draw, 1, 2), _some(draw, 0, 1) | closed)),
    )


def _handled(draw: Random, world: World, model: type[Any], party: UUID, states: Iterable[str], **values: Any) -> UUID:
    handling = draw.choice(list(Handling))
    attribution = Attribution(values.get("attribution", Attribution.FULL))
    key = world.add(model, originator_id=party, handling=handling.value, **values)
    world.records[key] = Record(party, handling, frozenset(states) or None, attribution)
    return key


def _part(world: World, model: type[Any], parent: UUID, column: str, **values: Any) -> UUID:
    key = world.add(model, **{column: parent}, **values)
    world.parents[key] = parent
    return key


def _activity(draw: Random, world: World, party: UUID, most: int = 4) -> None:
    """An activity names one State at least: the verbs see to that."""
    states, day = _some(draw, 1, most), date(2026, 1, 1)
    key = _handled(
        draw, world, Activity, party, states,
        attribution=draw.choice(list(Attribution)).value, kind="demarche", status="reported", held_on=day,
    )  # fmt: skip
    for iso3 in sorted(states):
        _part(world, ActivityState, key, "activity_id", state_iso3=iso3, held_on=day)
    _part(world, ActivityPerson, key, "activity_id", name="Somebody")
    _part(world, ActivityComment, key, "activity_id", text="Seemed tired.")


def _others(draw: Random, world: World, party: UUID, number: int) -> None:
    iso3, day, now = draw.choice(STATES), date(2026, 1, 1), clock.now()
    claim = _handled(
        draw, world, ObstacleClaim, party, [iso3], state_iso3=iso3, type="security", basis="stated", claimed_on=day
    )
    activity = draw.choice(world.rows[Activity])["id"]
    _part(world, ActivityObstacle, activity, "activity_id", claim_id=claim)
    campaign = _handled(
        draw, world, LetterCampaign, party, [],
        treaty="ccm", name=f"Campaign {number}", letter_date=day, statuses=[], languages="own", occasion={},
    )  # fmt: skip
    file = _handled(
        draw, world, StoredFile, party, [], name="a", media_type="text/plain", size=1, sha256="0", content=b"a"
    )
    letter = _part(
        world, Letter, campaign, "campaign_id", state_iso3=iso3, reference=f"L-{number}", status="non_signatory"
    )
    _part(world, LetterDocument, letter, "letter_id", language="en", format="pdf", file_id=file, sha256="0")
    follow_up = _handled(
        draw, world, FollowUp, party, [iso3], state_iso3=iso3, what="Call", owner_id=world.rows[User][0]["id"],
        due_on=day, zone="UTC", due_at=now,
    )  # fmt: skip
    _part(world, FollowUpChange, follow_up, "followup_id", kind="moved", by="A")
    _part(
        world, HandlingRequest, follow_up, "subject_id", subject_kind="follow_up", originator_id=party,
        asking_party_id=draw.choice(world.rows[Party])["id"], wanted="public", reason="A reason.", asked_by="A",
    )  # fmt: skip
    kind = draw.choice(("activity", "follow_up", *OF_ACCOUNTS))
    _handled(
        draw, world, AuditEntry, party, [],
        at=now, event="token_issued", actor_id=None, subject_kind=kind, subject_id="1",
        details=draw.choice(({}, {"state": iso3}, {"state": " ".join(sorted(_some(draw, 2)))})),
    )  # fmt: skip
