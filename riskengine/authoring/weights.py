"""How far answers move the result: the weights of a pack at work on ordinary projects, and each question's leverage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from riskengine.assessment.build import PRIOR_SDS, intercept_sd, standard_deviation
from riskengine.assessment.model_file import solve_base
from riskengine.assessment.score import expit
from riskengine.authoring.projects import few, from_best_to_worst
from riskengine.authoring.worlds import Worlds, sums
from riskengine.logic.conditions import Value
from riskengine.pack.model import Pack, Question, Rule

__all__ = ["Leverage", "Weights"]


@dataclass(frozen=True, slots=True)
class Leverage:
    """What the answer to one question decides.

    Attributes:
        question: Its id.
        area: Its area.
        asked: The share of ordinary projects that are asked it.
        leverage: How far its worst answer lies from its best, in log-odds, on the mean of these projects.
        share: Its part of the sum over all questions.
    """

    question: str
    area: str
    asked: float
    leverage: float
    share: float

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON data."""
        return {
            "question": self.question,
            "area": self.area,
            "asked": round(self.asked, 4),
            "leverage": round(self.leverage, 4),
            "share": round(self.share, 4),
        }


class Weights:
    """The weights of a pack at work on ordinary projects, scaled as its spread asks."""

    def __init__(self, pack: Pack, ordinary: Worlds) -> None:
        """Take a pack and its ordinary projects."""
        self.pack = pack
        self.ordinary = ordinary

    def raw(self, worlds: Worlds, groups: Iterable[Sequence[Rule]] | None = None) -> list[float]:
        """Add up the weights that count in each project, before scale and centre.

        Args:
            worlds: The projects.
            groups: The groups to add up; all by default.
        """
        counted = self._counted(worlds, self.pack.groups if groups is None else groups)
        return sums(self._terms(counted), worlds.size)

    def by_answer(self, worlds: Worlds, question: str, answers: Iterable[Value]) -> list[list[float]]:
        """Add up the weights that count in each project, for each answer to a question in turn.

        Args:
            worlds: The projects.
            question: The question.
            answers: The answers.

        Returns:
            For each answer the sum of each project, without what counts whatever the answer is.
        """
        groups = self.groups_of(question)
        counted = [self._counted(worlds.answering({question: answer}), groups) for answer in answers]
        moved = [rule for rule, bits in counted[0].items() if any(other[rule] != bits for other in counted[1:])]
        return [sums(self._terms({rule: bits[rule] for rule in moved}), worlds.size) for bits in counted]

    def _counted(self, worlds: Worlds, groups: Iterable[Sequence[Rule]]) -> dict[str, int]:
        found: dict[str, int] = {}
        for members in groups:
            found |= worlds.counted([rule.id for rule in members])
        return found

    def _terms(self, counted: Mapping[str, int]) -> Iterator[tuple[float, int]]:
        return ((self.pack.rule[rule].weight or 0.0, bits) for rule, bits in counted.items())

    @cached_property
    def _usual(self) -> list[float]:
        return self.raw(self.ordinary)

    @cached_property
    def _mean(self) -> float:
        return math.fsum(self._usual) / len(self._usual)

    @cached_property
    def scale(self) -> float:
        """The one factor of all weights: with it, ordinary projects have the pack's spread."""
        spread = standard_deviation(self._usual)
        return self.pack.spread / spread if spread > 0 else 1.0

    @cached_property
    def moderation(self) -> float:
        """The factor of the log-odds that says how sure the weights are, as it is without history."""
        sds = replace(PRIOR_SDS, intercept=intercept_sd(self.pack))
        by_area: dict[str, list[Sequence[Rule]]] = {}
        for members in self.pack.groups:
            by_area.setdefault(members[0].area, []).append(members)
        areas = math.fsum(self._spread(groups) ** 2 for groups in by_area.values())
        groups = math.fsum(self._spread([members]) ** 2 for members in self.pack.groups)
        total = standard_deviation(self._usual) ** 2
        scaled = sds.slope**2 * total + sds.area**2 * areas + sds.finding**2 * groups
        unsure = sds.intercept**2 + self.scale**2 * scaled
        return 1 / math.sqrt(1 + math.pi * unsure / 8)

    def _spread(self, groups: Iterable[Sequence[Rule]]) -> float:
        return standard_deviation(self.raw(self.ordinary, groups))

    @cached_property
    def base(self) -> float:
        """The constant of the log-odds: with it, the mean probability of ordinary projects is the base rate."""
        log_odds = [self.scale * (one - self._mean) for one in self._usual]
        return solve_base(log_odds, self.moderation, self.pack.base_rate.value)

    def probabilities(self, worlds: Worlds) -> list[float]:
        """Give each project's probability by the rules alone, without history."""
        return [expit(self.moderation * (self.base + self.scale * (one - self._mean))) for one in self.raw(worlds)]

    def groups_of(self, question: str) -> list[Sequence[Rule]]:
        """Give the groups that the answer to a question can matter to."""
        depends_on = self.pack.depends_on
        return [members for members in self.pack.groups if any(question in depends_on[rule.id] for rule in members)]

    def leverage(self, edges: Mapping[str, Sequence[float]]) -> tuple[Leverage, ...]:
        """Work out the leverage of every question, in pack order.

        Args:
            edges: The values to try of each question answered by a number.
        """
        found = [(question, *self._range(question, edges[question.id])) for question in self.pack.questions]
        total = math.fsum(asked * distance for _, asked, distance in found) or 1.0
        return tuple(
            Leverage(question.id, question.area, asked, distance, asked * distance / total)
            for question, asked, distance in found
        )

    def _range(self, question: Question, numbers: Sequence[float]) -> tuple[float, float]:
        """Give the share of projects that are asked, and how far apart their best and worst answer lie."""
        asked = self.ordinary.asked(question.id).bit_count()
        if not asked:
            return asked / self.ordinary.size, 0.0
        answers = from_best_to_worst(question, few(numbers))
        by_answer = self.by_answer(self.ordinary, question.id, answers)
        distances = (max(one) - min(one) for one in zip(*by_answer, strict=True))
        return asked / self.ordinary.size, self.scale * math.fsum(distances) / asked
