"""What a change of a pack does to projects: both packs score them by their rules alone, without a trained model."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from riskengine.assessment.build import BuiltPack, standard_deviation
from riskengine.assessment.score import contributions, expit
from riskengine.authoring.diff.projects import Project, Projects
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import Value
from riskengine.pack.model import STATES, Pack, State

__all__ = ["Effect", "FindingMoved", "Mover", "Turn", "effect_of"]

MOST_MOVERS = 5
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class FindingMoved:
    """Why a project moved: a rule that adds something else than before.

    Attributes:
        rule: The rule; its new id where it was renamed.
        old: Its state by the old pack; `None` if that has no such rule.
        new: The same by the new pack.
        log_odds: By how much more it adds than before, to log-odds of failure.
    """

    rule: str
    old: State | None
    new: State | None
    log_odds: float


@dataclass(frozen=True, slots=True)
class Mover:
    """A project, and how far it moved.

    Attributes:
        project: Its name.
        old: Its probability by the old pack.
        new: The same by the new pack.
        findings: The findings that moved it most, the strongest first.
    """

    project: str
    old: float
    new: float
    findings: tuple[FindingMoved, ...]

    @property
    def move(self) -> float:
        """The difference of its probabilities."""
        return self.new - self.old


@dataclass(frozen=True, slots=True)
class Turn:
    """In how many projects a rule's finding came or went.

    Attributes:
        rule: The rule; its new id where it was renamed.
        old: In how many it fires by the old pack; `None` if that has no such rule.
        new: The same by the new pack.
        appears: In how many it fires by the new pack only.
        disappears: In how many it fires by the old pack only.
        left_open: In how many of these the new pack finds it possible: an answer is missing.
    """

    rule: str
    old: int | None
    new: int | None
    appears: int
    disappears: int
    left_open: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What the change does to projects.

    Attributes:
        projects: The projects compared.
        moves: The difference of each project's probabilities.
        mean: The mean probability by the old and by the new pack.
        spread: The standard deviation of the probabilities, likewise.
        movers: The projects that moved farthest, the farthest first.
        turns: Rules whose findings came or went, the most frequent first.
        new_questions: Questions that the old pack does not have.
    """

    projects: Projects
    moves: tuple[float, ...]
    mean: tuple[float, float]
    spread: tuple[float, float]
    movers: tuple[Mover, ...]
    turns: tuple[Turn, ...]
    new_questions: tuple[str, ...]

    @property
    def mean_move(self) -> float:
        """The mean of all moves: up and down cancel out."""
        return math.fsum(self.moves) / len(self.moves)

    @property
    def mean_distance(self) -> float:
        """How far a project moves in the mean, up or down."""
        return math.fsum(map(abs, self.moves)) / len(self.moves)

    @property
    def farthest(self) -> float:
        """How far the project moves that moves farthest."""
        return max(map(abs, self.moves))

    def moved_by_more_than(self, points: float) -> int:
        """Count the projects that move by more than some percentage points."""
        return sum(100 * abs(move) > points for move in self.moves)


@dataclass(frozen=True, slots=True)
class _Scored:
    probability: float
    states: Mapping[str, bool | None]
    adds: Mapping[str, float]


def effect_of(
    old: BuiltPack, new: BuiltPack, projects: Projects, rules: Mapping[str, str], questions: Mapping[str, str]
) -> Effect:
    """Score projects by two packs and compare.

    Args:
        old: The old pack.
        new: The new one.
        projects: At least one project.
        rules: The new ids of rules that were renamed.
        questions: The new ids of questions that were renamed.
    """
    before = [_scored(old, one.old, rules) for one in projects.projects]
    after = [_scored(new, one.new, {}) for one in projects.projects]
    moves = tuple(two.probability - one.probability for one, two in zip(before, after, strict=True))
    farthest = sorted(range(len(moves)), key=lambda number: -abs(moves[number]))[:MOST_MOVERS]
    movers = tuple(_mover(projects.projects[one], before[one], after[one]) for one in farthest if moves[one])
    known = {questions.get(one.id, one.id) for one in old.pack.questions}
    return Effect(
        projects,
        moves,
        (_mean(before), _mean(after)),
        (_spread(before), _spread(after)),
        movers,
        tuple(
            sorted(_turns(before, after, old.pack, new.pack, rules), key=lambda one: -(one.appears + one.disappears))
        ),
        tuple(one.id for one in new.pack.questions if one.id not in known),
    )


def _scored(built: BuiltPack, answers: Mapping[str, Value], rules: Mapping[str, str]) -> _Scored:
    model, states = built.prior, BUILT_IN.findings(built.pack, answers).rules
    parts = contributions(built.pack, built.centre, model.factors, states).learned
    probability = expit(model.moderation * (model.base + math.fsum(parts.values())))
    adds = {rules.get(rule, rule): model.moderation * value for rule, value in parts.items()}
    return _Scored(probability, {rules.get(rule, rule): state for rule, state in states.items()}, adds)


def _mean(scored: Sequence[_Scored]) -> float:
    return math.fsum(one.probability for one in scored) / len(scored)


def _spread(scored: Sequence[_Scored]) -> float:
    return standard_deviation([one.probability for one in scored])


def _mover(project: Project, before: _Scored, after: _Scored) -> Mover:
    rules = dict.fromkeys((*after.adds, *before.adds))
    found = [
        FindingMoved(
            rule, _state(before, rule), _state(after, rule), after.adds.get(rule, 0.0) - before.adds.get(rule, 0.0)
        )
        for rule in rules
    ]
    strongest = sorted(found, key=lambda one: -abs(one.log_odds))[:MOST_REASONS]
    return Mover(project.name, before.probability, after.probability, tuple(one for one in strongest if one.log_odds))


def _state(scored: _Scored, rule: str) -> State | None:
    return STATES[scored.states[rule]] if rule in scored.states else None


def _turns(
    before: Sequence[_Scored], after: Sequence[_Scored], old: Pack, new: Pack, rules: Mapping[str, str]
) -> Iterator[Turn]:
    former = [rules.get(rule.id, rule.id) for rule in old.rules]
    for rule in dict.fromkeys((*(one.id for one in new.rules), *former)):
        pairs = Counter((one.states.get(rule), two.states.get(rule)) for one, two in zip(before, after, strict=True))
        fired, fires = (sum(count for pair, count in pairs.items() if pair[side]) for side in (0, 1))
        both, left_open = pairs[True, True], pairs[True, None] if rule in new.rule else 0
        if fired != both or fires != both:
            yield Turn(
                rule,
                fired if rule in former else None,
                fires if rule in new.rule else None,
                fires - both,
                fired - both,
                left_open,
            )
