"""What cannot be true of the acts of one State: the check before an import is accepted or undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from crm.core.days import in_words
from crm.states.rules.status import CONSENTS, Act, ActKind, entry_into_force, withdrawal_effect
from crm.states.rules.treaty import Treaty


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An act that does not fit the State's other acts or the treaty, with the reason as a sentence.

    `against` is the act that stands in its way; None where one is lacking or the treaty itself forbids it.
    """

    act: Act
    column: str
    message: str
    against: Act | None = None

    @property
    def repeats(self) -> bool:
        """Whether the State had done the same before: signed, consented to be bound, withdrawn."""
        if self.against is None:
            return False
        kinds = {self.act.kind, self.against.kind}
        return len(kinds) == 1 or kinds <= CONSENTS


Reason = tuple[str, str, Act | None]


def contradictions(acts: Iterable[Act], treaty: Treaty, counted_since: date) -> list[Contradiction]:
    """Every contradiction among the acts of one State, oldest act first.

    `counted_since` is the day from which the State belongs to the total.
    """
    signed: Act | None = None
    bound: Act | None = None
    left: Act | None = None
    found: list[Contradiction] = []
    for act in sorted(acts, key=lambda one: (one.deposited_on, one.kind is not ActKind.SIGNATURE)):
        reasons: Iterable[Reason]
        if act.kind is ActKind.SIGNATURE:
            reasons = list(_signature(act, signed, bound, treaty))
            signed = signed or act
        elif act.kind in CONSENTS:
            reasons = list(_consent(act, signed, bound, left, treaty))
            bound, left = (bound, None) if bound and not left else (act, None)
        else:
            reasons = list(_withdrawal(act, bound, left, treaty))
            left = act
        if act.deposited_on < counted_since:
            found.append(
                Contradiction(act, "deposited_on", f"The State is counted only from {in_words(counted_since)}.")
            )
        found += [Contradiction(act, *reason) for reason in reasons]
    return found


def _signature(act: Act, signed: Act | None, bound: Act | None, treaty: Treaty) -> Iterator[Reason]:
    if signed:
        yield "act", f"A signature of {in_words(signed.deposited_on)} is on file already.", signed
    elif bound:
        yield "deposited_on", f"The {bound.kind} of {in_words(bound.deposited_on)} is earlier.", bound
    if act.deposited_on < treaty.opened_on:
        yield "deposited_on", f"The treaty was opened for signature only on {in_words(treaty.opened_on)}.", None
    closed = treaty.signature_closed_on
    if closed and act.deposited_on > closed:
        yield "deposited_on", f"Signature closed on {in_words(closed)}; since then States accede.", None
    if act.effective_on:
        yield "effective_on", "A signature does not enter into force; leave this blank.", None


def _consent(act: Act, signed: Act | None, bound: Act | None, left: Act | None, treaty: Treaty) -> Iterator[Reason]:
    if bound and not left:
        yield "act", f"The {bound.kind} of {in_words(bound.deposited_on)} is on file already.", bound
    if left and left.effective_on and act.deposited_on < left.effective_on:
        yield "deposited_on", f"The withdrawal takes effect only on {in_words(left.effective_on)}.", left
    if act.kind is ActKind.ACCESSION and signed and not bound:
        yield "act", f"A State that signed ({in_words(signed.deposited_on)}) ratifies, accepts or approves.", signed
    if act.kind is ActKind.ACCESSION and act.deposited_on < treaty.in_force_on:
        yield "deposited_on", f"Accession is possible only from {in_words(treaty.in_force_on)}.", None
    if act.kind is not ActKind.ACCESSION and signed is None:
        yield "act", "There is no earlier signature; without one the act is an accession.", None
    expected = entry_into_force(act.deposited_on, treaty)
    if act.effective_on != expected:
        article = treaty.articles["entry_into_force"]
        yield "effective_on", f"Article {article} gives {in_words(expected)}; leave this blank.", None


def _withdrawal(act: Act, bound: Act | None, left: Act | None, treaty: Treaty) -> Iterator[Reason]:
    if bound is None:
        yield "act", "There is no consent to be bound from which to withdraw.", None
    if left:
        yield "act", f"The withdrawal of {in_words(left.deposited_on)} is on file already.", left
    earliest = withdrawal_effect(act.deposited_on, treaty)
    if act.effective_on is None or act.effective_on < earliest:
        article = treaty.articles["withdrawal"]
        yield "effective_on", f"Article {article} gives {in_words(earliest)} at the earliest.", None
