"""The page of obstacles and approaches."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from crm.core import access
from crm.core.routes import requires
from crm.positions import queries
from crm.positions.rules import OBSTACLES

pages = Blueprint("positions", __name__)


@pages.get("/obstacles")
@requires("positions:read")
def index() -> Any:
    """Types of obstacle, where they stand in the way, and what answers them."""
    figures = queries.neutral_figures() if access.viewer().may("aggregates:read") else None
    return render_template("positions/index.html", lines=queries.obstacle_lines(), figures=figures, obstacles=OBSTACLES)
