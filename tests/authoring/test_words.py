"""Conditions in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskengine.authoring.words import condition_lines, gate_lines, indented
from riskengine.logic.conditions import Condition
from riskengine.pack.model import Pack
from riskengine.pack.read import read_pack

HEARD = "How often do the people who will plan by the forecast see it?"
OWNER = "Does one person in the business answer for the result?"
PEOPLE = "How many people work on it?"


def told(condition: Condition, pack: Pack) -> str:
    return "\n".join(f"{'  ' * depth}{text}" for depth, text in indented(condition_lines(condition, pack)))


def condition(written: str, folder: Path, tmp_path: Path) -> tuple[Condition, Pack]:
    """Read a condition as it would be written in a rule of a pack that extends the bakery."""
    more = tmp_path / "more"
    more.mkdir()
    (more / "pack.yaml").write_text(f"name: more\nversion: 1.0.0\nextends: {folder / 'bakery'}\n")
    rule = f"rules:\n  - id: own\n    area: team\n    title: Own\n    weight: 0.1\n    when: {written}\n"
    (more / "rules.yaml").write_text(rule)
    pack = read_pack(more)
    return pack.rule["own"].when, pack


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{owner: no}", f"{OWNER} is “No”"),
        ("{users_met: {is_not: once}}", f"{HEARD} is answered, and not with “Once”"),
        ("{users_met: [never, once]}", f"{HEARD} is “Never so far” or “Once”"),
        ("{users_met: {at_most: once}}", f"{HEARD} is “Never so far” or “Once”"),
        ("{users_met: {above: never}}", f"{HEARD} is “Once” or “Once a month or more often”"),
        ("{users_met: {at_least: once, at_most: once}}", f"{HEARD} is “Once”"),
        ("{users_met: {above: never, below: once}}", f"{HEARD} is answered in no way"),
        ("{people: 2}", f"{PEOPLE} is 2 people"),
        ("{people: [1, 2.5]}", f"{PEOPLE} is 1 or 2.5 people"),
        ("{people: {at_least: 2, below: 4}}", f"{PEOPLE} is at least 2 people and is below 4 people"),
        ("{months: {above: 12}}", "Months of work for each person is above 12"),
        ("{all: [no_owner]}", "“Nobody in the business answers for the result” holds (no_owner)"),
        ("{owner: no, people: {at_most: 1}}", f"{OWNER} is “No”\n{PEOPLE} is at most 1 people"),
        (
            "{any: [{owner: no}, {owner: yes, people: 1}]}",
            f"one or more of these:\n  {OWNER} is “No”\n"
            f"  all of these:\n    {OWNER} is “Yes”\n    {PEOPLE} is 1 people",
        ),
        ("{all: [{owner: no}, {all: [{people: 1}]}]}", f"{OWNER} is “No”\n{PEOPLE} is 1 people"),
        ("{any: [{owner: no}]}", f"{OWNER} is “No”"),
        ("{not: {owner: no}}", f"not this:\n  {OWNER} is “No”"),
        ("{not: {any: [{owner: no}, {people: 1}]}}", f"none of these:\n  {OWNER} is “No”\n  {PEOPLE} is 1 people"),
        ("{not: {owner: no, people: 1}}", f"not all of these:\n  {OWNER} is “No”\n  {PEOPLE} is 1 people"),
        (
            "{at_least: 2, of: [{owner: no}, {people: 1}, adrift]}",
            f"at least 2 of these 3:\n  {OWNER} is “No”\n  {PEOPLE} is 1 people\n"
            "  “Neither an owner nor the users look after it” holds (adrift)",
        ),
    ],
)
def test_a_condition_reads_like_a_sentence(written: str, words: str, folder: Path, tmp_path: Path) -> None:
    assert told(*condition(written, folder, tmp_path)) == words


def test_a_conclusion_of_several_rules_names_them_all(folder: Path, tmp_path: Path) -> None:
    second = "\n  - {id: second, area: goals, title: Second, when: {people: 9}, concludes: no_owner}"
    words = told(*condition(f"{{all: [no_owner]}}{second}", folder, tmp_path))
    assert words == "“Nobody in the business answers for the result” or “Second” hold: one is enough (no_owner)"


def test_a_conclusion_that_nothing_establishes_any_more_says_so(folder: Path) -> None:
    house = read_pack(folder / "my-house")
    assert house.ruled_out == ("users_heard",)
    words = told(house.rule["well-looked-after"].when, house)
    assert "users_heard, which no rule establishes any more" in words


def test_gates_are_told_once_for_each_question_that_is_not_always_asked(bakery: Pack) -> None:
    lines = list(indented(gate_lines(bakery.rule["labels-unchecked"].when, bakery)))
    assert lines == [
        (0, "Who checks these labels?"),
        (1, "Does the model learn from labels that people give? is “Yes”"),
    ]
    assert gate_lines(bakery.rule["nobody-answers"].when, bakery) == ()


def test_many_levels_are_told_by_their_place(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    (tmp_path / "many" / "pack.yaml").write_text(f"name: many\nversion: 1.0.0\nextends: {folder / 'bakery'}\n")
    levels = "\n".join(f"      l{n}: Level {n}" for n in range(8))
    shares = ", ".join(f"l{n}: 0.125" for n in range(8))
    (tmp_path / "many" / "q.yaml").write_text(
        "questions:\n  - id: steps\n    area: team\n    phase: planning\n    text: How far?\n    help: Look.\n"
        f"    type: choice\n    levels:\n{levels}\n    worse: last\n    shares: {{{shares}}}\n    change: low\n"
    )
    (tmp_path / "many" / "r.yaml").write_text(
        "area: team\nrules:\n"
        "  - {id: upper, title: Upper, weight: 0.1, when: {steps: {at_least: l2}}}\n"
        "  - {id: lower, title: Lower, weight: 0.1, when: {steps: {below: l6}}}\n"
    )
    pack = read_pack(tmp_path / "many")
    assert told(pack.rule["upper"].when, pack) == "How far? is “Level 2”, or stands after it in the list"
    assert told(pack.rule["lower"].when, pack) == "How far? stands before “Level 6” in the list"
