"""What this floor itself puts on a State's timeline: its acts, what follows from them, its names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from crm.core.display import day
from crm.states.register import Register
from crm.states.rules import CONSENTS, Act, ActKind, NameKind, article7_due, note_in_words
from crm.states.timeline import Entry

_TITLES = {
    ActKind.SIGNATURE: ("Signed the Convention", "signature"),
    ActKind.RATIFICATION: ("Ratification deposited", "certificate"),
    ActKind.ACCEPTANCE: ("Acceptance deposited", "certificate"),
    ActKind.APPROVAL: ("Approval deposited", "certificate"),
    ActKind.ACCESSION: ("Accession deposited", "certificate"),
    ActKind.WITHDRAWAL: ("Withdrawal notified to the depositary", "logout"),
}


def entries(register: Register, iso3: str, today: date) -> Iterator[Entry]:
    """Acts, entry into force, the first transparency report, withdrawal, change of name."""
    for act in register.acts_of(iso3):
        title, icon = _TITLES[act.kind]
        yield _entry(act.deposited_on, today, title, icon, f"act-{act.kind}", body=note_in_words(act.note))
        if act.kind in CONSENTS:
            yield from _after_consent(register, act, today)
        elif act.kind is ActKind.WITHDRAWAL and act.effective_on:
            yield _entry(
                act.effective_on,
                today,
                "Withdrawal takes effect" if act.effective_on > today else "Withdrawal took effect",
                "ban",
                "withdrawn",
                meta=f"Article {register.treaty.articles['withdrawal']}",
            )
    yield from _renamings(register, iso3, today)


def _after_consent(register: Register, act: Act, today: date) -> Iterator[Entry]:
    if act.effective_on is None:
        return
    articles = register.treaty.articles
    name = register.name_today(act.state_iso3)
    force = "Enters into force" if act.effective_on > today else "Entered into force"
    yield _entry(
        act.effective_on,
        today,
        f"{force} for {name}",
        "gavel",
        f"in-force-{act.kind}",
        meta=f"Article {articles['entry_into_force']}",
    )
    due = article7_due(act.effective_on, register.treaty)
    days = register.treaty.first_report_days
    withdrawn = any(
        one.kind is ActKind.WITHDRAWAL and one.effective_on and act.deposited_on < one.effective_on <= due
        for one in register.acts_of(act.state_iso3)
    )
    if not withdrawn:
        yield _entry(
            due,
            today,
            "Initial transparency report due" if due > today else "Initial transparency report fell due",
            "report",
            f"report-{act.kind}",
            meta=f"Article {articles['transparency']}, {days} days after entry into force",
        )


def _renamings(register: Register, iso3: str, today: date) -> Iterator[Entry]:
    """Changes of the English short name since the treaty was adopted."""
    for place, one in enumerate(register.state(iso3).former):
        known = one.kind is NameKind.SHORT and one.language == "en" and one.used_until
        if known and one.used_until and one.used_until >= register.treaty.adopted_on:
            new = register.name(iso3, one.used_until + timedelta(days=1))
            exact = one.precision == "day"
            on = one.used_until + timedelta(days=1) if exact else one.used_until
            yield Entry(
                date=on,
                date_text=day(on, one.precision),
                title=f"{one.text} is now called {new}",
                icon="id-badge-2",
                anchor=f"name-{place}",
                datetime=on.isoformat() if exact else "",
            )


def _entry(on: date, today: date, title: str, icon: str, anchor: str, *, body: str = "", meta: str = "") -> Entry:
    return Entry(
        date=on,
        date_text=day(on),
        title=title,
        body=body,
        meta=meta,
        icon=icon,
        tone="upcoming" if on > today else "past",
        anchor=f"{anchor}-{on.isoformat()}",
        datetime=on.isoformat(),
    )
