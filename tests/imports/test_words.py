"""Words by which people mean a kind."""

from __future__ import annotations

import pytest

from crm.imports.words import Words
from crm.states.rules import fold


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Entretien", "bilateral_talks"),
        ("Réunion bilatérale", "bilateral_talks"),
        ("Note verbale", "demarche"),
        ("Gestión diplomática", "demarche"),
        ("Visite dans la capitale", "capital_visit"),
        ("En marge", "margin_meeting"),
        ("Meeting", "bilateral_talks"),
        ("Lunch", None),
    ],
)
def test_a_kind_in_three_languages(text: str, kind: str | None) -> None:
    assert Words().known["kind"].get(fold(text)) == kind
