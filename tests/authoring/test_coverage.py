"""Coverage: which states, disjuncts and levels the examples and tests of a pack show, and which of these count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli.run import run
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_packs import Shape, answers_to, choice, number, random_pack, rule, write_pack, yes_no

from riskengine.authoring.coverage.disjuncts import Disjunct, disjuncts_of, places_of_parts
from riskengine.authoring.coverage.found import Found
from riskengine.authoring.coverage.measure import Coverage, measure
from riskengine.authoring.coverage.words import missing_lines, table, uncounted_lines
from riskengine.logic.conditions import All, AtLeast, Condition, Not, Value
from riskengine.logic.conditions import Any as AnyOf
from riskengine.pack.model import Pack
from riskengine.pack.source import read_yaml

QUESTIONS = [
    yes_no("a"),
    yes_no("b"),
    yes_no("c"),
    choice("size", ("small", "medium", "large")),
    number("people", 0, 10),
    yes_no("inner", ask_when={"a": "yes"}, may_not_apply=True),
]


def shown(folder: Path, when: object, *examples: tuple[Mapping[str, object], str]) -> Coverage:
    """Measure a pack of one rule `r` with these examples."""
    listed = [{"answers": dict(answers), "state": state} for answers, state in examples]
    write_pack(folder, QUESTIONS, [rule("r", when, examples=listed)])
    return measure(folder)


def uncovered(coverage: Coverage) -> list[str]:
    """The lines about disjuncts that are missing, without their places."""
    return [line.split("`r`: ")[1] for line in missing_lines(coverage) if "turns on" in line]


# --- states of rules ---------------------------------------------------------------------------------------


def test_a_rule_is_covered_once_it_is_shown_firing_and_ruled_out(tmp_path: Path) -> None:
    coverage = shown(tmp_path, {"a": "yes"}, ({"a": "yes"}, "fires"))
    assert coverage.shares["rules"].percent == 0
    assert "`r`: nothing shows that it is ruled out" in "\n".join(missing_lines(coverage))
    coverage = shown(tmp_path, {"a": "yes"}, ({"a": "yes"}, "fires"), ({"a": "no"}, "ruled_out"))
    assert coverage.shares["rules"].percent == 100
    assert [coverage.rules_in(state).covered for state in ("fires", "ruled_out", "possible")] == [1, 1, 0]


def test_what_merely_happens_to_fire_is_not_shown(tmp_path: Path) -> None:
    rules = [
        rule("r", {"a": "yes"}, examples=[{"answers": {"a": "yes", "b": "yes"}, "state": "fires"}]),
        rule("s", {"b": "yes"}),
    ]
    write_pack(tmp_path, QUESTIONS, rules)
    assert {one.rule.id: set(one.states) for one in measure(tmp_path).rules} == {"r": {"fires"}, "s": set()}
    text = "tests:\n  - {name: both, answers: {a: 'yes', b: 'yes'}, fires: [s, r]}\n"
    (tmp_path / "own.test.yaml").write_text(text, "utf-8")
    assert {one.rule.id: set(one.states) for one in measure(tmp_path).rules} == {"r": {"fires"}, "s": {"fires"}}


# --- what counts -------------------------------------------------------------------------------------------


def test_an_example_counts_only_if_its_questions_would_be_asked(tmp_path: Path) -> None:
    examples = [({"inner": "yes"}, "possible"), ({"a": "no", "inner": "yes"}, "ruled_out"), ({"a": "no"}, "ruled_out")]
    coverage = shown(tmp_path, {"inner": "yes"}, *examples)
    assert coverage.counted == 1
    assert [(one.test.name, one.question, one.gates) for one in coverage.uncounted] == [
        ("r, example 1", "inner", ("a",)),
        ("r, example 2", "inner", ()),
    ]
    assert set(coverage.rules[0].states) == {"ruled_out"}
    first, second = uncounted_lines(coverage)
    assert first.endswith("r, example 1: whether `inner` is asked depends on `a`; answer that")
    assert second.endswith("r, example 2: `inner` is not asked on these answers; leave it out")


def test_an_example_that_fails_counts_for_nothing(tmp_path: Path) -> None:
    write_pack(tmp_path, QUESTIONS, [rule("r", {"a": "yes"})])
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        rules.read_text("utf-8") + "  examples:\n  - {answers: {a: 'no', b: 'yes'}, state: fires}\n", "utf-8"
    )
    coverage = measure(tmp_path)
    assert coverage.counted == 0
    assert next(uncounted_lines(coverage)).endswith("r, example 1: it fails; `riskengine rules test` says why")
    assert not any(one.covered for one in coverage.levels)


def test_a_test_with_one_wrong_expectation_counts_for_nothing(tmp_path: Path) -> None:
    write_pack(tmp_path, QUESTIONS, [rule("r", {"a": "yes"}), rule("s", {"b": "yes"})])
    text = "tests:\n  - {name: x, answers: {a: 'yes', b: 'no'}, fires: [r, s]}\n"
    (tmp_path / "own.test.yaml").write_text(text, "utf-8")
    assert [set(one.states) for one in measure(tmp_path).rules] == [set(), set()]


# --- disjuncts ---------------------------------------------------------------------------------------------

FIRST = ({"a": "yes"}, "fires")
SECOND = ({"b": "yes"}, "fires")
EITHER = {"any": [{"a": "yes"}, {"b": "yes"}]}


@pytest.mark.parametrize(
    ("when", "examples", "missing"),
    [
        (EITHER, [FIRST], ["`b: yes`"]),
        (EITHER, [FIRST, SECOND], []),
        # both at once show neither
        (EITHER, [({"a": "yes", "b": "yes"}, "fires")], ["`a: yes`", "`b: yes`"]),
        # a condition without alternatives has no disjuncts
        ({"a": "yes", "b": "yes"}, [], []),
        ({"any": [{"a": "yes"}]}, [], []),
        ({"at_least": 2, "of": [{"a": "yes"}, {"b": "yes"}]}, [], []),
        # a count turns on each of those that just make it up
        (
            {"at_least": 2, "of": [{"a": "yes"}, {"b": "yes"}, {"c": "yes"}]},
            [({"a": "yes", "b": "yes"}, "fires")],
            ["`c: yes`"],
        ),
        (
            {"at_least": 2, "of": [{"a": "yes"}, {"b": "yes"}, {"c": "yes"}]},
            [({"a": "yes", "b": "yes", "c": "yes"}, "fires")],
            ["`a: yes`", "`b: yes`", "`c: yes`"],
        ),
        # each value of a list is one
        ({"size": ["small", "large"]}, [({"size": "small"}, "fires")], ["`size: large`"]),
        ({"size": {"in": ["small", "large"]}}, [({"size": "large"}, "fires")], ["`size: small`"]),
        ({"size": ["small", "small"]}, [], []),
        # what is alone in a conjunction with something else does not decide while that is open
        ({"c": "yes", "any": [{"a": "yes"}, {"b": "yes"}]}, [({"a": "yes"}, "possible")], ["`a: yes`", "`b: yes`"]),
        ({"c": "yes", "any": [{"a": "yes"}, {"b": "yes"}]}, [({"a": "yes", "c": "yes"}, "fires")], ["`b: yes`"]),
        # under `not` they rule out
        ({"not": EITHER}, [({"a": "yes"}, "ruled_out"), ({"a": "no", "b": "no"}, "fires")], ["`b: yes`"]),
        # parts of parts
        (
            {"any": [{"a": "yes", "any": [{"b": "yes"}, {"c": "yes"}]}, {"size": "large"}]},
            [({"a": "yes", "c": "yes"}, "fires")],
            ["`b: yes`", "`size: large`"],
        ),
    ],
)
def test_a_disjunct_is_covered_where_an_example_turns_on_it_alone(
    when: object, examples: Sequence[Any], missing: list[str], tmp_path: Path
) -> None:
    expected = [f"nothing turns on {one} alone" for one in missing]
    assert uncovered(shown(tmp_path, when, *examples)) == expected


def test_a_conclusion_is_a_disjunct_like_a_test(tmp_path: Path) -> None:
    rules = [
        rule("first", {"a": "yes"}, concludes="known"),
        rule("r", {"any": ["known", {"b": "yes"}]}, examples=[{"answers": {"a": "yes"}, "state": "fires"}]),
    ]
    write_pack(tmp_path, QUESTIONS, rules)
    assert uncovered(measure(tmp_path)) == ["nothing turns on `b: yes` alone"]


def test_what_is_missing_has_its_line_and_column(tmp_path: Path) -> None:
    write_pack(tmp_path, QUESTIONS, [rule("r", {"a": "yes"})])
    (tmp_path / "rules.yaml").write_text(
        "area: team\n"
        "rules:\n"
        "  - id: r\n"
        "    title: R\n"
        "    weight: 0.1\n"
        "    when:\n"
        "      any:\n"
        "        - {a: yes}\n"
        "        - b: yes\n"
        "          size: [small, large]\n"
        "        - not: {people: {at_least: 2, below: 4}}\n"
        "        - at_least: 1\n"
        "          of: [{c: yes}, {people: {in: [1, 3]}}]\n",
        "utf-8",
    )
    places = {tuple(line.removeprefix(f"{tmp_path}/").split(": ", 1)) for line in missing_lines(measure(tmp_path))}
    disjuncts = {place for place, message in places if "turns on" in message}
    assert disjuncts == {
        "rules.yaml:8:11",
        "rules.yaml:9:11",
        "rules.yaml:10:18",
        "rules.yaml:10:25",
        "rules.yaml:11:11",
        "rules.yaml:12:11",
        "rules.yaml:13:16",
        "rules.yaml:13:26",
        "rules.yaml:13:41",
        "rules.yaml:13:44",
    }


# --- levels ------------------------------------------------------------------------------------------------


def test_each_level_is_covered_by_an_answer_of_an_example_that_counts(tmp_path: Path) -> None:
    examples = [({"size": "small"}, "possible"), ({"people": 3, "a": "yes", "inner": "n/a"}, "fires")]
    coverage = shown(tmp_path, {"a": "yes"}, *examples)
    levels = {(one.question.id, one.level): one.covered for one in coverage.levels}
    assert [level for level, covered in levels.items() if covered] == [
        ("a", "yes"),
        ("size", "small"),
        ("people", "a number"),
        ("inner", "n/a"),
    ]
    assert len(levels) == 2 * 3 + 3 + 1 + 3


# --- the whole pack ----------------------------------------------------------------------------------------


def test_an_extending_pack_is_measured_by_what_is_its_own(tmp_path: Path) -> None:
    write_pack(tmp_path / "base", QUESTIONS, [rule("r", {"a": "yes"})])
    own = tmp_path / "own"
    own.mkdir()
    (own / "pack.yaml").write_text("name: own\nversion: '1'\nextends: ../base\n", "utf-8")
    (own / "rules.yaml").write_text(
        "area: team\nrules:\n  - {id: r, weight: 0.5}\n  - {id: mine, title: T, when: {a: yes}, weight: 0.1}\n", "utf-8"
    )
    coverage = measure(own)
    assert [one.rule.id for one in coverage.rules] == ["mine"]
    assert coverage.levels == ()
    assert coverage.shares["levels"].percent == 100


def test_the_table_has_a_row_for_each_file_and_one_for_all(tmp_path: Path) -> None:
    coverage = shown(tmp_path, EITHER, FIRST, ({"a": "no", "b": "no"}, "ruled_out"))
    assert table(coverage) == [
        "file            rules  fire  ruled out  possible  disjuncts  levels",
        "rules.yaml        1/1   1/1        1/1       0/1        1/2       -",
        "questions.yaml      -     -          -         -          -    3/13",
        "all               1/1   1/1        1/1       0/1        1/2    3/13",
    ]


def test_the_command_prints_what_is_missing_and_a_threshold_ends_with_1(tmp_path: Path) -> None:
    shown(tmp_path, {"a": "yes"}, ({"a": "yes"}, "fires"), ({"a": "no"}, "ruled_out"), ({"inner": "yes"}, "possible"))
    done = run("rules", "coverage", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    parts = done.stdout.split("\n\n")
    assert parts[1].startswith("missing\n")
    assert f"  {tmp_path}/questions.yaml:" in parts[1]
    assert parts[2].startswith("does not count\n")
    assert parts[-1] == "test-pack 1: rules 100 %, disjuncts 100 %, levels 15.3 %\n"
    low = run("rules", "coverage", tmp_path, "--fail-under", "15")
    assert (low.returncode, low.stdout) == (0, done.stdout)
    high = run("rules", "coverage", tmp_path, "--fail-under", "16")
    assert (high.returncode, high.stdout, high.stderr) == (1, done.stdout, "less than 16 %: levels\n")


@pytest.mark.parametrize("percent", ["-1", "101", "many"])
def test_a_threshold_that_is_no_percentage_is_refused(percent: str) -> None:
    done = run("rules", "coverage", "--fail-under", percent)
    assert (done.returncode, done.stdout) == (2, "")


def test_json_has_the_same(tmp_path: Path) -> None:
    shown(tmp_path, EITHER, FIRST, ({"inner": "yes"}, "possible"))
    result = json.loads(run("rules", "coverage", tmp_path, "--json").stdout)
    assert result["total"]["disjuncts"] == {"covered": 1, "total": 2, "percent": 50.0}
    assert [one["file"] for one in result["files"]] == [f"{tmp_path}/rules.yaml", f"{tmp_path}/questions.yaml"]
    assert [(one["rule"], one["state"]) for one in result["missing"]["rules"]] == [("r", "ruled_out")]
    assert [(one["rule"], one["disjunct"]) for one in result["missing"]["disjuncts"]] == [("r", "b: yes")]
    assert {"question", "level", "source"} == set(result["missing"]["levels"][0])
    (uncounted,) = result["uncounted"]
    assert (uncounted["reason"], uncounted["question"], uncounted["gates"]) == ("open_gate", "inner", ["a"])


def test_a_one_file_pack_is_measured_too(tmp_path: Path) -> None:
    shown(tmp_path / "pack", EITHER, FIRST)
    assert run("rules", "build", tmp_path / "pack", "-o", tmp_path / "one.json").returncode == 0
    folder, file = measure(tmp_path / "pack"), measure(tmp_path / "one.json")
    assert file.shares == folder.shares
    assert next(missing_lines(file)) == "`r`: nothing shows that it is ruled out"
    assert [row.split()[0] for row in table(file)] == ["file", "one.json", "all"]
    assert table(file)[-1].split() == table(folder)[-1].split()


def test_every_rule_of_the_shipped_pack_is_shown_firing_and_ruled_out() -> None:
    coverage = measure(Path(__file__).parents[2] / "rules")
    assert coverage.uncounted == ()
    assert [one.rule.id for one in coverage.rules if not one.covered] == []


# --- whatever the pack -------------------------------------------------------------------------------------

SHAPE = Shape(questions=8, conclusions=4, rules=8, wide=1, width=20, below=600)
NEVER = AnyOf(())


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[Pack]:
    where = tmp_path_factory.mktemp("random")
    return [random_pack(seed, where, SHAPE) for seed in range(6)]


def with_never(condition: Condition, path: tuple[int, ...]) -> Condition:
    """The condition with a part that never holds at the end of the path."""
    if not path:
        return NEVER
    number, *rest = path
    if isinstance(condition, Not):
        return Not(with_never(condition.part, tuple(rest)))
    assert isinstance(condition, (All, AnyOf, AtLeast))
    parts = tuple(
        with_never(part, tuple(rest)) if place == number else part for place, part in enumerate(condition.parts)
    )
    return replace(condition, parts=parts)


def turns_on(pack: Pack, answers: Mapping[str, Value], condition: Condition, one: Disjunct) -> bool:
    """Say by the oracle what `decides` says."""
    oracle = Oracle(pack, answers)
    if oracle.condition(one.part) != "true" or oracle.condition(one.condition) != "true":
        return False
    return oracle.condition(condition) != oracle.condition(with_never(condition, one.path))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_disjunct_decides_as_the_oracle_says(packs: list[Pack], data: st.DataObject) -> None:
    pack = data.draw(st.sampled_from(packs))
    answers = data.draw(answers_to(pack))
    found = Found(pack, answers)
    for one in pack.rules:
        for disjunct in disjuncts_of(one.when):
            right = turns_on(pack, answers, one.when, disjunct)
            assert found.turns_on(disjunct, one.when) is right, (one.id, disjunct)


def test_every_part_of_a_condition_has_a_place_in_its_file(packs: list[Pack]) -> None:
    for pack in packs:
        file = pack.rules[0].source.file
        assert file is not None
        root = read_yaml(Path(file).read_bytes(), file)
        listed = root.get("rules")  # type: ignore[union-attr]
        for one, node in zip(pack.rules, listed.items, strict=True):  # type: ignore[union-attr]
            places = places_of_parts(node.get("when"))  # type: ignore[union-attr, arg-type]
            assert {(part.path, part.place) for part in disjuncts_of(one.when)} <= set(places)
