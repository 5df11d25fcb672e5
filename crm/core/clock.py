"""The only place that reads the time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def set_shift(seconds: int) -> None:
    """Let this process believe it is that many seconds later (setting CLOCK_SHIFT, for rehearsals)."""
    global _shift
    _shift = timedelta(seconds=seconds)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _shift


def day_of(moment: datetime, zone: str = "UTC") -> date:
    """The day of a moment in an IANA time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def begins(day: date, zone: str = "UTC") -> datetime:
    """The moment at which a day begins in an IANA time zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def today(zone: str = "UTC") -> date:
    """The present day in an IANA time zone."""
    return day_of(now(), zone)
