"""Text in, nodes with positions out: YAML by the core schema and JSON, and nothing that stops the process."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskengine.errors import Problem, ProblemError
from riskengine.pack.nodes import MappingNode, ScalarNode, SequenceNode, core_scalar, locate, plain
from riskengine.pack.source import MAX_NODES, read_bytes, read_json, read_yaml


def yaml(text: str | bytes, *, aliases: bool = False) -> object:
    content = text.encode() if isinstance(text, str) else text
    node = read_yaml(content, "file.yaml", aliases=aliases)
    return None if node is None else plain(node)


def problem(text: str | bytes, *, aliases: bool = False) -> Problem:
    with pytest.raises(ProblemError) as caught:
        yaml(text, aliases=aliases)
    return caught.value.problems[-1]


def json_problem(text: str | bytes) -> Problem:
    with pytest.raises(ProblemError) as caught:
        read_json(text.encode() if isinstance(text, str) else text, "file.json")
    return caught.value.problems[-1]


def place(fault: Problem) -> str:
    return f"{fault.code} at {fault.source.line}:{fault.source.column}"


# --- the core schema ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("yes", "no", "on", "off", "y", "n", "Yes", "NO", "On")),
        *((word, word) for word in ("2026-11-24", "2001-12-14t21:59:43.10-05:00", "1:30", "190:20:30.15")),
        *((word, word) for word in ("1_000", "0b101", "+0x1F", "0x", "0o8", "1e", ".", "+", "-", "e5", "٣", "=", "<<")),
        *((word, None) for word in ("~", "null", "Null", "NULL", "")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        ("tRUE", "tRUE"),
        ("nULL", "nULL"),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("1e999", math.inf),
        (".inf", math.inf),
        ("+.INF", math.inf),
        ("-.Inf", -math.inf),
        ("9" * 400, math.inf),
        ("-" + "9" * 400, -math.inf),
        ("0x" + "f" * 400, math.inf),
        ("n/a", "n/a"),
    ],
)
def test_a_plain_scalar_is_read_by_the_core_schema(text: str, value: object) -> None:
    read = core_scalar(text)
    assert read == value
    assert type(read) is type(value)


def test_not_a_number_is_read_as_such() -> None:
    assert all(math.isnan(float(core_scalar(text) or 0)) for text in (".nan", ".NaN", ".NAN"))
    assert core_scalar("nan") == "nan"


def test_what_is_quoted_is_text() -> None:
    assert yaml("""[yes, "yes", '010', "~", "true", "", 1:30, 2026-11-24]""") == [
        "yes",
        "yes",
        "010",
        "~",
        "true",
        "",
        "1:30",
        "2026-11-24",
    ]


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_odd_for_the_core_schema(text: str) -> None:
    core_scalar(text)


@settings(deadline=None)
@given(st.from_regex(r"[-+0-9.eEoxXa-fA-F_:~]{1,40}", fullmatch=True))
def test_no_text_that_looks_like_a_number_is_too_odd_for_the_core_schema(text: str) -> None:
    assert isinstance(core_scalar(text), (str, int, float, bool, type(None)))


def test_numbers_are_small_enough_for_a_double() -> None:
    for text in ("9" * 300, "-" + "9" * 299, "0x" + "f" * 248, "0o" + "7" * 248):
        assert math.isfinite(float(core_scalar(text) or 0))


# --- YAML --------------------------------------------------------------------------------------------------


def test_nodes_carry_their_places_counted_from_one() -> None:
    node = read_yaml("é: x\nlist:\n  - a\n  - {b: c}\n".encode(), "f.yaml")
    assert isinstance(node, MappingNode)
    assert [str(key.source) for key, _ in node.entries] == ["f.yaml:1:1", "f.yaml:2:1"]
    inner, key, complete = locate(node, ["list", 1, "b"])
    assert (str(inner.source), complete) == ("f.yaml:4:9", True)
    assert key is not None
    assert str(key.source) == "f.yaml:4:6"
    assert locate(node, ["list", 7, "b"])[2] is False


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    content = b"\xef\xbb\xbfstage: idea\r\nlist:\r\n- 1\r\n"
    assert yaml(content) == {"stage": "idea", "list": [1]}
    assert place(problem(b"\xef\xbb\xbfa: 1\r\na: 2\r\n")) == "RE-102 at 2:1"


def test_a_document_may_be_missing() -> None:
    assert read_yaml(b"", None) is None
    assert read_yaml(b"# nothing but a remark\n", None) is None
    assert yaml("---\n") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n\tb: 2\n", "RE-101 at 2:1"),
        ("a:\n\t- 1\n", "RE-101 at 2:1"),
        ("a: [1, 2\nb: 3\n", "RE-101 at 2:2"),
        ("a: 'never closed\n\n", "RE-101 at 1:4"),
        ("a: b: c\n", "RE-101 at 1:5"),
        ("a: 1\n---\nb: 2\n", "RE-101 at 2:1"),
        ("a: !!python/object:os.system x\n", "RE-101 at 1:4"),
        ("!!map {a: 1}\n", "RE-101 at 1:1"),
        ("a: !secret x\n", "RE-101 at 1:4"),
        ("a: 1\nb: \x07\n", "RE-101 at 2:4"),
        ("a: \x00\n", "RE-101 at 1:4"),
        ("{[1, 2]: 3}\n", "RE-104 at 1:2"),
        ("? {a: 1}\n: 2\n", "RE-104 at 1:3"),
        ("a: 1\nb: 2\na: 3\n", "RE-102 at 3:1"),
        ("{1: x, 1.0: y}\n", "RE-102 at 1:8"),
        ("{1: x, '1': y}\n", "RE-102 at 1:8"),
        ("{1: x, true: y}\n", "RE-102 at 1:8"),
        ("{~: x, null: y}\n", "RE-102 at 1:8"),
        ("{010: x, 10: y}\n", "RE-102 at 1:10"),
    ],
)
def test_a_mistake_in_yaml_is_refused_at_its_place(text: str, expected: str) -> None:
    assert place(problem(text)) == expected


def test_tabs_as_indentation_are_named() -> None:
    assert problem("a:\n\tb: 1\n").help == "indent with spaces, not with tabs"


def test_all_keys_that_stand_twice_are_reported_and_the_rest_is_read() -> None:
    twice: list[Problem] = []
    node = read_yaml(b"a: 1\na: 2\nb: {c: 1, c: 2}\nb: 3\n", None, twice=twice)
    assert [(one.code, one.source.line) for one in twice] == [("RE-102", 2), ("RE-102", 3), ("RE-102", 4)]
    assert node is not None
    assert plain(node) == {"a": 1, "b": {"c": 1}}


def test_a_key_that_stands_twice_is_not_forgotten_when_the_file_breaks_later() -> None:
    with pytest.raises(ProblemError) as caught:
        read_yaml(b"a: 1\na: 2\nb: [\n", None)
    assert [one.code for one in caught.value.problems] == ["RE-102", "RE-101"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: 1\nb: \xff\n", "RE-107 at 2:4"),
        ("ä: ö".encode("latin-1"), "RE-107 at 1:1"),
        ("a: 1".encode("utf-16"), "RE-107 at 1:1"),
        (b"\xc0\x80", "RE-107 at 1:1"),
        (b"\xed\xa0\x80", "RE-107 at 1:1"),
    ],
)
def test_what_is_not_utf_8_is_refused_at_the_first_such_byte(content: bytes, expected: str) -> None:
    assert place(problem(content)) == expected
    assert place(json_problem(content)) == expected


# --- anchors and aliases -----------------------------------------------------------------------------------


def test_anchors_are_refused_where_they_are_not_allowed() -> None:
    assert place(problem("a: &x 1\n")) == "RE-108 at 1:4"
    assert place(problem("a: 1\nb: *x\n")) == "RE-108 at 2:4"


def test_an_alias_stands_for_its_node_where_it_is_allowed() -> None:
    assert yaml("a: &x [1]\nb: *x\n&k c: 1\nd: *k\n", aliases=True) == {"a": [1], "b": [1], "c": 1, "d": "c"}


def test_an_alias_of_nothing_or_of_itself_is_refused() -> None:
    assert place(problem("a: *x\n", aliases=True)) == "RE-101 at 1:4"
    assert place(problem("a: &x [*x]\n", aliases=True)) == "RE-101 at 1:8"
    assert place(problem("&x a: 1\n*x : 2\n", aliases=True)) == "RE-102 at 2:1"


def bomb(width: int, levels: int) -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_a_bomb_of_aliases_is_refused_before_it_goes_off() -> None:
    start = time.monotonic()
    assert problem(bomb(10, 12), aliases=True).code == "RE-214"
    assert problem(bomb(10, 12)).code == "RE-108"
    assert time.monotonic() - start < 2


def test_aliases_do_not_nest_deeper_than_brackets_may() -> None:
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} {'[' * 20}*a{n - 1}{']' * 20}" for n in range(1, 5)]
    assert place(problem("\n".join(lines), aliases=True)) == "RE-214 at 4:29"


# --- limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "- ", "? ", "[{a: ", "&a ["])
def test_deep_nesting_neither_kills_the_process_nor_takes_long(opening: str) -> None:
    start = time.monotonic()
    assert problem(opening * 50_000, aliases=True).code in ("RE-214", "RE-101")
    assert time.monotonic() - start < 2


def test_sixty_levels_may_be_nested_and_no_more() -> None:
    assert yaml("[" * 60 + "]" * 60) is not None
    assert place(problem("[" * 61 + "]" * 61)) == "RE-214 at 1:61"
    read_json(b"[" * 60 + b"]" * 60, None)
    assert place(json_problem("[" * 61 + "]" * 61)) == "RE-214 at 1:61"


def test_a_file_holds_a_limited_number_of_values() -> None:
    content = "[" + "1," * (MAX_NODES - 1) + "]"
    assert len(yaml(content)) == MAX_NODES - 1  # type: ignore[arg-type]
    assert problem("[" + "1," * MAX_NODES + "]").code == "RE-214"
    assert json_problem("[" + "1," * MAX_NODES + "1]").code == "RE-214"


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet="{}[]:,-?&*!|>'\"%@` \n\ta1~#", max_size=60).map(str.encode))
def test_no_bytes_raise_anything_but_a_problem(content: bytes) -> None:
    for read in (read_yaml, read_json):
        problems: tuple[Problem, ...] = ()
        try:
            read(content, "file")
        except ProblemError as error:
            problems = error.problems
        assert all(one.source.line for one in problems)


@settings(deadline=None)
@given(st.text(alphabet="{}[]:,-?&*!|>'\"%@` \n\ta1~#<", max_size=60))
def test_no_aliases_raise_anything_but_a_problem(text: str) -> None:
    with contextlib.suppress(ProblemError):
        yaml(text, aliases=True)


# --- JSON --------------------------------------------------------------------------------------------------

# numbers that a double holds: more digits are as good as infinite
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**298), 10**298)
    | st.floats(allow_nan=False, allow_infinity=False)
    # a half of a surrogate pair is no text that could be written to a file
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=5)
    ),
    max_leaves=30,
)


@settings(deadline=None)
@given(_JSON, st.sampled_from([None, 2]), st.booleans())
def test_what_json_writes_is_read_back_the_same(value: object, indent: int | None, ascii_only: bool) -> None:
    content = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    node = read_json(content, None)
    assert node is not None
    assert plain(node) == value
    assert json.dumps(plain(node)) == json.dumps(value)


def test_json_nodes_carry_their_places() -> None:
    node = read_json(b'\xef\xbb\xbf{\r\n  "a": [1,\r\n   "\xc3\xa9"], "b": null}', "f.json")
    assert isinstance(node, MappingNode)
    values, last = node.get("a"), node.get("b")
    assert isinstance(values, SequenceNode)
    assert isinstance(last, ScalarNode)
    assert [str(one.source) for one in values.items] == ["f.json:2:9", "f.json:3:4"]
    assert str(last.source) == "f.json:3:15"


def test_blank_json_is_no_document() -> None:
    assert read_json(b" \n\t", None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "a": 2}', "RE-102 at 1:10"),
        ('{"a": 1, "\\u0061": 2}', "RE-102 at 1:10"),
        ('{"a": NaN}', "RE-101 at 1:7"),
        ('{"a": -Infinity}', "RE-101 at 1:7"),
        ('{"a": 01}', "RE-101 at 1:8"),
        ('{"a": +1}', "RE-101 at 1:7"),
        ('{"a": .5}', "RE-101 at 1:7"),
        ('{"a": 1.}', "RE-101 at 1:8"),
        ('{"a": 1,}', "RE-101 at 1:9"),
        ("[1,]", "RE-101 at 1:4"),
        ("[1 2]", "RE-101 at 1:4"),
        ("{a: 1}", "RE-101 at 1:2"),
        ("{'a': 1}", "RE-101 at 1:2"),
        ("{1: 2}", "RE-101 at 1:2"),
        ('{"a" 1}', "RE-101 at 1:6"),
        ('{"a":', "RE-101 at 1:6"),
        ('{"a": 1', "RE-101 at 1:8"),
        ("[", "RE-101 at 1:2"),
        ("]", "RE-101 at 1:1"),
        ('["never closed', "RE-101 at 1:2"),
        ('["tab\there"]', "RE-101 at 1:2"),
        ('["\\x"]', "RE-101 at 1:2"),
        ('["\\u12"]', "RE-101 at 1:2"),
        ('["\\ud800"]', "RE-101 at 1:2"),
        ('["\\udc00\\ud800"]', "RE-101 at 1:2"),
        ('{"a": 1}\n{"b": 2}', "RE-101 at 2:1"),
        ("{} x", "RE-101 at 1:4"),
        ("// no remarks\n{}", "RE-101 at 1:1"),
        ("truefalse", "RE-101 at 1:5"),
    ],
)
def test_a_mistake_in_json_is_refused_at_its_place(text: str, expected: str) -> None:
    assert place(json_problem(text)) == expected


def test_a_whole_surrogate_pair_is_one_character() -> None:
    node = read_json(b'"\\ud83d\\ude00"', None)
    assert node is not None
    assert plain(node) == "\U0001f600"


def test_json_s_missing_numbers_are_explained() -> None:
    assert json_problem("[NaN]").help == "JSON has no such number; leave an unknown answer out"


def test_all_keys_that_stand_twice_in_json_are_reported() -> None:
    twice: list[Problem] = []
    node = read_json(b'{"a": 1, "a": {"b": 1, "b": 2}, "c": 3}', None, twice=twice)
    assert node is not None
    assert plain(node) == {"a": 1, "c": 3}
    assert sorted(one.source.column or 0 for one in twice) == [10, 24]


def test_deeply_nested_json_neither_kills_the_process_nor_takes_long() -> None:
    start = time.monotonic()
    for text in ("[" * 50_000, '{"a":' * 50_000, "[" * 50_000 + "]" * 50_000):
        assert json_problem(text).code == "RE-214"
    assert time.monotonic() - start < 2


# --- files -------------------------------------------------------------------------------------------------


def test_a_message_shows_what_was_written_on_one_line_and_cut(tmp_path: Path) -> None:
    fault = problem('{"a\\nb\\e[2J": 1, "a\\nb\\e[2J": 2}')
    assert fault.message == "`a?b?[2J` stands twice in this mapping"
    long = problem(f"{{{'x' * 100}: 1, {'x' * 100}: 2}}")
    assert len(long.value or "") == 60


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices have other names there")
def test_a_pipe_or_a_device_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(ProblemError, match="no ordinary file") as caught:
            read_bytes(path)
        assert caught.value.problems[0].code == "RE-105"


@pytest.mark.parametrize("name", ["missing.yaml", "file.yaml/below.yaml", "x" * 300, "a\0b", "."])
def test_a_file_that_cannot_be_read_is_a_problem(name: str, tmp_path: Path) -> None:
    (tmp_path / "file.yaml").write_text("a: 1")
    with pytest.raises(ProblemError) as caught:
        read_bytes(tmp_path / name, code="RE-308")
    assert [one.code for one in caught.value.problems] == ["RE-308"]


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"x" * 11)
    assert read_bytes(path, limit=11) == b"x" * 11
    for code, expected in (("RE-105", "RE-214"), ("RE-308", "RE-306")):
        with pytest.raises(ProblemError) as caught:
            read_bytes(path, limit=10, code=code)
        assert caught.value.problems[0].code == expected
