import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from riskengine.assessment import result as result_module
from tests.cli.run import run

SCHEMA = json.loads(Path(result_module.__file__).with_name("assessment.schema.json").read_text())

FULL = "project_kind: trained_model\nstage: building\nproblem_scale: large\nteam_fte: 1.5\n"


@pytest.fixture
def answers(tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text(FULL)
    return path


def test_demo_shows_probability_ends_findings_and_reasons_of_a_documented_project():
    done = run("demo")
    assert done.returncode == 0, done.stderr
    for part in ("Probability of failure", "How it would fail", "Findings", "because", "What to do first"):
        assert part in done.stdout
    assert done.stderr == ""


def test_assess_prints_one_json_object_that_fits_the_shipped_schema_and_is_equal_on_every_run(answers):
    first, second = run("assess", answers, "--json"), run("assess", answers, "--json")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    result = json.loads(first.stdout)
    Draft202012Validator(SCHEMA).validate(result)
    assert {finding["state"] for finding in result["findings"]} == {"fires", "possible"}


def test_all_adds_the_findings_that_are_ruled_out(answers):
    result = json.loads(run("assess", answers, "--json", "--all").stdout)
    Draft202012Validator(SCHEMA).validate(result)
    assert "ruled_out" in {finding["state"] for finding in result["findings"]}


def test_answers_may_come_from_standard_input(answers):
    assert run("assess", "-", "--json", stdin=FULL).stdout == run("assess", answers, "--json").stdout


def test_a_file_with_one_answer_leaves_a_wide_range_and_names_the_questions_that_would_narrow_it(tmp_path):
    path = tmp_path / "one.yaml"
    path.write_text("project_kind: trained_model\n")
    result = json.loads(run("assess", path, "--json").stdout)
    low, high = result["range"]["answers"]
    assert high - low > 0.5
    assert result["next_questions"]
    assert all(one["narrows"] > 0 for one in result["next_questions"])


def test_answers_out_writes_what_assess_reads_again(answers, tmp_path):
    for name in ("again.yaml", "again.json"):
        again = tmp_path / name
        first = run("assess", answers, "--json", "--answers-out", again)
        assert first.returncode == 0, first.stderr
        assert run("assess", again, "--json").stdout == first.stdout


def test_a_base_rate_of_ones_own_moves_the_probability(answers):
    high = json.loads(run("assess", answers, "--json", "--base-rate", "0.8").stdout)
    low = json.loads(run("assess", answers, "--json", "--base-rate", "0.2").stdout)
    assert high["base_rate"] == 0.8
    assert low["probability"] < high["probability"]


@pytest.mark.parametrize("rate", ["0", "1", "40", "nan", "-0.1"])
def test_a_base_rate_that_is_no_share_is_refused(answers, rate):
    done = run("assess", answers, "--base-rate", rate)
    assert done.returncode == 2
    assert "RE-804" in done.stderr


def test_without_history_the_result_says_that_it_is_the_prior(answers):
    done = run("assess", answers, "--json", "--model", "none")
    assert json.loads(done.stdout)["versions"]["model"] is None
    assert "prior" in run("assess", answers, "--model", "none").stdout


def test_markdown_is_markdown_and_harmless(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("project: '<script>*x*|'\nanswers:\n  project_kind: analysis\n")
    done = run("assess", path, "--markdown")
    assert done.stdout.startswith("# \\<script\\>\\*x\\*\\|\n")


def test_explain_says_why_a_rule_fires_and_why_another_does_not(answers):
    done = run("explain", answers, "capacity-shortfall")
    assert "capacity-shortfall fires" in done.stdout
    assert "because" in done.stdout
    assert "is ruled out" in run("explain", answers).stdout


def test_explain_suggests_the_nearest_rule(answers):
    done = run("explain", answers, "capacity-shortfal")
    assert done.returncode == 2
    assert "did you mean `capacity-shortfall`?" in done.stderr


def test_the_template_can_be_read_back_and_scored(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(run("template").stdout)
    assert run("assess", path).returncode == 0
    quick = run("template", "--quick").stdout
    assert len(quick) < len(path.read_text())


def test_the_template_of_a_portfolio_is_a_header_with_every_question():
    header = run("template", "--csv").stdout
    assert header.count("\n") == 1
    assert header.startswith("project,project_kind,stage,")


def test_rules_check_finds_no_mistake_in_the_shipped_pack():
    done = run("rules", "check")
    assert done.returncode == 0, done.stderr
    assert "no mistakes" in done.stdout


def test_rules_build_writes_the_file_that_ships(tmp_path):
    from riskengine.pack.locate import shipped

    out = tmp_path / "pack.json"
    assert run("rules", "build", "-o", out).returncode == 0
    assert out.read_bytes() == shipped("data", "pack.json").read_bytes()


def test_a_one_file_pack_gives_the_same_assessment_as_its_folder(answers):
    from riskengine.pack.locate import shipped

    built = run("assess", answers, "--json", "--rules", shipped("data", "pack.json"))
    assert built.stdout == run("assess", answers, "--json").stdout


def test_model_train_reproduces_the_shipped_model_byte_for_byte(tmp_path):
    from riskengine.pack.locate import shipped

    out = tmp_path / "model.json"
    done = run("model", "train", shipped("data", "outcomes.csv"), "-o", out)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == shipped("data", "model.json").read_bytes()


def test_model_show_lists_what_each_study_moved():
    done = run("model", "show")
    assert done.returncode == 0, done.stderr
    assert "napire-2014: 348 of 932 failed" in done.stdout
    assert json.loads(run("model", "show", "--json").stdout)["card"]["studies"]


def test_errors_are_json_where_json_was_asked_for(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("stage: ideal\nteem_fte: 3\n")
    done = run("assess", path, "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    body = json.loads(done.stderr)
    assert body["ok"] is False
    assert [error["code"] for error in body["errors"]] == ["RE-304", "RE-301"]
    assert body["errors"][0]["source"] == {"file": str(path), "line": 1, "column": 8}


def test_control_characters_of_an_answers_file_do_not_reach_the_terminal(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text('project: "A\\e[31mB"\nanswers: {project_kind: analysis}\n')
    done = run("assess", path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "A\ufffd[31mB" in done.stdout


def test_an_output_that_knows_no_unicode_gets_what_it_can_show():
    done = run("demo", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "Probability of failure" in done.stdout


def test_help_of_every_command_is_there():
    for command in ([], ["assess"], ["score"], ["explain"], ["template"], ["rules"], ["model"], ["demo"]):
        assert "Usage: riskengine" in run(*command, "--help").stdout


def test_a_closed_pipe_is_no_bug():
    import subprocess
    import sys

    from tests.cli.run import SCRIPT

    piped = f'"{sys.executable}" -c "{SCRIPT}" template | head -1'
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "RE-900" not in done.stderr


def test_our_own_bug_is_reported_as_one(monkeypatch, capsys):
    from riskengine import cli

    def broken(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as stop:
        cli.main(["demo"])
    assert stop.value.code == 70
    assert "RE-900" in capsys.readouterr().err
