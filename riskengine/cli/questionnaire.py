"""A questionnaire under way, without a terminal: which question comes next, what an answer closes, how far it is.

Every step gives a new state and leaves the old one as it was. What is shown, and how keys are read, is left to
`ask` and `screen`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from riskengine.errors import Source
from riskengine.logic.conditions import Value
from riskengine.pack.answers import check_value
from riskengine.pack.gates import asked
from riskengine.pack.model import Pack, Question

__all__ = ["Progress", "Questionnaire", "begin", "complaint_while_typing", "read_number"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the questionnaire is.

    Attributes:
        number: Place of the current question among those that are asked, counted from 1.
        total: How many are asked, those included that an answer still to come may close.
        is_exact: Whether no answer to come can change the total.
    """

    number: int
    total: int
    is_exact: bool

    def __str__(self) -> str:
        return f"{self.number} of {'' if self.is_exact else 'about '}{self.total}"


@dataclass(frozen=True)
class Questionnaire:
    """A state of the questionnaire.

    Attributes:
        pack: The pack.
        scope: The questions of this run, in pack order, whether they are asked or not.
        values: What was answered, by question; `None` where the answer was that it is not known.
        notes: Evidence by question.
        by: Who answered, by question.
        current: The question to ask now; `None` when none is left.
        dropped: Answers that the last step dropped because their questions are no longer asked.
    """

    pack: Pack
    scope: tuple[str, ...]
    values: Mapping[str, Value]
    notes: Mapping[str, str] = field(default_factory=dict)
    by: Mapping[str, str] = field(default_factory=dict)
    current: str | None = None
    dropped: Mapping[str, Value] = field(default_factory=dict)

    # --- what is so ---

    @cached_property
    def states(self) -> Mapping[str, bool | None]:
        """For every question of the pack, whether it is asked; `None` while that is open."""
        return asked(self.pack, self.values)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The questions that are certainly asked in this run, in their order."""
        return tuple(question for question in self.scope if self.states[question])

    @property
    def question(self) -> Question | None:
        """The current question."""
        return None if self.current is None else self.pack.question[self.current]

    @property
    def is_answered(self) -> bool:
        """Whether the current question has an answer already, *don't know* included."""
        return self.current in self.values

    @property
    def has_previous(self) -> bool:
        """Whether there is a question to go back to."""
        return bool(self._before())

    @property
    def progress(self) -> Progress:
        """How far it is."""
        maybe = sum(self._waits(question) for question in self.scope)
        number = len(self._before()) + (self.current is not None)
        return Progress(number, len(self.order) + maybe, maybe == 0)

    @property
    def not_known(self) -> tuple[str, ...]:
        """The questions that were answered with *don't know*."""
        return tuple(question for question in self.order if self.values.get(question, "") is None)

    @property
    def left_open(self) -> Mapping[str, tuple[str, ...]]:
        """Questions that are not asked because it is not known whether they apply, and the answers that say it."""
        return {
            question: tuple(gate for gate in self.pack.gate_questions[question] if gate in self.not_known)
            for question in self.scope
            if self.states[question] is None and not self._waits(question)
        }

    def _before(self) -> tuple[str, ...]:
        if self.current is None:
            return self.order
        return self.order[: self.order.index(self.current)]

    def _waits(self, question: str) -> bool:
        """Whether it is open if the question is asked, and an answer still to come decides it."""
        return self.states[question] is None and any(
            self.states[gate] and gate not in self.values for gate in self.pack.gate_questions[question]
        )

    def _first_unanswered(self) -> str | None:
        return next((question for question in self.order if question not in self.values), None)

    # --- steps ---

    def answer(self, value: Value) -> Questionnaire:
        """Answer the current question and go on.

        After a question that had no answer comes the next one without; after one that was gone back to comes the
        one that follows it, so that its answer can be looked at too.

        Args:
            value: A checked value; `None` for *don't know*.
        """
        assert self.current is not None
        settled = _settled(replace(self, values={**self.values, self.current: value}))
        following = settled.order[settled.order.index(self.current) + 1 :]
        if self.is_answered and following:
            return replace(settled, current=following[0])
        # INVARIANT: nobody comes past a question without an answer, so the first one stands behind this one
        return replace(settled, current=settled._first_unanswered())

    def back(self) -> Questionnaire:
        """Go back to the question before; its answer is kept."""
        before = self._before()
        return replace(self, current=before[-1] if before else self.current, dropped={})

    def forward(self) -> Questionnaire:
        """Go on to the first question without an answer, or to the end; all answers are kept."""
        return replace(self, current=self._first_unanswered(), dropped={})

    def note(self, text: str) -> Questionnaire:
        """Put a note to the current question, or take it away where the text is empty."""
        assert self.current is not None
        notes = {question: note for question, note in self.notes.items() if question != self.current}
        if text:
            notes[self.current] = text
        return replace(self, notes=notes, dropped={})

    def ask_again(self) -> Questionnaire:
        """Take every *don't know* back, so that these questions are asked once more."""
        known = {question: value for question, value in self.values.items() if question not in self.not_known}
        return replace(self, values=known, dropped={}).forward()


