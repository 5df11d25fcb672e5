"""The shape of an attachment, for the page and for the JSON door."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from crm.core.access import HANDLING_LABELS, Handling
from crm.core.forms import Form, clean_text, options, plain_characters
from crm.files.fields import UploadField, chosen
from crm.files.rules import MOST_BYTES_IN_WORDS


class AttachmentForm(Form):
    """A file, what it is, and who may have it."""

    file = UploadField(
        "File",
        validators=[chosen],
        description=f"A PDF, an Office or OpenDocument file, a picture or plain text, up to {MOST_BYTES_IN_WORDS}. "
        "Of pictures, the place and the device are taken out.",
    )
    what = StringField(
        "What it is",
        filters=[clean_text],
        description="For example: aide-mémoire as it was left.",
        validators=[Optional(), Length(max=200), plain_characters],
    )
    handling = SelectField(
        "Who may have it",
        choices=options(HANDLING_LABELS.items(), "Whoever sees this entry"),
        default="",
    )

    def offer(self, activity_handling: str) -> None:
        """Offer only what is not wider than the activity."""
        widest = Handling(activity_handling).rank
        offered = [(key, label) for key, label in HANDLING_LABELS.items() if Handling(key).rank >= widest]
        self.handling.choices = options(offered, "Whoever sees this entry")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["handling"] = Handling(values["handling"]) if values["handling"] else None
        return values
