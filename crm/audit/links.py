"""Where the subject of an entry has its page; told by the wiring, because those pages stand on higher floors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app, url_for


def connect(app: Flask, pages: Mapping[str, tuple[str, str]]) -> None:
    """Set the table: kind of subject → endpoint and the name of its argument."""
    app.extensions["audit_pages"] = dict(pages)


def href(kind: str, key: str) -> str | None:
    """The page of a subject, None where it has none. Whether the viewer may open it, that page says."""
    pages: Mapping[str, tuple[str, str]] = current_app.extensions["audit_pages"]
    if kind not in pages:
        return None
    endpoint, argument = pages[kind]
    values: dict[str, Any] = {argument: key}
    return url_for(endpoint, **values)
