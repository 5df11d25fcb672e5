"""The three witnesses as plain values: the log of those who asked, the database, the log of the mail server."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp, Reminder
from crm.mail.models import MailAttempt, OutboxMail
from crm.mail.rules import MailState
from drill.checking import Asked, Attempt, Copy, Kept, Mail

Shifts = Sequence[tuple[datetime, timedelta]]
"""From when on, by the clock of the machine, the parts believed in which shift; oldest first."""


def asked_in(log: Path) -> list[Asked]:
    """What was asked for, and what was answered."""
    found: dict[str, Asked] = {}
    for text in log.read_text(encoding="utf-8").splitlines():
        line: dict[str, str] = json.loads(text)
        if "due" in line:
            found[line["token"]] = Asked(line["token"], datetime.fromisoformat(line["due"]))
            continue
        (name,) = line.keys() - {"token"}
        setattr(found[line["token"]], name, datetime.fromisoformat(line[name]))
    return list(found.values())


def copies_in(lines: Sequence[dict[str, Any]], shifts: Shifts) -> list[Copy]:
    """What the mail server took, at the moments in which the parts believed then."""
    begins = [one for one, _ in shifts]
    found = []
    for line in lines:
        at = datetime.fromisoformat(line["at"])
        shift = shifts[bisect_right(begins, at) - 1][1]
        found += [Copy(token, line["message_id"], at + shift, line["told"]) for token in line["tokens"]]
    return found


def kept_in_database() -> dict[str, Kept]:
    """What the database has of each reminder of the drill. Inside an application context."""
    with looking_as(SYSTEM):
        db.session.rollback()
        tries: dict[UUID, list[Attempt]] = defaultdict(list)
        for one in db.session.scalars(select(MailAttempt).order_by(MailAttempt.mail_id, MailAttempt.number)):
            tries[one.mail_id].append(Attempt(one.started_at, one.outcome or "", one.second_copy))
        found: dict[str, Kept] = defaultdict(Kept)
        for what in db.session.scalars(select(FollowUp.what).where(FollowUp.what.startswith("drill-"))):
            found[what].follow_ups += 1
        told = select(FollowUp.what, OutboxMail).join(Reminder, Reminder.followup_id == FollowUp.id)
        for what, mail in db.session.execute(told.join(OutboxMail, OutboxMail.id == Reminder.mail_id)):
            undecided = mail.state == MailState.AMBIGUOUS and mail.unknown_outcomes > mail.repeats
            found[what].mails.append(Mail(mail.message_id, mail.state, undecided, tuple(tries[mail.id])))
        db.session.rollback()
    return dict(found)
