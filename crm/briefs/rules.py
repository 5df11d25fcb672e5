"""Pure decisions about a brief: what remains to be done, what is shortened, what a sheet of paper can print."""

from __future__ import annotations

import re

from crm.core.days import in_words
from crm.states.rules import Standing, Status, Treaty

STATUS_WORDS = {
    Status.STATE_PARTY: "State Party",
    Status.SIGNATORY: "Signatory",
    Status.NON_SIGNATORY: "Non-signatory",
    Status.WITHDRAWN: "Withdrawn",
}

OTHER_SCRIPT = "[in another script: see the record]"
_NOT_IN_THE_FONT = re.compile(
    r"[^\x20-\u058f\u1e00-\u1fff\u2000-\u206f\u20a0-\u20cf\u2100-\u214f]+(?:\s+[^\x20-\u058f\u1e00-\u1fff\u2000-\u206f]+)*"
)

_TOO_LONG = re.compile(r"\S{24}(?=\S)")
"""A word that may not find room in a column of the sheet."""


def what_remains(standing: Standing, treaty: Treaty) -> str:
    """What may be asked of a State on that day; nothing is ever urged on a State Party or on one that withdrew."""
    if standing.withdrawal_notified and standing.withdrawn_on:
        return f"Withdrawal takes effect on {in_words(standing.withdrawn_on)}: legal review before anything is asked."
    if standing.status is Status.WITHDRAWN:
        return "Withdrawn: legal review before anything is asked."
    if standing.status is Status.STATE_PARTY:
        if standing.awaiting_entry and standing.in_force_on:
            return f"Joined; in force for it on {in_words(standing.in_force_on)}. Congratulate, ask for nothing."
        return "Party: nothing to be asked for joining."
    if standing.status is Status.SIGNATORY:
        return f"Ask to ratify, accept or approve (Article {treaty.articles.get('consent', '16')})."
    if treaty.signature_closed_on and standing.on > treaty.signature_closed_on:
        return "Ask to accede. Signature is closed: never ask to sign."
    return "Ask to sign, then to ratify, accept or approve."


def may_be_asked(standing: Standing | None) -> bool:
    """Whether joining is still to be asked of a State."""
    return bool(standing) and standing.status in (Status.SIGNATORY, Status.NON_SIGNATORY)  # type: ignore[union-attr]


def shortened(text: str, most: int) -> str:
    """The beginning of a text in whole words, on one line."""
    flat = " ".join(text.split())
    if len(flat) <= most:
        return flat
    head = flat[: most - 1]
    return (head.rsplit(" ", 1)[0] if " " in head[most // 2 :] else head).rstrip(" ,;.") + "…"


def printable(text: str) -> str:
    """The text with what the typeface of the sheet does not have replaced by a word that says so, and with places to
    break in words that are longer than a column.
    """
    known = _NOT_IN_THE_FONT.sub(OTHER_SCRIPT, " ".join(text.split()))
    return _TOO_LONG.sub(lambda found: found[0] + "\u200b", known)
