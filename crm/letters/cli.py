"""Commands about the letters."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.letters import fingerprints

group = AppGroup("letters", help="Check the stored letters.")


@group.command("verify")
def verify() -> None:
    """Hold every stored letter against the fingerprint in the audit; ends with 1 and names those that differ."""
    found = fingerprints.verify()
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults:
        raise click.ClickException(f"{len(found.faults)} faults. Run: flask --app wsgi audit verify")
    older = f" {found.unknown} were drafted before fingerprints were kept." if found.unknown else ""
    click.echo(f"{found.sound} letters are as they were drafted.{older}")
