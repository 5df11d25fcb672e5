"""Is this mail still wanted, and what does it say? Asked at the last moment, answered by the floor that caused it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Flask, current_app

from crm.mail.message import Written

Check = Callable[[UUID], str | None]
"""Given the mail's id: None when it is still wanted, else the reason why not, in one short sentence."""


Writer = Callable[[UUID], Written]
"""Given the mail's id: what it says as of now. For mails of which nothing is kept in the outbox."""


def connect(app: Flask, checks: Mapping[str, Check], writers: Mapping[str, Writer]) -> None:
    """Set the tables: which check answers for which purpose, who writes those that are written at the last moment (the
    wiring floor owns both).
    """
    app.extensions["mail_checks"], app.extensions["mail_writers"] = dict(checks), dict(writers)


def written(purpose: str, mail_id: UUID) -> Written | None:
    """What a mail says as of now, or None where that stands in its row."""
    writers: Mapping[str, Writer] = current_app.extensions["mail_writers"]
    return writers[purpose](mail_id) if purpose in writers else None


def objection(purpose: str, mail_id: UUID) -> str | None:
    """Why a mail must not go out any more, or None. A purpose that nobody answers for is an error."""
    if not purpose:
        return None
    checks: Mapping[str, Check] = current_app.extensions["mail_checks"]
    return checks[purpose](mail_id)
