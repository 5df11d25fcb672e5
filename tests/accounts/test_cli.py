"""The commands about accounts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from crm.accounts.models import Role, User
from crm.accounts.policy import roles_that_may
from crm.core import access
from crm.core.db import db, unit_of_work
from tests.support.people import Person


def test_a_token_is_issued_to_an_open_account_alone(app: Flask, person: Callable[[str], Person]) -> None:
    officer, commands = person("officer"), app.test_cli_runner()
    words = ["accounts", "token", "--label", "script", "--email", officer.email]
    assert commands.invoke(args=words).output.startswith("dmr_")
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.viewer.user_id).active = False
    db.session.remove()
    refused = commands.invoke(args=words)
    assert (refused.exit_code, refused.output) == (1, "Error: There is no open account officer@example.org.\n")


@pytest.mark.parametrize(
    ("permission", "roles"),
    [("accounts:read", [Role.ADMINISTRATOR]), ("followups:take_over", [Role.COORDINATOR]), ("nothing:at_all", [])],
)
def test_which_roles_may(permission: str, roles: list[Role]) -> None:
    assert roles_that_may(permission) == roles
