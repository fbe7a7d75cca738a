"""The second model: how failed projects failed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.model_file import model_from_json, model_to_json
from riskengine.calibration.ends import END_SD, end_probabilities, learn_ends
from riskengine.calibration.train import train
from tests.calibration.house import projects, table


def test_no_known_end_leaves_the_packs_shares(read, small):
    model = train(read("outcome,q0\n" + "failed,yes\nsucceeded,no\n" * 9), small).model
    assert model.ends == {}
    assert "ends" not in model_to_json(model)


def test_ends_move_toward_what_happened_and_only_as_far_as_it_was_often(read, small):
    def share(times):
        text = "outcome,count,q0\n" + f"unused,{times},yes\nsucceeded,{times},no\n"
        return train(read(text), small).model.ends["unused"]

    pack = next(end.share for end in small.pack.ends if end.id == "unused")
    few, many, very_many = share(2), share(30), share(3000)
    assert pack < few < many < very_many
    assert few - pack < 0.2
    assert very_many > 0.9


def test_the_mode_has_no_gradient():
    chance = np.random.default_rng(0)
    log_odds = chance.normal(0, 1, (50, 3))
    ended = np.eye(3)[chance.integers(0, 3, 50)]
    weight = chance.uniform(0.2, 1, 50)
    d = learn_ends(log_odds, ended, weight)
    gradient = weight @ (ended - end_probabilities(log_odds + d)) - d / END_SD**2
    assert np.abs(gradient).max() < 1e-8


def test_what_findings_add_is_not_learned_a_second_time(read, small):
    # all ended as unused, but the answers said so: the shares move less than for answers that speak against it
    telling = ",".join(f"q{place}" for place in range(3, 9))
    yes, no = ",".join(["yes"] * 6), ",".join(["no"] * 6)
    for_it = train(read(f"outcome,count,{telling}\nunused,12,{yes}\nsucceeded,12,{no}\n"), small).model.ends
    against = train(read(f"outcome,count,{telling}\nunused,12,{no}\nsucceeded,12,{yes}\n"), small).model.ends
    assert for_it["unused"] < against["unused"]


def test_the_file_holds_the_ends_and_assessments_use_them(read, small):
    model = train(read("outcome,count,q0\nunused,400,yes\nsucceeded,400,no\n"), small).model
    again = model_from_json(json.loads(json.dumps(model_to_json(model))), small.pack)
    assert again.ends == model.ends
    assert sum(model.ends.values()) == pytest.approx(1, abs=1e-5)
    answers = Answers({"q0": "yes"})
    before = assess_answers(answers, small, small.prior, explain=False)
    after = assess_answers(answers, small, again, explain=False)
    assert after.ends["unused"] / after.probability > before.ends["unused"] / before.probability + 0.3
    assert sum(after.ends.values()) == pytest.approx(after.probability)


@pytest.mark.parametrize("ends", [{"unused": 1.0}, {"cancelled": 0.5, "overrun": 0.5, "unused": 0.0}, [1]])
def test_ends_that_are_not_the_packs_are_refused(read, small, ends):
    form = model_to_json(train(read(table(projects(20))), small).model) | {"ends": ends}
    with pytest.raises((ValueError, AttributeError)):
        model_from_json(form, small.pack)
