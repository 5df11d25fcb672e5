"""Commands about outgoing mail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import click
from flask import current_app
from flask.cli import AppGroup

from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation
from crm.mail import catcher, delivery, pausing, queries, service

group = AppGroup("mail", help="Send what is due, say how the outbox stands, pause and resume, catch mail.")

OPERATOR = replace(SYSTEM, name="the operator")


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
        paused = pausing.current()
    if paused:
        click.echo(f"Paused since {paused.since:%Y-%m-%d %H:%M:%S} UTC by {paused.by}: {paused.reason}")
    for state, number in tallies.items():
        click.echo(f"{number:6}  {state.value}")
    click.echo(f"Oldest unsent: due {oldest:%Y-%m-%d %H:%M:%S} UTC" if oldest else "Nothing is due.")
    if trouble:
        click.echo(trouble)


@group.command("pause")
@click.option("--reason", required=True, help="Every administrator reads it until mail goes on.")
def pause(reason: str) -> None:
    """Begin no mail any more; what is written into the outbox waits."""
    _by_the_operator(lambda: pausing.pause(actor=OPERATOR, reason=reason))
    click.echo("Mail is paused.")


@group.command("resume")
def resume() -> None:
    """Let mail go on. What nobody has decided on yet stays in the outbox."""
    _by_the_operator(lambda: pausing.resume(actor=OPERATOR))
    click.echo("Mail goes on.")


def _by_the_operator(verb: Callable[[], None]) -> None:
    try:
        with looking_as(SYSTEM), unit_of_work():
            verb()
    except RuleViolation as refused:
        raise click.ClickException(str(refused)) from None
