"""Departments: a level learned for each, from the table to the assessment, by the real command line and from Python."""

# ruff: noqa: N806  (matrices are X, as in scikit-learn)

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskengine
from riskengine.assessment.build import load_pack
from riskengine.assessment.model_file import model_from_json, model_to_json, read_model
from riskengine.calibration.classifier import RiskClassifier
from riskengine.calibration.learn import Options
from riskengine.calibration.train import train
from riskengine.errors import ProblemError
from tests.calibration.house import QUESTIONS, projects, table, write
from tests.cli.run import run

SHIFTS = {"North": 1.5, "South": -1.5, "Köln  West": 0.0}


def mixed(n=60, **shifts):
    """Write projects of departments that fail at different rates as a CSV."""
    lines = []
    for seed, (name, shift) in enumerate((shifts or SHIFTS).items(), start=1):
        some = [replace(one, name=f"{name} {one.name}") for one in projects(n, seed=seed, base=shift - 0.4)]
        head, *rows = table(some).splitlines()
        lines += [f"{row},{name}" for row in rows]
    return "\n".join([f"{head},Department", *lines]) + "\n"


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module")
def trained(tmp_path_factory, rules_folder):
    """A folder with a table, and the models of it with and without departments."""
    folder = tmp_path_factory.mktemp("departments")
    write(folder / "past.csv", mixed())
    for name, more in (("with", ["--departments"]), ("without", [])):
        done = run("model", "train", folder / "past.csv", *more, "-o", folder / f"{name}.json", "--rules", rules_folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def model(trained, rules_folder):
    built = load_pack(rules_folder)
    return read_model(trained / "with.json", built.pack, built.meaning_hash)


def assessed(rules_folder, model, *arguments, stdin="answers: {q0: yes}\n"):
    done = run("assess", "-", "--json", "--rules", rules_folder, "--model", model, *arguments, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- training ------------------------------------------------------------------------------------------------


def test_levels_are_learned_in_order_and_the_file_holds_name_and_level(trained):
    form = json.loads((trained / "with.json").read_text())
    departments = form["departments"]
    assert {key: one["name"] for key, one in departments.items()} == {
        "köln west": "Köln West",
        "north": "North",
        "south": "South",
    }
    assert (
        departments["south"]["level"] < -0.5 < departments["köln west"]["level"] < 0.5 < departments["north"]["level"]
    )
    assert form["card"]["department_sd"]["before"] == 0.3
    assert form["card"]["department_sd"]["now"] > 0.5
    assert [one["department"] for one in form["card"]["departments"]] == ["North", "Köln West", "South"]
    assert [one["projects"] for one in form["card"]["departments"]] == [60, 60, 60]
    assert all(one["learnt"] for one in form["card"]["departments"])
    assert form["trained_on"]["departments"] == 3


def test_without_the_option_the_column_changes_nothing(trained, small, read):
    form = json.loads((trained / "without.json").read_text())
    assert "departments" not in form
    assert "departments" not in form["card"]
    blank = train(read("\n".join(line.rsplit(",", 1)[0] for line in mixed().splitlines()) + "\n"), small).model
    assert blank.base == form["base"]
    assert dict(blank.factors) == form["factors"]


def test_departments_that_do_not_differ_are_pulled_to_one_level(read, small):
    alike = train(read(mixed(n=150, A=0.0, B=0.0, C=0.0)), small, options=Options(departments=True)).model
    assert alike.card["department_sd"]["now"] < 0.3
    assert max(abs(one.level) for one in alike.departments.values()) < 0.25


def test_the_same_table_gives_the_same_bytes_and_so_does_one_in_another_order_of_departments(read, small):
    head, *rows = mixed(n=20).splitlines()
    once = train(read("\n".join([head, *rows]) + "\n"), small, options=Options(departments=True)).model
    again = train(read("\n".join([head, *rows]) + "\n"), small, options=Options(departments=True)).model
    turned = train(read("\n".join([head, *reversed(rows)]) + "\n"), small, options=Options(departments=True)).model
    assert model_to_json(once) == model_to_json(again)
    for key, one in once.departments.items():
        assert turned.departments[key].level == pytest.approx(one.level, abs=1e-4)


def test_published_counts_are_of_no_department(read, small):
    text = mixed(n=20)
    head, *rows = text.splitlines()
    study = dict.fromkeys(head.split(","), "") | {"outcome": "failed", "q0": "yes", "Department": "Elsewhere"}
    published = ",".join(study.values())
    history = read("\n".join([f"study,{head}", *(f",{row}" for row in rows), f"Doe 2020,{published}"]) + "\n")
    found = train(history, small, options=Options(departments=True)).model
    assert sorted(found.departments) == ["köln west", "north", "south"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["North", "north ", "", "NORTH"], "one department"),
        (["", "", "", ""], "no department"),
        ([f"d{place}" for place in range(201)], "201 departments"),
    ],
)
def test_nothing_to_tell_apart_is_said_and_nothing_written(tmp_path, rules_folder, names, said):
    rows = [f"{'failed' if place % 2 else 'succeeded'},{name},yes" for place, name in enumerate(names)]
    path = write(tmp_path / "h.csv", "\n".join(["outcome,department,q0", *rows]) + "\n")
    for command in (["train", "-o", tmp_path / "m.json"], ["evaluate"], ["check"]):
        done = run("model", command[0], path, *command[1:], "--departments", "--rules", rules_folder)
        assert done.returncode == 2
        assert "RE-616" in done.stderr
        assert said in done.stderr
    assert not (tmp_path / "m.json").exists()


