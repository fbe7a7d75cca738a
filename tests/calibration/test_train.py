import json
import math
import random
from types import SimpleNamespace

import numpy as np
import pytest

import riskengine
from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import exact_contributions, intercept_sd, sample, standard_deviation
from riskengine.assessment.model_file import BETWEEN, Z_90, terms_of
from riskengine.assessment.score import contributions, expit
from riskengine.calibration.arms import MOST_WEIGHT
from riskengine.calibration.classifier import RiskClassifier
from riskengine.calibration.history import read_history
from riskengine.calibration.train import train
from riskengine.engines.forward import BUILT_IN
from riskengine.errors import ProblemError
from riskengine.logic.conditions import NOT_APPLICABLE
from riskengine.pack.locate import shipped
from tests.cli.run import nothing_but, run


@pytest.fixture(scope="module")
def built():
    return riskengine.load_pack()


@pytest.fixture
def history(tmp_path, built):
    def read(text):
        path = tmp_path / "history.csv"
        path.write_text(text)
        return read_history(path, built.pack)

    return read


@pytest.fixture(scope="module")
def reference(built):
    drawn = sample(built.pack)
    return drawn, [exact_contributions(built.pack, built.centre, counts) for counts in drawn.counts]


def test_the_shipped_model_keeps_base_rate_and_spread_and_moves_no_factor_far(built, reference):
    model = built.model
    _, exact = reference
    learned = [math.fsum(model.factors[rule] * value for rule, value in one.items()) for one in exact]
    mean = math.fsum(expit(model.moderation * (model.base + one)) for one in learned) / len(learned)
    assert mean == pytest.approx(built.pack.base_rate.value, abs=0.005)
    assert standard_deviation(learned) == pytest.approx(built.pack.spread, rel=0.05)
    assert all(0.5 <= factor <= 2 for factor in model.factors.values())


def test_the_shipped_model_is_trained_on_at_least_five_contrasts_each_mapped_to_a_finding_of_its_own(built):
    rows = read_history(shipped("data", "outcomes.csv"), built.pack).rows
    questions = {question for row in rows for question in row.answers} - {"project_kind"}
    assert len(questions) >= 5
    for question in questions:
        own = [rule for rule in built.pack.weighed_rules if built.pack.questions_read(rule.when) == (question,)]
        assert own, question


def test_every_arm_of_the_shipped_counts_has_a_row_for_each_outcome(built):
    rows = read_history(shipped("data", "outcomes.csv"), built.pack).rows
    arms = {}
    for row in rows:
        arms.setdefault((row.study, *sorted(row.answers.items())), []).append(row.failed)
    assert all(sorted(outcomes) == [False, True] for outcomes in arms.values())
    studies = {row.study for row in rows}
    assert all(sum(arm[0] == study for arm in arms) >= 2 for study in studies)


def test_ones_own_failures_raise_the_probability_and_successes_lower_it(built, history):
    bad = train(history("outcome,count,deadline_basis\nfailed,40,imposed_tight\nsucceeded,2,imposed_tight\n"), built)
    good = train(history("outcome,count,deadline_basis\nfailed,2,imposed_tight\nsucceeded,40,imposed_tight\n"), built)
    answers = Answers({"deadline_basis": "imposed_tight"})
    worse, better = (assess_answers(answers, built, one.model, explain=False) for one in (bad, good))
    assert better.probability < built.pack.base_rate.value < worse.probability


def test_a_study_moves_neither_base_rate_nor_slope_and_weighs_at_most_its_cap(built, history):
    trained = train(history("study,outcome,count,turnover\ns,failed,90000,several\ns,succeeded,9000,none\n"), built)
    assert trained.model.base == pytest.approx(built.prior.base, abs=0.05)
    assert trained.model.card["studies"][0]["counted_as"] == MOST_WEIGHT


def test_a_history_of_one_outcome_can_be_learnt_from(built, history):
    trained = train(history("outcome,stage\n" + "failed,idea\n" * 12), built)
    assert 0 < trained.model.moderation <= 1
    assert trained.model.trained_on["own_projects"] == 12


def test_rows_that_move_nothing_are_named(built, history):
    trained = train(history("outcome,drift_speed\nfailed,years\nsucceeded,years\n"), built)
    assert [problem.code for problem in trained.warnings if problem.code == "RE-605"] == ["RE-605", "RE-605"]


