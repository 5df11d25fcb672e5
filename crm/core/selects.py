"""Lists to choose from, written quickly: most of a page that filters are the names of two hundred States."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from markupsafe import Markup
from wtforms import Field
from wtforms.fields.choices import Choice
from wtforms.widgets import Select


class QuickSelect(Select):  # type: ignore[misc]
    """The library's list; an option that was written before is not written anew."""

    @classmethod
    def render_option(cls, choice: Choice, **more: Any) -> Markup:
        """One option, the same to a character as the library's."""
        plain = isinstance(choice.value, str) and not choice.render_kw and not more
        if not plain:
            return Markup(super().render_option(choice, **more))
        return _option(choice.value, str(choice.label or choice.value), bool(choice.selected))


@lru_cache(maxsize=4096)
def _option(value: str, label: str, selected: bool) -> Markup:
    chosen = Markup("selected ") if selected else Markup()
    return Markup('<option {}value="{}">{}</option>').format(chosen, value, label)


_SELECTS = {False: QuickSelect(), True: QuickSelect(multiple=True)}


def quick(field: Field) -> Any:
    """The widget that a field is to be shown with."""
    return _SELECTS[field.widget.multiple] if type(field.widget) is Select else field.widget
