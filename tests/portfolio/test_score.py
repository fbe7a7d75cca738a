"""`riskengine score` on small tables: what is kept, added, rejected and refused."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.run import nothing_but
from tests.portfolio.command import rows_of, run, run_small

TABLE = "Project,STAGE,problem_scale,team_fte,note\nA,idea,small,2,x\nB,live,large,1.5,y\n"
SAMPLE = Path(__file__).parents[2] / "data" / "portfolio.csv"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "in" / "portfolio.csv"
    path.parent.mkdir()
    path.write_text(TABLE)
    return path


def test_every_input_column_is_kept_and_results_are_added(table, tmp_path):
    out = tmp_path / "scored.csv"
    done = run("score", table, "-o", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    scored = rows_of(out)
    assert [(row["Project"], row["note"]) for row in scored] == [("A", "x"), ("B", "y")]
    ends = ("end_cancelled", "end_overrun", "end_unused", "end_retired")
    for row in scored:
        assert sum(float(row[end]) for end in ends) == pytest.approx(float(row["failure_probability"]), abs=1e-12)
        assert float(row["answers_low"]) <= float(row["failure_probability"]) <= float(row["answers_high"])
    assert nothing_but(tmp_path, "in", "scored.csv")


def test_a_row_scores_what_assess_gives(table, tmp_path):
    out, answers = tmp_path / "scored.csv", tmp_path / "b.yaml"
    answers.write_text("{stage: live, problem_scale: large, team_fte: 1.5}")
    run("score", table, "-o", out)
    assessed = json.loads(run("assess", answers, "--json").stdout)
    assert float(rows_of(out)[1]["failure_probability"]) == pytest.approx(assessed["probability"], abs=1e-12)


def test_broken_rows_are_rejected_with_place_value_and_reason_and_the_rest_is_scored(tmp_path):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_text("project,stage,team_fte\nA,ideal,2\nB,idea,many\nC,idea\nD,idea,nan\nE,idea,3\nF,n/a,-4\n")
    done = run("score", table, "-o", out)
    assert done.returncode == 3
    assert [row["project"] for row in rows_of(out)] == ["E"]
    rows = rows_of(tmp_path / "s.csv.rejects.csv")
    rejects = [(row["row"], row["column"], row["value"], row["code"]) for row in rows]
    assert rejects == [
        ("1", "stage", "ideal", "RE-304"),
        ("2", "team_fte", "many", "RE-302"),
        ("3", "", "2", "RE-405"),
        ("4", "team_fte", "nan", "RE-302"),
        ("6", "stage", "n/a", "RE-305"),
        ("6", "team_fte", "-4", "RE-303"),
    ]
    assert rows[0]["reason"].endswith("did you mean `idea`?")
    assert "1 scored, 5 rejected of 6 rows" in done.stderr


def test_a_run_without_rejects_takes_those_of_an_earlier_run_away(table, tmp_path):
    out = tmp_path / "s.csv"
    stale = tmp_path / "s.csv.rejects.csv"
    stale.write_text("row,column,value,code,reason\n")
    assert run("score", table, "-o", out).returncode == 0
    assert nothing_but(tmp_path, "in", "s.csv")


def test_a_table_of_nothing_but_rejects_has_a_header_and_no_rows(tmp_path):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_text("project,users_met\nA,onces\n")
    assert run_small("score", table, "-o", out).returncode == 3
    assert rows_of(out) == []
    assert out.read_text().startswith("project,users_met,failure_probability,")


def test_columns_called_otherwise_are_mapped(tmp_path):
    table, columns, out = tmp_path / "p.csv", tmp_path / "map.yaml", tmp_path / "s.csv"
    table.write_text("Vorhaben,Phase,Köpfe\nA,once,2\nB,monthly,x\n")
    columns.write_text("Phase: users_met\nKöpfe: people\n")
    done = run_small("score", table, "-o", out, "--columns", columns)
    assert done.returncode == 3
    assert [row["Phase"] for row in rows_of(out)] == ["once"]
    assert rows_of(tmp_path / "s.csv.rejects.csv")[0]["column"] == "Köpfe"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Phase: usres_met\n", ":1:1: RE-301 unknown question `usres_met`"),
        ("Pase: users_met\n", ":1:1: RE-403 there is no column `Pase`\n  help: did you mean `Phase`?"),
        ("- Phase\n", ":1:1: RE-406"),
        ("Phase: [users_met]\n", ":1:8: RE-406"),
        ("", ": RE-406"),
        ("Phase: users_met\nusers_met: users_met\n", "RE-403"),
    ],
)
def test_a_map_that_cannot_be_used_says_where(tmp_path, content, message):
    table, columns = tmp_path / "p.csv", tmp_path / "map.yaml"
    table.write_text("project,Phase\nA,once\n")
    columns.write_text(content)
    done = run_small("score", table, "-o", tmp_path / "s.csv", "--columns", columns)
    assert done.returncode == 2
    assert f"{columns}{message}" in done.stderr or message in done.stderr
    assert nothing_but(tmp_path, "p.csv", "map.yaml")


def test_a_column_that_is_nearly_a_question_is_pointed_out(tmp_path):
    table = tmp_path / "p.csv"
    table.write_text("project,users_met,peoples\nA,once,2\n")
    done = run_small("score", table, "-o", tmp_path / "s.csv")
    assert done.returncode == 0
    assert "`peoples` is no question and was not looked at; did you mean `people`?" in done.stderr


def test_several_tables_and_patterns_are_one_portfolio_and_rejects_name_their_file(tmp_path):
    for name, users_met in (("a1.csv", "once"), ("a2.csv", "onces"), ("b.csv", "monthly")):
        (tmp_path / name).write_text(f"project,users_met\n{name},{users_met}\n")
    (tmp_path / "b.csv").write_text("users_met,project\nmonthly,b.csv\n")
    out = tmp_path / "s.csv"
    done = run_small("score", tmp_path / "a*.csv", tmp_path / "b.csv", tmp_path / "a1.csv", "-o", out)
    assert "2 scored, 1 rejected of 3 rows" in done.stderr
    assert [row["project"] for row in rows_of(out)] == ["a1.csv", "b.csv"]
    (reject,) = rows_of(tmp_path / "s.csv.rejects.csv")
    assert (reject["row"], reject["file"]) == ("1", str(tmp_path / "a2.csv"))


def test_a_file_whose_name_looks_like_a_pattern_is_taken_by_its_name(tmp_path):
    table = tmp_path / "a[1].csv"
    table.write_text("project,users_met\nA,once\n")
    assert run_small("score", table, "-o", tmp_path / "s.csv").returncode == 0


@pytest.mark.parametrize("cell", ["=cmd()", "+1+1", "-a", "@x", "\tx", "\rx", "\nx", "  =1", "\u00a0=1", "=1\n2"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(tmp_path, cell):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("project", "users_met", "n"), (cell, "once", "-1"), ("x", "onces", "2")])
    run_small("score", table, "-o", out)
    (row,) = rows_of(out)
    assert (row["project"], row["n"]) == (f"'{cell}", "-1")


def test_headers_and_rejects_are_made_harmless_too(tmp_path):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_text("=x,users_met\nA,=1+1\nB,once\n")
    run_small("score", table, "-o", out)
    assert out.read_text().startswith("'=x,users_met,")
    assert rows_of(tmp_path / "s.csv.rejects.csv")[0]["value"] == "'=1+1"


def test_the_sample_that_ships_is_scored_and_shows_what_rejects_are(tmp_path):
    out = tmp_path / "s.csv"
    done = run("score", SAMPLE, "-o", out)
    assert done.returncode == 3
    assert "54 scored, 6 rejected of 60 rows" in done.stderr
    assert {row["made_up"] for row in rows_of(out)} == {"yes"}
    codes = {row["code"] for row in rows_of(tmp_path / "s.csv.rejects.csv")}
    assert codes == {"RE-302", "RE-303", "RE-304", "RE-305", "RE-405"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["{table}", "-o", "{table}"], "RE-801"),
        (["{table}", "-o", "missing/s.csv"], "RE-801"),
        (["{table}", "-o", "."], "RE-409"),
        (["{table}", "-o", ".", "--output-format", "csv"], "RE-801"),
        (["{table}", "-o", "s.csv", "--junit", "s.csv"], "RE-801"),
        (["{table}", "-o", "s.csv", "--sarif", "missing/s.sarif"], "RE-801"),
        (["{table}", "-o", "/dev/null", "--output-format", "csv"], "RE-801"),
        (["{table}", "-o", "s.dat"], "RE-409"),
        (["{table}", "-o", "s.dat", "--output-format", "cvs"], "RE-804"),
        (["{table}", "-o", "s.csv", "--format", "excel"], "RE-804"),
        (["{table}", "-o", "s.csv", "--encoding", "latin-99"], "RE-804"),
        (["{table}", "-o", "s.csv", "--encoding", "base64"], "RE-804"),
        (["{table}", "-o", "s.csv", "--base-rate", "40"], "RE-804"),
        (["no.csv", "-o", "s.csv"], "RE-808"),
        (["*.cvs", "-o", "s.csv"], "RE-808"),
        (["{table}", "-o", "s.csv", "--key", "ID"], "RE-810"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(table, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    table.write_text("project,users_met\nA,once\n")
    before = table.read_bytes()
    done = run_small("score", *(one.format(table=table) for one in arguments))
    assert done.returncode == 2, done.stderr
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert table.read_bytes() == before
    assert nothing_but(tmp_path, "in")
