"""The shipped rules cover the field: the coverage table, both extremes, and no area outshouts the rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from statistics import fmean, median, pstdev
from typing import Any

import pytest
import yaml

import riskengine
from riskengine.assessment.reference import draw, level_shares, quantile
from riskengine.assessment.score import contributions, expit
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import Value
from riskengine.pack.gates import asked
from riskengine.pack.model import Pack, Question, Rule

BUILT = riskengine.load_pack()
PACK: Pack = BUILT.pack
AREAS = [area for area, _ in PACK.areas]

_FILE = yaml.load(Path(__file__).with_name("coverage.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
TABLE: Mapping[str, Mapping[str, Any]] = _FILE["lines"]
BEYOND: Mapping[str, Mapping[str, Any]] = _FILE["beyond"]
EXAMPLES = [
    pytest.param(example["answers"], example["fires"], id=f"{line}-{number}")
    for line, entry in [*TABLE.items(), *BEYOND.items()]
    for number, example in enumerate(entry.get("examples", ()), 1)
]

ABOUT_POPULATIONS = "nothing-learned-from-data"
"""The one rule that tells two populations apart rather than two states of a project."""

KINDS = ["trained_model", "hosted_model", "analysis", "plain_software"]

_DATA = Path(__file__).resolve().parents[2] / "data"
_PRIORS = yaml.safe_load((_DATA / "evidence.yaml").read_text(encoding="utf-8"))["priors"]
USUAL = {kind: _PRIORS["software" if kind == "plain_software" else "ai"]["value"] for kind in KINDS}
"""How often projects of a kind fail, by the evidence."""


def typed(answers: Mapping[str, str]) -> dict[str, Value]:
    return {id: float(value) if PACK.question[id].type == "number" else value for id, value in answers.items()}


def fired(answers: Mapping[str, Value]) -> set[str]:
    return {rule for rule, state in BUILT_IN.findings(PACK, answers).rules.items() if state}


def probability(answers: Mapping[str, Value]) -> float:
    """The probability by the rules alone, of the answers that would be asked for."""
    asks = asked(PACK, answers)
    given = {question: value for question, value in answers.items() if asks[question]}
    return riskengine.assess(given, model="none", explain=False).probability


@cache
def depth(rule: str) -> int:
    """How many rules stand on one another, this one on top."""
    below = (other for read in PACK.conclusions_read[rule] for other in PACK.rules_concluding[read])
    return 1 + max(map(depth, below), default=0)


def risks(area: str) -> list[Rule]:
    return [rule for rule in PACK.weighed_rules if rule.area == area and (rule.weight or 0) > 0]


# --- the table ---------------------------------------------------------------------------------------------


def test_the_table_has_all_its_lines_and_each_has_an_example_or_a_test() -> None:
    assert list(TABLE) == [f"S{number}" for number in range(1, 45)]
    assert [line for line, entry in TABLE.items() if len(entry["claim"]) < 20] == []
    held = {line: entry["held_by"] for line, entry in TABLE.items() if "examples" not in entry}
    assert list(held) == ["S3", "S14", "S44"]
    assert [test for test in held.values() if not callable(globals().get(test))] == []


@pytest.mark.parametrize(("answers", "fires"), EXAMPLES)
def test_the_findings_of_a_line_fire_on_its_example(answers: Mapping[str, str], fires: list[str]) -> None:
    assert [rule for rule in fires if rule not in PACK.rule] == []
    given = typed(answers)
    asks = asked(PACK, given)
    assert [question for question in given if asks[question] is not True] == [], "these would not be asked for"
    assert [rule for rule in fires if rule not in fired(given)] == []


@pytest.mark.parametrize(("answers", "fires"), EXAMPLES)
def test_nothing_fires_on_an_example_without_its_answers(answers: Mapping[str, str], fires: list[str]) -> None:
    # so the findings come from the answers, and an answer that has no part in them does not stand there
    given = typed(answers)
    assert fired({}).isdisjoint(fires)
    for question in given:
        fewer = {id: value for id, value in given.items() if id != question}
        assert not set(fires) <= fired(fewer), f"{question} makes no difference"


def test_every_rule_stands_on_a_line() -> None:
    entries = [*TABLE.values(), *BEYOND.values()]
    named = {rule for entry in entries for example in entry.get("examples", ()) for rule in example["fires"]}
    assert [rule.id for rule in PACK.rules if rule.id not in named] == []


def test_every_finding_leads_to_ends_and_every_end_is_reached_through_a_chain() -> None:
    assert [rule.id for rule in PACK.weighed_rules if not rule.leads_to] == []
    assert [end.id for end in PACK.ends] == ["cancelled", "overrun", "unused", "retired"]
    for end in PACK.ends:
        leading = [rule for rule in PACK.weighed_rules if end.id in rule.leads_to and (rule.weight or 0) > 0]
        assert max(depth(rule.id) for rule in leading) >= 4, end.id
        assert sum(depth(rule.id) > 1 for rule in leading) >= 10, end.id


LAST_COMPOUND = {
    "cancelled": "funding-stop",
    "overrun": "death-march",
    "unused": "shelfware",
    "retired": "quick-retirement",
}


def test_each_end_has_a_last_compound_that_stands_on_others_and_leads_nowhere_else() -> None:
    for end, rule in LAST_COMPOUND.items():
        assert PACK.rule[rule].leads_to == (end,)
        assert depth(rule) >= 4


def ends_of(area: str) -> dict[str, float]:
    """How much weight the risks of an area put on each end."""
    found = dict.fromkeys((end.id for end in PACK.ends), 0.0)
    for rule in risks(area):
        for end in rule.leads_to:
            found[end] += (rule.weight or 0.0) / len(rule.leads_to)
    return found


MAIN_END = {
    "team": "overrun",
    "goals": "unused",
    "research": "unused",
    "tooling": "overrun",
    "planning": "overrun",
    "scoping": "cancelled",
    "data": "cancelled",
    "experimentation": "cancelled",
    "development": "retired",
    "deployment": "retired",
    "evaluation": "unused",
    "adoption": "unused",
}


def test_each_area_has_its_own_way_to_fail_and_each_phase_its_findings() -> None:
    for area in AREAS:
        ends = ends_of(area)
        # of four ends, more than its even part
        assert ends[MAIN_END[area]] > 0.3 * math.fsum(ends.values()), area
    assert set(MAIN_END.values()) == {end.id for end in PACK.ends}
    for phase in PACK.phases:
        questions = {question.id for question in PACK.questions if question.phase == phase}
        assert questions, phase
        assert sum(bool(questions & set(PACK.depends_on[rule.id])) for rule in PACK.weighed_rules) >= 5, phase


def test_four_areas_have_findings_of_their_own_and_compounds_between_each_two() -> None:
    areas = ("team", "goals", "research", "tooling")
    questions = {area: {one.id for one in PACK.questions if one.area == area} for area in areas}
    for area in areas:
        assert len([rule for rule in PACK.weighed_rules if rule.area == area]) >= 4, area
    for one, other in combinations(areas, 2):
        both = [
            rule.id
            for rule in PACK.weighed_rules
            if (rule.weight or 0) > 0
            and questions[one] & set(PACK.depends_on[rule.id])
            and questions[other] & set(PACK.depends_on[rule.id])
        ]
        assert len(both) >= 2, (one, other)


# --- chains ------------------------------------------------------------------------------------------------


CHAINS: dict[str, tuple[dict[str, Value], list[str]]] = {
    "nobody has shipped": (
        {
            "team_fte": 1.0,
            "problem_scale": "large",
            "deadline_basis": "imposed_blind",
            "team_ml_experience": "nobody",
            "problem_novelty": "other_field",
            "feasibility_tested": "no",
            "success_metric": "none",
            "pipeline_automation": "by_hand",
            "business_dialogue": "none",
            "business_owner": "nobody",
            "business_eval": "none",
        },
        [
            "capability-shortfall",
            "difficulty-underestimated",
            "death-march",
            "corner-cutting",
            "trust-erosion",
            "sponsor-loss",
            "funding-stop",
        ],
    ),
    "planning on method": (
        {
            "project_kind": "trained_model",
            "planning_focus": "method",
            "problem_statement": "technology",
            "baseline_first": "none",
            "freshness_need": "hourly",
            "serving_mode": "online",
            "business_eval": "technical",
            "benefit_link": "assumed",
        },
        [
            "problem-unclear",
            "how-before-why",
            "fancy-over-useful",
            "more-than-needed",
            "run-cost-spiral",
            "quick-retirement",
        ],
    ),
}


@pytest.mark.parametrize(("answers", "chain"), CHAINS.values(), ids=list(CHAINS))
def test_a_chain_goes_from_answers_to_an_end_and_each_step_feeds_the_next(
    answers: dict[str, Value], chain: list[str]
) -> None:
    assert len(chain) >= 6 and set(chain) <= fired(answers)
    for step, following in pairwise(chain):
        assert PACK.rule[step].concludes in PACK.conclusions_read[following], (step, following)


def test_chains_are_at_least_six_rules_deep() -> None:
    assert sum(depth(rule.id) >= 6 for rule in PACK.weighed_rules) >= 2


# --- the questionnaire -------------------------------------------------------------------------------------


def test_the_questionnaire_and_the_rules_have_the_size_they_should() -> None:
    assert 45 <= len(PACK.questions) <= 55
    assert len(PACK.rules) >= 80
    assert sum((rule.weight or 0) < 0 for rule in PACK.weighed_rules) >= 12
    assert sum(rule.warns is not None for rule in PACK.rules) >= 8
    assert 11 <= sum(question.quick for question in PACK.questions) <= 15


def count_asked(kind: str, stage: str) -> int:
    return sum(bool(state) for state in asked(PACK, {"project_kind": kind, "stage": stage}).values())


@pytest.mark.parametrize("stage", ["idea", "funded", "experimenting", "building", "live"])
def test_software_without_a_model_is_asked_about_thirty_five_questions(stage: str) -> None:
    assert 32 <= count_asked("plain_software", stage) <= 38
    assert count_asked("plain_software", stage) < count_asked("analysis", stage) < count_asked("trained_model", stage)


@pytest.mark.parametrize("question", PACK.questions, ids=lambda one: one.id)
def test_a_question_has_a_phase_a_worse_side_and_expected_shares(question: Question) -> None:
    assert question.phase in PACK.phases
    assert question.worse in ("first", "last", "low", "high", "yes", "no", "none")
    assert (question.worse == "none") == bool(question.worse_reason)
    assert len(question.text) <= 110 and question.text.endswith("?") and len(question.help) >= 40
    if question.type == "number":
        points = [value for _, value in question.shares]
        assert points == sorted(points) and len(points) >= 5
    else:
        assert math.fsum(share for _, share in question.shares) == pytest.approx(1)
        assert min(share for _, share in question.shares) >= 0.01
    assert any(question.id in PACK.depends_on[rule.id] for rule in PACK.rules), "no rule reads it"


# --- extremes ----------------------------------------------------------------------------------------------


BEST_OF_NEED_AND_BUILD: dict[str, Value] = {
    "stage": "building",
    "team_fte": 5.0,
    "research_mindset": "hard_parts_first",
    "freshness_need": "daily",
    "serving_mode": "daily",
    "predictions_per_day": "ten_thousand",
    "drift_speed": "months",
    "retrain_interval": "months",
}
WORST_OF_NEED_AND_BUILD: dict[str, Value] = {
    "stage": "building",
    "team_fte": 1.0,
    "research_mindset": "advance_method",
    "freshness_need": "seconds",
    "serving_mode": "daily",
    "predictions_per_day": "more",
    "drift_speed": "days",
    "retrain_interval": "months",
}


def extreme(kind: str, worst: bool) -> dict[str, Value]:
    pairs = WORST_OF_NEED_AND_BUILD if worst else BEST_OF_NEED_AND_BUILD
    sided = {one.id: _end_of(one, worst) for one in PACK.questions if one.worse != "none"}
    return {**sided, **pairs, "project_kind": kind}


def _end_of(question: Question, worst: bool) -> Value:
    upper = (question.worse in ("last", "high", "yes")) == worst
    if question.type == "number":
        return question.maximum if upper else question.minimum
    return question.level_ids[-1] if upper else question.level_ids[0]


def test_every_question_without_a_worse_side_has_a_place_in_the_extremes() -> None:
    without = {question.id for question in PACK.questions if question.worse == "none"} - {"project_kind"}
    assert set(BEST_OF_NEED_AND_BUILD) == set(WORST_OF_NEED_AND_BUILD) == without


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_answers_give_under_twelve_per_cent_and_the_worst_over_eighty_eight(kind: str) -> None:
    assert probability(extreme(kind, worst=False)) < 0.12
    assert probability(extreme(kind, worst=True)) > 0.88


def middling() -> dict[str, Value]:
    """For each choice the level that holds the median of its shares; numbers at their median."""
    found: dict[str, Value] = {}
    for question in PACK.questions:
        if question.type == "number":
            found[question.id] = quantile(question, 0.5)
            continue
        below = 0.0
        for level, share in level_shares(question).items():
            below += share
            if below >= 0.5 - 1e-9:
                found[question.id] = level
                break
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_all_middling_answers_come_near_what_is_usual(kind: str) -> None:
    assert abs(probability({**middling(), "project_kind": kind}) - USUAL[kind]) <= 0.10


@pytest.mark.parametrize("kind", KINDS)
def test_ordinary_projects_of_a_kind_fail_about_as_often_as_the_evidence_says(kind: str) -> None:
    means = [found for answers, found in ordinary() if answers["project_kind"] == kind]
    assert len(means) > 300 and abs(fmean(means) - USUAL[kind]) < 0.05


@cache
def ordinary() -> list[tuple[Mapping[str, Value], float]]:
    """The reference sample, each project with its probability by the rules alone."""
    found: list[tuple[Mapping[str, Value], float]] = []
    for answers in draw(PACK):
        states = BUILT_IN.findings(PACK, answers).rules
        sums = contributions(PACK, BUILT.centre, BUILT.prior.factors, states).learned
        log_odds = BUILT.prior.base + math.fsum(sums.values())
        found.append((answers, expit(BUILT.prior.moderation * log_odds)))
    return found


# --- no area outshouts the rest ----------------------------------------------------------------------------


@cache
def spreads() -> dict[str, float]:
    """Standard deviation of each area's score over a part of the reference sample."""
    scores: dict[str, list[float]] = {area: [] for area in AREAS}
    counted = [rule for rule in PACK.weighed_rules if rule.id != ABOUT_POPULATIONS]
    for answers in draw(PACK, 1_500):
        states = BUILT_IN.findings(PACK, answers).rules
        learned = contributions(PACK, BUILT.centre, BUILT.prior.factors, states).learned
        for area, found in scores.items():
            found.append(math.fsum(learned[rule.id] for rule in counted if rule.area == area))
    return {area: pstdev(found) for area, found in scores.items()}


