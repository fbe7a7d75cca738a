"""YAML text in, nodes with positions out: one document, core schema of YAML 1.2, bounded.

Nodes are built from the events of PyYAML's C parser. Its `compose` recurses in C and kills the process on deeply
nested input, and its resolver is YAML 1.1's, where `no` is false; events have neither trouble.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NoReturn

import yaml

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
    shown,
)

__all__ = ["YamlReader"]


class _Frame:
    """A collection that is still open while its events arrive."""

    __slots__ = ("anchor", "height", "items", "keys", "mapping", "size", "source", "twice")

    def __init__(self, mapping: bool, source: Source, anchor: str | None) -> None:
        self.mapping = mapping
        self.source = source
        self.anchor = anchor
        self.items: list[Node] = []
        self.keys: dict[object, Source] = {}
        self.twice: set[int] = set()
        self.size = 1
        self.height = 1


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A node that aliases may repeat, with the number of its nodes and of its levels."""

    node: Node
    size: int
    height: int


class YamlReader:
    """Reads one document; a key that stands twice doesn't stop it, anything else does."""

    def __init__(self, text: str, file: str | None, aliases: bool) -> None:
        self._text = text
        self._file = file
        self._aliases = aliases
        self._anchors: dict[str, _Anchored] = {}
        self._stack: list[_Frame] = []
        self._total = 0
        self._root: Node | None = None
        self._problems: list[Problem] = []

    def read(self) -> tuple[Node | None, list[Problem]]:
        """Give the root, or `None` if there is no document, and the keys that stand twice."""
        try:
            self._consume()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            if error.context_mark and "end of stream" in str(error.problem):
                # a quote or bracket that is never closed: where it was opened says more than the end of the file
                mark = error.context_mark
            place = Source(self._file, mark.line + 1, mark.column + 1) if mark else Source(self._file)
            self._stop(str(error.problem or error.context), place)
        except (yaml.YAMLError, UnicodeEncodeError) as error:
            reason = str(getattr(error, "reason", None) or "a character that YAML does not allow")
            self._stop(reason, self._forbidden_character())
        return self._root, self._problems

    def _stop(self, reason: str, place: Source) -> NoReturn:
        tabs = "\\t" in reason or "\t" in self._line(place.line)
        right = "indent with spaces, not with tabs" if tabs else "check indentation, quotes and brackets here"
        self._fail("RE-101", f"this is not valid YAML: {reason.lower()}", right, place)

    def _line(self, number: int | None) -> str:
        lines = self._text.splitlines()
        return lines[number - 1] if number is not None and number <= len(lines) else ""

    def _forbidden_character(self) -> Source:
        found = re.search("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", self._text)
        if found is None:
            return Source(self._file)
        before = self._text[: found.start()]
        return Source(self._file, before.count("\n") + 1, found.start() - before.rfind("\n"))

    def _consume(self) -> None:
        documents = 0
        for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
            mark = event.start_mark
            assert mark is not None
            source = Source(self._file, mark.line + 1, mark.column + 1)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._fail("RE-101", "a second document starts here", "one document a file", source)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event.anchor, source)
            elif isinstance(event, yaml.ScalarEvent):
                self._node(event, source)
                plain_style = event.implicit[0] and event.style in (None, "")
                value = core_scalar(event.value) if plain_style else event.value
                self._close(_Anchored(ScalarNode(value, event.value, source), 1, 0), event.anchor)
            elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
                self._node(event, source)
                self._nest(1, source)
                self._stack.append(_Frame(isinstance(event, yaml.MappingStartEvent), source, event.anchor))
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                frame = self._stack.pop()
                self._close(_Anchored(_collection(frame), frame.size, frame.height), frame.anchor)

    def _node(self, event: yaml.NodeEvent, source: Source) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            self._fail("RE-101", f"tags such as `{shorten(tag)}` are not used here", "leave the tag out", source)
        if event.anchor is not None and not self._aliases:
            self._fail("RE-108", "anchors and aliases are not allowed in this file", "write it out", source)
        self._count(1, source)

    def _alias(self, anchor: str | None, source: Source) -> None:
        if not self._aliases:
            self._fail("RE-108", "anchors and aliases are not allowed in this file", "write it out", source)
        anchored = self._anchors.get(anchor or "")
        if anchored is None:
            self._fail("RE-101", f"nothing complete is named `&{shorten(anchor or '')}`", "define it before", source)
        if isinstance(anchored.node, ScalarNode):
            # a mistake in it is shown where it is used
            anchored = replace(anchored, node=replace(anchored.node, source=source))
        self._count(anchored.size, source)
        self._nest(anchored.height, source)
        self._close(anchored, None)

    def _count(self, nodes: int, source: Source) -> None:
        self._total += nodes
        if self._total > MAX_NODES:
            self._fail("RE-214", f"more than {MAX_NODES:,} values in one file", "split it", source)

    def _nest(self, levels: int, source: Source) -> None:
        if len(self._stack) + levels > MAX_DEPTH:
            self._fail("RE-214", f"nested more than {MAX_DEPTH} levels deep", "nest less", source)

    def _close(self, closed: _Anchored, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = closed
        if not self._stack:
            self._root = closed.node
            return
        frame = self._stack[-1]
        frame.size += closed.size
        frame.height = max(frame.height, closed.height + 1)
        if frame.mapping and len(frame.items) % 2 == 0:
            self._key(frame, closed.node)
        frame.items.append(closed.node)

    def _key(self, frame: _Frame, node: Node) -> None:
        if not isinstance(node, ScalarNode):
            self._fail("RE-104", f"{shown(node)} cannot be a key", "keys are single words", node.source)
        problem = duplicate(frame.keys, node)
        if problem is not None:
            self._problems.append(problem)
            frame.twice.add(len(frame.items) // 2)

    def _fail(self, code: str, message: str, right: str, source: Source) -> NoReturn:
        raise ProblemError([*self._problems, Problem(code, message, right, source)])


def _collection(frame: _Frame) -> MappingNode | SequenceNode:
    if not frame.mapping:
        return SequenceNode(tuple(frame.items), frame.source)
    pairs = enumerate(zip(frame.items[::2], frame.items[1::2], strict=True))
    # INVARIANT: every key has been seen to be a scalar
    kept = ((key, value) for n, (key, value) in pairs if n not in frame.twice and isinstance(key, ScalarNode))
    return MappingNode(tuple(kept), frame.source)
