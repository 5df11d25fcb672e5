"""All policy on one page: what each role may do and how far it may read beyond its own party."""

from __future__ import annotations

from crm.accounts.models import Role, User
from crm.core.access import Handling, Viewer

_READ = frozenset({"states:read", "people:read", "meetings:read", "positions:read"})
_RECORD = frozenset(
    {"own:read", "activities:read", "activities:create", "followups:read", "followups:write", "people:write"}
)
_LETTERS = frozenset({"letters:read", "letters:draft"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.MISSION_OFFICER: _READ | _RECORD | {"letters:read"},
    Role.COORDINATOR: _READ
    | _RECORD
    | _LETTERS
    | {"followups:take_over", "meetings:write", "treaty:import", "audit:read"},
    Role.PRESIDENCY_OFFICE: _READ | _RECORD | _LETTERS | {"meetings:write", "audit:read"},
    Role.SECRETARIAT: _READ | _RECORD | {"meetings:write", "treaty:import"},
    Role.OBSERVER: _READ | {"own:read", "activities:read"},
    Role.ADMINISTRATOR: _READ
    | {"outbox:read", "outbox:retry", "health:read", "accounts:read", "accounts:write", "audit:read", "sample:remove"},
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


def roles_that_may(permission: str) -> list[Role]:
    """The roles to which a function (`resource:action`) is open."""
    return [role for role, allowed in PERMISSIONS.items() if permission in allowed]


def needs_second_factor(user: User, *, samples_too: bool) -> bool:
    """Whether an account must have a second factor; one of the sample only if `samples_too`."""
    return (samples_too or not user.sample) and any(one.name in SECOND_FACTOR_ROLES for one in user.roles)


def viewer_of(user: User) -> Viewer:
    """A user as the plain value that every rule reads; an inactive one is nobody."""
    if not user.active:
        return Viewer()
    roles = [Role(one.name) for one in user.roles]
    return Viewer(
        user_id=user.id,
        name=user.name,
        email=user.email,
        party_id=user.party_id,
        party_name=user.party.name,
        role_labels=tuple(LABELS[one] for one in roles),
        permissions=frozenset().union(*(PERMISSIONS[one] for one in roles)),
        clearance=frozenset().union(*(CLEARANCE[one] for one in roles)),
        time_zone=user.time_zone,
        sample=user.sample,
    )
