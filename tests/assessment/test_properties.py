"""What holds for every project, on the shipped pack with the rules' prior: directions, ranges, sums, proofs."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from oracle import STATE, Oracle
from random_packs import all_tests, answers_to, choice, number, random_answers, rule, write_pack, yes_no

import riskengine
from riskengine.assessment.answers import answers_from_mapping
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import BuiltPack, build
from riskengine.assessment.proofs import prove
from riskengine.assessment.reference import draw, quantile
from riskengine.assessment.result import Assessment, Finding, json_schema
from riskengine.assessment.score import Centre, Contributions, contributions, expit
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import Pack, Question

BUILT: BuiltPack = riskengine.load_pack()
PACK: Pack = BUILT.pack
BACKGROUNDS = 2_000


def same_every_time(examples: int) -> settings:
    """Hypothesis tries so many examples, the same on every run."""
    return settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def score_of(answers: Mapping[str, Value]) -> Contributions:
    """The contributions of a project on the shipped pack, by the rules' prior."""
    states = BUILT_IN.findings(PACK, answers).rules
    return contributions(PACK, BUILT.centre, BUILT.prior.factors, states)


def assessed(answers: Mapping[str, Value], *, base_rate: float | None = None, explain: bool = False) -> Assessment:
    """A project's assessment by the rules' prior, on the built-in closure, which is the faster."""
    checked = answers_from_mapping(answers, PACK)
    return assess_answers(checked, BUILT, BUILT.prior, base_rate=base_rate, explain=explain, engine=BUILT_IN)


@cache
def reference_sample() -> list[tuple[dict[str, Value], float]]:
    """The reference sample, each project with its log-odds less the base, before moderation."""
    return [(answers, math.fsum(score_of(answers).learned.values())) for answers in draw(PACK)]


