"""Open and close accounts, change passwords, issue and revoke tokens."""

from __future__ import annotations

from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password, verify_password
from sqlalchemy import select, update

from crm.accounts import notices, rules, sessions
from crm.accounts.events import AccountClosed, KeysEnded
from crm.accounts.holders import holders_of
from crm.accounts.models import ApiToken, Party, PartyKind, Role, User, UserRole
from crm.accounts.policy import keeps_accounts_of
from crm.accounts.queries import owes_factor, party_like, party_named
from crm.audit.service import Event, record
from crm.core import clock, events, keys
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, in_turn, locked, unless_taken
from crm.core.errors import NotFound, RuleViolation

_TOKEN_MARK = "dmr_"


def open_party(*, name: str, kind: PartyKind, state_iso3: str | None = None, sample: bool = False) -> Party:
    """Find or make a party. Raises RuleViolation when somebody else makes it at the same moment."""
    return party_named(name) or _new_party(name, kind, state_iso3, sample)


def _new_party(name: str, kind: PartyKind, state_iso3: str | None, sample: bool = False) -> Party:
    party = Party(name=name, kind=kind.value, state_iso3=state_iso3, sample=sample)
    with unless_taken("name", "There is a party with this name already."):
        db.session.add(party)
    return party


def add_party(*, actor: Viewer, name: str, kind: str, state_iso3: str | None = None) -> Party:
    """A new organisation that takes part. A government names its State, nobody else does.

    Raises RuleViolation, also where a party goes by the same name in other letters.
    """
    actor.require("accounts:write")
    if (kind == PartyKind.GOVERNMENT) != bool(state_iso3):
        wrong = "Choose the State of this government." if not state_iso3 else "Only a government belongs to a State."
        raise RuleViolation("state_iso3", wrong)
    if alike := party_like(name):
        raise RuleViolation("name", f"There is a party called “{alike}” already.")
    party = _new_party(name, PartyKind(kind), state_iso3 or None)
    record(Event.PARTY_OPENED, actor=actor, subject=("party", party.id), originator_id=party.id, name=name, kind=kind)
    return party


def open_account(
    *,
    actor: Viewer,
    email: str,
    name: str,
    party: Party,
    roles: list[Role],
    password: str | None,
    title: str = "",
    time_zone: str = "UTC",
    mission_id: UUID | None = None,
    administers_party: bool = False,
    sample: bool = False,
) -> User:
    """Open an account; raises RuleViolation for a taken or impossible address and a password that will not do.

    Without a password (None) its owner comes by single sign-on. Raises NotAllowed for whoever does not keep all
    accounts: everybody else invites.
    """
    actor.require("accounts:write")
    address = possible_address(email)
    if password is not None:
        check_password(password, email, name, party.name, published=sample)
    user = User(
        email=address,
        name=name,
        title=title,
        password=None if password is None else hash_password(password),
        administers_party=administers_party,
        party=party,
        time_zone=time_zone,
        mission_id=mission_id,
        sample=sample,
        roles=[UserRole(name=role.value) for role in roles],
    )
    with unless_taken("email", "There is an account with this address already."):
        db.session.add(user)
    record(
        Event.ACCOUNT_OPENED,
        actor=actor,
        subject=("user", user.id),
        originator_id=party.id,
        roles=[role.value for role in roles],
        administers_party=administers_party,
    )
    return user


def possible_address(email: str) -> str:
    """An address as accounts keep it; raises RuleViolation for what is none."""
    if len(email) > rules.LONGEST_ADDRESS:
        raise RuleViolation("email", "An address has at most 254 characters.")
    try:
        return validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise RuleViolation("email", str(error)) from None


def check_password(password: str, *known: str, published: bool = False) -> None:
    """Raise RuleViolation for a password that will not do; `known` is what everybody knows of its owner.

    `published`: it may be the one of the sample, which everybody can read.
    """
    problem = rules.password_problem(password, known)
    if problem and not (published and password == rules.PUBLISHED):
        raise RuleViolation("password", problem)


