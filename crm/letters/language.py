"""What a letter language must say. A language is one file in `wording/` with a `WORDING` of this shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from crm.letters.content import Paragraph
from crm.letters.facts import Addressee, ReadyFacts, Signer, StateNames
from crm.letters.rules import Verb


@dataclass(frozen=True, slots=True)
class Labels:
    """The small words around a letter."""

    draft: str
    reference: str
    page: str
    of: str


class Wording(ABC):
    """One language's own full text of the letter of encouragement; sentences, never patterns to fill.

    `ready` is false for a language whose text no native reader has approved: its letters cannot be drafted.
    """

    code: ClassVar[str]
    locale: ClassVar[str]
    label: ClassVar[str]
    ready: ClassVar[bool] = True
    labels: ClassVar[Labels]

    @abstractmethod
    def date(self, day: date) -> str:
        """A date as it stands in running text."""

    @abstractmethod
    def city(self, name: str) -> str:
        """A city's name in this language, from its English name; unknown names stay as they are."""

    @abstractmethod
    def bare(self, names: StateNames) -> str:
        """The formal name as it stands on a line of its own: no article, first letter capital."""

    @abstractmethod
    def appeal(self, addressee: Addressee) -> str:
        """The form of address within a sentence; for a known gender only."""

    @abstractmethod
    def name_line(self, addressee: Addressee) -> str:
        """First line of the inside address, with "H.E." in this language's form."""

    @abstractmethod
    def title_line(self, addressee: Addressee) -> str:
        """The exact office title, marked when the holder is acting."""

    @abstractmethod
    def capacity(self, signer: Signer, facts: ReadyFacts) -> str:
        """In which capacity a government signs, naming the meeting where it presides."""

    @abstractmethod
    def on_behalf(self, signer: Signer) -> str:
        """The line naming the State a signatory signs for."""

    @abstractmethod
    def subject(self, facts: ReadyFacts) -> str:
        """The subject line."""

    @abstractmethod
    def paragraphs(self, facts: ReadyFacts, verb: Verb) -> tuple[Paragraph, ...]:
        """The body, from the occasion to the contact."""

    @abstractmethod
    def close(self, addressee: Addressee) -> str:
        """The formula of politeness."""

    @abstractmethod
    def figures_note(self, facts: ReadyFacts) -> str:
        """The footer: what the figures count and as of which day."""

    @abstractmethod
    def typography(self, text: str) -> str:
        """Quotation marks, apostrophes and spaces as this language prints them."""
