"""Commands about restricted States: the last resort of whoever runs the machine."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import NotFound, RuleViolation
from crm.reach import queries
from crm.reach.service import restricted

group = AppGroup("restricted", help="List restricted States; name somebody for one that nobody keeps any more.")


@group.command("list")
def list_restricted() -> None:
    """Every restricted State and who is named for it."""
    for one in queries.restrictions(SYSTEM):
        click.echo(f"{one.state_iso3}  {', '.join(name for _, name in one.readers) or 'nobody'}")


@group.command("name")
@click.option("--state", "state_iso3", required=True, help="ISO code, three letters.")
@click.option("--email", required=True)
def name(state_iso3: str, email: str) -> None:
    """Name a coordinator for a restricted State that nobody keeps any more."""
    try:
        with looking_as(SYSTEM), unit_of_work():
            restricted.name_when_nobody_is_left(state_iso3=state_iso3.strip().upper(), email=email)
    except NotFound:
        raise click.ClickException(f"{state_iso3} is not restricted.") from None
    except RuleViolation as violation:
        raise click.ClickException(str(violation)) from None
    click.echo(f"{email} is named.")
