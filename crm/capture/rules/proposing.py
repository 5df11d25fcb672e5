"""What an entry made of a mail might say. Everything here is a guess that a person looks at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm.core.text import fold

MOST_STATES = 12
LOOKED_AT = 20_000
_OFFICIAL = {"gov", "gob", "gouv", "govt", "gouvernement", "mfa", "mofa", "mae", "minrel", "go", "gub"}
_OTHER_ENDINGS = {"uk": "GB"}


def states_named(texts: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Codes of the States that are named in these texts, the more telling text first; `names`: folded name → code.

    Codes are no names here: too many of them are words. The longest name counts where one stands within another.
    """
    found: dict[str, None] = {}
    longest = max((name.count(" ") for name in names), default=0) + 1
    for text in texts:
        words = fold(text[:LOOKED_AT]).split()
        at = 0
        while at < len(words):
            for length in range(min(longest, len(words) - at), 0, -1):
                code = names.get(" ".join(words[at : at + length]))
                if code:
                    found[code] = None
                    at += length - 1
                    break
            at += 1
    return tuple(found)[:MOST_STATES]


def state_of_address(address: str, endings: Mapping[str, str]) -> str:
    """The State whose government an address belongs to, "" where it does not say; `endings`: ISO two letters → code."""
    labels = address.rpartition("@")[2].lower().split(".")
    ending = _OTHER_ENDINGS.get(labels[-1], labels[-1].upper())
    return endings.get(ending, "") if len(labels) > 1 and _OFFICIAL.intersection(labels[:-1]) else ""


def kind_named(texts: Sequence[str], labels: Mapping[str, str]) -> str:
    """The kind of activity whose name stands in these texts, "" for none; `labels`: key → name."""
    looked_at = f" {fold(' '.join(texts))} "
    for key, label in sorted(labels.items(), key=lambda pair: -len(pair[1])):
        if f" {fold(label)} " in looked_at:
            return key
    return ""


@dataclass(frozen=True)
class Proposal:
    """What stands in the form before anybody has touched it; "" and None where nothing is proposed.

    `written_at`: the moment whose day is proposed, which is another one elsewhere.
    """

    states: tuple[str, ...] = ()
    kind: str = ""
    held_on: date | None = None
    person_name: str = ""
    place: str = ""
    occasion: str = ""
    written_at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """As it is kept; the States stand in a column of their own."""
        day = self.held_on.isoformat() if self.held_on else ""
        names = ("kind", "person_name", "place", "occasion")
        written = self.written_at.isoformat() if self.written_at else ""
        return {"held_on": day, "written_at": written, **{name: getattr(self, name) for name in names}}
