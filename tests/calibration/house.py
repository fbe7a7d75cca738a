"""A small pack and synthetic histories of its projects, for tests: nothing here is about real projects."""

from __future__ import annotations

import datetime
import math
import random
from dataclasses import dataclass
from pathlib import Path

from random_packs import number, rule, write_pack, yes_no

from riskengine.assessment.build import BuiltPack, load_pack

__all__ = ["AREAS", "QUESTIONS", "Project", "house", "projects", "table", "write"]

AREAS = ("team", "goals", "data")
QUESTIONS = tuple(f"q{place}" for place in range(9))
ENDS = ("cancelled",) * 3 + ("unused",) * 6
DAY = datetime.date(2015, 1, 1)


def house(folder: Path) -> BuiltPack:
    """Write and load a pack of nine yes_no questions and a number, one rule each, in three areas."""
    asked = [yes_no(question, area=AREAS[place // 3]) for place, question in enumerate(QUESTIONS)]
    rules = [
        rule(
            f"r{place}",
            {question: "yes"},
            0.8,
            area=AREAS[place // 3],
            leads_to=["cancelled" if place < 3 else "unused"],
        )
        for place, question in enumerate(QUESTIONS)
    ]
    write_pack(folder, [*asked, number("size", 1, 50)], [*rules, rule("big", {"size": {"above": 30}}, 0.4)])
    return load_pack(folder)


@dataclass(frozen=True)
class Project:
    """A synthetic project with its true probability."""

    name: str
    answers: dict[str, str]
    begun: datetime.date
    ended: datetime.date
    p: float
    outcome: str


def projects(
    n: int,
    seed: int = 1,
    base: float = 0.0,
    weight: float = 1.0,
    weights: tuple[float, ...] = (),
    shift_at: int = 0,
    share: float = 0.5,
) -> list[Project]:
    """Draw projects whose log-odds are a sum of their answers.

    From `shift_at` on odds of failure are fourfold; a `share` of all answers is yes.
    """
    chance = random.Random(seed)
    found = []
    for place in range(n):
        yes = [chance.random() < share for _ in QUESTIONS]
        each = weights or (weight,) * len(QUESTIONS)
        eta = base + sum(one * (said - 0.5) for one, said in zip(each, yes, strict=True))
        if shift_at and place >= shift_at:
            eta += math.log(4)
        p = 1 / (1 + math.exp(-eta))
        failed = chance.random() < p
        end = chance.choices(["cancelled", "overrun", "unused"], [0.2, 0.2, 0.6])[0]
        answers = {q: "yes" if said else "no" for q, said in zip(QUESTIONS, yes, strict=True)}
        answers["size"] = str(chance.randint(1, 50))
        begun = DAY + datetime.timedelta(days=5 * place)
        ended = begun + datetime.timedelta(days=chance.randint(30, 200))
        found.append(Project(f"p{place}", answers, begun, ended, p, end if failed else "succeeded"))
    return found


def table(some: list[Project], *, dates: bool = True, names: bool = True) -> str:
    """Write projects as a CSV."""
    head = [*(["project"] if names else []), *(["date", "ended"] if dates else []), "outcome", *QUESTIONS, "size"]
    lines = [",".join(head)]
    for one in some:
        meta = [*([one.name] if names else []), *([str(one.begun), str(one.ended)] if dates else [])]
        lines.append(",".join([*meta, one.outcome, *(one.answers[q] for q in (*QUESTIONS, "size"))]))
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> Path:
    """Write a text and give its path."""
    path.write_text(text, encoding="utf-8")
    return path