def test_a_name_that_nobody_can_type_is_refused_with_its_row(tmp_path, rules_folder):
    path = write(tmp_path / "h.csv", "outcome,department,q0\nfailed,A,yes\nsucceeded,B\x07,no\n")
    done = run("model", "train", path, "--departments", "-o", tmp_path / "m.json", "--rules", rules_folder)
    assert done.returncode == 2
    assert "row 2:department: RE-603" in done.stderr


def test_the_classifier_finds_the_mode_of_the_formula():
    """A plain Newton, written from the formula, gives the same levels and the same spread."""
    chance = np.random.default_rng(3)
    of = chance.integers(0, 3, 200)
    X = chance.normal(0, 1, (200, 1))
    failed = (chance.random(200) < 1 / (1 + np.exp(-(X[:, 0] + np.array([-1.0, 0.0, 1.0])[of])))).astype(int)
    fitted = RiskClassifier(classes=(0, 1)).fit(X, failed, department=[f"d{one}" for one in of])
    # b, g, a, f of the one column, and the levels
    Z = np.column_stack([np.ones(200), X, X, X, np.eye(3)[of]])
    precision = np.array([*fitted.sds_, *[fitted.department_sd_] * 3]) ** -2.0
    beta = np.zeros(7)
    for _ in range(50):
        p = 1 / (1 + np.exp(-(X[:, 0] + Z @ beta)))
        hessian = (Z.T * (p * (1 - p))) @ Z + np.diag(precision)
        beta = beta + np.linalg.solve(hessian, Z.T @ (failed - p) - precision * beta)
    S = np.linalg.inv(hessian)
    for place in range(3):
        one = fitted.department_[f"d{place}"]
        assert one.level == pytest.approx(beta[4 + place], abs=1e-4)
        assert one.sd == pytest.approx(math.sqrt(S[4 + place, 4 + place]), abs=1e-4)
        assert one.added == pytest.approx(S[4 + place, 4 + place] + 2 * S[0, 4 + place], abs=1e-4)
    # MacKay's fixed point, reached within a round's change
    known = 3 - sum(one.sd**2 for one in fitted.department_.values()) / fitted.department_sd_**2
    squares = sum(one.level**2 for one in fitted.department_.values())
    assert fitted.department_sd_ == pytest.approx(math.sqrt((4 * 0.3**2 + squares) / (4 + known)), rel=0.01)


