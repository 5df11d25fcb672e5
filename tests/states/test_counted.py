"""What a list of States counts reads as it is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.pages import check_page


@pytest.mark.parametrize(
    ("asked", "said"), [("q=bhutan", "1 of 197 States"), ("q=guinea", "4 of 197 States"), ("", "197 States")]
)
def test_one_of_many_states_is_one_of_many(
    app: Flask, signed_in: Callable[[str], FlaskClient], asked: str, said: str
) -> None:
    page = check_page(signed_in("officer").get(f"/states?{asked}"))
    assert f'role="status">{said}</p>' in page
