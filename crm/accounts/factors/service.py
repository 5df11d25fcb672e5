"""Add, name, remove and reset second factors, and check what is shown of them.

Each verb first takes hold of the account's row: two answers at once are looked at one after the other, so that a
code counts once and guesses cannot overtake the counter. Secrets appear in no audit entry and no log.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import delete, select

from crm.accounts.factors import ceremonies, notices, rules, vault
from crm.accounts.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from crm.accounts.factors.queries import apps_of, codes_left, factors_of, passkeys_of
from crm.accounts.here import device
from crm.accounts.models import User
from crm.accounts.queries import owes_factor
from crm.accounts.service import end_keys, locked_user
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held
from crm.core.errors import NotFound, RuleViolation

_SETUP = "Demarche: setting up an app"
ISSUER = "Demarche"


@dataclass(frozen=True)
class Setup:
    """A secret to put into an app: as text, as the address in its picture, and sealed to be sent back."""

    secret: str
    uri: str
    sealed: str


@dataclass(frozen=True)
class Added:
    """A new factor; `codes` are the recovery codes that came with the first one, to be shown this once."""

    factor_id: UUID
    codes: tuple[str, ...] = ()


def new_setup(user: User) -> Setup:
    """A fresh secret for an app; nothing is kept until a code of it comes back."""
    secret = pyotp.random_base32()
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    return Setup(secret, uri, vault.seal(_SETUP, user.id, secret))


def setup_again(user: User, sealed: str) -> Setup | None:
    """The same secret for a page that is shown again; None when it is too old."""
    secret = vault.unseal(_SETUP, user.id, sealed, lasts=rules.SETUP_LASTS)
    if secret is None:
        return None
    return Setup(secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER), sealed)


def add_app(*, actor: Viewer, name: str, setup: str, code: str) -> Added:
    """Set up an app that shows the right code. Raises RuleViolation for a wrong code, and for one app too many."""
    user = locked_user(actor.user_id)
    secret = vault.unseal(_SETUP, user.id, setup, lasts=rules.SETUP_LASTS)
    if secret is None:
        raise RuleViolation("code", "This page was open too long. Set the app up anew with the picture shown now.")
    apps = apps_of(user.id)
    if any(vault.unlock(one.secret) == secret for one in apps):
        raise RuleViolation("code", "This app is set up already.")
    if len(apps) >= rules.MOST_APPS:
        raise RuleViolation("", f"There are {rules.MOST_APPS} apps already. Remove one first.")
    step = _step(secret, code, last_step=0)
    if step is None:
        raise RuleViolation("code", "This code does not fit. Type the one that the app shows now.")
    app = AuthenticatorApp(user_id=user.id, name=name, secret=vault.lock(secret), last_step=step)
    return _added(actor, user, app, "app")


def add_passkey(*, actor: Viewer, name: str, ceremony: str, credential: str) -> Added:
    """Keep a passkey that the browser has made. Raises RuleViolation when its answer does not fit.

    Looks as the system: the same passkey may be another account's already.
    """
    user = locked_user(actor.user_id)
    if len(passkeys_of(user.id)) >= rules.MOST_PASSKEYS:
        raise RuleViolation("", f"There are {rules.MOST_PASSKEYS} passkeys already. Remove one first.")
    with looking_as(SYSTEM):
        made = ceremonies.check_new(user, ceremony, credential)
        taken = made and db.session.scalar(select(Passkey.id).where(Passkey.credential_id == made.credential_id))
    if made is None or taken:
        raise RuleViolation("credential", "The passkey could not be added. Please try again.")
    key = Passkey(
        user_id=user.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
    )
    return _added(actor, user, key, "passkey")


def _added(actor: Viewer, user: User, factor: AuthenticatorApp | Passkey, kind: str) -> Added:
    first = not user.has_factor
    user.has_factor = True
    db.session.add(factor)
    db.session.flush()
    record(Event.FACTOR_ADDED, actor=actor, subject=("user", user.id), kind=kind)
    notices.tell(user, notices.ADDED, device=device())
    return Added(factor.id, tuple(_make_codes(actor, user)) if first else ())


def rename(*, actor: Viewer, factor_id: UUID, name: str) -> None:
    """Call one of the actor's factors something else; raises NotFound."""
    find(locked_user(actor.user_id).id, factor_id).name = name


def find(user_id: UUID, factor_id: UUID) -> AuthenticatorApp | Passkey:
    """One of somebody's factors; raises NotFound for one of somebody else."""
    everything: list[AuthenticatorApp | Passkey] = [*apps_of(user_id), *passkeys_of(user_id)]
    for one in everything:
        if one.id == factor_id:
            return one
    raise NotFound("no such factor")