def backgrounds(count: int, seed: object) -> list[dict[str, Value]]:
    """Projects with questions left open: half as they come in, half with gates that nobody respected."""
    chance = random.Random(f"backgrounds/{seed}")
    projects = []
    for answers in draw(PACK, count // 2, chance.getrandbits(32)):
        known = chance.choice((0.2, 0.5, 0.8, 0.95, 1.0))
        projects.append({question: value for question, value in answers.items() if chance.random() < known})
    return projects + random_answers(PACK, seed, count - len(projects))


# --- a worse answer is never better ------------------------------------------------------------------------


def from_best_to_worst(question: Question) -> Sequence[Value]:
    """A question's answers, each worse than the one before; numbers at their quantiles and where rules compare."""
    if question.type != "number":
        worst_last = question.worse in ("last", "yes")
        return question.level_ids if worst_last else question.level_ids[::-1]
    assert question.minimum is not None and question.maximum is not None
    points = {question.minimum, question.maximum, *(quantile(question, percent / 10) for percent in range(11))}
    points |= {value for key, value in question.shares if key != "n/a"}
    for test in all_tests(PACK):
        if test.about == question.id:
            values = test.value if isinstance(test.value, tuple) else (test.value,)
            points |= {value for value in values if isinstance(value, float)}
    return sorted(points, reverse=question.worse == "low")


@pytest.mark.parametrize("question", [one for one in PACK.questions if one.worse != "none"], ids=lambda one: one.id)
def test_one_step_worse_never_lowers_the_probability(question: Question) -> None:
    # rules that cannot depend on the question add the same before and after: they are left out, for speed
    touched = {rule.id for rule in PACK.rules if question.id in PACK.depends_on[rule.id]}
    touched |= {rule.id for group in PACK.groups if any(one.id in touched for one in group) for rule in group}
    needed = set(touched)
    for id in reversed(PACK.rule_order):
        if id in needed:
            needed |= {other for one in PACK.conclusions_read[id] for other in PACK.rules_concluding[one]}
    chained = replace(PACK, rules=tuple(one for one in PACK.rules if one.id in needed))
    scored = replace(PACK, rules=tuple(one for one in PACK.rules if one.id in touched))
    steps = from_best_to_worst(question)
    moved = 0
    for place, background in enumerate(shared_backgrounds()):
        before: float | None = None
        states_before: Mapping[str, bool | None] = {}
        for value in steps:
            answers = {**background, question.id: value}
            states = BUILT_IN.findings(chained, answers).rules
            if before is None or states != states_before:
                found = contributions(scored, BUILT.centre, BUILT.prior.factors, states)
                after = math.fsum(found.learned.values())
                assert before is None or after >= before - 1e-12, (value, background)
                moved += before is not None and after > before
                before, states_before = after, states
            if place < 20:
                # the same by the whole pack
                whole = BUILT_IN.findings(PACK, answers).rules
                assert {id: whole[id] for id in states} == states
                rest = {id: state for id, state in whole.items() if id not in touched}
                assert rest == {id: BUILT_IN.findings(PACK, background).rules[id] for id in rest}
    assert moved > 0, "a worse answer to this question never made any difference"


@cache
def shared_backgrounds() -> list[dict[str, Value]]:
    """The same 2,000 projects for every question."""
    return backgrounds(BACKGROUNDS, "monotone")


def test_backgrounds_are_varied_and_partly_unknown() -> None:
    projects = shared_backgrounds()
    assert len(projects) == BACKGROUNDS
    known = [sum(value is not None for value in one.values()) / len(PACK.questions) for one in projects]
    assert min(known) < 0.05 and max(known) == 1.0 and 0.3 < math.fsum(known) / len(known) < 0.8
    assert any(value is NOT_APPLICABLE for one in projects for value in one.values())
    for question in PACK.questions:
        answers = {value for one in projects if (value := one.get(question.id)) is not None}
        assert len(answers) >= (len(question.levels) or 20), question.id


def test_at_most_a_fifth_of_the_questions_have_no_worse_side_and_each_says_why() -> None:
    without = [question for question in PACK.questions if question.worse == "none"]
    assert len(without) <= len(PACK.questions) / 5
    assert [question.id for question in without if len(question.worse_reason or "") < 40] == []


# --- ranges ------------------------------------------------------------------------------------------------


@same_every_time(150)
@given(answers_to(PACK))
def test_the_point_lies_inside_both_ranges(answers: dict[str, Value]) -> None:
    for base_rate in (None, 0.07, 0.9):
        result = assessed(answers, base_rate=base_rate)
        for low, high in (result.range.answers, result.range.model):
            assert 0 < low <= result.probability <= high < 1


def test_every_answer_narrows_the_answers_range_or_leaves_it() -> None:
    chance = random.Random("nesting")
    for answers in [*draw(PACK, 40, 11), *random_answers(PACK, "nesting", 60)]:
        order = [question for question, value in answers.items() if value is not None]
        chance.shuffle(order)
        known: dict[str, Value] = {}
        low, high = -math.inf, math.inf
        for question in order:
            known[question] = answers[question]
            found = score_of(known)
            assert found.low >= low - 1e-12 and found.high <= high + 1e-12, (question, known)
            low, high = found.low, found.high


def test_the_answers_range_is_a_point_when_nothing_is_open_and_wide_when_everything_is() -> None:
    for answers in draw(PACK, 20, 12):
        low, high = assessed(answers).range.answers
        assert high - low < 1e-12
    low, high = assessed({}).range.answers
    assert high - low > 0.5


def test_both_ends_of_the_answers_range_are_bounds_of_what_answers_can_still_make_of_it() -> None:
    chance = random.Random("bounds")
    for project in backgrounds(100, "bounds"):
        found = score_of(project)
        for answers in draw(PACK, 10, chance.getrandbits(32)):
            filled = {**answers, **{question: value for question, value in project.items() if value is not None}}
            total = math.fsum(score_of(filled).learned.values())
            assert found.low - 1e-12 <= total <= found.high + 1e-12


# --- sums --------------------------------------------------------------------------------------------------


@same_every_time(150)
@given(answers_to(PACK))
def test_the_parts_add_up(answers: dict[str, Value]) -> None:
    result = assessed(answers)
    score = result.score
    assert math.fsum(result.ends.values()) == pytest.approx(result.probability, abs=1e-12, rel=0)
    assert list(result.ends) == [end.id for end in PACK.ends]
    assert score.base + score.shown + score.not_shown == pytest.approx(score.log_odds, abs=1e-12, rel=0)
    assert expit(score.moderation * score.log_odds) == pytest.approx(result.probability, abs=1e-12, rel=0)
    assert math.fsum(one.contribution for one in result.findings) == pytest.approx(score.shown, abs=1e-12, rel=0)
    assert math.fsum(one.contribution for one in result.ruled_out) == pytest.approx(score.not_shown, abs=1e-12, rel=0)
    assert {one.rule for one in result.all_findings} == {one.id for one in PACK.weighed_rules}
    assert {one.state for one in result.findings} <= {"fires", "possible"}
    assert {one.state for one in result.ruled_out} <= {"ruled_out"}
    for area, found in result.areas.items():
        parts = [one.contribution for one in result.all_findings if one.area == area]
        assert found.score == pytest.approx(math.fsum(parts), abs=1e-12, rel=0)
    positive = math.fsum(max(found.score, 0) for found in result.areas.values())
    assert math.fsum(found.share for found in result.areas.values()) == pytest.approx(1 if positive else 0)
    level = next(one for one in reversed(PACK.risk_levels) if one.start <= result.probability)
    assert result.risk_level == level.id


def test_ends_follow_the_findings_that_lead_to_them() -> None:
    for answers in (*draw(PACK, 20, 13), {}):
        result = assessed(answers)
        odds = {}
        for end in PACK.ends:
            parts = [one.contribution / len(one.leads_to) for one in result.all_findings if end.id in one.leads_to]
            odds[end.id] = end.share * math.exp(math.fsum(parts))
        for end, part in odds.items():
            assert result.ends[end] == pytest.approx(result.probability * part / sum(odds.values()), rel=1e-9)


# --- centred -----------------------------------------------------------------------------------------------


def mean_probability(base: float) -> float:
    moderation = BUILT.prior.moderation
    probabilities = [expit(moderation * (base + log_odds)) for _, log_odds in reference_sample()]
    return math.fsum(probabilities) / len(probabilities)


def test_the_mean_probability_over_the_reference_sample_is_the_base_rate() -> None:
    assert len(reference_sample()) == 5_000
    assert abs(mean_probability(BUILT.prior.base) - PACK.base_rate.value) < 0.005
    for answers, log_odds in reference_sample()[:10]:
        result = assessed(answers)
        assert result.score.base == BUILT.prior.base
        assert result.score.log_odds == pytest.approx(BUILT.prior.base + log_odds)


def test_of_a_project_that_nothing_is_known_about_the_probability_is_near_the_base_rate() -> None:
    result = assessed({})
    assert abs(result.probability - PACK.base_rate.value) < 0.05
    assert result.score.log_odds == result.score.base == BUILT.prior.base


def test_the_spread_of_the_log_odds_over_the_reference_sample_is_the_packs() -> None:
    values = [log_odds for _, log_odds in reference_sample()]
    mean = math.fsum(values) / len(values)
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))
    assert spread == pytest.approx(PACK.spread, rel=0.01)
    assert abs(mean) < 1e-9


