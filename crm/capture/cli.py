"""Commands about incoming mail."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from crm.capture import addresses, server, setting_aside
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work

group = AppGroup("capture", help="Take mail in; say how it stands; read again what was set aside.")


@group.command("receive")
def receive() -> None:
    """Take mail in from the mail server, over LMTP on CAPTURE_LISTEN."""
    if not addresses.is_on():
        raise click.ClickException("CAPTURE_ADDRESS is not set: it is the address to which mail is forwarded.")
    host, _, port = addresses.settings().capture_listen.rpartition(":")
    click.echo(f"Taking mail in on lmtp://{host}:{port}")
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        server.serve(app, host.strip("[]"), int(port))
    except OSError as error:
        raise click.ClickException(f"{host}:{port} cannot be used: {error.strerror}.") from None


@group.command("status")
def status() -> None:
    """How many mails are still to be read, and which could not be."""
    with looking_as(SYSTEM):
        waiting, aside = setting_aside.unread(), setting_aside.aside()
    click.echo(f"{waiting:6}  still to be read")
    click.echo(f"{len(aside):6}  set aside")
    for one in aside:
        click.echo(f"        {one.received_at:%Y-%m-%d %H:%M:%S} UTC, {one.size} bytes, {one.party}: {one.problem}")


@group.command("again")
def again() -> None:
    """Have everything read again that was set aside."""
    with looking_as(SYSTEM), unit_of_work():
        number = setting_aside.read_again()
    click.echo(f"{number} to be read again.")
