"""Commands about the audit."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from crm.audit import chain, service
from crm.audit.forms import NO_MARK, is_mark
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work

group = AppGroup("audit", help="Check the chain of the audit, erase values from it.")


@group.command("verify")
@click.option("--mark", help="The mark of a day, as it was mailed to both offices: number of entries, colon, link.")
def verify(mark: str | None) -> None:
    """Walk the whole chain; ends with 1 and names the first entry that does not fit."""
    if mark and not is_mark(mark.strip()):
        raise click.BadParameter(NO_MARK, param_hint="--mark")
    found = chain.verify()
    if mark and not found.fault and not chain.passes(mark.strip()):
        raise click.ClickException("The chain holds, but it is not the one of this mark: it was written anew.")
    if found.fault:
        raise click.ClickException(f"{found.fault} Up to entry {found.entries} the chain holds.")
    erased = f" The values of {found.erased} were erased, on record." if found.erased else ""
    click.echo(f"The chain holds: {found.entries} entries, the last {found.link}.{erased}")


@group.command("erase")
@click.argument("kind")
@click.argument("key")
@click.option("--reference", required=True, help="The request or decision on whose ground this is done.")
@click.confirmation_option(prompt="Values that are erased cannot be brought back. Go on?")
def erase(kind: str, key: str, reference: str) -> None:
    """Erase what the audit keeps of the values of one record (KIND and KEY as `/api/v1/audit` names them).

    That something happened, when and by whom stays, and the chain still holds.
    """
    with looking_as(SYSTEM), unit_of_work():
        number = service.erase_values(actor=SYSTEM, subject=(kind, key), reference=reference)
    if not number:
        raise click.ClickException("The audit keeps no values of such a record.")
    click.echo(f"Erased from {number} entries.")
