"""Selections of projects (case-control samples): their share of failures is not taken for that of all projects."""

from __future__ import annotations

import random

import numpy as np
import pytest

from riskengine.calibration.arms import arms, reference_of
from riskengine.calibration.evaluation.evaluate import evaluate
from riskengine.calibration.evaluation.measures import calibration_slope
from riskengine.calibration.evaluation.verdict import verdict
from riskengine.calibration.evaluation.words import lines
from riskengine.calibration.learn import Options, learn
from riskengine.calibration.posterior import expit
from riskengine.calibration.train import train
from riskengine.errors import ProblemError
from tests.calibration.house import projects, table
from tests.cli.run import run

TRUTH = (1.6, 0.1, 0.8, 0.8, 0.8, 0.1, 1.6, 0.8, 0.1)


def mean_probability(model, small):
    reference = reference_of(small)
    factors = np.array([model.factors[rule.id] for rule in small.pack.weighed_rules])
    return float(expit(model.moderation * (model.base + reference.X @ factors)).mean())


def selection(n):
    """All failures and as many successes of projects of which few fail."""
    everyone = projects(n, base=-2.2)
    lost = [one for one in everyone if one.outcome != "succeeded"]
    kept = random.Random(0).sample([one for one in everyone if one.outcome == "succeeded"], len(lost))
    return lost + kept


@pytest.mark.parametrize(("share", "base"), [(0.5, -2.0), (0.8, -2.5), (0.25, -1.0)])
def test_a_known_world_sampled_by_outcome_comes_back_to_its_true_rate(read, small, share, base):
    """Also where its projects are riskier, or less risky, than the pack expects."""
    world = {"base": base, "weights": TRUTH, "share": share}
    everyone = projects(8000, seed=1, **world)
    rate = float(np.mean([one.p for one in everyone]))
    lost = [one for one in everyone if one.outcome != "succeeded"][:600]
    kept = [one for one in everyone if one.outcome == "succeeded"][:600]
    fresh = projects(2000, seed=2, **world)
    contributions, truth = arms(read(table(fresh)), reference_of(small)).X, np.array([one.p for one in fresh])

    def predicted(options):
        return learn(arms(read(table(lost + kept)), reference_of(small)), reference_of(small), options)

    stated, plain = predicted(Options(true_rate=rate)), predicted(None)
    p = stated.probabilities(contributions)
    assert p.mean() == pytest.approx(truth.mean(), abs=0.02)
    assert _regret(truth, p) < 0.006
    assert abs(plain.probabilities(contributions).mean() - truth.mean()) > 0.07
    failed = (np.random.default_rng(0).random(len(truth)) < truth).astype(float)
    assert calibration_slope(failed, stated.log_odds(contributions))[0] == pytest.approx(1, abs=0.25)
    # what tells failures from successes is learned as without the rate
    assert np.corrcoef(stated.log_odds(contributions), plain.log_odds(contributions))[0, 1] > 0.999


def _regret(truth, p):
    return float(np.mean(truth * np.log(truth / p) + (1 - truth) * np.log((1 - truth) / (1 - p))))


def test_a_selection_as_rare_as_all_projects_is_a_history(read, small):
    rows = arms(read(table(projects(300, base=-0.8))), reference_of(small))
    every = learn(rows, reference_of(small))
    same = learn(rows, reference_of(small), Options(true_rate=float(rows.failed.mean())))
    contributions = reference_of(small).X
    assert same.probabilities(contributions) == pytest.approx(every.probabilities(contributions), abs=0.02)


def test_a_selection_learns_nothing_about_the_level(read, small):
    history = read(table(selection(3000)))
    wide = train(history, small, options=Options(true_rate=0.14)).model.range
    # the intercept's variance is as before history, in no direction less
    assert all(abs(direction[0]) < 1e-9 for direction in wide.learnt)
    assert any(abs(direction[0]) > 0.1 for direction in train(history, small).model.range.learnt)


def test_the_model_says_that_it_is_of_a_selection(read, small):
    model = train(read(table(selection(400))), small, options=Options(true_rate=0.2)).model
    assert model.name.startswith("selection of")
    assert model.trained_on["selection"] == {"true_rate": 0.2}


@pytest.mark.parametrize("rate", [0.0, 1.0, 30.0, float("nan")])
def test_a_rate_that_is_none_is_refused(read, small, rate):
    with pytest.raises(ProblemError, match="RE-614"):
        train(read(table(projects(20))), small, options=Options(true_rate=rate))


def test_a_rate_for_a_history_of_one_outcome_is_refused(read, small):
    with pytest.raises(ProblemError, match="RE-614"):
        train(read("outcome,q0\nfailed,yes\nfailed,no\n"), small, options=Options(true_rate=0.3))


def test_a_wider_prior_lets_the_base_rate_move_further(read, small):
    history = read("outcome,q0\n" + "failed,yes\nfailed,no\n" * 8)
    near, far = (train(history, small, options=Options(intercept_sd=sd)).model for sd in (0.2, 2.0))
    assert mean_probability(small.prior, small) < mean_probability(near, small) < mean_probability(far, small)
    with pytest.raises(ProblemError, match="RE-804"):
        train(history, small, options=Options(intercept_sd=-1.0))


def test_a_selection_is_judged_by_what_does_not_depend_on_its_share_of_failures(read, small):
    history = read(table(selection(3000)))
    found = evaluate(history, small, by=("q0",), options=Options(true_rate=0.14))
    shown = found.figures
    assert found.selection == 0.14
    assert (shown.auc is None, shown.slope is None) == (False, False)
    level = (shown.observed_over_expected, shown.log_loss, shown.brier, shown.intercept, shown.curve, shown.decision)
    assert set(level) == {None}
    said = {one.figure: one for one in shown.too_little}
    assert {"losses", "intercept", "curve", "decision"} <= said.keys()
    assert "not from a selection" in said["losses"].sentence
    assert all(one.figures.observed_over_expected is None for one in found.subgroups)
    assert "selection" in found.cautions[0]
    assert "selection" in verdict(found)[0]
    assert "failed / expected" not in "\n".join(lines(found))
    # the area under the curve is the same for all projects and for a selection by outcome
    assert shown.auc.value == pytest.approx(evaluate(history, small).figures.auc.value, abs=0.01)


def test_a_selection_is_called_one_wherever_it_is_shown(tmp_path, rules_folder):
    path, out = tmp_path / "s.csv", tmp_path / "m.json"
    path.write_text(table(selection(150)))
    done = run("model", "train", path, "-o", out, "--true-rate", "0.2", "--rules", rules_folder)
    assert "selection of" in done.stderr
    assert "A selection, not all projects" in run("model", "show", out, "--card", "--rules", rules_folder).stdout
    assert "a selection: of all projects 20 % fail" in run("model", "show", out, "--rules", rules_folder).stdout
    judged = run("model", "evaluate", path, "--true-rate", "0.2", "--rules", rules_folder).stdout
    assert "This is a selection of projects" in judged
    refused = run("model", "evaluate", path, "--true-rate", "20", "--rules", rules_folder)
    assert (refused.returncode, "RE-614" in refused.stderr) == (2, True)
