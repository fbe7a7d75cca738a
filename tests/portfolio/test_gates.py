"""Gates for jobs that fail when a project crosses a line, and the reports that other tools read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import junitparser
import polars as pl
import pytest
from jsonschema import Draft202012Validator

from riskengine.portfolio import gates
from tests.authoring.sarif_shape import SARIF
from tests.cli.run import nothing_but
from tests.portfolio.command import rows_of
from tests.portfolio.command import run_small as run

HOSTILE = '<script>"&\x07\u202e=cmd()'


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "p.csv"
    path.parent.mkdir()
    rows = ["project,users_met,people,work,owner", "good,monthly,10,1,yes", "bad,never,1,60,no", ",never,1,60,no"]
    path.write_text("\n".join(rows) + "\n")
    return path


def scored(table: Path, folder: Path) -> list[tuple[str, float, str]]:
    run("score", table, "-o", folder / "all.csv")
    return [
        (row["project"], float(row["failure_probability"]), row["risk_level"]) for row in rows_of(folder / "all.csv")
    ]


def test_a_gate_names_the_projects_that_cross_it_worst_first(table: Path, tmp_path: Path) -> None:
    (_, good, _), (_, bad, level), _ = scored(table, tmp_path)
    done = run("score", table, "-o", tmp_path / "s.csv", "--fail-above", str((good + bad) / 2), "--fail-level", level)
    assert done.returncode == 1
    reason = f"{bad:.3f} is above {(good + bad) / 2:g}; the risk level is `{level}`"
    assert done.stdout.splitlines() == [
        f"{table}:row 2: bad: {reason}",
        f"{table}:row 3: without a name: {reason}",
    ]
    assert "2 of 3 projects crossed a line" in done.stderr
    # a gate that was crossed keeps nothing from being written
    assert len(rows_of(tmp_path / "s.csv")) == 3


def test_a_gate_that_nobody_crosses_says_nothing(table: Path, tmp_path: Path) -> None:
    done = run("score", table, "-o", tmp_path / "s.csv", "--fail-above", "1", "--junit", tmp_path / "j.xml")
    assert (done.returncode, done.stdout) == (0, "")
    assert nothing_but(tmp_path, "in", "s.csv", "j.xml")


def test_a_probability_on_the_line_has_not_crossed_it(table: Path, tmp_path: Path) -> None:
    worst = max(probability for _, probability, _ in scored(table, tmp_path))
    assert run("score", table, "-o", tmp_path / "s.csv", "--fail-above", repr(worst)).returncode == 0


def test_a_gate_wins_over_rejects(table: Path, tmp_path: Path) -> None:
    table.write_text(table.read_text() + "x,often,1,1,yes\n")
    assert run("score", table, "-o", tmp_path / "s.csv").returncode == 3
    assert run("score", table, "-o", tmp_path / "s.csv", "--fail-above", "0").returncode == 1


@pytest.mark.parametrize("last", ["csv", "parquet", "jsonl"])
def test_a_rise_is_against_the_last_run_by_name(table: Path, tmp_path: Path, last: str) -> None:
    rows = table.read_text().splitlines()
    before = tmp_path / "in" / "before.csv"
    before.write_text("\n".join([rows[0], rows[2].replace("never", "monthly"), rows[1], "gone,never,1,60,no"]) + "\n")
    assert run("score", before, "-o", tmp_path / f"last.{last}").returncode == 0
    table.write_text("\n".join([*rows[:3], "new,never,1,60,no"]) + "\n")
    gate = ["--max-rise", "0.02", "--against", tmp_path / f"last.{last}"]
    done = run("score", table, "-o", tmp_path / "s.csv", *gate)
    assert done.returncode == 1, done.stderr
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == ["bad"]
    assert "of the last run" in done.stdout
    assert run("score", table, "-o", tmp_path / "s.csv", "--max-rise", "0.9", *gate[2:]).returncode == 0


@pytest.mark.parametrize("project", ["=x", "'=x"])
def test_a_name_that_was_made_harmless_is_still_the_same_project(project: str, tmp_path: Path) -> None:
    for name, met in (("before", "monthly"), ("p", "never")):
        (tmp_path / f"{name}.csv").write_text(f"project,users_met\n{project},{met}\n")
    run("score", tmp_path / "before.csv", "-o", tmp_path / "last.csv")
    done = run(
        "score", tmp_path / "p.csv", "-o", tmp_path / "s.csv", "--max-rise", "0", "--against", tmp_path / "last.csv"
    )
    assert (done.returncode, "p.csv:row 1: " in done.stdout) == (1, True)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-above", "40"], "RE-804"),
        (["--max-rise", "-1", "--against", "{table}"], "RE-804"),
        (["--fail-level", "hihg"], "RE-811"),
        (["--max-rise", "0.1"], "RE-809"),
        (["--against", "{table}"], "RE-809"),
        (["--max-rise", "0.1", "--against", "{table}"], "RE-415"),
        (["--max-rise", "0.1", "--against", "{folder}/twice.csv"], "RE-415"),
        (["--max-rise", "0.1", "--against", "{folder}/missing.csv"], "RE-401"),
        (["--max-rise", "0.1", "--against", "{table}", "--key", "ID"], "RE-810"),
    ],
)
def test_gates_that_cannot_be_kept_are_refused(table: Path, tmp_path: Path, options: list[str], code: str) -> None:
    (table.parent / "twice.csv").write_text("project,failure_probability\nA,0.1\nA,0.2\n")
    given = [one.format(table=table, folder=table.parent) for one in options]
    done = run("score", table, "-o", tmp_path / "s.csv", *given)
    assert (done.returncode, code in done.stderr) == (2, True), done.stderr
    assert nothing_but(tmp_path, "in")


@pytest.mark.parametrize(("given", "meant"), [("60", "0.6"), ("5", "0.05")])
def test_a_percentage_is_no_probability_and_the_one_that_was_meant_is_named(
    table: Path, tmp_path: Path, given: str, meant: str
) -> None:
    done = run("score", table, "-o", tmp_path / "s.csv", "--fail-above", given)
    assert (done.returncode, f"RE-804 `{given}` is no probability" in done.stderr) == (2, True)
    assert f"did you mean {meant}?" in done.stderr


@pytest.mark.parametrize("value", ["", "many", "nan", "1.5", "-0.1"])
def test_a_last_run_without_a_probability_does_not_pass_for_one(table: Path, tmp_path: Path, value: str) -> None:
    last = table.parent / "last.csv"
    last.write_text(f"project,failure_probability\ngood,0.1\nbad,{value}\n")
    done = run("score", table, "-o", tmp_path / "s.csv", "--max-rise", "0.9", "--against", last)
    assert (done.returncode, "RE-415 row 2 of the last run has no probability" in done.stderr) == (2, True)


def test_a_row_of_the_last_run_that_cannot_be_read_is_no_project_less(table: Path, tmp_path: Path) -> None:
    last = table.parent / "last.csv"
    last.write_text("project,failure_probability\ngood,0.1\nbad\n")
    done = run("score", table, "-o", tmp_path / "s.csv", "--max-rise", "0.9", "--against", last)
    assert (done.returncode, "RE-405 the row has 1 cell" in done.stderr) == (2, True)


def test_how_many_projects_were_compared_is_said(table: Path, tmp_path: Path) -> None:
    last = table.parent / "last.csv"
    last.write_text("project,failure_probability\nother,0.1\n")
    done = run("score", table, "-o", tmp_path / "s.csv", "--max-rise", "0", "--against", last)
    assert (done.returncode, "0 of 3 projects are in the last run" in done.stderr) == (0, True)


def test_a_key_that_is_nearly_a_column_is_pointed_out(table: Path, tmp_path: Path) -> None:
    done = run("score", table, "-o", tmp_path / "s.csv", "--key", "Project")
    assert (done.returncode, "RE-810" in done.stderr, "did you mean `project`?" in done.stderr) == (2, True, True)


def test_a_table_without_names_has_nothing_to_compare_by(tmp_path: Path) -> None:
    table = tmp_path / "p.csv"
    table.write_text("users_met\nonce\n")
    done = run("score", table, "-o", tmp_path / "s.csv", "--max-rise", "0.1", "--against", table)
    assert (done.returncode, "RE-810" in done.stderr) == (2, True)


# --- reports -----------------------------------------------------------------------------------------------


def reports(table: Path, folder: Path, *options: str) -> tuple[junitparser.JUnitXml, dict[str, Any]]:
    run("score", table, "-o", folder / "s.csv", "--junit", folder / "j.xml", "--sarif", folder / "s.sarif", *options)
    # a second reader, beside the one that wrote it
    ElementTree.parse(folder / "j.xml")
    return junitparser.JUnitXml.fromfile(str(folder / "j.xml")), json.loads((folder / "s.sarif").read_text("utf-8"))


def test_junit_has_a_case_for_each_project_and_fails_those_that_crossed(table: Path, tmp_path: Path) -> None:
    (_, good, _), (_, bad, _), _ = scored(table, tmp_path)
    found, _ = reports(table, tmp_path, "--fail-above", str((good + bad) / 2))
    (suite,) = found
    assert (suite.tests, suite.failures) == (3, 2)
    assert [(case.name, bool(case.result)) for case in suite] == [("good", False), ("bad", True), ("row 3", True)]
    assert {case.classname for case in suite} == {str(table)}


def test_sarif_has_a_result_for_each_risk_that_fires(table: Path, tmp_path: Path) -> None:
    (_, good, _), (_, bad, _), _ = scored(table, tmp_path)
    _, found = reports(table, tmp_path, "--fail-above", str((good + bad) / 2))
    (one,) = found["runs"]
    rules = one["tool"]["driver"]["rules"]
    by_project: dict[str, set[str]] = {}
    for result in one["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        name = location["logicalLocations"][0]["name"]
        by_project.setdefault(name, set()).add(result["ruleId"])
        assert result["level"] == ("warning" if name == "good" else "error")
        assert location["physicalLocation"]["region"]["startLine"] == {"good": 2, "bad": 3, "row 3": 4}[name]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == table.as_uri()
    assert list(Draft202012Validator(SARIF).iter_errors(found)) == []
    for row in rows_of(tmp_path / "s.csv"):
        risks = {rule for rule in row["findings"].split() if rule in {one["id"] for one in rules}}
        assert by_project.get(row["project"] or "row 3", set()) == risks


def test_a_hostile_name_is_text_in_both(tmp_path: Path) -> None:
    table = tmp_path / "p.parquet"
    answers = {"users_met": ["never"], "people": [1], "work": [60], "owner": ["no"]}
    pl.DataFrame({"project": [HOSTILE], **answers}).write_parquet(table)
    found, sarif = reports(table, tmp_path, "--fail-above", "0")
    (case,) = next(iter(found))
    assert case.name == HOSTILE.replace("\x07", "\ufffd")
    (one,) = sarif["runs"]
    places = [result["locations"][0]["logicalLocations"][0] for result in one["results"]]
    assert {place["name"] for place in places} == {HOSTILE}
    done = run("score", table, "-o", tmp_path / "t.csv", "--fail-above", "0")
    assert "\x07" not in done.stdout
    assert "<script>" in done.stdout


def test_a_name_is_no_link_in_sarif_and_takes_no_more_room_than_it_should(tmp_path: Path) -> None:
    table = tmp_path / "p.csv"
    rows = "".join(f"{name},never,1,60,no\n" for name in ("[click](https://example.org)", "x" * 1_000_000))
    table.write_text(f"project,users_met,people,work,owner\n{rows}")
    found, sarif = reports(table, tmp_path, "--fail-above", "0")
    assert list(Draft202012Validator(SARIF).iter_errors(sarif)) == []
    texts = [one["message"]["text"] for one in sarif["runs"][0]["results"]]
    assert not any("](" in text for text in texts)
    assert all(len(text) < 500 for text in texts)
    assert [len(case.name) for case in next(iter(found))] == [28, 201]


def test_of_a_long_table_only_the_worst_are_reported_and_it_says_so(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gates, "MOST", 1)
    (_, good, _), (_, bad, _), _ = scored(table, tmp_path)
    for options in ([], ["--fail-above", str((good + bad) / 2)]):
        found, sarif = reports(table, tmp_path, *options)
        (suite,) = found
        assert [case.name for case in suite] == ["bad"]
        assert {one.name: one.value for one in suite.properties()}["projects shown"].startswith("1 of 3")
        assert list(Draft202012Validator(SARIF).iter_errors(sarif)) == []
        (one,) = sarif["runs"]
        assert "1 of 3 projects" in one["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
