"""The audit as a table to take along."""

from __future__ import annotations

from flask import Response

from crm.audit import queries
from crm.audit.queries import AuditLine, Wanted
from crm.core import clock
from crm.core.access import Viewer
from crm.core.sheets import as_csv

MOST = 20_000
"""Entries in one file; whoever needs more asks for a shorter time."""

HEADINGS = ("place", "at", "event", "what", "who", "record_kind", "record_id", "about", "facts", "changes")


def table(viewer: Viewer, wanted: Wanted) -> Response:
    """What the viewer may see of the entries asked for, as CSV with words as on the page."""
    lines = list(queries.all_entries(viewer=viewer, wanted=wanted, limit=MOST + 1))
    rows = [_row(one) for one in lines[:MOST]]
    if len(lines) > MOST:
        rows.append(["", "", "", f"Cut off after {MOST} entries: ask for a shorter time.", "", "", "", "", "", ""])
    body = as_csv(HEADINGS, rows)
    name = f"audit-{clock.today(viewer.time_zone).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="text/csv", content_type="text/csv; charset=utf-8", headers=headers)


def _row(line: AuditLine) -> list[str]:
    facts = "; ".join(f"{name}: {value}" for name, value in line.in_words())
    changes = "; ".join(
        f"{one[0]}: {one[1]} → {one[2]}" if len(one) == 3 else one[0] for one in line.changes_in_words()
    )
    return [
        str(line.place or ""),
        line.at.isoformat(),
        line.event,
        line.label,
        line.who,
        line.subject_kind,
        line.subject_id if line.readable else "",
        line.about,
        facts,
        changes,
    ]
