"""The folder of the mail catcher: what a sample installation "sends" lands here instead of in the world.

One file per mail and recipient. Its name begins with the moment, so names sort by age, and carries a
fingerprint of the recipient, so one's own mails are found without opening anybody else's.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from crm.core import clock

SHOWN = 100
_NAME = re.compile(r"(\d{8}T\d{6}\.\d{6}Z)-([0-9a-f]{16})-[0-9a-f]{8}\.eml")


@dataclass(frozen=True)
class Caught:
    """One caught mail, as far as a page shows it."""

    name: str
    caught_at: datetime
    sender: str
    recipient: str
    subject: str
    sent_at: datetime | None
    message_id: str
    text: str


def fingerprint(recipient: str) -> str:
    """The part of a file name that stands for a recipient."""
    return hashlib.sha256(recipient.strip().lower().encode("utf-8", "replace")).hexdigest()[:16]


def keep(folder: Path, recipient: str, content: bytes) -> Path:
    """Write one mail so that it is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = clock.now().strftime("%Y%m%dT%H%M%S.%fZ")
    target = folder / f"{stamp}-{fingerprint(recipient)}-{secrets.token_hex(4)}.eml"
    unfinished = target.with_suffix(".part")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(target)
    return target


def addressed_to(folder: Path, recipient: str) -> list[Caught]:
    """The newest mails to one address, newest first."""
    mark = fingerprint(recipient)
    try:
        names = [entry.name for entry in os.scandir(folder)]
    except OSError:
        return []
    mine = sorted((name for name in names if _belongs(name, mark)), reverse=True)[:SHOWN]
    return [found for name in mine if (found := _read(folder / name)) is not None]


def one(folder: Path, recipient: str, name: str) -> Caught | None:
    """One mail by its file name, if it was addressed to that address."""
    return _read(folder / name) if _belongs(name, fingerprint(recipient)) else None


def _belongs(name: str, mark: str) -> bool:
    match = _NAME.fullmatch(name)
    return match is not None and match[2] == mark


def _read(path: Path) -> Caught | None:
    try:
        message = message_from_bytes(path.read_bytes(), policy=default)
    except OSError:
        return None
    body = message.get_body(("plain",))
    return Caught(
        name=path.name,
        caught_at=datetime.strptime(path.name[:23], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=_date(message),
        message_id=str(message["Message-ID"] or ""),
        text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
    )


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    except (TypeError, ValueError):
        return None
