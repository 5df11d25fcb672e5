"""The outbox as its page, its file and its saved views know it: filters, columns, question."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.core import access
from crm.core.display import moment
from crm.core.forms import clean_text, options, plain_characters
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question
from crm.mail.queries import NEEDS_PERSON, Delivery, mails_asked
from crm.mail.rules import MailState

STATE_LABELS = {
    MailState.WAITING: "Waiting",
    MailState.SENDING: "Being sent",
    MailState.AMBIGUOUS: "Outcome unknown",
    MailState.FAILED: "Refused",
    MailState.SENT: "Sent",
    MailState.WITHDRAWN: "Withdrawn",
}


def tried(line: Delivery) -> str:
    """How often, in words."""
    if not line.attempts:
        return "not handed over yet" if line.answer else "no attempt yet"
    often = "1 attempt" if line.attempts == 1 else f"{line.attempts} attempts"
    return f"{often}, may have arrived twice" if line.second_copy else often


COLUMNS = (
    Column("to", "To", lambda line: line.recipient, always=True),
    Column("state", "State", lambda line: STATE_LABELS[line.state]),
    Column("tried", "Tried", tried),
    Column("due", "Due", lambda line: moment(line.due_at), moment=lambda line: line.due_at),
    Column("sent", "Sent", lambda line: moment(line.sent_at), moment=lambda line: line.sent_at),
    Column(
        "next",
        "Next try",
        lambda line: "" if line.over else moment(line.not_before),
        shown=False,
        moment=lambda line: None if line.over else line.not_before,
    ),
    Column("answer", "What the mail server said", lambda line: line.answer),
)


class OutboxFilter(ListForm):
    """To whom, how far and when due, as they stand in the address."""

    sorts = ("due", "-due")
    known_columns = COLUMNS

    q = StringField("Address", filters=[clean_text], validators=[Length(max=100), plain_characters])
    state = SelectField(
        "State",
        choices=options(
            [*((one.value, label) for one, label in STATE_LABELS.items()), (NEEDS_PERSON, "Somebody has to decide")],
            "Every state",
        ),
        default="",
    )
    since = DateField("Due from", validators=[Optional()])
    until = DateField("Due to", validators=[Optional()])

    def about_state(self) -> str:
        """Its states are those of mails."""
        return ""

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "to": good["q"] or "",
            "state": good["state"] or "",
            "since": good["since"] or None,
            "until": good["until"] or None,
            "zone": access.viewer().time_zone,
            "oldest_first": good["sort"] == "due",
        }


def filters(given: MultiDict[str, str]) -> OutboxFilter:
    """The form of the outbox for what stands in an address."""
    return OutboxFilter(given, meta={"csrf": False})


def _question(form: OutboxFilter, _whole: bool) -> Question:
    return mails_asked(**form.wanted())


LISTING = Listing(
    key="outbox",
    label="Outbox",
    one="mail",
    many="mails",
    endpoint="mail.outbox",
    permission="outbox:read",
    filters=filters,
    question=_question,
    title=lambda line: line.recipient,
    record_page="mail.show",
    record_argument="mail_id",
    file_note="Exactly this list, with these columns and no words of any mail. That it was taken out is written into "
    "the audit.",
    most=20_000,
)