# --- one project ---------------------------------------------------------------------------------------------


def test_the_level_is_part_of_the_base_and_the_sum_stays_true(trained, rules_folder, model):
    one = assessed(rules_folder, trained / "with.json", "--department", " NORTH ")
    none = assessed(rules_folder, trained / "with.json")
    score, level = one["score"], model.departments["north"].level
    assert one["department"] == "NORTH"
    assert score["department"] == level
    assert score["base"] == pytest.approx(none["score"]["base"] + level, abs=1e-12)
    assert score["base"] + score["shown"] + score["not_shown"] == pytest.approx(score["log_odds"], abs=1e-12)
    assert one["probability"] > none["probability"]
    assert none["department"] is None
    assert none["score"]["department"] == 0


def test_a_department_that_the_model_does_not_know_is_said_and_changes_nothing(trained, rules_folder):
    other = assessed(rules_folder, trained / "with.json", "--department", "Nort")
    none = assessed(rules_folder, trained / "with.json")
    (said,) = [one["message"] for one in other["warnings"] if one["kind"] == "model"]
    assert "`Nort`" in said
    assert "did you mean `North`?" in said
    assert other["probability"] == none["probability"]
    assert other["range"] == none["range"]
    # a model without departments has nothing to say about them
    plain = assessed(rules_folder, trained / "without.json", "--department", "North")
    assert plain["department"] == "North"
    assert [one for one in plain["warnings"] if one["kind"] == "model"] == []


def test_the_range_is_wider_where_the_department_is_not_known(trained, rules_folder):
    def reach(*arguments):
        low, high = assessed(rules_folder, trained / "with.json", *arguments)["range"]["model"]
        return math.log(high / (1 - high)) - math.log(low / (1 - low))

    assert reach() > reach("--department", "North") + 0.2


def test_the_answers_name_it_and_another_one_is_refused(trained, rules_folder):
    text = "department: South\nanswers: {q0: yes}\n"
    named = assessed(rules_folder, trained / "with.json", stdin=text)
    assert named == assessed(rules_folder, trained / "with.json", "--department", "south", stdin=text)
    assert named["department"] == "South"
    done = run("assess", "-", "--rules", rules_folder, "--department", "North", stdin=text)
    assert done.returncode == 2
    assert "RE-804" in done.stderr


@pytest.mark.parametrize("name", ["  ", "x" * 201, "a\x1b[31m"])
def test_what_is_no_name_is_refused(rules_folder, name):
    done = run("assess", "-", "--rules", rules_folder, "--department", name, stdin="answers: {q0: yes}\n")
    assert done.returncode == 2
    assert "RE-302" in done.stderr
    assert "\x1b" not in done.stderr


def test_texts_say_what_the_department_does(trained, rules_folder):
    text = "department: North\nanswers: {q0: yes}\n"
    on = ["--rules", rules_folder, "--model", trained / "with.json"]
    assert "North: +" in run("assess", "-", *on, stdin=text).stdout
    assert "department North: +" in run("explain", "-", *on, stdin=text).stdout
    assert "Department North: +" in run("assess", "-", "--markdown", *on, stdin=text).stdout
    card = run("model", "show", trained / "with.json", "--rules", rules_folder).stdout
    assert "Levels of departments" in card
    assert "Köln West" in card
    markdown = run("model", "show", trained / "with.json", "--card", "--rules", rules_folder).stdout
    assert "## Departments" in markdown
    assert "names stand in the model file" in markdown


def test_a_base_rate_is_that_of_all_departments(trained, rules_folder, small, model):
    north = riskengine.assess({}, pack=small, model=model, department="North", base_rate=0.2, explain=False)
    assert north.score.base == pytest.approx(model.base_for(0.2) + model.departments["north"].level, abs=1e-12)


# --- tables --------------------------------------------------------------------------------------------------