def check_new(user: User, password: str) -> None:
    """Raise RuleViolation unless this may be the next password of an account: another one, and one that will do."""
    if user.password and verify_password(password, user.password):
        raise RuleViolation("password", "This is your present password. Choose another.")
    check_password(password, user.email, user.name, user.party.name)


def change_password(*, actor: Viewer, password: str, going_on: UUID | None = None, device: str = "") -> None:
    """Another password, by its owner, who has shown the present one. Every key to the account ends but the session
    in which it is done (`going_on`), and they are told by mail, with what `device` it was.

    Raises RuleViolation for one that will not do.
    """
    user = locked_user(actor.user_id)
    check_new(user, password)
    user.password = hash_password(password)
    ended = end_keys(user, going_on)
    record(Event.PASSWORD_CHANGED, actor=actor, subject=("user", user.id), sessions_ended=ended)
    notices.password_changed(user, notices.BY_OWNER, device=device)


def set_password(*, actor: Viewer, user_id: UUID, password: str) -> None:
    """Another password, by an administrator. Every key to the account ends, and its owner is told by mail."""
    actor.require("accounts:write")
    user = locked_user(user_id)
    check_password(password, user.email, user.name, user.party.name)
    user.password = hash_password(password)
    ended = end_keys(user)
    record(Event.PASSWORD_CHANGED, actor=actor, subject=("user", user.id), sessions_ended=ended)
    notices.password_changed(user, notices.BY_OPERATOR)


def close_account(*, actor: Viewer, user_id: UUID) -> None:
    """Nobody signs in with it any more: sessions end, tokens are revoked. Closing twice changes nothing, but that
    what the operator closes stays closed until the operator opens it.

    Raises NotFound for an account of another party, and RuleViolation for the actor's own account and the last
    administrator: somebody must be left to open it again.
    """
    while_none_is_closed()
    user = kept_by(actor, user_id)
    if user.id == actor.user_id:
        raise RuleViolation("", "You cannot close your own account. Ask another administrator.")
    if not user.active and (user.closed_by_operator or not actor.may("accounts:write")):
        return
    check_others_administer(user, "")
    ended = shut(user)
    user.closed_by_operator = actor.may("accounts:write")
    record(
        Event.ACCOUNT_CLOSED,
        actor=actor,
        subject=("user", user.id),
        originator_id=user.party_id,
        sessions_ended=ended,
    )


def while_none_is_closed() -> None:
    """Whoever asks who is left waits for whoever closes an account, and the other way round, until the unit of work
    ends: held one by one, the accounts of two who ask would be held in two orders.
    """
    in_turn("accounts that are closed")


def check_others_administer(user: User, field: str) -> None:
    """Raise RuleViolation for the last open account of an administrator; the sample's count for one another alone.

    Whoever asks waits for whoever closes an account first (`while_none_is_closed`).
    """
    keepers = _administrators()
    left = [one for one, sample in keepers.items() if one != user.id and (user.sample or not sample)]
    if user.id in keepers and not left:
        raise RuleViolation(field, "This is the last administrator. Make another one first.")


def _administrators() -> dict[UUID, bool]:
    """The open accounts of administrators, and which of them are sample."""
    held_by = User.id.in_(holders_of([Role.ADMINISTRATOR]))
    wanted = select(User.id, User.sample).where(User.active, held_by).order_by(User.id)
    with looking_as(SYSTEM):
        return {one.id: one.sample for one in db.session.execute(wanted)}


def shut(user: User) -> int:
    """Let an account open no door any more: inactive, every key to it ended. How many sessions there were."""
    while_none_is_closed()
    user.active = False
    events.emit(AccountClosed(user.id))
    return end_keys(user)


def end_keys(user: User, going_on: UUID | None = None) -> int:
    """End whatever opened an account until now: sessions but the one that goes on, tokens, feeds, links for a new
    password, buttons in mails. How many sessions ended.

    Looks as the system: tokens and sessions are visible to their owner alone.
    """
    tokens = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    with looking_as(SYSTEM):
        db.session.execute(tokens.values(revoked_at=clock.now()).execution_options(synchronize_session=False))
    user.keys_ended += 1
    events.emit(KeysEnded(user.id))
    return sessions.end_all(user_id=user.id, but=going_on)


