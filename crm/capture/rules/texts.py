"""What a mail says in words: which of its parts are to be read, and as much of them as is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from crm.capture.rules.pages import MOST_HTML, without_markup
from crm.files.rules.charsets import decoded
from crm.files.rules.mail_parts import body_of, charset_of

MOST_READ = 500_000
"""Characters that are looked at and kept."""

_PLAIN, _HTML = "text/plain", "text/html"


@dataclass
class Texts:
    """The texts of a mail in their order. `cut`: there was more than is read."""

    pages: list[str] = field(default_factory=list)
    cut: bool = False
    _walked: int = 0

    @property
    def text(self) -> str:
        """All of them."""
        return "\n\n".join(one for one in self.pages if one.strip())

    def take(self, part: Message) -> None:
        """One more, as long as there is not enough."""
        html = part.get_content_type() == _HTML
        if sum(map(len, self.pages)) >= MOST_READ or (html and self._walked >= MOST_HTML):
            self.cut = True
            return
        text = decoded(body_of(part), charset_of(part))
        self.cut = self.cut or len(text) > (MOST_HTML if html else MOST_READ)
        self._walked += len(text) if html else 0
        self.pages.append(without_markup(text) if html else text[:MOST_READ])


def is_attached(part: Message) -> bool:
    """Whether a part is a file."""
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def parts_of(message: Any, *, html: bool = True) -> Iterator[Message]:
    """Every part that is no envelope of others, in its order. Of one that says the same in several ways the plain text,
    and its HTML where it has none; a mail within the mail is another. `html`: the HTML is not said already.
    """
    if not message.is_multipart():
        if html or _shown_as(message) != _HTML:
            yield message
        return
    kind = message.get_content_type()
    html = kind == "message/rfc822" or (html and not (kind == "multipart/alternative" and _speaks_plainly(message)))
    for one in message.get_payload():
        yield from parts_of(one, html=html)


def _speaks_plainly(message: Any) -> bool:
    """Whether there is a plain text that says something; not within another mail."""
    if message.is_multipart():
        inner = message.get_payload() if message.get_content_type() != "message/rfc822" else ()
        return any(map(_speaks_plainly, inner))
    return _shown_as(message) == _PLAIN and bool(decoded(body_of(message)[:MOST_READ], charset_of(message)).strip())


def _shown_as(part: Message) -> str:
    """The kind of a text that is shown; "" for a file, and for what cannot be told."""
    try:
        return "" if is_attached(part) else part.get_content_type()
    except Exception:  # whatever is wrong with a part, the others are read
        return ""
