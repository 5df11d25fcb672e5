"""What a mail says, found out by a process of its own: a mail that takes too much takes it there, and what was found
until then is kept.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from crm.capture.rules.invitations import Invitation, Reply, invitation_from
from crm.capture.rules.message import Mail, head_alone
from crm.capture.taking_apart import MOST_SECONDS
from crm.files.intake import CheckedFile
from crm.files.rules import Kind

log = structlog.get_logger()

_WORKER = Path(__file__).with_name("taking_apart.py")
_PATIENCE = MOST_SECONDS * 2
"""Seconds by the clock; a busy machine gives nobody the whole of its time."""

NOT_READ = "It could not be read here. Ask whoever sent it for the same as plain text, or look at it in your mailbox."
NOT_IN_TIME = "Reading the mail took too long, or broke off before this was looked at."


@dataclass
class Content:
    """A mail as it was understood, and those of its files that may be kept. `problem` is "" where all of it was read;
    `text_read`: more than its head was.
    """

    mail: Mail
    files: list[CheckedFile] = field(default_factory=list)
    invitation: Invitation | None = None
    replies: list[Reply] = field(default_factory=list)
    problem: str = ""
    text_read: bool = True


def understood(raw: bytes) -> Content:
    """Take a mail apart, as far as that goes within the time and the memory that it gets."""
    try:
        done = subprocess.run([sys.executable, "-I", str(_WORKER)], input=raw, capture_output=True, timeout=_PATIENCE)
        said, problem = done.stdout, f"It ended with {done.returncode}."
    except subprocess.TimeoutExpired as late:
        said, problem = late.stdout or b"", "It took too long."
    return _taken(list(_records(said)), raw, problem)


def of_its_head(raw: bytes, problem: str) -> Content:
    """What is kept of a mail that cannot be read."""
    content = Content(head_alone(raw), problem=problem, text_read=False)
    content.mail.left_out.append(("The message", NOT_READ))
    return content


def _records(said: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """What was said to its end; what broke off in the middle is none."""
    at = 0
    while (end := said.find(b"\n", at)) >= 0:
        record = json.loads(said[at:end])
        at = end + 1 + record["size"]
        if at > len(said):
            return
        yield record, said[end + 1 : at]


def _taken(records: list[tuple[dict[str, Any], bytes]], raw: bytes, problem: str) -> Content:
    first = records[0][0] if records else {}
    if "mail" not in first:
        log.warning("mail_not_read", size=len(raw), problem=problem)
        return of_its_head(raw, f"Its text could not be read. {problem}")
    content = Content(Mail.of_json(first["mail"]))
    for record, file in records:
        if "invitation" in record:
            content.invitation = invitation_from(record["invitation"])
        if "reply" in record:
            content.replies.append(Reply(**record["reply"]))
        if "left_out" in record:
            content.mail.left_out.append(tuple(record["left_out"]))
        if "file" in record:
            content.files.append(CheckedFile(record["file"], Kind[record["kind"]], file))
    if not any("done" in record for record, _ in records):
        looked_at = sum("looked_at" in record for record, _ in records)
        left = first["files"][looked_at:] or ["Calendar entry"]
        content.mail.left_out += [(name, NOT_IN_TIME) for name in left]
        content.problem = f"Not all of it could be read. {problem}"
        log.warning("mail_read_in_part", size=len(raw), problem=problem)
    return content
