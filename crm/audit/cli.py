"""Commands about the audit."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.audit import chain

group = AppGroup("audit", help="Check the chain of the audit.")


@group.command("verify")
def verify() -> None:
    """Walk the whole chain; ends with 1 and names the first entry that does not fit."""
    found = chain.verify()
    if found.fault:
        raise click.ClickException(f"{found.fault} Up to entry {found.entries} the chain holds.")
    click.echo(f"The chain holds: {found.entries} entries, the last {found.link}.")
