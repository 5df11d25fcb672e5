"""All policy on one page: what each role may do and how far it may read beyond its own party."""

from __future__ import annotations

from crm.accounts.models import Role, User
from crm.core.access import Handling

_READ = frozenset({"states:read", "people:read", "meetings:read", "positions:read", "missions:read"})
_RECORD = frozenset(
    {"own:read", "activities:read", "activities:create", "followups:read", "followups:write", "people:write"}
)
_LETTERS = frozenset({"letters:read", "letters:draft"})
_OFFICE = frozenset({"emergencies:open", "aggregates:read"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.MISSION_OFFICER: _READ | _RECORD | {"letters:read"},
    Role.COORDINATOR: _READ
    | _RECORD
    | _LETTERS
    | {"followups:take_over", "meetings:write", "treaty:import", "audit:read"}
    | _OFFICE
    | {"missions:write", "restricted:write"},
    Role.PRESIDENCY_OFFICE: _READ | _RECORD | _LETTERS | {"meetings:write", "audit:read"} | _OFFICE,
    Role.SECRETARIAT: _READ | _RECORD | {"meetings:write", "treaty:import", "aggregates:read"},
    Role.OBSERVER: _READ | {"own:read", "activities:read"},
    Role.ADMINISTRATOR: _READ
    | {"outbox:read", "outbox:retry", "health:read", "accounts:read", "accounts:write", "audit:read", "sample:remove"}
    | {"missions:write", "emergencies:read"},
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
"""Roles that read and write about the States of their mission alone; any other role takes the bound away."""

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
