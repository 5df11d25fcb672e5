"""Commands about States."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from crm.core.db import db

DECK = {"state_party": 57, "signatory": 51, "non_signatory": 87, "withdrawn": 0, "total": 195}
STATUS = ["states", "status", "--format", "json"]


pytestmark = pytest.mark.usefixtures("on_the_day")


@pytest.fixture
def run(app: Flask) -> FlaskCliRunner:
    """Runs `flask …`."""
    return app.test_cli_runner()


def test_the_figures_of_the_2011_deck_as_json(run: FlaskCliRunner) -> None:
    found = run.invoke(args=["states", "status", "--as-of", "2011-06-01", "--format", "json"])
    assert found.exit_code == 0
    body = json.loads(found.output)
    assert list(body) == ["as_of", *DECK, "regions"]
    regions = body.pop("regions")
    assert body == {"as_of": "2011-06-01", **DECK}
    assert len(regions) == 7
    assert sum(regions.values()) == 87


def test_region_schemes(run: FlaskCliRunner) -> None:
    def regions(scheme: str) -> dict[str, int]:
        args = ["states", "status", "--as-of", "2011-06-01", "--format", "json", "--region-scheme", scheme]
        return dict(json.loads(run.invoke(args=args).output)["regions"])

    assert list(regions("seed_region").values()) == [18, 9, 15, 15, 9, 12, 9]
    assert list(regions("region").values()) == [19, 9, 15, 14, 8, 13, 9]
    assert sum(regions("un_group").values()) == 87


def test_by_entry_into_force(run: FlaskCliRunner) -> None:
    found = run.invoke(args=[*STATUS, "--as-of", "2011-06-01", "--basis", "in_force"])
    assert json.loads(found.output)["state_party"] == 49


def test_table_and_csv(run: FlaskCliRunner) -> None:
    table = run.invoke(args=["states", "status"]).output
    assert "Convention on Cluster Munitions, 23 November 2026, counted from deposit" in table
    assert "state_party                   112" in table
    csv = run.invoke(args=["states", "status", "--as-of", "2011-06-01", "--format", "csv"]).output.splitlines()
    assert csv[0] == "as_of,basis,group,key,states"
    assert "2011-06-01,deposit,status,non_signatory,87" in csv
    assert "2011-06-01,deposit,region,Asia,19" in csv


@pytest.mark.parametrize("day", ["soon", "2026-11-24", "2008-12-02", "01/06/2011"])
def test_days_that_are_refused(run: FlaskCliRunner, day: str) -> None:
    found = run.invoke(args=["states", "status", "--as-of", day])
    assert found.exit_code == 2
    assert "--as-of" in found.output


def test_load_says_whether_anything_changed(run: FlaskCliRunner) -> None:
    assert run.invoke(args=["states", "load"]).output == "Nothing has changed.\n"


def test_import_and_undo(run: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "un.csv"
    file.write_text("iso3,act,deposited_on\nBTN,accession,2026-10-05\n")
    looked = run.invoke(args=["states", "import", str(file)])
    assert looked.exit_code == 0
    assert "+ BTN accession 2026-10-05, effective 2027-04-01" in looked.output
    assert "Nothing was changed yet" in looked.output
    assert '"state_party": 112' in run.invoke(args=STATUS).output
    done = run.invoke(args=["states", "import", str(file), "--commit", "--source", "UN"])
    assert done.exit_code == 0, done.output
    assert '"state_party": 113' in run.invoke(args=STATUS).output
    key = done.output.split()[-1]
    undone = run.invoke(args=["states", "undo", key])
    assert undone.output == "Undone: the acts are as they were before.\n"
    db.session.rollback()
    assert '"state_party": 112' in run.invoke(args=STATUS).output
    again = run.invoke(args=["states", "undo", key])
    assert again.exit_code == 1
    assert "Only a committed import" in again.output


def test_an_act_that_moves_far_is_asked_about(run: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "un.csv"
    file.write_text("iso3,act,deposited_on\nFRA,ratification,2026-11-01\nVUT,accession,2025-09-06\n")
    lines = run.invoke(args=["states", "import", str(file)]).output.splitlines()
    assert "~ FRA ratification 2026-11-01, effective 2027-05-01 (on file: 2009-09-25)" in lines
    assert [one for one in lines if one.startswith("?")] == [
        "? line 2: This moves an act on file by 17 years. Is it the same act?"
    ]


def test_broken_rows_end_with_an_error(run: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "un.csv"
    file.write_text("iso3,act,deposited_on\nBTN,accession,2026-10-05\nZZZ,accession,2026-10-05\n")
    found = run.invoke(args=["states", "import", str(file), "--commit"])
    assert found.exit_code == 1
    assert "! line 3, iso3: No State has the code “ZZZ”." in found.output
    assert '"state_party": 112' in run.invoke(args=STATUS).output
    file.write_text("colour\nred\n")
    assert "lacks iso3" in run.invoke(args=["states", "import", str(file)]).output
