"""The shapes in which programs read a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest
from cli.run import run
from faults import BASE, stand_up
from jsonschema import Draft202012Validator
from sarif_shape import SARIF

from riskengine.authoring.lint import Report, check
from riskengine.authoring.lint.github import commands
from riskengine.authoring.lint.sarif import sarif
from riskengine.errors import CATALOGUE, Problem, Source

MISTAKEN, DOUBTFUL = ("packs", "many-mistakes"), ("linted", "RE-225-lighter-within-heavier")


@pytest.fixture(params=[MISTAKEN, DOUBTFUL, ("linted", "RE-240-no-time")], ids=lambda case: case[1])
def report(request: pytest.FixtureRequest, tmp_path: Path) -> Report:
    kind, case = request.param
    return check(stand_up(case, tmp_path, kind), 0)


def report_of(*problems: Problem) -> Report:
    return Report(Path("pack"), None, problems)


# --- JSON --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"]])
def test_json_has_counts_problems_by_severity_and_leverage(option: list[str], tmp_path: Path) -> None:
    done = run("rules", "check", stand_up(DOUBTFUL[1], tmp_path, DOUBTFUL[0]), *option)
    found = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert {"ok": True, "name": "tiny", "version": "1", "errors": [], "notes": []}.items() <= found.items()
    assert (found["questions"], found["quantities"], found["rules"], found["examples"]) == (4, 1, 5, 11)
    assert [set(one) for one in found["warnings"]] == [{"code", "message", "help", "source", "value"}] * 2
    assert [one["source"]["line"] for one in found["warnings"]] == [14, 5]
    assert [one["question"] for one in found["leverage"]] == ["stage", "has_owner", "team_size", "users"]
    assert [set(one) for one in found["leverage"]] == [{"question", "area", "asked", "leverage", "share"}] * 4


def test_json_of_mistakes_is_the_report_too(tmp_path: Path) -> None:
    done = run("rules", "check", stand_up(MISTAKEN[1], tmp_path), "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 2
    assert (found["ok"], found["warnings"], found["notes"], found["leverage"]) == (False, [], [], [])
    assert len(found["errors"]) > 20


# --- SARIF -------------------------------------------------------------------------------------------------


def results_of(log: dict[str, Any]) -> list[dict[str, Any]]:
    (one,) = log["runs"]
    return list(one["results"])


def test_sarif_has_the_shape_of_the_standard(report: Report) -> None:
    log = json.loads(json.dumps(sarif(report)))
    Draft202012Validator.check_schema(SARIF)
    assert list(Draft202012Validator(SARIF).iter_errors(log)) == []


def test_sarif_has_one_result_for_each_problem(report: Report) -> None:
    log = sarif(report)
    descriptors = log["runs"][0]["tool"]["driver"]["rules"]
    assert [one["id"] for one in descriptors] == sorted({one.code for one in report.problems})
    for result, problem in zip(results_of(log), report.problems, strict=True):
        assert result["ruleId"] == problem.code == descriptors[result["ruleIndex"]]["id"]
        assert result["level"] == problem.severity == CATALOGUE[problem.code].severity
        assert result["message"]["text"].startswith(problem.message)
        (location,) = result["locations"]
        region = location["physicalLocation"].get("region")
        assert problem.source.line == (region and region["startLine"])


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("rules/team.yaml", "rules/team.yaml"),
        ("a b/100%/ü.yaml", "a%20b/100%25/%C3%BC.yaml"),
        ("/tmp/a b.yaml", "file:///tmp/a%20b.yaml"),
        ("odd:name.yaml", "odd%3Aname.yaml"),
    ],
)
def test_a_file_is_named_by_a_uri(file: str, uri: str) -> None:
    (result,) = results_of(sarif(report_of(Problem("RE-101", "wrong", "right", Source(file, 2, 3)))))
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": uri}, "region": {"startLine": 2, "startColumn": 3}}
    assert unquote(urlparse(uri).path) == file


def test_a_problem_without_a_place_has_no_location() -> None:
    (result,) = results_of(sarif(report_of(Problem("RE-101", "wrong"))))
    assert result["locations"] == []
    assert result["message"]["text"] == "wrong"


def test_sarif_goes_to_standard_output_with_mistakes_and_without(tmp_path: Path) -> None:
    for folder, code in ((BASE, 0), (stand_up("RE-201-condition", tmp_path), 2)):
        done = run("rules", "check", folder, "--format", "sarif")
        assert (done.returncode, done.stderr) == (code, "")
        assert bool(results_of(json.loads(done.stdout))) == bool(code)


# --- GitHub ------------------------------------------------------------------------------------------------


def test_each_severity_has_its_command(report: Report) -> None:
    names = {"error": "error", "warning": "warning", "note": "notice"}
    for line, problem in zip(commands(report), report.problems, strict=True):
        assert line.startswith(f"::{names[problem.severity]} file=")
        assert f"title={problem.code}::{problem.message.replace('%', '%25')}" in line


def test_what_github_would_take_for_its_own_is_escaped() -> None:
    problem = Problem("RE-101", "100% of\nit: a, b\r", "no", Source("a,b:c%\n.yaml", 7, 2))
    (line,) = commands(report_of(problem))
    assert line == "::error file=a%2Cb%3Ac%25%0A.yaml,line=7,col=2,title=RE-101::100%25 of%0Ait: a, b%0D; no"


def test_what_is_not_known_of_a_place_is_left_out() -> None:
    (line,) = commands(report_of(Problem("RE-105", "gone", source=Source("x.yaml"))))
    assert line == "::error file=x.yaml,title=RE-105::gone"


def test_github_lines_come_from_the_command(tmp_path: Path) -> None:
    done = run("rules", "check", stand_up("RE-231-no-source", tmp_path, "linted"), "--format", "github", "--strict")
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith("::warning file=") and ",line=6,col=13,title=RE-231::the weight of" in line
