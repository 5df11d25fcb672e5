"""Going anywhere by a few letters: a page of its own, and the part of it that the palette shows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from crm.core import access
from crm.core.routes import signed_in
from crm.lists.palette.queries import candidates

pages = Blueprint("palette", __name__)

LONGEST = 100


@pages.get("/go")
@signed_in
def index() -> Any:
    """Where to?"""
    text = request.args.get("q", "")[:LONGEST]
    return render_template("lists/palette/index.html", text=text, found=candidates(access.viewer(), text))


@pages.get("/go/candidates")
@signed_in
def part() -> Any:
    """The same, without the page around it."""
    text = request.args.get("q", "")[:LONGEST]
    return render_template("lists/palette/_candidates.html", found=candidates(access.viewer(), text))
