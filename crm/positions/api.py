"""The JSON door to the obstacles."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify

from crm.core.routes import requires
from crm.positions import queries

api = Blueprint("positions_api", __name__, url_prefix="/api/v1")


@api.get("/obstacles")
@requires("positions:read")
def index() -> Any:
    """Types of obstacle with their approaches and the number of States."""
    return jsonify(
        [
            {
                "type": line.obstacle.type.value,
                "label": line.obstacle.label,
                "subtypes": line.obstacle.subtypes,
                "approaches": [{"label": one.label, "deck": one.deck} for one in line.obstacle.approaches],
                "states_stated": line.stated,
                "states_inferred": line.inferred,
            }
            for line in queries.obstacle_lines()
        ]
    )


@api.get("/obstacles/figures")
@requires("aggregates:read")
def figures() -> Any:
    """Types × regions in numbers of States over all other parties; null where a figure is suppressed, "" for totals."""
    table = queries.neutral_figures()
    return jsonify(
        {
            "rows": table.rows,
            "columns": table.columns,
            "cells": [
                {"row": row, "column": column, "states": table[row, column]}
                for row in table.rows
                for column in table.columns
            ],
        }
    )
