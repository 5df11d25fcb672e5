"""Who sees a mail, in three forms that were written apart: on values here, as a condition, and in the database."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select

from crm.accounts.models import Party, User
from crm.capture.models import WaitingFile, WaitingMail
from crm.capture.rules.course import SHOWN, Phase
from crm.core import access
from crm.core.access import Viewer, looking_as
from crm.core.db import db, unit_of_work

STATES = ("BTN", "CAN", "LAO", "PER")
LOGS = frozenset({"activities:create", "own:read"})


def _some(draw: Random, most: int) -> frozenset[str]:
    return frozenset(draw.sample(STATES, draw.randint(0, most)))


def _world(draw: Random) -> tuple[list[UUID], list[UUID], dict[UUID, dict[str, Any]]]:
    """Parties, people, and mails of every kind, by key."""
    with looking_as(access.SYSTEM), unit_of_work() as session:
        parties = [Party(name=f"Party {one}", kind="government") for one in range(2)]
        session.add_all(parties)
        session.flush()
        users = [User(email=f"u{one}@example.org", name="U", party_id=parties[one % 2].id) for one in range(4)]
        session.add_all(users)
        session.flush()
        mails, told = [], {}
        for number in range(120):
            values = {
                "originator_id": draw.choice(parties).id,
                "phase": draw.choice(list(Phase)).value if draw.random() < 0.3 else Phase.WAITING.value,
                "states": " ".join(sorted(_some(draw, 3))),
                "brought_by_id": draw.choice([None, *(one.id for one in users)]),
            }
            mails.append(WaitingMail(id=uuid4(), mark=str(number), size=1, **values))
            told[mails[-1].id] = values
        session.add_all(mails)
        session.flush()
        session.add_all(
            WaitingFile(mail_id=one.id, place=0, name="x", media_type="text/plain", size=1, sha256="0", content=b"x")
            for one in mails
        )
        return [one.id for one in parties], [one.id for one in users], told


def _viewer(draw: Random, parties: list[UUID], users: list[UUID]) -> Viewer:
    return Viewer(
        user_id=draw.choice(users),
        party_id=draw.choice([*parties, None]),
        permissions=draw.choice((LOGS, LOGS, LOGS, frozenset({"own:read"}))),
        states=draw.choice((None, _some(draw, 2))),
        closed=draw.choice((frozenset(), _some(draw, 2))),
    )


def _sees(viewer: Viewer, mail: dict[str, Any]) -> bool:
    """The rule on values."""
    about = set(mail["states"].split())
    if mail["originator_id"] != viewer.party_id or "activities:create" not in viewer.permissions:
        return False
    if mail["phase"] not in {one.value for one in SHOWN} or about & viewer.closed:
        return False
    mine = mail["brought_by_id"] == viewer.user_id
    return viewer.states is None or not about or mine or bool(about & viewer.states)


def test_the_three_forms_agree(app: Flask, database: str) -> None:
    draw = Random("waiting room")
    parties, users, mails = _world(draw)
    db.session.remove()
    shown = 0
    for _ in range(150):
        viewer = _viewer(draw, parties, users)
        wanted = {key for key, one in mails.items() if _sees(viewer, one)}
        shown += len(wanted)
        with looking_as(viewer):
            assert set(db.session.scalars(select(WaitingMail.id))) == wanted, viewer
            assert set(db.session.scalars(select(WaitingFile.mail_id))) == wanted, viewer
            if database == "postgresql":
                mail, part = WaitingMail.__table__.c, WaitingFile.__table__.c
                assert set(db.session.connection().scalars(select(mail.id))) == wanted, viewer
                assert set(db.session.connection().scalars(select(part.mail_id))) == wanted, viewer
        db.session.rollback()
    assert shown > 1_000
