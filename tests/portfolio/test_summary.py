"""`riskengine score --json`: one object on standard output, of the shape that ships as a schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.portfolio.command import rows_of, run, run_small

SCHEMA = json.loads((Path(__file__).parents[2] / "riskengine/portfolio/summary.schema.json").read_text("utf-8"))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "p.csv"
    path.write_text("project,users_met,peoples\nA,never,1\n\x1bB,onces,1\n,never,2\n")
    return path


def summed(code: int, *arguments: object) -> dict[str, Any]:
    done = run_small("score", *arguments, "--json")
    assert (done.returncode, done.stderr) == (code, "")
    found: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(found)) == []
    return found


def test_what_became_of_a_table_is_one_object(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    assert summed(3, table, "-o", out) == {
        "tables": [str(table)],
        "output": str(out),
        "rejects": f"{out}.rejects.csv",
        "read": 3,
        "scored": 2,
        "rejected": 1,
        "notes": ["column `peoples` is no question and was not looked at; did you mean `people`?"],
        "gates": None,
    }


def test_gates_name_the_projects_that_crossed_a_line(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    gates = summed(1, table, "-o", out, "--fail-above", "0.1")["gates"]
    assert (gates["passed"], gates["crossing"], gates["compared"]) == (False, 2, 0)
    assert [(one["table"], one["row"], one["project"]) for one in gates["worst"]] == [
        (str(table), 1, "A"),
        (str(table), 3, None),
    ]
    assert gates["worst"][0]["probability"] == float(rows_of(out)[0]["failure_probability"])
    assert summed(3, table, "-o", out, "--fail-above", "1")["gates"] == {
        "passed": True,
        "crossing": 0,
        "compared": 0,
        "worst": [],
    }


def test_a_report_of_projects_is_no_gate(table: Path, tmp_path: Path) -> None:
    assert summed(3, table, "-o", tmp_path / "s.csv", "--junit", tmp_path / "j.xml")["gates"] is None


def test_a_table_that_cannot_be_read_is_an_object_of_errors(table: Path, tmp_path: Path) -> None:
    table.write_text("")
    done = run_small("score", table, "-o", tmp_path / "s.csv", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    found = json.loads(done.stderr)
    assert (found["ok"], [one["code"] for one in found["errors"]]) == (False, ["RE-401"])


def test_the_template_of_a_portfolio_is_a_header_that_is_read(tmp_path: Path) -> None:
    table, header = tmp_path / "p.csv", run("template", "--csv").stdout
    table.write_text(header)
    refused = run("score", table, "-o", tmp_path / "s.csv")
    assert (refused.returncode, "a header and no rows" in refused.stderr) == (2, True)
    table.write_text(f"{header}A{',' * header.count(',')}\n")
    found = json.loads(run("score", table, "-o", tmp_path / "s.csv", "--json").stdout)
    assert (found["scored"], found["rejected"], found["notes"]) == (1, 0, [])
    assert rows_of(tmp_path / "s.csv")[0]["project"] == "A"
