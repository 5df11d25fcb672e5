"""Commands about the sample campaign."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation
from crm.sample import accounts, removal, service

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
    """The sample accounts and their password; nothing when the sample is not in."""
    with looking_as(SYSTEM):
        if service.present():
            click.echo(accounts.table())


@group.command("remove")
def remove() -> None:
    """Take the sample campaign away, all of it and nothing else."""
    with looking_as(SYSTEM), unit_of_work():
        report = removal.remove(actor=SYSTEM)
    click.echo(f"Removed {report.removed} records of the sample campaign.")
    for line in report.kept:
        click.echo(f"  kept: {line}")
