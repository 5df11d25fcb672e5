"""Change what stands in an account: by its owner, and by whoever keeps the accounts of the party."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.accounts import invitations, notices
from crm.accounts.events import RolesChanged
from crm.accounts.models import PartyKind, Role, User, UserRole
from crm.accounts.policy import LABELS, roles_to_give
from crm.accounts.queries import account
from crm.accounts.service import check_others_administer, kept_by, locked_user, while_none_is_closed
from crm.audit.changes import set_values
from crm.audit.service import Event, record
from crm.core import events
from crm.core.access import Viewer
from crm.core.db import db, expect_version
from crm.core.errors import NotFound, RuleViolation
from crm.core.versions import of_values


@dataclass(frozen=True)
class Profile:
    """What its owner changes of an account, by field of the form."""

    name: str
    title: str
    time_zone: str

    @classmethod
    def of(cls, user: User) -> Profile:
        """As it stands."""
        return cls(user.name, user.title, user.time_zone)

    @property
    def version(self) -> int:
        """Another one as soon as any of it is."""
        return of_values(self.name, self.title, self.time_zone)


@dataclass(frozen=True)
class Standing:
    """What whoever keeps an account changes of it, by field of the form."""

    name: str
    title: str
    roles: list[str]

    @classmethod
    def of(cls, user: User) -> Standing:
        """As it stands."""
        return cls(user.name, user.title, [one.value for one in roles_of(user)])

    @property
    def version(self) -> int:
        """Another one as soon as any of it is."""
        return of_values(self.name, self.title, self.roles)


def change_own(*, actor: Viewer, name: str, title: str, time_zone: str, version: int | None = None) -> None:
    """What others read of the actor, and the zone in which days and times are shown to them from the next request on.

    A follow-up falls due in the zone in which it was given, wherever its owner is. `version`: that of the `Profile`
    which the actor has read, None where it does not matter. Raises NotFound for nobody, Stale where it is another.
    """
    user = locked_user(actor.user_id)
    expect_version(Profile.of(user), version)
    _record(actor, user, set_values(user, {"name": name, "title": title, "time_zone": time_zone}))


def roles_offered(actor: Viewer, user: User) -> Sequence[Role]:
    """The roles among which the actor chooses those of an account: what they may give, and what it has."""
    held = set(roles_of(user))
    given = roles_to_give(actor, PartyKind(user.party.kind), invitations.held_roles(user.party_id))
    if user.id == actor.user_id or user.sample:
        given = []
    return [one for one in Role if one in held or one in given]


def roles_of(user: User) -> list[Role]:
    """The roles of an account, in their order."""
    held = {one.name for one in user.roles}
    return [one for one in Role if one.value in held]


def to_change(actor: Viewer, user_id: UUID) -> User:
    """An account for the page that changes it; raises NotFound for one that is not the actor's to keep."""
    found = account(actor, user_id)
    if found is None:
        raise NotFound("no such account")
    return found


def change_account(
    *, actor: Viewer, user_id: UUID, name: str, title: str, roles: Collection[str], version: int | None = None
) -> None:
    """Another name, title and other roles of an account that the actor keeps; what it may do follows at its next
    request, and so does whether it needs a second factor. Of other roles its owner is told by mail.

    `version`: that of the `Standing` which the actor has read, None where it does not matter. Raises NotFound and
    NotAllowed as closing does, Stale where it is another by now, and RuleViolation for a role that the actor cannot
    give, for more of one's own, for no role at all, for those of a sample account, for the last administrator.
    """
    while_none_is_closed()
    user = kept_by(actor, user_id)
    before = roles_of(user)
    expect_version(Standing.of(user), version)
    wanted = [one for one in Role if one.value in roles]
    _check_roles(actor, user, before, wanted)
    changes = set_values(user, {"name": name, "title": title})
    if wanted != before:
        user.roles = [one for one in user.roles if one.name in roles] + [
            UserRole(name=one.value) for one in wanted if one not in before
        ]
        changes["roles"] = ([one.value for one in before], [one.value for one in wanted])
        db.session.flush()
        events.emit(RolesChanged(user.id))
        notices.roles_changed(user, before, wanted, by=actor)
    _record(actor, user, changes)


def _check_roles(actor: Viewer, user: User, before: Collection[Role], wanted: Collection[Role]) -> None:
    if wanted == before:
        return
    if user.sample:
        raise RuleViolation("roles", "Everybody can read the password of a sample account: its roles stay as they are.")
    if not wanted and not user.administers_party:
        raise RuleViolation("roles", "Choose at least one role.")
    more = [one for one in wanted if one not in before]
    if more and user.id == actor.user_id:
        raise RuleViolation("roles", "You cannot give yourself a role. Ask another administrator.")
    refused = sorted(LABELS[one] for one in more if one not in roles_offered(actor, user))
    if refused:
        raise RuleViolation("roles", f"{user.party.name} cannot be given the role {', '.join(refused)} by you.")
    if Role.ADMINISTRATOR in before and Role.ADMINISTRATOR not in wanted:
        check_others_administer(user, "roles")


def _record(actor: Viewer, user: User, changes: dict[str, tuple[Any, Any]]) -> None:
    if changes:
        db.session.flush()
        record(
            Event.ACCOUNT_CHANGED,
            actor=actor,
            subject=("user", user.id),
            originator_id=user.party_id,
            changes=changes,
        )