SPELLINGS = ["North", "north", " NORTH\u00a0", "Köln West", "KÖLN   WEST", unicodedata.normalize("NFD", "Köln West")]
NAMES = st.sampled_from([*SPELLINGS, "South", "Elsewhere", "", None])
ROWS = st.lists(st.tuples(NAMES, st.sampled_from(["yes", "no", None])), min_size=1, max_size=8)


@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_a_table_says_what_single_assessments_say(small, model, rows):
    frame = pl.DataFrame(
        {"Department": [name for name, _ in rows], "q0": [answer for _, answer in rows]},
        schema={"Department": pl.String, "q0": pl.String},
    )
    scored = riskengine.score(frame, pack=small, model=model)
    for (name, answer), row in zip(rows, scored.to_dicts(), strict=True):
        one = riskengine.assess({"q0": answer}, pack=small, model=model, department=name or None, explain=False)
        assert row["failure_probability"] == pytest.approx(one.probability, abs=1e-12)
        assert (row["answers_low"], row["answers_high"]) == pytest.approx(one.range.answers, abs=1e-12)
        assert (row["model_low"], row["model_high"]) == pytest.approx(one.range.model, abs=1e-12)
        said = any(warned.kind == "model" for warned in one.warnings)
        assert ("unknown_department" in row["warnings"].split()) is said


@pytest.mark.parametrize("kind", ["lazy", "pandas", "arrow", "duckdb"])
def test_every_kind_of_frame_knows_departments(small, model, kind):
    frame = pl.DataFrame({"department": [*SPELLINGS, "Elsewhere", None], "q0": ["yes"] * (len(SPELLINGS) + 2)})
    expected = riskengine.score(frame, pack=small, model=model)["failure_probability"].to_list()
    if kind == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        given = duckdb.from_arrow(frame.to_arrow())
        found = riskengine.score(given, pack=small, model=model).pl()["failure_probability"].to_list()
    else:
        given = {"lazy": frame.lazy, "pandas": frame.to_pandas, "arrow": frame.to_arrow}[kind]()
        scored = riskengine.score(given, pack=small, model=model)
        found = (scored.collect() if kind == "lazy" else pl.DataFrame(scored))["failure_probability"].to_list()
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_table_without_the_column_is_of_no_department_and_another_name_can_be_mapped(trained, rules_folder, tmp_path):
    rows = list(csv.DictReader(io.StringIO(mixed(n=5))))
    table_of = {"plain": list(QUESTIONS), "mapped": [*QUESTIONS, "Department"]}
    for name, columns in table_of.items():
        lines = [
            ",".join(columns).replace("Department", "Unit"),
            *(",".join(row[one] for one in columns) for row in rows),
        ]
        write(tmp_path / f"{name}.csv", "\n".join(lines) + "\n")
    write(tmp_path / "map.yaml", "Unit: department\n")
    on = ["--rules", rules_folder, "--model", trained / "with.json"]
    assert run("score", tmp_path / "plain.csv", "-o", tmp_path / "p.csv", *on).returncode == 0
    mapped = ["--columns", tmp_path / "map.yaml", "--report", tmp_path / "r.html"]
    done = run("score", tmp_path / "mapped.csv", "-o", tmp_path / "m.csv", *mapped, *on)
    assert done.returncode == 0, done.stderr
    for name in ("p", "m"):
        scored = rows_of(tmp_path / f"{name}.csv")
        built = load_pack(rules_folder)
        model = read_model(trained / "with.json", built.pack, built.meaning_hash)
        for row, known in zip(scored, rows, strict=True):
            answers = {q: known[q] for q in QUESTIONS}
            of = known["Department"] if name == "m" else None
            one = riskengine.assess(answers, pack=built, model=model, department=of, explain=False)
            assert float(row["failure_probability"]) == pytest.approx(one.probability, abs=1e-12)


def test_two_columns_of_departments_and_one_of_lists_are_refused(small, model):
    with pytest.raises(ProblemError, match="RE-402"):
        riskengine.score(
            pl.DataFrame({"q0": ["yes"], "department": ["A"], "DEPARTMENT": ["B"]}), pack=small, model=model
        )
    with pytest.raises(ProblemError, match="RE-302"):
        riskengine.score(pl.DataFrame({"q0": ["yes"], "department": [["A"]]}), pack=small, model=model)


