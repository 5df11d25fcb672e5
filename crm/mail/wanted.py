"""Is this mail still wanted? Asked at the last moment, answered by the floor that caused it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Flask, current_app

Check = Callable[[UUID], str | None]
"""Given the mail's id: None when it is still wanted, else the reason why not, in one short sentence."""


def connect(app: Flask, checks: Mapping[str, Check]) -> None:
    """Set the table: which check answers for which purpose (the wiring floor owns it)."""
    app.extensions["mail_checks"] = dict(checks)


def objection(purpose: str, mail_id: UUID) -> str | None:
    """Why a mail must not go out any more, or None. A purpose that nobody answers for is an error."""
    if not purpose:
        return None
    checks: Mapping[str, Check] = current_app.extensions["mail_checks"]
    return checks[purpose](mail_id)
