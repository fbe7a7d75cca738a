"""What one screen is shown as, without a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_packs import choice, number, rule, write_pack, yes_no
from rich.cells import cell_len

from riskengine.cli.ask import Answered, help_of, screen_of
from riskengine.cli.questionnaire import begin
from riskengine.cli.screen import IN_FIELD, Field, Key, Pointer, Row, Screen, composed, one_line, printable, wrapped

ROWS = [Row("1", "A first answer that is rather long", 1), Row("2", "Short", 2), Row("d", "I don't know", 0)]
SCREEN = Screen("3 of 9 - Team", "What is it?", ROWS, [Key("b", "back", "back"), Key("q", "leave", "leave")])


def shown(screen, width=40, pointer=Pointer(), rows=100, **more):  # noqa: B008
    return [line.text for line in composed(screen, width, pointer, **more).fitted(rows)]


def test_a_screen_says_where_one_is_what_is_asked_and_what_the_keys_do():
    assert shown(replace(SCREEN, answered=1, note="a link", help=["Look closely."]), pointer=Pointer(place=1)) == [
        "",
        "3 of 9 - Team",
        "What is it?",
        "",
        "  1  A first answer that is rather long",
        "> 2  Short (your answer)",
        "  d  I don't know",
        "",
        "  Evidence: a link",
        "",
        "Enter choose   ? help   b back   q leave",
    ]


def test_help_and_what_there_is_to_say_have_places_of_their_own():
    lines = shown(replace(SCREEN, help=["Look closely."]), shows_help=True, said="no such key")
    assert lines[2:6] == ["What is it?", "", "  Look closely.", ""]
    assert lines[-5:] == ["", "! no such key", "", "Enter choose   ? close help   b back", "q leave"]


def test_a_field_shows_what_is_typed():
    screen = replace(SCREEN, field=Field("A number from 1 to 9:", "", lambda text: (None, ""), lambda text: ""))
    found = composed(screen, 40, Pointer(IN_FIELD, "7", 1))
    assert [line.text for line in found.body[4:6]] == ["  A number from 1 to 9:", "> 7"]
    assert found.body[5].cursor == 3
    assert found.foot[-1].text.startswith("Enter answer")


@given(st.integers(16, 100), st.text(max_size=300))
def test_no_line_is_wider_than_the_terminal(width, text):
    screen = replace(SCREEN, title=text, note=text, help=[text], rows=[Row("1", text, 1)])
    for line in composed(screen, width, Pointer(place=0), shows_help=True, said=text).body:
        assert cell_len(line.text) <= width


def test_wide_characters_count_as_wide():
    assert wrapped("学习" * 10, 20, "> ") == ["> " + "学习" * 4 + "学", "  " + "习学" * 4 + "习", "  学习"]


@pytest.mark.parametrize("rows", range(1, 30))
def test_where_there_is_no_room_the_row_of_the_pointer_is_there(rows):
    screen = replace(SCREEN, rows=[Row(str(place), f"Answer {place}", place) for place in range(10)])
    for place in range(10):
        lines = shown(screen, pointer=Pointer(place=place), rows=rows)
        assert len(lines) <= rows
        assert f"> {place}  Answer {place}" in lines
        if rows >= 8:
            assert lines[-1].endswith("q leave")


def test_what_would_steer_the_terminal_is_not_printed():
    assert printable("a\x1b[31mb\x07\ud800\u009b") == "a\ufffd[31mb\ufffd\ufffd\ufffd"
    assert one_line(" a\n\tb\u00a0c ") == "a b c"
    # joiners belong to some scripts and emoji
    assert printable("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


# --- screens of questions ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    questions = [
        choice("many", [f"level_{place}" for place in range(12)]),
        yes_no("owner", "no", may_not_apply=True),
        number("months", 0.5, 24, "low", unit="months", ask_when={"owner": "yes"}),
    ]
    rules = [
        rule("late", {"all": ["unowned"], "months": {"below": 2}}),
        rule("a", {"owner": "no"}, concludes="unowned"),
    ]
    return write_pack(tmp_path_factory.mktemp("pack"), questions, rules)


def keys_of(screen):
    return [row.key for row in screen.rows]


def test_levels_have_digits_as_keys_while_these_last(pack):
    assert keys_of(screen_of(begin(pack))) == [*"123456789", "", "", "", "d"]


def test_yes_and_no_have_their_first_letters_and_may_not_apply(pack):
    assert keys_of(screen_of(begin(pack, values={"many": "level_1"}))) == ["n", "y", "d", "x"]


def test_no_two_keys_of_a_screen_are_the_same(pack):
    for values in ({}, {"many": "level_1"}, {"many": None, "owner": "yes"}):
        state = begin(pack, values=values)
        for one in (state, state.back()):
            screen = screen_of(one)
            used = [key for key in (*keys_of(screen), *(key.key for key in screen.keys), "?") if key]
            assert len(used) == len(set(used))


@pytest.mark.parametrize(("value", "text"), [(12.0, "12"), (2.5, "2.5"), (1.0000000000000002, "1.0000000000000002")])
def test_a_number_is_kept_to_the_last_digit(pack, value, text):
    field = screen_of(begin(pack, values={"many": None, "owner": "yes", "months": value}).back()).field
    assert field.text == text
    assert field.read(text) == (Answered(value), "")


def test_help_says_why_and_what_for_but_no_weight(pack):
    first, owner, months = (pack.question[one] for one in ("many", "owner", "months"))
    assert help_of(pack, first, {}) == ["Look at it.", "Asked of every project."]
    assert help_of(pack, owner, {})[1] == (
        "Asked of every project. What for: "
        "it decides whether 1 later question is asked, and 2 findings can depend on it."
    )
    assert help_of(pack, months, {"owner": "yes"})[1] == (
        "Asked because of: What about owner? Yes. What for: 1 finding can depend on it."
    )
