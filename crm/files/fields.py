"""A file in a form, for both doors: from the page, as a part of a multipart body, or as the whole body."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Field, ValidationError
from wtforms.widgets import FileInput

from crm.core.errors import RuleViolation
from crm.core.forms import Form
from crm.files.intake import CheckedFile, check, read_within
from crm.files.rules import MOST_BYTES, FileRefused, Kind

AnyForm = TypeVar("AnyForm", bound=Form)


class UploadField(Field):  # type: ignore[misc]  # WTForms has no types
    """One file; `data` is the checked file, and the reason stands beside the field when it is not taken.

    `unnamed`: the name of a file whose text came without one, as in a JSON document.
    """

    widget = FileInput()

    def __init__(
        self,
        label: str,
        validators: Sequence[Any] = (),
        *,
        only: Collection[Kind] = tuple(Kind),
        most: int = MOST_BYTES,
        unnamed: str = "",
        **options: Any,
    ) -> None:
        endings = ",".join(f".{end}" for kind in only for end in kind.endings)
        super().__init__(label, list(validators), render_kw={"accept": endings}, **options)
        self.only, self.most, self.unnamed = only, most, unnamed

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        self.data: CheckedFile | None = None
        files = [one for one in valuelist if not isinstance(one, FileStorage) or one.filename]
        if len(files) > 1:
            raise ValueError("Send one file.")
        for one in files:
            try:
                self.data = self._checked(one)
            except FileRefused as refused:
                raise ValueError(str(refused)) from None

    def _checked(self, one: FileStorage | str) -> CheckedFile | None:
        if isinstance(one, FileStorage):
            return check(read_within(one.stream, self.most), one.filename or "", only=self.only, most=self.most)
        content = one.encode("utf-8", errors="surrogatepass")
        return check(content, self.unnamed, only=self.only, most=self.most) if content else None


def chosen(_form: Form, field: Field) -> None:
    """Refuse a form without a file; a file that was not taken has its own reason already."""
    if field.data is None and not field.errors and not field.process_errors:
        raise ValidationError("Choose a file.")


def sent_form(form_class: type[AnyForm], file_field: str, prepare: Callable[[AnyForm], None] | None = None) -> AnyForm:
    """The form that a program sent: multipart/form-data with the names of the page, or the bytes of the file
    as the whole body, with the other fields and `name`, the file's name, in the address.

    Raises RuleViolation for names that the form does not have.
    """
    sent: MultiDict[str, Any] = MultiDict()
    if request.mimetype == "multipart/form-data":
        sent.update(request.form)
        sent.update(request.files)
    else:
        sent.update(MultiDict((name, value) for name, value in request.args.items(multi=True) if name != "name"))
        sent.add(file_field, FileStorage(io.BytesIO(request.get_data()), filename=request.args.get("name", "unnamed")))
    unknown = sorted(set(sent) - form_class.field_names())
    if unknown:
        violation = RuleViolation("", "The body has fields that cannot be read.")
        violation.errors = {name: ["There is no such field."] for name in unknown}
        raise violation
    defaults = form_class(formdata=None, meta={"csrf": False})
    for name, value in defaults.data.items():
        if name not in sent and isinstance(value, str) and value:
            sent.add(name, value)
    form = form_class(formdata=sent, meta={"csrf": False})
    if prepare:
        prepare(form)
    return form
