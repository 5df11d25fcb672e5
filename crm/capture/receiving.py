"""Keep a mail as it came. The row is committed before the mail server hears that it is kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy import func, select

from crm.capture import addresses
from crm.capture.models import CaptureAddress, WaitingMail
from crm.capture.rules.course import FOR_ITS_OWN, LARGEST, MOST_BYTES_PER_DAY, MOST_PER_DAY
from crm.capture.rules.message import head_alone
from crm.capture.senders import known_sender
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, in_turn, unless_taken
from crm.core.errors import RuleViolation
from crm.core.jobs import Job, enqueue

log = structlog.get_logger()

_MESSAGE_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\r\n]{1,900}>)", re.IGNORECASE | re.MULTILINE)


class Answer(StrEnum):
    """What the mail server in front is told. Whoever guesses addresses learns nothing: what is nobody's is taken and
    forgotten, for a refusal would go back to the sender.
    """

    KEPT = "250 2.0.0 Kept"
    LATER = "452 4.2.2 Too much mail for this address today"
    TOO_LARGE = "552 5.3.4 This mail is too large"
    NO_SENSE = "550 5.6.0 This is no mail"


def mark_of(raw: bytes) -> str:
    """The same for a mail that comes twice: its name, and what it says below its head. A mail server that did not
    hear the answer sends the same again; who borrows the name of somebody's mail does not keep that one away.
    """
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    named = _MESSAGE_ID.search(head)
    return hashlib.sha256(b"\0".join((named[1] if named else head, body))).hexdigest()


def keep(recipients: Collection[str], raw: bytes, *, bounce: bool = False) -> list[Answer]:
    """Put a mail into the waiting room of each party it was sent to, as a unit of work; an answer for each recipient.

    `bounce`: it came without a sender. Works as the system: whoever sends a mail has no account here.
    """
    if len(raw) > LARGEST:
        return [Answer.TOO_LARGE] * len(recipients)
    if not raw.strip():
        return [Answer.NO_SENSE] * len(recipients)
    with looking_as(SYSTEM):
        return [_keep_for(one, raw, bounce) for one in recipients]


def _keep_for(recipient: str, raw: bytes, bounce: bool) -> Answer:
    address = addresses.behind(recipient)
    if address is None:
        log.info("mail_for_nobody", size=len(raw))
        return Answer.KEPT
    in_turn(f"mail to {address.party_id}")
    mark = mark_of(raw)
    twice = select(WaitingMail.id).where(WaitingMail.originator_id == address.party_id, WaitingMail.mark == mark)
    if db.session.scalar(twice):
        return Answer.KEPT
    own = known_sender(head_alone(raw), address.party_id) is not None
    if _is_too_much(address.party_id, len(raw), own):
        log.warning("too_much_mail", party=str(address.party_id), own=own)
        return Answer.LATER
    _put(address, mark, raw, bounce, own)
    return Answer.KEPT


def _is_too_much(party_id: UUID, size: int, own: bool) -> bool:
    """Whether that is more than is taken in a day. Whoever knows the address can use up the part of strangers, never
    that of the party's own people; where no mail server vouches for anybody, all are strangers and have the whole.
    """
    if _beyond(party_id, size, 1):
        return True
    return not own and bool(addresses.settings().capture_trusts) and _beyond(party_id, size, FOR_ITS_OWN, proven=False)


def _beyond(party_id: UUID, size: int, part: int, **only: bool) -> bool:
    since = clock.now() - timedelta(days=1)
    wanted = select(func.count(), func.coalesce(func.sum(WaitingMail.size), 0)).where(
        WaitingMail.originator_id == party_id, WaitingMail.received_at > since
    )
    number, total = db.session.execute(wanted.filter_by(**only)).one()
    return int(number) >= MOST_PER_DAY // part or int(total) + size > MOST_BYTES_PER_DAY // part


def _put(address: CaptureAddress, mark: str, raw: bytes, bounce: bool, own: bool) -> None:
    mail = WaitingMail(
        originator_id=address.party_id,
        address_id=address.id,
        mark=mark,
        size=len(raw),
        bounce=bounce,
        raw=raw,
        proven=own,
        sample=address.sample,
    )
    try:
        with unless_taken("", "taken"):
            db.session.add(mail)
    except RuleViolation:
        return  # another connection brought the same mail meanwhile
    enqueue(Job.READ_MAIL, mail.id)
