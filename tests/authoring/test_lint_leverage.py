"""How far answers move the result, against sums by hand and against the built pack."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from random_packs import choice, number, rule, write_pack, yes_no

from riskengine.assessment.build import load_pack
from riskengine.authoring.lint import lint
from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.projects import few
from riskengine.pack.locate import shipped
from riskengine.pack.read import read_pack


def subject_of(folder: Path, *args: object, **head: object) -> Subject:
    return Subject(write_pack(folder, *args, **head), folder, None)  # type: ignore[arg-type]


def test_the_leverage_of_a_question_is_what_its_worst_answer_adds_to_its_best(tmp_path: Path) -> None:
    questions = [choice("a", ["low", "middle", "high"]), yes_no("b")]
    rules = [
        rule("middle", {"a": {"at_least": "middle"}}, 0.4, group="a"),
        rule("high", {"a": "high"}, 0.9, group="a"),
        rule("not-b", {"b": "no"}, -0.2),
        rule("both", {"a": "high", "b": "yes"}, 0.3),
    ]
    subject = subject_of(tmp_path / "pack", questions, rules)
    a, b = subject.leverage
    scale = subject.weights.scale
    common = subject.ordinary.condition(subject.pack.rule["not-b"].when).bit_count() / subject.ordinary.size
    high = subject.ordinary.condition(subject.pack.rule["high"].when).bit_count() / subject.ordinary.size
    assert a.leverage == pytest.approx(scale * (0.9 + 0.3 * (1 - common)))
    assert b.leverage == pytest.approx(scale * (0.2 + 0.3 * high))
    assert (a.asked, b.asked) == (1.0, 1.0)
    assert a.share + b.share == pytest.approx(1)


def test_leverage_is_the_mean_of_those_who_are_asked(tmp_path: Path) -> None:
    questions = [yes_no("gate", "none"), number("n", 1, 10, "high", ask_when={"gate": "yes"})]
    subject = subject_of(tmp_path / "pack", questions, [rule("many", {"n": {"above": 5}}, 0.7)])
    _, n = subject.leverage
    assert 0.4 < n.asked < 0.6
    assert n.leverage == pytest.approx(subject.weights.scale * 0.7)


def test_scale_base_and_moderation_are_nearly_those_of_the_built_pack() -> None:
    folder = shipped("rules")
    built, weights = load_pack(folder), Subject(read_pack(folder), folder, None).weights
    assert weights.scale == pytest.approx(built.centre.scale, rel=0.05)
    assert weights.base == pytest.approx(built.prior.base, abs=0.05)
    assert weights.moderation == pytest.approx(built.prior.moderation, abs=0.005)


def test_probabilities_have_the_base_rate_as_their_mean(tmp_path: Path) -> None:
    subject = subject_of(
        tmp_path / "pack", [yes_no("a"), yes_no("b")], [rule("a", {"a": "yes"}), rule("b", {"b": "yes"})]
    )
    found = subject.weights.probabilities(subject.ordinary)
    assert math.fsum(found) / len(found) == pytest.approx(subject.pack.base_rate.value)


def test_a_pack_whose_weights_are_all_nothing_has_no_leverage(tmp_path: Path) -> None:
    subject = subject_of(tmp_path / "pack", [yes_no("a")], [rule("a", {"a": "yes"}, 0, concludes="fact")])
    assert [one.leverage for one in subject.leverage] == [0.0]
    assert [one.share for one in subject.leverage] == [0.0]


def test_a_gate_may_move_more_than_what_is_behind_it(tmp_path: Path) -> None:
    behind = [yes_no(f"q{place}", ask_when={"gate": "yes"}) for place in range(9)]
    rules = [rule(f"r{place}", {f"q{place}": "yes"}, 0.2) for place in range(9)]
    questions = [yes_no("gate", "none"), *behind]
    heavy = rule("gated", {"gate": "yes"}, 3.0)
    plain = [yes_no("gate"), *[yes_no(f"q{place}") for place in range(9)]]
    codes = [
        [one.code for one in lint(write_pack(tmp_path / name, asked, [*rules, heavy]))]
        for name, asked in (("gate", questions), ("plain", plain))
    ]
    assert "RE-230" not in codes[0]
    assert "RE-230" in codes[1]


def test_few_values_keep_both_ends() -> None:
    assert few(range(100), 5) == (0, 25, 50, 74, 99)
    assert few([3.0], 5) == (3.0,)
