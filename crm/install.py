"""Floor 8: make an installation ready: tables, reference data and, when it is new, the sample campaign."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask import Flask, current_app
from flask_migrate import upgrade
from sqlalchemy import inspect

import config
from crm.audit import chain
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.meetings import service as meetings
from crm.sample import service as samples
from crm.search import keeping as searching
from crm.states import service as states


def install(*, sample: bool, say: Callable[[str], None]) -> None:
    """Migrate, load the reference data, and put the sample campaign into a database that is new.

    Works as the system: there may be nobody yet.
    """
    settings: config.Settings = current_app.extensions["settings"]
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    new = not inspect(db.engine).has_table("alembic_version")
    say("Tables" if new else "Tables: checking")
    upgrade(directory=str(config.ROOT / "migrations"))
    folder = settings.data_dir / settings.treaty
    with looking_as(SYSTEM):
        with unit_of_work():
            chain.seal_what_was_before()
        say("Reference data")
        with unit_of_work():
            states.load_reference(settings.data_dir, settings.treaty)
            meetings.load_reference(folder)
        if sample and new:
            say("Sample campaign")
            with unit_of_work():
                samples.load(settings.treaty)
        searching.begin(lambda line: say(f"Words to be found, {line}"))


def register(app: Flask) -> None:
    """Hang the command onto an application."""

    @app.cli.command("install")
    @click.option("--sample/--no-sample", default=False, help="Put the sample campaign into a new database.")
    def command(sample: bool) -> None:
        """Make ready: tables, reference data, sample campaign. Safe to run again."""
        try:
            install(sample=sample, say=lambda line: click.echo(f"  {line} …"))
        except RuleViolation as refused:
            raise click.ClickException(str(refused)) from None
