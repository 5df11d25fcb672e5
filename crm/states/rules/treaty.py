"""A treaty as a value, and the days for which a status can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.core.days import in_words


class DayRefused(ValueError):
    """There is no status for this day; the message says why, in a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class NotableDay:
    """A day that readers go back to: a meeting's last day, the day of a published figure.

    `quick`: it stands in the short list of days that is always in sight.
    """

    on: date
    label: str
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Treaty:
    """The facts of a treaty that decide status. `names` are full names by language.

    `consent_months`: in force on the first day of that month after the month of deposit (CCM Article 17).
    `withdrawal_months`: a withdrawal takes effect that many months after its receipt (CCM Article 20).
    `first_report_days`: days from entry into force to the initial transparency report (CCM Article 7).
    `articles` maps a subject ("withdrawal") to the article's number, `sources` a source's code to its name.
    """

    code: str
    names: Mapping[str, str]
    abbreviation: str
    adopted_on: date
    adopted_in: str
    opened_on: date
    opened_in: str
    in_force_on: date
    signature_closed_on: date | None
    consent_months: int
    withdrawal_months: int
    first_report_days: int
    depositary: str
    articles: Mapping[str, str]
    notable: tuple[NotableDay, ...]
    sources: Mapping[str, str]

    def source_names(self, codes: str) -> str:
        """The sources of an act ("UNTC-2014;press") as words; what is no code of ours stays as it is."""
        return ", ".join(self.sources.get(code, code) for code in codes.split(";") if code)

    def name(self, language: str = "en") -> str:
        """The full name in a language, in English where we have no other."""
        return self.names.get(language) or self.names["en"]


def _day(value: date | str | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def treaty_from(facts: Mapping[str, Any]) -> Treaty:
    """Build a treaty from its file (`treaty.toml`) or from the copy in the database (days as ISO text)."""
    days = {name: _day(facts.get(name)) for name in ("adopted_on", "opened_on", "in_force_on")}
    missing = [name for name, value in days.items() if value is None]
    if missing:
        raise ValueError(f"the treaty's facts lack {', '.join(missing)}")
    notable = (
        NotableDay(_day(row["on"]) or date.min, row["label"], row.get("quick", False))
        for row in facts.get("notable", ())
    )
    return Treaty(
        code=facts["code"],
        names=dict(facts["names"]),
        abbreviation=facts["abbreviation"],
        adopted_in=facts["adopted_in"],
        opened_in=facts["opened_in"],
        signature_closed_on=_day(facts.get("signature_closed_on")),
        consent_months=facts["consent_months"],
        withdrawal_months=facts["withdrawal_months"],
        first_report_days=facts["first_report_days"],
        depositary=facts["depositary"],
        articles={key: str(value) for key, value in facts["articles"].items()},
        sources=dict(facts.get("sources", {})),
        notable=tuple(sorted(notable, key=lambda one: one.on)),
        **days,  # type: ignore[arg-type]
    )


def parse_day(text: str) -> date:
    """A day typed as `2011-06-01`; raises DayRefused for anything else."""
    clean = text.strip()
    try:
        found = date.fromisoformat(clean)
    except ValueError:
        found = None
    if found is None or found.isoformat() != clean:
        raise DayRefused(f"“{clean[:40]}” is not a day. Write it as year-month-day, such as 2011-06-01.")
    return found


def check_day(on: date, *, treaty: Treaty, today: date) -> date:
    """The day itself when a status can be given for it; raises DayRefused otherwise.

    Nothing can be said of a day to come, nor of one before the treaty was open for signature.
    """
    if on > today:
        raise DayRefused(f"{in_words(on)} has not come yet. Status can be given up to today, {in_words(today)}.")
    if on < treaty.opened_on:
        raise DayRefused(
            f"{in_words(on)} is before the treaty was opened for signature on {in_words(treaty.opened_on)}."
        )
    return on
