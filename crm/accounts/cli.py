"""Commands about accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import click
from flask.cli import AppGroup

from crm.accounts import checks, queries, service
from crm.accounts.factors import service as factors
from crm.accounts.models import PartyKind, Role, User
from crm.accounts.policy import LABELS, SECOND_FACTOR_ROLES
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation
from crm.core.forms import clean_text

group = AppGroup("accounts", help="Open, close and list accounts, change passwords, issue tokens.")


@group.command("open")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--party", required=True, help="Name of the organisation; made when it is new.")
@click.option("--kind", type=click.Choice([one.value for one in PartyKind]), help="Of a new one; else a government.")
@click.option("--state", "state_iso3", help="ISO code of the government's State, three letters.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([one.value for one in Role]))
@click.option("--time-zone", default="UTC")
@click.option("--password", help="At least 15 characters. Left out, it is asked for when the rest is in order.")
def open_account(
    email: str, name: str, party: str, kind: str | None, state_iso3: str | None, roles: tuple[str, ...],
    time_zone: str, password: str | None,
) -> None:  # fmt: skip
    """Open an account."""
    state = (state_iso3 or "").strip().upper() or None
    wanted = [Role(one) for one in dict.fromkeys(roles)]
    with looking_as(SYSTEM), _one_line():
        made = checks.kind_of_party(party, PartyKind(kind) if kind else None, state)
        checks.account(email=email, name=name, kind=made, roles=wanted, time_zone=time_zone)
    secret = password or _asked_for("Password")
    with looking_as(SYSTEM), _one_line(), unit_of_work():
        service.open_account(
            actor=SYSTEM,
            email=email,
            name=clean_text(name),
            party=service.open_party(name=clean_text(party), kind=made, state_iso3=state),
            roles=wanted,
            password=secret,
            time_zone=time_zone,
        )
    click.echo(f"{email} may sign in now.")
    if SECOND_FACTOR_ROLES & set(wanted):
        click.echo("The role needs a second factor: the first sign-in sets it up.")


def _asked_for(what: str) -> str:
    """A password, typed twice and not shown."""
    typed: str = click.prompt(what, hide_input=True, confirmation_prompt=True)
    return typed


@contextmanager
def _one_line() -> Iterator[None]:
    """Say what a rule refuses in one line, without a trace."""
    try:
        yield
    except RuleViolation as violation:
        raise click.ClickException(str(violation)) from None


@group.command("list")
def list_accounts() -> None:
    """Everybody with an account."""
    for user in queries.accounts(SYSTEM):
        labels = ", ".join(LABELS[Role(one.name)] for one in user.roles)
        state = "" if user.active else "  (closed)"
        click.echo(f"{user.email:32} {user.name:28} {user.party.name:34} {labels}{state}")


@group.command("token")
@click.option("--email", required=True)
@click.option("--label", required=True)
def token(email: str, label: str) -> None:
    """Issue a token for the JSON door and print it, this once."""
    with looking_as(SYSTEM), unit_of_work():
        user = queries.user_by_email(email)
        if user is None or not user.active:
            raise click.ClickException(f"There is no open account {email}.")
        with _one_line():
            _, text = service.issue_token(actor=viewer_of(user), label=label)
    click.echo(text)


@group.command("close")
@click.option("--email", required=True)
def close(email: str) -> None:
    """Close an account: its sessions end and its tokens are revoked."""
    _change(email, lambda user_id: service.close_account(actor=SYSTEM, user_id=user_id))
    click.echo(f"{email} is closed.")


@group.command("reopen")
@click.option("--email", required=True)
def reopen(email: str) -> None:
    """Let a closed account be used again."""
    _change(email, lambda user_id: service.reopen_account(actor=SYSTEM, user_id=user_id))
    click.echo(f"{email} may sign in again.")


@group.command("password")
@click.option("--email", required=True)
@click.option("--password", help="At least 15 characters, hard to guess. Left out, it is asked for.")
def password(email: str, password: str | None) -> None:
    """Give an account another password; its sessions end."""
    with looking_as(SYSTEM):
        _known(email)
    secret = password or _asked_for("New password")
    _change(email, lambda user_id: service.set_password(actor=SYSTEM, user_id=user_id, password=secret))
    click.echo(f"The password of {email} is changed.")


@group.command("reset-factors")
@click.option("--email", required=True)
def reset_factors(email: str) -> None:
    """Take away the second factors of somebody who has lost them; their sessions end and they are told."""
    _change(email, lambda user_id: factors.reset(actor=SYSTEM, user_id=user_id))
    click.echo(f"The second factors of {email} are reset.")


def _change(email: str, verb: Callable[[UUID], object]) -> None:
    with looking_as(SYSTEM), _one_line(), unit_of_work():
        verb(_known(email).id)


def _known(email: str) -> User:
    user = queries.user_by_email(email)
    if user is None:
        raise click.ClickException(f"There is no account {email}.")
    return user
