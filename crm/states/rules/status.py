"""Status from acts. The articles named are those of the Convention on Cluster Munitions."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from crm.states.rules.treaty import Treaty


class Status(StrEnum):
    """Where a State stands. There are four codes and no synonyms; labels belong to the templates."""

    STATE_PARTY = "state_party"
    SIGNATORY = "signatory"
    NON_SIGNATORY = "non_signatory"
    WITHDRAWN = "withdrawn"


class Basis(StrEnum):
    """From when a consent counts: from its deposit (as published counts do) or from entry into force."""

    DEPOSIT = "deposit"
    IN_FORCE = "in_force"


class ActKind(StrEnum):
    """What a State does under a treaty: Articles 15 (signature), 16 (consents) and 20 (withdrawal)."""

    SIGNATURE = "signature"
    RATIFICATION = "ratification"
    ACCEPTANCE = "acceptance"
    APPROVAL = "approval"
    ACCESSION = "accession"
    WITHDRAWAL = "withdrawal"


CONSENTS = frozenset({ActKind.RATIFICATION, ActKind.ACCEPTANCE, ActKind.APPROVAL, ActKind.ACCESSION})


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one State. `deposited_on` is the day of signing, of deposit, or of the receipt of a
    withdrawal; `effective_on` is blank for a signature. `confidence`: `found` in a source, or `memory`.
    """

    state_iso3: str
    kind: ActKind
    deposited_on: date
    effective_on: date | None = None
    note: str = ""
    confidence: str = "found"
    source: str = ""
    id: UUID | None = None


def _months_later(day: date, months: int) -> tuple[int, int]:
    total = day.year * 12 + day.month - 1 + months
    return total // 12, total % 12 + 1


def entry_into_force(deposited_on: date, treaty: Treaty) -> date:
    """First day of the sixth month after the month of deposit, not before the treaty itself (Article 17)."""
    year, month = _months_later(deposited_on, treaty.consent_months)
    return max(date(year, month, 1), treaty.in_force_on)


def withdrawal_effect(received_on: date, treaty: Treaty) -> date:
    """Six months after receipt (Article 20); the last day of a month that has no such day."""
    year, month = _months_later(received_on, treaty.withdrawal_months)
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


def effective_day(kind: ActKind, deposited_on: date, treaty: Treaty) -> date | None:
    """The day on which an act takes effect by rule; None for a signature, which has no such day."""
    if kind is ActKind.SIGNATURE:
        return None
    if kind is ActKind.WITHDRAWAL:
        return withdrawal_effect(deposited_on, treaty)
    return entry_into_force(deposited_on, treaty)


def article7_due(in_force_on: date, treaty: Treaty) -> date:
    """Last day for the initial transparency report: 180 days after entry into force (Article 7)."""
    return in_force_on + timedelta(days=treaty.first_report_days)


def _turns(acts: Iterable[Act], basis: Basis) -> list[tuple[date, int, Status]]:
    """The days on which the status turns; on one day a withdrawal's effect comes before a new consent."""
    turns = []
    for act in acts:
        if act.kind is ActKind.SIGNATURE:
            turns.append((act.deposited_on, 0, Status.SIGNATORY))
        elif act.kind is ActKind.WITHDRAWAL:
            turns.append((act.effective_on or act.deposited_on, 1, Status.WITHDRAWN))
        else:
            in_force = act.effective_on or act.deposited_on
            turns.append((act.deposited_on if basis is Basis.DEPOSIT else in_force, 2, Status.STATE_PARTY))
    return sorted(turns)


def status_on(acts: Iterable[Act], on: date, basis: Basis = Basis.DEPOSIT) -> Status:
    """The status at the end of a day. A withdrawal counts from its effect, not from its notification."""
    found = Status.NON_SIGNATORY
    for day, _order, status in _turns(acts, basis):
        if day > on:
            break
        if status is not Status.SIGNATORY or found is Status.NON_SIGNATORY:
            found = status
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the acts known on a day say of a State; a day that is not known or does not apply is None.

    `awaiting_entry`: the instrument is deposited, the treaty is not yet in force for the State.
    `withdrawal_notified`: a withdrawal is received and has not yet taken effect.
    """

    on: date
    status: Status
    status_in_force: Status
    signed_on: date | None = None
    consent: ActKind | None = None
    deposited_on: date | None = None
    in_force_on: date | None = None
    article7_due_on: date | None = None
    awaiting_entry: bool = False
    withdrawal_received_on: date | None = None
    withdrawn_on: date | None = None
    withdrawal_notified: bool = False


def standing_on(acts: Iterable[Act], on: date, treaty: Treaty) -> Standing:
    """Where a State stands at the end of a day, from the acts deposited up to then."""
    known = sorted((act for act in acts if act.deposited_on <= on), key=lambda act: act.deposited_on)
    signature = next((act for act in known if act.kind is ActKind.SIGNATURE), None)
    consent = next((act for act in reversed(known) if act.kind in CONSENTS), None)
    withdrawal = next((act for act in reversed(known) if act.kind is ActKind.WITHDRAWAL), None)
    if consent and withdrawal and withdrawal.deposited_on < consent.deposited_on:
        withdrawal = None
    in_force = consent.effective_on if consent else None
    effect = withdrawal.effective_on if withdrawal else None
    return Standing(
        on=on,
        status=status_on(known, on),
        status_in_force=status_on(known, on, Basis.IN_FORCE),
        signed_on=signature.deposited_on if signature else None,
        consent=consent.kind if consent else None,
        deposited_on=consent.deposited_on if consent else None,
        in_force_on=in_force,
        article7_due_on=article7_due(in_force, treaty) if in_force else None,
        awaiting_entry=bool(in_force and in_force > on),
        withdrawal_received_on=withdrawal.deposited_on if withdrawal else None,
        withdrawn_on=effect,
        withdrawal_notified=bool(effect and effect > on),
    )