def begin(
    pack: Pack,
    *,
    quick: bool = False,
    values: Mapping[str, Value] | None = None,
    notes: Mapping[str, str] | None = None,
    by: Mapping[str, str] | None = None,
) -> Questionnaire:
    """Begin a questionnaire, or go on with one at its first question without an answer.

    Args:
        pack: The pack.
        quick: Whether to ask the quick set only, with the questions that decide whether these are asked.
        values: Answers from before, checked; `None` where it is not known.
        notes: Evidence from before.
        by: Who answered before.

    Returns:
        The first state; answers from before whose questions are not asked are `dropped`.
    """
    wanted = {question.id for question in pack.questions if question.quick or not quick}
    wanted.update(*(pack.gate_questions[question] for question in tuple(wanted)))
    scope = tuple(question.id for question in pack.questions if question.id in wanted)
    settled = _settled(Questionnaire(pack, scope, values or {}, notes or {}, by or {}))
    return replace(settled, current=settled._first_unanswered())


def _settled(state: Questionnaire) -> Questionnaire:
    """Drop what was answered to questions that are no longer asked, until nothing is left to drop.

    An answer whose gate has not come up yet, as a file may hold it, waits for that.
    """
    dropped: dict[str, Value] = {}
    while True:
        kept = [one for one in state.pack.question if state.states[one] or state._waits(one)]
        stale = {question: value for question, value in state.values.items() if question not in kept}
        state = replace(
            state,
            values=_only(kept, state.values),
            notes=_only(kept, state.notes),
            by=_only(kept, state.by),
        )
        if not stale:
            return replace(state, dropped=_only(list(state.pack.question), dropped))
        # without that answer a gate behind it can be open that seemed to hold, through `not`
        dropped |= stale


T = TypeVar("T")


def _only(kept: Sequence[str], of: Mapping[str, T]) -> dict[str, T]:
    return {question: of[question] for question in kept if question in of}


# --- numbers as they are typed -----------------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_BEGUN = re.compile(r"[+-]?\d*\.?\d*(?<=[\d.])(e[+-]?\d*)?|[+-]?", re.IGNORECASE)
_PLAIN = "write digits and at most one point, such as 12 or 2.5"


def read_number(question: Question, text: str) -> tuple[float | None, str]:
    """Read a number that was typed in full.

    Args:
        question: The question that it answers.
        text: What was typed.

    Returns:
        The number and an empty text; or `None`, and what is wrong and would be right.
    """
    text = text.strip()
    if not text:
        return None, "type a number first, or choose one of the rows below"
    if not _NUMBER.fullmatch(text):
        return None, f"`{text[:40]}` is no number: {_PLAIN}"
    value, problem = check_value(question, float(text), Source())
    if problem is not None:
        return None, f"{text[:40]} is out of range: {problem.help}"
    assert isinstance(value, float)
    return value, ""


def complaint_while_typing(question: Question, text: str) -> str:
    """Say what is wrong with a number that is being typed, if nothing typed behind it can mend that.

    Args:
        question: The question that it answers.
        text: What was typed so far.

    Returns:
        What is wrong; empty while it can still become right.
    """
    text = text.strip()
    if not _BEGUN.fullmatch(text):
        return f"`{text[:40]}` is no number: {_PLAIN}"
    if not _NUMBER.fullmatch(text):
        return ""
    assert question.minimum is not None and question.maximum is not None
    # further digits lead away from zero, never back to it
    if min(question.minimum, 0) <= float(text) <= max(question.maximum, 0):
        return ""
    return read_number(question, text)[1]
