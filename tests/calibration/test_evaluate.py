"""Evaluation: what it says of histories whose truth is known, and how it says what is too little."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from riskengine.calibration.arms import reference_of
from riskengine.calibration.evaluation.data import Evaluation, json_schema
from riskengine.calibration.evaluation.evaluate import evaluate
from riskengine.calibration.evaluation.measures import auc, log_losses
from riskengine.calibration.evaluation.projects import cross_validated, projects_of
from riskengine.calibration.evaluation.words import lines
from tests.calibration.house import projects, table
from tests.cli.run import run

TRUTH = (1.6, 0.1, 0.8, 0.8, 0.8, 0.1, 1.6, 0.8, 0.1)


@pytest.fixture(scope="module")
def drawn():
    return projects(400, seed=2, base=-0.8, weights=TRUTH)


@pytest.fixture
def found(read, small, drawn):
    return evaluate(read(table(drawn)), small, by=("q0", "size"))


def test_figures_are_near_the_truth_that_made_the_history(found, drawn):
    failed = np.array([one.outcome != "succeeded" for one in drawn], float)
    p = np.array([one.p for one in drawn])
    figures = found.figures
    assert figures.projects == 400
    assert figures.failed == failed.sum()
    assert figures.auc.value == pytest.approx(auc(failed, p), abs=0.05)
    assert figures.auc.interval[0] < auc(failed, p) < figures.auc.interval[1]
    assert figures.log_loss.model.value == pytest.approx(log_losses(failed, p).mean(), abs=0.05)
    assert figures.log_loss.model.value < figures.log_loss.rules.value
    assert figures.slope.interval[0] < 1 < figures.slope.interval[1]
    assert abs(figures.intercept.value) < 0.2
    assert figures.observed_over_expected.value == pytest.approx(1, abs=0.1)


def test_held_out_projects_are_never_learned_from(read, small, drawn):
    # outcomes by chance: whoever looks at them before predicting looks better than chance
    chance = np.random.default_rng(0)
    rows = [
        type(one)(one.name, one.answers, one.begun, one.ended, 0.5, end)
        for one, end in zip(drawn, chance.choice(["failed", "succeeded"], len(drawn)), strict=True)
    ]
    figures = evaluate(read(table(rows)), small).figures
    assert figures.auc.value < 0.58
    assert figures.log_loss.model.value > 0.68


def test_every_project_is_predicted_once_in_each_repeat(read, small):
    held = cross_validated(projects_of(read(table(projects(60))), reference_of(small)))
    assert len(held) == 10
    assert all(np.isfinite(one.log_odds).all() and (one.log_odds != 0).all() for one in held)
    assert len({tuple(one.log_odds) for one in held}) == 10


def test_the_same_history_gives_the_same_evaluation(read, small):
    text = table(projects(50))
    assert evaluate(read(text), small) == evaluate(read(text), small)


def test_sixty_four_projects_get_losses_and_sentences_for_the_rest(read, small):
    found = evaluate(read(table(projects(64, base=-0.6))), small)
    figures = found.figures
    assert figures.log_loss is not None
    assert (figures.auc, figures.slope, figures.curve) == (None, None, None)
    said = {one.figure: one for one in figures.too_little}
    assert {"auc", "intercept", "slope", "curve", "auc:unused"} <= said.keys()
    assert said["intercept"].more_outcomes == 36
    text = "\n".join(lines(found))
    assert all(one.sentence in text for one in figures.too_little)
    assert "failed / expected" in text


def test_a_tiny_history_gets_only_the_counts(read, small):
    found = evaluate(read("outcome,q0\nfailed,yes\nsucceeded,no\nsucceeded,no\n"), small)
    assert found.figures.log_loss is None
    assert found.figures.decision is None
    assert found.figures.observed_over_expected.interval[0] < 1 < found.figures.observed_over_expected.interval[1]
    assert len(found.figures.too_little) >= 6


def test_the_curve_has_a_band_and_comes_with_a_hundred_failures(found):
    curve = found.figures.curve
    assert len(curve) == 41
    assert all(point.band[0] <= point.observed <= point.band[1] for point in curve)
    assert [point.predicted for point in curve] == sorted(point.predicted for point in curve)


def test_acting_on_all_is_worth_less_the_higher_the_threshold(found):
    decision = found.figures.decision
    assert [point.threshold for point in decision] == [round(0.05 * step, 2) for step in range(1, 20)]
    everyone = [point.all for point in decision]
    assert everyone == sorted(everyone, reverse=True)
    assert max(point.model for point in decision) <= found.figures.failed / found.figures.projects


def test_later_projects_are_judged_by_what_had_ended_before(found, drawn):
    late = found.temporal
    assert late.learned_from == sum(str(one.ended) < late.cut for one in drawn)
    assert late.figures.projects == sum(str(one.begun) >= late.cut for one in drawn)
    assert late.between == 400 - late.learned_from - late.figures.projects > 0


def test_without_dates_nothing_is_said_about_time(read, small):
    found = evaluate(read(table(projects(40), dates=False)), small)
    assert found.temporal is None
    assert "`date`" in found.cautions[0]


def test_subgroups_share_out_the_projects(found):
    by = {}
    for one in found.subgroups:
        by.setdefault(one.column, []).append(one)
    assert [one.value for one in by["q0"]] == ["no", "yes"]
    assert by["size"][0].value.startswith("above") or by["size"][0].value.startswith("up to")
    assert all(sum(one.figures.projects for one in some) == 400 for some in by.values())
    assert all(sum(one.figures.failed for one in some) == found.figures.failed for some in by.values())


def test_an_area_is_called_learnt_when_its_sd_has_halved(found):
    for one in found.areas:
        before, after = (np.ptp(figure.interval) for figure in (one.prior, one.posterior))
        # an interval that would reach below 0 is cut there
        assert one.learnt == (after <= 0.5 * 2 * 1.959964 * np.hypot(0.3, 0.25) + 1e-6)
        assert before > after


def test_too_good_to_be_true_is_said(read, small):
    rows = projects(200)
    sure = [
        type(one)(
            one.name,
            {**one.answers, "q0": "yes" if one.outcome != "succeeded" else "no"},
            one.begun,
            one.ended,
            one.p,
            one.outcome,
        )
        for one in rows
    ]
    found = evaluate(read(table(sure)), small)
    assert found.figures.auc.value > 0.85
    assert "in sight" in found.cautions[0]


def test_counts_are_projects(read, small):
    counted = evaluate(read("outcome,count,q0,q1\nfailed,30,yes,no\nsucceeded,10,yes,no\nsucceeded,30,no,no\n"), small)
    single = "outcome,q0,q1\n" + "failed,yes,no\n" * 30 + "succeeded,yes,no\n" * 10 + "succeeded,no,no\n" * 30
    assert counted.figures == evaluate(read(single), small).figures


def test_studies_are_learned_from_and_never_judged(read, small):
    own = table(projects(30), dates=False, names=False).splitlines()
    rows = ["study," + own[0], *("," + line for line in own[1:])]
    none = ",".join(["yes", *[""] * 9])
    rows += [f"s,failed,{none}"] * 40 + [f"s,succeeded,{none}"] * 5
    found = evaluate(read("\n".join(rows) + "\n"), small)
    assert found.figures.projects == 30


def test_json_follows_its_schema_and_is_all_there_is_on_stdout(tmp_path, rules_folder):
    path = tmp_path / "h.csv"
    path.write_text(table(projects(64)))
    done = run("model", "evaluate", path, "--rules", rules_folder, "--json", "--by", "q1")
    assert (done.returncode, done.stderr) == (0, "")
    form = json.loads(done.stdout)
    jsonschema.validate(form, json_schema())
    assert Evaluation.model_validate(form).figures.projects == 64
