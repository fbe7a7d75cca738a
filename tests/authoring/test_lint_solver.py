"""What the solver decides, against trying every project, and against the engine on the projects that it finds."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

import pytest
from every_project import arithmetic_on_numbers, every_project, small_packs
from oracle import Oracle
from random_packs import choice, number, rule, write_pack, yes_no

from riskengine.authoring.lint.subject import Subject
from riskengine.authoring.projects import edges
from riskengine.authoring.solver import Solver
from riskengine.authoring.worlds import Worlds
from riskengine.logic.conditions import NOT_APPLICABLE, All, Conclusion, Condition, Not, Value
from riskengine.logic.conditions import Test as Comparison
from riskengine.pack.model import Pack


def filled(pack: Pack, project: Mapping[str, Value]) -> dict[str, Value]:
    """Answer what a found project leaves out, for it does not matter there."""
    values = edges(pack)
    return {one.id: (one.level_ids or values[one.id])[0] for one in pack.questions} | dict(project)


def test_what_is_possible_is_what_some_project_shows(tmp_path: Path) -> None:
    exact, kinds = 0, set()
    for pack in small_packs(tmp_path, 30):
        chance = random.Random(1)
        worlds, solver = Worlds(pack, every_project(pack)), Solver(pack)
        conditions: list[Condition] = [rule.when for rule in pack.rules]
        conditions += [Not(one) for one in conditions]
        conditions += [All(tuple(chance.sample(conditions, 2))) for _ in range(10)]
        for condition in conditions:
            possible = solver.decide(condition).possible
            shown = bool(worlds.condition(condition))
            assert possible is not None
            if arithmetic_on_numbers(pack):
                assert possible or not shown
            else:
                assert possible == shown
                exact += 1
                kinds.add(possible)
    assert exact > 200
    assert kinds == {True, False}


def test_a_project_that_is_found_is_one(tmp_path: Path) -> None:
    for pack in small_packs(tmp_path, 20):
        solver = Solver(pack)
        for one in pack.rules:
            verdict = solver.decide(one.when)
            if verdict.possible:
                (project,) = verdict.projects
                oracle = Oracle(pack, filled(pack, project))
                assert oracle.condition(one.when) == "true"
                # only what is asked is named
                assert {oracle.asked(question) for question in project} <= {"true"}


def test_the_order_of_decisions_does_not_matter(tmp_path: Path) -> None:
    for pack in small_packs(tmp_path, 5):
        forth, back = Solver(pack), Solver(pack)
        one = {rule.id: forth.decide(rule.when).possible for rule in pack.rules}
        other = {rule.id: back.decide(rule.when).possible for rule in reversed(pack.rules)}
        assert one == other


def test_numbers_are_exact(tmp_path: Path) -> None:
    quantities = [{"id": "thrice", "text": "Thrice", "product": ["x", 3]}]
    pack = write_pack(tmp_path / "pack", [number("x", 0, 1)], [rule("r", {"x": 0.1})], quantities)
    # in doubles 3 x 0.1 is more than 0.3
    three_tenths = Comparison("thrice", "above", 0.3)
    assert 3 * 0.1 > 0.3
    assert Solver(pack).decide(Comparison("x", "is", 0.1), three_tenths).possible is False
    assert Solver(pack).decide(Comparison("x", "above", 0.1), three_tenths).possible is True


def test_a_ratio_over_negative_numbers_turns_round(tmp_path: Path) -> None:
    quantities = [{"id": "share", "text": "Share", "ratio": ["x", "y"]}]
    pack = write_pack(
        tmp_path / "pack", [number("x", 1, 4), number("y", -3, -2)], [rule("r", {"share": {"below": -1}})], quantities
    )
    solver = Solver(pack)
    assert solver.decide(Comparison("share", "below", -1.9)).possible is True
    assert solver.decide(Comparison("share", "below", -2.0)).possible is False
    assert solver.decide(Comparison("share", "at_least", -0.34)).possible is True
    assert solver.decide(Comparison("share", "at_least", -0.33)).possible is False


def test_a_gate_of_a_gate_counts(tmp_path: Path) -> None:
    questions = [
        yes_no("a"),
        yes_no("b", ask_when={"a": "yes"}),
        choice("c", ["low", "high"], ask_when={"b": "yes"}, may_not_apply=True),
    ]
    pack = write_pack(tmp_path / "pack", questions, [rule("r", {"c": "high"}, concludes="high")])
    solver = Solver(pack)
    assert solver.decide(Conclusion("high"), Comparison("a", "is", "no", ("no", "yes"))).possible is False
    assert solver.decide(Conclusion("high")).projects == ({"a": "yes", "b": "yes", "c": "high"},)
    # what does not apply is neither, whatever the operator
    neither = [Not(Comparison("c", op, "high", ("low", "high"))) for op in ("is", "is_not")]
    (project,) = solver.decide(*neither, Comparison("b", "is", "yes", ("no", "yes"))).projects
    assert project["c"] is NOT_APPLICABLE


def test_what_costs_too_much_is_left_undecided(tmp_path: Path) -> None:
    # nine pigeons in eight holes
    holes = [[f"p{pigeon}_{hole}" for hole in range(8)] for pigeon in range(9)]
    somewhere = [{"any": [{one: "yes"} for one in row]} for row in holes]
    alone = [{"not": {"at_least": 2, "of": [{row[hole]: "yes"} for row in holes]}} for hole in range(8)]
    questions = [yes_no(one) for row in holes for one in row]
    pack = write_pack(tmp_path / "pack", questions, [rule("r", {"all": somewhere + alone})])
    assert Solver(pack, effort=2_000).decide(pack.rules[0].when).possible is None
    assert Solver(pack, seconds=0).decide(pack.rules[0].when).possible is None
    assert Subject(pack, None, 0).can_hold(pack.rules[0].when) is None


@pytest.mark.parametrize("seed", range(3))
def test_looking_at_projects_only_spares_the_solver(seed: int, tmp_path: Path) -> None:
    pack = next(small_packs(tmp_path / str(seed), 1))
    subject, solver = Subject(pack, None, None), Solver(pack)
    for one in pack.rules:
        assert subject.can_hold(one.when) == solver.decide(one.when).possible
