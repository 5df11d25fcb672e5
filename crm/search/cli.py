"""Commands about the search."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.search import keeping

group = AppGroup("search", help="Keep what can be found in step with the records.")


@group.command("rebuild")
def rebuild() -> None:
    """Write anew the words of every record that no longer say what it says. Meanwhile everything goes on."""
    changed = keeping.rebuild(lambda line: click.echo(f"  {line}"))
    click.echo(f"Everything can be found; {changed} rows were written anew.")
