"""Figures and lists as JSON, CSV and plain text: what the JSON door, the commands and the downloads give."""

from __future__ import annotations

from datetime import date
from typing import Any

from crm.core.days import in_words
from crm.core.sheets import as_csv
from crm.states.listing import Line
from crm.states.register import Counts, Register, StateFacts
from crm.states.rules import Act, Basis, DatedName, Scheme, Standing, Status


def figures(register: Register, on: date, basis: Basis, scheme: Scheme) -> dict[str, Any]:
    """The counts of a day. `regions` counts States not party: those that never signed and those withdrawn."""
    return {**_totals(register.counts(on, basis)), "regions": register.not_party_by_region(on, scheme, basis)}


def _totals(counts: Counts) -> dict[str, Any]:
    return {
        "as_of": counts.as_of.isoformat(),
        **{status.value: counts.of(status) for status in Status},
        "total": counts.total,
    }


def figures_csv(register: Register, on: date, basis: Basis, scheme: Scheme) -> str:
    """The same as CSV: one row for each figure."""
    found = figures(register, on, basis, scheme)
    rows = [(found["as_of"], basis.value, "status", str(name), found[str(name)]) for name in (*Status, "total")]
    rows += [(found["as_of"], basis.value, scheme.value, *one) for one in found["regions"].items()]
    return as_csv(("as_of", "basis", "group", "key", "states"), rows)


def figures_table(register: Register, on: date, basis: Basis, scheme: Scheme) -> str:
    """The same for the eye: two short tables."""
    found = figures(register, on, basis, scheme)
    by = "deposit" if basis is Basis.DEPOSIT else "entry into force"
    lines = [f"{register.treaty.name()}, {in_words(on)}, counted from {by}", ""]
    lines += [f"  {name!s:<28}{found[str(name)]:>5}" for name in (*Status, "total")]
    lines += ["", f"Neither party nor signatory, by {scheme.value}", ""]
    lines += [f"  {label:<28}{count:>5}" for label, count in found["regions"].items()]
    return "\n".join(lines)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def standing_record(standing: Standing | None) -> dict[str, Any]:
    """Where a State stands as plain JSON; every value null when it was not counted on that day."""
    if standing is None:
        return {"status": None, "status_in_force": None, "consent": None}
    days = (
        "signed_on",
        "deposited_on",
        "in_force_on",
        "article7_due_on",
        "withdrawal_received_on",
        "withdrawn_on",
    )
    return {
        "status": standing.status.value,
        "status_in_force": standing.status_in_force.value,
        "consent": standing.consent.value if standing.consent else None,
        **{name: _iso(getattr(standing, name)) for name in days},
        "awaiting_entry": standing.awaiting_entry,
        "withdrawal_notified": standing.withdrawal_notified,
    }


def line_record(line: Line) -> dict[str, Any]:
    """A State in the list as plain JSON; `status` goes by the basis asked for."""
    return {
        "iso3": line.iso3,
        "name": line.name,
        "region": line.region,
        **standing_record(line.standing),
        "status": line.status.value,
    }


def state_record(register: Register, state: StateFacts, on: date) -> dict[str, Any]:
    """One State as plain JSON, with the names of the day and the acts up to it."""
    return {
        "iso3": state.iso3,
        "iso2": state.iso2,
        "iso_numeric": state.iso_numeric,
        "as_of": on.isoformat(),
        "in_universe": register.in_universe(state.iso3, on),
        "counted_since": _iso(state.counted_since),
        "un_member_since": _iso(state.un_member_since),
        "names": {language: state.name_on(on, language) for language in state.names},
        "formal_names": {language: state.formal_name_on(on, language) for language in state.formal_names},
        "former_names": [_former_record(one) for one in state.former if one.used_until],
        "capital": state.capital_on(on),
        "coordinates": {
            "latitude": state.latitude,
            "longitude": state.longitude,
            "source": "GeoNames, CC BY 4.0",
        },
        "regions": {scheme.value: state.region_in(scheme) for scheme in Scheme},
        **standing_record(register.standing(state.iso3, on)),
        "acts": [_act_record(act) for act in register.acts_of(state.iso3, until=on)],
    }


def _former_record(name: DatedName) -> dict[str, Any]:
    return {
        "kind": name.kind.value,
        "language": name.language,
        "text": name.text,
        "used_until": _iso(name.used_until),
        "precision": name.precision,
    }


def _act_record(act: Act) -> dict[str, Any]:
    return {
        "id": str(act.id),
        "kind": act.kind.value,
        "deposited_on": _iso(act.deposited_on),
        "effective_on": _iso(act.effective_on),
        "note": act.note,
        "confidence": act.confidence,
        "source": act.source,
    }
