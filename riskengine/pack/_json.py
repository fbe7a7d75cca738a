"""JSON text in, nodes with positions out: the standard library's reader keeps none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NoReturn

from riskengine.errors import Problem, ProblemError, Source, shorten
from riskengine.pack.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    core_scalar,
    duplicate,
)

__all__ = ["JsonReader"]

_TOKEN = re.compile(
    r'"(?:[^"\\\x00-\x1f]|\\.)*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|[\[\]{}:,]|true|false|null'
)
_SPACE = re.compile(r"[ \t\r\n]*")


class JsonReader:
    """Reads one document, descending; a key that stands twice doesn't stop it, anything else does."""

    def __init__(self, text: str, file: str | None) -> None:
        self._text = text
        self._file = file
        self._place = 0
        self._nodes = 0
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._line = 0
        self._problems: list[Problem] = []

    def read(self) -> tuple[Node | None, list[Problem]]:
        """Give the root, or `None` if the text is blank, and the keys that stand twice."""
        token, source = self._next()
        if token is None:
            return None, []
        root = self._value(token, source, 1)
        extra, where = self._next()
        if extra is not None:
            message = f"`{shorten(extra, 20)}` after the end of the document"
            self._fail("RE-101", message, "one document a file", where)
        return root, self._problems

    def _next(self) -> tuple[str | None, Source]:
        space = _SPACE.match(self._text, self._place)
        assert space is not None
        self._place = space.end()
        while self._line + 1 < len(self._lines) and self._lines[self._line + 1] <= self._place:
            self._line += 1
        source = Source(self._file, self._line + 1, self._place - self._lines[self._line] + 1)
        if self._place == len(self._text):
            return None, source
        token = _TOKEN.match(self._text, self._place)
        if token is None:
            word = re.match(r"[-\w.]+|.", self._text[self._place : self._place + 40], re.DOTALL)
            written = word.group() if word else ""
            right = "check commas, quotes and brackets near this place"
            if written.lstrip("-") in ("NaN", "Infinity"):
                right = "JSON has no such number; leave an unknown answer out"
            self._fail("RE-101", f"this is not valid JSON at `{shorten(written)}`", right, source)
        self._place = token.end()
        return token.group(), source

    def _expect(self, *wanted: str) -> str:
        token, source = self._next()
        if token not in wanted:
            what = " or ".join(f"`{one}`" for one in wanted)
            self._fail("RE-101", f"this is not valid JSON: {what} expected", "check the brackets", source)
        return token

    def _value(self, token: str | None, source: Source, depth: int) -> Node:
        self._nodes += 1
        if depth > MAX_DEPTH:
            self._fail("RE-214", f"nested more than {MAX_DEPTH} levels deep", "nest less", source)
        if self._nodes > MAX_NODES:
            self._fail("RE-214", f"more than {MAX_NODES:,} values in one file", "split it", source)
        if token is None or token in "]}:,":
            self._fail("RE-101", "this is not valid JSON: a value expected", "check the commas", source)
        if token == "{":
            return MappingNode(tuple(self._entries(depth)), source)
        if token == "[":
            return SequenceNode(tuple(self._items(depth)), source)
        return self._scalar(token, source)

    def _scalar(self, token: str, source: Source) -> ScalarNode:
        if token[0] == '"':
            return self._string(token, source)
        if token in ("true", "false", "null"):
            return ScalarNode(json.loads(token), token, source)
        return ScalarNode(core_scalar(token), token, source)

    def _string(self, token: str, source: Source) -> ScalarNode:
        try:
            text = json.loads(token)
        except ValueError:
            self._fail("RE-101", "this is not valid JSON: a broken escape", "check the backslashes", source)
        if any("\ud800" <= character <= "\udfff" for character in text):
            # half a character: nothing could print it or write it to a file
            self._fail("RE-101", "this is not valid JSON: half a surrogate pair", "write the character", source)
        return ScalarNode(text, text, source)

    def _items(self, depth: int) -> Iterator[Node]:
        token, source = self._next()
        if token == "]":
            return
        while True:
            yield self._value(token, source, depth + 1)
            if self._expect(",", "]") == "]":
                return
            token, source = self._next()

    def _entries(self, depth: int) -> Iterator[tuple[ScalarNode, Node]]:
        token, source = self._next()
        if token == "}":
            return
        keys: dict[object, Source] = {}
        while True:
            if token is None or token[0] != '"':
                self._fail("RE-101", "this is not valid JSON: a key in quotes expected", "quote it", source)
            key = self._scalar(token, source)
            problem = duplicate(keys, key)
            self._expect(":")
            token, source = self._next()
            value = self._value(token, source, depth + 1)
            if problem is None:
                yield key, value
            else:
                self._problems.append(problem)
            if self._expect(",", "}") == "}":
                return
            token, source = self._next()

    def _fail(self, code: str, message: str, right: str, source: Source) -> NoReturn:
        raise ProblemError([*self._problems, Problem(code, message, right, source)])
