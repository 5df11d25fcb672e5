"""A mail that was saved as a file (RFC 5322): what it is made of, within bounds.

What lies in it is judged part by part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from typing import Any

from crm.files.rules.charsets import in_words, known_charset
from crm.files.rules.kinds import FileRefused
from crm.files.rules.mail_parts import body_of, charset_of, divided
from crm.files.rules.names import plain_name

MOST_PARTS = 200
"""So many parts has a mail at most, those of the mails in it included."""

MOST_DEPTH = 8
"""So deep lies one mail in another, or one group of parts in another."""

NOT_A_MAIL = "The file is no mail that was saved whole. Save it again from the mail program, or add it as PDF."
TOO_MANY = "The mail holds too many mails and files in each other. Add what matters by itself."
TOO_LONG = "A line of the mail that says what a file in it is has no end. Add the files in it by themselves."
_PASSED = {
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "text/calendar",
    "message/delivery-status",
}  # fmt: skip
"""Parts that prove who wrote a mail, that invite to a meeting, or that say what became of a mail."""

_TEXTS = {"text/plain", "text/html", "text/enriched"}
"""What is read as the mail itself; with a name it is a file."""

_CLOSED = {
    "application/pgp-encrypted": "The mail is encrypted: nobody else could read it here. Save it decrypted.",
    "application/pkcs7-mime": "The mail is encrypted: nobody else could read it here. Save it decrypted.",
    "application/x-pkcs7-mime": "The mail is encrypted: nobody else could read it here. Save it decrypted.",
    "application/ms-tnef": "The mail hides its files in a “winmail.dat” of Outlook. Add the files by themselves.",
}


@dataclass(frozen=True)
class MailPart:
    """A file that lies in a mail."""

    name: str
    content: bytes


def files_in(content: bytes) -> list[MailPart]:
    """The files that lie in a mail and in the mails in it; its own texts, seals and groups are none.

    Raises FileRefused for what is no mail, for one that is encrypted, and for one that is built to be endless.
    """
    try:
        found = divided(content, most_parts=MOST_PARTS, most_depth=MOST_DEPTH)
        mail = found.mail
        if not mail["from"] or not (mail["date"] or mail["subject"]) or not (mail.is_multipart() or body_of(mail)):
            raise FileRefused(NOT_A_MAIL)
        if not found.whole:
            raise FileRefused(TOO_MANY)
        if found.cut:
            raise FileRefused(TOO_LONG)
        return list(_files(mail))
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as wrong:
        if isinstance(wrong, FileRefused):
            raise
        raise FileRefused(NOT_A_MAIL) from None


def _files(part: Any) -> Iterator[MailPart]:
    kind = part.get_content_type()
    if kind in _CLOSED:
        raise FileRefused(_CLOSED[kind])
    if part.is_multipart():
        for one in part.get_payload():
            yield from _files(one)
    elif kind not in _PASSED and (part.get_filename() or kind not in _TEXTS):
        name = in_words(part.get_filename()) or f"file.{part.get_content_subtype()}"
        yield MailPart(plain_name(name), _content(part))


def _content(part: Message) -> bytes:
    """What lies in a part as it is; text in UTF-8, whatever the mail wrote it in."""
    body = body_of(part)
    if part.get_content_maintype() != "text":
        return body
    charset = known_charset(charset_of(part) or "ascii")
    if not charset:
        raise FileRefused(NOT_A_MAIL)
    return body.decode(charset, errors="replace").encode("utf-8", errors="replace")
