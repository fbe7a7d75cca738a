"""Look-ups in tables give what the plain expressions give, whatever the rules and whatever is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from random_packs import random_answers, random_pack, rule, write_pack, yes_no

from riskengine.assessment.build import BuiltPack, build, load_pack
from riskengine.engines.columnar import Columnar
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack
from riskengine.portfolio import lookups, texts
from riskengine.portfolio.groups import Groups
from riskengine.portfolio.texts import findings, risks, warnings

WITHIN = 1e-12


def states(pack: Pack, projects: list[Any]) -> Any:
    """Give a frame with the states of the rules."""
    held = {
        one.id: pl.Series(
            [_cell(project.get(one.id)) for project in projects],
            dtype=pl.Float64 if one.type == "number" else pl.String,
            strict=False,
        )
        for one in pack.questions
    }
    executor = Columnar(pack)
    return executor.states(executor.typed(nw.from_native(pl.DataFrame(held)), {one: one for one in held}, {}))


def _cell(value: Any) -> Any:
    return value if isinstance(value, (str, float)) or value is None else NOT_APPLICABLE_LEVEL


def compare(built: BuiltPack, projects: list[Any]) -> None:
    frame = states(built.pack, projects)
    groups = Groups(built, built.model or built.prior)
    names = [one.name for one in groups.sums]
    looked_up = lookups.summed(frame, groups).select(*names).to_native()
    plain = groups.summed(frame).select(*names).to_native()
    for name in names:
        assert (looked_up[name] - plain[name]).abs().max() < WITHIN, name


@pytest.mark.parametrize("seed", range(5))
def test_sums_are_the_same_for_random_packs(seed: int, tmp_path: Path) -> None:
    pack = random_pack(seed, tmp_path)
    compare(build(pack), list(random_answers(pack, seed, 50)))


def test_sums_are_the_same_for_the_shipped_pack() -> None:
    built = load_pack()
    compare(built, list(random_answers(built.pack, "shipped", 50)))


def test_a_group_of_more_rules_than_a_table_holds_is_worked_out(tmp_path: Path) -> None:
    many = lookups.RULES + 3
    questions = [yes_no(f"q{place}") for place in range(many)]
    rules = [rule(f"r{place}", {f"q{place}": "yes"}, 1 + place / 10, group="same") for place in range(many)]
    pack = write_pack(tmp_path / "pack", questions, rules)
    compare(build(pack), list(random_answers(pack, "wide", 50)))


@pytest.mark.parametrize("seed", range(3))
def test_words_are_the_same(seed: int, tmp_path: Path) -> None:
    built = build(random_pack(seed, tmp_path))
    frame = states(built.pack, list(random_answers(built.pack, seed, 50)))
    for flags in (findings(built, built.prior), warnings(built.pack)):
        looked_up = lookups.joined(frame, "words", flags).to_native()["words"]
        plain = frame.with_columns(words=texts.joined(flags)).to_native()["words"]
        assert looked_up.to_list() == plain.to_list()
    flags = risks(built, built.prior)
    looked_up = lookups.first(frame, "word", flags).to_native()["word"]
    assert looked_up.to_list() == frame.with_columns(word=texts.first(flags)).to_native()["word"].to_list()
