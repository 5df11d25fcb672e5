"""A finished letter as a value: every word that stands on the page, in one language, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the body; `key` names its subject and its bookmark in the editable copy."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """One government's half of the letterhead."""

    state: str
    capacity: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature column; `name` and `title` are blank when no person is recorded."""

    name: str
    title: str
    capacity: str
    on_behalf: str


@dataclass(frozen=True, slots=True)
class LetterContent:
    """One letter in one language (`locale` adds its region).

    `verb` is what the State is asked to do: "ratify" or "accede".
    """

    language: str
    locale: str
    iso3: str
    verb: str
    letter_date: date
    as_of: date
    document_title: str
    draft_mark: str
    treaty: str
    heads: tuple[Head, Head]
    reference_label: str
    reference: str
    place_and_date: str
    inside_address: tuple[str, ...]
    subject: str
    salutation: str
    paragraphs: tuple[Paragraph, ...]
    close: str
    signatures: tuple[Signature, Signature]
    footer: str
    page_words: tuple[str, str]

    def texts(self) -> Iterator[tuple[str, str]]:
        """Every text of the letter with the name of its place, for checks."""
        for name, value in self.as_json().items():
            yield from _texts(name, value)

    def as_json(self) -> dict[str, Any]:
        """Plain values for storage and for the layout; dates as ISO text."""
        values: dict[str, Any] = asdict(self)
        values["letter_date"] = self.letter_date.isoformat()
        values["as_of"] = self.as_of.isoformat()
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> LetterContent:
        """The reverse of `as_json`; raises KeyError or TypeError when the stored value is not a letter."""
        first, second = values["heads"]
        left, right = values["signatures"]
        page, of = values["page_words"]
        return cls(
            **{
                **values,
                "letter_date": date.fromisoformat(values["letter_date"]),
                "as_of": date.fromisoformat(values["as_of"]),
                "heads": (Head(**first), Head(**second)),
                "inside_address": tuple(values["inside_address"]),
                "paragraphs": tuple(Paragraph(**one) for one in values["paragraphs"]),
                "signatures": (Signature(**left), Signature(**right)),
                "page_words": (page, of),
            }
        )

    def plain(self) -> str:
        """The letter as plain text, for a preview and for comparisons."""
        parts = [
            f"{self.reference_label} {self.reference}\n{self.place_and_date}",
            "\n".join(self.inside_address),
            self.subject,
            self.salutation,
            *(one.text for one in self.paragraphs),
            self.close,
        ]
        for one in self.signatures:
            parts.append("\n".join(line for line in (one.name, one.title, one.capacity, one.on_behalf) if line))
        return "\n\n".join([*parts, self.footer])


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(f"{name}.{key}", inner)
    elif isinstance(value, (list, tuple)):
        for place, inner in enumerate(value):
            yield from _texts(f"{name}[{place}]", inner)
