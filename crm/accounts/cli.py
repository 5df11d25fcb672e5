"""Commands about accounts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import click
from flask.cli import AppGroup

from crm.accounts import queries, service
from crm.accounts.factors import service as factors
from crm.accounts.models import PartyKind, Role
from crm.accounts.policy import LABELS, SECOND_FACTOR_ROLES
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation

group = AppGroup("accounts", help="Open, close and list accounts, change passwords, issue tokens.")


@group.command("open")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--party", required=True, help="Name of the organisation; made when it is new.")
@click.option("--kind", type=click.Choice([one.value for one in PartyKind]), default="government")
@click.option("--state", "state_iso3", help="ISO code of the government's State, three letters.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([one.value for one in Role]))
@click.option("--time-zone", default="UTC")
@click.password_option(help="At least 15 characters.")
def open_account(
    email: str, name: str, party: str, kind: str, state_iso3: str | None, roles: tuple[str, ...],
    time_zone: str, password: str,
) -> None:  # fmt: skip
    """Open an account."""
    try:
        with looking_as(SYSTEM), unit_of_work():
            service.open_account(
                actor=SYSTEM,
                email=email,
                name=name,
                party=service.open_party(name=party, kind=PartyKind(kind), state_iso3=state_iso3),
                roles=[Role(one) for one in roles],
                password=password,
                time_zone=time_zone,
            )
    except RuleViolation as violation:
        raise click.ClickException(str(violation)) from None
    click.echo(f"{email} may sign in now.")
    if SECOND_FACTOR_ROLES & {Role(one) for one in roles}:
        click.echo("The role needs a second factor: the first sign-in sets it up.")


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
        try:
            _, text = service.issue_token(actor=viewer_of(user), label=label)
        except RuleViolation as violation:
            raise click.ClickException(str(violation)) from None
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
@click.password_option(help="At least 15 characters, hard to guess.")
def password(email: str, password: str) -> None:
    """Give an account another password; its sessions end."""
    _change(email, lambda user_id: service.set_password(actor=SYSTEM, user_id=user_id, password=password))
    click.echo(f"The password of {email} is changed.")


@group.command("reset-factors")
@click.option("--email", required=True)
def reset_factors(email: str) -> None:
    """Take away the second factors of somebody who has lost them; their sessions end and they are told."""
    _change(email, lambda user_id: factors.reset(actor=SYSTEM, user_id=user_id))
    click.echo(f"The second factors of {email} are reset.")


def _change(email: str, verb: Callable[[UUID], object]) -> None:
    try:
        with looking_as(SYSTEM), unit_of_work():
            user = queries.user_by_email(email)
            if user is None:
                raise click.ClickException(f"There is no account {email}.")
            verb(user.id)
    except RuleViolation as violation:
        raise click.ClickException(str(violation)) from None
