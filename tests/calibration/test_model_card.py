"""`model show`: what moved, prior against learnt, and the card."""

from __future__ import annotations

import json

import pytest

from riskengine.assessment.model_file import model_to_json
from riskengine.calibration.learn import Options
from riskengine.calibration.model_card import markdown
from riskengine.calibration.train import train
from tests.calibration.house import projects, table
from tests.cli.run import run


@pytest.fixture
def model(read, small):
    wrong = (2.4, 2.4, 2.4, 0.0, 0.0, 0.0, 0.8, 0.8, 0.8)
    return train(read(table(projects(1500, weights=wrong))), small).model


def test_areas_and_findings_say_prior_and_learnt(model):
    areas = {one["area"]: one for one in model.card["areas"]}
    assert areas["team"]["factor"] > areas["goals"]["factor"] + 0.1
    # so far off are these rules that the priors' sds grow: an sd may be larger than it was thought before
    assert all(one["sd"] > 0 and one["learnt"] == (one["sd"] <= one["prior_sd"] / 2) for one in areas.values())
    moved = {one["rule"]: one for one in model.card["factors"]}
    assert moved["r0"]["factor"] > 1.5
    assert moved["r0"]["learnt"]
    distance = [abs(one["factor"] - 1) for one in model.card["factors"]]
    assert distance == sorted(distance, reverse=True)


def test_the_card_says_what_it_was_made_from(read, small):
    rows = [
        f"p{n},2024-01-{n + 1:02},2024-0{3 + n % 5}-01,{'failed' if n % 3 else 'succeeded'},{('no', 'yes')[n % 2]}"
        for n in range(20)
    ]
    history = read("\n".join(["project,date,ended,outcome,q0", *rows]) + "\n")
    card = markdown(train(history, small, options=Options(true_rate=0.25)).model, small)
    for needed in ("20, of which 13 failed", "2024-01-01 to 2024-07-01", "25 % of all projects fail", history.sha256):
        assert needed in card
    assert card.count("\n## ") == 6


def test_the_card_of_the_prior_says_that_nothing_was_learned(small):
    card = markdown(small.prior, small)
    assert "No project's outcome has been learned from" in card
    assert "has seen none of your projects" in card


def test_hostile_names_stay_text_in_the_card(read, small):
    text = "study,outcome,count,q0\na | b <script>,failed,9,yes\na | b <script>,succeeded,9,no\n"
    card = markdown(train(read(text), small).model, small)
    assert "<script>" not in card
    assert "a \\| b" in card


def test_show_prints_both_and_json_is_the_file(tmp_path, rules_folder, model):
    path = tmp_path / "m.json"
    form = {**model_to_json(model), "hash": model.hash}
    path.write_text(json.dumps(form))
    shown = run("model", "show", path, "--rules", rules_folder).stdout
    assert "learnt" in shown
    assert "How projects fail" in shown
    assert run("model", "show", path, "--card", "--rules", rules_folder).stdout.startswith("# Model card: history of")
    assert json.loads(run("model", "show", path, "--json", "--rules", rules_folder).stdout) == form
