"""All policy on one page: what each role may do and how far it may read beyond its own party."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from crm.accounts.models import PartyKind, Role, User
from crm.core.access import Handling, Viewer

_READ = frozenset({"states:read", "people:read", "meetings:read", "positions:read", "missions:read"})
_RECORD = frozenset(
    {"own:read", "activities:read", "activities:create", "activities:import"}
    | {"followups:read", "followups:write", "people:write"}
)
_LETTERS = frozenset({"letters:read", "letters:draft"})
_OFFICE = frozenset({"emergencies:open", "aggregates:read"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.MISSION_OFFICER: _READ | _RECORD | {"letters:read", "instructions:read"},
    Role.COORDINATOR: _READ
    | _RECORD
    | _LETTERS
    | {"followups:take_over", "meetings:write", "treaty:import", "audit:read"}
    | _OFFICE
    | {"missions:write", "restricted:write", "instructions:read", "instructions:write"},
    Role.PRESIDENCY_OFFICE: _READ
    | _RECORD
    | _LETTERS
    | {"meetings:write", "audit:read", "instructions:read"}
    | _OFFICE,
    Role.SECRETARIAT: _READ | _RECORD | {"meetings:write", "treaty:import", "aggregates:read"},
    Role.OBSERVER: _READ | {"own:read", "activities:read"},
    Role.ADMINISTRATOR: _READ
    | {"missions:write"}
    | {"outbox:read", "outbox:retry", "outbox:pause", "health:read", "audit:read", "sample:remove"}
    | {"accounts:read", "accounts:write", "party:accounts"},
}

_COMMUNITY = frozenset({Handling.PUBLIC, Handling.COMMUNITY})
_STATES = _COMMUNITY | {Handling.STATES}
_COORDINATION = _STATES | {Handling.COORDINATION}

CLEARANCE: dict[Role, frozenset[Handling]] = {
    Role.MISSION_OFFICER: _STATES,
    Role.COORDINATOR: _COORDINATION,
    Role.PRESIDENCY_OFFICE: _COORDINATION,
    Role.SECRETARIAT: _STATES,
    Role.OBSERVER: _COMMUNITY,
    Role.ADMINISTRATOR: frozenset({Handling.PUBLIC}),
}

BOUND_TO_MISSION = frozenset({Role.MISSION_OFFICER})
"""Roles that read and write about the States of their mission alone; another role with content takes the bound away."""

WITHOUT_CONTENT = frozenset({Role.ADMINISTRATOR})
"""Roles that open no content, and so take no bound away either."""

SECOND_FACTOR_ROLES = frozenset({Role.COORDINATOR, Role.PRESIDENCY_OFFICE, Role.ADMINISTRATOR})
"""Roles that approve or administer: a password alone does not open these accounts."""

LABELS: dict[Role, str] = {
    Role.MISSION_OFFICER: "Mission officer",
    Role.COORDINATOR: "Coordinator",
    Role.PRESIDENCY_OFFICE: "Presidency office",
    Role.SECRETARIAT: "Secretariat",
    Role.OBSERVER: "Observer",
    Role.ADMINISTRATOR: "Administrator",
}


PARTY_ADMINISTRATION = frozenset({"party:accounts"})
"""What who administers a party may do beside their roles: keep the accounts of that party, and nothing more."""

PARTY_ADMINISTRATOR = "Party administrator"

ROLES_OF_KIND: dict[PartyKind, frozenset[Role]] = {
    PartyKind.GOVERNMENT: frozenset({Role.MISSION_OFFICER, Role.COORDINATOR, Role.PRESIDENCY_OFFICE}),
    PartyKind.SECRETARIAT: frozenset({Role.SECRETARIAT}),
    PartyKind.OBSERVER: frozenset({Role.OBSERVER}),
    PartyKind.OPERATOR: frozenset(),
}
"""The roles with content that people of a party may hold."""

OFFICES = frozenset({Role.COORDINATOR, Role.PRESIDENCY_OFFICE})
"""Roles that read what all States share with the coordination: a party hands them on, it does not take them."""


def roles_to_give(actor: Viewer, kind: PartyKind, held: Collection[Role]) -> list[Role]:
    """The roles that the actor may give to people of a party of this kind, in which `held` are or were held.

    Only an administrator makes an administrator, or brings an office into a party that never had it.
    """
    if actor.may("accounts:write"):
        return [one for one in Role if one in ROLES_OF_KIND[kind] | {Role.ADMINISTRATOR}]
    return [one for one in Role if one in ROLES_OF_KIND[kind] and (one not in OFFICES or one in held)]


def bound_to_mission(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles reads and writes about the States of a mission alone; an administrator with no
    other role is bound to none.
    """
    opening = set(roles) - WITHOUT_CONTENT
    return BOUND_TO_MISSION.issuperset(opening) and (bool(opening) or not roles)


def keeps_accounts_of(actor: Viewer, party_id: UUID) -> bool:
    """Whether the accounts of a party are the actor's to open and close."""
    return actor.may("accounts:write") or (actor.may("party:accounts") and actor.party_id == party_id)


def roles_that_may(permission: str) -> list[Role]:
    """The roles to which a function (`resource:action`) is open."""
    return [role for role, allowed in PERMISSIONS.items() if permission in allowed]


def needs_second_factor(user: User, *, samples_too: bool) -> bool:
    """Whether an account must have a second factor: by a role, or because it lets others in to its party; one of the
    sample only if `samples_too`.
    """
    delicate = user.administers_party or any(one.name in SECOND_FACTOR_ROLES for one in user.roles)
    return delicate and (samples_too or not user.sample)
