"""Commands about States and treaty acts."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup

from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import NotFound, Refusal, RuleViolation
from crm.states import queries, service
from crm.states.export import figures, figures_csv, figures_table
from crm.states.models import ActImport
from crm.states.register import Register
from crm.states.rules import Basis, DayRefused, Scheme, check_day, from_record, parse_day

group = AppGroup("states", help="Status of States, reference data, imports of treaty acts.")
SOURCE_LENGTH = 200


@group.command("status")
@click.option("--as-of", default=None, help="Day as year-month-day; today when left out.")
@click.option(
    "--basis", type=click.Choice([one.value for one in Basis]), default=Basis.DEPOSIT.value, show_default=True
)
@click.option(
    "--region-scheme",
    type=click.Choice([one.value for one in Scheme]),
    default=Scheme.REGION.value,
    show_default=True,
)
@click.option("--format", "shape", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
def status(as_of: str | None, basis: str, region_scheme: str, shape: str) -> None:
    """How many States stand where on a day; `regions` are the States not party, withdrawn ones among them."""
    today = clock.today()
    with looking_as(SYSTEM):
        register = _register()
    try:
        on = check_day(parse_day(as_of) if as_of else today, treaty=register.treaty, today=today)
    except DayRefused as error:
        raise click.BadParameter(str(error), param_hint="--as-of") from None
    asked = (register, on, Basis(basis), Scheme(region_scheme))
    if shape == "json":
        click.echo(json.dumps(figures(*asked), ensure_ascii=False))
    else:
        click.echo(figures_csv(*asked).rstrip() if shape == "csv" else figures_table(*asked))


def _register() -> Register:
    try:
        return queries.register()
    except NotFound as error:
        raise click.ClickException(str(error)) from None


@group.command("load")
def load() -> None:
    """Bring States, names and acts in line with the files of the treaty's data folder."""
    settings = current_app.extensions["settings"]
    try:
        with looking_as(SYSTEM), unit_of_work():
            read = service.load_reference(settings.data_dir, settings.treaty)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    click.echo("Loaded." if read else "Nothing has changed.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", help="Where the list comes from; the file's name when left out.")
@click.option("--complete", is_flag=True, help="The list is the whole register: remove acts that it lacks.")
@click.option("--commit", is_flag=True, help="Make it true at once, if no row is broken.")
def import_acts(file: Path, source: str, complete: bool, commit: bool) -> None:
    """Look at a list of acts (CSV) and say what it would change; --commit makes it true."""
    with looking_as(SYSTEM):
        try:
            with unit_of_work():
                made = service.preview_import(
                    actor=SYSTEM,
                    csv=file.read_bytes(),
                    source_name=(source or file.name)[:SOURCE_LENGTH],
                    complete=complete,
                )
            _describe(made)
            if made.problems:
                raise click.ClickException("Nothing was changed: rows of this list cannot be taken.")
            if not commit:
                click.echo(f"Nothing was changed yet. Kept as {made.id}.")
                return
            with unit_of_work():
                service.commit_import(actor=SYSTEM, import_id=made.id)
        except Refusal as error:
            raise click.ClickException(_said(error)) from None
        click.echo(f"The acts are on file. To take them back: flask states undo {made.id}")


@group.command("undo")
@click.argument("import_id", type=click.UUID)
def undo(import_id: UUID) -> None:
    """Put back exactly what a committed import changed."""
    try:
        with looking_as(SYSTEM), unit_of_work():
            service.undo_import(actor=SYSTEM, import_id=import_id)
    except Refusal as error:
        raise click.ClickException(_said(error)) from None
    click.echo("Undone: the acts are as they were before.")


def _said(error: Refusal) -> str:
    if isinstance(error, RuleViolation):
        return " ".join(message for messages in error.errors.values() for message in messages)
    return str(error)


def _describe(made: ActImport) -> None:
    """Every change with what to ask about it, and every broken row, one to a line."""
    signs = {"added": "+", "changed": "~", "removed": "-"}
    for one in queries.changes_of(made):
        before, act = from_record(one.before), from_record(one.after or one.before)
        if act is not None:
            effect = f", effective {act.effective_on}" if act.effective_on else ""
            moved = before is not None and before.deposited_on != act.deposited_on
            was = f" (on file: {before.deposited_on})" if before and moved else ""
            click.echo(f"{signs[one.kind]} {act.state_iso3} {act.kind} {act.deposited_on}{effect}{was}")
        if one.caution:
            click.echo(f"? line {one.line}: {one.caution}")
    for problem in made.problems:
        where = f"line {problem['line']}" if problem["line"] else "whole list"
        column = f", {problem['column']}" if problem["column"] else ""
        click.echo(f"! {where}{column}: {problem['message']}", err=True)
    click.echo(
        f"{made.added} to add, {made.changed} to change, {made.removed} to remove, "
        f"{made.unchanged} as on file, {made.missing} on file and not in the list (kept)."
    )
