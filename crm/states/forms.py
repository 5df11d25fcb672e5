"""The shape of input: the filters of the list of States, and a list of acts brought in."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import DateInput, HiddenInput

from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, plain_characters
from crm.files.fields import UploadField, chosen
from crm.files.rules import Kind
from crm.states.acts_csv import MAX_BYTES
from crm.states.listing import SORTS, Asked
from crm.states.register import Register
from crm.states.rules import (
    REGION_ORDER,
    Basis,
    DayRefused,
    Scheme,
    Status,
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
REGION_NAMES = {
    "GRULAC": "Latin America and the Caribbean",
    "WEOG": "Western Europe and others",
    "none": "No group",
}


class StateFilter(Form):
    """What to show, as it stands in the address."""

    q = StringField("State", filters=[clean_text], validators=[Length(max=100)])
    as_of = StringField("As of", widget=DateInput(), filters=[clean_text])
    status = SelectField("Status", choices=_STATUS_CHOICES, default="")
    region = SelectField("Region", choices={}, default="", validate_choice=False)
    region_scheme = SelectField("Regions by", choices=_SCHEME_CHOICES, default="region")
    basis = SelectField("Counted from", choices=_BASIS_CHOICES, default="deposit")
    sort = StringField("Order", widget=HiddenInput(), default="")

    def offer(self, register: Register, today: date) -> None:
        """Fill in what depends on the treaty, the day and the scheme that was chosen."""
        labels = REGION_ORDER[self.scheme]
        offered = {label: REGION_NAMES.get(label, label) for label in labels}
        self.region.choices = {"": "Every region", **offered}
        self.as_of.render_kw = {"min": register.treaty.opened_on.isoformat(), "max": today.isoformat()}
        if not self.as_of.data:
            self.as_of.data = today.isoformat()

    @property
    def scheme(self) -> Scheme:
        """The region scheme that was chosen, the plain one when it is none we know."""
        known = self.region_scheme.data
        return Scheme(known) if known in list(Scheme) else Scheme.REGION

    def asked(self, register: Register, today: date, *, strict: bool) -> Asked:
        """The question to the register; raises RuleViolation naming each field that cannot be read.

        A region of another scheme is left out; `strict` (the JSON door) refuses it instead.
        """
        problems: dict[str, list[str]] = {}
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
