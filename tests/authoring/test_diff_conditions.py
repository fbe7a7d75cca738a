"""Whether two conditions come to the same, against plain evaluation; and conditions on one line, read again."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path
from typing import Any as Anything
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_packs import Shape, choice, number, random_answers, random_pack, rule, write_pack, yes_no

from riskengine.authoring.diff.conditions import come_to_the_same, in_short
from riskengine.logic.conditions import NOT_APPLICABLE, All, Any, AtLeast, Condition, Not
from riskengine.pack.model import Pack
from riskengine.pack.source import plain, read_yaml

PACKS = 20
PackOf: TypeAlias = Callable[[int], Pack]


@pytest.fixture(scope="module")
def pack_of(tmp_path_factory: pytest.TempPathFactory) -> PackOf:
    """One random pack for each number below `PACKS`."""
    folder = tmp_path_factory.mktemp("packs")
    return functools.cache(lambda seed: random_pack(seed, folder, Shape(questions=7, conclusions=3, rules=8, wide=0)))


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Callable[[object, object], bool | None]:
    """Compare two conditions, as written in YAML, about one small pack."""
    questions = [
        choice("size", ["small", "medium", "large"]),
        yes_no("owner", worse="no", may_not_apply=True),
        number("people", 1, 10),
        yes_no("labels", ask_when={"owner": "yes"}),
    ]
    made = tmp_path_factory.mktemp("tried")
    numbers = iter(range(1000))

    def compare(one: object, other: object) -> bool | None:
        rules = [rule("one", one), rule("other", other), rule("lone", {"people": {"above": 8}}, concludes="lone")]
        pack = write_pack(made / str(next(numbers)), questions, rules)
        return come_to_the_same(pack.rule["one"].when, pack.rule["other"].when, pack, pack)

    return compare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"size": ["small", "medium"]}, {"size": {"at_most": "medium"}}),
        ({"size": ["small", "medium"]}, {"size": {"is_not": "large"}}),
        ({"size": "small"}, {"not": {"size": {"above": "small"}}}),
        ({"people": {"at_least": 2, "below": 4}}, {"all": [{"people": {"below": 4}}, {"people": {"at_least": 2}}]}),
        ({"any": [{"size": "small"}, {"size": "large"}]}, {"size": ["large", "small"]}),
        ({"at_least": 2, "of": ["lone", {"size": "small"}]}, {"size": "small", "all": ["lone"]}),
        ({"people": {"below": 3}}, {"any": [{"people": {"below": 2}}, {"people": {"below": 3}}]}),
        ({"owner": "yes"}, {"owner": {"is_not": "no"}}),
        ({"labels": "yes"}, {"labels": {"is_not": "no"}}),
    ],
)
def test_conditions_that_come_to_the_same(one: object, other: object, tried: Callable[..., bool | None]) -> None:
    assert tried(one, other) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"size": "small"}, {"size": ["small", "medium"]}),
        ({"people": {"below": 3}}, {"people": {"at_most": 3}}),
        ({"people": {"is": 3}}, {"people": {"at_least": 3}}),
        # where it does not apply, or is not asked
        ({"owner": "yes"}, {"not": {"owner": "no"}}),
        ({"labels": "yes"}, {"not": {"labels": "no"}}),
        # where its gate is open
        ({"all": [{"labels": "yes"}, {"labels": "no"}]}, {"all": [{"labels": "yes"}, {"not": {"labels": "yes"}}]}),
        # where it is open itself
        ({"size": "small"}, {"size": "small", "any": [{"people": {"below": 3}}, {"people": {"at_least": 3}}]}),
        ({"all": ["lone"]}, {"people": {"above": 8}}),
    ],
)
def test_conditions_that_differ(one: object, other: object, tried: Callable[..., bool | None]) -> None:
    assert tried(one, other) is False


def test_what_would_take_too_long_is_left_undecided(tmp_path: Path) -> None:
    names = [f"q{place}" for place in range(12)]
    rules = [rule("one", dict.fromkeys(names, "yes")), rule("other", {"all": [{name: "yes"} for name in names]})]
    pack = write_pack(tmp_path / "pack", [yes_no(name) for name in names], rules)
    assert come_to_the_same(pack.rule["one"].when, pack.rule["other"].when, pack, pack) is None


def test_without_an_answer_that_both_packs_know_nothing_is_decided(tmp_path: Path) -> None:
    rules = [rule("one", {"size": "small"})]
    old = write_pack(tmp_path / "old", [choice("size", ["small", "large"])], rules)
    new = write_pack(tmp_path / "new", [number("size", 1, 3)], [rule("one", {"size": {"below": 2}})])
    assert come_to_the_same(old.rule["one"].when, new.rule["one"].when, old, new) is None


def rewritten(condition: Condition, chance: random.Random) -> Condition:
    """Write a condition otherwise, by laws that hold of three values."""
    match condition:
        case All(parts):
            found = tuple(rewritten(part, chance) for part in chance.sample(parts, len(parts)))
            forms = (All(found), Not(Any(tuple(Not(part) for part in found))), AtLeast(len(found), found))
            return chance.choice(forms)
        case Any(parts):
            found = tuple(rewritten(part, chance) for part in chance.sample(parts, len(parts)))
            forms = (Any(found), Not(All(tuple(Not(part) for part in found))), AtLeast(1, found))
            return chance.choice(forms)
        case AtLeast(needed, parts):
            return AtLeast(needed, tuple(rewritten(part, chance) for part in chance.sample(parts, len(parts))))
        case Not(part):
            return Not(rewritten(part, chance))
    return chance.choice((condition, Not(Not(condition)), All((condition, condition)), Any((condition,))))


@given(place=st.integers(0, PACKS - 1), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=60)
def test_a_condition_rewritten_by_the_laws_of_logic_comes_to_the_same(pack_of: PackOf, place: int, seed: int) -> None:
    pack, chance = pack_of(place), random.Random(seed)
    condition = chance.choice(pack.rules).when
    assert come_to_the_same(condition, rewritten(condition, chance), pack, pack) in (True, None)


def drawn(chance: random.Random, depth: int) -> Anything:
    """Draw a condition, as in YAML, on the questions of the pack below."""
    if depth:
        parts = [drawn(chance, depth - 1) for _ in range(chance.choice((1, 2, 3)))]
        kinds = (
            {"all": parts},
            {"any": parts},
            {"not": parts[0]},
            {"at_least": chance.randint(1, len(parts)), "of": parts},
        )
        return chance.choice(kinds)
    levels = ("small", "medium", "large")
    tests = (
        {"size": {chance.choice(("is", "is_not", "below", "at_most", "at_least", "above")): chance.choice(levels)}},
        {"owner": {chance.choice(("is", "is_not")): chance.choice(("yes", "no"))}},
        {"people": {chance.choice(("is", "below", "at_most", "at_least", "above")): chance.choice((1, 2, 3))}},
    )
    return chance.choice(tests)


SIZES = (None, "small", "medium", "large")
OWNERS = (None, "yes", "no", NOT_APPLICABLE)
COUNTS = (None, 1.0, 1.5, 2.0, 2.5, 3.0)


@given(seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_conditions_come_to_the_same_if_they_do_on_all_answers(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chance = random.Random(seed)
    questions = [
        choice("size", ["small", "medium", "large"]),
        yes_no("owner", may_not_apply=True),
        number("people", 1, 3),
    ]
    rules = [rule(f"rule-{place}", drawn(chance, chance.choice((0, 0, 1)))) for place in range(6)]
    pack = write_pack(tmp_path_factory.mktemp("pack"), questions, rules)
    asked = [{"size": size, "owner": owner, "people": people} for size, owner, people in product(SIZES, OWNERS, COUNTS)]
    states = {one.id: [Oracle(pack, answers).condition(one.when) for answers in asked] for one in pack.rules}
    for one, other in combinations(pack.rules, 2):
        assert come_to_the_same(one.when, other.when, pack, pack) is (states[one.id] == states[other.id])


@given(place=st.integers(0, PACKS - 1), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_rules_that_come_to_the_same_are_never_in_different_states(pack_of: PackOf, place: int, seed: int) -> None:
    pack, chance = pack_of(place), random.Random(seed)
    one = chance.choice(pack.rules).when
    others = [rewritten(one, chance), *(other.when for other in chance.sample(pack.rules, 3))]
    same = [other for other in others if come_to_the_same(one, other, pack, pack)]
    for answers in random_answers(pack, seed, 4):
        oracle = Oracle(pack, answers)
        assert {oracle.condition(other) for other in same} <= {oracle.condition(one)}


def read(text: str) -> Anything:
    node = read_yaml(text.encode(), None)
    assert node is not None
    return plain(node)


@pytest.mark.parametrize("seed", range(PACKS))
def test_a_condition_on_one_line_can_be_read_again_and_means_the_same(
    seed: int, pack_of: PackOf, tmp_path: Path
) -> None:
    pack = pack_of(seed)
    source = Path(pack.rules[0].source.file or "").parent
    rules, topics = (read((source / name).read_text("utf-8")) for name in ("rules.yaml", "questions.yaml"))
    for made in rules["rules"]:
        made["when"] = read(in_short(pack.rule[made["id"]].when))
    again = write_pack(tmp_path / "again", topics["questions"], rules["rules"], topics["quantities"])
    for one in pack.rules:
        assert come_to_the_same(one.when, again.rule[one.id].when, pack, again) in (True, None)
