"""Which open question is worth asking next: the one after whose answer least is left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from riskengine.assessment.reference import level_shares, quantile
from riskengine.assessment.score import Centre, contributions
from riskengine.engines.forward import BUILT_IN
from riskengine.logic.conditions import NOT_APPLICABLE, Value
from riskengine.pack.gates import asked
from riskengine.pack.model import NOT_APPLICABLE_LEVEL, Pack, Question

__all__ = ["NextQuestion", "next_questions"]

QUANTILE_STEPS = 5
"""Parts into which a number's quantiles are cut; each part counts at its midpoint."""


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """A question, and how far its answer is expected to narrow the answers range.

    Attributes:
        question: The question to ask.
        narrows: Expected width of the range now, less that after the answer, in log-odds.
        opens: Where the gate of questions is still open: the question behind it that was counted along.
    """

    question: str
    narrows: float
    opens: str | None = None


def next_questions(
    pack: Pack, centre: Centre, factors: Mapping[str, float], answers: Mapping[str, Value], limit: int = 5
) -> list[NextQuestion]:
    """Order the open questions by the expected width of the answers range after their answer.

    Levels are weighted by their expected shares, numbers stand at the midpoints of their quantiles. An open gate is
    judged together with the questions behind it, by the one that narrows most.

    Args:
        pack: The pack.
        centre: Its scale and expected shares.
        factors: Learned factors.
        answers: What is known.
        limit: How many to give at most.

    Returns:
        The most telling first, after open gates of questions that are answered already; else only questions that
        narrow the range.
    """

    def width(known: Mapping[str, Value]) -> float:
        bounds = contributions(pack, centre, factors, BUILT_IN.findings(pack, known).rules)
        return bounds.high - bounds.low

    def expected_width(question: Question, known: Mapping[str, Value], then: Question | None = None) -> float:
        total = 0.0
        for value, share in weighted_answers(question):
            after = {**known, question.id: value}
            if then is not None and asked(pack, after)[then.id]:
                total += share * expected_width(then, after)
            else:
                total += share * width(after)
        return total

    now = width(answers)
    state = asked(pack, answers)
    open_questions = [
        question for question in pack.questions if answers.get(question.id) is None and state[question.id] is not False
    ]
    best: dict[str, NextQuestion] = {}
    for question in open_questions:
        gate = _open_gate(pack, question, answers, state)
        if gate is None:
            found = NextQuestion(question.id, now - expected_width(question, answers))
        else:
            found = NextQuestion(gate.id, now - expected_width(gate, answers, question), question.id)
        if found.narrows > best.get(found.question, NextQuestion("", 1e-9)).narrows:
            best[found.question] = found
    waiting = {
        gate.id: NextQuestion(gate.id, 0.0)
        for question in pack.questions
        if answers.get(question.id) is not None and (gate := _open_gate(pack, question, answers, state)) is not None
    }
    # an answer that is there already waits for its gate
    ordered = sorted((waiting | best).values(), key=lambda one: (one.question not in waiting, -one.narrows))
    return ordered[:limit]


def weighted_answers(question: Question) -> Iterator[tuple[Value, float]]:
    """Give the answers of a question, each with its expected share."""
    absent = dict(question.shares).get(NOT_APPLICABLE_LEVEL, 0.0) if question.may_not_apply else 0.0
    if absent:
        yield NOT_APPLICABLE, absent
    if question.type == "number":
        for step in range(QUANTILE_STEPS):
            yield quantile(question, (step + 0.5) / QUANTILE_STEPS), (1 - absent) / QUANTILE_STEPS
    else:
        for level, share in level_shares(question).items():
            if share:
                yield level, (1 - absent) * share


def _open_gate(
    pack: Pack, question: Question, answers: Mapping[str, Value], state: Mapping[str, bool | None]
) -> Question | None:
    """Give the first unanswered question, itself asked, that decides whether this one is asked."""
    if state[question.id]:
        return None
    for gate in pack.gate_questions[question.id]:
        if answers.get(gate) is None and state[gate]:
            return pack.question[gate]
    return None
