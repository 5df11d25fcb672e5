"""A stored mail as the bytes that go over the wire; one that is written when it goes out may say less each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from uuid import UUID

from crm.mail.models import OutboxMail
from crm.mail.rules import one_line


@dataclass(frozen=True)
class Outgoing:
    """What one attempt hands to the relay, free of the database."""

    mail_id: UUID
    attempt: int
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True)
class Written:
    """What a mail says: its subject, its plain text and the same in HTML, "" for none. `calendar`: the same for a
    calendar program, as iCalendar, with what it asks of it (`method`).
    """

    subject: str
    text: str
    html: str = ""
    calendar: str = ""
    method: str = ""


def compose(mail: OutboxMail, sender: str, written: Written | None = None) -> bytes:
    """The whole message: plain text, and the HTML alternative where there is one; those of the row unless it is
    written only now.

    Text is data: the header policy refuses line breaks, and headers are flattened before that.
    """
    message = EmailMessage(policy=SMTP if mail.recipient.isascii() else SMTPUTF8)
    message["From"] = one_line(sender)
    message["To"] = mail.recipient
    says = written or Written(mail.subject, mail.text, mail.html)
    message["Subject"] = one_line(says.subject)
    message["Date"] = _as_date(mail.posted_at)
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(says.text, cte="quoted-printable")
    if says.html:
        message.add_alternative(says.html, subtype="html", cte="quoted-printable")
    if says.calendar:
        message.add_alternative(
            says.calendar.encode(), "text", "calendar", cte="base64", params={"charset": "utf-8", "method": says.method}
        )
    if says.html or says.calendar:
        _fix_boundary(message, mail)
    return message.as_bytes()


def _fix_boundary(message: EmailMessage, mail: OutboxMail) -> None:
    """A boundary that depends on the mail alone, so that a second copy has the same bytes."""
    message.set_boundary(f"=_{mail.id.hex}")


def _as_date(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
