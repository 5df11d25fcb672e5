"""The shape of an attachment, for the page and for the JSON door."""

from __future__ import annotations

from typing import Any

from wtforms import StringField
from wtforms.validators import Length, Optional

from crm.core.access import Handling
from crm.core.forms import Form, HandlingField, clean_text, plain_characters
from crm.files.fields import UploadField, chosen
from crm.files.rules import MOST_BYTES_IN_WORDS


class AttachmentForm(Form):
    """A file, what it is, and who may have it."""

    file = UploadField(
        "File",
        validators=[chosen],
        description="A PDF, an Office or OpenDocument file, a picture, a saved mail or plain text, "
        f"up to {MOST_BYTES_IN_WORDS}. Of pictures, the place and the device are taken out.",
    )
    what = StringField(
        "What it is",
        filters=[clean_text],
        description="For example: aide-mémoire as it was left.",
        validators=[Optional(), Length(max=200), plain_characters],
    )
    handling = HandlingField("Who may have it", first="Whoever sees this entry")

    def offer(self, activity_handling: str) -> None:
        """Offer only what is not wider than the activity."""
        widest = Handling(activity_handling).rank
        self.handling.offer(key for key in self.handling.offered() if Handling(key).rank >= widest)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["handling"] = Handling(values["handling"]) if values["handling"] else None
        return values
