"""Read the text in a file, in a process of its own: a file that takes too much takes it there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import structlog

from crm.files.extract import MOST_SECONDS
from crm.files.rules.kinds import Kind

log = structlog.get_logger()

_READER = Path(__file__).with_name("extract.py")
_PICTURES = (Kind.PNG, Kind.JPEG)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")


def has_text(media_type: str) -> bool:
    """Whether there is text to be read in files of this kind."""
    return media_type not in {one.media_type for one in _PICTURES}


def text_in(content: bytes, media_type: str) -> str | None:
    """The text in a file, lines and words kept apart; None when it cannot be read."""
    kind = next(one for one in Kind if one.media_type == media_type)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_READER), kind.name],
            input=content,
            capture_output=True,
            timeout=MOST_SECONDS * 3,
            check=True,
        )
    except (subprocess.SubprocessError, OSError) as failed:
        log.warning("text_not_read", kind=kind.name, error=type(failed).__name__)
        return None
    text = _CONTROLS.sub(" ", done.stdout.decode("utf-8", errors="replace"))
    return "\n".join(flat for line in text.split("\n") if (flat := " ".join(line.split())))
