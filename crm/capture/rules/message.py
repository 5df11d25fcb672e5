"""A mail taken apart: who it names, what it says, what came with it. Whatever is in it, it is only read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from crm.capture.rules.texts import MOST_READ, Texts, is_attached, parts_of
from crm.capture.rules.words import heading, readable
from crm.core.days import Precision, is_of_our_time
from crm.core.written.answers import NotADay
from crm.core.written.days import read_day
from crm.files.rules.mail_parts import body_of, divided

MOST_PARTS = 200
MOST_DEPTH = 20
MOST_FILES = 19
"""An entry holds one more: the text of the mail, where it is long."""

MOST_CALENDAR = 500_000
MOST_CALENDARS = 5
MOST_HEAD = 200_000
"""Bytes that are looked at where nothing but the head of a mail is read."""


ENCRYPTED = {"multipart/encrypted", "application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
SIGNATURES = {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
PARTS_OF_A_REPORT = {"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"}
AUTOMATIC = {"bulk", "list", "junk"}

CANNOT_BE_READ = "It is encrypted and cannot be read here. Forward it decrypted."
OUTLOOK_ALONE = "Outlook packed it in a way that only Outlook reads (winmail.dat). Forward it as plain text or HTML."
TOO_MANY = f"One mail holds up to {MOST_FILES} files."
CALENDAR_TOO_LARGE = f"It is larger than what is read of an invitation ({MOST_CALENDAR // 1_000} kB)."
ANOTHER_CALENDAR = "One invitation of a mail is read. Forward this one by itself."
OF_THE_LAYOUT = "It is a picture within the text. Attach it as a file if it belongs to the record."
TANGLED = "It has more parts, or more lines, than a mail that somebody wrote."
UNREADABLE = "It is not written as a mail is, and could not be read."


@dataclass(frozen=True)
class Found:
    """A file in a mail, as it came."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Forwarded:
    """Who wrote the mail that was forwarded, and when; without a zone where a program wrote the time as its reader
    had it.
    """

    name: str = ""
    address: str = ""
    sent_at: datetime | None = None


@dataclass
class Mail:
    """What stands in a mail. `results`: what mail servers say of it, word for word, the newest first."""

    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    automatic: bool = False
    results: tuple[str, ...] = ()
    forwarded: Forwarded | None = None
    files: list[Found] = field(default_factory=list)
    calendars: list[Found] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What people see of it: all but the files and calendars, as plain values."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        who = self.forwarded
        return {
            **plain,
            "sent_at": _as_text(self.sent_at),
            "forwarded": [who.name, who.address, _as_text(who.sent_at)] if who else None,
        }

    @classmethod
    def of_json(cls, said: dict[str, Any]) -> Mail:
        """The same back."""
        who = said["forwarded"]
        return cls(
            **{name: said[name] for name in _PLAIN if name not in ("results", "left_out")},
            results=tuple(said["results"]),
            left_out=[(name, reason) for name, reason in said["left_out"]],
            sent_at=_as_moment(said["sent_at"]),
            forwarded=Forwarded(who[0], who[1], _as_moment(who[2])) if who else None,
        )


_PLAIN = ("sender", "sender_name", "subject", "text", "automatic", "results", "left_out")


def _as_text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _as_moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def read(raw: bytes) -> Mail:
    """Take a mail apart, as far as that goes: what is left out is said."""
    found = divided(raw, most_parts=MOST_PARTS, most_depth=MOST_DEPTH)
    mail, texts = _head(found.mail), Texts()
    _gather(found.mail, mail, texts)
    if not found.whole:
        mail.left_out.append(("The rest of the mail", TANGLED))
    text = texts.text
    if len(text) > MOST_READ or texts.cut:
        mail.left_out.append(("The end of the text", "It is longer than what is kept of a mail."))
    mail.text = readable(text[:MOST_READ])
    mail.forwarded = mail.forwarded or _forwarded_in(mail.text)
    return mail


def head_alone(raw: bytes) -> Mail:
    """Who sent a mail, when, and under which subject: what there is to say of one that cannot be read."""
    head = re.split(rb"\r?\n\r?\n|\r\r", raw[:MOST_HEAD], maxsplit=1)[0]
    return _head(divided(head + b"\r\n\r\n", most_parts=1, most_depth=0).mail)


def _head(message: Message) -> Mail:
    mail = Mail(
        subject=heading(message.get("Subject")),
        sent_at=day_of(message.get("Date")),
        automatic=is_automatic(message),
        results=tuple(str(one) for one in message.get_all("Authentication-Results", [])),
    )
    mail.sender_name, mail.sender = _one_address(message.get_all("From", []))
    return mail


def is_automatic(message: Message) -> bool:
    """Whether a program sent it, so that no program of ours must answer."""
    submitted = str(message.get("Auto-Submitted") or "no").strip().lower()
    return (
        not submitted.startswith("no")
        or str(message.get("Precedence") or "").strip().lower() in AUTOMATIC
        or any(name.lower().startswith("list-") for name in message)
        or "X-Auto-Response-Suppress" in message
        or "X-Autoreply" in message
        or str(message.get("Return-Path") or "").strip() == "<>"
        or message.get_content_type() == "multipart/report"
    )


