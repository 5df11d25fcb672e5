"""The blueprint of these pages, and what a button on one of them does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, url_for

from crm.core import access, doors

pages = Blueprint("accounts", __name__)


def own_page() -> str:
    """The address of one's own account."""
    return url_for("accounts.account")


def pressed(verb: Callable[..., Any], message: str | dict[str, str], target: str, **command: Any) -> Any:
    """Do what a button says, as the viewer, and say on the page `target` that it is done."""
    doors.act(verb, actor=access.viewer(), **command)
    return doors.said(message, target)