def remove(*, actor: Viewer, factor_id: UUID) -> None:
    """Take one of the actor's factors away; with the last one its recovery codes go, too.

    Raises NotFound, and RuleViolation for the last one of an account that needs one.
    """
    user = locked_user(actor.user_id)
    going = find(user.id, factor_id)
    last = len(factors_of(user)) == 1
    if last and owes_factor(user):
        raise RuleViolation("", "Your role needs a second factor. Add another one before you remove this.")
    kind = "app" if isinstance(going, AuthenticatorApp) else "passkey"
    db.session.delete(going)
    if last:
        _forget_everything(user)
    db.session.flush()
    record(Event.FACTOR_REMOVED, actor=actor, subject=("user", user.id), kind=kind)
    notices.tell(user, notices.REMOVED, device=device())


def _forget_everything(user: User) -> None:
    user.has_factor = False
    with looking_as(SYSTEM):
        for model in (AuthenticatorApp, Passkey, RecoveryCode):
            gone = delete(model).where(model.user_id == user.id)
            db.session.execute(gone.execution_options(synchronize_session=False))


def renew_codes(*, actor: Viewer) -> list[str]:
    """New recovery codes, which are shown this once; the old ones are void. Raises RuleViolation without a factor."""
    user = locked_user(actor.user_id)
    if not user.has_factor:
        raise RuleViolation("", "Recovery codes stand in for a second factor. Set one up first.")
    return _make_codes(actor, user)


def _make_codes(actor: Viewer, user: User) -> list[str]:
    with looking_as(SYSTEM):
        old = delete(RecoveryCode).where(RecoveryCode.user_id == user.id)
        db.session.execute(old.execution_options(synchronize_session=False))
    codes = [rules.recovery_code(secrets.randbits(80)) for _ in range(rules.CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, sha256=str(rules.recovery_hash(one))) for one in codes)
    record(Event.RECOVERY_CODES_MADE, actor=actor, subject=("user", user.id), codes=len(codes))
    return codes


def reset(*, actor: Viewer, user_id: UUID) -> int:
    """Take all factors of a colleague away who has lost them; how many there were. Every key to the account ends.

    Whoever needs one sets up a new one after the password, at the next sign-in. Raises RuleViolation for
    the actor's own: they are removed on one's own page, where the last one stays.
    """
    actor.require("accounts:write")
    user = locked_user(user_id)
    if user.id == actor.user_id:
        raise RuleViolation("", "You cannot reset your own second factors. Ask another administrator.")
    factors = len(factors_of(user))
    if not factors:
        return 0
    _forget_everything(user)
    ended = end_keys(user)
    record(
        Event.FACTORS_RESET,
        actor=actor,
        subject=("user", user.id),
        originator_id=user.party_id,
        factors=factors,
        sessions_ended=ended,
    )
    notices.tell(user, notices.RESET, device="")
    return factors


def _step(secret: str, code: str, *, last_step: int) -> int | None:
    typed, at = rules.as_app_code(code), pyotp.TOTP(secret).generate_otp
    return None if typed is None else rules.fitting_step(typed, at, last_step=last_step, now=clock.now())


def shows_app_code(user: User, code: str) -> bool:
    """Whether this is a code of one of the held account's apps; it is used up by this, with all before it."""
    for app in apps_of(user.id):
        secret = vault.unlock(app.secret)
        step = _step(secret, code, last_step=app.last_step) if secret else None
        if step is not None:
            app.last_step, app.used_at = step, clock.now()
            return True
    return False


def shows_recovery_code(user: User, code: str, actor: Viewer) -> bool:
    """Whether this is a recovery code of the held account; it is used up by this.

    Looks as the system: the codes are for the software alone.
    """
    digest = rules.recovery_hash(code)
    if digest is None:
        return False
    fitting = (RecoveryCode.user_id == user.id, RecoveryCode.sha256 == digest, RecoveryCode.used_at.is_(None))
    with looking_as(SYSTEM):
        found = db.session.scalar(held(select(RecoveryCode).where(*fitting)))
        if found is None:
            return False
        found.used_at = clock.now()
        db.session.flush()
    record(Event.RECOVERY_CODE_USED, actor=actor, subject=("user", user.id), left=codes_left(user.id))
    notices.tell(user, notices.RECOVERED, device=device())
    return True


def shows_passkey(user: User, ceremony: str, credential: str, *, bound_to: UUID | None) -> bool:
    """Whether one of the held account's passkeys has answered. `bound_to`: for whom the ceremony was begun.

    Looks as the system: passkeys are for the software alone.
    """
    name = ceremonies.credential_id(credential)
    key = next((one for one in passkeys_of(user.id) if one.credential_id == name), None)
    with looking_as(SYSTEM):
        return key is not None and ceremonies.check_shown(key, bound_to, ceremony, credential)


def owner_of_passkey(credential: str) -> UUID | None:
    """Whose passkey an answer claims to come from. Looks as the system: nobody is signed in yet."""
    name = ceremonies.credential_id(credential)
    with looking_as(SYSTEM):
        return db.session.scalar(select(Passkey.user_id).where(Passkey.credential_id == name)) if name else None