@pytest.mark.parametrize("base_rate", [0.05, 0.4, 0.9])
def test_a_readers_own_base_rate_is_the_mean_over_the_reference_sample(base_rate: float) -> None:
    base = assessed({}, base_rate=base_rate).score.base
    assert abs(mean_probability(base) - base_rate) < 0.005
    for answers, log_odds in reference_sample()[:10]:
        result = riskengine.assess(answers, model="none", base_rate=base_rate, explain=False)
        assert result.score.log_odds == pytest.approx(base + log_odds)
        assert result.base_rate == base_rate
        assert result.probability == pytest.approx(expit(BUILT.prior.moderation * (base + log_odds)))


# --- what is unknown, and groups ---------------------------------------------------------------------------


def test_what_is_unknown_adds_exactly_nothing() -> None:
    assert {one.contribution for one in assessed({}).findings} == {0.0}
    possible = 0
    for answers in backgrounds(100, "unknown"):
        states = BUILT_IN.findings(PACK, answers).rules
        learned = score_of(answers).learned
        for members in PACK.groups:
            if all(states[one.id] is None for one in members):
                possible += 1
                assert [learned[one.id] for one in members] == [0.0] * len(members)
    assert possible > 500


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Five rules of one group, two of them of equal weight, and one that stands alone."""
    weights = {"light": 0.4, "heavy": 1.0, "first-equal": 0.7, "second-equal": 0.7}
    rules = [rule(id, {id.replace("-", "_"): "yes"}, weight, group="one_risk") for id, weight in weights.items()]
    rules.append(rule("alone", {"alone": "yes"}, -0.5))
    return write_pack(tmp_path_factory.mktemp("grouped"), [yes_no(one["id"].replace("-", "_")) for one in rules], rules)


CENTRE = Centre(2.0, {"light": 0.1, "heavy": 0.2, "first-equal": 0.15, "second-equal": 0.05, "alone": 0.5})
WEIGHT = {"light": 0.8, "heavy": 2.0, "first-equal": 1.4, "second-equal": 1.4, "alone": -1.0}
"""Weights times scale."""


def group_of(pack: Pack, **answers: Value) -> Contributions:
    states = BUILT_IN.findings(pack, answers).rules
    return contributions(pack, CENTRE, dict.fromkeys(CENTRE.expected, 1.0), states)


def counting(pack: Pack, **answers: Value) -> dict[str, float]:
    """By how much each finding counts, read back from its contribution."""
    learned = group_of(pack, **answers).learned
    return {id: round(learned[id] / WEIGHT[id] + CENTRE.expected[id], 12) for id in learned}


def test_of_a_group_only_the_heaviest_that_fires_counts(grouped: Pack) -> None:
    everything: dict[str, Value] = dict.fromkeys(grouped.question, "yes")
    assert counting(grouped, **everything) == {
        "light": 0, "heavy": 1, "first-equal": 0, "second-equal": 0, "alone": 1,
    }  # fmt: skip
    assert group_of(grouped, **everything).replaced_by == dict.fromkeys(
        ("light", "first-equal", "second-equal"), "heavy"
    )
    lighter = {**everything, "heavy": "no", "first_equal": "no", "second_equal": "no"}
    assert counting(grouped, **lighter)["light"] == 1
    assert group_of(grouped, **lighter).replaced_by == {}


def test_of_two_equals_in_a_group_the_earlier_counts(grouped: Pack) -> None:
    answers: dict[str, Value] = {"light": "yes", "heavy": "no", "first_equal": "yes", "second_equal": "yes"}
    counts = counting(grouped, **answers)
    assert (counts["first-equal"], counts["second-equal"], counts["light"]) == (1, 0, 0)
    assert group_of(grouped, **answers).replaced_by == dict.fromkeys(("light", "second-equal"), "first-equal")
    later = {**answers, "first_equal": "no"}
    assert counting(grouped, **later)["second-equal"] == 1
    assert group_of(grouped, **later).replaced_by == {"light": "second-equal"}


def test_a_possible_finding_of_a_group_counts_by_its_share_among_what_the_heavier_leave(grouped: Pack) -> None:
    assert counting(grouped) == CENTRE.expected
    ruled_out = counting(grouped, heavy="no")
    assert ruled_out["heavy"] == 0
    # 0.15 of the 0.8 that are left when the heaviest is out
    assert ruled_out["first-equal"] == pytest.approx(0.15 / 0.8)
    assert ruled_out["second-equal"] == pytest.approx(0.05 / 0.65 * (1 - 0.15 / 0.8))
    fires = counting(grouped, second_equal="yes")
    assert (fires["heavy"], fires["first-equal"]) == pytest.approx((0.2, 0.15))
    assert fires["second-equal"] == pytest.approx(0.65)
    assert fires["light"] == 0


def test_the_best_case_of_a_group_has_no_possible_risk_and_the_worst_the_heaviest(grouped: Pack) -> None:
    found = group_of(grouped)
    centred = math.fsum(WEIGHT[id] * share for id, share in CENTRE.expected.items())
    assert found.low == pytest.approx(-1.0 - centred)
    assert found.high == pytest.approx(2.0 - centred)
    lighter = group_of(grouped, heavy="no", alone="yes", light="yes")
    assert lighter.low == pytest.approx(0.8 - 1.0 - centred)
    assert lighter.high == pytest.approx(1.4 - 1.0 - centred)


def test_learned_factors_stretch_a_contribution_and_leave_the_exact_one(grouped: Pack) -> None:
    states = BUILT_IN.findings(grouped, {"alone": "yes"}).rules
    factors = {**dict.fromkeys(CENTRE.expected, 1.0), "alone": 1.5}
    found = contributions(grouped, CENTRE, factors, states)
    assert found.learned["alone"] == pytest.approx(1.5 * found.exact["alone"]) == pytest.approx(-0.75)


def test_an_outweighed_finding_says_by_which_and_has_no_effect_of_its_own() -> None:
    outweighed = 0
    for answers in draw(PACK, 60, 14):
        result = assessed(answers)
        by_rule: dict[str, Finding] = {one.rule: one for one in result.all_findings}
        for one in by_rule.values():
            if one.replaced_by is None:
                continue
            outweighed += 1
            heavier = by_rule[one.replaced_by]
            assert heavier.state == "fires" and heavier.replaced_by is None and heavier.group == one.group
            assert abs(heavier.weight) >= abs(one.weight) and one.effect is None
            weight = BUILT.centre.scale * one.weight
            assert one.contribution == pytest.approx(-weight * BUILT.centre.expected[one.rule])
    assert outweighed > 20


def test_a_built_pack_is_centred_on_how_often_each_finding_counts(tmp_path: Path) -> None:
    questions = [choice("size", ("small", "medium", "large")), number("n", 0, 10), yes_no("c", "no")]
    rules = [
        rule("large", {"size": "large"}, 1.0, group="size"),
        rule("not-small", {"size": {"at_least": "medium"}}, 0.5, group="size"),
        rule("above", {"n": {"above": 7}}, 0.8),
        rule("helps", {"c": "yes"}, -0.6),
    ]
    built = build(write_pack(tmp_path, questions, rules))
    # a finding that is outweighed does not count
    wanted = {"large": 1 / 3, "not-small": 1 / 3, "above": 0.3, "helps": 0.5}
    assert built.centre.expected == pytest.approx(wanted, abs=0.03)
    mean = []
    for answers in draw(built.pack):
        states = BUILT_IN.findings(built.pack, answers).rules
        found = contributions(built.pack, built.centre, built.prior.factors, states)
        mean.append(built.prior.moderation * (built.prior.base + math.fsum(found.learned.values())))
    assert math.fsum(map(expit, mean)) / len(mean) == pytest.approx(0.5, abs=0.005)


# --- proofs ------------------------------------------------------------------------------------------------


def state_by_oracle(answers: Mapping[str, Value], rule: str) -> bool | None:
    return STATE[Oracle(PACK, answers).rule(rule)]


def test_a_proof_suffices_and_no_answer_of_it_can_be_left_out() -> None:
    proofs = 0
    for answers in (*draw(PACK, 8, 15), *backgrounds(16, "proofs")):
        states = BUILT_IN.findings(PACK, answers).rules
        for id, state in states.items():
            if state is None:
                continue
            proofs += 1
            proof = prove(PACK, answers, id)
            known = {question: answers[question] for question in proof.answers}
            assert state_by_oracle(known, id) is state
            for question in known:
                fewer = {one: value for one, value in known.items() if one != question}
                assert state_by_oracle(fewer, id) is None, (id, question)
            assert proof.open == ()
            assert list(proof.answers) == sorted(proof.answers, key=list(PACK.question).index)
    assert proofs > 800


def test_the_steps_of_a_proof_follow_from_its_answers_and_lead_to_the_rule() -> None:
    longest = 0
    for answers in (*draw(PACK, 8, 16), *backgrounds(16, "steps")):
        for id, state in BUILT_IN.findings(PACK, answers).rules.items():
            if state is None:
                continue
            proof = prove(PACK, answers, id)
            oracle = Oracle(PACK, {question: answers[question] for question in proof.answers})
            assert proof.steps[-1] == id
            longest = max(longest, len(proof.steps))
            for place, step in enumerate(proof.steps):
                assert oracle.rule(step) != "unknown"
                later = proof.steps[place + 1 :]
                read = {conclusion for one in later for conclusion in PACK.conclusions_read[one]}
                assert step == id or PACK.rule[step].concludes in read
                for conclusion in PACK.conclusions_read[step]:
                    # whatever establishes what it reads has come before
                    assert not set(PACK.rules_concluding[conclusion]) & set(later)
    assert longest >= 4


def decisive(answers: Mapping[str, Value], rule: str, question: Question) -> bool:
    """Whether some answer to a question, the rest left as it is, decides a rule; by trying."""
    values: list[Value] = [*question.level_ids]
    if question.type == "number":
        values += [value for key, value in question.shares if key != "n/a"]
        values += from_best_to_worst(question)
        values += [question.minimum, question.maximum]
    if question.may_not_apply:
        values.append(NOT_APPLICABLE)
    return any(state_by_oracle({**answers, question.id: value}, rule) is not None for value in values)


def test_the_open_questions_of_a_possible_finding_are_those_that_can_decide_it() -> None:
    alone = together = 0
    chance = random.Random("open")
    for answers in backgrounds(14, "open"):
        for id, state in BUILT_IN.findings(PACK, answers).rules.items():
            if state is not None:
                continue
            proof = prove(PACK, answers, id)
            assert proof.answers == proof.steps == ()
            assert proof.open and all(answers.get(question) is None for question in proof.open)
            unanswered = [one for one in PACK.questions if answers.get(one.id) is None]
            deciding = [one.id for one in unanswered if decisive(answers, id, one)]
            if deciding:
                alone += 1
                assert list(proof.open) == deciding, id
            else:
                together += 1
                assert any(_decided(answers, id, proof.open, chance) for _ in range(300)), (id, answers)
    assert alone > 200 and together > 10


def _decided(answers: Mapping[str, Value], rule: str, questions: Sequence[str], chance: random.Random) -> bool:
    """Whether one draw of answers to these questions decides a rule."""
    drawn = next(iter(draw(PACK, 1, chance.getrandbits(32))))
    for question in questions:
        levels = PACK.question[question].level_ids
        drawn.setdefault(question, chance.choice(levels) if levels else PACK.question[question].minimum)
    filled = {**answers, **{question: drawn[question] for question in questions}}
    return state_by_oracle(filled, rule) is not None


# --- the same every time, and as the schema says -----------------------------------------------------------


def schema_errors(result: Assessment, **options: bool) -> Iterator[str]:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    data = json.loads(json.dumps(result.as_json(**options), allow_nan=False))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(data):
        yield f"{error.json_path}: {error.message}"


@same_every_time(15)
@given(answers_to(PACK))
def test_assessing_twice_gives_the_same_json_which_the_schema_takes(answers: dict[str, Value]) -> None:
    first, second = riskengine.assess(answers), riskengine.assess(answers)
    assert json.dumps(first.as_json()) == json.dumps(second.as_json())
    assert list(schema_errors(first)) == []
    assert list(schema_errors(first, everything=True)) == []


def test_the_order_in_which_answers_are_given_makes_no_difference() -> None:
    for answers in backgrounds(6, "order"):
        backwards = dict(reversed(answers.items()))
        assert riskengine.assess(answers).as_json() == riskengine.assess(backwards).as_json()


def test_the_schema_refuses_what_is_no_assessment() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    good = assessed({}).as_json()
    assert validator.is_valid(good)
    for key in ("probability", "range", "ends", "score", "areas", "findings", "unanswered", "versions"):
        assert not validator.is_valid({**good, key: "nonsense"})
        assert not validator.is_valid({name: value for name, value in good.items() if name != key})


def test_both_engines_give_the_same_assessment_proofs_included() -> None:
    for answers in (*draw(PACK, 3, 17), *backgrounds(5, "engines")):
        chosen = riskengine.assess(answers, model="none").as_json(everything=True)
        built_in = assessed(answers, explain=True).as_json(everything=True)
        del chosen["versions"]["engine"]
        assert built_in["versions"].pop("engine") == "built-in"
        # the one was asked for the prior, the other given it
        assert {**chosen, "warnings": built_in["warnings"]} == built_in
