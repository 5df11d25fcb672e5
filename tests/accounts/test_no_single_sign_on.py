"""Without a provider in the settings there is none."""

from __future__ import annotations

import pytest
from flask import Flask

from config import SettingError, load
from tests.support.pages import check_page


@pytest.mark.parametrize("address", ["/sign-in/provider", "/sign-in/returned?state=x&code=y"])
def test_its_addresses_are_not_there(app: Flask, address: str) -> None:
    app.config["RAISE_ERRORS"] = False
    assert app.test_client().get(address).status_code == 404
    assert "/sign-in/provider" not in check_page(app.test_client().get("/sign-in"))


FULL = {
    "OIDC_ISSUER": "https://id.example",
    "OIDC_CLIENT_ID": "demarche",
    "OIDC_CLIENT_SECRET": "told to nobody",
    "OIDC_FACTORS": "mfa, hwk otp",
}


def test_the_settings_say_what_counts() -> None:
    found = load(FULL)
    assert found.oidc_factors == {"mfa", "hwk", "otp"}
    assert found.oidc_label == "Sign in with your organisation"
    assert "told to nobody" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({"OIDC_ISSUER": "id.example"}, "OIDC_ISSUER"),
    ],
)
def test_half_a_provider_is_none(changes: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        load({**FULL, **changes})


def test_in_production_it_is_reached_over_tls() -> None:
    safe = {"SECRET_KEY": "x" * 40, "PUBLIC_URL": "https://demarche.example", "SMTP_URL": "smtp://relay:25"}
    assert load({**FULL, **safe}).oidc_issuer == "https://id.example"
    with pytest.raises(SettingError, match="https"):
        load({**FULL, **safe, "OIDC_ISSUER": "http://id.example"})
