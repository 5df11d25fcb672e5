"""Commands about the audit."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.audit import chain

group = AppGroup("audit", help="Check the chain of the audit.")


@group.command("verify")
@click.option("--mark", help="The mark of a day, as it was mailed to both offices: number of entries, colon, link.")
def verify(mark: str | None) -> None:
    """Walk the whole chain; ends with 1 and names the first entry that does not fit."""
    found = chain.verify()
    if mark and not found.fault and not chain.passes(mark):
        raise click.ClickException("The chain holds, but it is not the one of this mark: it was written anew.")
    if found.fault:
        raise click.ClickException(f"{found.fault} Up to entry {found.entries} the chain holds.")
    click.echo(f"The chain holds: {found.entries} entries, the last {found.link}.")
