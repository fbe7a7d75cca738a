"""Which question comes next, what an answer closes, and how far it is; on random packs and random ways through them."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle
from random_packs import Shape, choice, number, random_answers, random_pack, rule, write_pack, yes_no

from riskengine.cli.questionnaire import Progress, begin, complaint_while_typing, read_number
from riskengine.logic.conditions import NOT_APPLICABLE

PACKS = 40
STEPS = ("answer", "answer", "answer", "answer", "know not", "back", "back", "forward", "note", "again")


@cache
def some_pack(seed):
    with TemporaryDirectory() as folder:
        pack = random_pack(seed, Path(folder), Shape(questions=10, conclusions=1, rules=1, wide=0))
    # which questions are in the quick set is up to the questionnaire alone
    chance = random.Random(seed)
    return replace(pack, questions=tuple(replace(one, quick=chance.random() < 0.4) for one in pack.questions))


def value_for(question, chance):
    if question.may_not_apply and chance.random() < 0.2:
        return NOT_APPLICABLE
    if question.type == "number":
        return chance.choice([question.minimum, question.maximum, (question.minimum + question.maximum) / 2])
    return chance.choice(question.level_ids)


def taken(state, step, chance):
    """Take one step, of those that the screen offers just then."""
    if step == "again":
        return state.ask_again() if state.not_known and state.current is None else state
    if step == "back":
        return state.back()
    if step == "forward":
        return state.forward() if state.current is None or state.is_answered else state
    if state.current is None:
        return state
    if step == "note":
        return state.note(chance.choice(["", "a note"]))
    return state.answer(None if step == "know not" else value_for(state.question, chance))


walks = given(
    pack=st.integers(0, PACKS - 1).map(some_pack),
    seed=st.integers(0, 10**6),
    steps=st.lists(st.sampled_from(STEPS), max_size=40),
    quick=st.booleans(),
    resumed=st.booleans(),
)


def begun(pack, seed, quick, resumed):
    given = random_answers(pack, seed, 1)[0] if resumed else {}
    return begin(pack, quick=quick, values=given, notes=dict.fromkeys(given, "found in the file"))


def asked_for_certain(state, question):
    return Oracle(state.pack, state.values).asked(question) == "true"


@walks
@settings(max_examples=200, deadline=None)
def test_nothing_is_asked_whose_gate_is_not_certainly_true(pack, seed, steps, quick, resumed):
    chance = random.Random(seed)
    state = begun(pack, seed, quick, resumed)
    for step in steps:
        assert state.current is None or asked_for_certain(state, state.current)
        state = taken(state, step, chance)
        # and nobody comes past a question without an answer
        assert state.current == state.forward().current or state.current in state.values
    assert state.current is None or asked_for_certain(state, state.current)


@walks
@settings(max_examples=200, deadline=None)
def test_answers_are_those_of_asked_questions_and_what_goes_is_named(pack, seed, steps, quick, resumed):
    chance = random.Random(seed)
    state = begun(pack, seed, quick, resumed)
    for step in steps:
        after = taken(state, step, chance)
        if after is state:
            continue
        lost = {question for question in state.values if question not in after.values}
        if step == "again":
            assert all(state.values[question] is None for question in lost)
        else:
            assert after.dropped == {question: state.values[question] for question in lost}
        assert list(after.values) == [one for one in pack.question if one in after.values]
        state = after
    for question in (*state.values, *state.notes):
        if not resumed:
            assert asked_for_certain(state, question)
        assert Oracle(state.pack, state.values).asked(question) != "false"


@walks
@settings(max_examples=200, deadline=None)
def test_answering_to_the_end_answers_every_question_that_is_asked(pack, seed, steps, quick, resumed):
    chance = random.Random(seed)
    state = begun(pack, seed, quick, resumed)
    for step in steps:
        state = taken(state, step, chance)
    for _ in range(3 * len(pack.questions)):
        if state.current is None:
            break
        state = state.answer(value_for(state.question, chance) if chance.random() < 0.8 else None)
    assert state.current is None
    assert state.progress == Progress(len(state.order), len(state.order), is_exact=True)
    for question in state.scope:
        if asked_for_certain(state, question):
            assert question in state.values
        elif Oracle(pack, state.values).asked(question) == "unknown":
            assert question in state.left_open


@walks
@settings(max_examples=200, deadline=None)
def test_going_back_and_forward_again_changes_no_answer(pack, seed, steps, quick, resumed):
    chance = random.Random(seed)
    state = begun(pack, seed, quick, resumed)
    for step in steps:
        state = taken(state, step, chance)
    start = state
    for _ in range(chance.randint(1, 12)):
        state = state.back()
        assert state.values == start.values
    # the kept answers given once more change nothing either
    for _ in pack.questions:
        if state.current in (None, start.current) or not state.is_answered:
            break
        state = state.answer(state.values[state.current])
        assert state.values == start.values
    forward = start.back().forward()
    assert (forward.values, forward.notes) == (start.values, start.notes)


@walks
@settings(max_examples=200, deadline=None)
def test_progress_is_within_its_total_and_answers_never_make_more_of_it(pack, seed, steps, quick, resumed):
    chance = random.Random(seed)
    state = begun(pack, seed, quick, resumed)
    for _ in pack.questions:
        if state.current is None:
            break
        progress = state.progress
        assert 1 <= progress.number <= progress.total
        after = state.answer(value_for(state.question, chance) if chance.random() < 0.8 else None)
        # where an answer takes others back, what hung on these is open again
        assert after.dropped or after.progress.total <= progress.total
        if progress.is_exact:
            assert after.progress.total == progress.total
        state = after


@walks
@settings(max_examples=200, deadline=None)
def test_what_was_answered_is_gone_on_with_where_it_stopped(pack, seed, steps, quick, resumed):
    chance = random.Random(seed)
    state = begin(pack, quick=quick)
    for step in steps:
        state = taken(state, step, chance)
    again = begin(pack, quick=quick, values=state.values, notes=state.notes)
    assert (again.values, again.notes, again.dropped) == (state.values, state.notes, {})
    assert again.current == state.forward().current


# --- by hand -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    questions = [
        choice("kind", ["model", "software"], "none"),
        yes_no("data", "no", ask_when={"kind": "model"}),
        number("rows", 0, 100, "low", ask_when={"data": "yes"}, unit="rows"),
        yes_no("owner", "no", quick=True, ask_when={"not": {"data": "no"}}),
        yes_no("last", "no"),
    ]
    return write_pack(tmp_path_factory.mktemp("pack"), questions, [rule("no-data", {"data": "no"})])


def through(pack, *values, **more):
    state = begin(pack, **more)
    for value in values:
        state = state.answer(value)
    return state


def test_questions_come_in_the_order_of_the_pack_where_their_gates_hold(pack):
    assert through(pack, "model", "yes", 3.0).current == "owner"
    assert through(pack, "model", "no").current == "last"
    assert through(pack, "software").current == "owner"


def test_the_quick_set_brings_the_gates_it_needs_and_their_gates(pack):
    assert begin(pack, quick=True).scope == ("kind", "data", "owner")


def test_a_gate_that_closes_drops_all_that_is_behind_it(pack):
    state = through(pack, "model", "yes", 3.0).note("counted").back().back().back().answer("software")
    assert state.dropped == {"data": "yes", "rows": 3.0}
    assert state.values == {"kind": "software"}
    assert state.back().answer("model").values == {"kind": "model"}


def test_a_gate_that_is_not_known_leaves_open_what_is_behind_it(pack):
    state = through(pack, "model", None, "no")
    assert state.current is None
    assert state.left_open == {"rows": ("data",), "owner": ("data",)}
    assert state.not_known == ("data",)
    again = state.ask_again()
    assert (again.current, str(again.progress)) == ("data", "2 of about 5")


def test_an_answer_from_a_file_waits_for_its_gate(pack):
    state = begin(pack, values={"rows": 3.0})
    assert (state.current, state.values) == ("kind", {"rows": 3.0})
    state = state.answer("model")
    assert state.values == {"kind": "model", "rows": 3.0}
    assert state.answer(None).dropped == {"rows": 3.0}
    assert state.answer("yes").current == "owner"


def test_progress_counts_what_an_answer_to_come_may_still_close(pack):
    assert [str(through(pack, *values).progress) for values in ([], ["model"], ["model", "yes"], ["software"])] == [
        "1 of about 5",
        "2 of about 5",
        "3 of 5",
        "2 of 3",
    ]


# --- numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), (" 7 ", 7), ("2.5", 2.5), (".5", 0.5), ("5.", 5), ("+3", 3), ("1e2", 100), ("-0", 0)],
)
def test_numbers_are_read(pack, text, value):
    assert read_number(pack.question["rows"], text) == (value, "")
    assert complaint_while_typing(pack.question["rows"], text) == ""


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "type a number first"),
        ("2,5", "`2,5` is no number: write digits and at most one point"),
        ("1 000", "is no number"),
        ("nan", "is no number"),
        ("inf", "is no number"),
        ("1_0", "is no number"),
        ("0x10", "is no number"),
        (".", "is no number"),
        ("101", "101 is out of range: a number from 0 to 100 rows"),
        ("-1", "-1 is out of range"),
        ("1e999", "1e999 is out of range"),
    ],
)
def test_what_is_no_number_in_range_is_refused_with_what_would_be_right(pack, text, wrong):
    value, complaint = read_number(pack.question["rows"], text)
    assert value is None
    assert wrong in complaint


@pytest.mark.parametrize("text", ["", "-", "+", ".", "1e", "1e-", "3.", "0", "100"])
def test_what_can_become_right_is_not_complained_about(pack, text):
    assert complaint_while_typing(pack.question["rows"], text) == ""


@pytest.mark.parametrize("text", ["101", "-1", "2,5", "x", "1e5", "1..2"])
def test_what_can_not_become_right_is_complained_about_at_once(pack, text):
    assert complaint_while_typing(pack.question["rows"], text)


@given(st.floats(0.5, 24, allow_nan=False))
def test_whatever_is_typed_on_to_a_right_number_was_no_complaint_before(value):
    question = replace(some_pack(0).questions[0], type="number", minimum=0.5, maximum=24.0, unit=None)
    text = repr(value)
    assert read_number(question, text) == (value, "")
    assert [complaint_while_typing(question, text[:end]) for end in range(len(text) + 1)] == [""] * (len(text) + 1)
