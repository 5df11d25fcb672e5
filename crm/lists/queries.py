"""Reading saved views, and finding one's way within a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.listing import Listing, known
from crm.core.versions import of_values
from crm.lists.models import DefaultView, SavedView


@dataclass(frozen=True)
class ViewLine:
    """One saved view as a viewer meets it. `opens`: their list opens with it."""

    id: UUID
    list_key: str
    name: str
    query: str
    shared: bool
    own: bool
    opens: bool
    made_by: str
    sample: bool

    @property
    def version(self) -> int:
        """Another one as soon as what its owner changes is."""
        return of_values(self.name, self.shared, self.opens)


def views(viewer: Viewer, list_key: str = "") -> list[ViewLine]:
    """The viewer's own views and those that colleagues share, of one list or of all that are open to them, one's own
    first.
    """
    wanted = (
        select(SavedView, DefaultView.id)
        .outerjoin(DefaultView, (DefaultView.view_id == SavedView.id) & (DefaultView.user_id == viewer.user_id))
        .order_by(SavedView.list_key, SavedView.name, SavedView.id)
    )
    if list_key:
        wanted = wanted.where(SavedView.list_key == list_key)
    open_lists = {one.key for one in known().values() if viewer.may(one.permission)}
    wanted = wanted.where(SavedView.list_key.in_(open_lists))
    lines = [_line(view, default is not None, viewer) for view, default in db.session.execute(wanted)]
    return sorted(lines, key=lambda one: not one.own)


def _line(view: SavedView, opens: bool, viewer: Viewer) -> ViewLine:
    own = view.user_id == viewer.user_id
    return ViewLine(
        view.id, view.list_key, view.name, view.query, view.shared, own, opens, view.made_by, view.sample
    )  # fmt: skip


def get_view(view_id: UUID, viewer: Viewer) -> ViewLine:
    """One saved view; NotFound when absent or not for this viewer."""
    found = next((one for one in views(viewer) if one.id == view_id), None)
    if found is None:
        raise NotFound("no such view")
    return found


def opening_query(viewer: Viewer, list_key: str) -> str | None:
    """The query of the view with which a list opens for the viewer; None where it opens plainly."""
    wanted = select(SavedView.query).join(DefaultView, DefaultView.view_id == SavedView.id)
    return db.session.scalar(wanted.where(DefaultView.user_id == viewer.user_id, DefaultView.list_key == list_key))


@dataclass(frozen=True)
class ViewMenu:
    """The views of one list beside it: which of them is being shown, and the query to be saved as another."""

    listing: Listing
    views: Sequence[ViewLine]
    query: str

    @property
    def current(self) -> ViewLine | None:
        """The view that is being shown."""
        return next((one for one in self.views if one.query == self.query), None)