def test_training_twice_gives_the_same_bytes(built, history):
    text = "study,outcome,count,turnover\ns,failed,9,several\ns,succeeded,9,none\n"
    first, second = (train(history(text), built).model for _ in range(2))
    assert first.hash == second.hash


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        ("", "RE-401", ""),
        ("stage\nidea\n", "RE-603", ""),
        ("outcome,note\nfailed,x\n", "RE-403", ""),
        ("outcome,stage\n", "RE-603", ""),
        ("outcome,stage\nmaybe,idea\n", "RE-603", "row 1:outcome"),
        ("outcome,stage\n,idea\n", "RE-603", "row 1:outcome"),
        ("outcome,stage\nfailed,ideal\n", "RE-304", "row 1:stage"),
        ("outcome,stage,count\nfailed,idea,-1\n", "RE-603", "row 1:count"),
        ("outcome,stage,count\nfailed,idea,nan\n", "RE-603", "row 1:count"),
        ("outcome,stage,weight\nfailed,idea,1.5\n", "RE-603", "row 1:weight"),
        ("outcome,stage,stage\nfailed,idea,idea\n", "RE-402", ""),
        ("outcome,stage\nfailed\n", "RE-405", "row 1"),
        ('outcome,stage\nfailed,"idea\n', "RE-401", ""),
    ],
)
def test_a_bad_history_is_refused_with_its_place_and_no_model_is_written(tmp_path, content, code, place):
    path, out = tmp_path / "h.csv", tmp_path / "m.json"
    path.write_text(content)
    done = run("model", "train", path, "-o", out)
    assert done.returncode == 2
    assert code in done.stderr
    assert place in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_but(tmp_path, "h.csv")


def test_a_published_row_whose_answers_nobody_gives_together_is_refused(built, history):
    level = built.pack.question["experiment_tracking"].level_ids[0]
    text = f"study,outcome,project_kind,experiment_tracking\ns,failed,plain_software,{level}\n"
    with pytest.raises(ProblemError) as refused:
        train(history(text), built, "h.csv")
    assert [problem.code for problem in refused.value.problems] == ["RE-603"]


def test_a_model_trained_on_own_history_is_used_by_model_option(tmp_path):
    path, out, answers = tmp_path / "h.csv", tmp_path / "m.json", tmp_path / "a.yaml"
    path.write_text("outcome,count,deadline_basis\nfailed,40,imposed_tight\nsucceeded,2,imposed_tight\n")
    answers.write_text("deadline_basis: imposed_tight\n")
    assert run("model", "train", path, "-o", out).returncode == 0
    result = json.loads(run("assess", answers, "--json", "--model", out).stdout)
    assert result["versions"]["model"]["name"] == "history of 42 projects"
    assert "history of 42 projects" in run("model", "show", out).stdout


def test_the_range_in_the_file_is_that_of_the_fit_and_never_narrower(built, history, reference):
    drawn, exact = reference
    chance = random.Random(1)
    questions = [question.id for question in built.pack.questions if question.type != "number"]
    lines = [",".join(["outcome", *questions])]
    for project in drawn.projects[:60]:
        cells = ["n/a" if value is NOT_APPLICABLE else value or "" for value in map(project.get, questions)]
        lines.append(",".join([chance.choice(["failed", "succeeded"]), *cells]))
    read = history("\n".join(lines) + "\n")
    model = train(read, built).model

    rules = built.pack.weighed_rules
    scored = [
        contributions(built.pack, built.centre, built.prior.factors, BUILT_IN.findings(built.pack, row.answers).rules)
        for row in read.rows
    ]
    table = SimpleNamespace(
        finding_areas=tuple(rule.area for rule in rules),
        finding_groups=tuple(rule.group_key for rule in rules),
        base=built.prior.base,
    )
    every = np.array([[one[rule.id] for rule in rules] for one in exact])
    fitted = RiskClassifier(table, intercept_sd=intercept_sd(built.pack), classes=(0, 1), reference=every)
    fitted.fit(
        np.array([[one.exact[rule.id] for rule in rules] for one in scored]), [int(row.failed) for row in read.rows]
    )
    terms = terms_of(built.pack)
    exactly = np.sqrt(fitted.wide_.variance(every) + BETWEEN**2)
    kept = [half_width(model.range.bounds(terms.vector(built.pack, one))) for one in exact]
    ratio = np.array(kept) / (Z_90 * exactly)
    assert len(model.range.learnt) > 2
    assert ratio.min() >= 1 - 1e-5
    assert ratio.max() <= 1.001 + 1e-5


def half_width(bounds):
    low, high = (math.log(bound / (1 - bound)) for bound in bounds)
    return (high - low) / 2
