"""What became of a change of many rows, in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.listing import Listing, listing_of
from crm.lists.bulk.models import BulkChange

HIDDEN = "A record that you cannot open"


@dataclass(frozen=True)
class Row:
    """One row by the name that its list gives it; `why` it was left out."""

    id: UUID
    title: str
    why: str = ""
    there: bool = True


def get_change(change_id: UUID) -> BulkChange:
    """One change of many rows; NotFound when absent or somebody else's."""
    found = db.session.scalar(select(BulkChange).where(BulkChange.id == change_id))
    if found is None:
        raise NotFound("no such change")
    return found


def versions_of(model: type[Any], keys: Sequence[UUID]) -> dict[UUID, int]:
    """At which version each of these rows is, as far as the viewer sees them."""
    rows = db.session.execute(select(model.id, model.version).where(model.id.in_(list(keys))))
    return {key: version for key, version in rows}  # noqa: C416 - a row is no pair for the checker


def named(listing: Listing, keys: Sequence[UUID]) -> list[Row]:
    """These rows by name, in the order given; one that the viewer does not see has none."""
    titles = {line.id: listing.title(line) for line in listing.lines_of(keys)}
    return [Row(key, titles.get(key, HIDDEN), there=key in titles) for key in keys]


def rows_left(change: BulkChange) -> list[Row]:
    """The rows that were left out, with the reason of each."""
    return _with_reasons(listing_of(change.list_key), change.left)


def rows_done(change: BulkChange) -> list[Row]:
    """The rows that were changed."""
    return named(listing_of(change.list_key), [UUID(one["id"]) for one in change.done])


def _with_reasons(listing: Listing, left: Iterable[dict[str, str]]) -> list[Row]:
    reasons = {UUID(one["id"]): one["why"] for one in left}
    rows = named(listing, list(reasons))
    return [Row(one.id, one.title, reasons[one.id], one.there) for one in rows]
