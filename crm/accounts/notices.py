"""Mails to the owner of an account about its password and about what it may do: what happened, when, and who did it.

Mail lies open on its way: they name roles, and nothing that a role opens.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from flask import current_app

from crm.accounts.models import Role, User
from crm.accounts.policy import LABELS, PARTY_ADMINISTRATOR
from crm.core import clock
from crm.core.access import Viewer
from crm.core.display import moment
from crm.mail import service as mail

PASSWORD = "Demarche: your password was changed"
MAY_DO = "Demarche: what you may do was changed"

BY_LINK, BY_OWNER, BY_OPERATOR = "by link", "by owner", "by operator"
"""How a password came to be another."""


def in_full(actor: Viewer) -> str:
    """Who did something, as a mail says it."""
    return f"{actor.name} ({actor.party_name})" if actor.party_name else "Whoever runs the machine"


def password_changed(user: User, way: str, *, device: str = "") -> None:
    """Tell the owner that the password is another; `device`: with what it was done. Part of a unit of work."""
    _tell(user, "password_changed", PASSWORD, page="forgotten-password", way=way, device=device)


def roles_changed(user: User, before: Collection[Role], after: Collection[Role], *, by: Viewer) -> None:
    """Tell the owner which roles were given and which taken. Part of a unit of work."""
    given, taken = (
        [LABELS[one] for one in Role if one in new and one not in old]
        for new, old in ((after, before), (before, after))
    )
    _may_do(user, given, taken, by)


def administration_changed(user: User, *, by: Viewer) -> None:
    """Tell the owner that they keep the accounts of their party from now on, or no more. Part of a unit of work."""
    given, taken = ([PARTY_ADMINISTRATOR], []) if user.administers_party else ([], [PARTY_ADMINISTRATOR])
    _may_do(user, given, taken, by)


def _may_do(user: User, given: list[str], taken: list[str], by: Viewer) -> None:
    _tell(user, "may_do_changed", MAY_DO, page="account", given=given, taken=taken, who=in_full(by))


def _tell(user: User, template: str, subject: str, *, page: str, **facts: Any) -> None:
    mail.post(
        key=f"{template}:{user.id}:{uuid4()}",
        to=user.email,
        subject=subject,
        text=current_app.jinja_env.get_template(f"email/{template}.txt").render(
            when=moment(clock.now(), user.time_zone),
            href=f"{current_app.extensions['settings'].public_url}/{page}",
            **facts,
        ),
        repeats=1,
        sample=user.sample,
    )
