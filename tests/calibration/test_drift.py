"""Drift: sums and tests by hand and by simulation, and what a user is told."""

from __future__ import annotations

import json
import math

import jsonschema
import numpy as np
import pytest

from riskengine.calibration.drift.answers import shifted_answers
from riskengine.calibration.drift.check import check
from riskengine.calibration.drift.data import json_schema
from riskengine.calibration.drift.sequential import cusum, score_test
from riskengine.calibration.drift.words import lines
from riskengine.calibration.posterior import expit
from tests.calibration.house import projects, table
from tests.cli.run import run


def outcomes(n, seed, odds=1.0, since=0):
    chance = np.random.default_rng(seed)
    log_odds = chance.normal(-0.6, 1.0, n)
    true = log_odds + np.where(np.arange(n) >= since, math.log(odds), 0.0)
    return (chance.random(n) < expit(true)).astype(float), log_odds


def test_a_sum_by_hand():
    failed, even = np.array([1.0, 0.0, 1.0]), np.zeros(3)
    up, down = math.log(4 / 3), math.log(2 / 3)
    path = cusum(failed, even).path
    np.testing.assert_allclose(path, [up, 0.0, up])
    assert path[1] == max(0.0, up + down)
    np.testing.assert_allclose(cusum(failed, even, 0.5).path, [0, up, 0])


def test_sums_seldom_cry_wolf_and_find_threefold_odds():
    false = [any(cusum(*outcomes(400, seed), odds).alarms for odds in (2.0, 0.5)) for seed in range(200)]
    assert np.mean(false) < 0.12
    found = []
    for seed in range(100):
        alarms = cusum(*outcomes(320, seed, odds=3.0, since=200)).alarms
        found.append(any(alarm >= 200 for alarm in alarms))
    assert np.mean(found) > 0.8


def test_a_sum_knows_since_when():
    rises = [cusum(*outcomes(300, seed, odds=4.0, since=150)) for seed in range(30)]
    assert np.median([one.rises[0] for one in rises if one.alarms]) == pytest.approx(150, abs=25)


def test_the_score_statistic_has_two_degrees_of_freedom_when_nothing_changed():
    values = np.array([score_test(*outcomes(100, seed)) for seed in range(1500)])
    assert values.mean() == pytest.approx(2.0, abs=0.25)
    assert np.mean(values > 13.8) < 0.006
    assert score_test(*outcomes(100, 0, odds=6.0)) > 13.8


def test_a_shift_of_answers_is_found_and_chance_is_not(small):
    chance = np.random.default_rng(0)

    def drawn(n, p):
        return [
            {f"q{place}": "yes" if chance.random() < (p if place == 4 else 0.5) else "no" for place in range(9)}
            for _ in range(n)
        ]

    shift = shifted_answers(drawn(150, 0.5) + drawn(60, 0.9), 60, small.pack)[0]
    assert shift.question == "q4"
    assert shift.after - shift.before == pytest.approx(0.4, abs=0.15) or shift.before - shift.after > 0.25
    false = [bool(shifted_answers(drawn(60, 0.5), 25, small.pack)) for _ in range(40)]
    assert sum(false) <= 6


def test_the_same_answers_everywhere_have_not_shifted(small):
    assert shifted_answers([{"q0": "yes", "size": 3.0}] * 30, 10, small.pack) == []
    assert shifted_answers([{"q0": "yes"}], 0, small.pack) == []


def test_a_steady_history_fits(read, small):
    found = check(read(table(projects(260, seed=8))), small)
    assert found.state == "fits"
    assert found.advice == ()
    assert found.latest is not None
    assert "date" in found.predictions
    assert 150 < found.projects < 260


def test_a_change_is_found_dated_and_said_what_to_do_about(read, small):
    some = projects(320, seed=9, base=-1.5, shift_at=240)
    found = check(read(table(some)), small)
    assert found.state == "alarm"
    (rising,) = [one for one in found.sums if one.odds == 2.0]
    assert rising.alarms
    assert rising.alarms[0] > str(some[240].begun)
    assert rising.since in found.advice[0]
    assert any("--intercept-sd" in one for one in found.advice)
    assert any("weight" in one for one in found.advice)
    assert "ALARM" in next(lines(found))


def test_given_probabilities_are_judged_as_they_are(read, small):
    some = projects(120, seed=6)
    rows = table(some).splitlines()
    text = "\n".join(["probability," + rows[0], *(f"0.05,{row}" for row in rows[1:])]) + "\n"
    found = check(read(text), small)
    assert "probability" in found.predictions
    assert found.projects == 120
    assert found.expected == pytest.approx(6.0)
    assert found.state == "alarm"


def test_little_history_says_that_it_is_too_little(read, small):
    found = check(read(table(projects(40))), small)
    assert found.state == "too_little"
    assert found.projects == 0
    assert "100 more outcomes" in found.cautions[0]


def test_without_dates_the_order_of_the_table_is_taken_and_said(read, small):
    found = check(read(table(projects(120), dates=False)), small)
    assert "order of the table" in found.predictions
    assert any("Without `date`" in one for one in found.cautions)


def test_json_follows_its_schema_and_an_alarm_can_fail_a_run(tmp_path, rules_folder):
    path = tmp_path / "h.csv"
    rows = table(projects(120, seed=6)).splitlines()
    path.write_text("\n".join(["probability," + rows[0], *(f"0.05,{row}" for row in rows[1:])]) + "\n")
    done = run("model", "check", path, "--rules", rules_folder, "--json", "--fail-on-alarm")
    assert done.returncode == 1
    form = json.loads(done.stdout)
    jsonschema.validate(form, json_schema())
    assert form["state"] == "alarm"
    assert run("model", "check", path, "--rules", rules_folder).returncode == 0
