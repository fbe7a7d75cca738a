"""The columnar executor against the forward one: the same findings, and the same numbers within 1e-12."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import pytest
from frames import WITHIN, columns_of, flags_of, kinds, numbers, polars_frame, rows_of
from hypothesis import HealthCheck, given, settings
from random_packs import answers_to, random_answers, random_pack

import riskengine
from riskengine.assessment.answers import Answers
from riskengine.assessment.assess import assess_answers
from riskengine.assessment.build import BuiltPack, build
from riskengine.assessment.model_file import Model
from riskengine.assessment.result import Warned
from riskengine.engines.columnar import Columnar, rule_column
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import Value
from riskengine.pack.model import Pack
from riskengine.portfolio.expressions import Scorer, result_columns

PACKS = 100
PROJECTS = 100
BATCH = 10
BATCHES = [range(start, start + BATCH) for start in range(0, PACKS, BATCH)]


def states(pack: Pack, projects: Sequence[Mapping[str, Value]], kind: str) -> list[tuple[bool | None, ...]]:
    executor = Columnar(pack)
    frame: Any = nw.from_native(kinds()[kind](polars_frame(pack, projects)))
    found = executor.states(executor.typed(frame, columns_of(pack), flags_of(pack)))
    return rows_of(found, [rule_column(rule.id) for rule in pack.rules])


def differing(pack: Pack, projects: Sequence[Mapping[str, Value]], kind: str) -> list[tuple[int, str]]:
    """Give each row and rule whose state is another one on the forward executor."""
    wrong = []
    for row, (project, found) in enumerate(zip(projects, states(pack, projects, kind), strict=True)):
        expected = BUILT_IN.findings(pack, project).rules
        wrong += [
            (row, rule) for (rule, state), other in zip(expected.items(), found, strict=True) if state is not other
        ]
    return wrong


@pytest.mark.parametrize("seeds", BATCHES, ids=str)
def test_findings_are_the_same_on_polars(seeds: range, tmp_path: Path) -> None:
    for number in seeds:
        pack = random_pack(number, tmp_path / str(number))
        projects = random_answers(pack, number, PROJECTS)
        assert len(projects) == PROJECTS
        assert differing(pack, projects, "polars lazy") == [], number


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind != "polars lazy"])
def test_findings_are_the_same_on_every_kind_of_frame(kind: str, tmp_path: Path) -> None:
    for number in range(25):
        pack = random_pack(number, tmp_path / str(number))
        assert differing(pack, random_answers(pack, f"{kind}/{number}", 20), kind) == [], number


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(answers=answers_to(riskengine.load_pack().pack))
def test_findings_of_the_shipped_pack_are_the_same(answers: Mapping[str, Value]) -> None:
    assert differing(riskengine.load_pack().pack, [answers], "polars") == []


# --- numbers and words -------------------------------------------------------------------------------------


def scored(
    built: BuiltPack, model: Model, projects: Sequence[Mapping[str, Value]], kind: str
) -> Iterator[dict[str, Any]]:
    pack = built.pack
    frame: Any = nw.from_native(kinds()[kind](polars_frame(pack, projects)))
    columns = result_columns(built)
    for row in rows_of(Scorer(built, model).scored(frame, columns_of(pack), flags_of(pack)), columns):
        yield dict(zip(columns, row, strict=True))


def words(pack: Pack, warnings: Sequence[Warned]) -> Counter[str]:
    found: Counter[str] = Counter()
    titles = {title: area for area, title in pack.areas}
    for one in warnings:
        match one.kind:
            case "ignored" | "open_gate":
                found[f"{one.kind}:{one.questions[0]}"] += 1
            case "contradiction":
                found[f"contradiction:{one.rule}"] += 1
            case "blind_spot" if one.questions:
                found.update(f"overdue:{question}" for question in one.questions)
            case "blind_spot":
                found.update(f"blind_spot:{titles[title]}" for title in one.message.partition(": ")[2].split(", "))
    return found


def compare(built: BuiltPack, model: Model, projects: Sequence[Mapping[str, Value]], kind: str) -> None:
    for project, row in zip(projects, scored(built, model, projects, kind), strict=True):
        values = {question: value for question, value in project.items() if value is not None}
        expected = assess_answers(Answers(values), built, model, explain=False, engine=BUILT_IN)
        for name, value in numbers(expected).items():
            assert row[name] == pytest.approx(value, abs=WITHIN, rel=0), name
        assert row["risk_level"] == expected.risk_level
        fires = [one for one in expected.findings if one.state == "fires"]
        assert sorted(row["findings"].split()) == sorted(one.rule for one in fires)
        assert Counter(row["warnings"].split()) == words(built.pack, expected.warnings)
        risks = [one.rule for one in fires if one.weight > 0 and one.replaced_by is None]
        assert (row["top_finding"] is None) == (not risks)
        assert row["top_finding"] in [None, *risks]


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("which", ["model", "prior"])
def test_numbers_and_words_of_the_shipped_pack_are_the_same(kind: str, which: str) -> None:
    built = riskengine.load_pack()
    model = built.model if which == "model" else built.prior
    assert model is not None
    compare(built, model, random_answers(built.pack, f"{kind}/{which}", 100), kind)


@pytest.mark.parametrize("seed", range(4))
def test_numbers_and_words_of_random_packs_are_the_same(seed: int, tmp_path: Path) -> None:
    built = build(random_pack(seed, tmp_path))
    compare(built, built.prior, random_answers(built.pack, seed, 200), "polars lazy")


@pytest.mark.parametrize("rate", [0.1, 0.8])
def test_another_base_rate_moves_a_table_as_it_moves_one_project(rate: float) -> None:
    built = riskengine.load_pack()
    projects = random_answers(built.pack, rate, 20)
    frame: Any = nw.from_native(polars_frame(built.pack, projects))
    columns = ["failure_probability", "model_low", "model_high"]
    table = Scorer(built, built.prior, rate).scored(frame, columns_of(built.pack), flags_of(built.pack))
    for project, row in zip(projects, rows_of(table, columns), strict=True):
        values = {question: value for question, value in project.items() if value is not None}
        result = assess_answers(Answers(values), built, built.prior, base_rate=rate, explain=False, engine=BUILT_IN)
        assert row == pytest.approx((result.probability, *result.range.model), abs=WITHIN, rel=0)
