"""Whether a worse answer can lower the risk: what form proves and what is decided, against trying every project."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from every_project import arithmetic_on_numbers, every_project, small_packs
from random_packs import Shape, choice, number, random_pack, rule, write_pack, yes_no

from riskengine.authoring.lint.levels import gaps
from riskengine.authoring.lint.monotone import lowered
from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.polarity import polarities
from riskengine.authoring.projects import edges, from_best_to_worst
from riskengine.authoring.weights import Weights
from riskengine.authoring.worlds import Worlds
from riskengine.pack.model import Pack, Question


def steps(pack: Pack, question: Question) -> Iterator[tuple[Worlds, Worlds]]:
    """Give all projects with one answer, and the same with the next worse one."""
    worlds = Worlds(pack, every_project(pack))
    answers = from_best_to_worst(question, edges(pack)[question.id])
    for better, worse in pairwise(answers):
        yield worlds.answering({question.id: better}), worlds.answering({question.id: worse})


def can_drop(pack: Pack, question: Question) -> bool:
    for before, after in steps(pack, question):
        weights = Weights(pack, before)
        if any(one > two + 1e-9 for one, two in zip(weights.raw(before), weights.raw(after), strict=True)):
            return True
    return False


def directed(pack: Pack) -> list[Question]:
    return [question for question in pack.questions if question.worse != "none"]


def test_a_drop_is_reported_if_and_only_if_there_is_one(tmp_path: Path) -> None:
    kinds = set()
    for pack in small_packs(tmp_path, 25):
        if arithmetic_on_numbers(pack):
            continue
        subject = Subject(pack, None, None)
        left_out = {one.value for one in gaps(subject)}
        problems = list(lowered(subject))
        assert {one.code for one in problems} <= {"RE-235"}
        reported = {one.value for one in problems}
        for question in directed(pack):
            if question.id not in left_out:
                drops = can_drop(pack, question)
                assert (question.id in reported) == drops, (question.id, reported)
                kinds.add(drops)
    assert kinds == {True, False}


def test_what_the_form_proves_holds_in_every_project(tmp_path: Path) -> None:
    found = set()
    for pack in small_packs(tmp_path, 15):
        for question in directed(pack):
            proved = polarities(pack, question.id, edges(pack)[question.id])
            for before, after in steps(pack, question):
                for one, polarity in proved.items():
                    lost, won = before.rule(one) & ~after.rule(one), after.rule(one) & ~before.rule(one)
                    found.add(polarity)
                    assert not (polarity in (0, 1) and lost), (one, question.id)
                    assert not (polarity in (0, -1) and won), (one, question.id)
    assert found == {0, 1, -1, None}


@pytest.mark.parametrize("seed", range(4))
def test_what_the_form_proves_holds_in_larger_packs_too(seed: int, tmp_path: Path) -> None:
    pack = random_pack(seed, tmp_path, Shape(questions=10, below=None))
    subject = Subject(pack, None, None)
    for question in directed(pack):
        numbers = subject.edges[question.id]
        proved = polarities(pack, question.id, numbers)
        for better, worse in pairwise(from_best_to_worst(question, numbers)):
            before, after = (subject.unusual.answering({question.id: one}) for one in (better, worse))
            for one, polarity in proved.items():
                assert not (polarity in (0, 1) and before.rule(one) & ~after.rule(one)), (one, question.id)
                assert not (polarity in (0, -1) and after.rule(one) & ~before.rule(one)), (one, question.id)


@pytest.mark.parametrize(
    ("quantity", "test", "polarity"),
    [
        ({"sum": ["n", "up"]}, {"above": 4}, 1),
        ({"sum": ["n", "up"]}, {"at_most": 4}, -1),
        ({"sum": ["n", "up"]}, 4, None),
        ({"difference": ["up", "n"]}, {"above": 1}, -1),
        ({"difference": ["n", "n"]}, {"above": 1}, None),
        ({"product": ["n", "up"]}, {"above": 4}, 1),
        ({"product": ["n", "down"]}, {"above": -4}, -1),
        ({"product": ["n", "down", "down"]}, {"above": 4}, 1),
        ({"product": ["n", "either"]}, {"above": 1}, None),
        ({"ratio": ["n", "up"]}, {"below": 1}, -1),
        ({"ratio": ["up", "n"]}, {"above": 1}, -1),
        ({"ratio": ["down", "n"]}, {"above": -1}, 1),
        ({"ratio": ["either", "n"]}, {"above": 1}, None),
        ({"ratio": ["n", "down"]}, {"above": -1}, -1),
        ({"sum": ["up", "down"]}, {"above": 1}, 0),
    ],
)
def test_arithmetic_passes_the_direction_on(
    quantity: dict[str, list[str]], test: object, polarity: int | None, tmp_path: Path
) -> None:
    questions = [number("n", 1, 5), number("up", 1, 5), number("down", -5, -1), number("either", -5, 5)]
    rules = [rule("r", {"made": test}, 0.1), rule("round", {"not": {"made": test}}, 0.1)]
    pack = write_pack(tmp_path / "pack", questions, rules, [{"id": "made", "text": "Made", **quantity}])
    found = polarities(pack, "n", edges(pack)["n"])
    assert found == {"r": polarity, "round": None if polarity is None else -polarity}


def message_of(folder: Path, questions: list[dict[str, object]], rules: list[dict[str, object]], **more: object) -> str:
    pack = write_pack(folder, questions, rules, **more)  # type: ignore[arg-type]
    (problem,) = lowered(Subject(pack, folder, None))
    assert problem.code == "RE-235"
    return problem.message


def test_the_message_names_a_project_in_which_it_happens(tmp_path: Path) -> None:
    questions = [choice("plan", ["none", "draft", "full"], "first"), yes_no("late"), yes_no("unused")]
    rules = [rule("drafted", {"plan": "draft", "late": "yes"}, 0.5), rule("other", {"unused": "yes"}, 0.5)]
    assert message_of(tmp_path / "pack", questions, rules) == (
        "`drafted`: a worse answer to `plan` lowers the risk: from `draft` to `none` takes 0.5 off, "
        "for example where `late: yes`"
    )


def test_a_protection_that_a_worse_answer_brings_is_a_drop(tmp_path: Path) -> None:
    rules = [rule("protects", {"late": "yes"}, -0.5)]
    message = message_of(tmp_path / "pack", [yes_no("late")], rules)
    assert message == "`protects`: a worse answer to `late` lowers the risk: from `no` to `yes` takes 0.5 off"


def test_a_drop_that_samples_miss_is_found_by_the_solver(tmp_path: Path) -> None:
    # it shows only where the product lies within a hair of one number
    quantities = [{"id": "area", "text": "Area", "product": ["wide", "long"]}]
    questions = [number("wide", 1, 10, "high"), number("long", 1, 10, "none")]
    rules = [rule("hair", {"area": {"above": 50, "below": 50.0001}, "long": {"above": 7.3, "below": 7.4}}, 0.5)]
    folder = tmp_path / "pack"
    pack = write_pack(folder, questions, rules, quantities)
    subject = Subject(pack, folder, None)
    assert not subject.unusual.rule("hair") and not subject.ordinary.rule("hair")
    (problem,) = lowered(subject)
    assert (problem.code, problem.value) == ("RE-235", "wide")


def test_a_question_without_a_direction_has_no_worse_answer(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack", [yes_no("late", "none")], [rule("protects", {"late": "yes"}, -0.5)])
    assert list(lowered(Subject(pack, None, None))) == []
