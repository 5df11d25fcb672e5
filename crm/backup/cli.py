"""The commands `backup` and `restore`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import Flask

from crm.backup import sealing
from crm.backup.refusals import Refused

Answer = TypeVar("Answer")
FILE = click.Path(dir_okay=False, path_type=Path)
THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


def register(app: Flask) -> None:
    """Hang the commands onto an application."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command("backup")
@click.argument("path", type=FILE)
@click.option("--to", "keys", multiple=True, help="A public key of age (age1…) that may open it; as many as you like.")
@click.option("--passphrase-file", type=THERE, help="The first line of this file is the passphrase.")
def backup(path: Path, keys: Sequence[str], passphrase_file: Path | None) -> None:
    """Write everything that the database holds into one sealed file. People may go on working."""
    from crm.backup import service

    try:
        how = sealing.sealed_to(keys) if keys else sealing.sealed_with(_passphrase(passphrase_file, new=True))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--to") from None
    taken = _said(lambda: service.take(path, *how))
    click.echo(f"Saved {taken.size:,} bytes to {path}\nSHA-256 {taken.sha256}")


@click.command("restore")
@click.argument("path", type=THERE)
@click.option("--identity", type=THERE, help="File with the secret key of age that opens it.")
@click.option("--passphrase-file", type=THERE, help="The first line of this file is the passphrase.")
@click.option("--replace", "anew", is_flag=True, help="Put it in the place of what the database holds now.")
@click.option("--check", "only_check", is_flag=True, help="Read the file to its end and change nothing.")
def restore(path: Path, identity: Path | None, passphrase_file: Path | None, anew: bool, only_check: bool) -> None:
    """Bring a backup back. Stop web servers, workers and beat first; mail stays paused afterwards."""
    from crm.backup import service

    identities = [one for one in identity.read_text().split() if one.startswith("AGE-SECRET-KEY-")] if identity else []
    secret = None if identity else _passphrase(passphrase_file, new=False)

    def open_with(heading: bytes) -> list[Any]:
        return sealing.keys_of(heading, identities=identities, secret=secret)

    with path.open("rb") as source:
        if only_check:
            whole = _said(lambda: service.check(source, open_with))
            click.echo(f"It is whole, taken on {whole['taken_at']} at migration {whole['revision']}.")
            return
        found = _said(lambda: service.restore(source, open_with, anew=anew))
    click.echo(f"Brought back what was saved on {found.taken_at:%Y-%m-%d %H:%M} UTC.")
    click.echo(f"Mail is paused. Somebody has to decide on {found.undecided} mails that may have gone out since then.")
    click.echo("Then press “Let mail go on”, or run: flask --app wsgi mail resume")
    if found.fault:
        raise click.ClickException(f"The audit does not hold: {found.fault}")
    click.echo(f"The audit holds: {found.entries} entries.")


def _passphrase(file: Path | None, *, new: bool) -> str:
    if file:
        lines = file.read_text(encoding="utf-8").splitlines()
        secret = lines[0].strip() if lines else ""
    else:
        secret = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new)
    if new and len(secret) < 12:
        raise click.ClickException("A passphrase has at least 12 characters.")
    return secret


def _said(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
