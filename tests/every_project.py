"""Small packs, and every project that they can tell apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path

from random_packs import Shape, random_pack

from riskengine.authoring.projects import edges
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.model import Pack

__all__ = ["arithmetic_on_numbers", "every_project", "small_packs"]

SMALL = Shape(questions=4, conclusions=2, rules=5, wide=0, below=None)
MOST = 4_000


def every_project(pack: Pack) -> list[dict[str, Value]]:
    """Give all projects there are, of numbers all that tests on them can tell apart."""
    values = edges(pack)
    answers = [
        [*(question.level_ids or values[question.id]), *([NOT_APPLICABLE] if question.may_not_apply else [])]
        for question in pack.questions
    ]
    assert math.prod(map(len, answers)) <= 1_000_000
    ids = [question.id for question in pack.questions]
    return [dict(zip(ids, one, strict=True)) for one in itertools.product(*answers)]


def small_packs(folder: Path, count: int) -> Iterator[Pack]:
    for seed in itertools.count():
        pack = random_pack(seed, folder, SMALL)
        values = edges(pack)
        sizes = [len(one.level_ids or values[one.id]) + one.may_not_apply for one in pack.questions]
        if math.prod(sizes) <= MOST:
            yield pack
            count -= 1
        if not count:
            return


def arithmetic_on_numbers(pack: Pack) -> bool:
    """Say whether quantities work with numbers, of which not all values can be tried."""
    parts = [one for quantity in pack.quantities for one in pack.questions_of[quantity.id]]
    return any(pack.question[one].type == "number" for one in parts)
