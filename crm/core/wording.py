"""What the library says of a value that it cannot read, in our own words."""

from __future__ import annotations

_OURS = {
    "Not a valid date value.": "Write the day as year-month-day, such as 2026-06-01.",
    "Not a valid time value.": "Write the time as hours and minutes, such as 14:30.",
    "Not a valid integer value.": "Write a whole number.",
    "This field is required.": "Fill this in.",
    "Invalid email address.": "This is no email address.",
    "Field must be equal to %(other_name)s.": "The two are not the same.",
    "Field must be at least %(min)d character long.": "Write at least %(min)d character.",
    "Field must be at least %(min)d characters long.": "Write at least %(min)d characters.",
    "Field cannot be longer than %(max)d character.": "This is longer than %(max)d character.",
    "Field cannot be longer than %(max)d characters.": "This is longer than %(max)d characters.",
}


class Wording:
    """Takes the place of the library's translations."""

    def gettext(self, text: str) -> str:
        """Our words for a message; the library's where we have none."""
        return _OURS.get(text, text)

    def ngettext(self, one: str, several: str, number: int) -> str:
        """The same for a message that counts."""
        return self.gettext(one if number == 1 else several)
