"""What can be said of an account before it is opened from the command line: everything but its password."""

from __future__ import annotations

from collections.abc import Collection

from crm.accounts import service
from crm.accounts.models import PartyKind, Role
from crm.accounts.policy import LABELS, ROLES_OF_KIND
from crm.accounts.queries import party_named, user_by_email
from crm.accounts.rules import TIME_ZONES, name_problem
from crm.core.errors import RuleViolation
from crm.core.forms import clean_text
from crm.states.queries import register


def kind_of_party(name: str, kind: PartyKind | None, state_iso3: str | None) -> PartyKind:
    """The kind of the party of that name, which may be a new one. Raises RuleViolation where what was said of it
    does not fit together, or does not fit the party that is there.
    """
    if not clean_text(name):
        raise RuleViolation("party", "Give the name of the party.")
    if state_iso3 and state_iso3 not in register().states:
        raise RuleViolation("state", f"There is no State with the code {state_iso3}.")
    found = party_named(clean_text(name))
    if found and kind and kind != found.kind:
        raise RuleViolation("kind", f"The party {found.name} is there already, as {found.kind} and not as {kind}.")
    if found and state_iso3 and state_iso3 != found.state_iso3:
        told = found.state_iso3 or "none"
        raise RuleViolation("state", f"The party {found.name} is there already; its State is {told}.")
    meant = PartyKind(found.kind) if found else kind or PartyKind.GOVERNMENT
    if state_iso3 and meant is not PartyKind.GOVERNMENT:
        raise RuleViolation("state", "Only a government belongs to a State.")
    return meant


def account(*, email: str, name: str, kind: PartyKind, roles: Collection[Role], time_zone: str) -> None:
    """Raise RuleViolation for an address, a name, a role or a time zone with which no account can be opened."""
    if user_by_email(service.possible_address(email)):
        raise RuleViolation("email", "There is an account with this address already.")
    if not clean_text(name):
        raise RuleViolation("name", "Give the name.")
    if problem := name_problem(clean_text(name)):
        raise RuleViolation("name", problem)
    allowed = [one for one in Role if one in ROLES_OF_KIND[kind] | {Role.ADMINISTRATOR}]
    if refused := [one for one in roles if one not in allowed]:
        fit = ", ".join(one.value for one in allowed)
        what = f"{kind.value} has no {LABELS[refused[0]].lower()}"
        raise RuleViolation("roles", f"A party of the kind {what}. Roles that fit: {fit}.")
    if time_zone not in TIME_ZONES:
        raise RuleViolation("time_zone", f"There is no time zone {time_zone}. Name one like Europe/Vienna or UTC.")