def _one_address(headers: Sequence[object]) -> tuple[str, str]:
    """Name and address, where exactly one is named; else nobody is."""
    if len(headers) != 1:
        return "", ""
    try:
        found = getaddresses([str(headers[0])[:2_000]])
    except (RecursionError, IndexError, ValueError, TypeError):
        return "", ""
    if len(found) != 1 or "@" not in found[0][1]:
        return "", ""
    name, address = found[0]
    return heading(name, 120), heading(address, 254)


def day_of(value: object) -> datetime | None:
    """A date of a mail, in UTC; None for what is none."""
    try:
        moment = parsedate_to_datetime(str(value or "")[:100])
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return moment if is_of_our_time(moment) else None
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def _as_said(text: str) -> datetime | None:
    """The moment in the line of a mail that was forwarded; without a zone where none is said: whoever forwarded it has
    had it on that day.
    """
    try:
        moment = parsedate_to_datetime(text[:100])
    except (TypeError, ValueError, OverflowError, IndexError):
        moment = None
    if moment and moment.tzinfo:
        return day_of(text)
    if moment is None:
        try:
            read = read_day(text[:100])
        except NotADay:
            return None
        moment = datetime(read.day.year, read.day.month, read.day.day) if read.precision is Precision.DAY else None  # noqa: DTZ001
    return moment if moment and is_of_our_time(moment) else None


def _gather(message: Message, mail: Mail, texts: Texts) -> None:
    if _has_encrypted(message):
        mail.left_out.append(("The message", CANNOT_BE_READ))
    inner = next((one for one in _forwards(message)), None)
    if inner is not None:
        name, address = _one_address(inner.get_all("From", []))
        mail.forwarded = Forwarded(name, address, day_of(inner.get("Date")))
        mail.subject = mail.subject or heading(inner.get("Subject"))
    for part in parts_of(message):
        try:
            _take(part, mail, texts)
        except Exception:  # whatever is wrong with a part, the others are read
            mail.left_out.append(("A part of the mail", UNREADABLE))


def _forwards(message: Any) -> Iterator[Message]:
    """Mails that were forwarded as a whole."""
    for one in message.get_payload() if message.is_multipart() else ():
        if message.get_content_type() == "message/rfc822":
            yield one
        yield from _forwards(one)


def _has_encrypted(message: Message) -> bool:
    return message.get_content_type() in ENCRYPTED


def _take(part: Message, mail: Mail, texts: Texts) -> None:
    """One part: a text, an invitation, a file, or something that is left out and said so."""
    kind, name = part.get_content_type(), heading(part.get_filename(), 200)
    if kind in SIGNATURES or kind in ENCRYPTED or kind in PARTS_OF_A_REPORT:
        return
    if _belongs_to_layout(part):
        if name:
            _leave_out(name, OF_THE_LAYOUT, mail)
        return
    if kind in TNEF or name.lower() == "winmail.dat":
        mail.left_out.append((name or "winmail.dat", OUTLOOK_ALONE))
        return
    if kind == "text/calendar" or name.lower().endswith(".ics"):
        _keep_calendar(Found(name or "Calendar entry", body_of(part)), mail)
    elif kind in ("text/plain", "text/html") and not is_attached(part):
        texts.take(part)
    elif content := body_of(part):
        _keep(Found(name or "file", content), mail)


def _belongs_to_layout(part: Message) -> bool:
    """Pictures within the text, such as the emblem under a signature."""
    inline = part.get_content_disposition() != "attachment" and "Content-ID" in part
    return inline and part.get_content_maintype() == "image"


def _keep_calendar(found: Found, mail: Mail) -> None:
    if any(found.content == one.content for one in mail.calendars):
        return
    if len(found.content) > MOST_CALENDAR:
        _leave_out(found.name, CALENDAR_TOO_LARGE, mail)
    elif len(mail.calendars) < MOST_CALENDARS:
        mail.calendars.append(found)
    else:
        _leave_out(found.name, ANOTHER_CALENDAR, mail)


def _keep(found: Found, mail: Mail) -> None:
    if len(mail.files) < MOST_FILES:
        mail.files.append(found)
    else:
        _leave_out(found.name, TOO_MANY, mail)


def _leave_out(name: str, why: str, mail: Mail) -> None:
    if (name, why) not in mail.left_out and len(mail.left_out) < MOST_PARTS:
        mail.left_out.append((name, why))


_FROM, _SENT = ("from:", "de:", "de :", "von:"), ("date:", "sent:", "envoyé:", "envoyé :", "enviado:", "gesendet:")


def _forwarded_in(text: str) -> Forwarded | None:
    """Who wrote what was forwarded, where their mail stands in the text."""
    name, address, sent_at = "", "", None
    for line in text.split("\n")[:300]:
        plain = line.strip("> *\t")
        if not address and plain.lower().startswith(_FROM):
            name, address = _one_address([plain.partition(":")[2]])
        elif address and plain.lower().startswith(_SENT):
            sent_at = _as_said(plain.partition(":")[2])
            break
    return Forwarded(name, address, sent_at) if address else None