def end_keys_of_everybody() -> None:
    """The same of every account: what had been ended since may be open again.

    Looks as the system: whoever runs the machine has no account.
    """
    with looking_as(SYSTEM):
        for user in db.session.scalars(select(User).order_by(User.id)):
            end_keys(user)


def reopen_account(*, actor: Viewer, user_id: UUID) -> None:
    """It may be used again, with the password it had; sessions and tokens stay ended.

    Raises as closing does, and RuleViolation for one that the operator closed, unless the operator opens it.
    """
    user = kept_by(actor, user_id)
    if user.closed_by_operator and not actor.may("accounts:write"):
        raise RuleViolation("", "The operator closed this account, and only the operator opens it again.")
    if not user.active:
        user.active, user.closed_by_operator = True, False
        record(Event.ACCOUNT_REOPENED, actor=actor, subject=("user", user.id), originator_id=user.party_id)


def give_party_administration(*, actor: Viewer, user_id: UUID) -> None:
    """Let somebody keep the accounts of their own party, and tell them. Raises NotFound, RuleViolation for a closed
    account.
    """
    _set_party_administration(actor, user_id, True)


def take_party_administration(*, actor: Viewer, user_id: UUID) -> None:
    """They keep accounts no more, and are told; what they invited and nobody accepted yet can be accepted no more."""
    _set_party_administration(actor, user_id, False)


def _set_party_administration(actor: Viewer, user_id: UUID, given: bool) -> None:
    actor.require("accounts:write")
    user = locked_user(user_id)
    if given and not user.active:
        raise RuleViolation("", "This account is closed. Open it first.")
    if user.administers_party != given:
        user.administers_party = given
        event = Event.PARTY_ADMINISTRATION_GIVEN if given else Event.PARTY_ADMINISTRATION_TAKEN
        record(event, actor=actor, subject=("user", user.id), originator_id=user.party_id)
        notices.administration_changed(user, by=actor)


def kept_by(actor: Viewer, user_id: UUID) -> User:
    """An account that the actor may open, close and change, held. An administrator is no party administrator's.

    Raises NotFound for an account of another party, NotAllowed for who keeps none.
    """
    actor.require("party:accounts")
    user = locked_user(user_id)
    if not keeps_accounts_of(actor, user.party_id):
        raise NotFound("no such account")
    if not actor.may("accounts:write") and any(one.name == Role.ADMINISTRATOR for one in user.roles):
        words = "The account of an administrator is changed, closed and opened by administrators alone."
        raise RuleViolation("", words)
    return user


def locked_user(user_id: UUID | None) -> User:
    """The account, looked up as the system and held until the unit of work ends. Raises NotFound."""
    with looking_as(SYSTEM):
        found = locked(User, user_id) if user_id else None
    if found is None:
        raise NotFound("no such account")
    return found


def issue_token(*, actor: Viewer, label: str) -> tuple[ApiToken, str]:
    """A new key to the JSON door and its text, which is shown this once.

    Raises RuleViolation while the account lacks the second factor that it needs.
    """
    user = locked_user(actor.user_id)
    if owes_factor(user) and not user.has_factor:
        raise RuleViolation("", "This account needs a second factor first; its owner sets it up on the page.")
    token = _TOKEN_MARK + keys.draw()
    kept = ApiToken(user_id=user.id, label=label, sha256=keys.digest(token), with_factor=user.has_factor)
    db.session.add(kept)
    db.session.flush()
    record(Event.TOKEN_ISSUED, actor=actor, subject=("api_token", kept.id), label=label)
    return kept, token


def revoke_token(*, actor: Viewer, token_id: UUID) -> None:
    """End a token at once."""
    kept = db.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id))
    if kept is None:
        raise NotFound("no such token")
    kept.revoked_at = kept.revoked_at or clock.now()
    record(Event.TOKEN_REVOKED, actor=actor, subject=("api_token", kept.id))