def test_no_area_outshouts_the_rest() -> None:
    middle = median(spreads().values())
    assert {area: spread / middle for area, spread in spreads().items() if not middle / 3 < spread < middle * 3} == {}


def test_tools_weigh_less_than_planning_scoping_and_goals() -> None:
    assert spreads()["tooling"] < min(spreads()[area] for area in ("planning", "scoping", "goals"))
    heaviest = {area: fmean(rule.weight or 0.0 for rule in risks(area)) for area in spreads()}
    assert heaviest["tooling"] == min(heaviest.values())


def test_the_protective_rules_of_an_area_form_one_group() -> None:
    for area in AREAS:
        groups = {
            rule.group
            for rule in PACK.weighed_rules
            if rule.area == area and (rule.weight or 0) < 0 and rule.id != ABOUT_POPULATIONS
        }
        assert len(groups) == 1 and None not in groups, area


# --- where weights come from -------------------------------------------------------------------------------


EFFECTS = yaml.safe_load((_DATA / "effects.yaml").read_text(encoding="utf-8"))


def test_every_weight_from_an_effect_stands_in_the_table_of_effects_with_its_source() -> None:
    measured = {rule.id: rule for rule in PACK.weighed_rules if rule.basis == "effect"}
    table = {one["rule"]: one for one in EFFECTS["effects"]}
    assert list(table) == list(dict.fromkeys(one["rule"] for one in EFFECTS["effects"]))
    assert table.keys() == measured.keys()
    for id, one in table.items():
        assert measured[id].weight == one["weight"], id
        assert one["source"] == measured[id].sources[0] and "judgement" not in measured[id].sources, id


