"""The commands about accounts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import click
import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import Party, Role, User
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


OPEN = {"--email": "new@example.org", "--name": "New Person", "--party": "Ministry", "--role": "administrator"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"--email": "nonsense"}, "@-sign"),
        ({"--email": "Officer@example.org"}, "There is an account with this address already."),
        ({"--name": " "}, "Give the name."),
        ({"--name": "Demarche"}, "come from this software"),
        ({"--party": " "}, "Give the name of the party."),
        ({"--state": "XXX"}, "There is no State with the code XXX."),
        ({"--kind": "observer", "--state": "LAO"}, "Only a government belongs to a State."),
        ({"--kind": "observer", "--role": "coordinator"}, "Roles that fit: observer, administrator."),
        ({"--party": "Embassy of Japan", "--kind": "observer"}, "is there already, as government and not as observer."),
        ({"--party": "Embassy of Japan", "--state": "LAO"}, "its State is JPN."),
        ({"--role": "king"}, "'king' is not one of"),
        ({"--time-zone": "Mars/Base"}, "There is no time zone Mars/Base."),
    ],
)
def test_what_is_wrong_is_said_before_a_password_is_asked_for(
    app: Flask, person: Callable[[str], Person], change: dict[str, str], says: str
) -> None:
    person("officer")
    db.session.remove()
    words = [word for pair in {**OPEN, **change}.items() for word in pair]
    refused = app.test_cli_runner().invoke(args=["accounts", "open", *words])
    assert refused.exit_code in (1, 2) and says in refused.output and "assword" not in refused.output
    last = refused.output.strip().splitlines()
    assert last[-1].startswith("Error: ") and (len(last) == 1 or change.get("--role") == "king")
    with access.looking_as(access.SYSTEM):
        assert [one.email for one in db.session.scalars(select(User))] == ["officer@example.org"]
        assert "Ministry" not in db.session.scalars(select(Party.name)).all()


def test_the_password_is_asked_for_last_and_one_that_will_not_do_is_one_line(app: Flask) -> None:
    words = [word for pair in OPEN.items() for word in pair]
    commands = app.test_cli_runner()
    refused = commands.invoke(args=["accounts", "open", *words], input="short\nshort\n")
    assert refused.exit_code == 1 and refused.output.splitlines()[-1].startswith("Error: A password has at least 15")
    done = commands.invoke(args=["accounts", "open", *words], input="a password that is long enough\n" * 2)
    assert done.exit_code == 0 and "new@example.org may sign in now." in done.output
    gone = commands.invoke(args=["accounts", "password", "--email", "nobody@example.org"])
    assert (gone.exit_code, gone.output) == (1, "Error: There is no account nobody@example.org.\n")


FLASKS_OWN = {"run", "shell", "routes"}
"""What Flask itself brings along: serves, looks, and opens a shell."""


def _commands(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def test_every_command_is_ours_or_moves_tables(app: Flask) -> None:
    """A library's command would change accounts past the verbs: no entry, no end of sessions, nobody told."""
    ours = dict(_commands(app.cli))
    foreign = {
        name
        for name, command in ours.items()
        if not inspect.unwrap(command.callback).__module__.startswith("crm.") and not name.startswith("db ")
    }
    assert "accounts close" in ours
    assert foreign <= FLASKS_OWN


@pytest.mark.parametrize("words", ["users activate", "users deactivate", "users change_password", "roles add"])
def test_accounts_are_changed_by_no_other_command(app: Flask, person: Callable[[str], Person], words: str) -> None:
    person("officer")
    refused = app.test_cli_runner().invoke(args=[*words.split(), "officer@example.org"])
    assert "No such command" in refused.output
