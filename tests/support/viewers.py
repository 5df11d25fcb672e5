"""A viewer drawn by lot, for worlds in which rule and policies are held against each other."""

from __future__ import annotations

import uuid
from random import Random
from uuid import UUID

from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.core.access import Handling, Viewer

STATES = ("AUS", "JPN", "KEN", "LAO", "NOR", "PER")


def some(draw: Random, at_least: int = 0, at_most: int = 3) -> frozenset[str]:
    return frozenset(draw.sample(STATES, draw.randint(at_least, at_most)))


def drawn_viewer(draw: Random, parties: list[UUID], users: list[UUID]) -> Viewer:
    """Half of them as the policy makes them, half of a cut that no policy has yet."""
    roles = draw.sample(list(PERMISSIONS), draw.choice((1, 1, 1, 2)))
    permissions = frozenset().union(*(PERMISSIONS[one] for one in roles))
    clearance = frozenset().union(*(CLEARANCE[one] for one in roles))
    if draw.random() < 0.5:
        clearance = frozenset(one for one in Handling if draw.random() < 0.5)
        permissions = frozenset(one for one in sorted(permissions) if draw.random() < 0.7)
    if draw.random() < 0.3:
        permissions |= {"party:accounts"}
    closed = draw.choice((frozenset(), some(draw, 1, 3)))
    return Viewer(
        user_id=draw.choice([*users, uuid.uuid4()]),
        party_id=draw.choice([*parties, None]),
        permissions=permissions,
        clearance=clearance,
        states=draw.choice((None, some(draw), some(draw, 1, 4))),
        named=some(draw, 0, 1),
        closed=closed,
        opened=draw.choice((frozenset(), some(draw, 1, 2), some(draw, 0, 1) | closed)),
    )
