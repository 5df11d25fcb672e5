"""How large things may be. A whole request is bounded by `MAX_CONTENT_LENGTH`, before anything is looked at."""

from __future__ import annotations

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
"""Of one file, as it is sent and as it is kept."""

MOST_BYTES_IN_WORDS = "10 MB"
MOST_PER_DAY = 500 * MEGABYTE
"""Of all files that one party adds within 24 hours: nobody fills the database for everybody."""


def in_words(size: int) -> str:
    """A size as people read it, for example "1.4 MB"."""
    if size < 1024:
        return f"{size} bytes"
    if size < MEGABYTE:
        return f"{round(size / 1024)} kB"
    return f"{size / MEGABYTE:.1f} MB"
