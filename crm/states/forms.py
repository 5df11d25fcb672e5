"""The shape of input: the filters of the list of States, and a list of acts brought in."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, Field, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length
from wtforms.widgets import DateInput

from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, plain_characters
from crm.core.listing import ListForm
from crm.files.fields import UploadField, chosen
from crm.files.rules import Kind
from crm.states.acts_csv import MAX_BYTES
from crm.states.columns import COLUMNS, REGION_NAMES
from crm.states.listing import SORTS, Asked
from crm.states.register import Register
from crm.states.rules import (
    REGION_ORDER,
    Basis,
    DayRefused,
    Scheme,
    Status,
    Treaty,
    check_day,
    parse_day,
)

# Labels of the four status codes belong to the templates; these are for the boxes of the filter bar.
_STATUS_CHOICES = {
    "": "Every status",
    "state_party": "States Parties",
    "signatory": "Signatories",
    "non_signatory": "Non-signatories",
    "withdrawn": "Withdrawn",
}
_SCHEME_CHOICES = {
    "region": "Seven regions",
    "seed_region": "As in the 2011 deck",
    "un_group": "United Nations groups",
}
_BASIS_CHOICES = {"deposit": "Deposit of the instrument", "in_force": "Entry into force"}


class StateFilter(ListForm):
    """What to show, as it stands in the address."""

    treaty: Treaty
    today: date
    sorts = tuple(f"{way}{name}" for name in SORTS for way in ("", "-"))
    known_columns = COLUMNS

    q = StringField("State", filters=[clean_text], validators=[Length(max=100)])
    as_of = StringField("As of", widget=DateInput(), filters=[clean_text])
    status = SelectField("Status", choices=_STATUS_CHOICES, default="")
    region = SelectField("Region", choices={}, default="", validate_choice=False)
    region_scheme = SelectField("Regions by", choices=_SCHEME_CHOICES, default="region")
    basis = SelectField("Counted from", choices=_BASIS_CHOICES, default="deposit")

    def offer(self, register: Register, today: date) -> None:
        """Fill in what depends on the treaty, the day and the scheme that was chosen."""
        self.treaty, self.today = register.treaty, today
        labels = REGION_ORDER[self.scheme]
        offered = {label: REGION_NAMES.get(label, label) for label in labels}
        self.region.choices = {"": "Every region", **offered}
        self.as_of.render_kw = {"min": register.treaty.opened_on.isoformat(), "max": today.isoformat()}
        if not self.as_of.data:
            self.as_of.data = today.isoformat()

    def validate_as_of(self, field: Field) -> None:
        """Refuse what is no day, one before the treaty and one to come."""
        try:
            check_day(parse_day(field.data or self.today.isoformat()), treaty=self.treaty, today=self.today)
        except DayRefused as error:
            raise ValidationError(str(error)) from None

    def says_nothing(self) -> set[str]:
        """Today is what the list shows by itself."""
        today = {"as_of"} if self.as_of.data == self.today.isoformat() else set[str]()
        return super().says_nothing() | today

    def day(self) -> date:
        """The day that the list shows: today where none could be read."""
        text = self.good()["as_of"] or self.today.isoformat()
        return self.today if self.as_of.errors else parse_day(text)

    def wanted(self) -> Asked:
        """What could be read, as the question to the register; what could not takes its default."""
        good = self.good()
        return Asked(
            on=self.day(),
            basis=Basis(good["basis"]),
            scheme=self.scheme,
            status=Status(good["status"]) if good["status"] else None,
            region=good["region"] if good["region"] in REGION_ORDER[self.scheme] else None,
            text=good["q"] or "",
            sort=good["sort"] or "name",
        )

    @property
    def scheme(self) -> Scheme:
        """The region scheme that was chosen, the plain one when it is none we know."""
        known = self.region_scheme.data
        return Scheme(known) if known in list(Scheme) else Scheme.REGION

    def asked(self, register: Register, today: date, *, strict: bool) -> Asked:
        """The question to the register; raises RuleViolation naming each field that cannot be read.

        A region of another scheme, an order, columns and words that are none are left out; `strict` (the JSON door)
        refuses them instead.
        """
        problems: dict[str, list[str]] = {}
        if strict and not self.validate():
            problems |= {str(name): [str(one) for one in said] for name, said in self.errors.items()}
        on = today
        try:
            on = check_day(parse_day(self.as_of.data or today.isoformat()), treaty=register.treaty, today=today)
        except DayRefused as error:
            problems["as_of"] = [str(error)]
        for name, known in (
            ("status", ["", *Status]),
            ("region_scheme", list(Scheme)),
            ("basis", list(Basis)),
        ):
            if (self[name].data or "") not in known:
                allowed = ", ".join(one for one in known if one)
                problems[name] = [f"“{str(self[name].data)[:40]}” is not known here. Known are: {allowed}."]
        region = self.region.data or ""
        labels = REGION_ORDER[self.scheme]
        if strict and region and region not in labels:
            problems["region"] = [f"The scheme {self.scheme} has these regions: {', '.join(labels)}."]
        if problems:
            violation = RuleViolation("", next(iter(problems.values()))[0])
            violation.errors = problems
            raise violation
        sort = self.sort.data or "name"
        return Asked(
            on=on,
            basis=Basis(self.basis.data),
            scheme=self.scheme,
            status=Status(self.status.data) if self.status.data else None,
            region=region if region in labels else None,
            text=(self.q.data or "")[:100],
            sort=sort if sort.lstrip("-") in SORTS else "name",
        )


class ActImportForm(Form):
    """A list of acts to look at before anything changes."""

    source_name = StringField(
        "Source",
        description="Where the list comes from and its day: “UN Treaty Collection, 5 September 2025”.",
        filters=[clean_text],
        validators=[DataRequired("Say where the list comes from."), Length(max=200), plain_characters],
    )
    csv = UploadField(
        "File",
        description="CSV in UTF-8, up to 2 MB.",
        validators=[chosen],
        only=(Kind.CSV, Kind.TEXT),
        most=MAX_BYTES,
        unnamed="list.csv",
    )
    complete = BooleanField(
        "This list is the whole register",
        description="Acts that it does not have will be removed. Leave this open for a list of new acts.",
    )

    def command(self) -> dict[str, Any]:
        """As the verb wants it: the bytes of the list."""
        values = super().command()
        values["csv"] = values["csv"].content
        return values
