"""How values are shown: days, moments in the reader's zone, and what every page knows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request, url_for
from flask_wtf.csrf import generate_csrf

from crm.core import access, clock, lists
from crm.core.days import in_words


def day(value: date | datetime | None, precision: str = "day") -> str:
    """A day as "1 June 2011"; with precision month "June 2011", with year "2011". Nothing for None."""
    if value is None:
        return ""
    shown = {"day": in_words(value), "month": f"{value:%B %Y}", "year": f"{value:%Y}"}
    return shown[precision]


def moment(value: datetime | None, zone: str = "") -> str:
    """A moment in a zone, the reader's unless another is named, as "1 June 2011, 09:00 (Asia/Tokyo)"."""
    if value is None:
        return ""
    zone = zone or access.viewer().time_zone
    local = value.astimezone(ZoneInfo(zone))
    return f"{day(local)}, {local:%H:%M} ({zone})"


def at(value: datetime | None) -> str:
    """A moment in the reader's zone where the zone is said once for all, as "1 Jun 2011, 09:00"."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(access.viewer().time_zone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def clock_time(value: datetime) -> str:
    """The time of day of a moment in the reader's zone, as "14:03"."""
    return f"{value.astimezone(ZoneInfo(access.viewer().time_zone)):%H:%M}"


def in_sentence(label: str) -> str:
    """A label as it stands within a sentence: its first letter small, States and proper names as they are."""
    return label if label.startswith("State") else label[:1].lower() + label[1:]


def _search_href() -> str | None:
    """Where the box of every page sends its words; nowhere on the page that has a box of its own for them."""
    return None if request.endpoint == "search.index" else url_for("search.index")


def teach(app: Flask) -> None:
    """Give the templates their filters and what every page knows."""
    app.jinja_env.filters.update(at=at, day=day, in_sentence=in_sentence, moment=moment)
    app.jinja_env.globals.update(csrf_token=generate_csrf, same_page=lists.same_page)

    @app.context_processor
    def common() -> dict[str, Any]:
        viewer = access.viewer()
        return {
            "viewer": viewer if viewer.user_id else None,
            "today": clock.today(viewer.time_zone),
            "log_href": url_for("activities.new") if viewer.may("activities:create") else None,
            "search_href": _search_href() if viewer.user_id else None,
            "account_href": url_for("accounts.account") if viewer.user_id else None,
            "sample_present": viewer.sample,
            "sample_remove_href": url_for("sample.page") if viewer.may("sample:remove") else None,
        }