# --- history and evaluation -----------------------------------------------------------------------------------


def test_the_history_keeps_departments_and_teaches_the_same(trained, rules_folder, tmp_path):
    held = ["--history", tmp_path / "h.db"]
    assert run("history", "import", trained / "past.csv", "--rules", rules_folder, *held).returncode == 0
    done = run(
        *("model", "train", "--from-history", "--departments", "-o", tmp_path / "m.json", "--rules", rules_folder),
        *held,
    )
    assert done.returncode == 0, done.stderr
    of_history = json.loads((tmp_path / "m.json").read_text())
    of_table = json.loads((trained / "with.json").read_text())
    for part in ("departments", "range", "base", "factors"):
        assert of_history[part] == of_table[part], part
    # all of it survives the way out and in again
    assert run("history", "export", "-o", tmp_path / "all.jsonl", "--everything", *held).returncode == 0
    again = ["--history", tmp_path / "again.db"]
    assert run("history", "restore", tmp_path / "all.jsonl", *again).returncode == 0
    course = json.loads(run("history", "show", "köln west p3", "--json", *again).stdout)
    assert [one["department"] for one in course["assessments"]] == ["Köln West"]
    assert run("history", "export", "-o", tmp_path / "out.csv", "--rules", rules_folder, *again).returncode == 0
    out = rows_of(tmp_path / "out.csv")
    assert {row["department"] for row in out} == {"North", "South", "Köln West"}


def test_an_assessment_that_is_saved_or_added_names_its_department(rules_folder, tmp_path):
    held = ["--rules", rules_folder, "--history", tmp_path / "h.db"]
    text = "project: A\ndate: 2025-01-01\nanswers: {q0: yes}\n"
    assert run("assess", "-", "--save", "--department", "North", *held, stdin=text).returncode == 0
    done = run("history", "add", "-", "--department", "South", "--json", *held, stdin=text.replace("A", "B"))
    assert json.loads(done.stdout)["department"] == "South"
    shown = run("history", "show", "A", "--history", tmp_path / "h.db").stdout
    assert "A, North" in shown
    stored = run("assess", "-", "--json", "--department", "North", "--rules", rules_folder, stdin=text).stdout
    refused = run("history", "add", "-", "--department", "South", *held, stdin=stored)
    assert refused.returncode == 2
    assert "RE-804" in refused.stderr


def test_evaluation_learns_the_levels_anew_in_each_fold_and_shows_them(trained, rules_folder):
    def judged(*more):
        done = run("model", "evaluate", trained / "past.csv", "--json", "--rules", rules_folder, *more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    plain, departments = judged(), judged("--departments", "--by", "department")
    assert departments["figures"]["log_loss"]["model"]["value"] < plain["figures"]["log_loss"]["model"]["value"] - 0.03
    assert plain["departments"] == []
    assert [one["department"] for one in departments["departments"]] == ["North", "Köln West", "South"]
    north = departments["departments"][0]
    assert north["projects"] == 60
    assert north["level"]["interval"][0] < north["level"]["value"] < north["level"]["interval"][1]
    assert {one["value"] for one in departments["subgroups"]} == {"North", "South", "Köln West"}


# --- the file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda form: form["departments"].pop("north"),
        lambda form: form["departments"]["north"].update(name="Nord"),
        lambda form: form["departments"]["north"].update(level="high"),
        lambda form: form["range"]["departments"]["north"].update(variance=-1),
        lambda form: form["range"].update(other_department=float("nan")),
    ],
)
def test_departments_that_do_not_fit_together_are_refused(trained, small, damage):
    form = json.loads((trained / "with.json").read_text())
    model_from_json(form, small.pack)
    damage(form)
    with pytest.raises((KeyError, TypeError, ValueError)):
        model_from_json(form, small.pack)
