"""Is this mail still wanted, and what does it say? Asked at the last moment, answered by the floor that caused it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, current_app

from crm.mail.message import Written


@dataclass(frozen=True)
class Unwanted:
    """Why a mail must not go out any more, in one short sentence."""

    reason: str


Check = Callable[[UUID], str | None]
"""Given the mail's id: None when it is still wanted, else the reason why not, in one short sentence."""


Writer = Callable[[UUID], Written | Unwanted]
"""Given the mail's id: what it says as of now, or that it is not wanted any more where nothing is left to be said. For
mails of which nothing is kept in the outbox.
"""


def connect(app: Flask, checks: Mapping[str, Check], writers: Mapping[str, Writer]) -> None:
    """Set the tables: which check answers for which purpose, who writes those that are written at the last moment (the
    wiring floor owns both).
    """
    app.extensions["mail_checks"], app.extensions["mail_writers"] = dict(checks), dict(writers)


def as_of_now(purpose: str, mail_id: UUID) -> Written | Unwanted | None:
    """What a mail says as of now, None where that stands in its row; or why it must not go out any more. A purpose that
    nobody answers for is an error.
    """
    if not purpose:
        return None
    checks: Mapping[str, Check] = current_app.extensions["mail_checks"]
    writers: Mapping[str, Writer] = current_app.extensions["mail_writers"]
    if purpose in checks or purpose not in writers:
        reason = checks[purpose](mail_id)
        if reason:
            return Unwanted(reason)
    return writers[purpose](mail_id) if purpose in writers else None
