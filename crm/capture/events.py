"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class WaitingMailsForgotten:
    """Mails with which nobody went on are about to go for good."""

    mail_ids: tuple[UUID, ...]