def test_every_other_weight_is_a_step_of_the_scale_of_judgement() -> None:
    steps = set(EFFECTS["judgement"].values())
    for rule in PACK.weighed_rules:
        if rule.basis == "judgement":
            assert abs(rule.weight or 0.0) in steps and "judgement" in rule.sources, rule.id


SOFTENED = {
    "overload": "overload-unseasoned",
    "hard-problem-fixed-date": "hard-problem-unseasoned",
    "complex-without-skills": "complex-unseasoned",
}
"""A compound as a seasoned team feels it, and as others do."""


@pytest.mark.parametrize(("lighter", "heavier"), SOFTENED.items())
def test_a_seasoned_team_feels_half_of_a_compound(lighter: str, heavier: str) -> None:
    half, whole = PACK.rule[lighter], PACK.rule[heavier]
    assert half.group == whole.group is not None
    assert half.weight is not None and half.weight * 2 == whole.weight
    assert set(PACK.conclusions_read[heavier]) == {half.concludes, "seasoned_team"}


# --- rules can be trusted ----------------------------------------------------------------------------------


def examples_that_are_not_asked() -> Iterator[str]:
    for rule in PACK.rules:
        for number, example in enumerate(rule.examples, 1):
            answers = {id: value for id, value in example.answers if value is not None}
            asks = asked(PACK, answers)
            for question in answers:
                if asks[question] is not True:
                    yield f"{rule.id}, example {number}: {question}"


def test_every_rule_both_fires_and_is_ruled_out_by_examples_that_the_questionnaire_would_ask_for() -> None:
    states = {rule.id: {example.state for example in rule.examples} for rule in PACK.rules}
    assert [id for id, found in states.items() if not {"fires", "ruled_out"} <= found] == []
    assert list(examples_that_are_not_asked()) == []
