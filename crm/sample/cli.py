"""Commands about the sample campaign."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from crm.accounts.first import HOW_TO_OPEN
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation
from crm.sample import accounts, queries, removal, service

group = AppGroup("sample", help="The sample campaign: put in, list its accounts, take away.")


@group.command("load")
def load() -> None:
    """Put the sample campaign in."""
    try:
        with looking_as(SYSTEM), unit_of_work():
            fresh = service.load(current_app.extensions["settings"].treaty)
    except RuleViolation as refused:
        raise click.ClickException(str(refused)) from None
    click.echo("The sample campaign is in." if fresh else "The sample campaign is in already.")


@group.command("accounts")
def list_accounts() -> None:
    """The sample accounts and their password; without the sample how to open the account that is missing."""
    if queries.present():
        click.echo(accounts.table())
    elif not queries.anybody_can_sign_in():
        _say_how_to_get_in("Nobody can sign in yet.")
    elif not queries.administrator_stays():
        _say_how_to_get_in("There is no administrator.")


@group.command("remove")
def remove() -> None:
    """Take the sample campaign away, all of it and nothing else."""
    with looking_as(SYSTEM), unit_of_work():
        report = removal.remove(actor=SYSTEM)
    click.echo(f"Removed {report.removed} records of the sample campaign.")
    for line in report.kept:
        click.echo(f"  {line}")
    if not queries.anybody_can_sign_in():
        _say_how_to_get_in("Nobody can sign in any more.")
    elif not queries.administrator_stays():
        _say_how_to_get_in("No administrator is left.")


def _say_how_to_get_in(trouble: str) -> None:
    click.echo(f"{trouble} Open an account:\n  {HOW_TO_OPEN}")
