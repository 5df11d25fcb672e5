"""Commands about outgoing mail."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.mail import catcher, delivery, queries, service

group = AppGroup("mail", help="Send what is due, say how the outbox stands, catch mail.")


@group.command("catch")
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port on 127.0.0.1.")
def catch(port: int) -> None:
    """Take every mail on the loopback address and keep it in MAIL_CATCHER_DIR."""
    folder = current_app.extensions["settings"].mail_catcher_dir
    if folder is None:
        raise click.ClickException("MAIL_CATCHER_DIR is not set: it names the folder for the mails.")
    click.echo(f"Catching mail on smtp://{catcher.LOOPBACK}:{port}, kept in {folder}")
    try:
        catcher.serve(folder, port)
    except OSError as error:
        raise click.ClickException(f"Port {port} cannot be used: {error.strerror}.") from None


@group.command("drain")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=60.0, show_default=True, help="Work no longer.")
def drain(seconds: float) -> None:
    """Send what is due now, without a worker. Harmless beside one."""
    with looking_as(SYSTEM):
        with unit_of_work():
            service.sweep()
        outcomes = delivery.drain(seconds=seconds)
        trouble = queries.delivery_trouble()
    for outcome, number in sorted(outcomes.items()):
        click.echo(f"{number:6}  {outcome.value}")
    click.echo(trouble or ("Done." if outcomes else "Nothing was sent."))


@group.command("status")
def status() -> None:
    """How many mails are not through, since when the oldest waits, and why."""
    with looking_as(SYSTEM):
        tallies, oldest, trouble = queries.tallies(), queries.oldest_unsent(), queries.delivery_trouble()
    for state, number in tallies.items():
        click.echo(f"{number:6}  {state.value}")
    click.echo(f"Oldest unsent: due {oldest:%Y-%m-%d %H:%M:%S} UTC" if oldest else "Nothing is due.")
    if trouble:
        click.echo(trouble)
