"""Who can be charged with what is to be done: people, and the missions of one's own party."""

from __future__ import annotations

from sqlalchemy import exists, func, or_, select

from crm.accounts.models import Accreditation, Mission, User
from crm.accounts.queries import colleagues
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.states.rules import fold

PEOPLE, MISSIONS = "People", "Missions"
MOST_NAMED = 5

Doer = tuple[str, str, str]
"""Key, name, and whether it is one of the people or a mission."""


def doers(viewer: Viewer, state_iso3: str = "") -> list[Doer]:
    """Who may be chosen: the viewer first, their colleagues and those who coordinate, then open missions of the
    viewer's party where somebody is; where a State is told, those that work on it.
    """
    return [
        *((key, name, PEOPLE) for key, name in colleagues(viewer)),
        *((key, name, MISSIONS) for key, name in own_missions(viewer, state_iso3)),
    ]


def own_missions(viewer: Viewer, state_iso3: str = "", *, all_of_them: bool = False) -> list[tuple[str, str]]:
    """Open missions of the viewer's party where somebody with an account is, by name; `all_of_them`: the others, too.

    Whether anybody is there is asked as the system.
    """
    if viewer.party_id is None:
        return []
    wanted = select(Mission.id, Mission.name).where(Mission.party_id == viewer.party_id)
    if not all_of_them:
        wanted = wanted.where(Mission.closed_on.is_(None), exists().where(User.mission_id == Mission.id, User.active))
    if state_iso3:
        today = clock.today()
        accredited = exists().where(
            Accreditation.mission_id == Mission.id,
            Accreditation.state_iso3 == state_iso3,
            Accreditation.from_on <= today,
            or_(Accreditation.until_on.is_(None), Accreditation.until_on > today),
        )
        wanted = wanted.where(or_(Mission.every_state, accredited))
    with looking_as(SYSTEM):
        return [(str(key), name) for key, name in db.session.execute(wanted.order_by(func.lower(Mission.name)))]


class Unclear(Exception):
    """Words that name nobody who may be chosen, or several; the message says so."""


def named(text: str, among: list[Doer]) -> str:
    """The key of whoever is meant by these words: the whole name, or as much of it as only one has. Raises Unclear."""
    said = fold(text)
    names = {key: fold(label.rpartition(" (")[0] if kind == PEOPLE else label) for key, label, kind in among}
    meant = [key for key, name in names.items() if name == said]
    meant = meant or [key for key, name in names.items() if any(part.startswith(said) for part in _ends(name))]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise Unclear(f"Nobody whom you may charge is called “{text[:60]}”, and no mission of yours.")
    labels = {key: label for key, label, _ in among}
    several = "; ".join(labels[key] for key in meant[:MOST_NAMED])
    raise Unclear(f"“{text[:60]}” can be several: {several}{' and others' if len(meant) > MOST_NAMED else ''}.")


def _ends(name: str) -> list[str]:
    """A name from each of its words on."""
    words = name.split()
    return [" ".join(words[at:]) for at in range(len(words))]
