import csv

import pytest

from tests.cli.run import nothing_but, run

TABLE = "Project,STAGE,problem_scale,team_fte,note\nA,idea,small,2,x\nB,live,large,1.5,y\n"


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


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
    scored = rows_of(out)
    assert [(row["Project"], row["note"]) for row in scored] == [("A", "x"), ("B", "y")]
    ends = ("end_cancelled", "end_overrun", "end_unused", "end_retired")
    for row in scored:
        assert sum(float(row[end]) for end in ends) == pytest.approx(float(row["failure_probability"]), abs=1e-12)
        assert float(row["answers_low"]) <= float(row["failure_probability"]) <= float(row["answers_high"])
    assert nothing_but(tmp_path, "in", "scored.csv")


def test_a_row_scores_what_assess_gives(table, tmp_path):
    import json

    out, answers = tmp_path / "scored.csv", tmp_path / "b.yaml"
    answers.write_text("{stage: live, problem_scale: large, team_fte: 1.5}")
    run("score", table, "-o", out)
    assessed = json.loads(run("assess", answers, "--json").stdout)
    assert float(rows_of(out)[1]["failure_probability"]) == assessed["probability"]


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
    assert "1 scored, 5 rejected of 6 rows" in done.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "RE-401"),
        (b"project,stage\n", "RE-401"),
        (b'project,stage\nA,"idea\n', "RE-401"),
        (b"projekt;phase\nA;B\n", "RE-403"),
        (b"stage,Stage\nidea,idea\n", "RE-402"),
        (b"stage\n\xff\xfe\n", "RE-107"),
        (b"stage\nid\0ea\n", "RE-401"),
    ],
)
def test_a_table_that_cannot_be_read_gives_one_clear_error_and_nothing_is_written(tmp_path, content, code):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_bytes(content)
    done = run("score", table, "-o", out)
    assert done.returncode == 2
    assert code in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_but(tmp_path, "p.csv")


def test_a_byte_order_mark_semicolons_and_windows_line_ends_are_fine(tmp_path):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_bytes(b"\xef\xbb\xbfproject;stage\r\nA;idea\r\n")
    assert run("score", table, "-o", out).returncode == 0
    assert rows_of(out)[0]["stage"] == "idea"


def test_text_that_a_spreadsheet_would_run_is_made_harmless(tmp_path):
    table, out = tmp_path / "p.csv", tmp_path / "s.csv"
    table.write_text('project,stage,n\n"=cmd()",idea,-1\n"+1+1",idea,2e3\n')
    run("score", table, "-o", out)
    assert [(row["project"], row["n"]) for row in rows_of(out)] == [("'=cmd()", "-1"), ("'+1+1", "2e3")]


def test_the_output_never_overwrites_its_input(table):
    before = table.read_bytes()
    done = run("score", table, "-o", table)
    assert done.returncode == 2
    assert "RE-801" in done.stderr
    assert table.read_bytes() == before


def test_an_output_that_cannot_be_written_leaves_nothing_behind(table, tmp_path):
    done = run("score", table, "-o", tmp_path / "missing" / "s.csv")
    assert done.returncode == 2
    assert "RE-801" in done.stderr
    assert nothing_but(tmp_path, "in")
